"""Date expressions of English texts: finding them, and resolving them against an article's date.

`dateparser` reads the words and says how precise they are; added are ranges, decades, "next
January", "the same year". An answer is the same for every day on which the article can have been
published, and nothing is guessed: `dates.toml` holds the forms, and says how each is read.
"""

import re
import tomllib
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
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
FAR = 93  # days, three months

# What the expressions look like.
_FORMS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _pattern(pieces: str | list[str]) -> str:
    """Join the pieces of an expression, and put in the parts that it names."""
    return re.sub(r"<([A-Z]+)>", lambda p: _pattern(_FORMS["parts"][p[1]]), "".join(pieces))


_YEAR = _pattern("<YEAR>")
_ANY = "|".join(f"(?P<{name}>{_pattern(shape)})" for name, shape in _FORMS["shapes"].items())
# All begin with a figure or one of some words: tried in either form first, it is 15 times as fast.
_BEGINS = {first: _pattern(rest) for first, rest in _FORMS["begins"].items()}
_FIRST = "|".join(f"[{first}{first.upper()}](?i:{rest})" for first, rest in _BEGINS.items())
_GATE = rf"(?=[\d{''.join(_BEGINS)}{''.join(_BEGINS).upper()}])(?=\d|\b(?:{_FIRST}))"
_DATE = re.compile(rf"{_GATE}(?i:{_ANY})", re.ASCII)
_CONTEXT = {n: re.compile(_pattern(p), re.IGNORECASE) for n, p in _FORMS["context"].items()}
_LEADING = re.compile(_FORMS["leading"], re.IGNORECASE)


@cache
def _read(words: str, today: date | None = None) -> str:
    """Write what the library makes of words: as a year, month or day, or a range parted by /."""
    from dateparser.date import DateDataParser

    settings: dict[str, Any] = {**_FORMS["reader"]}
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


def _day(words: str, today: date | None) -> str:
    """Read a day; without its year it is the one nearest to another, if not far ahead."""
    if re.search(_YEAR, words):
        return _read(words)
    years = range(today.year - 1, today.year + 2) if today else ()
    days = filter(None, (_read(f"{words} {year}") for year in years))
    ahead = {day: (date.fromisoformat(day) - today).days for day in days if today}
    near = min(ahead, key=lambda day: abs(ahead[day]), default="")
    return near if ahead.get(near, 0) <= FAR else ""


def _days(match: re.Match[str], today: date | None) -> str:
    """Read a day, or the first and the last of several: two parted by "and" are neighbours."""
    if not match["d2"]:
        return _day(match[0], today)
    first, last = (_day(match[0].replace(match["days"], match[d]), today) for d in ("d1", "d2"))
    if not "" < first < last:
        return ""
    apart = (date.fromisoformat(last) - date.fromisoformat(first)).days
    return "" if "and" in match["days"].lower() and apart > 1 else f"{first}/{last}"


def _roughly(match: re.Match[str], today: date | None) -> str:
    """Read a part of a year, or a decade and its parts."""
    part = (match["part"] or "").lower()
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


def _said(match: re.Match[str], today: date | None, year: str) -> str:
    """Read an expression; the day it was written and the year told before it, if it needs them."""
    words = match[0]
    match match.lastgroup:
        case "numbers":
            n1, n2 = match["n1"], match["n2"]
            swaps = n1 and int(n1) != int(n2) and max(int(n1), int(n2)) <= 12
            return "" if swaps or words.isdecimal() else _read(words)
        case "day":
            return _days(match, today)
        case "same_year":
            return _read(f"{match['its']} {year}") if year and match["its"] else year
        case "years":
            first, last = match["y1"], match["y1"][: -len(match["y2"])] + match["y2"]
            return f"{first}/{last}" if first < last else ""
        case "roughly":
            return _roughly(match, today)
        case "month" | "year":
            return _read(words)
        case "lone_month":
            return _day(f"15 {words}", today)[:7]
        case "next_month" if today:
            way = {"last": -1, "this": 0, "next": 1}[match["way"].lower()]
            month = int(_read(f"{match['named']} 2000")[5:])
            if way < 0 and month < today.month:  # of this year, or the one before
                return ""
            return f"{today.year + (way if way * month <= way * today.month else 0)}-{month:02}"
    found = _read(match["side"] or words, today) if today else ""
    # A weekday that is the article's own can be that day or a week before.
    own = today and words.lower().endswith("day") and found == f"{today - timedelta(7)}"
    return "" if own else found


