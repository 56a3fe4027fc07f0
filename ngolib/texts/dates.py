"""Date expressions of English texts: finding them, and resolving them against an article's date.

`dateparser` reads the names of months, dates in numbers and what counts from a day ("two weeks
ago"). A thin layer around it adds what it lacks: precision, ranges, decades, "next January", "the
same year", and the rule that an answer must be the same for every day on which the article can have
been published. A date that cannot be resolved stays unresolved; nothing is guessed.

Conventions:

- A day or month without a year is the one nearest to the day of publication: news looks back and
  forth, but hardly ever over more than half a year.
- "Early" is the first half of a year and "late" the second; "mid" is April to September. Of a
  decade they are the years 0 to 3, 6 to 9 and 3 to 6. The bounds are wide on purpose.
- "Earlier this year" and "late March" are the year and the month.
- A number like 10/03/2020, whose day and month can change places, is unresolved.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any


@dataclass(frozen=True)
class ResolvedDate:
    """What a date expression says.

    Parameters
    ----------
    date : str
        The day, month or year, written as far as known (YYYY, YYYY-MM, YYYY-MM-DD); for a range its
        start; empty if unresolved.
    date_end : str
        End of a range, written the same way; else empty.
    precision : {"day", "month", "year", "range", "unresolved"}
        How much is known.
    basis : {"text", "inference", ""}
        `text` if the words alone suffice, `inference` if the article's date was needed.
    """

    date: str
    date_end: str
    precision: str
    basis: str


@dataclass(frozen=True)
class FoundDate:
    """A date expression and where it stands.

    Parameters
    ----------
    start, end : int
        Its place, counted like the text it was found in plus the `offset` that was given.
    words : str
        The expression as it stands.
    resolved : ResolvedDate
        What it says.
    """

    start: int
    end: int
    words: str
    resolved: ResolvedDate


UNRESOLVED = ResolvedDate("", "", "unresolved", "")

# Shapes whose year is found by nearness.
_WITHOUT_YEAR = ("days_of_month", "day", "lone_month")

_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
# A month by itself is written with a capital, which keeps the verbs "may" and "march" out.
_LONE_MONTH = (
    r"(?-i:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_YEAR = r"(?:1[89]|20)\d\d"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?!\d)"
_WEEKDAYS = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_COUNT = r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,3})"
_PART = r"(?P<part>early|mid|late|(?:the )?(?:beginning|start|end) of)[\s-]+(?:in[\s-]+)?"
_TO = r"(?:\s?[-–]\s?|\s+(?:to|and|until)\s+)"
# What follows a number of things, not a year: "2000 people".
_NO_COUNT = (
    r"(?!\s+(?:people|persons|protest[eo]rs|members|ngos|organi[sz]ations|groups|cases|tenge|rubles"
    r"|roubles|dollars|euros|percent|per cent)\b)"
)

# Shapes of expressions, the most telling ones first. Each is found by its pattern and read by the
# function of the same name below.
_SHAPES: dict[str, str] = {
    "garbled_years": rf"(?<!\d){_YEAR}{_YEAR}(?!\d)",
    "iso": rf"(?<![\d-]){_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![\d-])",
    "numeric": rf"(?<![\d./-])\d{{1,2}}([./-])\d{{1,2}}\1{_YEAR}(?![\d./-])",
    "days_of_month": (
        rf"\b(?P<dm>{_MONTHS})\s+(?P<d1>{_DAY})(?:{_TO})(?P<d2>{_DAY})(?:(?:,|\s+of)?\s+(?P<dy>{_YEAR}))?\b"
        rf"|\b(?P<e1>{_DAY})(?:{_TO})(?P<e2>{_DAY})\s+(?P<em>{_MONTHS})(?:,?\s+(?P<ey>{_YEAR}))?\b"
    ),
    "day": (
        rf"\b(?P<mm>{_MONTHS}),?\s+(?:the\s+)?(?P<md>{_DAY})(?:(?:,|\s+of)?\s*(?P<my>{_YEAR}))?\b"
        rf"|\b(?P<nd>{_DAY})\s+(?:of\s+)?(?P<nm>{_MONTHS})(?:,?\s+(?P<ny>{_YEAR}))?\b"
    ),
    "same_year": rf"(?:\b(?P<sm>{_MONTHS}),?\s+(?:of\s+)?)?\b(?:(?:the\s+)?same|that)\s+year\b",
    "month": rf"\b(?P<month>{_MONTHS})(?:,|\s+of)?\s*(?P<year>{_YEAR})\b",
    "years": (
        rf"(?<![\d.,-])(?P<y1>{_YEAR})(?:\s?[-–]\s?|\s+(?:to|until)\s+)(?P<y2>{_YEAR}|\d\d)(?![\d%])"
        rf"|\bbetween\s+(?P<z1>{_YEAR})\s+and\s+(?P<z2>{_YEAR})\b"
    ),
    "decade": rf"(?:\b{_PART}(?:the\s+)?)?(?<!\d)(?P<decade>(?:1[89]|20)?\d0)['’]?s\b",
    "part_of_year": rf"\b{_PART}(?:the\s+)?(?P<whole>{_YEAR}\b|(?:last|this|next)\s+year\b)",
    "relative_month": rf"\b(?P<way>last|this|next)\s+(?P<of>{_LONE_MONTH})",
    "relative": (
        r"\b(?:(?:earlier|later)\s+)?(?P<side>last|this|next)\s+(?P<unit>year|month|week)\b(?!-)"
    ),
    "counted": (
        rf"\b(?P<n>{_COUNT}\s+(?:days?|weeks?|months?|years?)\s+ago)\b|\b(?P<near>yesterday|tomorrow)\b"
        rf"|\b(?:last|on)\s+(?P<weekday>{_WEEKDAYS})\b"
    ),
    "lone_month": (
        r"\b(?:in|of|by|since|until|during|early|mid|late)[\s-]+"
        rf"(?P<lone>{_LONE_MONTH})"
    ),
    "year": (
        rf"(?<![\d.,/$€£+])(?<!\d[-–])(?P<plain>{_YEAR})"
        rf"(?![\d/%]|[.,]\d|\s?[-–]\d){_NO_COUNT}\b"
    ),
}
_PATTERNS = {name: re.compile(shape, re.IGNORECASE) for name, shape in _SHAPES.items()}

# What a text in small letters holds wherever a shape fits. These are found much faster than the
# shapes, so that a shape is only looked for where it can be. Letters that ignoring case likens to a
# letter of another script (ſ to s, ı to i) are allowed for, or left out.
_SIGNS = {
    "digit": re.compile(r"[0-9]"),
    "year number": re.compile(_YEAR),
    "decade": re.compile(r"0['’]?[sſ]"),
    "month": re.compile(
        r"\b(?:jan|feb|apr|ju[nl]|aug|oct"
        r"|(?:mar(?:ch)?|may|[sſ]ept?(?:ember)?|nov(?:ember)?|dec(?:ember)?)(?![a-z]))"
    ),
    "same year": re.compile(r"(?:[sſ]ame|that)\s+year"),
    "year or its number": re.compile(f"year|{_YEAR}"),
    "year, month, week": re.compile("year|month|wee"),
    "day, ago": re.compile("day|ago|tomorrow"),
}
_NEEDS: dict[str, tuple[str, ...]] = {
    "garbled_years": ("year number",),
    "iso": ("year number",),
    "numeric": ("year number",),
    "days_of_month": ("digit", "month"),
    "day": ("digit", "month"),
    "same_year": ("same year",),
    "month": ("year number", "month"),
    "years": ("year number",),
    "decade": ("decade",),
    "part_of_year": ("year or its number",),
    "relative_month": ("month",),
    "relative": ("year, month, week",),
    "counted": ("day, ago",),
    "lone_month": ("month",),
    "year": ("year number",),
}
# Letters that ignoring case takes for s and i; the last is what is left of a dotted capital I.
_LIKE_LATIN = str.maketrans({"ſ": "s", "ı": "i", "\u0307": None})
# Words that only lead to a date; they do not change what it says.
_LEADING = re.compile(
    r"^(?:(?:in|on|by|since|until|till|from|during|of|at|before|after|around|about|a|an|the)\s+)+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Span:
    """First and last day of what an expression says, and how precisely it says it."""

    first: date
    last: date
    precision: str

    def written(self, basis: str) -> ResolvedDate:
        """Write the span as far as it is known."""
        if self.precision == "day":
            return ResolvedDate(self.first.isoformat(), "", "day", basis)
        if self.precision == "month":
            return ResolvedDate(self.first.isoformat()[:7], "", "month", basis)
        if self.precision == "year":
            return ResolvedDate(f"{self.first.year:04}", "", "year", basis)
        whole_years = (self.first.month, self.first.day, self.last.month, self.last.day)
        width = 4 if whole_years == (1, 1, 12, 31) else 7
        whole_months = (
            self.first.day == 1 and self.last == _month(self.last.year, self.last.month).last
        )
        width = width if whole_months else 10
        return ResolvedDate(
            self.first.isoformat()[:width], self.last.isoformat()[:width], "range", basis
        )


def _month(year: int, month: int) -> _Span:
    last = calendar.monthrange(year, month)[1]
    return _Span(date(year, month, 1), date(year, month, last), "month")


def _year(year: int) -> _Span:
    return _Span(date(year, 1, 1), date(year, 12, 31), "year")


def _years(first: int, last: int) -> _Span | None:
    return _Span(date(first, 1, 1), date(last, 12, 31), "range") if first < last else None


@cache
def _dateparser() -> Any:
    """Make a parser for English words; the library is slow to load and only read when needed."""
    from dateparser.date import DateDataParser

    def parse(words: str, today: date | None) -> tuple[date, str] | None:
        settings: dict[str, Any] = {"PREFER_DAY_OF_MONTH": "first", "DATE_ORDER": "DMY"}
        if today is None:
            settings |= {"PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["year"]}
        else:
            settings |= {
                "RELATIVE_BASE": datetime(today.year, today.month, today.day),
                "PREFER_DATES_FROM": "past",
            }
        found = DateDataParser(languages=["en"], settings=settings).get_date_data(words)
        return (found.date_obj.date(), found.period) if found.date_obj else None

    return parse


def _absolute(words: str) -> date | None:
    """Read words that are a date by themselves."""
    found = _dateparser()(words, None)
    return found[0] if found else None


def _small(words: str) -> str:
    """Return words in small Latin letters."""
    return words.lower().translate(_LIKE_LATIN)


@cache
def _month_number(name: str) -> int | None:
    """Return the number of a month; there are few names, so that each is read once."""
    day = _absolute(f"1 {name} 2000")
    return day.month if day else None


def _month_named(name: str, year: int) -> _Span | None:
    """Return a month of a year by the name that a shape found."""
    number = _month_number(_small(name).rstrip("."))
    return None if number is None else _month(year, number)


def _day_named(month: str, day: str, year: int) -> date | None:
    """Return a day, or nothing if the month does not have it."""
    number = _month_number(_small(month).rstrip("."))
    if number is None or int(day) > calendar.monthrange(year, number)[1]:
        return None
    return date(year, number, int(day))


def _nearest(month: str, day: str, today: date | None) -> date | None:
    """Read a day without a year as the one nearest to another day."""
    if today is None:
        return None
    found = (_day_named(month, day, year) for year in range(today.year - 1, today.year + 2))
    return min((day for day in found if day), key=lambda day: abs(day - today), default=None)


def _without_suffix(day: str) -> str:
    return day.rstrip("stndrhſSTNDRH")


def _read_garbled_years(match: re.Match[str], today: date | None, year: int | None) -> None:
    """Two years that ran together ("20032005"): which of them is meant cannot be known."""
    return


def _read_iso(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    try:
        day = date.fromisoformat(match[0])
    except ValueError:
        return None
    return _Span(day, day, "day")


def _read_numeric(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    first, second = (int(part) for part in re.split(r"[./-]", match[0])[:2])
    if first <= 12 and second <= 12 and first != second:
        return None
    day = _absolute(match[0])  # the library sees which of the two is no month
    return _Span(day, day, "day") if day else None


def _dated(month: str, day: str, year: str | None, today: date | None) -> date | None:
    """Read a day and month, with its year or the nearest one."""
    day = _without_suffix(day)
    return _day_named(month, day, int(year)) if year else _nearest(month, day, today)


def _read_days_of_month(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    month = match["dm"] or match["em"]
    written = match["dy"] or match["ey"]
    first = _dated(month, match["d1"] or match["e1"], written, today)
    last = _dated(month, match["d2"] or match["e2"], written, today)
    if not first or not last or not first < last:
        return None
    # "The 3rd and 9th" are two days, not the time between them.
    apart = re.search(r"\band\b", match[0], re.IGNORECASE) and last - first > timedelta(days=1)
    return None if apart else _Span(first, last, "range")


def _read_day(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    day = _dated(
        match["mm"] or match["nm"], match["md"] or match["nd"], match["my"] or match["ny"], today
    )
    return _Span(day, day, "day") if day else None


def _read_same_year(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    if year is None:
        return None
    return _month_named(match["sm"], year) if match["sm"] else _year(year)


def _read_month(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    return _month_named(match["month"], int(match["year"]))


def _read_years(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    start, end = match["y1"] or match["z1"], match["y2"] or match["z2"]
    return _years(int(start), int(start[: 4 - len(end)] + end))


def _part(match: re.Match[str]) -> str:
    """Return early, mid or late, or nothing."""
    words = _small(match["part"] or "").removeprefix("the ")
    return {"beginning of": "early", "start of": "early", "end of": "late"}.get(words, words)


def _read_decade(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    first = int(match["decade"])
    if first < 100:
        if today is None:
            return None
        first += 2000 if 2000 + first <= today.year else 1900
    low, high = {"early": (0, 3), "mid": (3, 6), "late": (6, 9)}.get(_part(match), (0, 9))
    return _years(first + low, first + high)


def _relative_year(words: str, today: date | None) -> int | None:
    """Return the year of "2015", "last year", "this year" or "next year"."""
    if words.isdecimal():
        return int(words)
    shift = {"last": -1, "this": 0, "next": 1}[_small(words.split()[0])]
    return today.year + shift if today else None


def _read_part_of_year(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    of = _relative_year(match["whole"], today)
    if of is None:
        return None
    low, high = {"early": (1, 6), "mid": (4, 9), "late": (7, 12)}[_part(match)]
    return _Span(_month(of, low).first, _month(of, high).last, "range")


def _read_relative_month(
    match: re.Match[str], today: date | None, year: int | None
) -> _Span | None:
    if today is None:
        return None
    this = _month_named(match["of"], today.year)
    if this is None:
        return None
    number = this.first.month
    way = _small(match["way"])
    if way == "last":
        return _month(today.year - (number >= today.month), number)
    if way == "next":
        return _month(today.year + (number <= today.month), number)
    return this


def _read_relative(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    if today is None:
        return None
    shift = {"last": -1, "this": 0, "next": 1}[_small(match["side"])]
    unit = _small(match["unit"])
    if unit == "year":
        return _year(today.year + shift)
    if unit == "month":
        months = today.year * 12 + today.month - 1 + shift
        return _month(months // 12, months % 12 + 1)
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=shift)
    return _Span(monday, monday + timedelta(days=6), "range")


def _read_counted(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    if today is None:
        return None
    words = match["n"] or match["near"] or match["weekday"]
    found = _dateparser()(re.sub(r"^an? ", "1 ", words, flags=re.IGNORECASE), today)
    if found is None:
        return None
    day, period = found
    if period == "year":
        return _year(day.year)
    if period == "month":
        return _month(day.year, day.month)
    if period == "week":
        monday = day - timedelta(days=day.weekday())
        return _Span(monday, monday + timedelta(days=6), "range")
    return _Span(day, day, "day")


def _read_lone_month(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    day = _nearest(match["lone"], "15", today)
    return _month(day.year, day.month) if day else None


def _read_year(match: re.Match[str], today: date | None, year: int | None) -> _Span | None:
    return _year(int(match["plain"]))


_READERS: dict[str, Callable[[re.Match[str], date | None, int | None], _Span | None]] = {
    "garbled_years": _read_garbled_years,
    "iso": _read_iso,
    "numeric": _read_numeric,
    "days_of_month": _read_days_of_month,
    "day": _read_day,
    "same_year": _read_same_year,
    "month": _read_month,
    "years": _read_years,
    "decade": _read_decade,
    "part_of_year": _read_part_of_year,
    "relative_month": _read_relative_month,
    "relative": _read_relative,
    "counted": _read_counted,
    "lone_month": _read_lone_month,
    "year": _read_year,
}


def _day(value: str | date | None) -> date | None:
    """Return a bound of the article's date, or nothing where it is not known."""
    if isinstance(value, str) and value:
        return date.fromisoformat(value)
    # pandas marks a missing day in several ways, one of which calls itself a date.
    return value if isinstance(value, date) and value == value else None


