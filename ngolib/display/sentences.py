"""Findings: sentences computed from tables, in words that claim no more than is documented."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from ngolib.objects import Finding

NOTHING = "nothing is documented for this selection"


def listed(names: Iterable[str]) -> str:
    """Join names for a sentence: `a, b and c`; `none` for no name."""
    words = list(names)
    if len(words) < 2:
        return words[0] if words else "none"
    return f"{', '.join(words[:-1])} and {words[-1]}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun in the right form."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def years(start: int, end: int) -> str:
    """Return a period in years, one year as itself."""
    return str(start) if start == end else f"{start}–{end}"


def end_of(year: int, closing_day: date) -> str:
    """Return when a year is read: at its end, or as far as the register goes."""
    if year < closing_day.year:
        return f"the end of {year}"
    return f"the close of the register on {closing_day.day} {closing_day:%B %Y}"


def used_and_left_out(rows: Iterable[tuple[str, str, int, int, str]]) -> pd.DataFrame:
    """Return what was used and left out as a table with shares.

    Parameters
    ----------
    rows : iterable of tuple
        What was counted, its use, its number, of how many, and why.

    Returns
    -------
    pandas.DataFrame
        `rows, use, n, of, share` (per cent, as text), `why`.
    """
    out = pd.DataFrame(rows, columns=["rows", "use", "n", "of", "why"])
    out.insert(4, "share", (out["n"] / out["of"].clip(lower=1)).map("{:.0%}".format))
    return out


def layer_name(layers: Sequence[str]) -> str:
    """Return what a finding calls its layers: one of them, or both."""
    return "both" if len(set(layers)) == 2 else layers[0]


def step_date(step: Any) -> str:
    """Return a step's date as far as it is known."""
    if pd.isna(step.date_start):
        return "undated"
    form = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}.get(step.precision)
    if form:
        return step.date_start.strftime(form)
    return f"{step.date_start:%Y-%m-%d}/{step.date_end:%Y-%m-%d}"


def _ids(cells: Iterable[Sequence[str]]) -> list[str]:
    return [i for cell in cells for i in cell]


def nothing(asked: str, layer: str) -> Finding:
    """Say that nothing is documented for what was asked."""
    return Finding(
        "nothing",
        f"Nothing is documented for what was asked: {asked}.",
        {"documented": 0},
        layer=layer,
        no_evidence="no act, step or rule of the selection is documented",
        headline=True,
    )


def rules_in_force(
    matrix: pd.DataFrame, countries: Mapping[str, str], fields: Iterable[str], when: str, layer: str
) -> Finding:
    """Say in how many fields restrictive rules are documented as in force, per country."""
    matrix = matrix[matrix["category"].isin(list(fields))]
    held = matrix[matrix["state"].isin(["in_force", "both"])]
    total = matrix["category"].nunique()
    counts = {c: int((held["country"] == c).sum()) for c in countries}
    parts = [f"{counts[c]} for {name}" for c, name in countries.items()]
    text = (
        f"At {when}, restrictive rules are documented as in force or possibly in force, "
        f"out of {counted(total, 'field')}: {listed(parts)}."
    )
    evidence = _ids(held["evidence"])
    return Finding(
        "rules-in-force", text, counts, evidence, layer=layer, no_evidence=NOTHING, headline=True
    )


