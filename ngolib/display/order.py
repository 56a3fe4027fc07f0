"""What the notebook of the order of adoption shows, from the choices of its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ngolib.analysis import order
from ngolib.analysis.order import DATES_ONLY, DOCUMENTED, LEAST
from ngolib.display.order_figures import empty_figure, links_figure, pairs_figure
from ngolib.display.sentences import counted, layer_name, listed, used_and_left_out
from ngolib.errors import ParameterError
from ngolib.evidence import load_acts, load_events, load_rules
from ngolib.evidence.events import RELIABILITY_ORDER
from ngolib.objects import Finding
from ngolib.project import Project
from ngolib.texts import load_articles

# Links in the texts are coded between these two only.
LINKED = ("KAZ", "RUS")
# Pairs were sought in full between these two only; others stand in the table for contrast.
SOUGHT = ("KAZ", "RUS")
KINDS = ("field", "sanction")
NO_PAIR = "no pair of rules belongs to this selection"
NOT_SOUGHT = "pairs of these two countries were not sought"
NO_RULES = "rules stand in the register only, and that layer is not asked for"
NO_LINK = "no statement that links the two countries belongs to this selection"
NO_TEXTS = "such statements stand in the corpus only, and that layer is not asked for"


@dataclass(frozen=True)
class Order:
    """Pairs, rules and links chosen by the parameters, with what was left out."""

    project: Project
    countries: Sequence[str]
    contrast: str | None
    start: int
    end: int
    categories: Mapping[str, str]
    likeness: Sequence[str]
    layers: Sequence[str]
    rules: pd.DataFrame
    pairs_all: pd.DataFrame
    links_all: pd.DataFrame
    articles: pd.DataFrame

    @property
    def layer(self) -> str:
        """Name of the layers used."""
        return layer_name(self.layers) if self.layers else "both"

    @property
    def rule_layer(self) -> str:
        """Layer that findings on pairs rest on."""
        return "register" if "register" in self.layers else "corpus"

    @property
    def why_no_pair(self) -> str:
        """Why there is no pair, if there is none."""
        if "register" not in self.layers:
            return NO_RULES
        return NOT_SOUGHT if self.of_two.empty and not self.in_full else NO_PAIR

    @cached_property
    def of_two(self) -> pd.DataFrame:
        """Every row of the table of pairs of the two countries."""
        own = [
            {row.rule_a.partition("-")[0], row.rule_b.partition("-")[0]} == set(self.countries)
            for row in self.pairs_all.itertuples()
        ]
        return self.pairs_all[own]

    @property
    def why_no_link(self) -> str:
        """Why there is no link, if there is none."""
        return NO_LINK if "corpus" in self.layers else NO_TEXTS

    @property
    def in_full(self) -> bool:
        """Whether pairs of the two countries were sought in full."""
        return set(self.countries) == set(SOUGHT)

    @cached_property
    def names(self) -> dict[str, str]:
        """Code to name of every country."""
        return self.project.vocabulary("country")

    @cached_property
    def sides(self) -> tuple[str, str]:
        """Names of the two countries, in the order asked for."""
        first, second = self.countries
        return self.names[first], self.names[second]

    @cached_property
    def labels(self) -> dict[str, str]:
        """Code to label of every category compared."""
        known = self.project.vocabulary("category")
        return {c: known[c] for c in self.categories}

    @cached_property
    def search_log(self) -> pd.DataFrame:
        """Where the register was searched."""
        return self.project.read_table("search_log")

    @cached_property
    def chosen(self) -> pd.DataFrame:
        """Rows of the table of pairs of the categories and likeness asked for."""
        return self.pairs_all[
            self.pairs_all["category"].isin(list(self.categories))
            & self.pairs_all["likeness"].isin(list(self.likeness))
        ]

    @cached_property
    def links(self) -> pd.DataFrame:
        """Links of texts that are read, of the two countries."""
        if "corpus" not in self.layers or set(self.countries) != set(LINKED):
            return self.links_all.iloc[:0]
        return self.links_all[self.links_all["article_id"].isin(self.articles["article_id"])]

    @cached_property
    def on_civil_society(self) -> pd.DataFrame:
        """Links on organisations, assembly, media, religion or rights, counted."""
        return order.links_told(self.links[self.links["on_civil_society"]])

    @cached_property
    def on_other_matters(self) -> pd.DataFrame:
        """Links on other matters, counted."""
        return order.links_told(self.links[~self.links["on_civil_society"]])

    @cached_property
    def evidence_ids(self) -> set[str]:
        """Ids of links and steps that may carry evidence of influence."""
        read = self.project.read_table
        ids: set[str] = set()
        if "register" in self.layers:
            ids |= set(read("steps")["step_id"])
        if "corpus" in self.layers:
            kept = set(self.articles["article_id"])
            for table, column in (("links", "link_id"), ("statements", "statement_id")):
                rows = read(table)
                ids |= set(rows.loc[rows["article_id"].isin(kept), column])
        return ids

    def pairs_of(self, countries: Sequence[str]) -> pd.DataFrame:
        """Return the pairs of two countries, with order and lag."""
        ordered, _ = order.between(self.chosen, self.rules, countries)
        return order.with_evidence(ordered, self.evidence_ids)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The pairs of the two countries."""
        return self.pairs_of(self.countries)

    @cached_property
    def elements(self) -> pd.DataFrame:
        """The same, each element once."""
        return order.by_element(self.pairs)

    def read(self, ordered: pd.DataFrame) -> dict[str, Any]:
        """Read the order of pairs or elements; where pairs were not sought in full, not at all."""
        read = order.reading(ordered)
        return read if self.in_full else read | {"answer": "cannot_be_told", "share_a": None}

    @cached_property
    def openers(self) -> pd.DataFrame:
        """Rules of the two countries that can open a pair."""
        relations = load_acts(project=self.project).set_index("process_id")["relation"]
        own = order.can_open(self.rules, relations)
        return own[own["country"].isin(self.countries)]

    @cached_property
    def chances(self) -> list[tuple[int, int]]:
        """For each country, rules that can open a pair and searched blocks of these categories."""
        return [
            (
                int((self.openers["country"] == country).sum()),
                sum(order.blocks(self.search_log, country, c)[0] for c in self.categories),
            )
            for country in self.countries
        ]

    @property
    def period(self) -> str:
        """The years asked for."""
        return str(self.start) if self.start == self.end else f"{self.start}–{self.end}"

    @cached_property
    def unmatched(self) -> pd.DataFrame:
        """Rules of the two countries without a pair."""
        paired = {*self.pairs["rule_a"], *self.pairs["rule_b"]}
        found = order.unmatched(self.openers, paired, self.search_log, self.countries)
        place = {c: n for n, c in enumerate(self.categories)}
        keys = ["category", "country", "from_earliest", "rule_id"]
        return found.sort_values(keys, key=lambda s: s.map(place) if s.name == "category" else s)

    @cached_property
    def influence(self) -> pd.DataFrame:
        """Pairs by type of evidence of influence."""
        return order.influence(self.pairs, list(self.project.vocabulary("influence_evidence")))

    def of_kind(self, kind: str) -> dict[str, str]:
        """Return the labels of the categories of one kind."""
        return {c: self.labels[c] for c, k in self.categories.items() if k == kind}

    def on_categories(self, frame: pd.DataFrame, kind: str) -> pd.DataFrame:
        """Return the rows of the categories of one kind."""
        return frame[frame["category"].isin(list(self.of_kind(kind)))]


