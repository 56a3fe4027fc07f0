"""Whether a text is there already, whole, in part, or changed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ngolib.errors import IntakeError

LENGTH = 5
# Share of the runs of words of the one text that stand in the other, from which it is reported.
LIKE, TOUCHES = 0.5, 0.1


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return re.findall(r"[^\W_]+", text.casefold())


def likest(new: str, texts: Mapping[str, str]) -> tuple[float, str, str]:
    """Return the text that is likest to a new one: what they share, its name, and in words.

    What they share is the greater part, of either's runs of five words; where it is less than a
    tenth, nothing is said. The same words are an `IntakeError`.
    """
    own, best = words(new), (0.0, "", "")
    mine = _runs(own)
    for name, text in texts.items():
        other = words(text)
        if own == other:
            raise IntakeError(f"it is there already: the same words as {name}")
        theirs = _runs(other)
        shared = len(mine & theirs)
        of_new, of_old = shared / len(mine), shared / len(theirs)
        said = f"{of_new:.0%} of its runs of five words stand in {name}, and "
        said += f"{of_old:.0%} of those of {name} in it"
        best = max(best, (max(of_new, of_old), name, said))
    return best if best[0] >= TOUCHES else (0.0, "", "")


def _runs(text: list[str]) -> set[tuple[str, ...]]:
    """Return every run of five words; a shorter text is one run."""
    return {tuple(text[n : n + LENGTH]) for n in range(max(1, len(text) - LENGTH + 1))}
