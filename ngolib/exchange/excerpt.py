"""Which words of a text a file holds, and where they stand in it.

A text whose rights allow it goes out whole. Of any other one only what is quoted goes out: each
quote with the rest of its sentence, as far as that is short, under a line that says where in the
text it stands. Positions in a file are always positions in that file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ngolib.texts.lines import INVISIBLE

# Code of `redistribution` that lets a text go out whole.
WHOLE = "full"
BYTE_ORDER_MARK = "\ufeff"
# Characters beside a quote that may go out with it; pages of reports show as many.
CONTEXT = 60
# Characters on either side of a quote by which a table of codings finds it again.
ANCHOR = 32
MARK = re.compile(
    r"^[^\S\r\n]*\[characters (\d{1,12})-(\d{1,12}) of ([^\]\s]+)\][^\S\r\n]*\r?$", re.MULTILINE
)
Span = tuple[int, int]


def anchor(raw: str, start: int, end: int) -> dict[str, str]:
    """Return the cells by which a table of codings says where a quote stands."""
    return {
        "exact": raw[start:end],
        "prefix": raw[max(0, start - ANCHOR) : start],
        "suffix": raw[end : end + ANCHOR],
        "start": str(start),
        "end": str(end),
    }


class Held(NamedTuple):
    """The words of a text that a file holds, and the stretches of the raw text among them.

    Each of `pieces` is (where it begins in the file, its start and its end in the raw text).
    """

    text: str
    pieces: tuple[tuple[int, int, int], ...]
    whole: bool

    def place(self, start: int, end: int) -> Span:
        """Return where a stretch of the raw text, which is in one piece, stands in the file."""
        shift = next((place - first for place, first, last in self.pieces if end <= last), 0)
        return max(0, start + shift), end + shift


def whole_text(raw: str) -> Held:
    """Hold a text whole, but for a byte order mark: programs differ in whether they count it."""
    text = raw.removeprefix(BYTE_ORDER_MARK)
    return Held(text, ((0, len(raw) - len(text), len(raw)),), True)


def excerpt(source_id: str, raw: str, quotes: Iterable[Span], sentences: Iterable[Span]) -> Held:
    """Hold the quotes of a text, each with the rest of its sentence as far as that is short.

    The text is a note that says what is left out; then every piece under a line with its raw
    offsets.
    """
    known = list(sentences)
    spans = list(_joined(raw, sorted(_widened(raw, quote, known) for quote in set(quotes))))
    newline = "\r\n" if "\r\n" in raw else "\n"
    held = sum(end - start for start, end in spans)
    text = (
        "[Not the whole text: its rights allow quotations only. Held here are the coded quotes, "
        f"each with the rest of its sentence, at most {CONTEXT} characters on either side: "
        f"{held} of {len(raw)} characters. The rest is left out.]"
    )
    pieces = []
    for start, end in spans:
        text += f"{newline * 2}[characters {start}-{end} of {source_id}]{newline}"
        pieces.append((len(text), start, end))
        text += raw[start:end]
    return Held(text + newline, tuple(pieces), False)


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
    start, end = spans[0]
    for first, last in spans[1:]:
        if first <= end or not raw[end:first].strip(INVISIBLE):
            end = max(end, last)
        else:
            yield start, end
            start, end = first, last
    yield start, end
