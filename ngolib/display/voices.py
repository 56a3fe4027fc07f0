"""What the notebook of voices shows, from the choices of its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ngolib.analysis import keywords, voices
from ngolib.display.sentences import counted, listed
from ngolib.errors import ParameterError, unknown
from ngolib.evidence import load_acts, load_statements
from ngolib.evidence.events import RELIABILITY_ORDER
from ngolib.evidence.lookup import passage_id
from ngolib.objects import Finding
from ngolib.project import Project
from ngolib.texts import load_articles, load_lines
from ngolib.texts.projection import READING_LABELS
from ngolib.texts.rules import load_cleaning_rules

NO_VOICES = "the register holds no voices, and the corpus layer is not asked for"
NOTHING = "no statement of these texts belongs to this selection"
NO_TEXT = "no text belongs to this selection"
# Value of G² that a chance difference exceeds once in a hundred words (one degree of freedom).
THRESHOLD = 6.63
TOP = 10
# Lines shown for each key term: a page quotes, it does not print a text.
LINES = 3


@dataclass(frozen=True)
class Voices:
    """Texts and statements chosen by the parameters, with what was left out."""

    project: Project
    countries: Sequence[str]
    start: int
    end: int
    voices: Sequence[str]
    categories: Sequence[str]
    layers: Sequence[str]
    keyword: str
    window: int
    unit: str
    target: str
    articles_all: pd.DataFrame
    left: pd.Series
    statements_all: pd.DataFrame
    statements: pd.DataFrame

    @property
    def layer(self) -> str:
        """Voices are coded in the corpus layer only, whatever is asked for."""
        return "corpus"

    @property
    def reason(self) -> str:
        """Why a finding has no evidence."""
        if "corpus" not in self.layers:
            return NO_VOICES
        return NO_TEXT if self.articles.empty else NOTHING

    @property
    def asked(self) -> str:
        """What was asked for, in words."""
        return f"about {self.places}, in texts of {self.start} to {self.end}, this selection"

    @cached_property
    def articles(self) -> pd.DataFrame:
        """The articles that are read."""
        return self.articles_all[self.left == ""]

    @cached_property
    def voice_labels(self) -> dict[str, str]:
        """Code to label of the voices shown, in order."""
        labels = self.project.vocabulary("voice")
        return {v: labels[v] for v in labels if v in self.voices}

    @cached_property
    def category_labels(self) -> dict[str, str]:
        """Code to label of the topics shown, in order."""
        labels = self.project.vocabulary("category")
        return {c: labels[c] for c in labels if c in self.categories}

    @cached_property
    def places(self) -> str:
        """Names of the countries chosen."""
        names = self.project.vocabulary("country")
        return listed(names[c] for c in self.countries) if self.countries else "all countries"

    @cached_property
    def titles(self) -> pd.Series:
        """Title of each act."""
        return load_acts(project=self.project).set_index("process_id")["title_en"]

    @cached_property
    def directions(self) -> pd.DataFrame:
        """Acts and statements by voice and direction."""
        return voices.by_direction(self.statements, list(self.voice_labels))

    @cached_property
    def topics(self) -> pd.DataFrame:
        """Acts and statements by topic, voice and direction."""
        return voices.by_topic(self.statements, list(self.voice_labels), list(self.category_labels))

    def _read(self, table: str) -> pd.DataFrame:
        """Return links or numbers of the articles read, of the voices and countries chosen."""
        rows = self.project.read_table(table)
        rows = rows[
            rows["article_id"].isin(self.articles["article_id"])
            & rows["voice"].isin(list(self.voice_labels))
        ]
        if not self.countries:
            return rows
        names = ["from_country", "to_country"] if table == "links" else ["country"]
        cells = [
            {c for n in names for c in (row[n] if isinstance(row[n], tuple) else (row[n],)) if c}
            for row in rows.to_dict("records")
        ]
        kept = [not named or bool(named & set(self.countries)) for named in cells]
        return rows[pd.Series(kept, index=rows.index, dtype=bool)]

    @cached_property
    def relays(self) -> pd.DataFrame:
        """Who relays whom."""
        if self.statements.empty and self.categories_asked:
            return pd.DataFrame(columns=voices.RELAY_COLUMNS)
        links, numbers = self._read("links"), self._read("numbers")
        if self.categories_asked:
            # Links and numbers have no category: they cannot be chosen by one.
            links, numbers = links.iloc[:0], numbers.iloc[:0]
        speakers = self.project.read_table("speakers")
        return voices.relays(self.statements, links, numbers, speakers)

    @property
    def categories_asked(self) -> bool:
        """Whether only some categories were asked for."""
        return len(self.categories) < len(self.project.vocabulary("category"))

    @cached_property
    def framings(self) -> pd.DataFrame:
        """Statements of one act by two voices, those that differ most first."""
        pairs = voices.framings(self.statements, list(self.voice_labels))
        rank = [
            (0 if "direction" in d else 1 if "modality" in d else 2, "step told" in d)
            for d in pairs["differ"]
        ]
        order = sorted(range(len(pairs)), key=lambda n: (*rank[n], n))
        return pairs.iloc[order].reset_index(drop=True)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Every line of the raw texts."""
        return load_lines(project=self.project)

    @cached_property
    def spellings(self) -> keywords.Spellings:
        """The table of variant spellings, of the cleaning rules."""
        return load_cleaning_rules(self.project).substitutions

    @cached_property
    def hits(self) -> pd.DataFrame:
        """The keyword in the articles read."""
        own = self.lines[
            self.lines["article_id"].isin(self.articles["article_id"])
            & self.lines["label"].isin(READING_LABELS)
        ]
        found = keywords.concordance(own, self.keyword, self.spellings, self.window, self.unit)
        ids = [(passage_id(r.article_id, r.start, r.end),) for r in found.itertuples(index=False)]
        return found.assign(evidence=ids)

    @cached_property
    def naive(self) -> pd.DataFrame:
        """Every hit of a plain search of the files, with why it should not have been counted."""
        own = self.lines[
            self.lines["source_id"].isin(set(self.articles["source_id"]))
            & (self.lines["label"] != "blank")
        ]
        hits = keywords.concordance(own, self.keyword, self.spellings)
        names = self.project.vocabulary("country")
        focus = {self.countries[0]} if self.countries else set()
        shared = keywords.naive_share(
            hits,
            READING_LABELS,
            self.on_topic,
            _names(names[c] for c in names if c in focus),
            _names(names[c] for c in names if c not in focus),
        )
        return shared.assign(source_id=own["source_id"].reindex(shared["row"]).to_numpy())

    @property
    def on_topic(self) -> list[str]:
        """Articles read that are on the subject."""
        return list(self.articles.loc[self.articles["relevance"] == "on_topic", "article_id"])

    @cached_property
    def topic_lines(self) -> pd.DataFrame:
        """Lines of the texts on the subject."""
        return self.lines[
            self.lines["article_id"].isin(self.on_topic) & self.lines["label"].isin(READING_LABELS)
        ]

    @cached_property
    def words(self) -> pd.DataFrame:
        """Words of the texts on the subject, counted."""
        return keywords.frequencies(self.topic_lines, self.spellings)

    @cached_property
    def key_words(self) -> pd.DataFrame:
        """Words of the text in question set against those of the others, the first ones."""
        key = keywords.keyness(self.words, [self.target])
        return key[key["log_likelihood"] >= THRESHOLD].head(TOP)

    @cached_property
    def key_hits(self) -> pd.DataFrame:
        """The first lines of each key word in its text, with `term` and `evidence`."""
        own = self.topic_lines[self.topic_lines["article_id"] == self.target]
        parts = [
            keywords.concordance(
                own,
                rf"(?<![\w'’-]){re.escape(term)}(?![\w-])",
                self.spellings,
                self.window,
                self.unit,
            )
            .head(LINES)
            .assign(term=term)
            for term in self.key_words["term"]
        ]
        if not parts:
            return keywords.concordance(own.iloc[:0], "a").assign(term="", evidence=())
        hits = pd.concat(parts, ignore_index=True)
        return hits.assign(evidence=_passages(hits))

    @cached_property
    def key(self) -> pd.DataFrame:
        """The key words with the ids of their lines."""
        lines = self.key_hits.groupby("term")["evidence"].agg(voices.ids)
        return self.key_words.assign(
            evidence=[tuple(lines.get(term, ())) for term in self.key_words["term"]]
        )

    @cached_property
    def own_voice(self) -> dict[str, str]:
        """Article to the voice that speaks in it where no one is relayed."""
        rows = pd.concat(
            [
                self.project.read_table(t)[["article_id", "claimant", "voice"]]
                for t in ("statements", "numbers", "links")
            ]
        )
        own = rows[(rows["claimant"] == "") & (rows["voice"] != "unattributed")]
        return {
            str(a): str(v.value_counts().index[0]) for a, v in own.groupby("article_id")["voice"]
        }

    @cached_property
    def each(self) -> pd.DataFrame:
        """The same done with every text on the subject."""
        return keywords.key_in_each(self.words, THRESHOLD, self.own_voice)