def _resolve(
    name: str,
    match: re.Match[str],
    bounds: tuple[date | None, date | None],
    anchor: ResolvedDate | None,
) -> ResolvedDate:
    """Read a match by the words alone, else against both ends of the article's date."""
    read = _READERS[name]
    year = int(anchor.date[:4]) if anchor and anchor.date else None
    told = anchor is not None and anchor.basis == "text" and name in _WITHOUT_YEAR
    try:
        by_words = read(match, None, year)
        if by_words:
            basis = anchor.basis if anchor and name == "same_year" else "text"
            return by_words.written(basis)
        start, end = bounds
        if start is None or end is None:
            return UNRESOLVED
        # Every reader answers later, or the same, for a later day; so that if both ends of the
        # interval agree, all the days between them do.
        first, last = read(match, start, year), read(match, end, year)
    except (ValueError, OverflowError):  # a day that no calendar has, or a year outside of it
        return UNRESOLVED
    if first is None or first != last or (told and first.first.year != year):
        return UNRESOLVED
    return first.written("inference")


def resolve_date(
    words: str,
    *,
    published_start: str | date | None = None,
    published_end: str | date | None = None,
    anchor: ResolvedDate | None = None,
) -> ResolvedDate:
    """Resolve a date expression.

    Parameters
    ----------
    words : str
        The expression, with or without the preposition before it: "on July 25", "late last year".
    published_start, published_end : str or datetime.date, optional
        First and last day on which the article can have been published; empty = not known.
    anchor : ResolvedDate, optional
        The date that the text gives before this one, for "the same year". If it is of another
        year, a day or month without a year can be of either and is unresolved: after "on February
        27, 2005", "on March 9th" need not be of the year in which the article was published.

    Returns
    -------
    ResolvedDate
        Unresolved if the words are no date that is understood, or if they depend on the day of
        publication and the days on which the article can have been published do not all give the
        same answer.

    Examples
    --------
    >>> from ngolib.texts.dates import resolve_date
    >>> resolve_date("on July 25", published_start="2006-08-01", published_end="2006-08-01").date
    '2006-07-25'
    """
    bounds = (_day(published_start), _day(published_end))
    text = words.strip().rstrip(".,;:")
    bare = _LEADING.sub("", text)
    # A month by itself is only known with a word before it.
    candidates = (text, bare, f"in {bare}")
    for name, pattern in _PATTERNS.items():
        for candidate in candidates:
            match = pattern.fullmatch(candidate)
            if match:
                return _resolve(name, match, bounds, anchor)
    return UNRESOLVED


