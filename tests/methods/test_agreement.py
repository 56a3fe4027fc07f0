"""Pairing statements, alpha, sets, spans: against published examples and values found by hand."""

from __future__ import annotations

import itertools
import random

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from ngolib import load_sentences
from ngolib.cli import main
from ngolib.methods import agreement as ag
from ngolib.methods.agreement import ALL_SAME, NO_UNIT, ONE_CODE


def rows(*spans, article="x.1", prefix="s"):
    """Statements of (start, end[, stage[, scheduled[, country]]])."""
    filled = [(*s, *("adopted", False, ("KAZ",))[len(s) - 2 :]) for s in spans]
    table = pd.DataFrame(filled, columns=["start", "end", "stage", "scheduled", "country"])
    table.insert(0, "statement_id", [f"{prefix}{n}" for n in range(1, len(spans) + 1)])
    return table.assign(article_id=article)


def pairs(a, b, **more):
    table = ag.pair_statements(a, b, **more)
    return set(zip(table["a_id"], table["b_id"], strict=True))


# Pairing


def test_spans_pair_where_they_overlap_most():
    a, b = rows((0, 50), (60, 100)), rows((40, 110), (0, 45), prefix="t")
    assert pairs(a, b) == {("s1", "t2"), ("s2", "t1")}


def test_the_greatest_overlap_in_all_wins_over_the_greatest_single_one():
    # s1 shares 60 with t1 and 50 with t2; s2 shares 55 with t1 only: 50 + 55 is more than 60.
    a, b = rows((0, 110), (5, 60)), rows((0, 60), (60, 110), prefix="t")
    assert pairs(a, b) == {("s1", "t2"), ("s2", "t1")}


def test_neighbours_that_touch_at_a_word_do_not_pair():
    assert pairs(rows((0, 50)), rows((45, 100), prefix="t")) == {("s1", ""), ("", "t1")}
    assert pairs(rows((0, 50)), rows((25, 100), prefix="t")) == {("s1", "t1")}


def test_other_articles_do_not_pair():
    a, b = rows((0, 50)), rows((0, 50), article="x.2", prefix="t")
    assert pairs(a, b) == {("s1", ""), ("", "t1")}


def test_two_steps_in_one_stretch_pair_by_stage_before_span():
    a = rows((0, 70, "adopted", False), (21, 70, "in_force", True))
    b = rows((0, 70, "in_force", True), (10, 70, "adopted", False), prefix="t")
    assert pairs(a, b) == {("s1", "t2"), ("s2", "t1")}
    # Equal spans: only the schedule tells them apart.
    a = rows((0, 70, "in_force", False), (0, 70, "in_force", True))
    b = rows((0, 70, "in_force", True), (0, 70, "in_force", False), prefix="t")
    assert pairs(a, b) == {("s1", "t2"), ("s2", "t1")}


def test_elsewhere_the_stage_does_not_make_the_pair():
    """Or agreement on the stage would be brought about by the pairing."""
    a = rows((0, 100, "adopted"))
    b = rows((0, 90, "signed"), (92, 100, "adopted"), prefix="t")
    assert pairs(a, b) == {("s1", "t1"), ("", "t2")}


def test_a_coding_pairs_with_itself_alone(project):
    coder = project.read_table("coder_a")
    table = ag.pair_statements(coder, coder)
    assert (table["a_id"] == table["b_id"]).all()
    assert len(table) == len(coder)


# Alpha

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C: four observers,
# twelve units, missing data; alpha nominal 0.743.
EXAMPLE_C = [
    "1 2 3 3 2 1 4 1 2 * * *",
    "1 2 3 3 2 2 4 1 2 5 * 3",
    "* 3 3 3 2 3 4 2 2 5 1 *",
    "1 2 3 3 2 4 4 1 2 5 1 *",
]
# The example of the encyclopaedia's article on alpha: three coders; alpha nominal 0.691.
THREE_CODERS = [
    "* * * * * 3 4 1 2 1 1 3 3 * 3",
    "1 * 2 1 3 3 4 3 * * * * * * *",
    "* * 2 1 3 4 4 * 2 1 1 3 3 * 4",
]


def units(coders):
    return list(zip(*[[None if c == "*" else c for c in r.split()] for r in coders], strict=True))


@pytest.mark.parametrize(("coders", "published"), [(EXAMPLE_C, 0.743), (THREE_CODERS, 0.691)])
def test_alpha_of_published_examples(coders, published):
    assert ag.krippendorff_alpha(units(coders)) == pytest.approx(published, abs=0.0005)


