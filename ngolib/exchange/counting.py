"""How another program counts positions in a text: told by the words that it notes of selections.

By the standard positions count code points. Programs also count UTF-16 units, write a byte order
mark that they do not count or drop one that they count, and take a line end for one or for two.
"""

import re
from itertools import product
from textwrap import shorten
from typing import NamedTuple

from rapidfuzz import fuzz

from ngolib.errors import ExchangeError
from ngolib.exchange.codes import read_description
from ngolib.exchange.excerpt import BYTE_ORDER_MARK, Aligned, Span, visible
from ngolib.exchange.qdpx_read import Source

# What counts for how many: a character outside the basic plane, a line end (0 = as it is written),
# and byte order marks at the start.
UNITS = {"code points": 1, "UTF-16 units": 2}
LINE_ENDS = {"line ends as they are": 0, "CR LF as one": 1, "line ends as two": 2}
MARKS = ("byte order mark not counted", "byte order mark counted", "two byte order marks counted")
# Where all names are less like the text, or half as long as what is selected, they are labels.
LEAST_ALIKE = 85.0
_PIECE = re.compile("\r\n|.", re.DOTALL)
# Some programs note the first words only.
_CUT = re.compile(r"(…|\.\.\.)$")
# What XML cannot hold is left out by some programs, and U+FFFD to others.
_UNSURE = re.compile("[^\u0020-\ud7ff\ue000-\ufffc\U00010000-\U0010ffff]")


class Placed(NamedTuple):
    """Places of selections in our text, None = beyond it, and which of them `way` only presumes."""

    spans: list[Span | None]
    way: str
    presumed: set[int]


def ways(text: str, raw: str) -> dict[str, list[int]]:
    """Return where in a text each position lies, by how they are counted; the standard's first."""
    body = text.lstrip(BYTE_ORDER_MARK)
    first = len(text) - len(body)
    # Where nothing else is known, a mark counts that the file and our text have.
    ours = min(first, raw.startswith(BYTE_ORDER_MARK))
    marks = sorted(range(1 + max(1, min(first, 2))), key=lambda n: n != ours)
    pieces = [(first + piece.start(), piece[0]) for piece in _PIECE.finditer(body)]
    found: dict[str, list[int]] = {}
    for (unit, wide), (ends, size), counted in product(UNITS.items(), LINE_ENDS.items(), marks):
        at = [first] * counted
        for start, piece in pieces:
            many = wide if piece > "\uffff" else size or len(piece) if piece in "\r\n" else 1
            at += [min(start + n, start + len(piece) - 1) for n in range(many)]
        at.append(len(text))
        if at not in found.values():
            found[f"{unit}, {ends}, {MARKS[counted]}"] = at
    return found


def place(source: Source, text: Aligned) -> Placed:
    """Place the selections of a text by the one way of counting under which all words fit.

    Where no words are noted and ways differ, the standard's is presumed. If no way fits, or several
    that lead to different places, that is an `ExchangeError`.
    """
    selections, noted = source.selections, _noted(source, text)
    tried = {
        way: [(at[s.start], at[s.end]) if s.end < len(at) else None for s in selections]
        for way, at in ways(text.text, text.raw).items()
    }
    wrong = {
        way: [n for n, span in enumerate(spans) if not _fits(noted[n], span, text.text)]
        for way, spans in tried.items()
    }
    standard, *_ = tried
    fitting = [way for way, misses in wrong.items() if not misses]
    if not fitting and any(noted):
        best = min(wrong, key=lambda way: len(wrong[way]))
        n = wrong[best][0]
        there = f"{_shown(text.text, tried[best][n])} stands there"
        fit = f"{len(selections) - len(wrong[best])} of {len(selections)} selections by {best}"
        said = f"found the words {shorten(selections[n].name, 80)!r}, but {there}"
        ask = f"no way of counting positions fits all of this text (tried: {len(tried)}; {fit})"
        raise ExchangeError(f"{_where(source, n)}: {said}; {ask}")
    places = {way: _raw_spans(text, tried[way]) for way in fitting or [standard]}
    several = {n for n in range(len(selections)) if len({own[n] for own in places.values()}) > 1}
    if several and (any(noted) or standard not in places):
        n = min(several)
        first = {own[n]: way for way, own in reversed(places.items())}
        could = "; ".join(f"{_shown(text.raw, span)} by {way}" for span, way in first.items())
        said = f"how its positions are counted is not told by the words in the file: {could}"
        raise ExchangeError(f"{_where(source, n)}: {said}")
    way = next(iter(places))
    return Placed(places[way], way, several)


def _noted(source: Source, text: Aligned) -> list[str]:
    """Return the names of selections if they are words, none if they are ids or labels."""
    seen, noted, told = _plain(text.text), [], False
    for one in source.selections:
        own = one.name == read_description(one.description).get("statement_id")
        noted.append("" if own else one.name)
        words = _plain(_CUT.sub("", noted[-1]))
        long = len(one.name) >= (one.end - one.start) / 2 or _CUT.search(one.name)
        told = told or bool(words and long and fuzz.partial_ratio(words, seen) >= LEAST_ALIKE)
    return noted if told else [""] * len(noted)


def _fits(noted: str, span: Span | None, text: str) -> bool:
    if span is None or not noted:
        return span is not None
    words, cut = _plain(text[slice(*span)]), _CUT.sub("", noted)
    return words == _plain(noted) or (cut != noted and words.startswith(_plain(cut)))


def _plain(text: str) -> str:
    return _UNSURE.sub("", visible(text))


def _raw_spans(text: Aligned, spans: list[Span | None]) -> list[Span | None]:
    return [span and text.raw_span(*span) for span in spans]


def _where(source: Source, n: int) -> str:
    return f"{source.name} {source.selections[n].start}-{source.selections[n].end}"


def _shown(text: str, span: Span | None) -> str:
    return f"{shorten(text[slice(*span)], 80)!r} ({span[0]}-{span[1]})" if span else "nothing"
