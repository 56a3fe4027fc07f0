"""Headlines counted once more from the tables, by other code: no pandas, nothing of `ngolib`.

Each function takes what a notebook was run with, and returns what its headline must say. Where a
definition is needed it is that of the notebook's text, not of its code.
"""

from __future__ import annotations

import csv
import json
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[1] / "data"
CONFIDENCE = ("low", "medium", "high")
Values = Mapping[str, Any]
Row = dict[str, str]


@cache
def table(path: str) -> tuple[Row, ...]:
    with (DATA / path).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


CLOSING = date.fromisoformat(json.loads((DATA / "datapackage.json").read_text())["closing_day"])


def several(cell: str) -> list[str]:
    return cell.split("; ") if cell else []


def first_day(text: str) -> date:
    year, month, day = (int(part) for part in (text + "-01-01")[:10].split("-"))
    return date(year, month, day)


def last_day(text: str) -> date:
    year, month, day = (int(part) for part in (text + "-12-31")[:10].split("-"))
    if len(text) == 7:
        day = monthrange(year, month)[1]
    return date(year, month, day)


def read_on(year: int | None) -> date:
    """Return the day on which a year is read: its last, or the one on which the register closed."""
    return min(CLOSING, date(year or CLOSING.year, 12, 31))


@cache
def steps_of(act: str) -> tuple[Row, ...]:
    return tuple(
        s for s in table("register/steps.csv") if s["process_id"] == act and s["scheduled"] == "no"
    )


def is_in_force(rule: Row, day: date) -> bool:
    """Say whether a rule is in force on a day, whatever the days are that nobody knows."""
    (act,) = (a for a in table("register/acts.csv") if a["process_id"] == rule["process_id"])
    if act["never_in_force"] == "yes":
        return False
    if rule["to_basis"] == "unknown" and not rule["in_force_to"]:
        return False
    if rule["in_force_to"] and first_day(rule["in_force_to"]) <= day:
        return False
    if rule["in_force_from"]:
        return last_day(rule["in_force_from"]) <= day
    steps = [s for s in steps_of(rule["process_id"]) if s["date"]]
    force = sorted(
        (first_day(s["date"]), last_day(s["date_end"] or s["date"]))
        for s in steps
        if s["stage"] == "in_force"
    )
    if force:
        return force[0][1] <= day
    for stages in (("signed",), ("adopted", "published")):
        made = [first_day(s["date"]) for s in steps if s["stage"] in stages]
        if made:  # presumed to bind from the end of the next year
            return date(min(made).year + 1, 12, 31) <= day
    return False


def rules(values: Values, countries: list[str], day: date) -> list[Row]:
    """Return the rules in force on a day, as a notebook chooses them."""
    least = CONFIDENCE.index(values.get("min_confidence", "low"))
    bound, fields = set(values.get("bound", ())), values.get("fields")
    return [
        rule
        for rule in table("register/rules.csv")
        if "register" in values["layers"]
        and rule["country"] in countries
        and CONFIDENCE.index(rule["confidence"]) >= least
        and (not bound or bound & set(several(rule["bound"])))
        and (not fields or rule["category"] in fields)
        and is_in_force(rule, day)
    ]


def rungs(chosen: list[Row], *, usual: bool) -> dict[tuple[str, str], int]:
    """Return the highest level by country and field."""
    kinds = {r["code"]: r["kind"] for r in table("codebook/vocabulary.csv")}
    found: dict[tuple[str, str], int] = {}
    for rule in chosen:
        cell = rule["country"], rule["category"]
        counts = rule["typical"] == "yes" or not usual
        if rule["rung"] and counts and kinds[rule["category"]] == "field":
            found[cell] = max(found.get(cell, 0), int(rule["rung"]))
    return found


def strictest_fields(values: Values) -> dict[str, int]:
    own = rules(values, [values["country"]], read_on(values["end"]))
    return {field: rung for (_, field), rung in rungs(own, usual=True).items()}


def heaviest_penalty(values: Values) -> dict[str, int]:
    return {"rules": len(rules(values, [values["country"]], read_on(values["end"])))}


def stricter(values: Values) -> dict[str, dict[str, int]]:
    """Count the fields in which the first, the second, or neither country is the stricter."""
    a, b = (values["countries"] * 2)[:2]
    own, counts = rules(values, [a, b], read_on(values["end"])), {}
    for reading, usual in (("typical", True), ("strictest", False)):
        found = rungs(own, usual=usual)
        told: Counter[str] = Counter()
        for field in {field for _, field in found}:
            one, other = found.get((a, field)), found.get((b, field))
            if one is not None and other is not None:
                told["level" if one == other else "a" if one > other else "b"] += 1
        counts[reading] = {case: told[case] for case in ("a", "b", "level")}
    return counts


def first_and_last(values: Values) -> dict[str, dict[str, list[int]]]:
    """Count the strict rules of each country at the two ends of the period."""
    fields = {r["code"] for r in table("codebook/vocabulary.csv") if r["kind"] == "field"}
    found: dict[str, list[int]] = {}
    for country in values["countries"] if "register" in values["layers"] else ():
        years = dict.fromkeys([values["start"], values["end"] or CLOSING.year])
        for year in years:
            own = rules(values, [country], read_on(year))
            strict = [r for r in own if int(r["rung"] or 0) >= 3 and r["category"] in fields]
            found.setdefault(country, []).append(len(strict))
    return {"rules": found}


