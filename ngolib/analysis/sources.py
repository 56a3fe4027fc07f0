"""The source texts: what was kept, what was set aside, how far each can be trusted."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

KEPT = ("title", "standfirst", "byline", "date", "body", "subheading", "table")
GROUPS = ("text kept", "set aside", "blank")


def _group(label: pd.Series) -> pd.Series:
    return label.map(
        lambda x: "blank" if x == "blank" else ("text kept" if x in KEPT else "set aside")
    )


def line_groups(lines: pd.DataFrame) -> pd.DataFrame:
    """Count the raw lines of each source: text kept, set aside, blank.

    Returns
    -------
    pandas.DataFrame
        One row per source (index `source_id`), columns as `GROUPS`.
    """
    counts = pd.crosstab(lines["source_id"], _group(lines["label"]))
    counts = counts.reindex(columns=list(GROUPS), fill_value=0)
    counts.columns.name = None
    return counts


def labels_by_source(lines: pd.DataFrame) -> pd.DataFrame:
    """Count lines by label (rows, most frequent first) and source (columns)."""
    if lines.empty:
        return pd.DataFrame(columns=["label", "all"])
    counts = pd.crosstab(lines["label"], lines["source_id"], margins=True, margins_name="all")
    counts = counts.drop(index="all").sort_values(["all"], ascending=False, kind="stable")
    counts.columns.name = None
    return counts.reset_index()


def lines_by_rule(lines: pd.DataFrame) -> pd.DataFrame:
    """Count the lines that each rule labelled: `rule, label, lines`, most first."""
    counts = lines.groupby(["rule", "label"]).size().rename("lines").reset_index()
    return counts.sort_values(["lines", "rule"], ascending=[False, True]).reset_index(drop=True)


def articles_overview(articles: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
    """List the articles: what, when, how far to be trusted, statements coded."""
    coded = statements.groupby("article_id").size()
    return pd.DataFrame(
        {
            "article": articles["article_id"],
            "title": articles["title"],
            "published": articles["published"],
            "genre": articles["genre"].str.replace("_", " "),
            "reliability": articles["reliability"],
            "relevance": articles["relevance"].str.replace("_", " "),
            "words": articles["n_words"],
            "statements": articles["article_id"].map(coded).fillna(0).astype(int),
        }
    )


def left_out(articles: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    """Count articles used and left out, with their share and why."""
    total = max(len(articles), 1)
    rows = [
        ("used", len(chosen), len(chosen) / total, ""),
        (
            "left out",
            len(articles) - len(chosen),
            1 - len(chosen) / total,
            "reliability not among those asked for",
        ),
    ]
    out = pd.DataFrame(rows, columns=["articles", "n", "share", "why"])
    out["share"] = out["share"].map("{:.0%}".format)
    return out


def reliability(articles: pd.DataFrame) -> pd.DataFrame:
    """List each article's reliability, with the reason for it and for its date."""
    return articles[
        ["article_id", "author", "outlet", "reliability", "reliability_basis", "date_note"]
    ].reset_index(drop=True)


def claims(checks: pd.DataFrame, articles: pd.DataFrame) -> pd.DataFrame:
    """List the checked claims of the chosen sources: claim, verdict, what references show."""
    own = checks[checks["source_id"].isin(articles["source_id"])]
    own = own.assign(verdict=own["verdict"].str.replace("_", " "))
    return own[["source_id", "claim", "verdict", "references_show"]].reset_index(drop=True)


def interest(
    articles: pd.DataFrame, statements: pd.DataFrame, voices: Mapping[str, str]
) -> pd.DataFrame:
    """Say of each article what kind of text it is, why, and whose voices its statements are.

    An interest is not measured: it shows in the kind of text and in whom the text lets speak.

    Parameters
    ----------
    articles : pandas.DataFrame
        The table `articles`.
    statements : pandas.DataFrame
        As `ngolib.load_statements` gives them.
    voices : mapping of str to str
        Code to label of the voices.

    Returns
    -------
    pandas.DataFrame
        `article, genre, why, statements`, `in_its_own_voice` (share of the statements without
        another claimant), `voices` (each with its number, most first), `evidence`; in the order of
        the articles.
    """
    rows = []
    for article in articles.itertuples():
        own = statements[statements["article_id"] == article.article_id]
        counts = own["voice"].value_counts()
        told = ", ".join(
            f"{voices[v].lower()} {n}" for v, n in sorted(counts.items(), key=lambda p: (-p[1], p))
        )
        share = f"{(own['claimant'] == '').mean():.0%}" if len(own) else "no statement"
        rows.append(
            (
                article.article_id,
                article.genre.replace("_", " "),
                article.genre_basis,
                len(own),
                share,
                told,
                tuple(own["statement_id"]),
            )
        )
    columns = ["article", "genre", "why", "statements", "in_its_own_voice", "voices", "evidence"]
    return pd.DataFrame(rows, columns=columns)


