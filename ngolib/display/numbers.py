"""What the notebook of numbers shows, from the choices of its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ngolib.analysis import numbers
from ngolib.display.sentences import counted
from ngolib.errors import ParameterError, unknown
from ngolib.evidence.dates import spans
from ngolib.evidence.events import RELIABILITY_ORDER
from ngolib.evidence.tables import load_counts
from ngolib.objects import Finding
from ngolib.project import Project
from ngolib.texts import load_sources, read_source

NO_NUMBER = "no numeric claim of the texts belongs to this selection"
NO_COUNT = "no count of the register belongs to this selection"
# The claim that NGOs grew forty-fold runs from the early nineties to the year of its text; counts
# of the year before are taken too.
EARLY, LATE = (1990, 1999), (2020, 2021)
SIGNS = {"over": ">", "at_least": ">", "under": "<", "at_most": "≤", "about": "~", "exact": ""}
# Codes of money and how a sum of each is written.
CURRENCIES = ("KZT", "USD", "RUB")


@dataclass(frozen=True)
class Numbers:
    """Numeric claims and counts chosen by the parameters, with what was left out."""

    project: Project
    countries: Sequence[str]
    start: int
    end: int
    layers: Sequence[str]
    unit: str
    claims_all: pd.DataFrame
    counts_all: pd.DataFrame
    articles: pd.DataFrame

    @cached_property
    def country_names(self) -> dict[str, str]:
        """Code to name of every country."""
        return self.project.vocabulary("country")

    @cached_property
    def country_labels(self) -> dict[str, str]:
        """Code to name of the countries chosen, in their order; all if none was chosen."""
        chosen = self.countries or dict.fromkeys(self.counts_all["country"])
        return {c: self.country_names[c] for c in chosen}

    @cached_property
    def claims(self) -> pd.DataFrame:
        """Numeric claims of the texts that are used."""
        return self.claims_all[self.claims_all["why"] == ""]

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Counts of the register that are used, by country in the order chosen."""
        own = self.counts_all[self.counts_all["why"] == ""]
        rank = {c: n for n, c in enumerate(self.country_labels)}
        return own.sort_values("country", key=lambda s: s.map(rank), kind="stable")

    @cached_property
    def redone(self) -> pd.DataFrame:
        """Sums done again."""
        return numbers.redo(self.claims, self.counts)

    @cached_property
    def growth(self) -> pd.DataFrame:
        """The growth since the early nineties that each pair of counts would give."""
        return numbers.growth(self.counts, "organisations", EARLY, LATE)

    @cached_property
    def line(self) -> pd.DataFrame:
        """The counts of one unit, joined as they should not be."""
        return numbers.as_one_line(self.counts, self.unit)

    @cached_property
    def series(self) -> pd.DataFrame:
        """Each series of counts."""
        return numbers.series_table(self.counts)

    @cached_property
    def at_once(self) -> pd.DataFrame:
        """Counts of one time that differ."""
        return numbers.same_time(self.counts)

    @cached_property
    def doubts(self) -> dict[str, list[str]]:
        """Number to the doubts about it."""
        return numbers.doubts_of(self.claims, self.project.read_table("doubts"))

    @cached_property
    def checks(self) -> dict[str, list[str]]:
        """Number to the checks of the claim that it stands in."""
        texts = {
            s.source_id: read_source(self.project.data / s.path, sha256=s.sha256)
            for s in load_sources(project=self.project).itertuples()
        }
        return numbers.checks_of(self.claims, self.project.read_table("claim_checks"), texts)


