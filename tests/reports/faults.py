"""Breaking commands off at any moment, and what must hold then; used by tests and `benchmarks/`."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from add.files import META, page

from ngolib.project import Project

from .conftest import build_project, files_of, write_notebook

ROOT = Path(__file__).resolve().parents[2]
# Cells that write much and take a moment, so that a run has moments to be broken off in.
SLOW = "import time, os\ntime.sleep(0.15)\nprint(open('../data/round.txt').read())"
COMMAND = [sys.executable, "-c", "from ngolib.cli import main; main()"]
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
PATIENCE = 5.0
QUOTE = "Critics fear that this could lead to increased scrutiny"
CODES = "--coder me --no-ask --act KAZ-2024-justice-memorandum --stage announced"
# What writes, and its arguments: in a copy of `build` those that run reports, else `build_whole`.
RUNS = ("report", "notebooks", "preview")
WRITES = {
    "report": "report --force",
    "notebooks": "notebooks",
    "export": "export --all --to out",
    "archive": "archive --to out.zip",
    "add": "add page.html",
    "code": f"code kz-ru-memorandum-2025.1 QUOTE {CODES} --direction restrictive",
    "code --accept": "code --accept --coder you",
    "qda export": "qda export --to out.qdpx",
    "qda import": "qda import theirs.qdpx --to out.csv",
    "suggest": "suggest iwpr-2006 --to out.csv",
    "new notebook": "new notebook a_question",
    "new country": "new country TJK --name Tajikistan",
    "preview": "preview --port 0",
}


def build(root: Path) -> Project:
    """Write a project of four short reports."""
    project = build_project(root)
    add_slow(project)
    return project


def add_slow(project: Project) -> None:
    """Add two reports that take a moment."""
    for name in ("03_slow", "04_slow"):
        write_notebook(project.notebooks / f"{name}.ipynb", ["# How slow?", SLOW, SLOW])
    entries = "".join(
        f'\n[[report]]\nslug = "slow-{n}"\ntitle = "Slow"\nnotebook = "0{n}_slow"\n' for n in (3, 4)
    )
    plan = project.reports / "plan.toml"
    plan.write_text(plan.read_text() + entries)
    (project.data / "round.txt").write_text("0")


def build_whole(root: Path) -> Project:
    """Write a project with our data, a plan, and something to take in."""
    project = build(root)
    shutil.rmtree(project.data)
    shutil.copytree(ROOT / "data", project.data)
    for name in ("CITATION.cff", ".zenodo.json", "LICENSE"):
        shutil.copy(ROOT / name, root / name)
    (root / "page.html").write_text(page(head=META))
    for command in ("git init -q", "git add data CITATION.cff .zenodo.json LICENSE"):
        subprocess.run(command.split(), cwd=root, check=True)
    code = WRITES["code"].replace("--coder me", "--coder you")
    for command in (code, "qda export --coding a --to theirs.qdpx"):
        said, _ = (run := start(project, *arguments(project, command))).communicate()
        assert run.returncode == 0, said
    (project.data / "coding/drafts/you.csv").rename(root / "you.csv")
    return project


def arguments(project: Project, command: str) -> list[str]:
    """Return what is given to the command line, its files by their places in the project."""
    files = ("out", "page.html", "theirs.qdpx")
    parts = [str(project.root / p) if p.startswith(files) else p for p in command.split()]
    return [QUOTE if part == "QUOTE" else part for part in parts]


def start(project: Project, *options: str, **more: str) -> subprocess.Popen[str]:
    """Start a command as a scheduled job would."""
    environment = {name: value for name, value in os.environ.items() if name != "NGOLIB_PROJECT"}
    return subprocess.Popen(
        [*COMMAND, *options, "--project", str(project.root)],
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
            own = own or str(project.root) in process.cmdline()
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


def check_agreement(project: Project) -> None:
    """Check that each report is what its manifest says; what is hidden the next run clears up."""
    for record in sorted(project.reports.glob("[!.]*/results.json")):
        files = files_of(record.parent)
        results = json.loads(files.pop("results.json"))
        found = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        assert found == results["manifest"], record


def check_clean(project: Project) -> None:
    """Check that nothing of a broken run is left among the project's own files."""
    endings = (".new", ".old", ".moves")
    folders = [project.data, project.reports, project.notebooks]
    left = [p for f in folders for p in f.rglob(".*") if p.name.endswith(endings)]
    assert not left, left


@dataclass
class Account:
    """What happened in a series of broken runs."""

    killed: int = 0
    ended_before: int = 0
    slowest: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)


