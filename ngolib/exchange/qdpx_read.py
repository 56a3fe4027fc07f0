"""Reading a project by the REFI-QDA standard that any program may have written, without trust."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from ngolib.errors import InputError
from ngolib.exchange.qdpx_write import FOLDER, PROJECT_FILE
from ngolib.reading import read_bytes
from ngolib.zipped import plain, unpack

# No honest project of ours is larger.
MOST_MIB = 64
ENCODINGS = ("UTF-8", "UTF8", "UTF-16", "US-ASCII")
# Nothing is fetched, and no entity is put in: a file that declares some is refused.
_SAFE = {"resolve_entities": False, "no_network": True}
_PARSER = etree.XMLParser(remove_comments=True, remove_pis=True, **_SAFE)


# Whose each note is, and its words, by its GUID.
Notes = Mapping[str, tuple[str, str]]


class Selection(NamedTuple):
    """A stretch of a text; `codings` are GUIDs of code and user, `memos` user and words."""

    name: str
    start: int
    end: int
    memos: list[tuple[str, str]]
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
    """Read a `.qdpx`, if it is safe; of the names above a code the nearest stands first."""
    try:
        files = unpack(str(path), read_bytes(path))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if PROJECT_FILE not in files:
        raise InputError(f"{path}: holds no {PROJECT_FILE}; it is no REFI-QDA project (.qdpx)")
    try:
        return _given(_parse(files[PROJECT_FILE]), files)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _parse(content: bytes) -> Any:
    if len(content) > MOST_MIB * 2**20:
        raise InputError(f"{PROJECT_FILE} is larger than {MOST_MIB} MiB")
    try:
        root = etree.fromstring(content, _PARSER)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise InputError(f"{PROJECT_FILE} is no valid XML ({error})") from error
    facts = root.getroottree().docinfo
    if facts.encoding.upper() not in ENCODINGS:
        raise InputError(f"found {facts.encoding!r} as encoding; allowed: UTF-8, UTF-16")
    if facts.internalDTD is not None:
        said = "declares entities or a document type, which is not safe to read"
        raise InputError(f"{PROJECT_FILE} {said}")
    if (tag := etree.QName(root).localname) != "Project":
        raise InputError(f"{PROJECT_FILE} holds {tag!r}; allowed: a REFI-QDA 'Project'")
    return root


def _given(root: Any, files: Mapping[str, bytes]) -> Given:
    notes = {}
    for note in root.iterfind("{*}Notes/{*}Note"):
        words = (_words(files, note) or _description(note)).strip("\ufeff \t\r\n")
        rich = note.get("richTextPath", "") and "(a note in rich text, which is not read)"
        notes[_guid(note, "guid")] = _guid(note, "creatingUser"), words or rich
    users = {_guid(u, "guid"): u.get("name", "") for u in root.iterfind("{*}Users/{*}User")}
    codes = {}
    for code in root.iterfind("{*}CodeBook/{*}Codes//{*}Code"):
        above = (code, *code.iterancestors("{*}Code"))
        codes[_guid(code, "guid")] = tuple(one.get("name", "").strip() for one in above)
    coded = (s for s in root.iterfind("{*}Sources/*") if s.find(".//{*}Coding") is not None)
    return Given(users, codes, [_source(source, files, notes) for source in coded])


def _source(element: Any, files: Mapping[str, bytes], notes: Notes) -> Source:
    name = element.get("name", "")
    if etree.QName(element).localname != "TextSource":
        return Source(name, None, [])
    selections = [_selection(s, notes) for s in element.iterfind("{*}PlainTextSelection")]
    selections.append(Selection("", 0, 0, [], _codings(element)))  # of the whole text
    return Source(name, _words(files, element), [one for one in selections if one.codings])


def _guid(element: Any, attribute: str) -> str:
    return str(element.get(attribute, "")).strip("{} ").lower()


def _description(element: Any) -> str:
    return (element.findtext("{*}Description") or "").strip()


def _words(files: Mapping[str, bytes], element: Any) -> str | None:
    """Return the plain text of a source or note; None if the file does not hold it."""
    content: str | None = element.findtext("{*}PlainTextContent")
    scheme, _, name = element.get("plainTextPath", "").partition(":")
    if content is not None or scheme.lower() != "internal":
        return content
    name = name.lstrip("/")
    try:
        return files[plain(f"{FOLDER}/{name}")].decode("utf-8")
    except KeyError:
        raise InputError(f"{name!r} is named, but not in the file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{FOLDER}/{name} is not UTF-8") from error


def _selection(element: Any, notes: Notes) -> Selection:
    """Read a selection; its description is told with the notes on it and on its codings."""
    refs = [*element.iterfind("{*}NoteRef"), *element.iterfind("{*}Coding/{*}NoteRef")]
    memos = [(_guid(element, "creatingUser"), _description(element))]
    for ref in refs:
        who, said = notes.get(_guid(ref, "targetGUID"), ("", ""))
        coded = _guid(ref.getparent(), "creatingUser") or _guid(element, "creatingUser")
        memos.append((who or coded, said))
    start, end = (_position(element, name) for name in ("startPosition", "endPosition"))
    if end < start:
        raise InputError(f"found {end} as endPosition; allowed: startPosition, {start}, or more")
    return Selection(element.get("name", ""), start, end, memos, _codings(element))


def _codings(element: Any) -> list[tuple[str, str]]:
    codings = []
    for coding in element.iterfind("{*}Coding"):
        user = _guid(coding, "creatingUser") or _guid(element, "creatingUser")
        codings += [(_guid(ref, "targetGUID"), user) for ref in coding.iterfind("{*}CodeRef")]
    return codings


def _position(selection: Any, attribute: str) -> int:
    value = selection.get(attribute, "").strip()
    if not value.isdecimal() or len(value) > 12:
        raise InputError(f"found {value!r} as {attribute}; allowed: a whole number")
    return int(value)
