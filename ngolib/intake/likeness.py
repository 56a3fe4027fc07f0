"""Whether a text is there already, whole, in part, or changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

LENGTH = 5
# Share of the runs of words of the one text that stand in the other, from which it is reported.
LIKE, TOUCHES = 0.5, 0.1
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Likeness:
    """How much of a new text stands in one that is there.

    Parameters
    ----------
    name : str
        Article or source that is there.
    same : bool
        Whether the words are the same, one by one.
    of_new, of_old : float
        Share of the runs of five words of the one that stand in the other.
    """

    name: str
    same: bool
    of_new: float
    of_old: float

    @property
    def near(self) -> bool:
        """Whether one is mostly in the other: a copy, an excerpt or a changed re-publication."""
        return max(self.of_new, self.of_old) >= LIKE

    def __str__(self) -> str:
        """Say it for a reader."""
        if self.same:
            return f"the same words as {self.name}"
        return (
            f"{self.of_new:.0%} of its runs of five words stand in {self.name}, and "
            f"{self.of_old:.0%} of those of {self.name} in it"
        )


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return _WORD.findall(text.casefold())


def runs(text: list[str]) -> set[tuple[str, ...]]:
    """Return every run of five words; a shorter text is one run."""
    if len(text) < LENGTH:
        return {tuple(text)} if text else set()
    return {tuple(text[n : n + LENGTH]) for n in range(len(text) - LENGTH + 1)}


def alike(new: str, texts: Mapping[str, str]) -> list[Likeness]:
    """Compare a new text with those that are there.

    Parameters
    ----------
    new : str
        The new text.
    texts : mapping
        Name to text.

    Returns
    -------
    list of Likeness
        Those that share at least a tenth of either, the likest first.
    """
    own = words(new)
    mine = runs(own)
    found = []
    for name, text in texts.items():
        other = words(text)
        theirs = runs(other)
        shared = len(mine & theirs)
        if not shared:
            continue
        one = Likeness(name, own == other, shared / len(mine), shared / len(theirs))
        if max(one.of_new, one.of_old) >= TOUCHES:
            found.append(one)
    return sorted(found, key=lambda one: (one.same, one.of_new + one.of_old), reverse=True)
