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

from ngolib.errors import ExchangeError
from ngolib.exchange.codes import Group, guid, read_codebook, write_description
from ngolib.exchange.excerpt import BYTE_ORDER_MARK, WHOLE, Held, excerpt, whole_text
from ngolib.exchange.zipped import pack
from ngolib.project import Project
from ngolib.tables import LIST_SEPARATOR
from ngolib.texts import load_articles, load_sentences, load_sources, read_source

PROJECT_FILE = "project.qde"
FOLDER = "sources"
# Coding that can be exported to its table, and to the user of the project.
CODINGS = {"adjudicated": "statements", "a": "coder_a", "b": "coder_b"}
USERS = {"adjudicated": "adjudicated", "a": "coder a", "b": "coder b"}
NONE = "none"
# When a quote was coded is not recorded, and some programs need a time: one that says nothing.
NO_TIME = "1980-01-01T00:00:00Z"
_ABOUT = f"""\
Texts, codes and coded quotes. Positions count Unicode code points. Times are not recorded: \
{NO_TIME} stands for all of them.
The codes may be used under CC BY 4.0. The texts and quotations remain their publishers'."""
_OWN_USE = """
FOR OWN USE ONLY, NOT TO BE PASSED ON: holds whole texts that may only be quoted ({})."""
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


def _root(tag: str, kind: str, **attributes: str) -> Element:
    origin = f"ngolib {version('ngolib')}"
    space = {"xmlns": f"urn:QDA-XML:{kind}:1.0"}
    return Element(tag, {**space, **attributes, "origin": origin})


def codebook_file(project: Project) -> bytes:
    """Make a codebook (`.qdc`); the same codes give the same bytes."""
    root = _root("CodeBook", "codebook")
    _add_codes(root, read_codebook(project))
    return _to_bytes(root)


def _add_codes(parent: Element, groups: Iterable[Group]) -> None:
    """Write every group as a code that cannot be given, its codes below it."""
    codes = _add(parent, "Codes")
    for group in groups:
        own = {"guid": guid("group", group.name), "name": group.name, "isCodable": "false"}
        top = _add(codes, "Code", **own, color=group.colour)
        _add(top, "Description", group.description)
        for code in group.codes:
            own = {"guid": code.guid, "name": code.name, "isCodable": "true"}
            below = _add(top, "Code", **own, color=group.colour)
            _add(below, "Description", code.description)


def project_file(project: Project, codings: Sequence[str], *, with_texts: bool = False) -> bytes:
    """Make a project (`.qdpx`) of texts, codes and coded quotes; the same data give the same bytes.

    `codings` are keys of `CODINGS`, or `none` alone for texts and codes only. Coded texts come
    first, in the order of the coding, so that what comes back stands in it too. `with_texts` puts
    in whole texts that may only be quoted: such a file is for own use. Nothing to put in, and a
    quote that does not stand at its place, is an `ExchangeError`.
    """
    if NONE in codings and len(set(codings)) > 1:
        raise ExchangeError("'none' stands alone: it means a project without codings")
    chosen = [name for name in dict.fromkeys(codings) if name != NONE]
    coded = _coded(project, chosen)
    sources = load_sources(project=project).set_index("source_id", drop=False)
    held = dict(_held(project, sources, coded, with_texts))
    if not held:
        raise ExchangeError(
            "nothing would be in the project: without codings there is nothing to quote; add "
            "--with-texts for your own use, or write the codebook alone (ngolib qda codebook)"
        )
    users = chosen or [NONE]
    owner = guid("user", users[0])
    root = _root("Project", "project", name="Regulation of NGOs")
    root.attrib |= {"creatingUserGUID": owner, "creationDateTime": NO_TIME}
    parent = _add(root, "Users")
    for name in users:
        _add(parent, "User", guid=guid("user", name), name=USERS.get(name, "ngolib"))
    groups = read_codebook(project)
    _add_codes(_add(root, "CodeBook"), groups)
    parent = _add(root, "Sources")
    articles = load_articles(project=project)
    files = {}
    own_use = []
    for source_id, text in held.items():
        own = articles[articles["source_id"] == source_id]
        element = _add_source(parent, sources.loc[source_id], own, text, owner)
        for row in coded[coded["source_id"] == source_id].to_dict("records"):
            _add_selection(element, row, text, groups)
        files[f"{FOLDER}/{guid('source', source_id)}.txt"] = text.text.encode("utf-8")
        if text.whole and sources.loc[source_id, "redistribution"] != WHOLE:
            own_use.append(source_id)
    _add(root, "Description", _ABOUT + (_OWN_USE.format(", ".join(own_use)) if own_use else ""))
    return pack({PROJECT_FILE: _to_bytes(root), **files})


