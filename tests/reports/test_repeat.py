"""The same inputs give the same bytes, whoever runs them, where, when and in which order."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ngolib.project import Project

from . import faults
from .conftest import build_project, files_of, write_notebook

ROOT = Path(__file__).resolve().parents[2]
# What would differ from run to run, if nothing were done about it.
TEMPTING = [
    "# What would differ?",
    "import os, time, warnings, locale\n{'b', 'a', 'c'}, hash('x')",
    "time.strftime('%H', time.gmtime(0)), time.localtime(0).tm_hour, sorted(['ä', 'z', 'Z', 'a'])",
    "print(object()); warnings.warn('a warning')",
    "import pandas as pd\npd.DataFrame({f'a long name {n}': [n] for n in range(30)})",
    "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.title('ә')",
    "open('../data/codebook/vocabulary.csv').read()[:30], 'ә'",
]
SETTINGS: list[tuple[list[str], dict[str, str]]] = [
    ([], {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "USER": "one"}),
    (
        ["--jobs", "1"],
        {"LC_ALL": "C", "TZ": "Asia/Almaty", "PYTHONHASHSEED": "123", "COLUMNS": "40"},
    ),
    (
        ["--jobs", "4"],
        {"LC_ALL": "", "LANG": "de_DE.ISO-8859-1", "TZ": "America/New_York", "USER": "two"},
    ),
    (["set", "small", "tempting", "good"], {"PYTHONWARNINGS": "error", "MPLBACKEND": "pdf"}),
]


def build(root: Path) -> Project:
    """Write the small project with a notebook that would like to differ."""
    project = build_project(root)
    write_notebook(project.notebooks / "03_tempting.ipynb", TEMPTING)
    plan = project.reports / "plan.toml"
    entry = '\n[[report]]\nslug = "tempting"\ntitle = "Tempting"\nnotebook = "03_tempting"\n'
    plan.write_text(plan.read_text() + entry)
    return project


def make(folder: Path, flags: list[str], more: dict[str, str]) -> dict[str, bytes]:
    """Make every report of a new clone, in its own folder with its own home."""
    (folder / "home").mkdir(parents=True)
    (folder / "home" / "matplotlibrc").write_text("lines.linewidth: 9\n")
    settings = {"HOME": str(folder / "home"), "MPLCONFIGDIR": str(folder / "home")}
    project = build(folder / "clone")
    command = faults.start(project, "report", *flags, "--format", "pdf", **settings, **more)
    said, _ = command.communicate(timeout=240)
    assert command.returncode == 0, said
    files = files_of(project.reports)
    assert "tempting/report.pdf" in files
    return files


@pytest.mark.skipif(os.name != "posix", reason="locales and time zones of POSIX")
def test_different_folders_homes_locales_zones_seeds_and_orders(tmp_path: Path) -> None:
    made = [
        make(tmp_path / ("a" * 5 * n + " ж") / str(n), flags, more)
        for n, (flags, more) in enumerate(SETTINGS)
    ]
    for other in made[1:]:
        assert sorted(other) == sorted(made[0])
        assert [name for name in other if other[name] != made[0][name]] == []


def other_python() -> str | None:
    """Find a second Python in which the package and what it needs are installed."""
    return os.environ.get("NGOLIB_OTHER_PYTHON") or None


def as_data(value: Any) -> Any:
    """Round numbers to nine significant digits, also those that are written as text."""
    if isinstance(value, dict):
        return {key: as_data(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_data(inner) for inner in value]
    try:
        return float(f"{float(value):.9g}") if not isinstance(value, bool) else value
    except (TypeError, ValueError):
        return value


def results(project: Project) -> Iterator[tuple[str, Any]]:
    """Yield the findings and tables of every report as data."""
    for path in sorted(project.reports.glob("*/results.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        yield path.parent.name, as_data(content["findings"])
        for table in sorted(path.parent.glob("tables/*.csv")):
            rows = [line.split(",") for line in table.read_text(encoding="utf-8").splitlines()]
            yield f"{path.parent.name}/{table.name}", as_data(rows)


@pytest.mark.skipif(other_python() is None, reason="NGOLIB_OTHER_PYTHON names no second Python")
def test_another_python_gives_the_same_tables_and_findings(tmp_path: Path) -> None:
    found = []
    for name, python in (("here", sys.executable), ("there", other_python())):
        clone = tmp_path / name
        clone.mkdir()
        for part in ("data", "notebooks", "reports/plan.toml"):
            source = ROOT / part
            (clone / part).parent.mkdir(exist_ok=True)
            shutil.copytree(source, clone / part) if source.is_dir() else shutil.copy2(
                source, clone / part
            )
        code = "from ngolib.cli import main; main()"
        command = [str(python), "-c", code, "report", "--project", str(clone)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        found.append(dict(results(Project(clone))))
    assert found[0] == found[1]