def parties(values: Values) -> dict[str, int]:
    """Count the treaties to which each country is party on a day."""
    day, least = read_on(values["end"]), CONFIDENCE.index(values["min_confidence"])
    found = {country: set() for country in values["countries"]}
    for row in table("register/treaties.csv"):
        known = first_day(row["date"]) <= day if row["date"] else day == CLOSING
        counts = CONFIDENCE.index(row["confidence"]) >= least and row["country"] in found
        if counts and known and row["action"] in ("ratification", "accession"):
            found[row["country"]].add(row["treaty"])
    there = "register" in values["layers"]
    return {country: len(own) if there else 0 for country, own in found.items()}


def directions_by_voice(values: Values) -> dict[str, dict[str, int]]:
    """Count the acts that each voice tells of, by the direction of the step told."""
    start, end, read = values["start"], values["end"] or CLOSING.year, set()
    for article in table("articles.csv"):
        first, last = (article[f"published_{side}"][:4] for side in ("start", "end"))
        in_period = bool(first) and int(first) <= end and not (last and int(last) < start)
        if in_period and article["reliability"] <= values["min_reliability"]:
            read.add(article["article_id"])
    acts: dict[tuple[str, str], set[str]] = {}
    wanted, topics = set(values["countries"]), set(values["categories"])
    for s in table("coding/statements.csv"):
        fits = s["article_id"] in read and "corpus" in values["layers"]
        fits = fits and bool(not wanted or wanted & set(several(s["country"])))
        fits = fits and bool(not topics or topics & set(several(s["categories"])))
        if fits and (not values["voices_shown"] or s["voice"] in values["voices_shown"]):
            acts.setdefault((s["voice"], s["direction"]), set()).add(s["process_id"])
    counts: dict[str, dict[str, int]] = {}
    for (voice, direction), own in acts.items():
        counts.setdefault(voice, {})[direction] = len(own)
    return counts


def under_whom(values: Values) -> dict[str, Any]:
    """Find the years in which most new restrictive acts of a country began, by the register."""
    start, end = values["start"], values["end"] or CLOSING.year
    least, begun = CONFIDENCE.index(values["min_confidence"]), Counter[int]()
    if "corpus" in values["layers"] or values["bound"]:
        return {}  # which statements and steps are one is not counted again here
    for act in table("register/acts.csv"):
        topics, wanted = set(several(act["categories"])), set(values["categories"])
        fits = values["country"] in several(act["country"]) and act["level"] in values["levels"]
        again = any(r.split(": ")[0] in AGAIN for r in several(act["relation"]))
        if fits and not again and (not wanted or wanted & topics):
            made = sorted(
                (first_day(s["date"]), last_day(s["date_end"] or s["date"]), s["step_id"], s)
                for s in steps_of(act["process_id"])
                if s["stage"] in ENACTED
                and s["date"]
                and CONFIDENCE.index(s["confidence_fact"]) >= least
            )
            for first, *_, step in made[:1]:
                if start <= first.year <= end and step["direction"] == "restrictive":
                    begun[first.year] += 1
    most = max(begun.values(), default=0)
    return {"acts": most, "years": sorted(year for year, n in begun.items() if n == most)}


AGAIN = ("re_enacts", "implements", "reverses")
ENACTED = ("adopted", "signed", "published", "in_force")
# Notebook and finding to how it is counted here.
COUNTED: dict[tuple[str, str], Callable[[Values], Any]] = {
    ("02_restrictions_compared", "stricter"): stricter,
    ("03_reform_timeline", "under-whom"): under_whom,
    ("05_voices", "directions-by-voice"): directions_by_voice,
    ("06_commitments", "parties"): parties,
    ("07_ratings", "first-and-last"): first_and_last,
    ("09_country", "heaviest-penalty"): heaviest_penalty,
    ("09_country", "strictest-fields"): strictest_fields,
}


def unlike(stem: str, values: Values, shown: list[dict[str, Any]]) -> list[str]:
    """Say which headlines of a run do not say what is counted here."""
    told = {item["name"]: item for item in shown if item["kind"] == "finding"}
    wrong = []
    for (notebook, name), count in COUNTED.items():
        if notebook == stem:  # a headline that is gone, or called otherwise, is an error
            expected, found = count(values), told[name]["value"]
            if not agrees(expected, found):
                wrong.append(f"{name}: {found} told, {expected} counted: {told[name]['text']}")
    return wrong


def agrees(expected: Any, found: Any) -> bool:
    """Say whether all that is counted here is told so; what is not told is none."""
    if isinstance(expected, dict):
        inner = found if isinstance(found, dict) else {}
        return all(agrees(value, inner.get(key)) for key, value in expected.items())
    nothing = 0 if isinstance(expected, int) else [0] * len(expected)
    return bool(expected == (found or nothing))
