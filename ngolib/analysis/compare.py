"""Restrictions compared: the country-year panel of rungs and the matrix of cell states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask: TypeAlias = npt.NDArray[np.bool_]

RESTRICTS = ("restrictive", "mixed")
DE_JURE = ("rule",)
PENDING = ("announced", "demanded", "proposed", "first_chamber")
ENACTED = ("adopted", "signed", "published", "in_force", "amended")

PANEL_COLUMNS = ["country", "year", "field", "rung", "rung_possible", "basis", "rule_ids"]
MATRIX_COLUMNS = [
    "category",
    "country",
    "state",
    "rung",
    "since",
    "first_year",
    "n_restrictive",
    "n_enabling",
    "n_undated",
    "evidence",
]
STATES = {
    "in_force": "rule in force",
    "both": "restrictive and enabling rules in force",
    "enabling": "enabling rules only",
    "no_longer": "rule no longer in force",
    "enacted": "act documented, start of force not documented",
    "proposed": "proposed or never in force",
    "practice": "decision or practice only",
    "documented": "documented",
    "found_other": "searched; what was found is not of this selection",
    "none_found": "searched, none found",
    "not_searched": "not searched",
    "not_documented": "not documented in these texts",
}
# States in which nothing of the selection is documented: how far that was looked for.
EMPTY = ("found_other", "none_found", "not_searched", "not_documented")
PERIOD_COLUMNS = [
    "category",
    "country",
    "period",
    "first",
    "last",
    "documented",
    "search",
    "evidence",
]
ONE_SIDED_COLUMNS = ["category", "first", "last", "documented_for", "other", "search", "evidence"]
APART_COLUMNS = [
    "category",
    "country",
    "state",
    "rules",
    "acts",
    "first_year",
    "last_year",
    "evidence",
]


def in_force(rules: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Say of each rule whether it is in force on a day.

    Parameters
    ----------
    rules : pandas.DataFrame
        As `ngolib.load_rules` gives them.
    day : pandas.Timestamp
        The day.

    Returns
    -------
    pandas.DataFrame
        Index of `rules`; `certain` (in force whatever the unknown days are, the presumption on
        starts granted), `possible` (in force for some of them). A rule without any date is neither.

    Examples
    --------
    >>> import ngolib, pandas as pd
    >>> from ngolib.analysis.compare import in_force
    >>> rules = ngolib.load_rules(countries=["RUS"]).set_index("rule_id")
    >>> held = in_force(rules, pd.Timestamp("2012-12-31"))
    >>> bool(held.loc["RUS-2012-foreign-agents.foreign_funding", "certain"])
    True
    """
    begun_surely = rules["from_latest"] <= day
    begun_perhaps = rules["from_earliest"] <= day
    ended_surely = rules["to_latest"] <= day
    ended_perhaps = rules["to_earliest"] <= day
    return pd.DataFrame(
        {"certain": begun_surely & ~ended_perhaps, "possible": begun_perhaps & ~ended_surely}
    )


