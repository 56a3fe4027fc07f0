"""Which words of a text a file holds, and where they stand in it.

A text whose rights allow it goes out whole. Of any other one only what is quoted goes out: each
quote with the rest of its sentence, as far as that is short, under a line that says where in the
text it stands. Positions in a file are always positions in that file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ngolib.texts.lines import INVISIBLE

BYTE_ORDER_MARK = "\ufeff"
# Characters beside a quote that may go out with it; pages of reports show as many.
CONTEXT = 60
Span = tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """A stretch of a text as it stands in a file.

    Parameters
    ----------
    place : int
        Where it begins in the file.
    start, end : int
        Where it stands in the raw text.
    """

    place: int
    start: int
    end: int


@dataclass(frozen=True)
class Held:
    """The words of a text that a file holds.

    Parameters
    ----------
    text : str
        What stands in the file.
    pieces : tuple of Piece
        The stretches of the raw text in it, in order.
    whole : bool
        Whether that is the whole text.
    """

    text: str
    pieces: tuple[Piece, ...]
    whole: bool

    def place(self, start: int, end: int) -> Span:
        """Return where a stretch of the raw text stands in the file.

        Raises
        ------
        KeyError
            If the file does not hold it.
        """
        for piece in self.pieces:
            if piece.start <= start and end <= piece.end:
                shift = piece.place - piece.start
                return start + shift, end + shift
        raise KeyError((start, end))


def whole_text(raw: str) -> Held:
    """Hold a text whole.

    A byte order mark is left out: programs differ in whether they count it.
    """
    skipped = len(raw) - len(raw.removeprefix(BYTE_ORDER_MARK))
    return Held(raw[skipped:], (Piece(0, skipped, len(raw)),), True)


def newline_of(raw: str) -> str:
    """Return the line terminator of a text, so that what is added does not mix two kinds."""
    return "\r\n" if "\r\n" in raw else "\n"


def mark(source_id: str, start: int, end: int) -> str:
    """Write the line that says where the piece below it stands."""
    return f"[characters {start}-{end} of {source_id}]"


MARK = re.compile(
    r"^[^\S\r\n]*\[characters (\d+)-(\d+) of ([^\]\s]+)\][^\S\r\n]*\r?$", re.MULTILINE
)


def excerpt(source_id: str, raw: str, quotes: Iterable[Span], sentences: Iterable[Span]) -> Held:
    """Hold the quotes of a text, each with the rest of its sentence as far as that is short.

    Parameters
    ----------
    source_id : str
        Which text.
    raw : str
        The raw text.
    quotes, sentences : iterable of (int, int)
        Raw offsets.

    Returns
    -------
    Held
        A note that says what is left out; then every piece under a line with its raw offsets.
    """
    known = sorted(sentences)
    spans = list(_joined(raw, sorted(_widened(raw, quote, known) for quote in set(quotes))))
    newline = newline_of(raw)
    text = _note(raw, spans)
    pieces = []
    for start, end in spans:
        text += newline * 2 + mark(source_id, start, end) + newline
        pieces.append(Piece(len(text), start, end))
        text += raw[start:end]
    return Held(text + newline, tuple(pieces), False)


def _note(raw: str, spans: list[Span]) -> str:
    held = sum(end - start for start, end in spans)
    return (
        "[Not the whole text: its rights allow quotations only. Held here are the coded quotes, "
        f"each with the rest of its sentence, at most {CONTEXT} characters on either side: "
        f"{held} of {len(raw)} characters. The rest is left out.]"
    )


def _widened(raw: str, quote: Span, sentences: list[Span]) -> Span:
    """Add to a quote the rest of its sentences; where that is long, whole words of it only."""
    start, end = quote
    touching = [s for s in sentences if s[0] < end and s[1] > start]
    first = min([start, *(s[0] for s in touching)])
    last = max([end, *(s[1] for s in touching)])
    if start - first > CONTEXT:
        first = next((n for n in range(start - CONTEXT, start) if raw[n - 1].isspace()), start)
    if last - end > CONTEXT:
        last = next((n for n in range(end + CONTEXT, end, -1) if raw[n].isspace()), end)
    return first, last


def _joined(raw: str, spans: list[Span]) -> Iterator[Span]:
    """Join spans that overlap, or between which nothing can be seen."""
    if not spans:
        return
    start, end = spans[0]
    for first, last in spans[1:]:
        if first <= end or not raw[end:first].strip(INVISIBLE):
            end = max(end, last)
        else:
            yield start, end
            start, end = first, last
    yield start, end
