"""Ruling out rules by the beginning of a line never changes which rule fits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ngolib.project import Project
from ngolib.texts.lines import label_text
from ngolib.texts.rules import CleaningRules, Rule, load_cleaning_rules
from ngolib.texts.screen import Screen, opening

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^Latest$", "Latest$"),
        ("^(Day|Date): ", "(Day|Date): "),
        ("^(a(b|c)|(?:d|e))$", "(a(b|c)|(?:d|e))$"),
        (r"^[|(]x\|\(", r"[|(]x\|\("),
        (r"^[]|]x[^]|]", r"[]|]x[^]|]"),
        ("^", ""),
        ("Latest$", None),
        (".", None),
        ("^a|b$", None),  # the second can stand anywhere
        ("^(a)|^b", None),
        (r"^(a)\1", None),  # the number of the group would be another one
        ("^(?P<x>a)", None),
        ("(?i)^a", None),
        ("(?m)^a", None),
        ("(?x) ^ a", None),
    ],
)
def test_what_is_tied_to_the_beginning(pattern: str, expected: str | None) -> None:
    assert opening(re.compile(pattern)) == expected


def test_a_rule_is_left_out_only_where_it_cannot_fit() -> None:
    rules = CleaningRules.parse("""
        [[rule]]
        name = "anywhere"
        label = "advert"
        pattern = 'x'
        [[rule]]
        name = "beginning"
        label = "advert"
        pattern = '^a'
        [[rule]]
        name = "behind"
        label = "advert"
        pattern = '.'
        previous = ['^a', '.']
        [[rule]]
        name = "before"
        label = "advert"
        pattern = '.'
        next = '^a'
    """)
    tried = Screen(rules.rules).candidates(["q", "a", "q", "q", "q"])
    assert [[rule.name for rule in line] for line in tried] == [
        ["anywhere", "before"],
        ["anywhere", "beginning"],
        ["anywhere"],
        ["anywhere", "behind"],
        ["anywhere"],
    ]


def test_without_rules_nothing_is_tried() -> None:
    assert list(Screen(()).candidates(["a", "b"])) == [[], []]
    assert list(Screen(()).candidates([])) == []


def fits(rule: Rule, heads: list[str], i: int) -> bool:
    """Whether the conditions of a rule hold, told without a screen."""

    def hold(patterns: Iterable[re.Pattern[str]], first: int) -> bool:
        return all(
            0 <= n < len(heads) and pattern.search(heads[n])
            for n, pattern in enumerate(patterns, first)
        )

    return hold(rule.previous, i - len(rule.previous)) and hold((rule.pattern, *rule.next), i)


LINES = [
    *("Published", "on", "Latest", "Publications", "Trending", "By John Smith", "Running text."),
    *("World5 hours ago", "It opens like this...", "— A B (@ab) May 3, 2020", "https://t.co/a b"),
    *("[1] A note without an end", "its end.", "References", "1. Smith", "https://x.org", "…"),
    *("X is a pseudonym.", "A view (Photo: me)", "IV. Means and ends:", "Table 3 (laws)"),
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_every_rule_of_the_project_that_fits_is_tried(heads: list[str]) -> None:
    rules = load_cleaning_rules(Project(ROOT)).rules
    for i, tried in enumerate(Screen(rules).candidates(heads)):
        assert [rule for rule in rules if fits(rule, heads, i)] == [
            rule for rule in tried if fits(rule, heads, i)
        ]


def test_every_line_of_the_sources_meets_few_rules(project: Project) -> None:
    rules = load_cleaning_rules(project)
    for path in project.read_table("sources")["path"]:
        text = (project.data / path).read_text(encoding="utf-8")
        heads = [line.text.strip() for line in label_text(text, rules) if line.label == "body"]
        tried = [len(line) for line in rules.screen.candidates(heads)]
        assert sum(tried) < len(tried) * len(rules.rules) / 4
