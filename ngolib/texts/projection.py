"""A cleaned text as a projection of the raw one, with an exact map back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ngolib.texts.lines import LabelledLine

READING_LABELS = ("title", "standfirst", "subheading", "body")
SEPARATOR = "\n\n"


@dataclass(frozen=True)
class Projection:
    """Pieces of a raw text, joined by a blank line: raw offset and text of each, in order."""

    pieces: tuple[tuple[int, str], ...]

    @property
    def text(self) -> str:
        """The cleaned text."""
        return SEPARATOR.join(piece for _, piece in self.pieces)

    def _starts(self) -> list[int]:
        """Offset in `text` at which each piece starts."""
        lengths = [len(piece) + len(SEPARATOR) for _, piece in self.pieces]
        return list(accumulate(lengths, initial=0))[:-1]

    def to_raw(self, i: int) -> int:
        """Map an offset in `text` to the raw offset of the same character.

        For a character of the blank line between two pieces, which the raw text does not hold, it
        is the raw end of the piece before it. `IndexError` if there is no such character.
        """
        starts = self._starts()
        if not 0 <= i < len(self.text):
            raise IndexError(f"offset {i} is not in a text of {len(self.text)} characters")
        n = bisect_right(starts, i) - 1
        raw, piece = self.pieces[n]
        return raw + min(i - starts[n], len(piece))

    def raw_span(self, i: int, j: int) -> tuple[int, int]:
        """Map the stretch from `i` to `j` in `text` to the raw stretch that holds it.

        Over several pieces, it also holds what stands between them in the raw text. `IndexError` if
        nothing of the raw text stands between `i` and `j`.
        """
        found = [
            (raw + max(i - start, 0), raw + min(j - start, len(piece)))
            for start, (raw, piece) in zip(self._starts(), self.pieces, strict=True)
            if max(i, start) < min(j, start + len(piece))
        ]
        if i < 0 or j > len(self.text) or not found:
            raise IndexError(f"offsets {i} to {j} hold nothing of the raw text")
        return found[0][0], found[-1][1]


def projection(
    lines: Iterable[LabelledLine], labels: Collection[str] = READING_LABELS
) -> Projection:
    """Project labelled lines to the text that is meant to be read.

    Parameters
    ----------
    lines : iterable of LabelledLine
        Lines of one article as `label_text` gives them, or the rows of a table of them, as
        `load_lines(...).itertuples()` does.
    labels : collection of str
        Which labels to keep: by default title, standfirst, subheadings and body.

    Returns
    -------
    Projection
    """
    return Projection(tuple((int(line.start), line.text) for line in lines if line.label in labels))
