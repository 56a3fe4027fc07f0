"""The command line. Light on purpose: what is heavy is imported when it is needed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ngolib.errors import NgolibError

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
            ctx.exit(WRONG)


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

    NAME is a report of the plan or a notebook (see `ngolib list`). Exit status: 0 = all is up to
    date, 1 = a report failed (its last good pages are kept), 2 = nothing was run, because what was
    asked for is not valid.
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
@_in_project
def check(root: str | None) -> None:
    """Check all data: every defect is one line, and makes the exit status 1."""
    project = _find(root)
    from ngolib.evidence.check import defects

    found = list(defects(project))
    for defect in found:
        click.echo(defect)
    if found:
        click.echo(f"{len(found)} defects in {project.data}", err=True)
        sys.exit(FAILED)
    click.echo(f"{len(project.schema)} tables checked, no defect: {project.data}")
