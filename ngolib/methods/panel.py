"""How strict two countries are, field by field and day by day, and how far apart they lie.

A *cell* is a country, a field and a day. A rule counts on its rung of the field's ladder
(`data/codebook/ladders.csv`); the cell stands on the highest. Two readings: `typical` looks at the
rules that bind the usual actor of the field, `strictest` at all.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ngolib.errors import ParameterError
from ngolib.evidence.dates import of_years
from ngolib.evidence.tables import check_codes, gathered
from ngolib.project import Project

Mask: TypeAlias = npt.NDArray[np.bool_]

DAYS = ("datetime64", "datetime", "date", "empty")  # kinds of them, as pandas has it
CELL, CASES = ["country", "field", "reading"], ["a", "b", "level", "only_a", "only_b", "neither"]


def in_force(rules: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Say of each rule, as `ngolib.load_rules` gives it, whether it is in force on a day.

    The columns are `certain` (in force whatever the unknown days are, the presumption on starts
    granted) and `possible` (in force for some of them). A rule without any date is neither.
    """
    certain, possible = _in_force(rules, [day])
    return pd.DataFrame({"certain": certain[:, 0], "possible": possible[:, 0]}, rules.index)


def reading_days(start: int, end: int, closing_day: date) -> pd.DatetimeIndex:
    """List the days on which years are read: 31 December, or the closing day in its own year.

    No year after that of the closing day (`Project.closing_day`) is read.
    """
    (first, _), last = of_years(start, end), pd.Timestamp(closing_day)
    years = range(first.year, min(end, last.year) + 1)
    return pd.DatetimeIndex([min(pd.Timestamp(year, 12, 31), last) for year in years])


def as_days(days: Iterable[date]) -> pd.DatetimeIndex:
    """Return days as an index; a year would be nanoseconds since 1970, a text a day by guess."""
    if (given := pd.Index(days)).inferred_type not in DAYS:
        raise ParameterError(f"days: found {given[0]}; allowed: days, as `reading_days` gives them")
    return pd.DatetimeIndex(given)


def check_cells(rules: pd.DataFrame, countries: Sequence[str], fields: Sequence[str] = ()) -> None:
    """Refuse a country or field that neither the codebook nor the rules know."""
    codes = Project.find().vocabulary
    check_codes("country", countries, {*codes("country"), *rules["country"]})
    check_codes("field", fields, {*codes("category"), *rules["category"]})


def _in_force(rules: pd.DataFrame, days: Iterable[pd.Timestamp]) -> tuple[Mask, Mask]:
    """Say for rules (rows) and days (columns) what is certainly and what possibly in force."""
    on = as_days(days).to_numpy()
    names = ("from_earliest", "from_latest", "to_earliest", "to_latest")
    reached = {name: rules[name].to_numpy()[:, None] <= on for name in names}
    certain = reached["from_latest"] & ~reached["to_earliest"]
    return certain, reached["from_earliest"] & ~reached["to_latest"]


def _held(rules: pd.DataFrame, days: Iterable[pd.Timestamp]) -> pd.DataFrame:
    """Repeat each rule for every day on which it may be in force: with `day` and `certain`."""
    certain, possible = _in_force(rules, on := as_days(days))
    rule, place = np.nonzero(possible)
    return rules.iloc[rule].assign(day=on[place], certain=certain[rule, place])


def _in_cells(rules: pd.DataFrame, days: Iterable[pd.Timestamp]) -> pd.DataFrame:
    """Repeat each rule that has a rung for every day and reading in which it may count."""
    columns = ["rule_id", "country", "category", "rung", "typical", "from_basis"]
    held = _held(rules[rules["rung"].notna()], days)[[*columns, "day", "certain"]]
    held = held.rename(columns={"category": "field"})
    typical = held[held["typical"]]
    return pd.concat([typical.assign(reading="typical"), held.assign(reading="strictest")])


def _values_of(
    rows: pd.DataFrame, column: str, table: pd.DataFrame, keys: list[str]
) -> list[tuple[str, ...]]:
    """Return for each row of a table the values of those rows that have its keys."""
    found = gathered(rows[keys].itertuples(index=False, name=None), rows[column])
    return [tuple(found.get(key, ())) for key in table[keys].itertuples(index=False, name=None)]


