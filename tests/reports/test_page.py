from __future__ import annotations

import base64
import hashlib

import pytest
from bs4 import BeautifulSoup

from ngolib.errors import ReportError
from ngolib.project import Project
from ngolib.reports.outputs import tables_of, to_csv
from ngolib.reports.page import tidy


def soup_of(html: str) -> BeautifulSoup:
    return BeautifulSoup(tidy(html)[0], "html.parser")


@pytest.fixture(scope="session")
def page(made_once: Project) -> BeautifulSoup:
    return BeautifulSoup((made_once.reports / "good/index.html").read_text(), "html.parser")


def test_the_frame_of_a_page(page: BeautifulSoup) -> None:
    assert page.html["lang"] == "en"
    assert [h1.get_text() for h1 in page.find_all("h1")] == ["A good report"]
    assert page.select_one(".subtitle").get_text() == "What is good?"
    assert all(len(page.find_all(tag)) == 1 for tag in ("header", "main", "footer"))
    assert page.select_one("a.skip")["href"] == "#main"
    assert "default-src 'none'" in page.select_one("meta[http-equiv]")["content"]
    assert not page.find_all(["link", "iframe"])


def test_only_the_pages_own_script_may_run(page: BeautifulSoup) -> None:
    (script,) = page.find_all("script")
    digest = base64.b64encode(hashlib.sha256(script.string.encode()).digest()).decode()
    policy = page.select_one("meta[http-equiv]")["content"]
    assert f"script-src 'sha256-{digest}';" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2]


def test_the_contents_lead_to_every_section(page: BeautifulSoup) -> None:
    links = page.select("nav.toc a")
    texts = [link.get_text() for link in links]
    assert texts[:4] == ["Answer", "Results", "The matrix", "Results"]
    targets = [page.find(id=link["href"][1:]) for link in links]
    assert [target.get_text() for target in targets] == texts
    assert len({id(target) for target in targets}) == len(texts)


def test_code_is_folded_and_says_what_it_is(page: BeautifulSoup) -> None:
    folded = page.select("details.code")
    assert not [details for details in folded if details.has_attr("open")]
    labels = ["Code 1 to 2, with the parameters", *(f"Code {n}" for n in range(3, 8))]
    assert [details.summary.get_text() for details in folded] == labels


def test_cells_that_show_nothing_between_them_are_one_fold() -> None:
    codes = [
        f"<details class='code'><summary>Code {n}</summary><pre>{n}</pre></details>"
        for n in range(1, 7)
    ]
    soup = soup_of("\n".join([*codes[:2], "<p>shown</p>", *codes[2:5], "<h2>A</h2>", codes[5]]))
    folds = {
        fold.summary.get_text(): [pre.get_text() for pre in fold.find_all("pre")]
        for fold in soup.select("details.code")
    }
    assert folds == {"Code 1 to 2": ["1", "2"], "Code 3 to 5": ["3", "4", "5"], "Code 6": ["6"]}
    assert len(soup.find_all("summary")) == 3


def test_settings_of_the_plan_are_shown(made_once: Project) -> None:
    page = (made_once.reports / "set/index.html").read_text()
    assert "countries = <b>KGZ</b>" in page
    assert "Code 1 to 3, with the parameters" in page


def test_figures_keep_their_own_alt_text(page: BeautifulSoup) -> None:
    assert [alt["aria-label"] for alt in page.select("figure > [role=img]")] == [
        "Six bars rising from 3 to 18"
    ]


def test_other_outputs_are_shown(page: BeautifulSoup) -> None:
    assert [pre.get_text() for pre in page.select("pre.out")] == ["plain text\n", "a warning\n"]
    assert page.select_one("table.dataframe") is not None