def _passages(hits: pd.DataFrame) -> list[tuple[str, ...]]:
    return [(passage_id(r.article_id, r.start, r.end),) for r in hits.itertuples(index=False)]


def _names(places: Any) -> str:
    """Return a regular expression for the names of countries and what is derived from them."""
    stems = [re.escape(re.sub(r"s?tan$", "", p)) for p in places]
    return r"\b(?:" + "|".join(stems) + r")" if stems else ""


def select(
    project: Project,
    countries: Sequence[str],
    start: int,
    end: int,
    voices_shown: Sequence[str],
    categories: Sequence[str],
    layers: Sequence[str],
    min_reliability: str,
    keep_unjudged: bool,
    keyword: str,
    window: int,
    unit: str,
    target: str,
) -> Voices:
    """Choose texts and statements by the parameters of the notebook.

    A text counts if it may have been published in the period. A statement counts if it speaks of
    one of the countries, belongs to one of the categories and is made by one of the voices.

    Raises
    ------
    ngolib.errors.ParameterError
        If the keyword is no regular expression, or there is no such article.
    """
    keywords.compile_pattern(keyword)
    articles = load_articles(project=project)
    if target not in set(articles["article_id"]):
        raise ParameterError(unknown("article", target, articles["article_id"]))
    left = _why_left(articles, start, end, layers, min_reliability, keep_unjudged)
    everything = load_statements(project=project)
    known = project.vocabulary("voice")
    chosen = [v for v in known if not voices_shown or v in voices_shown]
    topics = [c for c in project.vocabulary("category") if not categories or c in categories]
    read = set(articles.loc[left == "", "article_id"])
    why = _why_statement_left(everything, read, countries, topics, chosen)
    return Voices(
        project,
        countries,
        start,
        end,
        chosen,
        topics,
        layers,
        keyword,
        window,
        unit,
        target,
        articles,
        left,
        everything.assign(why=why),
        everything[why == ""],
    )


