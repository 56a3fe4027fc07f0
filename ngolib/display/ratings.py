"""What the notebook of ratings shows: ratings in one orientation beside the rules in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from ngolib.analysis import compare, ratings
from ngolib.display import sentences
from ngolib.display.ratings_figures import ratings_figure
from ngolib.errors import DataError
from ngolib.evidence import load_rules
from ngolib.evidence.tables import GRADES, label_of, load_ratings
from ngolib.evidence.vdem import ENVIRONMENT, INDICATORS, VDem, load_vdem, locate
from ngolib.objects import Figure, Finding
from ngolib.project import Project

NO_RATINGS = "no rating of the register belongs to this selection"
MARKED_RUNG = 3
OUTSIDE = "from a file of the user, which is not part of the project"


@dataclass(frozen=True)
class Ratings:
    """Ratings and rules chosen by the parameters, with what was left out."""

    project: Project
    countries: Sequence[str]
    start: int
    end: int
    indices: Sequence[str]
    fields: Sequence[str]
    least_rung: int
    layers: Sequence[str]
    ratings_all: pd.DataFrame
    ratings: pd.DataFrame
    rules: pd.DataFrame
    vdem: VDem | None
    vdem_line: str

    @property
    def layer(self) -> str:
        """Layer that findings rest on: ratings and rules stand in the register only."""
        return "register" if "register" in self.layers else "corpus"

    @cached_property
    def country_labels(self) -> dict[str, str]:
        """Code to name of the countries chosen, in their order."""
        names = self.project.vocabulary("country")
        return {c: names[c] for c in self.countries}

    @cached_property
    def index_labels(self) -> dict[str, str]:
        """Code to name of the indices chosen, in their order."""
        return {i: label_of(i) for i in self.indices}

    @cached_property
    def series(self) -> pd.DataFrame:
        """The ratings as series of one orientation."""
        return ratings.series(self.ratings, self.start, self.end)

    @cached_property
    def panel(self) -> pd.DataFrame:
        """The country-year panel of rungs."""
        return compare.panel(self.rules, self.countries, self.fields, self.start, self.end)

    @cached_property
    def breadth(self) -> pd.DataFrame:
        """In how many fields a rule of the least rung or more is in force, by year."""
        return compare.breadth(self.panel, self.least_rung)

    @cached_property
    def rises(self) -> pd.DataFrame:
        """Years in which a field's rung rises to the rung that is marked."""
        if self.panel.empty:
            return pd.DataFrame(columns=["country", "year", "field", "rung", "evidence"])
        return ratings.rises(self.panel, MARKED_RUNG)

    @cached_property
    def both(self) -> pd.DataFrame:
        """The series of the register and, where a file was given, those of V-Dem."""
        if self.vdem is None:
            return self.series
        return pd.concat([self.series, ratings.vdem_series(self.vdem)], ignore_index=True)

    @cached_property
    def association(self) -> pd.DataFrame:
        """First differences of ratings beside those of the number of restricted fields."""
        return ratings.association(ratings.changes(self.both, self.breadth))


def select(
    project: Project,
    countries: Sequence[str],
    start: int,
    end: int,
    indices: Sequence[str],
    fields: Sequence[str],
    least_rung: int,
    layers: Sequence[str],
    bound: Sequence[str],
    min_confidence: str,
    vdem: str,
) -> Ratings:
    """Choose ratings and rules by the parameters of the notebook.

    A V-Dem file that is named and cannot be used stops nothing: the line that says why is kept.

    Raises
    ------
    ngolib.errors.DataError
        If the rung is none of 1 to 4.
    """
    if not 1 <= least_rung <= 4:
        raise DataError([f"parameter least_rung: found {least_rung}; allowed: 1 to 4"])
    everything = load_ratings(countries, project=project).iloc[: None if countries else 0]
    chosen = load_ratings(countries, list(indices), min_confidence, project=project)
    known = list(project.vocabulary("category", "field"))
    kept = [f for f in known if not fields or f in fields]
    rules = load_rules(countries, kept, bound or None, min_confidence, project=project)
    if "register" not in layers or not countries:
        chosen, rules = chosen.iloc[:0], rules.iloc[:0]
    found, line = _vdem(project, vdem, countries, start, end)
    return Ratings(
        project,
        countries,
        start,
        end,
        indices,
        kept,
        least_rung,
        layers,
        everything,
        chosen,
        rules,
        found,
        line,
    )


