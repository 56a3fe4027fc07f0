"""Human rights treaties of the register: what each state did, each act with an id and its span."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ngolib.evidence.dates import spans
from ngolib.evidence.events import CONFIDENCE_ORDER
from ngolib.project import Project, read_once

BINDING = ("ratification", "accession")
COLUMNS = [
    "treaty_id",
    "country",
    "treaty",
    "treaty_title",
    "action",
    "date",
    "date_start",
    "date_end",
    "date_kind",
    "confidence",
    "note",
    "evidence",
]


@read_once
def load_treaties(
    countries: Sequence[str] | None = None,
    min_confidence: str | None = None,
    *,
    project: Project | None = None,
) -> pd.DataFrame:
    """Load what the states did about nine human rights treaties.

    Parameters
    ----------
    countries : sequence of str, optional
        Keep these; None keeps all.
    min_confidence : str, optional
        Least confidence, low to high.

    Returns
    -------
    pandas.DataFrame
        `treaty_id` (made of country, treaty and action, so that it lasts), `country, treaty,
        treaty_title, action` (accession, ratification, signature, none, unverified), `date` as
        written, `date_start, date_end` (days; NaT = the day is not documented), `date_kind`
        (deposit, domestic_law, status_as_of), `confidence, note, evidence` (the row's own id); in
        the order of the table.

    Raises
    ------
    ngolib.errors.DataError
        If the table breaks its schema.

    Examples
    --------
    >>> from ngolib.evidence.treaties import load_treaties
    >>> sorted(load_treaties()["country"].unique())
    ['KAZ', 'KGZ', 'RUS', 'UZB']
    """
    project = project or Project.find()
    table = project.read_table("treaties")
    table["date_start"], table["date_end"] = spans(table["date"])
    table["treaty_id"] = (
        "treaty-" + table["country"] + "-" + table["treaty"] + "-" + table["action"]
    )
    table["evidence"] = [(i,) for i in table["treaty_id"]]
    if countries is not None:
        table = table[table["country"].isin(countries)]
    if min_confidence is not None:
        kept = CONFIDENCE_ORDER[CONFIDENCE_ORDER.index(min_confidence) :]
        table = table[table["confidence"].isin(kept)]
    return table[COLUMNS].reset_index(drop=True)


def row_id(row: int) -> str:
    """Return the id of one row of the treaty table in the text."""
    return f"treaty-table-{row}"
