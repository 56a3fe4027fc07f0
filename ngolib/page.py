"""One page of evidence: what a notebook says, shows and draws, with everything that it rests on."""

from collections.abc import Mapping
from typing import Any, TypeVar

import pandas as pd
from matplotlib.figure import Figure

from ngolib import objects
from ngolib.errors import ReportError
from ngolib.evidence import lookup
from ngolib.evidence.tables import together
from ngolib.project import Project

Made = TypeVar("Made", bound=objects.Shown)
NOTHING = "nothing is recorded for this selection"
# What columns of our tables are called on a page.
NAMES = {"layers": "rests on", "short": "rule", "law_no": "law"}


class Page:
    """What a notebook hands to its report; it knows the parameters, and gathers the evidence.

    The namespace, `globals()` of the notebook, holds the parameters. The page rests on the layers
    chosen there, else on that given: `corpus` (texts), `register` or `both`. A parameter with a
    value that is not allowed is a `ParameterError`.
    """

    def __init__(self, notebook: str, namespace: Mapping[str, Any], layer: str = "both") -> None:
        self.parameters = objects.Parameters(notebook, namespace)
        layers = self.parameters.values.get("layers", ())
        self.layer = layers[0] if len(layers) == 1 else layer
        self.closing_day = Project.find().closing_day
        self._shown: list[objects.Shown] = []

    def _put(self, shown: Made) -> Made:
        self._shown.append(shown)
        return shown

    def answer(
        self, name: str, text: str, value: Any, rows: pd.DataFrame, why: str = NOTHING, **more: Any
    ) -> objects.Finding:
        """Say a sentence that answers the notebook's question; the index of reports repeats it."""
        return self.say(name, text, value, rows, why, headline=True, **more)

    def say(
        self,
        name: str,
        text: str,
        value: Any,
        rows: pd.DataFrame,
        why: str = NOTHING,
        *,
        see: str = "",
        layer: str = "",
        headline: bool = False,
    ) -> objects.Finding:
        """Say a computed sentence, and what it says as data: a number, list, dict, Series or frame.

        It rests on the `evidence` of the rows, those that decide it first; `why` says why there may
        be none, `see` names the table or figure with the whole list, and `layer` what the sentence
        rests on, where that differs from the page. A headline answers the question.
        """
        more: dict[str, Any] = {"no_evidence": why, "headline": headline, "see": see}
        ids, layer = together(rows["evidence"]), layer or self.layer
        told = _plain(value, f"finding {name!r}")
        return self._put(objects.Finding(name, text, told, ids, layer=layer, **more))

    def cover(self, table: pd.DataFrame, caption: str) -> objects.Coverage:
        """Show what was looked at, and what was not."""
        return self._put(objects.Coverage("coverage", table, caption))

    def show(self, name: str, table: pd.DataFrame, caption: str) -> objects.EvidenceTable:
        """Show a table, with its index unless that only numbers rows; `evidence` becomes marks."""
        return self._put(objects.EvidenceTable(name, _told(table), caption))

    def draw(
        self, name: str, figure: Figure, alt: str, caption: str, data: pd.DataFrame, layer: str = ""
    ) -> objects.Figure:
        """Show a figure with its alternative text, its caption and the table behind it."""
        caption = f"{caption} Rests on: {objects.RESTS_ON[layer or self.layer]}."
        return self._put(objects.Figure(name, figure, alt, caption, _told(data)))

    def evidence(self) -> objects.EvidenceList:
        """List every piece of evidence of what was shown, each once."""
        ids = together(shown.evidence for shown in self._shown)
        return objects.EvidenceList(lookup(ids), together(shown.marked for shown in self._shown))

    def provenance(self) -> objects.Provenance:
        """Show inputs, versions and the command to run it again; all else must have been shown."""
        self.check_shown()
        return objects.Provenance(self.parameters)

    def check_shown(self) -> None:
        """Refuse what was made, and shown nowhere."""
        seen = {shown.name for shown in self._shown if shown.seen}
        if lost := [shown.name for shown in self._shown if shown.name not in seen]:
            how = "let each be the last line of a cell, or give it to display()"
            raise ReportError(f"made, but shown nowhere: {', '.join(lost)}; {how}")


def _told(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as a page shows it: an index that tells something is a column too."""
    n, bare = table.index, table.index.names == [None] and "year" not in table
    if bare and len(n) and n.dtype.kind in "iu" and 1900 < n.min() <= n.max() < 2100:
        table = table.rename_axis("year")
    named = any(table.index.names) or not pd.api.types.is_integer_dtype(table.index)
    both = [name for name in table.index.names if name in table]
    if len(table) and any(pd.api.types.is_numeric_dtype(table[name]) for name in both):
        raise ReportError(f"its index and a column are both called {both[0]!r}; rename one of them")
    named = named and not set(table.index.names) & set(table)
    return (table.reset_index() if named else table).rename(columns=NAMES)


def _plain(value: Any, where: str) -> Any:
    """Turn what pandas holds into what JSON holds; what is missing falls out of records."""
    if isinstance(value, pd.DataFrame | pd.Series):
        rows = value if isinstance(value, pd.Series) else (r.dropna() for _, r in value.iterrows())
        names = [" to ".join(map(str, i)) if isinstance(i, tuple) else str(i) for i in value.index]
        if twice := [name for n, name in enumerate(names) if name in names[:n]]:
            raise ReportError(f"{where}: its value has {twice[0]!r} twice; allowed: each name once")
        value = dict(zip(names, rows, strict=True))
    if isinstance(value, Mapping):
        return {str(name): _plain(cell, where) for name, cell in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(cell, where) for cell in value]
    if (plain := objects.plain_cell(value)) in ("inf", "-inf") and plain != value:
        raise ReportError(f"{where}: found {plain} in its value; allowed: a finite number")
    return plain
