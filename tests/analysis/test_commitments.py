"""The table that lost its columns, on rows whose readings are worked out by hand."""

from __future__ import annotations

from math import comb

import pandas as pd
import pytest

import ngolib
from ngolib.analysis import commitments
from ngolib.errors import DataError
from ngolib.evidence.tables import load_treaties

NAMES = {"KAZ": "Kazakhstan", "RUS": "Russia", "KGZ": "Kyrgyzstan", "UZB": "Uzbekistan"}
DAY = pd.Timestamp(2021, 4, 30)


def act(country, action, date="", date_end="", treaty="CAT", kind="deposit"):
    return {
        "treaty_id": f"treaty-{country}-{treaty}-{action}",
        "country": country,
        "treaty": treaty,
        "treaty_title": {"CAT": "Convention on A", "CRPD": "Convention on B"}[treaty],
        "action": action,
        "date": date,
        "date_start": pd.Timestamp(date) if date else pd.NaT,
        "date_end": pd.Timestamp(date_end or date) if date else pd.NaT,
        "date_kind": kind,
    }


def acts(*rows):
    return pd.DataFrame(list(rows))


def lines(*texts):
    rows = [("s", n, text) for n, text in enumerate(texts, start=10)]
    return pd.DataFrame(rows, columns=["source_id", "line", "text"])


def test_a_heading_is_split_at_the_names_of_countries():
    first, columns = commitments.columns_of("TreatiesKazakhstanKyrgyzstanUzbekistan", NAMES)
    assert (first, columns) == ("Treaties", ["KAZ", "KGZ", "UZB"])
    with pytest.raises(DataError, match="no names of countries"):
        commitments.columns_of("Treaties", NAMES)


@pytest.mark.parametrize(
    ("row", "title", "words"),
    [
        ("Convention on AAccessionRatification", "Convention on A", ["Accession", "Ratification"]),
        ("Signed treaties on ASigned", "Signed treaties on A", ["Signed"]),
        ("Convention on A", "Convention on A", []),
        ("", "", []),
    ],
)
def test_a_row_is_split_at_the_words_at_its_end(row, title, words):
    assert commitments.cells_of(row) == (title, words)


@pytest.mark.parametrize("columns", [1, 2, 3, 4])
@pytest.mark.parametrize("words", [0, 1, 2, 3, 4, 5])
def test_every_way_to_place_the_blanks_is_listed_once(words, columns):
    countries = list(NAMES)[:columns]
    found = commitments.readings_of(["Accession"] * words, countries)
    assert len(found) == comb(columns, words)
    assert len({tuple(r.values()) for r in found}) == len(found)
    assert all(sum(bool(v) for v in r.values()) == words for r in found)


def test_the_order_of_the_words_is_kept():
    found = commitments.readings_of(["Ratification", "Signed"], ["KAZ", "KGZ", "UZB"])
    assert [list(r.values()) for r in found] == [
        ["ratification", "signature", ""],
        ["ratification", "", "signature"],
        ["", "ratification", "signature"],
    ]


TABLE = lines("TreatiesKazakhstanKyrgyzstan", "Convention on AAccession")


def test_the_register_settles_what_the_print_leaves_open():
    parsed, columns = commitments.parse(TABLE, NAMES)
    known = acts(act("KAZ", "none"), act("KGZ", "accession", "1997-09-05"))
    checked = commitments.check(parsed, columns, known, DAY)
    assert list(checked["contradicted"]) == [2, 0]
    assert list(checked["settled"]) == [False, True]
    cells = commitments.cells(checked, columns)
    assert list(cells["printed"]) == ["", "accession"]
    assert list(cells["verdict"]) == ["correct", "correct"]
    assert cells["ambiguous"].all()


def test_where_the_register_knows_nothing_the_row_stays_ambiguous():
    parsed, columns = commitments.parse(TABLE, NAMES)
    checked = commitments.check(parsed, columns, acts(act("RUS", "none")), DAY)
    assert list(checked["possible"]) == [True, True]
    assert not checked["settled"].any()
    assert commitments.cells(checked, columns).empty


@pytest.mark.parametrize(
    ("word", "rows", "verdict"),
    [
        ("accession", [act("KAZ", "accession", "1998-08-01")], "correct"),
        ("ratification", [act("KAZ", "accession", "1998-08-01")], "imprecise"),
        ("accession", [act("KAZ", "accession")], "correct"),
        (
            "signature",
            [act("KAZ", "signature", "2008-01-01"), act("KAZ", "ratification", "2019-05-16")],
            "outdated",
        ),
        (
            "signature",
            [act("KAZ", "signature", "2008-01-01"), act("KAZ", "ratification", "2021-06-07")],
            "correct",
        ),
        ("", [act("KAZ", "accession", "1998-08-01")], "contradicted"),
        ("accession", [act("KAZ", "none", "2017-03-31")], "contradicted"),
        ("", [act("KAZ", "none"), act("KAZ", "unverified")], "correct"),
        ("accession", [act("KAZ", "accession", "2022-01-01")], "unknown"),
        ("accession", [], "unknown"),
    ],
)
def test_a_word_is_judged_by_what_was_documented_on_the_day(word, rows, verdict):
    known = acts(*rows) if rows else acts(act("RUS", "none")).iloc[:0]
    assert commitments.verdict(word, known, DAY) == verdict


def test_an_act_within_the_day_of_reading_is_possible_only():
    known = acts(act("KAZ", "ratification", "2021-01-01", "2021-12-31"))
    status = commitments.status_on(known, DAY).iloc[0]
    assert status["status"] == "ratification"
    assert status["note"] == "by this day possible only"


def test_the_printed_table_and_the_one_coded_by_hand_agree(project):
    raw = commitments.table_lines(ngolib.load_lines(project=project), "modern-diplomacy-2021")
    parsed, columns = commitments.parse(raw, project.vocabulary("country"))
    treaties = load_treaties(project=project)
    hand = project.read_table("treaty_table")
    span = project.read_table("articles").set_index("article_id").loc["modern-diplomacy-2021.3"]
    last = pd.Timestamp(span["published_end"])
    checked = commitments.check(parsed, columns, treaties, last)
    assert columns == ["KAZ", "KGZ", "UZB"]
    assert len(parsed) == len(hand) == 9
    assert set(parsed.loc[parsed["readings"].map(len) > 1, "row"]) == {2, 4}
    assert commitments.against_coded(parsed, checked, hand, columns).empty
    # A slip in either is named: row, what, both readings.
    hand.loc[hand["row"] == 9, "KGZ_printed"] = "ratification"
    assert commitments.against_coded(parsed, checked, hand, columns).to_dict("records") == [
        {"row": 9, "what": "KGZ reading", "by_code": "signature", "by_hand": "ratification"}
    ]


def test_titles_are_matched_to_the_nearest_treaty(project):
    treaties = load_treaties(project=project)
    hand = project.read_table("treaty_table")
    titles = [commitments.cells_of(row)[0] for row in hand["row_as_printed"]]
    found = commitments.match_titles(titles, treaties)
    assert list(found["treaty"]) == list(hand["treaty"])
    assert (found["alike"] - found["second"] > 10).all()


def test_only_what_a_treaty_body_says_is_an_observation(project):
    statements = ngolib.load_statements(project=project)
    letters = project.read_table("articles").set_index("article_id")["reliability"]
    found = commitments.observations(statements, letters, ["KAZ", "RUS"])
    assert set(found["body"]) <= set(commitments.BODIES)
    assert set(found["country"]) == {"KAZ"}
    assert commitments.observations(statements.iloc[:0], letters, ["KAZ"]).empty
