"""The language of cleaning.toml, and the normalisation of names."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ngolib.errors import ProjectError
from ngolib.project import Project
from ngolib.texts.lines import label_lines
from ngolib.texts.rules import LABELS, CleaningRules, load_cleaning_rules


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where the rules of an empty project lie."""
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "cleaning.toml"


def labels(text: str, toml: str, source_id: str = "") -> list[str]:
    """Label a text by rules written in place; what they do not label is written as -."""
    rules = CleaningRules.model_validate(tomllib.loads(toml))
    lines = label_lines(text, rules, source_id=source_id)
    names = {"blank", *(rule.name for rule in rules.rules)}
    pairs = zip(lines["label"], lines["rule"], strict=True)
    return [label if name in names else "-" for label, name in pairs]


def normalise(text: str, rules: CleaningRules) -> str:
    for pattern, wanted in rules.substitutions:
        text = pattern.sub(lambda _, wanted=wanted: wanted, text)
    return text


def rule(**keys: str) -> str:
    return "[[rule]]\n" + "\n".join(f"{key} = {value}" for key, value in keys.items())


ADVERT = {"name": "'r'", "label": "'advert'"}


def test_a_pattern_sees_the_line_without_the_white_space_around_it() -> None:
    assert labels("\ufeff\xa0 Buy \t\nBuy now", rule(**ADVERT, pattern="'^Buy$'")) == [
        "advert",
        "-",
    ]


def test_the_first_rule_that_fits_wins() -> None:
    first = rule(name="'a'", label="'caption'", pattern="'x'")
    second = rule(name="'b'", label="'advert'", pattern="'x|y'")
    assert labels("x\ny", f"{first}\n{second}") == ["caption", "advert"]


def test_a_rule_can_be_for_some_sources_only() -> None:
    toml = rule(**ADVERT, pattern="'x'", sources="['iwpr-*', 'other']")
    assert labels("x", toml, "iwpr-2006") == ["advert"]
    assert labels("x", toml, "other") == ["advert"]
    assert labels("x", toml, "another") == ["-"]


@pytest.mark.parametrize(
    ("position", "expected"), [("first", ["advert", "-", "-"]), ("last", ["-", "-", "advert"])]
)
def test_a_rule_can_be_for_one_end_of_the_file(position: str, expected: list[str]) -> None:
    toml = rule(**ADVERT, pattern="'x'", position=f"'{position}'")
    assert [a for a in labels("\nx\nx\n\nx\n\n", toml) if a != "blank"] == expected


def test_neighbours_are_lines_that_are_not_blank() -> None:
    toml = rule(**ADVERT, pattern="'x'", previous="['a', 'b']", next="'c'")
    assert labels("a\n\nb\nx\n\nc", toml)[3] == "advert"
    assert labels("b\na\nx\nc", toml)[2] == "-"
    assert labels("a\nb\nx\nd", toml)[2] == "-"
    assert labels("b\nx\nc", toml)[1] == "-"  # there is only one line before it
    assert labels("a\nb\nx", toml)[2] == "-"  # nothing comes after it


def test_a_stretch_begins_below_after_and_ends_above_until() -> None:
    toml = rule(**ADVERT, pattern="'.'", after="'^start$'", until="'^stop$'")
    found = labels("x\nstart\nx\nx\nstop\nx\nstart\nx", toml)
    assert found == ["-", "-", "advert", "advert", "-", "-", "-", "advert"]
    toml = rule(**ADVERT, pattern="'.'", after="'^start$'")
    assert labels("x\nstart\nx\nx", toml) == ["-", "-", "advert", "advert"]