def test_header_cells_get_a_scope_and_empty_ones_are_none() -> None:
    soup = soup_of(
        "<table border='1'><thead><tr><th></th><th>n</th></tr></thead>"
        "<tbody><tr><th>a</th><td>1</td></tr></tbody></table>"
    )
    assert [(th.get_text(), th["scope"]) for th in soup.find_all("th")] == [
        ("n", "col"),
        ("a", "row"),
    ]
    assert soup.select_one("div.scroll > table") is not None
    assert not soup.table.has_attr("border")


def test_active_content_is_taken_out() -> None:
    html = "<p>a<script>x</script><iframe src='http://x'></iframe></p><meta http-equiv='refresh'>"
    assert str(soup_of(html)) == "<p>a</p>"


def test_a_second_title_goes_one_lower() -> None:
    html, contents = tidy("<h1>Question</h1><h1>Part</h1><h2 id='Part'>Part</h2>")
    assert "<h1" not in html
    assert [entry.level for entry in contents] == [2, 2]
    assert len({entry.id for entry in contents}) == 2


def test_a_heading_is_linked_by_its_words() -> None:
    html, contents = tidy('<a href="#The-matrix">x</a><h2>The matrix</h2><h3>files</h3>')
    assert [entry.id for entry in contents] == ["The-matrix", "files-1"]
    assert '<h2 id="The-matrix">' in html


@pytest.mark.parametrize(
    ("href", "seen"),
    [
        ("../data/a.csv", "../../data/a.csv"),
        ("02_small.ipynb#x", "../../notebooks/02_small.ipynb#x"),
        ("https://example.org/a", "https://example.org/a"),
        ("#main", "#main"),
    ],
)
def test_links_are_seen_from_the_page(href: str, seen: str) -> None:
    assert soup_of(f'<a href="{href}">x</a>').a["href"] == seen


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ('<a href="#ev-1">1</a><a href="#ev-1">1</a>', "2 links lead nowhere in the page: #ev-1"),
        ('<img src="a.png" alt="">', "picture 'a.png' is not in the page"),
    ],
)
def test_what_a_reader_would_find_broken_is_refused(html: str, said: str) -> None:
    with pytest.raises(ReportError, match=said):
        tidy(html)


def test_csv_keeps_data_as_they_are() -> None:
    rows = [["=1+1", None, True], ['a,"b"', ["x", "y"], 0.1]]
    assert to_csv(["a", "b", "c"], rows) == b'a,b,c\n=1+1,,yes\n"a,""b""",x; y,0.1\n'


def test_a_name_that_is_no_file_name_is_refused() -> None:
    shown = [{"kind": "table", "name": "../x", "caption": "", "columns": [], "rows": []}]
    with pytest.raises(ReportError, match=r"'\.\./x': the name is not allowed"):
        list(tables_of(shown))


def test_marks_have_the_number_of_their_evidence_which_leads_back() -> None:
    soup = soup_of(
        '<h2>The matrix</h2><p><a class="ngo-mark" href="#ev-B">1</a></p><h2>Evidence</h2>'
        '<ol><li id="ev-A" value="1"><p>a</p></li><li id="ev-B" value="2"><p>b</p></li></ol>'
    )
    mark = soup.select_one("a.ngo-mark")
    assert (mark.get_text(), mark["href"]) == ("2", "#e2")
    piece = soup.select_one("#e2")
    back = piece.select_one(".uses a")
    assert (back.get_text(), back["href"]) == ("The matrix", f"#{mark['id']}")
    assert not soup.select("#e1 .uses")
    # Links from elsewhere still find it by its permanent id.
    assert soup.select_one("#ev-B").parent is piece


def test_a_mark_has_an_id_only_where_its_piece_leads_back_to_it() -> None:
    mark = '<a class="ngo-mark" href="#ev-A" title="A">1</a>'
    soup = soup_of(f"<h2>Part</h2>{mark * 3}<h2>End</h2><ol><li id='ev-A'><p>a</p></li></ol>")
    assert [link.has_attr("id") for link in soup.select("a.ngo-mark")] == [True, False, False]
