"""A new country: its code, and a search log that says that nobody has searched yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ngolib.errors import IntakeError
from ngolib.intake.changes import csv_line, put_all, recover, with_rows
from ngolib.intake.tools import extra
from ngolib.project import Project

NOT_SEARCHED = "not_searched"


@dataclass(frozen=True)
class NewCountry:
    """What a new country begins with.

    Parameters
    ----------
    code, name : str
        ISO 3166-1 alpha-3 code, and what readers see.
    blocks : int
        Rows of the search log that were made.
    to_do : list of str
        What is to be filled, a line each.
    """

    code: str
    name: str
    blocks: int
    to_do: list[str]


def _checked(project: Project, code: str, name: str) -> str:
    """Return the code if it is one and new."""
    known = project.vocabulary("country")
    if code in known:
        raise IntakeError(f"{code} is there already: {known[code]}")
    iso = extra("iso3166", "ngolib new country")
    if code not in iso.countries_by_alpha3:
        near = iso.countries_by_alpha3.get(code.upper())
        hint = f"; did you mean {near.alpha3}?" if near else ""
        raise IntakeError(
            f"{code!r} is no country code{hint} (allowed: ISO 3166-1 alpha-3, as KAZ or TJK)"
        )
    if not name.strip() or "\n" in name:
        raise IntakeError("--name is empty; allowed: what readers are to see, on one line")
    if name.strip() in known.values():
        raise IntakeError(f"--name: {name.strip()!r} is the name of another country")
    return name.strip()


def _blocks(project: Project, code: str) -> list[dict[str, str]]:
    """Make a row for each category and period, with the questions that others were asked."""
    log = project.read_text_cells("search_log")
    periods = log[["period", "period_start", "period_end"]].drop_duplicates()
    periods = periods.sort_values("period_start")
    rows = []
    for category in project.vocabulary("category"):
        kinds = dict.fromkeys(log.loc[log["category"] == category, "what"])
        for what in kinds or [""]:
            rows += [
                {
                    "country": code,
                    "category": category,
                    "what": what,
                    "period": period.period,
                    "period_start": period.period_start,
                    "period_end": period.period_end,
                    "status": NOT_SEARCHED,
                }
                for period in periods.itertuples()
            ]
    return rows


def _vocabulary(project: Project, code: str, name: str) -> bytes:
    """Return the codebook with the country put behind the others."""
    table = project.table("vocabulary")
    row = {
        "vocabulary": "country",
        "code": code,
        "label": name,
        "definition": f"{name} (ISO 3166-1 alpha-3).",
    }
    lines = with_rows(project, "vocabulary", [row]).decode("utf-8").splitlines(keepends=True)
    new = csv_line([row.get(column, "") for column in table.columns])
    last = max(n for n, line in enumerate(lines[:-1]) if line.startswith("country,"))
    return "".join([*lines[: last + 1], new, *lines[last + 1 : -1]]).encode("utf-8")


def new_country(
    project: Project, code: str, name: str, tell: Callable[[str], None] = lambda _: None
) -> NewCountry:
    """Add a country to the codebook, with a search log in which nothing is searched yet.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.
    code : str
        ISO 3166-1 alpha-3 code.
    name : str
        What readers see.
    tell : callable
        Is told what else the user should know.

    Returns
    -------
    NewCountry

    Raises
    ------
    ngolib.errors.IntakeError
        If the code is there, or is none; nothing was changed.
    """
    from ngolib.reports.lock import exclusive

    with exclusive(project.reports, tell):
        recover(project, tell)
        return _new_country(Project(project.root), code, name)


def _new_country(project: Project, code: str, name: str) -> NewCountry:
    name = _checked(project, code, name)
    rows = _blocks(project, code)
    files: dict[Path, bytes] = {
        project.data / project.table("vocabulary").path: _vocabulary(project, code, name),
    }
    fresh = Project(project.root)
    # The rows are valid once the codebook knows the country.
    fresh.vocabularies["country"][code] = name
    files[project.data / project.table("search_log").path] = with_rows(fresh, "search_log", rows)
    put_all(project, files)
    categories = len(project.vocabulary("category"))
    return NewCountry(
        code,
        name,
        len(rows),
        [
            f"data/register/search_log.csv: {len(rows)} rows of {code} say not_searched "
            f"({categories} categories by {len(project.vocabulary('period'))} periods; harassment "
            "by kind). Search a block, then set its status (found, searched_none_found), the words "
            "used and the day.",
            "data/register/acts.csv, steps.csv, step_sources.csv, rules.csv: what the searches "
            "show, each with its page and snippet (docs/codebook.md).",
            "data/register/offices.csv: presidencies, for the bands of the timeline; ratings.csv "
            "and treaties.csv, if these are to be compared.",
            f"Until then every page says of {name} that nobody has searched. ngolib check names "
            "what does not fit; compare with: ngolib report 02_restrictions_compared "
            f"-p countries=KAZ,{code}",
        ],
    )
