"""Libraries of the extra `add`: asked for when they are needed, named when they are missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ngolib.errors import IntakeError


def extra(module: str, command: str) -> Any:
    """Import a library of the extra `add`.

    Raises
    ------
    ngolib.errors.IntakeError
        If it is not installed: how to install it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        raise IntakeError(
            f"`{command}` needs the extra `add`, which is not installed: "
            ".venv/bin/python -m pip install --require-hashes -r requirements/add.txt"
        ) from None
