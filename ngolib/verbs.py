"""The verbs of the notebooks: small steps from a table to a table, chained with `pipe`.

They know three conventions of our tables: a cell may hold several codes (a tuple); a day is a span,
`date_start` to `date_end`, known to `precision`; `evidence` holds the ids that a row rests on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

import pandas as pd
from pandas.api.types import is_list_like, is_scalar

from ngolib.errors import ParameterError, check_known, unknown
from ngolib.evidence.dates import of_years
from ngolib.evidence.tables import RESTRICTS as RESTRICTS  # for the notebooks
from ngolib.evidence.tables import check_codes, together, with_any
from ngolib.project import Project

# Columns whose vocabulary has another name.
VOCABULARY = {"categories": "category", "layers": "layer"}
FORMS = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
DIRECTIONS = ["restrictive", "mixed", "neutral", "enabling"]
ENDS = ("earliest", "latest")
_KINDS = {"O": "a code", "b": "True or False", "M": "a Timestamp"}  # of columns; else of numbers
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
NUMBERS += ["eleven", "twelve"]


def keep(table: pd.DataFrame, **codes: Any) -> pd.DataFrame:
    """Keep rows that have, in each column named, at least one of the codes; none asked = all.

    A cell may be a tuple of codes. A `ParameterError` names a column, or a code of the codebook,
    that is not known, and the nearest known one; of names and ids nobody knows which there are.

    Examples
    --------
    >>> laws = ngolib.load_events(countries=["KAZ"]).pipe(keep, stage=["signed", "adopted"])
    >>> sorted(laws["stage"].unique())
    ['adopted', 'signed']
    """
    for column, wanted in codes.items():
        check_known(ParameterError, "column", column, table.columns)
        wanted = list(wanted) if is_list_like(wanted) else [wanted] * (wanted is not None)
        codes = Project.find().vocabularies.get(VOCABULARY.get(column, column))
        dtype = table[column].dtype  # objects may be anything: tuples of codes, gaps
        known = (True, False) if dtype.kind == "b" else codes
        kind = _KINDS.get(dtype.kind, "a number")
        for code in wanted:
            other = isinstance(code, str) != (kind == "a code") and dtype.name != "object"
            if other or not is_scalar(code) or pd.isna(code):
                raise ParameterError(f"{column}: found {code!r}; allowed: {kind}")
            check_known(ParameterError, column, code, known or [code])
        if wanted:
            table = table[with_any(table[column], wanted)]
    return table


def between(table: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """Keep rows whose days may lie in a period of years; rows without a beginning fall out."""
    first, last = of_years(start, end)
    return table[~(table["date_end"] < first) & (table["date_start"] <= last)]


def related(table: pd.DataFrame, *kinds: str) -> pd.DataFrame:
    """Keep rows that stand in a relation (`applies`, `replaces` …); `other` is the act named."""
    check_codes("relation", kinds, words("relation"))
    other = table["relation"].map(
        lambda cell: [part.split(": ")[1] for part in cell if part.split(": ")[0] in kinds]
    )
    return table.assign(other=other).explode("other").dropna(subset="other")


def by_act(steps: pd.DataFrame) -> pd.DataFrame:
    """Gather the steps of each act into one row, in the order of the steps.

    The columns are `process_id, first_step, act, law, steps` (words), `stages` (tuple),
    `never_in_force, evidence`.
    """
    told = steps.assign(first_step=when(steps), step=stage(steps) + " " + when(steps))
    return told.groupby("process_id", sort=False, as_index=False).agg(
        first_step=("first_step", "first"),
        act=("title", "first"),
        law=("law", "first"),
        steps=("step", ", ".join),
        stages=("stage", tuple),
        never_in_force=("never_in_force", "any"),
        evidence=("evidence", together),
    )


def per_year(steps: pd.DataFrame, start: int, end: int) -> pd.DataFrame:
    """Count acts by the year of their first step in the table and by its direction.

    The index is `year`, also those without acts; each of the four directions has a column. Acts
    whose step has no date, or another year, fall out.
    """
    of_years(start, end)
    first = steps.sort_values("date_start").drop_duplicates("process_id")
    counts = pd.crosstab(first["date_start"].dt.year, first["direction"])
    years = pd.RangeIndex(start, end + 1, name="year")
    return counts.reindex(index=years, columns=DIRECTIONS, fill_value=0).rename_axis(columns=None)


def _reached(steps: pd.DataFrame, stations: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Say in which span each act first reached each station: between the earliest of its days."""
    of_stage = {code: name for name, codes in stations.items() for code in codes}
    own = steps.assign(station=steps["stage"].map(of_stage)).dropna(subset="station")
    own = own.pipe(keep, scheduled=False).sort_values("date_start")
    return own.groupby(["process_id", "station"]).agg(
        title=("title", "first"),
        first=("date_start", "min"),
        last=("date_end", "min"),
        evidence=("evidence", "first"),
    )