def doubts_by_kind(doubts: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    """Count doubts by kind, in the order of the codebook, and by what they rest on.

    Returns
    -------
    pandas.DataFrame
        `kind, doubts, articles`, `text, reading, reference` (on what the doubt rests), `statements`
        (coded statements that it bears on), `evidence`; kinds without a doubt are left out.
    """
    rows = []
    for kind, label in kinds.items():
        own = doubts[doubts["kind"] == kind]
        if own.empty:
            continue
        basis = own["basis"].value_counts()
        touched = {i for ids in own["statement_ids"] for i in ids}
        rows.append(
            (
                label,
                len(own),
                own["article_id"].nunique(),
                *(int(basis.get(b, 0)) for b in ("text", "reading", "reference")),
                len(touched),
                tuple(own["doubt_id"]),
            )
        )
    columns = ["kind", "doubts", "articles", "text", "reading", "reference", "statements"]
    return pd.DataFrame(rows, columns=[*columns, "evidence"])


def doubts_table(doubts: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    """List doubts by kind, contradictions first: the words, the verdict, what it rests on.

    Returns
    -------
    pandas.DataFrame
        `kind, article, quote` (verbatim), `verdict, rests_on, evidence`.
    """
    place = {kind: n for n, kind in enumerate(kinds)}
    own = doubts.assign(place=doubts["kind"].map(place))
    own = own.sort_values(["place", "article_id", "start"], kind="stable")
    return pd.DataFrame(
        {
            "kind": own["kind"].map(kinds),
            "article": own["article_id"],
            "quote": own["exact"],
            "verdict": own["verdict"],
            "rests_on": own["basis"],
            "evidence": own["doubt_id"].map(lambda i: (i,)),
        }
    ).reset_index(drop=True)


def statements_overview(statements: pd.DataFrame) -> pd.DataFrame:
    """Count statements by article, tier and modality, with their ids as evidence."""
    groups = statements.groupby(["article_id", "tier", "modality"])
    out = groups["statement_id"].agg(evidence=tuple, statements="size").reset_index()
    return out[["article_id", "tier", "modality", "statements", "evidence"]]


def sentence_on_lines(lines: pd.DataFrame) -> str:
    """Say how many lines of the raw files are kept as text, and if none was chosen."""
    counts = line_groups(lines).sum()
    total = int(counts.sum())
    if not total:
        return "Nothing is documented for what was asked: no article is of these reliabilities."
    return (
        f"Of {total} raw lines in {lines['source_id'].nunique()} files, {counts['text kept']} are "
        f"text of the articles, {counts['set aside']} were set aside with the rule's name and "
        f"{counts['blank']} are blank; every one is kept in the data."
    )


def sentence_on_claims(table: pd.DataFrame) -> str:
    """Say how the checked claims of the texts fared."""
    if table.empty:
        return "No claim of this selection was checked."
    agrees = int((table["verdict"] == "agrees").sum())
    rest = table.loc[table["verdict"] != "agrees", "verdict"].value_counts()
    parts = ", ".join(f"{name} {n}" for name, n in sorted(rest.items()))
    return (
        f"Of {len(table)} claims checked against references, {agrees} agree with them; the others "
        f"by verdict: {parts or 'none'}."
    )


def alt_of_lines(counts: pd.DataFrame) -> str:
    """Describe the figure of lines in words and numbers."""
    parts = [
        f"{source}: {row['text kept']} kept, {row['set aside']} set aside, {row['blank']} blank"
        for source, row in counts.iterrows()
    ]
    if not parts:
        return "Nothing is documented for this selection, so that no line is counted."
    return "Stacked bars of raw lines by source. " + "; ".join(parts) + "."
