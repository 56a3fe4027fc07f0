"""Look up pieces of evidence by id: what a reader needs to check a claim."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ngolib.evidence.events import load_acts, load_statements
from ngolib.project import Project
from ngolib.texts import load_articles, load_sentences

COLUMNS = ["evidence_id", "layer", "title", "before", "quote", "after", "about", "url"]


def _statement(row: pd.Series, articles: pd.DataFrame, sentences: pd.DataFrame, title: str) -> dict:
    article = articles.loc[row["article_id"]]
    inside = sentences[
        (sentences["article_id"] == row["article_id"])
        & (sentences["end"] > row["start"])
        & (sentences["start"] < row["end"])
    ]
    before = after = ""
    if not inside.empty:
        first, last = inside.iloc[0], inside.iloc[-1]
        before = first["text"][: max(0, row["start"] - first["start"])]
        after = last["text"][max(0, len(last["text"]) - (last["end"] - row["end"])) :]
        if last["end"] <= row["end"]:
            after = ""
    facts = [
        f"{article['title']}",
        article["outlet"] or "outlet not stated",
        article["published"] or "date not known",
        f"voice: {row['voice']}" + (f" ({row['claimant_name']})" if row["claimant_name"] else ""),
        f"reliability {article['reliability']}",
        f"credibility {row['credibility']}",
        f"{row['modality']}",
        f"raw characters {row['start']}–{row['end']}",
    ]
    return {
        "evidence_id": row["statement_id"],
        "layer": "corpus",
        "title": title,
        "before": before,
        "quote": row["exact"],
        "after": after,
        "about": " · ".join(facts),
        "url": "",
    }


def _step(row: pd.Series, sources: pd.DataFrame, title: str) -> dict[str, Any]:
    own = sources[sources["step_id"] == row["step_id"]]
    first = own.iloc[0]
    span = row["date"] + (f" to {row['date_end']}" if row["date_end"] else "")
    facts = [
        f"{row['stage']}{' (scheduled)' if row['scheduled'] else ''} {span}",
        row["actor"],
        f"confidence {row['confidence_fact']}, in its date {row['confidence_date']}",
        first["source_kind"],
        f"{len(own)} sources" if len(own) > 1 else "",
    ]
    return {
        "evidence_id": row["step_id"],
        "layer": "register",
        "title": title,
        "before": "",
        "quote": first["snippet"],
        "after": "",
        "about": " · ".join(f for f in facts if f),
        "url": first["url"],
    }


def _rule(row: pd.Series, title: str) -> dict[str, Any]:
    start = row["in_force_from"] or "start not documented"
    end = row["in_force_to"] or ("ended, date not documented" if row["to_basis"] else "")
    facts = [
        row["measure"],
        f"in force: {start}" + (f" to {end}" if end else "; no end documented"),
        f"rung {row['rung']}" if pd.notna(row["rung"]) else "",
        f"confidence {row['confidence']}",
    ]
    return {
        "evidence_id": row["rule_id"],
        "layer": "register",
        "title": title,
        "before": "",
        "quote": row["snippet"],
        "after": "",
        "about": " · ".join(f for f in facts if f),
        "url": row["url"],
    }


def lookup(ids: Iterable[str], *, project: Project | None = None) -> pd.DataFrame:
    """Look up evidence by id.

    Parameters
    ----------
    ids : iterable of str
        Ids of statements, steps and rules.

    Returns
    -------
    pandas.DataFrame
        `evidence_id, layer, title` (of the act), `before, quote, after` (a statement's quote in its
        sentence, verbatim; a step's or rule's snippet), `about` (what it says, where, how sure),
        `url`; in the order given, each id once.

    Raises
    ------
    KeyError
        If an id is not known.
    """
    project = project or Project.find()
    wanted = list(dict.fromkeys(ids))
    acts = load_acts(project=project).set_index("process_id")["title_en"]
    statements = load_statements(project=project).set_index("statement_id", drop=False)
    steps = project.read_table("steps").set_index("step_id", drop=False)
    rules = project.read_table("rules").set_index("rule_id", drop=False)
    sources = project.read_table("step_sources")
    articles = load_articles(project=project).set_index("article_id")
    sentences = load_sentences(project=project)
    items = []
    for evidence_id in wanted:
        if evidence_id in statements.index:
            row = statements.loc[evidence_id]
            items.append(_statement(row, articles, sentences, acts[row["process_id"]]))
        elif evidence_id in rules.index:
            row = rules.loc[evidence_id]
            items.append(_rule(row, acts[row["process_id"]]))
        elif evidence_id in steps.index:
            row = steps.loc[evidence_id]
            items.append(_step(row, sources, acts[row["process_id"]]))
        else:
            raise KeyError(f"no statement, step or rule has the id {evidence_id!r}")
    return pd.DataFrame(items, columns=COLUMNS)
