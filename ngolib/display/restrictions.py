"""What the notebook of restrictions compared shows, from the choices of its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from markupsafe import Markup

from ngolib.analysis import compare
from ngolib.display import sentences
from ngolib.display.objects import Finding
from ngolib.evidence import load_events, load_rules
from ngolib.evidence.events import with_any
from ngolib.project import Project


@dataclass(frozen=True)
class Selection:
    """Rules and events chosen by the parameters, with what was left out."""

    project: Project
    countries: Sequence[str]
    start: int
    end: int
    fields: Sequence[str]
    categories: Sequence[str]
    in_depth: str
    layers: Sequence[str]
    rules: pd.DataFrame
    rules_all: pd.DataFrame
    events: pd.DataFrame
    events_all: pd.DataFrame
    search_log: pd.DataFrame

    @property
    def layer(self) -> str:
        """Name of the layers used."""
        return sentences.layer_name(self.layers)

    @property
    def rule_layer(self) -> str:
        """Layer that findings on rules rest on: rules stand in the register only."""
        return "register" if "register" in self.layers else "corpus"

    @cached_property
    def country_labels(self) -> dict[str, str]:
        """Code to name of the countries compared, in their order."""
        names = self.project.vocabulary("country")
        return {c: names[c] for c in self.countries}

    @cached_property
    def category_labels(self) -> dict[str, str]:
        """Code to label of every category."""
        return self.project.vocabulary("category")

    @cached_property
    def field_labels(self) -> dict[str, str]:
        """Code to label of the fields compared."""
        return {f: self.category_labels[f] for f in self.fields}

    @cached_property
    def panel(self) -> pd.DataFrame:
        """The country-year panel."""
        return compare.panel(self.rules, self.countries, self.fields, self.start, self.end)

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """The matrix of cell states."""
        return self.matrix_of(self.categories)

    def matrix_of(
        self, categories: Sequence[str], rules: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Return the matrix of some categories, perhaps with a part of the rules only."""
        log = self.search_log if "register" in self.layers else None
        chosen = self.rules if rules is None else rules
        return compare.matrix(
            chosen, self.events, log, self.countries, categories, self.start, self.end
        )


def select(
    project: Project,
    countries: Sequence[str],
    start: int,
    end: int,
    fields: Sequence[str],
    in_depth: str,
    layers: Sequence[str],
    subjects: Sequence[str],
    min_confidence: str,
) -> Selection:
    """Choose rules and events by the parameters of the notebook.

    Rules stand in the register only: without that layer there are none. Without a choice of fields
    the matrix also has the sanctions and the practice of harassment. The field in depth is loaded
    even where it is not among those compared.
    """
    all_fields = list(project.vocabulary("category", "field"))
    others = [
        *project.vocabulary("category", "sanction"),
        *project.vocabulary("category", "practice"),
    ]
    chosen = [f for f in all_fields if not fields or f in fields]
    categories = chosen if fields else [*chosen, *others]
    loaded = list(dict.fromkeys([*categories, in_depth]))
    levels = list(project.vocabulary("level"))
    rules_all = load_rules(countries, loaded, None, levels=levels, project=project)
    rules = load_rules(countries, loaded, subjects, min_confidence, project=project)
    if "register" not in layers:
        rules = rules.iloc[:0]
    events_all = load_events(
        countries=countries,
        categories=loaded,
        subjects=list(project.vocabulary("subject")),
        project=project,
    )
    events = load_events(
        layers,
        countries,
        start,
        end,
        subjects,
        loaded,
        min_confidence=min_confidence,
        project=project,
    )
    return Selection(
        project,
        countries,
        start,
        end,
        chosen,
        categories,
        in_depth,
        layers,
        rules,
        rules_all,
        events,
        events_all,
        project.read_table("search_log"),
    )


def answer(selection: Selection) -> list[Finding]:
    """Return the answer in brief: rules in force, higher rungs, first rules of one field."""
    return [
        sentences.rules_in_force(
            selection.matrix,
            selection.country_labels,
            selection.fields,
            selection.end,
            selection.rule_layer,
        ),
        sentences.higher_rungs(
            selection.panel,
            selection.country_labels,
            selection.field_labels,
            selection.end,
            selection.rule_layer,
        ),
        sentences.first_rules(
            selection.matrix_of([selection.in_depth]),
            selection.country_labels,
            selection.in_depth,
            selection.category_labels[selection.in_depth],
            selection.rule_layer,
        ),
    ]


def presumption(delays: pd.DataFrame) -> Finding:
    """Say how the presumption on unknown starts fits the acts of which both days are known."""
    fits, total = int(delays["by_next_year"].sum()), len(delays)
    median = int(delays["days"].median()) if total else 0
    text = (
        f"Of {total} acts with both days documented, {fits} were in force by the end of the "
        f"calendar year after adoption or signature; the median delay is {median} days."
    )
    return Finding(
        "presumption",
        text,
        {"acts": total, "fit": fits, "median_days": median},
        layer="register",
        no_evidence="counted over all steps of the register",
    )


def matrix_table(selection: Selection) -> pd.DataFrame:
    """Lay out the matrix: categories as rows, a column of words per country, the evidence."""
    rows = []
    for category in selection.categories:
        row: dict[str, Any] = {"category": selection.category_labels[category]}
        evidence: list[str] = []
        for country, name in selection.country_labels.items():
            own = selection.matrix
            cell = own[(own["category"] == category) & (own["country"] == country)].iloc[0]
            row[name] = Markup('<span class="ngo-cell ngo-cell-{}">{}</span>').format(
                cell["state"], compare.cell_text(cell)
            )
            evidence += list(cell["evidence"])[:4]
        row["evidence"] = tuple(evidence)
        rows.append(row)
    return pd.DataFrame(rows)


