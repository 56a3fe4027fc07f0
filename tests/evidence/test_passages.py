"""Passages of the texts and counts of the register are evidence like any other."""

from __future__ import annotations

import pytest

from ngolib.evidence import lookup
from ngolib.evidence.lookup import passage_id
from ngolib.evidence.tables import load_counts
from ngolib.texts import load_lines


def test_a_passage_is_quoted_with_little_of_its_line(project):
    lines = load_lines(project=project)
    line = lines[(lines["label"] == "body") & (lines["text"].str.len() > 300)].iloc[0]
    start = int(line["start"]) + 100
    item = lookup([passage_id(line["article_id"], start, start + 20)], project=project).iloc[0]
    quote = item["quotes"][0]
    assert quote["quote"] == line["text"][100:120]
    assert quote["before"] == line["text"][40:100]
    assert quote["after"] == line["text"][120:180]
    assert item["layer"] == "corpus"


@pytest.mark.parametrize("place", ["nowhere.1-c1-2", "iwpr-2006.1-c0-999999", "iwpr-2006.1-c5"])
def test_a_place_that_does_not_exist_is_refused(project, place):
    with pytest.raises(KeyError):
        lookup([place], project=project)


def test_a_count_shows_its_snippet_and_what_it_counts(project):
    row = load_counts(project=project).set_index("country", drop=False).loc["UZB"].iloc[0]
    item = lookup([row["count_id"]], project=project).iloc[0]
    assert item["layer"] == "register"
    assert item["quotes"][0]["quote"] == row["snippet"]
    assert str(row["value"]) in item["about"]
    assert load_counts(min_confidence="high", project=project)["confidence"].eq("high").all()