def panel(
    rules: pd.DataFrame, countries: Sequence[str], fields: Sequence[str], start: int, end: int
) -> pd.DataFrame:
    """Build the country-year panel: the highest rung in force at the end of each year.

    How uncertain dates are read:

    1. Each year is read on one day, 31 December. A rule that began and ended within a year does
       not show in it.
    2. A start known to the day counts from that day. A start known to the month or year is a span:
       from its first day the rule is possibly in force, from its last day certainly.
    3. Where the start of force is not documented but the adoption or signature of the act is, force
       begins between that day and the end of the calendar year after it (a presumption that
       `ngolib.evidence.delays` tests): until then the rung is `possible`, after it `presumed`.
    4. A rule whose act has no date at all is never counted.
    5. An end is the first day without the rule. Where it is a span, the rule is certainly in force
       until the first day of the span and possibly until its last. A rule that ended on a day that
       nobody shows is never counted. A rule without a documented end goes on.
    6. No rule is no rung: a missing value, never 0.

    Parameters
    ----------
    rules : pandas.DataFrame
        As `ngolib.load_rules` gives them; those with a rung count.
    countries, fields : sequence of str
        Rows and columns of the panel.
    start, end : int
        First and last year.

    Returns
    -------
    pandas.DataFrame
        One row per country, year and field, in that order: `rung` (nullable; highest among rules
        certainly in force on 31 December; missing = no such rule is documented, which is not rung
        0), `rung_possible` (the same for rules possibly in force), `basis` (`dated`; `presumed`
        where the rung rests on presumed starts only; `possible` where a possible rung is higher
        than the certain one; empty where there is none), `rule_ids` (rules on the rung shown).

    Examples
    --------
    >>> import ngolib
    >>> from ngolib.analysis.compare import panel
    >>> rules = ngolib.load_rules(countries=["RUS"], categories=["foreign_funding"])
    >>> years = panel(rules[rules["typical"]], ["RUS"], ["foreign_funding"], 2011, 2012)
    >>> [int(rung) for rung in years["rung"]]
    [1, 3]
    """
    rated = rules[rules["rung"].notna()]
    years = range(start, end + 1)
    days = [pd.Timestamp(year, 12, 31) for year in years]
    rows = []
    for country in countries:
        for field in fields:
            own = rated[(rated["country"] == country) & (rated["category"] == field)]
            states = _states(own, days)
            rungs, ids = own["rung"].to_numpy(dtype=int), own["rule_id"].to_numpy()
            presumed = (own["from_basis"] == "presumed").to_numpy()
            for year, (certain, possible) in zip(years, states, strict=True):
                top = _top(rungs, ids, presumed, certain, possible)
                rows.append((country, year, field, *top))
    out = pd.DataFrame(rows, columns=PANEL_COLUMNS).astype(
        {"rung": "Int64", "rung_possible": "Int64"}
    )
    order = {f: n for n, f in enumerate(fields)}
    return out.sort_values(
        ["country", "field", "year"],
        key=lambda s: s.map(order) if s.name == "field" else s,
        kind="stable",
    ).reset_index(drop=True)


def _states(rules: pd.DataFrame, days: Sequence[pd.Timestamp]) -> Iterator[tuple[Mask, Mask]]:
    """Yield for each day which rules are certainly, and which possibly, in force (`in_force`)."""
    columns = ("from_latest", "from_earliest", "to_latest", "to_earliest")
    begun_surely, begun_perhaps, ended_surely, ended_perhaps = (
        rules[c].to_numpy(dtype="datetime64[ns]") for c in columns
    )
    for day in (d.to_datetime64() for d in days):
        yield (
            (begun_surely <= day) & ~(ended_perhaps <= day),
            (begun_perhaps <= day) & ~(ended_surely <= day),
        )


def _top(
    rungs: np.ndarray, ids: np.ndarray, presumed: Mask, certain: Mask, possible: Mask
) -> tuple[object, object, str, tuple[str, ...]]:
    """Return rung, possible rung, basis and the ids of the rules on the rung shown."""
    if not possible.any():
        return pd.NA, pd.NA, "", ()
    possible_rung = int(rungs[possible].max())
    # A rule that is certainly in force is possibly in force as well.
    certain = certain & possible
    rung = int(rungs[certain].max()) if certain.any() else pd.NA
    if rung is pd.NA or possible_rung > int(rung):
        shown = possible & (rungs == possible_rung)
        return rung, possible_rung, "possible", tuple(ids[shown])
    shown = certain & (rungs == rung)
    basis = "presumed" if presumed[shown].all() else "dated"
    return rung, possible_rung, basis, tuple(ids[shown])


def breadth(panel_: pd.DataFrame, least_rung: int = 1) -> pd.DataFrame:
    """Count in how many fields a rule of at least a rung is in force.

    Returns
    -------
    pandas.DataFrame
        `country, year, fields` (certain), `fields_possible`.

    Examples
    --------
    >>> import ngolib
    >>> from ngolib.analysis.compare import breadth, panel
    >>> rules = ngolib.load_rules(countries=["RUS"], categories=["foreign_funding"])
    >>> years = panel(rules, ["RUS"], ["foreign_funding"], 2012, 2013)
    >>> [int(fields) for fields in breadth(years)["fields"]]
    [1, 1]
    """
    return (
        panel_.assign(
            fields=(panel_["rung"] >= least_rung).fillna(False).astype(int),
            fields_possible=(panel_["rung_possible"] >= least_rung).fillna(False).astype(int),
        )
        .groupby(["country", "year"], as_index=False)[["fields", "fields_possible"]]
        .sum()
    )


