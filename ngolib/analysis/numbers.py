"""Numbers: what each counts, whether sums hold, and why the counts are not one series."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

MONEY = ("KZT", "USD", "RUB", "tenge", "US dollars", "roubles")
# Series whose things are, by their names, among the things of another series.
PART_OF = {"ngo_active": "ngo_registered", "ngo_total": "nco_total", "cso_active": "cso_registered"}
PART = "_part"
# Two counts further apart than this are not set against each other.
NEAR = pd.Timedelta(days=366)

CHECK_COLUMNS = [
    "check",
    "kind",
    "layer",
    "low",
    "middle",
    "high",
    "stated_low",
    "stated",
    "stated_high",
    "verdict",
    "note",
    "evidence",
]


@dataclass(frozen=True)
class Check:
    """A sum that a text lets its reader do again.

    Parameters
    ----------
    name : str
        What is checked, in words.
    kind : str
        `times` (last divided by first, against the factor stated) or `exchange` (one sum in two
        currencies, against another sum in both).
    ids : tuple of str
        Numbers used: of `times` first, last and factor; of `exchange` sum, the same in the other
        currency, and the like of the second sum.
    factor : str, optional
        Where the factor is said in words only: its words, found in the snippet of a count used.
    factor_value : float, optional
        The factor that these words mean.
    """

    name: str
    kind: str
    ids: tuple[str, ...]
    factor: str = ""
    factor_value: float = math.nan


# The sums in the five texts, and those that the register's snippets state in words.
CHECKS = (
    Check(
        "growth of the number of NGOs since the early 1990s",
        "times",
        (
            "modern-diplomacy-2021.4-n01",
            "modern-diplomacy-2021.4-n03",
            "modern-diplomacy-2021.4-n02",
        ),
    ),
    Check(
        "grants in tenge and in dollars: both sums at one rate of exchange",
        "exchange",
        (
            "modern-diplomacy-2021.4-n04",
            "modern-diplomacy-2021.4-n05",
            "modern-diplomacy-2021.4-n06",
            "modern-diplomacy-2021.4-n07",
        ),
    ),
    Check(
        "growth of the number of NGOs in Uzbekistan",
        "times",
        ("count-UZB-ngo-total-2009-5103", "count-UZB-ngo-total-2018-to-2019-9338"),
        "almost doubled",
        2,
    ),
)


def rounded(value: float, value_high: float | None, qualifier: str) -> tuple[float, float]:
    """Return the span of numbers that a printed number can stand for.

    A printed number is taken as rounded to its last digit that is not zero: 305.4 million is
    305.35 to 305.45 million. A lower bound ("over 4.3 million") is read as up to the next such
    digit, an upper bound as down to the one before. A convention for checking sums, not a claim
    about the number.

    Parameters
    ----------
    value : float
        The number, or the lower bound of a range.
    value_high : float or None
        Upper bound of a range.
    qualifier : str
        `exact`, `about`, `at_least` or `over`, `at_most` or `under`.

    Returns
    -------
    (float, float)
        Lowest and highest.

    Examples
    --------
    >>> from ngolib.analysis.numbers import rounded
    >>> rounded(1200, None, "about")
    (1150.0, 1250.0)
    """
    if value_high is not None and not math.isnan(value_high):
        return value, value_high
    step = _last_digit(value)
    if qualifier in ("at_least", "over"):
        return value, value + step
    if qualifier in ("at_most", "under"):
        return max(value - step, 0.0), value
    return max(value - step / 2, 0.0), value + step / 2


def _last_digit(value: float) -> float:
    """Return the worth of one unit of the last digit that is not zero."""
    if not value:
        return 0.0
    text = f"{value:f}".rstrip("0")
    whole, _, fraction = text.partition(".")
    if fraction:
        return 10.0 ** -len(fraction)
    return 10.0 ** (len(whole) - len(whole.rstrip("0")))


def with_spans(rows: pd.DataFrame) -> pd.DataFrame:
    """Add `number, low, high` to numbers or counts.

    Parameters
    ----------
    rows : pandas.DataFrame
        With `value, qualifier` and perhaps `value_high`.

    Returns
    -------
    pandas.DataFrame
        `number` is the value as a float; `low, high` as `rounded` gives them.
    """
    number = pd.to_numeric(rows["value"]).astype(float)
    high = (
        pd.to_numeric(rows["value_high"].replace("", None)).astype(float)
        if "value_high" in rows
        else pd.Series(math.nan, index=rows.index)
    )
    spans = [rounded(v, h, q) for v, h, q in zip(number, high, rows["qualifier"], strict=True)]
    return rows.assign(
        number=number,
        low=pd.Series([a for a, _ in spans], index=rows.index, dtype=float),
        high=pd.Series([b for _, b in spans], index=rows.index, dtype=float),
    )


Row = Mapping[str, float]


def _divided(a: Row, b: Row) -> tuple[float, float, float]:
    """Divide one number by another, as a span: lowest, as printed, highest."""
    if not b["low"] or not b["number"]:
        return math.nan, math.nan, math.nan
    return a["low"] / b["high"], a["number"] / b["number"], a["high"] / b["low"]


def _verdict(own: tuple[float, float, float], stated: tuple[float, float, float]) -> str:
    if math.isnan(own[0]) or math.isnan(stated[0]):
        return "cannot be told"
    return "agrees" if own[0] <= stated[2] and stated[0] <= own[2] else "differs"


def redo(
    numbers: pd.DataFrame, counts: pd.DataFrame, checks: Sequence[Check] = CHECKS
) -> pd.DataFrame:
    """Do the sums again that texts and snippets state.

    Parameters
    ----------
    numbers : pandas.DataFrame
        Numeric claims (`number_id`), as `with_spans` gives them.
    counts : pandas.DataFrame
        Counts (`count_id`), as `with_spans` gives them.
    checks : sequence of Check
        Sums to do; one whose numbers are not all there is left out.

    Returns
    -------
    pandas.DataFrame
        `check` (what is checked), `kind`, `layer`, `low, middle, high` (the result: lowest, as
        printed, highest), `stated_low, stated, stated_high` (what it is set against), `verdict`
        (`agrees`: the spans touch; `differs`; `cannot be told`), `note`, `evidence` (the rows
        used). First the given checks; then, from the counts, parts that must add up to their
        whole (series whose name ends in `_part`) and parts that cannot be more than their whole
        (`PART_OF`), for counts of one country at most a year apart.
    """
    claimed = numbers.set_index("number_id")[["number", "low", "high"]]
    found = counts.set_index("count_id")[["number", "low", "high"]]
    known = {str(i): row for i, row in [*claimed.iterrows(), *found.iterrows()]}
    rows = []
    for check in checks:
        if all(i in known for i in check.ids):
            layer = "register" if check.ids[0] in found.index else "corpus"
            rows.append(_one(check, [known[i] for i in check.ids], layer))
    rows += _sums(counts) + _parts(counts)
    return pd.DataFrame(rows, columns=CHECK_COLUMNS)


def _one(check: Check, rows: Sequence[Row], layer: str) -> tuple:
    if check.kind == "times":
        own = _divided(rows[1], rows[0])
        if check.factor:
            low, high = rounded(check.factor_value, None, "about")
            stated = low, check.factor_value, high
            note = f"the factor is said in words: “{check.factor}”"
        else:
            stated = rows[2]["low"], rows[2]["number"], rows[2]["high"]
            note = ""
    else:
        own, stated = _divided(rows[0], rows[1]), _divided(rows[2], rows[3])
        note = "units of one currency for one of the other, from either sum"
    return (check.name, check.kind, layer, *own, *stated, _verdict(own, stated), note, check.ids)


def _sums(counts: pd.DataFrame) -> list[tuple]:
    rows = []
    parts = counts[counts["series"].str.endswith(PART)]
    for (country, series, date), own in parts.groupby(["country", "series", "date"], sort=False):
        whole = counts[
            (counts["country"] == country)
            & (counts["series"] == str(series).removesuffix(PART))
            & (counts["date"] == date)
        ]
        for one in whole.itertuples():
            total = float(own["number"].sum())
            rows.append(
                (
                    f"{str(series).removesuffix(PART).replace('_', ' ')}, {country}, {date}: "
                    f"{len(own)} parts and their whole",
                    "sum",
                    "register",
                    total,
                    total,
                    total,
                    one.number,
                    one.number,
                    one.number,
                    "agrees" if total == one.number else "differs",
                    "",
                    (*own["count_id"], one.count_id),
                )
            )
    return rows


def _parts(counts: pd.DataFrame) -> list[tuple]:
    rows = []
    for part, whole in PART_OF.items():
        for a in counts[counts["series"] == part].itertuples():
            others = counts[(counts["series"] == whole) & (counts["country"] == a.country)]
            for b in others.itertuples():
                apart = max(a.date_start - b.date_end, b.date_start - a.date_end)
                if apart > NEAR:
                    continue
                rows.append(
                    (
                        f"{part.replace('_', ' ')} ({a.date}) not more than "
                        f"{whole.replace('_', ' ')} ({b.date}), {a.country}",
                        "part",
                        "register",
                        a.low,
                        a.number,
                        a.high,
                        0.0,
                        b.number,
                        b.high,
                        "agrees" if a.low <= b.high else "differs",
                        "" if apart <= pd.Timedelta(0) else "not of the same time",
                        (a.count_id, b.count_id),
                    )
                )
    return rows


def growth(
    counts: pd.DataFrame, unit: str, first: tuple[int, int], last: tuple[int, int]
) -> pd.DataFrame:
    """Divide every later count by every earlier one: the growth that each pair would give.

    Parameters
    ----------
    counts : pandas.DataFrame
        As `with_spans` gives them.
    unit : str
        Unit that both must have.
    first, last : tuple of int
        Years from and to which an earlier and a later count must touch.

    Returns
    -------
    pandas.DataFrame
        `country, first_series, first_date, first_value, last_series, last_date, last_value,
        factor, same_series, evidence`; the smallest factor first.
    """
    rows = []
    own = counts[counts["unit"] == unit]
    for a in own[_touches(own, *first)].itertuples():
        later = own[_touches(own, *last) & (own["country"] == a.country)]
        for b in later[later["date_start"] > a.date_end].itertuples():
            rows.append(
                (
                    a.country,
                    a.series,
                    a.date,
                    a.number,
                    b.series,
                    b.date,
                    b.number,
                    b.number / a.number,
                    a.series == b.series,
                    (a.count_id, b.count_id),
                )
            )
    columns = [
        "country",
        "first_series",
        "first_date",
        "first_value",
        "last_series",
        "last_date",
        "last_value",
        "factor",
        "same_series",
        "evidence",
    ]
    out = pd.DataFrame(rows, columns=columns)
    return out.sort_values(["country", "factor"], kind="stable").reset_index(drop=True)


def _touches(rows: pd.DataFrame, first: int, last: int) -> pd.Series:
    return (rows["date_start"].dt.year <= last) & (rows["date_end"].dt.year >= first)


def series_table(counts: pd.DataFrame) -> pd.DataFrame:
    """Describe each series: how many counts, of what, in which unit, between which years.

    Returns
    -------
    pandas.DataFrame
        `country, series, counts, units, definitions` (distinct descriptions of what is counted),
        `first_year, last_year, lowest, highest` (value), `on_texts` (counts that rest on a source
        text of this collection), `evidence`; in the order of `counts`.
    """
    rows = []
    for (country, series), own in counts.groupby(["country", "series"], sort=False):
        rows.append(
            (
                country,
                series,
                len(own),
                tuple(dict.fromkeys(own["unit"])),
                tuple(dict.fromkeys(own["what"])),
                int(own["date_start"].dt.year.min()),
                int(own["date_end"].dt.year.max()),
                int(own["value"].min()),
                int(own["value"].max()),
                int(own["source_ids"].map(len).gt(0).sum()),
                tuple(own["count_id"]),
            )
        )
    columns = [
        "country",
        "series",
        "counts",
        "units",
        "definitions",
        "first_year",
        "last_year",
        "lowest",
        "highest",
        "on_texts",
        "evidence",
    ]
    return pd.DataFrame(rows, columns=columns)


def as_one_line(counts: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Do what should not be done: join the counts of a country by date into one line.

    Parameters
    ----------
    counts : pandas.DataFrame
        Counts with `number` and spans of days.
    unit : str
        Unit of the counts that are joined.

    Returns
    -------
    pandas.DataFrame
        One row per count after the first of its country: `country, from_series, from_date,
        from_value, to_series, to_date, to_value, change` (share by which the line would rise or
        fall), `same_series, evidence`; by country and the middle of the span.
    """
    own = counts[counts["unit"] == unit]
    middle = own["date_start"] + (own["date_end"] - own["date_start"]) / 2
    rows = []
    for _, line in own.assign(middle=middle).groupby("country", sort=False):
        line = line.sort_values(["middle", "series", "value"], kind="stable")
        pairs = zip(line.iloc[:-1].itertuples(), line.iloc[1:].itertuples(), strict=True)
        for a, b in pairs:
            rows.append(
                (
                    a.country,
                    a.series,
                    a.date,
                    a.number,
                    b.series,
                    b.date,
                    b.number,
                    b.number / a.number - 1,
                    a.series == b.series,
                    (a.count_id, b.count_id),
                )
            )
    columns = [
        "country",
        "from_series",
        "from_date",
        "from_value",
        "to_series",
        "to_date",
        "to_value",
        "change",
        "same_series",
        "evidence",
    ]
    return pd.DataFrame(rows, columns=columns)


