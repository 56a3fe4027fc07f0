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
from ngolib.display.objects import Finding
from ngolib.evidence import load_acts, load_events
from ngolib.evidence.dates import spans
from ngolib.project import Project
from ngolib.texts import load_articles


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
    events_all: pd.DataFrame

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
        """Articles on the subject."""
        articles = load_articles(project=self.project)
        return articles[articles["relevance"] == "on_topic"]

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
    subjects: Sequence[str],
    min_confidence: str,
) -> Story:
    """Choose events by the parameters of the notebook."""
    known = list(project.vocabulary("category"))
    chosen = [c for c in known if not categories or c in categories]
    everything = load_events(
        countries=[country], subjects=list(project.vocabulary("subject")), project=project
    )
    events = load_events(
        layers,
        [country],
        start,
        end,
        subjects,
        chosen,
        levels,
        min_confidence=min_confidence,
        project=project,
    )
    return Story(project, country, start, end, chosen, layers, events, everything)


def coverage_table(story: Story) -> pd.DataFrame:
    """Return what was searched and read, by period."""
    return coverage(story.project.read_table("search_log"), story.texts, [story.country])


def answer(story: Story) -> list[Finding]:
    """Return the answer in brief: acts by direction, busiest years, acts undone."""
    return [
        sentences.acts_by_direction(
            story.events, story.country_label, story.start, story.end, story.layer
        ),
        sentences.busiest_years(story.yearly, story.events, story.layer),
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
            "period, level, category, layer, subject or confidence not asked for, or no date",
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


def never_taken(story: Story) -> pd.DataFrame:
    """List acts announced or proposed that never came into force."""
    own = story.events[story.events["never_in_force"].astype(bool)]
    rows = [
        {
            "first_step": sentences.step_date(next(act.itertuples())),
            "act": act["title"].iloc[0],
            "steps": ", ".join(
                f"{s.stage.replace('_', ' ')} {sentences.step_date(s)}" for s in act.itertuples()
            ),
            "evidence": tuple(dict.fromkeys(i for ids in act["evidence"] for i in ids)),
        }
        for _, act in own.groupby("process_id", sort=False)
    ]
    return pd.DataFrame(rows, columns=["first_step", "act", "steps", "evidence"])


def robustness(project: Project, values: Mapping[str, Any]) -> pd.DataFrame:
    """Count acts by direction under other choices."""
    variants: dict[str, dict[str, Any]] = {
        "as chosen": {},
        "register only": {"layers": ["register"]},
        "corpus only": {"layers": ["corpus"]},
        "high confidence only": {"min_confidence": "high"},
    }
    rows = []
    for name, change in variants.items():
        story = select(project, **{**values, **change})
        finding = answer(story)[0]
        rows.append({"choice": name, **finding.value})
    story = select(project, **values)
    exact = story.events[story.events["precision"] == "day"]
    counted = sentences.acts_by_direction(
        exact, story.country_label, story.start, story.end, story.layer
    )
    rows.append({"choice": "steps dated to the day only", **counted.value})
    return pd.DataFrame(rows)
