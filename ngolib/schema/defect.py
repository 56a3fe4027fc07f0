"""One defect of the data: a line for people, with its parts for machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Defect(str):
    """A line that says what is wrong and where; its parts are its attributes.

    Being text, it can stand wherever a line is wanted: in an error, in a log, on the screen.

    Parameters
    ----------
    message : str
        What is wrong, and what is allowed.
    file : str
        Path of the file, relative to `data/`.
    row : int, optional
        Record of the file, the header being row 1.
    column : str, optional
        Name of the column, or several parted by `, `.
    more : mapping, optional
        Further facts for machines, such as offsets.
    """

    message: str
    file: str
    row: int | None
    column: str | None
    more: dict[str, Any]

    def __new__(
        cls,
        message: str,
        file: str = "",
        row: int | None = None,
        column: str | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> Defect:
        """Write the line."""
        parts = [file, f"row {row}" if row else "", f"column {column}" if column else "", message]
        line = ": ".join(part for part in parts if part)
        # One defect is one line, whatever stood in the cell.
        self = super().__new__(cls, "\\n".join(line.splitlines()))
        self.message, self.file, self.row, self.column = message, file, row, column
        self.more = dict(more or {})
        return self

    def as_json(self) -> dict[str, Any]:
        """Return the parts: `file, row, column, message` and what else is known."""
        parts = {"file": self.file, "row": self.row, "column": self.column}
        return {**parts, "message": self.message, **self.more}