def dated_to_the_day(rules: pd.DataFrame) -> pd.DataFrame:
    """Keep the rules of which the first day of force, and any end, is known to the day.

    Presumed starts, starts known to the month or year only, and ends that nobody shows fall away.
    """
    start = (rules["from_earliest"] == rules["from_latest"]) & (rules["from_basis"] != "presumed")
    end = rules["to_latest"].isna() | (rules["to_earliest"] == rules["to_latest"])
    return rules[start & end & (rules["to_basis"] != "unknown")]


def _since(rules: pd.DataFrame, rung: int, end: int) -> int | None:
    """Return the first year from which a rung was held, at year ends, without a gap to `end`."""
    high = rules[rules["rung"] >= rung]
    begun = high["from_latest"].to_numpy()
    ended = high["to_earliest"].to_numpy()
    year = None
    for candidate in range(end, 1989, -1):
        day = pd.Timestamp(candidate, 12, 31).to_datetime64()
        if not ((begun <= day) & ~(ended <= day)).any():
            break
        year = candidate
    return year


def matrix(
    rules: pd.DataFrame,
    events: pd.DataFrame,
    search_log: pd.DataFrame | None,
    countries: Sequence[str],
    categories: Sequence[str],
    start: int,
    end: int,
) -> pd.DataFrame:
    """Build the matrix of categories by countries, as of the end of the last year.

    Parameters
    ----------
    rules, events : pandas.DataFrame
        As `ngolib.load_rules` and `ngolib.load_events` give them; either may be empty.
    search_log : pandas.DataFrame or None
        Where the register was searched; None when the register is not used, so that an empty cell
        means *not documented in these texts*.
    countries, categories : sequence of str
        Columns and rows.
    start, end : int
        Period; rules in force are read on 31 December of `end`.

    Returns
    -------
    pandas.DataFrame
        One row per category and country: `state` (a key of `STATES`), `rung` (highest among
        restrictive or mixed rules certainly in force), `since` (first year from which that rung
        was held without a gap), `first_year` (first year with any restrictive rule in force),
        `n_restrictive, n_enabling` (rules certainly or possibly in force), `n_undated` (rules
        whose act has no date at all), `evidence` (ids of what the state rests on).

    Examples
    --------
    >>> import ngolib
    >>> from ngolib.analysis.compare import matrix
    >>> rules = ngolib.load_rules(countries=["RUS"], categories=["foreign_funding"])
    >>> events = ngolib.load_events(countries=["RUS"], categories=["foreign_funding"])
    >>> cell = matrix(rules, events, None, ["RUS"], ["foreign_funding"], 1991, 2016).iloc[0]
    >>> cell["state"], int(cell["rung"]), int(cell["since"])
    ('both', 4, 2001)
    """
    day = pd.Timestamp(end, 12, 31)
    rules = rules.assign(**in_force(rules, day), restricts=rules["direction"].isin(RESTRICTS))
    own = rules.groupby(["category", "country"]).indices
    restricting = events[events["direction"].isin(RESTRICTS)]
    acts = _cells_of(restricting)
    rows = []
    for cell in product(categories, countries):
        category, country = cell
        searched = _search_state(search_log, country, category, start, end)
        state = _cell(
            rules.iloc[own.get(cell, [])], restricting.iloc[acts.get(cell, [])], searched, end
        )
        rows.append((*cell, *state))
    out = pd.DataFrame(rows, columns=MATRIX_COLUMNS)
    return out.astype(dict.fromkeys(("rung", "since", "first_year"), "Int64"))