def _vdem(
    project: Project, path: str, countries: Sequence[str], start: int, end: int
) -> tuple[VDem | None, str]:
    """Return V-Dem's values, or none and the line that says why."""
    place = locate(path, project=project)
    if place is None:
        return None, (
            f"No V-Dem file is given; the parameter vdem or the environment's {ENVIRONMENT} may "
            "name a copy of the country-year file."
        )
    try:
        found = load_vdem(place, countries, start, end)
    except DataError as error:
        return None, f"{error}."
    bounds = "with bounds" if found.bounds else "without columns of bounds, so that none are drawn"
    return found, (
        f"V-Dem release {found.release} ({found.name}, sha256 {found.sha256[:12]}…), {bounds}: "
        f"{sentences.counted(int(found.table['value'].notna().sum()), 'value')} of "
        f"{len(INDICATORS)} indicators."
    )


def coverage(chosen: Ratings) -> pd.DataFrame:
    """Say per index and country which years have a value, and what the panel has."""
    names = chosen.country_labels
    gaps = ratings.gaps(chosen.series, chosen.countries, chosen.indices, chosen.start, chosen.end)
    total = chosen.end - chosen.start + 1
    rows = []
    for index, label in chosen.index_labels.items():
        row: dict[str, Any] = {"index": label}
        for country, name in names.items():
            own = gaps[(gaps["index"] == index) & (gaps["country"] == country)].iloc[0]
            row[name] = (
                f"{own['values']} of {total} years: {own['has']}"
                if own["values"]
                else _none(chosen, index, country)
            )
        rows.append(row)
    searched = chosen.project.read_table("search_log")
    searched = searched[searched["category"].isin(chosen.fields)]
    blocks = len(chosen.fields) * searched["period"].nunique()
    searched = searched[searched["status"] != "not_searched"]
    row = {"index": "search for rules"}
    for country, name in names.items():
        own = searched[searched["country"] == country].sort_values("status")
        own = own.drop_duplicates(["category", "period"])  # found sorts before searched
        found = int((own["status"] == "found").sum())
        row[name] = f"{len(own)} of {blocks} blocks searched, {found} with a find"
    rows.append(row)
    row = {"index": "rules with a rung (panel)"}
    for country, name in names.items():
        own = chosen.panel[chosen.panel["country"] == country]
        years = own.loc[own["rung"].notna(), "year"]
        row[name] = (
            f"{years.nunique()} of {total} years: {ratings.spans_of_years(years)}"
            if len(years)
            else "none documented"
            if "register" in chosen.layers
            else "layer not asked for"
        )
    rows.append(row)
    return pd.DataFrame(rows, columns=["index", *names.values()])


def _none(chosen: Ratings, index: str, country: str) -> str:
    """Say why a series has no value: not asked for, not in these years, or not in the register."""
    if "register" not in chosen.layers:
        return "layer not asked for"
    own = chosen.ratings_all
    known = ((own["index"] == index) & (own["country"] == country)).any()
    return "none in this selection" if known else "no value in the register"


def answer(chosen: Ratings) -> list[Finding]:
    """Return the answer in brief: first and last values, the rules beside them, the changes."""
    return [first_and_last(chosen), rules_beside(chosen), moved_together(chosen)]


def _years(chosen: Ratings) -> str:
    same = chosen.start == chosen.end
    return str(chosen.start) if same else f"{chosen.start}–{chosen.end}"


