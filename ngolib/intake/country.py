"""A new country: its code, and a search log that says that nobody has searched yet."""

from __future__ import annotations

from collections.abc import Callable

from ngolib.errors import IntakeError
from ngolib.files import put_all
from ngolib.intake.tools import extra, with_rows
from ngolib.project import Project
from ngolib.reports.publish import exclusive


def _checked(project: Project, code: str, name: str) -> str:
    """Return the name as readers see it, if it and the code will do."""
    known = project.vocabulary("country")
    if code in known:
        raise IntakeError(f"{code} is there already: {known[code]}")
    iso = extra("iso3166", "ngolib new country").countries_by_alpha3
    if code not in iso:
        hint = f"; did you mean {code.upper()}?" if code.upper() in iso else ""
        raise IntakeError(
            f"{code!r} is no country code{hint} (allowed: ISO 3166-1 alpha-3, as KAZ or TJK)"
        )
    name = name.strip()
    if not name or "\n" in name:
        raise IntakeError("--name is empty; allowed: what readers are to see, on one line")
    if name in known.values():
        raise IntakeError(f"--name: {name!r} is the name of another country")
    return name


def _blocks(project: Project, code: str) -> list[dict[str, str]]:
    """Make a row for each category and period, with the questions that others were asked."""
    log = project.read_text_cells("search_log")
    periods = log[["period", "period_start", "period_end"]].drop_duplicates()
    periods = periods.sort_values("period_start").to_dict("records")
    return [
        {"country": code, "category": category, "what": what, **period, "status": "not_searched"}
        for category in project.vocabulary("category")
        for what in dict.fromkeys(log.loc[log["category"] == category, "what"]) or [""]
        for period in periods
    ]


def _vocabulary(project: Project, code: str, name: str) -> bytes:
    """Return the codebook with the country put behind the others."""
    definition = f"{name} (ISO 3166-1 alpha-3)."
    row = {"vocabulary": "country", "code": code, "label": name, "definition": definition}
    *lines, new = with_rows(project, "vocabulary", [row]).decode("utf-8").splitlines(keepends=True)
    last = max(n for n, line in enumerate(lines) if line.startswith("country,"))
    return "".join([*lines[: last + 1], new, *lines[last + 1 :]]).encode("utf-8")


def new_country(
    project: Project, code: str, name: str, tell: Callable[[str], None] = lambda _: None
) -> list[str]:
    """Add a country to the codebook, with a search log in which nothing is searched yet.

    Returns what is to be filled, a line each; a code that is there, or is none, is an
    `IntakeError`.
    """
    with exclusive(project.reports, tell):
        project = Project(project.root)
        name = _checked(project, code, name)
        rows, codebook = _blocks(project, code), _vocabulary(project, code, name)
        # The rows are valid once the codebook knows the country.
        project.vocabularies["country"][code] = name
        files = {"search_log": with_rows(project, "search_log", rows), "vocabulary": codebook}
        put_all({project.data / project.table(key).path: files[key] for key in files})
    return [
        f"data/register/search_log.csv: {len(rows)} rows of {code} say not_searched "
        f"({len(project.vocabulary('category'))} categories by "
        f"{len(project.vocabulary('period'))} periods; harassment by kind). Search a block, then "
        "set its status (found, searched_none_found), the words used and the day.",
        "data/register/acts.csv, steps.csv, step_sources.csv, rules.csv: what the searches show, "
        "each with its page and snippet (docs/codebook.md).",
        "data/register/offices.csv: presidencies, for the bands of the timeline; ratings.csv and "
        "treaties.csv, if these are to be compared.",
        f"Until then every page says of {name} that nobody has searched. ngolib check names what "
        "does not fit; compare with: ngolib report 02_restrictions_compared "
        f"-p countries=KAZ,{code}",
    ]
