"""Figures in one style: readable in grey and at column width, shapes and words beside colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

# Blue ramp, monotone in lightness: the order of rungs survives printing in grey.
RUNG_COLOURS = ("#eef3f8", "#c6dbef", "#7fb2d9", "#3b7fbd", "#0b3d78")
NONE_COLOUR = "#ffffff"
# Okabe and Ito's palette for colour vision deficiency.
DIRECTION_COLOURS = {
    "restrictive": "#b23a1e",
    "mixed": "#8a6d1f",
    "neutral": "#666666",
    "enabling": "#0072b2",
}
FILL: dict[str, Any] = {
    "restrictive": "full",
    "mixed": "left",
    "neutral": "none",
    "enabling": "none",
}
MARKERS = {
    "before adoption": "|",
    "adopted or signed": "o",
    "in force": "s",
    "amended": "D",
    "undone": "X",
    "decided or occurred": "^",
    "applied": "P",
}
BAND = ("#f1f1ee", "#ffffff")
WIDTH = 7.4  # inches: the text width of a page
NARROWEST = 260  # points: width of axes beside the longest labels
POINTS_PER_LETTER = 5.0  # of the body font, on the safe side
# Countries, in the order given: colour (Okabe and Ito), line and mark.
LINES = (
    ("#0072b2", "-", "o"),
    ("#b23a1e", "--", "s"),
    ("#00785a", ":", "^"),
    ("#333333", "-.", "D"),
)

STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "svg.fonttype": "path",
}


def new_figure(height: float) -> Figure:
    """Make a figure in our style that pyplot does not keep (so that nothing is drawn twice)."""
    return Figure(figsize=(WIDTH, height), layout="constrained")


def empty_figure(text: str = "Nothing is documented for this selection.") -> Figure:
    """Draw a sentence in the place of a figure that would have nothing to show."""
    with mpl.style.context(["default", STYLE]):
        figure = new_figure(0.6)
        figure.text(0.5, 0.5, text, ha="center", va="center", color="#444444")
        return figure


def _in_lines(label: str, most: int) -> str:
    """Break a label of the form "this and that" where there is room for two lines."""
    return label.replace(" and ", "\nand ") if most > 1 else label


def _year_ticks(axes: Axes, start: int, end: int) -> None:
    """Mark whole years: each of a short period, every fifth of a long one."""
    step = 5 if end - start > 11 else 1
    axes.set_xticks([y for y in range(start, end + 1) if y % step == 0])


def _date_ticks(axes: Axes, start: int, end: int) -> None:
    """Mark quarters of one or two years, else whole years, so that the labels have room."""
    years = end - start + 1
    if years <= 2:
        days = pd.date_range(pd.Timestamp(start, 1, 1), pd.Timestamp(end, 12, 31), freq="QS")
        labels = [f"{day:%Y-%m}" for day in days][:: 2 if years == 2 else 1]
        axes.set_xticks(list(days)[:: 2 if years == 2 else 1], labels)
        return
    step = 1 if years <= 8 else 2 if years <= 16 else 5
    marked = [y for y in range(start, end + 1) if y % step == 0]
    axes.set_xticks([pd.Timestamp(y, 1, 1) for y in marked], [str(y) for y in marked])


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Move places apart so that neighbours stand at least `gap` from each other.

    Parameters
    ----------
    places : sequence of float
        Where labels would stand.
    gap : float
        Least distance.

    Returns
    -------
    list of float
        New places in the order given; each group that was moved keeps its middle.
    """
    order = sorted(range(len(places)), key=lambda n: places[n])
    groups: list[list[int]] = []

    def low(group: list[int]) -> float:
        middle = sum(places[n] for n in group) / len(group)
        return middle - gap * (len(group) - 1) / 2

    for n in order:
        groups.append([n])
        while len(groups) > 1 and low(groups[-1]) < low(groups[-2]) + gap * len(groups[-2]):
            last = groups.pop()
            groups[-1] += last
    out = [0.0] * len(places)
    for group in groups:
        for place, n in enumerate(group):
            out[n] = low(group) + gap * place
    return out


