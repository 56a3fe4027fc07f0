"""Telling by the beginning of lines which rules are worth trying on them.

Most patterns of `cleaning.toml` are tied to the beginning of a line by `^`, and fit few lines. One
alternation of them all, tried at that place only, rules them out at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ngolib.texts.rules import Rule

_ESCAPE_OR_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_GROUP = re.compile(r"\([^()|]*(?:\|[^()|]*)*\)")
# What would mean something else, or clash, as a part of a larger pattern.
_BOUND_TO_NUMBERS = re.compile(r"\\[1-9]|\(\?(?:P|\()")


def opening(pattern: re.Pattern[str]) -> str | None:
    """Return what a pattern asks for at the beginning of a line.

    Parameters
    ----------
    pattern : re.Pattern
        A pattern that is searched in a line.

    Returns
    -------
    str or None
        The pattern without its `^`; none if it can fit further on, or if that is not certain.
    """
    source = pattern.pattern
    plain = pattern.flags == re.UNICODE and not _BOUND_TO_NUMBERS.search(source)
    if not plain or not source.startswith("^"):
        return None
    # A bar outside of groups gives a choice that `^` does not tie.
    rest, found = _ESCAPE_OR_CLASS.sub("", source), 1
    while found:
        rest, found = _GROUP.subn("", rest)
    return None if set(rest) & set("|()") else source[1:]


def _key(rule: Rule) -> tuple[int, str] | None:
    """Return a condition that is tied to the beginning of a line, and which line, from its own."""
    conditions = [
        (0, rule.pattern),
        *((-n, pattern) for n, pattern in enumerate(reversed(rule.previous), 1)),
        *enumerate(rule.next, 1),
    ]
    keys = ((place, opening(pattern)) for place, pattern in conditions)
    return next(((place, words) for place, words in keys if words is not None), None)


class Screen:
    """Rules, sorted by what must hold before they are worth trying.

    Parameters
    ----------
    rules : sequence of Rule
        In the order in which they are tried.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        keys = [_key(rule) for rule in rules]
        self._rules = rules
        self._always = {n for n, key in enumerate(keys) if key is None}
        self._by_place: dict[int, set[int]] = {}
        for n, key in enumerate(keys):
            if key is not None:
                self._by_place.setdefault(key[0], set()).add(n)
        openings = dict.fromkeys(key[1] for key in keys if key is not None)
        self._any = re.compile("|".join(f"(?:{words})" for words in openings) or "(?!)")

    def candidates(self, heads: Sequence[str]) -> Iterator[list[Rule]]:
        """Yield, for each line, the rules that can fit it, in their order.

        Parameters
        ----------
        heads : sequence of str
            The beginnings of all visible lines of a page.

        Yields
        ------
        list of Rule
            Every rule that fits the line, and some that do not.
        """
        match = self._any.match
        wanted: dict[int, set[int]] = {}
        for i, head in enumerate(heads):
            if match(head):
                for place, numbers in self._by_place.items():
                    wanted[i - place] = wanted.get(i - place, self._always) | numbers
        always = [self._rules[n] for n in sorted(self._always)]
        for i in range(len(heads)):
            yield [self._rules[n] for n in sorted(wanted[i])] if i in wanted else always
