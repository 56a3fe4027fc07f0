"""Charts draw what their tables say, also nothing, and each mark leads to its evidence."""

from __future__ import annotations

import re

import pandas as pd
import pytest
import runs
from matplotlib.dates import date2num

from ngolib import charts, load_events, load_offices
from ngolib.errors import ParameterError
from ngolib.methods import coverage_by_year
from ngolib.objects import Figure
from ngolib.verbs import words

LABELS = words("category")


def texts(figure):
    """Return the words of a figure, as a reader finds them in the picture."""
    svg = Figure("f", figure, "alt", "caption", pd.DataFrame()).svg.decode()
    return re.findall(r">([^<>]+)</text>", svg), svg


def in_fields(steps):
    """Keep dated steps, each under the first of its categories."""
    first = steps["categories"].map(lambda codes: next((c for c in codes if c in LABELS), ""))
    own = steps.assign(category=first, group=steps["stage"].map(charts.GROUP_OF))
    return own[(own["category"] != "") & own["date_start"].notna()]


@pytest.fixture(scope="module")
def steps():
    return load_events(countries=["UZB"])


def test_named_and_other_acts_of_a_lane_do_not_meet(steps):
    acts = in_fields(steps).drop_duplicates("process_id")
    told = (acts["title"] + ", " + acts["year"].astype(str)).where(acts["year"] % 2 == 0, "")
    lanes = charts.in_lanes(acts.assign(told=told), LABELS, (1991, 2026))
    assert sorted(lanes["process_id"]) == sorted(acts["process_id"])
    heads = dict(zip(lanes["head"], lanes["category"].map(LABELS), strict=True))
    figure = charts.timeline(lanes, heads, (1991, 2026), bands=load_offices("UZB"))
    assert runs.label_problems(figure) == []
    found, svg = texts(figure)
    for name in told:
        assert all(
            part in found for part in charts.in_lines(name, charts.ACT_WIDTH).split("\n") if part
        )
    for evidence in lanes["evidence"]:
        assert f'href="#ev-{evidence[0]}"' in svg
    # Marks of a lane on one line stand apart.
    for _, own in lanes[lanes["told"] == ""].groupby("row"):
        own = own.sort_values("date_start")
        assert (own["date_start"].iloc[1:].to_numpy() > own["date_end"].iloc[:-1].to_numpy()).all()


def test_what_lies_outside_the_years_is_not_drawn(steps):
    marks = in_fields(steps).assign(row=0.0)
    inside = marks[(marks["date_end"] >= "2015") & (marks["date_start"] < "2020")]
    assert 0 < len(inside) < len(marks)
    spans = pd.DataFrame(
        [{"row": 0, "start": marks["date_start"].min(), "end": pd.NaT, "sure": True}]
    )
    figure = charts.timeline(marks, {}, (2015, 2019), spans=spans)
    _, svg = texts(figure)
    assert svg.count('href="#ev-') == len(inside)
    left, right = figure.axes[0].get_xlim()
    for line in figure.axes[0].lines:
        days = date2num(line.get_xdata())
        assert left <= days.min() and days.max() <= right


def test_every_act_has_a_row_and_its_name_stands_beside_it(steps):
    main = in_fields(steps)
    acts = main.groupby("process_id").agg(
        first=("date_start", "min"), category=("category", "first"), name=("title", "first")
    )
    acts = charts.in_rows(acts, LABELS)
    assert acts["row"].is_unique and (acts["head"] < acts["row"]).all()
    marks = main.drop(columns="category").merge(acts, left_on="process_id", right_index=True)
    heads = dict(zip(marks["head"], marks["category"].map(LABELS), strict=True))
    names = heads | dict(zip(acts["row"], acts["name"], strict=True))
    figure = charts.timeline(
        marks,
        names,
        (1991, 2026),
        bold=list(heads),
        bands=load_offices("UZB"),
        coverage=coverage_by_year("UZB", 1991, 2026),
    )
    assert runs.label_problems(figure) == []
    found, svg = texts(figure)
    for name in acts["name"]:
        assert all(part in found for part in charts.in_lines(name, charts.ACT_WIDTH).split("\n"))
    for evidence in marks["evidence"]:
        assert f'href="#ev-{evidence[0]}"' in svg


def test_words_beside_marks_stay_in_the_figure():
    marks = load_events(countries=["KAZ"]).dropna(subset="date_start").iloc[::40]
    marks = marks.assign(row=range(len(marks)), group="in force", told=marks["title"].str[:60])
    figure = charts.timeline(marks, {}, (1991, 2026))
    assert [p for p in runs.label_problems(figure) if "leaves" in p] == []


