"""What a notebook shows and hands to a report.

Each object is an output of three forms in one: text for a terminal, HTML (`objects.html.j2`, which
escapes text from data), JSON (`MIME`) for the exporter. A column `evidence` holds tuples of ids.
"""

import base64
import importlib.metadata
import io
import platform
import re
import shlex
import textwrap
from collections.abc import Collection, Iterable, Mapping
from html import unescape
from itertools import count
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.style
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import etree
from markupsafe import Markup
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as MatplotlibFigure

from ngolib.evidence.tables import gathered, together
from ngolib.params import check_values, parameters_of, to_text
from ngolib.project import Project

MIME = "application/vnd.ngolib+json"
EVIDENCE = "evidence"
SHOWN_MARKS = 6
# Of more rows or marks than MOST a page shows the FIRST, of a cell CELL; of evidence PIECES.
MOST, FIRST, CELL, PIECES, ALT = 250, 50, 20, 1000, 3000
RECORDS = "Counts, ratings and treaties"
RESTS_ON = {"both": "texts and register", "corpus": "texts", "register": "register"}
# Text stays text, searched and read aloud; without a fixed salt ids differ from run to run.
SVG = {"svg.hashsalt": "ngolib", "svg.fonttype": "none"}
# What readers without our font see is no wider, so that nothing overlaps.
FONTS = (b"'DejaVu Sans'", b"'DejaVu Sans', Verdana, sans-serif")

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    undefined=StrictUndefined,
    finalize=lambda value: "" if value is None else value,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_KNOWN = {"rests_on": RESTS_ON, "some": SHOWN_MARKS}
# The macros of the template, by name.
_HTML: Any = _ENVIRONMENT.get_template("objects.html.j2", globals=_KNOWN).module


def few(things: Any) -> Any:
    """Return a list or a frame, or its first items where they or their marks are too many."""
    marked = sum(map(len, things[EVIDENCE])) if EVIDENCE in things else 0
    return things if max(len(things), marked) <= MOST else things[:FIRST]


def plain_cell(value: Any) -> Any:
    """Turn a cell into what JSON holds: lists joined, missing values as null."""
    if pd.api.types.is_list_like(value) and not isinstance(value, dict):
        return "; ".join(map(str, value))
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return (value.date() if value == value.normalize() else value).isoformat()
    value = value.item() if hasattr(value, "item") else value
    plain = isinstance(value, str | int | float) and value not in (float("inf"), -float("inf"))
    return value if plain else str(value)  # JSON has no number without end


def table_html(frame: pd.DataFrame, caption: str) -> Markup:
    """Write a table with its caption and the scope of its headers; ids of evidence are links."""
    rows = [
        [
            _HTML.marks(cell[:CELL], len(cell[CELL:])) if column == EVIDENCE else plain_cell(cell)
            for column, cell in zip(frame.columns, record, strict=True)
        ]
        for record in few(frame).itertuples(index=False, name=None)
    ]
    if len(rows) < len(frame):
        caption += f" (the first {len(rows)} of {len(frame):,} rows; its file has all)"
    return Markup(_HTML.grid(caption, [str(c).replace("_", " ") for c in frame.columns], rows))


class Shown:
    """Base of all display objects; the template has a macro for each kind."""

    kind = ""
    exported: tuple[str, ...] = ()  # attributes that the exporter reads
    caption: str  # of its table, if it has one
    frame: pd.DataFrame

    def __init__(self, name: str, text: str, evidence: Iterable[str] = ()) -> None:
        self.name, self.text, self.seen = name, text, False
        self.evidence = self.marked = tuple(dict.fromkeys(evidence))

    def html(self) -> Markup:
        """Write its table."""
        return table_html(self.frame, self.caption)

    def _json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.exported}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        self.seen = True
        # Sentences lead to tables and figures by their names, and other pages to sentences.
        named = {"finding": f"finding-{self.name}"}.get(self.kind, "")
        named = self.name if isinstance(self, EvidenceTable) else named
        return {
            "text/plain": self.text,
            "text/html": str(_HTML.box(self.kind, named, getattr(_HTML, self.kind)(self))),
            MIME: {"kind": self.kind, "name": self.name, **self._json()},
        }


