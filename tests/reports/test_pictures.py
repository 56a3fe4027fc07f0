"""Drawings in a page: all of Matplotlib's, and of links only those to a place within the page."""

from __future__ import annotations

import base64

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure as Drawing

from ngolib.objects import Figure
from ngolib.reports.page import tidy
from ngolib.reports.pictures import DATA, beside_page

EVIDENCE = '<ol><li id="ev-A" value="1"><p>a</p></li></ol>'
XMLNS = 'xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"'


def drawn(*urls: str) -> Figure:
    """A figure with a point for each url, and a hatched bar."""
    drawing = Drawing(figsize=(2, 2))
    axes = drawing.subplots()
    axes.bar([0], [1], hatch="..")
    for n, url in enumerate(urls):
        axes.plot([n], [n], marker="o", fillstyle="left", linestyle="", url=url)
    return Figure("points", drawing, '2 "points"', "Points", pd.DataFrame())


def html_of(figure: Figure) -> str:
    return figure._repr_mimebundle_()["text/html"]


def shown(html: str) -> BeautifulSoup:
    return BeautifulSoup(tidy(html + EVIDENCE)[0], "html.parser")


def test_a_point_is_a_link_for_the_mouse_alone() -> None:
    soup = shown(html_of(drawn("#ev-A")))
    svg = soup.select_one("figure .scroll > svg")
    assert svg["aria-hidden"] == "true"
    assert soup.select_one("figure > [role=img]")["aria-label"] == '2 "points"'
    links = svg.select("a")
    assert links
    assert all(link.attrs == {"href": "#e1", "tabindex": "-1"} for link in links)
    assert all(link.find("use") for link in links)
    assert not soup.img


def test_two_drawings_of_a_page_share_no_id_and_miss_none() -> None:
    html = html_of(drawn("#ev-A"))
    soup = shown(html + html.replace('id="points"', 'id="others"'))
    ids = [tag["id"] for tag in soup.select("[id]")]
    assert len(ids) == len(set(ids)) > 4
    assert {use["href"][1:] for use in soup.select("use")} <= set(ids)
    for svg in soup.select("svg"):
        own = {tag["id"] for tag in svg.select("[id]")}
        text = str(svg)
        used = {name for name in ids if f"#{name})" in text or f'"#{name}"' in text}
        assert own == used - {"e1"}
        assert svg.select("pattern")


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://example.org/", "data:text/html,x", "a.html#ev-A", " #ev-A"],
)
def test_a_link_to_anywhere_else_is_dropped(url: str) -> None:
    soup = shown(html_of(drawn(url)))
    assert not soup.select("svg a")
    assert soup.select("svg use")


def test_a_point_that_leads_nowhere_is_told() -> None:
    with pytest.raises(Exception, match="lead nowhere in the page: #ev-B"):
        tidy(html_of(drawn("#ev-A", "#ev-B")) + EVIDENCE)


@pytest.mark.parametrize(
    "svg",
    [
        "not a drawing",
        f"<svg {XMLNS}><path/></svg>",
        f'<svg {XMLNS} viewBox="0 0 9 9"><script>hit=1</script></svg>',
        f'<svg {XMLNS} viewBox="0 0 9 9"><foreignObject/></svg>',
        f'<svg {XMLNS} viewBox="0 0 9 9"><image x:href="data:image/png;base64,AAAA"/></svg>',
        f'<svg {XMLNS} viewBox="0 0 9 9"><style>p {{ color: red }}</style><path/></svg>',
        '<x viewBox="0 0 9 9"/>',
    ],
)
def test_a_picture_that_is_no_plain_drawing_stays_one(svg: str) -> None:
    source = DATA + base64.b64encode(svg.encode()).decode()
    soup = shown(f'<figure><img src="{source}" alt="1"></figure>')
    assert soup.img["src"] == source
    assert not soup.select("svg")


def test_nothing_of_a_drawing_runs_or_loads_in_the_page() -> None:
    svg = (
        f'<svg {XMLNS} viewBox="0 0 9 9" onload="hit=1"><a x:href="#ev-A" href="hit:" '
        'onclick="hit=1" target="hit"><use x="1" y="2" onload="hit=1" x:href="https://hit/"/></a>'
        "</svg>"
    )
    source = DATA + base64.b64encode(svg.encode()).decode()
    (drawing,) = shown(f'<figure><img src="{source}" alt="1"></figure>').select("svg")
    assert drawing.a["href"] == "#e1"
    assert "hit" not in str(drawing)


def test_the_file_of_a_drawing_leads_to_the_page_of_its_piece() -> None:
    svg = beside_page(drawn("#ev-A").svg, {"A": "acts/X.html#A"})
    assert b'xlink:href="../../acts/X.html#A"' in svg
