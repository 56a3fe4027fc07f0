"""Rows by themselves and beside those that they name: the conditions of `checks.toml`."""

import re
from functools import partial
from typing import Any

import pandas as pd

from ngolib.evidence.check.tables import KNOWN, Checks, Data, Found, Row
from ngolib.evidence.dates import is_before

MOMENTS = KNOWN["moments"]
CONDITIONS = {
    table: [(column, compile(wrong, table, "eval"), said) for column, wrong, said in conditions]
    for table, conditions in KNOWN["rows"].items()
}


WORDS = {
    "before": is_before,
    "long_before": partial(is_before, by=366),
    "within": lambda values, others: set(values.split("; ")) <= set(others.split("; ")),
    "begins": lambda value, *codes: re.match("[.-]".join(map(re.escape, codes)), value),
    "relates": lambda relation, *kinds: [k for k in kinds if f"; {k}: " in f"; {relation}"],
    "number": partial(pd.to_numeric, errors="coerce"),
}


class _Names(dict[str, Any]):
    """What a condition can name: the cells of a row, and of the rows that it names."""

    def __init__(self, row: Row, data: Data) -> None:
        super().__init__(row.cells)
        self.row, self.data = row, data

    def __missing__(self, name: str) -> Any:
        if name in WORDS:
            return WORDS[name]
        if name == "corrected":
            own = self.row.table.name, self[self.row.table.fields[0].name]
            corrections = self.data.rows("corrections")
            return {one["column"] for one in corrections if (one["table"], one["row"]) == own}
        if name in MOMENTS:
            taken = self.data.first_steps.get(self["process_id"], {})
            steps = [taken[stage] for stage in MOMENTS[name] if stage in taken]
            first = min(steps, key=lambda step: step.first, default=None)
            return first.row["date"] + f"/{first.row['date_end']}".rstrip("/") if first else ""
        for key in self.row.table.foreign_keys:
            if name.startswith(f"{key.column}_"):
                other = self.data.named[key.table].get(self[key.column])
                rest = name.removeprefix(f"{key.column}_")
                return _Names(other, self.data)[rest] if other else ""
        return self.row[name]


defects = Checks()


@defects.of(*CONDITIONS)
def _row(row: Row, data: Data) -> Found:
    """Try every condition of a table; they come with this library, so they may be run."""
    names = _Names(row, data)
    for column, wrong, said in CONDITIONS[row.table.name]:
        if eval(wrong, {"__builtins__": {}}, names):
            yield column, said.format_map(names)
