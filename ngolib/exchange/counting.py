"""How another program counts positions in a text: told by the words that it notes of selections.

By the standard positions count code points. Programs also count UTF-16 units, write a byte order
mark that they do not count or drop one that they count, and take a line end for one or for two.
"""

import re
from itertools import product
from pathlib import Path
from textwrap import shorten

from rapidfuzz import fuzz

from ngolib.errors import InputError
from ngolib.exchange.excerpt import BYTE_ORDER_MARK, Aligned, Span, visible
from ngolib.exchange.qdpx_read import Selection, Source

# Of selections: the place in our text, None = beyond it, and whether that is sure.
Places = list[tuple[Span | None, bool]]
# What counts for how many: a character outside the basic plane, a line end (0 = as it is written,
# -1 = as it is in our text, which the file may not have any more), and byte order marks.
UNITS = {"code points": 1, "UTF-16 units": 2}
LINE_ENDS = {"line ends as they are": 0, "CR LF as one": 1, "line ends as two": 2}
LINE_ENDS["line ends as in our text"] = -1
MARKS = ("byte order mark not counted", "byte order mark counted", "two byte order marks counted")
# Where all names are less like the text, or half as long as what is selected, they are labels.
LEAST_ALIKE, LONGEST_COMPARED, AROUND = 85.0, 200, 500
LEAST_CUT = 50  # letters of words that are cut without a mark
_NUMBER = re.compile(r"^\d+:\d+\s+(?=\S)")  # before the words, of the text and the selection
_PIECE = re.compile("\r\n|.", re.DOTALL)
# Some programs note the first words only.
_CUT = re.compile(r"(…|\.\.\.)$")
# What XML cannot hold is left out by some programs, and U+FFFD to others.
_UNSURE = re.compile("[^\u0020-\ud7ff\ue000-\ufffc\U00010000-\U0010ffff]")


def ways(text: str, raw: str) -> dict[str, list[int]]:
    """Return where in a text each position lies, by how they are counted; the standard's first."""
    body = text.lstrip(BYTE_ORDER_MARK)
    first = len(text) - len(body)
    # Where nothing else is known, a mark counts that the file and our text have.
    ours = min(first, raw.startswith(BYTE_ORDER_MARK))
    marks = sorted(range(1 + max(1, min(first, 2))), key=lambda n: n != ours)
    pieces = [(first + piece.start(), piece[0]) for piece in _PIECE.finditer(body)]
    own = [len(piece) for piece in _PIECE.findall(raw) if piece in "\r\n"]
    same = len(own) == sum(piece in "\r\n" for _, piece in pieces)
    found: dict[str, list[int]] = {}
    for (unit, wide), (ends, size), counted in product(UNITS.items(), LINE_ENDS.items(), marks):
        at, left = [first] * counted, iter(own if same and size < 0 else ())
        for start, piece in pieces:
            many = wide if piece > "\uffff" else 1
            if piece in "\r\n":
                many = next(left, len(piece)) if size <= 0 else size
            at += [min(start + n, start + len(piece) - 1) for n in range(many)]
        at.append(len(text))
        if at not in found.values():
            found[f"{unit}, {ends}, {MARKS[counted]}"] = at
    return found


def place(path: Path, source: Source, text: Aligned) -> Places:
    """Place selections in our text by the one way of counting under which all their words fit.

    It is an error if no way fits, or several that differ; where no words are noted, the standard's
    is taken, and places that differ by other ways are not sure.
    """
    selections = source.selections
    names = [selection.name for selection in selections]
    seen = _plain(text.text)
    words = any(_is_words(n, s, text.text, seen) for n, s in zip(names, selections, strict=True))
    noted = names if words else [""] * len(names)
    spans = {
        way: [(at[s.start], at[s.end]) if s.end < len(at) else None for s in selections]
        for way, at in ways(text.text, text.raw).items()
    }
    misses: dict[str, list[int]] = {}
    for cut in (False, True):  # some programs cut the words without a mark, which proves less
        for way, own in spans.items():
            fits = (_fits(noted[n], span, text.text, cut) for n, span in enumerate(own))
            misses[way] = [n for n, fit in enumerate(fits) if not fit]
        if not all(misses.values()):
            break
    standard = next(iter(spans))
    fitting = [way for way in spans if not misses[way]] or [standard] * (not words)
    places = {way: [span and text.raw_span(*span) for span in spans[way]] for way in fitting}
    unsure = {n for n, ways in enumerate(zip(*places.values(), strict=True)) if len({*ways}) > 1}
    if fitting and not (unsure and ((words and not cut) or standard not in fitting)):
        return [(span, n not in unsure) for n, span in enumerate(places[fitting[0]])]
    tried = fitting or sorted(spans, key=lambda way: len(misses[way]))
    n = min(unsure or misses[tried[0]])
    start, end, name = selections[n].start, selections[n].end, shorten(selections[n].name, 80)
    there = {spans[way][n]: way for way in reversed(tried)}
    shown = [f"{_shown(text.text, span)} by {way}" for span, way in reversed(there.items())][:4]
    how = "several ways of counting fit" if fitting else "no way of counting positions fits"
    found = f"found the words {name!r}" if name else "no words are noted"
    said = f"{found}; {how} all selections: there is {'; '.join(shown)}"
    raise InputError(f"{path}: {source.name} {start}-{end}: {said}")


def _is_words(name: str, selected: Selection, text: str, seen: str) -> bool:
    """Say whether a name is words of a text, or nearly words at its place; else it is a label."""
    words = _plain(_CUT.sub("", name))[:LONGEST_COMPARED]
    long = _CUT.search(name) or len(name) >= (selected.end - selected.start) / 2
    near = text[max(0, selected.start - AROUND) : selected.end + AROUND]
    alike = words in seen or fuzz.partial_ratio(words, _plain(near)) >= LEAST_ALIKE
    return bool(words and long and alike)


def _fits(noted: str, span: Span | None, text: str, may_be_cut: bool) -> bool:
    if span is None or not noted:
        return span is not None
    words, cut = _plain(text[slice(*span)]), _CUT.sub("", noted)
    told = cut != noted or (may_be_cut and len(noted) >= LEAST_CUT)
    forms = {cut, _NUMBER.sub("", cut)}
    return any(words == _plain(c) or (told and words.startswith(_plain(c))) for c in forms)


def _plain(text: str) -> str:
    return _UNSURE.sub("", visible(text))


def _shown(text: str, span: Span | None) -> str:
    return f"{shorten(text[slice(*span)], 80)!r} ({span[0]}-{span[1]})" if span else "nothing"