def spell(first, last, look="1", text="", possible=False, row="KAZ"):
    keys = ["group", "row", "first", "last", "look", "text", "possible"]
    return dict(zip(keys, ["assembly", row, first, last, look, text, possible], strict=True))


def test_bars_by_name_stand_in_the_order_of_the_table_those_without_too():
    decades = ["1990s", "2000s", "2010s", "2020s"]
    counts = pd.DataFrame({"a": [0, 0, 3, 5], "b": [1, 0, 2, 0]}, decades)
    figure = charts.bars(counts)
    axes = figure.axes[-1]
    assert [label.get_text() for label in axes.get_xticklabels()] == decades
    drawn = [[(round(bar.get_x() + bar.get_width() / 2), bar.get_height()) for bar in one.patches]
             for one in figure.axes]  # fmt: skip
    assert drawn == [[(2, 3), (3, 5)], [(0, 1), (2, 2)]]


def test_numbers_written_as_text_and_names_that_are_yes_or_no_are_drawn_as_they_are_meant():
    axes = charts.bars(pd.DataFrame({"a": ["1", "2", "10"]}, index=["x", "y", "z"])).axes[0]
    assert [bar.get_height() for bar in axes.patches] == [1, 2, 10]
    axes = charts.bars(pd.DataFrame({"a": [5, 3]}, index=[False, True])).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["False", "True"]
    assert (
        charts.shares(pd.DataFrame({"a": ["7"], "b": ["12"]}), ["#aa0000", "#00aa00"], "n")
        .axes[0]
        .patches
    )


def test_small_values_of_an_axis_by_powers_of_ten_have_their_ticks():
    rows = {"name": ["a", "b"], "value": [0.002, 0.3], "kind": "x", "text": ""}
    table = pd.DataFrame(rows).assign(low=None, high=None, evidence=[()] * 2)
    figure = charts.dots(table, "share", log=True)
    figure.canvas.draw()
    told = {label.get_text() for label in figure.axes[0].get_xticklabels()}
    assert {"0.01", "0.1"} <= told


def test_an_axis_by_powers_of_ten_stays_one_and_has_numbers_within_one_power():
    rows = {"name": ["a", "b", "c"], "value": [120, 200, 300], "kind": "x", "text": ""}
    table = pd.DataFrame(rows).assign(low=None, high=None, evidence=[()] * 3)
    figure = charts.dots(table, "organisations, by powers of ten", log=True)
    figure.canvas.draw()
    (axes,) = figure.axes
    told = {label.get_text() for label in axes.get_xticklabels(which="both")}
    assert axes.get_xscale() == "log" and {"200", "300"} <= told
    assert not any("$" in text for text in told)


@pytest.mark.parametrize("most", [160, 300, 480, 900, 990, 1010, 5000])
def test_the_numbers_of_an_axis_by_powers_of_ten_do_not_overlap(most):
    values = [10_100, 13_000, 100 * most]
    rows = {"name": ["a", "b", "c"], "value": values, "high": values, "kind": "x", "text": "ten"}
    table = pd.DataFrame(rows).assign(evidence=[()] * 3, low=lambda t: t["value"] * 0.97)
    assert runs.label_problems(charts.dots(table, "organisations", log=True)) == []


def test_a_strip_covers_its_years_and_says_its_text():
    spells = pd.DataFrame([spell(1991, 1999, text="permit"), spell(2000, 2004, possible=True)])
    figure = charts.strips(
        spells, {"assembly": "Assembly"}, {"KAZ": "Kazakhstan"}, (1991, 2004), {"1": "#c6dbef"}
    )
    boxes = list(figure.axes[0].patches)
    assert [(b.get_x(), b.get_width()) for b in boxes] == [(1990.5, 9), (1999.5, 5)]
    found, _ = texts(figure)
    assert {"permit", "Kazakhstan", "Assembly", "not certain"} <= set(found)


