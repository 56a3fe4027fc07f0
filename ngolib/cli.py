"""The command line. Light on purpose: what is heavy is imported when it is needed."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from textwrap import shorten
from threading import Timer
from typing import Any, TypeVar

import click

from ngolib.errors import DataError, InputError, MachineError, NgolibError, ReportError, shortened
from ngolib.files import check_place, csv_text, finish, put
from ngolib.project import Project
from ngolib.reports.run import STOPPED, TIMEOUT, at_a_time

Command = TypeVar("Command", bound=Callable[..., Any])
Option = Callable[[Command], Command]
Texts = tuple[str, ...]
WRONG, FAILED = 2, 1
TWICE = 2.0  # seconds after a stop in which another one changes nothing
PATH = click.Path(path_type=Path)
MIB, SECONDS = (click.FloatRange(0, most, min_open=True) for most in (1024, 3600))
SET = "Set a parameter, for a report of its own (countries=KAZ,KGZ; fields= for none) of one NAME."
_FOLDER = "Folder of the project; by default NGOLIB_PROJECT, else the nearest one upwards."
_project = partial(click.option, "--project", metavar="PATH", help=_FOLDER)
_in_project = _project(callback=lambda ctx, _, root: _find(ctx, root))
_over = click.option("--force", is_flag=True, help="Write over a file that is there already.")
_option = partial(click.option, show_default=True)


def _tell(error: object) -> None:
    """Print an error or a word on the run, each of its lines marked as ours."""
    for line in str(error).splitlines():
        # A file may hold anything: what a terminal would obey is only shown.
        seen = (c if c.isprintable() else f"[U+{ord(c):04X}]" for c in shortened(line))
        click.echo(f"ngolib: {''.join(seen)}", err=True)


@contextmanager
def _system_told() -> Iterator[None]:
    """Turn an error of the system, in whichever command, into one of ours with a clear line."""
    try:
        yield
    except BrokenPipeError:
        raise  # whoever read what is printed has gone
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise MachineError(f"{place}{error.strerror or type(error).__name__}") from error
    except (UnicodeEncodeError, UnicodeDecodeError) as error:
        near = error.object[max(0, error.start - 40) : error.end + 40]
        raise MachineError(f"a text that is no Unicode: {error.reason}: {near!a}") from error
    except RuntimeError as error:  # of links, until Python 3.12
        if not isinstance(error, RecursionError) and "Symlink loop" not in str(error):
            raise
        raise MachineError(f"nested too deep, or a link to itself: {error}") from error
    except EOFError as error:
        raise MachineError("a process ended early, for want of memory or descriptors") from error
    except MemoryError as error:
        raise MachineError("memory ran out; nothing more was done") from error


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let Ctrl-C, and the signals by which a system ends a job, stop the command in good order."""
    last = -TWICE

    def stop(number: int, frame: Any) -> None:
        nonlocal last
        STOPPED.append(number)
        while frame and frame.f_code.co_name != "__del__":
            frame = frame.f_back
        if frame:  # which lets no error through: once more, when it is done
            Timer(0.1, os.kill, (os.getpid(), number)).start()
        elif time.monotonic() >= last + TWICE:  # else it is just being stopped, in good order
            last = time.monotonic()
            raise KeyboardInterrupt(number)

    names = (name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
    # One that is ignored (by nohup, say) stays ignored.
    heard = (signal.SIG_DFL, signal.default_int_handler)
    numbers = (n for n in map(partial(getattr, signal), names) if signal.getsignal(n) in heard)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        try:
            yield
            if STOPPED:  # and a library made nothing of it
                raise KeyboardInterrupt(*STOPPED)
        except (Exception, SystemExit) as error:
            if "KeyboardInterrupt" in str(error) or (STOPPED and isinstance(error, SystemExit)):
                raise KeyboardInterrupt(*STOPPED) from error  # what a library made of it
            raise
    except KeyboardInterrupt as stopped:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        before.pop(signal.SIGINT, None)  # nor may one more tear Python's own tidying up
        _tell("stopped; what was made until now stays, the rest is as it was")
        sys.exit(128 + (stopped.args[0] if stopped.args else signal.SIGINT))
    finally:
        STOPPED.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def _find(ctx: click.Context, root: str | None) -> Project:
    """Find the project, as it is once a killed command is finished; all that follows knows it."""
    finish(Project(Project.find(root).root))
    ctx.find_root().obj = project = Project.find(root)
    return project


@contextmanager
def _alone(project: Project) -> Iterator[Project]:
    """Let no other command write to the data meanwhile; the project is as that one left it."""
    from ngolib.reports.publish import exclusive

    with exclusive(project.reports, _tell):
        finish(project, alone=True)
        yield Project.find(project.root)


class _Group(click.Group):
    """A group whose commands end with one clear line where a user can mend what is wrong."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Also a help that cannot be printed is told."""
        for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
            if getattr(sys, name) is None:  # closed: nothing else may take its place
                setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
        try:
            with _system_told():
                return super().main(*args, **extra)
        except MachineError as error:
            _tell(error)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still to be printed cannot be
            sys.exit(FAILED)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of ours is told without a traceback, and so is a stop."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):  # no letter that cannot be shown is an error
                stream.reconfigure(errors="backslashreplace")
        try:
            with _stoppable(), _system_told():
                return super().invoke(ctx)
        except NgolibError as error:
            _tell(error)
            # Where the data or the system are wrong, nothing is wrong with what was asked for.
            ctx.exit(FAILED if isinstance(error, DataError | MachineError) else WRONG)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            # With data that have defects, any computation may end like this.
            from ngolib.intake.coding import check as defects

            if not (found := ctx.obj and defects(ctx.obj)):
                raise
            told = f"{_counted(found, 'defect')} (see `ngolib check`), the first: {found[0]}"
            _tell(f"{type(error).__name__}: the data have {told}")
            ctx.exit(FAILED)


def _choice(option: str, allowed: Sequence[str], text: str, multiple: bool = False) -> Option:
    """Add an option that has one of some values, or several, the first by default."""
    told: dict[str, Any] = {"default": allowed[:1] if multiple else allowed[0]}
    told |= {"multiple": multiple, "type": click.Choice(allowed), "help": text}
    return click.option(option, show_default=True, **told)


def _place(name: str, metavar: str, default: str | None, what: str) -> Option:
    """Add the option that says where something is written."""
    told: dict[str, Any] = {"required": default is None, "default": default and Path(default)}
    told |= {"type": click.Path(file_okay=metavar == "FILE", path_type=Path), "show_default": True}
    return click.option("--to", name, metavar=metavar, help=f"Where the {what} written.", **told)


def _to_file(what: str, name: str | None) -> Option:
    """Add the options that say where a file is written, and whether over another."""
    return lambda command: _place("path", "FILE", name, f"{what} is")(_over(command))


def _ending(path: Path, *allowed: str) -> str:
    """Return how a place ends, which says in what form rows are written; refuse another."""
    if (ending := path.suffix.lower()) not in allowed:
        raise click.UsageError(f"--to: {str(path)!r} found; allowed: {' or '.join(allowed)}")
    return ending


def _counted(things: Sequence[Any], noun: str) -> str:
    return f"{len(things)} {noun}" + ("" if len(things) == 1 else "s")


def _print_json(content: Any) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))


