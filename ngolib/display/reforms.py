"""What the notebook of the reform timeline shows, from the choices of its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ngolib.analysis import timeline
from ngolib.analysis.compare import coverage
from ngolib.display import sentences
from ngolib.display.restrictions import texts_used
from ngolib.evidence import load_acts, load_events
from ngolib.evidence.dates import spans
from ngolib.evidence.tables import check_codes, with_any
from ngolib.objects import Finding
from ngolib.project import Project

MOST_ROWS = 40  # acts in the figure of lives


@dataclass(frozen=True)
class Story:
    """Events chosen by the parameters, with what was left out."""

    project: Project
    country: str
    start: int
    end: int
    categories: Sequence[str]
    layers: Sequence[str]
    events: pd.DataFrame
    events_of_acts: pd.DataFrame
    events_any_level: pd.DataFrame
    min_reliability: str = "E"

    @property
    def layer(self) -> str:
        """Name of the layers used."""
        return sentences.layer_name(self.layers)

    @property
    def country_label(self) -> str:
        """Name of the country."""
        return self.project.vocabulary("country")[self.country]

    @cached_property
    def category_labels(self) -> dict[str, str]:
        """Code to label of the categories shown, in order."""
        labels = self.project.vocabulary("category")
        return {c: labels[c] for c in labels if c in self.categories}

    @property
    def asked(self) -> str:
        """What was asked for, in words, for a page on which nothing is documented."""
        return (
            f"{self.country_label}, {sentences.years(self.start, self.end)}, "
            f"{sentences.listed(self.category_labels.values())}, {sentences.listed(self.layers)}"
        )

    @cached_property
    def events_all(self) -> pd.DataFrame:
        """Events of the country, whatever else was chosen."""
        return load_events(
            countries=[self.country],
            project=self.project,
        )

    @cached_property
    def applied(self) -> pd.DataFrame:
        """First documented application of each act."""
        acts = list(self.events["process_id"].unique())
        return timeline.applications(self.events_any_level, acts)

    @cached_property
    def lives(self) -> pd.DataFrame:
        """The lives of the best documented acts, from announcement to practice."""
        whole, labels = self.events_of_acts, list(self.category_labels)
        return timeline.lives(whole, self.applied, labels, MOST_ROWS)

    @cached_property
    def durations(self) -> pd.DataFrame:
        """Days between the stations of each act, undated steps included."""
        return timeline.durations(self.events_of_acts, self.applied)

    @cached_property
    def fates(self) -> pd.DataFrame:
        """Acts announced, demanded or proposed and not taken."""
        return timeline.fates(self.events_of_acts)

    @cached_property
    def reversals(self) -> pd.DataFrame:
        """Steps by which acts were stopped or undone."""
        return timeline.reversals(self.events, timeline.replaced(load_acts(project=self.project)))

    @cached_property
    def lanes(self) -> pd.DataFrame:
        """Events placed in lanes."""
        return timeline.lanes(self.events, list(self.category_labels))

    @cached_property
    def yearly(self) -> pd.DataFrame:
        """Newly enacted acts per year."""
        return timeline.yearly(self.events, self.start, self.end)

    @cached_property
    def offices(self) -> pd.DataFrame:
        """Presidencies, with their span in days."""
        table = self.project.read_table("offices")
        table = table[table["country"] == self.country]
        first, _ = spans(table["start"])
        last, _ = spans(table["end"])
        return table.assign(date_start=first, date_end=last, name_=table["name"])

    @cached_property
    def texts(self) -> pd.DataFrame:
        """Articles on the subject that are reliable enough."""
        return texts_used(self.project, self.min_reliability)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Searched categories and texts per year."""
        log = self.project.read_table("search_log")
        return timeline.coverage_by_year(log, self.texts, self.country, self.start, self.end)


