"""A small project of its own, so that these tests do not depend on the real data or notebooks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ngolib.cli import main
from ngolib.project import Project

VOCABULARY = [
    ("country", "", "KAZ", "Kazakhstan"),
    ("country", "", "RUS", "Russia"),
    ("country", "", "KGZ", "Kyrgyzstan"),
    ("category", "field", "foreign_funding", "Foreign funding"),
    ("category", "field", "assembly", "Assembly"),
    ("category", "practice", "harassment", "Harassment"),
]
COLUMNS = ("vocabulary", "kind", "code", "label", "definition", "include", "exclude")

PARAMETERS = """\
countries: list[Country] = ["KAZ", "RUS"]  # countries compared
start: Year = 1991  # first year
end: Year = 2025  # last year
fields: list[Field] = []  # fields compared; none = all
in_depth: Field | None = None  # field shown act by act
"""

# Stands for the display objects: HTML beside the JSON that the exporter reads.
SHOWN = """\
class Shown:
    def __init__(self, html, **content):
        self.html, self.content = html, content

    def _repr_mimebundle_(self, include=None, exclude=None):
        kind = self.content["kind"]
        return {
            "text/plain": kind,
            "text/html": f'<div class="ngo-{kind}">{self.html}</div>',
            "application/vnd.ngolib+json": self.content,
        }
"""
FINDING = """\
text = f"{len(countries)} countries: {', '.join(countries)}, from {start} to {end}."
mark = '<a class="ngo-mark" href="#ev-S1" title="S1">1</a>'
layer = '<span class="ngo-layer">[both layers]</span>'
Shown(f'<p class="ngo-headline">{text} {layer} {mark}</p>', kind="finding", name="countries",
      text=text, value=len(countries), layer="both", evidence=["S1"], no_evidence=None,
      headline=True)
"""
TABLE = """\
columns = ["category", *countries, "since"]
states = ["in_force", "no_longer", "proposed", "practice", "none_found", "not_searched", "both"]
head = "".join(f'<th scope="col">{c}</th>' for c in columns)
rows = [[s.replace("_", " "), *(s for _ in countries), start] for s in states]
body = "".join(
    f'<tr><th scope="row">{s.replace("_", " ")}</th>'
    + f'<td class="ngo-cell-{s}">{s.replace("_", " ")}, since {start}</td>' * len(countries)
    + f"<td>{start}</td></tr>"
    for s in states
)
caption = "State of each category"
html = (f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>")
Shown(html, kind="table", name="matrix", caption=caption, columns=columns, rows=rows)
"""
FIGURE = """\
import base64
bars = "".join(f'<rect x="{60 + 70 * n}" y="{220 - 30 * n}" width="50" height="{30 * n}"/>'
               for n in range(1, 7))
svg = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 240">'
       f'<g fill="#0a5a78">{bars}</g></svg>')
source = base64.b64encode(svg.encode()).decode()
table = ('<table><caption>Acts per period</caption><thead><tr><th scope="col">period</th>'
         '<th scope="col">acts</th></tr></thead><tbody>'
         + "".join(f'<tr><th scope="row">{n}</th><td>{n * 3}</td></tr>' for n in range(1, 7))
         + "</tbody></table>")
html = (f'<figure><img src="data:image/svg+xml;base64,{source}" alt="Six bars rising from 3 to 18">'
        "<figcaption>Acts per period. Layer: register.</figcaption></figure>"
        f"<details><summary>The table behind the figure</summary>{table}</details>")
Shown(html, kind="figure", name="acts", alt="Six bars rising from 3 to 18",
      caption="Acts per period", columns=["period", "acts", "note"],
      rows=[[n, n * 3, None] for n in range(1, 7)])
"""
EVIDENCE = """\
item = ('<details class="ngo-act"><summary>Memorandum (1)</summary><ol><li id="ev-S1" value="1">'
        '<p><b>Memorandum</b> <code>S1</code></p>'
        "<blockquote>Before <mark>the very words, ә ғ қ ң ө ұ ү һ і</mark> after.</blockquote>"
        "<p>A source, 2025, reliability B</p></li></ol></details>")
