"""What was searched and read: an empty cell means nothing until this is known."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ngolib.evidence import reliable
from ngolib.project import Project
from ngolib.texts import load_articles


def searches(countries: Sequence[str], *, project: Project | None = None) -> pd.DataFrame:
    """Return the searches that were made for countries: what only was planned falls out."""
    log = (project or Project.find()).read_table("search_log")
    return log[log["country"].isin(countries) & (log["status"] != "not_searched")]


def coverage(countries: Sequence[str], min_reliability: str = "E") -> pd.DataFrame:
    """Say by period what was searched in the register, and how many texts there are.

    Returns
    -------
    pandas.DataFrame
        `period`, a column per country (`KAZ_register`: categories searched and those with a find),
        `texts` (articles on the subject whose date of publication touches the period).
    """
    log = searches(countries)
    periods = Project.find().read_table("search_log")[["period_start", "period_end"]]
    periods = periods.drop_duplicates().sort_values("period_start")
    published = _published(min_reliability)
    rows = []
    for start, end in periods.itertuples(index=False):
        row: dict[str, object] = {"period": f"{start}–{end}" if start < end else str(start)}
        own = log[(log["period_start"] == start) & (log["period_end"] == end)]
        for country in countries:
            looked = own.loc[own["country"] == country].groupby("status")["category"].agg(set)
            number, found = len(set().union(*looked)), len(looked.get("found", ()))
            row[f"{country}_register"] = f"{number} categories searched, {found} with a find"
        rows.append(row | {"texts": _touching(published, start, end)})
    return pd.DataFrame(rows)


def coverage_by_year(
    country: str, start: int, end: int, min_reliability: str = "E"
) -> pd.DataFrame:
    """Say by year how many categories were searched, and how many texts there are.

    Returns
    -------
    pandas.DataFrame
        `year, categories_searched, categories_known` (searched for any country in any year),
        `articles` (those whose date of publication touches the year).
    """
    log = searches([country])
    known = Project.find().read_table("search_log")["category"].nunique()
    published = _published(min_reliability)
    rows = []
    for year in range(start, end + 1):
        own = log[(log["period_start"] <= year) & (log["period_end"] >= year)]
        rows.append((year, own["category"].nunique(), known, _touching(published, year, year)))
    columns = ["year", "categories_searched", "categories_known", "articles"]
    return pd.DataFrame(rows, columns=columns)


def search_state(
    country: str, category: str, start: int, end: int, *, project: Project | None = None
) -> str:
    """Say of a category without a rule how far the register was searched in a period.

    Returns
    -------
    str
        `not searched`: at least a year of the period was not; `searched, nothing found`;
        `searched, other things found`: finds, but no rule of the selection.
    """
    own = searches([country], project=project)
    own = own[own["category"] == category]
    spans = zip(own["period_start"], own["period_end"], strict=True)
    covered = {year for first, last in spans for year in range(int(first), int(last) + 1)}
    if not set(range(start, end + 1)) <= covered:
        return "not searched"
    found = (own["status"] == "found") & (own["period_start"] <= end) & (own["period_end"] >= start)
    return "searched, other things found" if found.any() else "searched, nothing found"


def left_out(what: str, used: int, of: int, why: str) -> pd.DataFrame:
    """Say how many rows are used and left out, with the share and why."""
    out = pd.DataFrame({what: ["used", "left out"], "number": [used, of - used]})
    return out.assign(share=[f"{n / max(of, 1):.0%}" for n in out["number"]], why=["", why])


def _published(min_reliability: str) -> pd.DataFrame:
    """First and last possible year of publication of each article that was read."""
    articles = load_articles().query("relevance == 'on_topic'").pipe(reliable, min_reliability)
    days = articles[["published_start", "published_end"]].replace("", None)
    years = days.apply(lambda day: pd.to_datetime(day).dt.year)
    return years.set_axis(["first", "last"], axis=1).ffill(axis=1)


def _touching(published: pd.DataFrame, start: int, end: int) -> int:
    return int(((published["first"] <= end) & (published["last"] >= start)).sum())
