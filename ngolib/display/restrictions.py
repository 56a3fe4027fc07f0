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
from ngolib.evidence import load_events, load_rules, reliable
from ngolib.evidence.tables import with_any
from ngolib.objects import EvidenceTable, Finding, marks
from ngolib.project import Project
from ngolib.texts import load_articles


def texts_used(project: Project, min_reliability: str) -> pd.DataFrame:
    """Return the articles on the subject that are reliable enough."""
    articles = load_articles(project=project)
    return reliable(articles[articles["relevance"] == "on_topic"], min_reliability)


@dataclass(frozen=True)
class Selection:
    """Rules and events chosen by the parameters, with what was left out."""

    project: Project
    countries: Sequence[str]
    start: int
    end: int
    fields: Sequence[str]
    in_depth: str
    layers: Sequence[str]
    rules: pd.DataFrame
    events: pd.DataFrame
    search_log: pd.DataFrame
    min_reliability: str = "E"

    @property
    def layer(self) -> str:
        """Name of the layers used."""
        return sentences.layer_name(self.layers)

    @property
    def rule_layer(self) -> str:
        """Layer that findings on rules rest on: rules stand in the register only."""
        return "register" if "register" in self.layers else "corpus"

    @property
    def at_end(self) -> str:
        """When the rules of the last year are read."""
        return sentences.end_of(self.end, self.project.closing_day)

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

    @property
    def loaded(self) -> list[str]:
        """Categories of the rules and events: the fields, the one in depth, and what is apart."""
        return _loaded(self.project, self.fields, self.in_depth)

    @cached_property
    def rules_all(self) -> pd.DataFrame:
        """Rules of these countries and categories, whatever else was chosen."""
        return load_rules(self.countries, self.loaded, project=self.project)

    @cached_property
    def events_all(self) -> pd.DataFrame:
        """Events of these countries and categories, whatever else was chosen."""
        return load_events(
            countries=self.countries,
            categories=self.loaded,
            project=self.project,
        )

    @property
    def coverage(self) -> pd.DataFrame:
        """What was searched and read, by period."""
        texts = texts_used(self.project, self.min_reliability)
        return compare.coverage(self.search_log, texts, self.countries)

    @cached_property
    def apart_kinds(self) -> dict[str, str]:
        """Sanctions, practice and context, which are not counted as fields: code to kind."""
        kinds = ("sanction", "practice", "context")
        return {c: kind for kind in kinds for c in self.project.vocabulary("category", kind)}

    @property
    def asked(self) -> str:
        """What was asked for, in words, for a page on which nothing is documented."""
        fields = sentences.listed(self.field_labels.values())
        return (
            f"{sentences.listed(self.country_labels.values())}, "
            f"{sentences.years(self.start, self.end)}, {fields}, {sentences.listed(self.layers)}"
        )

    @cached_property
    def log(self) -> pd.DataFrame | None:
        """Where the register was searched; None where it is not used."""
        return self.search_log if "register" in self.layers else None

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """The matrix of cell states."""
        return self.matrix_of(self.fields)

    @cached_property
    def breadth(self) -> pd.DataFrame:
        """In how many fields a rule of rung 1 or more is in force, by country and year."""
        return compare.breadth(self.panel)

    @cached_property
    def one_sided(self) -> pd.DataFrame:
        """Fields and periods that are documented for some of the countries only."""
        return compare.one_sided(self.periods)

    @cached_property
    def periods(self) -> pd.DataFrame:
        """What is documented and searched by field, country and period."""
        return compare.by_period(
            self.rules, self.search_log, self.countries, self.fields, self.start, self.end
        )

    def matrix_of(
        self, categories: Sequence[str], rules: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Return the matrix of some categories, perhaps with a part of the rules only."""
        chosen = self.rules if rules is None else rules
        return compare.matrix(
            chosen, self.events, self.log, self.countries, categories, self.start, self.end
        )


def _loaded(project: Project, fields: Sequence[str], in_depth: str) -> list[str]:
    every = project.vocabulary("category", "field")
    others = [c for c in project.vocabulary("category") if c not in every]
    return list(dict.fromkeys([*fields, in_depth, *others]))


def select(
    project: Project,
    countries: Sequence[str],
    start: int,
    end: int,
    fields: Sequence[str],
    in_depth: str,
    layers: Sequence[str],
    bound: Sequence[str],
    min_confidence: str,
    min_reliability: str = "E",
) -> Selection:
    """Choose rules and events by the parameters of the notebook.

    Rules stand in the register only: without that layer there are none. Sanctions, practice and
    context are loaded whatever the fields. So is the field in depth, even where it is not among
    those compared. `min_reliability` bears on the texts only.
    """
    all_fields = project.vocabulary("category", "field")
    chosen = [f for f in all_fields if not fields or f in fields]
    loaded = _loaded(project, chosen, in_depth)
    rules = load_rules(countries, loaded, bound or None, min_confidence, project=project)
    if "register" not in layers:
        rules = rules.iloc[:0]
    events = load_events(
        layers,
        countries,
        start,
        end,
        bound or None,
        loaded,
        min_reliability=min_reliability,
        min_confidence=min_confidence,
        project=project,
    )
    return Selection(
        project,
        countries,
        start,
        end,
        chosen,
        in_depth,
        layers,
        rules,
        events,
        project.read_table("search_log"),
        min_reliability,
    )


def answer(selection: Selection) -> list[Finding]:
    """Return the answer in brief: rules in force, higher rungs, first rules of one field.

    Where nothing is documented in the fields, the first finding says so, and what was asked.
    """
    depth = selection.matrix_of([selection.in_depth])
    first = sentences.first_rules(
        depth,
        selection.country_labels,
        selection.in_depth,
        selection.category_labels[selection.in_depth],
        selection.rule_layer,
    )
    if selection.matrix["state"].isin(compare.EMPTY).all():
        empty = [sentences.nothing(selection.asked, selection.layer)]
        return empty if depth["state"].isin(compare.EMPTY).all() else [*empty, first]
    return [
        sentences.rules_in_force(
            selection.matrix,
            selection.country_labels,
            selection.fields,
            selection.at_end,
            selection.rule_layer,
        ),
        sentences.higher_rungs(
            selection.panel,
            selection.country_labels,
            selection.field_labels,
            selection.end,
            selection.at_end,
            selection.rule_layer,
        ),
        first,
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


class CellTable(EvidenceTable):
    """A table whose cells carry marks of their own: what each cell says, and what it rests on.

    Parameters
    ----------
    name : str
        Stable short name.
    rows : sequence of mapping
        Column to the words of its cell, or to a `Cell`.
    caption : str
        Caption.
    """

    def __init__(self, name: str, rows: Sequence[Mapping[str, Any]], caption: str) -> None:
        shown = [{c: _shown(v) for c, v in row.items()} for row in rows]
        super().__init__(name, pd.DataFrame(shown), caption)
        cells = [v for row in rows for v in row.values() if isinstance(v, Cell)]
        self.evidence = tuple(dict.fromkeys(i for cell in cells for i in cell.evidence))
        self.plain = pd.DataFrame([_plain_row(row) for row in rows])

    def _json(self) -> dict[str, Any]:
        # In the CSV the words of a cell and its evidence stand in two columns, without markup.
        return EvidenceTable(self.name, self.plain, self.caption)._json()


@dataclass(frozen=True)
class Cell:
    """What a cell of the matrix says: its state, its words, what it rests on."""

    state: str
    words: str
    evidence: tuple[str, ...]


CELL_MARKS = 3


def _shown(value: Any) -> Any:
    if not isinstance(value, Cell):
        return value
    words = Markup('<span class="ngo-cell ngo-cell-{}">{}</span>').format(value.state, value.words)
    return Markup("{} {}").format(words, marks(value.evidence, CELL_MARKS)).strip()


def _plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for column, value in row.items():
        if isinstance(value, Cell):
            out |= {column: value.words, f"{column}_evidence": "; ".join(value.evidence)}
        else:
            out[column] = value
    return out


def matrix_table(selection: Selection) -> CellTable:
    """Lay out the matrix: fields as rows, a column per country, each cell with its own marks."""
    cells = selection.matrix.set_index(["category", "country"])
    rows = []
    for field, label in selection.field_labels.items():
        row: dict[str, Any] = {"field": label}
        for country, name in selection.country_labels.items():
            cell = cells.loc[(field, country)]
            row[name] = Cell(cell["state"], compare.cell_text(cell), cell["evidence"])
        rows.append(row)
    return CellTable("matrix", rows, f"State of each field at {selection.at_end}")


def apart_table(selection: Selection) -> CellTable:
    """Lay out sanctions, practice and context, apart from the fields."""
    kinds = selection.apart_kinds
    told = compare.apart(
        selection.rules,
        selection.events,
        selection.log,
        selection.countries,
        kinds,
        selection.start,
        selection.end,
    ).set_index(["category", "country"])
    rows = []
    for category, kind in kinds.items():
        row: dict[str, Any] = {"kind": kind, "category": selection.category_labels[category]}
        for country, name in selection.country_labels.items():
            cell = told.loc[(category, country)]
            row[name] = Cell(cell["state"], _apart_words(cell, kind), cell["evidence"])
        rows.append(row)
    caption = (
        f"Sanctions, practice and context, {sentences.years(selection.start, selection.end)}: not "
        f"counted as fields; {LAYER_NOTE[selection.layer]}"
    )
    return CellTable("apart", rows, caption)


LAYER_NOTE = {
    "both": "layers: rules from the register, acts from both",
    "register": "layer: register",
    "corpus": "layer: corpus",
}
ACTS_OF = {
    "sanction": ("restrictive act", "restrictive acts"),
    "practice": ("affair or campaign", "affairs or campaigns"),
    "context": ("act", "acts"),
}


def _apart_words(cell: pd.Series, kind: str) -> str:
    words = [compare.STATES[cell["state"]]]
    if cell["rules"]:
        words.append(sentences.counted(int(cell["rules"]), "restrictive rule"))
    if cell["acts"]:
        first, last = cell["first_year"], cell["last_year"]
        years = f"{first}" if first == last else f"{first}–{last}"
        count = sentences.counted(int(cell["acts"]), *ACTS_OF[kind])
        words.append(f"{count} with a step in {years}")
    return " · ".join(words)


SEARCH = {
    "found": "searched, found: no restrictive rule documented as in force then",
    "none_found": "searched, none found",
    "not_searched": "not searched",
}


def one_sided_table(selection: Selection) -> pd.DataFrame:
    """List what is documented for one side only, with whether the other was searched."""
    own = selection.one_sided
    names = selection.country_labels
    return pd.DataFrame(
        {
            "field": own["category"].map(selection.field_labels),
            "period": [
                sentences.years(a, b) for a, b in zip(own["first"], own["last"], strict=True)
            ],
            "documented_for": own["documented_for"].map(
                lambda codes: sentences.listed(names[c] for c in codes)
            ),
            "other": own["other"].map(names),
            "search_for_the_other": own["search"].map(SEARCH),
            "evidence": own["evidence"],
        }
    )


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


def alt_of_breadth(selection: Selection) -> str:
    """Describe the figure of breadth in words: fields at the beginning and at the end."""
    table = selection.breadth.set_index(["country", "year"])["fields"]
    parts = [
        f"{name} {table[c, selection.start]} at the end of {selection.start} and "
        f"{table[c, selection.end]} at {selection.at_end}"
        for c, name in selection.country_labels.items()
    ]
    return (
        f"Lines of years: in how many of {sentences.counted(len(selection.fields), 'field')} a "
        f"rule of rung 1 or more is certainly in force. {'; '.join(parts) or 'No country'}."
    )


def breadth_table(selection: Selection) -> pd.DataFrame:
    """Return the breadth (certain / possible) every five years, at the beginning and the end."""
    table = selection.breadth
    ends = (selection.start, selection.end)
    keep = table[(table["year"] % 5 == 0) | table["year"].isin(ends)]
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
    reason = "layer, level, whom it binds or confidence not asked for"
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
            "period, layer, whom it binds, confidence or reliability not asked for, or no date",
        ),
    ]
    return sentences.used_and_left_out(rows)


def robustness(project: Project, values: Mapping[str, Any]) -> pd.DataFrame:
    """Tell what changes under other choices.

    Parameters
    ----------
    project : Project
        The project.
    values : mapping
        Parameters of the notebook.

    Returns
    -------
    pandas.DataFrame
        One row per choice: `choice`, a column per country (fields with a restrictive rule in
        force), `cells_that_differ` (cells of the matrix whose words differ from those chosen, out
        of all cells).
    """
    chosen = select(project, **values)
    dated = compare.dated_to_the_day(chosen.rules)
    exact = chosen.rules[chosen.rules["from_basis"] != "presumed"]
    variants = {
        "as chosen": chosen.matrix,
        "register only": select(project, **{**values, "layers": ["register"]}).matrix,
        "corpus only": select(project, **{**values, "layers": ["corpus"]}).matrix,
        "rows of high confidence only": select(
            project, **{**values, "min_confidence": "high"}
        ).matrix,
        "without texts of reliability D and E": select(
            project, **{**values, "min_reliability": _at_least_c(values)}
        ).matrix,
        "without presumed starts": chosen.matrix_of(chosen.fields, exact),
        "rules dated to the day only": chosen.matrix_of(chosen.fields, dated),
    }
    as_chosen = _words(chosen.matrix)
    rows = []
    for name, matrix in variants.items():
        differ = sum(a != b for a, b in zip(as_chosen, _words(matrix), strict=True))
        rows.append(
            {
                "choice": name,
                **_held(chosen, matrix),
                "cells_that_differ": f"{differ} of {len(as_chosen)}",
            }
        )
    return pd.DataFrame(rows)


def _at_least_c(values: Mapping[str, Any]) -> str:
    """Return C, or the stricter letter that was asked for."""
    return min("C", str(values.get("min_reliability", "E")))


def _words(matrix: pd.DataFrame) -> list[str]:
    return [compare.cell_text(cell) for cell in matrix.to_dict(orient="records")]


def _held(selection: Selection, matrix: pd.DataFrame) -> dict[str, int]:
    held = matrix.loc[matrix["state"].isin(["in_force", "both"]), "country"]
    return {name: int((held == c).sum()) for c, name in selection.country_labels.items()}