class Finding(Shown):
    """One computed sentence, its value as data, and the evidence that both rest on.

    Where there is no evidence, `no_evidence` must say why. `headline` puts it on the index of
    reports. `see` names the table or figure that lists everything that the sentence counts: then
    only the first pieces of evidence are marked behind it.
    """

    kind = "finding"
    exported = ("text", "value", "layer", "no_evidence", "headline")

    def __init__(
        self,
        name: str,
        text: str,
        value: Any,
        evidence: Iterable[str] = (),
        *,
        layer: str = "both",
        no_evidence: str | None = None,
        headline: bool = False,
        see: str = "",
    ) -> None:
        super().__init__(name, text, evidence)
        if not self.evidence and not no_evidence:
            raise ValueError(f"finding {name!r} names no evidence and no reason why not")
        self.value, self.layer, self.see = value, layer, see
        self.no_evidence, self.headline = no_evidence, headline
        self.marked = self.evidence[:SHOWN_MARKS] if see else few(self.evidence)

    def _json(self) -> dict[str, Any]:
        return {**super()._json(), "evidence": list(self.evidence)}


class EvidenceTable(Shown):
    """A table."""

    kind = "table"

    def __init__(self, name: str, frame: pd.DataFrame, caption: str) -> None:
        ids = (i for cell in frame.get(EVIDENCE, ()) for i in cell)
        super().__init__(name, f"{caption} ({len(frame)} rows)", ids)
        self.frame, self.caption = frame, caption
        self.marked = together(cell[:CELL] for cell in few(frame).get(EVIDENCE, ()))

    def _json(self) -> dict[str, Any]:
        rows = self.frame.itertuples(index=False, name=None)
        return {
            "caption": self.caption,
            "columns": list(map(str, self.frame.columns)),
            "rows": [list(map(plain_cell, row)) for row in rows],
        }


class Coverage(EvidenceTable):
    """What was looked at, and what was not: one line, and a table beneath it."""

    kind = "coverage"


def _few(numbers: bytes) -> bytes:
    """Write coordinates, or the parts of a path, in few letters."""

    def short(number: re.Match[bytes]) -> bytes:
        return (b"%.2f" % float(number[0])).rstrip(b"0").rstrip(b".")

    numbers = re.sub(rb"-?\d+\.\d+", short, b" ".join(numbers.split()))
    return re.sub(rb"(?<=[MLCQ]) | (?=[MLCQz])", b"", numbers)


def _light(svg: bytes) -> bytes:
    """Take out of a picture what nobody sees, and what differs from run to run."""
    svg = svg.replace(*FONTS)
    svg = re.sub(rb"<!DOCTYPE.*?>\s*|<metadata>.*?</metadata>|<!--.*?-->", b"", svg, flags=re.S)
    svg = re.sub(rb'<g id="[^"]*"', b"<g", svg)
    svg = re.sub(rb'style="[^"]*"', lambda found: re.sub(rb"([:;]) ", rb"\1", found[0]), svg)
    # The font stands once, and a turn by nothing turns nothing.
    svg = re.sub(rb"font-family:%s;?" % FONTS[1] + rb'| transform="rotate\(-0 [^"]*"', b"", svg)
    # Matplotlib names them after a hash of their exact size, whose last bits may differ.
    names = re.findall(rb'<(?:clipPath|path|pattern) id="(\w+)"', svg)
    for number, name in enumerate(names, start=1):
        svg = svg.replace(name, b"s-%d" % number)
    coordinates = rb'( (?:d|x|y|width|height|points)=")([^"]*)"'
    svg = re.sub(coordinates, lambda found: found[1] + _few(found[2]) + b'"', svg)
    root = etree.fromstring(re.sub(rb">\s*\n\s*<", b"><", svg))
    for group in root.xpath("//*[local-name() = 'g'][not(@*)]"):
        group.tag = "bare"
    etree.strip_tags(root, "bare")
    root.set("font-family", FONTS[1].decode())
    light: bytes = etree.tostring(root, encoding="utf-8")
    return light


