"""Drawings as part of their page: their points are links, their words can be searched."""

import base64
import re
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path

import matplotlib
from lxml import etree
from lxml.html import HtmlElement
from lxml.html.builder import SPAN
from resvg_py import svg_to_bytes

SVG, HREF = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
DATA = "data:image/svg+xml;base64,"
# What a drawing of Matplotlib's is made of; its style of all elements would hold for the page.
ELEMENTS = {"a", "circle", "clipPath", "defs", "g", "line", "path", "pattern", "polygon", "rect"}
ELEMENTS |= {"style", "svg", "text", "tspan", "use"}
STYLE = "*{stroke-linejoin: round; stroke-linecap: butt}"
# Half the width of what can be clicked around a point, in units of the drawing.
REACH = "4"
# What stands before an id: where it is given, and where it is used.
ID = re.compile(rb'\bid="|url\(#|<use\b[^>]*?href="#')


def beside_page(svg: bytes, addresses: Mapping[str, str]) -> bytes:
    """Let the links of a drawing that is kept in a file of its own lead to the pieces' pages."""

    def lead(link: re.Match[bytes]) -> bytes:
        place = addresses.get(unescape(link[1].decode()))
        return b'href="../../' + escape(place).encode() + b'"' if place else link[0]

    return re.sub(rb'(?<=xlink:)href="#ev-([^"]*)"', lead, svg)


def as_png(svg: bytes) -> bytes:
    """Draw a picture in points, with the font that it was laid out for: two for each of its own."""
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    files = [str(fonts / f"DejaVuSans{cut}.ttf") for cut in ("", "-Bold", "-Oblique")]
    return bytes(svg_to_bytes(svg.decode(), dpi=144, skip_system_fonts=True, font_files=files))


def _is_plain(root: etree._Element) -> bool:
    """Say whether all of a drawing can stand in a page: nothing of it runs, loads or restyles."""
    names = {str(element.tag) for element in root.iter()}
    styles = {element.text for element in root.iter(f"{SVG}style")}
    return names <= {SVG + name for name in ELEMENTS} and styles <= {STYLE}


def _clean(root: etree._Element) -> None:
    """Leave of a drawing what is drawn, and links to a place within the page."""
    etree.strip_elements(root, f"{SVG}style", with_tail=False)
    for element in root.iter():
        element.tag = str(element.tag).removeprefix(SVG)
        href = element.get(HREF, "")
        if element.tag == "a":
            element.attrib.clear()
            element.set("tabindex", "-1")
        for attribute in element.attrib:
            if attribute.startswith(("{", "on", "href")):
                del element.attrib[attribute]
        if href.startswith("#"):
            element.set("href", href)
        elif element.tag == "a":
            element.tag = "no-link"
    etree.strip_tags(root, "no-link")
    etree.cleanup_namespaces(root)


def _gather(root: etree._Element) -> None:
    """Say once what is said of many marks: their shape, and how it looks."""
    shapes, marks = dict[str, str](), root.xpath("//use[@style]")
    for shape in root.xpath("//defs/path[@id]"):
        own = f"#{shape.get('id')}"
        look = shape.get("style", "")  # which its marks mostly say again
        if all(look in mark.get("style") for mark in marks if mark.get("href") == own):
            shape.attrib.pop("style", None)
        shapes[own] = shapes.setdefault(f"{shape.get('d')} {shape.get('style')}", own)
        if shapes[own] != own:
            shape.getparent().remove(shape)
    looks: dict[tuple[str, str], str] = {}
    for mark in marks:
        look = shapes.get(mark.get("href"), mark.get("href")), mark.attrib.pop("style")
        if look not in looks:
            looks[look] = f"{look[0].removeprefix('#')}-{len(looks)}"
            shape = etree.SubElement(root.find(".//defs"), "g", id=looks[look], style=look[1])
            etree.SubElement(shape, "use", href=look[0])
        mark.set("href", f"#{looks[look]}")


def drawn(image: HtmlElement, prefix: str) -> HtmlElement:
    """Put the drawing of an `img`, if it holds one, in its place, ids with a prefix; return it."""
    parser = etree.XMLParser(resolve_entities=False, remove_pis=True, remove_comments=True)
    try:
        svg = base64.b64decode(image.get("src", "").removeprefix(DATA), validate=True)
        root = etree.fromstring(ID.sub(rb"\g<0>" + prefix.encode(), svg), parser)
    except (ValueError, etree.XMLSyntaxError):
        return image
    if root.tag != f"{SVG}svg" or not root.get("viewBox") or not _is_plain(root):
        return image  # a picture in an image runs nothing, whatever it holds
    _clean(root)
    _gather(root)
    for marker in root.xpath("//defs/path[@id]"):  # can be clicked around it too: some are a line
        group = etree.Element("g", id=marker.attrib.pop("id"))
        marker.getparent().replace(marker, group)
        group.append(marker)
        etree.SubElement(group, "circle", r=REACH, fill="none", stroke="none")
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("style", STYLE[2:-1])
    # The table beneath has the same links, named, for who does not see or uses the keyboard.
    root.set("aria-hidden", "true")
    root.tail, image.tail = image.tail, None
    image.getparent().replace(image, root)
    root.addprevious(SPAN({"role": "img", "aria-label": image.get("alt", "")}))
    return root
