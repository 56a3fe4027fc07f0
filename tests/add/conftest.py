"""A copy of the project that may be added to: data, plan, and notebooks where they are needed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ngolib.cli import main
from ngolib.evidence.check import defects
from ngolib.intake import add as adding
from ngolib.intake import reading
from ngolib.project import Project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _no_named_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NGOLIB_PROJECT", raising=False)


@pytest.fixture
def apart() -> None:
    """Files are read in a process of their own, as users have it."""


@pytest.fixture(autouse=True)
def _read_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in this process: a start of the libraries for each file would take most of the time."""
    if "apart" not in request.fixturenames:
        monkeypatch.setattr(adding, "read_apart", reading.read)


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of one's own with our data and plan: in one place, so that what is made of data
    that are as they were is made once for all tests."""
    root = tmp_path_factory.getbasetemp() / "own"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(ROOT / "data", root / "data")
    (root / "reports").mkdir()
    shutil.copyfile(ROOT / "reports" / "plan.toml", root / "reports" / "plan.toml")
    return Project(root)


@pytest.fixture
def own_with_notebooks(own: Project) -> Project:
    """The same with our notebooks."""
    own.notebooks.mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copyfile(path, own.notebooks / path.name)
    return own


def run(project: Project, *arguments: str, input: str | None = None) -> Result:
    """Run the command line in a project."""
    return CliRunner().invoke(main, [*arguments, "--project", str(project.root)], input=input)


def state(project: Project) -> dict[str, bytes]:
    """Every file of a project, by its path."""
    return {
        p.relative_to(project.root).as_posix(): p.read_bytes()
        for p in sorted(project.root.rglob("*"))
        if p.is_file() and p.name != ".lock"
    }


def refused(project: Project, result: Result, before: dict[str, bytes], *words: str) -> None:
    """One clear line, and nothing changed."""
    assert result.exit_code != 0
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith("ngolib: ")]
    assert len(said) == 1, result.output
    for word in words:
        assert word in said[0]
    assert state(project) == before


def sound(project: Project) -> None:
    """`ngolib check` finds nothing."""
    assert defects(Project.find(project.root)) == []
