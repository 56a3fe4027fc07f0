"""Finding the words of a file in our texts, whatever a program did to line breaks.

Programs turn CR LF into LF, add or drop a byte order mark, or put a blank where a second character
of a line break was. Two texts are therefore the same if their visible characters are, and positions
are carried over by counting these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ngolib.exchange.excerpt import BYTE_ORDER_MARK, MARK, Span
from ngolib.texts.lines import INVISIBLE

_DROPPED = str.maketrans("", "", INVISIBLE)


def visible(text: str) -> str:
    """Return the visible characters of a text."""
    return text.translate(_DROPPED)


class Aligned(NamedTuple):
    """A file that holds words of one of our texts: `places` are positions there, by those here."""

    source_id: str
    raw: str
    text: str
    places: dict[int, int]

    def raw_span(self, start: int, end: int) -> Span | None:
        """Carry a selection over to the raw text; None if it reaches out of what is held."""
        if not 0 <= start < end <= len(self.text):
            return None
        found = [self.places[n] for n in range(start, end) if n in self.places]
        words = visible(self.text[start:end])
        if not found or not words:
            return None
        # With words that were added, or with two pieces, they would not be the same words.
        first, last = found[0], found[-1] + 1
        return (first, last) if visible(self.raw[first:last]) == words else None


def align(text: str, raws: Mapping[str, str]) -> Aligned | None:
    """Find the text of which a file holds the words, as a whole or as an excerpt by its marks."""
    words = visible(text)
    for source_id, raw in raws.items():
        if visible(raw) == words:
            return Aligned(source_id, raw, text, dict(_pairs(text, 0, raw, 0)))
    marks = list(MARK.finditer(text))
    named = {match[3] for match in marks}
    if len(named) != 1 or not named <= raws.keys():
        return None
    source_id = named.pop()
    raw = raws[source_id]
    places: dict[int, int] = {}
    ends = [*(match.start() for match in marks[1:]), len(text)]
    for match, end in zip(marks, ends, strict=True):
        start, stop = int(match[1]), int(match[2])
        piece, own = raw[start:stop], text[match.end() : end]
        # All pieces must be what their marks say.
        if visible(own) != visible(piece):
            return None
        places |= _pairs(own, match.end(), piece, start)
    return Aligned(source_id, raw, text, places)


def _pairs(text: str, place: int, raw: str, start: int) -> Iterator[Span]:
    """Pair the positions of two texts of the same visible characters, by their first positions.

    Where one holds the other as it is, every character counts; else those that can be seen.
    """
    plain = raw.removeprefix(BYTE_ORDER_MARK)
    at = text.find(plain)
    if at >= 0:
        first = start + len(raw) - len(plain)
        yield from ((place + at + n, first + n) for n in range(len(plain)))
        return
    here = (place + n for n, character in enumerate(text) if character not in INVISIBLE)
    there = (start + n for n, character in enumerate(raw) if character not in INVISIBLE)
    yield from zip(here, there, strict=True)
