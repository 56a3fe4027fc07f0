"""Filling pages from templates, and the index of all reports."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from ngolib.project import Project
from ngolib.reports.freshness import versions
from ngolib.reports.plan import OWN, Report, folders_of, heading_of, questions_of, to_text
from ngolib.reports.publish import failure_of, read_notes, read_results

TEMPLATE = Path(__file__).parent / "template"
PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}
# What every page leads to, and what it is.
NAVIGATION = {
    "find/index.html": ("Find", "any act, rule, quote, text or number by its words"),
    "explore/index.html": ("Explore", "the rules in force in countries and years of your choice"),
    "acts/index.html": ("Acts", "a page for every act"),
    "texts/index.html": ("Texts", "the source texts line by line, and every coded quote"),
    "guide/guide.html": ("Guide", "how to rerun, adapt, add and cite"),
}
# Characters that change the direction of what follows could make a quote read otherwise than it
# stands: a page names them instead.
TURNING = {
    code: f"[U+{code:04X}]"
    for code in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
# To look for them takes a tenth of the time of `str.translate`, which matters with many pages.
_ANY_TURNING = re.compile(f"[{''.join(map(chr, TURNING))}]")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _parts() -> dict[str, Markup]:
    """Read the styles: of every page, of all but the plainest, and of the pages of acts."""
    base, css, act = (_read(name) for name in ("base.css", "style.css", "act.css"))
    return {"base": Markup(base), "css": Markup(css), "act_css": Markup(act)}


def _read(name: str) -> str:
    """Read a style or script, without what only its reader needs: remarks and indentation."""
    text = (TEMPLATE / name).read_text(encoding="utf-8")
    if name.endswith(".css"):
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        return re.sub(r"\s*([{};,])\s*", r"\1", text)
    lines = filter(str.strip, text.splitlines())
    return "".join(f"{line.strip()}\n" for line in lines if not line.strip().startswith("//"))


@cache
def _program(names: Sequence[str]) -> dict[str, Markup]:
    """Read the script of a page, and the hash by which its policy allows it."""
    script = "".join(map(_read, names))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {"script": Markup(script), "script_hash": Markup(digest)}


def fill(template: str, **values: Any) -> str:
    """Fill a template of a part of a page."""
    return _environment().get_template(template).render(**values)


def render(template: str, *, scripts: Sequence[str] = ("page.js",), **values: Any) -> bytes:
    """Render a whole page; style and scripts go into it, and nothing else may run there."""
    page = fill(template, **_parts(), **_program(tuple(scripts)), **values)
    return _ANY_TURNING.sub(lambda found: TURNING[ord(found[0])], page).encode()


def around(project: Project) -> dict[str, Any]:
    """Return what stands on every page of a project: its links to the others, and our version."""
    guide = (project.root / "docs" / "guide.md").is_file()
    there = set(folders_of(project)) - (set() if guide else {"guide"})
    nav = [(address, *t) for address, t in NAVIGATION.items() if address.partition("/")[0] in there]
    return {"nav": nav, "version": versions().get("ngolib", ""), "cite": project.reference}


def _answer(results: Mapping[str, Any], name: str = "") -> str:
    """Return the finding of a name, or without one the first that answers a report's question."""
    findings = results.get("findings", [])
    marked = [one for one in findings if one.get("headline")] or findings
    wanted = [one for one in findings if one["name"] == name] if name else marked
    return next((one["text"] for one in wanted), "")


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
        "answer": _answer(results),
        "changes": read_notes(reports, f"{slug}.changes").get("lines"),
        "pdf": "report.pdf" in results.get("manifest", {}),
    }


def _lead(reports: Path, plan: Sequence[Report]) -> dict[str, str]:
    """Return the first figure of the first report, if that was made."""
    results = read_results(reports / plan[0].slug) if plan else {}
    path = Path(results.get("figure", ""))
    captions = {Path(one["file"]).stem: one["caption"] for one in results.get("tables", ())}
    return {
        "picture": embedded(reports / results.get("slug", "") / path),
        "caption": captions.get(path.stem, ""),
        "link": f"{results.get('slug')}/index.html#{path.stem}",
    }


def index(project: Project, plan: Sequence[Report], kept: bool = False) -> bytes:
    """Write the index: plain questions, the plan's reports in its order, a user's own runs.

    `kept` says that everything can be taken away, and followed by a feed.
    """
    reports = project.reports
    planned = [
        _card(
            reports,
            report.slug,
            title=report.title,
            settings={name: to_text(value) for name, value in report.parameters.items()},
            command=report.command,
        )
        for report in plan
    ]
    found = filter(None, map(read_results, sorted(reports.glob(f"*{OWN}*"))))
    own = [
        _card(reports, run["slug"], title=run["title"], settings=run["settings"]) for run in found
    ]
    questions = [
        {
            "ask": one["ask"],
            "link": f"{one['report']}/index.html#{one['place']}",
            "answer": one["say"] or _answer(read_results(reports / one["report"]), one["finding"]),
        }
        for one in questions_of(project)
    ]
    title, about = heading_of(project)
    known: dict[str, Any] = {"title": title, "about": about, "planned": planned, "own": own}
    known |= {"questions": questions, "lead": _lead(reports, plan), "citation": project.citation}
    known["kept"] = kept and f"keep/ngo-regulation-{project.data_version}.zip"
    return render("site.html.j2", **known, **around(project))
