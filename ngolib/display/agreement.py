"""What is shown of how well coders agree: in the notebook of the sources, and by the command."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ngolib.analysis import agreement as measured
from ngolib.analysis.agreement import COLUMNS, Comparison
from ngolib.analysis.agreement.register import by_code
from ngolib.display.sentences import counted, listed
from ngolib.errors import ProjectError
from ngolib.objects import EvidenceTable, Finding
from ngolib.project import Project
from ngolib.texts import load_sentences

ONE_CODER = "not documented: only one coder has coded"
SAMPLED = "counted over data/register/second_reading.csv; each row is one code"
COUNTED = "counted over the coders' files under data/coding/coders; each row is one statement"
LIMITS = (
    "Our coders are language models that work from one codebook. Models of one kind share errors, "
    "so that agreement among them is an upper bound; agreement is not correctness."
)
OURS = {"a": "coder a", "b": "coder b", "adjudicated": "the adjudicated coding"}
MOST_FREQUENT = 12
_SPANS = {
    "a_characters": "yours",
    "b_characters": "ours",
    "both_characters": "both",
    "a_share_in_b": "share_of_yours_in_ours",
    "b_share_in_a": "share_of_ours_in_yours",
}


@dataclass(frozen=True)
class Compared:
    """Two codings compared, with every table of it."""

    project: Project
    comparison: Comparison

    @cached_property
    def columns(self) -> pd.DataFrame:
        """Agreement on each column, the hardest first."""
        table = measured.by_column(self.comparison)
        return table.sort_values("share", kind="stable").reset_index(drop=True)

    @cached_property
    def sentences(self) -> pd.Series:
        """Agreement on whether a sentence holds a statement."""
        sentences = load_sentences(project=self.project)
        return measured.by_sentence(self.comparison, sentences).iloc[0]

    @cached_property
    def found(self) -> pd.DataFrame:
        """Statements found by both and by one, per article and in all."""
        return measured.found(self.comparison)

    @cached_property
    def spans(self) -> dict[str, float | int | None]:
        """Characters covered by each and by both."""
        return measured.spans(self.comparison)

    @property
    def worst(self) -> str | None:
        """The coded column on which they agree least often."""
        return measured.worst(self.columns)


@dataclass(frozen=True)
class Coders:
    """Our two coders: compared where both have coded, and how their differences were settled."""

    numbers: dict[str, int]
    compared: Compared | None
    settled: pd.DataFrame


def select(project: Project, articles: Collection[str]) -> Coders:
    """Compare our two coders over the articles chosen.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.
    articles : collection of str
        Articles compared; both coders have read all.

    Returns
    -------
    Coders
        `compared` is None while a coder has coded nothing, or nothing of these articles.
    """
    codings = {
        name: table[table["article_id"].isin(articles)]
        for name in ("a", "b")
        for table in [measured.read_ours(project, name)]
    }
    numbers = {name: len(table) for name, table in codings.items()}
    compared = None
    if all(numbers.values()):
        cells = measured.codebook_cells(project)
        comparison = measured.compare(codings["a"], codings["b"], cells, articles)
        compared = Compared(project, comparison)
    adjudication = project.read_table("adjudication")
    own = [set(table["statement_id"]) for table in codings.values()]
    inside = adjudication["a_id"].isin(own[0]) | adjudication["b_id"].isin(own[1])
    return Coders(numbers, compared, measured.settled(adjudication[inside]))


def _percent(share: float | None) -> str:
    return "none" if share is None or pd.isna(share) else f"{share:.0%}"


def _number(value: float | None) -> str:
    return "" if value is None or pd.isna(value) else f"{value:.2f}"


def _interval(row: Any, unit: str) -> str:
    low, high = row[f"{unit}_low"], row[f"{unit}_high"]
    return "" if pd.isna(low) else f"{low:.2f} to {high:.2f}"


def _alpha(row: Any) -> str:
    """Say alpha with its interval, or why there is none."""
    if pd.isna(row["alpha"]):
        return str(row["note"])
    by_article = _interval(row, "article")
    by_statement = _interval(row, "statement")
    inside = [
        f"{by_article} by article" if by_article else "",
        f"{by_statement} by statement" if by_statement else "",
        row["note"],
    ]
    return f"{row['alpha']:.2f} ({'; '.join(filter(None, inside))})"


def _finding(name: str, text: str, value: Any, **more: Any) -> Finding:
    return Finding(name, text, value, layer="corpus", **{"no_evidence": COUNTED, **more})


def answer(coders: Coders) -> list[Finding]:
    """Say how often codes are the same, what both found, alpha, and what was settled.

    Returns
    -------
    list of Finding
        One that says so, where only one coder has coded.
    """
    if coders.compared is None:
        have = [f"coder {name}: {counted(n, 'statement')}" for name, n in coders.numbers.items()]
        text = f"How well the coders agree is {ONE_CODER} ({listed(have)})."
        return [_finding("agreement", text, coders.numbers, headline=True)]
    return [
        _shares(coders.compared),
        _finds(coders.compared),
        _alphas(coders.compared),
        _settled(coders),
    ]


def _shares(compared: Compared) -> Finding:
    columns = compared.columns
    pairs = len(compared.comparison.pairs)
    value = {r["column"]: r["share"] for r in columns.to_dict("records")} if pairs else {}
    if not pairs:
        text = "The coders found no statement in common, so that no code can be compared."
    else:
        hardest, easiest = (
            columns[columns["share"] == share]
            for share in (columns["share"].iloc[0], columns["share"].iloc[-1])
        )
        text = (
            f"Of {counted(pairs, 'statement')} that both coders found, they gave the same code "
            f"least often for {_equal(hardest, pairs)} and most often for {_equal(easiest, pairs)}."
        )
    return _finding("agreement", text, value, headline=True)


def _equal(columns: pd.DataFrame, pairs: int) -> str:
    """Name the columns with one share, and that share."""
    first = columns.iloc[0]
    names = listed(COLUMNS[c] for c in columns["column"])
    return f"{names} ({_percent(first['share'])}, {first['same']} of {pairs})"


def _finds(compared: Compared) -> Finding:
    total = compared.found.iloc[-1]
    either = int(total["both"] + total["only_a"] + total["only_b"])
    sentences = compared.sentences
    text = (
        f"Of {counted(either, 'statement')} of the first two tiers that either coder found in "
        f"{counted(len(compared.comparison.articles), 'article')}, both found {total['both']} "
        f"({_percent(total['share'])}), coder a alone {total['only_a']}, coder b alone "
        f"{total['only_b']}. The characters that they mark overlap with an F1 of "
        f"{_number(compared.spans['f1'])}; of {sentences['pairs']} sentences of running text, "
        f"{_percent(sentences['share'])} are marked alike, alpha {_alpha(sentences)}."
    )
    value = {name: int(total[name]) for name in ("both", "only_a", "only_b")}
    return _finding("agreement-found", text, value | {"f1": compared.spans["f1"]})


def _alphas(compared: Compared) -> Finding:
    columns = compared.columns
    known = columns.dropna(subset=["alpha"]).sort_values("alpha", kind="stable")
    value = {r["column"]: r["alpha"] for r in known.to_dict("records")}
    articles = compared.comparison.pairs["article_id"].nunique()
    parts = []
    if len(known):
        low, high = known.iloc[0], known.iloc[-1]
        parts.append(
            f"Krippendorff's alpha, which takes off the agreement that chance would bring, is "
            f"lowest for {COLUMNS[low['column']]}, {_alpha(low)}, and highest for "
            f"{COLUMNS[high['column']]}, {_alpha(high)}; in brackets the middle 95 in a hundred of "
            f"the bootstrap's draws. {counted(articles, 'article')} with a statement that both "
            "found are few: the intervals are wide, and the one by article is the more honest."
        )
    none = columns[columns["alpha"].isna()]
    if len(none):
        reasons = [f"{COLUMNS[r['column']]} {r['note']}" for r in none.to_dict("records")]
        parts.append(f"Alpha of {listed(reasons)}.")
    return _finding("agreement-alpha", " ".join(parts), value)


def _settled(coders: Coders) -> Finding:
    table = coders.settled
    if table.empty:
        text = "How the disagreements were settled is not documented: none is adjudicated yet."
        return _finding("agreement-settled", text, {})
    total = table[["disagreements", "as_a", "as_b", "otherwise"]].sum()
    parts = [f"{_label(r['column'])} {r['disagreements']}" for r in table.to_dict("records")]
    text = (
        f"{counted(int(total['disagreements']), 'disagreement')} were settled: {total['as_a']} as "
        f"coder a had it, {total['as_b']} as coder b had it, {total['otherwise']} otherwise; by "
        f"column: {listed(parts)}."
    )
    evidence = [i for ids in table["evidence"] for i in ids]
    value = dict(zip(table["column"], table["disagreements"].astype(int).tolist(), strict=True))
    return _finding("agreement-settled", text, value, evidence=evidence)


def _label(column: str) -> str:
    named = {"statement": "whether there is a statement"}
    return named.get(column) or COLUMNS.get(column) or column.replace("_", " ")


def _words(code: object) -> str:
    return str(code).replace("_", " ")


def tables(coders: Coders) -> list[EvidenceTable]:
    """Show agreement by column, what was found, where codes differ most, and what was settled.

    Returns
    -------
    list of EvidenceTable
        None where only one coder has coded.
    """
    compared = coders.compared
    if compared is None:
        return []
    shown = [
        EvidenceTable(
            "agreement",
            _columns(compared),
            "Agreement on each column, over statements that both coders found; the hardest first",
        ),
        EvidenceTable(
            "agreement-found",
            _found(compared).rename(columns={"a": "coder a alone", "b": "coder b alone"}),
            "Statements of the first two tiers found by both coders and by one",
        ),
    ]
    if compared.worst:
        shown.append(
            EvidenceTable(
                "agreement-worst",
                _confusion(compared, compared.worst),
                f"Codes of coder a (rows) against those of coder b (columns, under the numbers of "
                f"the rows) for {_label(compared.worst)}, the coded column on which they agree "
                "least often; on the diagonal they agree",
            )
        )
    differences = _differences(compared)
    if len(differences):
        shown.append(
            EvidenceTable(
                "agreement-differences",
                differences,
                "Codes that most often stood against each other",
            )
        )
    if len(coders.settled):
        shown.append(
            EvidenceTable(
                "agreement-settled",
                _settlement(coders.settled),
                "How the disagreements were settled, by column",
            )
        )
    return shown


def _found(compared: Compared) -> pd.DataFrame:
    table = compared.found.assign(share=[_percent(share) for share in compared.found["share"]])
    table.columns = pd.Index(["article", "both", "a", "b", "share found by both"])
    return table


def _columns(compared: Compared) -> pd.DataFrame:
    """List the columns, the hardest first: share first, then alpha with its intervals."""
    rows = compared.columns.to_dict("records")
    return pd.DataFrame(
        {
            "column": [COLUMNS[r["column"]] for r in rows],
            "statements": [r["pairs"] for r in rows],
            "same code": [r["same"] for r in rows],
            "share": [_percent(r["share"]) for r in rows],
            "alpha": [_number(r["alpha"]) for r in rows],
            # Where there is no interval, its place says why.
            "95% by article": [_interval(r, "article") or r["note"] for r in rows],
            "95% by statement": [_interval(r, "statement") for r in rows],
        }
    )


def _confusion(compared: Compared, column: str) -> pd.DataFrame:
    table = measured.confusion(compared.comparison, column)
    # Long names side by side would make the table wider than a page.
    names = [f"{n} {_words(code)}" for n, code in enumerate(table.index, 1)]
    table.columns = [str(n) for n in range(1, len(names) + 1)]
    table.index = pd.Index(names, name=_label(column))
    return table.reset_index()


def _differences(compared: Compared) -> pd.DataFrame:
    table = measured.disagreements(compared.comparison).head(MOST_FREQUENT)
    return pd.DataFrame(
        {
            "column": table["column"].map(_label),
            "coder a": table["a"].map(_words),
            "coder b": table["b"].map(_words),
            "statements": table["n"],
        }
    )


def _settlement(settled: pd.DataFrame) -> pd.DataFrame:
    table = settled.assign(column=settled["column"].map(_label))
    return table.rename(columns={"as_a": "as coder a", "as_b": "as coder b"})


def compare_file(project: Project, path: Path, against: str) -> Compared:
    """Compare anyone's own coding with one of ours, over the articles that it codes.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.
    path : pathlib.Path
        Their file; it is `a` of the comparison.
    against : {"a", "b", "adjudicated"}
        Our coding; it is `b` of the comparison.

    Returns
    -------
    Compared

    Raises
    ------
    ngolib.errors.DataError
        If their file has a defect.
    ngolib.errors.ProjectError
        If ours has no statement yet.
    """
    theirs = measured.read_theirs(project, path)
    ours = measured.read_ours(project, against)
    if ours.empty:
        table = project.table("statements" if against == "adjudicated" else f"coder_{against}")
        raise ProjectError(f"{OURS[against]} has coded no statement yet ({table.path} is empty)")
    cells = measured.codebook_cells(project)
    articles = set(theirs["article_id"])
    return Compared(project, measured.compare(theirs, ours, cells, articles))


def as_text(compared: Compared, name: str, against: str) -> str:
    """Write a comparison with someone's own coding as plain text."""
    comparison = compared.comparison
    spans, sentences = compared.spans, compared.sentences
    found = _found(compared).rename(columns={"a": "yours alone", "b": "ours alone"})
    left_out = [
        f"{counted(comparison.quoted, 'statement')} whose words stand in the codebook",
        f"{counted(comparison.other_tiers, 'statement')} of tier 3",
    ]
    lines = [
        f"Yours: {name}",
        f"Ours: {OURS[against]}",
        f"Compared over {counted(len(comparison.articles), 'article')} that you coded; left out: "
        f"{listed(left_out)}.",
        "",
        _plain(found),
        "",
        f"Characters marked: F1 {_number(spans['f1']) or 'none'}. Sentences marked alike: "
        f"{sentences['same']} of {sentences['pairs']} ({_percent(sentences['share'])}); alpha "
        f"{_alpha(sentences)}.",
        "",
        _plain(_columns(compared)),
        "",
        "The hardest column stands first. Share: same code, of the statements that both found.",
        "Alpha: Krippendorff's, nominal; for the set of categories with MASI's distance; 95%: the "
        "middle of its bootstrap. Few articles give wide intervals.",
        LIMITS,
    ]
    return "\n".join(lines)


