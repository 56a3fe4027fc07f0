"""Filling pages from templates, and the index of all reports."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from ngolib.project import Project
from ngolib.reports.freshness import versions
from ngolib.reports.plan import GUIDE_FOLDER, OWN, Report, heading_of, question_of, to_text
from ngolib.reports.publish import failure_of, read_notes, read_results

TEMPLATE = Path(__file__).parent / "template"
PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}
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


def fill(template: str, **values: Any) -> str:
    """Fill a template of a part of a page."""
    return _environment().get_template(template).render(**values)


def render(template: str, **values: Any) -> bytes:
    """Render a whole page; style and script go into it, and nothing else may run there."""
    return fill(template, **_parts(), **values).translate(TURNING).encode()


def _headlines(results: Mapping[str, Any]) -> list[str]:
    """Return the main findings of a report; the first one if none is marked as such."""
    findings = results.get("findings", [])
    marked = [finding["text"] for finding in findings if finding.get("headline")]
    return marked or [finding["text"] for finding in findings[:1]]


def embedded(path: Path) -> str:
    """Return a picture as an address that holds it, for a page loads nothing; nothing if none."""
    kind = PICTURES.get(path.suffix)
    if kind is None or not path.is_file():
        return ""
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _card(reports: Path, slug: str, **known: Any) -> dict[str, Any]:
    """Join what is known of a report beforehand with what its last run found."""
    results, known["failure"] = read_results(reports / slug), failure_of(reports, slug)
    if not results:
        return known
    return {
        **known,
        "link": f"{slug}/index.html",
        "findings": _headlines(results),
        "picture": embedded(reports / slug / results.get("figure", "")),
        "changes": read_notes(reports, f"{slug}.changes").get("lines"),
        "pdf": "report.pdf" in results.get("manifest", {}),
    }


def index(project: Project, plan: Sequence[Report]) -> bytes:
    """Write the index: the plan's reports in its order, then a user's own runs."""
    reports = project.reports
    planned = [
        _card(
            reports,
            report.slug,
            title=report.title,
            question=question_of(report.source(project)),
            settings={name: to_text(value) for name, value in report.parameters.items()},
            command=report.command,
        )
        for report in plan
    ]
    found = filter(None, map(read_results, sorted(reports.glob(f"*{OWN}*"))))
    own = [
        _card(reports, run["slug"], title=run["title"], settings=run["settings"]) for run in found
    ]
    guide = {
        f"{GUIDE_FOLDER}/{name}.html": text
        for name, text in GUIDE_LINKS.items()
        if (project.root / "docs" / f"{name}.md").is_file()
    }
    title, about = heading_of(project)
    version = versions().get("ngolib", "")
    around = {"title": title, "about": about, "guide": guide, "version": version}
    return render("site.html.j2", planned=planned, own=own, **around)
