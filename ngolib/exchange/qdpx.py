"""Project and codebook by the REFI-QDA standard (version 1.5, MIT licence).

Positions count Unicode code points from 0, as the standard has it, and the end is the first
character that is no longer selected, as the examples of the standard and programs have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import pandas as pd

from ngolib.errors import ExchangeError, unknown
from ngolib.exchange import memo
from ngolib.exchange.codes import YES, Codebook, read_codebook
from ngolib.exchange.guid import guid
from ngolib.exchange.held import Held, excerpt, whole_text
from ngolib.exchange.zipped import pack
from ngolib.project import Project
from ngolib.tables import LIST_SEPARATOR
from ngolib.texts import load_articles, load_sentences, load_sources, read_source

PROJECT_FILE = "project.qde"
FOLDER = "sources"
PROJECT_SCHEMA = "urn:QDA-XML:project:1.0"
CODEBOOK_SCHEMA = "urn:QDA-XML:codebook:1.0"
# Coding that can be exported to its table, and to the user of the project.
CODINGS = {"adjudicated": "statements", "a": "coder_a", "b": "coder_b"}
USERS = {"adjudicated": "adjudicated", "a": "coder a", "b": "coder b"}
NONE = "none"
NAME = "Regulation of NGOs"
# Code of `redistribution` that lets a text go out whole.
WHOLE = "full"
# When a quote was coded is not recorded, and some programs need a time: one that says nothing.
NO_TIME = "1980-01-01T00:00:00Z"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _xml(text: str) -> str:
    """Return a text as XML can hold it."""
    return _NOT_XML.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    element = SubElement(parent, tag, {key: _xml(value) for key, value in attributes.items()})
    if text:
        element.text = _xml(text)
    return element


def _to_bytes(root: Element) -> bytes:
    indent(root, " ")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, "utf-8") + b"\n"


def _origin() -> str:
    return f"ngolib {version('ngolib')}"


def _add_codes(parent: Element, codebook: Codebook) -> None:
    """Write every group as a code that cannot be given, its codes below it."""
    codes = _add(parent, "Codes")
    for group in codebook:
        top = _add(
            codes, "Code", guid=group.guid, name=group.name, isCodable="false", color=group.colour
        )
        _add(top, "Description", group.description)
        for code in group.codes:
            own = _add(
                top, "Code", guid=code.guid, name=code.name, isCodable="true", color=group.colour
            )
            _add(own, "Description", code.description)


def codebook_file(project: Project) -> bytes:
    """Make a codebook (`.qdc`) of the codes of a coder's table.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.

    Returns
    -------
    bytes
        XML by the schema of the standard; the same codebook gives the same bytes.
    """
    root = Element("CodeBook", {"xmlns": CODEBOOK_SCHEMA, "origin": _origin()})
    _add_codes(root, read_codebook(project))
    return _to_bytes(root)


def project_file(project: Project, codings: Sequence[str], *, with_texts: bool = False) -> bytes:
    """Make a project (`.qdpx`) of texts, codes and coded quotes.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.
    codings : sequence of str
        Keys of `CODINGS`, or `none` alone for texts and codes only.
    with_texts : bool
        Whether texts go in whole that may only be quoted. Such a file is for own use.

    Returns
    -------
    bytes
        A zip file; the same data give the same bytes.

    Raises
    ------
    ngolib.errors.ExchangeError
        If a coding is not known, or nothing would be in the project.
    ngolib.errors.NgolibError
        If a table or a text is broken.
    """
    chosen = _chosen(codings)
    tables = {name: _coding(project, name) for name in chosen}
    sources = load_sources(project=project)
    held = _held(project, sources, tables.values(), with_texts)
    if not held:
        raise ExchangeError(
            "nothing would be in the project: without codings there is nothing to quote; add "
            "--with-texts for your own use, or write the codebook alone (ngolib qda codebook)"
        )
    root = Element(
        "Project",
        {
            "xmlns": PROJECT_SCHEMA,
            "name": NAME,
            "origin": _origin(),
            "creatingUserGUID": _user(chosen[0] if chosen else NONE),
            "creationDateTime": NO_TIME,
        },
    )
    users = _add(root, "Users")
    for name in chosen or [NONE]:
        _add(users, "User", guid=_user(name), name=USERS.get(name, "ngolib"))
    codebook = read_codebook(project)
    _add_codes(_add(root, "CodeBook"), codebook)
    parent = _add(root, "Sources")
    articles = load_articles(project=project)
    files: dict[str, bytes] = {}
    # In the order of the coding, so that what comes back stands in it too.
    order = {source_id: n for n, source_id in enumerate(held)}
    sources = sources[sources["source_id"].isin(held)]
    for source in sources.sort_values("source_id", key=lambda c: c.map(order)).to_dict("records"):
        own = articles[articles["source_id"] == source["source_id"]]
        text = held[source["source_id"]]
        element = _add_source(parent, source, own, text, _user(chosen[0] if chosen else NONE))
        for name, table in tables.items():
            rows = table[table["source_id"] == source["source_id"]]
            for selection in _selections(rows, name, text, codebook):
                element.append(selection)
        files[f"{FOLDER}/{_source_guid(source['source_id'])}.txt"] = text.text.encode("utf-8")
    _add(root, "Description", _about(project, held))
    return pack({PROJECT_FILE: _to_bytes(root), **files})


def _chosen(codings: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys(codings))
    allowed = [*CODINGS, NONE]
    for name in names:
        if name not in allowed:
            raise ExchangeError(unknown("coding", name, allowed))
    if NONE in names and len(names) > 1:
        raise ExchangeError("'none' stands alone: it means a project without codings")
    return [name for name in names if name != NONE]


def _coding(project: Project, name: str) -> pd.DataFrame:
    table = project.read_table(CODINGS[name])
    source_of = project.read_table("articles").set_index("article_id")["source_id"]
    return table.assign(source_id=table["article_id"].map(source_of))


def _held(
    project: Project, sources: pd.DataFrame, tables: Iterable[pd.DataFrame], with_texts: bool
) -> dict[str, Held]:
    """Say for each text what of it goes into the project; a text without anything is left out.

    Coded texts come first, in the order of the coding.
    """
    quotes: dict[str, list[tuple[int, int]]] = {}
    for table in tables:
        for source_id, rows in table.groupby("source_id", sort=False):
            spans = zip(rows["start"].astype(int), rows["end"].astype(int), strict=True)
            quotes.setdefault(str(source_id), []).extend(spans)
    found = {}
    sentences: dict[str, list[tuple[int, int]]] | None = None
    for source in sources.itertuples():
        raw = read_source(project.data / source.path, sha256=source.sha256)
        if with_texts or source.redistribution == WHOLE:
            found[source.source_id] = whole_text(raw)
        elif source.source_id in quotes:
            sentences = _sentences(project) if sentences is None else sentences
            own = quotes[source.source_id]
            found[source.source_id] = excerpt(
                source.source_id, raw, own, sentences.get(source.source_id, [])
            )
    return {key: found[key] for key in [*(q for q in quotes if q in found), *found]}


def _sentences(project: Project) -> dict[str, list[tuple[int, int]]]:
    source_of = project.read_table("articles").set_index("article_id")["source_id"]
    table = load_sentences(project=project)
    table = table.assign(source_id=table["article_id"].map(source_of))
    return {
        str(source_id): list(zip(rows["start"], rows["end"], strict=True))
        for source_id, rows in table.groupby("source_id")
    }


def _user(name: str) -> str:
    return guid("user", name)


def _source_guid(source_id: str) -> str:
    return guid("source", source_id)


def _about(project: Project, held: Mapping[str, Held]) -> str:
    own_use = [
        source.source_id
        for source in load_sources(project=project).itertuples()
        if source.source_id in held
        and held[source.source_id].whole
        and source.redistribution != WHOLE
    ]
    said = [
        "Texts, codes and coded quotes. Positions count Unicode code points. Times are not "
        f"recorded: {NO_TIME} stands for all of them.",
        "The codes may be used under CC BY 4.0. The texts and quotations remain their publishers'.",
    ]
    if own_use:
        said.append(
            f"FOR OWN USE ONLY, NOT TO BE PASSED ON: holds whole texts that may only be quoted "
            f"({', '.join(own_use)})."
        )
    return "\n".join(said)


def _add_source(
    parent: Element, source: Mapping[str, str], articles: pd.DataFrame, held: Held, user: str
) -> Element:
    source_id = source["source_id"]
    element = _add(
        parent,
        "TextSource",
        guid=_source_guid(source_id),
        name=source_id,
        plainTextPath=f"internal://{_source_guid(source_id)}.txt",
        creatingUser=user,
        creationDateTime=NO_TIME,
    )
    lines = [
        f"Rights: {source['rights']}.",
        *(
            f"{row.article_id}: {row.title or 'no title'}; {row.outlet or 'outlet not stated'}; "
            f"{row.published or 'date not known'}."
            for row in articles.itertuples()
        ),
    ]
    if not held.whole:
        lines.insert(0, "Not the whole text: the coded quotes and their sentences only.")
    elif source["redistribution"] != WHOLE:
        lines.insert(
            0, "Whole text, for own use: its rights allow quotations only. Do not pass on."
        )
    _add(element, "Description", "\n".join(lines))
    return element


def _selections(
    rows: pd.DataFrame, coding: str, held: Held, codebook: Codebook
) -> Iterator[Element]:
    for row in rows.to_dict("records"):
        start, end = held.place(int(row["start"]), int(row["end"]))
        name = row["statement_id"]
        selection = Element(
            "PlainTextSelection",
            {
                "guid": guid("selection", coding, name),
                "name": _xml(name),
                "startPosition": str(start),
                "endPosition": str(end),
                "creatingUser": _user(coding),
                "creationDateTime": NO_TIME,
            },
        )
        cells = {key: value for key, value in row.items() if isinstance(value, str)}
        _add(selection, "Description", memo.write(cells))
        for group in codebook:
            for value in _values(row.get(group.column)):
                code = codebook.by_value[group.column, value]
                given = _add(
                    selection,
                    "Coding",
                    guid=guid("coding", coding, name, code.group, code.value),
                    creatingUser=_user(coding),
                    creationDateTime=NO_TIME,
                )
                _add(given, "CodeRef", targetGUID=code.guid)
        yield selection


def _values(cell: object) -> Iterator[str]:
    """Yield the codes of a cell; `no` is what is not coded."""
    if cell is None or cell is False or (not isinstance(cell, tuple) and pd.isna(cell)):
        return
    if cell is True:
        yield YES
    elif isinstance(cell, tuple):
        yield from cell
    else:
        yield from str(cell).split(LIST_SEPARATOR) if cell != "" else ()