def same_time(counts: pd.DataFrame) -> pd.DataFrame:
    """Pair counts of one country and unit that may hold for one day, and differ.

    Returns
    -------
    pandas.DataFrame
        `country, unit, series_a, what_a, date_a, value_a, series_b, what_b, date_b, value_b, ratio`
        (the larger by the smaller), `same_series, evidence`; the largest ratio first. Parts of a
        whole (series that end in `_part`) are not paired.
    """
    rows = []
    own = counts[~counts["series"].str.endswith(PART)]
    for _, group in own.groupby(["country", "unit"], sort=False):
        listed = list(group.itertuples())
        for n, a in enumerate(listed):
            for b in listed[n + 1 :]:
                if a.date_start <= b.date_end and b.date_start <= a.date_end and a.value != b.value:
                    low, high = sorted((a.number, b.number))
                    rows.append(
                        (
                            a.country,
                            a.unit,
                            *(a.series, a.what, a.date, a.value),
                            *(b.series, b.what, b.date, b.value),
                            high / low if low else math.inf,
                            a.series == b.series,
                            (a.count_id, b.count_id),
                        )
                    )
    columns = [
        "country",
        "unit",
        *(f"{c}_{s}" for s in "ab" for c in ("series", "what", "date", "value")),
        "ratio",
        "same_series",
        "evidence",
    ]
    out = pd.DataFrame(rows, columns=columns)
    return out.sort_values("ratio", ascending=False, kind="stable").reset_index(drop=True)


