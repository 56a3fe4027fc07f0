"""The index of all reports."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from ngolib.project import Project
from ngolib.reports.freshness import read_results, versions
from ngolib.reports.history import changes_of
from ngolib.reports.plan import GUIDE_FOLDER, OWN, Report, heading_of, question_of, to_text
from ngolib.reports.publish import failure_of

TEMPLATE = Path(__file__).parent / "template"
# Pages of the guide that the index leads to; each leads to all others.
GUIDE_LINKS = {"guide": "Guide", "api": "API reference"}
# Characters that change the direction of what follows could make a quote read otherwise than it
# stands: a page names them instead.
TURNING = {
    code: f"[U+{code:04X}]"
    for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _parts() -> dict[str, Markup]:
    """Read what goes into every page: style, script, and the hash by which its policy allows it."""
    css, script = (
        (TEMPLATE / name).read_text(encoding="utf-8") for name in ("style.css", "page.js")
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {"css": Markup(css), "script": Markup(script), "script_hash": Markup(digest)}


def render(template: str, **values: Any) -> bytes:
    """Render a whole page; style and script go into it, and nothing else may run there."""
    page = _environment().get_template(template).render(**_parts(), **values)
    return page.translate(TURNING).encode()


def headlines(results: dict[str, Any]) -> list[str]:
    """Return the main findings of a report; the first one if none is marked as such."""
    findings = results.get("findings", [])
    marked = [finding["text"] for finding in findings if finding.get("headline")]
    return marked or [finding["text"] for finding in findings[:1]]


def _entry(reports: Path, slug: str, known: dict[str, Any]) -> dict[str, Any]:
    """Join what is known of a report beforehand with what its last run found."""
    results = read_results(reports / slug)
    entry = {
        **known,
        "failure": failure_of(reports, slug),
        "link": "",
        "findings": [],
        "picture": "",
        "changes": [],
    }
    if results is not None:
        entry |= {
            "link": f"{slug}/index.html",
            "findings": headlines(results),
            "picture": _picture(reports / slug, results.get("figure")),
            "changes": changes_of(reports, slug),
            "pdf": "report.pdf" in results.get("manifest", {}),
        }
    return entry


def _picture(folder: Path, name: str | None) -> str:
    """Return a figure as an address that holds it, for the page loads nothing."""
    try:
        svg = (folder / name).read_bytes() if name else b""
    except OSError:
        return ""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}" if svg else ""


def _planned(project: Project, report: Report) -> dict[str, Any]:
    known = {
        "title": report.title,
        "question": question_of(report.source(project)),
        "settings": [(name, to_text(value)) for name, value in report.parameters.items()],
        "command": report.command,
    }
    return _entry(project.reports, report.slug, known)


def _own(reports: Path, results: dict[str, Any]) -> dict[str, Any]:
    known = {
        "title": results["title"],
        "settings": list(results["settings"].items()),
        "command": results["command"],
    }
    return _entry(reports, results["slug"], known)


def index(project: Project, plan: Sequence[Report]) -> bytes:
    """Write the index: the plan's reports in its order, then a user's own runs.

    Parameters
    ----------
    project : Project
        Whose reports are listed.
    plan : sequence of Report
        The planned reports.

    Returns
    -------
    bytes
        The page.
    """
    title, about = heading_of(project)
    guide = [
        (f"{GUIDE_FOLDER}/{name}.html", text)
        for name, text in GUIDE_LINKS.items()
        if (project.root / "docs" / f"{name}.md").is_file()
    ]
    found = (read_results(path) for path in sorted(project.reports.glob(f"*{OWN}*")))
    return render(
        "site.html.j2",
        title=title,
        about=about,
        planned=[_planned(project, report) for report in plan],
        guide=guide,
        own=[_own(project.reports, results) for results in found if results is not None],
        version=versions().get("ngolib", ""),
    )
