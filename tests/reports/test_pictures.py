"""Links of a drawing: only those to a place within the page come onto it."""

from __future__ import annotations

import base64

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure as Drawing

from ngolib.display import Figure
from ngolib.reports.page import tidy
from ngolib.reports.pictures import DATA, Point, beside_page, lift

EVIDENCE = '<ol><li id="ev-A" value="1"><p>a</p></li></ol>'


def drawn(*urls: str) -> Figure:
    """A figure with a point for each url."""
    drawing = Drawing(figsize=(2, 2))
    axes = drawing.subplots()
    for n, url in enumerate(urls):
        axes.plot([n], [n], marker="o", fillstyle="left", linestyle="", url=url)
    return Figure("points", drawing, "2 points", "Points", pd.DataFrame())


def html_of(figure: Figure) -> str:
    return figure._repr_mimebundle_()["text/html"]


def shown(html: str) -> BeautifulSoup:
    return BeautifulSoup(tidy(html + EVIDENCE)[0], "html.parser")


def test_a_point_is_a_link_over_the_picture_for_the_mouse_alone() -> None:
    soup = shown(html_of(drawn("#ev-A")))
    layer = soup.select_one("figure .drawn > img + svg.points")
    assert layer["aria-hidden"] == "true"
    # A marker in two halves is one point.
    assert [(a["href"], a["tabindex"]) for a in layer.select("a")] == [("#ev-A", "-1")]
    picture = base64.b64decode(soup.img["src"].removeprefix(DATA))
    assert b"<a" not in picture
    assert soup.img["alt"] == "2 points"
    # The parser of these tests writes names in small letters, unlike a browser.
    width, height = map(float, layer["viewbox"].split()[2:])
    assert 0 < float(layer.circle["cx"]) < width
    assert 0 < float(layer.circle["cy"]) < height


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://example.org/", "data:text/html,x", "a.html#ev-A", " #ev-A"],
)
def test_a_link_to_anywhere_else_is_dropped(url: str) -> None:
    assert not shown(html_of(drawn(url))).select("svg, .drawn")


def test_a_point_that_leads_nowhere_is_told() -> None:
    with pytest.raises(Exception, match="lead nowhere in the page: #ev-B"):
        tidy(html_of(drawn("#ev-A", "#ev-B")) + EVIDENCE)


@pytest.mark.parametrize(
    "svg",
    [
        "not a drawing",
        '<svg xmlns="http://www.w3.org/2000/svg"><a href="#ev-A"><use x="1" y="1"/></a></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">'
        '<a x:href="#ev-A"><use x="nan" y="inf"/><use x="on" y="1"/></a></svg>',
    ],
)
def test_a_picture_without_points_is_left_as_it_is(svg: str) -> None:
    source = DATA + base64.b64encode(svg.encode()).decode()
    soup = shown(f'<figure><img src="{source}" alt="1"></figure>')
    assert soup.img["src"] == source
    assert not soup.select("svg")


def test_nothing_of_a_drawing_but_places_and_fragments_comes_onto_the_page() -> None:
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" '
        b'viewBox="0 0 9 9"><script>hit=1</script><a x:href="#ev-A" onclick="hit=1">'
        b'<use x="1" y="2" onload="hit=1"/><foreignObject/></a></svg>'
    )
    assert lift(svg)[1:] == ("0 0 9 9", [Point("#ev-A", 1.0, 2.0)])
    source = DATA + base64.b64encode(svg).decode()
    (layer,) = shown(f'<figure><img src="{source}" alt="1"></figure>').select("svg")
    assert {tag.name for tag in layer.find_all()} == {"a", "circle"}
    assert "hit" not in str(layer)


def test_the_file_of_a_drawing_leads_to_its_page() -> None:
    assert b'xlink:href="../index.html#ev-A"' in beside_page(drawn("#ev-A").svg)
