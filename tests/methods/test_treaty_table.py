"""What binds a state on a day, and a printed table whose readings are worked out by hand."""

from __future__ import annotations

from math import comb

import pandas as pd
import pytest

from ngolib import load_lines
from ngolib.errors import DataError
from ngolib.evidence import load_treaties
from ngolib.methods import judged, printed_table, standing
from ngolib.methods.treaty_table import cells_of, columns_of, nearest

NAMES = {"KAZ": "Kazakhstan", "RUS": "Russia", "KGZ": "Kyrgyzstan", "UZB": "Uzbekistan"}
DAY = pd.Timestamp(2021, 4, 30)


def act(country, action, date="", date_end="", treaty="CAT", kind="deposit"):
    ident = f"treaty-{country}-{treaty}-{action}"
    return {
        "treaty_id": ident,
        "country": country,
        "treaty": treaty,
        "treaty_title": {"CAT": "Convention on A", "CRPD": "Convention on B"}[treaty],
        "action": action,
        "date": date,
        "date_start": pd.Timestamp(date) if date else pd.NaT,
        "date_end": pd.Timestamp(date_end or date) if date else pd.NaT,
        "date_kind": kind,
        "evidence": (ident,),
    }


def acts(*rows):
    return pd.DataFrame(list(rows))


def lines(*texts):
    rows = [("s", n, text, "run-together-table") for n, text in enumerate(texts, start=10)]
    return pd.DataFrame(rows, columns=["source_id", "line", "text", "rule"])


def one(*rows):
    return standing(acts(*rows), DAY).iloc[0]


def test_a_heading_is_split_at_the_names_of_countries():
    assert columns_of("TreatiesKazakhstanKyrgyzstanUzbekistan", NAMES) == ["KAZ", "KGZ", "UZB"]
    with pytest.raises(DataError, match="no names of countries"):
        columns_of("Treaties", NAMES)


@pytest.mark.parametrize(
    ("row", "title", "words"),
    [
        ("Convention on AAccessionRatification", "Convention on A", ["accession", "ratification"]),
        ("Signed treaties on ASigned", "Signed treaties on A", ["signature"]),
        ("Convention on A", "Convention on A", []),
        ("", "", []),
    ],
)
def test_a_row_is_split_at_the_words_at_its_end(row, title, words):
    assert cells_of(row) == (title, words)


@pytest.mark.parametrize("columns", [1, 2, 3, 4])
@pytest.mark.parametrize("words", [0, 1, 2, 3, 4, 5])
def test_every_way_to_place_the_blanks_is_listed_once(words, columns):
    countries = list(NAMES)[:columns]
    heading = "Treaties" + "".join(NAMES[c] for c in countries)
    table = printed_table(lines(heading, "Convention on A" + "Signed" * words), "s", NAMES)
    ways = [tuple(own["act"]) for n, own in table.groupby("reading") if n]
    assert len(ways) == len(set(ways)) == comb(columns, words) == table["readings"].iloc[0]
    assert all(sum(map(bool, way)) == words for way in ways)
    # A row that cannot be read is not lost.
    assert set(table["title"]) == {"Convention on A"}


def test_the_order_of_the_words_is_kept():
    text = "Convention on ARatificationSigned"
    table = printed_table(lines("TreatiesKazakhstanKyrgyzstanUzbekistan", text), "s", NAMES)
    assert [list(own["act"]) for _, own in table.groupby("reading")] == [
        ["ratification", "signature", ""],
        ["ratification", "", "signature"],
        ["", "ratification", "signature"],
    ]


TABLE = printed_table(lines("TreatiesKazakhstanKyrgyzstan", "Convention on AAccession"), "s", NAMES)


def test_the_register_settles_what_the_print_leaves_open():
    found = judged(TABLE, acts(act("KAZ", "none"), act("KGZ", "accession", "1997-09-05")), DAY)
    assert found.groupby("reading")["contradicted"].first().to_list() == [2, 0]
    cells = found[found["settled"]]
    assert list(cells["act"]) == ["", "accession"]
    assert list(cells["verdict"]) == ["correct", "correct"]


