"""Project and codebook by the REFI-QDA standard (version 1.5, MIT licence).

Positions count Unicode code points from 0, as the standard has it, and the end is the first
character that is no longer selected, as the examples of the standard and programs have it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader

from ngolib.errors import ExchangeError
from ngolib.exchange.codes import Group, guid, read_codebook, write_description
from ngolib.exchange.excerpt import BYTE_ORDER_MARK, WHOLE, Held, excerpt, whole_text
from ngolib.project import Project
from ngolib.tables import LIST_SEPARATOR
from ngolib.texts import load_articles, load_sentences, load_sources, read_source
from ngolib.zipped import pack

PROJECT_FILE = "project.qde"
FOLDER = "sources"
# Coding that can be exported to its table, and to the user of the project.
CODINGS = {"adjudicated": "statements", "a": "coder_a", "b": "coder_b"}
USERS = {"adjudicated": "adjudicated", "a": "coder a", "b": "coder b"}
NONE = "none"
# When a quote was coded is not recorded, and some programs need a time: one that says nothing.
NO_TIME = "1980-01-01T00:00:00Z"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _xml(text: object) -> str:
    """Return a text as XML can hold it."""
    return _NOT_XML.sub("\ufffd", str(text).replace("\r\n", "\n").replace("\r", "\n"))


# What is written, without what XML cannot hold; the templates stand beside this file.
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    finalize=_xml,
    keep_trailing_newline=True,
)
_TEMPLATES.globals |= {"guid": guid, "origin": f"ngolib {version('ngolib')}", "time": NO_TIME}


def codebook_file(project: Project) -> bytes:
    """Make a codebook (`.qdc`); the same codes give the same bytes."""
    template = _TEMPLATES.get_template("codebook.xml.j2")
    return template.render(groups=read_codebook(project)).encode("utf-8")


def project_file(project: Project, codings: Sequence[str], *, with_texts: bool = False) -> bytes:
    """Make a project (`.qdpx`) of texts, codes and coded quotes; the same data give the same bytes.

    `codings` are keys of `CODINGS`, or `none` alone for texts and codes only. `with_texts` puts in
    whole texts that may only be quoted: such a file is for own use.
    """
    if NONE in codings and len(set(codings)) > 1:
        raise ExchangeError("'none' stands alone: it means a project without codings")
    chosen = [name for name in dict.fromkeys(codings) if name != NONE]
    coded = _coded(project, chosen)
    sources = load_sources(project=project).set_index("source_id", drop=False)
    held = dict(_held(project, sources, coded, with_texts))
    if not held:
        said = "nothing would be in the project: without codings there is nothing to quote"
        mend = "add --with-texts for your own use, or write the codebook alone"
        raise ExchangeError(f"{said}; {mend} (ngolib qda codebook)")
    users = chosen or [NONE]
    groups = read_codebook(project)
    articles = load_articles(project=project)
    written = []
    for name, text in held.items():
        tables = (table[table["source_id"] == name] for table in (articles, coded))
        own, rows = (table.to_dict("records") for table in tables)
        source = {**sources.loc[name], "guid": guid("source", name), "held": text, "articles": own}
        written.append({**source, "quotes": [_quote(row, text, groups) for row in rows]})
    quotable = sources.index[sources["redistribution"] != WHOLE]
    own_use = [source_id for source_id in held if held[source_id].whole and source_id in quotable]
    told = {"names": USERS, "groups": groups, "sources": written, "own_use": own_use}
    template = _TEMPLATES.get_template("project.xml.j2")
    xml = template.render(told, users=users, owner=guid("user", users[0]))
    texts = {f"{FOLDER}/{guid('source', name)}.txt": held[name].text for name in held}
    files = {PROJECT_FILE: xml, **texts}
    return pack({name: content.encode("utf-8") for name, content in files.items()})


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
    """Yield what of each text goes in, coded texts first: what comes back has this order too."""
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


def _quote(row: Mapping[str, str], held: Held, groups: Iterable[Group]) -> dict[str, Any]:
    """Return a coded quote with its place in the file and its codes; `no` is what is not coded."""
    start, end = held.place(int(row["start"]), int(row["end"]))
    coding, name = row["coding"], row["statement_id"]
    if held.text[start:end] != row["exact"].removeprefix(BYTE_ORDER_MARK):
        where = f"{row['start']}-{row['end']} of {row['source_id']}"
        said = f"{name}: its words do not stand at {where} (ngolib check says more)"
        raise ExchangeError(f"{CODINGS[coding]}: {said}")
    codes = []
    for group in groups:
        for value in row.get(group.column, "").split(LIST_SEPARATOR):
            codes += [code for code in group.codes if code.value == value]
    place = {"coding": coding, "name": name, "start": start, "end": end}
    return {**place, "description": write_description(row), "codes": codes}