def _why_left(
    articles: pd.DataFrame,
    start: int,
    end: int,
    layers: Sequence[str],
    min_reliability: str,
    keep_unjudged: bool,
) -> pd.Series:
    """Say of each article why it is not read; nothing for one that is."""
    letters = (
        set(RELIABILITY_ORDER[RELIABILITY_ORDER.index(min_reliability) :])
        if (min_reliability in RELIABILITY_ORDER)
        else set(RELIABILITY_ORDER)
    )
    first = pd.to_datetime(articles["published_start"].replace("", None))
    last = pd.to_datetime(articles["published_end"].replace("", None))
    # A text whose last possible day is not known may be of any later year.
    inside = (first.dt.year <= end) & ((last.dt.year >= start) | last.isna())
    judged = articles["reliability"].isin({*letters, *(["F"] if keep_unjudged else [])})
    why = pd.Series("", index=articles.index)
    why = why.mask(~judged, "less reliable than asked for")
    why = why.mask(~inside, "published outside the period")
    return why if "corpus" in layers else why.mask(why == "", "corpus layer not asked for")


def _why_statement_left(
    statements: pd.DataFrame,
    read: set[str],
    countries: Sequence[str],
    categories: Sequence[str],
    chosen: Sequence[str],
) -> pd.Series:
    """Say of each statement why it is not used; nothing for one that is."""
    why = pd.Series("", index=statements.index)
    why = why.mask(~statements["voice"].isin(list(chosen)), "voice not asked for")
    topic = statements["categories"].map(lambda c: bool(set(c) & set(categories))).astype(bool)
    why = why.mask(~topic, "topic not asked for")
    if countries:
        place = statements["country"].map(lambda c: bool(set(c) & set(countries))).astype(bool)
        why = why.mask(~place, "about another country")
    return why.mask(~statements["article_id"].isin(read), "text not read")