def first_and_last(chosen: Ratings) -> Finding:
    """Say how first and last values of the series compare."""
    ends = ratings.ends(chosen.series)
    value = {w: int((ends["change"] == w).sum()) for w in ("less free", "equal", "freer")}
    less = ends[ends["change"] == "less free"]
    parts = []
    for index, own in less.groupby("index", sort=False):
        told = [
            f"{chosen.country_labels[r['country']]} {r['first_value']} in {r['first']}, "
            f"{r['last_value']} in {r['last']}"
            for r in own.to_dict("records")
        ]
        parts.append(f"{label_of(str(index))} ({'; '.join(told)})")
    evidence = [i for ids in ends["evidence"] for i in ids]
    years = _years(chosen)
    if chosen.series.empty:
        text = f"No rating is documented for {years}: {NO_RATINGS}."
    elif ends.empty:
        told = [
            f"{label_of(r['index'])}, {chosen.country_labels[r['country']]} {r['value']} "
            f"({r['year']})"
            for r in chosen.series.to_dict("records")
        ]
        evidence = [i for ids in chosen.series["evidence"] for i in ids]
        text = f"No series has values in two years of {years}. Documented: {'; '.join(told)}."
    else:
        text = (
            f"Of {sentences.counted(len(ends), 'series', 'series')} with values in two years or "
            f"more of {years}, the last value is less free than the first in "
            f"{value['less free']}, equal in {value['equal']} and freer in {value['freer']}"
            + (f". Less free: {', '.join(parts)}." if parts else ".")
        )
    return Finding(
        "first-and-last",
        text,
        value,
        evidence,
        layer=chosen.layer,
        no_evidence=NO_RATINGS,
        headline=True,
    )


def rules_beside(chosen: Ratings) -> Finding:
    """Say in how many fields a rule was in force in the first and in the last year."""
    table = chosen.breadth
    years = sorted({chosen.start, chosen.end})
    ends = [sentences.end_of(year, chosen.project.closing_day) for year in years]
    value: dict[str, list[int]] = {}
    parts = []
    for country, name in chosen.country_labels.items():
        own = table[table["country"] == country].set_index("year")["fields"]
        if country in set(chosen.rules["country"]):
            value[country] = [int(own[year]) for year in years]
            parts.append(f"{name} {' and '.join(map(str, value[country]))}")
        else:
            parts.append(f"{name}: no rule documented in this selection")
    edge = chosen.panel[
        chosen.panel["year"].isin(years) & (chosen.panel["rung"] >= chosen.least_rung).fillna(False)
    ]
    text = (
        f"Fields, out of {len(chosen.fields)}, with a rule of rung {chosen.least_rung} or more "
        f"documented as in force at {' and at '.join(ends)}: "
        f"{'; '.join(parts)}."
        if value
        else "No rule is documented for this selection; rules stand in the register only."
    )
    return Finding(
        "rules-beside",
        text,
        value,
        [i for ids in edge["rule_ids"] for i in ids],
        layer=chosen.layer,
        no_evidence=sentences.NOTHING,
        headline=True,
    )


def moved_together(chosen: Ratings) -> Finding:
    """Describe the association of first differences, with the number of common years it needs."""
    table = chosen.association
    told = table[table["rho"].notna()]
    names = chosen.country_labels
    parts = [
        f"{_name(r['index'])}, {names[r['country']]}: {r['rho']:.2f} (n = {r['common_pairs']}; "
        f"{r['rho_low']:.2f} to {r['rho_high']:.2f} when any one is left out)"
        for r in told.to_dict("records")
    ]
    value = {
        f"{r['index']}.{r['country']}": [round(r["rho"], 4), r["common_pairs"]]
        for r in told.to_dict("records")
    }
    need = ratings.MIN_COMMON
    if told.empty:
        text = (
            f"Of {sentences.counted(len(table), 'series', 'series')} with neighbouring years, none "
            f"has {need} or more common pairs of years in which both the rating and the number of "
            "fields move: no coefficient is given."
        )
    else:
        text = (
            f"Changes from one year to the next of the rating (freer = positive) and of the number "
            f"of fields with a rule of rung {chosen.least_rung} or more: of {len(table)} series, "
            f"{len(told)} have {need} or more common pairs of years and move in more than one. "
            f"Spearman's rho, a description of these pairs and no test: {'; '.join(parts)}."
        )
    return Finding(
        "moved-together",
        text,
        value,
        [i for ids in told["evidence"] for i in ids],
        layer=chosen.layer,
        no_evidence=OUTSIDE if len(told) else "no coefficient is given",
        headline=True,
    )