def test_alpha_found_by_hand():
    # Four units, one differs: 8 codes, 5 yes and 3 no. Observed: 2 of 8 coincidences differ.
    # Expected: 2 * 5 * 3 of 8 * 7 pairs. Alpha = 1 - (2 / 8) / (30 / 56) = 1 - 7 * 2 / 30 = 8 / 15.
    two = [("yes", "yes"), ("yes", "yes"), ("yes", "no"), ("no", "no")]
    assert ag.krippendorff_alpha(two) == pytest.approx(8 / 15)
    # Always the other code: worse than chance. 1 - 3 * 4 / (2 * 2 * 2) = -0.5.
    assert ag.krippendorff_alpha([("yes", "no"), ("no", "yes")]) == pytest.approx(-0.5)


def test_alpha_of_a_constant_column_is_not_defined_and_never_1():
    assert ag.krippendorff_alpha([("no", "no")] * 9) is None
    result = ag.measure([("no", "no")] * 9, ["x.1"] * 9)
    assert (result["share"], result["alpha"], result["statement_low"]) == (1, None, None)
    assert result["note"] == ONE_CODE


@pytest.mark.parametrize("nothing", [[], [("yes", None)], [(None, None), ("no", None)]])
def test_alpha_of_nothing_is_not_defined(nothing):
    assert ag.krippendorff_alpha(nothing) is None
    assert ag.measure(nothing, ["x.1"] * len(nothing))["note"] == NO_UNIT


def slow_alpha(units):
    """Alpha by its definition, pair by pair."""
    units = [[v for v in u if v is not None] for u in units]
    units = [u for u in units if len(u) > 1]
    codes = [v for u in units for v in u]
    observed = sum(
        sum(x != y for x, y in itertools.permutations(u, 2)) / (len(u) - 1) for u in units
    ) / len(codes)
    expected = sum(x != y for x, y in itertools.permutations(codes, 2)) / (
        len(codes) * (len(codes) - 1)
    )
    return 1 - observed / expected


@given(st.lists(st.tuples(*[st.sampled_from(["a", "b", "c", None])] * 3), min_size=2, max_size=12))
@settings(max_examples=150, deadline=None)
def test_alpha_is_that_of_its_definition(values):
    found = ag.krippendorff_alpha(values)
    if found is not None:
        assert found == pytest.approx(slow_alpha(values))


def interval(result, unit):
    return result[f"{unit}_low"], result[f"{unit}_high"]


def test_intervals_are_repeatable_and_hold_alpha():
    draw = random.Random(3)
    values = [(c, c if draw.random() < 0.7 else "z") for c in draw.choices("xyz", k=60)]
    articles = [f"x.{n % 6}" for n in range(60)]
    one, again = (ag.measure(values, articles, draws=400) for _ in range(2))
    assert one == again
    assert one != ag.measure(values, articles, draws=400, seed=1)
    for low, high in (interval(one, "statement"), interval(one, "article")):
        assert -1 <= low < one["alpha"] < high <= 1


def test_whole_articles_give_the_wider_interval_where_articles_differ():
    values = [("x", "x"), ("y", "y")] * 20 + [("x", "y"), ("y", "x")] * 20
    result = ag.measure(values, ["good"] * 40 + ["bad"] * 40, draws=400)
    (low, high), (lower, higher) = interval(result, "statement"), interval(result, "article")
    assert higher - lower > high - low
    # Whole articles cannot be drawn from one.
    assert interval(ag.measure(values, ["one"] * 80, draws=50), "article") == (None, None)


def test_no_interval_is_drawn_where_they_never_differ():
    result = ag.measure([("x", "x"), ("y", "y")], ["x.1", "x.2"])
    assert (result["alpha"], result["statement_low"], result["note"]) == (1.0, None, ALL_SAME)


# Sets


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("ab", "ab", 0),
        ("a", "ab", 1 - 1 / 2 * 2 / 3),
        ("ab", "abcd", 1 - 2 / 4 * 2 / 3),
        ("ab", "bc", 1 - 1 / 3 * 1 / 3),
        ("a", "b", 1),
        ("", "", 0),
        ("", "a", 1),
    ],
)
def test_distance_of_sets(one, other, distance):
    assert ag.masi(frozenset(one), frozenset(other)) == pytest.approx(distance)
    assert ag.masi(frozenset(other), frozenset(one)) == pytest.approx(distance)


