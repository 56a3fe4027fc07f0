"""Writing a report's page: the cells by nbconvert, and around them what makes a page of it."""

import posixpath
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain, count, islice, takewhile
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from lxml.etree import strip_elements
from lxml.html import HtmlElement, HTMLParser, fragment_fromstring, tostring
from lxml.html.builder import DIV, SUMMARY, A, B, I, P, Q
from markupsafe import Markup
from nbconvert import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbformat import NotebookNode

from ngolib.errors import ReportError
from ngolib.reports.pictures import drawn
from ngolib.reports.site import NO_XML, TEMPLATE, fill, render

# The notebooks' folder, seen from a report's page.
NOTEBOOKS = "../../notebooks"
# Ids of the frame around a notebook's cells, and those that a heading of any page may not have.
FRAME = {"main", "files"}
RESERVED = {*FRAME, "pages"}
# What a page must not hold, whoever wrote it; the page's policy would stop most of it anyway.
ACTIVE = ("script", "iframe", "object", "embed", "base", "meta", "link", "form")
# Characters of a quote that stand on a report's page; its own page holds it whole.
PREVIEW = 64
# The pieces of evidence among a notebook's cells.
PIECES = "//li[starts-with(@id, 'ev-')][*]"
# Kinds of words of code that the style tells apart; others need no mark.
TOLD_APART = {"k", "kn", "kc", "kd", "ow", "c1", "c"}
# Characters from which on a cell's text gets a wide column; browsers leave it a narrow one.
LONG_TEXT = 60
# Parts of a drawing with nothing in them, which HTML lets a page write in short.
EMPTY = re.compile(r"<(path|use|rect|circle|line|polygon)\b([^<>]*)></\1>")


_exporter = HTMLExporter(
    template_name=TEMPLATE.name,
    extra_template_basedirs=[str(TEMPLATE.parent)],
    exclude_anchor_links=True,
    optimistic_validation=True,
    filters={"highlight_code": Highlight2HTML(pygments_lexer="python")},
)


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


def contents_of(
    root: HtmlElement, name: Callable[[str], str] = lambda text: re.sub(r"\s+", "-", text)
) -> list[dict[str, Any]]:
    """Give headings an id of their words, by default Jupyter's; return those of two levels."""
    headings = list(root.iter("h2", "h3", "h4", "h5", "h6"))
    seen = RESERVED | set(root.xpath("//@id")) - {heading.get("id") for heading in headings}
    found = []
    for heading in headings:
        wanted = heading.get("id") or name(text_of(heading)) or "section"
        choices = chain([wanted], (f"{wanted}-{number}" for number in count(1)))
        own = next(choice for choice in choices if choice not in seen)
        heading.set("id", own)
        seen.add(own)
        if heading.tag in ("h2", "h3"):
            found.append({"level": int(heading.tag[1]), "id": own, "text": text_of(heading)})
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


def _join_code(root: HtmlElement) -> None:
    """Make one fold of the code of cells that show nothing between them, and light ones."""
    for word in root.xpath("//pre//span"):
        if word.get("class") not in TOLD_APART:
            word.drop_tag()
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
    """Lead from every mark to its piece of evidence: a line with its first quote."""
    # A piece goes by its number, which is short, under a link to the page that tells all of it.
    pieces = {}
    marked = set(root.xpath("//a/@href"))
    last = 0
    for number, piece in enumerate(root.xpath(PIECES), start=1):
        href = f"#{piece.get('id')}"
        of_text = piece.xpath("../preceding-sibling::p/a[contains(@href, '/texts/')]")
        # A sentence counts it, and its list stands in a table; of texts, all that is said is shown.
        if href not in marked and not of_text:
            piece.drop_tree()
            continue
        pieces[href] = f"#e{number}"
        piece.set("id", f"e{number}")
        piece.attrib.pop("value", None)
        if piece.getprevious() is None:
            piece.getparent().set("start", str(number))
        elif number != last + 1:
            piece.set("value", str(number))
        last = number
        shorten(piece)
    for link in root.xpath("//a[starts-with(@href, '#')]"):
        own = pieces.get(link.get("href"))
        link.set("href", own or link.get("href"))
        if own and "ngo-mark" in link.get("class", "").split():
            del link[:]
            link.text = own.removeprefix("#e")
            link.set("class", "n")
            link.attrib.pop("title", None)  # a note that the keyboard cannot reach
    _fold_evidence(root)