class Figure(EvidenceTable):
    """A picture with its caption, the table behind it, and words that say what it shows.

    It is drawn as SVG, the same bytes each time.
    """

    kind = "figure"

    def __init__(
        self, name: str, figure: MatplotlibFigure, alt: str, caption: str, data: pd.DataFrame
    ) -> None:
        super().__init__(name, data, caption)
        short = textwrap.shorten(alt, ALT, placeholder=" …") if len(alt) > ALT else alt
        self.alt = f"{short} {figure.get_suptitle()}".strip()  # which says what is not drawn
        self.text = f"{caption}\n{self.alt}"
        buffer = io.BytesIO()
        # A user's own settings of matplotlib must not change a published picture.
        with mpl.style.context(["default", SVG]):
            canvas: Any = FigureCanvasSVG(figure)
            layout, dots = figure.get_layout_engine(), figure.dpi
            if figure.axes and layout:
                layout.execute(figure)
                figure.set_layout_engine("none")
            # `savefig` would draw all twice, first to lay it out.
            canvas.print_svg(buffer, metadata={"Date": None})
            figure.set_layout_engine(layout)
            figure.set_dpi(dots)
        self.svg = _light(buffer.getvalue())
        points = re.findall(r'href="#ev-([^"]*)"', self.svg.decode())
        self.marked = tuple(dict.fromkeys([*self.marked, *map(unescape, points)]))
        self.source = base64.b64encode(self.svg).decode("ascii")

    def _json(self) -> dict[str, Any]:
        return {"alt": self.alt, **super()._json()}


class Parameters(Shown):
    """The parameters of a notebook: those of the namespace (its `globals()`), checked."""

    kind, caption = "parameters", "Parameters of this run"
    exported = ("notebook", "values")

    def __init__(self, notebook: str, namespace: Mapping[str, Any]) -> None:
        path = Project.find().notebooks / f"{notebook}.ipynb"
        declared = parameters_of(path)
        self.notebook = notebook
        self.values = check_values(path, {p.name: namespace[p.name] for p in declared})
        shown = {
            name: (", ".join(map(str, value)) or "all") if isinstance(value, list) else str(value)
            for name, value in self.values.items()
        }
        super().__init__("parameters", "\n".join(f"{n} = {value}" for n, value in shown.items()))
        columns = {"value": shown.values(), "meaning": [p.help for p in declared]}
        self.frame = pd.DataFrame({"parameter": shown.keys(), **columns})


class EvidenceList(Shown):
    """The evidence section: pieces of `ngolib.evidence.lookup`; of very many those marked."""

    kind = "evidence"

    def __init__(self, items: pd.DataFrame, marked: Collection[str]) -> None:
        super().__init__("evidence", f"{len(items)} pieces of evidence", items["evidence_id"])
        self.items = items
        self.shown = items[items["evidence_id"].isin(marked)] if len(items) > PIECES else items

    def _json(self) -> dict[str, Any]:
        return {"ids": list(self.evidence), "addresses": self.items["address"].tolist()}

    def groups(self) -> list[tuple[str, str, list[dict[str, Any]]]]:
        """Return the pages that tell of the pieces: address, heading, and their rows, numbered."""
        items = self.shown
        page = items["address"].astype("str").str.split("#").str[0]
        own = page.str.startswith("acts/")
        titles, labels = items["title"], items["label"]
        # A text is named as a heading, and of its statements each the act.
        heading = titles.where(own, labels).where(page.str.startswith(("acts/", "texts/")), RECORDS)
        rows = items.assign(page=page, heading=heading, text=labels.where(own, titles))
        number, parts = count(1), gathered(rows["page"], rows.to_dict("records"))
        told = ((p, [r | {"n": next(number)} for r in own]) for p, own in parts.items())
        return [(p, own[0]["heading"], own) for p, own in told]


class Provenance(Shown):
    """Inputs with hashes, versions and the command to run the notebook again."""

    kind, caption = "provenance", "Input files"
    exported = ("inputs", "versions", "command")
    PACKAGES = ("ngolib", "pandas", "numpy", "matplotlib", "papermill", "nbconvert")

    def __init__(self, parameters: Parameters) -> None:
        self.inputs = Project.find().files_read()
        self.inputs.pop(f"notebooks/{parameters.notebook}.ipynb", None)  # whose outputs say this
        versions = {package: importlib.metadata.version(package) for package in self.PACKAGES}
        self.versions = {"python": platform.python_version(), **versions}
        given = (shlex.quote(f"{n}={to_text(v)}") for n, v in parameters.values.items())
        self.command = " -p ".join([f"ngolib report {shlex.quote(parameters.notebook)}", *given])
        super().__init__("provenance", self.command)
        self.frame = pd.DataFrame(self.inputs.items(), columns=["file", "sha256"])
