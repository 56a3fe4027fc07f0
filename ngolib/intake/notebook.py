"""A new notebook: the skeleton with its parameters, an entry of the plan, and tests."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ngolib.errors import IntakeError, ReportError
from ngolib.intake.changes import put_all, recover
from ngolib.project import Project
from ngolib.reports.plan import LONGEST_SLUG, PLAN, notebook_names, read_plan

NAME = re.compile(r"(?:(?P<number>\d\d)_)?(?P<words>[a-z][a-z0-9]*(?:_[a-z0-9]+)*)", re.ASCII)
_PART = re.compile(r"^%% (markdown|code)(?: ([\w-]+))?\n", re.MULTILINE)
_BARE_NUMBER = re.compile(r"(?<!\S)[.,:;()]*\d+[.,:;()?]*(?!\S)")


@dataclass(frozen=True)
class NewNotebook:
    """What was made for a new notebook.

    Parameters
    ----------
    name : str
        The notebook, without suffix.
    slug : str
        Its report.
    files : list of str
        What was written, relative to the project.
    """

    name: str
    slug: str
    files: list[str]


def _named(project: Project, name: str) -> tuple[str, str]:
    """Return the numbered name of a new notebook, and its words alone."""
    match = NAME.fullmatch(name.removesuffix(".ipynb"))
    if match is None:
        raise IntakeError(
            f"{name!r} is no name for a notebook (allowed: small letters, digits and single "
            "underscores, as in funding_by_year; a number of two digits may stand in front)"
        )
    known = notebook_names(project)
    same = [stem for stem in known if re.sub(r"^\d+_", "", stem) == match["words"]]
    if same:
        raise IntakeError(f"{same[0]}.ipynb is there already; give the new notebook another name")
    taken = {stem[:2] for stem in known if re.match(r"\d\d_", stem)}
    if match["number"] in taken:
        raise IntakeError(
            f"the number {match['number']} is taken; leave it out to get the next one"
        )
    number = match["number"] or f"{max((int(n) for n in taken), default=0) + 1:02}"
    return f"{number}_{match['words']}", match["words"]


def _question(words: str, question: str | None) -> str:
    """Return the title of the notebook: a question of one line."""
    text = question or f"What do the data show about {words.replace('_', ' ')}?"
    text = " ".join(text.split())
    if not text.endswith("?") or len(text) < 3:
        raise IntakeError(f"--question: found {text!r}; allowed: a question that ends with '?'")
    if _BARE_NUMBER.search(text):
        # Numbers of a conclusion are computed; a test holds that none is typed into the prose.
        raise IntakeError(
            f"--question: a number stands in {text!r}; allowed: words (periods are parameters)"
        )
    return text


def _template(name: str, values: dict[str, str]) -> str:
    text = files("ngolib.intake").joinpath(name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace("{{" + key + "}}", value)
    return text


def _cells(text: str, prefix: str) -> Iterator[dict[str, Any]]:
    """Yield the cells of a skeleton."""
    parts = list(_PART.finditer(text))
    for n, part in enumerate(parts):
        end = parts[n + 1].start() if n + 1 < len(parts) else len(text)
        source = text[part.end() : end].strip("\n")
        cell: dict[str, Any] = {
            "cell_type": part[1],
            "id": f"{prefix}-{n:02}",
            "metadata": {"tags": [part[2]]} if part[2] else {},
            "source": source.splitlines(keepends=True),
        }
        yield cell | ({"execution_count": None, "outputs": []} if part[1] == "code" else {})


def _notebook(name: str, question: str) -> bytes:
    text = _template("skeleton.txt", {"name": name, "question": question})
    content = {
        "cells": list(_cells(text, name[:2])),
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _plan(project: Project, name: str, words: str, question: str) -> tuple[str, bytes]:
    """Return the slug of the report, and the plan with an entry for it at its end."""
    slug = words.replace("_", "-")[:LONGEST_SLUG].strip("-")
    if slug in {report.slug for report in read_plan(project)}:
        raise IntakeError(f"the plan has a report {slug!r} already; give the notebook another name")
    path = project.reports / PLAN
    text = path.read_bytes().decode("utf-8")
    entry = f'[[report]]\nslug = "{slug}"\ntitle = {_toml(question)}\nnotebook = "{name}"\n'
    return slug, (text.rstrip("\n") + "\n\n" + entry).encode("utf-8")


def _toml(text: str) -> str:
    """Write a text of one line as TOML: JSON's way is TOML's too, but for the DEL character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "")


def new_notebook(
    project: Project,
    name: str,
    question: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> NewNotebook:
    """Make a notebook from the skeleton, run it, and put it into the plan with a test.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.
    name : str
        Words of its name, joined by underscores; the next free number is put in front.
    question : str, optional
        Its title.
    tell : callable
        Is told what else the user should know.

    Returns
    -------
    NewNotebook

    Raises
    ------
    ngolib.errors.IntakeError
        If it is there already, the name or the question will not do, or it does not run with
        these data; nothing was changed.
    """
    from ngolib.reports.lock import exclusive

    full, words = _named(project, name)
    title = _question(words, question)
    _plan(project, full, words, title)
    executed = _run(project, full, _notebook(full, title))
    test = project.root / "tests" / "own" / f"test_notebook_{words}.py"
    with exclusive(project.reports, tell):
        recover(project, tell)
        _named(project, full)  # nobody has taken the name in the meantime
        slug, plan = _plan(project, full, words, title)
        content = {
            project.notebooks / f"{full}.ipynb": executed,
            project.reports / PLAN: plan,
            test: _template("notebook_test.txt", {"name": full}).encode("utf-8"),
        }
        put_all(project, content)
    made = [path.relative_to(project.root).as_posix() for path in content]
    return NewNotebook(full, slug, made)


def _run(project: Project, name: str, content: bytes) -> bytes:
    """Run a notebook beside the project, on a copy of the data; return it with its outputs."""
    from ngolib.reports import run
    from ngolib.reports.job import Refresh, refresh

    with TemporaryDirectory() as folder:
        beside = Project(Path(folder))
        shutil.copytree(project.data, beside.data)
        for folder_ in (beside.notebooks, beside.reports):
            folder_.mkdir()
        for file in ("CITATION.cff", f"reports/{PLAN}"):
            if (project.root / file).is_file():
                shutil.copyfile(project.root / file, beside.root / file)
        path = beside.notebooks / f"{name}.ipynb"
        path.write_bytes(content)
        jobs = {name: Refresh(path, beside.root)}
        ((_, tried),) = run.each(jobs, refresh, beside.root, workers=1)
        if tried.result is None:
            raise ReportError(tried.reason)
        executed: bytes = tried.result[0]
        return executed
