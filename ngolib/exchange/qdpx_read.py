"""Reading a project by the REFI-QDA standard that any program may have written.

Nothing in it is trusted: entries of the zip file are counted and weighed before they are read, XML
with entities or a document type is refused, and names of files are only looked up inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ngolib.errors import ExchangeError
from ngolib.exchange.qdpx_write import FOLDER, PROJECT_FILE
from ngolib.zipped import Unpacked

# No honest project of ours is deeper or larger.
DEEPEST = 20
MOST_XML = 64 * 2**20
MOST_TEXT = 16 * 2**20


class Selection(NamedTuple):
    """A selected stretch of a text; `codings` are pairs of GUIDs: code, and who gave it."""

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
        unpacked = Unpacked(str(path), path.read_bytes())
    except OSError as error:
        raise ExchangeError(f"{path}: cannot be read: {error.strerror}") from error
    content = unpacked.read(PROJECT_FILE, MOST_XML)
    if content is None:
        raise ExchangeError(f"{path}: holds no {PROJECT_FILE}; it is no REFI-QDA project (.qdpx)")
    root = _parse(path, content)
    notes = {
        _guid(note, "guid"): (_words(unpacked, note) or _description(note)).strip()
        for note in root.iterfind("{*}Notes/{*}Note")
    }
    users = root.iterfind("{*}Users/{*}User")
    return Given(
        users={_guid(user, "guid"): user.get("name", "") for user in users},
        codes=dict(_codes(root)),
        sources=[
            _source(unpacked, source, notes)
            for source in root.iterfind("{*}Sources/*")
            if source.find(".//{*}Coding") is not None
        ],
    )


def _parse(path: Path, content: bytes) -> Element:
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
    waiting: list[tuple[Element, tuple[str, ...]]] = [
        (code, ()) for code in root.iterfind("{*}CodeBook/{*}Codes/{*}Code")
    ]
    while waiting:
        element, above = waiting.pop()
        names = (element.get("name", "").strip(), *above[:DEEPEST])
        yield _guid(element, "guid"), names
        waiting += [(child, names) for child in element.iterfind("{*}Code")]


def _words(unpacked: Unpacked, element: Element) -> str | None:
    """Return the plain text of a source or note; None if the file does not hold it."""
    content = element.findtext("{*}PlainTextContent")
    if content is not None:
        return content
    scheme, _, name = element.get("plainTextPath", "").partition(":")
    if scheme.lower() != "internal":
        return None
    name = name.lstrip("/")
    found = unpacked.read(f"{FOLDER}/{name}", MOST_TEXT)
    if found is None:
        raise ExchangeError(f"{unpacked.name}: {name!r} is named, but not in the file")
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ExchangeError(f"{unpacked.name}: {FOLDER}/{name} is not UTF-8") from error


def _source(unpacked: Unpacked, element: Element, notes: Mapping[str, str]) -> Source:
    name = element.get("name", "")
    if _tag(element) != "TextSource":
        return Source(name, None, [])
    children = element.iterfind("{*}PlainTextSelection")
    selections = [_selection(unpacked.name, child, notes) for child in children]
    return Source(name, _words(unpacked, element), selections)


def _selection(file: str, element: Element, notes: Mapping[str, str]) -> Selection:
    """Read a selection; its description is told with the notes on it and on its codings."""
    owner = _guid(element, "creatingUser")
    codings = [
        (_guid(ref, "targetGUID"), _guid(coding, "creatingUser") or owner)
        for coding in element.iterfind("{*}Coding")
        for ref in coding.iterfind("{*}CodeRef")
    ]
    refs = [*element.iterfind("{*}NoteRef"), *element.iterfind("{*}Coding/{*}NoteRef")]
    told = [_description(element), *(notes.get(_guid(ref, "targetGUID"), "") for ref in refs)]
    start, end = (_position(file, element, name) for name in ("startPosition", "endPosition"))
    return Selection(start, end, "\n\n".join(filter(None, told)), codings)


def _position(file: str, selection: Element, attribute: str) -> int:
    value = selection.get(attribute, "").strip()
    if not value.isdecimal() or len(value) > 12:
        raise ExchangeError(f"{file}: found {value!r} as {attribute}; allowed: a whole number")
    return int(value)
