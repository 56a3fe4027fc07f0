"""A country's page, and the two duties side by side: penalties counted and named again."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import runs

from ngolib.evidence import load_rules
from ngolib.methods import in_force
from ngolib.project import Project

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def found(notebook, **values):
    shown = runs.run(NOTEBOOKS / f"{notebook}.ipynb", values)["shown"]
    return {item["name"]: item for item in shown if item["kind"] == "finding"}


@pytest.mark.parametrize("country", ["KAZ", "RUS"])
def test_a_penalty_counts_whichever_column_names_it(country):
    shown = found("09_country", country=country)
    rules = load_rules([country])
    held = rules[in_force(rules, pd.Timestamp(Project.find().closing_day))["certain"]]
    named = [codes != ("none_stated",) for codes in held["consequence"]]
    assert shown["heaviest-penalty"]["value"] == {"rules": len(held), "with_penalty": sum(named)}
    # What is counted stands among the evidence, of one act too.
    recent = shown["recent"]
    assert len(recent["evidence"]) == recent["value"]["began"] + recent["value"]["ended"]


def test_where_there_is_room_for_one_penalty_it_is_the_heaviest():
    """An agent that breaks its duties a second time within a year may go to prison for two."""
    shown = found("02_restrictions_compared", fields=["foreign_funding"])
    assert "a breach brings at most two years in prison" in shown["rule-b"]["text"]
