"""The figures of ratings: small multiples on one axis of years, the rules beneath them."""

from __future__ import annotations

import textwrap
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

from ngolib.display.figures import RUNG_COLOURS, STYLE, new_figure

# Okabe and Ito's palette for colour vision deficiency; marker and dashes tell the same in grey.
COUNTRY_STYLE: dict[str, dict[str, Any]] = {
    "KAZ": {"color": "#0072b2", "marker": "o", "linestyle": "-"},
    "RUS": {"color": "#b23a1e", "marker": "s", "linestyle": "--"},
    "KGZ": {"color": "#007a5a", "marker": "^", "linestyle": "-."},
    "UZB": {"color": "#444444", "marker": "D", "linestyle": ":"},
}
OTHER_STYLE = {"color": "#777777", "marker": "v", "linestyle": "-"}
SIZE = 6.5


def ratings_figure(
    series: pd.DataFrame,
    levels: pd.DataFrame,
    rises: pd.DataFrame,
    indices: Mapping[str, str],
    countries: Mapping[str, str],
    grades: Mapping[str, Sequence[str]],
    start: int,
    end: int,
) -> Figure:
    """Draw one row per index, up being freer, and one row per country with the rules in force.

    A line joins neighbouring years only, so that a gap stays a gap. A hollow marker stands at the
    year of a day or of an edition, not at a year covered. A band spans the bounds of a value, where
    it has any.

    Parameters
    ----------
    series : pandas.DataFrame
        As `ngolib.analysis.ratings.series` gives it.
    levels : pandas.DataFrame
        `country, year, rung, fields, sure`: how many fields stand on each rung; may be empty.
    rises : pandas.DataFrame
        As `ngolib.analysis.ratings.rises` gives them: years marked in all rows.
    indices, countries : mapping of str to str
        Code to name, in the order drawn.
    grades : mapping
        Index to the words of its steps, from the least free.
    start, end : int
        First and last year.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    with mpl.style.context(["default", STYLE]):
        per = 0.16 * len(countries)
        rows = [max(0.62, 0.3 + per)] * len(indices)
        strips = [0.72] * (len(countries) if len(levels) else 0)
        figure = new_figure(1.0 + sum(rows) + sum(strips) + 0.14 * len(rows + strips))
        ratios = [*rows, *strips] or [1.0]
        axes = figure.subplots(
            len(ratios), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": ratios}
        )[:, 0]
        figure.set_layout_engine("constrained", hspace=0.06, h_pad=0.02, w_pad=0.08)
        for ax, (index, name) in zip(axes, indices.items(), strict=False):
            own = series[series["index"] == index]
            _row(ax, own, name, countries, grades.get(index))
            _marks(ax, rises)
        for ax, (country, name) in zip(axes[len(indices) :], countries.items(), strict=False):
            own = levels[levels["country"] == country]
            _levels(ax, own, rises[rises["country"] == country], name)
        if len(indices):
            axes[0].set_title("↑ freer, in every row", fontsize=SIZE, fontweight="normal")
        last = axes[-1]
        last.set_xlim(start - 0.6, end + 0.6)
        step = 5 if end - start > 11 else 1
        last.set_xticks([y for y in range(start, end + 1) if y % step == 0])
        if len(levels):
            figure.legend(
                handles=_handles(),
                loc="outside lower center",
                ncols=7,
                frameon=False,
                handlelength=1.2,
                columnspacing=0.9,
                fontsize=SIZE + 0.5,
            )
        return figure


def _style(country: str) -> dict[str, Any]:
    return COUNTRY_STYLE.get(country, OTHER_STYLE)


def _row(
    axes: Axes,
    own: pd.DataFrame,
    name: str,
    countries: Mapping[str, str],
    grades: Sequence[str] | None,
) -> None:
    """Draw one index: lines, markers, bounds, and at the right each country's last value."""
    ends: list[tuple[float, str, str]] = []
    for n, (country, place) in enumerate(countries.items()):
        # Later ones are smaller, so that equal values do not hide each other.
        size = max(4.8 - 0.9 * n, 2.2)
        line = own[own["country"] == country].sort_values("year")
        style = _style(country)
        if line.empty:
            ends.append((np.nan, country, f"{place}: no value"))
            continue
        run = (line["year"].diff() != 1).cumsum()
        for _, part in line.groupby(run):
            axes.plot(
                part["year"],
                part["freedom"],
                color=style["color"],
                linestyle=style["linestyle"],
                linewidth=1.1,
                zorder=3,
            )
            if part["low"].notna().all():
                axes.fill_between(
                    part["year"].astype(float),
                    part["low"].astype(float),
                    part["high"].astype(float),
                    color=style["color"],
                    alpha=0.18,
                    linewidth=0,
                )
        covered = line["year_basis"] == "covered"
        for part, face in ((line[covered], style["color"]), (line[~covered], "#ffffff")):
            axes.plot(
                part["year"],
                part["freedom"],
                color=style["color"],
                marker=style["marker"],
                markerfacecolor=face,
                markersize=size,
                linestyle="",
                zorder=4,
            )
        top = line.iloc[-1]
        ends.append((top["freedom"], country, f"{place} {top['value']} ({top['year']})"))
    _scale(axes, own, grades)
    _end_labels(axes, ends)
    _name_row(axes, name)


