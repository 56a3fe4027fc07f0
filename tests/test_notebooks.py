"""Every notebook has the skeleton and holds no conclusion that is typed in."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

from ngolib.params import parameters_of
from ngolib.reports.outputs import pictures_of

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SECTIONS = [
    "Coverage and answer in brief",
    "Data used and left out",
    "Method",
    "Robustness",
    "Limits",
    "Adapt this",
    "Evidence",
    "Provenance",
]


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_skeleton(path):
    headings = [
        "".join(c["source"]).splitlines()[0].lstrip("# ")
        for c in cells(path)
        if c["cell_type"] == "markdown"
    ]
    assert headings[0].endswith("?")
    places = [next(n for n, h in enumerate(headings) if h.startswith(s)) for s in SECTIONS]
    assert places == sorted(places)
    tagged = [c for c in cells(path) if "parameters" in c["metadata"].get("tags", [])]
    assert len(tagged) == 1
    assert all(p.help for p in parameters_of(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_thin(path):
    """No function of more than a few lines: those live in the library."""
    for cell in cells(path):
        if cell["cell_type"] == "code":
            tree = ast.parse("".join(cell["source"]))
            functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
            assert all(f.end_lineno - f.lineno < 5 for f in functions)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_number_of_a_conclusion_is_typed_into_the_prose(path):
    for cell in cells(path):
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            text = re.sub(
                r"^## Step \d|\*\*Exercise \d|<details>.*?</details>", "", text, flags=re.S | re.M
            )
            digits = {w for w in text.replace("`", " ").split() if w.strip(".,:;()").isdigit()}
            # 0 to 4 are rungs, 31 is a day, 2005 an example of a command.
            assert digits <= {"0", "4", "0,", "31", "2005"}, digits


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_outputs_are_kept_for_reading_on_the_web(path):
    code = [c for c in cells(path) if c["cell_type"] == "code"]
    shown = [c for c in code if c["outputs"]]
    assert len(shown) >= len(code) / 2
    assert not any(o["output_type"] == "error" for c in code for o in c["outputs"])


@pytest.mark.parametrize("picture", sorted((ROOT / "docs/figures").iterdir()), ids=lambda p: p.name)
def test_pictures_of_the_pages_are_those_of_the_notebooks(picture):
    stem, name, _ = picture.name.split(".")
    notebook = nbformat.read(ROOT / "notebooks" / f"{stem}.ipynb", as_version=4)
    pictures = {key: svg for key, _, svg in pictures_of(notebook)}
    assert picture.read_bytes() == pictures[name]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_hashes_and_versions_are_not_compared(path):
    """They change with every edit of the data and with every system; what is found may not."""
    (cell,) = [c for c in cells(path) if "".join(c["source"]).startswith("Provenance(")]
    assert "nbval-ignore-output" in cell["metadata"]["tags"]
