"""Breaking runs off at any moment, and what must hold then; used by tests and by `benchmarks/`."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from ngolib.project import Project

from .conftest import build_project, files_of, write_notebook

# Cells that write much and take a moment, so that a run has moments to be broken off in.
SLOW = "import time, os\ntime.sleep(0.15)\nprint(open('data/round.txt').read())"
COMMAND = [sys.executable, "-c", "from ngolib.cli import main; main()", "report"]
PATIENCE = 5.0


def build(root: Path) -> Project:
    """Write a project of four short reports."""
    project = build_project(root)
    for name in ("03_slow", "04_slow"):
        write_notebook(project.notebooks / f"{name}.ipynb", ["# How slow?", SLOW, SLOW])
    entries = "".join(
        f'\n[[report]]\nslug = "slow-{n}"\ntitle = "Slow"\nnotebook = "0{n}_slow"\n' for n in (3, 4)
    )
    plan = project.reports / "plan.toml"
    plan.write_text(plan.read_text() + entries)
    (project.data / "round.txt").write_text("0")
    return project


def start(project: Project, *options: str, **more: str) -> subprocess.Popen[str]:
    """Start the command as a scheduled job would."""
    environment = {name: value for name, value in os.environ.items() if name != "NGOLIB_PROJECT"}
    return subprocess.Popen(
        [*COMMAND, "--project", str(project.root), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**environment, **more},
        start_new_session=True,
    )


def children(project: Project) -> list[psutil.Process]:
    """Find what runs for a project: jobs and their parent carry its name with them."""
    found = []
    for process in psutil.process_iter():
        try:
            own = process.environ().get("NGOLIB_PROJECT") == str(project.root)
            if own and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_until_childless(project: Project) -> float:
    """Wait until nothing runs for a project any more; return the seconds, or fail."""
    begin = time.monotonic()
    while alive := children(project):
        waited = time.monotonic() - begin
        assert waited < PATIENCE, f"alive after {PATIENCE} seconds: {alive}"
        time.sleep(0.02)
    return time.monotonic() - begin


def check_agreement(project: Project, slugs: list[str]) -> None:
    """Check that each report is there and is what its manifest says, no more and no less."""
    for slug in slugs:
        folder = project.reports / slug
        files = files_of(folder)
        results = json.loads(files.pop("results.json"))
        found = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        assert found == results["manifest"], slug


def check_clean(project: Project) -> None:
    """Check that nothing of a broken run is left."""
    left = [p for p in project.root.rglob(".*") if p.name.endswith((".new", ".old"))]
    assert not left


@dataclass
class Account:
    """What happened in a series of broken runs."""

    killed: int = 0
    ended_before: int = 0
    slowest: float = 0.0
    kinds: dict[str, int] = field(default_factory=dict)


def victim(project: Project, kind: str, command: subprocess.Popen[str]) -> int | None:
    """Choose a process: the command, the parent of its jobs, or a job."""
    if kind == "command":
        return command.pid
    alive = {p.pid: p for p in children(project)}
    parents = [p.pid for p in alive.values() if "forkserver" in str(p.cmdline()[3:4])]
    jobs = [p.pid for p in alive.values() if p.ppid() in parents]
    chosen = parents if kind == "parent" else jobs
    return chosen[0] if chosen else None


def break_off(project: Project, moments: int, seed: int, finish: bool = False) -> Account:
    """Break off runs at seeded moments and check after each what must hold.

    Parameters
    ----------
    project : Project
        With all its reports made.
    moments : int
        How many runs to break off.
    seed : int
        Of the moments.
    finish : bool
        Whether to let a run finish after each broken one, and compare with an unbroken run.

    Returns
    -------
    Account
    """
    chance, account = random.Random(seed), Account()
    slugs = [path.parent.name for path in sorted(project.reports.glob("*/results.json"))]
    begin = time.monotonic()
    command = start(project, "--force")
    command.communicate()
    whole = time.monotonic() - begin
    for moment in range(moments):
        (project.data / "round.txt").write_text(str(moment))
        kind = chance.choices(["command", "job", "parent"], [3, 1, 1])[0]
        command = start(project)
        try:
            command.wait(chance.uniform(0.05, 1.05) * whole)
            account.ended_before += 1
        except subprocess.TimeoutExpired:
            pid = victim(project, kind, command)
            if pid is not None:
                try:
                    os.kill(pid, signal.SIGKILL)
                    account.killed += 1
                    account.kinds[kind] = account.kinds.get(kind, 0) + 1
                except ProcessLookupError:
                    account.ended_before += 1
        said, _ = command.communicate(timeout=60)
        assert "Traceback" not in said, said
        account.slowest = max(account.slowest, wait_until_childless(project))
        check_agreement(project, slugs)
        if finish:
            finished = start(project)
            said, _ = finished.communicate(timeout=60)
            assert finished.returncode == 0, said
            check_agreement(project, slugs)
            check_clean(project)
    finished = start(project)
    said, _ = finished.communicate(timeout=60)
    assert finished.returncode == 0, said
    check_clean(project)
    check_agreement(project, slugs)
    assert "all fresh" in start(project).communicate()[0]
    return account
