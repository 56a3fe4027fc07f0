"""Cutting paragraphs into sentences."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ngolib.texts.sentences import LONGEST_STRETCH, sentence_spans


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "parts",
    [
        # As they stand in the source texts.
        [
            "In its recent report Countries at the Crossroads, the research institute Freedom "
            "House cited the Almaty Helsinki Committee and the Kazakstan International Bureau on "
            "Human Rights and Rule of Law, KIBHR, as NGOs that are particularly active."
        ],
        [
            "This strategy has grown into what is often described as an astro-turf paradigm  i.e. "
            "a virtual community engagement  in which GONGOs (government-organized NGOs) and "
            "super- GONGOs (GONGO affiliates) are incestuously associated with the government.",
            "Independent groups are viewed with suspicion.",
        ],
        [
            "Kazakhstan does not want to alienate itself from the West, as prof. Anis "
            "Bajrektarevic states in his luminary book: ‘Europe of Sarajevo 100 years later’.",
            "He accurately states that “…the Gorbachev-Yeltsin Russia” was.",
        ],
        [
            "“They are designed to neutralise truly independent organisations,” she said.",
            "“This is why financing of NGOs from the state has been increased.”",
        ],
        [
            "Bakiyev never removed the U.S. from Manas, since a portion had been paid[4].",
            "On April 3, 2010, Kyrgyz police intervened.",
        ],
        ["Tokayev describes himself as a reformer.1", "He reassured that he will open a line."],
        ["He dismissed the request toveto this rule.3", "In 2016, burdensome rules were imposed."],
        ["This was a forum for discussion.6"],
        ["• The opposition has been unable to unite.", "In the end, there was nothing."],
        ["Grants were worth 1.8 billion tenge (over 4.3 million US dollars).", "Most went there."],
        ["How is that different?", "Well, the idea is old."],
        ["Қазақстанда ҮЕҰ көп.", "Олар жұмыс істейді."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(parts: list[str]) -> None:
    assert cut(" ".join(parts)) == parts


def test_white_space_around_sentences_is_left_out() -> None:
    text = " \xa0One here.\xa0 Two there. "
    assert sentence_spans(text) == [(2, 11), (13, 23)]
    assert sentence_spans(" \xa0 ") == []
    assert sentence_spans("") == []


def test_offsets_count_code_points() -> None:
    assert cut("😀😀 One 𝒳. Two 😀 here. Three.") == ["😀😀 One 𝒳.", "Two 😀 here.", "Three."]


@pytest.mark.parametrize("blank", ["\xa0", "\u2009", "\u2028", "\x85", "\u3000"])
def test_a_wide_blank_before_a_full_stop_is_cut_like_any_blank(blank: str) -> None:
    # The library by itself fails for this.
    assert cut(f"J{blank}. Smith spoke. He left.") == [f"J{blank}. Smith spoke.", "He left."]


def test_half_a_surrogate_pair_is_cut_like_any_character() -> None:
    assert cut("One \ud800 here. Two \udfff there.") == ["One \ud800 here.", "Two \udfff there."]


@settings(deadline=None)
@given(st.text(st.one_of(st.characters(), st.sampled_from(' .!?"“”()[]1aB\n\ud800•'))))
def test_sentences_hold_everything_but_white_space(text: str) -> None:
    spans = sentence_spans(text)
    assert all(start < end for start, end in spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    left = list(text)
    for start, end in spans:
        assert text[start:end] == text[start:end].strip()
        left[start:end] = " " * (end - start)
    assert not "".join(left).strip()


@pytest.mark.parametrize("unit", ["“a ", "a", "Mr. ", "x. ", "'", "[1] "])
def test_a_huge_paragraph_does_not_take_forever(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    spans = sentence_spans(text)
    assert spans[-1][1] == len(text.rstrip())
    assert len(spans) >= len(text) // LONGEST_STRETCH


def test_a_long_paragraph_without_sentences_is_cut_between_words() -> None:
    words = [word for piece in cut("nineletters " * 2_000) for word in piece.split()]
    assert words == ["nineletters"] * 2_000


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    sentence = "A sentence of some length that stands in a very long paragraph, again and again."
    text = " ".join([sentence] * 300)
    assert cut(text) == [sentence] * 300
