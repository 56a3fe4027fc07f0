"""The default plan, made by `ngolib report` and by what a user would take instead; HTML only.

Each tool runs in its best set-up: no JupyterLab beside it, bytecode compiled, as many jobs as
there are cores where it can run several. Tools that need packages of their own get an environment
of their own. Notebooks with parameters set are prepared beforehand, which is not timed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

from common import NGOLIB, ROOT, compile_all, copy_project, cores, cpu, environment, machine, run

SNAKEFILE = """\
import json
reports = json.load(open("jobs.json"))
rule all:
    input: expand("out/{slug}.html", slug=reports)
rule execute:
    input: lambda w: reports[w.slug]
    output: "out/{slug}.ipynb"
    shell: "PYTHON -m papermill --no-progress-bar {input} {output}"
rule html:
    input: "out/{slug}.ipynb"
    output: "out/{slug}.html"
    shell: "PYTHON -m nbconvert --to html --log-level ERROR {input}"
"""


def prepare(project: Path) -> dict[str, str]:
    """Write each report's notebook with its parameters set, beside the others."""
    code = (
        "import json, nbformat\n"
        "from papermill.parameterize import parameterize_notebook\n"
        "from papermill.iorw import load_notebook_node\n"
        "from ngolib.project import Project\n"
        "from ngolib.reports.plan import read_plan\n"
        "p, jobs = Project.find('.'), {}\n"
        "for r in read_plan(p):\n"
        "    nb = load_notebook_node(str(r.source(p)))\n"
        "    for c in nb.cells:\n"
        "        if c.cell_type == 'code': c.outputs, c.execution_count = [], None\n"
        "    if r.parameters:\n"
        "        nb = parameterize_notebook(nb, dict(r.parameters), kernel_name='python3',\n"
        "                                   language='python')\n"
        "    nb.metadata.pop('papermill', None)\n"
        "    jobs[r.slug] = f'notebooks/job-{r.slug}.ipynb'\n"
        "    nbformat.write(nb, jobs[r.slug])\n"
        "json.dump(jobs, open('jobs.json', 'w'))\n"
    )
    run([sys.executable, "-c", code], project)
    return json.loads((project / "jobs.json").read_text())


def environment_with(folder: Path, packages: list[str]) -> str:
    """Make an environment with what the notebooks need and a tool; return its Python."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "-q", "-p", sys.executable, str(folder)], check=True)
    python = str(folder / "bin" / "python")
    listed = subprocess.run(
        [uv, "pip", "freeze", "-p", sys.executable], capture_output=True, text=True
    )
    pins = [x for x in listed.stdout.splitlines() if "==" in x]
    constraints = folder / "pins.txt"
    constraints.write_text("\n".join(pins))
    wants = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    command = [uv, "pip", "install", "-q", "-p", python, *wants, *packages]
    # First with the versions that ngolib runs with; a tool that cannot has its own way.
    if subprocess.run([*command, "-c", str(constraints)], capture_output=True).returncode:
        subprocess.run(command, check=True)
    # For its version; the copy's package is what is imported.
    subprocess.run([uv, "pip", "install", "-q", "-p", python, "--no-deps", str(ROOT)], check=True)
    return python


def tools(
    project: Path, jobs: dict[str, str], extra: dict[str, str]
) -> dict[str, Callable[[], float]]:
    """Return every tool's run."""
    out = project / "out"
    python = sys.executable

    def clean() -> None:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        for path in (project / "reports").iterdir():
            if path.name != "plan.toml":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.rmtree(project / "_build", ignore_errors=True)

    def ours(*options: str) -> Callable[[], float]:
        def work() -> float:
            clean()
            return run([*NGOLIB, "report", *options], project)

        return work

    def loop() -> float:
        clean()
        seconds = 0.0
        for slug, path in jobs.items():
            seconds += run(
                [python, "-m", "papermill", "--no-progress-bar", path, f"out/{slug}.ipynb"], project
            )
            seconds += run(
                [
                    python,
                    "-m",
                    "nbconvert",
                    "--to",
                    "html",
                    "--log-level",
                    "ERROR",
                    f"out/{slug}.ipynb",
                ],
                project,
            )
        return seconds

    def nbconvert() -> float:
        clean()
        return run(
            [
                python,
                "-m",
                "nbconvert",
                "--to",
                "html",
                "--execute",
                "--output-dir",
                "out",
                *jobs.values(),
            ],
            project,
        )

    def snakemake() -> float:
        clean()
        (project / "Snakefile").write_text(SNAKEFILE.replace("PYTHON", python))
        shutil.rmtree(project / ".snakemake", ignore_errors=True)
        return run(
            [extra["snakemake"], "-m", "snakemake", "--cores", str(cores()), "--quiet", "all"],
            project,
        )

    def book() -> float:
        clean()
        chapters = "".join(
            f"- file: {path.removesuffix('.ipynb')}\n" for path in list(jobs.values())[1:]
        )
        first = next(iter(jobs.values())).removesuffix(".ipynb")
        (project / "_toc.yml").write_text(f"format: jb-book\nroot: {first}\nchapters:\n{chapters}")
        (project / "_config.yml").write_text(
            "title: x\nonly_build_toc_files: true\n"
            "execute:\n  execute_notebooks: force\n  timeout: 600\n"
        )
        seconds = run(
            [str(Path(extra["jupyter-book"]).with_name("jupyter-book")), "build", "."], project
        )
        made = list((project / "_build/html/notebooks").glob("job-*.html"))
        if len(made) != len(jobs):
            raise RuntimeError(f"jupyter-book made {len(made)} of {len(jobs)} pages")
        if failed := list((project / "_build").rglob("*.err.log")):
            raise RuntimeError(f"jupyter-book: a cell failed: {failed[0].read_text()[-2000:]}")
        return seconds

    found = {
        "ngolib report": ours(),
        "papermill and nbconvert commands in a loop": loop,
        "jupyter nbconvert --execute, one command": nbconvert,
    }
    if "snakemake" in extra:
        found[f"Snakemake over the commands, {cores()} jobs"] = snakemake
    if "jupyter-book" in extra:
        found["jupyter-book 1, forced"] = book
    return found