def higher_rungs(
    panel: pd.DataFrame,
    countries: Mapping[str, str],
    fields: Mapping[str, str],
    end: int,
    when: str,
    layer: str,
) -> Finding:
    """Say in which fields which country's documented rung is the highest at the end."""
    last = panel[panel["year"] == end]
    wide = last.pivot_table(index="field", columns="country", values="rung", aggfunc="first")
    wide = wide.reindex(columns=list(countries))
    both = wide.dropna()
    top = both.max(axis=1)
    leaders = {c: [f for f in both.index if both.loc[f, c] == top[f]] for c in countries}
    shared = [f for f in both.index if all(f in leaders[c] for c in countries)]
    value = {c: [f for f in fields if f in leaders[c] and f not in shared] for c in countries}
    if len(fields) == 1 and len(both):
        rungs = [f"{name} {both.iloc[0][c]}" for c, name in countries.items()]
        text = (
            f"{next(iter(fields.values()))}: the highest rung in force at {when}, on a "
            f"scale from 0 to 4, is documented as {listed(rungs)}."
        )
    elif both.empty:
        text = f"No field has a rung documented for all the countries compared at {when}."
    else:
        parts = [
            f"for {name} in {len(value[c])} ({listed(fields[f] for f in value[c])})"
            for c, name in countries.items()
        ]
        text = (
            f"Of {counted(len(both), 'field')} with a rung documented for all countries at "
            f"{when}, the highest rung stands {listed(parts)}; it is equal in {len(shared)} "
            f"({listed(fields[f] for f in fields if f in shared)})."
        )
    evidence = _ids(last.loc[last["field"].isin(both.index), "rule_ids"])
    return Finding(
        "higher-rungs", text, value, evidence, layer=layer, no_evidence=NOTHING, headline=True
    )


def first_rules(
    matrix: pd.DataFrame, countries: Mapping[str, str], field: str, label: str, layer: str
) -> Finding:
    """Say since when a field has a restrictive rule, per country, without saying who followed."""
    own = matrix[matrix["category"] == field].set_index("country")
    years = {
        c: int(own.loc[c, "first_year"])
        for c in countries
        if c in own.index and pd.notna(own.loc[c, "first_year"])
    }
    parts = [
        f"{name} from {years[c]}" if c in years else f"{name}: none with a known start"
        for c, name in countries.items()
    ]
    text = (
        f"{label}: the first restrictive rule documented as in force (latest possible start): "
        f"{'; '.join(parts)}."
    )
    evidence = _ids(own["evidence"])
    return Finding("first-rules", text, years, evidence, layer=layer, no_evidence=NOTHING)


def documented_for_one(
    periods: pd.DataFrame, one_sided: pd.DataFrame, countries: Mapping[str, str], layer: str
) -> Finding:
    """Say how often a field is documented for some countries only, and if the rest was searched.

    `periods` and `one_sided` are as `ngolib.analysis.compare` gives them.
    """
    cells = one_sided[["category", "first"]].drop_duplicates()
    total = len(periods[["category", "first"]].drop_duplicates())
    gaps = len(one_sided)
    search = one_sided["search"].value_counts()
    counts = {s: int(search.get(s, 0)) for s in ("found", "none_found", "not_searched")}
    pairs = counted(total, "pair of a field and a period", "pairs of a field and a period")
    if gaps:
        text = (
            f"Of {pairs}, {len(cells)} {'has' if len(cells) == 1 else 'have'} a restrictive rule "
            f"documented as in force for some of the countries only. Of the "
            f"{counted(gaps, 'gap')} on the other side, the register was searched in "
            f"{counts['found']} and holds something, though no restrictive rule documented as in "
            f"force then; it was searched and nothing found in {counts['none_found']}, and not "
            f"searched in {counts['not_searched']}."
        )
    else:
        text = (
            f"Of {pairs}, none has a restrictive rule documented as in force for some of "
            f"{listed(countries.values())} only."
        )
    value = {"pairs": total, "one_sided": len(cells), **counts}
    reason = "no such field and period is documented"
    evidence = _ids(one_sided["evidence"])
    return Finding("documented-for-one", text, value, evidence, layer=layer, no_evidence=reason)


def acts_by_direction(
    events: pd.DataFrame, country: str, start: int, end: int, layer: str
) -> Finding:
    """Say how many acts have a documented step in the period, by direction."""
    acts = events.groupby("process_id").first()
    counts = acts["direction"].value_counts()
    value = {d: int(counts.get(d, 0)) for d in ("restrictive", "mixed", "neutral", "enabling")}
    parts = [f"{n} {d}" for d, n in value.items()]
    text = (
        f"{country}, {years(start, end)}: {counted(len(acts), 'act')} with at least one "
        f"documented step; by the direction of the first such step, {listed(parts)}."
    )
    return Finding(
        "acts-by-direction",
        text,
        value,
        _ids(events["evidence"]),
        layer=layer,
        no_evidence=NOTHING,
        headline=True,
    )


