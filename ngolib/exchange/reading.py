"""Reading a project by the REFI-QDA standard that any program may have written.

Nothing in it is trusted: entries of the zip file are counted and weighed before they are read, XML
with entities or a document type is refused, and names of files are only looked up inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ngolib.errors import ExchangeError
from ngolib.exchange.qdpx import FOLDER, PROJECT_FILE
from ngolib.exchange.zipped import Unpacked

# No honest project of ours is deeper or larger.
DEEPEST = 100
MOST_XML = 64 * 2**20
MOST_TEXT = 16 * 2**20
_SOURCES = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")


@dataclass(frozen=True)
class GivenCode:
    """A code of the file.

    Parameters
    ----------
    name : str
        Its name.
    parents : tuple of str
        Names of the codes above it, the nearest first.
    guid : str
        Its GUID, in small letters and without braces.
    """

    name: str
    parents: tuple[str, ...]
    guid: str


@dataclass(frozen=True)
class Coding:
    """A code given to a selection.

    Parameters
    ----------
    code : str
        GUID of the code.
    user : str
        GUID of who gave it; empty if that is not said.
    """

    code: str
    user: str


@dataclass(frozen=True)
class Selection:
    """A selected stretch of a text.

    Parameters
    ----------
    start, end : int
        Positions in the text of the file.
    description : str
        Its description and notes.
    codings : tuple of Coding
        Codes given to it.
    """

    start: int
    end: int
    description: str
    codings: tuple[Coding, ...]


@dataclass(frozen=True)
class Source:
    """A source of the file.

    Parameters
    ----------
    name : str
        Its name.
    text : str or None
        Its words; None if they are not in the file as plain text.
    selections : tuple of Selection
        What is selected in it.
    coded : bool
        Whether any code is given to it or in it.
    """

    name: str
    text: str | None
    selections: tuple[Selection, ...]
    coded: bool


@dataclass(frozen=True)
class Given:
    """What a project file holds, as far as it matters here.

    Parameters
    ----------
    users : dict
        GUID to name.
    codes : dict
        GUID to code.
    sources : tuple of Source
        Its sources, in order.
    """

    users: dict[str, str]
    codes: dict[str, GivenCode]
    sources: tuple[Source, ...]


def read_project(path: Path) -> Given:
    """Read a project file.

    Parameters
    ----------
    path : pathlib.Path
        A `.qdpx` file.

    Returns
    -------
    Given

    Raises
    ------
    ngolib.errors.ExchangeError
        If it is no such file, or one that is not safe to read; one line that says why.
    """
    unpacked = Unpacked(path)
    entry = unpacked.find(PROJECT_FILE)
    if entry is None:
        raise ExchangeError(f"{path}: holds no {PROJECT_FILE}; it is no REFI-QDA project (.qdpx)")
    root = _parse(path, unpacked.read(entry, MOST_XML))
    notes = dict(_notes(unpacked, root))
    return Given(
        users={_guid(user, "guid"): user.get("name", "") for user in _all(root, "Users", "User")},
        codes=dict(_codes(path, root)),
        sources=tuple(_source(unpacked, element, notes) for element in _sources(root)),
    )


def _parse(path: Path, content: bytes) -> Element:
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        said = f"{path}: {PROJECT_FILE} declares entities or a document type, which is not safe"
        raise ExchangeError(f"{said} to read") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise ExchangeError(f"{path}: {PROJECT_FILE} is no valid XML ({error})") from error
    if _tag(root) != "Project":
        raise ExchangeError(
            f"{path}: {PROJECT_FILE} holds {_tag(root)!r}; allowed: a REFI-QDA 'Project'"
        )
    return root


def _tag(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _children(element: Element, *tags: str) -> Iterator[Element]:
    return (child for child in element if _tag(child) in tags)


def _all(root: Element, *path: str) -> Iterator[Element]:
    """Yield the elements at a path of names."""
    found = [root]
    for tag in path:
        found = [child for element in found for child in _children(element, tag)]
    return iter(found)


def _guid(element: Element, attribute: str) -> str:
    return element.get(attribute, "").strip("{} ").lower()


def _text(element: Element, tag: str) -> str:
    return next(((child.text or "").strip() for child in _children(element, tag)), "")


def _codes(path: Path, root: Element) -> Iterator[tuple[str, GivenCode]]:
    waiting: list[tuple[Element, tuple[str, ...]]] = [
        (code, ()) for code in _all(root, "CodeBook", "Codes", "Code")
    ]
    while waiting:
        element, parents = waiting.pop()
        if len(parents) > DEEPEST:
            raise ExchangeError(
                f"{path}: codes stand below each other in more than {DEEPEST} steps"
            )
        code = GivenCode(element.get("name", "").strip(), parents, _guid(element, "guid"))
        yield code.guid, code
        waiting += [(child, (code.name, *parents)) for child in _children(element, "Code")]


def _sources(root: Element) -> Iterator[Element]:
    return (child for sources in _all(root, "Sources") for child in _children(sources, *_SOURCES))


def _notes(unpacked: Unpacked, root: Element) -> Iterator[tuple[str, str]]:
    for note in _all(root, "Notes", "Note"):
        words = _content(unpacked, note) or _text(note, "Description")
        yield _guid(note, "guid"), words.strip()


def _content(unpacked: Unpacked, element: Element) -> str | None:
    """Return the plain text of a source or note; None if the file does not hold it."""
    for child in _children(element, "PlainTextContent"):
        return child.text or ""
    scheme, found, name = element.get("plainTextPath", "").partition(":")
    if not found or scheme.lower() != "internal":
        return None
    entry = unpacked.find(f"{FOLDER}/{name.lstrip('/')}")
    if entry is None:
        raise ExchangeError(f"{unpacked.path}: {name.lstrip('/')!r} is named, but not in the file")
    try:
        return unpacked.read(entry, MOST_TEXT).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ExchangeError(f"{unpacked.path}: {entry} is not UTF-8") from error


def _source(unpacked: Unpacked, element: Element, notes: dict[str, str]) -> Source:
    name = element.get("name", "")
    coded = any(_tag(child) == "Coding" for child in element.iter())
    if _tag(element) != "TextSource":
        return Source(name, None, (), coded)
    text = _content(unpacked, element)
    selections = tuple(
        _selection(unpacked, name, child, notes)
        for child in _children(element, "PlainTextSelection")
    )
    return Source(name, text, selections, coded)


def _selection(unpacked: Unpacked, name: str, element: Element, notes: dict[str, str]) -> Selection:
    positions = []
    for attribute in ("startPosition", "endPosition"):
        value = element.get(attribute, "").strip()
        if not value.isdecimal() or len(value) > 12:
            said = f"found {value!r} as {attribute} in {name!r}; allowed: a whole number"
            raise ExchangeError(f"{unpacked.path}: {said}")
        positions.append(int(value))
    own = [_text(element, "Description")]
    owner = _guid(element, "creatingUser")
    codings = []
    for coding in _children(element, "Coding"):
        user = _guid(coding, "creatingUser") or owner
        codings += [Coding(_guid(ref, "targetGUID"), user) for ref in _children(coding, "CodeRef")]
    for place in (element, *_children(element, "Coding")):
        own += [notes.get(_guid(ref, "targetGUID"), "") for ref in _children(place, "NoteRef")]
    words = "\n\n".join(part for part in own if part)
    return Selection(positions[0], positions[1], words, tuple(codings))
