"""A run that is broken off, or cannot write, loses nothing and leaves nothing behind."""

from __future__ import annotations

import errno
import hashlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ngolib import files
from ngolib.errors import MachineError
from ngolib.files import finish, put
from ngolib.project import Project
from ngolib.reports import publish, run
from ngolib.reports.console import Progress
from ngolib.reports.driver import choose, make_reports
from ngolib.reports.plan import read_plan
from ngolib.reports.publish import exclusive

from . import faults
from .conftest import files_of, run_ngolib, write_notebook

posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="the fork server is for Linux")


@pytest.fixture(scope="session")
def slow_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose reports take a moment, all made; only to be copied."""
    project = faults.build(tmp_path_factory.mktemp("slow") / "once")
    said, _ = faults.start(project, "report").communicate()
    assert "5 made" in said, said
    return project


@pytest.fixture
def slow(slow_once: Project, tmp_path: Path) -> Project:
    """A copy of it, free to be broken."""
    shutil.copytree(slow_once.root, tmp_path / "slow")
    return Project(tmp_path / "slow")


def wait_for_a_cell(project: Project) -> None:
    """Wait until a cell runs that `make_endless` wrote."""
    for _ in range(6000):
        if (project.data / "begun.txt").exists():
            return
        time.sleep(0.01)
    raise AssertionError("no cell was run")


def make_endless(project: Project) -> None:
    """Let a cell in C, which lets no thread of Python run, and a program run for ever."""
    begin = "import subprocess, re\nsubprocess.Popen(['sleep', '600'])\n"
    cells = [f"{begin}open('../data/begun.txt', 'w')\nre.match('(a+)+b', 'a' * 99)"]
    write_notebook(project.notebooks / "02_small.ipynb", cells)


@linux
def test_killed_at_any_moment_nothing_is_lost_and_the_next_run_finishes(
    slow_once: Project, tmp_path: Path
) -> None:
    # A few moments; benchmarks/faults.py breaks off every command at hundreds.
    account = faults.break_off(slow_once, slow_once, tmp_path, ["report", "notebooks"], 6, seed=1)
    assert account.killed, account


def test_a_list_of_moves_that_is_broken_or_goes_stops_no_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path)
    project.data.mkdir()
    project.reports.mkdir()
    (project.data / ".1a2b3c4d.moves").write_bytes(b"a\0b\n")
    finish(project)
    (project.data / ".1a2b3c4d.moves").write_bytes(b"a.csv\n")
    monkeypatch.setattr("ngolib.files.read_text", lambda path: path.unlink() or path.read_text())
    finish(project)
    assert not list(project.data.iterdir())


def test_what_was_changed_since_a_kill_is_not_written_over(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.data.mkdir()
    project.reports.mkdir()
    for name in ("a.csv", "b.csv"):
        (project.data / name).write_text("old")
        (project.data / f".{name}.1a2b3c4d.new").write_text("new")
    old, new = (hashlib.sha256(content).hexdigest() for content in (b"old", b"new"))
    (project.data / "b.csv").write_text("changed by hand")
    (project.data / ".1a2b3c4d.moves").write_text(f"{old} {new} a.csv\n{old} {new} b.csv")
    with pytest.raises(MachineError, match=r"b\.csv: was changed after a command was killed"):
        finish(project)
    finish(project, alone=True)
    left = {path.name: path.read_text() for path in project.data.iterdir()}
    assert left == {"a.csv": "old", "b.csv": "changed by hand"}


def test_what_was_taken_back_after_a_kill_stays_away(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.data.mkdir()
    (project.data / "a.csv").write_text("old")
    (project.data / "b.csv").write_text("old")
    (project.data / ".b.csv.1a2b3c4d.new").write_text("new")
    old, new = (hashlib.sha256(content).hexdigest() for content in (b"old", b"new"))
    (project.data / ".1a2b3c4d.moves").write_text(f"{old} {new} a.csv\n{old} {new} b.csv")
    with pytest.raises(MachineError, match=r"a\.csv: was changed after a command was killed"):
        finish(project)  # a.csv had been moved, and is as it was again
    finish(project)
    left = {path.name: path.read_text() for path in project.data.iterdir()}
    assert left == {"a.csv": "old", "b.csv": "old"}


def test_a_file_that_its_writer_moves_meanwhile_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path)
    project.data.mkdir()
    path, place = project.data / "a.csv", project.data / ".a.csv.1a2b3c4d.new"
    path.write_text("old")
    place.write_text("new")
    old, new = (hashlib.sha256(content).hexdigest() for content in (b"old", b"new"))
    (project.data / ".1a2b3c4d.moves").write_text(f"{old} {new} a.csv")
    digest = files.sha256

    def move_and_hash(path: Path) -> str:
        place.replace(path)
        return digest(path)

    monkeypatch.setattr(files, "sha256", move_and_hash)
    finish(project)
    assert path.read_text() == "new"


def test_hidden_files_of_a_user_are_let_be(made: Project) -> None:
    own = ["notebooks/.notes.new", "notebooks/.backup.old", "data/.mine.new", "data/.a.moves"]
    for name in own:
        (made.root / name).write_text("mine")
    (made.reports / ".draft.old").mkdir()
    assert "all fresh" in run_ngolib(made, "report").output
    assert run_ngolib(made, "report", "--force").exit_code == 0
    assert [(made.root / name).read_text() for name in own] == ["mine"] * len(own)
    assert (made.reports / ".draft.old").is_dir()


def test_what_a_run_changed_is_told_though_it_was_stopped_right_after(
    slow: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(reports: Path, slug: str, files: Mapping[str, bytes]) -> None:
        original(reports, slug, files)
        if slug == "slow-3":
            raise KeyboardInterrupt

    original = publish.publish
    (slow.data / "round.txt").write_text("1")
    monkeypatch.setattr(publish, "publish", stop)
    plan = read_plan(slow)
    with pytest.raises(KeyboardInterrupt):
        make_reports(slow, choose(slow, plan, ["slow-3"]), plan, Progress(10))
    monkeypatch.undo()
    assert "fresh     slow-3" in run_ngolib(slow, "report", "slow-3").output
    assert "inputs changed (1): data/round.txt" in (slow.reports / "index.html").read_text()


@posix
@pytest.mark.parametrize("step", range(1, 6))
def test_files_that_belong_together_are_all_old_or_all_new(tmp_path: Path, step: int) -> None:
    project = Project(tmp_path)
    project.reports.mkdir()
    paths = [project.data / "a.csv", project.data / "below/b.csv", project.data / "c.csv"]
    put(dict.fromkeys(paths, b"old"))
    if (pid := os.fork()) == 0:
        move, left = os.replace, iter(range(1, step))

        def die_at(*places: Path) -> None:
            move(*places) if next(left, None) else os._exit(9)

        os.replace = die_at  # type: ignore[assignment]
        put(dict.fromkeys(paths, b"new"))
        os._exit(0)
    killed = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 9
    assert killed == (step < 5)
    finish(project, alone=True)
    # The first step is that of the list of all: from then on the rest is only moved.
    assert {path.read_bytes() for path in paths} == {b"old" if step == 1 else b"new"}
    assert {path for path in project.data.rglob("*") if path.is_file()} == {*paths}


def test_where_one_of_several_files_cannot_be_replaced_none_is(tmp_path: Path) -> None:
    first, new, stuck = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    first.write_bytes(b"old")
    (stuck / "in the way").mkdir(parents=True)
    with pytest.raises(MachineError, match=r"c\.csv: cannot be written: .*; nothing was changed"):
        put(dict.fromkeys([first, new, stuck], b"new"))
    assert first.read_bytes() == b"old"
    assert {*tmp_path.iterdir()} == {first, stuck}


@linux
@pytest.mark.parametrize(
    ("limit", "said"), [("RLIMIT_NOFILE", "Too many open files"), ("RLIMIT_AS", "memory ran out")]
)
def test_what_the_system_has_no_more_of_is_one_line(made: Project, limit: str, said: str) -> None:
    most = {"RLIMIT_NOFILE": 6, "RLIMIT_AS": 200 * 2**20}[limit]
    code = f"import resource; resource.setrlimit(resource.{limit}, ({most}, {most}))"
    command = [sys.executable, "-c", f"{code}\n{faults.COMMAND[2]}", "report", "--force"]
    command += ["--project", str(made.root)]
    before = files_of(made.reports)
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("ngolib: ") and said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert files_of(made.reports) == before


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_stopped_command_leaves_no_child(slow: Project, name: str) -> None:
    number = getattr(signal, name)
    before = files_of(slow.reports)
    make_endless(slow)
    command = faults.start(slow, "report", "small")
    wait_for_a_cell(slow)
    begin = time.monotonic()
    command.send_signal(number)
    said, _ = command.communicate(timeout=10)
    seconds = time.monotonic() - begin
    faults.wait_until_childless(slow)
    assert files_of(slow.reports) == before
    if name != "SIGKILL":
        assert seconds < 2
        assert command.returncode == 128 + number
        assert "ngolib: stopped; what was made until now stays" in said
        assert "Traceback" not in said


IN_A_DESTRUCTOR = """
import os, sys, time
from ngolib.cli import main
from ngolib.intake import coding

