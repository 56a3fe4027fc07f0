"""Date expressions of English texts: finding them, and resolving them against an article's date.

`dateparser` reads the words and says how precise they are. The layer around it adds what it lacks:
ranges, decades, "next January", "the same year", and the rule that an answer must be the same for
every day on which the article can have been published. Nothing is guessed:

- A day or month without a year is the one nearest to the day of publication.
- "Early" is the first half of a year, "late" the second, "mid" April to September; of a decade the
  years 0 to 3, 6 to 9 and 3 to 6. "Earlier this year" and "late March" are the year and the month.
- 10/03/2020, whose day and month can change places, is unresolved; so are two years that ran
  together, and days that are two and no range ("December 3 and 9").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple


class ResolvedDate(NamedTuple):
    """What a date expression says."""

    date: str = ""  # YYYY-MM-DD, YYYY-MM or YYYY, as far as known
    date_end: str = ""  # of a range
    precision: str = "unresolved"  # or day, month, year, range
    basis: str = ""  # text if the words alone suffice, inference if the article's date was needed


class FoundDate(NamedTuple):
    """A date expression: its place, its words, and what they say."""

    start: int
    end: int
    words: str
    resolved: ResolvedDate


UNRESOLVED = ResolvedDate()
PRECISIONS = {4: "year", 7: "month", 10: "day"}

_YEAR = r"(?:1[89]|20)\d\d"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?!\d)"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
# A month by itself is written with a capital, which keeps the verbs "may" and "march" out.
_LONE_MONTH = (
    r"(?-i:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_TO = r"(?:\s?[-–]\s?|\s+(?:to|and|until)\s+)"
_PART = r"(?P<part>early|mid|late|(?:the )?(?:beginning|start|end) of)[\s-]+(?:in[\s-]+)?"
_COUNT = r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,3})"
_AFTER = "|".join(
    rf"(?<=\b{word}[\s-])"
    for word in ("in", "on", "of", "by", "since", "until", "during", "last", "early", "mid", "late")
)
# What follows a number of things, not a year: "2000 people".
_COUNTED = (
    "people|persons|protest[eo]rs|members|ngos|organi[sz]ations|groups|cases|tenge|rubles|roubles"
    "|dollars|euros|percent|per cent"
)
# Expressions by the function below that reads them, the most telling ones first.
_SHAPES = {
    "garbled": rf"(?<!\d){_YEAR}{_YEAR}(?!\d)",
    "numbers": (
        rf"(?<![\d-]){_YEAR}-\d\d-\d\d(?![\d-])"
        rf"|(?<![\d./-])(?P<n1>\d{{1,2}})(?P<sign>[./-])(?P<n2>\d{{1,2}})(?P=sign){_YEAR}(?![\d./-])"
    ),
    "days": (
        rf"\b(?P<dm>{_MONTH})\s+(?P<d1>{_DAY}){_TO}(?P<d2>{_DAY})(?:(?:,|\s+of)?\s+(?P<dy>{_YEAR}))?\b"
        rf"|\b(?P<e1>{_DAY}){_TO}(?P<e2>{_DAY})\s+(?P<em>{_MONTH})(?:,?\s+(?P<ey>{_YEAR}))?\b"
    ),
    "day": (
        rf"\b{_MONTH},?\s+(?:the\s+)?{_DAY}(?:(?:,|\s+of)?\s*(?P<y1>{_YEAR}))?\b"
        rf"|\b{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+(?P<y2>{_YEAR}))?\b"
    ),
    "same_year": rf"\b(?:(?P<sm>{_MONTH}),?\s+(?:of\s+)?)?(?:(?:the\s+)?same|that)\s+year\b",
    "month": rf"\b{_MONTH}(?:,|\s+of)?\s*{_YEAR}\b",
    "years": (
        rf"(?<![\d.,-])(?P<a1>{_YEAR})(?:\s?[-–]\s?|\s+(?:to|until)\s+)(?P<a2>{_YEAR}|\d\d)(?![\d%])"
        rf"|\bbetween\s+(?P<b1>{_YEAR})\s+and\s+(?P<b2>{_YEAR})\b"
    ),
    "roughly": (
        rf"(?:\b{_PART}(?:the\s+)?)?(?<!\d)(?P<decade>(?:1[89]|20)?\d0)['’]?s\b"
        rf"|\b{_PART.replace('part', 'half')}(?:the\s+)?"
        rf"(?P<of>(?:{_YEAR}|(?:last|this|next)\s+year)\b)"
    ),
    "next_month": rf"\b(?P<way>last|this|next)\s+(?P<named>{_LONE_MONTH})",
    "relative": (
        r"\b(?:(?:earlier|later)\s+)?(?P<side>(?:last|this|next)\s+(?:year|month|week))\b(?!-)"
        rf"|\b{_COUNT}\s+(?:days?|weeks?|months?|years?)\s+ago\b|\b(?:yesterday|tomorrow)\b"
        rf"|(?:{_AFTER})(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    ),
    "lone_month": rf"(?:{_AFTER}){_LONE_MONTH}",
    "year": (
        rf"(?<![\d.,/$€£+])(?<!\d[-–]){_YEAR}(?![\d/%]|[.,]\d|\s?[-–]\d)(?!\s+(?:{_COUNTED})\b)\b"
    ),
}
_DATE = re.compile(
    "|".join(f"(?P<{name}>{shape})" for name, shape in _SHAPES.items()), re.IGNORECASE | re.ASCII
)
# Words that only lead to a date; they do not change what it says.
_LEADING = re.compile(
    r"(?:(?:in|on|by|since|until|till|from|during|of|at|before|after|around|about|a|an|the)\s+)+",
    re.IGNORECASE,
)
_PLACES = {"last": -1, "this": 0, "next": 1}


@cache
def _read(words: str, today: date | None = None) -> str:
    """Write what the library makes of words: as a year, month or day, or a range parted by /."""
    from dateparser.date import DateDataParser

    settings: dict[str, Any] = {"PREFER_DAY_OF_MONTH": "first", "DATE_ORDER": "DMY"}
    if today is None:
        settings |= {"PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["year"]}
    else:
        base = datetime(today.year, today.month, today.day)
        settings |= {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "past"}
    found = DateDataParser(languages=["en"], settings=settings).get_date_data(words)
    if found.date_obj is None:
        return ""
    day = found.date_obj.date()
    if found.period == "week":
        monday = day - timedelta(days=day.weekday())
        return f"{monday}/{monday + timedelta(days=6)}"
    return day.isoformat()[: {"year": 4, "month": 7}.get(found.period, 10)]


def _nearest(words: str, today: date | None) -> str:
    """Read a day without its year as the one nearest to another day."""
    if today is None:
        return ""
    days = [_read(f"{words} {year}") for year in range(today.year - 1, today.year + 2)]
    return min(filter(None, days), key=lambda day: abs(date.fromisoformat(day) - today), default="")


def _range(first: str, last: str) -> str:
    return f"{first}/{last}" if "" < first < last else ""


def _numbers(match: re.Match[str], today: date | None, year: str) -> str:
    first, second = match["n1"], match["n2"]
    if first and int(first) != int(second) and max(int(first), int(second)) <= 12:
        return ""
    return _read(match[0])


def _day(match: re.Match[str], today: date | None, year: str) -> str:
    return _read(match[0]) if match["y1"] or match["y2"] else _nearest(match[0], today)


def _days(match: re.Match[str], today: date | None, year: str) -> str:
    month, written = match["dm"] or match["em"], match["dy"] or match["ey"]
    both = [f"{day} {month}" for day in (match["d1"] or match["e1"], match["d2"] or match["e2"])]
    first, last = (_read(f"{day} {written}") if written else _nearest(day, today) for day in both)
    found = _range(first, last)
    if found and re.search(r"\band\b", match[0], re.IGNORECASE):
        days = date.fromisoformat(last) - date.fromisoformat(first)
        return found if days == timedelta(days=1) else ""
    return found


def _same_year(match: re.Match[str], today: date | None, year: str) -> str:
    return _read(f"{match['sm']} {year}") if year and match["sm"] else year


def _years(match: re.Match[str], today: date | None, year: str) -> str:
    first, last = match["a1"] or match["b1"], match["a2"] or match["b2"]
    return _range(first, first[: 4 - len(last)] + last)


def _roughly(match: re.Match[str], today: date | None, year: str) -> str:
    part = (match["part"] or match["half"] or "").lower()
    third = 2 if "late" in part or "end" in part else int(part == "mid")
    if not match["decade"]:
        of = match["of"] if match["of"].isdecimal() else today and _read(match["of"], today)
        first, last = ((1, 6), (4, 9), (7, 12))[third]
        return f"{of}-{first:02}/{of}-{last:02}" if of else ""
    decade = int(match["decade"])
    if decade < 100:
        if today is None:
            return ""
        decade += 2000 if 2000 + decade <= today.year else 1900
    first, last = ((0, 3), (3, 6), (6, 9))[third] if part else (0, 9)
    return f"{decade + first}/{decade + last}"


def _next_month(match: re.Match[str], today: date | None, year: str) -> str:
    if today is None:
        return ""
    way, month = _PLACES[match["way"].lower()], int(_read(f"{match['named']} 2000")[5:])
    shift = way if way * month <= way * today.month else 0
    return f"{today.year + shift}-{month:02}"


def _relative(match: re.Match[str], today: date | None, year: str) -> str:
    return _read(match["side"] or match[0], today) if today else ""


# What reads each shape: its match, the day on which the text appeared, if that is needed, and the
# year of the date before.
_READERS: dict[str, Callable[[re.Match[str], date | None, str], str]] = {
    "garbled": lambda match, today, year: "",
    "numbers": _numbers,
    "days": _days,
    "day": _day,
    "same_year": _same_year,
    "month": lambda match, today, year: _read(match[0]),
    "years": _years,
    "roughly": _roughly,
    "next_month": _next_month,
    "relative": _relative,
    "lone_month": lambda match, today, year: _nearest(f"15 {match[0]}", today)[:7],
    "year": lambda match, today, year: match[0],
}


def _bound(value: str | date | None) -> date | None:
    """Return an end of the article's date; pandas marks a missing day in several ways."""
    day = date.fromisoformat(value) if isinstance(value, str) and value else value
    return day if isinstance(day, date) and day == day and 1000 <= day.year < 9000 else None


