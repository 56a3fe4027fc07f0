"""The reform timeline: steps in lanes by field, lives of acts, durations between their stages."""

from __future__ import annotations

from collections.abc import Collection, Sequence

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

# What a reversal does to an act: stopped before it was in force, or ended after.
STOPPED = ("vetoed", "struck_down", "rejected", "withdrawn")
UNDONE = (*STOPPED, "repealed", "expired")
FATES = {
    "never": "documented as never in force",
    "open": "no later step is documented",
}
# The life of an act in four stations. `applied` is no stage of the act itself: it is the first
# documented act that applies it (column `relation`).
STATIONS = {
    "announced or proposed": ("announced", "proposed"),
    "adopted or signed": ("adopted", "signed"),
    "in force": ("in_force",),
    "applied": ("applied",),
}
LEGS = tuple(zip(list(STATIONS)[:-1], list(STATIONS)[1:], strict=True))
LIFE_COLUMNS = [
    "process_id",
    "title",
    "category",
    "row",
    "stage",
    "group",
    "scheduled",
    "direction",
    "date_start",
    "date_end",
    "precision",
    "evidence",
]
DURATION_COLUMNS = [
    "process_id",
    "title",
    "from_stage",
    "to_stage",
    "days_min",
    "days_max",
    "days_middle",
    "evidence",
]
SUMMARY_COLUMNS = [
    "from_stage",
    "to_stage",
    "n",
    "median",
    "median_least",
    "median_most",
    "shortest",
    "longest",
    "undated",
    "contrary",
]
REVERSAL_COLUMNS = ["process_id", "title", "stage", "how", "date_start", "date_end", "precision"]


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

    Examples
    --------
    >>> import ngolib
    >>> from ngolib.analysis.timeline import yearly
    >>> events = ngolib.load_events(countries=["KAZ"], start=2016, end=2016)
    >>> yearly(events, 2016, 2016)["year"].unique().tolist()
    [2016]
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
        `year, categories_searched, categories_known` (searched for any country in any year),
        `articles` (those whose publication span touches the year).
    """
    own = search_log[(search_log["country"] == country) & (search_log["status"] != "not_searched")]
    known = search_log["category"].nunique()
    first = pd.to_datetime(articles["published_start"].replace("", None)).dt.year
    last = pd.to_datetime(articles["published_end"].replace("", None)).dt.year.fillna(first)
    rows = []
    for year in range(start, end + 1):
        hit = (own["period_start"] <= year) & (own["period_end"] >= year)
        texts = int(((first <= year) & (last >= year)).sum())
        rows.append((year, own.loc[hit, "category"].nunique(), known, texts))
    columns = ["year", "categories_searched", "categories_known", "articles"]
    return pd.DataFrame(rows, columns=columns)


def replaced(acts: pd.DataFrame) -> set[str]:
    """Return the ids of acts whose place another act took, by the column `relation`."""
    parts = (part.split(": ") for cell in acts["relation"] for part in cell)
    return {target for kind, target in parts if kind in ("replaces", "re_enacts")}


def _relates(cell: Sequence[str], kind: str) -> list[str]:
    """Return the acts that a cell of `relation` names by one kind of relation."""
    return [part.split(": ")[1] for part in cell if part.startswith(f"{kind}: ")]


def applications(events: pd.DataFrame, processes: Sequence[str]) -> pd.DataFrame:
    """Find the first documented application of each act: its passage into practice.

    Parameters
    ----------
    events : pandas.DataFrame
        As `ngolib.load_events` gives them, of every level.
    processes : sequence of str
        Acts whose application is looked for.

    Returns
    -------
    pandas.DataFrame
        Events with `process_id` and `title` of the act applied, `stage` = `applied`: of the acts
        that name it under `applies`, the earliest dated step that happened.
    """
    own = events[events["date_start"].notna() & ~events["scheduled"].astype(bool)]
    own = own.assign(applied=own["relation"].map(lambda c: _relates(c, "applies")))
    own = own.explode("applied")
    own = own[own["applied"].isin(list(processes))].sort_values(["date_start", "date_end"])
    own = own.drop_duplicates("applied")
    return own.assign(process_id=own["applied"], stage="applied").drop(columns="applied")


def lives(
    events: pd.DataFrame,
    applied: pd.DataFrame,
    categories: Sequence[str],
    most: int = 40,
) -> pd.DataFrame:
    """Follow each act from its announcement to practice: one row of a figure per act.

    Parameters
    ----------
    events : pandas.DataFrame
        As `ngolib.load_events` gives them.
    applied : pandas.DataFrame
        As `applications` gives it.
    categories : sequence of str
        Categories in the order drawn; an act stands under the first of its own among them.
    most : int
        How many acts at most: those with most stages, then with most pieces of evidence, then the
        older ones.

    Returns
    -------
    pandas.DataFrame
        One line per dated step: `process_id, title, category, row` (from 0, by category and first
        step), `stage` (also `applied`), `group` (how it is drawn), `scheduled, direction,
        date_start, date_end, precision, evidence`.
    """
    wanted = set(categories)
    main = events["categories"].map(lambda c: next((k for k in c if k in wanted), ""))
    own = events.assign(category=main)
    own = own[(own["category"] != "") & own["date_start"].notna()]
    if own.empty:
        return pd.DataFrame(columns=LIFE_COLUMNS)
    acts = own.groupby("process_id").agg(
        title=("title", "first"),
        category=("category", "first"),
        first=("date_start", "min"),
        stages=("stage", "nunique"),
        pieces=("evidence", lambda cells: sum(len(c) for c in cells)),
    )
    acts["stages"] += acts.index.isin(applied["process_id"])
    acts = acts.sort_values(["stages", "pieces", "first"], ascending=[False, False, True])
    acts = acts.head(most)
    place = {c: n for n, c in enumerate(categories)}
    acts = acts.assign(order=acts["category"].map(place)).sort_values(["order", "first", "title"])
    acts["row"] = range(len(acts))
    steps = pd.concat([own, applied[applied["process_id"].isin(acts.index)]], ignore_index=True)
    steps = steps[steps["process_id"].isin(acts.index)].drop(columns=["title", "category"])
    steps = steps.merge(acts[["title", "category", "row"]], on="process_id")
    steps["group"] = steps["stage"].map({**_GROUP_OF, "applied": "applied"})
    return steps.sort_values(["row", "date_start", "stage"])[LIFE_COLUMNS].reset_index(drop=True)


def _stations(events: pd.DataFrame) -> pd.DataFrame:
    """Return the span in which each act first reached each station, with the evidence.

    The first of several steps lies between the earliest of their first days and the earliest of
    their last days.
    """
    of_stage = {stage: name for name, stages in STATIONS.items() for stage in stages}
    own = events[~events["scheduled"].astype(bool)]
    own = own.assign(station=own["stage"].map(of_stage)).dropna(subset=["station"])
    own = own.sort_values("date_start")
    return own.groupby(["process_id", "station"]).agg(
        title=("title", "first"),
        earliest=("date_start", "min"),
        latest=("date_end", "min"),
        evidence=("evidence", "first"),
    )


def durations(events: pd.DataFrame, applied: pd.DataFrame) -> pd.DataFrame:
    """Measure how many days lay between the stations of each act, as intervals.

    With a start known to lie in [a, b] and an end in [c, d], the duration lies in
    [max(0, c - b), d - a]: the end of a leg cannot come before its start. An act whose dates show
    the contrary order (d < a) is kept, with a negative `days_max`, and counted apart by `summary`.

    Parameters
    ----------
    events, applied : pandas.DataFrame
        As `ngolib.load_events` and `applications` give them.

    Returns
    -------
    pandas.DataFrame
        One row per act and leg (`LEGS`) of which both stations are documented: `process_id, title,
        from_stage, to_stage`, `days_min, days_max` (whole days, nullable: missing where a station
        has no date), `days_middle` (from the middle of the one span to that of the other, not
        below 0 where the order is possible), `evidence`.
    """
    rows = []
    stations = _stations(pd.concat([events, applied], ignore_index=True))
    for begin, stop in LEGS:
        for process in stations.index.get_level_values(0).unique():
            if (process, begin) not in stations.index or (process, stop) not in stations.index:
                continue
            first, last = stations.loc[(process, begin)], stations.loc[(process, stop)]
            least = (last["earliest"] - first["latest"]).days
            most = (last["latest"] - first["earliest"]).days
            middle = (least + most) / 2
            if most >= 0:
                least, middle = max(0, least), max(0.0, middle)
            ids = tuple(dict.fromkeys([*first["evidence"], *last["evidence"]]))
            rows.append((process, first["title"], begin, stop, least, most, middle, ids))
    out = pd.DataFrame(rows, columns=DURATION_COLUMNS)
    return out.astype({"days_min": "Int64", "days_max": "Int64", "days_middle": "Float64"})


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise durations by leg.

    Parameters
    ----------
    table : pandas.DataFrame
        As `durations` gives it.

    Returns
    -------
    pandas.DataFrame
        One row per leg, in the order of life: `n` (acts with both dates, in a possible order),
        `median` (days; of the middles), `median_least, median_most` (medians of the least and of
        the most days: the median of the true durations lies between them, because a median grows
        with each of its values), `shortest, longest` (least and most days of any act), `undated`
        (acts with both stations of which one has no date), `contrary` (acts whose dates show the
        contrary order). Missing values where there is no act.
    """
    rows = []
    for begin, stop in LEGS:
        own = table[(table["from_stage"] == begin) & (table["to_stage"] == stop)]
        undated = own["days_max"].isna()
        contrary = (own["days_max"] < 0).fillna(False).astype(bool)
        good = own[~undated & ~contrary]
        rows.append(
            (
                begin,
                stop,
                len(good),
                good["days_middle"].median(),
                good["days_min"].median(),
                good["days_max"].median(),
                good["days_min"].min(),
                good["days_max"].max(),
                int(undated.sum()),
                int(contrary.sum()),
            )
        )
    out = pd.DataFrame(rows, columns=SUMMARY_COLUMNS)
    numbers = dict.fromkeys(("median", "median_least", "median_most"), "Float64")
    return out.astype({**numbers, "shortest": "Int64", "longest": "Int64"})


