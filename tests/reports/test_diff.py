"""What differs between two runs."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from ngolib.cli import main
from ngolib.errors import ReportError
from ngolib.project import Project
from ngolib.reports.diff import changes, lines_of, read_run

OLD = {
    "findings": [{"name": "a", "text": "3 acts."}, {"name": "b", "text": "Same."}],
    "evidence": ["S1", "S2"],
    "parameters": {"start": 1991, "end": 2025},
    "inputs": {"data": {"data/a.csv": "1", "data/b.csv": "2"}},
}
NEW = {
    "findings": [{"name": "a", "text": "4 acts."}, {"name": "b", "text": "Same."}],
    "evidence": ["S2", "S3"],
    "parameters": {"start": 1995, "end": 2025},
    "inputs": {"data": {"data/a.csv": "1", "data/b.csv": "3"}},
}


def test_each_difference_is_told() -> None:
    found = changes(OLD, NEW)
    assert found == {
        "findings": [("a", "3 acts.", "4 acts.")],
        "evidence_new": ["S3"],
        "evidence_gone": ["S1"],
        "parameters": [("start", 1991, 1995)],
        "inputs": ["data/b.csv"],
        "files": [],
    }
    assert list(lines_of(found)) == [
        "finding a was: 3 acts.",
        "finding a is now: 4 acts.",
        "parameter start: 1991 before, 1995 now",
        "evidence new (1): S3",
        "evidence gone (1): S1",
        "inputs changed (1): data/b.csv",
    ]


def test_equal_runs_do_not_differ() -> None:
    assert not list(lines_of(changes(OLD, OLD)))


def test_a_finding_that_is_gone_is_told() -> None:
    found = changes(OLD, {**OLD, "findings": OLD["findings"][1:]})
    assert list(lines_of(found)) == ["finding a is gone: 3 acts."]


def test_reports_are_compared_on_the_command_line(made_once: Project) -> None:
    good, other = made_once.reports / "good", made_once.reports / "set"
    run = CliRunner().invoke
    same = run(main, ["diff", str(good), str(good)])
    assert (same.exit_code, same.output) == (
        0,
        "No difference in data, words, tables or figures.\n",
    )
    unlike = run(main, ["diff", str(good), str(other / "results.json"), "--json"])
    assert json.loads(unlike.output)["parameters"]


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", '{"findings": []}'),
        json.dumps(OLD | {"parameters": []}),
        json.dumps(OLD | {"inputs": {"data": []}}),
    ],
)
def test_what_is_no_record_is_named(tmp_path, content: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(content)
    with pytest.raises(ReportError, match=r"results\.json: "):
        read_run(path)
    with pytest.raises(
        ReportError, match=r"nothing.*No such file or directory; allowed: a results"
    ):
        read_run(tmp_path / "nothing")


def test_tables_and_figures_that_differ_are_told() -> None:
    other = {**OLD, "manifest": {"tables/a.csv": "2", "index.html": "2", "figures/b.svg": "1"}}
    old = {**OLD, "manifest": {"tables/a.csv": "1", "index.html": "1", "figures/b.svg": "1"}}
    assert list(lines_of(changes(old, other))) == ["files changed (1): tables/a.csv"]