class Last:
    def __del__(self):
        os.kill(os.getpid(), int(sys.argv.pop(1)))
        time.sleep(0.1)

def check(project):
    Last()
    time.sleep(20)

coding.check = check
main(["check", "--project", sys.argv[-1]])
"""


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])  # SIGHUP a suite under nohup ignores
def test_a_stop_that_comes_in_a_destructor_is_heard(made: Project, name: str) -> None:
    """Python lets no error out of one, and would go on to the end, with status 0."""
    number = getattr(signal, name)
    command = [sys.executable, "-c", IN_A_DESTRUCTOR, str(int(number)), str(made.root)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=15, check=False)
    assert result.returncode == 128 + number
    assert result.stderr.startswith("ngolib: stopped; ")
    assert len(result.stderr.splitlines()) == 1


@posix
def test_the_folder_for_temporary_files_may_be_named_from_the_working_one(slow: Project) -> None:
    command = faults.start(slow, "report", "small", TMPDIR=".")
    said, _ = command.communicate(timeout=60)
    assert command.returncode == 0, said


@posix
@pytest.mark.parametrize("seconds", [0, 0.3])
def test_a_stop_is_heard_while_a_job_is_being_started(slow: Project, seconds: float) -> None:
    command = faults.start(slow, "report", "small", "--force")
    assert command.stdout is not None
    assert "1 to be made" in command.stdout.readline()
    time.sleep(seconds)
    command.send_signal(signal.SIGINT)
    said, _ = command.communicate(timeout=10)
    assert (command.returncode, "ngolib: stopped" in said, "1 made" in said) == (130, True, False)
    faults.wait_until_childless(slow)


def test_a_stop_right_after_a_job_was_started_ends_that_job_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = run._context.Process.start

    def stopped(process: Any) -> None:
        start(process)
        raise KeyboardInterrupt

    monkeypatch.setattr(run._context.Process, "start", stopped)
    with pytest.raises(KeyboardInterrupt):
        next(run.each({"one": 60}, _sleep, tmp_path, workers=1))
    assert multiprocessing.active_children() == []


def _sleep(seconds: float, at: run.At) -> None:
    time.sleep(seconds)


@posix
def test_stopped_twice_a_command_leaves_no_child(slow: Project) -> None:
    make_endless(slow)
    command = faults.start(slow, "report", "small", "--force")
    wait_for_a_cell(slow)
    ends = time.monotonic() + 10
    while command.poll() is None and time.monotonic() < ends:
        command.send_signal(signal.SIGINT)
        time.sleep(0.002)
    said, _ = command.communicate(timeout=10)
    assert command.returncode == 130
    assert said.count("ngolib: stopped") == 1 and "Traceback" not in said
    faults.wait_until_childless(slow)


def test_a_second_run_waits_for_the_first_and_says_so(slow: Project) -> None:
    (slow.data / "round.txt").write_text("1")
    first = faults.start(slow, "report")
    for _ in range(1000):
        if (slow.reports / ".lock").read_text() == str(first.pid):
            break
        time.sleep(0.01)
    second = faults.start(slow, "report")
    said, _ = second.communicate(timeout=60)
    first_said, _ = first.communicate(timeout=60)
    assert "3 fresh, 2 made" in first_said
    assert f"ngolib: process {first.pid} is at work in reports/; waiting until it ends" in said
    assert "5 reports: all fresh" in said or "5 reports: 5 fresh" in said
    assert (first.returncode, second.returncode) == (0, 0)


def test_the_lock_is_taken_in_turn(tmp_path: Path) -> None:
    told: list[str] = []
    with exclusive(tmp_path, told.append) as waited:
        assert not waited
        code = (
            "import sys; from pathlib import Path; from ngolib.reports.publish import exclusive\n"
            f"with exclusive(Path({str(tmp_path)!r}), print) as waited: print(waited)"
        )
        other = subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE)
        assert other.stdout is not None
        assert b"is at work" in other.stdout.readline()
        assert other.poll() is None
    assert other.communicate()[0].strip() == b"True"
    assert not told


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(made: Project) -> None:
    (made.data / "new.csv").write_text("a\n")
    for path in (made.reports / ".lock", made.reports):
        path.chmod(0o500)
    result = run_ngolib(made, "report")
    made.reports.chmod(0o700)
    assert result.exit_code == 1
    assert "ngolib: reports/ cannot be written: Permission denied" in result.output


def test_a_read_only_system_is_one_clear_line(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of(made.reports)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    assert run_ngolib(made, "report").exit_code == 0  # nothing needs to be written
    result = run_ngolib(made, "report", "--force")
    assert result.exit_code == 1
    assert result.stderr == "ngolib: reports/ cannot be written: Read-only file system\n"
    assert files_of(made.reports) == before


def refuse_all(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def refuse(number: int, only: str):
    """Make writing of files with a certain name fail."""
    original = Path.write_bytes

    def write(path: Path, content: bytes) -> int:
        if only in str(path):
            raise OSError(number, os.strerror(number), str(path))
        return original(path, content)

    return write


def test_a_full_disk_loses_nothing_and_is_named(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of(made.reports)
    monkeypatch.setattr(Path, "write_bytes", refuse(errno.ENOSPC, "reports/.good."))
    result = run_ngolib(made, "report", "--force")
    assert result.exit_code == 1
    assert "reports/good cannot be written: No space left on device" in result.output
    assert "3 reports: 2 made, 1 failed" in result.output
    assert "Traceback" not in result.output
    after = files_of(made.reports)
    assert {n for n in before if before[n] != after[n]} == {"index.html"}
    faults.check_clean(made)
    monkeypatch.undo()
    said = run_ngolib(made, "report").output
    assert "its last run failed" in said and "2 fresh, 1 made" in said
    assert files_of(made.reports) == before


def test_where_nothing_can_be_written_one_line_says_so(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of(made.reports)
    monkeypatch.setattr(Path, "write_bytes", refuse(errno.ENOSPC, str(made.reports)))
    monkeypatch.setattr(os, "fsync", refuse_all)
    # Something must differ, or nothing needs to be written.
    plan = made.reports / "plan.toml"
    plan.write_text(plan.read_text().replace("A small compendium", "Another"))
    result = run_ngolib(made, "report", "--force")
    assert result.exit_code == 1
    assert "cannot be written: No space left on device" in result.output
    assert "failed    index.html" in result.output and "Traceback" not in result.output
    assert {n for n, c in files_of(made.reports).items() if c != before[n]} == {"plan.toml"}


def test_no_folder_swap_in_the_system_is_no_harm(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "_exchange", lambda one, other: False)
    publish.publish(made.reports, "good", {"index.html": b"new"})
    assert files_of(made.reports / "good") == {"index.html": b"new"}
    faults.check_clean(made)


def test_a_cell_that_takes_too_long_is_named_and_gone(made: Project) -> None:
    here = str(made.root)
    make_endless(made)
    result = run_ngolib(made, "report", "small", "good", "--force", "--timeout", "2")
    assert result.exit_code == 1
    said = "02_small.ipynb, cell 1: took longer than 2 seconds (see --timeout)"
    assert said in result.output
    assert "1 made, 1 failed" in result.output
    left = faults.psutil.process_iter(["cmdline", "cwd"])
    assert not [p for p in left if "sleep" in (p.info["cmdline"] or ()) and p.info["cwd"] == here]


@posix
def test_a_killed_process_is_named_and_stops_no_other(made: Project) -> None:
    cells = ["x = 1", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"]
    write_notebook(made.notebooks / "02_small.ipynb", cells)
    result = run_ngolib(made, "report", "small", "good", "--force")
    assert result.exit_code == 1
    said = "02_small.ipynb, cell 2: the process was killed, by someone or for want of"
    assert said in result.output
    assert "1 made, 1 failed" in result.output


@posix
def test_a_process_that_dies_is_told_though_its_own_children_live(made: Project) -> None:
    cells = ["import os, time\nif os.fork() == 0:\n    time.sleep(600)\nos._exit(3)"]
    write_notebook(made.notebooks / "02_small.ipynb", cells)
    result = run_ngolib(made, "report", "small")
    assert "cell 1: the process stopped: it ended with status 3" in result.output


@posix
def test_a_cell_that_forks_and_goes_on_in_both_stops_no_other(made: Project) -> None:
    cells = ["import os\npid = os.fork()\nprint('y' * 300_000)"]
    write_notebook(made.notebooks / "02_small.ipynb", cells)
    result = run_ngolib(made, "report", "good", "small", "--force")
    assert "Traceback" not in result.output and "made      good" in result.output


def test_a_file_in_the_place_of_a_report_is_not_lost(made: Project) -> None:
    shutil.rmtree(made.reports / "small")
    (made.reports / "small").write_text("my notes")
    result = run_ngolib(made, "report", "small")
    assert result.exit_code == 1
    assert "small cannot be written: a file or a link is there" in result.output
    assert (made.reports / "small").read_text() == "my notes"


@linux
def test_memory_that_runs_out_in_a_cell_is_named(made: Project) -> None:
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))"
    write_notebook(made.notebooks / "02_small.ipynb", [limit, "x = bytearray(2**34)"])
    result = run_ngolib(made, "report", "small")
    assert result.exit_code == 1
    assert "02_small.ipynb, cell 2: MemoryError" in result.output


@posix
def test_a_process_that_the_system_kills_is_told(made: Project) -> None:
    write_notebook(made.notebooks / "02_small.ipynb", ["import os\nos.kill(os.getpid(), 9)"])
    result = run_ngolib(made, "report", "small")
    assert "cell 1: the process was killed, by someone or for want of memory" in result.output


@linux
def test_after_the_parent_of_the_jobs_is_lost_there_is_another(made: Project) -> None:
    lose = "import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(600)"
    write_notebook(made.notebooks / "02_small.ipynb", [lose])
    command = faults.start(made, "report", "good", "small", "set", "--force", "--jobs", "1")
    said, _ = command.communicate(timeout=60)
    assert "02_small.ipynb, cell 1: the process stopped" in said
    assert "3 reports: 2 made, 1 failed" in said
    faults.wait_until_childless(made)


def echo(item: int, at: run.At) -> int:
    return item


def test_a_stop_that_comes_while_a_job_is_being_ended_leaves_no_child(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill, stops = run._Running.kill, iter([True])

    def stopped_once(one: run._Running) -> None:
        if next(stops, False):
            raise KeyboardInterrupt
        kill(one)

    monkeypatch.setattr(run._Running, "kill", stopped_once)
    with pytest.raises(KeyboardInterrupt):
        list(run.each({"one": 1}, echo, project.root, workers=1, timeout=60))
    assert not multiprocessing.active_children()