def select(
    project: Project,
    countries: Sequence[str],
    contrast: str | None,
    start: int,
    end: int,
    categories: Sequence[str],
    likeness: Sequence[str],
    layers: Sequence[str],
    levels: Sequence[str],
    bound: Sequence[str],
    min_confidence: str,
    min_reliability: str,
    keep_unjudged: bool,
) -> Order:
    """Choose pairs and links by the parameters of the notebook.

    A rule counts if its start may lie in the period; a pair if both its rules count. Rules stand in
    the register only: without that layer there is no pair. `min_confidence` filters the rules,
    `min_reliability` and `keep_unjudged` the texts.

    Raises
    ------
    ngolib.errors.ParameterError
        If the countries are not two.
    """
    if len(countries) != 2:
        raise ParameterError(
            f"parameter countries: found {len(countries)} ({', '.join(countries) or 'none'}); "
            "allowed: two, as a pair is of two"
        )
    kinds = {
        code: kind
        for kind in KINDS
        for code in project.vocabulary("category", kind)
        if not categories or code in categories
    }
    rules = load_rules(None, list(kinds), bound or None, min_confidence, levels, project=project)
    if "register" not in layers:
        rules = rules.iloc[:0]
    articles = load_articles(project=project)
    letters = set(RELIABILITY_ORDER)
    if min_reliability in RELIABILITY_ORDER:
        letters = set(RELIABILITY_ORDER[RELIABILITY_ORDER.index(min_reliability) :])
    read = articles["reliability"].isin({*letters, *(["F"] if keep_unjudged else [])})
    first = pd.to_datetime(articles["published_start"].replace("", None))
    last = pd.to_datetime(articles["published_end"].replace("", None))
    # A text whose last possible day is not known may be of any later year.
    inside = (first.dt.year <= end) & ((last.dt.year >= start) | last.isna())
    return Order(
        project,
        list(countries),
        contrast,
        start,
        end,
        kinds,
        list(likeness),
        layers,
        order.in_period(rules, start, end),
        project.read_table("pairs"),
        project.read_table("links"),
        articles[read & inside],
    )


def searched(chosen: Order) -> pd.DataFrame:
    """Say per category how many rules of either country can open a pair, and what was searched.

    Returns
    -------
    pandas.DataFrame
        `category`, then for each country the rules that can open a pair and how many have one, and
        the searched blocks with those of them with a find.
    """
    paired = {*chosen.pairs["rule_a"], *chosen.pairs["rule_b"]}
    rows = []
    for category, label in chosen.labels.items():
        row: dict[str, Any] = {"category": label}
        for country in chosen.countries:
            own = chosen.openers
            own = own[(own["category"] == category) & (own["country"] == country)]
            matched = int(own["rule_id"].isin(paired).sum())
            row[f"rules, {chosen.names[country]}"] = f"{len(own)}, {matched} in pairs"
            row[f"search, {chosen.names[country]}"] = _search_words(
                *order.blocks(chosen.search_log, country, category)
            )
        rows.append(row)
    return pd.DataFrame(rows)