def test_alpha_of_sets_lies_between_all_equal_and_all_different():
    near = [(frozenset("a"), frozenset("ab")), (frozenset("c"), frozenset("c"))]
    nominal, graded = ag.krippendorff_alpha(near), ag.krippendorff_alpha(near, ag.masi)
    # By hand: d(a, ab) = 2/3, d(a, c) = d(ab, c) = 1; n = 4, codes a, ab, c, c.
    # Expected: 2 * (2/3 + 2 + 2) = 28/3; observed 2 * 2/3; alpha = 1 - 3 * (4/3) / (28/3) = 4/7.
    assert graded == pytest.approx(4 / 7)
    assert nominal < graded < 1


# Spans


def test_characters_covered():
    a, b = (ag.covered(t) for t in (rows((0, 10), (5, 20)), rows((10, 30), prefix="t")))
    assert (len(a), len(b), len(a & b)) == (20, 20, 10)
    assert not a & ag.covered(rows((10, 30), article="x.2"))


def test_sentences_marked():
    sentences = pd.DataFrame(
        {"article_id": "x.1", "sentence": [1, 2, 3], "start": [0, 10, 20], "end": [9, 19, 29]}
    )
    assert ag.marked(sentences, rows((2, 5), (18, 21))) == [True, True, True]
    # The space between two sentences is in neither.
    assert ag.marked(sentences, rows((9, 10))) == [False, False, False]


# Two codings


@pytest.fixture(scope="module")
def second(project):
    """A made-up second coding: the first one, with known changes."""
    coder = project.read_table("coder_a")
    own = coder[coder["tier"] < 3].reset_index(drop=True)
    own["statement_id"] = "b-" + own["statement_id"]
    own = own.drop(index=[0, 1]).reset_index(drop=True)
    own.loc[:3, "voice"] = ["academic" if v == "media" else "media" for v in own.loc[:3, "voice"]]
    own.loc[4, "tier"] = 3
    return own


def test_what_was_changed_is_what_differs(project, second):
    coder = project.read_table("coder_a")
    comparison = ag.compare(coder, second)
    total = comparison.found().iloc[-1]
    in_depth = int((coder["tier"] < 3).sum())
    assert (total["both"], total["only_a"], total["only_b"]) == (in_depth - 2, 2, 0)
    assert comparison.other_tiers == int((coder["tier"] == 3).sum())
    table = comparison.by_column(draws=50).set_index("column")
    differ = (table["pairs"] - table["same"]).to_dict()
    assert {c: n for c, n in differ.items() if n} == {"voice": 4, "tier": 1}
    assert table.index[0] == "voice"
    sentences = comparison.by_sentence(load_sentences(project=project), draws=50)
    assert sentences["pairs"] - sentences["same"] <= 4
    assert 0.9 < comparison.overlap() < 1


def test_each_difference_is_a_row_that_names_both_statements(project, second):
    comparison = ag.compare(project.read_table("coder_a"), second)
    found = comparison.differences()
    voices = found[found["column"] == "voice"]
    assert ("b-" + voices["your_id"] == voices["our_id"]).all() and len(voices) == 4
    own = second.set_index("statement_id").loc[voices["our_id"]]
    assert own["voice"].to_list() == voices["our_code"].to_list()
    assert (voices["your_code"] != voices["our_code"]).all()
    alone = found[found["column"] == "statement"]
    assert alone[["our_id", "your_code", "our_code"]].drop_duplicates().to_numpy().tolist() == [
        ["", "found", ""]
    ]
    assert len(found) == len(voices) + len(alone) + 1


def test_the_rows_add_up_to_the_figures(project):
    comparison = ag.compare(project.read_table("coder_a"), project.read_table("coder_b"))
    rows = comparison.differences()["column"].value_counts()
    figures = comparison.by_column(draws=2).set_index("column")
    differ = (figures["pairs"] - figures["same"])[lambda n: n > 0]
    total = comparison.found().iloc[-1]
    assert rows.drop("statement").to_dict() == differ.to_dict()
    assert rows["statement"] == total["only_a"] + total["only_b"]