def test_a_strip_says_its_level_at_the_edge_and_white_has_two_looks():
    looks = {"1 form": "#c6dbef", "no rule known": "#ffffff"}
    spells = pd.DataFrame(
        [
            spell(1991, 1999, look="no rule known"),
            spell(2000, 2001, look="1 form", possible=True),
            spell(2002, 2004, look="1 form", text="1"),
        ]
    ).assign(end=["", "", "notice (1)"])
    names = {"KAZ": "Kazakhstan", "RUS": "Russia"}
    titles = {"assembly": "Assembly, pickets and all other gatherings of people in public"}
    figure = charts.strips(spells, titles, names, (1991, 2004), looks, "not searched")
    found, _ = texts(figure)
    assert {*looks, *titles.values(), "notice (1)", "not searched"} <= set(found)
    assert runs.label_problems(figure) == []
    none, unsearched, level = figure.axes[0].patches
    assert none.get_edgecolor() != level.get_edgecolor() and none.get_hatch() is None
    assert unsearched.get_hatch() and unsearched.get_facecolor() == none.get_facecolor()


def test_lines_end_with_their_names_and_keep_their_gaps():
    table = pd.DataFrame({"Kazakhstan": [1, None, 3], "Russia": [3, 3, 3]}, [2010, 2011, 2012])
    figure = charts.lines({"fields": table}, (2010, 2012))
    assert {"Kazakhstan", "Russia", "fields"} <= set(texts(figure)[0])
    assert runs.label_problems(figure) == []
    drawn = figure.axes[0].lines[0].get_ydata()
    assert pd.isna(drawn[1]) and drawn[2] == 3


def test_intervals_leave_out_what_has_no_end_and_name_the_median():
    table = pd.DataFrame(
        {
            "from": "signed",
            "to": "in force",
            "least": [0.0, 10, None, -9],
            "middle": [5.0, 15, None, -5],
            "most": [10.0, 20, None, -1],
        }
    )
    found, _ = texts(charts.intervals(table, "days", ticks=[0, 10, 100]))
    assert "signed to in force: 2, median 10" in found


def test_dots_stand_in_the_row_of_their_name():
    table = pd.DataFrame(
        {
            "name": ["registered", "registered", "active"],
            "value": [10, 20, 5],
            "low": [None, 18, None],
            "high": [None, 22, None],
            "kind": ["register", "text", "text"],
            "text": ["2020", "", ""],
            "evidence": [("a",), (), ()],
        }
    )
    found, svg = texts(charts.dots(table, "organisations"))
    assert found.count("registered") == 1 and {"active", "2020", "register", "text"} <= set(found)
    assert 'href="#ev-a"' in svg


def test_zero_has_its_place_on_an_axis_by_powers_of_ten():
    rows = {"name": ["a", "b", "c"], "value": [0, 10, 1000], "kind": "x", "text": ""}
    table = pd.DataFrame(rows).assign(low=None, high=None, evidence=[()] * 3)
    axes = charts.dots(table, "n", log=True).axes[0]
    places = axes.transData.transform([(value, 0) for value in (0, 10, 1000)])[:, 0]
    assert places[0] < places[1] < places[2] and places[2] - places[0] > 100
    assert axes.get_xlim()[0] <= 0


def test_bars_of_a_year_that_stands_twice_are_refused():
    with pytest.raises(ParameterError, match="found 2014 twice in the index"):
        charts.bars(pd.DataFrame({"n": [3, 5]}, index=[2014, 2014]))


def test_of_shares_a_missing_count_hides_no_other():
    counts = pd.DataFrame({"kept": [90, None], "cut": [None, 50.0]}, ["one", "two"])
    axes = charts.shares(counts, ["#0b3d78", "#c6dbef"], "lines").axes[0]
    assert [bar.get_width() for bar in axes.patches] == [90, 0, 0, 50]
    assert {text.get_text() for text in axes.texts} == {"90", "50"}


def test_lines_have_their_names_where_they_end_within_the_years():
    table = pd.DataFrame({"A": [1.0, 2, 3, 9], "B": [4.0, 4, 4, 0]}, [2000, 2005, 2010, 2020])
    axes = charts.lines({"x": table}, (2000, 2010)).axes[0]
    assert [line.get_ydata()[-1] for line in axes.lines[::2]] == [3, 4]


def test_shares_write_their_numbers_where_there_is_room():
    counts = pd.DataFrame({"kept": [90, 50], "cut": [1, 50]}, ["one", "two"])
    found, _ = texts(charts.shares(counts, ["#0b3d78", "#c6dbef"], "lines"))
    assert {"90", "kept", "cut", "one", "lines"} <= set(found) and "1" not in found
    assert texts(charts.shares(counts, ["navy", "lightblue"], "lines"))[0] == found
    with pytest.raises(ParameterError, match="found 1 colours, the least part 1; allowed: 2"):
        charts.shares(counts, ["navy"], "lines")