def victim(project: Project, kind: str, command: subprocess.Popen[str]) -> int | None:
    """Choose a process: the command, the parent of its jobs, or a job."""
    if kind == "command":
        return command.pid
    alive = []
    for p in children(project):
        with suppress(psutil.Error):  # it has ended meanwhile
            alive += [p.as_dict(["pid", "ppid", "cmdline"])] * (p.pid != command.pid)
    parents = [p["pid"] for p in alive if "forkserver" in str(p["cmdline"][3:4])]
    jobs = [p["pid"] for p in alive if p["ppid"] in parents]
    chosen = parents if kind == "parent" else jobs
    return chosen[0] if chosen else None


def seen(project: Project) -> dict[str, str]:
    """Return a hash of every file that is not hidden, by its path."""
    paths = (p for p in sorted(project.root.rglob("*")) if p.is_file())
    named = {p.relative_to(project.root).as_posix(): p for p in paths}
    plain = {name: p for name, p in named.items() if "/." not in f"/{name}"}
    return {name: hashlib.sha256(p.read_bytes()).hexdigest() for name, p in plain.items()}


@dataclass
class Trial:
    """A command that writes: a project before it, and what files and seconds it takes unbroken."""

    name: str
    before: Project
    wanted: dict[str, str]
    seconds: float

    @classmethod
    def of(cls, name: str, base: Project, place: Path) -> Trial:
        """Run it once, unbroken."""
        shutil.copytree(base.root, place / "before", symlinks=True)
        before = Project(place / "before")
        if name == "code --accept":
            (before.data / "coding/drafts").mkdir(exist_ok=True)
            (before.root / "you.csv").rename(before.data / "coding/drafts/you.csv")
        if name in ("report", "preview"):
            (before.data / "round.txt").write_text("1")
        shutil.copytree(before.root, place / "whole", symlinks=True)
        whole = Project(place / "whole")
        begin = time.monotonic()
        run = start(whole, *arguments(whole, WRITES["report" if name == "preview" else name]))
        said, _ = run.communicate(timeout=120)
        assert run.returncode == 0, (name, said)
        return cls(name, before, seen(whole), time.monotonic() - begin)

    def break_off(self, place: Path, chance: random.Random, account: Account) -> None:
        """Break it off once in a copy, check what must hold then, and let the next one finish."""
        project, number = Project(place), chance.choice(SIGNALS)
        shutil.copytree(self.before.root, place, symlinks=True)
        before, jobs = seen(project), self.name in RUNS
        kind = chance.choices(["command", "job", "parent"], [3, 1, 1])[0] if jobs else "command"
        command = start(project, *arguments(project, WRITES[self.name]))
        try:
            command.wait(chance.uniform(0.05, 1.05) * self.seconds)
            account.ended_before += 1
        except subprocess.TimeoutExpired:
            pid = victim(project, kind, command)
            if pid is not None:
                os.kill(pid, number if kind == "command" else signal.SIGKILL)
                account.killed += 1
                account.kinds[f"{self.name}: {kind}"] += 1
        if self.name == "preview" and command.poll() is None:
            command.send_signal(number)
        said, _ = command.communicate(timeout=60)
        # While the command itself is imported, Python still tells of a Ctrl-C in its own way.
        assert "Traceback" not in said or ", in invoke" not in said, said
        allowed = {0, 1, -signal.SIGKILL, 128 + signal.SIGTERM, 128 + signal.SIGINT}
        early = {-signal.SIGTERM, -signal.SIGINT}
        assert command.returncode in allowed | early, (command.returncode, said)
        account.slowest = max(account.slowest, wait_until_childless(project))
        now = seen(project)
        if kind != "command":  # the index tells of the report that then failed
            before.pop("reports/index.html", None)
        for name, digest in before.items():
            assert now.get(name) in (digest, self.wanted.get(name)), (self.name, name)
        check_agreement(project)
        again = "report" if self.name in ("report", "preview") else WRITES[self.name]
        said, _ = start(project, *arguments(project, again)).communicate(timeout=120)
        if self.name == "new notebook":  # it is there, and perhaps was not run yet
            (made,) = project.notebooks.glob("*_a_question.ipynb")
            start(project, "notebooks", made.stem).communicate(timeout=120)
        found = seen(project)
        unlike = {n for n in found | self.wanted if found.get(n) != self.wanted.get(n)}
        assert not unlike, (self.name, sorted(unlike), said)
        check_clean(project)
        shutil.rmtree(place)


def break_off(
    small: Project, whole: Project, place: Path, names: list[str], moments: int, seed: int
) -> Account:
    """Break commands off at seeded moments, by turns, each in a copy of its project."""
    chance, account = random.Random(seed), Account()
    bases = {name: small if name in RUNS else whole for name in names}
    trials = [Trial.of(name, base, place / name) for name, base in bases.items()]
    for moment in range(moments):
        trial = trials[moment % len(trials)]
        try:
            trial.break_off(place / "broken", chance, account)
        except AssertionError as error:
            error.add_note(f"seed {seed}, moment {moment}: {trial.name}")
            raise
    return account
