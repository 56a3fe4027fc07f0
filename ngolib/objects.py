"""What a notebook shows and hands to a report.

Each object is an output of three forms in one: text for a terminal, HTML for JupyterLab and the
report, and JSON (`MIME`) that the exporter reads. All text from data is escaped here, where the
HTML is built.
"""

from __future__ import annotations

import base64
import importlib.metadata
import io
import math
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.style
import pandas as pd
from jinja2 import Environment
from lxml import etree
from markupsafe import Markup

from ngolib.params import check_values, parameters_of
from ngolib.project import Project

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure

MIME = "application/vnd.ngolib+json"
EVIDENCE = "evidence"
SHOWN_MARKS = 6
RESTS_ON = {"both": "texts and register", "corpus": "texts", "register": "register"}
# Text stays text: it can be searched and read aloud, and a page is a third of the weight.
SVG = {"svg.hashsalt": "ngolib", "svg.fonttype": "none"}
# What readers without our font see is no wider, so that nothing overlaps.
FONTS = (b"'DejaVu Sans'", b"'DejaVu Sans', Verdana, sans-serif")

# Matplotlib draws a circle by eight curves.
CIRCLE = re.compile(rb"M[-.\d ]+(?:C[-.\d ]+){8}z")

_ENVIRONMENT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
# JupyterLab sets the cells of a table flush right, which suits numbers and not words.
_TABLE = _ENVIRONMENT.from_string(
    """{% set left = 'style="text-align:left"' | safe %}
<table>
<caption>{{ caption }}</caption>
<thead><tr>{% for c in columns %}<th scope="col" {{ left }}>{{ c }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in rows %}
<tr>{% for cell in row %}{% if loop.first %}<th scope="row" {{ left }}>{{ cell }}</th>{% else %}\
<td {{ left }}>{{ cell }}</td>{% endif %}{% endfor %}</tr>
{% endfor %}
</tbody></table>"""
)
_MARKS = _ENVIRONMENT.from_string(
    """{% macro mark(i, number) %}<a class="ngo-mark" href="#ev-{{ i }}" title="{{ i }}">\
{{ number }}</a>{% endmacro %}
{% for i in ids[:shown] %}{{ mark(i, loop.index) }} {% endfor %}
{% if ids[shown:] %}<details class="ngo-more"><summary>and {{ ids[shown:] | length }} more\
</summary>{% for i in ids[shown:] %}{{ mark(i, loop.index + shown) }} {% endfor %}</details>
{% endif %}"""
)
_BOX = _ENVIRONMENT.from_string(
    '<div class="ngo-{{ kind }}"{% if id %} id="{{ id }}"{% endif %}>{{ inner }}</div>'
)


def marks(ids: Iterable[str], shown: int = SHOWN_MARKS) -> Markup:
    """Return links to pieces of evidence: some at once, the others folded.

    They are numbered within their place; a report numbers them anew, as its evidence section does.
    """
    return Markup(_MARKS.render(ids=list(ids), shown=shown).strip())


def _plain(value: Any) -> Any:
    """Turn a cell into what JSON holds: lists joined, missing values as null."""
    if isinstance(value, (tuple, list)):
        return "; ".join(str(v) for v in value)
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if value is pd.NaT:
        return None
    if hasattr(value, "item"):
        return value.item()
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    return [[_plain(v) for v in row] for row in frame.itertuples(index=False, name=None)]


def table_html(frame: pd.DataFrame, caption: str) -> Markup:
    """Render a table: caption, header scope, evidence columns as links.

    Parameters
    ----------
    frame : pandas.DataFrame
        A column named `evidence` holds tuples of evidence ids.
    caption : str
        Caption.
    """
    rows = []
    for record in frame.itertuples(index=False, name=None):
        row: list[Any] = []
        for column, value in zip(frame.columns, record, strict=True):
            if column == EVIDENCE:
                row.append(marks(value))
            elif isinstance(value, Markup):
                row.append(value)
            else:
                plain = _plain(value)
                row.append("" if plain is None else plain)
        rows.append(row)
    columns = [str(c).replace("_", " ") for c in frame.columns]
    return Markup(_TABLE.render(caption=caption, columns=columns, rows=rows))


class Shown:
    """Base of all display objects."""

    kind = ""

    def __init__(self, name: str, evidence: Iterable[str] = ()) -> None:
        self.name = name
        self.evidence: tuple[str, ...] = tuple(dict.fromkeys(evidence))

    def _json(self) -> dict[str, Any]:
        raise NotImplementedError

    def _html(self) -> Markup:
        raise NotImplementedError

    def _text(self) -> str:
        raise NotImplementedError

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        # Sentences lead to tables and figures by their names.
        named = self.name if isinstance(self, EvidenceTable | Figure) else ""
        html = _BOX.render(kind=self.kind, id=named, inner=self._html())
        return {
            "text/plain": self._text(),
            "text/html": html,
            MIME: {"kind": self.kind, "name": self.name, **self._json()},
        }