def strictness(
    rules: pd.DataFrame, countries: Sequence[str], fields: Sequence[str], days: pd.DatetimeIndex
) -> pd.DataFrame:
    """Build the panel: the highest rung in force, by country, field, reading and day.

    How uncertain dates are read:

    1. Each year is read on one day (`reading_days`). A rule that began and ended between two such
       days does not show.
    2. A rule is possibly in force from the first day of the span in which it began, certainly from
       the last, and ends the other way round; `ngolib.load_rules` says what the spans are. While a
       presumed start (a presumption that notebook 02 tests) can lie ahead, the rung is `possible`,
       afterwards `presumed`.
    3. A rule whose act has no date, or that ended on a day that nobody shows, is never counted.
    4. No rule is no rung: a missing value, never 0.

    Returns
    -------
    pandas.DataFrame
        One row per country, field, reading and day, in that order: `country, field, reading, year,
        day`, `rung` (highest among rules certainly in force), `rung_possible` (among those possibly
        in force), `basis` (`dated`; `presumed`: the rung rests on presumed starts only; `possible`:
        the possible rung is the higher one; empty: none), `rules` (ids of those that carry the
        rung, or the possible one if there is no other), `n` (how many they are).
    """
    check_cells(rules, countries, fields)
    days, keys = as_days(days), [*CELL, "day"]
    held = _in_cells(rules, days)
    cells = held.groupby(keys)["rung"].max().to_frame("rung_possible")
    cells["rung"] = held[held["certain"]].groupby(keys)["rung"].max()
    cells["higher"] = ~(cells["rung"] == cells["rung_possible"]).fillna(False).astype(bool)
    # The rules named carry the certain rung; where there is none, the possible one.
    cells["shown"] = cells["rung"].fillna(cells["rung_possible"])
    top = held.join(cells[["shown"]].assign(known=cells["rung"].notna()), on=keys)
    top = top[(top["rung"] == top["shown"]) & (top["certain"] | ~top["known"])]
    presumed = top["from_basis"].eq("presumed").groupby([top[key] for key in keys]).all()
    presumed = presumed.reindex(cells.index)
    cells["basis"] = np.select([cells["higher"], presumed], ["possible", "presumed"], "dated")
    axes = [countries, fields, ["typical", "strictest"], days]
    out = cells.reindex(pd.MultiIndex.from_product(axes, names=keys)).reset_index()
    out["basis"], out["year"] = out["basis"].fillna(""), out["day"].dt.year
    out["rules"] = _values_of(top, "rule_id", out, keys)
    out["n"] = out["rules"].map(len)
    return out[[*CELL, "year", "day", "rung", "rung_possible", "basis", "rules", "n"]]


def deciding(panel: pd.DataFrame, rules: pd.DataFrame) -> pd.DataFrame:
    """Name the rule that decides each cell of a panel: one of those on its level.

    It is one that binds the field's usual actor, that names what a breach brings, that somebody saw
    in force in that year or the one before, and the oldest of these, in this order. A row per cell
    with a rule has the columns of the panel and of the rule, those that both have with `_rule`.
    """
    keys = {"left_on": ["rules", "country"], "right_on": ["rule_id", "country"]}
    cells = panel[panel["n"] > 0].explode("rules").merge(rules, **keys, suffixes=("", "_rule"))
    cells = cells.assign(
        stated=cells["consequence"].map(lambda codes: codes != ("none_stated",)).astype(bool),
        seen=cells["last_verified"].str[:4] >= (cells["year"] - 1).astype("str"),
    )
    order = ["typical", "stated", "seen", "from_latest"]
    cells = cells.sort_values(order, ascending=[False, False, False, True], kind="stable")
    return cells.drop_duplicates([*CELL, "day"])


def spells(panel: pd.DataFrame) -> pd.DataFrame:
    """Gather the years of a panel that follow each other on one rung.

    Returns
    -------
    pandas.DataFrame
        `country, field, reading, rung, first, last` (years), `evidence` (the rules that carry the
        rung in the first year), in the order of the panel. Years without a rung make no spell and
        part those around them.
    """
    marks = panel[[*CELL, "rung"]].fillna({"rung": -1})
    spell = (marks.ne(marks.shift()).any(axis=1) | panel["year"].diff().ne(1)).cumsum()
    held = panel[panel["rung"].notna()].groupby(spell.rename("spell"))
    names = {name: (name, "first") for name in [*CELL, "rung"]}
    years = {"first": ("year", "first"), "last": ("year", "last")}
    return held.agg(**names, **years, evidence=("rules", "first")).reset_index(drop=True)


def stock(
    rules: pd.DataFrame, countries: Sequence[str], days: Iterable[pd.Timestamp], rung: int = 3
) -> pd.DataFrame:
    """Count the rules at or above a rung: unlike the panel, the count has no ceiling.

    The table has a row per country and day: `country, year, day, n` (rules certainly in force, of
    whatever field), `rules` (their ids).
    """
    check_cells(rules, countries)
    days = as_days(days)
    held = _held(rules[(rules["rung"] >= rung).fillna(False)], days)
    held = held[held["certain"]]
    keys = ["country", "day"]
    out = pd.MultiIndex.from_product([countries, days], names=keys).to_frame(index=False)
    out["rules"] = _values_of(held, "rule_id", out, keys)
    out["n"], out["year"] = out["rules"].map(len), out["day"].dt.year
    return out[["country", "year", "day", "n", "rules"]]


def stricter(panel: pd.DataFrame, a: str, b: str) -> pd.DataFrame:
    """Count the fields of a panel in which either of two countries is the stricter.

    Of the certain rungs only which is higher is used, never by how much: they are ordinal.

    Returns
    -------
    pandas.DataFrame
        One row per reading and day: `reading, year, day`; numbers of fields `a` (the first country
        is the stricter), `b`, `level` (the same rung), `only_a`, `only_b` (the other has no rule),
        `neither`; and which they are, as `fields_a`, …
    """
    keys = ["reading", "year", "day"]
    check_codes("country", [a, b], {*panel["country"]})
    sides = (panel.loc[panel["country"] == c, ["field", *keys, "rung"]] for c in (a, b))
    both = pd.merge(*sides, on=["field", *keys])
    one, other = both["rung_x"], both["rung_y"]
    tests = [one > other, other > one, one == other, other.isna() & one.notna(), other.notna()]
    case = np.select([t.fillna(False).to_numpy(dtype=bool) for t in tests], CASES[:-1], CASES[-1])
    out = both[keys].drop_duplicates().reset_index(drop=True)
    fields = {name: _values_of(both[case == name], "field", out, keys) for name in CASES}
    counts = {name: [len(own) for own in cells] for name, cells in fields.items()}
    return out.assign(**counts, **{f"fields_{name}": cells for name, cells in fields.items()})