def select(
    project: Project,
    country: str,
    start: int,
    end: int,
    categories: Sequence[str],
    levels: Sequence[str],
    layers: Sequence[str],
    bound: Sequence[str],
    min_confidence: str,
    min_reliability: str = "E",
) -> Story:
    """Choose events by the parameters of the notebook.

    Acts are those with a dated step in the period; durations, lives and fates look at all steps of
    these acts, also those before the period or without a date. An application of an act may be of
    any level and category.
    """
    known = list(project.vocabulary("category"))
    check_codes("category", categories, known)
    check_codes("level", levels, project.vocabulary("level"))
    chosen = [c for c in known if not categories or c in categories]
    any_level = load_events(
        layers,
        [country],
        bound=bound or None,
        min_reliability=min_reliability,
        min_confidence=min_confidence,
        project=project,
    )
    own = any_level[with_any(any_level["categories"], chosen) & any_level["level"].isin(levels)]
    first, last = pd.Timestamp(start, 1, 1), pd.Timestamp(end, 12, 31)
    in_period = (own["date_end"] >= first) & (own["date_start"] <= last)
    events = own[in_period].reset_index(drop=True)
    whole = own[own["process_id"].isin(events["process_id"])].reset_index(drop=True)
    return Story(
        project,
        country,
        start,
        end,
        chosen,
        layers,
        events,
        whole,
        any_level,
        min_reliability,
    )


def coverage_table(story: Story) -> pd.DataFrame:
    """Return what was searched and read, by period."""
    return coverage(story.project.read_table("search_log"), story.texts, [story.country])


def answer(story: Story) -> list[Finding]:
    """Return the answer in brief: acts by direction, busiest years, durations, acts undone.

    Where nothing is documented, one finding says so, and what was asked.
    """
    if story.events.empty:
        return [sentences.nothing(story.asked, story.layer)]
    return [
        sentences.acts_by_direction(
            story.events, story.country_label, story.start, story.end, story.layer
        ),
        sentences.busiest_years(story.yearly, story.events, story.layer),
        sentences.durations_between(
            timeline.summary(story.durations), story.durations, story.layer
        ),
        sentences.not_taken(story.fates, story.events_of_acts, story.layer),
        sentences.undone(
            story.events, timeline.replaced(load_acts(project=story.project)), story.layer
        ),
    ]


def left_out(story: Story) -> pd.DataFrame:
    """Count steps drawn and left out, with the share and why."""
    total = max(len(story.events_all), 1)
    rows = [
        ("drawn", len(story.lanes), ""),
        (
            "left out",
            len(story.events_all) - len(story.lanes),
            "period, level, category, layer, whom it binds, confidence or reliability not asked "
            "for, or no date",
        ),
    ]
    out = pd.DataFrame(rows, columns=["steps", "n", "why"])
    out.insert(2, "share", (out["n"] / total).map("{:.0%}".format))
    return out


def alt_of_timeline(story: Story) -> str:
    """Describe the timeline in words: steps and acts per category."""
    parts = []
    for code, label in story.category_labels.items():
        own = story.lanes[story.lanes["category"] == code]
        if len(own):
            years = f"{own['date_start'].dt.year.min()}–{own['date_end'].dt.year.max()}"
            parts.append(f"{label}: {own['process_id'].nunique()} acts, {len(own)} steps, {years}")
    return (
        f"Timeline of {story.country_label}, one lane per category. "
        + ("; ".join(parts) or "No step is documented for this selection")
        + "."
    )


def alt_of_yearly(story: Story) -> str:
    """Describe the yearly counts in words."""
    totals = story.yearly.drop(columns="year").sum()
    parts = [f"{d} {n}" for d, n in totals.items()]
    return f"Bars per year by direction; in all: {', '.join(parts)}."


def steps_table(story: Story) -> pd.DataFrame:
    """List the steps drawn, oldest first."""
    own = story.lanes.sort_values(["date_start", "event_id"])
    return pd.DataFrame(
        {
            "date": [sentences.step_date(r) for r in own.itertuples()],
            "category": own["category"].map(story.category_labels).to_numpy(),
            "act": own["title"].to_numpy(),
            "stage": [
                s.replace("_", " ") + (" (scheduled)" if p else "")
                for s, p in zip(own["stage"], own["scheduled"], strict=True)
            ],
            "direction": own["direction"].to_numpy(),
            "layers": own["layers"].map("; ".join).to_numpy(),
            "evidence": own["evidence"].to_numpy(),
        }
    )