def _search_words(blocks: int, found: int) -> str:
    if not blocks:
        return "not searched"
    blank = f", {blocks - found} searched and none found" if blocks > found else ""
    return f"{counted(found, 'block')} with a find{blank}"


def left_out(chosen: Order) -> pd.DataFrame:
    """Count pairs of the two countries used and left out, with the share and why."""
    own = chosen.of_two
    used = own["pair_id"].isin(chosen.pairs["pair_id"])
    asked = own["pair_id"].isin(chosen.chosen["pair_id"])
    everything = chosen.links_all
    read = everything["link_id"].isin(chosen.links["link_id"])
    reason = "layer, period, level, whom it binds or confidence not asked for"
    rows = [
        ("pairs", "used", int(used.sum()), len(own), ""),
        ("pairs", "left out", int((~asked).sum()), len(own), "category or likeness not asked for"),
        ("pairs", "left out", int((asked & ~used).sum()), len(own), reason),
        ("links in the texts", "used", int(read.sum()), len(everything), ""),
        (
            "links in the texts",
            "left out",
            int((~read).sum()),
            len(everything),
            "layer, period, countries or reliability not asked for",
        ),
    ]
    return used_and_left_out(rows)


def _open(read: Mapping[str, Any]) -> str:
    """Say how many pairs have no documented order, and for which reason."""
    return (
        f"for {read['overlap'] + read['unknown']} the order is not documented (possible starts "
        f"overlap: {read['overlap']}; no date of a start: {read['unknown']})"
    )


def _share(chosen: Order, read: Mapping[str, Any]) -> str:
    """Give the share, what it is read against, and how many chances either country had."""
    chances = [
        f"{name} {counted(rules, 'rule')}, {counted(blocks, 'searched block')}"
        for name, (rules, blocks) in zip(chosen.sides, chosen.chances, strict=True)
    ]
    return (
        f"the share of {chosen.sides[0]} is {read['share_a']:.0%}, to be read against one half and "
        f"beside the chances of either ({'; '.join(chances)})"
    )


def order_of_pairs(chosen: Order) -> Finding:
    """Say for how many pairs which country is documented as earlier, or that it cannot be told."""
    read = chosen.read(chosen.pairs)
    first, second = chosen.sides
    a, b = (read[side] for side in DOCUMENTED)
    if chosen.pairs.empty:
        text = (
            f"{first} and {second}, {chosen.period}: nothing is documented for this "
            f"selection ({chosen.why_no_pair}); which came earlier cannot be told from these data."
        )
    elif not chosen.in_full:
        text = (
            f"Which of {first} and {second} came earlier cannot be told from these data: pairs of "
            f"the two were not sought in full; {len(chosen.pairs)} stand in the table for "
            f"contrast, of rules chosen by hand ({first} earlier {a}, {second} earlier {b}; "
            f"{_open(read)})."
        )
    elif read["answer"] == "cannot_be_told":
        text = (
            f"Which of {first} and {second} came earlier cannot be told from these data: of "
            f"{counted(len(chosen.pairs), 'pair')} of like rules the order is documented for "
            f"{read['documented']}, and fewer than {LEAST} are too few ({first} earlier {a}, "
            f"{second} earlier {b}; {_open(read)})."
        )
    else:
        text = (
            f"Of {counted(len(chosen.pairs), 'pair')} of like rules, {first} is documented as "
            f"earlier in {a} and {second} in {b}; {_open(read)}; {_share(chosen, read)}."
        )
    return Finding(
        "order-of-pairs",
        text,
        read,
        order.together(chosen.pairs["evidence"]),
        layer=chosen.rule_layer,
        no_evidence=chosen.why_no_pair,
        headline=True,
    )


def order_of_elements(chosen: Order) -> Finding:
    """Say the same with each element counted once, by the first start in either country."""
    read = chosen.read(chosen.elements)
    first, second = chosen.sides
    a, b = (read[side] for side in DOCUMENTED)
    many = counted(len(chosen.elements), "element")
    if chosen.elements.empty:
        text = f"No element can be compared ({chosen.why_no_pair})."
    elif read["answer"] == "cannot_be_told":
        text = (
            f"With each of {many} counted once, by the first rule documented in either country, "
            f"which came earlier cannot be told from these data either: the order is documented "
            f"for {read['documented']} ({first} earlier {a}, {second} earlier {b}; {_open(read)})."
        )
    else:
        text = (
            f"With each of {many} counted once, by the first rule documented in either country, "
            f"{first} is documented as earlier in {a} and {second} in {b}; {_open(read)}; "
            f"{_share(chosen, read)}."
        )
    return Finding(
        "order-of-elements",
        text,
        read,
        order.together(chosen.elements["evidence"]),
        layer=chosen.rule_layer,
        no_evidence=chosen.why_no_pair,
        headline=True,
    )


