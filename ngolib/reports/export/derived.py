"""Tables that are computed: the country-year panel and the events of both layers."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from ngolib.analysis.compare import panel
from ngolib.evidence import load_events, load_rules
from ngolib.project import Project
from ngolib.tables import Field, Table


def _text(
    name: str, description: str, *, required: bool = False, vocabulary: str | None = None
) -> Field:
    return Field(name, "string", description, required=required, vocabulary=vocabulary)


def _list(name: str, description: str, vocabulary: str | None = None) -> Field:
    return Field(name, "string", description, vocabulary=vocabulary, is_list=True)


def _yes_no(name: str, description: str) -> Field:
    return Field(
        name, "boolean", description, required=True, true_values=("yes",), false_values=("no",)
    )


PANEL = Table(
    name="panel",
    path="panel.csv",
    title="Country-year panel",
    description=(
        "Register layer: the highest rung in force on 31 December, by country, year and field; the "
        "last year is read as far as the register goes. "
        "All rules, whomever they bind; all countries that have a rule with a "
        "rung; all years of the search log. An empty rung = no such rule is documented, which is "
        "not rung 0. Dates: a rule whose start is stated or derived is certainly in force from the "
        "last day that its date can mean (1998 = from 31 December 1998) and possibly from the "
        "first. A rule whose start is not known, but whose act was adopted, signed or published on "
        "a known date, is presumed to be in force certainly from the last day of the calendar year "
        "after it, and possibly from it. A rule without any date never counts. The end "
        "is the first day on which a rule is no longer in force: it is certainly in force only "
        "before the first day that its date can mean, and possibly before the last. A rule "
        "known to have ended on a day that is not known never counts."
    ),
    fields=(
        _text("country", "ISO 3166-1 alpha-3", required=True, vocabulary="country"),
        Field("year", "integer", "read on 31 December of this year", required=True),
        _text("field", "field of regulation", required=True, vocabulary="category"),
        Field("rung", "integer", "highest rung certainly in force; empty = none documented"),
        Field("rung_possible", "integer", "highest rung certainly or possibly in force"),
        _text(
            "basis",
            "what the rungs rest on: dated; presumed = on presumed starts only; possible = a rung "
            "higher than the certain one is possible; empty where no rule is documented",
        ),
        _list("rule_ids", "rules on the rung shown: on rung_possible if basis is possible"),
    ),
    primary_key=("country", "year", "field"),
)
EVENTS = Table(
    name="events",
    path="events.csv",
    title="Events",
    description=(
        "Both layers: one row per act and stage, nothing counted twice. The same step in two texts "
        "and in the register is one event. All acts; statements that are "
        "asserted. Its date is the register's where the register has it, else the most precise one "
        "among its statements."
    ),
    fields=(
        _text("event_id", "id of the step, or of the act with the stage", required=True),
        _text("process_id", "act", required=True),
        _text("stage", "stage", required=True, vocabulary="stage"),
        _yes_no("scheduled", "yes = the step was still to come when told"),
        _list("country", "whose rule or act it is", "country"),
        _text("title", "title of the act in English"),
        _text("law", "short name of the act: the first of its identifiers, else its title"),
        _text("kind", "kind of instrument or affair", vocabulary="act_kind"),
        _text("level", "kind of event; rule = the only one de jure", vocabulary="level"),
        _list("bound", "whom the rules of the act bind", "bound"),
        _list("categories", "fields, sanctions, practice or context", "category"),
        _text("direction", "of the step itself", vocabulary="direction"),
        _text("date_start", "first day that its date can mean, YYYY-MM-DD; empty = no date"),
        _text("date_end", "last day that its date can mean, YYYY-MM-DD"),
        _text("precision", "precision of the date", vocabulary="precision"),
        _text("date_layer", "layer that gives the date", vocabulary="layer"),
        _text("actor", "who took the step"),
        _list("relation", "to other acts, each with the process id"),
        _yes_no("never_in_force", "yes = the act never came into force"),
        _list("layers", "layers that document the event", "layer"),
        _list("evidence", "ids of steps and statements"),
        Field("year", "integer", "year of date_start"),
        _text("decade", "decade of date_start, as 1990s"),
        _text("president", "who was in office on date_start; of an act of several countries, all"),
    ),
    primary_key=("event_id",),
)


def country_year_panel(project: Project) -> pd.DataFrame:
    """Build the panel that is exported: all countries with rated rules, all fields, all years.

    How uncertain dates are read is the rule of `ngolib.evidence.load_rules` and
    `ngolib.analysis.compare.in_force`, told in full in the description of the table (`PANEL`):
    `rung` counts what is in force whatever the unknown days are, presumed starts granted;
    `rung_possible` what is in force for some of them; nothing without any date counts.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.

    Returns
    -------
    pandas.DataFrame
        Columns of `PANEL`; by country, field and year, in the order of the codebook.
    """
    rules = load_rules(project=project)
    log = project.read_table("search_log")
    rated = set(rules.loc[rules["rung"].notna(), "country"])
    countries = [country for country in project.vocabulary("country") if country in rated]
    fields = list(project.vocabulary("category", "field"))
    first, last = int(log["period_start"].min()), int(log["period_end"].max())
    return panel(rules, countries, fields, first, last)


def events(project: Project) -> pd.DataFrame:
    """Build the events that are exported: all countries and years, days written as text.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.

    Returns
    -------
    pandas.DataFrame
        Columns of `EVENTS`; oldest first, undated last.
    """
    frame = load_events(project=project)
    days = {c: frame[c].dt.strftime("%Y-%m-%d").fillna("") for c in ("date_start", "date_end")}
    texts = {c: frame[c].fillna("") for c in ("actor", "precision", "date_layer", "direction")}
    return frame.assign(**days, **texts)


TABLES: dict[str, Table] = {table.name: table for table in (PANEL, EVENTS)}
_BUILDERS: dict[str, Callable[[Project], pd.DataFrame]] = {
    "panel": country_year_panel,
    "events": events,
}


def build(project: Project, name: str) -> pd.DataFrame:
    """Compute one of `TABLES`."""
    return _BUILDERS[name](project)
