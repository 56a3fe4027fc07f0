"""Voices: counts of acts, who relays whom, two voices on one act."""

from __future__ import annotations

import pandas as pd
import pytest

from ngolib.analysis import voices

ORDER = ["state", "media", "international"]


def statements(*rows):
    columns = ["statement_id", "article_id", "process_id", "voice", "claimant", "direction"]
    out = pd.DataFrame([r[:6] for r in rows], columns=columns)
    return out.assign(
        modality=[r[6] if len(r) > 6 else "asserted" for r in rows],
        stage=[r[7] if len(r) > 7 else "adopted" for r in rows],
        level="rule",
        exact="words",
        categories=[("assembly", "religion")] * len(rows),
    )


TABLE = statements(
    ("s1", "a.1", "P", "state", "minister", "enabling"),
    ("s2", "a.1", "P", "state", "minister", "enabling"),
    ("s3", "a.1", "P", "media", "", "restrictive"),
    ("s4", "b.1", "P", "media", "", "enabling", "feared"),
    ("s5", "b.1", "Q", "media", "", "restrictive", "asserted", "proposed"),
)
SPEAKERS = pd.DataFrame(
    {"speaker_id": ["minister"], "name": ["The Minister"], "kind": ["person"], "affiliation": [""]}
)
NONE = pd.DataFrame(columns=["article_id", "claimant", "voice", "link_id", "number_id"])


def test_an_act_told_twice_counts_once():
    found = voices.by_direction(TABLE, ORDER).set_index(["voice", "direction"])
    assert found.loc[("state", "enabling"), "acts"] == 1
    assert found.loc[("state", "enabling"), "statements"] == 2
    assert found.loc[("media", "restrictive"), "acts"] == 2
    assert found.loc[("state", "enabling"), "evidence"] == ("s1", "s2")
    assert list(dict.fromkeys(voices.by_direction(TABLE, ORDER)["voice"])) == ["state", "media"]


def test_a_statement_counts_under_each_of_its_topics():
    found = voices.by_topic(TABLE, ORDER, ["religion", "assembly"])
    assert list(dict.fromkeys(found["category"])) == ["religion", "assembly"]
    halves = [own["statements"].sum() for _, own in found.groupby("category")]
    assert halves == [len(TABLE)] * 2
    assert voices.by_topic(TABLE, ORDER, ["assembly"])["category"].eq("assembly").all()


def test_who_relays_whom():
    links = pd.DataFrame(
        {"article_id": ["b.1"], "claimant": ["minister"], "voice": ["state"], "link_id": ["l1"]}
    )
    found = voices.relays(TABLE, links, NONE, SPEAKERS)
    assert list(found["claimant"]) == ["", "minister", "", "minister"]
    first = found.iloc[1]
    assert (first["name"], first["statements"], first["links"]) == ("The Minister", 2, 0)
    assert found.iloc[3]["evidence"] == ("l1",)
    assert voices.in_one_article(found) == []
    assert voices.in_one_article(voices.relays(TABLE, NONE, NONE, SPEAKERS)) == ["minister"]


def test_the_pair_of_two_voices_differs_most():
    found = voices.framings(TABLE, ORDER)
    assert list(found["process_id"]) == ["P"]
    pair = found.iloc[0]
    assert pair["differ"] == ("direction",)
    assert pair["evidence"] == ("s1", "s3")
    assert pair["texts"] == "one"


def test_a_direction_is_compared_for_one_step_only():
    other = statements(
        ("s1", "a.1", "P", "state", "", "enabling"),
        ("s2", "a.1", "P", "media", "", "restrictive", "asserted", "struck_down"),
    )
    assert voices.framings(other, ORDER).iloc[0]["differ"] == ("step told",)


@pytest.mark.parametrize("rows", [TABLE.iloc[:0], TABLE])
def test_nothing_chosen_is_an_empty_table(rows):
    assert voices.by_direction(rows, []).empty
    assert voices.by_topic(rows, ORDER, []).empty
    assert voices.framings(rows, []).empty
    assert voices.relays(TABLE.iloc[:0], NONE, NONE, SPEAKERS).empty
