"""Project and codebook by the REFI-QDA standard (version 1.5, MIT licence).

Positions count Unicode code points from 0, as the standard has it, and the end is the first
character that is no longer selected, as the examples of the standard and programs have it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader

from ngolib.errors import InputError
from ngolib.exchange.codes import Group, guid, read_codebook, write_description
from ngolib.exchange.excerpt import BYTE_ORDER_MARK, WHOLE, align, excerpt
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


# What is written, without what XML cannot hold; the templates stand beside this file.
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    finalize=lambda text: _NOT_XML.sub("\ufffd", re.sub("\r\n?", "\n", str(text))),
    keep_trailing_newline=True,
)
_TEMPLATES.globals |= {"guid": guid, "origin": f"ngolib {version('ngolib')}", "time": NO_TIME}


def codebook_file(project: Project) -> bytes:
    """Make a codebook (`.qdc`); the same codes give the same bytes."""
    template = _TEMPLATES.get_template("codebook.xml.j2")
    return template.render(groups=read_codebook(project=project)).encode("utf-8")


def project_file(project: Project, codings: Sequence[str], *, with_texts: bool = False) -> bytes:
    """Make a `.qdpx` of keys of `CODINGS`, or `none`; `with_texts` whole texts, for own use."""
    if NONE in codings and len(set(codings)) > 1:
        raise InputError("'none' stands alone: it means a project without codings")
    chosen = [name for name in dict.fromkeys(codings) if name != NONE]
    sources = load_sources(project=project).set_index("source_id", drop=False)
    articles, sentences = load_articles(project=project), load_sentences(project=project)
    source_of = articles.set_index("article_id")["source_id"]
    coded = _coded(project, chosen)
    for table in (coded, sentences):
        table["source_id"] = table["article_id"].map(source_of)
    groups, written = read_codebook(project=project), []
    # Coded texts first: what comes back has this order too.
    for name in dict.fromkeys([*coded["source_id"].dropna(), *sources.index]):
        source, tables = sources.loc[name], (coded, sentences, articles)
        quotes, spoken, own = (table[table["source_id"] == name] for table in tables)
        whole = with_texts or source["redistribution"] == WHOLE
        if quotes.empty and not whole:
            continue
        raw = read_source(project.data / source["path"], sha256=source["sha256"])
        # Programs differ in whether they count a byte order mark.
        ends = (table[["start", "end"]].astype(int) for table in (quotes, spoken))
        spans = (table.itertuples(index=False, name=None) for table in ends)
        text = raw.removeprefix(BYTE_ORDER_MARK) if whole else excerpt(name, raw, *spans)
        held = align(text, {name: raw})
        places = {there: here for here, there in held.places.items()} if held else {}
        rows = [_quote(row, text, places, groups) for row in quotes.to_dict("records")]
        more = {"whole": whole, "text": text, "articles": own.to_dict("records"), "quotes": rows}
        written.append({**source, **more, "guid": guid("source", name)})
    if not written:
        said = "nothing would be in the project: without codings there is nothing to quote"
        mend = "add --with-texts for your own use, or write the codebook alone"
        raise InputError(f"{said}; {mend} (ngolib qda codebook)")
    users = chosen or [NONE]
    told = {"names": USERS, "groups": groups, "sources": written, "users": users}
    xml = _TEMPLATES.get_template("project.xml.j2").render(told, owner=guid("user", users[0]))
    texts = {f"{FOLDER}/{source['guid']}.txt": source["text"] for source in written}
    files = {PROJECT_FILE: xml, **texts}
    return pack({name: content.encode("utf-8") for name, content in files.items()})


def _coded(project: Project, names: Sequence[str]) -> pd.DataFrame:
    """Return the coded quotes as text cells, with `coding`."""
    tables = [pd.DataFrame(columns=["article_id"], dtype="str")]
    for name in names:
        # Read as it is validated, then as it is written.
        project.read_table(CODINGS[name])
        tables.append(project.read_text_cells(CODINGS[name]).assign(coding=name))
    return pd.concat(tables).fillna("")


def _quote(
    row: Mapping[str, str], text: str, places: Mapping[int, int], groups: Iterable[Group]
) -> dict[str, Any]:
    """Return a coded quote with its place in the file and its codes; `no` is what is not coded."""
    start, end = places.get(int(row["start"]), 0), places.get(int(row["end"]) - 1, 0) + 1
    coding, name = row["coding"], row["statement_id"]
    if text[start:end] != row["exact"].removeprefix(BYTE_ORDER_MARK):
        where = f"{row['start']}-{row['end']} of {row['source_id']}"
        said = f"{name}: its words do not stand at {where} (ngolib check says more)"
        raise InputError(f"{CODINGS[coding]}: {said}")
    cells = ((group, row.get(group.column, "").split(LIST_SEPARATOR)) for group in groups)
    codes = [c for group, cell in cells for v in cell for c in group.codes if c.value == v]
    place = {"coding": coding, "name": name, "start": start, "end": end, "words": text[start:end]}
    return {**place, "description": write_description(row), "codes": codes}