def panel_spells(selection: Selection) -> pd.DataFrame:
    """Return the panel as spells: consecutive years of one country and field on one rung."""
    panel = selection.panel
    told = panel.assign(
        rung=panel["rung"].fillna(-1), rung_possible=panel["rung_possible"].fillna(-1)
    )[["country", "field", "rung", "rung_possible", "basis"]]
    new = (told != told.shift()).any(axis=1)
    spells = panel.assign(spell=new.cumsum()).groupby("spell")
    out = spells.agg(
        country=("country", "first"),
        field=("field", "first"),
        first=("year", "min"),
        last=("year", "max"),
        rung=("rung", "first"),
        rung_possible=("rung_possible", "first"),
        basis=("basis", "first"),
        evidence=("rule_ids", "last"),
    )
    out = out[out["basis"] != ""]
    return out.assign(field=out["field"].map(selection.field_labels)).reset_index(drop=True)


def alt_of_panel(selection: Selection) -> str:
    """Describe the panel in words: the rung of each field and country at the end."""
    last = selection.panel[selection.panel["year"] == selection.end]
    parts = []
    for field, label in selection.field_labels.items():
        own = last[last["field"] == field].set_index("country")["rung"]
        rungs = ", ".join(
            f"{name} {'none documented' if pd.isna(own[c]) else own[c]}"
            for c, name in selection.country_labels.items()
        )
        parts.append(f"{label}: {rungs}")
    return (
        f"Strips of years {selection.start} to {selection.end}, shaded by rung 0 to 4. At the end: "
        + "; ".join(parts)
        + "."
    )


def breadth_table(selection: Selection) -> pd.DataFrame:
    """Return the breadth every five years and at the end."""
    table = compare.breadth(selection.panel)
    keep = table[(table["year"] % 5 == 0) | (table["year"] == selection.end)]
    words = keep["fields"].astype(str) + " / " + keep["fields_possible"].astype(str)
    wide = keep.assign(words=words).pivot_table(
        index="year", columns="country", values="words", aggfunc="first"
    )
    wide = wide.reindex(columns=list(selection.countries)).rename(columns=selection.country_labels)
    wide.columns.name = None
    return wide.reset_index()


def acts_table(selection: Selection, field: str) -> pd.DataFrame:
    """List the documented acts of a field by their first documented step."""
    own = selection.events[with_any(selection.events["categories"], [field])]
    rows = []
    for _, act in own.groupby("process_id", sort=False):
        steps = [
            s.stage.replace("_", " ")
            + (" (scheduled) " if s.scheduled else " ")
            + sentences.step_date(s)
            for s in act.itertuples()
        ]
        rows.append(
            {
                "first_step": sentences.step_date(next(act.itertuples())),
                "country": "; ".join(act["country"].iloc[0]),
                "act": act["title"].iloc[0],
                "level": act["level"].iloc[0],
                "steps": ", ".join(steps),
                "layers": "; ".join(sorted({x for cell in act["layers"] for x in cell})),
                "evidence": tuple(dict.fromkeys(i for ids in act["evidence"] for i in ids)),
            }
        )
    columns = ["first_step", "country", "act", "level", "steps", "layers", "evidence"]
    return pd.DataFrame(rows, columns=columns)


def left_out(selection: Selection) -> pd.DataFrame:
    """Count rules and events used and left out, with the share and why."""
    rules, everything = selection.rules, selection.rules_all
    ended = rules["to_basis"] == "unknown"
    undated = rules["from_earliest"].isna() & ~ended
    used = len(rules) - int(undated.sum()) - int(ended.sum())
    total = len(everything)
    reason = "layer, level, subject or confidence not asked for"
    rows = [
        ("rules", "used", used, total, ""),
        ("rules", "listed only", int(undated.sum()), total, "act without any date"),
        ("rules", "listed only", int(ended.sum()), total, "end documented, not its day"),
        ("rules", "left out", total - len(rules), total, reason),
        ("events", "used", len(selection.events), len(selection.events_all), ""),
        (
            "events",
            "left out",
            len(selection.events_all) - len(selection.events),
            len(selection.events_all),
            "period, layer, subject or confidence not asked for, or no date",
        ),
    ]
    out = pd.DataFrame(rows, columns=["rows", "use", "n", "of", "why"])
    share = (out["n"] / out["of"].clip(lower=1)).map("{:.0%}".format)
    out.insert(4, "share", share)
    return out


def robustness(project: Project, values: Mapping[str, Any]) -> pd.DataFrame:
    """Count categories with a restrictive rule in force under other choices."""
    given = dict(values)
    variants: dict[str, dict[str, Any]] = {
        "as chosen": {},
        "register only": {"layers": ["register"]},
        "corpus only": {"layers": ["corpus"]},
        "high confidence only": {"min_confidence": "high"},
    }
    rows = []
    for name, change in variants.items():
        selection = select(project, **{**given, **change})
        rows.append({"choice": name, **_held(selection, selection.matrix)})
    selection = select(project, **given)
    dated = selection.rules[selection.rules["from_basis"] != "presumed"]
    matrix = selection.matrix_of(selection.categories, dated)
    rows.append({"choice": "without presumed starts", **_held(selection, matrix)})
    return pd.DataFrame(rows)


def _held(selection: Selection, matrix: pd.DataFrame) -> dict[str, int]:
    held = matrix[matrix["state"].isin(["in_force", "both"])]
    held = held[held["category"].isin(selection.fields)]["country"]
    return {name: int((held == c).sum()) for c, name in selection.country_labels.items()}