def _cells_of(events: pd.DataFrame) -> dict[tuple[str, str], list[int]]:
    """Return for each category and country the positions of its events."""
    found: dict[tuple[str, str], list[int]] = {}
    for position, codes in enumerate(zip(events["categories"], events["country"], strict=True)):
        for cell in product(*codes):
            found.setdefault(cell, []).append(position)
    return found


def _cell(own: pd.DataFrame, acts: pd.DataFrame, searched: str, end: int) -> tuple:
    """Return state, rung, since, first year, counts and evidence of one cell.

    The rules come with whether they are `certain` and `possible` at the end of the last year, and
    whether each `restricts`.
    """
    day = pd.Timestamp(end, 12, 31)
    restrictive, now = own[own["restricts"]], own[own["possible"]]
    limiting, enabling = now[now["restricts"]], now[now["direction"] == "enabling"]
    undated = int(restrictive["from_earliest"].isna().sum())
    # Missing dates fall out of a minimum.
    began = restrictive["from_latest"].min()
    first = int(began.year) if began <= day else pd.NA
    counts = (len(limiting), len(enabling), undated)
    if len(limiting):
        rated = restrictive[restrictive["rung"].notna()]
        held = rated.loc[rated["certain"], "rung"]
        rung = int(held.max()) if len(held) else pd.NA
        since = pd.NA if rung is pd.NA else _since(rated, int(rung), end) or pd.NA
        state = "both" if len(enabling) else "in_force"
        shown = limiting.sort_values("rung", ascending=False, kind="stable")
        return (
            state,
            rung,
            since,
            first,
            *counts,
            tuple(shown["rule_id"]) + tuple(enabling["rule_id"]),
        )
    empty = (pd.NA, pd.NA, first, *counts)
    ended = restrictive[restrictive["to_latest"] <= day]
    if len(ended):
        return "no_longer", *empty, tuple(ended["rule_id"])
    de_jure = acts[acts["level"].isin(DE_JURE) & ~acts["never_in_force"].astype(bool)]
    enacted = de_jure[de_jure["stage"].isin(ENACTED) & ~de_jure["scheduled"].astype(bool)]
    if len(enacted):
        return "enacted", *empty, _ids(enacted)
    if len(enabling):
        return "enabling", *empty, tuple(enabling["rule_id"])
    pending = acts[acts["stage"].isin(PENDING) | acts["never_in_force"].astype(bool)]
    pending = pending[pending["level"].isin(DE_JURE)]
    if len(pending):
        return "proposed", *empty, _ids(pending)
    if len(acts):
        return "practice", *empty, _ids(acts)
    return searched, *empty, ()


def _ids(events: pd.DataFrame) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i for ids in events["evidence"] for i in ids))


def searched(log: pd.DataFrame) -> pd.DataFrame:
    """Return the blocks of a search log in which somebody searched."""
    return log[log["status"] != "not_searched"]


def _search_state(
    log: pd.DataFrame | None, country: str, category: str, start: int, end: int
) -> str:
    """Say of an empty cell whether the register was searched: in every block of the period."""
    if log is None:
        return "not_documented"
    own = searched(log)
    own = own[(own["country"] == country) & (own["category"] == category)]
    own = own[(own["period_start"] <= end) & (own["period_end"] >= start)]
    years = {
        y
        for s, e in zip(own["period_start"], own["period_end"], strict=True)
        for y in range(int(s), int(e) + 1)
    }
    if not set(range(start, end + 1)) <= years:
        return "not_searched"
    return "found_other" if (own["status"] == "found").any() else "none_found"