def likeness_told(chosen: Order) -> Finding:
    """Say the order by likeness: pairs of close likeness weigh most."""
    labels = chosen.project.vocabulary("likeness")
    first, second = chosen.sides
    parts, value = [], {}
    for code, label in labels.items():
        own = chosen.pairs[chosen.pairs["likeness"] == code]
        if own.empty:
            continue
        read = chosen.read(own)
        value[code] = read
        few = " (too few to be told)" if read["documented"] < LEAST else ""
        parts.append(
            f"{label.lower()}, {counted(len(own), 'pair')}: {first} earlier in "
            f"{read['a_earlier']}, {second} in {read['b_earlier']}, order not documented for "
            f"{read['overlap'] + read['unknown']}{few}"
        )
    told = "; ".join(parts) or f"nothing is documented ({chosen.why_no_pair})"
    text = f"By likeness: {told}."
    return Finding(
        "likeness",
        text,
        value,
        order.together(chosen.pairs["evidence"]),
        layer=chosen.rule_layer,
        no_evidence=chosen.why_no_pair,
        headline=True,
    )


def _years(number: float) -> str:
    return f"{number:.1f}"


def lags_told(chosen: Order) -> Finding:
    """Say how far apart the starts lie, by which country is earlier."""
    table = order.lags(chosen.pairs)
    told = [
        f"where {name} is earlier ({counted(row.pairs, 'pair')}), the median of the least possible "
        f"lags is {_years(row.least)} years and of the greatest {_years(row.greatest)}; single "
        f"lags lie between {_years(row.shortest)} and {_years(row.longest)} years"
        for name, row in zip(chosen.sides, table.itertuples(index=False), strict=True)
        if row.pairs
    ]
    text = "; ".join(told) + "." if told else f"No lag is documented ({chosen.why_no_pair})."
    own = chosen.pairs[chosen.pairs["order"].isin(DOCUMENTED)]
    value = {
        row.order: [None if pd.isna(n) else round(float(n), 2) for n in row[2:]]
        for row in table.itertuples(index=False)
    }
    return Finding(
        "lags",
        text[0].upper() + text[1:],
        value,
        order.together(own["evidence"]),
        layer=chosen.rule_layer,
        no_evidence=chosen.why_no_pair,
    )


def influence_told(chosen: Order) -> Finding:
    """Say what evidence of influence there is beside the dates, by type."""
    table = chosen.influence.set_index("influence")
    value = {str(kind): int(n) for kind, n in table["pairs"].items()}
    labels = chosen.project.vocabulary("influence_evidence")
    third = int((chosen.pairs["third_source"] != "").sum())
    rest = [f"{labels[k].lower()} {n}" for k, n in value.items() if k != DATES_ONLY]
    ids = order.together(table["evidence"]) or order.together(chosen.pairs["evidence"])
    if chosen.pairs.empty:
        text = f"No evidence of influence can be told ({chosen.why_no_pair})."
    else:
        text = (
            f"For {value[DATES_ONLY]} of {counted(len(chosen.pairs), 'pair')} nothing beyond dates "
            f"is documented; by type of other evidence: {listed(rest)}. A common third source is "
            f"documented for {third}; every pair has rival explanations."
        )
    return Finding(
        "influence",
        text,
        {**value, "third_source": third},
        ids,
        layer=chosen.layer,
        no_evidence=chosen.why_no_pair,
        headline=True,
    )


def links_told(chosen: Order) -> Finding:
    """Say how the texts link the two countries on civil society: asserted, feared, demanded …."""
    table = chosen.on_civil_society
    whole = int(table["statements"].sum())
    modalities = list(chosen.project.vocabulary("modality"))
    value = {m: int(table.loc[table["modality"] == m, "statements"].sum()) for m in modalities}
    influence = table[table["kind"] == "influence"]
    how = listed(f"{m} {n}" for m, n in value.items() if n)
    said = listed(
        f"{row.modality} {row.statements} (voice: {row.voice.replace('_', ' ')})"
        for row in influence.itertuples()
    )
    if not whole:
        text = f"No statement of the texts links the two countries ({chosen.why_no_link})."
    else:
        texts = chosen.links.loc[chosen.links["on_civil_society"], "article_id"].nunique()
        text = (
            f"{counted(whole, 'statement')} of {counted(texts, 'text')} link the two countries on "
            f"civil society: {how}; of them on influence: {said}."
        )
    return Finding(
        "links",
        text,
        value,
        order.together(table["evidence"]),
        layer="corpus",
        no_evidence=chosen.why_no_link,
        headline=True,
    )


def unmatched_told(chosen: Order) -> Finding:
    """Say how many rules of either country have no counterpart in the table."""
    table = chosen.unmatched
    value = {c: int((table["country"] == c).sum()) for c in chosen.countries}
    whole = {c: int((chosen.openers["country"] == c).sum()) for c in chosen.countries}
    parts = [f"{value[c]} of {whole[c]} for {chosen.names[c]}" for c in chosen.countries]
    if chosen.openers.empty:
        text = f"No rule that can open a pair is documented ({chosen.why_no_pair})."
    elif not chosen.in_full:
        text = (
            f"Pairs of {listed(chosen.sides)} were not sought in full: rules without a pair "
            f"({listed(parts)}) are not said to be without a counterpart."
        )
    else:
        text = f"Rules that can open a pair and have no counterpart in the table: {listed(parts)}."
    return Finding(
        "unmatched",
        text,
        value,
        order.together(table["evidence"]),
        layer=chosen.rule_layer,
        no_evidence=chosen.why_no_pair,
    )