def _workers(command: Command) -> Command:
    """Add the options that say how notebooks run."""
    number, seconds = click.IntRange(1, 64), click.IntRange(1)
    text = "Longest time for a single cell, in seconds; 1800 by default."
    command = click.option("--timeout", type=seconds, default=TIMEOUT, help=text)(command)
    text = "How many notebooks run at a time; by default, processors and one more."
    return click.option("--jobs", "workers", type=number, default=at_a_time, help=text)(command)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ngolib", message="%(package)s %(version)s", help="Show it.")
def main() -> None:
    """Make and check the reports on how NGOs are regulated."""


def _split(settings: Texts) -> dict[str, str]:
    """Read `name=value`; the same name twice is a mistake."""
    texts: dict[str, str] = {}
    for setting in settings:
        setting.encode()  # what is no Unicode is told
        name, sign, value = setting.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f"{setting!r} found; allowed: name=value", param_hint="-p")
        if name.strip() in texts:
            raise click.BadParameter(f"{name.strip()!r} is given twice", param_hint="-p")
        texts[name.strip()] = value.strip()
    return texts


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("-p", "settings", multiple=True, metavar="name=value", help=SET)
@click.option("--force", is_flag=True, help="Run what is fresh too.")
@click.option("--why", is_flag=True, help="Say every reason why a report is run or not.")
@click.option("--dry-run", is_flag=True, help="Say what would be run, and why; run nothing.")
@_choice("--format", ["html", "pdf"], "pdf = report.pdf beside each page (needs the extra `pdf`).")
@click.option("--json", "for_machines", is_flag=True, help="Print what became of each as JSON.")
@click.option("--dask", metavar="ADDRESS", help="Make them on a Dask cluster: tcp://HOST:PORT.")
@_workers
@_project("root")
def report(
    names: Texts,
    settings: Texts,
    force: bool,
    why: bool,
    dry_run: bool,
    format: str,
    for_machines: bool,
    root: str | None,
    **how: Any,
) -> None:
    """Bring reports up to date: all of the plan, or those named.

    NAME is a report of the plan or a notebook (see `ngolib list`). The data are checked first if
    anything is out of date. Exit status: 0 = all is up to date, 1 = a report failed (its last good
    pages are kept), or the data have defects or the reports cannot be written (nothing was run),
    2 = nothing was run, because what was asked for is not valid, 128 and more = stopped.
    """
    texts = _split(settings)
    if texts and len(names) != 1:
        raise click.UsageError("-p needs exactly one NAME: of a report, or of a notebook")
    begin, status, say = time.monotonic(), 0, partial(click.echo, err=for_machines)
    outcomes, told = list[Any](), {"error": list[str](), "no_longer_planned": list[str]()}
    try:
        with _system_told():
            project = _find(click.get_current_context(), root)
            from ngolib.reports import console, driver, pdf, upkeep
            from ngolib.reports.plan import read_plan

            if format == "pdf":
                pdf.check_available()
            plan = read_plan(project)
            chosen = driver.choose(project, plan, names, texts)
            slugs = [item.slug for item in chosen]
            width, running = max(map(len, slugs), default=0), driver.Running(**how)
            progress = console.Progress(width, why or dry_run, for_machines)
            outcomes = driver.make_reports(project, chosen, plan, progress, force, running, dry_run)
            if format == "pdf" and not dry_run:
                with_pdf = pdf.add_pdfs(project, slugs, progress.tell, how["workers"])
                say(f"PDF added to {len(with_pdf)} of {len(slugs)}.")
                upkeep.write_index(project, plan)
            told["no_longer_planned"] = gone = upkeep.gone(project, plan)
            page = f"{slugs[0]}/index.html" if len(slugs) == 1 else "index.html"
            said = console.summary(outcomes, "report", time.monotonic() - begin)
            there = not dry_run and (project.reports / page).is_file()
            say(f"{said} Open {project.reports / page}" if there else said)
            if gone:
                say(f"In the plan no longer, and yours to remove: {', '.join(gone)}")
    except NgolibError as error:
        _tell(error)
        told["error"] = str(error).splitlines()
        status = FAILED if isinstance(error, DataError | MachineError | ReportError) else WRONG
    status = FAILED if any(outcome.state == "failed" for outcome in outcomes) else status
    if for_machines:
        from ngolib.reports.console import as_json

        _print_json(as_json(outcomes, status, seconds=round(time.monotonic() - begin, 3), **told))
    if status:
        sys.exit(status)


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@_in_project
def preview(names: Texts, port: int, project: Project) -> None:
    """Serve the reports on this machine, and run again what changes while you edit.

    An open page reloads when it has changed and keeps its place; an error is shown on it and here,
    and the last good page stays.
    """
    from ngolib.reports.preview import preview as serve

    serve(project, names, port, _tell)


