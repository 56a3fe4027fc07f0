"""One family of errors: whatever a user can mend is an `NgolibError` of one clear line."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any


class NgolibError(Exception):
    """Base of all errors that a user can mend; its text names what, where and what is allowed."""


class ProjectError(NgolibError):
    """The project's folder, or a file that it must hold, is missing, changed or not readable."""


class DataError(NgolibError):
    """A table breaks its schema; carries every defect that was found."""

    def __init__(self, defects: Iterable[str]) -> None:
        self.defects = list(defects)
        super().__init__("\n".join(self.defects))


class ParameterError(NgolibError):
    """A parameter of a notebook, or the plan of reports, is unknown or has what is not allowed."""


class ReportError(NgolibError):
    """A report could not be made."""


class InputError(NgolibError):
    """A text or file cannot be taken in or given out as asked for; nothing was changed."""


class MachineError(NgolibError):
    """The system refused something, or what was to be read is beyond its measure."""


def shortened(line: str, most: int = 1000) -> str:
    """Return a line without its middle where it is longer than that."""
    return line if len(line) <= most else f"{line[: most // 2]} … {line[-most // 2 :]}"


def one_line(text: str) -> str:
    """Return a text on one line, without what a terminal would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def unknown(what: str, found: object, allowed: Iterable[object]) -> str:
    """Say in one line that `found` is no such thing, which is the nearest and what is allowed."""
    names = [*map(str, allowed)]
    original = {name.casefold(): name for name in names}
    found = shortened(str(found), 200)
    near = get_close_matches(found.casefold(), original, n=1)
    hint = f"; did you mean {original[near[0]]!r}?" if near else ""
    return f"unknown {what} {found!r}{hint} (allowed: {', '.join(names) or 'none'})"


def check_known(kind: type[Exception], what: str, found: object, allowed: Collection[Any]) -> None:
    """Raise an error of this kind, of one line, where `found` is no such thing."""
    if found not in [*allowed]:  # as a list, where it may be one that has no hash
        raise kind(unknown(what, found, allowed))
