"""Pages of the guide: the Markdown files of `docs/` in the look of the site."""

import re
import textwrap
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import mistune
from lxml.html import HtmlElement
from markupsafe import Markup

from ngolib.errors import ReportError
from ngolib.project import Project
from ngolib.reading import read_text
from ngolib.reports import page
from ngolib.reports.freshness import GLOSSARY
from ngolib.reports.site import around, embedded, fill, render

# The folder of these files, and the project's root as seen from a page.
DOCS, ROOT = "docs", "../.."
# Parts of the glossary whose terms a page explains where they first stand.
PAGES = "Words on the pages"
EXPLAINED = {PAGES, "Organisations", "State labels for organisations and persons"}
EXPLAINED |= {"Money and voice", "Extremism and assembly"}
# Stands in a file where the table of corrections is wanted.
CORRECTIONS = "<!-- corrections -->"
_markdown = mistune.create_markdown(escape=True, plugins=["table"])
_terms_of = cache(lambda glossary: define(page.parse(str(_markdown(glossary)))))


def _slug(heading: str) -> str:
    """Return the anchor that code hosts give a heading, so that a link works here and there."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _address(href: str, repository: str) -> str:
    """Point a link, written from the folder of the files, from the page's place."""
    path = page.relative(href, DOCS)
    if path == href:
        return href
    if own := re.fullmatch(rf"{DOCS}/([^/#?]+)\.md(#.*)?", path):
        return f"{own[1]}.html{own[2] or ''}"
    return f"{repository}/blob/HEAD/{path}" if repository else f"{ROOT}/{path}"


def define(root: HtmlElement) -> dict[str, tuple[str, str]]:
    """Give every term of a glossary an id; return those `EXPLAINED`: id and definition."""
    # A term stands in bold at the beginning of a paragraph, several parted by commas or "and".
    found, part = {}, ""
    for tag in root.iter("h2", "p"):
        bold = tag.find("strong")
        if tag.tag == "h2":
            part = page.text_of(tag)
        elif bold is not None and not (tag.text or "").strip():
            tag.set("id", f"term-{_slug(page.text_of(bold))}")
            text = "".join(tag.itertext()).removeprefix("".join(bold.itertext()))
            said = textwrap.shorten(text.lstrip(" ."), 280, placeholder=" …")
            for name in re.split(r", | and ", page.text_of(bold)) if part in EXPLAINED else ():
                # Elsewhere a single word mostly has another sense too.
                if " " in name or name.isupper() or part == PAGES:
                    found[name.strip('"').lower()] = tag.get("id"), said
    return found


def terms(project: Project) -> dict[str, tuple[str, str]]:
    """Return the terms that pages explain where they stand; none if there is no glossary."""
    path = project.root / GLOSSARY
    return _terms_of(read_text(path) if path.is_file() else "")


def _corrections(project: Project) -> str:
    """Write the corrections of the data, cell by cell: those taken, then those refused."""
    if "corrections" not in project.schema:
        return ""
    parts = project.read_table("corrections").groupby("decision", sort=False)
    tables = []
    for decision, cells in sorted(parts, key=lambda part: part[0] == "refused"):
        told = {"cells": cells.to_dict("records"), "rows": cells.groupby(["table", "row"]).ngroups}
        tables.append(fill("corrections.html.j2", decision=decision, **told))
    return "\n".join(tables)


def pages(project: Project, uses: object) -> dict[str, bytes]:
    """Write a page for every Markdown file of `docs/`: name of the file to its content."""
    repository = str(project.citation_file.get("repository-code", "")).rstrip("/")
    mark, corrections = f"<p>{escape(CORRECTIONS)}</p>", _corrections(project)
    parts: list[dict[str, Any]] = []
    for path in sorted((project.root / DOCS).glob("*.md")):
        root = page.parse(str(_markdown(read_text(path))).replace(mark, corrections))
        for link in root.xpath("//a[@href]"):
            link.set("href", _address(link.get("href"), repository))
        for image in root.xpath("//img"):
            source = image.get("src", "")
            shown = path.parent / unquote(source)
            own = shown.resolve().is_relative_to(path.parent.resolve())
            image.set("src", embedded(shown) if own else "")
            if not image.get("src"):
                said = f"picture {source!r} is not there; allowed: SVG and PNG files below {DOCS}/"
                raise ReportError(f"{DOCS}/{path.name}: {said}")
        part: dict[str, Any] = {"name": f"{path.stem}.html", "title": page.take_title(root)}
        part["contents"] = page.contents_of(root, _slug)
        if path.name == Path(GLOSSARY).name:
            define(root)
        page.mend_tables(root)
        parts.append({**part, "body": Markup(page.write(root))})
    known = {"pages": [(part["name"], part["title"]) for part in parts], **around(project)}
    return {part["name"]: render("guide.html.j2", **part, **known) for part in parts}