def shorten(piece: HtmlElement) -> None:
    """Leave of a piece of evidence what it says, the begin of its first quote, and our gloss."""
    said = piece.find("p/span")
    if said is None:
        return
    quotes, glosses = piece.xpath(".//mark"), piece.find_class("ngo-gloss")
    page = posixpath.basename(piece.getparent().getprevious().find("a").get("href"))
    # Most places are named after their page.
    piece.set("data-at", piece.get("data-at").removeprefix(page.removesuffix(".html")))
    begin = partial(textwrap.shorten, width=PREVIEW, placeholder=" …")
    parts = [B(text_of(said))]
    parts += [Q(begin(text_of(mark)), lang=mark.get("lang", "en")) for mark in quotes[:1]]
    parts += [I(begin(text_of(gloss))) for gloss in glosses[:1]]
    del piece[:]
    piece.text = None
    piece.extend(parts)


def _fold_evidence(root: HtmlElement) -> None:
    """Make one fold of all evidence, in which a link to its own page heads each group of pieces."""
    for box in root.find_class("ngo-evidence"):
        number = len(box.xpath(".//li"))
        for fold in box.find_class("ngo-act"):
            heading, link = fold.find("summary"), fold.find("p/a")
            name = re.sub(r" \(\d+\)$", "", text_of(heading))
            if not fold.xpath(".//li"):
                fold.drop_tree()
                continue
            if link is None:
                heading.addnext(P(name))
            else:
                link.text = name
            heading.drop_tree()
            fold.drop_tag()
        box.tag = "details"
        box.insert(0, SUMMARY(f"Evidence behind the marks ({number})"))


def _add_tools(root: HtmlElement) -> None:
    """Say beneath every figure and table how to take it away, and how much evidence it rests on."""
    for box in root.xpath("//div[@id][@class='ngo-figure' or @class='ngo-table']"):
        name = box.get("id").casefold()
        drawn = [f"figures/{name}.{kind}" for kind in ("svg", "png")] * (box[0].tag == "figure")
        files = [*drawn, f"tables/{name}.csv"]
        rests = len(set(box.xpath(".//a[@class='n']/@href")))
        caption = "".join(map(text_of, islice(box.iter("figcaption", "caption"), 1)))
        box.set("data-cite", caption.partition(" Rests on: ")[0].rstrip("."))
        tools = fill("tools.html.j2", files=files, id=box.get("id"), rests=rests)
        box.append(fragment_fromstring(tools))


def _explain(root: HtmlElement, terms: Mapping[str, tuple[str, str]]) -> None:
    """Let each term, where it first stands in words, open what the glossary says of it."""
    waiting = dict(terms)
    words = root.xpath("//div[@class='text']//p | //div[@class='ngo-finding']/div")
    for text in chain.from_iterable(tag.xpath("text()") for tag in words):
        piece: Any = text
        while waiting and piece is not None:
            names = "|".join(sorted(map(re.escape, waiting), key=len, reverse=True))
            found = re.search(rf"\b({names})s?\b", piece, re.IGNORECASE)
            piece = _linked(piece, found, *waiting.pop(found[1].lower())) if found else None


