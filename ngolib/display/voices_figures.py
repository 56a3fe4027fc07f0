"""Figures of the notebook of voices: topics by voice, hits of a keyword, key words."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import matplotlib.style
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from ngolib.display.figures import BAND, DIRECTION_COLOURS, STYLE, new_figure

SMALL = 6.8
# Where the columns beside the bars begin, as shares of their width.
PLACES = (0.0, 0.17, 0.72)
# Filling of the parts of a bar: they differ in lightness and in hatching.
PARTS: dict[str, dict[str, Any]] = {
    "counted": {"facecolor": "#0b3d78", "edgecolor": "#0b3d78"},
    "elsewhere": {"facecolor": "#9cc3e0", "edgecolor": "#333333", "hatch": "..."},
    "negated": {"facecolor": "#ffffff", "edgecolor": "#333333", "hatch": "xxxx"},
    "off_topic": {"facecolor": "#d0d0d0", "edgecolor": "#333333"},
    "outside": {"facecolor": "#ffffff", "edgecolor": "#333333", "linestyle": ":"},
}


def empty_figure(words: str) -> Figure:
    """Draw a frame that says why it is empty."""
    with mpl.style.context(["default", STYLE]):
        figure = new_figure(0.8)
        axes = figure.subplots()
        axes.set_axis_off()
        axes.text(0.5, 0.5, textwrap.fill(words, 90), ha="center", va="center", color="#444444")
        return figure


def topics_figure(
    topics: pd.DataFrame, voices: Mapping[str, str], categories: Mapping[str, str]
) -> Figure:
    """Draw the matrix of topics and voices, two bars in each cell.

    Parameters
    ----------
    topics : pandas.DataFrame
        As `ngolib.analysis.voices.by_topic` gives them.
    voices, categories : mapping of str to str
        Code to label of the columns and rows; those without any statement are left out.

    Returns
    -------
    matplotlib.figure.Figure
        To the left of a cell's middle the acts with restrictive steps, to the right those with
        enabling ones, each with its number; a dash where neither is documented.
    """
    columns = {v: n for v, n in voices.items() if (topics["voice"] == v).any()}
    rows = {c: n for c, n in categories.items() if (topics["category"] == c).any()}
    if not columns:
        return empty_figure("No statement is documented for this selection")
    sides = topics[topics["direction"].isin(["restrictive", "enabling"])]
    counts = sides.set_index(["category", "voice", "direction"])["acts"].to_dict()
    most = max([int(n) for n in counts.values()] or [1])
    with mpl.style.context(["default", STYLE]):
        figure = new_figure(0.95 + 0.27 * len(rows))
        axes = figure.subplots()
        for y, category in enumerate(rows):
            axes.axhspan(y - 0.5, y + 0.5, color=BAND[y % 2], linewidth=0, zorder=0)
            for x, voice in enumerate(columns):
                pair = [counts.get((category, voice, d), 0) for d in ("restrictive", "enabling")]
                _cell(axes, x, y, pair, most)
        for x in range(len(columns) + 1):
            axes.axvline(x - 0.5, color="#cccccc", linewidth=0.6, zorder=1)
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), list(rows.values()))
        axes.xaxis.tick_top()
        wide = max(13, 90 // len(columns))
        names = [
            textwrap.fill(n.replace("Pro-", "Pro- "), wide).replace("- ", "-")
            for n in columns.values()
        ]
        axes.set_xticks(range(len(columns)), names, fontsize=SMALL + 0.4)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        handles = [
            Patch(label="acts with restrictive steps (left)", **_bar("restrictive")),
            Patch(label="acts with enabling steps (right)", **_bar("enabling")),
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
        return figure


def _bar(direction: str) -> dict[str, Any]:
    colour = DIRECTION_COLOURS[direction]
    if direction == "restrictive":
        return {"facecolor": colour, "edgecolor": colour, "linewidth": 0.6}
    return {"facecolor": "#ffffff", "edgecolor": colour, "linewidth": 1.0, "hatch": "////"}


def _cell(axes: Axes, x: int, y: int, pair: list[int], most: int) -> None:
    """Draw the two bars of a cell with their numbers; half a cell holds the bar and its number."""
    if not any(pair):
        axes.text(x, y, "–", ha="center", va="center", fontsize=SMALL, color="#555555")
        return
    for number, direction, sign in zip(pair, ("restrictive", "enabling"), (-1, 1), strict=True):
        if not number:
            continue
        length = 0.29 * number / most
        axes.add_patch(Rectangle((x, y - 0.28), sign * length, 0.56, zorder=2, **_bar(direction)))
        axes.text(
            x + sign * (length + 0.03),
            y,
            str(number),
            ha="right" if sign < 0 else "left",
            va="center_baseline",
            fontsize=SMALL,
        )
    axes.plot([x, x], [y - 0.34, y + 0.34], color="#555555", linewidth=0.6, zorder=3)


def hits_figure(table: pd.DataFrame, parts: Mapping[str, str]) -> Figure:
    """Draw the hits of a plain search in each text, parted by why they should not be counted.

    Parameters
    ----------
    table : pandas.DataFrame
        As `ngolib.display.keywords.naive_table` gives it.
    parts : mapping of str to str
        Code to label of the parts, in the order drawn.

    Returns
    -------
    matplotlib.figure.Figure
        One bar per text; beside it the year that the name of the file gives, when the text can have
        been published, and what is left to count per thousand words.
    """
    if table.empty:
        return empty_figure("No file was searched for this selection")
    if not table["hits"].sum():
        return empty_figure("Searched, none found")
    with mpl.style.context(["default", STYLE]):
        figure = new_figure(1.0 + 0.25 * len(table))
        axes, beside = figure.subplots(1, 2, sharey=True, gridspec_kw={"width_ratios": [3, 2.3]})
        beside.set_axis_off()
        most = int(table["hits"].max())
        for y, row in enumerate(table.to_dict("records")):
            left = 0
            for part in parts:
                if row[part]:
                    axes.barh(y, row[part], left=left, height=0.66, linewidth=0.6, **PARTS[part])
                    left += row[part]
            axes.annotate(
                str(row["hits"]),
                (left, y),
                (3, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL,
            )
            rate = row["per_thousand"]
            cells = (
                row["year_of_file"],
                row["published"] or "–",
                "–" if pd.isna(rate) else f"{rate:.1f}",
            )
            for place, text in zip(PLACES, cells, strict=True):
                _beside(beside, place, y, text)
        heads = ("file\nsays", "published", "left per\n1000 words")
        for place, text in zip(PLACES, heads, strict=True):
            _beside(beside, place, -0.7, text, va="bottom", fontweight="bold")
        axes.set_yticks(range(len(table)), list(table["text"]))
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(table) - 0.5, -1.9)
        axes.set_xlim(0, most * 1.08)
        axes.spines["left"].set_bounds(-0.5, len(table) - 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("hits")
        handles = [Patch(label=parts[p], linewidth=0.6, **PARTS[p]) for p in parts]
        figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False)
        return figure


def _beside(axes: Axes, place: float, y: float, text: str, **how: Any) -> None:
    style = {"va": "center", "fontsize": SMALL, **how}
    axes.text(place, y, text, transform=axes.get_yaxis_transform(), **style)


def key_figure(key: pd.DataFrame, texts: int) -> Figure:
    """Draw the words that set a text apart by their log-likelihood.

    Parameters
    ----------
    key : pandas.DataFrame
        As `ngolib.analysis.keywords.keyness` gives it.
    texts : int
        Texts that are compared.

    Returns
    -------
    matplotlib.figure.Figure
        A line and a mark per word: filled where other texts have the word too, hollow where they
        do not; beside it in how many texts it stands, and its dispersion.
    """
    if key.empty:
        return empty_figure("No word passes the threshold in this selection")
    with mpl.style.context(["default", STYLE]):
        figure = new_figure(0.95 + 0.21 * len(key))
        axes = figure.subplots()
        for y, row in enumerate(key.itertuples()):
            alone = row.texts == 1
            axes.plot([0, row.log_likelihood], [y, y], color="#999999", linewidth=0.8, zorder=1)
            axes.plot(
                [row.log_likelihood],
                [y],
                marker="o" if alone else "s",
                color="#0b3d78",
                fillstyle="none" if alone else "full",
                markersize=5,
                linestyle="",
            )
            axes.annotate(
                f"in {row.texts} of {texts} texts, dispersion {row.dispersion:.2f}",
                (row.log_likelihood, y),
                (6, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL,
            )
        axes.set_yticks(range(len(key)), list(key["term"]))
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(key) - 0.4, -0.6)
        axes.set_xlim(0, float(key["log_likelihood"].max()) * 1.55)
        axes.set_xlabel("log-likelihood (G²)")
        return figure
