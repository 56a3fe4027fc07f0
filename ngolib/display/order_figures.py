"""The figures of the order of adoption: pairs as intervals on an axis of years, links as bars."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.style
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from ngolib.display.figures import STYLE, new_figure
from ngolib.display.ratings_figures import COUNTRY_STYLE, OTHER_STYLE

SMALL = 6.4
# Width of the line of a pair of close likeness, and of another.
BOLD, THIN = 1.8, 0.6
# Ground of a row of which the order is not documented.
BAND = "#dcdcdc"
JOIN = {"documented": "#222222", "open": "#9a9a9a"}
# Height of one pair, of a line of words and of a heading, in inches.
ROW, LINE, HEAD = 0.125, 0.125, 0.24
# Characters of a line of words.
CHARACTERS = 52
# Filling of the parts of a bar: they differ in lightness and in hatching.
PARTS: tuple[dict[str, Any], ...] = (
    {"facecolor": "#0b3d78", "edgecolor": "#0b3d78"},
    {"facecolor": "#9cc3e0", "edgecolor": "#333333"},
    {"facecolor": "#ffffff", "edgecolor": "#333333", "hatch": "////"},
    {"facecolor": "#d8d8d8", "edgecolor": "#333333", "hatch": "..."},
)


def empty_figure(words: str) -> Figure:
    """Draw a frame that says why it is empty."""
    with mpl.style.context(["default", STYLE]):
        figure = new_figure(0.8)
        axes = figure.subplots()
        axes.set_axis_off()
        axes.text(0.5, 0.5, textwrap.fill(words, 90), ha="center", va="center", color="#444444")
        return figure


def _year(day: pd.Timestamp) -> float:
    """Return a day as a decimal year."""
    length = 366 if day.is_leap_year else 365
    return day.year + (day.day_of_year - 1) / length


def pairs_figure(
    pairs: pd.DataFrame,
    categories: Mapping[str, str],
    countries: Mapping[str, str],
    start: int,
    end: int,
) -> Figure:
    """Draw one row per pair: both possible starts on an axis of years, with a line between.

    The shape and colour of a mark say the country. A bar through a mark is the span in which the
    start lies; a hollow mark stands on a presumed start. The line between the two is dark where the
    order is documented, thick where the likeness is close; where the order is not documented, it is
    dotted and the row has a grey ground. A start without a date stands in a
    column of its own at the right. Rows are grouped by category and by what is alike.

    Parameters
    ----------
    pairs : pandas.DataFrame
        As `ngolib.analysis.order.between` gives it; not empty.
    categories, countries : mapping of str to str
        Code to name; the first country is side a.
    start, end : int
        First and last year of the axis.
    """
    styles = [_mark(country) for country in countries]
    with mpl.style.context(["default", STYLE]):
        undated = bool(pairs[["a_earliest", "b_earliest"]].isna().any().any())
        layout = _layout(pairs, categories)
        height = max(row["bottom"] for row in layout)
        figure = new_figure(height + 0.95)
        axes = figure.subplots()
        left, right = start - 0.5, end + 1.0
        column = right + (right - left) * 0.03
        for item in layout:
            if item["kind"] == "head":
                _head(axes, item)
            else:
                _words(axes, item)
                for n, row in enumerate(item["rows"]):
                    _pair(axes, row, styles, item["first"] + n * ROW, (left, right, column))
        axes.set_xlim(left, column + (right - left) * 0.03 if undated else right)
        axes.set_ylim(height, 0)
        if undated:
            axes.axvline(right, color="#cccccc", linewidth=0.6)
            axes.text(column, -0.06, "no date", ha="center", va="bottom", fontsize=SMALL)
        axes.set_yticks([])
        axes.xaxis.set_major_locator(MaxNLocator(9, integer=True, steps=[1, 2, 5, 10]))
        axes.grid(axis="x", color="#e4e4e4", linewidth=0.5, zorder=0)
        axes.set_axisbelow(True)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="x", bottom=True, top=height > 4, labeltop=height > 4)
        _legend(figure, countries, styles)
        return figure


def _layout(pairs: pd.DataFrame, categories: Mapping[str, str]) -> list[dict[str, Any]]:
    """Place headings and elements from top to bottom, in inches."""
    items: list[dict[str, Any]] = []
    y = 0.05
    for category, label in categories.items():
        own = pairs[pairs["category"] == category]
        if own.empty:
            continue
        items.append({"kind": "head", "y": y + HEAD / 2, "label": label, "bottom": y + HEAD})
        y += HEAD
        for element, rows in own.groupby("element", sort=False):
            lines = textwrap.wrap(str(element), CHARACTERS)
            depth = max(len(rows) * ROW, len(lines) * LINE)
            first = y + (depth - len(rows) * ROW) / 2 + ROW / 2
            items.append(
                {
                    "kind": "element",
                    "rows": list(rows.itertuples(index=False)),
                    "words": "\n".join(lines),
                    "middle": y + depth / 2,
                    "first": first,
                    "bottom": y + depth + 0.06,
                }
            )
            y += depth + 0.06
    return items


def _head(axes: Axes, item: Mapping[str, Any]) -> None:
    axes.axhline(item["y"] - HEAD / 2 + 0.03, color="#bbbbbb", linewidth=0.5)
    axes.annotate(
        item["label"],
        (-0.015, item["y"]),
        xycoords=axes.get_yaxis_transform(),
        ha="right",
        va="center",
        fontweight="bold",
        fontsize=7.4,
        annotation_clip=False,
    )


def _words(axes: Axes, item: Mapping[str, Any]) -> None:
    axes.annotate(
        item["words"],
        (-0.015, item["middle"]),
        xycoords=axes.get_yaxis_transform(),
        ha="right",
        va="center",
        fontsize=SMALL,
        linespacing=1.1,
        annotation_clip=False,
    )


def _mark(country: str) -> dict[str, Any]:
    """Return colour and marker of a country, the same in all figures."""
    style = COUNTRY_STYLE.get(country, OTHER_STYLE)
    return {name: style[name] for name in ("color", "marker")}


def _pair(
    axes: Axes,
    row: Any,
    styles: Sequence[Mapping[str, Any]],
    y: float,
    places_of: tuple[float, float, float],
) -> None:
    """Draw one pair: two spans, two marks and the line between them."""
    left, right, column = places_of
    places = []
    for side, style in zip("ab", styles, strict=True):
        earliest, latest = getattr(row, f"{side}_earliest"), getattr(row, f"{side}_latest")
        presumed = getattr(row, f"{side}_presumed")
        # Two marks on one spot would hide each other.
        shift = (-0.12 if side == "a" else 0.12) * ROW if row.order == "overlap" else 0.0
        if pd.isna(earliest):
            place = column
        else:
            first, last = (min(max(_year(d), left), right) for d in (earliest, latest))
            place = (first + last) / 2
            if latest != earliest:
                axes.plot(
                    [first, last],
                    [y + shift] * 2,
                    color=style["color"],
                    linewidth=2.4,
                    alpha=0.35,
                    solid_capstyle="butt",
                    zorder=2,
                )
        places.append(place)
        axes.plot(
            [place],
            [y + shift],
            color=style["color"],
            marker=style["marker"],
            markerfacecolor="#ffffff" if presumed else style["color"],
            markersize=3.6 if side == "a" else 3.3,
            markeredgewidth=0.9,
            linestyle="",
            zorder=4,
        )
    known = row.order in ("a_earlier", "b_earlier")
    if not known:
        axes.axhspan(y - ROW / 2, y + ROW / 2, color=BAND, linewidth=0, zorder=0.5)
    axes.plot(
        places,
        [y, y],
        color=JOIN["documented" if known else "open"],
        linewidth=BOLD if row.likeness == "close" else THIN,
        linestyle="-" if known else ":",
        zorder=1.5,
    )


def _legend(
    figure: Figure, countries: Mapping[str, str], styles: Sequence[Mapping[str, Any]]
) -> None:
    handles: list[Line2D | Patch] = [
        Line2D([], [], linestyle="", markersize=4, label=f"start in {name}", **style)
        for name, style in zip(countries.values(), styles, strict=True)
    ]
    handles += [
        Line2D(
            [],
            [],
            linestyle="",
            marker="o",
            markersize=4,
            color="#444444",
            markerfacecolor="#ffffff",
            label="presumed start",
        ),
        Line2D([], [], color="#444444", alpha=0.4, linewidth=2.6, label="start lies within"),
        Line2D([], [], color=JOIN["documented"], linewidth=THIN, label="order documented"),
        Line2D([], [], color=JOIN["documented"], linewidth=BOLD, label="… with close likeness"),
        Patch(facecolor=BAND, label="order not documented"),
    ]
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=4,
        frameon=False,
        fontsize=7,
        handlelength=1.8,
    )


def links_figure(
    links: pd.DataFrame, modalities: Mapping[str, str], kinds: Mapping[str, str]
) -> Figure:
    """Draw statements that link the countries: a bar per modality, its parts by what is said.

    Parameters
    ----------
    links : pandas.DataFrame
        As `ngolib.analysis.order.links_told` gives it; not empty.
    modalities, kinds : mapping of str to str
        Code to name.
    """
    with mpl.style.context(["default", STYLE]):
        wide = links.pivot_table(
            index="modality", columns="kind", values="statements", aggfunc="sum", fill_value=0
        )
        rows = [m for m in modalities if m in wide.index]
        columns = [k for k in kinds if k in wide.columns]
        figure = new_figure(0.95 + 0.3 * len(rows))
        axes = figure.subplots()
        for y, modality in enumerate(rows):
            left = 0
            for kind in columns:
                number = int(wide.loc[modality, kind])
                style = PARTS[list(kinds).index(kind) % len(PARTS)]
                axes.barh(
                    y,
                    number,
                    left=left,
                    height=0.62,
                    linewidth=0.6,
                    label=kinds[kind] if modality == _first_with(wide, rows, kind) else None,
                    **style,
                )
                if number:
                    axes.text(
                        left + number / 2,
                        y,
                        str(number),
                        ha="center",
                        va="center",
                        fontsize=7,
                        color="#ffffff" if style["facecolor"] == "#0b3d78" else "#111111",
                        bbox=None
                        if "hatch" not in style
                        else {"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.8},
                    )
                left += number
        axes.set_yticks(range(len(rows)), [modalities[m].lower() for m in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
        axes.set_xlabel("statements")
        figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=7)
        return figure


def _first_with(wide: pd.DataFrame, rows: list[str], kind: str) -> str:
    """Return the first row in which a kind has a part: it gives the legend its entry."""
    return next(m for m in rows if wide.loc[m, kind])
