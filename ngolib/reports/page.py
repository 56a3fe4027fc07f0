"""Writing a report's page: the cells by nbconvert, and around them what makes a page of it."""

from __future__ import annotations

import posixpath
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, count
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

from lxml.etree import strip_elements
from lxml.html import HtmlElement, HTMLParser, fragment_fromstring, tostring
from markupsafe import Markup
from nbconvert import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML

from ngolib.errors import ReportError
from ngolib.reports.pictures import with_links
from ngolib.reports.site import TEMPLATE, render

if TYPE_CHECKING:
    from nbformat import NotebookNode

# The notebooks' folder, seen from a report's page.
NOTEBOOKS = "../../notebooks"
# Ids of the frame around the notebook's text.
RESERVED = {"main", "files"}
# What a page must not hold, whoever wrote it; the page's policy would stop most of it anyway.
ACTIVE = ("script", "iframe", "object", "embed", "base", "meta", "link", "form")
# The id of a quote (statement, link, number, doubt) begins with that of its source.
QUOTE = re.compile(r"(.+)\.\d+-[slnd]\d+")
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


class _CellsExporter(HTMLExporter):
    """Exports the cells of a notebook, and leaves mending to `tidy`.

    The usual way parses and writes the page once more, for what only JupyterLab's own look needs.
    """

    def from_notebook_node(  # type: ignore[override]  # as in every exporter of text
        self, nb: NotebookNode, resources: Any = None, **options: Any
    ) -> tuple[str, dict[str, Any]]:
        self.register_filter("highlight_code", Highlight2HTML(pygments_lexer="python", parent=self))
        return TemplateExporter.from_notebook_node(self, nb, resources, **options)


@cache
def _exporter() -> HTMLExporter:
    return _CellsExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        exclude_anchor_links=True,
    )


def _text(tag: HtmlElement, joint: str = " ") -> str:
    """Return the words of an element, without the white space between its parts."""
    return joint.join(filter(None, map(str.strip, tag.itertext())))


def _append(parent: HtmlElement, text: str) -> None:
    """Put a text behind everything that an element holds."""
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def _lower_titles(root: HtmlElement) -> None:
    """Take the notebook's title out, for the page has one; others of its level go one lower."""
    for number, heading in enumerate(list(root.iter("h1"))):
        if number == 0:
            heading.drop_tree()
        else:
            heading.tag = "h2"


def _contents(root: HtmlElement) -> list[Heading]:
    """Give every heading an id of its own, and list those of the two upper levels.

    An id is the heading's text with hyphens, as in Jupyter, so that links in notebooks work and a
    link to a section outlives changes in other sections.
    """
    seen = set(root.xpath("//*[@id][not(self::h2 or self::h3)]/@id")) | RESERVED
    found = []
    for heading in root.iter("h2", "h3"):
        text = _text(heading)
        wanted = heading.get("id") or re.sub(r"\s+", "-", text) or "section"
        choices = chain([wanted], (f"{wanted}-{number}" for number in count(2)))
        heading.set("id", next(choice for choice in choices if choice not in seen))
        seen.add(heading.get("id"))
        found.append(Heading(int(heading.tag[1]), heading.get("id"), text))
    return found


def _scroll_box(inner: HtmlElement, label: str) -> None:
    """Put something wide into a box that scrolls by itself, also with the keyboard."""
    box = HtmlElement()
    box.tag = "div"
    attributes = {"class": "scroll", "tabindex": "0", "role": "group", "aria-label": label}
    for name, value in attributes.items():
        box.set(name, value)
    box.tail, inner.tail = inner.tail, None
    inner.getparent().replace(inner, box)
    box.append(inner)


def _mend_tables(root: HtmlElement) -> None:
    """Give every table what readers need who do not see it: header cells and their scope."""
    for number, table in enumerate(list(root.iter("table")), start=1):
        table.attrib.pop("border", None)
        for cell in table.iter("td", "th"):
            cell.attrib.pop("style", None)  # meant for JupyterLab; the page has its own style
            if len(_text(cell, "")) > LONG_TEXT and cell.find(".//a") is None:
                cell.set("class", "long")
        for header in list(table.iter("th")):
            if not _text(header):
                header.tag = "td"
                header.attrib.pop("scope", None)
            elif not header.get("scope"):
                in_head = next(header.iterancestors("thead"), None) is not None
                header.set("scope", "col" if in_head else "row")
        caption = table.find("caption")
        _scroll_box(table, f"Table {number}" if caption is None else _text(caption))


