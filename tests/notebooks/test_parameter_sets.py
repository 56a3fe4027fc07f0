"""Every notebook runs with every set of parameters, and its page can be read at each."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import recount
import runs
from reports.browsing import CHROMIUM, faults

from ngolib.errors import ReportError
from ngolib.params import check_values

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# Each set in the words of every notebook: those of its parameters that a notebook lacks fall away.
# What does not touch is set together, for a run costs seconds.
SETS: dict[str, dict[str, Any]] = {
    "default": {},
    "Kazakhstan alone, register only": {"countries": ["KAZ"], "layers": ["register"]},
    "Kazakhstan–Kyrgyzstan, corpus only": {
        "countries": ["KAZ", "KGZ"],
        "country": "KGZ",
        "layers": ["corpus"],
    },
    "Kazakhstan–Uzbekistan, only well-judged sources": {
        "countries": ["KAZ", "UZB"],
        "country": "UZB",
        "min_reliability": "B",
        "min_confidence": "high",
        "reliability": ["A", "B"],
    },
    "empty selection": {
        "countries": ["UZB", "KGZ"],
        "country": "UZB",
        "layers": ["corpus"],
        "fields": ["religion"],
        "field": "religion",
        "in_depth": "religion",
        "categories": ["religion"],
        "reliability": [],
        "min_reliability": "A",
        "start": 1991,
        "end": 1991,
    },
    "single year": {"start": 2012, "end": 2012},
}
ALL = [(path, name) for path in NOTEBOOKS for name in SETS]
IDS = [f"{path.stem}, {name}" for path, name in ALL]


@pytest.fixture(scope="module")
def result_of():
    """Run a notebook with a set, once for all sets that are the same to it."""
    made: dict[str, dict[str, Any]] = {}

    def result_of(path: Path, name: str) -> dict[str, Any]:
        values = runs.values_of(path, SETS[name])
        key = f"{path.stem} {json.dumps(values, sort_keys=True)}"
        if key not in made:
            made[key] = runs.run(path, values)
        return made[key]

    return result_of


@pytest.mark.parametrize(("path", "name"), ALL, ids=IDS)
def test_every_notebook_runs_with_every_set(result_of, path, name):
    result = result_of(path, name)
    assert result["complaints"] == []
    shown = result["shown"]
    kinds = [item["kind"] for item in shown]
    # The answer, at most three sentences, then the figure that carries it, and all else behind.
    headlines = [item for item in shown if item.get("headline")]
    assert 1 <= len(headlines) <= 3
    table = ["table"] if path.stem == "09_country" else []
    first = ["finding"] * len(headlines) + table + ["figure"]
    assert kinds[: len(first)] == first
    assert {"coverage", "parameters", "provenance"} <= set(kinds)
    for finding in (item for item in shown if item["kind"] == "finding"):
        assert finding["text"].rstrip().endswith("."), finding["text"]
        assert finding["evidence"] or finding["no_evidence"], finding["name"]
    values = check_values(path, runs.values_of(path, SETS[name]))
    assert recount.unlike(path.stem, values, shown) == []
    for figure in (item for item in shown if item["kind"] == "figure"):
        told = re.search(r"\d|nothing|\bno\b|none", figure["alt"], re.IGNORECASE)
        assert told, f"{figure['name']}: {figure['alt']}"
        assert figure["alt"] != figure["caption"]
        assert figure["caption"]


@pytest.mark.parametrize(("path", "name"), ALL, ids=IDS)
def test_no_labels_of_a_figure_overlap_or_leave_it(result_of, path, name):
    labels = result_of(path, name)["labels"]
    problems = {figure: lines for figure, lines in labels.items() if lines}
    assert not problems


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_an_empty_selection_says_what_was_asked_and_that_nothing_is_recorded(result_of, path):
    values = runs.values_of(path, SETS["empty selection"])
    if not values.keys() & {"layers", "reliability"}:
        pytest.skip("this notebook has no parameter that would leave nothing")
    shown = result_of(path, "empty selection")["shown"]
    asked = next(item for item in shown if item["kind"] == "parameters")["values"]
    assert values.items() <= asked.items()
    words = " ".join(
        f"{item['text']} {item['no_evidence'] or ''}" for item in shown if item["kind"] == "finding"
    )
    assert re.search(r"nothing|\bno\b|none|cannot", words, re.IGNORECASE)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_findings_change_where_the_data_differ(result_of, path):
    told = set()
    for name in SETS:
        shown = result_of(path, name)["shown"]
        texts = [item["text"] for item in shown if item["kind"] == "finding"]
        assert texts, name
        told.add(json.dumps(texts))
    assert len(told) > 1


@pytest.mark.parametrize(
    ("named", "said"), [("nope.csv", "no such file"), (".", "a folder; allowed: a file")]
)
def test_a_copy_of_vdem_that_cannot_be_read_makes_no_report(named, said, tmp_path):
    path = next(p for p in NOTEBOOKS if p.stem == "07_ratings")
    with pytest.raises(ReportError, match=said):
        runs.run(path, {"vdem": str(tmp_path / named)})


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("path", NOTEBOOKS[2::2], ids=lambda p: p.stem)
def test_a_page_with_nothing_on_it_is_sound(browser, result_of, path, tmp_path):
    # The template is one: this differs most from a usual page; those are looked at in test_site.
    values = runs.values_of(path, SETS["empty selection"])
    notebook = result_of(path, "empty selection")["notebook"]
    assert faults(browser, runs.write_report(path, values, notebook, tmp_path)) == []