class Finding(Shown):
    """One computed sentence and the evidence that it rests on.

    Parameters
    ----------
    name : str
        Stable short name; `ngolib diff` and tests compare findings by it.
    text : str
        The sentence, computed from the data.
    value : object
        The number or list behind it, as JSON can hold it.
    evidence : iterable of str
        Ids of statements, steps or rules.
    layer : str
        Evidence that it rests on: corpus (texts), register or both.
    no_evidence : str, optional
        Why there is none; needed where `evidence` is empty.
    headline : bool
        Whether the index of reports shows it.
    see : str, optional
        Name of the table or figure that lists everything that the sentence counts: then only the
        first pieces of evidence are marked behind it.

    Raises
    ------
    ValueError
        If there is neither evidence nor a reason why not.

    Examples
    --------
    >>> from ngolib.objects import Finding
    >>> Finding("n", "Two acts are documented.", 2, no_evidence="an example").text
    'Two acts are documented.'
    """

    kind = "finding"

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
        super().__init__(name, evidence)
        if not self.evidence and not no_evidence:
            raise ValueError(f"finding {name!r} names no evidence and no reason why not")
        self.text, self.value, self.layer = text, value, layer
        self.no_evidence, self.headline, self.see = no_evidence, headline, see

    def _json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "value": self.value,
            "layer": self.layer,
            "evidence": list(self.evidence),
            "no_evidence": self.no_evidence,
            "headline": self.headline,
        }

    def _html(self) -> Markup:
        css = "ngo-headline" if self.headline else ""
        tail: Markup | str = f"({self.no_evidence})"
        if self.evidence and self.see:
            whole = Markup('<a href="#{}">the whole list</a>').format(self.see)
            tail = Markup("{} {}").format(marks(self.evidence[:SHOWN_MARKS]), whole)
        elif self.evidence:
            tail = marks(self.evidence)
        return Markup('<div class="{}">{} <span class="ngo-layer">[{}]</span> {}</div>').format(
            css, self.text, RESTS_ON[self.layer], tail
        )

    def _text(self) -> str:
        return self.text


class EvidenceTable(Shown):
    """A table; a column named `evidence` becomes links to the evidence section."""

    kind = "table"

    def __init__(self, name: str, frame: pd.DataFrame, caption: str) -> None:
        ids = [i for cell in frame.get(EVIDENCE, ()) for i in cell]
        super().__init__(name, ids)
        self.frame, self.caption = frame, caption

    def _json(self) -> dict[str, Any]:
        return {
            "caption": self.caption,
            "columns": [str(c) for c in self.frame.columns],
            "rows": _rows(self.frame),
        }

    def _html(self) -> Markup:
        return table_html(self.frame, self.caption)

    def _text(self) -> str:
        return f"{self.caption} ({len(self.frame)} rows)"


class Coverage(EvidenceTable):
    """What was looked at, and what was not."""

    kind = "coverage"


def _short(number: re.Match[bytes]) -> bytes:
    return (b"%.2f" % float(number[0])).rstrip(b"0").rstrip(b".")


def _few(numbers: bytes) -> bytes:
    """Write coordinates, or the parts of a path, in few letters."""
    numbers = re.sub(rb"-?\d+\.\d+", _short, b" ".join(numbers.split()))
    return CIRCLE.sub(_circle, re.sub(rb"(?<=[MLCQ]) | (?=[MLCQz])", b"", numbers))


def _circle(path: re.Match[bytes]) -> bytes:
    """Draw a circle by two arcs: as curves, a hatch of dots weighs a tenth of a page."""
    x, y, *curves = map(float, re.findall(rb"[-.\d]+", path[0]))
    side, far = (curves[6 * n - 2 : 6 * n] for n in (2, 4))
    radius = abs(y - far[1]) / 2
    found = [abs(far[0] - x), abs(side[1] - (y + far[1]) / 2), abs(abs(side[0] - x) - radius)]
    if max(found) > 0.02:
        return path[0]
    arc = b"A%g %g 0 0 0 " % (radius, radius)
    return b"M%g %g%s%g %g%s%g %gz" % (x, y, arc, x, far[1], arc, x, y)


