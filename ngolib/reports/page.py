"""Writing a report's page: the cells by nbconvert, and around them what makes a page of it."""

from __future__ import annotations

import posixpath
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, count
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from bs4 import BeautifulSoup, Tag
from markupsafe import Markup
from nbconvert import HTMLExporter

from ngolib.errors import ReportError
from ngolib.reports.site import TEMPLATE, render

if TYPE_CHECKING:
    from nbformat import NotebookNode

# The notebooks' folder, seen from a report's page.
NOTEBOOKS = "../../notebooks"
# Ids of the frame around the notebook's text.
RESERVED = {"main", "files"}
# What a page must not hold, whoever wrote it; the page's policy would stop most of it anyway.
ACTIVE = ("script", "iframe", "object", "embed", "base", "meta", "link", "form")
# The id of a statement begins with that of its source.
STATEMENT = re.compile(r"(.+)\.\d+-s\d+")
# Characters from which on a cell's text gets a wide column; browsers leave it a narrow one.
LONG_TEXT = 60
# An exporter is not made for several threads; exporting is short beside running.
_EXPORTING = threading.Lock()


@dataclass(frozen=True)
class Heading:
    """One line of the table of contents."""

    level: int
    id: str
    text: str


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        exclude_anchor_links=True,
    )


def _lower_titles(soup: BeautifulSoup) -> None:
    """Take the notebook's title out, for the page has one; others of its level go one lower."""
    for number, heading in enumerate(soup.find_all("h1")):
        if number == 0:
            heading.decompose()
        else:
            heading.name = "h2"


def _contents(soup: BeautifulSoup) -> list[Heading]:
    """Give every heading an id of its own, and list those of the two upper levels.

    An id is the heading's text with hyphens, as in Jupyter, so that links in notebooks work and a
    link to a section outlives changes in other sections.
    """
    headings = soup.find_all(["h2", "h3"])
    others = (tag for tag in soup.select("[id]") if tag.name not in ("h2", "h3"))
    seen = {str(tag["id"]) for tag in others} | RESERVED
    found = []
    for heading in headings:
        text = heading.get_text(" ", strip=True)
        wanted = str(heading.get("id") or re.sub(r"\s+", "-", text) or "section")
        choices = chain([wanted], (f"{wanted}-{number}" for number in count(2)))
        heading["id"] = next(choice for choice in choices if choice not in seen)
        seen.add(str(heading["id"]))
        found.append(Heading(int(heading.name[1]), str(heading["id"]), text))
    return found


def _scroll_box(soup: BeautifulSoup, inner: Tag, label: str) -> None:
    """Put something wide into a box that scrolls by itself, also with the keyboard."""
    attributes = {"class": "scroll", "tabindex": "0", "role": "group", "aria-label": label}
    inner.wrap(soup.new_tag("div", attrs=attributes))


def _mend_tables(soup: BeautifulSoup) -> None:
    """Give every table what readers need who do not see it: header cells and their scope."""
    for number, table in enumerate(soup.find_all("table"), start=1):
        del table["border"]
        for cell in table.find_all(["td", "th"]):
            del cell["style"]  # meant for JupyterLab; the page has its own style
            if len(cell.get_text(strip=True)) > LONG_TEXT and not cell.find("a"):
                cell["class"] = "long"
        for header in table.find_all("th"):
            if not header.get_text(strip=True):
                header.name = "td"
                del header["scope"]
            elif not header.get("scope"):
                header["scope"] = "col" if header.find_parent("thead") else "row"
        caption = table.caption.get_text(" ", strip=True) if table.caption else f"Table {number}"
        _scroll_box(soup, table, caption)


def _mend_figures(soup: BeautifulSoup) -> None:
    """Let figures scroll where the screen is narrower than they can be read."""
    for number, image in enumerate(soup.select("figure > img"), start=1):
        caption = image.parent.find("figcaption") if image.parent else None
        text = caption.get_text(" ", strip=True) if caption else f"Figure {number}"
        _scroll_box(soup, image, f"Figure: {text}")


def _mend_links(soup: BeautifulSoup) -> None:
    """Point links to files of the project, written from the notebook's place, from the page's."""
    for link in soup.select("a[href]"):
        target = urlsplit(str(link["href"]))
        if target.path and not target.scheme and not target.netloc:
            path = posixpath.normpath(posixpath.join(NOTEBOOKS, target.path))
            link["href"] = urlunsplit(target._replace(path=path))


