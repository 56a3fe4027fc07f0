"""The folder of reports as a whole: its index, what broken runs left, what nobody wants now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ngolib.project import MARKER, Project, sha256
from ngolib.reports import publish
from ngolib.reports.console import Progress
from ngolib.reports.freshness import (
    RESULTS,
    citation_hash,
    hash_json,
    notebook_hash,
    package_hashes,
    read_results,
    versions,
)
from ngolib.reports.lock import exclusive
from ngolib.reports.plan import GUIDE_FOLDER, OWN, PLAN, TEXTS_FOLDER, Report

# Kinds of notes for later runs.
TIMES, CHECKED, INDEX, TEXTS, GUIDE = "seconds", "checked", "index", "texts", "guide"


def gone(project: Project, plan: Sequence[Report]) -> list[str]:
    """List reports that were made from the plan and are in it no longer, sorted.

    Runs of a user's own are never among them.
    """
    planned = {report.slug for report in plan}
    found = []
    for path in sorted(project.reports.glob(f"[!.]*/{RESULTS}")):
        slug = path.parent.name
        results = read_results(path.parent)
        if slug not in planned and OWN not in slug and results and results.get("slug") == slug:
            found.append(slug)
    return found


def prune(project: Project, plan: Sequence[Report], progress: Progress) -> list[str]:
    """Remove reports that are in the plan no longer; one with files that are not its own stays."""
    removed = []
    with exclusive(project.reports, progress.tell):
        for slug in gone(project, plan):
            folder = project.reports / slug
            known = {RESULTS, *((read_results(folder) or {}).get("manifest", {}))}
            files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
            if files - known:
                name = min(files - known)
                progress.tell(f"{slug} stays: {name} in it was not made by a run")
                continue
            publish.withdraw(project.reports, slug)
            removed.append(slug)
    return removed


def _guide_hashes(project: Project) -> dict[str, str]:
    """Return the SHA-256 of everything that the pages of the guide are made from, by its path."""
    files = [path for path in sorted((project.root / "docs").rglob("*")) if path.is_file()]
    shown = [path for path in files if path.suffix in (".md", ".svg", ".png")]
    # By its place and not by the schema, for which pandas would be imported when all is fresh.
    shown += (project.data / "register").glob("corrections.csv")
    return {path.relative_to(project.root).as_posix(): sha256(path) for path in shown}


def _index_key(project: Project, plan: Sequence[Report]) -> str:
    """Return a hash of all that the index is made from, so that it need not be made to compare."""
    reports = project.reports
    records = [
        *sorted(reports.glob(f"[!.]*/{RESULTS}")),
        *sorted(reports.glob(f"{publish.LOGS}/*")),
    ]
    own_notes = {f"{name}.json" for name in (TIMES, CHECKED, INDEX, TEXTS, GUIDE)}
    made_from: list[Any] = [package_hashes(), versions().get("ngolib"), citation_hash(project)]
    made_from.append(_guide_hashes(project))
    made_from += [report.slug for report in plan]
    made_from += [notebook_hash(report.source(project)) for report in plan]
    for path in [project.root / MARKER, reports / PLAN, reports / "index.html", *records]:
        if path.name not in own_notes:
            with suppress(OSError):
                made_from.append([path.relative_to(project.root).as_posix(), sha256(path)])
    return hash_json(made_from)


def _uses(project: Project) -> dict[str, list[tuple[str, str]]]:
    """Return for each piece of evidence the reports (slug, title) that rest on it."""
    uses: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(project.reports.glob(f"[!.]*/{RESULTS}")):
        results = read_results(path.parent) or {}
        for evidence in results.get("evidence", ()):
            uses.setdefault(evidence, []).append((results["slug"], results["title"]))
    return uses


def _write_folder(
    project: Project, folder: str, note: str, key: str, pages: Callable[[str], dict[str, bytes]]
) -> None:
    """Write a folder of pages anew if what they are made from has changed, or one is missing."""
    noted = publish.read_notes(project.reports, note)
    place = project.reports / folder
    whole = place.is_dir() and all((place / name).is_file() for name in noted.get("files", ()))
    if whole and noted.get("key") == key:
        return
    files = pages(versions().get("ngolib", ""))
    publish.publish(project.reports, folder, files)
    publish.write_notes(project.reports, note, {"key": key, "files": sorted(files)})


def _write_texts(project: Project) -> None:
    """Bring the pages of the source texts up to date, in a project that has coded texts."""
    if not {"sources", "articles", "statements"} <= set(project.schema):
        return
    uses = _uses(project)

    def pages(version: str) -> dict[str, bytes]:
        from ngolib.reports import texts

        return texts.pages(project, uses, version)

    key = hash_json([package_hashes(), project.input_hashes(), uses])
    _write_folder(project, TEXTS_FOLDER, TEXTS, key, pages)


def _write_guide(project: Project) -> None:
    """Bring the pages of the guide up to date, in a project that has one."""
    hashes = _guide_hashes(project)
    if not any(name.endswith(".md") for name in hashes):
        return

    def pages(version: str) -> dict[str, bytes]:
        from ngolib.reports import guide

        return guide.pages(project, version)

    key = hash_json([package_hashes(), citation_hash(project), hashes])
    _write_folder(project, GUIDE_FOLDER, GUIDE, key, pages)


def write_index(project: Project, plan: Sequence[Report]) -> None:
    """Bring the index of all reports, the pages of the texts and of the guide up to date."""
    from ngolib.reports import site

    _write_texts(project)
    _write_guide(project)
    publish.replace_file(project.reports / "index.html", site.index(project, plan))
    publish.write_notes(project.reports, INDEX, {"key": _index_key(project, plan)})


def index_is_fresh(project: Project, plan: Sequence[Report]) -> bool:
    """Say whether the index is up to date."""
    noted = publish.read_notes(project.reports, INDEX).get("key")
    return noted is not None and noted == _index_key(project, plan)


def places(project: Project) -> list[Path]:
    """List the folders that runs write to."""
    figures = project.root / "docs" / "figures"
    return [project.reports, project.reports / publish.LOGS, project.notebooks, figures]


def clear_up(project: Project) -> None:
    """Remove what runs that were broken off have left; only to be called with the lock held."""
    for folder in places(project):
        publish.recover(folder)