def _light(svg: bytes) -> bytes:
    """Take out of a picture what nobody sees, and what differs from run to run.

    Metadata, comments, line ends and names of groups go; coordinates are written to a hundredth;
    fonts are named for readers without ours; clips and markers are numbered: Matplotlib names them
    after a hash of their exact size, whose last bits differ from run to run where the layout is
    solved (`layout="constrained"`); what is drawn is rounded, and does not.
    """
    svg = svg.replace(*FONTS)
    svg = re.sub(rb"<!DOCTYPE.*?>\s*|<metadata>.*?</metadata>|<!--.*?-->", b"", svg, flags=re.S)
    svg = re.sub(rb'<g id="[^"]*"', b"<g", svg)
    svg = re.sub(rb'style="[^"]*"', lambda found: re.sub(rb"([:;]) ", rb"\1", found[0]), svg)
    for number, name in enumerate(
        re.findall(rb'<(?:clipPath|path|pattern) id="(\w+)"', svg), start=1
    ):
        svg = svg.replace(name, b"s-%d" % number)
    coordinates = rb'( (?:d|x|y|width|height|points)=")([^"]*)"'
    svg = re.sub(coordinates, lambda found: found[1] + _few(found[2]) + b'"', svg)
    return _without_bare_groups(re.sub(rb">\s*\n\s*<", b"><", svg))


def _without_bare_groups(svg: bytes) -> bytes:
    root = etree.fromstring(svg)
    for group in root.iter("{*}g"):
        if not group.attrib:
            group.tag = "bare"
    etree.strip_tags(root, "bare")
    light: bytes = etree.tostring(root, encoding="utf-8")
    return light


class Figure(Shown):
    """A picture with its own alt text, its caption and the table behind it.

    Parameters
    ----------
    name : str
        Stable short name.
    figure : matplotlib.figure.Figure
        The drawing; it is rendered as SVG with reproducible ids and closed.
    alt : str
        Says what the picture shows, with its numbers; not the caption.
    caption : str
        Title, layer and source line.
    data : pandas.DataFrame
        The table behind the picture; a column `evidence` becomes links.
    """

    kind = "figure"

    def __init__(
        self, name: str, figure: MatplotlibFigure, alt: str, caption: str, data: pd.DataFrame
    ) -> None:
        ids = [i for cell in data.get(EVIDENCE, ()) for i in cell]
        super().__init__(name, ids)
        self.alt, self.caption, self.data = alt, caption, data
        buffer = io.BytesIO()
        # Without a fixed salt the ids inside the picture would differ from run to run; and a user's
        # own settings of matplotlib must not change a published picture.
        with mpl.style.context(["default", SVG]):
            figure.savefig(buffer, format="svg", metadata={"Date": None})
        self.svg = _light(buffer.getvalue())

    def _json(self) -> dict[str, Any]:
        return {
            "alt": self.alt,
            "caption": self.caption,
            "columns": [str(c) for c in self.data.columns],
            "rows": _rows(self.data),
        }

    def _html(self) -> Markup:
        source = base64.b64encode(self.svg).decode("ascii")
        return Markup(
            '<figure><img src="data:image/svg+xml;base64,{}" alt="{}">'
            "<figcaption>{}</figcaption></figure>"
            "<details><summary>The table behind the figure</summary>{}</details>"
        ).format(source, self.alt, self.caption, table_html(self.data, self.caption))

    def _text(self) -> str:
        return f"{self.caption}\n{self.alt}"


class Parameters(Shown):
    """The parameters with which a notebook runs, validated; shown as a table.

    Parameters
    ----------
    notebook : str
        Name of the notebook, without suffix.
    namespace : mapping
        Where the values stand: `globals()` of the notebook.

    Raises
    ------
    ngolib.errors.ParameterError
        If a value is not allowed.
    """

    kind = "parameters"

    def __init__(self, notebook: str, namespace: Mapping[str, Any]) -> None:
        super().__init__("parameters")
        project = Project.find()
        path = project.notebooks / f"{notebook}.ipynb"
        declared = parameters_of(path)
        self.notebook = notebook
        self.help = {p.name: p.help for p in declared}
        self.values = check_values(path, {p.name: namespace[p.name] for p in declared})

    def _json(self) -> dict[str, Any]:
        return {
            "notebook": self.notebook,
            "values": {k: _json_value(v) for k, v in self.values.items()},
        }

    def _html(self) -> Markup:
        frame = pd.DataFrame(
            {
                "parameter": list(self.values),
                "value": [_show_value(v) for v in self.values.values()],
                "meaning": [self.help.get(k) or "" for k in self.values],
            }
        )
        return table_html(frame, "Parameters of this run")

    def _text(self) -> str:
        return "\n".join(f"{k} = {_show_value(v)}" for k, v in self.values.items())