@pytest.mark.parametrize("known", [acts(act("RUS", "none")), acts(act("RUS", "none")).iloc[:0]])
def test_where_the_register_knows_nothing_the_row_stays_open(known):
    found = judged(TABLE, known, DAY)
    assert set(found["verdict"]) == {"unknown"}
    assert not found["settled"].any()


def test_a_text_without_such_a_table_gives_an_empty_one():
    nothing = printed_table(lines("TreatiesKazakhstan"), "other", NAMES)
    assert nothing.empty
    assert judged(nothing, acts(act("KAZ", "none")), DAY).empty


@pytest.mark.parametrize(
    ("word", "rows", "verdict"),
    [
        ("Accession", [act("KAZ", "accession", "1998-08-01")], "correct"),
        ("Ratification", [act("KAZ", "accession", "1998-08-01")], "imprecise"),
        ("Accession", [act("KAZ", "accession")], "correct"),
        (
            "Signed",
            [act("KAZ", "signature", "2008-01-01"), act("KAZ", "ratification", "2019-05-16")],
            "outdated",
        ),
        (
            "Signed",
            [act("KAZ", "signature", "2008-01-01"), act("KAZ", "ratification", "2021-06-07")],
            "correct",
        ),
        ("", [act("KAZ", "accession", "1998-08-01")], "contradicted"),
        ("Accession", [act("KAZ", "none", "2017-03-31")], "contradicted"),
        ("", [act("KAZ", "none"), act("KAZ", "unverified")], "correct"),
        ("Accession", [act("KAZ", "accession", "2022-01-01")], "unknown"),
    ],
)
def test_a_word_is_judged_by_what_was_known_on_the_day(word, rows, verdict):
    table = printed_table(lines("TreatiesKazakhstan", "Convention on A" + word), "s", NAMES)
    assert judged(table, acts(*rows), DAY)["verdict"].item() == verdict


def test_the_strongest_act_by_the_day_counts():
    signed, ratified = (
        act("KAZ", "signature", "2008-01-01"),
        act("KAZ", "ratification", "2019-01-01"),
    )
    assert one(ratified, signed)["status"] == "ratification"
    assert one(ratified, signed)["evidence"] == ratified["evidence"]
    later = one(signed, act("KAZ", "ratification", "2022-01-01"))
    assert (later["status"], later["date"]) == ("signature", "2008-01-01")
    assert one(act("KAZ", "accession", "2022-01-01"))["status"] == ""


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (act("KAZ", "accession", "1998-08-01"), ""),
        (act("KAZ", "accession"), "day not known"),
        (act("KAZ", "ratification", "2021-01-01", "2021-12-31"), "perhaps only after this day"),
        (act("KAZ", "accession", "1998-06-29", kind="domestic_law"), "day of the national act"),
        (act("KAZ", "none", "2017-03-31"), "in a list of 2017-03-31"),
        (act("KAZ", "none"), "in an undated list"),
    ],
)
def test_what_limits_an_act_is_said(row, note):
    assert one(row)["note"] == note


def test_the_printed_table_and_the_one_coded_by_hand_agree(project):
    names = project.vocabulary("country")
    printed = printed_table(load_lines(project=project), "modern-diplomacy-2021", names)
    articles = project.read_table("articles").set_index("article_id")
    last = pd.Timestamp(articles.loc["modern-diplomacy-2021.3", "published_end"])
    found = judged(printed, load_treaties(project=project), last)
    hand = project.read_table("treaty_table").set_index("row")
    assert set(found.loc[found["readings"] > 1, "row"]) == {2, 4}
    settled = found[found["settled"]]
    assert len(settled) == 3 * len(hand) == 27
    for cell in settled.itertuples():
        by_hand = hand.loc[cell.row]
        assert cell.line == by_hand["line"]
        assert cell.printed == by_hand["row_as_printed"]
        assert cell.treaty == by_hand["treaty"]
        assert cell.act == by_hand[f"{cell.country}_printed"]
        assert cell.verdict == by_hand[f"{cell.country}_verdict"]


def test_titles_are_matched_whatever_their_case():
    known = acts(act("KAZ", "none"), act("KAZ", "none", treaty="CRPD"))
    titles = ["international convention on b", "CONVENTION ON A"]
    assert list(nearest(titles, known).values()) == ["CRPD", "CAT"]
