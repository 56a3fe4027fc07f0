"""A sweep on a real cluster of two workers, one of which is killed in the middle."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from ngolib.project import Project

from . import faults
from .conftest import build_project, files_of, run_ngolib, write_notebook

distributed = pytest.importorskip("distributed", reason="distributed is not installed")
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
SWEEP = """
[[sweep]]
slug = "sweep"
title = "From {start}, {countries}"
notebook = "03_slow"

[sweep.vary]
countries = { pairs = ["KAZ", "RUS", "KGZ"] }
start = [1991, 2000]
"""
PARAMETERS = 'countries: list[Country] = ["KAZ"]  # which\nstart: Year = 1991  # from'


def add_sweep(project: Project) -> Project:
    cells = [
        "# What is swept?",
        "from ngolib.params import Country, Year",
        (PARAMETERS, "parameters"),
        "import time\ntime.sleep(0.4)\nprint(countries, start)",
    ]
    write_notebook(project.notebooks / "03_slow.ipynb", cells)
    plan = project.reports / "plan.toml"
    plan.write_text(plan.read_text() + SWEEP)
    return project


def wait_for_a_report(project: Project) -> None:
    """Wait until a report of the sweep is there, or it is clear that none will be."""
    for _ in range(6000):
        if list(project.reports.glob("sweep-*")):
            return
        time.sleep(0.01)


@pytest.fixture
def cluster(tmp_path: Path):
    # As processes with nannies: a worker that is killed is replaced, its work done elsewhere.
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        local_directory=str(tmp_path / "dask"),
    ) as cluster:
        yield cluster


@posix
def test_a_sweep_outlives_a_killed_worker_and_gives_the_same_bytes(cluster, tmp_path: Path) -> None:
    project = add_sweep(build_project(tmp_path / "there"))

    def kill_one() -> None:
        wait_for_a_report(project)
        nanny = next(iter(cluster.workers.values()))
        os.kill(nanny.pid, signal.SIGKILL)
        killed.append(nanny.pid)

    killed: list[int] = []
    killer = threading.Thread(target=kill_one)
    killer.start()
    result = run_ngolib(project, "report", "--dask", cluster.scheduler_address)
    killer.join()
    assert killed
    assert result.exit_code == 0, result.output
    assert "9 reports: 9 made" in result.output
    local = add_sweep(build_project(tmp_path / "here"))
    assert run_ngolib(local, "report").exit_code == 0
    assert files_of(project.reports) == files_of(local.reports)
    cluster.close()
    faults.wait_until_childless(project)


def test_a_cluster_whose_last_worker_is_gone_is_told(
    cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ngolib.reports.cluster.PATIENCE", 2)
    project = add_sweep(build_project(tmp_path / "there"))

    def take_away() -> None:
        wait_for_a_report(project)
        cluster.scale(0)

    helper = threading.Thread(target=take_away)
    helper.start()
    result = run_ngolib(project, "report", "--dask", cluster.scheduler_address)
    helper.join()
    assert result.exit_code == 1
    assert "the cluster: no worker is left" in result.output
    assert run_ngolib(project, "report").exit_code == 0


def test_a_cluster_whose_scheduler_is_lost_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ngolib.reports.cluster.PATIENCE", 5)
    project = add_sweep(build_project(tmp_path / "there"))
    place = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", *place]
    scheduler = subprocess.Popen(dask, stderr=subprocess.PIPE, text=True)
    told = (re.search(r"Scheduler at: +(tcp://\S+)", line) for line in scheduler.stderr)
    address = next(found[1] for found in told if found)
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-dashboard"]
    worker += ["--no-nanny", "--local-directory", str(tmp_path / "dask"), "--death-timeout", "5"]
    with subprocess.Popen(worker, stderr=subprocess.DEVNULL) as helper:

        def kill() -> None:
            wait_for_a_report(project)
            scheduler.kill()

        threading.Thread(target=kill).start()
        result = run_ngolib(project, "report", "--dask", address)
        helper.kill()
    assert result.exit_code == 1, result.output
    assert "the cluster: " in result.output and "Traceback" not in result.output
    assert run_ngolib(project, "report").exit_code == 0
    scheduler.wait()
    scheduler.stderr.close()


def test_what_is_stopped_ends_on_its_worker_too(cluster, tmp_path: Path) -> None:
    project = build_project(tmp_path / "there")
    begun = project.root / "begun"
    cell = "import os, pathlib, subprocess\nsleeper = subprocess.Popen(['sleep', '300'])\n"
    cell += f"pathlib.Path({str(begun)!r}).write_text(f'{{os.getpid()}} {{sleeper.pid}}')\n"
    write_notebook(project.notebooks / "03_slow.ipynb", ["# Slow?", cell + "sleeper.wait()"])
    command = [sys.executable, "-c", "from ngolib.cli import main; main()", "report", "03_slow"]
    command += ["--dask", cluster.scheduler_address, "--project", str(project.root)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        while not begun.exists() or not begun.read_text():
            time.sleep(0.05)
        started = [psutil.Process(int(pid)) for pid in begun.read_text().split()]
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 130
    assert not psutil.wait_procs(started, timeout=30)[1]


def test_a_worker_that_sees_other_data_says_so(
    cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = build_project(tmp_path / "there")
    original = Project.input_hashes
    monkeypatch.setattr(
        Project, "input_hashes", lambda self: {**original(self), "data/only-here.csv": "0"}
    )
    result = run_ngolib(project, "report", "small", "--dask", cluster.scheduler_address)
    assert result.exit_code == 1
    assert "the worker sees another data/only-here.csv" in result.output


def test_no_cluster_is_one_clear_line(made: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ngolib.reports.cluster.PATIENCE", 1)
    result = run_ngolib(made, "report", "small", "--force", "--dask", "tcp://127.0.0.1:1")
    assert result.exit_code == 1
    assert "ngolib: no cluster answers at tcp://127.0.0.1:1" in result.output


def test_a_missing_package_is_one_clear_line(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    result = run_ngolib(made, "report", "--force", "--dask", "tcp://127.0.0.1:1")
    assert result.exit_code == 1
    assert "--dask needs the package distributed" in result.output
