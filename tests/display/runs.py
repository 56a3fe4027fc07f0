"""Run a notebook in this process, at any parameters, and tell what it showed.

No kernel is started: the cells are executed one after the other in a namespace of their own, which
takes a second where a kernel takes several, and lets a test look at the figures before they are
pictures. That notebooks run in a kernel is tested elsewhere (nbval, `ngolib report`).
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import json
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from matplotlib.figure import Figure as Drawing
from matplotlib.text import Text
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from ngolib import objects
from ngolib.params import TAG, check_values, parameters_of
from ngolib.reports import execute
from ngolib.reports.job import Job, make
from ngolib.reports.plan import Report, question_of

# What a reader cannot see is no overlap: boxes of text have a little air around the letters.
AIR = 1.0
ALARMING = (UserWarning, RuntimeWarning, FutureWarning, SyntaxWarning)


def drawn_texts(figure: Drawing) -> list[tuple[str, Any]]:
    """Return every text that is drawn, with its extent in pixels."""
    found: list[tuple[str, Any]] = []
    draw = Text.draw

    def record(self: Text, renderer: Any, *args: Any, **kwargs: Any) -> None:
        if self.get_visible() and self.get_text().strip():
            found.append((self.get_text(), Text.get_window_extent(self, renderer)))
        draw(self, renderer, *args, **kwargs)

    Text.draw = record  # type: ignore[method-assign]
    try:
        figure.canvas.draw()
    finally:
        Text.draw = draw  # type: ignore[method-assign]
    return found


def label_problems(figure: Drawing) -> list[str]:
    """Name the labels of a figure that overlap, or leave it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    texts = drawn_texts(figure)
    problems = []
    width, height = figure.bbox.width, figure.bbox.height
    for n, (text, box) in enumerate(texts):
        if box.x0 < -AIR or box.y0 < -AIR or box.x1 > width + AIR or box.y1 > height + AIR:
            problems.append(f"{text!r} leaves the figure")
        for other, beside in texts[n + 1 :]:
            if (
                min(box.x1, beside.x1) - max(box.x0, beside.x0) > AIR
                and min(box.y1, beside.y1) - max(box.y0, beside.y0) > AIR
            ):
                problems.append(f"{text!r} overlaps {other!r}")
    return problems


@contextlib.contextmanager
def figures_watched() -> Iterator[dict[str, list[str]]]:
    """Collect the label problems of every figure that is shown, by its name."""
    found: dict[str, list[str]] = {}
    init = objects.Figure.__init__

    def watched(self: Any, name: str, figure: Drawing, *args: Any, **kwargs: Any) -> None:
        init(self, name, figure, *args, **kwargs)
        found[name] = label_problems(figure)

    objects.Figure.__init__ = watched  # type: ignore[method-assign]
    try:
        yield found
    finally:
        objects.Figure.__init__ = init  # type: ignore[method-assign]


def values_of(path: Path, choice: Mapping[str, Any]) -> dict[str, Any]:
    """Return a set of parameters as far as a notebook declares them."""
    declared = {p.name for p in parameters_of(path)}
    return {name: value for name, value in choice.items() if name in declared}


def run(path: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """Run a notebook.

    Returns
    -------
    dict
        `shown`: the JSON of each display object, in order; `complaints`: warnings and what was
        written to the error stream; `labels`: name of each figure to its label problems;
        `notebook`: the notebook with its outputs, as a kernel would leave it.
    """
    check_values(path, values)
    outputs: list[NotebookNode] = []

    def show(*results: Any) -> None:
        for result in results:
            if isinstance(result, objects.Shown):
                # As it comes through the kernel's messages.
                data = json.loads(json.dumps(result._repr_mimebundle_()))
            else:
                data = {"text/plain": repr(result)}
                if hasattr(result, "_repr_html_"):
                    data["text/html"] = result._repr_html_()
            outputs.append(new_output("display_data", data=data))

    namespace: dict[str, Any] = {"display": show, "__name__": "__main__"}
    errors = io.StringIO()
    notebook = execute.read(path)
    cells = []
    with (
        warnings.catch_warnings(record=True) as raised,
        contextlib.redirect_stderr(errors),
        contextlib.redirect_stdout(io.StringIO()),
        figures_watched() as labels,
    ):
        warnings.simplefilter("always")
        for cell in notebook.cells:
            cells.append(cell)
            if cell.cell_type != "code":
                continue
            _execute(cell.source, namespace, show)
            cell.outputs, outputs = outputs, []
            if TAG in cell.metadata.get("tags", ()):
                namespace |= values
                cells.append(_injected(values))
    notebook.cells = cells
    complaints = [str(w.message) for w in raised if issubclass(w.category, ALARMING)]
    complaints += errors.getvalue().splitlines()
    shown = [
        output.data[objects.MIME]
        for cell in cells
        for output in cell.get("outputs", ())
        if objects.MIME in output.data
    ]
    return {"shown": shown, "complaints": complaints, "labels": labels, "notebook": notebook}


def _injected(values: Mapping[str, Any]) -> NotebookNode:
    """Make the cell that a run with parameters has behind their declaration."""
    source = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    return new_code_cell(source, id="injected", metadata={"tags": [execute.INJECTED]})


def run_and_export(path: Path, values: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """Run a notebook and write its report, as `ngolib report` does but for the kernel.

    Returns
    -------
    dict
        What `run` tells, without the notebook, and `page`: the page written.
    """
    told = run(path, values)
    notebook = told.pop("notebook")
    name = hashlib.sha256(json.dumps([path.stem, values]).encode()).hexdigest()[:12]
    report = Report(
        f"{path.stem}-{name}", question_of(path), path.stem, values, command="ngolib report"
    )
    job = Job(report, path, path.parents[1], values, {"versions": {}, "data": {}})
    with mock.patch.object(execute, "run", lambda *_: notebook):
        files = make(job)
    page = root / report.slug / "index.html"
    for within, content in files.items():
        place = page.parent / within
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return {**told, "page": page}


def _execute(source: str, namespace: dict[str, Any], show: Any) -> None:
    """Execute a cell and show the value of its last line, as Jupyter does."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), namespace)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace)
        if value is not None:
            show(value)