def _plain(table: pd.DataFrame) -> str:
    """Write a table as text: numbers to the right, words to the left, nothing after the last."""
    cells = [[str(c) for c in table.columns], *([str(v) for v in r] for r in table.to_numpy())]
    right = [all(row[n].rstrip("%").isdigit() for row in cells[1:]) for n in range(len(cells[0]))]
    widths = [max(len(row[n]) for row in cells) for n in range(len(cells[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in cells
    )


def as_json(compared: Compared, name: str, against: str) -> dict[str, Any]:
    """Turn a comparison with someone's own coding into what JSON holds; null = not defined."""
    comparison = compared.comparison
    return {
        "file": name,
        "against": against,
        "articles": list(comparison.articles),
        "left_out": {
            "quoted_in_codebook": comparison.quoted,
            "other_tiers": comparison.other_tiers,
        },
        "found": _records(compared.found.rename(columns={"only_a": "yours", "only_b": "ours"})),
        "characters": {_SPANS.get(key, key): value for key, value in compared.spans.items()},
        "sentences": _records(compared.sentences.to_frame().T)[0],
        "columns": _records(compared.columns),
        "limits": LIMITS,
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    plain = table.astype(object)
    return plain.where(plain.notna(), None).to_dict("records")


def second_reading(reading: pd.DataFrame) -> Finding:
    """Say how often a second reader of a sample of the register gave the same codes."""
    codes = by_code(reading)
    if codes.empty:
        text = "No sample of the register has been read a second time."
        return Finding("second-reading", text, {}, layer="register", no_evidence=SAMPLED)
    least, most = codes.iloc[0], codes.iloc[-1]
    rows = reading.groupby("table")["row_id"].nunique()
    sample = listed(counted(n, table[:-1]) for table, n in rows.items())
    text = (
        f"Of {counted(int(codes['rows'].sum()), 'code')} in a sample of {sample} of the register, "
        f"a second reader gave the same in {codes['same'].sum() / codes['rows'].sum():.0%}: "
        f"least often for {least['column']} of {least['table']} ({least['same']} of "
        f"{least['rows']}), most often for {most['column']} of {most['table']} ({most['same']} of "
        f"{most['rows']})."
    )
    value = {f"{c.table}.{c.column}": round(float(c.share), 3) for c in codes.itertuples()}
    return Finding("second-reading", text, value, layer="register", no_evidence=SAMPLED)


def second_reading_table(reading: pd.DataFrame) -> EvidenceTable:
    """Show share and alpha of each coded column of the sample."""
    codes = by_code(reading)
    shown = pd.DataFrame(
        {
            "table": codes["table"],
            "column": codes["column"],
            "same": [f"{c.same} of {c.rows}" for c in codes.itertuples()],
            "share": [f"{share:.0%}" for share in codes["share"]],
            "alpha": ["" if pd.isna(a) else f"{a:.2f}" for a in codes["alpha"]],
            "95%": [
                c.note if pd.isna(c.low) else f"{c.low:.2f} to {c.high:.2f}"
                for c in codes.itertuples()
            ],
        }
    )
    caption = "Codes of two readers of a sample of the register, those least alike first"
    return EvidenceTable("second-reading", shown, caption)
