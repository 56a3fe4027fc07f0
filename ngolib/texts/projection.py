"""A cleaned text as a projection of the raw one, with an exact map back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

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

    def raw_span(self, i: int, j: int) -> tuple[int, int]:
        """Map the stretch from `i` to `j` in `text` to the raw one; none is an `IndexError`."""
        found, start = [], 0
        for raw, piece in self.pieces:
            if max(i, start) < min(j, start + len(piece)):
                found.append((raw + max(i - start, 0), raw + min(j - start, len(piece))))
            start += len(piece) + len(SEPARATOR)
        if i < 0 or j > len(self.text) or not found:
            raise IndexError(f"offsets {i} to {j} hold nothing of the raw text")
        return found[0][0], found[-1][1]


def projection(lines: Iterable[Any], labels: Collection[str] = READING_LABELS) -> Projection:
    """Project lines, the rows of a table of them, to the text that is meant to be read."""
    return Projection(tuple((int(line.start), line.text) for line in lines if line.label in labels))