def coverage(chosen: Voices) -> pd.DataFrame:
    """List the texts: which are read, how far each can be trusted, how much is coded in each."""
    counts = chosen.statements["article_id"].value_counts()
    rows = []
    for article, why in zip(chosen.articles_all.to_dict("records"), chosen.left, strict=True):
        own = chosen.statements[chosen.statements["article_id"] == article["article_id"]]
        heard = own["voice"].drop_duplicates()
        rows.append(
            {
                "text": article["article_id"],
                "published": article["published"],
                "reliability": article["reliability"],
                "subject": article["relevance"].replace("_", " "),
                "words": article["n_words"],
                "read": why or "read",
                "statements": int(counts.get(article["article_id"], 0)) if not why else None,
                "voices": ", ".join(
                    chosen.voice_labels[v] for v in chosen.voice_labels if v in set(heard)
                )
                or ("" if why else "read, no statement of this selection found"),
            }
        )
    return pd.DataFrame(rows).astype({"statements": "Int64"})


def left_out(chosen: Voices) -> pd.DataFrame:
    """Count statements used and left out, with the share and why."""
    everything = chosen.statements_all
    counts = everything["why"].value_counts()
    rows = [("used" if not w else "left out", int(n), w) for w, n in counts.items()]
    rows.sort(key=lambda r: (r[0] != "used", -r[1], r[2]))
    out = pd.DataFrame(rows, columns=["statements", "n", "why"])
    out.insert(2, "share", (out["n"] / max(len(everything), 1)).map("{:.0%}".format))
    return out


def _leaning(chosen: Voices) -> dict[str, dict[str, int]]:
    table = chosen.directions
    return {
        v: {
            d: int(table.loc[(table["voice"] == v) & (table["direction"] == d), "acts"].sum())
            for d in voices.DIRECTIONS
        }
        for v in chosen.voice_labels
    }


def directions_by_voice(chosen: Voices) -> Finding:
    """Say in which direction the acts go of which each voice tells."""
    value = _leaning(chosen)
    heard = {v: c for v, c in value.items() if sum(c.values())}
    silent = [chosen.voice_labels[v] for v in value if v not in heard]
    name = chosen.voice_labels

    def told(those: Sequence[str]) -> str:
        return listed(
            f"{name[v].lower()} ({heard[v]['restrictive']} restrictive, "
            f"{heard[v]['enabling']} enabling)"
            for v in those
        )

    more = [v for v, c in heard.items() if c["enabling"] > c["restrictive"]]
    fewer = [v for v, c in heard.items() if c["enabling"] < c["restrictive"]]
    even = [v for v, c in heard.items() if c["enabling"] == c["restrictive"]]
    if not heard:
        text = f"No statement is documented: {chosen.asked} holds none."
    else:
        parts = [
            f"{words}: {told(those)}"
            for words, those in (
                ("acts with enabling steps outnumber those with restrictive ones as told by", more),
                ("the reverse holds for", fewer),
                ("as many of both are told by", even),
            )
            if those
        ]
        acts = chosen.statements["process_id"].nunique()
        names = listed(s.lower() for s in silent)
        silence = f"; no statement is documented of {names}." if silent else "."
        text = (
            f"{counted(len(chosen.statements), 'statement')} of {counted(acts, 'act')} in "
            f"{counted(chosen.statements['article_id'].nunique(), 'text')}; {'; '.join(parts)}"
            + silence
        )
    return Finding(
        "directions-by-voice",
        text,
        value,
        voices.ids(chosen.directions["evidence"]),
        layer=chosen.layer,
        no_evidence=chosen.reason,
        headline=True,
    )