def _mend_figures(root: HtmlElement) -> None:
    """Let figures scroll where the screen is narrower than they can be read."""
    for number, image in enumerate(root.xpath("//figure/img"), start=1):
        caption = image.getparent().find(".//figcaption")
        text = f"Figure {number}" if caption is None else _text(caption)
        _scroll_box(with_links(image), f"Figure: {text}")


def _mend_links(root: HtmlElement) -> None:
    """Point links to files of the project, written from the notebook's place, from the page's."""
    for link in root.xpath("//a[@href]"):
        target = urlsplit(link.get("href"))
        if target.path and not target.scheme and not target.netloc:
            path = posixpath.normpath(posixpath.join(NOTEBOOKS, target.path))
            link.set("href", urlunsplit(target._replace(path=path)))


def _sections_of_marks(root: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Yield every mark with the heading of the section that it stands in, in one pass."""
    section = "the top"
    for tag in list(root.iter("h2", "a")):
        if tag.tag == "h2":
            section = _text(tag)
        elif "ngo-mark" in tag.get("class", "").split():
            yield tag, section


def _link(href: str, text: str) -> HtmlElement:
    link = HtmlElement()
    link.tag, link.text = "a", text
    link.set("href", href)
    return link


def _number_marks(
    root: HtmlElement, pieces: Mapping[str, HtmlElement]
) -> dict[str, dict[str, str]]:
    """Give every mark the number of its piece of evidence; return the uses of each by section."""
    uses: dict[str, dict[str, str]] = {}
    for number, (mark, section) in enumerate(_sections_of_marks(root), start=1):
        target = mark.get("href", "")
        if target not in pieces:
            continue  # reported among the links that lead nowhere
        mark.set("id", f"use-{number}")
        mark.attrib.pop("title", None)  # the piece shows its id; here it would double the weight
        del mark[:]
        mark.text = pieces[target].get("value", "")
        uses.setdefault(target, {}).setdefault(section, mark.get("id"))
    return uses


def _join_evidence(root: HtmlElement) -> None:
    """Give every mark the number of its piece of evidence, and every piece links to its uses.

    Of several uses under one heading the first is named.
    """
    pieces = {f"#{piece.get('id')}": piece for piece in root.xpath("//li[starts-with(@id, 'ev-')]")}
    uses = _number_marks(root, pieces)
    for target, piece in pieces.items():
        coded = QUOTE.fullmatch(target.removeprefix("#ev-"))
        if coded:
            first = piece.find(".//p")
            head = piece if first is None else first
            _append(head, " ")
            head.append(_link(f"../texts/{coded[1]}.html#{coded[0]}", "in its text"))
        if target in uses:
            piece.append(_line_of_uses(uses[target]))


def _line_of_uses(places: Mapping[str, str]) -> HtmlElement:
    line = HtmlElement("Used under: ")
    line.tag = "p"
    line.set("class", "uses")
    for number, (section, mark_id) in enumerate(places.items()):
        if number:
            _append(line, " · ")
        line.append(_link(f"#{mark_id}", section))
    return line


def _defects(root: HtmlElement) -> Iterator[str]:
    """Yield what would be broken for a reader: links within the page, pictures from elsewhere."""
    targets = set(root.xpath("//@id")) | RESERVED
    dangling = [
        href
        for href in root.xpath("//a[starts-with(@href, '#')]/@href")
        if unquote(href[1:]) not in targets
    ]
    if dangling:
        names = ", ".join(dict.fromkeys(dangling))
        yield f"{len(dangling)} links lead nowhere in the page: {names}"
    for source in root.xpath("//img/@src"):
        if not source.startswith("data:"):
            yield f"picture {source!r} is not in the page; allowed: what a cell shows"


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
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    root = fragment_fromstring(html, create_parent="div", parser=parser)
    strip_elements(root, *ACTIVE, with_tail=False)
    for anchor in root.xpath("//i[@data-jupyter-id]"):
        anchor.drop_tree()  # for JupyterLab, which does not unfold what a link leads to
    _lower_titles(root)
    contents = _contents(root)
    _mend_links(root)
    _join_evidence(root)
    _mend_tables(root)
    _mend_figures(root)
    problems = list(_defects(root))
    if problems:
        raise ReportError("; ".join(problems))
    return tostring(root, encoding="unicode").removeprefix("<div>").removesuffix("</div>"), contents


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