@pytest.mark.parametrize(
    "draw",
    [
        lambda: charts.timeline(load_events().iloc[:0], {}, (2000, 2001)),
        lambda: charts.strips(pd.DataFrame(), {}, {}, (2000, 2001), {}),
        lambda: charts.bars(pd.DataFrame()),
        lambda: charts.shares(pd.DataFrame(), [], "x"),
        lambda: charts.lines({"a": pd.DataFrame({"b": [None]})}, (2000, 2001)),
        lambda: charts.intervals(pd.DataFrame({"most": [-1.0]}), "days", [0, 10]),
        lambda: charts.dots(pd.DataFrame({"value": [None]}), "x"),
    ],
)
def test_nothing_to_draw_is_said(draw):
    assert texts(draw())[0] == ["Nothing is recorded for this selection."]


def test_overlaps_and_labels_that_leave_the_figure_are_found():
    figure = charts.new_figure(2)
    figure.text(0.5, 0.5, "one")
    figure.text(0.5, 0.5, "other")
    figure.text(0.99, 0.9, "long words at the edge")
    problems = runs.label_problems(figure)
    assert problems == ["'one' overlaps 'other'", "'long words at the edge' leaves the figure"]


def left_out(figure, given):
    """Return how many marks a figure says it draws of so many."""
    alt = Figure("f", figure, "Marks.", "caption", pd.DataFrame()).alt
    found = re.fullmatch(rf"Marks\. Drawn are (\d+) of {given:,}: others have no place .*", alt)
    assert found, alt
    assert alt.removeprefix("Marks. ") in texts(figure)[0]
    return int(found[1])


def test_a_lane_of_very_many_acts_draws_some_and_says_so(steps):
    acts = in_fields(steps).drop_duplicates("process_id")
    many = pd.concat([acts] * 50, ignore_index=True)
    many["told"] = ["named", *[""] * (len(many) - 1)]
    lanes = charts.in_lanes(many, LABELS, (1991, 2026))
    assert len(lanes) == len(many)
    assert lanes.loc[lanes["told"] == "named", "row"].notna().all()
    drawn = lanes[lanes["row"].notna()]
    assert set(drawn["category"]) == set(acts["category"])
    assert drawn.groupby("category").size().max() <= charts.LANE + 1
    figure = charts.timeline(lanes, {}, (1991, 2026))
    assert left_out(figure, len(many)) == len(drawn)


def test_marks_outside_of_the_years_or_undated_are_not_drawn_and_counted(steps):
    lanes = charts.in_lanes(in_fields(steps).assign(told=None), LABELS, (1991, 2026))
    within = lanes["date_start"].dt.year.between(2018, 2019)
    within |= (lanes["date_start"].dt.year < 2018) & (lanes["date_end"].dt.year >= 2018)
    assert 0 < within.sum() < len(lanes)
    figure = charts.timeline(lanes, {}, (2018, 2019))
    assert left_out(figure, len(lanes)) == (within & lanes["row"].notna()).sum()
    undated = lanes.assign(date_start=pd.NaT, date_end=pd.NaT)
    for none in (undated, lanes[lanes["date_start"].dt.year > 2019]):
        said = texts(charts.timeline(none, {}, (2018, 2019)))[0]
        assert said == ["Nothing is recorded for this selection."]
    with pytest.raises(ParameterError, match="unknown direction 'up'"):
        charts.timeline(lanes.assign(direction="up"), {}, (2018, 2019))


def test_a_span_without_a_beginning_goes_to_the_edge(steps):
    lanes = charts.in_lanes(in_fields(steps).assign(told=""), LABELS, (1991, 2026))
    spans = pd.DataFrame({"row": [0.0], "start": [pd.NaT], "end": [pd.Timestamp(2000, 1, 1)]})
    figure = charts.timeline(lanes, {}, (1991, 2026), spans=spans.assign(sure=True))
    (line,) = [one for one in figure.axes[0].lines if one.get_linewidth() == 4]
    first = pd.Timestamp(line.get_xdata()[0])
    assert first == pd.Timestamp(1991, 1, 1)


