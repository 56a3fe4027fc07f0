"""What is wanted: the reports of `reports/plan.toml`, and runs with parameters of a user's own."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path
from typing import Any

from ngolib.errors import ParameterError, PlanError, unknown
from ngolib.params import check_values, parse_values, read_notebook
from ngolib.project import Project

PLAN = "plan.toml"
TOP_KEYS = ("title", "about", "report", "sweep")
KEYS = ("slug", "title", "notebook", "parameters")
SWEEP_KEYS = (*KEYS, "vary")
# Parts of a sweep: one value after the other, or every two of them.
PAIRS = "pairs"
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Two hyphens part the name of a run of one's own from what was set; no planned slug can hold them.
OWN = "--"
LONGEST_SLUG = 72
# The pages of the source texts stand beside the reports.
TEXTS_FOLDER = "texts"
GUIDE_FOLDER = "guide"
TAKEN = {TEXTS_FOLDER: "the pages of the source texts", GUIDE_FOLDER: "the pages of the guide"}


@dataclass(frozen=True)
class Report:
    """One report: a notebook, the parameters that are set, and what the result is called."""

    slug: str
    title: str
    notebook: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is a user's own run, not a report of the plan."""
        return OWN in self.slug

    def source(self, project: Project) -> Path:
        """Return the path of its notebook."""
        return project.notebooks / f"{self.notebook}.ipynb"


def notebook_names(project: Project) -> list[str]:
    """Return the names of the project's notebooks, without the ending, sorted."""
    return sorted(path.stem for path in project.notebooks.glob("*.ipynb"))


def question_of(notebook: Path) -> str:
    """Return the title of a notebook: its first heading, else its name."""
    for cell in read_notebook(notebook)["cells"]:
        if cell.get("cell_type") == "markdown":
            heading = re.search(r"^# +(.+?)[ #]*$", cell["source"], flags=re.MULTILINE)
            if heading:
                return heading[1]
    return notebook.stem