def relayed(chosen: Voices) -> Finding:
    """Say how much is told at second hand, and through how many texts each claimant is heard."""
    table = chosen.relays
    second = table[table["claimant"] != ""]
    whole, passed = int(table["statements"].sum()), int(second["statements"].sum())
    single = voices.in_one_article(table)
    claimants = second["claimant"].nunique()
    groups = second[second["kind"] == "group"]["claimant"].nunique()
    if table.empty:
        text = f"No claim is documented: {chosen.asked} holds none."
    else:
        share = f" ({passed / whole:.0%})" if whole else ""
        text = (
            f"{passed} of {counted(whole, 'statement')}{share} pass on what someone else says; of "
            f"{counted(claimants, 'claimant')}, {len(single)} are heard through one text only, and "
            f"{groups} are groups without a name."
        )
    value = {"relayed": passed, "statements": whole, "claimants": claimants, "single": len(single)}
    return Finding(
        "relayed",
        text,
        value,
        voices.ids(second["evidence"]) or voices.ids(table["evidence"]),
        layer=chosen.layer,
        no_evidence=chosen.reason,
        headline=True,
    )


def framed(chosen: Voices) -> Finding:
    """Say how often two voices tell of one act, and in what they differ."""
    pairs = chosen.framings
    acts = pairs["process_id"].nunique()
    differ = {
        what: int(sum(what in d for d in pairs["differ"])) for what in ("direction", "modality")
    }
    two = int((pairs["texts"] == "two").sum())
    all_acts = chosen.statements["process_id"].nunique()
    if pairs.empty:
        text = (
            f"Of {counted(all_acts, 'act')}, none is told by more than one voice."
            if all_acts
            else f"No act is documented: {chosen.asked} holds none."
        )
    else:
        text = (
            f"{acts} of {counted(all_acts, 'act')} are told by more than one voice; of the "
            f"{counted(len(pairs), 'pair')} of voices, {differ['direction']} differ in the "
            f"direction of one step, {differ['modality']} in how it is said; in {two} the voices "
            "are heard in two texts, in the rest one text chose both."
        )
    return Finding(
        "framed",
        text,
        {"acts": acts, "pairs": len(pairs), **differ, "two_texts": two},
        voices.ids(pairs["evidence"]) or list(chosen.statements["statement_id"]),
        layer=chosen.layer,
        no_evidence=chosen.reason,
        headline=True,
    )


def answer(chosen: Voices) -> list[Finding]:
    """Return the answer in brief."""
    return [directions_by_voice(chosen), relayed(chosen), framed(chosen)]


