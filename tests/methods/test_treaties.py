"""What binds a state on a day, and a printed table that is judged by it."""

from __future__ import annotations

import pandas as pd
import pytest
import runs

DAY = pd.Timestamp(2021, 4, 30)


standing = runs.cell_of("06_commitments", "def standing(")["standing"]


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


def printed(*readings):
    """One row on one treaty: of each reading the act by country."""
    rows = [
        (1, "Convention on A", n, country, word)
        for n, cells in enumerate(readings, 1)
        for country, word in cells.items()
    ]
    return pd.DataFrame(rows, columns=["row", "title", "reading", "country", "act"])


def judged(table, treaties, day):
    """Judge a printed table as notebook 06 does."""
    known = {"standing": standing, "printed": table, "treaties": treaties, "read_on": day}
    return runs.cell_of("06_commitments", 'judged["verdict"] =', **known)["judged"]


def one(*rows):
    return standing(acts(*rows), DAY).iloc[0]


TABLE = printed({"KAZ": "accession", "KGZ": ""}, {"KAZ": "", "KGZ": "accession"})


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


def test_an_empty_table_is_judged_too():
    assert judged(printed(), acts(act("KAZ", "none")), DAY).empty


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
    ],
)
def test_a_word_is_judged_by_what_was_known_on_the_day(word, rows, verdict):
    table = printed({"KAZ": word})
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


def test_titles_are_matched_whatever_their_case():
    known = acts(act("KAZ", "none"), act("KAZ", "none", treaty="CRPD"))
    table = printed({"KAZ": ""}).assign(title="international CONVENTION on b")
    assert judged(table, known, DAY)["treaty"].to_list() == ["CRPD"]
