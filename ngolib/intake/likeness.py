"""Whether a text is there already, whole, in part, or changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

LENGTH = 5
# Share of the runs of words of the one text that stand in the other, from which it is reported.
LIKE, TOUCHES = 0.5, 0.1


class Likeness(NamedTuple):
    """How much of a new text stands in one that is there, and the other way round."""

    same: bool
    share: float
    name: str
    said: str


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return re.findall(r"[^\W_]+", text.casefold())


def count_words(text: str) -> int:
    """Count the words of a text."""
    return len(words(text))


def runs(text: list[str]) -> set[tuple[str, ...]]:
    """Return every run of five words; a shorter text is one run."""
    return {tuple(text[n : n + LENGTH]) for n in range(max(1, len(text) - LENGTH + 1))}


def likest(new: str, texts: Mapping[str, str]) -> Likeness | None:
    """Return the text that is likest to a new one, if they share at least a tenth of either."""
    own = words(new)
    mine = runs(own)
    found = []
    for name, text in texts.items():
        other = words(text)
        theirs = runs(other)
        shared = len(mine & theirs)
        of_new, of_old = shared / len(mine), shared / len(theirs)
        said = f"{of_new:.0%} of its runs of five words stand in {name}, and "
        said += f"{of_old:.0%} of those of {name} in it"
        if own == other:
            said = f"the same words as {name}"
        found.append(Likeness(own == other, max(of_new, of_old), name, said))
    best = max(found, default=None)
    return best if best and best.share >= TOUCHES else None
