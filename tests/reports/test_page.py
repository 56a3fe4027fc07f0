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
    assert [entry["level"] for entry in contents] == [2, 2]
    assert len({entry["id"] for entry in contents}) == 2


def test_a_heading_is_linked_by_its_words() -> None:
    html, contents = tidy('<a href="#The-matrix">x</a><h2>The matrix</h2><h3>files</h3>')
    assert [entry["id"] for entry in contents] == ["The-matrix", "files-1"]
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
    rows = [["=1+1", None, True], ['a,"b"', "x; y", 0.1]]
    assert to_csv(["a", "b", "c"], rows) == b'a,b,c\n=1+1,,yes\n"a,""b""",x; y,0.1\n'


def test_a_name_that_is_no_file_name_is_refused() -> None:
    shown = [{"kind": "table", "name": "../x", "caption": "", "columns": [], "rows": []}]
    with pytest.raises(ReportError, match=r"'\.\./x': the name is not allowed"):
        list(tables_of(shown))


PIECE = (
    '<details class="ngo-act"><summary>An act (1)</summary>'
    '<p><a href="../reports/acts/KAZ-1.html">all about it</a></p>'
    '<ol><li id="ev-{0}" value="7" data-at="{0}"><p><span>signed</span> <code>{0}</code></p>'
    '<blockquote>Before <mark lang="ru">{1}</mark> after.</blockquote>'
    '<p class="ngo-gloss">words [our gloss]</p><p>more</p></li></ol></details>'
)


def with_evidence(*pieces: str) -> BeautifulSoup:
    mark = '<p><a class="ngo-mark" href="#ev-KAZ-1.b" title="KAZ-1.b">1</a></p>'
    return soup_of(f'{mark}<div class="ngo-evidence">{"".join(pieces)}</div>')


def test_a_mark_leads_to_the_line_of_its_piece_under_a_link_to_the_page_of_its_act() -> None:
    soup = with_evidence(PIECE.format("KAZ-1.a", "слова"), PIECE.format("KAZ-1.b", "слова"))
    mark = soup.select_one("a.n")
    assert (mark.get_text(), mark["href"], mark.get("title")) == ("2", "#e2", None)
    piece = soup.select_one("#e2")
    assert piece["data-at"] == ".b"
    assert [part.get_text() for part in piece] == ["signed", "слова", "words [our gloss]"]
    assert piece.q["lang"] == "ru"
    link = piece.parent.find_previous_sibling("p").a
    assert (link["href"], link.get_text()) == ("../acts/KAZ-1.html", "An act")
    # The other piece bears no mark on this page; the numbers stay those of the notebook.
    assert piece.parent["start"] == "2"
    assert soup.select_one("details.ngo-evidence > summary").get_text().endswith("(1)")


def test_what_texts_say_is_shown_also_where_no_mark_leads_to_it() -> None:
    of_text = PIECE.format("KAZ-1.a", "слова").replace("/acts/KAZ-1.html", "/texts/t.html")
    soup = with_evidence(of_text, PIECE.format("KAZ-1.b", "слова"))
    assert soup.select_one("#e1") and soup.select_one("#e2")
    assert soup.select_one("details.ngo-evidence > summary").get_text().endswith("(2)")


def test_of_a_long_quote_the_page_of_a_report_holds_the_beginning() -> None:
    quote = "слово " * 60
    (shown,) = with_evidence(PIECE.format("KAZ-1.b", quote)).select("q")
    assert shown.get_text().endswith(" …")
    assert quote.startswith(shown.get_text().removesuffix(" …"))


def test_a_figure_says_how_to_take_it_away_and_what_it_rests_on() -> None:
    figure = (
        '<div class="ngo-figure" id="Panel"><figure><svg></svg><figcaption>Levels.</figcaption>'
        "</figure><table><caption>Levels.</caption><tr><td>"
        '<a class="ngo-mark" href="#ev-KAZ-1.b">1</a></td></tr></table></div>'
    )
    box = soup_of(f'{figure}<div class="ngo-evidence">{PIECE.format("KAZ-1.b", "x")}</div>').div
    assert box["data-cite"] == "Levels"
    links = [link["href"] for link in box.select(".tools a")]
    assert links == ["figures/panel.svg", "figures/panel.png", "tables/panel.csv", "#Panel"]
    assert box.select_one(".tools .from").get_text() == "from one piece of evidence"


def test_a_term_opens_where_it_first_stands() -> None:
    terms = {"usual ngo": ("term-usual-ngo", "A registered organisation."), "level": ("l", "How.")}
    html = "<p>The usual NGOs meet <b>x</b> a level; the usual NGO, a level.</p>"
    soup = BeautifulSoup(tidy(f'<div class="text">{html}</div>', terms)[0], "html.parser")
    assert soup.p.get_text() == "The usual NGOs meet x a level; the usual NGO, a level."
    links = [(link.get_text(), link["href"], link["data-says"]) for link in soup.select("a.term")]
    assert links == [
        ("usual NGOs", "../guide/glossary.html#term-usual-ngo", "A registered organisation."),
        ("level", "../guide/glossary.html#l", "How."),
    ]
