"""Keyword in context and keyness, against published and independent values."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from ngolib.analysis import keywords
from ngolib.errors import ParameterError
from ngolib.texts import load_lines, read_source
from ngolib.texts.rules import load_cleaning_rules

JOIN = [(re.compile(r"\bKazakstan\b"), "Kazakhstan"), (re.compile(r"\[\d\]"), "")]


def lines(*texts, label="body"):
    starts = np.cumsum([0, *(len(t) + 1 for t in texts[:-1])])
    return pd.DataFrame({"article_id": "a.1", "label": label, "start": starts, "text": list(texts)})


def test_spellings_are_joined_and_every_character_keeps_its_place():
    text = "In Kazakstan[1] and Kazakhstan."
    joined = keywords.join_spellings(text, JOIN)
    assert joined.text == "In Kazakhstan and Kazakhstan."
    first = joined.text.index("Kazakhstan")
    a, b = joined.span(first, first + 10)
    assert text[a:b] == "Kazakstan"
    last = joined.text.rindex("Kazakhstan")
    a, b = joined.span(last, last + 10)
    assert text[a:b] == "Kazakhstan"
    # A stretch that cuts into a changed name holds the whole of it.
    a, b = joined.span(first + 2, first + 5)
    assert text[a:b] == "Kazakstan"


def test_a_hit_is_verbatim_with_raw_offsets():
    raw = ["A ban in Kazakstan.", "Nothing here.", "The ban of Kazakhstan stays."]
    found = keywords.concordance(lines(*raw), "kazakhstan", JOIN)
    whole = "\n".join(raw)
    assert list(found["hit"]) == ["Kazakstan", "Kazakhstan"]
    assert [whole[a:b] for a, b in zip(found["start"], found["end"], strict=True)] == list(
        found["hit"]
    )
    assert set(found["found"]) == {"kazakhstan"}
    assert list(found.columns) == keywords.CONCORDANCE_COLUMNS


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
    assert found["negated"] == bool(negator)
    at = found["negator_start"]
    assert text[at : at + len(negator)] == negator if negator else at == -1


@pytest.mark.parametrize(
    "wrong", [{"pattern": "[("}, {"pattern": "a*"}, {"window": -1}, {"unit": "lines"}]
)
def test_a_wrong_choice_is_one_clear_line(wrong):
    with pytest.raises(ParameterError) as caught:
        keywords.concordance(lines("a b"), **{"pattern": "b", **wrong})
    assert "\n" not in str(caught.value)


def test_nothing_found_keeps_the_columns():
    found = keywords.concordance(lines("a b"), "zzz")
    assert found.empty
    assert list(found.columns) == keywords.CONCORDANCE_COLUMNS
    assert keywords.concordance(lines("a").iloc[:0], "a").empty


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
        assert row.sentence_start <= row.start < row.end <= row.sentence_end


def test_words_by_the_documented_rule():
    assert keywords.words("The NGO’s co-operation isn't 2015’s; Kazakstan's!", JOIN) == [
        "the",
        "ngo",
        "co-operation",
        "isn't",
        "s",
        "kazakhstan",
    ]


def test_log_likelihood_has_the_values_that_rayson_gave():
    """P. Rayson's answer on the Corpora list of 18 January 2002, rounded: corpora of one million.

    https://listserv.linguistlist.org/pipermail/corpora/2002-January/002455.html
    """
    found = keywords.log_likelihood([348, 15, 9, 21, 392], [99, 14, 32, 25, 170], 1e6, 1e6)
    assert list(found.round().astype(int)) == [147, 0, 14, 0, 90]


def test_log_likelihood_over_four_cells_is_that_of_the_whole_table():
    """Against the entropy form of G², which uses no expected value."""

    def g2(table):
        def h(values):
            return sum(v * np.log(v) for v in values if v)

        rows, columns = table.sum(axis=1), table.sum(axis=0)
        return 2 * (h(table.ravel()) - h(rows) - h(columns) + table.sum() * np.log(table.sum()))

    rng = np.random.default_rng(1)
    for _ in range(20):
        a, b = rng.integers(0, 50, 2)
        c, d = rng.integers(100, 5000, 2)
        table = np.array([[a, b], [c - a, d - b]], dtype=float)
        assert keywords.log_likelihood(a, b, c, d, cells=4) == pytest.approx(max(g2(table), 0))
    with pytest.raises(ValueError, match="cells"):
        keywords.log_likelihood(1, 1, 10, 10, cells=3)
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


def test_a_prior_must_fit():
    with pytest.raises(ValueError, match="length"):
        keywords.log_odds([1], [1, 2], [1, 1])
    with pytest.raises(ValueError, match="above 0"):
        keywords.log_odds([1], [1], [0])


def test_dispersion_has_the_published_values():
    """Lijffijt and Gries (2012): three equal parts that hold 2/3, 1/3 and none of a word.

    And Gries (2008): a word spread as the parts are long has 0.
    """
    found = keywords.dispersion([[2, 1, 0], [1, 1, 1], [0, 0, 5]], [10, 10, 10])
    assert found == pytest.approx([1 / 3, 0, 2 / 3])
    assert keywords.dispersion([9, 10, 10, 10, 11], [9, 10, 10, 10, 11]) == pytest.approx([0])
    assert np.isnan(keywords.dispersion([[0, 0]], [1, 1])).all()


def test_keyness_finds_the_word_that_only_one_text_has():
    counts = keywords.frequencies(
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
    assert (key["per_thousand_target"] > key["per_thousand_reference"]).all()
    assert key["log_likelihood"].is_monotonic_decreasing
    each = keywords.key_in_each(counts, 6.63, {"a": "state"})
    assert list(each["article_id"]) == ["a", "b", "c"]
    assert each.set_index("article_id").loc["a", "terms"] == (key["log_likelihood"] >= 6.63).sum()
    stay = keywords.without_each(counts, "a", 3)
    assert list(stay["left_out"]) == ["b", "c"]
    assert (stay["stay"] <= stay["of"]).all()


def test_keyness_without_a_reference_is_empty():
    counts = keywords.frequencies(pd.DataFrame({"article_id": ["a"], "text": ["a b"]}))
    assert keywords.keyness(counts, ["a"]).empty
    assert keywords.keyness(counts, ["b"]).empty
    assert keywords.without_each(counts, "a").empty
    empty = keywords.frequencies(pd.DataFrame({"article_id": [], "text": []}))
    assert keywords.keyness(empty, ["a"]).empty
    assert keywords.key_in_each(empty, 1, {}).empty


def test_each_hit_of_a_plain_count_has_one_reason():
    table = lines(
        "Controls in Kazakhstan.", "No controls in Kazakhstan.", "Controls in Russia.", "Controls."
    )
    table["article_id"] = ["a.1", "a.1", "a.1", "b.1"]
    advert = lines("Controls!", label="advert").assign(article_id="")
    hits = keywords.concordance(pd.concat([table, advert], ignore_index=True), "controls")
    why = keywords.naive_share(hits, ["body"], ["a.1"], r"\bKazakh", r"\bRussia")["why"]
    assert list(why) == ["counted", "negated", "elsewhere", "off_topic", "outside"]
    every = keywords.naive_share(hits, ["body"], ["a.1"], "", r"\bRussia")["why"]
    assert "elsewhere" not in set(every)