def _json_value(value: Any) -> Any:
    return list(value) if isinstance(value, (tuple, list)) else value


def _show_value(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return ", ".join(str(v) for v in value) or "all"
    return str(value)


# JupyterLab leads from a mark to what bears its name, and unfolds nothing: so there the title of
# the act, which is seen, bears it.
_ANCHOR = Markup('<i data-jupyter-id="ev-{}"></i>')


class EvidenceList(Shown):
    """The evidence section: every piece that the shown objects rest on, each once.

    Parameters
    ----------
    items : pandas.DataFrame
        As `ngolib.evidence.lookup` gives it.
    """

    kind = "evidence"

    def __init__(self, items: pd.DataFrame) -> None:
        super().__init__("evidence", items["evidence_id"])
        self.items = items

    def _json(self) -> dict[str, Any]:
        return {"ids": list(self.evidence)}

    def _html(self) -> Markup:
        # Folded by act: a reader comes here by a mark, which opens its act, or looks for an act.
        by_act: dict[str, list[dict[str, Any]]] = {}
        for row in self.items.to_dict(orient="records"):
            by_act.setdefault(row["title"], []).append(row)
        numbers = count(1)
        act = Markup('<details class="ngo-act"><summary>{}{} ({})</summary><ol>{}</ol></details>')
        return Markup("\n").join(
            act.format(
                Markup().join(_ANCHOR.format(row["evidence_id"]) for row in rows),
                title,
                len(rows),
                Markup("\n").join(_evidence_html(row, next(numbers)) for row in rows),
            )
            for title, rows in by_act.items()
        )

    def _text(self) -> str:
        return f"{len(self.items)} pieces of evidence"


_PIECE = _ENVIRONMENT.from_string(
    """<li id="ev-{{ evidence_id }}" value="{{ number }}"><p><code>{{ evidence_id }}</code></p>
{% for q in quotes %}
{% if q.quote %}<blockquote>{{ q.before }}<mark>{{ q.quote }}</mark>{{ q.after }}</blockquote>
{% endif %}
{% if q.url.startswith(("http://", "https://")) %}
<p class="ngo-source"><a href="{{ q.url }}" rel="noreferrer">source</a>\
{% if q.kind %} ({{ q.kind | replace("_", " ") }}){% endif %}</p>
{% endif %}
{% endfor %}
{% if not (quotes | selectattr("quote") | list or quotes | selectattr("url") | list) %}
<p class="ngo-source">no source is named in the register</p>
{% endif %}
<p>{{ about }}</p>
{% for doubt in doubts %}<p class="ngo-doubt">{{ doubt }}</p>
{% endfor %}
</li>"""
)


def _evidence_html(row: Mapping[str, Any], number: int) -> Markup:
    """One item: its quotes in their context with their sources, what it is, what is doubtful."""
    return Markup(_PIECE.render(number=number, **row))


class Provenance(Shown):
    """Inputs with hashes, versions and the command to run the notebook again."""

    kind = "provenance"
    PACKAGES = ("ngolib", "pandas", "numpy", "matplotlib", "papermill", "nbconvert")

    def __init__(self, parameters: Parameters) -> None:
        super().__init__("provenance")
        self.inputs = Project.find().input_hashes()
        self.versions = {"python": platform.python_version()} | {
            p: importlib.metadata.version(p) for p in self.PACKAGES
        }
        given = " ".join(
            f"-p {k}={','.join(map(str, v)) if isinstance(v, (tuple, list)) else v}"
            for k, v in parameters.values.items()
        )
        self.command = f"ngolib report {parameters.notebook} {given}".rstrip()

    def _json(self) -> dict[str, Any]:
        return {"inputs": self.inputs, "versions": self.versions, "command": self.command}

    def _html(self) -> Markup:
        files = pd.DataFrame({"file": list(self.inputs), "sha256": list(self.inputs.values())})
        versions = ", ".join(f"{k} {v}" for k, v in self.versions.items())
        # A long list of values is one word, which would make the reader scroll sideways.
        return Markup(
            '<p>Run again: <code style="overflow-wrap:anywhere">{}</code></p>'
            "<p>{}</p>"
            "<details><summary>{} input files and their hashes</summary>{}</details>"
        ).format(self.command, versions, len(files), table_html(files, "Input files"))

    def _text(self) -> str:
        return self.command


def cited(shown: Sequence[Shown]) -> tuple[str, ...]:
    """Return the ids of all evidence that the objects rest on, each once, in order of use."""
    return tuple(dict.fromkeys(i for s in shown for i in s.evidence))