def _linked(piece: Any, found: re.Match[str], place: str, said: str) -> Any:
    """Make a link of a word in a stretch of text; return the stretch after it."""
    owner = piece.getparent()
    href = f"../guide/glossary.html#{place}"
    link = A(found[0], {"class": "term", "href": href, "data-says": said})
    link.tail = piece[found.end() :]
    if piece.is_text:
        owner.text = piece[: found.start()]
        owner.insert(0, link)
    else:
        owner.tail = piece[: found.start()]
        owner.getparent().insert(owner.getparent().index(owner) + 1, link)
    return next(iter(link.xpath("following-sibling::text()[1]")), None)


def _defects(root: HtmlElement) -> Iterator[str]:
    """Yield what would be broken for a reader: links within the page, pictures from elsewhere."""
    targets = set(root.xpath("//@id")) | FRAME
    links = root.xpath("//a[starts-with(@href, '#')]/@href")
    if dangling := [href for href in links if unquote(href[1:]) not in targets]:
        names = ", ".join([*dict.fromkeys(dangling)][:3])
        listed = " (page.evidence() in a cell of its own lists it)" * dangling[0].startswith("#ev-")
        yield f"{len(dangling)} links lead nowhere in the page: {names}{listed}"
    for source in root.xpath("//img/@src[not(starts-with(., 'data:'))]"):
        yield f"picture {source!r} is not in the page; allowed: what a cell shows"


def parse(html: str) -> HtmlElement:
    """Read the HTML of a part of a page, without what no page may hold."""
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    root = fragment_fromstring(html.translate(NO_XML), create_parent="div", parser=parser)
    strip_elements(root, *ACTIVE, with_tail=False)
    return root


def write(root: HtmlElement) -> str:
    """Write what `parse` read."""
    html = tostring(root, encoding="unicode").removeprefix("<div>").removesuffix("</div>")
    return EMPTY.sub(r"<\1\2/>", html)


def tidy(
    html: str, terms: Mapping[str, tuple[str, str]] | None = None
) -> tuple[str, list[dict[str, Any]]]:
    """Mend the HTML of a notebook's cells; return it, without the title, and its contents.

    `terms` are those that are explained where they first stand: id in the glossary and definition.
    A link within the page that leads nowhere, or a picture from elsewhere, is a `ReportError`.
    """
    root = parse(html)
    # For JupyterLab, which does not unfold what a link leads to; and what the record of a run says.
    for part in root.xpath("//i[@data-jupyter-id] | //div[@class='ngo-provenance']//details"):
        part.drop_tree()
    for link in root.xpath("//a[@href]"):
        href = relative(link.get("href"), NOTEBOOKS)
        link.set("href", href.replace("../../reports/", "../", 1))
        link.attrib.pop("rel", None)  # the page says it of all its links
    take_title(root)
    # The words that introduce a notebook stand behind its answers.
    answers = root.xpath("//div[contains(@class, 'ngo-finding')][div[@class='ngo-headline']]")
    first = root.xpath("//div[@class='text'][p][not(.//h2 | preceding::h2 | preceding::details)]")
    if answers and first:
        answers[-1].getparent().addnext(first[0])
    _join_code(root)
    for number, image in enumerate(root.xpath("//figure/img"), start=1):
        caption = "".join(map(text_of, image.getparent().iter("figcaption")))
        _scroll_box(drawn(image, f"f{number}"), f"Figure: {caption or number}")
    _join_evidence(root)
    contents = contents_of(root)
    mend_tables(root)
    _add_tools(root)
    _explain(root, terms or {})
    if problems := list(_defects(root)):
        raise ReportError("; ".join(problems))
    return write(root), contents


def export(notebook: NotebookNode, terms: Mapping[str, tuple[str, str]], **around: Any) -> bytes:
    """Write the page of an executed notebook; what stands around it is named in `page.html.j2`."""
    # Not by its own method, which parses all again for what only JupyterLab's look needs.
    cells, _ = TemplateExporter.from_notebook_node(_exporter, notebook)
    body, contents = tidy(cells, terms)
    scripts = ("page.js", "report.js")
    return render("page.html.j2", scripts=scripts, body=Markup(body), contents=contents, **around)
