"""What the guided tour shows: the same steps as the other notebooks, on a small scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.style
import pandas as pd
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

from ngolib.display.figures import DIRECTION_COLOURS, STYLE, WIDTH
from ngolib.display.sentences import NOTHING, counted, step_date
from ngolib.objects import Finding

HATCHES = {"restrictive": "", "mixed": "////", "neutral": "....", "enabling": "\\\\\\\\"}


def opening(sentences: pd.DataFrame, n: int = 3) -> pd.DataFrame:
    """Return the first sentences of each article, with their place in the raw text."""
    head = sentences.groupby("article_id", sort=False).head(n)
    return head[["article_id", "sentence", "start", "end", "text"]].reset_index(drop=True)


def at_its_place(statements: pd.DataFrame, texts: Mapping[str, str], n: int = 5) -> pd.DataFrame:
    """Show statements, and whether each quote stands in its raw text at its offsets.

    Parameters
    ----------
    statements : pandas.DataFrame
        As `load_statements` gives them, with `source_id`.
    texts : mapping
        Source to its decoded raw text.
    n : int
        How many, at most.

    Returns
    -------
    pandas.DataFrame
        `quote, stage, direction, modality, date, verbatim` (yes or no), `evidence`.
    """
    rows = [
        {
            "quote": s.exact,
            "stage": s.stage.replace("_", " "),
            "direction": s.direction,
            "modality": s.modality,
            "date": s.date or "not dated",
            "verbatim": "yes" if texts[s.source_id][s.start : s.end] == s.exact else "no",
            "evidence": (s.statement_id,),
        }
        for s in statements.head(n).itertuples()
    ]
    columns = ["quote", "stage", "direction", "modality", "date", "verbatim", "evidence"]
    return pd.DataFrame(rows, columns=columns)


def events_table(events: pd.DataFrame) -> pd.DataFrame:
    """Return events for reading, oldest first."""
    return pd.DataFrame(
        {
            "date": [step_date(e) for e in events.itertuples()],
            "act": events["title"].to_numpy(),
            "stage": events["stage"].str.replace("_", " ").to_numpy(),
            "direction": events["direction"].to_numpy(),
            "layers": ["; ".join(layers) for layers in events["layers"]],
            "evidence": events["evidence"].to_numpy(),
        }
    )


def left_out(events: pd.DataFrame, everything: pd.DataFrame) -> pd.DataFrame:
    """Count the events used, and those that the parameters leave out."""
    total = len(everything)
    rows = [
        ("used", len(events), ""),
        (
            "left out",
            total - len(events),
            "field, period or layer not asked for, or no date",
        ),
    ]
    out = pd.DataFrame(rows, columns=["events", "n", "why"])
    out.insert(2, "share", [f"{n / max(total, 1):.0%}" for n in out["n"]])
    return out


def by_direction(
    events: pd.DataFrame, country: str, label: str, layer: str, *, headline: bool = False
) -> Finding:
    """Say how many acts of a field have a documented step, by direction."""
    acts = events.drop_duplicates("process_id")
    value = {str(k): int(v) for k, v in acts["direction"].value_counts().items()}
    parts = ", ".join(f"{n} {direction}" for direction, n in value.items())
    text = f"{country}, {label.lower()}: {counted(len(acts), 'act')} with a documented step" + (
        f" ({parts}, by the direction of the first such step)." if value else "."
    )
    evidence = [i for ids in events["evidence"] for i in ids]
    return Finding(
        "acts", text, value, evidence, layer=layer, no_evidence=NOTHING, headline=headline
    )


def per_year(events: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """Count acts by the year of their first dated step and its direction.

    Returns
    -------
    pandas.DataFrame
        `year` (each from start to end), `restrictive, mixed, neutral, enabling` (acts).
    """
    dated = events[events["date_start"].notna()].sort_values("date_start")
    first = dated.drop_duplicates("process_id")
    counts = (
        first.groupby([first["date_start"].dt.year, "direction"]).size().unstack(fill_value=0)
        if len(first)
        else pd.DataFrame()
    )
    return (
        counts.reindex(index=range(start, end + 1), columns=list(DIRECTION_COLOURS), fill_value=0)
        .astype(int)
        .rename_axis(index="year", columns=None)
        .reset_index()
    )


def statements_per_year(
    statements: pd.DataFrame, articles: pd.DataFrame, start: int, end: int
) -> pd.DataFrame:
    """Count coded statements by the year in which their article appeared, and articles per year.

    Returns
    -------
    pandas.DataFrame
        `year, statements, articles`. The year of an article that is known only as a span is that of
        its first possible day.
    """
    year_of = articles.set_index("article_id")["published_start"].str[:4]
    years = range(start, end + 1)
    said = statements["article_id"].map(year_of).value_counts()
    told = year_of.value_counts()
    return pd.DataFrame(
        {
            "year": list(years),
            "statements": [int(said.get(str(y), 0)) for y in years],
            "articles": [int(told.get(str(y), 0)) for y in years],
        }
    )


def caught(table: pd.DataFrame) -> Finding:
    """Say what is wrong with reading statements per year as a trend."""
    without = table[table["articles"] == 0]
    some = table[table["articles"] > 0]
    said = counted(int(table["statements"].sum()), "statement")
    text = (
        f"{said} from articles of {counted(len(some), 'year')}; the other "
        f"{counted(len(without), 'year')} have none, because no article of these years is in the "
        f"collection. The bars count what was read and not what was done."
    )
    value = {"years_with_articles": [int(y) for y in some["year"]], "without": len(without)}
    return Finding(
        "wrong-chart",
        text,
        value,
        layer="corpus",
        no_evidence="it counts all statements by article",
    )


def bars(table: pd.DataFrame, columns: Sequence[str], unit: str) -> Drawing:
    """Draw counts per year as stacked bars, told apart in grey by their hatching."""
    with mpl.style.context(["default", STYLE]):
        figure = Drawing(figsize=(WIDTH, 2.4), layout="constrained")
        axes = figure.subplots()
        bottom = pd.Series(0, index=table.index)
        for column in columns:
            axes.bar(
                table["year"],
                table[column],
                bottom=bottom,
                color=DIRECTION_COLOURS.get(column, "#444444"),
                hatch=HATCHES.get(column, ""),
                edgecolor="white",
                linewidth=0.4,
                label=column,
            )
            bottom = bottom + table[column]
        axes.set_ylabel(unit)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlim(table["year"].min() - 0.7, table["year"].max() + 0.7)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if len(columns) > 1:
            axes.legend(ncols=len(columns), frameon=False, loc="lower left", bbox_to_anchor=(0, 1))
        return figure


def alt_of_bars(table: pd.DataFrame, columns: Sequence[str], unit: str) -> str:
    """Describe the bars in words, with the highest."""
    total = table[list(columns)].sum(axis=1)
    if not total.sum():
        return f"Bars per year: 0 {unit} in {len(table)} years; nothing is documented."
    top = table.loc[total.idxmax(), "year"]
    return (
        f"Bars per year, {table['year'].min()} to {table['year'].max()}: {total.sum()} {unit} in "
        f"all, most in {top} ({total.max()})."
    )
