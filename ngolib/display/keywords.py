"""What the notebook of voices shows of words: keyword in context, a plain count, keyness."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from ngolib.analysis import keywords, voices
from ngolib.display.sentences import counted, listed
from ngolib.display.voices import NO_TEXT, THRESHOLD, TOP, Voices
from ngolib.evidence.lookup import passage_id
from ngolib.objects import Finding

WHY = {
    "counted": "left to count",
    "elsewhere": "about another country",
    "negated": "negated",
    "off_topic": "in a text off the subject",
    "outside": "outside the text of an article",
}


def keyword_found(chosen: Voices) -> Finding:
    """Say how often the keyword stands in how many texts, and how often it is negated."""
    hits = chosen.hits
    texts = hits["article_id"].nunique()
    negated = int(hits["negated"].sum())
    if chosen.articles.empty:
        text = f"No text was searched for “{chosen.keyword}”: {NO_TEXT}."
    else:
        text = (
            f"“{chosen.keyword}” was searched in {counted(len(chosen.articles), 'text')} and "
            + (
                f"found {counted(len(hits), 'time')} in {texts}; a negation stands before "
                f"{negated} of these."
                if len(hits)
                else "not found."
            )
        )
    return Finding(
        "keyword",
        text,
        {"hits": len(hits), "texts": texts, "negated": negated},
        voices.ids(hits["evidence"]),
        layer=chosen.layer,
        no_evidence=NO_TEXT if chosen.articles.empty else "searched, none found",
    )


def concordance_table(chosen: Voices) -> pd.DataFrame:
    """Show the keyword in its context."""
    hits = chosen.hits
    return pd.DataFrame(
        {
            "text": hits["article_id"],
            "before": hits["before"],
            "keyword": hits["hit"],
            "after": hits["after"],
            "negated_by": hits["negator"],
            "raw_characters": [f"{a}–{b}" for a, b in zip(hits["start"], hits["end"], strict=True)],
            "evidence": hits["evidence"],
        }
    )


def naive_table(chosen: Voices) -> pd.DataFrame:
    """Count the hits of a plain search by text and by why each should not have been counted.

    Returns
    -------
    pandas.DataFrame
        `text, year_of_file, published`, one column per key of `WHY`, `hits`, `words`,
        `per_thousand` (what is left to count, per thousand words of the text; missing where the
        text is not counted).
    """
    hits = chosen.naive
    files = set(chosen.articles["source_id"])
    own = chosen.articles_all[chosen.articles_all["source_id"].isin(files)]
    rows = []
    for source, articles in own.groupby("source_id", sort=False):
        year = re.search(r"\d{4}", str(source))
        places = [
            *(
                (a.article_id, a.published, a.n_words, hits["article_id"] == a.article_id)
                for a in articles.itertuples()
            ),
            (
                f"{source}, no article",
                "",
                0,
                (hits["article_id"] == "") & (hits["source_id"] == source),
            ),
        ]
        for name, published, n_words, mask in places:
            counts = hits.loc[mask, "why"].value_counts()
            row: dict[str, Any] = {k: int(counts.get(k, 0)) for k in WHY}
            if not n_words and not counts.sum():
                continue
            counts_here = name in chosen.on_topic
            rows.append(
                {
                    "text": name,
                    "year_of_file": year.group() if year else "",
                    "published": published,
                    **row,
                    "hits": int(counts.sum()),
                    "words": n_words or None,
                    "per_thousand": round(row["counted"] / n_words * 1000, 2)
                    if counts_here and n_words
                    else None,
                }
            )
    columns = ["text", "year_of_file", "published", *WHY, "hits", "words", "per_thousand"]
    out = pd.DataFrame(rows, columns=columns)
    return out.astype({"words": "Int64", "per_thousand": "Float64"})


def naive_wrong(chosen: Voices) -> Finding:
    """Say what a plain count of the files gets wrong, in numbers."""
    hits = chosen.naive
    table = naive_table(chosen)
    counts = {k: int((hits["why"] == k).sum()) for k in WHY}
    moved = [
        r.text
        for r in table.itertuples()
        if r.published and r.year_of_file not in _years(r.published)
    ]
    if table.empty:
        text = f"No file was searched: {NO_TEXT}."
    else:
        wrong = [f"{n} {WHY[k]}" for k, n in counts.items() if n and k != "counted"]
        text = (
            f"A plain search of the files for “{chosen.keyword}” counts "
            f"{counted(len(hits), 'hit')}; {counts['counted']} of them are left when those are "
            f"taken out that are {listed(wrong)}; {counted(len(moved), 'text')} of "
            f"{len(table[table['published'] != ''])} cannot have been published in the year that "
            "the name of the file gives."
        )
    ids = [passage_id(r.article_id, r.start, r.end) for r in hits.itertuples() if r.article_id]
    return Finding(
        "naive-count",
        text,
        {"hits": len(hits), **counts, "misdated": moved},
        ids,
        layer=chosen.layer,
        no_evidence=NO_TEXT if table.empty else "searched, none found",
    )


def _years(published: str) -> set[str]:
    """Return the years in which a text can have been published; an open end adds none."""
    first, _, last = published.partition("/")
    begin = first[:4] if first[:1].isdigit() else last[:4]
    stop = last[:4] if last[:1].isdigit() else begin
    return {str(y) for y in range(int(begin), int(stop) + 1)} if begin else set()


def alt_of_naive(chosen: Voices) -> str:
    """Describe the chart of hits in words."""
    table = naive_table(chosen)
    if table.empty:
        return f"An empty chart: {NO_TEXT}."
    parts = [
        f"{r['text']}: {r['hits']} hits, {r['counted']} left to count"
        + (f" ({r['per_thousand']} per thousand words)" if pd.notna(r["per_thousand"]) else "")
        for r in table.to_dict("records")
    ]
    return f"Bars of hits of “{chosen.keyword}” in each text. " + "; ".join(parts) + "."


def key_words(chosen: Voices) -> Finding:
    """Say how many words set one text apart, and why they do not speak for a state."""
    key, each = chosen.key, chosen.each
    if chosen.target not in chosen.words.columns or len(chosen.words.columns) < 2:
        text = (
            f"Keyness sets {chosen.target} against other texts on the subject; "
            f"{counted(len(chosen.words.columns), 'such text')} of this selection "
            "can be used, which is not enough."
        )
        reason = "fewer than two texts, or not the one asked for"
        return Finding("key-words", text, {}, layer=chosen.layer, no_evidence=reason)
    own = each[each["article_id"] == chosen.target].iloc[0]
    rest = each[each["article_id"] != chosen.target]
    stay = keywords.without_each(chosen.words, chosen.target, TOP)
    voice = chosen.voice_labels.get(own["voice"]) or own["voice"]
    speak = int((each["voice"] == own["voice"]).sum())
    tail = (
        f"with one other text left out in turn, {stay['stay'].min()} to {stay['stay'].max()} of "
        f"the first {stay['of'].max()} stay; "
        if len(stay)
        else ""
    )
    text = (
        f"{counted(int(own['terms']), 'word')} set {chosen.target} apart (G² of {THRESHOLD} or "
        f"more); {int(own['in_one_text'])} of them stand in no other text. The same measure gives "
        f"each of the other {counted(len(rest), 'text')} {int(rest['terms'].min())} to "
        f"{int(rest['terms'].max())} such words; {tail}"
        f"of {counted(len(each), 'text')}, {counted(speak, 'text')} "
        f"{'is' if speak == 1 else 'are'} written in the voice “{str(voice).lower()}”."
    )
    value = {
        "terms": int(own["terms"]),
        "in_one_text": int(own["in_one_text"]),
        "others": [int(n) for n in rest["terms"]],
        "stay": [int(n) for n in stay["stay"]],
        "texts_of_voice": speak,
    }
    ids = voices.ids(key["evidence"])
    return Finding(
        "key-words",
        text,
        value,
        ids,
        layer=chosen.layer,
        no_evidence="no word passes the threshold",
    )


def key_table(chosen: Voices) -> pd.DataFrame:
    """List the words that set the text apart, with links to their lines."""
    key = chosen.key
    texts = len(chosen.words.columns)
    return pd.DataFrame(
        {
            "word": key["term"],
            "here": key["n_target"],
            "elsewhere": key["n_reference"],
            "per_thousand_here": key["per_thousand_target"].astype(float).round(1),
            "per_thousand_elsewhere": key["per_thousand_reference"].astype(float).round(1),
            "log_likelihood": key["log_likelihood"].astype(float).round(1),
            "z_of_log_odds": key["z"].astype(float).round(2),
            "in_texts": [f"{n} of {texts}" for n in key["texts"]],
            "dispersion": key["dispersion"].astype(float).round(2),
            "evidence": key["evidence"],
        }
    )


def key_lines(chosen: Voices) -> pd.DataFrame:
    """List for each key word the first lines in which it stands."""
    hits = chosen.key_hits
    return pd.DataFrame(
        {
            "word": hits["term"],
            "before": hits["before"],
            "here": hits["hit"],
            "after": hits["after"],
            "evidence": hits["evidence"],
        }
    )


def each_table(chosen: Voices) -> pd.DataFrame:
    """Show what the same measure gives for every text."""
    each = chosen.each
    return pd.DataFrame(
        {
            "text": each["article_id"],
            "voice": [chosen.project.vocabulary("voice").get(v, v) for v in each["voice"]],
            "words": each["words"],
            "words_set_apart": each["terms"],
            "of_these_in_no_other_text": each["in_one_text"],
            "first": ["; ".join(f) for f in each["first"]],
        }
    )


def alt_of_key(chosen: Voices) -> str:
    """Describe the chart of key words in words."""
    if chosen.key.empty:
        return f"An empty chart: no word sets {chosen.target} apart in this selection."
    texts = len(chosen.words.columns)
    parts = [
        f"{r.term} {r.log_likelihood:.1f} (in {r.texts} of {texts} texts)"
        for r in chosen.key.itertuples()
    ]
    return f"Log-likelihood of the words that set {chosen.target} apart: {'; '.join(parts)}."