def by_presidency(story: Story) -> pd.DataFrame:
    """Count newly enacted acts by the president in office, by direction."""
    rows = []
    enacted = story.events[
        story.events["stage"].isin(("adopted", "signed", "published", "in_force"))
        & ~story.events["scheduled"].astype(bool)
    ]
    first = enacted.sort_values("date_start").groupby("process_id").first()
    for office in story.offices.sort_values("date_start").itertuples():
        stop = office.date_end if pd.notna(office.date_end) else pd.Timestamp(story.end, 12, 31)
        own = first[(first["date_start"] >= office.date_start) & (first["date_start"] < stop)]
        counts = own["direction"].value_counts()
        rows.append(
            {
                "president": office.name_,
                "from": office.start,
                "to": office.end or "in office",
                **{
                    d: int(counts.get(d, 0))
                    for d in ("restrictive", "mixed", "neutral", "enabling")
                },
            }
        )
    return pd.DataFrame(rows)


def alt_of_lives(story: Story) -> str:
    """Describe the lives of the acts in words and numbers."""
    own = story.lives
    if own.empty:
        return "No step is documented for this selection, so that no life of an act is drawn."
    happened = own[~own["scheduled"].astype(bool)]

    def acts(group: str) -> int:
        return int(happened.loc[happened["group"] == group, "process_id"].nunique())

    return (
        f"A row for each of {sentences.counted(own['process_id'].nunique(), 'act')} of "
        f"{story.country_label}, {sentences.counted(len(own), 'step')}: a step before adoption in "
        f"{acts('before adoption')}, adoption or signature in {acts('adopted or signed')}, entry "
        f"into force in {acts('in force')}, a first application in {acts('applied')}, and a "
        f"reversal, drawn as a cross, in {acts('undone')}."
    )


def caption_of_lives(story: Story) -> str:
    """Say which acts are drawn, of how many, and what has no date."""
    drawn, all_acts = story.lives["process_id"].nunique(), story.events["process_id"].nunique()
    undated = int(story.events_of_acts["date_start"].isna().sum())
    which = (
        f"the {drawn} best documented of {all_acts} acts (most stages, then most evidence)"
        if drawn < all_acts
        else sentences.counted(all_acts, "act")
    )
    return (
        f"The life of each act, from announcement to practice: {which}; "
        f"{sentences.counted(undated, 'step')} without a date not drawn. Bands are presidencies. "
        f"Layers: {story.layer}. Source: data/register/steps.csv, data/coding/statements.csv."
    )


def lives_table(story: Story) -> pd.DataFrame:
    """List the lives drawn: one row per act, its steps in order."""
    rows = []
    for _, act in story.lives.groupby("row"):
        steps = [
            f"{s.stage.replace('_', ' ')}{' (scheduled)' if s.scheduled else ''} "
            f"{sentences.step_date(s)}"
            for s in act.itertuples()
        ]
        rows.append(
            {
                "category": story.category_labels[act["category"].iloc[0]],
                "act": act["title"].iloc[0],
                "steps": ", ".join(steps),
                "evidence": tuple(dict.fromkeys(i for ids in act["evidence"] for i in ids)),
            }
        )
    return pd.DataFrame(rows, columns=["category", "act", "steps", "evidence"])


def alt_of_durations(story: Story) -> str:
    """Describe the figure of durations in words and numbers."""
    text = sentences.durations_between(
        timeline.summary(story.durations), story.durations, story.layer
    ).text
    return f"A line per act from its least to its most days. {text}"


def durations_table(story: Story) -> pd.DataFrame:
    """List the durations: act, leg, days as an interval, evidence."""
    own = story.durations
    days = [
        "a step has no date"
        if pd.isna(r.days_max)
        else "contrary order"
        if r.days_max < 0
        else str(r.days_min)
        if r.days_min == r.days_max
        else f"{r.days_min} to {r.days_max}"
        for r in own.itertuples()
    ]
    return pd.DataFrame(
        {
            "act": own["title"],
            "from": own["from_stage"],
            "to": own["to_stage"],
            "days": days,
            "evidence": own["evidence"],
        }
    )


def _median_words(leg: Any) -> str:
    """Return a median of days, with the interval that uncertain dates leave where there is one."""
    if not leg.n:
        return "none"
    least, middle, most = (f"{x:.0f}" for x in (leg.median_least, leg.median, leg.median_most))
    return middle if least == most else f"{middle} ({least} to {most})"