def contrast_told(chosen: Order) -> Finding:
    """Set the country of contrast beside either of the two."""
    parts, by_hand, value, ids = [], [], {}, []
    for country in chosen.countries:
        if chosen.contrast is None or country == chosen.contrast:
            continue
        own = chosen.pairs_of([chosen.contrast, country])
        read = order.reading(own)
        name = chosen.names[country]
        value[country] = read
        ids += [*order.together(own["evidence"]), *order.together(own["influence_evidence"])]
        if own.empty:
            parts.append(f"with {name} no pair")
            continue
        if {chosen.contrast, country} != set(SOUGHT):
            by_hand.append(name)
        beyond = own[~own["influence"].map(lambda cell: DATES_ONLY in cell).astype(bool)]
        close = int((own["likeness"] == "close").sum())
        parts.append(
            f"with {name} {counted(len(own), 'pair')}, {close} of close likeness, {name} earlier "
            f"in {read['b_earlier']}, evidence beyond dates documented for {len(beyond)}"
        )
    if not parts:
        text = "No country of contrast is asked for beside the two."
    else:
        text = f"For contrast, {chosen.names[str(chosen.contrast)]}: {'; '.join(parts)}."
        if by_hand:
            text += (
                f" Pairs with {listed(by_hand)} were chosen by hand and not sought in full: their "
                "order cannot be read."
            )
    reason = NO_PAIR if "register" in chosen.layers else NO_RULES
    return Finding("contrast", text, value, ids, layer=chosen.layer, no_evidence=reason)


def answer(chosen: Order) -> list[Finding]:
    """Return the answer in brief."""
    return [
        order_of_pairs(chosen),
        likeness_told(chosen),
        order_of_elements(chosen),
        influence_told(chosen),
        links_told(chosen),
    ]


def _day(earliest: pd.Timestamp, latest: pd.Timestamp, presumed: bool) -> str:
    if pd.isna(earliest):
        return "not documented"
    days = f"{earliest:%Y-%m-%d}"
    if earliest != latest:
        days += f" to {latest:%Y-%m-%d}"
    return days + (" (presumed)" if presumed else "")


def _lag(row: Mapping[str, Any]) -> str:
    """Return the lag in years without a sign, or why there is none."""
    if row["order"] not in DOCUMENTED:
        return ""
    ends = sorted(abs(row[c]) / order.DAYS_IN_YEAR for c in ("lag_least", "lag_greatest"))
    low, high = (_years(end) for end in ends)
    return low if low == high else f"{low} to {high}"


def _order_words(chosen: Order, row: Mapping[str, Any], sides: tuple[str, str]) -> str:
    words = {"a_earlier": f"{sides[0]} earlier", "b_earlier": f"{sides[1]} earlier"}
    words |= {k: v for k, v in order.ORDERS.items() if k not in DOCUMENTED}
    return words[row["order"]] + (" (presumed start)" if row["presumed"] else "")


def pairs_table(
    chosen: Order, pairs: pd.DataFrame, sides: tuple[str, str] | None = None
) -> pd.DataFrame:
    """List pairs: what is alike, the two rules with their starts, order, lag, evidence, rivals."""
    sides = sides or chosen.sides
    rules = chosen.rules.set_index("rule_id")
    influences = chosen.project.vocabulary("influence_evidence")
    rows = []
    for row in pairs.to_dict(orient="records"):
        cells: dict[str, Any] = {
            "category": chosen.labels[row["category"]],
            "alike": row["element"],
            "likeness": row["likeness"],
        }
        for side, name in zip(order.SIDES, sides, strict=True):
            rule = rules.loc[row[f"rule_{side}"]]
            start = _day(
                row[f"{side}_earliest"], row[f"{side}_latest"], bool(row[f"{side}_presumed"])
            )
            cells[name] = f"{start}: {rule['measure']} ({rule['title']})"
        cells |= {
            "order": _order_words(chosen, row, sides),
            "lag_in_years": _lag(row),
            "why_a_pair": row["justification"],
            "evidence_of_influence": listed(influences[k].lower() for k in row["influence"]),
            "common_source": row["third_source"],
            "rival_explanations": row["rival"],
            "note": row["note"],
            "evidence": (*row["evidence"], *row["influence_evidence"]),
        }
        rows.append(cells)
    columns = [
        "category",
        "alike",
        "likeness",
        "order",
        "lag_in_years",
        *sides,
        "why_a_pair",
        "evidence_of_influence",
        "common_source",
        "rival_explanations",
        "note",
        "evidence",
    ]
    return pd.DataFrame(rows, columns=columns)


