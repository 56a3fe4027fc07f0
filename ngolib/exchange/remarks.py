"""What is to be told of codings that came in: a line each, with the places it applies to."""

from __future__ import annotations

_MOST_NAMED = 8


class Remarks:
    """What is to be told: a message, and to what it applies."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {}

    def add(self, message: str, where: str) -> None:
        """Note that a message applies somewhere."""
        self._found.setdefault(message, []).append(where)

    def lines(self) -> list[str]:
        """Return one line per message, with the first places and how many more there are."""
        return [f"{message}: {_listed(where)}" for message, where in self._found.items()]


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