Shown(item, kind="evidence", ids=["S1"])
"""
PLAIN = """\
import sys
print("plain text")
print("a warning", file=sys.stderr)
class Frame:
    def _repr_html_(self):
        return ('<table border="1" class="dataframe"><thead><tr><th></th><th>n</th></tr></thead>'
                "<tbody><tr><th>0</th><td>1</td></tr></tbody></table>"
                "<script>document.title = 'changed'</script>")
Frame()
"""

PLAN = """\
title = "A small compendium"
about = "Made for tests."

[[report]]
slug = "good"
title = "A good report"
notebook = "01_good"

[[report]]
slug = "set"
title = "Parameters set"
notebook = "01_good"
parameters = { countries = ["KGZ"], in_depth = "assembly" }

[[report]]
slug = "small"
title = "A small report"
notebook = "02_small"
"""

Cell = str | tuple[str, str]


def write_notebook(path: Path, cells: Sequence[Cell]) -> None:
    """Write a notebook: text beginning with `#` is markdown, a pair is code with a tag."""
    written = []
    for number, cell in enumerate(cells, start=1):
        source, tags = (cell[0], [cell[1]]) if isinstance(cell, tuple) else (cell, [])
        kind = "markdown" if source.startswith("# ") or source.startswith("## ") else "code"
        extra = {} if kind == "markdown" else {"outputs": [], "execution_count": None}
        written.append(
            {
                "id": f"c{number}",
                "cell_type": kind,
                "metadata": {"tags": tags},
                "source": source.splitlines(keepends=True),
                **extra,
            }
        )
    content = {"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content), encoding="utf-8")


def build_project(root: Path) -> Project:
    """Write a project with a vocabulary, two notebooks and a plan of three reports."""
    for folder in ("data/codebook", "notebooks", "reports"):
        (root / folder).mkdir(parents=True)
    fields = [{"name": name, "type": "string", "description": name} for name in COLUMNS]
    resource = {
        "name": "vocabulary",
        "path": "codebook/vocabulary.csv",
        "title": "Vocabularies",
        "description": "Every code.",
        "schema": {"fields": fields, "primaryKey": ["vocabulary", "code"]},
    }
    (root / "data/datapackage.json").write_text(
        json.dumps(
            {"title": "A small project", "closing_day": "2026-11-28", "resources": [resource]}
        )
    )
    rows = [",".join(COLUMNS), *(",".join([*row, "x", "", ""]) for row in VOCABULARY)]
    (root / "data/codebook/vocabulary.csv").write_text("\n".join(rows) + "\n")
    write_notebook(
        root / "notebooks/01_good.ipynb",
        [
            "# What is good?\n\nA sentence, and [a file](../data/codebook/vocabulary.csv).",
            "from ngolib.params import Country, Field, Year\n" + SHOWN,
            (PARAMETERS, "parameters"),
            "## Answer",
            FINDING,
            "## Results\n\n### The matrix",
            TABLE,
            "## Results",
            FIGURE,
            PLAIN,
            "## Evidence",
            EVIDENCE,
        ],
    )
    write_notebook(
        root / "notebooks/02_small.ipynb",
        ["# What is small?", "import pathlib", "print(pathlib.Path('../data').exists())"],
    )
    (root / "reports/plan.toml").write_text(PLAN)
    return Project(root)


def run_ngolib(project: Project, *arguments: str) -> Result:
    """Run the command line in a project."""
    return CliRunner().invoke(main, [*arguments, "--project", str(project.root)])


@pytest.fixture(scope="session")
def real() -> Project:
    """The project itself."""
    return Project(Path(__file__).resolve().parents[2])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The small project, nothing of it made."""
    return build_project(tmp_path)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small project with all its reports made; only to be read."""
    project = build_project(tmp_path_factory.mktemp("made"))
    result = run_ngolib(project, "report")
    assert result.exit_code == 0, result.output
    return project


@pytest.fixture
def made(made_once: Project, tmp_path: Path) -> Project:
    """A copy of the project with all its reports made."""
    shutil.copytree(made_once.root, tmp_path / "copy")
    return Project(tmp_path / "copy")


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its path; without what runs note for themselves (`.logs`)."""
    paths = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    return {name: p.read_bytes() for name, p in paths.items() if not name.startswith(".")}


@pytest.fixture(autouse=True)
def _no_named_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no setting of the machine decide which project is found."""
    monkeypatch.delenv("NGOLIB_PROJECT", raising=False)