def main() -> None:
    """Time every tool in turn, round by round, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="where to write every figure")
    parser.add_argument("--only", action="append", help="a tool's first words; may be repeated")
    parser.add_argument(
        "--with-book", action="store_true", help="install jupyter-book 1 and use it"
    )
    parser.add_argument(
        "--with-snakemake", action="store_true", help="install Snakemake and use it"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = copy_project(Path(folder) / "project")
        compile_all(sys.executable, project)
        jobs = prepare(project)
        extra = {}
        for name, package, wanted in (
            ("jupyter-book", "jupyter-book>=1,<2", options.with_book),
            ("snakemake", "snakemake>=8", options.with_snakemake),
        ):
            if wanted:
                extra[name] = environment_with(Path(folder) / name, [package])
                compile_all(extra[name], project)
        chosen = tools(project, jobs, extra)
        if options.only:
            chosen = {n: w for n, w in chosen.items() if any(n.startswith(o) for o in options.only)}
        figures: dict[str, list[float]] = {name: [] for name in chosen}
        used: dict[str, list[float]] = {name: [] for name in chosen}
        limits = []
        for number in range(options.rounds):
            done = subprocess.run(
                [sys.executable, str(ROOT / "benchmarks/limit.py"), str(project)],
                capture_output=True,
                text=True,
                check=True,
                cwd=project,
                env=environment(project),
            )
            limits.append(json.loads(done.stdout)["limit"])
            print(f"round {number + 1}: limit {limits[-1]:.1f} s", file=sys.stderr, flush=True)
            for name, work in chosen.items():
                before = cpu()
                figures[name].append(work())
                used[name].append(cpu() - before)
                said = f"  {name}: {figures[name][-1]:.1f} s, processor {used[name][-1]:.1f} s"
                print(said, file=sys.stderr, flush=True)
    limit = statistics.median(limits)
    mine = statistics.median(figures.get("ngolib report") or [float("nan")])
    print(f"{machine()}; {len(jobs)} reports, HTML only, {options.rounds} rounds\n")
    print("| way | median s | all | as a multiple of `ngolib report` | processor s |")
    print("|---|---|---|---|---|")
    for name, seconds in sorted(figures.items(), key=lambda item: statistics.median(item[1])):
        median = statistics.median(seconds)
        every = ", ".join(f"{s:.1f}" for s in seconds)
        spent = statistics.median(used[name])
        print(f"| {name} | {median:.1f} | {every} | {median / mine:.2f} | {spent:.1f} |")
    every = ", ".join(f"{s:.1f}" for s in limits)
    print(f"| the limit (`limit.py`) | {limit:.1f} | {every} | {limit / mine:.2f} | |")
    if options.json:
        options.json.write_text(
            json.dumps({"limit": limits, "seconds": figures, "processor": used}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
