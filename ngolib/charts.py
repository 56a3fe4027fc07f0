"""A few charts in one style, each from a tidy table: marks, strips, bars, lines, spans, dots.

Readable in grey and at column width: a shape says the stage, a filling the direction, a word stands
beside each colour. A notebook lays out rows, a chart draws them; an empty table gives a sentence.
"""

import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from itertools import count, cycle
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from ngolib.errors import ParameterError
from ngolib.evidence.tables import check_codes

DRAWN = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
LEVEL_COLOURS, DIRECTION_COLOURS, FILL = DRAWN["levels"], DRAWN["directions"], DRAWN["fill"]
LINES, BAND, GROUPS, MARKERS = DRAWN["lines"], DRAWN["bands"], DRAWN["groups"], DRAWN["markers"]
GROUP_OF = {stage: group for group, stages in GROUPS.items() for stage in stages}

# Rows, and marks of a lane, that a figure draws; of more it says how many it leaves out.
MOST, LANE = 120, 60

WIDTH = 7.4  # inches: the text width of a page
NARROWEST = 260  # points: width of axes beside the longest labels
# Letters of a line: of the name of an act, and of a field.
ACT_WIDTH, FIELD_WIDTH = 46, 26
LANE_WIDTH = 410  # points: width of axes beside the names of fields, on the safe side
AT_EDGE = ("axes fraction", "data")  # of the axes, at a height of the data
POINTS_PER_LETTER = 5.0  # of the body font, on the safe side
SMALL_LETTER = 4.0  # points of a letter beside a mark
# Whatever a user's own settings are.
styled = mpl.style.context(["default", Path(__file__).with_suffix(".mplstyle")])


def new_figure(height: float) -> Figure:
    """Make a figure in our style that pyplot does not keep (so that nothing is drawn twice)."""
    return Figure(figsize=(WIDTH, height), layout="constrained")


@styled
def nothing(text: str = "Nothing is recorded for this selection.") -> Figure:
    """Draw a sentence in the place of a figure that would have nothing to show."""
    figure = new_figure(0.6)
    figure.text(0.5, 0.5, text, ha="center", va="center", color="#444444")
    return figure