def doubts_of(numbers: pd.DataFrame, doubts: pd.DataFrame) -> dict[str, list[str]]:
    """Find the doubts whose quote shares characters with that of a number.

    Returns
    -------
    dict
        Number to ids of doubts, in their order; numbers without a doubt are not in it.
    """
    found: dict[str, list[str]] = {}
    for number in numbers.itertuples():
        own = doubts[
            (doubts["article_id"] == number.article_id)
            & (doubts["start"] < number.end)
            & (doubts["end"] > number.start)
        ]
        if len(own):
            found[number.number_id] = list(own["doubt_id"])
    return found


def checks_of(
    numbers: pd.DataFrame, checks: pd.DataFrame, texts: Mapping[str, str]
) -> dict[str, list[str]]:
    """Find the checks of claims whose words hold a number.

    Parameters
    ----------
    numbers : pandas.DataFrame
        Numeric claims with `source_id`.
    checks : pandas.DataFrame
        Table of the checks of claims: `check_id, source_id, fragment`.
    texts : mapping of str to str
        Source to its raw text.

    Returns
    -------
    dict
        Number to ids of checks whose fragment, as it stands in the raw text, shares characters
        with the quote of the number; where a fragment stands several times, each place counts.
    """
    found: dict[str, list[str]] = {}
    for check in checks[checks["fragment"] != ""].itertuples():
        text = texts.get(check.source_id, "")
        begin = text.find(check.fragment)
        while begin >= 0:
            end = begin + len(check.fragment)
            own = numbers[
                (numbers["source_id"] == check.source_id)
                & (numbers["start"] < end)
                & (numbers["end"] > begin)
            ]
            for number in own["number_id"]:
                if check.check_id not in found.setdefault(number, []):
                    found[number].append(check.check_id)
            begin = text.find(check.fragment, end)
    return found
