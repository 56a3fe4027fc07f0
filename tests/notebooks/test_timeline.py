"""The timeline: what is new in a period, and under whom."""

from __future__ import annotations

from pathlib import Path

import pytest
import runs

PATH = Path(__file__).resolve().parents[2] / "notebooks" / "03_reform_timeline.ipynb"


def found(**values):
    return {item["name"]: item for item in runs.run(PATH, values)["shown"] if "name" in item}


def test_an_act_is_new_in_the_year_of_its_first_enacted_step_only():
    """Laws of November 2015 came into force in 2016: they are not new acts of 2016."""
    shown = found(start=2016)
    table = shown["new-acts"]
    titles = " ".join(map(str, [cell for row in table["rows"] for cell in row]))
    assert "419-V" not in titles and "383-V" not in titles
    assert "in 2016–2026" in shown["under-whom"]["text"]
    assert shown["under-latest"]["text"].startswith("Under Tokayev since 20 March 2019: 34 new")


@pytest.mark.parametrize(
    ("values", "head"),
    [
        ({"start": 2022}, "Under Tokayev in 2022–2026: "),
        ({"end": 2022}, "Under Tokayev from 20 March 2019 to 31 December 2022: "),
        ({"country": "UZB", "end": 2012}, "Under Karimov in 1991–2012: "),
    ],
)
def test_a_time_in_office_is_told_as_far_as_it_is_looked_at_and_known(values, head):
    assert found(**values)["under-latest"]["text"].startswith(head)