@main.command("list")
@_in_project
def list_(project: Project) -> None:
    """List the reports, and the notebooks with their parameters."""
    from ngolib.params import parameters_of, to_text
    from ngolib.reports.console import first_of
    from ngolib.reports.driver import examine
    from ngolib.reports.plan import notebook_names, question_of, read_plan

    click.echo(click.style("Reports", bold=True))
    plan = read_plan(project)
    width = max((len(report.slug) for report in plan), default=0)
    for report, _, why in examine(project, plan):
        state = f"stale: {first_of(why)}" if why else "fresh"
        click.echo(f"  {report.slug:{width}}  {report.title}")
        click.echo(f"  {'':{width}}  {report.notebook}; {state}")
    click.echo("\n" + click.style("Notebooks", bold=True))
    for name in notebook_names(project):
        path = project.notebooks / f"{name}.ipynb"
        click.echo(f"  {name}: {question_of(path)}")
        parameters = parameters_of(path)
        width = max((len(p.name) for p in parameters), default=0)
        for p in parameters:
            text = f"    {p.name:{width}}  {p.type} = {to_text(p.default) or 'none'}"
            click.echo(text + (f"  # {p.help}" if p.help else ""))


@main.command()
@click.argument("names", nargs=-1, metavar="[NOTEBOOK]...")
@_workers
@_in_project
def notebooks(names: Texts, project: Project, **how: Any) -> None:
    """Run notebooks with their defaults and write the outputs into them."""
    begin = time.monotonic()
    from ngolib.reports import console, driver
    from ngolib.reports.plan import notebook_names

    progress = console.Progress(max(map(len, names or notebook_names(project)), default=0))
    outcomes = driver.refresh_notebooks(project, names, progress, driver.Running(**how))
    click.echo(console.summary(outcomes, "notebook", time.monotonic() - begin))
    if any(outcome.state == "failed" for outcome in outcomes):
        sys.exit(FAILED)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects, for machines.")
