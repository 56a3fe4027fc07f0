"""Filling pages from templates, and the index of all reports."""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from ngolib.params import to_text
from ngolib.project import Project
from ngolib.reports.console import first_of
from ngolib.reports.freshness import own_runs, versions
from ngolib.reports.plan import FOLDERS, Report, folders_of, front_of
from ngolib.reports.publish import changes_of, failure_of, read_results

TEMPLATE = Path(__file__).parent / "template"
PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}
# Characters that turn what follows could make a quote read otherwise: a page names them instead.
_CODES = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
TURNING = {code: f"[U+{code:04X}]" for code in _CODES}
# What XML cannot hold, however it is written.
NO_XML = dict.fromkeys({*range(32), 0xFFFE, 0xFFFF} - {*map(ord, "\t\n\r")}, "")
# To look for them takes a tenth of the time of `str.translate`, which matters with many pages.
_ANY_TURNING = re.compile(f"[{''.join(map(chr, TURNING))}]")


_environment = Environment(
    loader=FileSystemLoader(TEMPLATE), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def _read(name: str) -> str:
    """Read a style or script, without what only its reader needs: remarks and indentation."""
    text = (TEMPLATE / name).read_text(encoding="utf-8")
    if name.endswith(".css"):
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        return re.sub(r"\s*([{};,])\s*|(?<=\w)(:) ", r"\1\2", text)
    lines = filter(str.strip, text.splitlines())
    return "".join(f"{line.strip()}\n" for line in lines if not line.strip().startswith("//"))


# Styles of every page, of all but the plainest, and of the pages of acts.
_FILES = {"base": "base.css", "css": "style.css", "act_css": "act.css"}
STYLES = {name: Markup(_read(file)) for name, file in _FILES.items()}


@cache
def _program(names: Sequence[str]) -> dict[str, Markup]:
    """Read the script of a page, and the hash by which its policy allows it."""
    script = "".join(map(_read, names))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {"script": Markup(script), "script_hash": Markup(digest)}


def fill(template: str, **values: Any) -> str:
    """Fill a template of a part of a page."""
    return _environment.get_template(template).render(**values)


def render(template: str, *, scripts: Sequence[str] = ("page.js",), **values: Any) -> bytes:
    """Render a whole page; style and scripts go into it, and nothing else may run there."""
    page = fill(template, **STYLES, **_program(tuple(scripts)), **values)
    return _ANY_TURNING.sub(lambda found: TURNING[ord(found[0])], page).encode()


def around(project: Project) -> dict[str, Any]:
    """Return what stands on every page of a project: its links to the others, and our version."""
    guide = (project.root / "docs" / "guide.md").is_file()
    there = set(folders_of(project)) - (set() if guide else {"guide"})
    led_to = (of for name, of in FOLDERS.items() if name in there and "page" in of)
    nav = [(of["page"], of["name"], of["about"]) for of in led_to]
    return {"nav": nav, "version": versions().get("ngolib", ""), "cite": project.reference}


def embedded(path: Path) -> str:
    """Return a picture as an address that holds it, for a page loads nothing; nothing if none."""
    kind = PICTURES.get(path.suffix)
    if kind is None or not path.is_file():
        return ""
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def index(project: Project, plan: Sequence[Report], kept: bool = False) -> bytes:
    """Write the index: questions, reports as planned, own runs; if `kept`, the feed too."""
    reports = project.reports
    own = own_runs(project)
    slugs = dict.fromkeys([*(report.slug for report in plan), *own])
    made = {slug: read_results(reports / slug) for slug in slugs}
    lead = made[plan[0].slug] if plan else {}
    figure = Path(lead.get("slug", ""), lead.get("figure", ""))
    told: dict[str, Any] = {"plan": plan, "own": own, "made": made, "lead": lead, "figure": figure}
    told |= {"old": {slug: first_of(why) for slug, why in own.items() if why}}
    told |= {"failures": {slug: failure_of(reports, slug) for slug in slugs}}
    told |= {"changes": {slug: changes_of(reports, slug) for slug in slugs}, "to_text": to_text}
    told |= {"picture": embedded(reports / figure), "citation": project.citation}
    told["kept"] = kept and f"keep/ngo-regulation-{project.package.version}.zip"
    return render("site.html.j2", **told, **front_of(project), **around(project))
