"""What the notebook of the sources shows: doubts, and how findings change without weak texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ngolib.display import reforms, restrictions, sentences
from ngolib.objects import Finding
from ngolib.project import Project

LAYERS = ("corpus", "register")
LEVELS = ("rule", "policy")
# Least reliability to what a reader calls the choice; F (cannot be judged) is always kept.
CHOICES = {
    "E": "with all texts",
    "C": "without D and E",
    "B": "only A and B",
}
COLUMNS = ["notebook", "finding", "layers", *CHOICES.values(), "changes"]
SAME = "the same"


def doubts_finding(table: pd.DataFrame, doubts: pd.DataFrame, statements: pd.DataFrame) -> Finding:
    """Say how many doubts were noted, of which kinds, and how many statements they bear on.

    Parameters
    ----------
    table : pandas.DataFrame
        As `ngolib.analysis.sources.doubts_by_kind` gives it.
    doubts, statements : pandas.DataFrame
        Doubts and coded statements of the chosen articles.
    """
    total = int(table["doubts"].sum())
    value = {str(k): int(n) for k, n in zip(table["kind"], table["doubts"], strict=True)}
    parts = sentences.listed(f"{kind.lower()} {n}" for kind, n in value.items())
    named = {i for ids in doubts["statement_ids"] for i in ids}
    touched = len(named & set(statements["statement_id"]))
    text = (
        f"{sentences.counted(total, 'doubt')} about words of the texts "
        f"{'is' if total == 1 else 'are'} noted, by kind: {parts}; they bear on {touched} of "
        f"{sentences.counted(len(statements), 'coded statement')}."
        if total
        else "No doubt is noted for the articles of this selection."
    )
    ids = [i for cell in table["evidence"] for i in cell]
    return Finding(
        "doubts", text, value, ids, layer="corpus", no_evidence="there is no doubt to show"
    )


def sensitivity(project: Project, countries: Sequence[str], start: int, end: int) -> pd.DataFrame:
    """Compute the findings of the notebooks 02 and 03 with and without the weakest texts.

    Parameters
    ----------
    project : Project
        The project.
    countries : sequence of str
        Countries compared; the reforms are those of the first.
    start, end : int
        First and last year.

    Returns
    -------
    pandas.DataFrame
        One row per finding and choice of layers (both; the texts alone): `notebook, finding,
        layers`, then a column per choice of texts (`CHOICES`): the sentence, or `the same` where it
        does not differ from that with all texts; `changes` (yes or no).
    """
    rows = []
    for layers in (LAYERS, LAYERS[:1]):
        told = {
            least: _findings(project, countries, start, end, layers, least) for least in CHOICES
        }
        names = dict.fromkeys(key for found in told.values() for key in found)
        for notebook, name in names:
            texts = [told[least].get((notebook, name), "not computed") for least in CHOICES]
            rest = [SAME if text == texts[0] else text for text in texts[1:]]
            changes = "no" if all(text == SAME for text in rest) else "yes"
            layer = "both" if len(layers) > 1 else layers[0]
            rows.append((notebook, name, layer, texts[0], *rest, changes))
    return pd.DataFrame(rows, columns=COLUMNS)


def _findings(
    project: Project,
    countries: Sequence[str],
    start: int,
    end: int,
    layers: Sequence[str],
    least: str,
) -> dict[tuple[str, str], str]:
    field = next(iter(project.vocabulary("category", "field")))
    selection = restrictions.select(
        project, countries, start, end, [], field, layers, [], "low", least
    )
    found = {("02", f.name): f.text for f in restrictions.answer(selection)}
    found["02", "states"] = _states(selection)
    for country in countries[:1]:
        story = reforms.select(project, country, start, end, [], LEVELS, layers, [], "low", least)
        found |= {("03", f.name): f.text for f in reforms.answer(story)}
    return found


def _states(selection: restrictions.Selection) -> str:
    """Tell the states of the matrix in one sentence, by how many cells have each."""
    counts: Mapping[str, Any] = selection.matrix["state"].value_counts().to_dict()
    parts = [f"{restrictions.compare.STATES[s]} {n}" for s, n in sorted(counts.items())]
    return f"Cells of the matrix by state: {sentences.listed(parts)}."


def sensitivity_finding(table: pd.DataFrame) -> Finding:
    """Say how many findings change without the weakest texts, by the layers they rest on."""
    value = {}
    parts = []
    for layer, words in (("both", "both layers"), ("corpus", "the texts alone")):
        own = table[table["layers"] == layer]
        changed = int((own["changes"] == "yes").sum())
        value[layer] = {"findings": len(own), "change": changed}
        parts.append(f"{changed} of {len(own)} with {words}")
    text = (
        f"Without the texts of reliability D and E, or C to E, findings of the notebooks on "
        f"restrictions and reforms change: {'; '.join(parts)}."
    )
    reason = "it compares findings whose evidence stands in their own notebooks"
    return Finding("sensitivity", text, value, layer="both", no_evidence=reason, headline=True)