@_in_project
def check(as_json: bool, project: Project) -> None:
    """Check all data: every defect is one line, and makes the exit status 1.

    With --json, what is printed is a list of objects with file, row, column and message, and for a
    quote that is not at its place `nearest`: start, end, similarity and text.
    """
    from ngolib.intake.coding import check as defects

    found = defects(project)
    if as_json:
        _print_json([defect.as_json() for defect in found])
    elif found:
        click.echo("\n".join(found))
        click.echo(f"{_counted(found, 'defect')} in {project.data}", err=True)
    else:
        click.echo(f"{len(project.schema)} tables checked, no defect: {project.data}")
    sys.exit(FAILED if found else 0)


@main.command()
@click.argument("file", metavar="FILE")
@_choice("--against", ["adjudicated", "a", "b"], "Which of our codings.")
@click.option("--json", "for_machines", is_flag=True, help="Print JSON instead of tables.")
@click.option("--to", "path", type=PATH, help="Write each difference as a row of this CSV.")
@_over
@_in_project
def agreement(
    file: str, against: str, for_machines: bool, path: Path | None, force: bool, project: Project
) -> None:
    """Compare your own coding of the texts with ours, and say where the two differ.

    FILE is a CSV with the columns of data/coding/coders/a.csv; the articles that both code are
    compared. Exit status: 0 = compared, 1 = not compared, because FILE cannot be read or has
    defects (one line each), 2 = what was asked for is not valid, or ours is not coded yet.
    """
    from ngolib.exchange.own_coding import as_text, compare_file

    if path is not None:
        _ending(path, ".csv")
        check_place(project, path, force=force, read=Path(file))
    compared, facts = compare_file(project, Path(file), against)
    if path is not None:
        put({path: compared.differences().to_csv(index=False, lineterminator="\n").encode()})
    if for_machines:
        _print_json(facts)
    else:
        click.echo(as_text(project, facts))


@main.command()
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
@click.option("--all", "everything", is_flag=True, help="Every table, the panel and the events.")
@_choice("--format", ["csv", "parquet", "xlsx", "dta"], "How they are written.")
@_place("folder", "FOLDER", "exports", "tables are")
@_over
@_in_project
def export(
    tables: Texts, everything: bool, format: str, folder: Path, force: bool, project: Project
) -> None:
    """Write tables for use elsewhere, with licence, citation and codebook.

    TABLE is a table of the data package, `panel` (country by year by field: the highest rung in
    force) or `events` (both layers, nothing counted twice). Either all files are written or none.
    """
    if everything == bool(tables):
        raise click.UsageError("name the TABLEs to be written, or give --all")
    from ngolib.reports import export as exporting

    names = exporting.table_names(project) if everything else list(tables)
    written = exporting.export(project, names, format, folder, force=force)
    click.echo(f"{len(written)} files written to {folder}")
    if beside := sorted({path.name for path in folder.iterdir()} - {p.name for p in written}):
        click.echo(f"Beside them, and not of this export: {', '.join(beside)}", err=True)


@main.command()
@click.argument("earlier", type=PATH)
@click.argument("later", type=PATH)
@click.option("--json", "for_machines", is_flag=True, help="Print JSON instead of lines.")
def diff(earlier: Path, later: Path, for_machines: bool) -> None:
    """Say what differs between two runs of a report: findings, evidence, data, tables, figures.

    EARLIER and LATER are folders of reports, or their results.json.
    """
    from ngolib.reports.diff import changes, lines_of, read_run

    found = changes(read_run(earlier), read_run(later))
    if for_machines:
        _print_json(found)
    else:
        click.echo("\n".join(lines_of(found)) or "No difference in data, words, tables or figures.")