def durations_summary(story: Story) -> pd.DataFrame:
    """Summarise the durations by leg, with what the dates leave open and what was left out."""
    own = timeline.summary(story.durations)
    median = [_median_words(r) for r in own.itertuples()]
    span = ["none" if not r.n else f"{r.shortest} to {r.longest}" for r in own.itertuples()]
    return pd.DataFrame(
        {
            "from": own["from_stage"],
            "to": own["to_stage"],
            "acts": own["n"],
            "median_days": median,
            "shortest_to_longest": span,
            "left_out_undated": own["undated"],
            "left_out_contrary_order": own["contrary"],
        }
    )


def never_taken(story: Story) -> pd.DataFrame:
    """List acts announced, demanded or proposed that were not taken, with what is known of it."""
    rows = []
    for fate in story.fates.itertuples():
        act = story.events_of_acts
        act = act[act["process_id"] == fate.process_id]
        rows.append(
            {
                "first_step": sentences.step_date(next(act.itertuples())),
                "act": act["title"].iloc[0],
                "what_came_of_it": timeline.FATES[fate.fate],
                "steps": ", ".join(
                    f"{s.stage.replace('_', ' ')} {sentences.step_date(s)}"
                    for s in act.itertuples()
                ),
                "evidence": tuple(dict.fromkeys(i for ids in act["evidence"] for i in ids)),
            }
        )
    columns = ["first_step", "act", "what_came_of_it", "steps", "evidence"]
    return pd.DataFrame(rows, columns=columns)


def reversals_table(story: Story) -> pd.DataFrame:
    """List reversals, oldest first: what was undone, how, and the direction of that step."""
    own = story.reversals
    return pd.DataFrame(
        {
            "date": [sentences.step_date(r) for r in own.itertuples()],
            "act": own["title"].to_numpy(),
            "step": [
                r.stage.replace("_", " ") + (" (scheduled)" if r.scheduled else "")
                for r in own.itertuples()
            ],
            "how": own["how"].to_numpy(),
            "direction_of_the_step": own["direction"].to_numpy(),
            "layers": own["layers"].map("; ".join).to_numpy(),
            "evidence": own["evidence"].to_numpy(),
        }
    )


def robustness(project: Project, values: Mapping[str, Any]) -> pd.DataFrame:
    """Count acts by direction and measure durations under other choices.

    Returns
    -------
    pandas.DataFrame
        One row per choice: acts by the direction of their first step, `reversals` (acts), and
        `days_adopted_to_in_force` (median of the middles, with n).
    """
    reliability = min("C", str(values.get("min_reliability", "E")))
    variants: dict[str, dict[str, Any]] = {
        "as chosen": {},
        "register only": {"layers": ["register"]},
        "corpus only": {"layers": ["corpus"]},
        "steps of high confidence only": {"min_confidence": "high"},
        "without texts of reliability D and E": {"min_reliability": reliability},
    }
    rows = []
    for name, change in variants.items():
        story = select(project, **{**values, **change})
        rows.append(_counts(name, story, story.events, story.events_of_acts))
    story = select(project, **values)
    exact, whole = (e[e["precision"] == "day"] for e in (story.events, story.events_of_acts))
    rows.append(_counts("steps dated to the day only", story, exact, whole))
    return pd.DataFrame(rows)


def _counts(name: str, story: Story, events: pd.DataFrame, whole: pd.DataFrame) -> dict[str, Any]:
    counted = sentences.acts_by_direction(
        events, story.country_label, story.start, story.end, story.layer
    )
    undone = events[events["stage"].isin(timeline.UNDONE) & ~events["scheduled"].astype(bool)]
    legs = timeline.summary(timeline.durations(whole, story.applied))
    leg = legs[legs["to_stage"] == "in force"].iloc[0]
    days = "none" if not leg["n"] else f"{leg['median']:.0f} (n = {leg['n']})"
    return {
        "choice": name,
        **counted.value,
        "acts_reversed": undone["process_id"].nunique(),
        "days_adopted_to_in_force": days,
    }
