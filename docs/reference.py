"""Writes the API reference, docs/api.md, from the docstrings: `python docs/reference.py`.

The names are those that a notebook or a script of one's own calls; a test holds the page in step.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import click
import griffe
from griffe2md import ConfigDict, render_object_docs

from ngolib.cli import main

PAGE = Path(__file__).with_name("api.md")
WIDTH = 88
INTRODUCTION = """\
# API reference

What a notebook or a script of your own calls. Tables come and go as pandas data frames; the
columns of those on disk stand in the [data dictionary](../data/README.md). Every example begins
with `import ngolib` and `import pandas as pd`, and is run by the tests. `project` is where the data
lie; left out, it is found from the working folder. What loads a table raises `DataError` if one
breaks its schema, and `ParameterError` if it is asked for a code that is not known. Codes keep the
rows that have one of them, and none keeps all; `min_confidence` is the least: low, medium, high.

This page is written by `python docs/reference.py` from the docstrings; do not edit it by hand.

"""
# Title of a section to the module or class whose names are shown, and these names in order.
SECTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "Load": {
        "ngolib": (
            "load_sources",
            "load_lines",
            "load_articles",
            "load_sentences",
            "load_statements",
            "load_acts",
            "load_events",
            "load_rules",
            "load_offices",
        ),
        "ngolib.evidence": ("load_counts", "load_ratings"),
    },
    "Read texts and dates": {
        "ngolib.texts": ("read_source",),
        "ngolib.texts.dates": ("resolve_date", "find_dates"),
        "ngolib.texts.sentences": ("sentence_spans",),
    },
    "Evidence": {"ngolib.evidence": ("lookup", "reliable")},
    "Choose, sum up, say: the verbs": {
        "ngolib.verbs": (
            "keep",
            "between",
            "related",
            "together",
            "by_act",
            "per_year",
            "durations",
            "when",
            "stage",
            "since",
            "named",
            "words",
            "strict",
            "penalty",
            "place",
            "told",
            "day",
            "at_end",
            "listed",
            "years",
            "spells",
            "many",
            "about",
            "interval",
            "vary",
        )
    },
    "Measure": {
        "ngolib.methods": (
            "in_force",
            "reading_days",
            "strictness",
            "spells",
            "stock",
            "stricter",
            "deciding",
            "draw_rungs",
            "paired",
            "ordered",
            "unmatched",
            "coverage",
            "coverage_by_year",
            "coverage_of_texts",
            "search_state",
            "searches",
            "left_out",
            "beside",
        ),
        "ngolib.methods.association": ("rank_correlation",),
        "ngolib.methods.agreement": (
            "masi",
            "krippendorff_alpha",
            "measure",
            "pair_statements",
            "compare",
        ),
    },
    "Compare words, printed numbers and tables": {
        "ngolib.methods": (
            "concordance",
            "keyness",
            "printed_spans",
            "redo",
            "judged",
        )
    },
    "Show in a notebook": {"ngolib.page": ("Page",)},
    "Draw": {
        "ngolib.charts": (
            "timeline",
            "strips",
            "bars",
            "shares",
            "lines",
            "intervals",
            "dots",
            "in_lanes",
            "in_rows",
        )
    },
    "Project, parameters, errors": {
        "ngolib.project": ("Project",),
        "ngolib.params": ("parameters_of", "check_values"),
        "ngolib.errors": ("NgolibError", "DataError", "ParameterError"),
    },
}
# Classes whose methods are called, too.
WITH_MEMBERS = ("Page", "Project")
OPTIONS: ConfigDict = {
    "docstring_style": "numpy",
    "docstring_options": {},
    "show_root_heading": True,
    "inherited_members": False,
    "summary": False,
    "heading_level": 3,
    "line_length": WIDTH,
}


def public_names() -> list[tuple[str, str]]:
    """List module and name of everything on the page, in its order."""
    return [
        (module, name)
        for modules in SECTIONS.values()
        for module, names in modules.items()
        for name in names
    ]


def _markdown(module: str, name: str, package: griffe.Module) -> str:
    """Return what the docstring of one name says."""
    # Where it is written: a package may hold a module and a function of one name.
    home = getattr(import_module(module), name).__module__
    found = package[f"{home}.{name}".removeprefix("ngolib.")]
    members = None if name in WITH_MEMBERS else False
    text = render_object_docs(found, {**OPTIONS, "members": members})
    # Links to types would lead nowhere on this page.
    text = re.sub(r"<code>(.*?)</code>", lambda m: f"`{_unlinked(m[1])}`", text)
    text = re.sub(r"^#+ `.*\.(\w+)`$", r"#### `\1`", text, flags=re.MULTILINE)
    # A signature is no code to be run or formatted.
    text = text.replace("```python\n", "```text\n").replace("project=FOUND", "project=None")
    text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    body = re.sub(r"^#+ .*\n", "", text, count=1)
    return f"### `{module}.{name}`\n\n" + re.sub(r"\n{3,}", "\n\n", body).strip() + "\n\n"


def _unlinked(text: str) -> str:
    return re.sub(r"\[([^\]]*)\]\(#[^)]*\)", r"\1", text).replace("\\", "")


def _commands(group: click.Group, parent: click.Context) -> str:
    """Return the help of a group's commands and of those beneath them."""
    text = ""
    for key, command in sorted(group.commands.items()):
        context = click.Context(command, parent=parent, info_name=key)
        shown = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
        text += f"### `{context.command_path}`\n\n```text\n{shown}\n```\n\n"
        if isinstance(command, click.Group):
            text += _commands(command, context)
    return text


def build() -> str:
    """Return the whole page."""
    package = griffe.load("ngolib", docstring_parser="numpy", resolve_aliases=True)
    assert isinstance(package, griffe.Module)
    headings = [*SECTIONS, "Commands"]
    anchors = (re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings)
    page = INTRODUCTION
    page += "".join(f"- [{h}](#{a})\n" for h, a in zip(headings, anchors, strict=True)) + "\n"
    for heading, modules in SECTIONS.items():
        page += f"## {heading}\n\n"
        for module, names in modules.items():
            page += "".join(_markdown(module, name, package) for name in names)
    root = click.Context(main, info_name="ngolib", terminal_width=WIDTH, **main.context_settings)
    page += f"## Commands\n\n{_commands(main, root)}"
    return page.rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(build(), encoding="utf-8", newline="\n")