def _name(index: str) -> str:
    return INDICATORS.get(index) or label_of(index)


def orientation(chosen: Ratings) -> Finding:
    """Say how many values were turned round, and that each was turned rightly."""
    used = chosen.ratings["rating_id"].isin(i for ids in chosen.series["evidence"] for i in ids)
    turned = ratings.turned(chosen.ratings[used])
    right = int(turned["right"].sum())
    names = sentences.listed(label_of(i) for i in dict.fromkeys(turned["index"]))
    text = (
        f"{len(turned)} of {sentences.counted(int(used.sum()), 'value')} were printed with the "
        f"other end of the scale as the best one ({names}) and are turned round; in {right} of "
        f"them, printed and turned value add up to the two ends of the scale."
        if len(turned)
        else "No value of this selection had to be turned round."
    )
    reason = "no value was turned round"
    return Finding(
        "orientation",
        text,
        {"values": int(used.sum()), "turned": len(turned), "right": right},
        turned["rating_id"],
        layer=chosen.layer,
        no_evidence=reason,
    )


def levels(chosen: Ratings) -> pd.DataFrame:
    """Count the fields on each rung by country and year; those only possible apart.

    Returns
    -------
    pandas.DataFrame
        `country, year, rung, fields, sure`.
    """
    panel = chosen.panel
    sure = panel[panel["rung"].notna()].assign(sure=True)
    maybe = panel[panel["rung"].isna() & panel["rung_possible"].notna()]
    maybe = maybe.assign(rung=maybe["rung_possible"], sure=False)
    both = pd.concat([sure, maybe])
    keys = ["country", "year", "rung", "sure"]
    return both.groupby(keys, as_index=False).agg(fields=("field", "size"))


def figure(chosen: Ratings) -> Figure:
    """Draw the ratings of the register above the rules in force."""
    drawn = ratings_figure(
        chosen.series,
        levels(chosen),
        chosen.rises,
        chosen.index_labels,
        chosen.country_labels,
        GRADES,
        chosen.start,
        chosen.end,
    )
    caption = (
        "Published ratings, up being freer in every row, above the number of fields by their "
        f"highest rung in force at the end of each year. {MARKED_RUNG_NOTE} A line joins "
        "neighbouring years only. Layer: register. Source: data/register/ratings.csv and rules.csv."
    )
    return Figure("ratings", drawn, alt(chosen), caption, figure_table(chosen))


MARKED_RUNG_NOTE = (
    f"Faint vertical lines and the numbers with ▾: fields whose rung rises to {MARKED_RUNG} or "
    "above in that year."
)


def alt(chosen: Ratings) -> str:
    """Describe the figure in words, with the findings and the rises."""
    labels = chosen.project.vocabulary("category")
    hits = [
        f"{chosen.country_labels[r.country]} {r.year}, {labels[r.field].lower()}, rung {r.rung}"
        for r in chosen.rises.itertuples()
    ]
    rise = f" Rises to rung {MARKED_RUNG} or above: {'; '.join(hits)}." if hits else ""
    return (
        f"{len(chosen.indices)} rows of ratings over the years {chosen.start} to {chosen.end} and "
        f"one row of rules for each of {sentences.listed(chosen.country_labels.values())}. "
        f"{first_and_last(chosen).text} {rules_beside(chosen).text}{rise}"
    )


def figure_table(chosen: Ratings) -> pd.DataFrame:
    """Return the values drawn."""
    table = chosen.series
    return pd.DataFrame(
        {
            "index": table["index"].map(label_of),
            "country": table["country"].map(chosen.country_labels),
            "year": table["year"],
            "year is": table["year_basis"].replace("covered", "year covered"),
            "value": table["value"],
            "evidence": table["evidence"],
        }
    )


