"""Run a notebook in this process, at any parameters, and tell what it showed.

The engine is that of `ngolib report`, without a process for each run: so a test can look at the
figures before they are pictures.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from matplotlib.figure import Figure as Drawing
from matplotlib.text import Text

from ngolib import objects
from ngolib.params import check_values, parameters_of, read_notebook
from ngolib.reports.job import Job, make
from ngolib.reports.notebook import execute
from ngolib.reports.plan import Report, question_of
from ngolib.reports.used import read_by

ROOT = Path(__file__).resolve().parents[1]
# What a reader cannot see is no overlap: boxes of text have a little air around the letters.
AIR = 0.72
ALARMING = (DeprecationWarning, UserWarning, RuntimeWarning, FutureWarning, SyntaxWarning)


@contextlib.contextmanager
def drawn_texts() -> Iterator[list[tuple[str, Any]]]:
    """Collect every text that is drawn meanwhile, with its extent in pixels of the drawing."""
    found: list[tuple[str, Any]] = []
    draw = Text.draw

    def record(self: Text, renderer: Any, *args: Any, **kwargs: Any) -> None:
        if self.get_visible() and self.get_text().strip():
            found.append((self.get_text(), Text.get_window_extent(self, renderer)))
        draw(self, renderer, *args, **kwargs)

    with mock.patch.object(Text, "draw", record):
        yield found


def label_problems(figure: Drawing) -> list[str]:
    """Draw a figure, and name its labels that overlap, or leave it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with drawn_texts() as texts:
        FigureCanvasAgg(figure).draw()
    return problems_of(texts, figure.bbox.width, figure.bbox.height)


def problems_of(texts: list[tuple[str, Any]], width: float, height: float) -> list[str]:
    problems = []
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
        with drawn_texts() as texts:
            init(self, name, figure, *args, **kwargs)
        found[name] = problems_of(texts, *(72 * figure.get_size_inches()))  # drawn in points

    with mock.patch.object(objects.Figure, "__init__", watched):
        yield found


def cell_of(stem: str, words: str, **known: Any) -> dict[str, Any]:
    """Run the one cell of a notebook that holds some words, on what is known before it."""
    made = dict(known)
    exec(cell_source(stem, "import ngolib as ngo"), made)
    exec(cell_source(stem, words), made)
    return made


def function_of(stem: str, name: str, **known: Any) -> Any:
    """Return a function of a notebook, made from its own words."""
    made = dict(known)
    exec(cell_source(stem, "import ngolib as ngo"), made)
    own = re.search(rf"^def {name}\(.*?(?=\n\S|\Z)", cell_source(stem, f"def {name}("), re.S | re.M)
    exec(own[0], made)  # type: ignore[index]
    return made[name]


def cell_source(stem: str, words: str) -> str:
    """Return the source of the one cell of a notebook that holds some words."""
    cells = read_notebook(ROOT / "notebooks" / f"{stem}.ipynb")["cells"]
    (own,) = [c["source"] for c in cells if c["cell_type"] == "code" and words in c["source"]]
    return str(own)


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
        `notebook`: the notebook with its outputs.
    """
    check_values(path, values)
    with warnings.catch_warnings(record=True) as raised, figures_watched() as labels:
        warnings.simplefilter("always")
        with read_by(path.parents[1]):
            notebook = execute(path, values)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    complaints = [str(w.message) for w in raised if issubclass(w.category, ALARMING)]
    for output in outputs:
        if output.get("name") == "stderr":
            complaints += output.text.splitlines()
    shown = [o.data[objects.MIME] for o in outputs if objects.MIME in o.get("data", ())]
    return {"shown": shown, "complaints": complaints, "labels": labels, "notebook": notebook}


def write_report(path: Path, values: Mapping[str, Any], notebook: Any, root: Path) -> Path:
    """Write the report of a notebook that was run, as `ngolib report` does; return its page."""
    name = hashlib.sha256(json.dumps([path.stem, values]).encode()).hexdigest()[:12]
    report = Report(
        f"{path.stem}-{name}", question_of(path), path.stem, values, command="ngolib report"
    )
    job = Job(report, path, path.parents[1], values, {"versions": {}, "data": {}, "notebook": {}})
    with mock.patch("ngolib.reports.notebook.execute", lambda *_: notebook):
        files = make(job, lambda where: None)
    page = root / report.slug / "index.html"
    for within, content in files.items():
        place = page.parent / within
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return page