def select(
    project: Project,
    countries: Sequence[str],
    start: int,
    end: int,
    layers: Sequence[str],
    min_reliability: str,
    keep_unjudged: bool,
    min_confidence: str,
    unit: str,
    off_topic: bool,
) -> Numbers:
    """Choose numeric claims and counts by the parameters of the notebook.

    A number belongs to the period in which it applies; one without a date, to the days on which its
    text may have been published.

    Raises
    ------
    ngolib.errors.ParameterError
        If no count of the register has such a unit.
    """
    units = dict.fromkeys(load_counts(project=project)["unit"])
    if unit not in units:
        raise ParameterError(unknown("unit", unit, units))
    articles = project.read_table("articles").set_index("article_id")
    claims = numbers.with_spans(project.read_table("numbers"))
    claims["source_id"] = claims["article_id"].map(articles["source_id"])
    claims["date_end_written"] = claims["date_end"]
    claims = claims.assign(**_time(claims, articles))
    counts = numbers.with_spans(load_counts(project=project))
    letters = set(RELIABILITY_ORDER)
    if min_reliability in letters:
        letters = set(RELIABILITY_ORDER[RELIABILITY_ORDER.index(min_reliability) :])
    letters |= {"F"} if keep_unjudged else set()

    place = claims["country"].map(lambda c: not countries or bool(set(c) & set(countries)))
    why = pd.Series("", index=claims.index)
    why = why.mask(~_inside(claims, start, end), "of another period")
    why = why.mask(~place.astype(bool), "about another country, or none")
    subject = claims["article_id"].map(articles["relevance"])
    why = why.mask((subject != "on_topic") & (not off_topic), "in a text off the subject")
    judged = claims["article_id"].map(articles["reliability"]).isin(letters)
    why = why.mask(~judged, "in a text less reliable than asked for")
    claims["why"] = why if "corpus" in layers else "layer not asked for"

    least = load_counts(min_confidence=min_confidence, project=project)["count_id"]
    why = pd.Series("", index=counts.index)
    why = why.mask(~_inside(counts, start, end), "of another period")
    why = why.mask(~counts["country"].isin(countries or counts["country"]), "of another country")
    why = why.mask(~counts["count_id"].isin(least), "confidence lower than asked for")
    counts["why"] = why if "register" in layers else "layer not asked for"
    return Numbers(project, countries, start, end, layers, unit, claims, counts, articles)


