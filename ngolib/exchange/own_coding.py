"""Anyone's own coding of our texts, compared with one of ours (`ngolib agreement`)."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from textwrap import shorten
from typing import Any

import pandas as pd
from jinja2 import Template

from ngolib.errors import DataError, ProjectError
from ngolib.evidence.check import dates, quotes, references
from ngolib.evidence.check.tables import Checks, Data, rows_of
from ngolib.methods.agreement import LABELS, Comparison, codebook_cells, compare
from ngolib.project import Project
from ngolib.tables import Defect, Table, defects_of, read_csv, typed
from ngolib.texts import load_sentences

CHECKS = (references.defects, quotes.defects, dates.defects)
CODINGS = {"a": ("coder_a", "coder a"), "b": ("coder_b", "coder b")}
CODINGS |= {"adjudicated": ("statements", "the adjudicated coding")}
LIMITS = (
    "Our coders are language models that work from one codebook. Models of one kind share errors, "
    "so that agreement among them is an upper bound; agreement is not correctness."
)


def read_theirs(project: Project, path: Path) -> pd.DataFrame:
    """Read anyone's own coding: a CSV as `data/coding/coders/a.csv`; else a `DataError`."""
    table = replace(project.table("coder_a"), name="theirs", path=str(path))
    cells = read_csv(path, table)
    found = list(defects_of(table, cells, project.vocabularies))
    # Places and dates can be looked up only where the cells have no defect.
    found = found or _place_defects(project, table, cells)
    if cells.empty:
        found = [Defect("no statement is coded; the header stands alone", table.path)]
    if found:
        raise DataError(found)
    return typed(table, cells)


def _place_defects(
    project: Project, table: Table, cells: pd.DataFrame, checks: Iterable[Checks] = CHECKS
) -> list[Defect]:
    """Run the checks of a coder's table: articles, quotes, dates, unseen characters."""
    frames = {name: project.read_text_cells(name) for name in ("sources", "articles")}
    tables = {name: rows_of(project.table(name), frame) for name, frame in frames.items()}
    data = Data(project, tables | {"theirs": rows_of(table, cells)}, {"theirs": table})
    found = (d for check in checks for d in check(data))
    # What is wrong with our other tables is said by `ngolib check`.
    theirs = (d for d in found if d.file == table.path)
    # What stands beside a quote may be left out.
    beside = ("prefix", "suffix")
    kept = (d for d in theirs if d.column not in beside or cells.loc[d.row or 0, d.column])
    return sorted(kept, key=lambda d: d.row or 0)


def compare_file(project: Project, path: Path, against: str) -> tuple[Comparison, dict[str, Any]]:
    """Compare one's own coding with one of `CODINGS` where both code: the result, and its JSON."""
    theirs, (name, called) = read_theirs(project, path), CODINGS[against]
    ours, table = project.read_table(name), project.table(name)
    coded = set(theirs["article_id"])
    both = coded & set(ours["article_id"])  # where ours has no statement, nobody may have read
    if not both:
        where = f"{', '.join(sorted(coded))} ({table.path})"
        raise ProjectError(f"{called} has coded no statement of {where}")
    # What stands elsewhere than it says would be scored as another quote.
    found = _place_defects(project, table, project.read_text_cells(name), [quotes.defects])
    if lost := [defect for defect in found if defect.column == "exact"]:
        raise DataError(lost)
    compared = compare(theirs, ours, codebook_cells(project), both)
    left = {"quoted_in_codebook": compared.quoted, "other_tiers": compared.other_tiers}
    counts = compared.found().rename(columns={"only_a": "yours", "only_b": "ours"})
    facts: dict[str, Any] = {"file": str(path), "against": against, "articles": compared.articles}
    facts |= {"left_out": {"articles_not_coded": sorted(coded - both), **left}}
    facts |= {"found": _records(counts), "overlap": compared.overlap()}
    facts |= {"sentences": compared.by_sentence(load_sentences(project=project))}
    facts |= {"columns": _records(compared.by_column())}
    return compared, {**facts, "differences": _records(compared.differences()), "limits": LIMITS}


def _records(table: pd.DataFrame) -> list[Any]:
    return table.astype(object).where(table.notna(), None).to_dict("records")


def as_text(project: Project, facts: dict[str, Any]) -> str:
    """Write what was `told` as plain text."""
    text = Path(__file__).with_name("agreement.txt.j2").read_text(encoding="utf-8")
    name, ours = CODINGS[facts["against"]]
    more = {"ours": ours, "path": project.table(name).path, "labels": LABELS, "shorten": shorten}
    return Template(text, trim_blocks=True).render(facts | more)