def rises_table(chosen: Ratings) -> pd.DataFrame:
    """List the years marked in the figure: which field, which rung, by which rules."""
    labels = chosen.project.vocabulary("category")
    table = chosen.rises
    return pd.DataFrame(
        {
            "country": table["country"].map(chosen.country_labels),
            "year": table["year"],
            "field": table["field"].map(labels),
            "rung": table["rung"],
            "evidence": table["evidence"],
        }
    )


def single_table(chosen: Ratings) -> pd.DataFrame:
    """List what the figure cannot draw: values without a year, or that are no number."""
    own = chosen.ratings
    hidden = own[~own["rating_id"].isin(i for ids in chosen.series["evidence"] for i in ids)]
    return pd.DataFrame(
        {
            "index": hidden["index"].map(label_of),
            "country": hidden["country"].map(chosen.country_labels),
            "year": hidden["year"],
            "value": hidden["value"],
            "note": hidden["note"],
            "evidence": hidden["evidence"],
        }
    )


def association_table(chosen: Ratings) -> pd.DataFrame:
    """Lay out the association, series without a coefficient with the reason."""
    table = chosen.association
    number = {c: table[c].map("{:.2f}".format).where(table["rho"].notna(), "") for c in
              ("rho", "rho_low", "rho_high")}  # fmt: skip
    return pd.DataFrame(
        {
            "index": table["index"].map(_name),
            "country": table["country"].map(chosen.country_labels),
            "common pairs of years": table["common_pairs"],
            "from": table["first"],
            "to": table["last"],
            "rating freer": table["rating_freer"],
            "rating less free": table["rating_less_free"],
            "more fields": table["fields_more"],
            "fewer fields": table["fields_fewer"],
            "rho": number["rho"],
            "least, one left out": number["rho_low"],
            "greatest, one left out": number["rho_high"],
            "why no coefficient": table["why_none"],
            "evidence": table["evidence"],
        }
    )


def vdem_shown(chosen: Ratings) -> Figure | Finding:
    """Draw V-Dem's indicators with their bounds, or say in one line why there are none."""
    if chosen.vdem is None or chosen.vdem.table["value"].notna().sum() == 0:
        line = chosen.vdem_line
        return Finding("vdem", line, None, layer="external", no_evidence=OUTSIDE)
    table = ratings.vdem_series(chosen.vdem)
    drawn = ratings_figure(
        table,
        pd.DataFrame(),
        chosen.rises,
        INDICATORS,
        chosen.country_labels,
        {},
        chosen.start,
        chosen.end,
    )
    ends = ratings.ends(table)
    words = [
        f"{INDICATORS[r['index']]}, {chosen.country_labels[r['country']]}: {r['first_value']} in "
        f"{r['first']} to {r['last_value']} in {r['last']}"
        for r in ends.to_dict("records")
    ]
    bounds = "bands = bounds of the point estimate" if chosen.vdem.bounds else "no bounds"
    caption = (
        f"V-Dem, release {chosen.vdem.release}, up being freer; {bounds}. Layer: none of the two, "
        f"but {OUTSIDE}. Source: V-Dem Country-Year Dataset v{chosen.vdem.release}, Varieties of "
        "Democracy Project, CC BY-SA 4.0."
    )
    shown = pd.DataFrame(
        {
            "indicator": table["index"].map(INDICATORS),
            "country": table["country"].map(chosen.country_labels),
            "year": table["year"],
            "value": table["number"],
            "low": table["low"],
            "high": table["high"],
        }
    )
    alt_text = f"{chosen.vdem_line} First and last values: {'; '.join(words)}."
    return Figure("vdem", drawn, alt_text, caption, shown)


