"""What the benchmarks share: a copy of the project, clean environments, medians."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("ngolib", "data", "notebooks", "docs", "pyproject.toml", "CITATION.cff", "LICENSE")
NGOLIB = (sys.executable, "-c", "from ngolib.cli import main; main()")


def copy_project(to: Path) -> Path:
    """Copy what a clone holds, without anything made."""
    to.mkdir(parents=True)
    for name in PARTS:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.is_file():
            shutil.copy2(path, to / name)
    (to / "reports").mkdir()
    shutil.copy2(ROOT / "reports/plan.toml", to / "reports/plan.toml")
    return to


def environment(project: Path, **more: str) -> dict[str, str]:
    """Return an environment in which the copy's package is imported, bytecode allowed."""
    drop = {"PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "NGOLIB_PROJECT"}
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return {**kept, "PYTHONPATH": str(project), **more}


def compile_all(python: str, project: Path) -> None:
    """Compile the bytecode of the copy and of everything installed."""
    find = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([python, "-c", find], capture_output=True, text=True, check=True)
    for folder in (site.stdout.strip(), str(project / "ngolib")):
        subprocess.run(
            [python, "-m", "compileall", "-q", "-j0", folder], check=False, capture_output=True
        )


def run(command: Sequence[str], project: Path, **more: str) -> float:
    """Run a command in a project and return its seconds; a failure is an error."""
    begin = time.perf_counter()
    done = subprocess.run(
        command, cwd=project, env=environment(project, **more), capture_output=True, text=True
    )
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return seconds


def cpu() -> float:
    """Return the processor seconds that commands run until now have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def median_of(work: Callable[[], float], rounds: int) -> tuple[float, list[float]]:
    """Return the median of several rounds, and all of them."""
    seconds = [work() for _ in range(rounds)]
    return statistics.median(seconds), seconds


def cores() -> int:
    """Return how many processors may be used."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> str:
    """Describe the machine in a line."""
    model = ""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text().splitlines()
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), "")
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    what = f"{platform.system()}, {model or platform.machine()}, {cores()} cores"
    return f"{what}, Python {platform.python_version()}{load}"
