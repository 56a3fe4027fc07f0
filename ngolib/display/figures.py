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
}
BAND = ("#f1f1ee", "#ffffff")
WIDTH = 7.4  # inches: the text width of a page

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


def _new(height: float) -> Figure:
    """Make a figure in our style that pyplot does not keep (so that nothing is drawn twice)."""
    return Figure(figsize=(WIDTH, height), layout="constrained")


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
        height = 1.1 + len(fields) * (0.18 * len(countries) + 0.16)
        figure = _new(height)
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
            axes.text(
                years[0] - 0.5 - 0.19 * max(len(years), 8),
                middle,
                field_labels[field].replace(" and ", "\nand "),
                ha="right",
                va="center",
                fontweight="bold",
            )
        axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
        axes.set_ylim(min(ticks) - 0.7, 0.7)
        axes.set_yticks(ticks, labels)
        axes.tick_params(axis="y", length=0)
        step = 5 if len(years) > 12 else 1
        axes.set_xticks([y for y in years if y % step == 0])
        axes.spines["left"].set_visible(False)
        handles: list[Patch] = [
            Patch(facecolor=c, edgecolor="#777777", linewidth=0.4, label=f"rung {n}")
            for n, c in enumerate(RUNG_COLOURS)
        ]
        handles += [
            Patch(facecolor="#ffffff", edgecolor="#555555", hatch="////", label="start uncertain"),
            Patch(facecolor=NONE_COLOUR, edgecolor="#cccccc", label="none documented"),
        ]
        figure.legend(
            handles=handles,
            loc="outside lower center",
            ncols=7,
            frameon=False,
            handlelength=1.2,
            columnspacing=1.0,
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
    previous = getattr(row, "starts", False)
    if previous and not pd.isna(shown):
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
    which the day lies. A thin line joins the steps of one act.
    """
    with mpl.style.context(["default", STYLE]):
        present = [c for c in categories if (lanes["category"] == c).any()]
        sizes = [max(2, int(lanes.loc[lanes["category"] == c, "line"].max()) + 1) for c in present]
        rows = max(sum(sizes), 2)
        figure = _new(1.9 + 0.105 * rows + 0.10 * len(present))
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
        axes.set_yticks(ticks, [categories[c].replace(" and ", "\nand ") for c in present])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(max(y, 2) - 0.4, -1.6)
        axes.set_xlim(left, right)
        _bands(axes, offices, left, right)
        _strip(strip, coverage)
        handles = [
            Line2D([], [], marker=m, color="#444444", linestyle="", markersize=5, label=g)
            for g, m in MARKERS.items()
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
    )


def _bands(axes: Axes, offices: pd.DataFrame, left: pd.Timestamp, right: pd.Timestamp) -> None:
    for n, row in enumerate(offices.sort_values("date_start").itertuples()):
        begin = max(row.date_start, left)
        stop = right if pd.isna(row.date_end) else min(row.date_end, right)
        if begin >= stop:
            continue
        axes.axvspan(begin, stop, color=BAND[n % 2], zorder=0, linewidth=0)
        years = (stop - begin).days / 365
        name = str(row.name_).split()[-1]
        if years > (right - left).days / 365 * 0.08:
            axes.text(
                begin + (stop - begin) / 2,
                -1.1,
                name,
                ha="center",
                va="center",
                fontsize=7,
                color="#333333",
            )


def _strip(axes: Axes, coverage: pd.DataFrame) -> None:
    """Draw the coverage strip: searched categories as shade, texts as ticks."""
    most = max(int(coverage["categories_searched"].max()), 1)
    for row in coverage.itertuples():
        begin, stop = pd.Timestamp(row.year, 1, 1), pd.Timestamp(row.year, 12, 31)
        shade = 1 - 0.45 * row.categories_searched / most
        axes.axvspan(begin, stop, ymin=0.5, ymax=1.0, color=str(shade), linewidth=0)
        if row.articles:
            axes.axvspan(begin, stop, ymin=0.0, ymax=0.4, color="#333333", linewidth=0)
    axes.set_ylim(0, 1)
    axes.set_yticks([0.2, 0.75], ["texts", "searched"], fontsize=6.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def lines_figure(counts: pd.DataFrame) -> Figure:
    """Draw the raw lines of each source by what they are: text kept, set aside, or blank."""
    with mpl.style.context(["default", STYLE]):
        figure = _new(0.9 + 0.42 * len(counts))
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
        figure = _new(0.55 + 0.62 * len(directions))
        axes = figure.subplots(len(directions), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for ax, direction in zip(axes, directions, strict=True):
            ax.bar(counts["year"], counts[direction], color=DIRECTION_COLOURS[direction], width=0.8)
            ax.set_ylabel(direction, rotation=0, ha="right", va="center")
            ax.yaxis.get_major_locator().set_params(integer=True)
        return figure