def by_category(chosen: Order, kind: str) -> pd.DataFrame:
    """Count pairs and elements by category and order."""
    labels = chosen.of_kind(kind)
    first, second = chosen.sides
    pairs = order.counts(chosen.pairs, list(labels)).set_index("category")
    elements = order.counts(chosen.elements, list(labels)).set_index("category")
    rows = []
    for category, label in labels.items():
        p, e = pairs.loc[category], elements.loc[category]
        own = chosen.pairs[chosen.pairs["category"] == category]
        rows.append(
            {
                "category": label,
                "pairs": int(p["pairs"]),
                f"{first}_earlier": int(p["a_earlier"]),
                f"{second}_earlier": int(p["b_earlier"]),
                "starts_overlap": int(p["overlap"]),
                "no_date_of_a_start": int(p["unknown"]),
                "elements": int(e["pairs"]),
                f"elements,_{first}_earlier": int(e["a_earlier"]),
                f"elements,_{second}_earlier": int(e["b_earlier"]),
                "evidence": order.together(own["evidence"]),
            }
        )
    return pd.DataFrame(rows)


def elements_table(chosen: Order) -> pd.DataFrame:
    """List the elements: the first start in either country, order and lag."""
    rows = [
        {
            "category": chosen.labels[row["category"]],
            "alike": row["element"],
            "pairs": row["pairs"],
            **{
                f"first in {name}": _day(row[f"{side}_earliest"], row[f"{side}_latest"], False)
                for side, name in zip(order.SIDES, chosen.sides, strict=True)
            },
            "order": _order_words(chosen, row, chosen.sides),
            "lag_in_years": _lag(row),
            "evidence": row["evidence"],
        }
        for row in chosen.elements.to_dict(orient="records")
    ]
    firsts = [f"first in {name}" for name in chosen.sides]
    columns = ["category", "alike", "pairs", *firsts, "order", "lag_in_years", "evidence"]
    return pd.DataFrame(rows, columns=columns)


def unmatched_table(chosen: Order) -> pd.DataFrame:
    """List rules without a pair, with what was searched for the other country."""
    rows = [
        {
            "category": chosen.labels[row["category"]],
            "documented_for": chosen.names[row["country"]],
            "in_force_from": _day(
                row["from_earliest"], row["from_latest"], row["from_basis"] == "presumed"
            ),
            "requires": row["measure"],
            "search_for_the_other": _search_words(row["blocks"], row["found"])
            if chosen.in_full
            else "no pair was sought",
            "evidence": row["evidence"],
        }
        for row in chosen.unmatched.to_dict(orient="records")
    ]
    columns = [
        "category",
        "documented_for",
        "in_force_from",
        "requires",
        "search_for_the_other",
        "evidence",
    ]
    return pd.DataFrame(rows, columns=columns)


def pending_table(chosen: Order) -> pd.DataFrame:
    """Tell bills beside the starts of force: the first announcement, demand or bill of each act."""
    own = chosen.rules.set_index("rule_id")["process_id"]
    acts = {side: chosen.pairs[f"rule_{side}"].map(own) for side in order.SIDES}
    both = list(dict.fromkeys(a for side in order.SIDES for a in acts[side]))
    events = load_events(
        chosen.layers,
        countries=chosen.countries,
        project=chosen.project,
    )
    steps = order.first_pending(events, both)
    places = load_acts(project=chosen.project).set_index("process_id")
    rows = [
        {
            "first_step": _day(step.date_start, step.date_end, False),
            "stage": step.stage,
            "country": listed(chosen.names[c] for c in places.loc[step.process_id, "country"]),
            "act": places.loc[step.process_id, "title_en"],
            "evidence": step.evidence,
        }
        for step in steps.itertuples()
    ]
    return pd.DataFrame(rows, columns=["first_step", "stage", "country", "act", "evidence"])


def never_table(chosen: Order) -> pd.DataFrame:
    """List bills of the two countries in these categories that never came into force."""
    events = load_events(
        chosen.layers,
        countries=chosen.countries,
        start=chosen.start,
        end=chosen.end,
        categories=list(chosen.categories),
        project=chosen.project,
    )
    own = events[
        events["never_in_force"].astype(bool)
        & events["direction"].isin(order.RESTRICTS)
        & events["level"].eq("rule")
    ]
    rows = [
        {
            "first_step": _day(act["date_start"].iloc[0], act["date_end"].iloc[0], False),
            "country": listed(chosen.names[c] for c in act["country"].iloc[0]),
            "act": act["title"].iloc[0],
            "steps": ", ".join(s.replace("_", " ") for s in act["stage"].drop_duplicates()),
            "evidence": order.together(act["evidence"]),
        }
        for _, act in own.groupby("process_id", sort=False)
    ]
    return pd.DataFrame(rows, columns=["first_step", "country", "act", "steps", "evidence"])


