"""Findings: sentences computed from tables, in words that claim no more than is documented."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from ngolib.display.objects import Finding

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


def rules_in_force(
    matrix: pd.DataFrame, countries: Mapping[str, str], fields: Iterable[str], end: int, layer: str
) -> Finding:
    """Say in how many fields restrictive rules are documented as in force, per country."""
    matrix = matrix[matrix["category"].isin(list(fields))]
    held = matrix[matrix["state"].isin(["in_force", "both"])]
    total = matrix["category"].nunique()
    counts = {c: int((held["country"] == c).sum()) for c in countries}
    parts = [f"{counts[c]} for {name}" for c, name in countries.items()]
    text = (
        f"At the end of {end}, restrictive rules are documented as in force or possibly in force, "
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
            f"{next(iter(fields.values()))}: the highest rung in force at the end of {end}, on a "
            f"scale from 0 to 4, is documented as {listed(rungs)}."
        )
    elif both.empty:
        text = f"No field has a rung documented for all the countries compared at the end of {end}."
    else:
        parts = [
            f"for {name} in {len(value[c])} ({listed(fields[f] for f in value[c])})"
            for c, name in countries.items()
        ]
        text = (
            f"Of {counted(len(both), 'field')} with a rung documented for all countries at the end "
            f"of {end}, the highest rung stands {listed(parts)}; it is equal in {len(shared)} "
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
    matrix: pd.DataFrame, countries: Mapping[str, str], labels: Mapping[str, str], layer: str
) -> Finding:
    """Say which categories have a rule documented for some countries only, and the rest's state."""
    held = {"in_force", "both"}
    notes, value, evidence = [], {}, []
    for category, rows in matrix.groupby("category", sort=False):
        states = rows.set_index("country")["state"]
        have = [c for c in countries if states[c] in held]
        lack = [c for c in countries if states[c] not in held]
        if have and lack:
            value[str(category)] = have
            evidence += _ids(rows["evidence"])
            rest = listed(f"{countries[c]}: {states[c].replace('_', ' ')}" for c in lack)
            notes.append(f"{labels[str(category)]} ({rest})")
    text = (
        f"A restrictive rule in force is documented for one side only in: {'; '.join(notes)}."
        if notes
        else "No category has a restrictive rule in force documented for one side only."
    )
    reason = "it speaks of the absence of such a category"
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
        f"{country}, {start}–{end}: {counted(len(acts), 'act')} with at least one documented step; "
        f"by the direction of the first such step, {listed(parts)}."
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
    years = [int(y) for y in yearly.loc[yearly["restrictive"] == most, "year"]] if most else []
    if not years:
        text = "No newly enacted restrictive act is documented for this selection."
    else:
        text = (
            f"Most newly enacted restrictive acts in one year: {most}, in "
            f"{listed(str(y) for y in years)}."
        )
    hit = events[
        events["date_start"].dt.year.isin(years)
        & (events["direction"] == "restrictive")
        & events["stage"].isin(["adopted", "signed", "published", "in_force"])
    ]
    return Finding(
        "busiest-years",
        text,
        {"years": years, "acts": most},
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
