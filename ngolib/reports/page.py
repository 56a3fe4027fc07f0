"""Writing a report's page: the cells by nbconvert, and around them what makes a page of it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, count, takewhile
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from lxml.etree import strip_elements
from lxml.html import HtmlElement, HTMLParser, fragment_fromstring, tostring
from lxml.html.builder import DIV, SPAN, A, P
from markupsafe import Markup
from nbconvert import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML

from ngolib.errors import ReportError
from ngolib.reports.pictures import drawn
from ngolib.reports.site import TEMPLATE, render

if TYPE_CHECKING:
    from nbformat import NotebookNode

# The notebooks' folder, seen from a report's page.
NOTEBOOKS = "../../notebooks"
# Ids of the frame around a notebook's cells, and those that a heading of any page may not have.
FRAME = {"main", "files"}
RESERVED = {*FRAME, "pages"}
# What a page must not hold, whoever wrote it; the page's policy would stop most of it anyway.
ACTIVE = ("script", "iframe", "object", "embed", "base", "meta", "link", "form")
# The id of a quote (statement, link, number, doubt) begins with that of its source.
QUOTE = re.compile(r"(.+)\.\d+-[slnd]\d+")
# Characters from which on a cell's text gets a wide column; browsers leave it a narrow one.
LONG_TEXT = 60
# Parts of a drawing with nothing in them, which HTML lets a page write in short.
EMPTY = re.compile(r"<(path|use|rect|circle|line|polygon)\b([^<>]*)></\1>")


class Heading(NamedTuple):
    """One line of the table of contents."""

    level: int
    id: str
    text: str


@cache
def _exporter() -> HTMLExporter:
    exporter = HTMLExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        exclude_anchor_links=True,
    )
    highlight = Highlight2HTML(pygments_lexer="python", parent=exporter)
    exporter.register_filter("highlight_code", highlight)
    return exporter


def text_of(tag: HtmlElement, joint: str = " ") -> str:
    """Return the words of an element, without the white space between its parts."""
    return joint.join(filter(None, map(str.strip, tag.itertext())))


def take_title(root: HtmlElement) -> str:
    """Take the title out, for the page has one; other headings of its level go one lower."""
    titles = list(root.iter("h1"))
    for heading in titles[1:]:
        heading.tag = "h2"
    if titles:
        titles[0].drop_tree()
    return text_of(titles[0]) if titles else ""


def _hyphened(text: str) -> str:
    """Return the id that Jupyter gives a heading, so that links in notebooks work."""
    return re.sub(r"\s+", "-", text)


def contents_of(root: HtmlElement, name: Callable[[str], str] = _hyphened) -> list[Heading]:
    """Give every heading an id made of its words; return those of the two upper levels."""
    headings = list(root.iter("h2", "h3", "h4", "h5", "h6"))
    seen = RESERVED | set(root.xpath("//@id")) - {heading.get("id") for heading in headings}
    found = []
    for heading in headings:
        wanted = heading.get("id") or name(text_of(heading)) or "section"
        choices = chain([wanted], (f"{wanted}-{number}" for number in count(1)))
        heading.set("id", next(choice for choice in choices if choice not in seen))
        seen.add(heading.get("id"))
        if heading.tag in ("h2", "h3"):
            found.append(Heading(int(heading.tag[1]), heading.get("id"), text_of(heading)))
    return found


def _scroll_box(inner: HtmlElement, label: str) -> None:
    """Put something wide into a box that scrolls by itself, also with the keyboard."""
    box = DIV({"class": "scroll", "tabindex": "0", "role": "group", "aria-label": label})
    box.tail, inner.tail = inner.tail, None
    inner.getparent().replace(inner, box)
    box.append(inner)


def mend_tables(root: HtmlElement) -> None:
    """Give every table what readers need who do not see it: header cells and their scope."""
    for number, table in enumerate(list(root.iter("table")), start=1):
        table.attrib.pop("border", None)
        for cell in table.iter("td", "th"):
            cell.attrib.pop("style", None)  # meant for JupyterLab; the page has its own style
            if len(text_of(cell, "")) > LONG_TEXT and cell.find(".//a") is None:
                cell.set("class", "long")
        for header in list(table.iter("th")):
            if not text_of(header):
                header.tag = "td"
                header.attrib.pop("scope", None)
            elif not header.get("scope"):
                in_head = next(header.iterancestors("thead"), None) is not None
                header.set("scope", "col" if in_head else "row")
        caption = "".join(map(text_of, table.iterchildren("caption")))
        _scroll_box(table, caption or f"Table {number}")


def _mend_figures(root: HtmlElement) -> None:
    """Let figures scroll where the screen is narrower than they can be read."""
    for number, image in enumerate(root.xpath("//figure/img"), start=1):
        caption = "".join(map(text_of, image.getparent().iter("figcaption")))
        _scroll_box(drawn(image, f"f{number}"), f"Figure: {caption or number}")


def _join_code(root: HtmlElement) -> None:
    """Make one fold of the code of cells that show nothing between them."""
    code = "details[@class='code']"
    for fold in root.xpath(f"//{code}[not(preceding-sibling::*[1][self::{code}])]"):
        more = list(takewhile(lambda tag: tag.get("class") == "code", fold.itersiblings()))
        if more:
            labels = [text_of(one[0]) for one in (fold, *more)]
            last = labels[-1].partition(":")[0].removeprefix("Code ")
            among = ", with the parameters" if any(":" in label for label in labels) else ""
            fold[0].text = f"{labels[0].partition(':')[0]} to {last}{among}"
        for one in more:
            one[0].drop_tree()
            fold.extend(list(one))
            one.drop_tree()


def relative(href: str, folder: str) -> str:
    """Return an address, written from a folder, as seen from a page; others as they are."""
    target = urlsplit(href)
    if target.scheme or target.netloc or not target.path:
        return href
    return urlunsplit(target._replace(path=posixpath.normpath(posixpath.join(folder, target.path))))


def _join_evidence(root: HtmlElement) -> None:
    """Lead from every mark to its piece of evidence, and from every piece to its uses.

    Within the page a piece goes by its number, which is short; its permanent id stands within it,
    for links from elsewhere. Of several uses under one heading the first is named.
    """
    pieces = {}
    for number, piece in enumerate(root.xpath("//li[starts-with(@id, 'ev-')][*]"), start=1):
        pieces[f"#{piece.get('id')}"] = piece
        piece[0].set("id", piece.get("id"))
        piece.set("id", f"e{number}")
        piece.set("value", str(number))
    uses: dict[str, dict[str, str]] = {}
    section = "the top"
    for tag in list(root.iter("h2", "a")):
        href = tag.get("href", "")
        if tag.tag == "h2":
            section = text_of(tag)
        elif href in pieces:
            tag.set("href", f"#{pieces[href].get('id')}")
            if "ngo-mark" in tag.get("class", "").split():
                _use(tag, pieces[href].get("value"), uses.setdefault(href, {}), section)
    for href, piece in pieces.items():
        if coded := QUOTE.fullmatch(href.removeprefix("#ev-")):
            place = f"../texts/{coded[1]}.html#{coded[0]}"
            piece[0].append(SPAN(" ", A("in its text", href=place)))
        if href in uses:
            links = [[" · ", A(section, href=f"#{i}")] for section, i in uses[href].items()]
            piece.append(P({"class": "uses"}, "Used under: ", *list(chain(*links))[1:]))


def _use(mark: HtmlElement, number: str, places: dict[str, str], section: str) -> None:
    """Show the number of its piece on a mark, and note the first mark under a heading."""
    del mark[:]
    mark.text = number
    mark.attrib.pop("title", None)  # the piece shows its id; here it would double the weight
    if section not in places:
        places[section] = f"u{number}-{len(places) + 1}"
        mark.set("id", places[section])


def _defects(root: HtmlElement) -> Iterator[str]:
    """Yield what would be broken for a reader: links within the page, pictures from elsewhere."""
    targets = set(root.xpath("//@id")) | FRAME
    links = root.xpath("//a[starts-with(@href, '#')]/@href")
    if dangling := [href for href in links if unquote(href[1:]) not in targets]:
        names = ", ".join(dict.fromkeys(dangling))
        yield f"{len(dangling)} links lead nowhere in the page: {names}"
    for source in root.xpath("//img/@src[not(starts-with(., 'data:'))]"):
        yield f"picture {source!r} is not in the page; allowed: what a cell shows"


def parse(html: str) -> HtmlElement:
    """Read the HTML of a part of a page, without what no page may hold."""
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    root = fragment_fromstring(html, create_parent="div", parser=parser)
    strip_elements(root, *ACTIVE, with_tail=False)
    return root


def write(root: HtmlElement) -> str:
    """Write what `parse` read."""
    html = tostring(root, encoding="unicode").removeprefix("<div>").removesuffix("</div>")
    return EMPTY.sub(r"<\1\2/>", html)


def tidy(html: str) -> tuple[str, list[Heading]]:
    """Mend the HTML of a notebook's cells; return it, without the title, and its contents.

    A link within the page that leads nowhere, or a picture from elsewhere, is a `ReportError`.
    """
    root = parse(html)
    for anchor in root.xpath("//i[@data-jupyter-id]"):
        anchor.drop_tree()  # for JupyterLab, which does not unfold what a link leads to
    for link in root.xpath("//a[@href]"):
        link.set("href", relative(link.get("href"), NOTEBOOKS))
        link.attrib.pop("rel", None)  # the page says it of all its links
    take_title(root)
    _join_code(root)
    _mend_figures(root)
    _join_evidence(root)
    contents = contents_of(root)
    mend_tables(root)
    if problems := list(_defects(root)):
        raise ReportError("; ".join(problems))
    return write(root), contents


def export(notebook: NotebookNode, **around: Any) -> bytes:
    """Write the page of an executed notebook; what stands around it is named in `page.html.j2`."""
    # Not by its own method, which parses all again for what only JupyterLab's look needs.
    cells, _ = TemplateExporter.from_notebook_node(_exporter(), notebook)
    body, contents = tidy(cells)
    return render("page.html.j2", body=Markup(body), contents=contents, **around)
