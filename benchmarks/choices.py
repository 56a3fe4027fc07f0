"""Notebooks at parameters chosen by chance: they run, figures can be read, sentences hold.

Of every run: no warning, no label that overlaps another or leaves its figure, no sentence with a
piece that no sentence has (`nan`, "1 acts", two full stops), and the headlines that
`tests/recount.py` counts again by other code are as told.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import matplotlib as mpl
from common import ROOT, machine

sys.path.insert(0, str(ROOT / "tests"))
mpl.use("agg")
import recount
import runs

from ngolib.errors import NgolibError
from ngolib.params import Parameter, check_values, parameters_of
from ngolib.project import Project

ONE = "act|rule|text|statement|field|year|sum|pair|rating|voice|claim"
NO_SENTENCE = re.compile(
    r"\b(?:nan|NaT|None|inf)\b|  | [,;.]|\.\.|\(\)|[:;] \.|\[\]|[{}]|\b(and|of|the) \1\b"
    rf"|(?<![\d.,–-])1 (?:{ONE})s\b|\b(?:[02-9]|\d\d+) (?:{ONE})\b"
)
PROJECT = Project(ROOT)
KINDS = {"Field": ("category", "field"), "Year": (), "Layer": ()}


def some(chance: random.Random, codes: list[Any], most: int) -> list[Any]:
    """Choose one or more of some codes."""
    return chance.sample(codes, chance.randint(1, min(most, len(codes))))


def value(chance: random.Random, parameter: Parameter) -> Any:
    """Choose a value of the parameter's type; the default where any text or number is allowed."""
    name = re.sub(r"list\[|\]| \| None", "", parameter.type)
    inner = parameter.annotation
    while get_origin(inner) is list or type(None) in get_args(inner):
        inner = get_args(inner)[0]
    if get_origin(inner) is Literal:
        codes = list(get_args(inner))
    elif name == "Year":
        codes = list(range(1991, PROJECT.closing_day.year + 1))
    elif name in ("str", "int", "float", "bool"):
        return parameter.default
    else:
        vocabulary, *kind = KINDS.get(name, (name.lower(),))
        codes = list(PROJECT.vocabulary(vocabulary, *kind))
    if not parameter.type.startswith("list"):
        return chance.choice(codes)
    if name == "Country":
        return some(chance, codes, 4)
    return some(chance, codes, 4) if parameter.default or chance.random() < 0.9 else []


def choice(chance: random.Random, path: Path) -> dict[str, Any]:
    """Choose one to four parameters of a notebook, and their values."""
    values = {p.name: value(chance, p) for p in some(chance, parameters_of(path), 4)}
    start, end = values.get("start"), values.get("end")
    if start and end and start > end:
        values |= {"start": end, "end": start}
    return values


def wrong_with(path: Path, values: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Run a notebook; return what is wrong, and what its findings say."""
    try:
        whole = check_values(path, values, PROJECT)
        result = runs.run(path, values)
    except NgolibError as error:
        return [f"failed: {line}" for line in str(error).splitlines()], []
    said = {i["name"]: i["text"] for i in result["shown"] if i["kind"] == "finding"}
    wrong = [f"complaint: {line}" for line in result["complaints"]]
    wrong += [f"figure {name}: {line}" for name, own in result["labels"].items() for line in own]
    for name, text in said.items():
        wrong += [f"{name}: {found[0]!r} in: {text}" for found in NO_SENTENCE.finditer(text)]
    wrong += recount.unlike(path.stem, whole, result["shown"])
    return wrong, [f"{name}: {text}" for name, text in said.items()]


def main() -> None:
    """Run the choices; tell what is wrong with each, and of all how many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[], help="first letters of notebooks")
    parser.add_argument("--say", action="store_true", help="print the sentences too")
    given = parser.parse_args()
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    paths = [p for p in paths if not given.only or p.stem.startswith(tuple(given.only))]
    chance, faulty, counted = random.Random(given.seed), 0, 0
    for _ in range(given.runs):
        path = chance.choice(paths)
        values = choice(chance, path)
        wrong, said = wrong_with(path, values)
        faulty += bool(wrong)
        counted += sum(notebook == path.stem for notebook, _ in recount.COUNTED)
        if wrong or given.say:
            print(f"## {path.stem} {json.dumps(values, ensure_ascii=False)}")
            print(*(f"  {line}" for line in (wrong + said if given.say else wrong)), sep="\n")
    print(machine())
    print(f"{given.runs} runs, {faulty} with something wrong; {counted} headlines counted again")


if __name__ == "__main__":
    main()