def contacts_table(chosen: Order) -> pd.DataFrame:
    """List documented acts between the two states, by their first documented step."""
    events = load_events(
        chosen.layers,
        countries=chosen.countries,
        start=chosen.start,
        end=chosen.end,
        project=chosen.project,
    )
    shared = events["country"].map(lambda c: set(chosen.countries) <= set(c)).astype(bool)
    rows = [
        {
            "first_step": _day(act["date_start"].iloc[0], act["date_end"].iloc[0], False),
            "act": act["title"].iloc[0],
            "steps": ", ".join(s.replace("_", " ") for s in act["stage"].drop_duplicates()),
            "evidence": order.together(act["evidence"]),
        }
        for _, act in events[shared].groupby("process_id", sort=False)
    ]
    return pd.DataFrame(rows, columns=["first_step", "act", "steps", "evidence"])


def influence_table(chosen: Order) -> pd.DataFrame:
    """Count pairs by type of evidence of influence and by order."""
    labels = chosen.project.vocabulary("influence_evidence")
    first, second = chosen.sides
    table = chosen.influence
    return pd.DataFrame(
        {
            "evidence_of_influence": table["influence"].map(labels),
            "pairs": table["pairs"],
            f"{first}_earlier": table["a_earlier"],
            f"{second}_earlier": table["b_earlier"],
            "order_not_documented": table["overlap"] + table["unknown"],
            "evidence": table["evidence"],
        }
    )


def links_table(chosen: Order, on_civil_society: bool = True) -> pd.DataFrame:
    """List the links by kind, modality and voice."""
    table = chosen.on_civil_society if on_civil_society else chosen.on_other_matters
    out = table.assign(voice=table["voice"].str.replace("_", " "))
    return out.rename(columns={"kind": "what_is_said"})


def contrast_table(chosen: Order) -> pd.DataFrame:
    """List the pairs of the country of contrast with either of the two."""
    parts = []
    for country in chosen.countries:
        if chosen.contrast is None or country == chosen.contrast:
            continue
        sides = (chosen.names[chosen.contrast], chosen.names[country])
        table = pairs_table(chosen, chosen.pairs_of([chosen.contrast, country]), sides)
        table = table.rename(columns={sides[0]: "country_of_contrast", sides[1]: "other_rule"})
        table.insert(4, "with", sides[1])
        parts.append(table)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["with"])


def signs_table(chosen: Order) -> pd.DataFrame:
    """Count, in both directions, what would speak against the one country following the other.

    The signs are those of docs/expectations.md (C1 to C9); C4 lies outside the tables.
    """
    first, second = chosen.countries
    against = [f"against “{x} follows {y}”" for x, y in (chosen.sides, reversed(chosen.sides))]
    pairs, rules = chosen.pairs, chosen.rules
    counts = order.counts(pairs).iloc[0]
    elements = order.counts(chosen.elements).iloc[0]
    never = never_table(chosen)["country"].str
    third = int((pairs["third_source"] != "").sum())
    aim = int((pairs["likeness"] == "functional").sum())
    lone: dict[str, Any] = {
        c: int((chosen.unmatched["country"] == c).sum()) if chosen.in_full else "not sought"
        for c in chosen.countries
    }
    links = chosen.links
    lag = order.lags(pairs)["least"].map(lambda n: "" if pd.isna(n) else f"{_years(n)} years")

    def eased(country: str) -> int:
        own = rules[(rules["country"] == country) & (rules["direction"] == "enabling")]
        return len(own)

    def reverse(source: str) -> int:
        return int(((links["kind"] == "influence") & (links["from_country"] == source)).sum())

    rows = [
        ("C1", "pairs in which it is earlier", counts["a_earlier"], counts["b_earlier"]),
        ("C1", "elements in which it is earlier", elements["a_earlier"], elements["b_earlier"]),
        ("C2", "pairs with a documented common source", third, third),
        ("C3", "pairs of the same aim by another instrument", aim, aim),
        (
            "C5",
            "its restrictive bills that never came into force",
            *(int(never.contains(name).sum()) for name in chosen.sides),
        ),
        ("C6", "rules of the other without its counterpart", lone[second], lone[first]),
        ("C7", "its enabling rules", eased(first), eased(second)),
        ("C8", "median of the least lags where the other is earlier", lag[1], lag[0]),
        (
            "C9",
            "statements that it bears on the other (all matters)",
            reverse(first),
            reverse(second),
        ),
    ]
    return pd.DataFrame(rows, columns=["no.", "sign", *against])


def spread_told(chosen: Order, table: pd.DataFrame) -> Finding:
    """Say between which shares the answer lies under the other choices."""
    column = f"share_of_{chosen.sides[0]}"
    told = table[table[column] != "cannot be told"]
    shares = told[column].str.rstrip("%").astype(int)
    few = len(table) - len(told)
    if told.empty:
        text = f"Under none of {counted(len(table), 'choice')} can the order be told."
        value: dict[str, Any] = {}
    else:
        low, high = told.loc[shares.idxmin()], told.loc[shares.idxmax()]
        value = {"lowest": int(shares.min()), "highest": int(shares.max())}
        text = (
            f"Over {counted(len(told), 'choice')}, the share of pairs with {chosen.sides[0]} "
            f"earlier lies between {low[column]} ({low['choice']}) and {high[column]} "
            f"({high['choice']}); under {few} it cannot be told."
        )
    reason = "counted over the rows of the table of robustness"
    return Finding("spread", text, value, layer=chosen.rule_layer, no_evidence=reason)