def _gaps(begin: pd.DataFrame, stop: pd.DataFrame) -> pd.DataFrame:
    """Measure the days from one span to another, row by row of a common index."""
    both = begin.add_suffix("_a").join(stop.add_suffix("_b"), how="inner")
    least = (both["first_b"] - both["last_a"]).dt.days
    most = (both["last_b"] - both["first_a"]).dt.days
    least, middle = (d.clip(lower=0).where(~(most < 0), d) for d in (least, (least + most) / 2))
    found = {"title": both["title_a"], "least": least, "middle": middle, "most": most}
    cells = zip(both["evidence_a"], both["evidence_b"], strict=True)
    return pd.DataFrame(found).assign(evidence=[together(cell) for cell in cells])


def durations(steps: pd.DataFrame, stations: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Measure how long acts took from station to station, each a name for one or more stages.

    The first of several steps lies between the earliest of their first and of their last days;
    steps only scheduled fall out. With a beginning in [a, b] and an end in [c, d] the days lie in
    [max(0, c - b), d - a]; an order contrary to the dates (d < a) stays, with a negative `most`.
    The columns are `process_id, title, least, middle, most` (days; missing where a date is),
    `evidence, from, to`.
    """
    codes = {name: [own] if isinstance(own, str) else [*own] for name, own in stations.items()}
    known = {*words("stage"), "applied", *steps["stage"]}  # that an act was applied is no stage
    each = [code for own in codes.values() for code in dict.fromkeys(own)]
    check_codes("stage", each, known)
    if twice := [code for code in each if each.count(code) > 1]:
        raise ParameterError(f"stations: stage {twice[0]!r} stands in two of them; allowed: in one")
    if len(stations) < 2:
        raise ParameterError(f"stations: found {len(stations)}; allowed: two or more")
    own = _reached(steps, codes)
    at = {name: own.xs(name, level="station") for name in own.index.unique("station")}
    nowhere = own.iloc[:0].droplevel("station")
    gaps = ((a, b, _gaps(at.get(a, nowhere), at.get(b, nowhere))) for a, b in pairwise(stations))
    return pd.concat([own.assign(**{"from": a, "to": b}) for a, b, own in gaps]).reset_index()


def when(rows: pd.DataFrame) -> pd.Series:
    """Write each row's date as far as it is known: `2016-07-26`, `2016-07`, `undated`."""
    first, last = (pd.to_datetime(rows[end]).dt for end in ("date_start", "date_end"))
    told = first.strftime("%Y-%m-%d") + last.strftime("/%Y-%m-%d")
    for precision, form in FORMS.items():
        told = told.mask(rows["precision"] == precision, first.strftime(form))
    return told.where(rows["date_start"].notna(), "undated").astype("str")


def stage(rows: pd.DataFrame) -> pd.Series:
    """Write each row's stage in words."""
    plain = rows["stage"].str.replace("_", " ")
    return plain.where(~rows["scheduled"].astype(bool), plain + " (scheduled)")


def day(date: Any) -> str:
    """Write a day for a sentence."""
    return f"{date.day} {date:%B %Y}"


def at_end(year: int) -> str:
    """Say when a year is read: at its end, or as far as the register goes."""
    closing = Project.find().closing_day
    return f"at the end of {year}" if year < closing.year else f"on {day(closing)}"


def since(rules: pd.DataFrame) -> pd.Series:
    """Write since when each rule is in force, as far as that is known, for a sentence.

    As `since 11 October 2016`, `since 2016`, `since 2015 or 2016`, `since an unknown day`; of one
    that carries over an older rule also `(in earlier laws since …)`.
    """
    starts = rules["from_earliest"], rules["from_latest"]
    told = pd.Series([f"since {day_in(*span)}" for span in zip(*starts, strict=True)], rules.index)
    # A table of other spans has no older rules.
    first, last = (rules.get(f"first_{end}", s) for end, s in zip(ENDS, starts, strict=True))
    older = [f" (in earlier laws since {day_in(*span)})" for span in zip(first, last, strict=True)]
    return (told + pd.Series(older, rules.index).where(last < starts[0], "")).astype("str")


def day_in(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Write a day that lies in a span as far as it is known."""
    if pd.isna(first):
        return "an unknown day"
    if first == last:
        return day(first)
    if last.year > first.year + 1:
        return f"some day of {first.year}–{last.year}"
    if first.year != last.year:
        return f"{first.year} or {last.year}"
    return f"{first:%B %Y}" if first.month == last.month else str(first.year)


def named(column: str) -> Callable[[pd.DataFrame], pd.Series]:
    """Return what writes a column of codes as the codebook names them, for `assign`."""
    labels = Project.find().vocabulary(VOCABULARY.get(column, column))

    def write(cell: Any) -> str:
        return ", ".join(labels[c] for c in cell) if isinstance(cell, tuple) else labels[cell]

    return lambda rows: rows[column].map(write)


def words(vocabulary: str, code: str | None = None, kind: str | None = None) -> Any:
    """Return the labels of a vocabulary by their codes, or the label of one code."""
    labels = Project.find().vocabulary(vocabulary, kind)
    if code not in (None, *labels):
        raise ParameterError(unknown(vocabulary, code, labels))
    return labels if code is None else labels[code]


def strict(rules: pd.DataFrame, project: Project | None = None) -> pd.Series:
    """Write how strict each rule is: its level's name in the field's ladder, and the figure."""
    ladders = (project or Project.find()).read_table("ladders").set_index(["category", "rung"])
    ladders = ladders["label"].str[:1].str.lower() + ladders["label"].str[1:]
    cells = zip(rules["category"], rules["rung"], strict=True)
    told = ["" if pd.isna(r) else f"{ladders[c, r]} ({r})" for c, r in cells]
    return pd.Series(told, rules.index, dtype="str")


def penalty(rules: pd.DataFrame) -> pd.Series:
    """Write what a breach of each rule brings: the heaviest penalty, else the kinds of it."""
    kinds = named("consequence")(rules).str.lower().replace("none stated", "no penalty stated")
    return rules["max_penalty"].where(rules["max_penalty"] != "", kinds)


def place(rules: pd.DataFrame) -> pd.Series:
    """Write where each rule stands: the law, and its article where that is known."""
    return rules["law"] + rules["article"].where(rules["article"] == "", ", " + rules["article"])


def told(rules: pd.DataFrame) -> pd.Series:
    """Write each rule in words: level, rule, place, since when, penalty."""
    head = (strict(rules) + ": ").replace(": ", "")
    words = head + rules["short"] + " (" + place(rules) + "), " + since(rules)
    return words + "; " + penalty(rules)


def listed(names: Iterable[Any] | pd.Series) -> str:
    """Join names for a sentence: `a, b and c`; of counts, `2 a and 1 b`; `none` for no name."""
    if isinstance(names, pd.Series):
        names = [f"{n} {str(name).replace('_', ' ')}" for name, n in names.items()]
    told = [str(name) for name in names]
    return " and ".join(filter(None, [", ".join(told[:-1]), *told[-1:]])) or "none"


def fitting(wordings: Sequence[str], letters: int) -> str:
    """Return the first of several wordings that has at most so many letters, else the last."""
    return next((text for text in wordings if len(text) <= letters), wordings[-1])


def years(start: int, end: int) -> str:
    """Write a period in years, one year as itself."""
    return str(start) if start == end else f"{start}–{end}"


def spells(found: Iterable[int]) -> str:
    """Write years for a sentence, those that follow each other as a period."""
    # Years that follow each other lie equally far from their places in the list.
    runs = groupby(enumerate(sorted({*found})), lambda pair: pair[1] - pair[0])
    ends = [[year for _, year in run] for _, run in runs]
    return listed(years(run[0], run[-1]) for run in ends)


def many(number: float, noun: str, plural: str = "", *, spelt: bool = False) -> str:
    """Return a number with its noun in the right form; `spelt` writes small numbers as words."""
    small = spelt and number in range(len(NUMBERS))
    figure = NUMBERS[int(number)] if small else f"{number:,.15g}"
    return f"{figure} {noun if number == 1 else plural or noun + 's'}"


def about(row: pd.Series, noun: str = "") -> str:
    """Write a number known as an interval: `50 (24 to 66)`; with a noun, as in a sentence."""
    if pd.isna(row["middle"]):
        return "none"
    least, middle, most = (round(float(row[c])) for c in ("least", "middle", "most"))
    if noun:
        known = f" (between {least:,} and {most:,}, as far as dates are known)"
        return many(middle, noun) + (known if most > least else "")
    return f"{middle:,}" if least == most else f"{middle:,} ({least:,} to {most:,})"


def interval(rows: pd.DataFrame) -> pd.Series:
    """Write intervals of days: `5`, `5 to 7`, `a step has no date`, `contrary order`."""
    known = rows["most"].notna()
    least, most = (rows[c].where(known, 0).astype(int).astype(str) for c in ("least", "most"))
    out = most.where(least == most, least + " to " + most)
    return out.mask(rows["most"] < 0, "contrary order").where(known, "a step has no date")


def vary(
    choices: Mapping[str, Mapping[str, Any]], analyse: Callable[..., Mapping[str, Any]]
) -> pd.DataFrame:
    """Do an analysis again under other choices: a row each, `choice` first."""
    return pd.DataFrame([{"choice": name, **analyse(**given)} for name, given in choices.items()])