def _sections_of_marks(soup: BeautifulSoup) -> Iterator[tuple[Tag, str]]:
    """Yield every mark with the heading of the section that it stands in, in one pass."""
    section = "the top"
    for tag in soup.select("h2, a.ngo-mark"):
        if tag.name == "h2":
            section = tag.get_text(" ", strip=True)
        else:
            yield tag, section


def _join_evidence(soup: BeautifulSoup) -> None:
    """Give every mark the number of its piece of evidence, and every piece links to its uses.

    Of several uses under one heading the first is named.
    """
    pieces = {f"#{piece['id']}": piece for piece in soup.select("li[id^=ev-]")}
    uses: dict[str, dict[str, str]] = {}
    for number, (mark, section) in enumerate(_sections_of_marks(soup), start=1):
        target = str(mark["href"])
        if target not in pieces:
            continue  # reported among the links that lead nowhere
        mark["id"] = f"use-{number}"
        del mark["title"]  # the piece itself shows its id; here it would double a page's weight
        mark.string = str(pieces[target].get("value", ""))
        uses.setdefault(target, {}).setdefault(section, str(mark["id"]))
    for piece in pieces.values():
        coded = STATEMENT.fullmatch(str(piece["id"]).removeprefix("ev-"))
        if coded:
            link = soup.new_tag("a", attrs={"href": f"../texts/{coded[1]}.html#{coded[0]}"})
            link.string = "in its text"
            head = piece.find("p") or piece
            head.append(" ")
            head.append(link)
    for target, places in uses.items():
        line = soup.new_tag("p", attrs={"class": "uses"})
        line.append("Used under: ")
        for number, (section, mark_id) in enumerate(places.items()):
            line.append(" · " if number else "")
            link = soup.new_tag("a", attrs={"href": f"#{mark_id}"})
            link.string = section
            line.append(link)
        pieces[target].append(line)


def _defects(soup: BeautifulSoup) -> Iterator[str]:
    """Yield what would be broken for a reader: links within the page, pictures from elsewhere."""
    targets = {str(tag["id"]) for tag in soup.select("[id]")} | RESERVED
    dangling = [
        str(link["href"])
        for link in soup.select('a[href^="#"]')
        if unquote(str(link["href"])[1:]) not in targets
    ]
    if dangling:
        names = ", ".join(dict.fromkeys(dangling))
        yield f"{len(dangling)} links lead nowhere in the page: {names}"
    for image in soup.select("img[src]"):
        if not str(image["src"]).startswith("data:"):
            yield f"picture {image['src']!r} is not in the page; allowed: what a cell shows"


def tidy(html: str) -> tuple[str, list[Heading]]:
    """Mend the HTML of a notebook's cells.

    Parameters
    ----------
    html : str
        What nbconvert made of the cells.

    Returns
    -------
    tuple of str and list of Heading
        The mended HTML without the notebook's title, and the table of contents.

    Raises
    ------
    ngolib.errors.ReportError
        If a link within the page leads nowhere, or a picture is not in the page.
    """
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(ACTIVE):
        tag.decompose()
    _lower_titles(soup)
    contents = _contents(soup)
    _mend_links(soup)
    _join_evidence(soup)
    _mend_tables(soup)
    _mend_figures(soup)
    problems = list(_defects(soup))
    if problems:
        raise ReportError("; ".join(problems))
    return str(soup), contents


def export(
    notebook: NotebookNode,
    *,
    name: str,
    title: str,
    question: str,
    settings: Mapping[str, str],
    tables: Sequence[tuple[str, str]],
    pictures: Sequence[tuple[str, str]],
    command: str,
    version: str,
    data: str,
    citation: str,
) -> bytes:
    """Write the page of an executed notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook with its outputs.
    name : str
        Name of the notebook, without the ending.
    title : str
        Title of the report.
    question : str
        Title of the notebook.
    settings : mapping
        Parameters that the report sets, as text.
    tables : sequence of tuple of str and str
        Path and caption of every table that lies beside the page.
    pictures : sequence of tuple of str and str
        Path and caption of every figure that lies beside the page.
    command : str
        What makes the report again.
    version : str
        Version of ngolib.
    data : str
        Version of the data, and a hash of them.
    citation : str
        How the data are cited.

    Returns
    -------
    bytes
        The page, UTF-8, with everything that it shows.
    """
    with _EXPORTING:
        cells, _ = _exporter().from_notebook_node(notebook)
    body, contents = tidy(cells)
    return render(
        "page.html.j2",
        title=title,
        subtitle=question if question != title else "",
        settings=list(settings.items()),
        body=Markup(body),
        contents=contents,
        notebook=name,
        tables=tables,
        pictures=pictures,
        command=command,
        version=version,
        data=data,
        citation=citation,
    )
