from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ngolib.cli import main
from ngolib.project import Project

from .conftest import files_of, run_ngolib, write_notebook

HEAVY = ("pandas", "numpy", "nbconvert", "nbformat", "papermill", "matplotlib", "rich")


def run_python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout


@pytest.mark.parametrize(
    "arguments", [["list", "--help"], ["report", "--help"], ["--version"], ["--help"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom ngolib.cli import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert "HEAVY []" in run_python(code)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["list", "--help"]])
def test_a_help_that_cannot_be_printed_is_told_in_one_line(arguments: list[str]) -> None:
    code = "from ngolib.cli import main; main()"
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode and done.stderr == "ngolib: No space left on device\n"


@pytest.mark.parametrize("closed", [[2], [0, 1], [0, 1, 2]])
def test_a_run_whose_standard_streams_are_closed_runs(made: Project, closed: list[int]) -> None:
    code = (
        f"import os, sys\nfor n in {closed}: os.close(n)\n"
        "os.execv(sys.executable, [sys.executable, '-c', 'from ngolib.cli import main; main()',"
        " 'report', '--force', 'good'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=made.root, check=False)
    assert done.returncode == 0


def test_a_working_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    code = "import os; os.rmdir(os.getcwd()); from ngolib.cli import main; main(['list'])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode and done.stderr.startswith("ngolib: the working folder is gone")


def test_when_all_is_fresh_nothing_heavy_is_imported(made: Project) -> None:
    code = (
        "import sys\nfrom ngolib.cli import main\n"
        "main(['report'], standalone_mode=False)\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    said = run_python(code, NGOLIB_PROJECT=str(made.root))
    assert "all fresh" in said
    assert "HEAVY []" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "goood"], "did you mean 'good'? (allowed: good, set, small, 01_good, 02_small"),
        (["notebooks", "1_good"], "did you mean '01_good'? (allowed: 01_good, 02_small"),
        (["report", "-p", "start=2000"], "-p needs exactly one NAME"),
        (["report", "good", "set", "-p", "start=2000"], "-p needs exactly one NAME"),
        (["report", "good", "-p", "start"], "'start' found; allowed: name=value"),
        (["report", "good", "-p", "end=1", "-p", "end=2"], "'end' is given twice"),
        (["add", "x.txt", "--max-mib", "nan"], "nan found; allowed: a number"),
        (["report", "good", "-p", "contries=KAZ"], "did you mean 'countries'?"),
        (["report", "good", "-p", "countries=KAX"], "did you mean 'KAZ'? (allowed: KAZ, RUS, KGZ"),
        (["report", "good", "-p", "start=2020", "-p", "end=2000"], "2020 is after end, 2000"),
        (["notebooks", "1_good"], "did you mean '01_good'?"),
    ],
)
def test_what_is_not_there_is_refused_at_once(
    made_once: Project, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ngolib.reports.run.each", None)
    result = run_ngolib(made_once, *arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_a_wrong_entry_of_the_plan_stops_all_before_anything_runs(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = made.reports / "plan.toml"
    plan.write_text(plan.read_text().replace("KGZ", "XXX"))
    monkeypatch.setattr("ngolib.reports.run.each", None)
    result = run_ngolib(made, "report", "good", "--force")
    assert result.exit_code == 2
    assert "ngolib: reports/plan.toml: report set: 01_good: parameter countries" in result.output


def test_a_folder_that_is_no_project_is_named(made: Project) -> None:
    result = run_ngolib(Project(made.root / "data"), "list")
    assert result.exit_code == 2
    assert "is no project" in result.output


def test_list_names_reports_notebooks_and_parameters(made_once: Project) -> None:
    output = run_ngolib(made_once, "list").output
    assert "good   A good report" in output
    assert "01_good; fresh" in output
    assert "01_good: What is good?" in output
    assert "countries  list[Country] = KAZ,RUS  # countries compared" in output


def test_why_says_every_reason(made: Project) -> None:
    (made.root / "CITATION.cff").write_text("cff-version: 1.2.0\n")
    content = (made.notebooks / "02_small.ipynb").read_text().replace("exists()", "is_dir()")
    (made.notebooks / "02_small.ipynb").write_text(content)
    output = run_ngolib(made, "report", "small", "--why").output
    assert "CITATION.cff is new" in output
    assert "notebooks/02_small.ipynb changed" in output
    again = run_ngolib(made, "report", "small", "--why").output
    assert "nothing that it is made from has changed" in again


@pytest.mark.parametrize(("found", "status"), [([], 0), (["a.csv: row 2: wrong"], 1)])
def test_check_prints_each_defect(
    made_once: Project, found: list[str], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ngolib.intake.coding.defects", lambda project: found)
    result = run_ngolib(made_once, "check")
    assert result.exit_code == status
    assert all(line in result.output for line in found or ["1 tables checked, no defect"])


def test_a_dry_run_says_what_and_why_and_writes_nothing(made: Project) -> None:
    (made.root / "CITATION.cff").write_text("cff-version: 1.2.0\n")
    everything = files_of(made.root)
    result = run_ngolib(made, "report", "good", "small", "--dry-run")
    assert result.exit_code == 0
    assert result.output.count("CITATION.cff is new") == 2
    assert "2 reports: 2 stale; nothing was run." in result.output
    assert files_of(made.root) == everything


def test_a_dry_run_of_fresh_reports_and_of_forced_ones(made_once: Project) -> None:
    result = run_ngolib(made_once, "report", "--dry-run")
    assert "3 reports: all fresh" in result.output
    forced = run_ngolib(made_once, "report", "--dry-run", "--force", "--json")
    states = {r["slug"]: (r["state"], r["reasons"]) for r in json.loads(forced.stdout)["reports"]}
    assert states == {slug: ("stale", ["forced"]) for slug in ("good", "set", "small")}


def test_machines_are_told_what_became_of_each(made: Project) -> None:
    write_notebook(made.notebooks / "02_small.ipynb", ["1 / 0"])
    result = run_ngolib(made, "report", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["ok"], told["status"], told["error"]) == (False, 1, [])
    reports = {one["slug"]: one for one in told["reports"]}
    assert reports["good"] == {
        "slug": "good",
        "state": "fresh",
        "reasons": [],
        "seconds": None,
        "error": None,
        "log": None,
    }
    small = reports["small"]
    assert small["state"] == "failed"
    assert small["reasons"] == ["notebooks/02_small.ipynb changed"]
    assert small["error"] == "02_small.ipynb, cell 1: ZeroDivisionError: division by zero"
    assert small["log"] == "reports/.logs/small.txt"
    assert small["seconds"] > 0
    assert "ZeroDivisionError" in (made.root / small["log"]).read_text()
    assert "3 reports: 2 fresh, 1 failed" in result.stderr


def test_machines_are_told_why_nothing_was_run(made: Project) -> None:
    (made.reports / "plan.toml").write_text("[[report]")
    result = run_ngolib(made, "report", "--json")
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert (told["ok"], told["status"], told["reports"]) == (False, 2, [])
    assert told["error"][0].startswith("reports/plan.toml: not valid TOML")


def test_reports_no_longer_planned_are_named_and_stay(made: Project) -> None:
    run_ngolib(made, "report", "good", "-p", "countries=KAZ")
    plan = made.reports / "plan.toml"
    plan.write_text(plan.read_text().replace('slug = "set"', 'slug = "other"'))
    result = run_ngolib(made, "report", "good")
    assert "In the plan no longer, and yours to remove: set" in result.output
    assert (made.reports / "set").is_dir()
    told = json.loads(run_ngolib(made, "report", "good", "--json").stdout)
    assert told["no_longer_planned"] == ["set"]


@pytest.mark.skipif(os.name != "posix", reason="a terminal of POSIX")
def test_a_terminal_shows_what_runs(made: Project) -> None:
    import pty

    (made.root / "CITATION.cff").write_text("cff-version: 1.2.0\n")
    ours, theirs = pty.openpty()
    environment = {**os.environ, "NGOLIB_PROJECT": str(made.root), "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-c", "from ngolib.cli import main; main(['report'])"],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env=environment,
    ) as command:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):
            while piece := os.read(ours, 65536):
                shown += piece
    os.close(ours)
    assert command.returncode == 0
    for text in (b"good", b"0/3", b"0:00:0", b"-:--:--"):
        assert text in shown


def test_a_stop_that_a_library_wraps_is_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise ValueError("cannot be built: KeyboardInterrupt: ")

    monkeypatch.setattr("ngolib.evidence.check.defects", stopped)
    monkeypatch.setattr("ngolib.intake.coding.defects", stopped)
    heard = signal.getsignal(signal.SIGINT)
    done = CliRunner().invoke(main, ["check"])
    signal.signal(signal.SIGINT, heard)  # a command that was stopped hears no further one
    assert done.exit_code == 130 and done.stderr.startswith("ngolib: stopped; ")
