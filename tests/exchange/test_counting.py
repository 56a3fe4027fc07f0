"""However a program counts, a selection comes in at its place, or is refused, or is remarked."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ngolib.errors import InputError
from ngolib.exchange.counting import place
from ngolib.exchange.excerpt import BYTE_ORDER_MARK as MARK
from ngolib.exchange.excerpt import align, visible
from ngolib.exchange.qdpx_read import Selection, Source

LINE_END = re.compile("\r\n|\r|\n")
PIECES = ["a", "b", "ә", "é", "e\u0301", "😀", "🇰🇿", "👩\u200d👧", " ", "\u200b", "\x0b", MARK, "."]
BREAKS = ["\n", "\r\n", "\r"]
TEXT = st.builds(
    lambda start, pieces: start + "x" + "".join(pieces) + "y",
    st.sampled_from(["", MARK, MARK + MARK]),
    st.lists(st.sampled_from([*PIECES, *BREAKS]), max_size=30),
)
ONE_BREAK = st.builds(lambda text, line: LINE_END.sub(line, text), TEXT, st.sampled_from(BREAKS))
COUNTED = st.sampled_from(["as it is", "\n", "\r\n"])
NAMED = st.sampled_from(
    [
        lambda words: words,
        lambda words: " ".join(words.split()),
        lambda words: re.sub("[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", words),
        lambda words: words[: max(1, len(words) // 2)] + "...",
    ]
)


def with_ends(text: str, line: str) -> str:
    return text if line == "as it is" else LINE_END.sub(line, text)


def size(text: str, unit: str) -> int:
    return len(text.encode(unit)) // len(" ".encode(unit))


@st.composite
def coded(draw, raws=TEXT):
    """A text, the file that a program makes of it, selections as it counts them, where they are."""
    raw = draw(raws)
    shown = raw.lstrip(MARK) if draw(st.booleans()) else raw
    shown = with_ends(shown, draw(st.sampled_from(["as it is", "\n", "\r\n", "\n "])))
    counted, unit = draw(COUNTED), draw(st.sampled_from(["utf-32-le", "utf-16-le"]))
    start = draw(st.sampled_from(["", MARK])) if shown.startswith("x") else ""
    file = draw(st.sampled_from(["", MARK])) + with_ends(shown, draw(COUNTED))
    seen, ours = ([n for n, c in enumerate(text) if visible(c)] for text in (shown, raw))
    selections, places = [], []
    for _ in range(draw(st.integers(1, 4))):
        i = draw(st.integers(0, len(seen) - 1))
        j = draw(st.integers(i, len(seen) - 1))
        first, last = seen[i], seen[j] + 1
        span = [size(start + with_ends(shown[:n], counted), unit) for n in (first, last)]
        words = draw(NAMED)(shown[first:last])
        selections.append(Selection(words, *span, [], [("code", "user")]))
        places.append((ours[i], ours[j] + 1))
    return raw, Source("text", file, selections), places


def outcome(raw: str, source: Source, places: list) -> str:
    """Say why a case is refused; what is shifted without a word is an error."""
    try:
        placed = place(Path("p.qdpx"), source, align(source.text, {"s": raw}))
    except InputError as error:
        return str(error)
    assert all(span == places[n] or not sure for n, (span, sure) in enumerate(placed))
    return ""


@given(coded())
def test_a_selection_comes_in_at_its_place_or_is_refused_or_remarked(case):
    assert "\n" not in outcome(*case)


@given(coded(ONE_BREAK))
def test_the_ways_in_which_programs_count_are_known(case):
    assert "no way of counting" not in outcome(*case)