def apart(
    rules: pd.DataFrame,
    events: pd.DataFrame,
    search_log: pd.DataFrame | None,
    countries: Sequence[str],
    categories: Mapping[str, str],
    start: int,
    end: int,
) -> pd.DataFrame:
    """Tell of sanctions, practice and context, which are not counted as fields.

    Parameters
    ----------
    rules, events, search_log, countries, start, end
        As for `matrix`.
    categories : mapping of str to str
        Code of each category to its kind: sanction, practice or context.

    Returns
    -------
    pandas.DataFrame
        One row per category and country: `state` (a key of `STATES`; a sanction has the states of
        the matrix, practice and context are `documented` or one of `EMPTY`), `rules` (restrictive
        rules possibly in force at the end), `acts` (processes with a step in the period; of a
        sanction and of practice the restrictive or mixed ones), `first_year, last_year` (of those
        steps), `evidence`.
    """
    cells = matrix(rules, events, search_log, countries, list(categories), start, end)
    rows = []
    for cell in cells.to_dict(orient="records"):
        category, country = cell["category"], cell["country"]
        own = events[
            events["categories"].map(lambda c, k=category: k in c).astype(bool)
            & events["country"].map(lambda c, k=country: k in c).astype(bool)
        ]
        if categories[category] != "context":
            own = own[own["direction"].isin(RESTRICTS)]
        state, evidence = cell["state"], cell["evidence"]
        if categories[category] != "sanction":
            searched = _search_state(search_log, country, category, start, end)
            state, evidence = ("documented", _ids(own)) if len(own) else (searched, ())
        years = own["date_start"].dt.year, own["date_end"].dt.year
        rows.append(
            (
                category,
                country,
                state,
                cell["n_restrictive"],
                own["process_id"].nunique(),
                years[0].min(),
                years[1].max(),
                evidence,
            )
        )
    out = pd.DataFrame(rows, columns=APART_COLUMNS)
    return out.astype(dict.fromkeys(("first_year", "last_year"), "Int64"))


def by_period(
    rules: pd.DataFrame,
    search_log: pd.DataFrame,
    countries: Sequence[str],
    categories: Sequence[str],
    start: int,
    end: int,
) -> pd.DataFrame:
    """Say, per category, country and searched period, what is documented and what was searched.

    Parameters
    ----------
    rules : pandas.DataFrame
        As `ngolib.load_rules` gives them.
    search_log : pandas.DataFrame
        Where the register was searched; its periods are those of the result.
    countries, categories : sequence of str
        What is told of.
    start, end : int
        Years; periods are cut to them, and those outside are left out.

    Returns
    -------
    pandas.DataFrame
        `category, country, period, first, last` (years), `documented` (whether a restrictive or
        mixed rule was certainly or possibly in force on some day of it), `search` (found,
        none_found, not_searched), `evidence` (ids of those rules); in the order of the arguments,
        periods oldest first.
    """
    periods = search_log[["period", "period_start", "period_end"]].drop_duplicates()
    periods = periods.sort_values("period_start")
    restrictive = rules[rules["direction"].isin(RESTRICTS) & (rules["to_basis"] != "unknown")]
    rows = []
    for category in categories:
        for country in countries:
            own = restrictive[
                (restrictive["category"] == category) & (restrictive["country"] == country)
            ]
            log = search_log[
                (search_log["category"] == category) & (search_log["country"] == country)
            ]
            for period in periods.itertuples():
                first, last = max(period.period_start, start), min(period.period_end, end)
                if first > last:
                    continue
                touches = (own["from_earliest"] <= pd.Timestamp(last, 12, 31)) & ~(
                    own["to_latest"] <= pd.Timestamp(first, 1, 1)
                )
                status = set(log.loc[log["period"] == period.period, "status"]) - {"not_searched"}
                search = "found" if "found" in status else "none_found"
                rows.append(
                    (
                        category,
                        country,
                        period.period,
                        first,
                        last,
                        bool(touches.any()),
                        search if status else "not_searched",
                        tuple(own.loc[touches, "rule_id"]),
                    )
                )
    return pd.DataFrame(rows, columns=PERIOD_COLUMNS)


def one_sided(periods: pd.DataFrame) -> pd.DataFrame:
    """Pick the categories and periods documented for some of the countries only.

    Parameters
    ----------
    periods : pandas.DataFrame
        As `by_period` gives it.

    Returns
    -------
    pandas.DataFrame
        One row per category, period and country without a documented rule: `category, first, last,
        documented_for` (the countries with one), `other` (the country without), `search` (what is
        known of the search for the other), `evidence` (rules of those with one).
    """
    rows = []
    for _, cell in periods.groupby(["category", "period"], sort=False):
        have, lack = cell[cell["documented"]], cell[~cell["documented"]]
        ids = tuple(i for evidence in have["evidence"] for i in evidence)
        if have.empty:
            continue
        for row in lack.itertuples():
            who = tuple(have["country"])
            rows.append((row.category, row.first, row.last, who, row.country, row.search, ids))
    return pd.DataFrame(rows, columns=ONE_SIDED_COLUMNS)


