"""Published ratings of the register, each with an id, a year, and one orientation."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ngolib.evidence.events import CONFIDENCE_ORDER
from ngolib.project import Project, read_once

# Steps of the ratings that are words, from the least free to the freest, as their publishers order
# them; the table gives the two ends (`scale_min`, `scale_max`) and `best`.
GRADES = {
    "freedom_in_the_world_status": ("NF", "PF", "F"),
    "civicus_monitor": ("closed", "repressed", "obstructed", "narrowed", "open"),
}
LABELS = {
    "freedom_in_the_world_pr": "Freedom in the World: political rights",
    "freedom_in_the_world_cl": "Freedom in the World: civil liberties",
    "freedom_in_the_world_average": "Freedom in the World: mean of both ratings",
    "freedom_in_the_world_status": "Freedom in the World: status",
    "freedom_in_the_world_total": "Freedom in the World: total score",
    "freedom_in_the_world_pr_score": "Freedom in the World: political rights score",
    "freedom_in_the_world_cl_score": "Freedom in the World: civil liberties score",
    "nations_in_transit_civil_society": "Nations in Transit: civil society",
    "nations_in_transit_democracy": "Nations in Transit: democracy",
    "nations_in_transit_democracy_percentage": "Nations in Transit: democracy percentage",
    "csosi_overall": "CSO Sustainability Index: overall",
    "csosi_legal": "CSO Sustainability Index: legal environment",
    "csosi_organisational_capacity": "CSO Sustainability Index: organisational capacity",
    "csosi_financial": "CSO Sustainability Index: financial viability",
    "csosi_advocacy": "CSO Sustainability Index: advocacy",
    "csosi_service_provision": "CSO Sustainability Index: service provision",
    "csosi_infrastructure": "CSO Sustainability Index: infrastructure",
    "csosi_public_image": "CSO Sustainability Index: public image",
    "civicus_monitor": "CIVICUS Monitor: rating",
    "civicus_monitor_score": "CIVICUS Monitor: points",
    "civicus_watchlist": "CIVICUS Monitor: watch list",
}
COLUMNS = [
    "rating_id",
    "country",
    "index",
    "year",
    "year_basis",
    "edition_year",
    "value",
    "number",
    "best",
    "scale_min",
    "scale_max",
    "value_as_printed",
    "printed_best",
    "in_snippet",
    "confidence",
    "url",
    "snippet",
    "note",
    "evidence",
]


def label_of(index: str) -> str:
    """Return the name of an index; its code, spaced, where it has none yet."""
    return LABELS.get(index, index.replace("_", " "))


@read_once
def load_ratings(
    countries: Sequence[str] | None = None,
    indices: Sequence[str] | None = None,
    min_confidence: str | None = None,
    *,
    project: Project | None = None,
) -> pd.DataFrame:
    """Load the published ratings of the register.

    Parameters
    ----------
    countries, indices : sequence of str, optional
        Keep these; None keeps all.
    min_confidence : str, optional
        Least confidence, low to high.

    Returns
    -------
    pandas.DataFrame
        `rating_id` (made of country, index, and day or edition, so that it lasts); `country`,
        `index`; `year` (nullable) with `year_basis`: `covered` (the year that the rating speaks
        of), `day` (the rating is tied to a day in it), `edition` (only the year of publication is
        known), empty (no year is known); `edition_year`; `value` as in the table; `number` (the
        value as a number; for a grade its step from 0, the least free; NaN where it is neither);
        `best` (which end of `value` is best; for a grade, as for its steps, `max`), `scale_min`,
        `scale_max`; `value_as_printed`, `printed_best`; `in_snippet, confidence, url, snippet,
        note`; `evidence` (the row's own id). By index, country and year.

    Raises
    ------
    ngolib.errors.DataError
        If the table breaks its schema.

    Examples
    --------
    >>> from ngolib.evidence.ratings import load_ratings
    >>> score = load_ratings(countries=["KAZ"], indices=["civicus_monitor_score"]).iloc[0]
    >>> int(score["year"]), score["value"], score["year_basis"]
    (2023, '27', 'edition')
    """
    project = project or Project.find()
    table = project.read_table("ratings")
    when = table["date"].where(table["date"] != "", table["edition_year"].astype("string"))
    table["rating_id"] = (
        "rating-" + table["country"] + "-" + table["index"] + "-" + when.fillna("undated")
    )
    day = pd.to_numeric(table["date"].str[:4], errors="coerce").astype("Int64")
    table["year"] = table["year_covered"].fillna(day).fillna(table["edition_year"])
    table["year_basis"] = "edition"
    table["year_basis"] = table["year_basis"].mask(day.notna(), "day")
    table["year_basis"] = table["year_basis"].mask(table["year_covered"].notna(), "covered")
    table["year_basis"] = table["year_basis"].mask(table["year"].isna(), "")
    table["number"] = [
        _number(index, value) for index, value in zip(table["index"], table["value"], strict=True)
    ]
    table["evidence"] = [(i,) for i in table["rating_id"]]
    for column, wanted in (("country", countries), ("index", indices)):
        if wanted is not None:
            table = table[table[column].isin(wanted)]
    if min_confidence is not None:
        kept = CONFIDENCE_ORDER[CONFIDENCE_ORDER.index(min_confidence) :]
        table = table[table["confidence"].isin(kept)]
    return table.sort_values(["index", "country", "year"])[COLUMNS].reset_index(drop=True)


def _number(index: str, value: str) -> float:
    """Return a value as a number: a grade as its step, other words as NaN."""
    if index in GRADES:
        grades = GRADES[index]
        return float(grades.index(value)) if value in grades else float("nan")
    try:
        return float(value)
    except ValueError:
        return float("nan")
