"""Times and memory when the data grow: the register and the coding 10 and 100 times, many texts.

The data of a copy of the project grow by copies of their rows under new ids, references and laws'
names with them, so that `ngolib check` finds nothing wrong and nothing falls together. Each step
runs in processes of its own; its processor seconds hold those of all of them, kernels too. What
grows faster than the rows stands out: its processor seconds a row rise.
"""

from __future__ import annotations

import argparse
import compileall
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from common import NGOLIB, ROOT, copy_project, environment, machine

from ngolib.project import Project

# Where an id, or a name that must differ, is told apart: `-x2` of the second copy and so on.
MARK = "\ue000"
# Tables of the frame of the register, which grow with states, years, treaties and languages only.
FRAME = {"offices", "ratings", "search_log", "treaties", "treaty_table", "glosses"}
TEXTS = ("sources", "articles", "statements")
# Beside ids, what keeps acts, elements and counts of copies apart.
NAMES = {
    "acts": ["title_en", "law_no"],
    "rules": ["law_no"],
    "pairs": ["element"],
    "counts": ["what"],
}
# These tell of rows of other tables; what they tell of such a name, or of a table that does not
# grow, is not copied.
ABOUT = {"corrections": "row", "second_reading": "row_id"}
STATEMENTS = 6  # of each article, where texts grow: some ten a text
LOADERS = ("lines", "articles", "sentences", "statements", "events", "acts", "rules")
SUBREAPER = 36  # of Linux: processes whose parent has ended are ours to wait for


def marked_ids(project: Project, tables: Sequence[str]) -> dict[str, str]:
    """Return the ids of tables, with the mark where copies differ: of an article, in its text."""
    found = {}
    for name in tables:
        key = project.schema[name].fields[0]
        for value in project.read_text_cells(name)[key.name] if key.unique else ():
            head, dot, number = value.rpartition(".") if name == "articles" else (value, "", "")
            found[value] = f"{head}{MARK}{dot}{number}"
    return found


def marked(project: Project, name: str, ids: dict[str, str]) -> pd.DataFrame:
    """Return the rows of a table to be copied, with a mark in each id and name."""
    frame = project.read_text_cells(name)
    for column in frame.columns.difference(["exact", "prefix", "suffix"]):
        parts = frame[column].map(lambda cell: re.split(r"(; |: )", cell))
        frame[column] = parts.map(lambda cell: "".join(ids.get(part, part) for part in cell))
    for column in NAMES.get(name, ()):
        frame[column] = frame[column].where(frame[column] == "", frame[column] + MARK)
    if name == "sources":
        frame["path"] = "sources/" + frame["source_id"] + ".txt"
    if name not in ABOUT:
        return frame
    named = frame["column"].isin({column for columns in NAMES.values() for column in columns})
    return frame[frame[ABOUT[name]].str.contains(MARK) & ~named]


def grow(project: Project, times: int, tables: Sequence[str], statements: int = 0) -> None:
    """Let tables of a copied project grow, and its source texts; keep few statements if need be."""
    ids = marked_ids(project, tables)
    for name in tables:
        frame = marked(project, name, ids)
        if name == "statements" and statements:
            frame = frame.groupby("article_id").head(statements)
            kept = frame["same_step_as"].isin(set(frame["statement_id"]))
            frame["same_step_as"] = frame["same_step_as"].where(kept, "")
        rows = frame.to_csv(index=False, header=False, lineterminator="\n")
        with (project.data / project.schema[name].path).open("a", encoding="utf-8") as file:
            for n in range(2, times + 1):
                file.write(rows.replace(MARK, f"-x{n}"))
    for path in sorted((project.data / "sources").glob("*.txt")):
        for n in range(2, times + 1):
            shutil.copyfile(path, path.with_stem(f"{path.stem}-x{n}"))


class Cost(NamedTuple):
    """Seconds on the clock, of the processors; the most memory that one process held, in MB."""

    clock: float
    processor: float
    memory: float


def measure(command: Sequence[str], project: Path, hours: float = 1) -> Cost | str:
    """Run a command; return what it and all its processes took, or its last line if it failed."""
    begin, processor, memory = time.perf_counter(), 0.0, 0
    with tempfile.TemporaryFile("w+") as told:
        limit = ["timeout", "--foreground", "--kill-after=10", f"{hours}h", *command]
        first = subprocess.Popen(
            limit, cwd=project, env=environment(project), stdout=told, stderr=subprocess.STDOUT
        )
        try:
            while True:  # until none is left
                pid, status, used = os.wait4(-1, 0)
                processor += used.ru_utime + used.ru_stime
                memory = max(memory, used.ru_maxrss)
                if pid == first.pid:
                    first.returncode = os.waitstatus_to_exitcode(status)
                    clock = time.perf_counter() - begin
        except ChildProcessError:
            pass
        if first.returncode == 0:
            return Cost(clock, processor, memory * 1024 / 1e6)
        told.seek(0)
        return f"failed: {(told.read().strip().splitlines() or ['killed'])[-1][:200]}"


