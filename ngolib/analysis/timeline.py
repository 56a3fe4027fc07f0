"""The reform timeline: steps in lanes by field, with their spans."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

# How a stage is drawn: what it means for the life of a rule.
GROUPS = {
    "before adoption": ("announced", "demanded", "proposed", "first_chamber"),
    "adopted or signed": ("adopted", "signed", "published"),
    "in force": ("in_force",),
    "amended": ("amended",),
    "undone": (
        "struck_down",
        "vetoed",
        "rejected",
        "withdrawn",
        "repealed",
        "expired",
    ),
    "decided or occurred": ("decided", "occurred", "upheld"),
}
_GROUP_OF = {stage: group for group, stages in GROUPS.items() for stage in stages}


def lanes(events: pd.DataFrame, categories: Sequence[str]) -> pd.DataFrame:
    """Place each dated event in the lane of its main category.

    Acts of one category share a line where their spans do not meet; greedy packing, oldest first.

    Parameters
    ----------
    events : pandas.DataFrame
        As `ngolib.load_events` gives them.
    categories : sequence of str
        Categories that have a lane; an event goes to the first of its categories among them.

    Returns
    -------
    pandas.DataFrame
        The events with `category`, `group` (how the stage is drawn) and `line` (from 0 in each
        category); undated events and those of no lane are left out.
    """
    wanted = set(categories)
    main = events["categories"].map(lambda c: next((k for k in c if k in wanted), ""))
    out = events.assign(category=main, group=events["stage"].map(_GROUP_OF))
    out = out[(out["category"] != "") & out["date_start"].notna()]
    if out.empty:
        return out.assign(line=pd.Series(dtype="int64"))
    spans = (
        out.groupby(["category", "process_id"])
        .agg(start=("date_start", "min"), end=("date_end", "max"))
        .sort_values(["start", "end"])
        .reset_index()
    )
    gap = pd.Timedelta(days=240)
    busy: dict[str, list[pd.Timestamp]] = {}
    line = []
    for row in spans.itertuples():
        ends = busy.setdefault(row.category, [])
        free = next((n for n, e in enumerate(ends) if e + gap < row.start), len(ends))
        if free == len(ends):
            ends.append(row.end)
        else:
            ends[free] = row.end
        line.append(free)
    spans["line"] = line
    return out.merge(spans[["category", "process_id", "line"]], on=["category", "process_id"])


def yearly(events: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """Count acts per year of their first enacted step, by direction.

    Amendments, implementing acts, re-enactments and reversals are not new restrictions: acts whose
    relation is one of these are left out.

    Returns
    -------
    pandas.DataFrame
        `year`, then one column per direction; every year of the period has a row.
    """
    enacted = events[
        events["stage"].isin(GROUPS["adopted or signed"] + GROUPS["in force"])
        & ~events["scheduled"].astype(bool)
        & events["date_start"].notna()
    ]
    derived = ("re_enacts", "implements", "reverses")
    new = enacted[
        ~enacted["relation"].map(lambda c: any(r.split(":")[0] in derived for r in c)).astype(bool)
    ]
    first = new.sort_values("date_start").groupby("process_id").first()
    counts = pd.crosstab(first["date_start"].dt.year, first["direction"])
    directions = ["restrictive", "mixed", "neutral", "enabling"]
    counts = counts.reindex(index=range(start, end + 1), columns=directions, fill_value=0)
    counts.columns.name = None
    return counts.rename_axis("year").reset_index()


def coverage_by_year(
    search_log: pd.DataFrame, articles: pd.DataFrame, country: str, start: int, end: int
) -> pd.DataFrame:
    """Count, per year, the register's searched categories and the texts that speak from that year.

    Returns
    -------
    pandas.DataFrame
        `year, categories_searched, articles` (on-topic articles whose publication span touches it).
    """
    own = search_log[search_log["country"] == country]
    first = pd.to_datetime(articles["published_start"].replace("", None)).dt.year
    last = pd.to_datetime(articles["published_end"].replace("", None)).dt.year.fillna(first)
    rows = []
    for year in range(start, end + 1):
        hit = (own["period_start"] <= year) & (own["period_end"] >= year)
        texts = int(((first <= year) & (last >= year)).sum())
        rows.append((year, own.loc[hit, "category"].nunique(), texts))
    return pd.DataFrame(rows, columns=["year", "categories_searched", "articles"])


def replaced(acts: pd.DataFrame) -> set[str]:
    """Return the ids of acts whose place another act took, by the column `relation`."""
    parts = (part.split(": ") for cell in acts["relation"] for part in cell)
    return {target for kind, target in parts if kind in ("replaces", "re_enacts")}
