"""Keyword in context and keyness, against published and independent values."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from runs import cell_of

from ngolib.errors import ParameterError
from ngolib.methods import keywords
from ngolib.texts import load_lines, read_source
from ngolib.texts.rules import load_cleaning_rules

JOIN = [(re.compile(r"\bKazakstan\b"), "Kazakhstan"), (re.compile(r"\[\d\]"), "")]

# The notebook counts words; methods compare the counts.
counted = cell_of("05_voices", "def counted(", SPELLINGS=JOIN)["counted"]


def lines(*texts, label="body"):
    starts = np.cumsum([0, *(len(t) + 1 for t in texts[:-1])])
    return pd.DataFrame({"article_id": "a.1", "label": label, "start": starts, "text": list(texts)})


def test_spellings_are_joined_and_every_character_keeps_its_place():
    text = "In Kazakstan[1] and Kazakhstan."
    joined, places = keywords.join_spellings(text, JOIN)
    assert joined == "In Kazakhstan and Kazakhstan."
    for first, wanted in (
        (joined.index("Kazakhstan"), "Kazakstan"),
        (joined.rindex("Kazakhstan"), "Kazakhstan"),
    ):
        assert text[places[first][0] : places[first + 9][1]] == wanted
    # A stretch that cuts into a changed name holds the whole of it.
    assert text[places[5][0] : places[7][1]] == "Kazakstan"


def test_a_hit_is_verbatim_with_raw_offsets():
    raw = ["A ban in Kazakstan.", "Nothing here.", "The ban of Kazakhstan stays."]
    found = keywords.concordance(lines(*raw), "kazakhstan", JOIN)
    whole = "\n".join(raw)
    assert list(found["hit"]) == ["Kazakstan", "Kazakhstan"]
    assert [whole[a:b] for a, b in zip(found["start"], found["end"], strict=True)] == list(
        found["hit"]
    )
    assert found["evidence"].to_list() == [("a.1-c9-18",), ("a.1-c45-55",)]
    assert found["sentence"].to_list() == ["A ban in Kazakhstan.", "The ban of Kazakhstan stays."]


def test_the_window_is_of_characters_or_of_words():
    table = lines("one two three KEY four five six")
    near = keywords.concordance(table, "key", window=4).iloc[0]
    assert (near["before"], near["after"]) == ("ree ", " fou")
    near = keywords.concordance(table, "key", window=2, unit="words").iloc[0]
    assert (near["before"], near["after"]) == ("two three ", " four five")
    near = keywords.concordance(table, "key", window=0, unit="words").iloc[0]
    assert (near["before"], near["after"]) == ("", "")
    near = keywords.concordance(table, "key", window=99, unit="words").iloc[0]
    assert near["before"] + near["hit"] + near["after"] == table["text"].iloc[0]


@pytest.mark.parametrize(
    ("text", "negator"),
    [
        ("There have been no strict restrictions.", "no"),
        ("They are not interested in having restrictions.", "not"),
        ("It didn’t bring restrictions.", "didn’t"),
        ("It came without restrictions.", "without"),
        ("There were restrictions.", ""),
        ("Not only restrictions but bans came.", ""),
        ("It was not a law, but restrictions came.", ""),
        ("Not one of the many new laws of that long year brought restrictions.", ""),
        ("It was not so. Then restrictions came.", ""),
        ("No; restrictions came.", ""),
    ],
)
def test_negation_is_flagged_in_its_reach_only(text, negator):
    found = keywords.concordance(lines(text), "restrictions").iloc[0]
    assert found["negator"] == negator


@pytest.mark.parametrize(
    "wrong", [{"pattern": "[("}, {"pattern": "a*"}, {"window": -1}, {"unit": "lines"}]
)
def test_a_wrong_choice_is_one_clear_line(wrong):
    with pytest.raises(ParameterError) as caught:
        keywords.concordance(lines("a b"), **{"pattern": "b", **wrong})
    assert "\n" not in str(caught.value)


def test_nothing_found_keeps_the_columns():
    columns = list(keywords.concordance(lines("a b"), "a").columns)
    for nothing in (lines("a b"), lines("a").iloc[:0]):
        found = keywords.concordance(nothing, "zzz")
        assert found.empty
        assert list(found.columns) == columns


def test_a_line_of_no_article_has_no_passage():
    assert keywords.concordance(lines("a").assign(article_id=""), "a")["evidence"].item() == ()


def test_every_hit_of_the_texts_stands_where_it_is_said_to(project):
    spellings = load_cleaning_rules(project).substitutions
    table = load_lines(project=project)
    found = keywords.concordance(table, r"Kazakhstan|ban(?:s|ned)?\b|Zhovtis", spellings)
    assert len(found) > 50
    assert {"Kazakstan", "Kazakhstan"} <= set(found["hit"])
    sources = project.read_table("sources").set_index("source_id")
    source_of = table["source_id"]
    for row in found.itertuples():
        source = sources.loc[source_of[row.row]]
        raw = read_source(project.data / source["path"])
        assert raw[row.start : row.end] == row.hit
        assert raw[row.start - len(row.before) : row.start] == row.before
        assert raw[row.end : row.end + len(row.after)] == row.after


def test_words_by_the_rule_of_the_module():
    table = lines("The NGO’s co-operation isn't 2015’s; Kazakstan's!")
    assert list(counted(table).index) == [
        "co-operation",
        "isn't",
        "kazakhstan",
        "ngo",
        "s",
        "the",
    ]


def test_log_likelihood_has_the_values_that_rayson_gave():
    """P. Rayson's answer on the Corpora list of 18 January 2002, rounded: corpora of one million.

    https://listserv.linguistlist.org/pipermail/corpora/2002-January/002455.html
    """
    found = keywords.log_likelihood([348, 15, 9, 21, 392], [99, 14, 32, 25, 170], 1e6, 1e6)
    assert list(found.round().astype(int)) == [147, 0, 14, 0, 90]
    assert np.isnan(keywords.log_likelihood([1], [1], 0, 10)).all()


def test_log_odds_have_the_values_of_another_implementation():
    """The example of the package fightin-words (README): flat prior of .05, one text each."""
    one = ["the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "pig"]
    two = ["the", "lazy", "purple", "pig", "jumps", "over", "the", "lazier", "donkey"]
    terms = sorted({*one, *two})
    found = keywords.log_odds(
        [one.count(t) for t in terms], [two.count(t) for t in terms], [0.05] * len(terms)
    )
    z = dict(zip(terms, found["z"], strict=True))
    for term in ("brown", "fox", "quick"):
        assert z[term] == pytest.approx(0.6894227886807968)
    for term in ("donkey", "lazier", "purple"):
        assert z[term] == pytest.approx(-0.6894227886807968)
    for term in ("jumps", "lazy", "over", "pig", "the"):
        assert z[term] == pytest.approx(0)


def test_z_of_the_log_odds_is_standard_normal_where_there_is_no_difference():
    rng = np.random.default_rng(7)
    share = rng.dirichlet(np.full(30, 5.0))
    draws = [rng.multinomial(20_000, share) for _ in range(400)]
    z = np.concatenate(
        [
            keywords.log_odds(a, b, share * 10)["z"].to_numpy()
            for a, b in zip(draws[::2], draws[1::2], strict=True)
        ]
    )
    assert abs(z.mean()) < 0.05
    assert z.std() == pytest.approx(1, abs=0.05)


def test_dispersion_has_the_published_values():
    """Lijffijt and Gries (2012): three equal parts that hold 2/3, 1/3 and none of a word.

    And Gries (2008): a word spread as the parts are long has 0.
    """
    found = keywords.dispersion([[2, 1, 0], [1, 1, 1], [0, 0, 5]], [10, 10, 10])
    assert found == pytest.approx([1 / 3, 0, 2 / 3])
    assert keywords.dispersion([[9, 10, 11]], [9, 10, 11]) == pytest.approx([0])
    assert np.isnan(keywords.dispersion([[0, 0]], [1, 1])).all()


def test_keyness_finds_the_word_that_only_one_text_has():
    counts = counted(
        pd.DataFrame(
            {
                "article_id": ["a", "a", "b", "c"],
                "text": [
                    "dialogue with us " * 6,
                    "the law",
                    "the law and the court " * 8,
                    "the law",
                ],
            }
        )
    )
    key = keywords.keyness(counts, ["a"])
    assert key["term"].iloc[0] == "dialogue"
    assert key["texts"].iloc[0] == 1
    assert (key["rate_here"] > key["rate_elsewhere"]).all()
    assert key["log_likelihood"].is_monotonic_decreasing


def test_keyness_without_a_reference_is_empty():
    counts = counted(pd.DataFrame({"article_id": ["a"], "text": ["a b"]}))
    assert keywords.keyness(counts, ["a"]).empty
    for target in (["b"], "a"):
        with pytest.raises(
            ParameterError, match=r"text: found 'a'; allowed: a list|unknown text 'b'"
        ):
            keywords.keyness(counts, target)
    empty = counted(pd.DataFrame({"article_id": [], "text": []}))
    assert keywords.keyness(empty, ["a"]).empty
