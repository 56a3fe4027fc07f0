"""What is wanted: the reports of `reports/plan.toml`, and runs with parameters of a user's own."""

import hashlib
import json
import re
import shlex
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from math import prod
from pathlib import Path
from textwrap import shorten
from typing import Annotated, Any, Self

import pydantic

from ngolib.checked import Strict, read_checked
from ngolib.errors import ParameterError, check_known, unknown
from ngolib.params import check_values, parameters_of, parse_values, read_notebook, to_text
from ngolib.project import Project

PLAN = "plan.toml"
# Two hyphens part the name of a run of one's own from what was set; no planned slug can hold them.
OWN = "--"
LONGEST_SLUG, LONGEST_PLANNED, MOST_OF_SWEEP = 72, 120, 1000
# Other pages of the site stand beside the reports.
FOLDERS = tomllib.loads(Path(__file__).with_name("folders.toml").read_text("utf-8"))


def folders_of(project: Project) -> list[str]:
    """Return the folders of further pages for which the project has the tables."""
    return [name for name, of in FOLDERS.items() if {*of["needs"]} <= {*project.schema}]


def _free(slug: str) -> str:
    if len(slug) > LONGEST_PLANNED or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug):
        allowed = f"small letters, digits, single hyphens, at most {LONGEST_PLANNED} in all"
        raise ValueError(f"found {slug!r}; allowed: {allowed}")
    if slug in FOLDERS:
        raise ValueError(f"{slug!r} is taken: {FOLDERS[slug]['what']} stand there")
    return slug


def _there(notebook: str, info: pydantic.ValidationInfo) -> str:
    check_known(ValueError, "notebook", notebook, (info.context or {})["notebooks"])
    return notebook


def _blocks(value: Any, info: pydantic.ValidationInfo) -> Any:
    if not isinstance(value, list):
        raise ValueError(f"each {info.field_name} must begin with [[{info.field_name}]]")
    return value


def _steps(value: Any) -> list[Any]:
    """Return the values that one part of a sweep goes through: those given, or every two."""
    if isinstance(value, dict) and list(value) == ["pairs"] and isinstance(value["pairs"], list):
        value = [list(pair) for pair in combinations(value["pairs"], 2)]
    if not isinstance(value, list) or not value:
        raise ValueError("a list of values is needed, or { pairs = [two or more] }")
    return value


_Steps = Annotated[list[Any], pydantic.BeforeValidator(_steps)]


class _Entry(Strict):
    """A report of the plan."""

    slug: Annotated[str, pydantic.AfterValidator(_free)]
    title: str = pydantic.Field(min_length=1)
    notebook: Annotated[str, pydantic.AfterValidator(_there)]
    parameters: dict[str, Any] = pydantic.Field(default={})


class _Sweep(_Entry):
    """Reports of every combination of what is varied; a key may name several parameters."""

    vary: dict[str, _Steps] = pydantic.Field(min_length=1)

    @pydantic.model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [*self.parameters, *(name for key in self.vary for name in _names(key))]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name} is set twice")
        for key, steps in self.vary.items():
            count = len(_names(key))
            if count > 1 and not all(isinstance(s, list) and len(s) == count for s in steps):
                raise ValueError(f"vary.{key}: each value must be a list of {count}")
        names = [name for key in self.vary for name in _names(key)]
        for name in re.findall(r"\{(\w+)\}", self.title):
            check_known(ValueError, "parameter of the title", name, names)
        if (many := prod(map(len, self.vary.values()))) > MOST_OF_SWEEP:
            raise ValueError(f"vary: found {many} combinations; allowed: {MOST_OF_SWEEP}")
        return self

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield the reports as entries of the plan."""
        for chosen in product(*self.vary.values()):
            varied: dict[str, Any] = {}
            for key, value in zip(self.vary, chosen, strict=True):
                names = _names(key)
                varied |= zip(names, value if len(names) > 1 else [value], strict=True)
            texts = {name: to_text(value) for name, value in varied.items()}
            words = re.sub(r"[^a-z0-9]+", "-", "-".join(texts.values()).casefold()).strip("-")
            title = self.title
            for name, text in texts.items():
                title = title.replace(f"{{{name}}}", text.replace(",", ", ").replace("_", " "))
            # Signs do not stand in a name, and may be all that tells values apart.
            plain = re.fullmatch(r"[\w ,]*", "".join(texts.values()), re.ASCII)
            slug = f"{self.slug}-{words or 'none'}"
            yield {
                "slug": _short(slug, varied, LONGEST_PLANNED if plain else 0),
                "title": title,
                "notebook": self.notebook,
                "parameters": self.parameters | varied,
            }


def _short(slug: str, values: Mapping[str, Any], most: int) -> str:
    """Cut a name that is too long, and tell it apart by a hash of its values."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()
    return slug if len(slug) <= most else f"{slug[:LONGEST_SLUG].rstrip('-')}-{digest[:8]}"


def _names(key: str) -> list[str]:
    return [name.strip() for name in key.split(",")]


class _Question(Strict):
    """A plain question on the index: answered by a finding of a report, or in words of its own."""

    ask: str = pydantic.Field(min_length=1)
    report: str
    finding: str = ""
    say: str = ""
    place: str = ""


class _Plan(Strict):
    """The whole file."""

    title: str = "Reports"
    about: str = ""
    question: Annotated[list[_Question], pydantic.BeforeValidator(_blocks)] = pydantic.Field([])
    report: Annotated[list[_Entry], pydantic.BeforeValidator(_blocks)] = pydantic.Field([])
    sweep: Annotated[list[_Sweep], pydantic.BeforeValidator(_blocks)] = pydantic.Field([])