def fates(events: pd.DataFrame) -> pd.DataFrame:
    """Find acts that were announced, demanded or proposed and not taken.

    Parameters
    ----------
    events : pandas.DataFrame
        As `ngolib.load_events` gives them.

    Returns
    -------
    pandas.DataFrame
        `process_id, fate` (a key of `FATES`: `never` where the register or the texts say that it
        never came into force; `open` where the steps before adoption are the only ones documented,
        which says nothing on what came of it); oldest first.
    """
    pending = GROUPS["before adoption"]
    rows = []
    for process, act in events.groupby("process_id", sort=False):
        if act["never_in_force"].astype(bool).any():
            rows.append((process, "never"))
        elif act["stage"].isin(pending).all():
            rows.append((process, "open"))
    return pd.DataFrame(rows, columns=["process_id", "fate"])


def reversals(events: pd.DataFrame, gave_way: Collection[str]) -> pd.DataFrame:
    """List the steps by which acts were stopped or undone, which are not reforms.

    Parameters
    ----------
    events : pandas.DataFrame
        As `ngolib.load_events` gives them.
    gave_way : collection of str
        Acts whose place another act took (`replaced`).

    Returns
    -------
    pandas.DataFrame
        `process_id, title, stage`, `how` (`stopped before force`; `struck down after it was made,
        in whole or in part`; `replaced by a later act`: its rules may live on; `ran out`; `ended`),
        `date_start, date_end, precision`, then `direction`
        (of the step), `scheduled, layers, evidence`; in the order of the events.
    """
    own = events[events["stage"].isin(UNDONE)]
    return own.assign(how=own.apply(_how, axis=1, gave_way=gave_way) if len(own) else "")[
        [*REVERSAL_COLUMNS, "direction", "scheduled", "layers", "evidence"]
    ].reset_index(drop=True)


def _how(event: pd.Series, gave_way: Collection[str]) -> str:
    if event["never_in_force"]:
        return "stopped before force"
    if event["stage"] == "struck_down":
        return "struck down after it was made, in whole or in part"
    if event["stage"] == "expired":
        return "ran out"
    if event["stage"] == "repealed" and event["process_id"] in gave_way:
        return "replaced by a later act"
    return "ended"