def _coded(project: Project, names: Sequence[str]) -> pd.DataFrame:
    """Return the coded quotes as text cells, with `coding` and `source_id`."""
    tables = [pd.DataFrame(columns=["article_id"], dtype="str")]
    for name in names:
        # Read as it is validated, then as it is written.
        project.read_table(CODINGS[name])
        tables.append(project.read_text_cells(CODINGS[name]).assign(coding=name))
    coded = pd.concat(tables).fillna("")
    return coded.assign(source_id=coded["article_id"].map(_source_of(project)))


def _held(
    project: Project, sources: pd.DataFrame, coded: pd.DataFrame, with_texts: bool
) -> Iterator[tuple[str, Held]]:
    """Yield what of each text goes into the project, coded texts first."""
    sentences = load_sentences(project=project)
    sentences["source_id"] = sentences["article_id"].map(_source_of(project))
    order = dict.fromkeys([*coded["source_id"], *sources.index])
    for source_id in (name for name in order if name in sources.index):
        source = sources.loc[source_id]
        raw = read_source(project.data / source["path"], sha256=source["sha256"])
        quotes, own = (t[t["source_id"] == source_id] for t in (coded, sentences))
        if with_texts or source["redistribution"] == WHOLE:
            yield source_id, whole_text(raw)
        elif not quotes.empty:
            yield source_id, excerpt(source_id, raw, _spans(quotes), _spans(own))


def _source_of(project: Project) -> pd.Series:
    return project.read_table("articles").set_index("article_id")["source_id"]


def _spans(table: pd.DataFrame) -> list[tuple[int, int]]:
    return list(zip(table["start"].astype(int), table["end"].astype(int), strict=True))


def _add_source(
    parent: Element, source: pd.Series, articles: pd.DataFrame, held: Held, owner: str
) -> Element:
    own = guid("source", source["source_id"])
    made = {"creatingUser": owner, "creationDateTime": NO_TIME}
    place = f"internal://{own}.txt"
    name = source["source_id"]
    element = _add(parent, "TextSource", guid=own, name=name, plainTextPath=place, **made)
    lines = [f"Rights: {source['rights']}."]
    for row in articles.itertuples():
        outlet, day = row.outlet or "outlet not stated", row.published or "date not known"
        lines.append(f"{row.article_id}: {row.title or 'no title'}; {outlet}; {day}.")
    if not held.whole:
        lines.insert(0, "Not the whole text: the coded quotes and their sentences only.")
    elif source["redistribution"] != WHOLE:
        own_use = "Whole text, for own use: its rights allow quotations only. Do not pass on."
        lines.insert(0, own_use)
    _add(element, "Description", "\n".join(lines))
    return element


def _add_selection(
    parent: Element, row: Mapping[str, str], held: Held, groups: Iterable[Group]
) -> None:
    """Write a coded quote with a coding per code; `no` is what is not coded."""
    start, end = held.place(int(row["start"]), int(row["end"]))
    coding, name = row["coding"], row["statement_id"]
    if held.text[start:end] != row["exact"].removeprefix(BYTE_ORDER_MARK):
        where = f"{row['start']}-{row['end']} of {row['source_id']}"
        said = f"{name}: its words do not stand at {where} (ngolib check says more)"
        raise ExchangeError(f"{CODINGS[coding]}: {said}")
    made = {"creatingUser": guid("user", coding), "creationDateTime": NO_TIME}
    own = {"guid": guid("selection", coding, name), "name": name}
    place = {"startPosition": str(start), "endPosition": str(end)}
    selection = _add(parent, "PlainTextSelection", **own, **place, **made)
    _add(selection, "Description", write_description(row))
    for group in groups:
        values = row.get(group.column, "").split(LIST_SEPARATOR)
        by_value = {code.value: code for code in group.codes}
        for code in (by_value[value] for value in values if value in by_value):
            of_code = guid("coding", coding, name, code.group, code.value)
            given = _add(selection, "Coding", guid=of_code, **made)
            _add(given, "CodeRef", targetGUID=code.guid)
