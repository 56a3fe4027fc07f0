"""Every notebook runs with every set of parameters, and its page can be read at each."""

from __future__ import annotations

import json
import multiprocessing
import re
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import runs
from reports.browsing import CHROMIUM, faults

from ngolib.errors import ReportError

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

# Each set in the words of every notebook: those of its parameters that a notebook lacks fall away.
SETS: dict[str, dict[str, Any]] = {
    "default": {},
    "Kazakhstan alone": {"countries": ["KAZ"]},
    "Kazakhstan–Kyrgyzstan": {"countries": ["KAZ", "KGZ"], "country": "KGZ"},
    "Kazakhstan–Uzbekistan": {"countries": ["KAZ", "UZB"], "country": "UZB"},
    "corpus only": {"layers": ["corpus"]},
    "register only": {"layers": ["register"]},
    "empty selection": {
        "countries": ["UZB", "KGZ"],
        "country": "UZB",
        "layers": ["corpus"],
        "fields": ["religion"],
        "field": "religion",
        "in_depth": "religion",
        "categories": ["religion"],
        "reliability": [],
        "start": 1991,
        "end": 1991,
    },
    "single year": {"start": 2012, "end": 2012},
    "only well-judged sources": {
        "min_reliability": "B",
        "min_confidence": "high",
        "reliability": ["A", "B"],
    },
}
ALL = [(path, name) for path in NOTEBOOKS for name in SETS]
IDS = [f"{path.stem}, {name}" for path, name in ALL]


def _key(path: Path, values: dict[str, Any]) -> str:
    return f"{path.stem} {json.dumps(values, sort_keys=True)}"


# The template is one: what differs most from a usual page is one with nothing on it. The pages of
# the plan are looked at in test_site.
PAGES = [(path, "empty selection") for path in NOTEBOOKS]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Run and export each notebook once for each set that differs for it, two at a time."""
    root = tmp_path_factory.mktemp("sets")
    futures: dict[str, Future] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=2, mp_context=context) as pool:
        for path, name in ALL:
            values = runs.values_of(path, SETS[name])
            if (key := _key(path, values)) not in futures:
                futures[key] = pool.submit(runs.run_and_export, path, values, root)
        yield futures


@pytest.fixture
def result(results, path, name):
    return results[_key(path, runs.values_of(path, SETS[name]))].result()


@pytest.mark.parametrize(("path", "name"), ALL, ids=IDS)
def test_every_notebook_runs_with_every_set(result, path, name):
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
    for figure in (item for item in shown if item["kind"] == "figure"):
        told = re.search(r"\d|nothing|\bno\b|none", figure["alt"], re.IGNORECASE)
        assert told, f"{figure['name']}: {figure['alt']}"
        assert figure["alt"] != figure["caption"]
        assert figure["caption"]


@pytest.mark.parametrize(("path", "name"), ALL, ids=IDS)
def test_no_labels_of_a_figure_overlap_or_leave_it(result, path, name):
    problems = {figure: lines for figure, lines in result["labels"].items() if lines}
    assert not problems


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_an_empty_selection_says_what_was_asked_and_that_nothing_is_recorded(results, path):
    values = runs.values_of(path, SETS["empty selection"])
    if not values.keys() & {"layers", "reliability"}:
        pytest.skip("this notebook has no parameter that would leave nothing")
    shown = results[_key(path, values)].result()["shown"]
    asked = next(item for item in shown if item["kind"] == "parameters")["values"]
    assert values.items() <= asked.items()
    words = " ".join(
        f"{item['text']} {item['no_evidence'] or ''}" for item in shown if item["kind"] == "finding"
    )
    assert re.search(r"nothing|\bno\b|none|cannot", words, re.IGNORECASE)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_findings_change_where_the_data_differ(results, path):
    told = {}
    for name, choice in SETS.items():
        key = _key(path, runs.values_of(path, choice))
        shown = results[key].result()["shown"]
        told[key] = [item["text"] for item in shown if item["kind"] == "finding"]
        assert told[key], name
    assert len(told) > 1, "the notebook has none of the parameters of the sets"
    assert len({json.dumps(texts) for texts in told.values()}) > 1


@pytest.mark.parametrize(
    ("named", "said"), [("nope.csv", "no such file"), (".", "a folder; allowed: a file")]
)
def test_a_copy_of_vdem_that_cannot_be_read_makes_no_report(named, said, tmp_path):
    path = next(p for p in NOTEBOOKS if p.stem == "07_ratings")
    with pytest.raises(ReportError, match=said):
        runs.run(path, {"vdem": str(tmp_path / named)})


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize(("path", "name"), PAGES, ids=[f"{p.stem}, {n}" for p, n in PAGES])
def test_the_page_of_every_set_is_quiet_narrow_and_accessible(browser, result, path, name):
    assert faults(browser, result["page"], one_of_a_kind=True) == []