def left_out(chosen: Ratings) -> pd.DataFrame:
    """Count ratings used and left out, with the share and why."""
    everything, used = chosen.ratings_all, chosen.series
    drawn = {i for ids in used["evidence"] for i in ids}
    own = chosen.ratings
    no_year = own["year"].isna() | own["number"].isna()
    outside = ~own["rating_id"].isin(drawn) & ~no_year
    total = len(everything)
    rows = [
        ("ratings", "used", len(drawn), total, ""),
        ("ratings", "listed only", int(no_year.sum()), total, "no year, or no number"),
        ("ratings", "listed only", int(outside.sum()), total, "outside the period"),
        (
            "ratings",
            "left out",
            total - len(own),
            total,
            "index, layer or confidence not asked for",
        ),
    ]
    return sentences.used_and_left_out(rows)


def robustness(project: Project, values: Mapping[str, Any]) -> pd.DataFrame:
    """Show series, fields and coefficients under other choices."""
    variants: dict[str, dict[str, Any]] = {
        "as chosen": {},
        "register only": {"layers": ["register"]},
        "corpus only": {"layers": ["corpus"]},
        "high confidence only": {"min_confidence": "high"},
    }
    for rung in (1, 2, 3, 4):
        variants[f"fields with rung {rung} or more"] = {"least_rung": rung}
    rows = []
    for name, change in variants.items():
        rows.append({"choice": name, **_counts(select(project, **{**values, **change}))})
    chosen = select(project, **values)
    dated = replace(chosen, rules=chosen.rules[chosen.rules["from_basis"] != "presumed"])
    rows.append({"choice": "without presumed starts of rules", **_counts(dated)})
    shown = chosen.ratings[chosen.ratings["in_snippet"] == "yes"]
    rows.append(
        {"choice": "values that stand in a snippet", **_counts(replace(chosen, ratings=shown))}
    )
    return pd.DataFrame(rows)


def stability(project: Project, values: Mapping[str, Any]) -> Finding:
    """Say how far the coefficients hang on the rung from which a field counts as restricted."""
    found: dict[tuple[str, str], dict[int, float]] = {}
    ids: list[str] = []
    for rung in (1, 2, 3, 4):
        chosen = select(project, **{**values, "least_rung": rung})
        for row in chosen.association.to_dict("records"):
            if pd.notna(row["rho"]):
                found.setdefault((row["index"], row["country"]), {})[rung] = row["rho"]
                ids += row["evidence"]
    names = project.vocabulary("country")
    several = {key: rho for key, rho in found.items() if len(rho) > 1}
    mixed = [key for key, rho in several.items() if min(rho.values()) < 0 < max(rho.values())]
    parts = [
        f"{_name(index)}, {names[country]}: {min(rho.values()):.2f} to {max(rho.values()):.2f} "
        f"(from rungs {sentences.listed(map(str, rho))})"
        for (index, country), rho in several.items()
    ]
    if several:
        text = (
            "Rho by the rung from which a field counts as restricted, where it is given for more "
            f"than one: {'; '.join(parts)}. The sign differs within {len(mixed)} of "
            f"{len(several)} series."
        )
    else:
        text = "For no series is a coefficient given with more than one rung as the threshold."
    return Finding(
        "stability",
        text,
        {f"{i}.{c}": {str(k): round(v, 4) for k, v in r.items()} for (i, c), r in found.items()},
        ids,
        layer="register" if "register" in values["layers"] else "corpus",
        no_evidence=OUTSIDE if several else "no coefficient is given",
    )


def _counts(chosen: Ratings) -> dict[str, Any]:
    ends = ratings.ends(chosen.series)
    told = chosen.association[chosen.association["rho"].notna()]
    rho = [
        f"{_name(r['index'])}, {chosen.country_labels[r['country']]} {r['rho']:.2f}"
        for r in told.to_dict("records")
    ]
    less = int((ends["change"] == "less free").sum())
    out: dict[str, Any] = {
        "values": len(chosen.series),
        "series less free at the end": f"{less} of {len(ends)}",
    }
    for country, name in chosen.country_labels.items():
        last = chosen.breadth[
            (chosen.breadth["country"] == country) & (chosen.breadth["year"] == chosen.end)
        ]
        known = country in set(chosen.rules["country"])
        number = int(last["fields"].sum())
        out[f"{name}, fields at the end"] = number if known else "not documented"
    return out | {"rho on first differences": "; ".join(rho) or "none given"}