def test_strips_and_dots_without_a_place_are_counted_and_words_stay_inside():
    own = pd.DataFrame(
        [{**spell(2000, 2005), "text": "four"}, spell(2012, 2013), spell(2020, 2021)]
    )
    figure = charts.strips(own, {"assembly": "G"}, {"KAZ": "K"}, (2003, 2015), {"1": "#c6dbef"})
    assert left_out(figure, 3) == 2
    (words,) = [one for one in figure.axes[0].texts if one.get_text() == "four"]
    assert words.get_position()[0] >= 2002.5
    with pytest.raises(ParameterError, match="unknown row 'KAZ'"):
        charts.strips(own, {"assembly": "G"}, {"RUS": "R"}, (2003, 2015), {"1": "#c6dbef"})
    dots = pd.DataFrame({"name": ["a", "b"], "value": [1.0, None], "low": None, "high": None})
    dots = dots.assign(kind="k", text=pd.Categorical(["x", None]), evidence=[(), ()])
    assert left_out(charts.dots(dots, "value"), 2) == 1


def test_the_axis_of_one_year_has_no_parts_of_years():
    figure = charts.bars(pd.DataFrame({"n": [2]}, index=[2012]))
    assert {text for text in texts(figure)[0] if text.startswith("201")} == {"2012"}


def test_other_charts_of_very_many_rows_draw_some_and_say_so():
    days = pd.DataFrame({"least": range(900), "most": range(900), "from": "a", "to": "b"})
    figure = charts.intervals(days.assign(middle=days["least"]), "days", ticks=[0, 10, 100])
    assert left_out(figure, 900) <= charts.MOST
    assert "median 450" in figure.axes[0].get_title(loc="left")  # of all of them
    dots = pd.DataFrame({"name": [f"n{n}" for n in range(900)], "value": range(900)})
    dots = dots.assign(low=None, high=None, kind="k", text="", evidence=[()] * 900)
    assert left_out(charts.dots(dots, "value"), 900) <= charts.MOST
    assert left_out(charts.shares(days[["least"]], ["#000000"], "n"), 900) <= charts.MOST
    groups = {f"g{n}": f"G{n}" for n in range(900)}
    strips = pd.DataFrame([{**spell(2000, 2001), "group": group} for group in groups])
    figure = charts.strips(strips, groups, {"KAZ": "K"}, (1991, 2026), {"1": "#c6dbef"})
    assert left_out(figure, 900) <= charts.MOST


def test_years_that_are_no_numbers_are_refused_and_not_left_out():
    table = pd.DataFrame({"n": [1, 2]}, index=["1991", "1992"])
    with pytest.raises(ParameterError, match="t: found '1991' in its index; allowed: years, once"):
        charts.lines({"t": table}, (1990, 1995))


def test_a_label_with_two_dollar_signs_is_no_formula():
    grants = pd.DataFrame({"grants": [1, 2]}, index=["$1m-$2m", "$a_$"])
    svg = Figure("f", charts.bars(grants), "alt", "cap", grants).svg.decode()
    assert "$1m-$2m" in svg and "$a_$" in svg


def test_a_year_without_a_row_is_a_gap_and_the_last_year_the_end_of_a_line():
    table = pd.DataFrame({"n": [2, 1, 5]}, index=[2011, 2000, 2010])
    axes = charts.lines({"t": table}, (1999, 2012)).axes[0]
    years, values = axes.lines[0].get_data()
    assert list(years) == list(range(1999, 2013)) and pd.isna(values[2:11]).all()
    assert [list(axes.lines[1].get_data()[n]) for n in (0, 1)] == [[2011], [2]]


@pytest.mark.parametrize(
    "counts",
    [
        pd.DataFrame({"steps": [5, 54]}, [2010, None]),
        pd.DataFrame({"growth": [float("inf"), 2.0]}, [2010, 2011]),
    ],
)
def test_what_has_no_place_in_a_drawing_is_refused(counts):
    for draw in (charts.bars, lambda table: charts.shares(table, ["navy"], "n")):
        with pytest.raises(ParameterError, match="found inf, or a row without name"):
            draw(counts)


def test_no_share_is_below_nothing():
    with pytest.raises(ParameterError, match="the least part -4; allowed: 2 colours"):
        charts.shares(pd.DataFrame({"new": [5], "ended": [-4]}, ["KAZ"]), ["navy", "red"], "acts")


def test_an_open_strip_goes_to_the_edge():
    rows = {"group": "g", "row": "r", "look": "x", "possible": [False, None], "text": ["to", None]}
    spells = pd.DataFrame(rows | {"first": [2000, 2010], "last": [2005, None]})
    axes = charts.strips(spells, {"g": "G"}, {"r": "R"}, (2000, 2020), {"x": "#123456"}).axes[0]
    ends = {round(box.get_x() + box.get_width() - 0.5) for box in axes.patches}
    assert ends == {2005, 2020}
