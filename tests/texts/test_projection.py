"""A cleaned text and the way back to the raw one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ngolib.project import Project
from ngolib.texts import read_source
from ngolib.texts.lines import label_lines
from ngolib.texts.load import load_lines
from ngolib.texts.projection import Projection, projection
from ngolib.texts.rules import load_cleaning_rules

RULES = load_cleaning_rules(Project(Path(__file__).resolve().parents[2]))


def test_title_standfirst_subheadings_and_body_are_kept() -> None:
    raw = (
        "Head\n\nIn short, one sentence.\nBy A B\nI Part one:\nBody text here.\nContinue Reading\n"
    )
    lines = label_lines(raw, RULES)
    found = projection(lines.itertuples())
    assert found.text == "Head\n\nIn short, one sentence.\n\nI Part one:\n\nBody text here."
    assert projection(lines.itertuples(), labels=["byline"]).text == "By A B"


def test_offsets_map_back_in_every_source(project: Project) -> None:
    lines = load_lines(project=project)
    for source, path in project.read_table("sources")[["source_id", "path"]].to_numpy():
        raw = read_source(project.data / path)
        article = projection(lines[lines["source_id"] == source].itertuples())
        assert len(article.text) > 1000
        for piece, words in article.pieces:
            assert raw[piece : piece + len(words)] == words
        for i in range(0, len(article.text), 97):
            if article.text[i] != "\n":
                assert raw[article.raw_span(i, i + 1)[0]] == article.text[i]


def test_a_word_is_found_in_the_raw_text(project: Project) -> None:
    raw = read_source(project.data / "sources" / "iwpr-2014.txt")
    article = projection(load_lines("iwpr-2014", project=project).itertuples())
    i = article.text.index("“foreign agents”")
    start, end = article.raw_span(i, i + len("“foreign agents”"))
    assert raw[start:end] == "“foreign agents”"
    assert start > i  # the caption and the repeated head are left out


PAGE = Projection(((3, "ab"), (10, "cde")))  # raw: ...ab.....cde


def test_the_text_between_pieces_is_not_in_the_raw_text() -> None:
    assert PAGE.text == "ab\n\ncde"
    assert PAGE.raw_span(0, 2) == (3, 5)
    assert PAGE.raw_span(1, 5) == (4, 11)  # over both pieces
    assert PAGE.raw_span(2, 5) == (10, 11)  # starts between them
    assert PAGE.raw_span(1, 4) == (4, 5)


@pytest.mark.parametrize(("i", "j"), [(2, 4), (1, 1), (-1, 2), (5, 8), (3, 1), (7, 8)])
def test_there_is_no_stretch_without_raw_text(i: int, j: int) -> None:
    with pytest.raises(IndexError):
        PAGE.raw_span(i, j)


@settings(deadline=None)
@given(st.text(st.sampled_from("aB.\n\r\ufeffҚ ")), st.data())
def test_a_stretch_maps_to_the_same_characters(raw: str, data: st.DataObject) -> None:
    article = projection(label_lines(raw, RULES).itertuples())
    for n, (start, words) in enumerate(article.pieces):
        assert raw[start : start + len(words)] == words
        before = len("\n\n".join(w for _, w in article.pieces[:n])) + (2 if n else 0)
        i = data.draw(st.integers(0, len(words) - 1))
        assert article.raw_span(before + i, before + i + 1) == (start + i, start + i + 1)
