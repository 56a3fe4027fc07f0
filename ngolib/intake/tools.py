"""What several ways in need: libraries of the extra `add`, and foreign words on one line."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ngolib.errors import IntakeError


def extra(module: str, command: str) -> Any:
    """Import a library of the extra `add`; an `IntakeError` says how to install it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        raise IntakeError(
            f"`{command}` needs the extra `add`, which is not installed: "
            ".venv/bin/python -m pip install --require-hashes -r requirements/add.txt"
        ) from None


def one_line(text: str) -> str:
    """Return a text on one line, without what a terminal would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