@main.group()
def qda() -> None:
    """Exchange texts, codes and coded quotes with programs for qualitative analysis.

    By the REFI-QDA standard, which most of them read and write.
    """


@qda.command("export")
@_choice(
    "--coding",
    ["adjudicated", "a", "b", "none"],
    "Whose coded quotes go in, each as a user of the project; may be given several times.",
    multiple=True,
)
@click.option("--with-texts", is_flag=True, help="Put in whole texts: for your own use.")
@_to_file("project", "ngo-regulation.qdpx")
@_in_project
def qda_export(coding: Texts, with_texts: bool, path: Path, force: bool, project: Project) -> None:
    """Write a project (.qdpx): texts, codebook, and coded quotes with their notes.

    Positions count Unicode code points in the texts of the project, as the standard has it. With
    --coding none it holds texts and codes only, to be coded afresh. A text that may only be quoted
    holds its coded quotes with the rest of their sentences, and says so; with --with-texts it is
    whole: the file must then not be passed on, nor put on the web.
    """
    from ngolib.exchange.qdpx_write import project_file

    check_place(project, path, force=force)
    put({path: project_file(project, coding, with_texts=with_texts)})
    click.echo(f"Project written to {path}")
    if with_texts:
        click.echo("It holds whole texts that may only be quoted, not to be passed on.", err=True)


@qda.command("codebook")
@_to_file("codebook", "ngo-regulation.qdc")
@_in_project
def qda_codebook(path: Path, force: bool, project: Project) -> None:
    """Write the codebook alone (.qdc): codes with their definitions and rules."""
    from ngolib.exchange.qdpx_write import codebook_file

    check_place(project, path, force=force)
    put({path: codebook_file(project)})
    click.echo(f"Codebook written to {path}")


@qda.command("import")
@click.argument("file", type=PATH, metavar="FILE")
@_to_file("workbook (XLSX) or coder's table (CSV)", None)
@click.option("--coder", metavar="NAME", help="Whose codings, where several people have coded.")
@_in_project
def qda_import(file: Path, path: Path, coder: str | None, force: bool, project: Project) -> None:
    """Take in codings made in another program: a workbook for `ngolib code`, or a coder's table.

    FILE is a project (.qdpx) with our texts, coded with our codes. What is missing is left empty
    and listed. Nothing is written if FILE cannot be used: exit status 2. A CSV is what `ngolib
    agreement` reads.
    """
    from ngolib.exchange.coder import read_codings
    from ngolib.intake.coding import as_xlsx

    check_place(project, path, force=force, read=file)
    drafts = _ending(path, ".csv", ".xlsx") == ".xlsx"
    coded = read_codings(project, file, user=coder, drafts=drafts)
    put({path: as_xlsx(project, coded.rows) if drafts else coded.as_csv()})
    for remark in coded.remarks:
        click.echo(remark, err=True)
    click.echo(f"{_counted(coded.rows, 'statement')} of {coded.user!r} written to {path}")


@main.command()
@click.option("--without-texts", is_flag=True, help="Leave out what may only be quoted.")
@_to_file("archive", "ngo-regulation.zip")
@_in_project
def archive(without_texts: bool, path: Path, force: bool, project: Project) -> None:
    """Pack the tracked files for a repository such as Zenodo: metadata, checksums, rights.

    The same files give the same bytes. With the texts it is for a closed deposit or your own
    safekeeping, and its metadata say so; without those that may only be quoted it can be published.
    """
    from ngolib.exchange.archive import archive as packing

    check_place(project, path, force=force)
    content, files, remarks = packing(project, without_texts=without_texts)
    put({path: content})
    for remark in remarks:
        click.echo(remark, err=True)
    click.echo(f"{files} files written to {path}")


def _ask_code(column: str, codes: Mapping[str, str], default: str) -> str:
    """Ask for codes until they will do, telling what each means."""
    from ngolib.intake.coding import chosen

    for code, meaning in codes.items() if len(codes) < 40 else ():
        click.echo(f"  {code:26} {shorten(meaning, 100)}", err=True)
    while True:
        try:
            said = click.prompt(column, default=default or None, err=True)
            return chosen(column, said, codes)
        except InputError as error:
            _tell(error)
        except RuntimeError:  # of `input`; on a terminal somebody breaks off
            if sys.stdin and sys.stdin.isatty():
                raise
            raise click.UsageError("--ask: there is nobody to be asked") from None


