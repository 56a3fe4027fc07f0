"""The tour with its solutions, and with the lines of the seminar plan, each a cell of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat

TOUR = Path(__file__).resolve().parents[2] / "notebooks" / "00_start_here.ipynb"
SOLUTION = re.compile(r"<details><summary>Solution</summary>\s+```python\n(.+?)```", re.DOTALL)


def with_solutions(lines: Mapping[int, Sequence[str]] | None = None) -> nbformat.NotebookNode:
    """Return the tour without outputs, each solution behind its exercise, and `lines` by step.

    A cell of a solution has its number as `exercise`, one of a line its step and its place in it.
    """
    notebook = nbformat.read(TOUR, as_version=4)
    cells, exercises = [], 0

    def put(code: str, **metadata: object) -> None:
        cells.append(nbformat.v4.new_code_cell(code, metadata=metadata))

    def put_lines(step: int) -> None:
        for n, line in enumerate((lines or {}).get(step, ())):
            put(line, line=[step, n])

    for cell in notebook.cells:
        if cell.source.startswith("## Step 1"):
            put_lines(0)
        cells.append(cell)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            continue
        solutions = SOLUTION.findall(cell.source)
        assert len(solutions) == cell.source.count("**Exercise")
        for solution in solutions:
            exercises += 1
            put(solution, exercise=exercises)
            put_lines(exercises)
    notebook.cells = cells
    return notebook
