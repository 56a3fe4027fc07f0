"""Finding the words of a file in our texts, whatever a program did to line breaks.

Programs turn CR LF into LF, add or drop a byte order mark, or put a blank where a second character
of a line break was. Two texts are therefore the same if their visible characters are, and positions
are carried over by counting these.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ngolib.exchange.held import BYTE_ORDER_MARK, MARK
from ngolib.texts.lines import INVISIBLE

Span = tuple[int, int]
_DROPPED = str.maketrans("", "", INVISIBLE)


def visible(text: str) -> str:
    """Return the visible characters of a text."""
    return text.translate(_DROPPED)


def _places(text: str) -> list[int]:
    """Return where the visible characters stand."""
    return [n for n, character in enumerate(text) if character not in INVISIBLE]


@dataclass(frozen=True)
class Stretch:
    """A stretch of a file whose visible characters are those of a stretch of a raw text.

    Parameters
    ----------
    place : int
        Where it begins in the file.
    text : str
        Its characters there.
    start : int
        Where it begins in the raw text.
    raw : str
        Its characters there.
    """

    place: int
    text: str
    start: int
    raw: str

    @cached_property
    def _maps(self) -> tuple[list[int], list[int]]:
        return _places(self.text), _places(self.raw)

    def raw_span(self, start: int, end: int) -> Span | None:
        """Carry a stretch of the file over to the raw text; None if it is not all in here.

        Where the two are equal, invisible characters at the ends of a selection are kept.
        """
        start, end = start - self.place, end - self.place
        if start < 0 or end > len(self.text) or start >= end:
            return None
        if self.text == self.raw:
            return start + self.start, end + self.start
        here, there = self._maps
        first, last = bisect_left(here, start), bisect_left(here, end) - 1
        if first > last:
            return None
        return there[first] + self.start, there[last] + 1 + self.start


@dataclass(frozen=True)
class Aligned:
    """A file whose words are those of one of our texts.

    Parameters
    ----------
    source_id : str
        Which text.
    stretches : tuple of Stretch
        Its words; one where the file holds the whole text.
    """

    source_id: str
    stretches: tuple[Stretch, ...]

    def raw_span(self, start: int, end: int) -> Span | None:
        """Carry a selection over to the raw text; None if it reaches out of what is held."""
        found = (stretch.raw_span(start, end) for stretch in self.stretches)
        return next((span for span in found if span is not None), None)


@dataclass(frozen=True)
class Texts:
    """Our raw texts, in which words are looked for.

    Parameters
    ----------
    raw : mapping
        Source to its raw text.
    """

    raw: Mapping[str, str]

    @cached_property
    def _by_visible(self) -> dict[str, str]:
        return {visible(text): source_id for source_id, text in self.raw.items()}

    def find(self, text: str) -> Aligned | None:
        """Find the text of which a file holds the words; None if it is not one of ours."""
        source_id = self._by_visible.get(visible(text))
        if source_id is not None:
            return Aligned(source_id, (_without_mark(text, self.raw[source_id]),))
        return self._excerpt(text)

    def _excerpt(self, text: str) -> Aligned | None:
        """Read the pieces of an excerpt, each under its mark; all must be where the marks say."""
        marks = list(MARK.finditer(text))
        ids = {match[3] for match in marks}
        if len(ids) != 1 or not ids <= set(self.raw):
            return None
        source_id = ids.pop()
        raw = self.raw[source_id]
        ends = [match.start() for match in marks[1:]] + [len(text)]
        stretches = []
        for match, end in zip(marks, ends, strict=True):
            start, stop = int(match[1]), int(match[2])
            # The mark ends with its line.
            here, there = text[match.end() : end], raw[start:stop]
            if visible(here) != visible(there):
                return None
            at = here.find(there)
            if at >= 0:
                stretches.append(Stretch(match.end() + at, there, start, there))
            else:
                stretches.append(Stretch(match.end(), here, start, there))
        return Aligned(source_id, tuple(stretches))


def _without_mark(text: str, raw: str) -> Stretch:
    """Align two texts, byte order marks left aside."""
    place = len(text) - len(text.removeprefix(BYTE_ORDER_MARK))
    start = len(raw) - len(raw.removeprefix(BYTE_ORDER_MARK))
    return Stretch(place, text[place:], start, raw[start:])
