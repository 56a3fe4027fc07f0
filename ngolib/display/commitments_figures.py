"""The figure of commitments: strips of years by treaty and country."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.style
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from ngolib.display.figures import RUNG_COLOURS, STYLE, new_figure

# Fill, hatch and colour of the words: order in lightness, so that grey print keeps it.
LOOK: dict[str, tuple[str, str | None, str]] = {
    "party": (RUNG_COLOURS[4], None, "#ffffff"),
    "signed": (RUNG_COLOURS[1], None, "#111111"),
    "undated": ("#ffffff", "////", "#111111"),
    "none": ("#ffffff", None, "#444444"),
    "unknown": ("#ffffff", None, "#444444"),
}
POINT_SIZE = 6.5
# Room that a label such as "R 2006" needs, as a share of the width of the axes.
NEED = 0.085


def strips_figure(
    strips: pd.DataFrame,
    printed: Mapping[tuple[str, str], str],
    treaties: Mapping[str, str],
    countries: Mapping[str, str],
    start: int,
    end: int,
) -> Figure:
    """Draw what each state did about each treaty, and at the right edge what the text prints.

    Parameters
    ----------
    strips : pandas.DataFrame
        As `ngolib.display.commitments.strips` gives them.
    printed : mapping
        Treaty and country to the mark of what the text prints.
    treaties, countries : mapping of str to str
        Code to name, in the order drawn.
    start, end : int
        First and last year.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    with mpl.style.context(["default", STYLE]):
        per = max(len(countries), 1)
        figure = new_figure(1.3 + len(treaties) * (0.17 * per + 0.14))
        axes = figure.subplots()
        left, right = pd.Timestamp(start, 1, 1), pd.Timestamp(end + 1, 1, 1)
        axes.set_xlim(left, right)
        ticks, labels = [], []
        for block, (code, name) in enumerate(treaties.items()):
            for n, (country, place) in enumerate(countries.items()):
                y = -(block * (per + 0.75) + n)
                own = strips[(strips["treaty"] == code) & (strips["country"] == country)]
                _strip(axes, own.to_dict("records"), y, right - left)
                axes.annotate(
                    printed.get((code, country), "–"),
                    (1.015, y),
                    xycoords=("axes fraction", "data"),
                    va="center",
                    fontsize=POINT_SIZE,
                    annotation_clip=False,
                )
                ticks.append(y)
                labels.append(place)
            axes.annotate(
                f"{code}\n{name}",
                (-0.15, -(block * (per + 0.75) + (per - 1) / 2)),
                xycoords=("axes fraction", "data"),
                ha="right",
                va="center",
                fontsize=POINT_SIZE + 0.5,
                fontweight="bold",
                annotation_clip=False,
            )
        axes.annotate(
            "printed\nin the text",
            (1.015, 0.9),
            xycoords=("axes fraction", "data"),
            va="bottom",
            fontsize=POINT_SIZE,
            annotation_clip=False,
        )
        axes.set_yticks(ticks, labels, fontsize=POINT_SIZE + 0.5)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(-(max(len(treaties), 1) * (per + 0.75) - 0.75), 0.8)
        axes.spines["left"].set_visible(False)
        _years(axes, start, end)
        figure.legend(
            handles=_handles(), loc="outside lower center", ncols=3, frameon=False, handlelength=1.4
        )
        return figure


def _years(axes: Axes, start: int, end: int) -> None:
    step = 5 if end - start > 11 else 1
    years = [y for y in range(start, end + 1) if y % step == 0]
    axes.set_xticks([pd.Timestamp(y, 1, 1) for y in years], [str(y) for y in years])


def _strip(axes: Axes, spans: Sequence[Mapping[str, Any]], y: float, whole: pd.Timedelta) -> None:
    """Draw the spans of one row; a label that finds no room in its span stands before it."""
    taken = axes.get_xlim()[0]
    for span in spans:
        face, hatch, ink = LOOK[span["state"]]
        hatch = hatch if span["sure"] else "////"
        begin, finish = (date2num(span[k]) for k in ("begin", "finish"))
        finish += 1
        axes.add_patch(
            Rectangle(
                (begin, y - 0.42),
                finish - begin,
                0.84,
                facecolor=face if span["sure"] else "#ffffff",
                edgecolor="#999999" if span["state"] != "party" else face,
                hatch=hatch,
                linewidth=0.4,
                linestyle=":" if span["state"] == "unknown" else "-",
            )
        )
        if not span["label"]:
            continue
        words = ("‹ " if span["earlier"] else "") + span["label"]
        need = NEED * whole.days * len(words) / len("R 2006")
        pad = 0.008 * whole.days
        plate = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.6}
        style: dict[str, Any] = {"va": "center", "fontsize": POINT_SIZE}
        if finish - begin >= need:
            if not span["sure"]:
                style["bbox"] = plate
            axes.text(begin + pad, y, words, color=ink, **style)
            taken = begin + need
        elif begin - taken >= need:
            axes.text(begin - pad, y, words, ha="right", color="#111111", bbox=plate, **style)
            taken = begin


def _handles() -> list[Patch]:
    party, signed, _, _, _ = (LOOK[k][0] for k in LOOK)
    edge: dict[str, Any] = {"edgecolor": "#777777", "linewidth": 0.4}
    return [
        Patch(facecolor=party, label="party (A acceded, R ratified)", **edge),
        Patch(facecolor=signed, label="signed only (S)", **edge),
        Patch(facecolor="#ffffff", hatch="////", label="day not known within the span", **edge),
        Patch(facecolor="#ffffff", label="neither signed nor party", **edge),
        Patch(facecolor="#ffffff", linestyle=":", label="not documented", **edge),
    ]