@dataclass(frozen=True)
class Report:
    """One report: a notebook, the parameters that are set, and what the result is called."""

    slug: str
    title: str
    notebook: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""

    def source(self, project: Project) -> Path:
        """Return the path of its notebook."""
        return project.notebooks / f"{self.notebook}.ipynb"


def notebook_names(project: Project) -> list[str]:
    """Return the names of the project's notebooks, without the ending, sorted."""
    there = project.notebooks.iterdir() if project.notebooks.is_dir() else ()
    return sorted(p.stem for p in there if p.suffix == ".ipynb" and p.name[0] != ".")


def question_of(notebook: Path) -> str:
    """Return the title of a notebook: its first heading, else its name."""
    cells = read_notebook(notebook)["cells"]
    words = "\n".join(cell["source"] for cell in cells if cell.get("cell_type") == "markdown")
    heading = re.search(r"^# +(.+?)[ #]*$", words, flags=re.MULTILINE)
    return heading[1] if heading else notebook.stem


def _read(project: Project) -> _Plan:
    path, known = project.reports / PLAN, {"notebooks": notebook_names(project)}
    where = f"{project.reports.name}/{PLAN}"
    return read_checked(_Plan, path, where, ParameterError, context=known)[1]


def front_of(project: Project) -> dict[str, Any]:
    """Return what the plan says of the index: its title, what it is about, plain questions."""
    return _read(project).model_dump(include={"title", "about", "question"})


def read_plan(project: Project) -> list[Report]:
    """Read the plan and check its form; the parameters' values are checked by `check_plan`."""
    where, plan = f"{project.reports.name}/{PLAN}", _read(project)
    entries = [entry.model_dump() for entry in plan.report]
    entries += [entry for sweep in plan.sweep for entry in sweep.entries()]
    slugs = [entry["slug"] for entry in entries]
    if twice := [slug for slug in dict.fromkeys(slugs) if slugs.count(slug) > 1]:
        told = "stands there twice; each needs its own"
        raise ParameterError("\n".join(f"{where}: report {slug!r} {told}" for slug in twice))
    if gone := [one.report for one in plan.question if one.report not in slugs]:
        lines = [f"{where}: question: {unknown('report', slug, slugs)}" for slug in gone]
        raise ParameterError("\n".join(lines))
    return [Report(**entry, command=f"ngolib report {entry['slug']}") for entry in entries]


def check_plan(project: Project, plan: Sequence[Report]) -> None:
    """Check the parameters of every report of the plan against its notebook and the codebook."""
    problems: list[str] = []
    for report in plan:
        try:
            check_values(report.source(project), report.parameters, project)
        except ParameterError as error:
            where = f"{project.reports.name}/{PLAN}: report {report.slug}"
            problems += [f"{where}: {line}" for line in str(error).splitlines()]
    if problems:
        raise ParameterError("\n".join(problems))


def find_report(project: Project, plan: Sequence[Report], name: str) -> Report:
    """Find a report by its slug, or a notebook by its name."""
    planned, notebooks = {report.slug: report for report in plan}, notebook_names(project)
    stem = name.removesuffix(".ipynb")
    if name in planned:
        return planned[name]
    if stem not in notebooks:
        raise ParameterError(unknown("report or notebook", name, [*planned, *notebooks]))
    title = question_of(project.notebooks / f"{stem}.ipynb")
    return Report(f"{stem}{OWN}defaults", title, stem, command=f"ngolib report {shlex.quote(stem)}")


def _own_slug(base: str, values: Mapping[str, Any], codes: Collection[str], free: bool) -> str:
    """Name a run after what was set; a hash keeps apart what would read alike, as `free` texts."""
    texts = {name: to_text(value) for name, value in values.items()}
    words = "-".join(f"{name}-{text.replace(',', '-') or 'none'}" for name, text in texts.items())
    slug = f"{base}{OWN}{re.sub(r'[^a-z0-9_-]+', '-', words.casefold()).strip('-')}"
    parts = {part for text in texts.values() for part in text.split(",")}
    plain = all(re.fullmatch("[a-z0-9_]*", p) or p in codes for p in parts)
    plain = plain and not free and "none" not in parts
    return _short(slug, values, LONGEST_SLUG if plain else 0)


def own_run(
    project: Project, plan: Sequence[Report], name: str, texts: Mapping[str, str]
) -> Report:
    """Make a run of one's own: a report or notebook with some parameters set otherwise."""
    base = find_report(project, plan, name)
    source = base.source(project)
    given = {**base.parameters, **parse_values(source, texts)}
    values = check_values(source, given, project)
    changed = {key: value for key, value in values.items() if key in texts}
    told = [(key, to_text(value) or "none") for key, value in changed.items()]
    options = (f"-p {shlex.quote(f'{key}={to_text(value)}')}" for key, value in changed.items())
    codes = {code for vocabulary in project.vocabularies.values() for code in vocabulary}
    free = any("str" in p.type for p in parameters_of(source) if p.name in changed)
    slug = _own_slug(base.slug.removesuffix(f"{OWN}defaults"), changed, codes, free)
    command = " ".join([base.command, *options])
    own = {key: value for key, value in values.items() if key in given}
    title = f"{question_of(source)} ({shorten(', '.join(map(' = '.join, told)), 120)})"
    return Report(slug, title, base.notebook, own, command)
