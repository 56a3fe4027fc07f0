"""The tour with its solutions, each a cell behind its exercise, as a student would run them."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

TOUR = Path(__file__).resolve().parents[2] / "notebooks" / "00_start_here.ipynb"
SOLUTION = re.compile(r"<details><summary>Solution</summary>\s+```python\n(.+?)```", re.DOTALL)


def with_solutions(path: Path = TOUR) -> nbformat.NotebookNode:
    """Return the notebook without outputs; a cell of a solution has its number as `exercise`."""
    notebook = nbformat.read(path, as_version=4)
    cells, exercises = [], 0
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            continue
        solutions = SOLUTION.findall(cell.source)
        assert len(solutions) == cell.source.count("**Exercise")
        for solution in solutions:
            exercises += 1
            cells.append(nbformat.v4.new_code_cell(solution))
            cells[-1].metadata["exercise"] = exercises
    notebook.cells = cells
    return notebook