def steps(project: Project, only: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the name and the command of each step: check, loaders, reports, the site."""
    plan = (project.root / "reports/plan.toml").read_text(encoding="utf-8")
    loads = {f"load_{n}": f"import ngolib; len(ngolib.load_{n}())" for n in LOADERS}
    found: dict[str, Sequence[str]] = {"check": (*NGOLIB, "check")}
    found |= {name: (sys.executable, "-c", code) for name, code in loads.items()}
    found["site"] = (sys.executable, "-c", SITE)
    for slug in re.findall(r'^slug = "(.*)"', plan, re.MULTILINE):
        found[slug] = (sys.executable, "-c", REPORT, "", slug)
    yield from ((name, how) for name, how in found.items() if not only or name in only)


# Reports, on a cluster or here, without what all share: the check of the data and the site stand in
# rows of their own.
REPORT = """
import sys
from ngolib.project import Project
from ngolib.reports import driver
from ngolib.reports.console import Progress
from ngolib.reports.plan import read_plan
driver.check_data = driver.write_index = lambda *given: None
project = Project.find()
plan = read_plan(project)
address, *slugs = sys.argv[1:]
how = driver.Running(dask=address or None)
chosen = driver.choose(project, plan, slugs)
made = driver.make_reports(project, chosen, plan, Progress(0), force=True, running=how)
sys.exit("; ".join(one.said or one.state for one in made if one.state != "made") or 0)
"""
SITE = """
from ngolib.project import Project
from ngolib.reports.plan import read_plan
from ngolib.reports.upkeep import write_index
project = Project.find()
write_index(project, read_plan(project))
"""


def grown(folder: Path, size: str) -> Project:
    """Return a copy of the project of a size: `10x` of all tables, or `1000t` texts."""
    made = Project(folder / size)
    if not made.root.exists():
        project = Project(copy_project(made.root))
        if size.endswith("x"):
            rows = [t for t in project.schema if t not in FRAME and not made_once(project, t)]
            grow(project, int(size[:-1]), rows)
        else:
            sources = len(project.read_text_cells("sources"))
            grow(project, int(size[:-1]) // sources, TEXTS, STATEMENTS)
    for part in ("ngolib", "notebooks"):  # as they are now, where the data were made before
        shutil.copytree(ROOT / part, made.root / part, dirs_exist_ok=True)
    compileall.compile_dir(made.root / "ngolib", quiet=1)
    return made


def made_once(project: Project, table: str) -> bool:
    """Say whether a table is no evidence, but a rule of how it is coded."""
    path = project.schema[table].path
    return path.startswith("codebook/") or path == "patterns.csv"


def page_of(project: Project, name: str) -> str:
    """Say how heavy the page of a report is, if there is one."""
    page = project.reports / name / "index.html"
    return f", {page.stat().st_size / 1000:.0f} kB" if page.is_file() else ""


def on_cluster(project: Project, slugs: Sequence[str]) -> str:
    """Make reports on a cluster of two workers, kill one once the first is made; say what came."""
    from distributed import LocalCluster

    one_each = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**one_each) as cluster:
        command = [sys.executable, "-c", REPORT, cluster.scheduler_address, *slugs]
        before = {slug: made_at(project, slug) for slug in slugs}
        begin = time.perf_counter()
        run = subprocess.Popen(command, cwd=project.root, env=environment(project.root))
        while run.poll() is None and before == {slug: made_at(project, slug) for slug in slugs}:
            time.sleep(0.1)
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        killed = time.perf_counter() - begin
        status = run.wait()
        made = sum(made_at(project, slug) > before[slug] for slug in slugs)
        return (
            f"{len(slugs)} reports on two workers, one killed after {killed:.0f} s: {made} made "
            f"after {time.perf_counter() - begin:.0f} s, exit status {status}"
        )


def made_at(project: Project, slug: str) -> int:
    """Return when a report was made; 0 if it was not."""
    page = project.reports / slug / "index.html"
    return page.stat().st_mtime_ns if page.is_file() else 0


def main() -> None:
    """Print a table of seconds, memory and the weight of pages, a column for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", default=["1x", "10x", "100x", "1000t", "10000t"])
    parser.add_argument("--only", nargs="*", default=[], help="steps, such as check or order")
    parser.add_argument("--folder", type=Path, help="keep the copies of the project here")
    parser.add_argument("--dask", action="store_true", help="only: make these on a cluster")
    options = parser.parse_args()
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        print(f"{machine()}\n", flush=True)
        cells: dict[str, list[str]] = {}
        for size in options.sizes:
            project = grown(folder, size)
            if options.dask:
                print(f"{size}: {on_cluster(project, options.only)}", flush=True)
                continue
            for name, command in steps(project, options.only):
                cost = measure(command, project.root)
                if isinstance(cost, Cost):
                    cost = f"{cost.processor:.1f} ({cost.clock:.1f}), {cost.memory:,.0f} MB"
                    cost += page_of(project, name)
                cells.setdefault(name, []).append(cost)
                print(f"{time.strftime('%H:%M')} {size} {name}: {cost}", file=sys.stderr)
    if options.dask:
        return
    print("processor seconds (on the clock), memory of the largest process, page\n")
    print(f"| step | {' | '.join(options.sizes)} |")
    print("|---|" + "---|" * len(options.sizes))
    for name, own in cells.items():
        print(f"| {name} | {' | '.join(own)} |")


if __name__ == "__main__":
    main()
