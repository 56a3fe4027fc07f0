"""What a notebook shows: three forms in one, everything from data escaped."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure as Drawing

from ngolib.objects import MIME, EvidenceList, EvidenceTable, Figure, Finding

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(1)">'


def bundle(shown):
    return shown._repr_mimebundle_()


def test_a_finding_needs_evidence_or_a_reason():
    with pytest.raises(ValueError, match="no evidence and no reason"):
        Finding("x", "text", 1)


def test_marks_lead_to_the_evidence_section():
    html = bundle(Finding("x", "text", 1, ["a.1-s01", "b"]))["text/html"]
    links = [a["href"] for a in BeautifulSoup(html, "html.parser").find_all("a")]
    assert links == ["#ev-a.1-s01", "#ev-b"]


def test_every_piece_of_evidence_is_linked_also_where_most_are_folded():
    ids = [f"s{n}" for n in range(40)]
    soup = BeautifulSoup(bundle(Finding("x", "text", 1, ids))["text/html"], "html.parser")
    assert [a["href"] for a in soup.find_all("a")] == [f"#ev-{i}" for i in ids]
    folded = soup.select("details.ngo-more a")
    assert soup.summary.get_text() == f"and {len(folded)} more"
    assert 0 < len(folded) < len(ids)


def test_text_from_data_is_shown_as_text():
    table = EvidenceTable("t", pd.DataFrame({"a": [HOSTILE], "evidence": [(HOSTILE,)]}), HOSTILE)
    for shown in (table, Finding("f", HOSTILE, None, no_evidence=HOSTILE)):
        soup = BeautifulSoup(bundle(shown)["text/html"], "html.parser")
        assert not soup.find_all(["script", "img"])
        assert "alert(1)" in soup.get_text()


def test_a_table_has_caption_and_scopes():
    frame = pd.DataFrame({"year": [2012], "n": pd.array([None], dtype="Int64")})
    soup = BeautifulSoup(bundle(EvidenceTable("t", frame, "Rules"))["text/html"], "html.parser")
    assert soup.caption.get_text() == "Rules"
    assert {th["scope"] for th in soup.find_all("th")} == {"col", "row"}
    assert soup.find("td").get_text() == ""


def test_json_holds_what_the_report_needs():
    frame = pd.DataFrame({"day": [pd.Timestamp(2012, 7, 20)], "evidence": [("a", "b")]})
    shown = EvidenceTable("t", frame, "Rules")
    assert bundle(shown)[MIME] == {
        "kind": "table",
        "name": "t",
        "caption": "Rules",
        "columns": ["day", "evidence"],
        "rows": [["2012-07-20", "a; b"]],
    }
    assert shown.evidence == ("a", "b")


def drawing() -> Drawing:
    figure = Drawing()
    figure.subplots().plot([1, 2], [3, 4])
    return figure


def test_a_figure_is_the_same_bytes_twice_and_has_its_own_alt_text():
    one, two = (Figure("f", drawing(), "alt", "caption", pd.DataFrame()) for _ in "ab")
    assert one.svg == two.svg
    image = BeautifulSoup(bundle(one)["text/html"], "html.parser").img
    assert image["alt"] == "alt"


def test_a_users_own_settings_of_matplotlib_do_not_change_a_picture():
    plain = Figure("f", drawing(), "alt", "caption", pd.DataFrame()).svg
    with mpl.rc_context({"svg.fonttype": "none", "savefig.facecolor": "red"}):
        assert Figure("f", drawing(), "alt", "caption", pd.DataFrame()).svg == plain


def test_a_page_shows_the_first_of_very_many_and_says_so():
    ids = [f"s{n}" for n in range(3000)]
    rows = pd.DataFrame({"n": range(3000), "evidence": [(i,) for i in ids]})
    table, finding = EvidenceTable("t", rows, "Rules"), Finding("f", "text", 1, ids)
    soup = BeautifulSoup(bundle(table)["text/html"], "html.parser")
    shown = len(soup.tbody.find_all("tr"))
    assert soup.caption.get_text() == f"Rules (the first {shown} of 3,000 rows; its file has all)"
    assert [a["href"] for a in soup.find_all("a")] == [f"#ev-{i}" for i in table.marked]
    assert len(table.marked) == shown < len(bundle(table)[MIME]["rows"]) == 3000
    soup = BeautifulSoup(bundle(finding)["text/html"], "html.parser")
    assert [a["href"] for a in soup.find_all("a")] == [f"#ev-{i}" for i in finding.marked]
    assert f"and {3000 - len(finding.marked)} without a mark" in soup.get_text()
    assert len(finding.marked) < len(finding.evidence) == 3000
    # What is not marked is in the record only.
    about = dict.fromkeys(("layer", "title", "label", "about"), "")
    items = pd.DataFrame([{"evidence_id": i, **about, "quotes": [], "doubts": []} for i in ids])
    evidence = bundle(EvidenceList(items.assign(address="acts/a.html"), ["s1", "s2999"]))
    soup = BeautifulSoup(evidence["text/html"], "html.parser")
    assert [li["id"] for li in soup.find_all("li")] == ["ev-s1", "ev-s2999"]
    assert evidence[MIME]["ids"] == ids


def test_an_alternative_text_is_cut_and_says_what_is_not_drawn():
    drawing = Drawing()
    drawing.suptitle("Drawn are 2 of 3.")
    figure = Figure("f", drawing, "word " * 5000, "caption", pd.DataFrame())
    assert figure.alt.endswith("word … Drawn are 2 of 3.")
    assert len(figure.alt) < 4000


def test_a_number_without_end_is_words_in_json():
    table = EvidenceTable("growth", pd.DataFrame({"growth": [float("inf"), 1.5]}), "Growth")
    assert bundle(table)[MIME]["rows"] == [["inf"], [1.5]]
