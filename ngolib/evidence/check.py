"""Validate all data before any analysis sees it: each defect is one line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from ngolib.errors import DataError, SourceError
from ngolib.evidence.dates import spans
from ngolib.project import Project
from ngolib.schema import Table, defects_of
from ngolib.texts import read_source, text_defects

LENGTH = {"day": 10, "month": 7, "year": 4}
# Which stages a kind of event can pass through.
STAGES_OF = {
    "practice": {"occurred", "announced"},
    "discourse": {"occurred", "announced", "demanded"},
}
NO_PARLIAMENT = {"decree", "order", "judgment", "decision", "programme", "campaign"}
# The order in which one act can pass these stages.
ORDER = ("proposed", "first_chamber", "adopted", "signed", "published")
RELATION = re.compile(r"(\w+): ([A-Z]{3}-\d{4}-[a-z0-9-]+)")
RELATIONS = ("amends", "implements", "re_enacts", "applies", "reverses", "repeals", "replaces")

Tables = Mapping[str, pd.DataFrame]


def defects(project: Project) -> list[str]:
    """Find every defect of the data.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.

    Returns
    -------
    list of str
        `file: row n: column c: what is wrong; what is allowed`; empty if all is well.
    """
    found: list[str] = []
    tables: dict[str, pd.DataFrame] = {}
    for name, table in project.schema.items():
        try:
            cells = project.read_text_cells(name)
        except DataError as error:
            found += error.defects
            continue
        broken = list(defects_of(table, cells, project.vocabularies))
        found += broken
        if not broken:
            tables[name] = cells
    checks: list[Callable[[Project, Tables], Iterator[str]]] = [
        _foreign_keys,
        _sources,
        _quotes,
        _dates,
        _spans_in_force,
        _relations,
        _stages,
        _rungs,
    ]
    for check in checks:
        found += check(project, tables)
    return found


def _foreign_keys(project: Project, tables: Tables) -> Iterator[str]:
    for name, cells in tables.items():
        table = project.schema[name]
        for key in table.foreign_keys:
            if key.table not in tables:
                continue
            known = set(tables[key.table][key.reference])
            column = next(f for f in table.fields if f.name == key.column)
            for row, cell in cells[key.column].items():
                for value in column.split(cell):
                    if value not in known:
                        yield (
                            f"{table.path}: row {row}: column {key.column}: {value!r} does not "
                            f"stand in {project.schema[key.table].path}"
                        )


def _sources(project: Project, tables: Tables) -> Iterator[str]:
    """Check that each text is as recorded and that its articles are described."""
    if {"sources", "articles"} <= set(tables):
        yield from text_defects(project=project)


def _texts(project: Project, tables: Tables) -> dict[str, str]:
    """Return the decoded raw text of each source that can be read."""
    texts = {}
    for row in tables["sources"].itertuples():
        try:
            texts[row.source_id] = read_source(project.data / row.path)
        except SourceError:
            continue
    return texts


def _quotes(project: Project, tables: Tables) -> Iterator[str]:
    if not {"sources", "statements", "articles"} <= set(tables):
        return
    texts = _texts(project, tables)
    source_of = tables["articles"].set_index("article_id")["source_id"]
    path = project.schema["statements"].path
    for row in tables["statements"].itertuples():
        text = texts.get(source_of.get(row.article_id, ""))
        if text is None:
            continue
        start, end = int(row.start), int(row.end)
        place = f"{path}: row {row.Index}"
        if text[start:end] != row.exact:
            other = text.find(row.exact)
            where = f"it stands at {other}" if other >= 0 else "it stands nowhere in the text"
            yield f"{place}: column exact: not at {start}–{end} of the raw text; {where}"
            continue
        for column, actual in (
            ("prefix", text[max(0, start - 32) : start]),
            ("suffix", text[end : end + 32]),
        ):
            if getattr(row, column) != actual:
                yield f"{place}: column {column}: not the 32 characters beside the quote"
    doubled = tables["statements"].duplicated(["article_id", "start", "end", "process_id", "stage"])
    for index in tables["statements"].index[doubled]:
        yield f"{path}: row {index}: the same quote is coded twice for one act and stage"


def _dates(project: Project, tables: Tables) -> Iterator[str]:
    columns = {
        "statements": [("date", "precision")],
        "steps": [("date", "precision")],
        "rules": [("in_force_from", "from_precision"), ("in_force_to", "to_precision")],
        "offices": [("start", "start_precision"), ("end", "end_precision")],
    }
    for name, pairs in columns.items():
        for row, cells in tables.get(name, pd.DataFrame()).iterrows():
            for date, precision in pairs:
                yield from _date(project.schema[name], row, date, cells, precision)


def _date(
    table: Table, index: object, column: str, cells: pd.Series, precision_column: str
) -> Iterator[str]:
    """Check that a date is a day of the calendar and fits its precision."""
    date, precision = cells[column], cells[precision_column]
    place = f"{table.path}: row {index}: column {column}"
    if not date:
        if precision not in ("", "unresolved"):
            yield f"{place}: empty, but its precision is {precision!r}"
        return
    try:
        first, last = spans(pd.Series([date]), pd.Series([cells.get("date_end", "")]))
    except ValueError:
        yield f"{place}: found {date!r}; allowed: a day that the calendar has"
        return
    if precision == "range":
        if not cells.get("date_end"):
            yield f"{place}: a range needs date_end"
        elif last[0] < first[0]:
            yield f"{place}: the range ends ({cells['date_end']}) before it begins ({date})"
    elif len(date) != LENGTH.get(precision, -1):
        yield f"{place}: {date!r} does not fit its precision {precision!r}"


def _spans_in_force(project: Project, tables: Tables) -> Iterator[str]:
    rules = tables.get("rules", pd.DataFrame())
    for row, cells in rules.iterrows():
        start, end = cells["in_force_from"], cells["in_force_to"]
        if start and end and end < start[: len(end)]:
            yield (
                f"{project.schema['rules'].path}: row {row}: column in_force_to: {end} is before "
                f"in_force_from {start}"
            )
        if not start and cells["from_basis"] != "unknown":
            yield (
                f"{project.schema['rules'].path}: row {row}: column from_basis: "
                f"{cells['from_basis']!r} without a date; allowed: unknown"
            )


def _relations(project: Project, tables: Tables) -> Iterator[str]:
    if "acts" not in tables:
        return
    acts = tables["acts"]
    known = set(acts["process_id"])
    path = project.schema["acts"].path
    for row, cell in acts["relation"].items():
        for part in filter(None, cell.split("; ")):
            match = RELATION.fullmatch(part)
            if not match or match[1] not in RELATIONS:
                yield (
                    f"{path}: row {row}: column relation: found {part!r}; allowed: "
                    f"one of {', '.join(RELATIONS)}, a colon and a process id"
                )
            elif match[2] not in known:
                yield f"{path}: row {row}: column relation: no act {match[2]!r}"


def _stages(project: Project, tables: Tables) -> Iterator[str]:
    """Check that the stages of an act are possible for its kind, and their order."""
    if not {"acts", "steps"} <= set(tables):
        return
    acts = tables["acts"].set_index("process_id")
    path = project.schema["steps"].path
    for row, cells in tables["steps"].iterrows():
        if cells["process_id"] not in acts.index:
            continue
        act = acts.loc[cells["process_id"]]
        place = f"{path}: row {row}: column stage: {cells['stage']!r}"
        if cells["stage"] == "first_chamber" and act["kind"] in NO_PARLIAMENT:
            yield f"{place} is not possible for a {act['kind']}"
        allowed = STAGES_OF.get(act["level"])
        if allowed and cells["stage"] not in allowed:
            yield f"{place} is not possible for {act['level']}; allowed: {', '.join(allowed)}"
    yield from _order(path, tables["steps"])


def _order(path: str, steps: pd.DataFrame) -> Iterator[str]:
    real = steps[(steps["scheduled"] == "no") & steps["stage"].isin(ORDER)]
    try:
        first, last = spans(real["date"], real["date_end"])
    except ValueError:
        return  # said by _dates
    real = real.assign(first=first, last=last, rank=real["stage"].map(ORDER.index), row=real.index)
    for _, act in real.groupby("process_id", sort=False):
        stages = act.sort_values("first").groupby("rank", as_index=False).first()
        for (_, a), (_, b) in zip(
            stages.iloc[:-1].iterrows(), stages.iloc[1:].iterrows(), strict=True
        ):
            if b["last"] < a["first"]:
                yield (
                    f"{path}: row {b['row']}: column date: {b['stage']} ({b['date']}) is before "
                    f"{a['stage']} ({a['date']})"
                )


def _rungs(project: Project, tables: Tables) -> Iterator[str]:
    """Check that a rung stands on the ladder of its field, and never on an enabling rule."""
    if not {"rules", "ladders"} <= set(tables):
        return
    ladders = set(zip(tables["ladders"]["category"], tables["ladders"]["rung"], strict=True))
    fields = {category for category, _ in ladders}
    path = project.schema["rules"].path
    for row, cells in tables["rules"].iterrows():
        place = f"{path}: row {row}: column rung"
        if cells["rung"] and (cells["category"], cells["rung"]) not in ladders:
            yield f"{place}: the ladder of {cells['category']!r} has no rung {cells['rung']}"
        elif cells["rung"] and cells["direction"] == "enabling":
            yield f"{place}: found {cells['rung']}; allowed: empty for an enabling rule"
        elif not cells["rung"] and cells["direction"] != "enabling" and cells["category"] in fields:
            yield f"{place}: empty; a rule of a field that is not enabling needs its rung"