def busiest_years(yearly: pd.DataFrame, events: pd.DataFrame, layer: str) -> Finding:
    """Name the years in which most restrictive acts were adopted, signed or came into force."""
    most = int(yearly["restrictive"].max()) if len(yearly) else 0
    busy = [int(y) for y in yearly.loc[yearly["restrictive"] == most, "year"]] if most else []
    if not busy:
        text = "No newly enacted restrictive act is documented for this selection."
    else:
        text = (
            f"Most newly enacted restrictive acts in one year: {most}, in "
            f"{listed(str(y) for y in busy)}."
        )
    hit = events[
        events["date_start"].dt.year.isin(busy)
        & (events["direction"] == "restrictive")
        & events["stage"].isin(["adopted", "signed", "published", "in_force"])
    ]
    return Finding(
        "busiest-years",
        text,
        {"years": busy, "acts": most},
        _ids(hit["evidence"]),
        layer=layer,
        no_evidence=NOTHING,
        headline=True,
    )


def undone(events: pd.DataFrame, replaced: Collection[str], layer: str) -> Finding:
    """Say how many acts were stopped or undone, and how; a reversal is no reform.

    An act of `replaced` whose place a later act took when it was repealed is counted apart: its
    rules may live on.
    """
    stages = ("vetoed", "struck_down", "rejected", "withdrawn", "repealed", "expired")
    hit = events[events["stage"].isin(stages) & ~events["scheduled"].astype(bool)]
    gave_way = (hit["stage"] == "repealed") & hit["process_id"].isin(replaced)
    how = hit["stage"].mask(gave_way, "replaced by a later act")
    counts = hit.groupby(how)["process_id"].nunique()
    value = {s: int(counts[s]) for s in (*stages, "replaced by a later act") if s in counts}
    parts = [f"{s.replace('_', ' ')} {n}" for s, n in value.items()]
    text = (
        f"Acts stopped or undone, by how: {listed(parts)}."
        if parts
        else "No act of this selection is documented as stopped or undone."
    )
    reason = "no such step is documented"
    return Finding("undone", text, value, _ids(hit["evidence"]), layer=layer, no_evidence=reason)


def durations_between(summary: pd.DataFrame, table: pd.DataFrame, layer: str) -> Finding:
    """Say how long acts took from one station to the next, with what the dates leave open."""
    parts, value = [], {}
    for leg in summary.itertuples():
        name = f"from {leg.from_stage} to {leg.to_stage}"
        value[name] = {"n": int(leg.n)}
        if not leg.n:
            parts.append(f"{name}: no act with both dates")
            continue
        least, middle, most = (
            round(float(x)) for x in (leg.median_least, leg.median, leg.median_most)
        )
        value[name] |= {"median": middle, "least": least, "most": most}
        sure = f" (between {least} and {most}, as far as dates are known)" if most > least else ""
        parts.append(f"{name}: median {counted(middle, 'day')}{sure} of {counted(leg.n, 'act')}")
    text = f"Durations, where both steps are documented: {'; '.join(parts)}."
    evidence = _ids(table["evidence"])
    return Finding("durations", text, value, evidence, layer=layer, no_evidence=NOTHING)


def not_taken(fates: pd.DataFrame, events: pd.DataFrame, layer: str) -> Finding:
    """Say how many acts were announced, demanded or proposed and not taken."""
    counts = fates["fate"].value_counts()
    value = {fate: int(counts.get(fate, 0)) for fate in ("never", "open")}
    text = (
        f"Announced, demanded or proposed: {counted(value['never'], 'act')} documented as never in "
        f"force, and {counted(value['open'], 'act')} of which no later step is documented."
    )
    own = events[events["process_id"].isin(fates["process_id"])]
    return Finding(
        "not-taken",
        text,
        value,
        _ids(own["evidence"]),
        layer=layer,
        no_evidence="no such act is documented",
    )
