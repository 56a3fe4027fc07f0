"""Reading a project by the REFI-QDA standard that any program may have written, without trust."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ngolib.errors import ExchangeError
from ngolib.exchange.qdpx_write import FOLDER, PROJECT_FILE
from ngolib.zipped import plain, unpack

# No honest project of ours is deeper or larger.
DEEPEST, MOST_MIB = 20, 64


class Selection(NamedTuple):
    """A selected stretch of a text; `codings` are pairs of GUIDs: code, and who gave it."""

    name: str
    start: int
    end: int
    description: str
    codings: list[tuple[str, str]]


class Source(NamedTuple):
    """A coded source; `text` is None if its words are not in the file as plain text."""

    name: str
    text: str | None
    selections: list[Selection]


class Given(NamedTuple):
    """What a file holds: names of users by GUID, each code's name and those above it, sources."""

    users: dict[str, str]
    codes: dict[str, tuple[str, ...]]
    sources: list[Source]


def read_project(path: Path) -> Given:
    """Read a project file (`.qdpx`); one that is not safe to read is an `ExchangeError`.

    GUIDs are in small letters and without braces; the names above a code stand the nearest first;
    sources without any code are left out.
    """
    try:
        files = unpack(str(path), path.read_bytes())
    except OSError as error:
        raise ExchangeError(f"{path}: cannot be read: {error.strerror}") from error
    if PROJECT_FILE not in files:
        raise ExchangeError(f"{path}: holds no {PROJECT_FILE}; it is no REFI-QDA project (.qdpx)")
    root = _parse(path, files[PROJECT_FILE])
    notes = {
        _guid(note, "guid"): (_words(path, files, note) or _description(note)).strip()
        for note in root.iterfind("{*}Notes/{*}Note")
    }
    users = {_guid(u, "guid"): u.get("name", "") for u in root.iterfind("{*}Users/{*}User")}
    coded = (s for s in root.iterfind("{*}Sources/*") if s.find(".//{*}Coding") is not None)
    sources = [_source(path, files, source, notes) for source in coded]
    return Given(users, dict(_codes(root)), sources)


def _parse(path: Path, content: bytes) -> Element:
    if len(content) > MOST_MIB * 2**20:
        raise ExchangeError(f"{path}: {PROJECT_FILE} is larger than {MOST_MIB} MiB")
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        said = f"{path}: {PROJECT_FILE} declares entities or a document type, which is not safe"
        raise ExchangeError(f"{said} to read") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise ExchangeError(f"{path}: {PROJECT_FILE} is no valid XML ({error})") from error
    if (tag := _tag(root)) != "Project":
        raise ExchangeError(f"{path}: {PROJECT_FILE} holds {tag!r}; allowed: a REFI-QDA 'Project'")
    return root


def _tag(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def _guid(element: Element, attribute: str) -> str:
    return element.get(attribute, "").strip("{} ").lower()


def _description(element: Element) -> str:
    return (element.findtext("{*}Description") or "").strip()


def _codes(root: Element) -> Iterator[tuple[str, tuple[str, ...]]]:
    waiting: list[tuple[Element, tuple[str, ...]]]
    waiting = [(code, ()) for code in root.iterfind("{*}CodeBook/{*}Codes/{*}Code")]
    while waiting:
        element, above = waiting.pop()
        names = (element.get("name", "").strip(), *above[:DEEPEST])
        yield _guid(element, "guid"), names
        waiting += [(child, names) for child in element.iterfind("{*}Code")]


def _words(path: Path, files: Mapping[str, bytes], element: Element) -> str | None:
    """Return the plain text of a source or note; None if the file does not hold it."""
    content = element.findtext("{*}PlainTextContent")
    scheme, _, name = element.get("plainTextPath", "").partition(":")
    if content is not None or scheme.lower() != "internal":
        return content
    name = name.lstrip("/")
    try:
        return files[plain(f"{FOLDER}/{name}")].decode("utf-8")
    except KeyError:
        raise ExchangeError(f"{path}: {name!r} is named, but not in the file") from None
    except UnicodeDecodeError as error:
        raise ExchangeError(f"{path}: {FOLDER}/{name} is not UTF-8") from error


def _source(
    path: Path, files: Mapping[str, bytes], element: Element, notes: Mapping[str, str]
) -> Source:
    name = element.get("name", "")
    if _tag(element) != "TextSource":
        return Source(name, None, [])
    children = element.iterfind("{*}PlainTextSelection")
    selections = [_selection(path, child, notes) for child in children]
    return Source(name, _words(path, files, element), selections)


def _selection(file: Path, element: Element, notes: Mapping[str, str]) -> Selection:
    """Read a selection; its description is told with the notes on it and on its codings."""
    codings = []
    for coding in element.iterfind("{*}Coding"):
        user = _guid(coding, "creatingUser") or _guid(element, "creatingUser")
        codings += [(_guid(ref, "targetGUID"), user) for ref in coding.iterfind("{*}CodeRef")]
    refs = [*element.iterfind("{*}NoteRef"), *element.iterfind("{*}Coding/{*}NoteRef")]
    told = [_description(element), *(notes.get(_guid(ref, "targetGUID"), "") for ref in refs)]
    start, end = (_position(file, element, name) for name in ("startPosition", "endPosition"))
    return Selection(element.get("name", ""), start, end, "\n\n".join(filter(None, told)), codings)


def _position(file: Path, selection: Element, attribute: str) -> int:
    value = selection.get(attribute, "").strip()
    if not value.isdecimal() or len(value) > 12:
        raise ExchangeError(f"{file}: found {value!r} as {attribute}; allowed: a whole number")
    return int(value)