def find_dates(
    text: str,
    *,
    published_start: str | date | None = None,
    published_end: str | date | None = None,
    offset: int = 0,
) -> list[FoundDate]:
    """Find the date expressions of a text and resolve them.

    Times that count from another event ("a week later") are not looked for.

    Parameters
    ----------
    text : str
        A paragraph or a longer text, rather than a sentence: what a date says can depend on the
        one before it ("the same year", or a story of another year told in the same paragraph).
    published_start, published_end : str or datetime.date, optional
        First and last day on which the article can have been published; empty = not known.
    offset : int, optional
        Offset of `text` in the raw text, so that what is found has raw offsets.

    Returns
    -------
    list of FoundDate
        In the order of the text, without overlaps.

    Examples
    --------
    >>> from ngolib.texts.dates import find_dates
    >>> [found.resolved.date for found in find_dates("The law was signed on 2 December 2015.")]
    ['2015-12-02']
    """
    bounds = (_day(published_start), _day(published_end))
    matches: list[tuple[int, int, str, re.Match[str]]] = []
    taken = bytearray(len(text))  # one mark per character, set where a date was found
    lowered = text.lower()
    signs = {sign for sign, pattern in _SIGNS.items() if pattern.search(lowered)}
    for name, pattern in _PATTERNS.items():
        if not signs.issuperset(_NEEDS[name]):
            continue
        for match in pattern.finditer(text):
            start, end = match.span("lone" if name == "lone_month" else 0)
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                matches.append((start, end, name, match))
    found: list[FoundDate] = []
    anchor: ResolvedDate | None = None
    anchored_at = 0
    for start, end, name, match in sorted(matches, key=lambda item: item[:2]):
        near = name == "same_year" or not re.search(r"[\r\n]", text[anchored_at:start])
        resolved = _resolve(name, match, bounds, anchor if near else None)
        found.append(FoundDate(start + offset, end + offset, text[start:end], resolved))
        if resolved.date:
            anchor, anchored_at = resolved, end
    return found
