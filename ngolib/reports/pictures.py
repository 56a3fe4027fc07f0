"""Drawings as part of their page: their points are links, their words can be searched."""

from __future__ import annotations

import base64
import re

from lxml import etree
from lxml.html import HtmlElement

SVG, HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
DATA = "data:image/svg+xml;base64,"
# What a drawing of Matplotlib's is made of. All else is left out, so that nothing runs or loads.
ELEMENTS = frozenset("a circle clipPath defs ellipse g line path polygon polyline rect svg".split())
ELEMENTS |= frozenset("linearGradient radialGradient stop text tspan use".split())
URL = re.compile(r"url\((#[^)]+)\)")
# Matplotlib says this of all elements, in a style that would hold for the page too.
LINES = "stroke-linejoin:round;stroke-linecap:butt"


def beside_page(svg: bytes) -> bytes:
    """Let the links of a drawing that is kept in a file of its own lead to its report's page."""
    return svg.replace(b'xlink:href="#ev-', b'xlink:href="../index.html#ev-')


def _clean(root: etree._Element) -> None:
    """Leave of a drawing what is drawn, and links to a place within the page."""
    for element in root.iter():
        name = str(element.tag).removeprefix(SVG)
        href = element.get(HREF, "")
        within = href.startswith("#")
        if name == "a":
            element.tag = "a" if within else "no-link"
            element.attrib.clear()
            # Who does not see the picture, or uses the keyboard, has the same links in the table
            # beneath, named; hundreds without a name would only be in their way.
            element.set("tabindex", "-1")
        else:
            element.tag = name if name in ELEMENTS else "left-out"
        for attribute in element.attrib:
            if attribute.startswith(("{", "on", "href")):
                del element.attrib[attribute]
        if within:
            element.set("href", href)
    etree.strip_elements(root, "left-out", with_tail=False)
    etree.strip_tags(root, "no-link")
    etree.cleanup_namespaces(root)


def _rename(root: etree._Element, prefix: str) -> None:
    """Let the drawing's ids, of which only those that it uses are kept, be no other drawing's."""
    used = URL.findall(" ".join(root.xpath("//@*")))
    used += root.xpath("//use/@href")
    names = {name: f"#{prefix}-{number}" for number, name in enumerate(dict.fromkeys(used))}
    for element in root.iter():
        new = names.get(f"#{element.attrib.pop('id', '')}")
        for attribute, value in element.attrib.items():
            if attribute == "href" and element.tag == "use":
                element.set("href", names[value])
            elif "url(#" in value:
                element.set(attribute, URL.sub(lambda found: f"url({names[found[1]]})", value))
        if new:
            element.set("id", new[1:])


def drawn(image: HtmlElement, prefix: str) -> HtmlElement:
    """Put a drawing in the place of the image that holds it.

    Parameters
    ----------
    image : lxml.html.HtmlElement
        An `img`, whose source may be a drawing in the page.
    prefix : str
        What the ids of this drawing begin with.

    Returns
    -------
    lxml.html.HtmlElement
        The `svg`; the image itself, unchanged, if it holds no drawing.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_pis=True, remove_comments=True
    )
    try:
        source = image.get("src", "").removeprefix(DATA)
        root = etree.fromstring(base64.b64decode(source, validate=True), parser)
    except (ValueError, etree.XMLSyntaxError):
        return image
    if root.tag != f"{SVG}svg" or not root.get("viewBox"):
        return image
    _clean(root)
    _rename(root, prefix)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("style", LINES)
    root.set("role", "img")
    root.set("aria-label", image.get("alt", ""))
    root.tail, image.tail = image.tail, None
    image.getparent().replace(image, root)
    return root