def _resolve(
    match: re.Match[str], start: date | None, end: date | None, anchor: ResolvedDate
) -> ResolvedDate:
    """Read an expression by its words alone, else against both ends of the article's date."""
    name = str(match.lastgroup)
    read, year = _READERS[name], anchor.date[:4]
    said = read(match, None, year)
    basis = anchor.basis if name == "same_year" else "text"
    if not said and start and end:
        # A later day never gives an earlier answer: where both ends agree, all between them do.
        said, basis = read(match, start, year), "inference"
        told = anchor.basis == "text" and name in ("days", "day", "lone_month")
        if said != read(match, end, year) or (told and said[:4] != year):
            return UNRESOLVED
    if not said:
        return UNRESOLVED
    first, _, last = said.partition("/")
    return ResolvedDate(first, last, "range" if last else PRECISIONS[len(first)], basis)


def resolve_date(
    words: str,
    *,
    published_start: str | date | None = None,
    published_end: str | date | None = None,
    anchor: ResolvedDate = UNRESOLVED,
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
        `date, date_end, precision, basis`; unresolved if the words are no date that is understood,
        or if the days on which the article can have been published give different answers.

    Examples
    --------
    >>> from ngolib.texts.dates import resolve_date
    >>> resolve_date("on July 25", published_start="2006-08-01", published_end="2006-08-01").date
    '2006-07-25'
    """
    text = words.replace("\xa0", " ").strip().rstrip(".,;:")
    for candidate in (text, _LEADING.sub("", text, count=1)):
        match = _DATE.fullmatch(f"in {candidate}", 3)  # a month alone needs a word before it
        if match:
            return _resolve(match, _bound(published_start), _bound(published_end), anchor)
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
        As for `resolve_date`.
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
    start, end = _bound(published_start), _bound(published_end)
    found: list[FoundDate] = []
    anchor, anchored_at = UNRESOLVED, 0
    for match in _DATE.finditer(text.replace("\xa0", " ")):
        first, last = match.span()
        near = match["same_year"] or not re.search(r"[\r\n]", text[anchored_at:first])
        resolved = _resolve(match, start, end, anchor if near else UNRESOLVED)
        found.append(FoundDate(first + offset, last + offset, text[first:last], resolved))
        if resolved.date:
            anchor, anchored_at = resolved, last
    return found