def test_only_the_beginning_of_a_huge_line_is_matched() -> None:
    toml = rule(**ADVERT, pattern="'b$'")
    assert labels("a" * 1999 + "b", toml) == ["advert"]
    assert labels("a" * 1999 + "b" + "a" * 9, toml) == ["-"]
    assert labels("a" * 2000 + "b", toml) == ["-"]


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[[rule]", "not valid TOML"),
        ("rules = 1", "did you mean 'rule'"),
        ("rule = 1", "'rule': found 1; allowed: a list"),
        (rule(label="'body'", pattern="'x'"), "rule 1: 'name' is missing"),
        (rule(name="''", label="'body'", pattern="'x'"), "'name': found ''; .* not empty"),
        (rule(name="'r'", pattern="'x'"), "rule 'r': 'label' is missing"),
        (rule(**ADVERT), "rule 'r': 'pattern' is missing"),
        (rule(name="'r'", label="'avert'", pattern="'x'"), "did you mean 'advert'"),
        (rule(**ADVERT, pattern="'('"), "rule 'r': 'pattern': .* no regular expression"),
        (rule(**ADVERT, pattern="''"), "'pattern': found ''"),
        (rule(**ADVERT, pattern="'x'", next="['x', '[']"), "next 2: .* no regular expression"),
        (rule(**ADVERT, pattern="'x'", next="1"), "'next': found 1; allowed: a list"),
        (rule(**ADVERT, pattern="'x'", position="'middle'"), "allowed: first, last"),
        (rule(**ADVERT, pattern="'x'", until="'x'"), "'until' needs 'after'"),
        (rule(**ADVERT, pattern="'x'", title_before="1"), "allowed: true or false"),
        (rule(**ADVERT, pattern="'x'", patern="'x'"), "did you mean 'pattern'"),
        (
            rule(**ADVERT, pattern="'x'") + "\n" + rule(**ADVERT, pattern="'y'"),
            "rule 'r' stands there twice",
        ),
        ("[limits]\ntitle = 0", "limits: 'title': found 0; allowed: a number above 0"),
        ("[limits]\ntitle = true", "limits: 'title': found True; allowed: a whole number"),
        ("[limits]\ntitel = 1", "did you mean 'title'"),
        ("limits = 1", "'limits': found 1; allowed: keys with values"),
        ("normalise = 1", "normalise"),
        ("[normalise]\nword = 1", "did you mean 'words'"),
        ("[normalise.words]\na = 1", "normalise: 'a': found 1; allowed: a text"),
        ("[normalise.patterns]\n'(' = ''", "no regular expression"),
    ],
)
def test_a_wrong_file_is_refused_with_one_line(file: Path, toml: str, words: str) -> None:
    file.write_text(toml, encoding="utf-8")
    with pytest.raises(ProjectError, match=words) as caught:
        load_cleaning_rules(Project(file.parents[1]))
    assert "cleaning.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_or_undecodable_file_is_named(file: Path) -> None:
    with pytest.raises(ProjectError, match=r"cleaning\.toml: not found"):
        load_cleaning_rules(Project(file.parents[1]))
    file.write_bytes(b"a = '\xff'")
    with pytest.raises(
        ProjectError, match=r"cleaning\.toml: cannot be read: not UTF-8 \(byte 0xff at position 5"
    ):
        load_cleaning_rules(Project(file.parents[1]))


def test_a_file_saved_by_another_editor_is_read(file: Path) -> None:
    toml = rule(**ADVERT, pattern="'x'").replace("\n", "\r\n")
    file.write_bytes(b"\xef\xbb\xbf" + toml.encode())
    assert [r.name for r in load_cleaning_rules(Project(file.parents[1])).rules] == ["r"]


def test_every_label_is_in_the_codebook(project: Project) -> None:
    assert set(LABELS) == set(project.vocabulary("line_label"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kazakstan’s Kazak NGOs", "Kazakhstan’s Kazakh NGOs"),
        ("Kazakhstan and a Kazakh", "Kazakhstan and a Kazakh"),
        ("KIBHR director Evgeny Jovtis", "KIBHR director Yevgeny Zhovtis"),
        ("Jovtis said", "Zhovtis said"),
        ("Dariga Nazarbaeva, Nazarbaev, Nazarbayev", "Dariga Nazarbayeva, Nazarbayev, Nazarbayev"),
        ("a reformer.1 He said", "a reformer. He said"),
        ("a forum for discussion.6", "a forum for discussion."),
        ("in the state[1]. A clan", "in the state. A clan"),
        ("1.8 billion tenge, or 305.4 million", "1.8 billion tenge, or 305.4 million"),
        ("Қазақстан", "Қазақстан"),
    ],
)
def test_names_are_normalised(project: Project, text: str, expected: str) -> None:
    assert normalise(text, load_cleaning_rules(project)) == expected


def test_normalising_twice_changes_nothing_more(project: Project) -> None:
    rules = load_cleaning_rules(project)
    once = normalise("Kazakstan.3 Jovtis, Evgeny Jovtis[2]", rules)
    assert normalise(once, rules) == once


def test_every_problem_of_a_file_is_a_line(file: Path) -> None:
    file.write_text(rule(**ADVERT, pattern="'('") + "\n[limits]\ntitle = 0\nsection = 0")
    with pytest.raises(ProjectError) as caught:
        load_cleaning_rules(Project(file.parents[1]))
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{file}: ") for line in lines)
