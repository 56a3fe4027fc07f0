"""Bringing reports and notebooks up to date: choose, run, publish, say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ngolib.errors import DataError, PlanError, ReportError, unknown
from ngolib.params import check_values
from ngolib.project import Project
from ngolib.reports import publish, warm
from ngolib.reports.console import Outcome, Progress
from ngolib.reports.freshness import hash_json, inputs_of, reasons
from ngolib.reports.job import Job, make
from ngolib.reports.lock import exclusive
from ngolib.reports.plan import Report, check_plan, find_report, notebook_names, own_run
from ngolib.reports.upkeep import CHECKED, TIMES, clear_up, index_is_fresh, places, write_index
from ngolib.reports.work import (
    Attempt,
    Running,
    account_of,
    each,
    executor_for,
    in_threads,
    longest_first,
)

if TYPE_CHECKING:
    from nbformat import NotebookNode


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


def stale_reasons(
    project: Project, chosen: Sequence[Report]
) -> Iterator[tuple[Report, dict, list[str]]]:
    """Yield each report with what it is made from and why it is out of date, if it is."""
    data = project.input_hashes()
    for report in chosen:
        inputs = inputs_of(project, report, data)
        yield report, inputs, reasons(project.reports / report.slug, inputs)


def _check_data(project: Project, inputs: Mapping[str, Any]) -> None:
    """Refuse to run anything on data that have defects; once is enough for the same data."""
    key = hash_json([inputs["data"], inputs["package"], inputs["versions"]])
    if publish.read_notes(project.reports, CHECKED).get("key") == key:
        return
    from ngolib.evidence.check import defects

    if found := defects(project):
        raise DataError(found)
    publish.write_notes(project.reports, CHECKED, {"key": key})


def preview(
    project: Project, chosen: Sequence[Report], plan: Sequence[Report], force: bool = False
) -> list[Outcome]:
    """Say what would be run, and why; nothing is run or written.

    Parameters
    ----------
    project : Project
        Where everything is.
    chosen : sequence of Report
        What is wanted.
    plan : sequence of Report
        The whole plan.
    force : bool
        Whether fresh ones would be run too.

    Returns
    -------
    list of Outcome
        In the order of the choice, `stale` or `fresh`.

    Raises
    ------
    ngolib.errors.NgolibError
        If the plan or a parameter is not valid.
    """
    outcomes = []
    for report, _, why in stale_reasons(project, chosen):
        if force and not why:
            why = ["forced"]
        outcomes.append(Outcome(report.slug, "stale" if why else "fresh", "", tuple(why)))
    if any(outcome.state == "stale" for outcome in outcomes):
        check_plan(project, plan)
    return outcomes


def _import_tools() -> None:
    """Import what makes reports and pages, while the warm parent of the kernels warms up."""
    import papermill.execute  # noqa: F401

    from ngolib.reports import execute, kernels, outputs, page, texts  # noqa: F401


def _publish(project: Project, slug: str, files: Mapping[str, bytes]) -> None:
    from ngolib.reports.history import note_changes

    with suppress(OSError, ReportError):  # only the index tells of it
        note_changes(project.reports, slug, files)
    publish.publish(project.reports, slug, files)


def _settle(
    project: Project, slug: str, tried: Attempt[dict[str, bytes]], why: tuple[str, ...]
) -> Outcome:
    """Publish a report that was made, or write down why it was not."""
    reason, account = tried.reason, tried.account
    if tried.result is not None:
        try:
            _publish(project, slug, tried.result)
            return Outcome(slug, "made", "", why, tried.seconds)
        except ReportError as error:
            reason, account = str(error), account_of(error)
    try:
        log = publish.log_failure(project.reports, slug, reason, account)
        place = log.relative_to(project.root).as_posix()
    except ReportError:
        place = ""
    return Outcome(slug, "failed", reason, why, tried.seconds, place)


def make_reports(
    project: Project,
    chosen: Sequence[Report],
    plan: Sequence[Report],
    progress: Progress,
    *,
    force: bool = False,
    running: Running | None = None,
) -> list[Outcome]:
    """Make what is out of date among the chosen reports, and the index of all.

    One run at a time: another one is waited for. A run that is broken off, however that comes,
    leaves every report as it was or as it is to be, and the next one clears up after it.

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
    running : Running, optional
        How they are run.

    Returns
    -------
    list of Outcome
        In the order of ending; fresh ones first.

    Raises
    ------
    ngolib.errors.NgolibError
        Before anything is run, if the plan, a parameter or the data are not valid.
    """
    examined = list(stale_reasons(project, chosen))
    nothing_stale = not force and not any(why for _, _, why in examined)
    clean = not any(publish.leftovers(folder) for folder in places(project))
    if nothing_stale and clean and index_is_fresh(project, plan):
        outcomes = [Outcome(report.slug, "fresh") for report, _, _ in examined]
        for outcome in outcomes:
            progress.finished(outcome)
        return outcomes
    with exclusive(project.reports, progress.tell) as waited:
        clear_up(project)
        if waited or not clean:
            examined = list(stale_reasons(project, chosen))
        return _make(project, examined, plan, progress, force, running or Running())


def _make(
    project: Project,
    examined: Sequence[tuple[Report, dict, list[str]]],
    plan: Sequence[Report],
    progress: Progress,
    force: bool,
    running: Running,
) -> list[Outcome]:
    """Make reports; the lock is held."""
    outcomes = [Outcome(r.slug, "fresh") for r, _, why in examined if not (why or force)]
    wanted = [(report, inputs, why) for report, inputs, why in examined if why or force]
    for outcome in outcomes:
        progress.finished(outcome)
    if wanted:
        elsewhere = running.executor is not None
        kind = warm.ORDINARY if elsewhere else running.kernel
        with warm.session(project.root, kind, running.timeout):
            outcomes += _run(project, wanted, plan, progress, running)
    write_index(project, plan)
    return outcomes


def _run(
    project: Project,
    wanted: Sequence[tuple[Report, dict, list[str]]],
    plan: Sequence[Report],
    progress: Progress,
    running: Running,
) -> list[Outcome]:
    """Run what is out of date and publish each as it ends."""
    if any(not report.is_own for report, _, _ in wanted):
        check_plan(project, plan)
    _check_data(project, wanted[0][1])
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
    seconds = publish.read_notes(project.reports, TIMES)
    seconds = {name: float(s) for name, s in seconds.items() if isinstance(s, int | float)}
    jobs = longest_first(jobs, seconds)
    expected = {name: seconds[name] for name in jobs if name in seconds}
    if running.executor is None:
        _import_tools()
        run = in_threads(make, project.root, progress)
    else:
        from ngolib.reports.cluster import make_here as run
    outcomes = []
    with (
        executor_for(running, len(jobs)) as executor,
        progress.running(len(jobs), expected, running.workers),
    ):
        for slug, tried in each(executor, run, jobs):
            outcome = _settle(project, slug, tried, whys[slug])
            if outcome.state == "made":
                seconds[slug] = round(tried.seconds, 2)
            outcomes.append(outcome)
            progress.finished(outcome)
    publish.write_notes(project.reports, TIMES, seconds)
    return outcomes


def _refresh_pictures(project: Project, stem: str, notebook: NotebookNode) -> None:
    """Write anew the pictures that pages under `docs/` show, named after notebook and figure."""
    from ngolib.reports.outputs import pictures_of

    for name, _, svg in pictures_of(notebook):
        path = project.root / "docs" / "figures" / f"{stem}.{name}.svg"
        if path.is_file():
            publish.replace_file(path, svg)


def refresh_notebooks(
    project: Project,
    names: Sequence[str],
    progress: Progress,
    *,
    running: Running | None = None,
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
    running : Running, optional
        How they are run.

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
    how = running or Running()

    def run(path: Path) -> NotebookNode:
        return execute.run(path, {}, project.root)

    outcomes = []
    with (
        exclusive(project.reports, progress.tell),
        warm.session(project.root, how.kernel, how.timeout),
        executor_for(how, len(paths)) as executor,
        progress.running(len(paths), workers=how.workers),
    ):
        clear_up(project)
        _import_tools()
        for stem, tried in each(executor, in_threads(run, project.root, progress), paths):
            outcome = Outcome(stem, "failed", tried.reason, seconds=tried.seconds)
            if tried.result is not None:
                changed = publish.replace_file(paths[stem], execute.write(tried.result))
                _refresh_pictures(project, stem, tried.result)
                state = "made" if changed else "unchanged"
                outcome = Outcome(stem, state, seconds=tried.seconds)
            outcomes.append(outcome)
            progress.finished(outcome)
    return outcomes