def panel_figure(
    panel: pd.DataFrame, field_labels: Mapping[str, str], country_labels: Mapping[str, str]
) -> Figure:
    """Draw the country-year panel: one strip of years per field, the countries beneath each other.

    Certain rungs are solid; a rung that rests on presumed starts has a thin line through it; a year
    in which a higher rung is only possible is hatched. White = no such rule is documented.
    """
    with mpl.style.context(["default", STYLE]):
        fields = list(dict.fromkeys(panel["field"]))
        countries = list(dict.fromkeys(panel["country"]))
        if panel.empty:
            return empty_figure()
        height = 1.1 + len(fields) * (0.18 * len(countries) + 0.16)
        figure = new_figure(height)
        axes = figure.subplots()
        years = sorted(panel["year"].unique())
        ticks, labels = [], []
        for block, field in enumerate(fields):
            for n, country in enumerate(countries):
                y = -(block * (len(countries) + 0.8) + n)
                own = panel[(panel["field"] == field) & (panel["country"] == country)]
                for row in own.itertuples():
                    _panel_cell(axes, row, y)
                ticks.append(y)
                labels.append(country_labels[country])
            middle = -(block * (len(countries) + 0.8) + (len(countries) - 1) / 2)
            axes.annotate(
                _in_lines(field_labels[field], 2 if len(countries) > 1 else 1),
                (0, middle),
                (-12 - POINTS_PER_LETTER * max(map(len, country_labels.values())), 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                ha="right",
                va="center",
                fontweight="bold",
            )
        axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
        axes.set_ylim(min(ticks) - 0.7, 0.7)
        axes.set_yticks(ticks, labels)
        axes.tick_params(axis="y", length=0)
        _year_ticks(axes, years[0], years[-1])
        axes.spines["left"].set_visible(False)
        handles: list[Patch | Line2D] = [
            Patch(facecolor=c, edgecolor="#777777", linewidth=0.4, label=f"rung {n}")
            for n, c in enumerate(RUNG_COLOURS)
        ]
        handles += [
            Patch(facecolor="#ffffff", edgecolor="#555555", hatch="////", label="only possible"),
            Line2D([], [], color="#e69f00", linewidth=1.0, label="start presumed"),
            Patch(facecolor=NONE_COLOUR, edgecolor="#cccccc", label="none documented"),
        ]
        figure.legend(
            handles=handles,
            loc="outside lower center",
            ncols=8,
            frameon=False,
            handlelength=1.0,
            handletextpad=0.4,
            columnspacing=0.8,
            fontsize=7,
        )
        return figure


def _panel_cell(axes: Axes, row: Any, y: float) -> None:
    shown = row.rung_possible if row.basis == "possible" else row.rung
    colour = NONE_COLOUR if pd.isna(shown) else RUNG_COLOURS[int(shown)]
    year = row.year
    possible = row.basis == "possible"
    axes.add_patch(
        Rectangle(
            (year - 0.5, y - 0.45),
            1,
            0.9,
            facecolor="#ffffff" if possible else colour,
            edgecolor=colour if possible else "#dddddd",
            hatch="////" if possible else None,
            linewidth=0.3,
        )
    )
    if row.basis == "presumed":
        axes.plot([year - 0.5, year + 0.5], [y, y], color="#e69f00", linewidth=1.0)
    if getattr(row, "starts", False) and not pd.isna(shown):
        axes.text(
            year,
            y,
            str(shown),
            ha="center",
            va="center",
            fontsize=6,
            color="#ffffff" if int(shown) >= 3 and not possible else "#111111",
        )


def with_starts(panel: pd.DataFrame) -> pd.DataFrame:
    """Mark the years in which a rung differs from the year before, so that it is written there."""
    shown = panel["rung"].where(panel["basis"] != "possible", panel["rung_possible"]).fillna(-1)
    before = shown.groupby([panel["country"], panel["field"]]).shift(1, fill_value=-2)
    return panel.assign(starts=shown != before)


def timeline_figure(
    lanes: pd.DataFrame,
    offices: pd.DataFrame,
    coverage: pd.DataFrame,
    categories: Mapping[str, str],
    start: int,
    end: int,
) -> Figure:
    """Draw steps on a time axis by category, presidencies as bands, coverage beneath.

    The shape says the stage, the filling the direction (full = restrictive, half = mixed, hollow
    with a thick edge = enabling, small hollow = neutral); a bar through a marker is the span in
    which the day lies. A thin line joins the steps of one act. Each marker is a link to the first
    piece of evidence of its step.
    """
    with mpl.style.context(["default", STYLE]):
        present = [c for c in categories if (lanes["category"] == c).any()]
        # A lane has at least the height of its label, in two lines where the label has an "and".
        least = {c: 3 if " and " in categories[c] else 2 for c in present}
        sizes = [
            max(least[c], int(lanes.loc[lanes["category"] == c, "line"].max()) + 1) for c in present
        ]
        rows = max(sum(sizes), 2)
        figure = new_figure(1.9 + 0.105 * rows + 0.10 * len(present))
        axes, strip = figure.subplots(
            2, 1, sharex=True, gridspec_kw={"height_ratios": [rows, max(3.0, rows * 0.05)]}
        )
        left, right = pd.Timestamp(start, 1, 1), pd.Timestamp(end, 12, 31)
        y, ticks = 0.0, []
        tops = {}
        for category, size in zip(present, sizes, strict=True):
            tops[category] = y
            ticks.append(y + (size - 1) / 2)
            y += size
            axes.axhline(y - 0.5 + 0.4, color="#cccccc", linewidth=0.5)
            y += 0.8
        for row in lanes.itertuples():
            _step(axes, row, tops[row.category] + row.line)
        own = lanes.assign(y=lanes["category"].map(tops) + lanes["line"])
        for _, act in own.groupby(["category", "process_id"]):
            if len(act) > 1:
                axes.plot(
                    [act["date_start"].min(), act["date_end"].max()],
                    [act["y"].iloc[0]] * 2,
                    color="#999999",
                    linewidth=0.6,
                    zorder=1,
                )
        axes.set_yticks(ticks, [_in_lines(categories[c], 2) for c in present])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(max(y, 2) - 0.4, -3.2)
        axes.set_xlim(left, right)
        _date_ticks(strip, start, end)
        _bands(axes, offices, left, right)
        _strip(strip, coverage)
        if lanes.empty:
            _say_nothing(axes)
        handles = [
            Line2D([], [], marker=m, color="#444444", linestyle="", markersize=5, label=g)
            for g, m in MARKERS.items()
            if g != "applied"
        ]
        handles += [
            Line2D(
                [], [], marker="o", linestyle="", markersize=6, fillstyle=FILL[d], color=c, label=d
            )
            for d, c in DIRECTION_COLOURS.items()
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False)
        return figure


def _step(axes: Axes, row: Any, y: float) -> None:
    colour = DIRECTION_COLOURS[row.direction]
    start, end = row.date_start, row.date_end
    if (end - start).days > 3:
        axes.plot(
            [start, end],
            [y, y],
            color=colour,
            linewidth=2.6,
            alpha=0.35,
            solid_capstyle="butt",
            zorder=2,
        )
    middle = start + (end - start) / 2
    small = row.direction == "neutral"
    axes.plot(
        [middle],
        [y],
        marker=MARKERS[row.group],
        color=colour,
        markersize=3.0 if small else 4.4,
        fillstyle=FILL[row.direction],
        markeredgewidth=1.0,
        linestyle="",
        alpha=0.45 if row.scheduled else 1.0,
        zorder=3,
        url=f"#ev-{row.evidence[0]}",
    )


def _say_nothing(axes: Axes) -> None:
    axes.text(
        0.5, 0.4, "nothing documented", transform=axes.transAxes, ha="center", color="#444444"
    )


def _bands(axes: Axes, offices: pd.DataFrame, left: pd.Timestamp, right: pd.Timestamp) -> None:
    """Draw presidencies as bands with their names above the lanes, in two lines by turns.

    A name that has no room in its line, even in the other one, is left to the table beneath.
    """
    whole = (right - left) / pd.Timedelta(days=1)
    ends = [-1.0, -1.0]
    band = -1
    for row in offices.sort_values("date_start").itertuples():
        begin = max(row.date_start, left)
        stop = right if pd.isna(row.date_end) else min(row.date_end, right)
        if begin >= stop:
            continue
        band += 1
        axes.axvspan(begin, stop, color=BAND[band % 2], zorder=0, linewidth=0)
        middle = begin + (stop - begin) / 2
        name = str(row.name_).split()[-1]
        # Half the name as a share of the width of the axes, which is never below this many points.
        half = POINTS_PER_LETTER * len(name) / 2 / NARROWEST
        place = (middle - left) / pd.Timedelta(days=1) / whole
        place = min(max(place, half), 1 - half)
        line = next((n for n, end in enumerate(ends) if place - half > end), None)
        if line is None:
            continue
        ends[line] = place + half
        axes.annotate(
            name,
            (place, 1),
            (0, -8 - 8 * line),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=7,
            color="#333333",
        )


def _strip(axes: Axes, coverage: pd.DataFrame) -> None:
    """Draw the coverage strip: searched categories, of all, as shade; texts as dark blocks."""
    most = max(int(coverage["categories_known"].max()), 1)
    # Years alike are drawn as one, so that no seam shows between them.
    told = coverage.assign(texts=coverage["articles"] > 0)[["categories_searched", "texts"]]
    spells = (told != told.shift()).any(axis=1).cumsum()
    for _, spell in coverage.groupby(spells):
        row = spell.iloc[0]
        begin = pd.Timestamp(int(row["year"]), 1, 1)
        stop = pd.Timestamp(int(spell["year"].iloc[-1]) + 1, 1, 1)
        shade = 1 - 0.45 * row["categories_searched"] / most
        axes.axvspan(begin, stop, ymin=0.5, ymax=1.0, color=str(shade), linewidth=0)
        if row["articles"]:
            axes.axvspan(begin, stop, ymin=0.0, ymax=0.4, color="#333333", linewidth=0)
    axes.set_ylim(0, 1)
    axes.set_yticks([0.2, 0.75], ["texts", "searched"], fontsize=6.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def lines_figure(counts: pd.DataFrame) -> Figure:
    """Draw the raw lines of each source by what they are: text kept, set aside, or blank."""
    if counts.empty:
        return empty_figure()
    with mpl.style.context(["default", STYLE]):
        figure = new_figure(0.9 + 0.42 * len(counts))
        axes = figure.subplots()
        left = np.zeros(len(counts))
        shades = ("#0b3d78", "#7fb2d9", "#d9d9d9")
        hatches = ("", "///", "")
        for column, shade, hatch in zip(counts.columns, shades, hatches, strict=True):
            values = counts[column].to_numpy(dtype=float)
            axes.barh(
                list(counts.index),
                values,
                left=left,
                color=shade,
                hatch=hatch,
                edgecolor="#ffffff",
                linewidth=0.5,
                label=column,
            )
            for y, (value, x) in enumerate(zip(values, left, strict=True)):
                if value >= 9:
                    axes.text(
                        x + value / 2,
                        y,
                        f"{value:.0f}",
                        ha="center",
                        va="center",
                        fontsize=7,
                        color="#ffffff" if shade == shades[0] else "#111111",
                    )
            left += values
        axes.invert_yaxis()
        axes.set_xlabel("lines of the raw file")
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
        return figure


def yearly_figure(counts: pd.DataFrame, directions: Sequence[str]) -> Figure:
    """Draw acts enacted per year, one row per direction, as counts that can be read off."""
    with mpl.style.context(["default", STYLE]):
        figure = new_figure(0.55 + 0.62 * len(directions))
        axes = figure.subplots(len(directions), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for ax, direction in zip(axes, directions, strict=True):
            ax.bar(counts["year"], counts[direction], color=DIRECTION_COLOURS[direction], width=0.8)
            ax.set_ylabel(direction, rotation=0, ha="right", va="center")
            ax.yaxis.get_major_locator().set_params(integer=True)
        return figure


def breadth_figure(
    breadth: pd.DataFrame, country_labels: Mapping[str, str], n_fields: int
) -> Figure:
    """Draw in how many fields a rule is in force, a line per country and its name at the end.

    The line is what is certain at the end of each year; the pale area above it what is possible.
    Lines that run together are drawn a little apart.

    Parameters
    ----------
    breadth : pandas.DataFrame
        As `ngolib.analysis.compare.breadth` gives it.
    country_labels : mapping of str to str
        Code to name, in the order drawn.
    n_fields : int
        How many fields there are.
    """
    if breadth.empty:
        return empty_figure()
    with mpl.style.context(["default", STYLE]):
        figure = new_figure(2.2)
        axes = figure.subplots()
        years = sorted(breadth["year"].unique())
        ends = []
        for n, country in enumerate(country_labels):
            colour, line, mark = LINES[n % len(LINES)]
            own = breadth[breadth["country"] == country].sort_values("year")
            shift = 0.06 * ((len(country_labels) - 1) / 2 - n)
            # In a single year marks would hide each other: they stand side by side.
            at = years[-1] - (shift if len(years) == 1 else 0)
            axes.fill_between(
                own["year"],
                own["fields"] + shift,
                own["fields_possible"] + shift,
                step="mid",
                color=colour,
                alpha=0.2,
                linewidth=0,
            )
            axes.step(own["year"], own["fields"] + shift, where="mid", color=colour, linestyle=line)
            axes.plot([at], own["fields"].iloc[-1:] + shift, mark, color=colour)
            ends.append(float(own["fields"].iloc[-1]) + shift)
        top = max(n_fields, 1)
        labels = spread(ends, top * 0.12)
        for n, (name, place) in enumerate(zip(country_labels.values(), labels, strict=True)):
            axes.annotate(
                name,
                (1, place),
                (8, 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                va="center",
                color=LINES[n % len(LINES)][0],
                annotation_clip=False,
            )
        axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
        axes.set_ylim(min([-0.3, *[p - top * 0.1 for p in labels]]), top * 1.08)
        axes.set_yticks(range(0, top + 1, 1 if top < 4 else 3))
        axes.set_ylabel(f"fields, of {n_fields}")
        _year_ticks(axes, years[0], years[-1])
        return figure


def life_figure(
    lives: pd.DataFrame,
    offices: pd.DataFrame,
    coverage: pd.DataFrame,
    categories: Mapping[str, str],
    start: int,
    end: int,
) -> Figure:
    """Draw the life of each act in a row of its own: its steps, its time in force, its end.

    A thick pale line runs from the documented start of force to the repeal or expiry of the act, or
    to the edge where neither is documented; a thin line joins the other steps. Crosses are
    reversals; a court's may hit a part of the act only.
    Marks are those of `timeline_figure`; a plus is the first documented application.

    Parameters
    ----------
    lives : pandas.DataFrame
        As `ngolib.analysis.timeline.lives` gives them.
    offices, coverage, categories, start, end
        As for `timeline_figure`.
    """
    if lives.empty:
        return empty_figure()
    with mpl.style.context(["default", STYLE]):
        acts = lives.drop_duplicates("process_id")
        present = list(dict.fromkeys(acts["category"]))
        # Each category has a line of its own for its name above its acts.
        head = {c: n for n, c in enumerate(present)}
        y_of = {a.process_id: a.row + head[a.category] + 1.0 for a in acts.itertuples()}
        rows = len(acts) + len(present)
        figure = new_figure(1.75 + 0.155 * rows)
        axes, strip = figure.subplots(
            2, 1, sharex=True, gridspec_kw={"height_ratios": [rows + 2, 2.2]}
        )
        left, right = pd.Timestamp(start, 1, 1), pd.Timestamp(end, 12, 31)
        for process, act in lives.groupby("process_id", sort=False):
            _life(axes, act, y_of[process], right)
        titles = {y_of[a.process_id]: _cut(a.title, 40) for a in acts.itertuples()}
        heads = {
            min(y_of[p] for p in own["process_id"]) - 1: categories[c]
            for c, own in acts.groupby("category", sort=False)
        }
        ticks = titles | heads
        axes.set_yticks(list(ticks), list(ticks.values()), fontsize=6.5)
        for label, place in zip(axes.get_yticklabels(), ticks, strict=True):
            label.set_fontweight("bold" if place in heads else "normal")
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(rows - 0.4, -2.6)
        axes.set_xlim(left, right)
        for place in heads:
            axes.axhline(place - 0.5, color="#cccccc", linewidth=0.5)
        _date_ticks(strip, start, end)
        _bands(axes, offices, left, right)
        _strip(strip, coverage)
        handles = [
            Line2D([], [], marker=m, color="#444444", linestyle="", markersize=5, label=g)
            for g, m in MARKERS.items()
            if g in set(lives["group"])
        ]
        handles += [
            Line2D([], [], marker="o", linestyle="", fillstyle=FILL[d], color=c, label=d)
            for d, c in DIRECTION_COLOURS.items()
        ]
        handles += [Line2D([], [], color="#bbbbbb", linewidth=4, label="in force")]
        figure.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False)
        return figure


def _cut(title: str, most: int) -> str:
    return title if len(title) <= most else title[: most - 1].rstrip() + "…"


def _life(axes: Axes, act: pd.DataFrame, y: float, right: pd.Timestamp) -> None:
    happened = act[~act["scheduled"].astype(bool)]
    axes.plot(
        [act["date_start"].min(), act["date_end"].max()],
        [y, y],
        color="#999999",
        linewidth=0.6,
        zorder=1,
    )
    force = happened.loc[happened["group"] == "in force", "date_start"]
    # A court may strike down a part: only what was repealed or ran out is out of force.
    undone = happened.loc[happened["stage"].isin(("repealed", "expired")), "date_start"]
    if len(force):
        later = undone[undone >= force.min()]
        stop = later.min() if len(later) else right
        axes.plot(
            [force.min(), stop],
            [y, y],
            color="#bbbbbb",
            linewidth=4,
            solid_capstyle="butt",
            zorder=1.5,
        )
    for row in act.itertuples():
        _step(axes, row, y)


def durations_figure(table: pd.DataFrame, legs: Sequence[tuple[str, str]]) -> Figure:
    """Draw durations by leg: a line per act from its least to its most days, a tick at the middle.

    Parameters
    ----------
    table : pandas.DataFrame
        As `ngolib.analysis.timeline.durations` gives them.
    legs : sequence of tuple of str
        From which station to which, a strip each; the median of the middles is named.
    """
    good = table[table["days_max"].notna() & (table["days_max"].fillna(-1) >= 0)]
    if good.empty:
        return empty_figure("No duration is documented for this selection.")
    with mpl.style.context(["default", STYLE]):
        own = [good[(good["from_stage"] == a) & (good["to_stage"] == b)] for a, b in legs]
        heights = [max(len(part), 6) for part in own]
        figure = new_figure(0.6 + 0.62 * len(legs) + 0.018 * sum(heights))
        strips = figure.subplots(
            len(legs), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
        )[:, 0]
        for axes, part, (begin, stop) in zip(strips, own, legs, strict=True):
            part = part.sort_values(["days_middle", "days_max"])
            y = range(len(part))
            low, high = (part[c].astype(float).to_numpy() for c in ("days_min", "days_max"))
            middle = part["days_middle"].astype(float).to_numpy()
            axes.hlines(y, low, high, color="#7fb2d9", linewidth=2.2)
            axes.plot(middle, y, "|", color="#0b3d78", markersize=4)
            title = f"from {begin} to {stop}: {len(part)} {'act' if len(part) == 1 else 'acts'}"
            if len(part):
                median = float(part["days_middle"].median())
                axes.axvline(median, color="#b23a1e", linewidth=0.8, linestyle="--")
                title += f", median {median:.0f} days"
            axes.set_title(title, fontsize=8)
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
            axes.set_ylim(-1, max(len(part), 5))
        axes.set_xscale("symlog", linthresh=10)
        axes.set_xlim(-0.5, float(good["days_max"].max()) * 1.2 + 1)
        ticks = [0, 10, 30, 100, 365, 1000, 3650]
        axes.set_xticks(ticks, [str(t) for t in ticks], minor=False)
        axes.minorticks_off()
        axes.set_xlim(-0.5, max(float(good["days_max"].max()) * 1.2, 40))
        axes.set_xlabel("days (0 to 10 even, then by powers of ten)")
        return figure
