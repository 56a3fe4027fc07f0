"""Which words of a text a file holds, and where they stand in it; and the way back.

A text whose rights allow it goes out whole, of any other only what is quoted, under a line that
says where it stands. Programs change line ends and marks at the start: what comes back is the same
if its visible characters are, and positions are carried over by counting these.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import NamedTuple

from ngolib.texts.lines import INVISIBLE

# Code of `redistribution` that lets a text go out whole.
WHOLE = "full"
BYTE_ORDER_MARK = "\ufeff"
# Characters beside a quote that may go out with it; pages of reports show as many.
CONTEXT = 60
# Characters on either side of a quote by which a table of codings finds it again.
ANCHOR = 32
MARK = re.compile(r"(?m)^[^\S\r\n]*\[characters (\d{1,9})-(\d{1,9}) of ([^\]\s]+)\][^\S\r\n]*\r?$")
Span = tuple[int, int]
_DROPPED = str.maketrans("", "", INVISIBLE)


def anchor(raw: str, start: int, end: int) -> dict[str, str]:
    """Return the cells by which a table of codings says where a quote stands."""
    beside = {"prefix": raw[max(0, start - ANCHOR) : start], "suffix": raw[end : end + ANCHOR]}
    return {"exact": raw[start:end], **beside, "start": str(start), "end": str(end)}


def excerpt(source_id: str, raw: str, quotes: Iterable[Span], sentences: Iterable[Span]) -> str:
    """Write the quotes of a text with the rest of their sentences, each under its raw offsets."""
    known, spans = list(sentences), list[Span]()
    for first, last in sorted(_widened(raw, quote, known) for quote in set(quotes)):
        # Those that overlap, or between which nothing can be seen, are one.
        if spans and not raw[spans[-1][1] : first].strip(INVISIBLE):
            start, end = spans.pop()
            first, last = start, max(end, last)
        spans.append((first, last))
    newline = "\r\n" if "\r\n" in raw else "\n"
    held = sum(end - start for start, end in spans)
    head = (
        "[Not the whole text: its rights allow quotations only. Held here are the coded quotes, "
        f"each with the rest of its sentence, at most {CONTEXT} characters on either side: "
        f"{held} of {len(raw)} characters. The rest is left out.]"
    )
    marked = (f"[characters {a}-{b} of {source_id}]{newline}{raw[a:b]}" for a, b in spans)
    return (newline * 2).join([head, *marked]) + newline


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
        # A blank at an end, that a mouse took along, is none of the words.
        seen = (n for n in range(start, end) if visible(self.text[n]))
        found = [self.places[n] for n in seen if n in self.places]
        first, last = (found[0], found[-1] + 1) if found else (0, 0)
        # With words that were added, or with two pieces, they would not be the same words.
        same = visible(self.raw[first:last]) == visible(self.text[start:end])
        return (first, last) if found and same else None


def align(text: str, raws: Mapping[str, str]) -> Aligned | None:
    """Find the text of which a file holds the words, as a whole or as an excerpt by its marks."""
    words = visible(text)
    for source_id, raw in raws.items():
        if visible(raw) == words:
            return Aligned(source_id, raw, text, dict(_pairs(text, 0, raw, 0)))
    places: dict[int, int] = {}
    marks = list(MARK.finditer(text))
    source_id = marks[0][3] if marks else ""
    raw = raws.get(source_id, "")
    ends = [*(match.start() for match in marks), len(text)][1:]
    for match, end in zip(marks, ends, strict=True):
        start, own = int(match[1]), text[match.end() : end]
        piece = raw[start : int(match[2])]
        # All pieces must be what their marks say.
        if match[3] != source_id or visible(own) != visible(piece):
            return None
        places |= _pairs(own, match.end(), piece, start)
    return Aligned(source_id, raw, text, places) if places else None


def _pairs(text: str, place: int, raw: str, start: int) -> Iterator[Span]:
    """Pair the positions of two texts of the same visible characters, by their first positions."""
    plain = raw.removeprefix(BYTE_ORDER_MARK)
    if (at := text.find(plain)) >= 0:
        # The one holds the other as it is: every character counts.
        first = start + len(raw) - len(plain)
        return zip(count(place + at), range(first, first + len(plain)), strict=False)
    here = (place + n for n, character in enumerate(text) if character not in INVISIBLE)
    there = (start + n for n, character in enumerate(raw) if character not in INVISIBLE)
    return zip(here, there, strict=True)
