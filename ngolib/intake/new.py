"""A new notebook from a skeleton, with its entry of the plan and its test, or a new country."""

import json
import re
from pathlib import Path

from jinja2 import Template

from ngolib.checked import parse_toml
from ngolib.errors import InputError, one_line
from ngolib.files import put
from ngolib.intake.tools import extra, with_rows
from ngolib.project import Project
from ngolib.reading import read_text
from ngolib.reports.console import Progress
from ngolib.reports.driver import refresh_notebooks
from ngolib.reports.plan import FOLDERS, LONGEST_SLUG, PLAN, notebook_names, read_plan

_NAME = re.compile(r"(?:(\d{2,3})_)?([a-z][a-z0-9]*(?:_[a-z0-9]+)*)", re.ASCII)
_BARE_NUMBER = re.compile(r"(?<!\S)[.,:;()]*\d+[.,:;()?]*(?!\S)")


def _named(project: Project, name: str, question: str | None) -> tuple[str, str, str]:
    """Return the numbered name of a new notebook, its words alone, and its title."""
    match = _NAME.fullmatch(name.removesuffix(".ipynb"))
    if match is None:
        allowed = "small letters, digits, single underscores, as in funding_by_year or 12_funding"
        raise InputError(f"{name!r} is no name for a notebook (allowed: {allowed})")
    number, words = match.groups()
    title = _question(words, question)
    known = notebook_names(project)
    if same := [stem for stem in known if re.sub(r"^\d+_", "", stem) == words]:
        more = f"`ngolib notebooks {same[0]}` runs it; give a new one another name"
        raise InputError(f"{same[0]}.ipynb is there already; {more}")
    taken = {found[0] for stem in known if (found := re.match(r"\d{2,}(?=_)", stem))}
    if number in taken:
        raise InputError(f"the number {number} is taken; leave it out to get the next one")
    return f"{number or f'{max(map(int, taken), default=0) + 1:02}'}_{words}", words, title


def _question(words: str, question: str | None) -> str:
    """Return the title of the notebook: a question of one line."""
    text = one_line(question or f"What do the data show about {words.replace('_', ' ')}?")
    if not text.endswith("?") or len(text) < 3:
        allowed = "a question of three letters or more that ends with '?'"
        raise InputError(f"--question: found {text!r}; allowed: {allowed}")
    if _BARE_NUMBER.search(text):
        # Numbers of a conclusion are computed; a test holds that none is typed into the prose.
        allowed = "words (periods are parameters)"
        raise InputError(f"--question: a number stands in {text!r}; allowed: {allowed}")
    return text


def _template(file: str, **values: str) -> str:
    text = Path(__file__).with_name(file).read_text(encoding="utf-8")
    return Template(text, keep_trailing_newline=True).render(values)


def new_notebook(project: Project, name: str, question: str | None) -> list[Path]:
    """Make a notebook from the skeleton, run it, put it into the plan with a test; their paths."""
    full, words, title = _named(project, name, question)
    slug = words.replace("_", "-")[:LONGEST_SLUG].strip("-")
    if slug in {*FOLDERS, *(report.slug for report in read_plan(project))}:
        raise InputError(f"there is a page {slug!r} already; give the notebook another name")
    path, plan = project.notebooks / f"{full}.ipynb", project.reports / PLAN
    test = project.root / "tests" / "own" / f"test_notebook_{words}.py"
    test_of = _template("notebook_test.txt", name=full)
    if test.exists() and read_text(test) != test_of:
        raise InputError(f"tests/own/{test.name} is there already; give the notebook another name")
    # JSON's way to write a text of one line is TOML's too, and that within quotes in a notebook.
    quoted = json.dumps(title, ensure_ascii=False)
    entry = f'\n\n[[report]]\nslug = "{slug}"\ntitle = {quoted}\nnotebook = "{full}"\n'
    text = read_text(plan).rstrip("\n") + entry
    try:
        parse_toml(text)
    except ValueError as error:
        said = f"no [[report]] can be put behind what stands there: {error}"
        raise InputError(f"{PLAN}: {said}") from None
    made = _template("skeleton.ipynb.j2", name=full, question=json.dumps(title)[1:-1])
    put({plan: text.encode(), path: made.encode(), test: test_of.encode()})
    (outcome,) = refresh_notebooks(project, [full], Progress(len(full), to_errors=True))
    if outcome.state == "failed":
        raise InputError(f"{path.name} was made, but not run with these data: {outcome.said}")
    return [path, test, plan]


def _checked(project: Project, code: str, name: str) -> str:
    """Return the name as readers see it, if it and the code will do."""
    known = project.vocabulary("country")
    if code in known:
        raise InputError(f"{code} is there already: {known[code]}")
    iso = extra("iso3166", "ngolib new country").countries_by_alpha3
    if code not in iso:
        hint = f"; did you mean {code.upper()}?" if code.upper() in iso else ""
        allowed = "(allowed: ISO 3166-1 alpha-3, as KAZ or TJK)"
        raise InputError(f"{code!r} is no country code{hint} {allowed}")
    name = "" if "\n" in name else one_line(name)
    if not name:
        raise InputError("--name is empty, or of several lines; allowed: what readers are to see")
    if name in known.values():
        raise InputError(f"--name: {name!r} is the name of another country")
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


def new_country(project: Project, code: str, name: str) -> list[str]:
    """Add a country with a search log in which nothing is searched; say what is to be filled."""
    project = Project(project.root)  # of its own, for its codebook is changed
    name = _checked(project, code, name)
    row = {"vocabulary": "country", "code": code, "label": name}
    row["definition"] = f"{name} (ISO 3166-1 alpha-3)."
    codebook = with_rows(project, "vocabulary", [row])
    # The rows are valid once the codebook knows the country.
    project.vocabularies["country"][code] = name
    rows = _blocks(project, code)
    files = {"search_log": with_rows(project, "search_log", rows), "vocabulary": codebook}
    put({project.data / project.table(key).path: files[key] for key in files})
    return _template("new_country.txt", rows=str(len(rows)), code=code, name=name).splitlines()