@main.command()
@click.argument("names", nargs=-1, metavar="ARTICLE QUOTE | FILE.xlsx | [ID]...")
@click.option("--list", "does", flag_value="list", multiple=True, help="Show all drafts.")
@click.option("--undo", "does", flag_value="undo", multiple=True, help="Undo the last, or IDs.")
@click.option("--accept", "does", flag_value="accept", multiple=True, help="Accept all, or IDs.")
@click.option("--ask/--no-ask", default=None, help="Ask for what is missing, as on a terminal.")
@click.option("--coder", envvar="USER", default="me", help="Whose drafts; by default your login.")
@click.option("--nth", metavar="N", help="Which place, where the quote stands several times.")
@click.option("--act", "process_id", metavar="CODE", help="An act of register/acts.csv.")
@click.option("--category", "categories", metavar="CODES", help="Categories, parted by commas.")
@_in_project
def code(
    names: Texts, does: Texts, ask: bool | None, coder: str, project: Project, **given: Any
) -> None:
    """Code a quote of an article as a draft, which no report reads until it is accepted.

    The quote is found over line ends and typographic variants. What follows from act, article and
    words is filled in; what is missing is asked for on a terminal, else named. FILE.xlsx is made
    by `ngolib suggest ARTICLE --to FILE.xlsx`; its rows become drafts, all or none. What a column
    holds, and which codes it allows, says data/README.md.
    """
    from ngolib.intake import coding

    said = "kept as drafts"
    ask = sys.stdin.isatty() and sys.stderr.isatty() if ask is None else ask
    if len(does) > 1 or (does == ("list",) and names):
        raise click.UsageError("give one of --list, --undo [ID]... and --accept [ID]...")
    if any(given.values()) and len(names) != 2:
        raise click.UsageError("options of a column are of one QUOTE; a FILE.xlsx has columns")
    if does == ("list",):
        drafts, said = coding.read_drafts(project), "drafts"
        rows = [row for _, frame in drafts.values() for row in frame.to_dict("records")]
    elif does:
        change = coding.accept if does == ("accept",) else coding.undo
        said = "now in coding/statements.csv" if does == ("accept",) else "taken back"
        with _alone(project) as project:
            rows = change(project, coder, names)
    elif len(names) == 2:
        cells = {column: text for column, text in given.items() if text}
        new = {"": cells | {"article_id": names[0], "exact": names[1]}}
        with _alone(project) as project:
            rows = coding.keep(project, coder, new, _ask_code if ask else None)
    elif len(names) == 1 and names[0].lower().endswith(".xlsx"):
        with _alone(project) as project:
            rows = coding.keep(project, coder, coding.read_xlsx(project, Path(names[0])))
    else:
        raise click.UsageError("give an ARTICLE and the words of a QUOTE, or a FILE.xlsx")
    for row in rows:
        click.echo("{statement_id}  {start}-{end}  “{exact}”".format_map(row))
        click.echo(f"  {' · '.join(filter(None, list(row.values())[7:]))}")
    click.echo(f"{said}: {len(rows)}")


for _column in """stage direction country level voice claimant modality credibility date date-stated
        date-basis precision scheduled tier same-step-as note""".split():  # noqa: SIM905
    code.params.append(
        click.Option([f"--{_column}"], metavar="CODE", help=f"Column {_column.replace('-', '_')}.")
    )