def _some(things: Any, most: int = MOST) -> Any:
    """Take what there is room for: all of a table or a list, or every second, third … of it."""
    return things[:: -(-len(things) // most)] if len(things) > most else things


def _numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Read cells as numbers, perhaps of a table that was read as text; refuse what has no place."""
    try:
        found = table.apply(pd.to_numeric).astype(float)
    except (ValueError, TypeError) as error:
        raise ParameterError(f"{[*table]}: {error}; allowed: numbers") from None
    if table.index.to_frame().isna().any(axis=None) or np.isinf(found).any(axis=None):
        raise ParameterError(f"{[*found]}: found inf, or a row without name; allowed: neither")
    return found


def _say_left_out(figure: Figure, drawn: int, given: int) -> None:
    """Say above a figure how much it leaves out; its alternative text says it too."""
    if drawn < given:
        said = f"Drawn are {drawn:,} of {given:,}: others have no place or room; the table has all."
        figure.suptitle(said, fontsize=7, fontweight="normal", color="#444444")


def in_lines(label: str, width: int = FIELD_WIDTH) -> str:
    """Break a label into lines of at most so many letters, at its spaces."""
    whole: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
    return textwrap.fill(" ".join(label.split()), width, **whole)


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Move places apart to at least a gap, in their order; a group that moves keeps its middle."""
    from scipy.optimize import isotonic_regression  # slow to import

    order, gaps = np.argsort(places, kind="stable"), gap * np.arange(len(places))
    moved = isotonic_regression(np.take(places, order) - gaps).x + gaps if len(places) else gaps
    return [*pd.Series(moved, order).sort_index()]


def in_lanes(acts: pd.DataFrame, labels: Mapping[str, str], years: tuple[int, int]) -> pd.DataFrame:
    """Place acts in a lane per category, those that have words where there is room for them.

    The acts have `category, date_start, date_end` and `told` (words beside the mark; empty: none);
    the labels name categories in the order drawn, the years begin and end the axis. They come back
    oldest first, with `row` (missing: not drawn, there are too many) and `head` (row on which the
    name of the lane stands); `told` in lines.
    """
    acts = acts.reset_index(drop=True)
    left, right = pd.Timestamp(years[0], 1, 1), pd.Timestamp(years[1], 12, 31)
    point = (right - left) / LANE_WIDTH
    acts = acts.assign(told=acts["told"].fillna("").map(lambda words: in_lines(words, ACT_WIDTH)))
    acts = acts.sort_values(["date_start", "date_end", "told"])
    # Of each lane what stands on which of its lines, from when to when.
    busy: dict[str, list[tuple[int, Any, Any]]] = {}
    rows = {}
    lanes = [_some(own, LANE) for _, own in acts.groupby("category")]
    drawn = pd.concat([acts[acts["told"] != ""], *lanes]).index
    for act in acts[acts.index.isin(drawn)].itertuples():
        told = act.told.split("\n")
        room = (2 + max(map(len, told)) * SMALL_LETTER) * point
        first, last = act.date_start - 4 * point, act.date_end + 4 * point
        at_right = _at_right(act.date_start, act.date_end, left, right)
        first, last = (first, last + room) if at_right else (first - room, last)
        own = busy.setdefault(act.category, [])
        taken = {line for line, a, b in own if a < last and first < b}
        line = next(n for n in count() if taken.isdisjoint(range(n, n + len(told))))
        own += [(n, first, last) for n in range(line, line + len(told))]
        rows[act.Index] = line + (len(told) - 1) / 2
    top, tops, heads = 0.0, {}, {}
    for category in (c for c in labels if c in busy):
        used = max(line for line, _, _ in busy[category])
        size = 1 + max(in_lines(labels[category]).count("\n"), used) + 0.7
        tops[category], heads[category] = top, top + (size - 1.7) / 2
        top += size
    at = acts["category"].map(tops).astype(float) + pd.Series(rows, acts.index, dtype=float)
    return acts.assign(row=at, head=acts["category"].map(heads).astype(float))


def in_rows(acts: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Place each act in a row of its own, by category and date, under the name of its category.

    The acts (`category`, `first` day, `name`) get `row`, and `head`, the row of the name of their
    category, which are drawn in the order of `labels`.
    """
    place = acts["category"].map({c: n for n, c in enumerate(labels)})
    acts = acts.assign(place=place).sort_values(["place", "first", "name"])
    new = acts["place"] != acts["place"].shift()
    # A name of several lines takes more room, half of it on either side of its row.
    more = acts["name"].map(lambda name: in_lines(name, ACT_WIDTH).count("\n")) * 0.4
    acts["row"] = (1 + 2 * more).cumsum() - more + new.cumsum()
    acts["head"] = (acts["row"] - more).groupby(acts["place"]).transform("min") - 1
    return acts


def _panels(figure: Figure, heights: Sequence[float], sharey: bool = False) -> list[Axes]:
    """Make axes beneath each other over one axis of x."""
    shape: dict[str, Any] = {"sharex": True, "sharey": sharey, "squeeze": False}
    return [*figure.subplots(len(heights), height_ratios=heights, **shape)[:, 0]]


def _write(axes: Axes, text: str, at: Any, away: tuple[float, float], **look: Any) -> None:
    """Write words at a place, so many points away from it."""
    axes.annotate(text, at, away, textcoords="offset points", va="center", **look)


def _box(axes: Axes, x: Any, y: float, width: Any, height: float, **look: Any) -> None:
    axes.add_patch(Rectangle((x, y), width, height, **look))


def _ink(colour: str) -> str:
    """Return the colour of words that can be read on another."""
    return "#ffffff" if to_rgb(colour)[0] < 0.47 else "#111111"


def _without_line_at_left(axes: Axes) -> None:
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _sign(label: str, colour: str, mark: str, **look: Any) -> Line2D:
    """Make an entry of a legend."""
    return Line2D([], [], color=colour, marker=mark, linestyle="", label=label, **look)


def _legend_beneath(figure: Figure, handles: Sequence[Any], columns: int = 8) -> None:
    near: dict[str, Any] = {"handlelength": 1.2, "handletextpad": 0.4, "columnspacing": 1.0}
    where: dict[str, Any] = {"loc": "outside lower center", "ncols": min(len(handles), columns)}
    figure.legend(handles=handles, frameon=False, fontsize=7, **near, **where)


@styled
def timeline(
    marks: pd.DataFrame,
    names: Mapping[float, str],
    years: tuple[int, int],
    *,
    bold: Sequence[float] = (),
    spans: pd.DataFrame | None = None,
    bands: pd.DataFrame | None = None,
    coverage: pd.DataFrame | None = None,
) -> Figure:
    """Draw steps as marks in rows on an axis of years.

    Parameters
    ----------
    marks : pandas.DataFrame
        `row` (missing: not drawn), `date_start, date_end, group` (shape), `direction` (colour and
        filling), `scheduled` (pale), `process_id` (a thin line joins its marks), `evidence` (a mark
        leads to the first); if need be `told`: words beside the mark, on the side where there is
        more room (where there are none, the mark is small).
    names : mapping
        Row to the words at its left: headings in the rows of `bold`.
    spans, bands, coverage : pandas.DataFrame, optional
        Thick pale lines (`row, start, end`, to the edge if missing, `sure`, else paler); bands
        behind (`name, date_start, date_end`); a strip beneath (of `methods.coverage_by_year`).
    """
    if marks.empty:
        return nothing()
    check_codes("group", set(marks["group"]), MARKERS)
    check_codes("direction", set(marks["direction"]), DIRECTION_COLOURS)
    left, right = pd.Timestamp(years[0], 1, 1), pd.Timestamp(years[1], 12, 31)
    given, marks = len(marks), marks.dropna(subset=["row", "date_start"]).fillna({"told": ""})
    last = marks["date_end"].fillna(marks["date_start"]).clip(upper=right)
    every = marks.assign(date_start=marks["date_start"].clip(left), date_end=last)
    marks = every[every["date_start"] <= every["date_end"]]
    if marks.empty:
        return nothing()
    rows = max(every["row"].max(), *names, 0) + 2
    figure = new_figure(1.5 + (0.17 if bold else 0.15 if names else 0.2) * rows)
    panels = _panels(figure, [rows] if coverage is None else [rows, max(2.4, rows * 0.05)])
    axes, strip = panels[0], panels[-1]
    for act, own in every.groupby(["row", "process_id"]):
        if len(own) > 1:
            _line(axes, act[0], own["date_start"].min(), own["date_end"].max(), 0.6, "#999999")
    for span in () if spans is None else spans.fillna({"start": left, "end": right}).itertuples():
        colour = "#bbbbbb" if span.sure else "#e3e3e3"
        _line(axes, span.row, max(span.start, left), min(span.end, right), 4, colour)
    for mark in marks.itertuples():
        if mark.date_end - mark.date_start > (right - left) / 200:  # a day that is not known
            look: dict[str, Any] = {"linewidth": 2.6, "alpha": 0.35, "clip_on": False}
            colour = DIRECTION_COLOURS[mark.direction]
            axes.hlines(mark.row, mark.date_start, mark.date_end, colour, **look)
        _mark(axes, mark, getattr(mark, "told", None))
    for mark in marks[marks["told"] != ""].itertuples() if "told" in marks else ():
        after = _at_right(mark.date_start, mark.date_end, left, right)
        day, away, side = (mark.date_end, 6, "left") if after else (mark.date_start, -6, "right")
        _write(axes, mark.told, (day, mark.row), (away, 0), ha=side, fontsize=6.5)
    told = [in_lines(name, ACT_WIDTH if bold else FIELD_WIDTH) for name in names.values()]
    axes.set_yticks(list(names), told, fontsize=6.5)
    for tick, place in zip(axes.get_yticklabels(), names, strict=True):
        tick.set_fontweight("bold" if place in bold else "normal")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(bool(names))
    axes.set_ylim(rows - 1.2, (-3.2 if names else -2) if bands is not None else -1)
    axes.set_xlim(left, right)
    if bands is not None:
        _bands(axes, bands, left, right)
    if coverage is not None:
        _coverage(strip, coverage)
    _legend(figure, marks, spans)
    _say_left_out(figure, len(marks), given)
    return figure


def _line(axes: Axes, y: float, a: Any, b: Any, width: float, colour: str) -> None:
    if a < b:
        look: dict[str, Any] = {"solid_capstyle": "butt", "zorder": 1, "clip_on": False}
        axes.plot([a, b], [y, y], color=colour, linewidth=width, **look)


def _mark(axes: Axes, mark: Any, told: str | None) -> None:
    day = mark.date_start + (mark.date_end - mark.date_start) / 2
    size = 3.0 if mark.direction == "neutral" or told == "" else 4.4
    look: dict[str, Any] = {"marker": MARKERS[mark.group], "markersize": size, "linestyle": ""}
    look |= {"zorder": 3, "clip_on": False, "alpha": 0.45 if mark.scheduled else 1.0}
    look |= {"fillstyle": FILL.get(mark.direction, "none")}
    colour, url = DIRECTION_COLOURS[mark.direction], f"#ev-{mark.evidence[0]}"
    axes.plot([day], [mark.row], color=colour, url=url, **look)


def _at_right(begin: Any, end: Any, left: Any, right: Any) -> bool:
    """Say whether there is more room at the right of a mark than at its left."""
    return bool((right - end) >= (begin - left))


def _bands(axes: Axes, bands: pd.DataFrame, left: pd.Timestamp, right: pd.Timestamp) -> None:
    """Draw bands with names in two lines by turns; a name without room is left to the table."""
    own = bands.assign(a=bands["date_start"].clip(lower=left), b=bands["date_end"].fillna(right))
    own = own.assign(b=own["b"].clip(upper=right)).query("a < b")
    ends = [-1.0, -1.0]
    for n, band in enumerate(own.itertuples()):
        axes.axvspan(band.a, band.b, color=BAND[n % 2], zorder=0, linewidth=0)
        name = str(band.name)
        half = POINTS_PER_LETTER * len(name) / 2 / NARROWEST
        place = min(max((band.a + (band.b - band.a) / 2 - left) / (right - left), half), 1 - half)
        line = next((k for k, end in enumerate(ends) if place - half > end), None)
        if line is None:
            continue
        ends[line] = place + half
        look = {"xycoords": "axes fraction", "ha": "center", "fontsize": 7, "color": "#333333"}
        _write(axes, name, (place, 1), (0, -8 - 8 * line), **look)


def _coverage(axes: Axes, coverage: pd.DataFrame) -> None:
    """Draw what was searched (darker = more categories) and from which years texts come."""
    most = max(int(coverage["categories_known"].max()), 1)
    told = coverage.assign(texts=coverage["articles"] > 0)[["categories_searched", "texts"]]
    # Years alike are drawn as one, so that no seam shows between them.
    alike = (told != told.shift()).any(axis=1).cumsum()
    for _, spell in coverage.groupby(alike):
        begin = pd.Timestamp(int(spell["year"].iloc[0]), 1, 1)
        width = pd.Timestamp(int(spell["year"].iloc[-1]) + 1, 1, 1) - begin
        share = int(spell["categories_searched"].iloc[0]) / most
        grey = (1 - 0.35 * share,) * 3
        _box(axes, begin, 1.1, width, 0.8, facecolor=grey, edgecolor="none")
        if spell["articles"].iloc[0] > 0:
            _box(axes, begin, 0.1, width, 0.8, facecolor="#444444", edgecolor="none")
    axes.set_ylim(0, 2)
    axes.set_yticks([1.5, 0.5], ["searched", "texts"], fontsize=6.5)
    _without_line_at_left(axes)


def _legend(figure: Figure, marks: pd.DataFrame, spans: pd.DataFrame | None) -> None:
    groups, directions = set(marks["group"]), set(marks["direction"])
    handles = [_sign(g, "#444444", m, markersize=5) for g, m in MARKERS.items() if g in groups]
    colours = {d: colour for d, colour in DIRECTION_COLOURS.items() if d in directions}
    handles += [_sign(d, c, "o", fillstyle=FILL.get(d, "none")) for d, c in colours.items()]
    if spans is not None:
        handles.append(Line2D([], [], color="#bbbbbb", linewidth=4, label="in force"))
        if not spans["sure"].all():
            label = "in force, no end found"
            handles.append(Line2D([], [], color="#e3e3e3", linewidth=4, label=label))
    figure.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False)


@styled
def strips(
    spells: pd.DataFrame,
    groups: Mapping[str, str],
    rows: Mapping[str, str],
    years: tuple[int, int],
    colours: Mapping[str, str],
    hatched: str = "not certain",
) -> Figure:
    """Draw what held in which years: a strip for each row, rows in groups beneath their names.

    Parameters
    ----------
    spells : pandas.DataFrame
        `group, row` (codes), `first, last` (years), `look` (key of `colours`), `text` (written at
        the beginning), `possible` (hatched: `hatched` in the legend), and, if given, `evidence` (a
        strip leads to the first piece) and `end` (words behind the strip).
    groups, rows, colours : mapping
        Codes in the order drawn, with their names; looks with their colours, as in the legend.
    """
    if spells.empty:
        return nothing()
    check_codes("row", set(spells["row"]), rows)
    check_codes("look", set(spells["look"]), colours)
    given, spells = len(spells), spells.fillna({"last": years[1], "possible": False})
    spells = spells[(spells["first"] <= years[1]) & (spells["last"] >= years[0])]
    present = _some([group for group in groups if group in set(spells["group"])])
    spells = spells[spells["group"].isin(present)]
    if spells.empty:
        return nothing()
    spells[["first", "last"]] = spells[["first", "last"]].clip(*years)
    spells["text"] = spells["text"].astype(object).fillna("")
    step = len(rows) + 1.35
    figure = new_figure(1.1 + len(present) * step * 0.17)
    axes = figure.subplots()
    at = {(g, r): -(n * step + k) for n, g in enumerate(present) for k, r in enumerate(rows)}
    for spell in spells.itertuples():
        _spell(axes, spell, at[spell.group, spell.row], colours[spell.look])
    axes.set_yticks(list(at.values()), [rows[r] for _, r in at])
    for n, group in enumerate(present):
        _write(axes, groups[group], (0, 0.95 - n * step), (0, 0), xycoords=AT_EDGE, weight="bold")
    axes.set_xlim(years[0] - 0.5, years[1] + 0.5)
    axes.set_ylim(min(at.values()) - 0.7, 1.5)
    _without_line_at_left(axes)
    axes.locator_params(axis="x", integer=True, min_n_ticks=1)
    axes.tick_params(axis="x", top=True, labeltop=True)
    axes.grid(axis="x", color="#e3e3e3", linewidth=0.6)
    axes.set_axisbelow(True)
    edge: dict[str, Any] = {"edgecolor": "#777777", "linewidth": 0.4}
    handles = [Patch(facecolor=c, label=look, **edge) for look, c in colours.items()]
    if spells["possible"].any():
        handles.append(Patch(facecolor="#ffffff", edgecolor="#555555", hatch="////", label=hatched))
    _legend_beneath(figure, handles, 3 if max(map(len, colours)) > 24 else 8)
    _say_left_out(figure, len(spells), given)
    return figure


def _spell(axes: Axes, spell: Any, y: float, colour: str) -> None:
    # A white strip is seen by its edge.
    face, edge, hatch = colour, "#999999" if colour == "#ffffff" else "#ffffff", None
    if spell.possible:
        face, edge, hatch = "#ffffff", "#777777", "////"
    look = {"facecolor": face, "edgecolor": edge, "hatch": hatch, "linewidth": 0.4}
    evidence: Sequence[str] = getattr(spell, "evidence", ())
    look["url"] = f"#ev-{evidence[0]}" if len(evidence) else None
    _box(axes, spell.first - 0.5, y - 0.45, spell.last - spell.first + 1, 0.9, **look)
    if spell.text:
        ink = _ink(face)
        # Words on a hatched strip stand on white.
        box = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.8} if hatch else None
        axes.text(spell.first - 0.25, y, spell.text, va="center", fontsize=6, color=ink, bbox=box)
    if end := getattr(spell, "end", ""):
        _write(axes, end, (1, y), (4, 0), xycoords=AT_EDGE, fontsize=6.5, annotation_clip=False)


@styled
def bars(counts: pd.DataFrame) -> Figure:
    """Draw counts by year or name (the index), a row of bars for each column over a common axis."""
    counts = pd.DataFrame(counts)  # one column may come as a series
    if counts.empty:
        return nothing()
    if twice := counts.index[counts.index.duplicated()].tolist():
        raise ParameterError(f"found {twice[0]!r} twice in the index; allowed: each once")
    counts = _numbers(counts)
    if not counts.fillna(0).any(axis=None):
        return nothing()
    figure = new_figure(0.55 + 0.62 * len(counts.columns))
    panels = _panels(figure, [1] * len(counts.columns), sharey=True)
    # Names would be drawn in the order in which a column first has one.
    numbers = counts.index.dtype.kind in "iuf"
    places = counts.index.to_numpy() if numbers else np.arange(len(counts))
    for axes, (name, own) in zip(panels, counts.items(), strict=True):
        some, colour = own.to_numpy() != 0, DIRECTION_COLOURS.get(str(name), "#0072b2")
        axes.bar(places[some], own[some], color=colour, width=0.8)
        axes.set_ylabel(in_lines(str(name), 18), rotation=0, ha="right", va="center")
        axes.locator_params(axis="y", integer=True)
    if pd.api.types.is_integer_dtype(counts.index):
        axes.set_xlim(counts.index.min() - 0.5, counts.index.max() + 0.5)
        axes.locator_params(axis="x", integer=True, min_n_ticks=1)
    elif not numbers:
        axes.set_xticks(places, [in_lines(str(name), 12) for name in counts.index])
        axes.set_xlim(-0.5, len(counts) - 0.5)
    return figure


@styled
def shares(counts: pd.DataFrame, colours: Sequence[str], axis: str) -> Figure:
    """Draw parts of wholes: a bar a row, a colour a column; the axis says what is counted."""
    if counts.empty:
        return nothing()
    given, counts = len(counts), _some(_numbers(counts).fillna(0))
    if len(colours) != counts.shape[1] or (counts < 0).any(axis=None):
        found = f"{len(colours)} colours, the least part {counts.min(axis=None):g}"
        raise ParameterError(f"found {found}; allowed: {counts.shape[1]} colours, no part below 0")
    figure = new_figure(0.9 + 0.32 * len(counts))
    axes = figure.subplots()
    left = np.zeros(len(counts))
    room = counts.sum(axis=1).max() / 40
    for colour, (part, own) in zip(colours, counts.items(), strict=True):
        axes.barh(range(len(counts)), own, left=left, color=colour, label=str(part))
        look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7}
        for y, value in enumerate(own):
            if value > room * len(told := f"{value:,.12g}"):
                axes.text(left[y] + value / 2, y, told, color=_ink(colour), **look)
        left += own.to_numpy()
    axes.set_yticks(range(len(counts)), [in_lines(str(n), 34) for n in counts.index])
    axes.invert_yaxis()
    axes.set_xlabel(axis)
    _legend_beneath(figure, axes.get_legend_handles_labels()[0], 4)
    _say_left_out(figure, len(counts), given)
    return figure


@styled
def lines(
    series: Mapping[str, pd.DataFrame], years: tuple[int, int], *, steps: bool = False
) -> Figure:
    """Draw tables by year, a panel for each title, a line per column with its name at the end.

    A gap stays a gap. What holds for whole years is drawn as steps.
    """
    shown = range(years[0], years[1] + 1)
    for name, index in ((name, table.index) for name, table in series.items()):
        if len(index) and not (pd.api.types.is_integer_dtype(index) and index.is_unique):
            raise ParameterError(f"{name}: found {index[0]!r} in its index; allowed: years, once")
    within = {name: _numbers(table).reindex(shown) for name, table in series.items()}
    series = {name: table for name, table in within.items() if table.notna().any(axis=None)}
    if not series:
        return nothing()
    figure = new_figure(0.5 + 1.25 * len(series))
    panels = _panels(figure, [1] * len(series))
    for axes, (title, table) in zip(panels, series.items(), strict=True):
        axes.set_title(title, fontsize=8)
        _panel_of_lines(axes, table, steps)
    axes.set_xlim(years[0] - 0.5, years[1] + 0.5)
    axes.locator_params(axis="x", integer=True, min_n_ticks=1)
    return figure


def _panel_of_lines(axes: Axes, table: pd.DataFrame, steps: bool) -> None:
    ends = {}
    for n, (name, own) in enumerate(table.items()):
        colour, line, mark = LINES[n % len(LINES)]
        own = own.astype(float)
        style = {"drawstyle": "steps-mid"} if steps else {"marker": mark, "markersize": 2.5}
        axes.plot(table.index, own, color=colour, linestyle=line, **style)
        last = own.dropna().tail(1)
        if len(last):
            axes.plot(last.index, last, mark, color=colour, markersize=4)
            ends[str(name), colour] = float(last.iloc[0])
    if (table.stack().dropna() % 1 == 0).all():
        axes.locator_params(axis="y", integer=True)
    low, high = float(table.min(axis=None)), float(table.max(axis=None))
    air = (high - low) * 0.12 or 0.6  # a whole number has no others beside it
    axes.set_ylim(low - air, high + air)
    places = spread(list(ends.values()), (high - low + 2 * air) * 0.16)
    look = {"xycoords": AT_EDGE, "fontsize": 7, "annotation_clip": False}
    for (name, colour), place in zip(ends, places, strict=True):
        _write(axes, name, (1, place), (6, 0), color=colour, **look)


@styled
def intervals(table: pd.DataFrame, axis: str, ticks: Sequence[float]) -> Figure:
    """Draw intervals, shortest first, a strip for each pair of `from, to`, dashed at its median.

    The table has `from, to, least, middle, most`; a negative or missing `most` is left out. The
    axis, marked with the ticks, is even to the second of them and then goes by powers of ten.
    """
    good = table[table["most"] >= 0]
    if good.empty:
        return nothing()
    groups = list(good.groupby(["from", "to"], sort=False))
    heights = [max(len(_some(own)), 6) for _, own in groups]
    figure, drawn = new_figure(0.6 + 0.62 * len(groups) + 0.018 * sum(heights)), 0
    for axes, (name, own) in zip(_panels(figure, heights), groups, strict=True):
        middle = own["middle"].median()
        title = f"{' to '.join(name)}: {len(own)}, median {middle:.0f}"
        own = _some(own.sort_values(["middle", "most"]).astype({"least": float, "most": float}))
        drawn += len(own)
        # One line with gaps is a tenth of the weight of many.
        ends = own[["least", "most"]].assign(gap=np.nan).to_numpy().ravel()
        axes.plot(ends, np.arange(len(own)).repeat(3), color="#7fb2d9", linewidth=2.2)
        axes.plot(own["middle"], range(len(own)), "|", color="#0b3d78", markersize=4)
        axes.axvline(middle, color="#b23a1e", linewidth=0.8, linestyle="--")
        axes.set_title(title, fontsize=8)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_ylim(-1, max(len(own), 5))
    axes.set_xscale("symlog", linthresh=ticks[1])
    axes.set_xticks(list(ticks), [f"{tick:,}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(-0.5, max(float(good["most"].max()) * 1.2, 40))
    axes.set_xlabel(axis)
    _say_left_out(figure, drawn, len(good))
    return figure


@styled
def dots(
    table: pd.DataFrame,
    axis: str,
    *,
    log: bool = False,
    years: bool = False,
    joined: bool = False,
    letters: int = 40,
) -> Figure:
    """Draw a value a row, with the span in which it lies and words beside it.

    Parameters
    ----------
    table : pandas.DataFrame
        `name` (of the row), `value`, `low, high` (its span; missing: none), `kind` (colour and
        mark, named in the legend), `text` (written at the right), `evidence`; rows alike in `name`
        stand on one line.
    log, years, joined : bool
        Whether the axis goes by powers of ten, or by years and their parts; whether a thin line
        joins the values of a row, whose name has so many `letters` a line.
    """
    values = _numbers(table[["value"]].reset_index(drop=True)).to_numpy()
    own = table.assign(value=values).dropna(subset="value")
    if own.empty:
        return nothing()
    own = own.assign(text=own["text"].astype(object).fillna(""))
    given, names = len(table), _some(list(dict.fromkeys(own["name"])))
    own = own[own["name"].isin(names)]
    told = [in_lines(str(name), letters) for name in names]
    sizes = np.array([1.4 + name.count("\n") for name in told])
    places = dict(zip(names, sizes.cumsum() - sizes / 2, strict=True))
    figure = new_figure(0.7 + 0.13 * sizes.sum())
    axes = figure.subplots()
    looks = dict(zip(dict.fromkeys(own["kind"]), cycle(LINES), strict=False))
    for name, row in own.groupby("name") if joined else ():
        ends = row["value"].min(), row["value"].max()
        axes.hlines(places[name], *ends, color="#999999", linewidth=0.6, zorder=1)
    for dot in own.itertuples():
        _dot(axes, dot, places[dot.name], *looks[dot.kind])
    if log:  # nothing at or below zero has a place among powers of ten
        least = min((value for value in own["value"] if value > 0), default=1)
        low, times = own["value"].min() <= 0, own["value"].max() / least
        axes.set_xscale(**{"value": "symlog", "linthresh": least} if low else {"value": "log"})
        axes.xaxis.set_major_formatter("{x:,.12g}")
        axes.xaxis.set_minor_formatter("" if low or times >= 10 else "{x:,.12g}")
        if times == 1:  # a scale around a single value would be of ten powers
            axes.set_xlim(least / 2, least * 2)
        if times < 10 and not low:  # all ten stand too close
            subs = (1, 2, 3, 5, 7) if times > 2 else (1, 1.5, 2, 3, 4, 6)
            axes.xaxis.set_minor_locator(mpl.ticker.LogLocator(subs=subs))
    if years:
        axes.locator_params(axis="x", integer=True, min_n_ticks=1)
    axes.set_yticks(list(places.values()), told, fontsize=7)
    axes.set_ylim(sizes.sum(), 0)
    axes.grid(axis="y", color="#eeeeee")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(axis)
    if len(looks) > 1:
        handles = [_sign(kind, colour, mark) for kind, (colour, _, mark) in looks.items()]
        _legend_beneath(figure, handles, 5)
    _say_left_out(figure, len(own), given)
    return figure


def _dot(axes: Axes, dot: Any, y: float, colour: str, _line: str, mark: str) -> None:
    if pd.notna(dot.low) and pd.notna(dot.high):
        axes.hlines(y, dot.low, dot.high, color=colour, linewidth=2.4, alpha=0.35)
    url = f"#ev-{dot.evidence[0]}" if len(dot.evidence) else None
    axes.plot([dot.value], [y], mark, color=colour, markersize=4, url=url)
    if dot.text:
        _write(axes, dot.text, (1, y), (4, 0), xycoords=AT_EDGE, fontsize=6.5, color="#333333")