def test_a_row_can_be_opened_in_either_file(project, tmp_path):
    cells = project.read_text_cells("coder_b").query("article_id == 'iwpr-2006.1'")
    cells.to_csv(tmp_path / "mine.csv", index=False)
    files = [str(tmp_path / name) for name in ("mine.csv", "rows.csv")]
    command = ["agreement", files[0], "--to", files[1], "--project", str(project.root)]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    found = pd.read_csv(files[1], dtype="str", keep_default_na=False)
    ours = project.read_text_cells("statements")
    mine = cells.set_axis(range(2, len(cells) + 2))
    for side, coding in (("your", mine), ("our", ours)):
        known = found[found[f"{side}_id"] != ""]
        at = coding.loc[known[f"{side}_row"].astype(int), "statement_id"]
        assert at.to_list() == known[f"{side}_id"].to_list() and len(known)
    first = found.iloc[0]
    assert f"row {first['your_row']}, {first['your_id']}; ours none; “{first['quote'][:20]}" in (
        done.output
    )
    # Whole in the file, the first on the terminal.
    assert f"Where you differ, {len(found)} times" in done.output
    assert f"ours row {found['our_row'].iloc[1]}, {found['our_id'].iloc[1]}" in done.output


def test_the_rows_are_written_over_nothing(project, tmp_path):
    path = tmp_path / "mine.csv"
    project.read_text_cells("coder_b").head(9).to_csv(path, index=False)
    before = path.read_bytes()
    for more in ([], ["--force"]):
        command = ["agreement", str(path), "--to", str(path), *more]
        done = CliRunner().invoke(main, [*command, "--project", str(project.root)])
        assert done.exit_code == 2 and len(done.output.splitlines()) == 1
        assert "is what is read" in done.output and path.read_bytes() == before


def test_an_empty_coding_does_not_break_the_comparison(project):
    coder = project.read_table("coder_a")
    comparison = ag.compare(coder, coder.iloc[:0])
    assert comparison.found().iloc[-1]["both"] == 0
    table = comparison.by_column(draws=20)
    assert set(table["note"]) == {NO_UNIT}
    assert table["alpha"].isna().all()
    assert comparison.overlap() == 0
    assert set(comparison.differences()["our_code"]) == {""}


def test_a_constant_column_of_a_coding_has_no_alpha(project):
    coder, article = project.read_table("coder_a"), "modern-diplomacy-2021.4"
    own = coder[(coder["article_id"] == article) & ~coder["scheduled"]]
    column = ag.compare(own, own).by_column().set_index("column").loc["scheduled"]
    assert pd.isna(column["alpha"]) and column["note"] == ONE_CODE


def test_only_the_articles_chosen_are_compared(project):
    a, b = project.read_table("coder_a"), project.read_table("coder_b")
    comparison = ag.compare(a, b, articles=["iwpr-2006.1"])
    assert set(comparison.pairs["article_id"]) == {"iwpr-2006.1"}
    assert comparison.by_column(draws=20)["article_low"].isna().all()


def test_statements_quoted_in_the_codebook_are_left_out(project):
    coder = project.read_table("coder_a")
    quote = coder.loc[coder["tier"] < 3, "exact"].iloc[5]
    cells = [f"For instance: “{quote.upper()}”, which is a rule.", "three words only"]
    without, with_it = ag.compare(coder, coder), ag.compare(coder, coder, cells)
    assert (without.quoted, with_it.quoted) == (0, 1)
    assert len(with_it.pairs) == len(without.pairs) - 1


def test_few_words_are_not_looked_for_in_the_codebook(project):
    coder = project.read_table("coder_a")
    few = coder.loc[coder["exact"].str.split().str.len() < 4, "exact"]
    assert len(few)
    assert ag.compare(coder, coder, few).quoted == 0


def test_the_codebook_holds_many_cells(project):
    assert len(ag.codebook_cells(project)) > 500


def test_every_row_of_the_second_reading_stands_in_its_table(project):
    keys = {"rules": "rule_id", "acts": "process_id", "steps": "step_id", "pairs": "pair_id"}
    for table, own in project.read_table("second_reading").groupby("table"):
        assert set(own["row_id"]) <= set(project.read_table(table)[keys[table]])


@pytest.mark.parametrize("sides", [("a", ""), ("", "b"), ("", "")])
def test_a_coding_without_statements_pairs_with_none(project, sides):
    whole = project.read_table("coder_a")
    a, b = (whole if side else whole.iloc[:0] for side in sides)
    pairs = ag.pair_statements(a, b)
    assert len(pairs) == len(a) + len(b)
    assert not ((pairs["a_id"] != "") & (pairs["b_id"] != "")).any()