def _time(claims: pd.DataFrame, articles: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the span of each claim: its own, else that of the publication of its text."""
    first, last = spans(claims["date"], claims["date_end"])
    told = claims["article_id"].map(articles["published_start"])
    until = claims["article_id"].map(articles["published_end"])
    told_first, told_last = spans(told, until)
    return {
        "date_start": first.fillna(told_first),
        "date_end": last.fillna(told_last),
        "own_date": first.notna(),
    }


def _inside(rows: pd.DataFrame, start: int, end: int) -> pd.Series:
    return (rows["date_start"].dt.year <= end) & (rows["date_end"].dt.year >= start)


def coverage(chosen: Numbers) -> pd.DataFrame:
    """Say per country what was looked at: claims of the texts, counts of the register."""
    rows = []
    for code, name in chosen.country_labels.items():
        counts = chosen.counts[chosen.counts["country"] == code]
        own = chosen.claims["country"].map(lambda c, k=code: k in c).astype(bool)
        claims = chosen.claims[own]
        rows.append(
            {
                "country": name,
                "claims_in_texts": (
                    "layer not asked for"
                    if "corpus" not in chosen.layers
                    else counted(len(claims), "number")
                    if len(claims)
                    else "read, none found in this selection"
                ),
                "counts_in_register": (
                    "layer not asked for"
                    if "register" not in chosen.layers
                    else f"{counted(len(counts), 'count')} in {counts['series'].nunique()} series"
                    if len(counts)
                    else "none in this selection"
                ),
                "search_for_counts": (
                    "no search log for counts: what is missing was not searched for by plan"
                ),
            }
        )
    columns = ["country", "claims_in_texts", "counts_in_register", "search_for_counts"]
    return pd.DataFrame(rows, columns=columns)


def left_out(chosen: Numbers) -> pd.DataFrame:
    """Count claims and counts used and left out, with the share and why."""
    rows = []
    for name, table in (
        ("claims of the texts", chosen.claims_all),
        ("counts of the register", chosen.counts_all),
    ):
        for why, n in sorted(
            table["why"].value_counts().items(), key=lambda p: (p[0] != "", -p[1], p[0])
        ):
            share = f"{n / max(len(table), 1):.0%}"
            rows.append((name, "left out" if why else "used", int(n), share, why))
    return pd.DataFrame(rows, columns=["numbers", "use", "n", "share", "why"])


def printed(value: float, unit: str, qualifier: str, value_high: float | None = None) -> str:
    """Write a number with its sign of precision and, where one is given, its unit."""

    def short(number: float) -> str:
        if number >= 1e9:
            return f"{number / 1e9:g} bn"
        if number >= 1e6:
            return f"{number / 1e6:g} m"
        return f"{number:,.0f}" if number == round(number) else f"{number:g}"

    text = SIGNS.get(qualifier, "") + short(value)
    if value_high is not None and not pd.isna(value_high):
        text += f"–{short(value_high)}"
    return f"{text} {unit}".rstrip()


def when(row: Mapping[str, Any]) -> str:
    """Write the time of a number as its table has it."""
    if not row["date"]:
        return "not dated"
    end = row["date_end_written"]
    return row["date"] + (f" to {end}" if end else "")


def claims_table(chosen: Numbers) -> pd.DataFrame:
    """Set the numeric claims side by side with what each counts, and what is doubtful of each."""
    doubts = chosen.project.read_table("doubts").set_index("doubt_id")["verdict"]
    checks = chosen.project.read_table("claim_checks").set_index("check_id")
    names = chosen.project.read_table("speakers").set_index("speaker_id")["name"]
    rows = []
    for r in chosen.claims.to_dict("records"):
        high = pd.to_numeric(r["value_high"]) if r["value_high"] else None
        checked = [
            f"{checks.loc[c, 'verdict'].replace('_', ' ')}: {checks.loc[c, 'references_show']}"
            for c in chosen.checks.get(r["number_id"], ())
        ]
        own_doubts = chosen.doubts.get(r["number_id"], [])
        rows.append(
            {
                "words": f"“{r['exact']}”",
                "number": printed(r["number"], r["unit"], r["qualifier"], high),
                "counts": r["what"],
                "of": "; ".join(chosen.country_names[c] for c in r["country"]),
                "when": when(r),
                "voice": r["voice"].replace("_", " ")
                + (f", {names[r['claimant']]}" if r["claimant"] in names.index else ""),
                "in_doubt": " ".join(doubts[d] for d in own_doubts),
                "references_show": " ".join(checked),
                "evidence": (r["number_id"], *own_doubts),
            }
        )
    columns = [
        "words",
        "number",
        "counts",
        "of",
        "when",
        "voice",
        "in_doubt",
        "references_show",
        "evidence",
    ]
    return pd.DataFrame(rows, columns=columns)


def beside_table(chosen: Numbers) -> pd.DataFrame:
    """Set each claim that has a series beside the counts of that series."""
    rows = []
    for r in chosen.claims[chosen.claims["series"] != ""].to_dict("records"):
        own = chosen.counts[
            (chosen.counts["series"] == r["series"]) & chosen.counts["country"].isin(r["country"])
        ]
        for c in own.to_dict("records"):
            same = (c["date_start"] <= r["date_end"]) and (c["date_end"] >= r["date_start"])
            rows.append(
                {
                    "claim": f"“{r['exact']}” ({r['article_id']})",
                    "series": r["series"].replace("_", " "),
                    "count": printed(c["number"], c["unit"], c["qualifier"]),
                    "of_what": c["what"],
                    "date": c["date"],
                    "same_time": "yes" if same else "no",
                    "claim_divided_by_count": f"{r['number'] / c['number']:.2f}",
                    "rests_on": "the text itself" if c["source_ids"] else "another page",
                    "evidence": (r["number_id"], c["count_id"]),
                }
            )
    columns = [
        "claim",
        "series",
        "count",
        "of_what",
        "date",
        "same_time",
        "claim_divided_by_count",
        "rests_on",
        "evidence",
    ]
    return pd.DataFrame(rows, columns=columns)


def redone_table(chosen: Numbers) -> pd.DataFrame:
    """List the sums done again, each with the numbers that it uses."""
    table = chosen.redone
    return pd.DataFrame(
        {
            "what_is_checked": [_named(chosen, c) for c in table["check"]],
            "result": [_span(r, "low", "middle", "high") for r in table.to_dict("records")],
            "set_against": [
                _span(r, "stated_low", "stated", "stated_high") for r in table.to_dict("records")
            ],
            "verdict": table["verdict"],
            "note": table["note"],
            "layer": table["layer"],
            "uses": table["evidence"].map("; ".join) if len(table) else [],
            "evidence": table["evidence"],
        }
    )


def _named(chosen: Numbers, check: str) -> str:
    """Write the names of countries where a check has their codes."""
    for code, name in chosen.country_names.items():
        check = check.replace(f", {code}", f", {name}")
    return check


def _span(row: Mapping[str, Any], low: str, middle: str, high: str) -> str:
    def text(value: float) -> str:
        return f"{value:,.0f}" if value == round(value) or value >= 1000 else f"{value:,.1f}"

    if pd.isna(row[middle]):
        return "cannot be told"
    if row["kind"] == "part" and low == "stated_low":
        return f"at most {text(row[high])}"
    if text(row[low]) == text(row[high]):
        return text(row[middle])
    return f"{text(row[middle])} ({text(row[low])} to {text(row[high])})"


def series_shown(chosen: Numbers) -> pd.DataFrame:
    """List the series of counts with what each counts."""
    table = chosen.series
    return pd.DataFrame(
        {
            "country": table["country"].map(chosen.country_names),
            "series": table["series"].str.replace("_", " "),
            "counts": table["counts"],
            "unit": table["units"].map("; ".join) if len(table) else [],
            "what_each_counts": table["definitions"].map("; ".join) if len(table) else [],
            "years": [
                f"{a}–{b}" if a != b else str(a)
                for a, b in zip(table["first_year"], table["last_year"], strict=True)
            ],
            "lowest": table["lowest"],
            "highest": table["highest"],
            "rest_on_a_text_of_this_collection": table["on_texts"],
            "evidence": table["evidence"],
        }
    )


def line_table(chosen: Numbers) -> pd.DataFrame:
    """List the steps of the line that should not be drawn."""
    table = chosen.line
    return pd.DataFrame(
        {
            "country": table["country"].map(chosen.country_names),
            "from": [_step(r, "from") for r in table.to_dict("records")],
            "to": [_step(r, "to") for r in table.to_dict("records")],
            "change": [f"{c:+,.0%}" for c in table["change"]],
            "same_series": ["yes" if s else "no" for s in table["same_series"]],
            "evidence": table["evidence"],
        }
    )


def _step(row: Mapping[str, Any], side: str) -> str:
    name = row[f"{side}_series"].replace("_", " ")
    return f"{row[f'{side}_value']:,.0f} ({name}, {row[f'{side}_date']})"


def at_once_table(chosen: Numbers) -> pd.DataFrame:
    """List counts that may hold for one day and differ."""
    table = chosen.at_once
    rows = table.to_dict("records")
    return pd.DataFrame(
        {
            "country": table["country"].map(chosen.country_names),
            "unit": table["unit"],
            "one_count": [f"{r['value_a']:,} {r['what_a']} ({r['date_a']})" for r in rows],
            "another": [f"{r['value_b']:,} {r['what_b']} ({r['date_b']})" for r in rows],
            "larger_by_smaller": [f"{r['ratio']:.2f}" for r in rows],
            "same_series": ["yes" if r["same_series"] else "no" for r in rows],
            "evidence": table["evidence"],
        }
    )


def growth_table(chosen: Numbers) -> pd.DataFrame:
    """List the growth that each pair of counts would give."""
    table = chosen.growth
    return pd.DataFrame(
        {
            "country": table["country"].map(chosen.country_names),
            "from": [_step(r, "first") for r in table.to_dict("records")],
            "to": [_step(r, "last") for r in table.to_dict("records")],
            "factor": [f"{f:,.1f}" for f in table["factor"]],
            "same_series": ["yes" if s else "no" for s in table["same_series"]],
            "evidence": table["evidence"],
        }
    )


def ids(cells: Any) -> list[str]:
    """Return the ids of several cells, each once, in their order."""
    return list(dict.fromkeys(i for cell in cells for i in cell))


def claimed(chosen: Numbers) -> Finding:
    """Say how many numbers the texts claim, of how many things, and how many are in doubt."""
    own = chosen.claims
    doubtful = [n for n in own["number_id"] if n in chosen.doubts]
    with_series = int((own["series"] != "").sum())
    if own.empty:
        text = "No numeric claim of the texts is documented for this selection."
    else:
        text = (
            f"{counted(len(own), 'numeric claim')} in "
            f"{counted(own['article_id'].nunique(), 'text')}, in "
            f"{counted(own['unit'].nunique(), 'unit')} and of "
            f"{counted(own['what'].nunique(), 'thing')}; {with_series} of them "
            f"{'counts' if with_series == 1 else 'count'} what a series of the register counts; "
            f"{len(doubtful)} stand in words that are in doubt."
        )
    value = {
        "claims": len(own),
        "units": own["unit"].nunique(),
        "things": own["what"].nunique(),
        "with_series": with_series,
        "in_doubt": len(doubtful),
    }
    return Finding(
        "numeric-claims",
        text,
        value,
        list(own["number_id"]),
        layer="corpus",
        no_evidence=NO_NUMBER,
        headline=True,
    )


def not_one_series(chosen: Numbers) -> Finding:
    """Say why the counts are not one series: how many series, units and definitions there are."""
    parts, value = [], {}
    for code, name in chosen.country_labels.items():
        own = chosen.counts[chosen.counts["country"] == code]
        if own.empty:
            parts.append(f"{name}: none in this selection")
            value[code] = {"counts": 0}
            continue
        line = chosen.line[chosen.line["country"] == code]
        falls = line[line["change"] < 0]
        facts = {
            "counts": len(own),
            "series": own["series"].nunique(),
            "units": own["unit"].nunique(),
            "definitions": own["what"].nunique(),
            "steps": len(line),
            "falls": len(falls),
            "steps_between_series": int((~line["same_series"].astype(bool)).sum()),
        }
        text = (
            f"{name}: {counted(facts['counts'], 'count')} in {facts['series']} series, "
            f"{counted(facts['units'], 'unit')} and {counted(facts['definitions'], 'definition')}"
        )
        if len(line):
            text += (
                f"; joined by date, the counts of {chosen.unit} would make a line of "
                f"{counted(facts['steps'], 'step')}, {facts['falls']} of them down"
            )
            if len(falls):
                deepest = falls.loc[falls["change"].idxmin()]
                text += f" (the deepest from {_step(deepest, 'from')} to {_step(deepest, 'to')})"
            text += f", {facts['steps_between_series']} from one series to another"
        parts.append(text)
        value[code] = facts
    return Finding(
        "not-one-series",
        (". ".join(parts) or "No country was asked for") + ".",
        value,
        list(chosen.counts["count_id"]),
        layer="register",
        no_evidence=NO_COUNT,
        headline=True,
    )


def arithmetic(chosen: Numbers) -> Finding:
    """Say which sums hold when they are done again, and how the growth hangs on the pair taken."""
    table = chosen.redone
    counts = {
        v: int((table["verdict"] == v).sum()) for v in ("agrees", "differs", "cannot be told")
    }
    if table.empty:
        text = "No sum of this selection can be done again."
    else:
        differ = [
            _named(chosen, r.check) + (f": {r.note}" if r.note else "")
            for r in table.itertuples()
            if r.verdict == "differs"
        ]
        text = (
            f"Of {counted(len(table), 'sum')} that can be done again, {counts['agrees']} agree "
            f"within rounding and {counts['differs']} "
            f"{'differs' if counts['differs'] == 1 else 'differ'}"
            + (f" ({'; '.join(differ)})" if differ else "")
            + "."
        )
    growth = chosen.growth
    if len(growth):
        text += (
            f" The growth of the number of organisations from {EARLY[0]}–{EARLY[1]} to "
            f"{LATE[0]}–{LATE[1]} would be {growth['factor'].min():,.0f}-fold to "
            f"{growth['factor'].max():,.0f}-fold, by which of "
            f"{counted(len(growth), 'pair')} of counts is taken."
        )
    value = {
        **counts,
        "growth": [round(float(f), 3) for f in growth["factor"]],
    }
    layers = {*table["layer"], *(["register"] if len(growth) else [])}
    layer = "both" if len(layers) == 2 else next(iter(layers), "both")
    return Finding(
        "arithmetic",
        text,
        value,
        [*ids(table["evidence"]), *ids(growth["evidence"])],
        layer=layer,
        no_evidence="the numbers that such a sum needs do not belong to this selection",
        headline=True,
    )


def answer(chosen: Numbers) -> list[Finding]:
    """Return the answer in brief."""
    return [not_one_series(chosen), arithmetic(chosen), claimed(chosen)]


def drawn(chosen: Numbers, money: bool) -> pd.DataFrame:
    """Return the rows of the figure: counts of the register, and claims that have a series.

    Returns
    -------
    pandas.DataFrame
        `group` (country and series), `label` (what is counted), `date_start, date_end` (days),
        `number, low, high, text` (the number, with its currency), `qualifier, layer` (register,
        corpus, or `text in register`: a row of the register that rests on a text of this
        collection), `date, unit, evidence`; by country, series and date.
    """
    counts = chosen.counts.assign(
        layer=["text in register" if s else "register" for s in chosen.counts["source_ids"]]
    )
    claims = chosen.claims[chosen.claims["series"] != ""].explode("country")
    claims = claims[claims["country"].isin(chosen.country_labels)]
    claims = claims.assign(
        layer="corpus",
        evidence=[(i,) for i in claims["number_id"]],
        date=[when(r) for r in claims.to_dict("records")],
    )
    columns = [
        "country",
        "series",
        "what",
        "date_start",
        "date_end",
        "date",
        "number",
        "low",
        "high",
        "unit",
        "qualifier",
        "layer",
        "evidence",
    ]
    filled = [t[columns] for t in (counts, claims) if len(t)]
    if not filled:
        return pd.DataFrame(columns=["group", "label", "text", *columns])
    rows = pd.concat(filled, ignore_index=True)
    rows = rows[rows["unit"].isin(numbers.MONEY) == money]
    places = {c: n for n, c in enumerate(chosen.country_labels)}
    order = {s: n for n, s in enumerate(dict.fromkeys(chosen.counts_all["series"]))}
    keys = rows.assign(
        a=rows["country"].map(places), b=rows["series"].map(order).fillna(len(order))
    )
    index = keys.sort_values(["a", "b", "date_start", "number", "layer"], kind="stable").index
    rows = rows.loc[index].reset_index(drop=True)
    return rows.assign(
        group=[
            f"{chosen.country_names[r.country]}: {r.series.replace('_', ' ')}"
            for r in rows.itertuples()
        ],
        label=rows["what"],
        text=[printed(r.number, r.unit if money else "", r.qualifier) for r in rows.itertuples()],
    )


def drawn_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the table behind the figure."""
    return pd.DataFrame(
        {
            "series": rows["group"],
            "what_is_counted": rows["label"],
            "date": rows["date"],
            "number": rows["text"],
            "unit": rows["unit"],
            "layer": rows["layer"],
            "evidence": rows["evidence"],
        }
    )


def alt_of_counts(rows: pd.DataFrame, what: str) -> str:
    """Describe the figure of counts in words: every series with its numbers."""
    if rows.empty:
        return f"An empty figure: no {what} belongs to this selection."
    parts = []
    for group, own in rows.groupby("group", sort=False):
        numbers_ = ", ".join(f"{r.text} ({r.date})" for r in own.itertuples())
        parts.append(f"{group}: {numbers_}")
    return f"Each {what} as a bar over the time for which it holds, by series. {'; '.join(parts)}."


def robustness(project: Project, values: Mapping[str, Any]) -> pd.DataFrame:
    """Count series, definitions, falls and sums that hold under other choices."""
    variants: dict[str, dict[str, Any]] = {
        "as chosen": {},
        "register only": {"layers": ["register"]},
        "corpus only": {"layers": ["corpus"]},
        "high confidence, texts of reliability B or better": {
            "min_confidence": "high",
            "min_reliability": "B",
            "keep_unjudged": False,
        },
    }
    rows = [
        {"choice": name, **_row(select(project, **{**values, **change}))}
        for name, change in variants.items()
    ]
    chosen = select(project, **values)
    exact = chosen.counts["precision"].isin(["day", "month"])
    counts = chosen.counts_all.assign(
        why=chosen.counts_all["why"].where(
            chosen.counts_all["count_id"].isin(chosen.counts.loc[exact, "count_id"]), "uncertain"
        )
    )
    dated = Numbers(
        project,
        chosen.countries,
        chosen.start,
        chosen.end,
        chosen.layers,
        chosen.unit,
        chosen.claims_all,
        counts,
        chosen.articles,
    )
    rows.append({"choice": "counts dated to the month or day only", **_row(dated)})
    return pd.DataFrame(rows)


def _row(chosen: Numbers) -> dict[str, Any]:
    factors = chosen.growth["factor"]
    return {
        "claims": len(chosen.claims),
        "counts": len(chosen.counts),
        "series": len(chosen.series),
        "definitions": chosen.counts["what"].nunique(),
        "steps_down_in_one_line": int((chosen.line["change"] < 0).sum()),
        "sums_that_agree": int((chosen.redone["verdict"] == "agrees").sum()),
        "sums_that_differ": int((chosen.redone["verdict"] == "differs").sum()),
        "growth": f"{factors.min():,.0f} to {factors.max():,.0f}-fold" if len(factors) else "–",
    }
