"""The command line. Light on purpose: what is heavy is imported when it is needed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ngolib.errors import DataError, NgolibError

if TYPE_CHECKING:
    from ngolib.project import Project
    from ngolib.reports.plan import Report

Command = TypeVar("Command", bound=Callable[..., Any])
WRONG, FAILED = 2, 1


class _Group(click.Group):
    """A group whose commands end with one clear line where a user can mend what is wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of ours is told without a traceback."""
        try:
            return super().invoke(ctx)
        except NgolibError as error:
            for line in str(error).splitlines():
                click.echo(f"ngolib: {line}", err=True)
            # Where the data are wrong, nothing is wrong with what was asked for: as with `check`.
            ctx.exit(FAILED if isinstance(error, DataError) else WRONG)


def _in_project(command: Command) -> Command:
    """Add the option that names the project."""
    return click.option(
        "--project",
        "root",
        metavar="PATH",
        help="Folder of the project; by default NGOLIB_PROJECT, else the nearest one upwards.",
    )(command)


def _workers(command: Command) -> Command:
    """Add the option that says how many run at a time."""
    return click.option(
        "--jobs",
        type=click.IntRange(1, 64),
        default=2,
        show_default=True,
        help="How many notebooks run at a time.",
    )(command)


def _find(root: str | None) -> Project:
    from ngolib.project import Project

    return Project.find(root)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"ngolib {version('ngolib')}")
        ctx.exit()


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show it."
)
def main() -> None:
    """Make and check the reports on how NGOs are regulated."""


def _split(settings: tuple[str, ...]) -> dict[str, str]:
    """Read `name=value`; the same name twice is a mistake."""
    texts: dict[str, str] = {}
    for setting in settings:
        name, sign, value = setting.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f"{setting!r} found; allowed: name=value", param_hint="-p")
        if name.strip() in texts:
            raise click.BadParameter(f"{name.strip()!r} is given twice", param_hint="-p")
        texts[name.strip()] = value.strip()
    return texts


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "-p",
    "settings",
    multiple=True,
    metavar="name=value",
    help="Set a parameter, into a report of its own (countries=KAZ,KGZ; fields= for none). "
    "Needs one NAME.",
)
@click.option("--notebook", metavar="NB", help="Only planned reports made from this notebook.")
@click.option("--force", is_flag=True, help="Run what is fresh too.")
@click.option("--why", is_flag=True, help="Say every reason why a report is run or not.")
@_workers
@_in_project
def report(
    names: tuple[str, ...],
    settings: tuple[str, ...],
    notebook: str | None,
    force: bool,
    why: bool,
    jobs: int,
    root: str | None,
) -> None:
    """Bring reports up to date: all of the plan, or those named.

    NAME is a report of the plan or a notebook (see `ngolib list`). The data are checked first if
    anything is out of date. Exit status: 0 = all is up to date, 1 = a report failed (its last good
    pages are kept), or the data have defects (nothing was run), 2 = nothing was run, because what
    was asked for is not valid.
    """
    texts = _split(settings)
    if texts and len(names) != 1:
        raise click.UsageError("-p needs exactly one NAME: of a report, or of a notebook")
    begin = time.monotonic()
    project = _find(root)
    from ngolib.reports import driver
    from ngolib.reports.console import Progress, summary
    from ngolib.reports.plan import read_plan

    plan = read_plan(project)
    chosen = driver.choose(project, plan, names, texts, notebook)
    if not chosen:
        click.echo("No report of the plan is asked for.")
        return
    progress = Progress(max(len(item.slug) for item in chosen), why)
    outcomes = driver.make_reports(project, chosen, plan, progress, force=force, workers=jobs)
    page = project.reports / (f"{chosen[0].slug}/index.html" if len(chosen) == 1 else "index.html")
    click.echo(f"{summary(outcomes, 'report', time.monotonic() - begin)} Open {page}")
    if any(outcome.state == "failed" for outcome in outcomes):
        sys.exit(FAILED)


def _list_reports(project: Project, plan: list[Report]) -> None:
    from ngolib.reports.driver import stale_reasons

    click.echo(click.style("Reports", bold=True))
    width = max((len(report.slug) for report in plan), default=0)
    for report, _, why in stale_reasons(project, plan):
        more = f" (and {len(why) - 1} more)" if len(why) > 1 else ""
        state = f"stale: {why[0]}{more}" if why else "fresh"
        click.echo(f"  {report.slug:{width}}  {report.title}")
        click.echo(f"  {'':{width}}  {report.notebook}; {state}")


def _list_notebooks(project: Project) -> None:
    from ngolib.params import parameters_of
    from ngolib.reports.plan import notebook_names, question_of, to_text

    click.echo(click.style("Notebooks", bold=True))
    for name in notebook_names(project):
        path = project.notebooks / f"{name}.ipynb"
        click.echo(f"  {name}: {question_of(path)}")
        parameters = parameters_of(path)
        width = max((len(p.name) for p in parameters), default=0)
        for p in parameters:
            text = f"    {p.name:{width}}  {p.type} = {to_text(p.default) or 'none'}"
            click.echo(text + (f"  # {p.help}" if p.help else ""))


@main.command("list")
@_in_project
def list_(root: str | None) -> None:
    """List the reports, and the notebooks with their parameters."""
    project = _find(root)
    from ngolib.reports.plan import read_plan

    _list_reports(project, read_plan(project))
    click.echo()
    _list_notebooks(project)


@main.command()
@click.argument("names", nargs=-1, metavar="[NOTEBOOK]...")
@_workers
@_in_project
def notebooks(names: tuple[str, ...], jobs: int, root: str | None) -> None:
    """Run notebooks with their defaults and write the outputs into them."""
    begin = time.monotonic()
    project = _find(root)
    from ngolib.reports import driver
    from ngolib.reports.console import Progress, summary
    from ngolib.reports.plan import notebook_names

    width = max((len(name) for name in names or notebook_names(project)), default=0)
    outcomes = driver.refresh_notebooks(project, names, Progress(width), workers=jobs)
    click.echo(summary(outcomes, "notebook", time.monotonic() - begin))
    if any(outcome.state == "failed" for outcome in outcomes):
        sys.exit(FAILED)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects, for machines.")
@_in_project
def check(as_json: bool, root: str | None) -> None:
    """Check all data: every defect is one line, and makes the exit status 1.

    With --json, what is printed is a list of objects with file, row, column and message, and for a
    quote that is not at its place `nearest`: start, end, similarity and text.
    """
    project = _find(root)
    from ngolib.evidence.check import defects

    found = list(defects(project))
    if as_json:
        import json

        objects = [defect.as_json() for defect in found]
        click.echo(json.dumps(objects, ensure_ascii=False, indent=2))
        sys.exit(FAILED if found else 0)
    for defect in found:
        click.echo(defect)
    if found:
        count = "1 defect" if len(found) == 1 else f"{len(found)} defects"
        click.echo(f"{count} in {project.data}", err=True)
        sys.exit(FAILED)
    click.echo(f"{len(project.schema)} tables checked, no defect: {project.data}")


@main.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--against",
    type=click.Choice(["a", "b", "adjudicated"]),
    default="adjudicated",
    show_default=True,
    help="Which of our codings.",
)
@click.option("--json", "for_machines", is_flag=True, help="Print JSON instead of tables.")
@_in_project
def agreement(file: str, against: str, for_machines: bool, root: str | None) -> None:
    """Compare your own coding of the texts with ours; nothing is written.

    FILE is a CSV with the columns of data/coding/coders/a.csv; only the articles that it codes are
    compared. Exit status: 0 = compared, 1 = not compared, because FILE cannot be read or has
    defects (one line each), 2 = what was asked for is not valid, or ours is not coded yet.
    """
    import json

    project = _find(root)
    from ngolib.display.agreement import as_json, as_text, compare_file

    compared = compare_file(project, Path(file), against)
    if for_machines:
        click.echo(json.dumps(as_json(compared, file, against), indent=1, ensure_ascii=False))
    else:
        click.echo(as_text(compared, file, against))


@main.command()
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
@click.option("--all", "everything", is_flag=True, help="Every table, the panel and the events.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "parquet", "xlsx"]),
    default="csv",
    show_default=True,
    help="How they are written.",
)
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("exports"),
    show_default=True,
    metavar="FOLDER",
    help="Where they are written; made if it is not there.",
)
@_in_project
def export(
    tables: tuple[str, ...], everything: bool, kind: str, folder: Path, root: str | None
) -> None:
    """Write tables for use elsewhere, with licence, citation and codebook.

    TABLE is a table of the data package, `panel` (country by year by field: the highest rung in
    force) or `events` (both layers, nothing counted twice). Either all files are written or none.
    """
    if everything == bool(tables):
        raise click.UsageError("name the TABLEs to be written, or give --all")
    project = _find(root)
    from ngolib.reports import export as exporting

    names = exporting.table_names(project) if everything else list(tables)
    written = exporting.export(project, names, kind, folder)
    click.echo(f"{len(written)} files written to {folder}")


@main.command()
@click.argument("earlier", type=click.Path(path_type=Path))
@click.argument("later", type=click.Path(path_type=Path))
@click.option("--json", "for_machines", is_flag=True, help="Print JSON instead of lines.")
def diff(earlier: Path, later: Path, for_machines: bool) -> None:
    """Say what differs between two runs of a report: findings, evidence, parameters, inputs.

    EARLIER and LATER are folders of reports, or their results.json.
    """
    from ngolib.reports.diff import changes, read_run

    found = changes(read_run(earlier), read_run(later))
    if for_machines:
        import json

        click.echo(json.dumps(found.as_json(), indent=1, ensure_ascii=False))
        return
    for line in list(found.lines()) or ["No difference."]:
        click.echo(line)