def _name_row(axes: Axes, name: str) -> None:
    """Write the name of a row at its left, clear of the words of a scale."""
    axes.set_ylabel(
        textwrap.fill(name, 17), rotation=0, ha="right", va="center", fontsize=SIZE + 0.5
    )
    axes.yaxis.set_label_coords(-0.16, 0.5)


def _scale(axes: Axes, own: pd.DataFrame, grades: Sequence[str] | None) -> None:
    """Set the axis: words for grades, else a few round values; up is always freer."""
    axes.tick_params(axis="y", labelsize=SIZE)
    if grades is not None:
        axes.set_ylim(-0.5, len(grades) - 0.5)
        axes.set_yticks(range(len(grades)), grades)
        return
    if own.empty:
        axes.set_ylim(0, 1)
        axes.set_yticks([])
        return
    low = float(np.nanmin(own[["freedom", "low"]].to_numpy(dtype=float)))
    high = float(np.nanmax(own[["freedom", "high"]].to_numpy(dtype=float)))
    pad = max(0.15 * (high - low), 0.02 * max(abs(high), abs(low), 1.0), 0.1)
    axes.set_ylim(low - pad, high + pad)
    whole = bool((own["number"] % 1 == 0).all())
    axes.yaxis.set_major_locator(
        mpl.ticker.MaxNLocator(3, steps=[1, 2, 5, 10], integer=whole, min_n_ticks=1)
    )
    turned = float(own["number"].iloc[0]) != float(own["freedom"].iloc[0])
    if turned:  # less is freer: the axis counts down, so that up stays freer
        axes.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda v, _: f"{-v:g}"))
    else:
        axes.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda v, _: f"{v:g}"))


def _end_labels(axes: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Write the last value of each country at the right, in the order of height, evenly apart."""
    order = sorted(ends, key=lambda e: (np.isnan(e[0]), -e[0]))
    for n, (_, country, words) in enumerate(order):
        none = words.endswith("no value")
        style = _style(country)
        y = 1 - (n + 0.5) / len(order)
        axes.annotate(
            words,
            (1.035, y),
            xycoords="axes fraction",
            va="center",
            fontsize=SIZE,
            color="#666666" if none else style["color"],
            annotation_clip=False,
        )
        axes.plot(
            [1.018],
            [y],
            transform=axes.transAxes,
            marker=style["marker"],
            color=style["color"],
            fillstyle="none" if none else "full",
            markersize=3.2,
            clip_on=False,
        )


def _marks(axes: Axes, rises: pd.DataFrame) -> None:
    """Draw a faint line, in the country's dashes, in each year in which a field's rung rises."""
    for row in rises.drop_duplicates(["country", "year"]).itertuples():
        style = _style(row.country)
        axes.axvline(
            row.year,
            color=style["color"],
            linestyle=style["linestyle"],
            linewidth=0.6,
            alpha=0.35,
            zorder=1,
        )


def _levels(axes: Axes, own: pd.DataFrame, rises: pd.DataFrame, name: str) -> None:
    """Stack the fields of one country by rung, year by year, and mark the rises."""
    tops: dict[int, float] = {}
    for year, cells in own.groupby("year"):
        bottom = 0.0
        for cell in cells.sort_values(["sure", "rung"], ascending=[False, False]).itertuples():
            colour = RUNG_COLOURS[int(cell.rung)]
            axes.add_patch(
                Rectangle(
                    (year - 0.45, bottom),
                    0.9,
                    cell.fields,
                    facecolor=colour if cell.sure else "#ffffff",
                    hatch=None if cell.sure else "//////",
                    edgecolor="#777777",
                    linewidth=0.3,
                )
            )
            bottom += cell.fields
        tops[int(year)] = bottom
    most = max([*tops.values(), 1.0])
    for year, hit in rises.groupby("year"):
        y = tops.get(int(year), 0.0) + 0.03 * most
        axes.annotate(
            f"{len(hit)}▾",
            (year, y),
            ha="center",
            va="bottom",
            fontsize=SIZE - 0.5,
            annotation_clip=False,
        )
    axes.set_ylim(0, most * 1.3)
    axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(3, integer=True))
    axes.tick_params(axis="y", labelsize=SIZE)
    _name_row(axes, f"{name}: fields by rung")


def _handles() -> list[Any]:
    handles: list[Any] = [
        Patch(facecolor=c, edgecolor="#777777", linewidth=0.4, label=f"rung {n}")
        for n, c in enumerate(RUNG_COLOURS)
    ]
    handles.append(
        Patch(facecolor="#ffffff", edgecolor="#777777", hatch="//////", label="start uncertain")
    )
    handles.append(
        Line2D([], [], color="#444444", marker="o", markerfacecolor="#ffffff", linestyle="",
               markersize=3.6, label="not a year covered")
    )  # fmt: skip
    return handles
