"""The folder of reports as a whole: its index, what broken runs left, what nobody wants now."""

import hashlib
import platform
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from ngolib.errors import ReportError, unknown
from ngolib.files import finish
from ngolib.project import MARKER, Project
from ngolib.reading import sha256
from ngolib.reports import freshness, publish, run
from ngolib.reports.freshness import frame_hashes
from ngolib.reports.plan import FOLDERS, OWN, PLAN, Report, folders_of, front_of
from ngolib.reports.publish import LOGS, RESULTS, hash_json, read_results
from ngolib.reports.run import At
from ngolib.reports.used import read_by, read_now

# Kinds of notes for later runs, beside those of the folders of pages.
TIMES, CHECKED, INDEX = "seconds", "checked", "index"


def _made(project: Project) -> list[Path]:
    """List the folders of reports that were made, sorted."""
    return [path.parent for path in sorted(project.reports.glob(f"[!.]*/{RESULTS}"))]


def gone(project: Project, plan: Sequence[Report]) -> list[str]:
    """List reports that are in the plan no longer, sorted; a user's own runs never were in it."""
    planned = {report.slug for report in plan}
    slugs = [path.name for path in _made(project) if read_results(path).get("slug") == path.name]
    return [slug for slug in slugs if slug not in planned and OWN not in slug]


def _hashes(project: Project, paths: Sequence[Path]) -> dict[str, str]:
    """Return the SHA-256 of some files, by their path from the root."""
    return {path.relative_to(project.root).as_posix(): sha256(path) for path in paths}


def _made_from(project: Project, plan: Sequence[Report]) -> str:
    """Return a hash of all that the index and the folders of pages are made from but results."""
    files = [project.root / MARKER, project.root / "LICENSE", project.reports / PLAN]
    docs = sorted((project.root / "docs").rglob("*"))
    files += [path for path in docs if path.suffix in (".md", ".svg", ".png")]
    notebooks = [freshness.notebook_hash(report.source(project)) for report in plan]
    around = *_made_by(), frame_hashes(project)
    notebooks.append(hash_json(freshness.own_runs(project)))
    own = project.input_hashes(), notebooks, _hashes(project, files)
    return hash_json([*around, *own, [report.slug for report in plan]])


def _made_by() -> list[Any]:
    """Return what every page hangs on but for the project: ngolib, what it requires, Python."""
    return [freshness.package_hashes(), freshness.versions(), platform.python_version()]


def _results(project: Project) -> str:
    """Return a hash of what runs have left, and of the pages that are made of it."""
    reports = project.reports
    own = {f"{name}.json" for name in (TIMES, CHECKED, INDEX, *FOLDERS)}
    files = [path for path in sorted(reports.glob(f"{LOGS}/*")) if path.name not in own]
    files += [reports / "index.html", reports / "feed.xml", *sorted(reports.glob("keep/*"))]
    files += [folder / RESULTS for folder in _made(project)]
    return hash_json(_hashes(project, files))


def index_is_fresh(project: Project, plan: Sequence[Report]) -> bool:
    """Say whether the index is up to date."""
    noted = publish.read_notes(project.reports, INDEX).get("key")
    whole = all(_is_whole(project.reports, folder) for folder in FOLDERS)
    return whole and noted == [_made_from(project, plan), _results(project)]


def _is_whole(reports: Path, folder: str) -> bool:
    """Say whether all pages of a folder are as they were written last."""
    files = publish.read_notes(reports, folder).get("files", {}).items()
    return all(sha256(reports / folder / name) == digest for name, digest in files)


def _make_pages(wanted: tuple[Path, str, Collection[str]], at: At) -> tuple[dict[str, bytes], Any]:
    """Make a folder of pages; return them, and what was read for them."""
    root, folder, given = wanted
    at(f"{folder}/")
    with read_by(root) as read:
        return import_module(f"ngolib.reports.{folder}").pages(Project.find(root), given), read


def _renew_pages(project: Project, given: Mapping[str, Collection[str]], key: str, do: Any) -> None:
    """Make the folders of pages of which what they are made from has changed, or one is missing."""
    reports, data, wanted, wrong = project.reports, project.input_hashes(), {}, []
    for folder, more in given.items():
        noted = publish.read_notes(reports, folder)
        as_before = noted.get("read") == read_now(project, noted.get("read"), data)
        if noted.get("key") != key or not as_before or not _is_whole(reports, folder):
            wanted[folder] = project.root, folder, more
    for folder, tried in run.each(wanted, _make_pages, project.root, run.at_a_time(), meanwhile=do):
        if tried.result is None:
            wrong.append(tried.reason)
            continue
        pages, read = tried.result
        publish.publish(reports, folder, pages)
        files = {name: hashlib.sha256(pages[name]).hexdigest() for name in sorted(pages)}
        publish.write_notes(reports, folder, {"key": key, "read": read, "files": files})
    if wrong:
        raise ReportError("\n".join(wrong))


def write_index(project: Project, plan: Sequence[Report], meanwhile: Any = bool) -> None:
    """Bring the index of all reports and the other pages of the site up to date."""
    from ngolib.reports import keep, site

    made_from = _made_from(project, plan)  # as they are before anything of it is read
    publish.write_notes(project.reports, INDEX, {})  # until all is there
    uses: dict[str, list[tuple[str, str]]] = {}  # evidence to the reports that rest on it
    for results in map(read_results, _made(project)):
        for evidence in results.get("evidence", ()):
            uses.setdefault(evidence, []).append((results["slug"], results["title"]))
    slugs, there = [report.slug for report in plan], folders_of(project)
    kept = "keep" in there
    publish.replace_file(project.reports / "index.html", site.index(project, plan, kept))
    # A file that comes to be there is not among those that were read.
    beside = _hashes(project, [project.root / name for name in keep.BESIDE])
    key = hash_json([*_made_by(), frame_hashes(project), beside, uses, slugs])
    pages = [f for f in there if f != "guide" or any((project.root / "docs").glob("*.md"))]
    more = {folder: slugs if folder == "keep" else uses for folder in pages}
    _renew_pages(project, more, key, meanwhile)
    if kept:
        publish.replace_file(project.reports / keep.FEED, keep.feed(project, slugs))
    for asked in front_of(project)["question"]:
        name, of = asked["finding"], read_results(project.reports / asked["report"])
        said = {finding["name"] for finding in of.get("findings", ())}
        if name and of and name not in said:
            raise ReportError(f"{PLAN}: {asked['report']}: {unknown('finding', name, said)}")
    publish.write_notes(project.reports, INDEX, {"key": [made_from, _results(project)]})


def places(project: Project) -> list[Path]:
    """List the folders that runs write to."""
    figures = project.root / "docs" / "figures"
    return [project.reports, project.reports / LOGS, project.notebooks, figures]


def clear_up(project: Project) -> None:
    """Remove what runs that were broken off have left; only to be called with the lock held."""
    finish(project, alone=True)
    for folder in places(project):
        publish.recover(folder)
