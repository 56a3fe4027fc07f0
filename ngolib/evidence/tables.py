"""Tables of the register that need little: offices, counts and ratings.

Here too is what every loader of evidence shares: which codes and which confidence are asked for.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pandas as pd

from ngolib.errors import ParameterError, check_known
from ngolib.evidence.dates import spans
from ngolib.project import FOUND, Project, read_once

CONFIDENCE_ORDER = ("low", "medium", "high")
BINDING = ("ratification", "accession")
RESTRICTS = ["restrictive", "mixed"]
# Steps of the ratings that are words, the least free first, as their publishers order them.
GRADES = {
    "freedom_in_the_world_status": ("NF", "PF", "F"),
    "civicus_monitor": ("closed", "repressed", "obstructed", "narrowed", "open"),
}


def label_of(index: str, *, project: Project | None = None) -> str:
    """Return the name of an index; its code, spaced, where the codebook has none yet."""
    names = (project or Project.find()).vocabularies.get("rating_index", {})
    return names.get(index, index.replace("_", " "))


def check_codes(what: str, given: Collection[str], allowed: Collection[str]) -> None:
    """Raise a `ParameterError` that names the first code that is not allowed, and the nearest."""
    if isinstance(given, str) or not isinstance(given, Collection):
        raise ParameterError(f"{what}: found {given!r}; allowed: a list of codes")
    for code in given:
        check_known(ParameterError, what, code, allowed)


def gathered(keys: Iterable[Any], values: Iterable[Any]) -> defaultdict[Any, list[Any]]:
    """Gather values by their keys, in order: faster than a table for each key."""
    found, columns = defaultdict(list), (keys, values)
    own = (c.tolist() if isinstance(c, pd.Series) else c for c in columns)  # which is faster
    for key, value in zip(*own, strict=True):
        found[key].append(value)
    return found


def together(cells: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Join lists of ids, each id once, in order."""
    return tuple(dict.fromkeys(i for cell in cells for i in cell))


def with_any(column: pd.Series, codes: Collection[str]) -> pd.Series:
    """Say of each cell, a code or a tuple of codes, whether it has at least one of the codes."""
    each = ({*cell} if isinstance(cell, tuple) else {cell} for cell in column)
    return pd.Series([not cell.isdisjoint(codes) for cell in each], column.index, dtype=bool)


def sure(confidence: pd.Series, least: str) -> pd.Series:
    """Say of each cell whether it is at least this confidence."""
    check_codes("confidence", [least], CONFIDENCE_ORDER)
    return confidence.isin(CONFIDENCE_ORDER[CONFIDENCE_ORDER.index(least) :])


def chosen(table: pd.DataFrame, project: Project, **wanted: Collection[str] | None) -> pd.DataFrame:
    """Keep rows that have one of the codes wanted in each column; None and empty keep all."""
    kept = pd.Series(True, index=table.index)
    for column, codes in wanted.items():
        if codes:
            what = "category" if column == "categories" else column
            check_codes(what, codes, project.vocabularies.get(what) or sorted(set(table[column])))
            kept &= with_any(table[column], codes)
    return table[kept]


@read_once
def load_offices(country: str | None = None, *, project: Project = FOUND) -> pd.DataFrame:
    """Load who held which office, and when.

    The columns are `office, country, name, date_start, date_end` (days: the first and the last that
    may belong to the term; NaT = still in office when the register was closed), `start_last` (the
    last day on which the term may have begun); by country, office and start.
    """
    table = chosen(project.read_table("offices"), project, country=country and [country])
    table["date_start"], table["start_last"] = spans(table["start"])
    table = table.assign(date_end=spans(table["end"])[1])
    table = table.sort_values(["country", "office", "date_start"], kind="stable", ignore_index=True)
    return table[["office", "country", "name", "date_start", "date_end", "start_last"]]


def with_times(
    table: pd.DataFrame, ends: list[str], countries: Collection[str] | None, project: Project
) -> pd.DataFrame:
    """Add `year` and `decade` of the first of two columns of days, `president` if one of both."""
    year = table[ends[0]].dt.year.astype("Int64")
    decade = ((year // 10 * 10).astype("str") + "s").where(year.notna(), "")
    # On the day of a change, the new president.
    offices = load_offices(project=project)
    country = table["country"].explode()
    days = table[ends].loc[country.index]
    names = pd.Series("", index=country.index)
    asked = [] if countries is None else [*countries]
    for held in offices[offices["office"] == "president"].itertuples():
        in_office = ((days >= held.date_start) & ~(days > held.date_end)).all(axis=1)
        if not asked or held.country in asked:
            names = names.mask((country == held.country) & in_office, held.name)
    own = gathered(names.index, names.tolist())
    told = ["; ".join(filter(None, own[row])) for row in table.index]
    return table.assign(year=year, decade=decade, president=pd.Series(told, table.index, "str"))


@read_once
def load_counts(min_confidence: str = "low", *, project: Project = FOUND) -> pd.DataFrame:
    """Load the counts of organisations and sums of money of the register.

    Returns
    -------
    pandas.DataFrame
        The table `counts`; then `date_start, date_end` (the span of days in which the count holds),
        `source_ids` (source texts that its note names, while it has no address of its own),
        `evidence` (the row's own id); by country, series and date.
    """
    table = project.read_table("counts")
    # 199X is a decade, 2005/2006 a period.
    period = table["date"].str.replace(r"^(\d{3})X$", r"\g<1>0/\g<1>9", regex=True)
    ends = period.str.partition("/")
    table["date_start"], table["date_end"] = spans(ends[0], ends[2])
    known = list(project.read_table("sources")["source_id"])
    notes = table["note"].where(table["url"] == "", "")
    table["source_ids"] = [tuple(s for s in known if s in note) for note in notes]
    table["evidence"] = [(i,) for i in table["count_id"]]
    table = table[sure(table["confidence"], min_confidence)]
    order = ["country", "series", "date_start", "date_end", "value"]
    return table.sort_values(order, kind="stable", ignore_index=True)


@read_once
def load_ratings(
    countries: Sequence[str] | None = None,
    indices: Sequence[str] | None = None,
    min_confidence: str = "low",
    *,
    project: Project = FOUND,
) -> pd.DataFrame:
    """Load the published ratings of the register.

    Returns
    -------
    pandas.DataFrame
        The table `ratings`; then `year` (that the rating speaks of, else of its day, else of its
        edition), `year_basis` (covered, day, edition; empty = no year is known), `number` (of a
        grade its step from 0, the least free), `evidence` (the row's own id); by index, country and
        year.
    """
    table = project.read_table("ratings")
    day = pd.to_numeric(table["date"].str[:4], errors="coerce").astype("Int64")
    known = {"covered": table["year_covered"], "day": day, "edition": table["edition_year"]}
    years = pd.DataFrame(known)
    table["year"] = years.bfill(axis=1)["covered"]
    table["year_basis"] = years.notna().idxmax(axis=1).where(table["year"].notna(), "")
    steps = {(i, grade): n for i, grades in GRADES.items() for n, grade in enumerate(grades)}
    graded = [steps.get(cell) for cell in zip(table["index"], table["value"], strict=True)]
    number = pd.to_numeric(table["value"], errors="coerce")
    table["number"] = number.fillna(pd.Series(graded, table.index, dtype=float))
    table["evidence"] = [(i,) for i in table["rating_id"]]
    table = chosen(table, project, country=countries, index=indices)
    table = table[sure(table["confidence"], min_confidence)]
    return table.sort_values(["index", "country", "year"], ignore_index=True)
