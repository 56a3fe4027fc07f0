"""Splitting and labelling lines."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ngolib.project import Project
from ngolib.texts import read_source
from ngolib.texts.lines import label_lines, split_lines
from ngolib.texts.load import load_lines
from ngolib.texts.rules import LABELS, CleaningRules, load_cleaning_rules

EXPECTED = Path(__file__).with_name("expected_labels.csv")
COLUMNS = ["line", "start", "end", "label", "rule", "article", "text"]
RULES = load_cleaning_rules(Project(Path(__file__).resolve().parents[2]))

ANY_TEXT = st.text(
    st.one_of(
        st.characters(),  # any character
        st.characters(categories=["Cs"]),  # halves of surrogate pairs
        st.sampled_from("\r\n\x0b\x0c\x85\u2028\ufeff\u200f\xa0 .[]0aҚ—“"),
    )
)


def test_the_labels_are_those_given_by_hand(project: Project) -> None:
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        expected = {
            (row["source_id"], int(row["line"])): (row["label"], row["article"])
            for row in csv.DictReader(file)
        }
    lines = load_lines(project=project)
    found = {
        (source, line): (label, article.rpartition(".")[2])
        for source, line, label, article in zip(
            lines["source_id"], lines["line"], lines["label"], lines["article_id"], strict=True
        )
    }
    assert found == expected


def test_the_lines_rebuild_every_raw_text(project: Project) -> None:
    for path in project.read_table("sources")["path"]:
        text = read_source(project.data / path)
        lines = split_lines(text)
        # Counted another way: by line feeds, the only terminator in these files.
        assert len(lines) == text.count("\n") + (not text.endswith("\n"))
        assert [text[start:end] for start, end in lines] == text.removesuffix("\n").split("\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a"]),
        ("a\n\n", ["a", ""]),
        ("\n", [""]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("a\n\rb", ["a", "", "b"]),
        ("a\r\r\nb", ["a", "", "b"]),
        ("a\u2028b\x0bc\x0cd\x85e\x1cf", ["a\u2028b\x0bc\x0cd\x85e\x1cf"]),
    ],
)
def test_lines_end_at_lf_crlf_and_cr_only(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in split_lines(text)] == expected


@settings(deadline=None)
@given(ANY_TEXT)
def test_every_character_belongs_to_one_line(text: str) -> None:
    lines = split_lines(text)
    starts = [start for start, _ in lines] + [len(text)]
    assert starts[0] == 0
    for n, (start, end) in enumerate(lines):
        assert not set(text[start:end]) & set("\r\n")
        last = n + 1 == len(lines)
        assert text[end : starts[n + 1]] in ("\n", "\r\n", "\r", *([""] if last else []))


@settings(deadline=None)
@given(ANY_TEXT)
def test_any_text_can_be_labelled(text: str) -> None:
    lines = label_lines(text, RULES)
    assert lines["line"].tolist() == list(range(1, len(split_lines(text)) + 1))
    assert set(lines["label"]) <= set(LABELS)
    assert (lines["rule"] != "").all()
    for start, end, words in zip(lines["start"], lines["end"], lines["text"], strict=True):
        assert text[start:end] == words


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "Қазақстан\r\n\r\nҮЕҰ туралы заң."])
def test_the_columns_have_the_same_types_for_every_text(text: str) -> None:
    lines = label_lines(text, RULES)
    assert lines.columns.tolist() == COLUMNS
    types = lines.dtypes.astype(str).to_dict()
    assert types == {
        "line": "int64",
        "start": "int64",
        "end": "int64",
        "label": "str",
        "rule": "str",
        "article": "Int64",
        "text": "object",
    }


@pytest.mark.parametrize("blank", ["", " ", "\t\xa0", "\ufeff", "\u200b\u200f", "\u2028", "\x0c"])
def test_a_line_without_visible_characters_is_blank(blank: str) -> None:
    lines = label_lines(f"x\n{blank}\ny", RULES)
    assert lines.loc[1, ["label", "rule"]].tolist() == ["blank", "blank"]
    assert lines["article"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    "line",
    [
        "a" * 10_000_000,
        "a " * 5_000_000,
        "“" * 10_000_000,
        " " * 10_000_000,
        "[1]" + "." * 10_000_000,
        "By " + "A " * 5_000_000,
        "a\n" * 200_000,
    ],
    ids=["letters", "words", "quotes", "blank", "note", "byline", "many lines"],
)
def test_huge_lines_are_labelled(line: str) -> None:
    lines = label_lines(line, RULES)
    assert lines["end"].iloc[-1] >= len(line) - 1
    assert set(lines["label"]) <= {"title", "body", "blank", "footnote"}


def rows(text: str, rules: CleaningRules = RULES) -> list[tuple[str, str]]:
    lines = label_lines(text, rules)
    pairs = zip(lines["label"], lines["rule"], strict=True)
    return [pair for pair in pairs if pair[0] != "blank"]


BODY = "This is running text that is long enough to be told from a headline of any kind."


def test_a_headline_and_one_short_sentence_open_a_page() -> None:
    assert rows(f"A headline\nWhat it is about, in short.\n{BODY}") == [
        ("title", "title-by-position"),
        ("standfirst", "standfirst-by-position"),
        ("body", "remaining-text"),
    ]


@pytest.mark.parametrize(
    "second", [f"Two sentences. Are no standfirst, {BODY}", "w" * 201], ids=["two", "long"]
)
def test_running_text_is_no_standfirst(second: str) -> None:
    assert [label for label, _ in rows(f"A headline\n{second}\n{BODY}")] == [
        "title",
        "body",
        "body",
    ]


@pytest.mark.parametrize("first", ["It ends like a sentence.", "w" * 201, "Words go on:"])
def test_running_text_is_no_title(first: str) -> None:
    assert [label for label, _ in rows(f"{first}\n{BODY}")] == ["body", "body"]


def test_a_page_of_one_line_has_no_title() -> None:
    assert rows("Only a few words") == [("body", "remaining-text")]


def test_a_head_printed_twice_is_found() -> None:
    head = "A headline that is long enough\n\n{}What it is about, in short."
    for between in ("", "A headline that is long enough\n"):
        text = f"{head.format(between)}\n{head.format(between)}\n{BODY}"
        labels = [label for label, _ in rows(text)]
        assert labels[0] == "title"
        assert labels.index("standfirst") == (2 if between else 1)
        assert labels.count("duplicate") == len(labels) - 3
        assert labels[-1] == "body"


def test_a_standfirst_needs_text_after_it() -> None:
    assert [label for label, _ in rows("A headline\nOne sentence.")] == ["title", "body"]
    assert [label for label, _ in rows(f"A headline\n{BODY}\nA headline\n{BODY}")] == [
        "title",
        "body",
        "body",  # too short to be taken for a repeat
        "duplicate",
    ]


def test_repeats_are_found_but_equal_notes_and_labels_are_kept() -> None:
    note = "[5] Matthew Stein, “Revolutions of Kyrgyzstan Timeline.”"
    text = f"Head\n{BODY}\n{BODY} More.\n{BODY}\nYes.\nYes.\n{note}\n{note}"
    labels = [label for label, _ in rows(text)]
    assert labels == [
        "title",
        "standfirst",
        "body",
        "duplicate",
        "body",
        "body",
        "footnote",
        "footnote",
    ]


@pytest.mark.parametrize(("length", "label"), [(24, "body"), (25, "duplicate")])
def test_very_short_lines_may_be_repeated(length: int, label: str) -> None:
    line = "w" * length
    assert rows(f"{BODY}\n{line}\n{BODY} More.\n{line}")[3][0] == label


def test_a_long_date_may_be_repeated() -> None:
    line = "Posted: Wednesday, December 31, 2014"
    assert [label for label, _ in rows(f"{line}\n{BODY}\n{line}")] == ["date", "body", "date"]


def test_in_a_page_with_marks_no_title_is_guessed() -> None:
    page = f"Menu\nHome\nEurope\nThe title\nPublished\non\n{BODY}"
    labels = [label for label, _ in rows(page)]
    assert labels == ["body", "body", "section", "title", "date", "date", "body"]


def test_a_line_that_a_rule_knows_is_no_title() -> None:
    page = f"Connect with us\nPublished\non\n{BODY}"
    assert [label for label, _ in rows(page)] == ["navigation", "date", "date", "body"]


def test_marks_of_the_page_part_its_articles() -> None:
    page = f"Europe\nFirst title here\nPublished\non\n{BODY}\nAsia\nSecond?\nPublished\n\non\nText."
    lines = label_lines(page, RULES)
    lines = lines[lines["label"] != "blank"]
    assert lines["label"].tolist() == ["section", "title", "date", "date", "body"] * 2
    assert lines["article"].tolist() == [1] * 5 + [2] * 5


def test_an_article_without_a_section_starts_at_its_title() -> None:
    page = f"One\nPublished\non\n{BODY}\nTwo\nPublished\non\nText."
    lines = label_lines(page, RULES)
    assert lines["label"].tolist() == ["title", "date", "date", "body"] * 2
    assert lines["article"].tolist() == [1] * 4 + [2] * 4


def test_an_article_that_the_page_shows_twice_is_one_article() -> None:
    title = "A title that is quite long"
    page = f"{title}\nPublished\non\n{BODY}\n{title}\nPublished\non\n{BODY}"
    lines = label_lines(page, RULES)
    assert lines["label"].tolist() == [
        *("title", "date", "date", "body"),
        *("duplicate", "date", "date", "duplicate"),
    ]
    assert lines["article"].tolist() == [1] * 8


def test_a_mark_without_a_line_before_it_opens_no_article() -> None:
    assert rows(f"Published\non\n{BODY}") == [
        ("date", "published"),
        ("date", "published-on"),
        ("body", "remaining-text"),
    ]


def test_the_word_published_alone_is_text() -> None:
    assert rows(f"Published\n{BODY}\non")[2] == ("body", "remaining-text")


def test_rows_of_a_table_that_lost_its_borders_are_found() -> None:
    table = "TreatyKazakhstanUzbekistan\nConvention on SomethingSigned\nCovenantRatifiedSigned"
    assert rows(f"{BODY}\n\n{table}\n\n{BODY}")[1:4] == [("table", "run-together-table")] * 3
    # Two rows, a row that ends like a sentence, or blank lines between: no table.
    for other in (
        "\n".join(table.split("\n")[:2]),
        table.replace("Signed\n", "Signed.\n"),
        table.replace("\n", "\n\n"),
    ):
        assert "table" not in [label for label, _ in rows(f"{BODY}\n\n{other}\n\n{BODY}")]


def test_a_new_site_needs_rules_only() -> None:
    rules = CleaningRules.model_validate(
        tomllib.loads("""
        [[rule]]
        name = "stamp"
        label = "date"
        pattern = '^Posted by'
        title_before = true
    """)
    )
    lines = label_lines(f"One\nPosted by A\n{BODY}\nTwo\nPosted by B\nText.", rules)
    assert lines["label"].tolist() == ["title", "date", "body"] * 2
    assert lines["article"].tolist() == [1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize(
    "line",
    [
        "By now, most of them had left.",
        "By the end of the year",
        "The table below shows (see Table 1) what was signed.",
        "1. Everybody is equal before the law.",
        "Bibliography of works on the region is short.",
        "The minister is a pseudonym for power, they said, and went on.",
        "He wrote at https://t.co/abc what he thought.",
        "On Day: a film.",
        "Three hours ago, people gathered.",
        "Connect with us and we will tell.",
    ],
)
def test_text_that_looks_a_little_like_a_mark_stays_text(line: str) -> None:
    assert rows(f"{BODY}\n{line}")[1] == ("body", "remaining-text")
