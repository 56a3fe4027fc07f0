"""A run that is broken off, or cannot write, loses nothing and leaves nothing behind."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ngolib.project import Project
from ngolib.reports import execute, publish, warm
from ngolib.reports.lock import exclusive

from . import faults
from .conftest import files_of, run_ngolib, write_notebook

posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="the warm parent is for Linux")
KINDS = list(warm.KINDS)


@pytest.fixture(scope="session")
def slow_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose reports take a moment, all made; only to be copied."""
    project = faults.build(tmp_path_factory.mktemp("slow") / "once")
    said, _ = faults.start(project).communicate()
    assert "5 made" in said, said
    return project


@pytest.fixture
def slow(slow_once: Project, tmp_path: Path) -> Project:
    """A copy of it, free to be broken."""
    shutil.copytree(slow_once.root, tmp_path / "slow")
    return Project(tmp_path / "slow")


def wait_for_kernels(project: Project, command: subprocess.Popen[str]) -> None:
    """Wait until a kernel runs: what writes its connection to a file is one."""
    for _ in range(1000):
        for process in faults.children(project):
            with suppress(faults.psutil.Error):
                if "ipykernel_launcher" in process.cmdline() or process.ppid() != command.pid:
                    return
        time.sleep(0.01)
    raise AssertionError("no kernel was started")


def make_endless(project: Project) -> None:
    write_notebook(project.notebooks / "02_small.ipynb", ["import time\ntime.sleep(600)"])


@linux
def test_killed_at_any_moment_reports_agree_with_their_manifests(slow: Project) -> None:
    account = faults.break_off(slow, moments=20, seed=2025)
    assert account.killed >= 10, account


@posix
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_stopped_command_leaves_no_child(slow: Project, kind: str, name: str) -> None:
    number = getattr(signal, name)
    before = files_of(slow.reports)
    make_endless(slow)
    command = faults.start(slow, "small", "--kernel", kind)
    wait_for_kernels(slow, command)
    time.sleep(0.3)
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


@linux
def test_the_folders_of_killed_runs_are_removed_by_the_next(
    slow: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "t").mkdir()
    make_endless(slow)
    command = faults.start(slow, "small", TMPDIR=str(tmp_path / "t"))
    wait_for_kernels(slow, command)
    command.kill()
    command.communicate()
    assert list((tmp_path / "t").glob("ngo-*"))
    faults.start(slow, "good", "--force", TMPDIR=str(tmp_path / "t")).communicate()
    assert not list((tmp_path / "t").glob("ngo-*"))


def test_folders_of_other_projects_and_living_runs_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mine, other = warm.folder_name(Path("/a")), warm.folder_name(Path("/b"))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for name in (f"{mine}{ended.pid}-x", f"{mine}{os.getpid()}-x", f"{other}{ended.pid}-x"):
        (tmp_path / name).mkdir()
    warm.remove_leftovers(Path("/a"))
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {f"{mine}{os.getpid()}-x", f"{other}{ended.pid}-x"}


def test_a_second_run_waits_for_the_first_and_says_so(slow: Project) -> None:
    (slow.data / "round.txt").write_text("1")
    first = faults.start(slow)
    for _ in range(1000):
        if (slow.reports / ".lock").read_text() == str(first.pid):
            break
        time.sleep(0.01)
    second = faults.start(slow)
    said, _ = second.communicate(timeout=60)
    first_said, _ = first.communicate(timeout=60)
    assert "5 made" in first_said
    assert f"ngolib: process {first.pid} is at work in reports/; waiting until it ends" in said
    assert "5 reports: all fresh" in said or "5 reports: 5 fresh" in said
    assert (first.returncode, second.returncode) == (0, 0)


