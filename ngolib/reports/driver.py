"""Bringing reports and notebooks up to date: choose, run, publish, say so."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ngolib.errors import DataError, MachineError, NgolibError, ParameterError, check_known
from ngolib.params import check_values
from ngolib.project import Project
from ngolib.reading import sha256
from ngolib.reports import publish, run
from ngolib.reports.console import Outcome, Progress
from ngolib.reports.diff import changes, lines_of
from ngolib.reports.freshness import inputs_of, package_hashes, reasons, versions
from ngolib.reports.job import Job, make, refresh
from ngolib.reports.plan import OWN, Report, check_plan, find_report, notebook_names, own_run
from ngolib.reports.upkeep import CHECKED, TIMES, clear_up, index_is_fresh, places, write_index
from ngolib.reports.used import UNKNOWN

# A report, what it is made from, and why it is to be run, if it is.
Examined = tuple[Report, dict[str, Any], list[str]]


@dataclass(frozen=True)
class Running:
    """How reports or notebooks are run; `ngolib report --help` says what each setting means."""

    workers: int = field(default_factory=run.at_a_time)
    timeout: int = run.TIMEOUT
    dask: str | None = None
    check: Callable[..., None] = lambda *of: check(*of)


def choose(
    project: Project,
    plan: Sequence[Report],
    names: Sequence[str] = (),
    texts: Mapping[str, str] | None = None,
) -> list[Report]:
    """Choose what is asked for."""
    if texts:
        return [own_run(project, plan, names[0], texts)]
    return [find_report(project, plan, name) for name in dict.fromkeys(names)] or list(plan)


def examine(project: Project, chosen: Sequence[Report], force: bool = False) -> Iterator[Examined]:
    """Yield each report with what it is made from and why it is to be run, if it is."""
    data = project.input_hashes()
    for report in chosen:
        inputs = inputs_of(project, report, data)
        yield report, inputs, reasons(project.reports / report.slug, inputs) or ["forced"] * force


def make_reports(
    project: Project,
    chosen: Sequence[Report],
    plan: Sequence[Report],
    progress: Progress,
    force: bool = False,
    running: Running | None = None,
    dry_run: bool = False,
) -> list[Outcome]:
    """Make what is out of date among the chosen reports, and the index of all.

    One run at a time: another one is waited for. One that is broken off leaves every report as it
    was or as it is to be, and the next one clears up. Outcomes come in the order of ending, fresh
    ones first; of a `dry_run`, which runs and writes nothing, in the order of the choice.
    """
    examined = list(examine(project, chosen, force))
    fresh = not any(why for _, _, why in examined)
    if dry_run and not fresh:
        check_plan(project, plan)
    clean = not any(map(publish.leftovers, places(project)))
    site = clean and fresh and index_is_fresh(project, plan)
    if dry_run and fresh and not site:
        progress.tell("pages beside the reports would be made: the index, acts, search or guide")
    if dry_run or site:
        return _tell(progress, examined)
    with publish.exclusive(project.reports, progress.tell) as waited:
        clear_up(project)
        if waited or not clean:
            examined = list(examine(project, chosen, force))
        stale = [one for one in examined if one[2]]
        outcomes = _tell(progress, (one for one in examined if not one[2]))
        if not stale:
            check(project)  # pages of tables, which no report may have read
        done = dict[str, Outcome]()
        while stale:
            made = _run(project, stale, plan, progress, running or Running())
            done |= {one.name: one for one in made}
            failed = {name for name, one in done.items() if one.state == "failed"}
            # What one has written, another may have read as it was before.
            found = (one for one in examine(project, chosen) if one[0].slug not in failed)
            stale = [one for one in found if not all(why.endswith(UNKNOWN) for why in one[2])]
            if {report.slug for report, _, _ in stale} <= {*done} and len(stale) >= len(made):
                break  # they are others each time
        outcomes = [*(one for one in outcomes if one.name not in done), *done.values()]
        for report, _, why in stale:
            progress.tell(f"{report.slug} is out of date again: {why[0]}")
        try:
            write_index(project, plan, progress.meanwhile)
        except NgolibError as error:  # what was run is told all the same
            outcomes.append(Outcome("index.html", "failed", str(error)))
            progress.finished(outcomes[-1])
    return outcomes


def _tell(progress: Progress, examined: Iterable[Examined]) -> list[Outcome]:
    """Tell which reports are fresh or stale, and why."""
    outcomes = []
    for report, _, why in examined:
        outcomes.append(Outcome(report.slug, "stale" if why else "fresh", reasons=tuple(why)))
        progress.finished(outcomes[-1])
    return outcomes


def check(project: Project, plan: Sequence[Report] = ()) -> None:
    """Refuse a plan that is not valid, and data with defects; once is enough for the same data."""
    check_plan(project, plan)
    project = Project.find(project.root)  # as they are now
    key = publish.hash_json([project.input_hashes(), package_hashes(), versions()])
    if publish.read_notes(project.reports, CHECKED).get("key") == key:
        return
    from ngolib.evidence.check import defects

    if found := defects(project):
        raise DataError(found)
    publish.write_notes(project.reports, CHECKED, {"key": key})


def _run(
    project: Project,
    stale: Sequence[Examined],
    plan: Sequence[Report],
    progress: Progress,
    running: Running,
) -> list[Outcome]:
    """Run what is out of date and publish each as it ends; the lock is held."""
    if running.dask is None:
        run.warm_up(project.root)
    running.check(project, [] if all(OWN in report.slug for report, _, _ in stale) else plan)
    _ = project.citation_file  # every page shows it: what is wrong with it is told before
    data = project.input_hashes()
    noted = publish.read_notes(project.reports, TIMES)
    seconds = {name: float(s) for name, s in noted.items() if isinstance(s, int | float)}
    jobs = {}
    # First what took longest the last time, and before it what is not known.
    for report, inputs, _ in sorted(stale, key=lambda one: -seconds.get(one[0].slug, 1e9)):
        source = report.source(project)
        values = check_values(source, report.parameters, project)
        jobs[report.slug] = Job(report, source, project.root, values, {**inputs, "data": data})
    progress.tell(f"{len(stale)} to be made, {running.workers} at a time")
    whys = {report.slug: tuple(why) for report, _, why in stale}
    outcomes = _do(make, jobs, project, progress, running, partial(_settle, project, whys))
    seconds |= {one.name: round(one.seconds or 0, 2) for one in outcomes if one.state == "made"}
    publish.write_notes(project.reports, TIMES, seconds)
    return outcomes


def _do(
    do: run.Do,
    jobs: Mapping[str, Any],
    project: Project,
    progress: Progress,
    running: Running,
    settle: Callable[[str, run.Attempt], Outcome],
) -> list[Outcome]:
    """Do jobs; what comes of each is settled and told as it ends."""
    if running.dask is not None:
        from ngolib.reports import cluster

        attempts = cluster.each(running.dask, jobs, running.timeout)
    else:
        how = running.workers, running.timeout, progress.started, progress.meanwhile
        attempts = run.each(jobs, do, project.root, *how)
    outcomes = []
    with closing(attempts), progress.running(len(jobs)):
        for name, tried in attempts:
            outcomes.append(settle(name, tried))
            progress.finished(outcomes[-1])
    return outcomes


def _settle(
    project: Project, whys: Mapping[str, tuple[str, ...]], slug: str, tried: run.Attempt
) -> Outcome:
    """Publish a report that was made, or write down why it was not."""
    reports, reason, account, place = project.reports, tried.reason, tried.account, ""
    if tried.result is not None:
        record = json.loads(tried.result[publish.RESULTS])
        changed: list[str] = []
        with suppress(KeyError):  # there was none, or its record is of an older form
            changed += lines_of(changes(publish.read_results(reports / slug), record))
        # Before it is published, for after it nobody can tell any more.
        publish.write_notes(reports, f"{slug}.changes", {"of": record["key"], "lines": changed})
        try:
            publish.publish(reports, slug, tried.result)
        except MachineError as error:
            reason = account = str(error)
        else:
            return Outcome(slug, "made", "", whys[slug], tried.seconds)
    with suppress(MachineError):  # the reason in the first line, then the full account
        told, log = f"{reason}\n\n{account}".rstrip() + "\n", reports / publish.LOGS / f"{slug}.txt"
        publish.replace_file(log, told.encode(errors="replace"))
        place = log.relative_to(project.root).as_posix()
    return Outcome(slug, "failed", reason, whys[slug], tried.seconds, place)


def refresh_notebooks(
    project: Project, names: Sequence[str], progress: Progress, running: Running | None = None
) -> list[Outcome]:
    """Run notebooks with their defaults and write the outputs into them."""
    how = running or Running()
    known = notebook_names(project)
    stems = [name.removesuffix(".ipynb") for name in dict.fromkeys(names)] or known
    sources = {stem: project.notebooks / f"{stem}.ipynb" for stem in stems}
    for stem, source in sources.items():
        check_known(ParameterError, "notebook", stem, known)
        check_values(source, {}, project)
    before = {stem: sha256(source) for stem, source in sources.items()}

    def settle(stem: str, tried: run.Attempt) -> Outcome:
        reason = tried.reason
        if sha256(sources[stem]) != before[stem]:
            reason = "it was changed while it ran, and stays as it is now; run it again"
        if reason:
            return Outcome(stem, "failed", reason, seconds=tried.seconds)
        content, pictures = tried.result
        try:
            changed = publish.replace_file(sources[stem], content)
            for name, svg in pictures.items():  # those that pages under `docs/` show
                path = project.root / "docs" / "figures" / f"{stem}.{name}.svg"
                if path.is_file():
                    publish.replace_file(path, svg)
        except MachineError as error:
            return Outcome(stem, "failed", str(error), seconds=tried.seconds)
        return Outcome(stem, "made" if changed else "unchanged", seconds=tried.seconds)

    with publish.exclusive(project.reports, progress.tell):
        clear_up(project)
        return _do(refresh, sources, project, progress, how, settle)
