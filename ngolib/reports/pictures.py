"""Links of a drawing: out of the picture, which a page shows as an image, onto the page itself."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
DATA = "data:image/svg+xml;base64,"
# Half the width of what can be clicked around a point, in units of the drawing.
REACH = "4"


class Point(NamedTuple):
    """A marker of a drawing that is a link, and its place in the drawing's own units."""

    href: str
    x: float
    y: float


def _points(link: etree._Element) -> Iterator[Point]:
    """Yield the markers within a link; a marker in two halves stands there twice."""
    for marker in link.iter(f"{SVG}use"):
        try:
            x, y = (float(marker.get(name, "0")) for name in "xy")
        except ValueError:
            continue
        if math.isfinite(x) and math.isfinite(y):
            yield Point(link.get(HREF, ""), x, y)


def lift(svg: bytes) -> tuple[bytes, str, list[Point]]:
    """Take the links out of a drawing.

    Parameters
    ----------
    svg : bytes
        A drawing of Matplotlib's, whose artists with an url are links around their markers.

    Returns
    -------
    tuple of bytes, str and list of Point
        The drawing without links; its `viewBox`; and the markers that lead to a place within the
        page, in the order drawn, each once. Links to anywhere else are dropped.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_pis=True)
    root = etree.fromstring(svg, parser)
    links = list(root.iter(f"{SVG}a"))
    points = [point for link in links for point in _points(link) if point.href.startswith("#")]
    etree.strip_tags(root, f"{SVG}a")
    drawing = etree.tostring(root, encoding="utf-8", xml_declaration=False)
    return drawing, root.get("viewBox", ""), list(dict.fromkeys(points))


def beside_page(svg: bytes) -> bytes:
    """Let the links of a drawing that is kept in a file of its own lead to its report's page."""
    return svg.replace(b'xlink:href="#ev-', b'xlink:href="../index.html#ev-')


def _layer(view: str, points: list[Point]) -> HtmlElement:
    """Make the layer of links that lies over a picture, for the mouse only.

    Readers who do not see the picture, or use the keyboard, have the same links in the table
    beneath, named; hundreds of links without a name would only be in their way.
    """
    layer = HtmlElement()
    layer.tag = "svg"
    layer.set("class", "points")
    layer.set("viewBox", view)
    layer.set("aria-hidden", "true")
    for point in points:
        link, spot = HtmlElement(), HtmlElement()
        link.tag, spot.tag = "a", "circle"
        link.set("href", point.href)
        link.set("tabindex", "-1")
        for name, value in (("cx", f"{point.x:.5g}"), ("cy", f"{point.y:.5g}"), ("r", REACH)):
            spot.set(name, value)
        link.append(spot)
        layer.append(link)
    return layer


def with_links(image: HtmlElement) -> HtmlElement:
    """Put the links of a picture over it.

    Parameters
    ----------
    image : lxml.html.HtmlElement
        An `img` whose source may be a drawing in the page; its links are taken out of it.

    Returns
    -------
    lxml.html.HtmlElement
        A box, in the image's place, that holds the image and the layer of its links; the image
        itself if it has none.
    """
    try:
        svg = base64.b64decode(image.get("src", "").removeprefix(DATA), validate=True)
        drawing, view, points = lift(svg)
    except (ValueError, etree.XMLSyntaxError):
        return image  # not a drawing; a picture in an image runs nothing, whatever it holds
    if not points:
        return image
    image.set("src", DATA + base64.b64encode(drawing).decode())
    box = HtmlElement()
    box.tag = "div"
    box.set("class", "drawn")
    box.tail, image.tail = image.tail, None
    image.getparent().replace(image, box)
    box.append(image)
    box.append(_layer(view, points))
    return box
