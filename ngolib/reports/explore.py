"""The page to explore rules: which are in force in a year, and how strict they are, as data."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ngolib.evidence import load_rules
from ngolib.methods import in_force, reading_days, search_state, strictness
from ngolib.params import FIRST_YEAR
from ngolib.project import Project
from ngolib.reports.find import as_data, once
from ngolib.reports.site import around, render
from ngolib.verbs import day, place, since

# What is told of a rule; all but the last three columns are texts.
SHOWN = ["process_id", "rule_id", "country", "category", "direction", "short", "place", "since"]
SHOWN += ["penalty", "binds", "rung", "sure", "perhaps"]
# Columns of the panel that are written as a digit for each year.
DIGITS = ["rung", "rung_possible", "presumed"]


def _years(held: pd.DataFrame) -> list[list[int]]:
    """Return of each rule the places of the first and the last year in which something holds."""
    true = (np.flatnonzero(row) for row in held.to_numpy())
    return [[int(own[0]), int(own[-1])] if len(own) else [] for own in true]


def _small(label: str) -> str:
    return label[:1].lower() + label[1:]


def _rules(project: Project, rules: pd.DataFrame, days: pd.DatetimeIndex) -> dict[str, list[Any]]:
    """Return the rules that may be in force in some year, by columns, the strictest first."""
    rules = rules.sort_values(["rung", "typical", "from_latest"], ascending=[False, False, True])
    held = pd.concat({on: in_force(rules, on) for on in days}, axis=1)

    def named(column: str) -> pd.Series:
        labels = project.vocabulary(column)
        return rules[column].map(lambda cell: ", ".join(_small(labels[code]) for code in cell))

    told = rules.assign(
        rung=rules["rung"].astype(object).where(rules["rung"].notna(), None),
        place=place,
        since=since,
        penalty=rules["max_penalty"].where(rules["max_penalty"] != "", named("consequence")),
        binds=named("bound"),
        sure=_years(held.xs("certain", axis=1, level=1)),
        perhaps=_years(held.xs("possible", axis=1, level=1)),
    )
    return told.loc[held.any(axis=1), SHOWN].to_dict("list")


def _panel(
    project: Project, rules: pd.DataFrame, fields: Sequence[str], days: pd.DatetimeIndex
) -> dict[str, Any]:
    """Return by country, field and reading `DIGITS` of each year; by field what was searched."""
    panel = strictness(rules, list(rules["country"].unique()), fields, days)
    cells: dict[str, Any] = {}
    for (country, field, reading), own in panel.groupby(["country", "field", "reading"]):
        columns = own.assign(presumed=own["basis"] == "presumed")[DIGITS].astype("Int64")
        digits = columns.astype("str").fillna("-").agg("".join)
        cells[f"{country} {field} {reading}"] = digits.to_list()
        if reading == "strictest":
            cells[f"{country} {field}"] = [
                "" if n else search_state(country, field, FIRST_YEAR, year, project=project)
                for year, n in zip(own["year"], own["n"], strict=True)
            ]
    return cells


def pages(project: Project, uses: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, bytes]:
    """Write the page: the name of its file to its content."""
    closing, fields = project.closing_day, project.vocabulary("category", "field")
    countries = project.vocabulary("country")
    rules = load_rules(categories=list(fields), project=project)
    days = reading_days(FIRST_YEAR, closing.year, closing)
    own = _rules(project, rules, days)
    ladders = project.read_table("ladders").itertuples()
    data = {
        "first": FIRST_YEAR,
        "last": closing.year,
        "closing": day(closing),
        "countries": {c: name for c, name in countries.items() if c in own["country"]},
        "fields": fields,
        "levels": {f"{row.category} {row.rung}": _small(row.label) for row in ladders},
        "panel": _panel(project, rules, list(fields), days),
        # Last: what stands more than once is taken out of the columns.
        "words": once(own[name] for name in SHOWN[:-3]),
        "rules": own,
    }
    known = {"title": "Explore rules", "data": as_data(data), "known": data}
    page = render("explore.html.j2", scripts=("explore.js",), **known, **around(project))
    return {"index.html": page}