def robustness(project: Project, values: Mapping[str, Any]) -> pd.DataFrame:
    """Count pairs by order under other choices."""
    given = dict(values)
    variants: dict[str, dict[str, Any]] = {
        "as chosen": {},
        "register only": {"layers": ["register"]},
        "corpus only": {"layers": ["corpus"]},
        "close likeness only": {"likeness": ["close"]},
        "close and partial likeness": {"likeness": ["close", "partial"]},
        "high confidence only": {"min_confidence": "high"},
        "rules of law only, without policies": {"levels": ["rule"]},
    }
    rows: list[dict[str, Any]] = []
    for name, change in variants.items():
        chosen = select(project, **{**given, **change})
        rows.append({"choice": name, **_row(chosen, chosen.pairs)})
    chosen = select(project, **given)
    pairs = chosen.pairs
    exact = (pairs["a_earliest"] == pairs["a_latest"]) & (pairs["b_earliest"] == pairs["b_latest"])
    sure = ~pairs["presumed"]
    rows.append({"choice": "without presumed starts", **_row(chosen, pairs[sure])})
    rows.append(
        {"choice": "starts documented to the day only", **_row(chosen, pairs[sure & exact])}
    )
    fields, sanctions = (chosen.on_categories(pairs, kind) for kind in KINDS)
    rows.append({"choice": "fields only, without sanctions", **_row(chosen, fields)})
    rows.append({"choice": "sanctions only", **_row(chosen, sanctions)})
    rows.append({"choice": "each element once", **_row(chosen, chosen.elements)})
    close = order.by_element(pairs[pairs["likeness"] == "close"])
    rows.append({"choice": "each element once, close likeness only", **_row(chosen, close)})
    rows.append(
        {
            "choice": "each element once, without presumed starts",
            **_row(chosen, order.by_element(pairs[sure])),
        }
    )
    return pd.DataFrame(rows)


def _row(chosen: Order, pairs: pd.DataFrame) -> dict[str, Any]:
    read = chosen.read(pairs)
    first, second = chosen.sides
    told = read["answer"] != "cannot_be_told"
    return {
        "compared": len(pairs),
        f"{first}_earlier": read["a_earlier"],
        f"{second}_earlier": read["b_earlier"],
        "order_not_documented": read["overlap"] + read["unknown"],
        f"share_of_{first}": f"{read['share_a']:.0%}" if told else "cannot be told",
        **{
            f"{name}:_rules,_searched_blocks": f"{rules}, {blocks}"
            for name, (rules, blocks) in zip(chosen.sides, chosen.chances, strict=True)
        },
    }


def pairs_drawing(chosen: Order, kind: str) -> Any:
    """Draw the pairs of the fields or of the sanctions."""
    own = chosen.on_categories(chosen.pairs, kind)
    if own.empty:
        return empty_figure(f"No pair to draw: {chosen.why_no_pair}.")
    first, second = chosen.countries
    return pairs_figure(
        own, chosen.of_kind(kind), {c: chosen.names[c] for c in (first, second)}, chosen.start,
        chosen.end,
    )  # fmt: skip


def alt_of_pairs(chosen: Order, kind: str) -> str:
    """Describe the figure of pairs in words and numbers."""
    own = chosen.on_categories(chosen.pairs, kind)
    if own.empty:
        return f"An empty frame, nothing is drawn: {chosen.why_no_pair}."
    first, second = chosen.sides
    parts = [
        f"{label} {row.a_earlier}, {row.b_earlier}, {row.overlap + row.unknown}"
        for label, row in zip(
            chosen.of_kind(kind).values(),
            order.counts(own, list(chosen.of_kind(kind))).itertuples(index=False),
            strict=True,
        )
        if row.pairs
    ]
    read = chosen.read(own)
    return (
        f"Starts of {counted(len(own), 'pair')} of like rules on an axis of years, {chosen.start} "
        f"to {chosen.end}. {first} is earlier in {read['a_earlier']}, {second} in "
        f"{read['b_earlier']}; for {read['overlap'] + read['unknown']} the order is not "
        f"documented. By category, in the same order: {'; '.join(parts)}."
    )


def links_drawing(chosen: Order) -> Any:
    """Draw the links on civil society by modality and kind."""
    if chosen.on_civil_society.empty:
        return empty_figure(f"No link to draw: {chosen.why_no_link}.")
    vocabulary = chosen.project.vocabulary
    return links_figure(chosen.on_civil_society, vocabulary("modality"), vocabulary("link"))


def alt_of_links(chosen: Order) -> str:
    """Describe the figure of links in words and numbers."""
    table = chosen.on_civil_society
    if table.empty:
        return f"An empty frame, nothing is drawn: {chosen.why_no_link}."
    parts = []
    for modality in chosen.project.vocabulary("modality"):
        own = table[table["modality"] == modality].groupby("kind")["statements"].sum()
        if len(own):
            parts.append(f"{modality}: {', '.join(f'{k} {n}' for k, n in own.items())}")
    return (
        f"Bars of {int(table['statements'].sum())} statements that link the two countries on civil "
        f"society, by how they are said and what they say. {'; '.join(parts)}."
    )