def cell_text(row: Mapping[str, object]) -> str:
    """Return the words of a matrix cell."""
    text = STATES[str(row["state"])]
    rung, since, first = (
        None if pd.isna(row[name]) else row[name] for name in ("rung", "since", "first_year")
    )
    if rung is not None:
        text += f" · rung {rung}" + (f" since {since}" if since is not None else "")
    if first is not None and first != since:
        text += f" · first restrictive rule {first}"
    return text


def side_by_side(
    rules: pd.DataFrame, countries: Sequence[str], field: str, start: int, end: int
) -> pd.DataFrame:
    """List the provisions of a field in each country, oldest first.

    Returns
    -------
    pandas.DataFrame
        `country, in_force_from, in_force_to, rung, direction, requires, act, evidence`; rules whose
        span touches the period, undated ones last.
    """
    own = rules[(rules["category"] == field) & rules["country"].isin(countries)]
    first, last = pd.Timestamp(start, 1, 1), pd.Timestamp(end, 12, 31)
    touches = own["from_earliest"].isna() | (
        (own["from_earliest"] <= last) & ~(own["to_latest"] < first)
    )
    own = own[touches].sort_values(["from_earliest", "rule_id"])
    return pd.DataFrame(
        {
            "country": own["country"],
            "in_force_from": [_start_text(r) for r in own.to_dict(orient="records")],
            "in_force_to": [_end_text(r) for r in own.to_dict(orient="records")],
            "rung": own["rung"],
            "direction": own["direction"],
            "requires": own["measure"],
            "act": own["title"],
            "evidence": own["evidence"],
        }
    ).reset_index(drop=True)


def _start_text(rule: Mapping[str, object]) -> str:
    start, end = rule["from_earliest"], rule["from_latest"]
    if pd.isna(start):
        return "not documented"
    if rule["from_basis"] == "presumed":
        return f"not documented; act of {start:%Y-%m-%d}"
    return f"{start:%Y-%m-%d}" if start == end else f"{start:%Y-%m-%d} to {end:%Y-%m-%d}"


def _end_text(rule: Mapping[str, object]) -> str:
    if rule["to_basis"] == "unknown":
        return "ended, date not documented"
    end = rule["to_latest"]
    return "" if pd.isna(end) else f"{end:%Y-%m-%d}"


def coverage(
    search_log: pd.DataFrame, articles: pd.DataFrame, countries: Sequence[str]
) -> pd.DataFrame:
    """Count searched blocks of the register per period and country, and texts per period.

    Returns
    -------
    pandas.DataFrame
        `period`, one column per country (categories searched and those with a find), and
        `articles_on_topic` (articles whose date of publication touches the period).
    """
    periods = search_log[["period", "period_start", "period_end"]].drop_duplicates()
    periods = periods.sort_values("period_start")
    start = pd.to_datetime(articles["published_start"].replace("", None))
    end = pd.to_datetime(articles["published_end"].replace("", None)).fillna(start)
    search_log = searched(search_log)
    rows = []
    for _, p in periods.iterrows():
        first, last = p["period_start"], p["period_end"]
        row: dict[str, object] = {"period": f"{first}–{last}" if first < last else str(first)}
        for country in countries:
            own = search_log[
                (search_log["country"] == country) & (search_log["period"] == p["period"])
            ]
            looked = own["category"].nunique()
            found = own.loc[own["status"] == "found", "category"].nunique()
            row[f"{country}_register"] = f"{looked} categories searched, {found} with a find"
        touches = (start.dt.year <= p["period_end"]) & (end.dt.year >= p["period_start"])
        row["articles_on_topic"] = int(touches.sum())
        rows.append(row)
    return pd.DataFrame(rows)
