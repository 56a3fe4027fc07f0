"""The figure of the notebook of numbers: counts by series, each with its time and its size."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib as mpl
import matplotlib.style
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ngolib.display.figures import BAND, STYLE, new_figure
from ngolib.display.voices_figures import SMALL, empty_figure

MARKERS = {
    "exact": "o",
    "about": "D",
    "over": ">",
    "at_least": ">",
    "under": "<",
    "at_most": "<",
}
# Layers differ in filling as well as in colour: what a text of this collection says is not full.
LOOKS: dict[str, dict[str, Any]] = {
    "register": {"color": "#0b3d78", "fillstyle": "full"},
    "text in register": {"color": "#0b3d78", "fillstyle": "none"},
    "corpus": {"color": "#b23a1e", "fillstyle": "left"},
}
BARS: dict[str, dict[str, Any]] = {
    "register": {"facecolor": "#0b3d78", "edgecolor": "#0b3d78"},
    "text in register": {"facecolor": "#ffffff", "edgecolor": "#0b3d78"},
    "corpus": {"facecolor": "#ffffff", "edgecolor": "#b23a1e", "hatch": "//////"},
}
ROW = 0.165
LABEL = 62


def counts_figure(rows: pd.DataFrame, start: int, end: int, *, sizes: bool) -> Figure:
    """Draw counts by series: when each holds, and how large it is.

    Parameters
    ----------
    rows : pandas.DataFrame
        As `ngolib.display.numbers.drawn` gives them.
    start, end : int
        First and last year of the axis of time; years of the rows beyond are added.
    sizes : bool
        Whether the sizes are drawn on one scale too: not for sums in several currencies.

    Returns
    -------
    matplotlib.figure.Figure
        One row per count under the name of its series: a bar over the days in which it may hold,
        a mark on a logarithmic scale (its shape says how exact the number is), and the number.
    """
    if rows.empty:
        return empty_figure("No such count is documented for this selection")
    with mpl.style.context(["default", STYLE]):
        lines = _lines(rows)
        figure = new_figure(0.95 + ROW * len(lines))
        widths = [2.2, 2.0, 0.6] if sizes else [3.0, 0.01, 0.7]
        time, size, words = figure.subplots(
            1, 3, sharey=True, gridspec_kw={"width_ratios": widths, "wspace": 0.02}
        )
        words.set_axis_off()
        size.set_visible(sizes)
        left, right = _time(time, rows, start, end)
        least = (right - left).days * 0.006
        band = 0
        for y, (_, row) in enumerate(lines):
            band += row is None
            for axes in (time, size):
                axes.axhspan(y - 0.5, y + 0.5, color=BAND[band % 2], linewidth=0, zorder=0)
            if row is None:
                continue
            _bar(time, row, y, least)
            size.plot(
                [row.number],
                [y],
                marker=MARKERS[row.qualifier],
                markersize=4.2,
                linestyle="",
                **LOOKS[row.layer],
            )
            words.text(
                0.02,
                y,
                row.text,
                transform=words.get_yaxis_transform(),
                va="center",
                fontsize=SMALL,
            )
        _labels(time, lines)
        if sizes:
            _sizes(size, rows)
        figure.legend(
            handles=_handles(rows, sizes), loc="outside lower center", ncols=3, frameon=False
        )
        return figure


def _lines(rows: pd.DataFrame) -> list[tuple[str, Any]]:
    """Return the lines of the figure from top to bottom: a series' name, then its counts."""
    lines: list[tuple[str, Any]] = []
    for group, own in rows.groupby("group", sort=False):
        units = "; ".join(dict.fromkeys(own["unit"]))
        lines.append((f"{group} ({units})", None))
        lines += [
            (textwrap.shorten(str(r.label), LABEL, placeholder=" …"), r) for r in own.itertuples()
        ]
    return lines


def _labels(axes: Axes, lines: list[tuple[str, Any]]) -> None:
    axes.set_yticks(range(len(lines)), [t for t, _ in lines], fontsize=SMALL)
    for label, (_, row) in zip(axes.get_yticklabels(), lines, strict=True):
        if row is None:
            label.set_fontweight("bold")
    axes.set_ylim(len(lines) - 0.5, -0.5)


def _bar(axes: Axes, row: Any, y: int, least: float) -> None:
    """Draw the days in which a count may hold; a short span is widened to what can be seen."""
    begin, finish = date2num(row.date_start), date2num(row.date_end) + 1
    missing = max(least - (finish - begin), 0.0) / 2
    axes.add_patch(
        Rectangle(
            (begin - missing, y - 0.26),
            finish - begin + 2 * missing,
            0.52,
            linewidth=0.7,
            zorder=2,
            **BARS[row.layer],
        )
    )


def _time(
    axes: Axes, rows: pd.DataFrame, start: int, end: int
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Set the axis of time: it begins with the first count, since an empty stretch says nothing."""
    earliest = int(rows["date_start"].dt.year.min())
    first = max(min(start, earliest), earliest - 1)
    last = max(end, int(rows["date_end"].dt.year.max()))
    left, right = pd.Timestamp(first, 1, 1), pd.Timestamp(last + 1, 1, 1)
    axes.set_xlim(left, right)
    step = 10 if last - first > 20 else 5 if last - first > 9 else 2 if last - first > 4 else 1
    years = [y for y in range(first, last + 2) if y % step == 0]
    axes.set_xticks([pd.Timestamp(y, 1, 1) for y in years], [str(y) for y in years])
    axes.set_xlabel("time for which it holds", fontsize=SMALL + 0.4)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return left, right


def _sizes(axes: Axes, rows: pd.DataFrame) -> None:
    """Set the axis of sizes: logarithmic where they differ tenfold or more."""
    low, high = float(rows["number"].min()), float(rows["number"].max())
    wide = low > 0 and high / low >= 10
    if wide:
        axes.set_xscale("log")
        axes.set_xlim(low / 2, high * 2)
        axes.xaxis.set_minor_formatter(FuncFormatter(lambda x, _: ""))
    else:
        axes.set_xlim(0, high * 1.25 or 1)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(_short))
    axes.tick_params(axis="y", labelleft=False, length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("number" + (", logarithmic" if wide else ""), fontsize=SMALL + 0.4)


def _short(value: float, _: int) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def _handles(rows: pd.DataFrame, sizes: bool) -> list[Artist]:
    """Return the legend of what is drawn, and of nothing else."""
    names = {
        "exact": "given as exact",
        "about": "about",
        "over": "more than",
        "at_least": "more than",
        "under": "fewer than",
        "at_most": "at most",
    }
    layers = {
        "register": "register",
        "text in register": "register, resting on a text of this collection",
        "corpus": "claim of a text",
    }
    handles: list[Artist] = []
    if sizes:
        found = {names[q]: MARKERS[q] for q in names if (rows["qualifier"] == q).any()}
        handles += [
            Line2D([], [], marker=m, color="#444444", label=n, linestyle="", markersize=4.5)
            for n, m in found.items()
        ]
    handles += [
        Patch(label=layers[x], linewidth=0.7, **BARS[x])
        for x in layers
        if (rows["layer"] == x).any()
    ]
    return handles
