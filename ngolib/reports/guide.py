"""Pages of the guide: the Markdown files of `docs/` in the look of the site."""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Iterator, Mapping
from html import escape, unescape
from itertools import chain, count
from pathlib import Path
from textwrap import shorten
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import mistune
import pandas as pd
from markupsafe import Markup

from ngolib.errors import ReportError
from ngolib.project import Project
from ngolib.reports.site import render

# The folder of these files, and the project's root as seen from a page.
DOCS, ROOT = "docs", "../.."
PICTURES = {".svg": "image/svg+xml", ".png": "image/png"}
RESERVED = ("main", "pages")
# Stands in a file where the table of corrections is wanted.
CORRECTIONS = "<!-- corrections -->"
# Characters of a corrected cell that the errata show.
LONG = 120


def sources(project: Project) -> list[Path]:
    """List the Markdown files that become pages, sorted."""
    return sorted((project.root / DOCS).glob("*.md"))


def slug(heading: str) -> str:
    """Return the anchor that code hosts give a heading, so that a link works here and there."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


class _Page(mistune.HTMLRenderer):
    """Renders one file, and keeps what stands around its text: title and contents."""

    def __init__(self, project: Project, folder: Path, repository: str) -> None:
        super().__init__(escape=True)
        self._project = project
        self.title = ""
        self.contents: list[dict[str, Any]] = []
        self._folder, self._repository = folder, repository
        self._seen = set(RESERVED)
        self._tables = count(1)

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        words = _plain(text)
        if level == 1 and not self.title:
            self.title = words
            return ""
        wanted = slug(words) or "section"
        choices: Iterator[str] = chain([wanted], (f"{wanted}-{n}" for n in count(1)))
        anchor = next(choice for choice in choices if choice not in self._seen)
        self._seen.add(anchor)
        if level <= 3:
            self.contents.append({"level": level, "id": anchor, "text": words})
        return f'<h{level} id="{escape(anchor)}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return super().link(text, self._address(url), title)

    def _address(self, url: str) -> str:
        """Point a link, written from the folder of the files, from the page's place."""
        target = urlsplit(url)
        if target.scheme or target.netloc or not target.path:
            return url
        path = posixpath.normpath(posixpath.join(DOCS, target.path))
        if posixpath.dirname(path) == DOCS and path.endswith(".md"):
            path = f"{posixpath.basename(path).removesuffix('.md')}.html"
        elif self._repository:
            return (
                f"{self._repository}/blob/HEAD/{path}"
                + (target.fragment and "#")
                + (target.fragment)
            )
        else:
            path = f"{ROOT}/{path}"
        return urlunsplit(target._replace(path=path))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Put a picture into the page, for the page loads nothing."""
        path = self._folder / unquote(url)
        kind = PICTURES.get(path.suffix)
        if kind is None or not path.is_file():
            raise ReportError(f"{DOCS}: picture {url!r} is not there; allowed: SVG and PNG files")
        content = base64.b64encode(path.read_bytes()).decode()
        return f'<img src="data:{kind};base64,{content}" alt="{escape(_plain(text))}">'

    def block_html(self, html: str) -> str:
        if html.strip() == CORRECTIONS:
            return corrections(self._project)
        return super().block_html(html)

    def table(self, text: str) -> str:
        label = f"Table {next(self._tables)}"
        box = f'<div class="scroll" tabindex="0" role="group" aria-label="{label}">'
        return f"{box}<table>\n{text}</table></div>\n"

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        # A header cell without words would be one without a name.
        return f'<th scope="col">{text}</th>\n' if head and text else f"<td>{text}</td>\n"


def corrections(project: Project) -> str:
    """Write the corrections of the data, cell by cell: those taken, then those refused."""
    if "corrections" not in project.schema:
        return ""
    table = project.read_table("corrections")
    return Markup("\n").join(
        _decided(table[table["decision"] == decision], decision.capitalize())
        for decision in ("taken", "refused")
    )


def _decided(cells: pd.DataFrame, label: str) -> Markup:
    """Write the corrections with one decision, folded."""
    return Markup(
        "<details><summary>{}: {} cells of {} rows</summary>"
        '<div class="scroll" tabindex="0" role="group" aria-label="Corrections: {}"><table><thead>'
        '<tr><th scope="col">row</th><th scope="col">change</th>'
        '<th scope="col">basis and why</th></tr></thead><tbody>{}</tbody></table></div></details>'
    ).format(
        label,
        len(cells),
        cells.groupby(["table", "row"]).ngroups,
        label,
        Markup("").join(map(_corrected, cells.to_dict("records"))),
    )


def _corrected(cell: Mapping[str, str]) -> Markup:
    """Write one cell as a line; of a long text the beginning, the table holds the whole."""
    old, new = (shorten(cell[name], LONG, placeholder=" …") for name in ("old", "new"))
    basis = cell["basis"].replace("_", " ")
    if cell["url"]:
        basis = Markup('<a href="{}" rel="noreferrer">{}</a>').format(cell["url"], basis)
    line = "<tr><td>{}: <code>{}</code></td><td><code>{}</code>: {} → {}</td><td>{}. {}</td></tr>"
    return Markup(line).format(
        cell["table"],
        cell["row"],
        cell["column"] or "whole row",
        old or "empty",
        new or "empty",
        basis,
        cell["note"],
    )


def pages(project: Project, version: str) -> dict[str, bytes]:
    """Write a page for every Markdown file of `docs/`.

    Parameters
    ----------
    project : Project
        Whose guide it is.
    version : str
        Version of ngolib.

    Returns
    -------
    dict
        Name of the file to its content.

    Raises
    ------
    ngolib.errors.ReportError
        If a picture is not there.
    """
    repository = str(project.citation_file.get("repository-code", "")).rstrip("/")
    rendered = []
    for path in sources(project):
        page = _Page(project, path.parent, repository)
        body = mistune.create_markdown(renderer=page, plugins=["table"])(
            path.read_text(encoding="utf-8")
        )
        rendered.append((f"{path.stem}.html", page, body))
    listed = [(name, page.title) for name, page, _ in rendered]
    return {
        name: render(
            "guide.html.j2",
            title=page.title,
            contents=page.contents,
            body=Markup(body),
            name=name,
            pages=listed,
            version=version,
        )
        for name, page, body in rendered
    }
