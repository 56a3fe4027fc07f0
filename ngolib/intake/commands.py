"""The commands `add`, `suggest` and `new`. What is heavy is imported when it is needed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from ngolib.project import Project

_MIB = click.FloatRange(0, 1024, min_open=True)
_SECONDS = click.FloatRange(0, 3600, min_open=True)
_FILE = click.Path(path_type=Path)
_option = partial(click.option, show_default=True)

_FOLDER = "Folder of the project; by default NGOLIB_PROJECT, else the nearest one upwards."
project = partial(click.option, "--project", metavar="PATH", help=_FOLDER)
# The command is given the project itself.
in_project = project(callback=lambda _, __, root: Project.find(root))
over = click.option("--force", is_flag=True, help="Write over a file that is there already.")


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="FILE|URL...")
@click.option("--id", "source_id", metavar="ID", help="Id of the text; made up by default.")
@click.option("--author", help="Author, as the text names them.")
@click.option("--outlet", help="Outlet.")
@click.option("--published", metavar="DATE", help="YYYY-MM-DD, YYYY-MM or YYYY: when it appeared.")
@click.option("--genre", metavar="CODE", help="Kind of text, by the codebook.")
@click.option("--relevance", metavar="CODE", help="on_topic, context or off_topic.")
@click.option("--language", metavar="CODE", help="en, ru or kk; found by default.")
@click.option("--encoding", metavar="NAME", help="As windows-1251; found by default.")
@click.option("--redistribution", metavar="CODE", help="full if a licence allows, else quotes.")
@click.option("--similar", is_flag=True, help="Add also a text that is near to one that is there.")
@click.option("--dry-run", is_flag=True, help="Say what would be added; write nothing.")
@click.option("--ask/--no-ask", "asked", default=None, help="Ask; by default on a terminal only.")
@_option("--max-mib", type=_MIB, default=20, help="How large a file or page may be.")
@_option("--timeout", "seconds", type=_SECONDS, default=30, help="Seconds that a page may take.")
@in_project
def add(
    names: tuple[str, ...], asked: bool | None, max_mib: float, project: Project, **given: Any
) -> None:
    """Add texts: text, HTML, PDF or DOCX, from a file or the web, in English, Russian or Kazakh.

    What a text does not say of itself is asked for, or left empty and marked. Each text is added
    whole or not at all, and one that cannot be does not stop the others. Exit status: 0 = all were
    added, 1 = some were not (one line each says why), 2 = what was asked for is not valid.
    """
    from ngolib.intake.add import Wishes
    from ngolib.intake.add import add as adding

    said = {name: value for name, value in given.items() if value not in (None, "")}
    wishes = Wishes(**said, most_bytes=int(max_mib * 2**20))
    asking = sys.stdin.isatty() and sys.stderr.isatty() if asked is None else asked
    added: list[str] = []
    failed = False
    try:
        for outcome in adding(project, names, wishes, _tell, _ask if asking else None):
            if outcome.error:
                _tell(f"{outcome.name}: {outcome.error}")
                failed = True
                continue
            state = "would be added" if wishes.dry_run else "added"
            click.echo(f"{state}  {outcome.source_id}  ({outcome.name})")
            for line in outcome.lines:
                click.echo(f"  {line}")
            added.append(outcome.source_id)
    except KeyboardInterrupt:
        _tell("stopped; each text was added whole or not at all")
        sys.stdout.flush()
        os._exit(130)  # no thread that still reads is waited for
    if added and not wishes.dry_run:
        next_ = "read data/articles.csv and fill in what is open; ngolib check"
        click.echo(f"Next: {next_}; ngolib suggest {added[0]}.1")
    if failed:
        sys.exit(1)


@click.command()
@click.argument("name", metavar="ARTICLE")
@_option("--to", "path", type=_FILE, help="Write them as a CSV or XLSX to be edited; print none.")
@click.option("--strong", is_flag=True, help="Only those with a word for their stage and category.")
@over
@in_project
def suggest(name: str, path: Path | None, strong: bool, force: bool, project: Project) -> None:
    """Suggest statements of an article for coding, each with the words that speak for it.

    ARTICLE is the id of an article, or of a source for all of its articles. What is suggested is
    read, mended or thrown away by a person: nothing is added to the coding. A CSV has the columns
    of a coder's file; a workbook (.xlsx) is taken back by `ngolib code`.
    """
    from ngolib.files import check_place, put
    from ngolib.intake.coding import as_xlsx
    from ngolib.intake.suggest import as_csv
    from ngolib.intake.suggest import suggest as suggesting

    if path is not None:
        check_place(project, path, force=force)
    found = [one for one in suggesting(project, name) if not (strong and one.weak)]
    weak = sum(one.weak for one in found)
    said = f"{len(found)} candidates of {name}: {len(found) - weak} strong, {weak} weak"
    if path is not None:
        cells, book = [one.cells for one in found], path.suffix == ".xlsx"
        put({path: as_xlsx(project, cells) if book else as_csv(project, found)})
        click.echo(f"{said}; written to {path}, to be read, mended and completed one by one")
        return
    for one in found:
        codes = [one.cells[c] for c in ("country", "date", "stage", "direction", "categories")]
        click.echo("{statement_id}  {start}-{end}  “{exact}”".format_map(one.cells))
        click.echo(f"  {' · '.join(code or '?' for code in codes)}")
        click.echo(f"  {'; '.join(one.reasons)}; open: {', '.join(one.open)}")
    click.echo(f"{said}. None is coded: --to FILE writes them for editing.")


def _tell(line: str) -> None:
    click.echo(f"ngolib: {line}", err=True)


def _ask(name: str, question: str, check: Callable[[str], str]) -> str:
    """Ask until the answer will do; an empty one leaves it open."""
    from ngolib.errors import NgolibError

    def checked(text: str) -> str:
        try:
            return check(text)
        except NgolibError as error:
            raise click.UsageError(str(error)) from None

    text = f"{name}: {question}, empty = not known"
    return str(click.prompt(text, default="", show_default=False, value_proc=checked, err=True))


@click.group()
def new() -> None:
    """Begin a notebook or a country of your own."""


@new.command("notebook")
@click.argument("name")
@click.option("--question", metavar="TEXT", help="Its title: a question.")
@in_project
def new_notebook(name: str, question: str | None, project: Project) -> None:
    """Make a notebook from the skeleton, with an entry of the plan and a test that passes.

    NAME is words joined by underscores, as in funding_by_year; the next number is put in front.
    """
    from ngolib.intake.new import new_notebook as make

    made = make(project, name, question, _tell)
    for path in made:
        click.echo(f"written  {path.relative_to(project.root).as_posix()}")
    stem = made[0].stem
    run = f"ngolib notebooks {stem} runs it in place, ngolib report {stem} makes its report"
    click.echo(f"Next: make lab, open {stem} and change it; {run}")


@new.command("country")
@click.argument("code")
@click.option("--name", required=True, metavar="TEXT", help="What readers see.")
@in_project
def new_country(code: str, name: str, project: Project) -> None:
    """Add a country: its code, and a search log in which nothing is searched yet.

    CODE is of ISO 3166-1 alpha-3, as TJK. Nothing is known of it then, and every page says so.
    """
    from ngolib.intake.new import new_country as make

    to_do = make(project, code, name, _tell)
    click.echo(f"{code} ({name.strip()}) is in the codebook. To be filled:")
    for line in to_do:
        click.echo(f"- {line}")
