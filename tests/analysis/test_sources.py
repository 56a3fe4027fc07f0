"""Doubts, interests and counts of lines, on small tables worked out by hand."""

from __future__ import annotations

import pandas as pd

from ngolib.analysis import sources
from ngolib.display import sources as shown

DOUBTS = pd.DataFrame(
    [
        ("d1", "t.1", "wrong_fact", "reference", ("s1", "s2"), 30),
        ("d2", "t.1", "contradiction", "text", ("s1",), 20),
        ("d3", "u.1", "contradiction", "reading", (), 10),
    ],
    columns=["doubt_id", "article_id", "kind", "basis", "statement_ids", "start"],
).assign(exact="words", verdict="because")
KINDS = {"contradiction": "Contradiction", "impossible_date": "Date", "wrong_fact": "Wrong fact"}


def test_doubts_are_counted_by_kind_and_by_what_they_rest_on():
    table = sources.doubts_by_kind(DOUBTS, KINDS).set_index("kind")
    assert list(table.index) == ["Contradiction", "Wrong fact"]
    row = table.loc["Contradiction"]
    assert (row["doubts"], row["articles"], row["text"], row["reading"]) == (2, 2, 1, 1)
    assert row["statements"] == 1 and row["evidence"] == ("d2", "d3")


def test_contradictions_come_first():
    table = sources.doubts_table(DOUBTS, KINDS)
    assert list(table["evidence"]) == [("d2",), ("d3",), ("d1",)]


def test_the_finding_on_doubts_changes_with_them():
    table = sources.doubts_by_kind(DOUBTS, KINDS)
    statements = pd.DataFrame({"statement_id": ["s1", "s3", "s4"]})
    finding = shown.doubts_finding(table, DOUBTS, statements)
    assert finding.text.endswith("they bear on 1 of 3 coded statements.")
    assert finding.value == {"Contradiction": 2, "Wrong fact": 1}
    assert finding.evidence == ("d2", "d3", "d1")
    nothing = DOUBTS.iloc[:0]
    none = shown.doubts_finding(sources.doubts_by_kind(nothing, KINDS), nothing, statements)
    assert none.text.startswith("No doubt") and not none.evidence


def test_voices_of_an_article_are_counted_most_first():
    articles = pd.DataFrame({"article_id": ["t.1", "u.1"], "genre": "op_ed", "genre_basis": "why"})
    statements = pd.DataFrame(
        [("s1", "t.1", "state", ""), ("s2", "t.1", "media", "x"), ("s3", "t.1", "media", "")],
        columns=["statement_id", "article_id", "voice", "claimant"],
    )
    voices = {"state": "State", "media": "Media"}
    table = sources.interest(articles, statements, voices)
    assert list(table["voices"]) == ["media 2, state 1", ""]
    assert list(table["in_its_own_voice"]) == ["67%", "no statement"]
    assert table["evidence"].iloc[0] == ("s1", "s2", "s3")


def test_nothing_chosen_is_said():
    lines = pd.DataFrame(columns=["source_id", "label", "rule"])
    assert sources.sentence_on_lines(lines).startswith("Nothing is documented")
    assert sources.alt_of_lines(sources.line_groups(lines)).startswith("Nothing is documented")
    assert sources.labels_by_source(lines).empty


def test_findings_on_rules_do_not_rest_on_texts(project):
    """Rules stand in the register: without weak texts only what rests on texts can change."""
    table = shown.sensitivity(project, ["KAZ", "RUS"], 1991, 2025)
    both = table[table["layers"] == "both"].set_index("finding")["changes"]
    assert both["rules-in-force"] == "no" and both["higher-rungs"] == "no"
    texts = table[table["layers"] == "corpus"].set_index("finding")["changes"]
    assert texts["acts-by-direction"] == "yes"
    finding = shown.sensitivity_finding(table)
    for layer, own in table.groupby("layers"):
        assert finding.value[layer]["change"] == (own["changes"] == "yes").sum()