def _bound(value: str | date | None) -> date | None:
    """Return an end of the article's date; pandas marks a missing day in several ways."""
    day = date.fromisoformat(value) if isinstance(value, str) and value else value
    return day if isinstance(day, date) and day == day and 1000 <= day.year < 9000 else None


def _resolve(
    match: re.Match[str], start: date | None, end: date | None, anchor: ResolvedDate
) -> ResolvedDate:
    """Read an expression by its words alone, else against both ends of the article's date."""
    name = str(match.lastgroup)
    year = anchor.date[:4]
    said = _said(match, None, year)
    basis = anchor.basis if name == "same_year" else "text"
    if not said and start and end:
        # A later day never gives an earlier answer: where both ends agree, all between them do.
        said, basis = _said(match, start, year), "inference"
        told = anchor.basis == "text" and name in ("day", "lone_month")
        if said != _said(match, end, year) or (told and said[:4] != year):
            said = ""
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
    """Resolve a date expression, such as "on July 25" or "late last year".

    The article can have been published from `published_start` to `published_end`; `anchor` is the
    date told before, for "the same year": if its year is another than that of the article, a day or
    month without a year can be of either. Unresolved are words that are no date that is understood,
    and those of which the answer differs between the days of publication.
    """
    text = words.replace("\xa0", " ").strip().rstrip(".,;:")
    for candidate in (text, _LEADING.sub("", text, count=1)):
        match = _DATE.fullmatch(f"in {candidate}", 3)  # a month alone needs a word before it
        if match:
            return _resolve(match, _bound(published_start), _bound(published_end), anchor)
    return UNRESOLVED


def in_context(said: ResolvedDate, text: str, first: int, last: int, end: Any) -> ResolvedDate:
    """Return what a date says; unresolved where its sentence (of an article) tells of another."""
    words = f"‹{text[first:last]}›"
    joined = _CONTEXT["joined"].search(text[max(0, first - 20) : first] + words)
    far = end and said.date[:4] > f"{(_bound(end) or date.max).year + 10}"  # a name: Strategy 2050
    if joined or far or said.basis != "inference":
        return UNRESOLVED if joined or far else said
    around = text[max(0, first - 80) : first] + words + text[last : last + 80]
    # What lies ahead is told as such, and the reverse; else another year may be meant.
    ahead = end and said.date > (today := f"{_bound(end)}"[: len(said.date)])
    unsure = ahead and not _CONTEXT["to_come"].search(around)
    unsure |= bool(end) and said.date < today and bool(_CONTEXT["ahead"].search(around))
    return UNRESOLVED if unsure or _CONTEXT["open"].search(around) else said


def find_dates(
    text: str, *, published_start: str | date | None = None, published_end: str | date | None = None
) -> list[FoundDate]:
    """Find the date expressions of a text, in order, and resolve them as `resolve_date` does.

    Give it a paragraph: what a date says can depend on the one before it ("the same year"). Times
    that count from another event ("a week later") are not looked for.
    """
    start, end = _bound(published_start), _bound(published_end)
    found: list[FoundDate] = []
    anchor, anchored_at = UNRESOLVED, 0
    for match in _DATE.finditer(text.replace("\xa0", " ")):
        first, last = match.span()
        near = match["same_year"] or not re.search(r"[\r\n]", text[anchored_at:first])
        resolved = _resolve(match, start, end, anchor if near else UNRESOLVED)
        resolved = in_context(resolved, text, first, last, end)
        found.append(FoundDate(first, last, text[first:last], resolved))
        if resolved.date:
            anchor, anchored_at = resolved, last
    return found