def _pivot(chosen: Voices, rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Set the directions side by side, as `acts (statements)`."""
    columns = [*keys, *voices.DIRECTIONS, "evidence"]
    out = []
    for key, own in rows.groupby(list(keys), sort=False):
        cells = {r.direction: f"{r.acts} ({r.statements})" for r in own.itertuples(index=False)}
        out.append(
            [
                *key,
                *(cells.get(d, "") for d in voices.DIRECTIONS),
                tuple(voices.ids(own["evidence"])),
            ]
        )
    table = pd.DataFrame(out, columns=columns)
    table["voice"] = table["voice"].map(chosen.voice_labels)
    if "category" in keys:
        table["category"] = table["category"].map(chosen.category_labels)
        table = table.rename(columns={"category": "topic"})
    return table


def directions_table(chosen: Voices) -> pd.DataFrame:
    """Set out who tells of acts in which direction."""
    table = _pivot(chosen, chosen.directions, ["voice"])
    how = chosen.statements.groupby("voice")["modality"].value_counts()
    words = [
        ", ".join(f"{m} {n}" for m, n in how[v].items()) if v in how.index else ""
        for v in chosen.voice_labels
        if v in set(chosen.directions["voice"])
    ]
    table.insert(len(table.columns) - 1, "said_as", words)
    return table


def topics_table(chosen: Voices) -> pd.DataFrame:
    """Set out the topics of each voice by direction."""
    return _pivot(chosen, chosen.topics, ["category", "voice"])


def alt_of_topics(chosen: Voices) -> str:
    """Describe the matrix of topics and voices in words."""
    table = chosen.topics
    if table.empty:
        return f"An empty matrix of topics and voices: {chosen.reason}."
    parts = []
    for voice, label in chosen.voice_labels.items():
        own = table[table["voice"] == voice]
        if own.empty:
            continue
        top = {}
        for direction in ("restrictive", "enabling"):
            rows = own[own["direction"] == direction]
            if len(rows):
                first = rows.loc[rows["acts"].idxmax()]
                label_ = chosen.category_labels[first["category"]].lower()
                top[direction] = f"most {direction} {first['acts']} ({label_})"
        parts.append(f"{label}: {', '.join(top.values()) or 'neither restrictive nor enabling'}")
    return "Topics by voice, acts told of; left bar restrictive, right bar enabling. " + (
        "; ".join(parts) + "."
    )


def relays_table(chosen: Voices) -> pd.DataFrame:
    """List who relays whom."""
    table = chosen.relays
    outlets = chosen.articles_all.set_index("article_id")["outlet"]
    speakers = chosen.project.read_table("speakers").set_index("speaker_id")["name"]
    return pd.DataFrame(
        {
            "text": table["article_id"],
            "outlet": [outlets[a] or "not stated" for a in table["article_id"]],
            "claimant": [n or "(the text itself)" for n in table["name"]],
            "voice": table["voice"].map(chosen.voice_labels),
            "of": [speakers.get(a, a) for a in table["affiliation"]],
            "statements": table["statements"],
            "links": table["links"],
            "numbers": table["numbers"],
            "evidence": table["evidence"],
        }
    )


def _words(record: Mapping[str, Any], side: str, names: Mapping[str, str], labels: Any) -> str:
    who = names.get(record[f"claimant_{side}"], "") or "the text itself"
    return (
        f"{labels[record[f'voice_{side}']]}, {who} ({record[f'article_id_{side}']}): "
        f"“{record[f'exact_{side}']}” "
        f"[{record[f'stage_{side}'].replace('_', ' ')}, {record[f'direction_{side}']}, "
        f"{record[f'modality_{side}']}]"
    )


def framings_table(chosen: Voices) -> pd.DataFrame:
    """Set two voices on one act side by side, with their words."""
    names = chosen.project.read_table("speakers").set_index("speaker_id")["name"].to_dict()
    rows = [
        {
            "act": chosen.titles[r["process_id"]],
            "one_voice": _words(r, "a", names, chosen.voice_labels),
            "another_voice": _words(r, "b", names, chosen.voice_labels),
            "differ_in": ", ".join(r["differ"]) or "their words only",
            "texts": r["texts"],
            "evidence": r["evidence"],
        }
        for r in chosen.framings.to_dict("records")
    ]
    columns = ["act", "one_voice", "another_voice", "differ_in", "texts", "evidence"]
    return pd.DataFrame(rows, columns=columns)


def robustness(project: Project, values: Mapping[str, Any]) -> pd.DataFrame:
    """Count acts by voice and direction under other choices: restrictive / enabling."""
    variants: dict[str, dict[str, Any]] = {
        "as chosen": {},
        "register only": {"layers": ["register"]},
        "corpus only": {"layers": ["corpus"]},
        "texts of reliability C or better": {"min_reliability": "C", "keep_unjudged": False},
    }
    rows = []
    for name, change in variants.items():
        rows.append({"choice": name, **_row(select(project, **{**values, **change}))})
    chosen = select(project, **values)
    for name, kept in (
        ("asserted only", chosen.statements["modality"] == "asserted"),
        ("acts in the subject only, without context", chosen.statements["tier"] != 3),
        ("dated statements only", chosen.statements["date_start"].notna()),
    ):
        part = voices.by_direction(chosen.statements[kept], list(chosen.voice_labels))
        rows.append({"choice": name, **_row(chosen, part)})
    return pd.DataFrame(rows)


def _row(chosen: Voices, table: pd.DataFrame | None = None) -> dict[str, str]:
    rows = chosen.directions if table is None else table
    cells = {}
    for voice, label in chosen.voice_labels.items():
        own = rows[rows["voice"] == voice].set_index("direction")["acts"]
        cells[label] = (
            f"{own.get('restrictive', 0)} / {own.get('enabling', 0)}" if len(own) else "–"
        )
    return cells
