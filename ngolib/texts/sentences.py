"""Sentences with their offsets, cut by `sentencex`."""

import re
from itertools import pairwise

from sentencex import get_sentence_boundaries

# Longer stretches are cut: the library's time grows with the square of unpaired quotation marks.
LONGEST_STRETCH = 5_000
_END = re.compile(r"[.!?…][\"'”’»)]*\s")

# A number that stands right after the full stop of a sentence is the mark of a note ("a reformer.1
# He …"): the library is shown the two the other way round. A search can leap to the stop.
_NOTE = re.compile(r"([.!?])(?<=[^\W\d_].)(\d{1,2}|\[\d{1,3}\])(?=\s|$)")
# With a bullet in front the library takes the whole line for one list entry.
_BULLET = re.compile(r"^(\s*)[•·▪‣]")
# A blank of more than one byte between an initial and its full stop makes the library fail.
_WIDE_BLANK = re.compile(r"[^\S\x00-\x7f](?=\.)")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _as_shown(text: str) -> str:
    """Return what the library gets to see: a text of the same length."""
    text = _BULLET.sub(r"\1 ", _NOTE.sub(lambda m: m[2] + m[1], text))
    # A lone surrogate cannot be handed over as UTF-8.
    return text if text.isascii() else _SURROGATE.sub("\ufffd", _WIDE_BLANK.sub(" ", text))


def _stretches(text: str) -> list[tuple[int, int]]:
    """Cut a long text: after the end of a sentence, else after a blank, else anywhere."""
    cuts = [0]
    while len(text) - cuts[-1] > LONGEST_STRETCH:
        start, limit = cuts[-1], cuts[-1] + LONGEST_STRETCH
        ends = [m.end() for m in _END.finditer(text, start, limit)]
        cuts.append(ends[-1] if ends else text.rfind(" ", start, limit) + 1 or limit)
    return list(pairwise([*cuts, len(text)]))


def sentence_spans(text: str, language: str = "en") -> list[tuple[int, int]]:
    """Find the sentences of a paragraph; the abbreviations are those of the language (ISO 639-1).

    Each is its start and end, without white space around it; together they hold every character.
    """
    spans = []
    for start, end in _stretches(text):
        shown = _as_shown(text[start:end])
        for found in get_sentence_boundaries(language, shown):
            first, last = start + found["start_index"], start + found["end_index"]
            piece = text[first:last]
            left = first + len(piece) - len(piece.lstrip())
            right = first + len(piece.rstrip())
            if left < right:
                spans.append((left, right))
    return spans