def test_the_lock_is_taken_in_turn(tmp_path: Path) -> None:
    told: list[str] = []
    with exclusive(tmp_path, told.append) as waited:
        assert not waited
        code = (
            "import sys; from pathlib import Path; from ngolib.reports.lock import exclusive\n"
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
    original = os.open

    def refuse_lock(path: object, *more: int) -> int:
        if str(path).endswith(".lock"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return original(path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr("ngolib.reports.lock.os.open", refuse_lock)
    assert run_ngolib(made, "report").exit_code == 0  # nothing needs to be written
    result = run_ngolib(made, "report", "--force")
    assert result.exit_code == 1
    assert result.stderr == "ngolib: reports/ cannot be written: Read-only file system\n"
    assert files_of(made.reports) == before


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
    assert "reports/good could not be written: No space left on device" in result.output
    assert "3 reports: 2 made, 1 failed" in result.output
    assert "Traceback" not in result.output
    after = files_of(made.reports)
    assert {n for n in before if before[n] != after[n]} == {"index.html"}
    faults.check_clean(made)


def test_where_nothing_can_be_written_one_line_says_so(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of(made.reports)
    monkeypatch.setattr(Path, "write_bytes", refuse(errno.ENOSPC, str(made.reports)))
    # Something must differ, or nothing needs to be written.
    plan = made.reports / "plan.toml"
    plan.write_text(plan.read_text().replace("A small compendium", "Another"))
    result = run_ngolib(made, "report", "--force")
    assert result.exit_code == 1
    assert "could not be written: No space left on device" in result.output
    assert result.stderr.count("ngolib: ") == 1
    assert {n for n, c in files_of(made.reports).items() if c != before[n]} == {"plan.toml"}


def test_no_folder_swap_in_the_system_is_no_harm(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "_exchange", lambda one, other: False)
    publish.publish(made.reports, "good", {"index.html": b"new"})
    assert files_of(made.reports / "good") == {"index.html": b"new"}
    faults.check_clean(made)


def test_a_cell_that_takes_too_long_is_named(made: Project) -> None:
    make_endless(made)
    result = run_ngolib(made, "report", "small", "good", "--force", "--timeout", "2")
    assert result.exit_code == 1
    said = "02_small.ipynb, cell 1: took longer than 2 seconds (see --timeout)"
    assert said in result.output
    assert "1 made, 1 failed" in result.output


@posix
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_kernel_is_named_and_stops_no_other(made: Project, kind: str) -> None:
    cells = ["x = 1", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"]
    write_notebook(made.notebooks / "02_small.ipynb", cells)
    result = run_ngolib(made, "report", "small", "good", "--force", "--kernel", kind)
    assert result.exit_code == 1
    assert "02_small.ipynb, cell 2: the kernel was killed" in result.output
    assert "1 made, 1 failed" in result.output


@linux
@pytest.mark.parametrize("kind", KINDS)
def test_memory_that_runs_out_in_a_cell_is_named(made: Project, kind: str) -> None:
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))"
    write_notebook(made.notebooks / "02_small.ipynb", [limit, "x = bytearray(2**33)"])
    result = run_ngolib(made, "report", "small", "--kernel", kind)
    assert result.exit_code == 1
    assert "02_small.ipynb, cell 2: MemoryError" in result.output


@posix
def test_memory_that_runs_out_in_the_system_is_told(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = iter([0, 1])
    monkeypatch.setattr("ngolib.reports.execute._times_out_of_memory", lambda: next(counts))
    write_notebook(made.notebooks / "02_small.ipynb", ["import os\nos.kill(os.getpid(), 9)"])
    result = run_ngolib(made, "report", "small")
    assert "cell 1: the kernel was killed: the system ran out of memory" in result.output


@linux
def test_after_the_warm_parent_is_lost_kernels_are_ordinary(made: Project) -> None:
    path = made.notebooks / "02_small.ipynb"
    with warm.session(made.root, warm.WARM):
        first = execute.run(path, {}, made.root)
        (parent,) = faults.children(made)
        parent.kill()
        parent.wait()
        assert execute.run(path, {}, made.root) == first
    assert not faults.children(made)