def to_text(value: Any) -> str:
    """Write a parameter's value as the command line takes it."""
    if isinstance(value, list | tuple):
        return ",".join(to_text(item) for item in value)
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read_toml(project: Project) -> dict[str, Any]:
    """Read the plan's file."""
    where = f"{project.reports.name}/{PLAN}"
    try:
        return tomllib.loads((project.reports / PLAN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PlanError(f"{where}: not found; it says which reports are wanted") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{where}: not valid TOML: {error}") from None


def heading_of(project: Project) -> tuple[str, str]:
    """Return what the plan says stands over the index: its title, and what it is about."""
    content = _read_toml(project)
    return str(content.get("title", "Reports")), str(content.get("about", ""))


def _entry_problems(
    entry: Mapping[str, Any],
    notebooks: Sequence[str],
    earlier: Sequence[str],
    keys: Sequence[str] = KEYS,
) -> Iterator[str]:
    """Yield what is wrong with the form of one entry."""
    for key in entry:
        if key not in keys:
            yield unknown("key", key, keys)
    for key in ("slug", "title", "notebook"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            yield f"{key} is missing; a text is needed"
    slug, notebook = entry.get("slug"), entry.get("notebook")
    if isinstance(slug, str) and slug:
        if not SLUG.fullmatch(slug):
            yield "the slug is not allowed; allowed: small letters, digits, single hyphens"
        if slug in TAKEN:
            yield f"the slug is taken: {TAKEN[slug]} stand there"
        if slug in earlier:
            yield "the slug stands there twice; each needs its own"
    if isinstance(notebook, str) and notebook and notebook not in notebooks:
        yield unknown("notebook", notebook, notebooks)
    if not isinstance(entry.get("parameters", {}), dict):
        yield "parameters must be a table: { name = value }"


def _steps(value: Any) -> list[Any] | None:
    """Return the values that one part of a sweep goes through, if it has the right form."""
    if isinstance(value, dict) and list(value) == [PAIRS] and isinstance(value[PAIRS], list):
        return [list(pair) for pair in combinations(value[PAIRS], 2)] or None
    return value if isinstance(value, list) and value else None


def _vary_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with what a sweep varies."""
    vary, fixed = entry.get("vary"), entry.get("parameters", {})
    if not isinstance(vary, dict) or not vary:
        yield 'vary is missing; a table is needed: { countries = { pairs = ["KAZ", "RUS"] } }'
        return
    names = [name.strip() for key in vary for name in key.split(",")]
    for name in dict.fromkeys(names):
        if names.count(name) > 1 or (isinstance(fixed, dict) and name in fixed):
            yield f"{name} is set twice"
    for key, value in vary.items():
        steps, count = _steps(value), len(key.split(","))
        if steps is None:
            yield f"vary.{key}: a list of values is needed, or {{ {PAIRS} = [two or more] }}"
        elif count > 1 and not all(isinstance(s, list) and len(s) == count for s in steps):
            yield f"vary.{key}: each value must be a list of {count}"


def _sweep_entries(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a sweep's reports as entries of the plan: every combination of what is varied."""
    vary = entry["vary"]
    for chosen in product(*(_steps(value) or () for value in vary.values())):
        parameters = dict(entry.get("parameters", {}))
        for key, value in zip(vary, chosen, strict=True):
            names = [name.strip() for name in key.split(",")]
            parameters |= zip(names, value if len(names) > 1 else [value], strict=True)
        varied = {name.strip(): None for key in vary for name in key.split(",")}
        texts = {name: to_text(parameters[name]) for name in varied}
        words = re.sub(r"[^a-z0-9]+", "-", "-".join(texts.values()).casefold()).strip("-")
        shown = {name: text.replace(",", ", ").replace("_", " ") for name, text in texts.items()}
        title = entry["title"]
        for name, text in shown.items():
            title = title.replace(f"{{{name}}}", text)
        yield {
            "slug": f"{entry['slug']}-{words or 'none'}",
            "title": title,
            "notebook": entry["notebook"],
            "parameters": parameters,
        }


def _with_sweeps(
    reports: list[dict[str, Any]], sweeps: list[dict[str, Any]], notebooks: Sequence[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Add the reports of sweeps to those written out; also say what is wrong with the sweeps."""
    entries, problems = list(reports), []
    for number, sweep in enumerate(sweeps, start=1):
        name = f"sweep {number}" + (f" ({sweep['slug']})" if sweep.get("slug") else "")
        found = [*_entry_problems(sweep, notebooks, (), SWEEP_KEYS), *_vary_problems(sweep)]
        problems += [f"{name}: {problem}" for problem in found]
        if not found:
            entries += _sweep_entries(sweep)
    return entries, problems


def read_plan(project: Project) -> list[Report]:
    """Read the plan and check its form; the parameters' values are checked by `check_plan`.

    Parameters
    ----------
    project : Project
        Whose `reports/plan.toml` is read.

    Returns
    -------
    list of Report
        In the order of the plan.

    Raises
    ------
    ngolib.errors.PlanError
        With one line per defect: which entry, what is wrong, what is allowed.
    """
    where = f"{project.reports.name}/{PLAN}"
    content = _read_toml(project)
    entries = content.get("report", [])
    problems = [unknown("key", key, TOP_KEYS) for key in content if key not in TOP_KEYS]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise PlanError(f"{where}: each report must begin with [[report]]")
    sweeps = content.get("sweep", [])
    if not isinstance(sweeps, list) or not all(isinstance(entry, dict) for entry in sweeps):
        raise PlanError(f"{where}: each sweep must begin with [[sweep]]")
    notebooks = notebook_names(project)
    entries, wrong = _with_sweeps(entries, sweeps, notebooks)
    problems += wrong
    slugs = [str(entry.get("slug", "")) for entry in entries]
    for number, entry in enumerate(entries, start=1):
        name = f"report {number}" + (f" ({slugs[number - 1]})" if slugs[number - 1] else "")
        found = _entry_problems(entry, notebooks, slugs[: number - 1])
        problems += [f"{name}: {problem}" for problem in found]
    if problems:
        raise PlanError("\n".join(f"{where}: {problem}" for problem in problems))
    return [
        Report(
            slug=entry["slug"],
            title=entry["title"],
            notebook=entry["notebook"],
            parameters=entry.get("parameters", {}),
            command=f"ngolib report {entry['slug']}",
        )
        for entry in entries
    ]


def check_plan(project: Project, plan: Sequence[Report]) -> None:
    """Check the parameters of every report of the plan against its notebook and the codebook.

    Parameters
    ----------
    project : Project
        Where the notebooks and the codebook are.
    plan : sequence of Report
        What `read_plan` returned.

    Raises
    ------
    ngolib.errors.PlanError
        With one line per defect.
    """
    problems: list[str] = []
    for report in plan:
        try:
            check_values(report.source(project), report.parameters, project)
        except ParameterError as error:
            where = f"{project.reports.name}/{PLAN}: report {report.slug}"
            problems += [f"{where}: {line}" for line in str(error).splitlines()]
    if problems:
        raise PlanError("\n".join(problems))


def find_report(project: Project, plan: Sequence[Report], name: str) -> Report:
    """Find a report by its slug, or a notebook by its name.

    Parameters
    ----------
    project : Project
        Where the notebooks are.
    plan : sequence of Report
        The planned reports.
    name : str
        Slug of a report, or name of a notebook without the ending.

    Returns
    -------
    Report
        The planned report; for a notebook, a run of one's own with its defaults.

    Raises
    ------
    ngolib.errors.PlanError
        If there is neither.
    """
    for report in plan:
        if report.slug == name:
            return report
    notebooks = notebook_names(project)
    stem = name.removesuffix(".ipynb")
    if stem not in notebooks:
        slugs = [report.slug for report in plan]
        raise PlanError(unknown("report or notebook", name, [*slugs, *notebooks]))
    return Report(
        slug=f"{stem}{OWN}defaults",
        title=question_of(project.notebooks / f"{stem}.ipynb"),
        notebook=stem,
        command=f"ngolib report {stem}",
    )


def _own_slug(base: str, values: Mapping[str, Any]) -> str:
    """Name a run after what was set; a hash keeps names apart that would read the same."""
    texts = {name: to_text(value) for name, value in values.items()}
    words = "-".join(f"{name}-{text.replace(',', '-') or 'none'}" for name, text in texts.items())
    slug = f"{base}{OWN}{re.sub(r'[^a-z0-9_-]+', '-', words.casefold()).strip('-')}"
    plain = all(re.fullmatch(r"(([A-Z0-9]+|[a-z0-9_]+),?)*", text) for text in texts.values())
    if plain and len(slug) <= LONGEST_SLUG:
        return slug
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:8]
    return f"{slug[:LONGEST_SLUG].rstrip('-')}-{digest}"


def own_run(
    project: Project, plan: Sequence[Report], name: str, texts: Mapping[str, str]
) -> Report:
    """Make a run of one's own: a report or notebook with some parameters set otherwise.

    Parameters
    ----------
    project : Project
        Where the notebooks and the codebook are.
    plan : sequence of Report
        The planned reports.
    name : str
        Slug of a report, or name of a notebook.
    texts : mapping
        Parameter name to its value as text.

    Returns
    -------
    Report
        With a slug of its own, so that it never replaces a report of the plan.

    Raises
    ------
    ngolib.errors.PlanError
        If there is no such report or notebook.
    ngolib.errors.ParameterError
        If a parameter is unknown or its value is not allowed.
    """
    base = find_report(project, plan, name)
    source = base.source(project)
    given = {**base.parameters, **parse_values(source, texts)}
    values = check_values(source, given, project)
    changed = {key: value for key, value in values.items() if key in texts}
    options = (f"-p {shlex.quote(f'{key}={to_text(value)}')}" for key, value in changed.items())
    return Report(
        slug=_own_slug(base.slug.split(OWN)[0], changed),
        title=question_of(source),
        notebook=base.notebook,
        parameters={key: value for key, value in values.items() if key in given},
        command=" ".join([base.command, *options]),
    )
