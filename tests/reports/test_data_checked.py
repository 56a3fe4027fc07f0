"""Data with defects stop a run before anything of it is run; what was made stays."""

from __future__ import annotations

import pytest

from ngolib.project import Project

from .conftest import files_of, run_ngolib


@pytest.fixture
def damaged(made: Project) -> Project:
    """All reports made and out of date, then a code of the codebook doubled."""
    (made.root / "CITATION.cff").write_text("cff-version: 1.2.0\n")
    path = made.data / "codebook/vocabulary.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    return made


@pytest.mark.parametrize("arguments", [[], ["good"], ["good", "-p", "start=2000"]])
def test_defects_stop_the_run(
    damaged: Project, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ngolib.reports.run.each", None)
    before = files_of(damaged.reports)
    result = run_ngolib(damaged, "report", *arguments)
    assert result.exit_code == 1
    assert result.stderr == (
        "ngolib: codebook/vocabulary.csv: row 8: column vocabulary, code: "
        "'country, KAZ' stands there twice\n"
    )
    assert result.stdout == ""
    assert files_of(damaged.reports) == before


def test_nothing_is_checked_when_all_is_fresh(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the data were checked")

    monkeypatch.setattr("ngolib.evidence.check.defects", never)
    assert run_ngolib(made, "report").exit_code == 0


def test_data_that_no_report_reads_are_checked_too(project: Project) -> None:
    assert run_ngolib(project, "report", "small").exit_code == 0
    table = project.data / "codebook/vocabulary.csv"
    table.write_text(table.read_text() + "country,,KAZ,Again,,,\n")
    result = run_ngolib(project, "report", "small")
    assert result.exit_code == 1 and "stands there twice" in result.stderr
