"""Bringing reports and notebooks up to date: choose, run some at a time, publish, say so."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, TypeVar

from ngolib.errors import DataError, NgolibError, PlanError, unknown
from ngolib.params import check_values
from ngolib.project import Project
from ngolib.reports import publish, site
from ngolib.reports.console import Outcome, Progress
from ngolib.reports.freshness import inputs_of, reasons
from ngolib.reports.job import Job, make
from ngolib.reports.plan import (
    Report,
    check_plan,
    find_report,
    notebook_names,
    own_run,
)

if TYPE_CHECKING:
    from nbformat import NotebookNode

WORKERS = 2
Item = TypeVar("Item")
Result = TypeVar("Result")


def choose(
    project: Project,
    plan: Sequence[Report],
    names: Sequence[str] = (),
    texts: Mapping[str, str] | None = None,
    notebook: str | None = None,
) -> list[Report]:
    """Choose what is asked for.

    Parameters
    ----------
    project : Project
        Where the notebooks are.
    plan : sequence of Report
        The planned reports.
    names : sequence of str
        Reports or notebooks by name; none = the whole plan.
    texts : mapping, optional
        Parameters to be set otherwise; then exactly one name is needed.
    notebook : str, optional
        Only reports of the plan that are made from this notebook.

    Returns
    -------
    list of Report
        Each once, in the order asked for.

    Raises
    ------
    ngolib.errors.NgolibError
        If something is asked for that is not there or not allowed.
    """
    if texts:
        if len(names) != 1:
            raise PlanError("-p needs exactly one name: of a report, or of a notebook")
        return [own_run(project, plan, names[0], texts)]
    chosen = [find_report(project, plan, name) for name in dict.fromkeys(names)] or list(plan)
    if notebook is None:
        return chosen
    stem = notebook.removesuffix(".ipynb")
    if stem not in notebook_names(project):
        raise PlanError(unknown("notebook", notebook, notebook_names(project)))
    return [report for report in chosen if report.notebook == stem]


def _each(
    executor: Executor,
    work: Callable[[Item], Result],
    items: Mapping[str, Item],
    progress: Progress,
) -> Iterator[tuple[str, Future[Result], float]]:
    """Run some at a time and yield each by its name when it has ended, with its seconds."""
    seconds: dict[str, float] = {}

    def timed(name: str, item: Item) -> Result:
        progress.started(name)
        begin = time.monotonic()
        try:
            return work(item)
        finally:
            seconds[name] = time.monotonic() - begin

    futures = {executor.submit(timed, name, item): name for name, item in items.items()}
    try:
        for future in as_completed(futures):
            yield futures[future], future, seconds[futures[future]]
    except BaseException:
        # What has not begun is not begun any more; what runs ends by itself.
        executor.shutdown(wait=False, cancel_futures=True)
        raise


def _reason(error: BaseException, project: Project) -> str:
    """Say in one line why something failed; the line is published, so no path of the machine."""
    text = str(error).replace(f"{project.root}{os.sep}", "")
    first = next(iter(text.splitlines()), "")
    return first if isinstance(error, NgolibError) else f"{type(error).__name__}: {first}"


def _account(error: BaseException) -> str:
    """Tell in full why something failed."""
    import traceback

    notes = getattr(error, "__notes__", None)
    return "\n".join([str(error), *notes] if notes else traceback.format_exception(error))


def stale_reasons(
    project: Project, chosen: Sequence[Report]
) -> Iterator[tuple[Report, dict, list[str]]]:
    """Yield each report with what it is made from and why it is out of date, if it is."""
    data = project.input_hashes()
    for report in chosen:
        inputs = inputs_of(project, report, data)
        yield report, inputs, reasons(project.reports / report.slug, inputs)


def _check_data(project: Project) -> None:
    """Refuse to run anything on data that have defects."""
    from ngolib.evidence.check import defects

    if found := defects(project):
        raise DataError(found)


def make_reports(
    project: Project,
    chosen: Sequence[Report],
    plan: Sequence[Report],
    progress: Progress,
    *,
    force: bool = False,
    workers: int = WORKERS,
) -> list[Outcome]:
    """Make what is out of date among the chosen reports, and the index of all.

    Parameters
    ----------
    project : Project
        Where everything is.
    chosen : sequence of Report
        What is wanted.
    plan : sequence of Report
        The whole plan; checked whole before anything of it is run.
    progress : Progress
        Is told what happens.
    force : bool
        Run fresh ones too.
    workers : int
        How many run at a time.

    Returns
    -------
    list of Outcome
        In the order of ending; fresh ones first.

    Raises
    ------
    ngolib.errors.NgolibError
        Before anything is run, if the plan, a parameter or the data are not valid.
    """
    publish.recover(project.reports)
    examined = list(stale_reasons(project, chosen))
    wanted = [(report, inputs, why) for report, inputs, why in examined if why or force]
    if any(not report.is_own for report, _, _ in wanted):
        check_plan(project, plan)
    if wanted:
        _check_data(project)
    jobs = {
        report.slug: Job(
            report=report,
            source=report.source(project),
            root=project.root,
            values=check_values(report.source(project), report.parameters, project),
            inputs=inputs,
        )
        for report, inputs, _ in wanted
    }
    whys = {report.slug: tuple(why or ["forced"]) for report, _, why in wanted}
    outcomes = [Outcome(r.slug, "fresh") for r, _, _ in examined if r.slug not in jobs]
    for outcome in outcomes:
        progress.finished(outcome)
    with ThreadPoolExecutor(workers) as executor, progress.running(len(jobs)):
        for slug, future, seconds in _each(executor, make, jobs, progress):
            error = future.exception()
            if error is None:
                publish.publish(project.reports, slug, future.result())
                outcome = Outcome(slug, "made", "", whys[slug], seconds)
            else:
                reason = _reason(error, project)
                log = publish.log_failure(project.reports, slug, reason, _account(error))
                said = f"{reason} (see {log.relative_to(project.root).as_posix()})"
                outcome = Outcome(slug, "failed", said, whys[slug], seconds)
            outcomes.append(outcome)
            progress.finished(outcome)
    publish.replace_file(project.reports / "index.html", site.index(project, plan))
    return outcomes


def _refresh_pictures(project: Project, stem: str, notebook: NotebookNode) -> None:
    """Write anew the pictures that pages under `docs/` show, named after notebook and figure."""
    from ngolib.reports.outputs import pictures_of

    for name, _, svg in pictures_of(notebook):
        path = project.root / "docs" / "figures" / f"{stem}.{name}.svg"
        if path.is_file():
            publish.replace_file(path, svg)


def refresh_notebooks(
    project: Project, names: Sequence[str], progress: Progress, *, workers: int = WORKERS
) -> list[Outcome]:
    """Run notebooks with their defaults and write the outputs into them.

    Parameters
    ----------
    project : Project
        Where the notebooks are.
    names : sequence of str
        Which; none = all.
    progress : Progress
        Is told what happens.
    workers : int
        How many run at a time.

    Returns
    -------
    list of Outcome
        In the order of ending. A notebook that fails is left as it was.

    Raises
    ------
    ngolib.errors.PlanError
        If there is no such notebook.
    """
    from ngolib.reports import execute

    known = notebook_names(project)
    stems = [name.removesuffix(".ipynb") for name in dict.fromkeys(names)] or known
    for stem in stems:
        if stem not in known:
            raise PlanError(unknown("notebook", stem, known))
    paths = {stem: project.notebooks / f"{stem}.ipynb" for stem in stems}
    for path in paths.values():
        check_values(path, {}, project)
    outcomes = []
    with ThreadPoolExecutor(workers) as executor, progress.running(len(paths)):
        runs = _each(executor, lambda path: execute.run(path, {}, project.root), paths, progress)
        for stem, future, seconds in runs:
            error = future.exception()
            if error is None:
                notebook = future.result()
                changed = publish.replace_file(paths[stem], execute.write(notebook))
                _refresh_pictures(project, stem, notebook)
                outcome = Outcome(stem, "made" if changed else "unchanged", seconds=seconds)
            else:
                outcome = Outcome(stem, "failed", _reason(error, project), seconds=seconds)
            outcomes.append(outcome)
            progress.finished(outcome)
    return outcomes