@main.command()
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
@_option("--max-mib", type=MIB, default=20, help="How large a file or page may be.")
@_option("--timeout", "seconds", type=SECONDS, default=30, help="Seconds that a page may take.")
@_in_project
def add(names: Texts, max_mib: float, project: Project, **given: Any) -> None:
    """Add texts: text, HTML, PDF or DOCX, from a file or the web, in English, Russian or Kazakh.

    What a text does not say of itself, and no option, is left empty and marked. Each text is added
    whole or not at all, and one that cannot be does not stop the others. Exit status: 0 = all were
    added, 1 = some were not (one line each says why), 2 = what was asked for is not valid.
    """
    from ngolib.intake.add import Wishes
    from ngolib.intake.add import add as adding

    if any(value != value for value in (max_mib, given["seconds"])):
        raise click.UsageError("--max-mib and --timeout: nan found; allowed: a number")
    said = {n: value for n, value in given.items() if value is not None and f"{value}".strip()}
    wishes = Wishes(**said, most_bytes=int(max_mib * 2**20))
    added, failed = list[str](), False
    for outcome in adding(project, names, wishes, _tell):
        if outcome.error:
            _tell(f"{outcome.name}: {outcome.error}")
            failed = True
            continue
        state = "would be added" if wishes.dry_run else "added"
        click.echo(f"{state}  {outcome.source_id}  ({outcome.name})")
        for line in outcome.lines:
            click.echo(f"  {line}")
        added.append(outcome.source_id)
    if added and not wishes.dry_run:
        next_ = "read data/articles.csv and fill in what is open; ngolib check"
        click.echo(f"Next: {next_}; ngolib suggest {added[0]}.1")
    if failed:
        sys.exit(1)


@main.command()
@click.argument("name", metavar="ARTICLE")
@_option("--to", "path", type=PATH, help="Write them as a CSV or XLSX to be edited; print none.")
@click.option("--strong", is_flag=True, help="Only those with a word for their stage and category.")
@_over
@_in_project
def suggest(name: str, path: Path | None, strong: bool, force: bool, project: Project) -> None:
    """Suggest statements of an article for coding, each with the words that speak for it.

    ARTICLE is the id of an article, or of a source for all of its articles. What is suggested is
    read, mended or thrown away by a person: nothing is added to the coding. A CSV has the columns
    of a coder's file; a workbook (.xlsx) is taken back by `ngolib code`.
    """
    from ngolib.intake.coding import as_xlsx
    from ngolib.intake.suggest import suggest as suggesting

    if path is not None:
        check_place(project, path, force=force)
        book = _ending(path, ".csv", ".xlsx") == ".xlsx"
    found = [one for one in suggesting(name, project=project) if not (strong and one.weak)]
    weak = sum(one.weak for one in found)
    said = f"{len(found)} candidates of {name}: {len(found) - weak} strong, {weak} weak"
    if path is not None:
        columns = project.table("coder_a").columns
        cells = csv_text([columns, *([one.cells[c] for c in columns] for one in found)]).encode()
        put({path: as_xlsx(project, [one.cells for one in found]) if book else cells})
        click.echo(f"{said}; written to {path}, to be read, mended and completed one by one")
        return
    for one in found:
        codes = [one.cells[c] for c in ("country", "date", "stage", "direction", "categories")]
        click.echo("{statement_id}  {start}-{end}  “{exact}”".format_map(one.cells))
        click.echo(f"  {' · '.join(code or '?' for code in codes)}")
        click.echo(f"  {'; '.join(one.reasons)}; open: {', '.join(one.open)}")
    click.echo(f"{said}. None is coded: --to FILE writes them for editing.")


@main.group()
def new() -> None:
    """Begin a notebook or a country of your own."""


@new.command("notebook")
@click.argument("name")
@click.option("--question", metavar="TEXT", help="Its title: a question.")
@_in_project
def new_notebook(name: str, question: str | None, project: Project) -> None:
    """Make a notebook from the skeleton, with an entry of the plan and a test that passes.

    NAME is words joined by underscores, as in funding_by_year; the next number is put in front.
    """
    from ngolib.intake.new import new_notebook as make

    with _alone(project) as project:
        made = make(project, name, question)
    for path in made:
        click.echo(f"written  {path.relative_to(project.root).as_posix()}")
    stem = made[0].stem
    slug = stem.partition("_")[2].replace("_", "-")
    run = f"ngolib notebooks {stem} runs it in place, ngolib report {slug} makes its report"
    click.echo(f"Next: make lab, open {stem} and change it; {run}")


@new.command("country")
@click.argument("code")
@click.option("--name", required=True, metavar="TEXT", help="What readers see.")
@_in_project
def new_country(code: str, name: str, project: Project) -> None:
    """Add a country: its code, and a search log in which nothing is searched yet.

    CODE is of ISO 3166-1 alpha-3, as TJK. Nothing is known of it then, and every page says so.
    """
    from ngolib.intake.new import new_country as make

    with _alone(project) as project:
        to_do = make(project, code, name)
    click.echo(f"{code} ({name.strip()}) is in the codebook. To be filled:")
    for line in to_do:
        click.echo(f"- {line}")
