"""What the notebook of commitments shows: treaties, the table read again, the observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from ngolib.analysis import commitments
from ngolib.display import sentences
from ngolib.errors import DataError
from ngolib.evidence import load_statements
from ngolib.evidence.events import RELIABILITY_ORDER
from ngolib.evidence.tables import BINDING, load_treaties, row_id
from ngolib.objects import Finding
from ngolib.project import Project
from ngolib.texts import load_lines

SHORT = {
    "CAT": "Torture",
    "OPCAT": "Torture: protocol",
    "ICCPR": "Civil, political",
    "CED": "Disappearance",
    "CEDAW": "Women",
    "CERD": "Race",
    "ICESCR": "Economic, social",
    "CRC": "Children",
    "CRPD": "Disabilities",
}
NO_TREATIES = "the register layer is not asked for, or has no row for this selection"
NO_TABLE = "no text with such a table belongs to this selection"


@dataclass(frozen=True)
class Commitments:
    """Treaties and statements chosen by the parameters, with what was left out."""

    project: Project
    countries: Sequence[str]
    start: int
    end: int
    table_source: str
    layers: Sequence[str]
    treaties_all: pd.DataFrame
    treaties_kept: pd.DataFrame
    statements_all: pd.DataFrame
    statements: pd.DataFrame
    articles: pd.DataFrame
    table_article: str
    lines: pd.DataFrame
    read_on: pd.Timestamp

    @cached_property
    def country_names(self) -> dict[str, str]:
        """Code to name of every country."""
        return self.project.vocabulary("country")

    @cached_property
    def country_labels(self) -> dict[str, str]:
        """Code to name of the countries chosen, in their order."""
        return {c: self.country_names[c] for c in self.countries}

    @cached_property
    def treaties(self) -> pd.DataFrame:
        """Acts on treaties of the countries chosen."""
        own = self.treaties_kept
        return own[own["country"].isin(self.countries)].reset_index(drop=True)

    @cached_property
    def treaty_codes(self) -> list[str]:
        """Every treaty of the register, in its order, whatever was chosen."""
        return list(dict.fromkeys(self.treaties_all["treaty"]))

    @cached_property
    def status(self) -> pd.DataFrame:
        """What each country chosen had done by the end of the last year."""
        return commitments.status_on(self.treaties, pd.Timestamp(self.end, 12, 31))

    @cached_property
    def parsed(self) -> pd.DataFrame:
        """The table of the text, read from its raw lines."""
        return self._parse[0]

    @cached_property
    def columns(self) -> list[str]:
        """Countries of the printed columns."""
        return self._parse[1]

    @cached_property
    def _parse(self) -> tuple[pd.DataFrame, list[str]]:
        return commitments.parse(self.lines, self.country_names)

    @cached_property
    def checked(self) -> pd.DataFrame:
        """Every reading of the table, judged by the register."""
        if self.parsed.empty or self.treaties_kept.empty:
            return pd.DataFrame()
        return commitments.check(self.parsed, self.columns, self.treaties_kept, self.read_on)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The cells of the readings that are settled."""
        return commitments.cells(self.checked, self.columns)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Where the code and the table that was coded by hand differ."""
        hand = self.project.read_table("treaty_table")
        return commitments.against_coded(self.parsed, self.checked, hand, self.columns)

    @cached_property
    def observations(self) -> pd.DataFrame:
        """What treaty bodies are said to have observed."""
        letters = self.articles.set_index("article_id")["reliability"]
        return commitments.observations(self.statements, letters, self.countries)

    @property
    def coded_source(self) -> bool:
        """Whether the text that is read is the one whose table was coded by hand."""
        coded = self.project.read_table("treaty_table")["source_id"]
        return self.table_source in set(coded)

    @property
    def checked_layer(self) -> str:
        """Layer of what sets the text beside the register."""
        return "both" if len(self.checked) else sentences.layer_name(self.layers)


def select(
    project: Project,
    countries: Sequence[str],
    start: int,
    end: int,
    table_source: str,
    layers: Sequence[str],
    min_reliability: str,
    min_confidence: str,
) -> Commitments:
    """Choose treaties, statements and the table by the parameters of the notebook.

    A text counts if it may have been published in the period. The table is read as speaking on the
    last day on which its text may have been published.

    Raises
    ------
    ngolib.errors.DataError
        If there is no such source.
    """
    articles = project.read_table("articles")
    if table_source not in set(articles["source_id"]):
        known = ", ".join(dict.fromkeys(articles["source_id"]))
        raise DataError([f"parameter table_source: no source {table_source!r}; known: {known}"])
    treaties_all = load_treaties(project=project)
    treaties = load_treaties(min_confidence=min_confidence, project=project)
    statements_all = load_statements(project=project)
    if "register" not in layers:
        treaties = treaties.iloc[:0]
    kept = _articles_kept(articles, start, end, min_reliability)
    if "corpus" not in layers:
        kept = kept.iloc[:0]
    lines = load_lines(project=project)
    table = commitments.table_lines(lines, table_source)
    holder = ""
    if len(table):
        own = lines[(lines["source_id"] == table_source) & lines["line"].isin(table["line"])]
        holder = own["article_id"].iloc[0]
    span = articles[articles["article_id"] == holder]
    read_on = pd.Timestamp(span["published_end"].iloc[0]) if len(span) else pd.NaT
    if holder not in set(kept["article_id"]):
        table = table.iloc[:0]
    return Commitments(
        project,
        countries,
        start,
        end,
        table_source,
        layers,
        treaties_all,
        treaties,
        statements_all,
        statements_all[statements_all["article_id"].isin(kept["article_id"])],
        articles,
        holder,
        table,
        read_on,
    )


def _articles_kept(
    articles: pd.DataFrame, start: int, end: int, min_reliability: str
) -> pd.DataFrame:
    """Keep the articles that may be of the period and are reliable enough; F cannot be judged."""
    letters = set(RELIABILITY_ORDER)
    if min_reliability in letters:
        letters = set(RELIABILITY_ORDER[RELIABILITY_ORDER.index(min_reliability) :])
    first = pd.to_datetime(articles["published_start"].replace("", None))
    last = pd.to_datetime(articles["published_end"].replace("", None)).fillna(first)
    touches = (first.dt.year <= end) & (last.dt.year >= start)
    return articles[touches & articles["reliability"].isin({*letters, "F"})]


def coverage(chosen: Commitments) -> pd.DataFrame:
    """Say per country what was looked at: acts on treaties, cells of the table, observations."""
    rows = []
    for code, name in chosen.country_labels.items():
        own = chosen.treaties[chosen.treaties["country"] == code]
        acts = own[own["action"].isin((*BINDING, "signature"))]
        if "register" not in chosen.layers:
            register = "layer not asked for"
        else:
            register = (
                f"{own['treaty'].nunique()} of {len(chosen.treaty_codes)} treaties looked up; "
                f"{sentences.counted(len(acts), 'act')}, {int(acts['date'].eq('').sum())} undated"
            )
        if "corpus" not in chosen.layers:
            table = text = "layer not asked for"
        else:
            seen = code in chosen.columns
            table = (
                f"column of the table, {sentences.counted(len(chosen.parsed), 'row')}"
                if seen
                else "no column in the table"
                if len(chosen.parsed)
                else "no table in this selection"
            )
            speaks = chosen.statements["country"].map(lambda c, k=code: k in c).astype(bool)
            text = (
                f"{sentences.counted(int(speaks.sum()), 'statement')} on the country, "
                f"{int((chosen.observations['country'] == code).sum())} of them observations"
            )
        rows.append((name, register, table, text))
    return pd.DataFrame(rows, columns=["country", "treaties (register)", "table", "texts"])


def parties(chosen: Commitments) -> Finding:
    """Say to how many treaties each country is documented as party at the end."""
    value: dict[str, dict[str, int]] = {}
    parts = []
    for code, name in chosen.country_labels.items():
        own = chosen.status[chosen.status["country"] == code]
        if own.empty:
            continue
        counts = {
            "party": int(own["status"].isin(BINDING).sum()),
            "signed_only": int((own["status"] == "signature").sum()),
            "neither": int((own["status"] == "none").sum()),
            "not_documented": int((own["status"] == "").sum()),
        }
        value[code] = counts
        rest = [
            f"{words}: {sentences.listed(own.loc[own['status'] == state, 'treaty'])}"
            for state, words in (
                ("signature", "signed only"),
                ("none", "neither signed nor party in the list seen"),
                ("", "not documented by then"),
            )
            if (own["status"] == state).any()
        ]
        tail = f" ({'; '.join(rest)})" if rest else ""
        parts.append(f"{name} to {counts['party']} of {len(own)}{tail}")
    when = sentences.end_of(chosen.end, chosen.project.closing_day)
    text = (
        f"At {when}, documented as party: {'; '.join(parts)}."
        if parts
        else f"For this selection no treaty is documented: {NO_TREATIES}."
    )
    return Finding(
        "parties",
        text,
        value,
        [i for ids in chosen.status["evidence"] for i in ids],
        layer="register" if "register" in chosen.layers else "corpus",
        no_evidence=NO_TREATIES,
        headline=True,
    )


def table_read(chosen: Commitments) -> Finding:
    """Say how far the table can be read from the print alone."""
    rows = chosen.parsed
    if rows.empty:
        text = f"The treaty table is not read: {NO_TABLE}."
        return Finding("table-read", text, {}, layer="corpus", no_evidence=NO_TABLE)
    ways = rows["readings"].map(len)
    open_ = rows[ways > 1]
    names = [
        f"{title} ({n} readings)" for title, n in zip(open_["title"], ways[ways > 1], strict=True)
    ]
    text = (
        f"The columns of the table ran together. Of {sentences.counted(len(rows), 'row')}, "
        f"{int((ways == 1).sum())} have one word for each of {len(chosen.columns)} countries and "
        f"can be read in one way; {len(open_)} have fewer words and stay ambiguous in print"
        + (f": {'; '.join(names)}." if names else ".")
    )
    value = {
        "rows": len(rows),
        "one_reading": int((ways == 1).sum()),
        "ambiguous": {t: int(n) for t, n in zip(open_["title"], ways[ways > 1], strict=True)},
        "unreadable": int((ways == 0).sum()),
    }
    return Finding(
        "table-read",
        text,
        value,
        rows["row"].map(row_id) if chosen.coded_source else (),
        layer="corpus",
        no_evidence="read from the raw lines of the text",
        headline=True,
    )


def table_checked(chosen: Commitments) -> Finding:
    """Say what the register makes of the readings and of the words."""
    checked, cells = chosen.checked, chosen.cells
    if checked.empty:
        reason = NO_TABLE if chosen.parsed.empty else NO_TREATIES
        text = f"The words of the table are not checked: {reason}."
        return Finding("table-checked", text, {}, layer=chosen.checked_layer, no_evidence=reason)
    many = checked[checked["readings"] > 1]
    settled = int(many.groupby("row")["settled"].any().sum())
    counts = {v: int((cells["verdict"] == v).sum()) for v in commitments.VERDICTS}
    wrong = cells[cells["verdict"].isin(("imprecise", "outdated", "contradicted"))]
    told = [
        f"{chosen.country_names[c.country]}, {c.treaty}: {c.printed or 'blank'} is {c.verdict}"
        for c in wrong.itertuples()
    ]
    agree = [
        f"{name} {int((own['verdict'] == 'correct').sum())} of {len(own)}"
        if len(own := cells[cells["country"] == code])
        else f"{name} has no column"
        for code, name in chosen.country_labels.items()
    ]
    text = (
        f"Of {sentences.counted(many['row'].nunique(), 'ambiguous row')}, the register leaves one "
        f"possible reading in {settled}. {sentences.counted(len(cells), 'cell')} so read, as of "
        f"{chosen.read_on:%Y-%m-%d}: agreeing with the register {counts['correct']}, naming "
        f"another act of the same effect {counts['imprecise']}, overtaken {counts['outdated']}, "
        f"contradicted {counts['contradicted']}, not checkable {counts['unknown']}"
        + (f" ({'; '.join(told)})." if told else ".")
        + f" Cells that agree, of the countries chosen: {'; '.join(agree)}."
    )
    return Finding(
        "table-checked",
        text,
        {"settled": settled, **counts},
        [i for ids in cells["evidence"] for i in ids]
        or [i for x in checked["evidence"] for i in x],
        layer="both",
        headline=True,
    )


def coded_agrees(chosen: Commitments) -> Finding:
    """Say whether the code and the table that was coded by hand agree."""
    if chosen.checked.empty or not chosen.coded_source:
        reason = "there is no table that was both read by the code and coded by hand"
        text = f"No comparison with a table coded by hand: {reason}."
        return Finding("coded-agrees", text, {}, layer="corpus", no_evidence=reason)
    rows = len(chosen.project.read_table("treaty_table"))
    bad = chosen.differences["row"].nunique()
    text = (
        f"The reading by the code and the table coded by hand agree in line, treaty, readings and "
        f"verdicts in {rows - bad} of {sentences.counted(rows, 'row')}"
        + (f"; they differ in {len(chosen.differences)} entries." if bad else ".")
    )
    return Finding(
        "coded-agrees",
        text,
        {"rows": rows, "differing_rows": int(bad), "entries": len(chosen.differences)},
        chosen.parsed["row"].map(row_id),
        layer="both",
    )


def observed(chosen: Commitments) -> Finding:
    """Say how many observations of treaty bodies the texts relay, and on which categories."""
    table = chosen.observations
    labels = chosen.project.vocabulary("category")
    value: dict[str, Any] = {}
    parts = []
    for code, name in chosen.country_labels.items():
        own = table[table["country"] == code]
        found = dict.fromkeys(k for cell in own["categories"] for k in cell)
        value[code] = {"statements": len(own), "categories": list(found)}
        about = f" ({', '.join(labels[k].lower() for k in found)})" if found else ""
        parts.append(f"{name} {len(own)}{about}")
    if table.empty:
        text = "No observation of a treaty body is coded in the texts of this selection."
    else:
        text = (
            "Statements that relay what a treaty body observed on matters of the codebook: "
            f"{'; '.join(parts)}."
        )
    doubts = _unclear(chosen)
    if len(doubts):
        text += f" Unclear in the text: {' '.join(doubts['verdict'])}"
    return Finding(
        "observed",
        text,
        value,
        [*(i for ids in table["evidence"] for i in ids), *doubts["doubt_id"]],
        layer="corpus",
        no_evidence=sentences.NOTHING,
        headline=True,
    )


def _unclear(chosen: Commitments) -> pd.DataFrame:
    """Return the doubts on references that bear on the observations shown."""
    doubts = chosen.project.read_table("doubts")
    shown = {i for ids in chosen.observations["evidence"] for i in ids}
    about = doubts["statement_ids"].map(lambda c: bool(shown & set(c))).astype(bool)
    return doubts[about & (doubts["kind"] == "unclear_reference")]


def claimed(chosen: Commitments) -> Finding:
    """Say which voices speak of commitments between states in the texts."""
    own = _on_commitments(chosen)
    counts = own["voice"].value_counts().sort_index()
    parts = [f"{voice.replace('_', ' ')} {n}" for voice, n in counts.items()]
    text = (
        f"Statements on agreements between states: {len(own)}, by voice: {sentences.listed(parts)}."
        if len(own)
        else "No statement on agreements between states is coded for this selection."
    )
    return Finding(
        "claimed",
        text,
        {str(k): int(n) for k, n in counts.items()},
        own["statement_id"],
        layer="corpus",
        no_evidence=sentences.NOTHING,
    )


def _on_commitments(chosen: Commitments) -> pd.DataFrame:
    own = chosen.statements
    about = own["categories"].map(lambda c: "international_cooperation" in c).astype(bool)
    wanted = set(chosen.countries)
    return own[about & own["country"].map(lambda c: bool(wanted & set(c))).astype(bool)]


def claims_table(chosen: Commitments) -> pd.DataFrame:
    """List the statements on agreements between states: what is said to bind, and to be kept."""
    own = _on_commitments(chosen)
    return pd.DataFrame(
        {
            "countries": ["; ".join(c) for c in own["country"]],
            "quote": own["exact"],
            "direction": own["direction"],
            "modality": own["modality"],
            "voice": own["voice"].str.replace("_", " "),
            "evidence": [(i,) for i in own["statement_id"]],
        }
    )


def readings_table(chosen: Commitments) -> pd.DataFrame:
    """List every reading of every printed row; ambiguous rows keep all of theirs."""
    rows = []
    judged = chosen.checked.set_index(["row", "reading"]) if len(chosen.checked) else pd.DataFrame()
    for printed in chosen.parsed.to_dict("records"):
        total = len(printed["readings"])
        for number, reading in enumerate(printed["readings"], start=1):
            row: dict[str, Any] = {
                "line": printed["line"],
                "printed": printed["row_as_printed"],
                "reading": f"{number} of {total}" + (" (ambiguous)" if total > 1 else ""),
            }
            for code in chosen.columns:
                row[chosen.country_names[code]] = reading[code] or "blank"
            if len(judged):
                own = judged.loc[(printed["row"], number)]
                row["register"] = (
                    f"contradicts {sentences.counted(int(own['contradicted']), 'cell')}"
                    if own["contradicted"]
                    else "the only possible reading"
                    if total > 1 and own["settled"]
                    else "possible"
                )
            else:
                row["register"] = "not checked"
            row["evidence"] = (row_id(printed["row"]),) if chosen.coded_source else ()
            rows.append(row)
    names = [chosen.country_names[c] for c in chosen.columns]
    columns = ["line", "printed", "reading", *names, "register", "evidence"]
    return pd.DataFrame(rows, columns=columns)


def cells_table(chosen: Commitments) -> pd.DataFrame:
    """List the cells of the settled readings beside the register."""
    cells = chosen.cells
    status = commitments.status_on(chosen.treaties_kept, chosen.read_on)
    known = {
        (row["country"], row["treaty"]): _status_words(row) for row in status.to_dict("records")
    }
    return pd.DataFrame(
        {
            "treaty": cells["treaty"],
            "country": cells["country"].map(chosen.country_names),
            "printed": cells["printed"].replace("", "blank"),
            "register": [
                known.get((c, t), "not documented")
                for c, t in zip(cells["country"], cells["treaty"], strict=True)
            ],
            "verdict": cells["verdict"].map(commitments.VERDICTS),
            "print alone": cells["ambiguous"].map({True: "ambiguous", False: "one reading"}),
            "evidence": cells["evidence"],
        }
    )


def _status_words(row: Mapping[str, Any]) -> str:
    words = commitments.STATUS_WORDS[row["status"]]
    words += f" {row['since']}" if row["since"] else ""
    return words + (f" ({row['note']})" if row["note"] else "")


def status_table(chosen: Commitments) -> pd.DataFrame:
    """Lay out treaties as rows and countries as columns: what each had done by the end."""
    rows = []
    titles = chosen.treaties_all.drop_duplicates("treaty").set_index("treaty")["treaty_title"]
    for code in chosen.treaty_codes:
        own = chosen.status[chosen.status["treaty"] == code].set_index("country")
        row: dict[str, Any] = {"treaty": f"{code}: {titles[code]}"}
        evidence: list[str] = []
        for country, name in chosen.country_labels.items():
            known = country in own.index
            row[name] = _status_words(own.loc[country].to_dict()) if known else "not documented"
            evidence += own.loc[country, "evidence"] if known else ()
        rows.append(row | {"evidence": tuple(evidence)})
    return pd.DataFrame(rows)


def observations_table(chosen: Commitments) -> pd.DataFrame:
    """Set each observation beside what binds the state to the treaty of the body that speaks."""
    labels = chosen.project.vocabulary("category")
    speakers = chosen.project.read_table("speakers").set_index("speaker_id")["name"]
    status = commitments.status_on(chosen.treaties, chosen.read_on)
    bound = {
        (r["country"], r["treaty"]): (_status_words(r), r["evidence"])
        for r in status.to_dict("records")
    }
    rows = []
    for row in chosen.observations.to_dict("records"):
        words, ids = bound.get((row["country"], row["treaty"]), ("not documented", ()))
        rows.append(
            {
                "country": chosen.country_names[row["country"]],
                "commitment": f"{row['treaty']}: {words}",
                "body": speakers.get(row["body"], row["body"]),
                "observation": row["quote"],
                "on": ", ".join(labels[k].lower() for k in row["categories"]),
                "direction": row["direction"],
                "text": f"{row['article_id']}, reliability {row['reliability']}",
                "evidence": (*row["evidence"], *ids),
            }
        )
    columns = ["country", "commitment", "body", "observation", "on", "direction", "text"]
    return pd.DataFrame(rows, columns=[*columns, "evidence"])


def strips(chosen: Commitments) -> pd.DataFrame:
    """Return what the figure draws: spans of each country and treaty within the period.

    Returns
    -------
    pandas.DataFrame
        `treaty, country, state` (party, signed, none, undated, unknown), `begin, finish` (days,
        within the period), `label` (A 1998 = acceded in that year), `earlier` (began before the
        period), `sure` (False = within this span the day is not known), `evidence`.
    """
    left, right = pd.Timestamp(chosen.start, 1, 1), pd.Timestamp(chosen.end, 12, 31)
    rows = []
    for code in chosen.treaty_codes:
        for country in chosen.countries:
            own = chosen.treaties
            own = own[(own["treaty"] == code) & (own["country"] == country)]
            for state, begin, finish, label, sure, ids in _spans(own, right):
                if finish >= left and begin <= right:
                    rows.append(
                        (
                            code,
                            country,
                            state,
                            max(begin, left),
                            min(finish, right),
                            label,
                            begin < left and state in ("party", "signed"),
                            sure,
                            ids,
                        )
                    )
    columns = ["treaty", "country", "state", "begin", "finish", "label", "earlier", "sure"]
    return pd.DataFrame(rows, columns=[*columns, "evidence"])


def _spans(
    own: pd.DataFrame, right: pd.Timestamp
) -> list[tuple[str, pd.Timestamp, pd.Timestamp, str, bool, tuple[str, ...]]]:
    """Return the spans of one country and treaty: signed, day not known, party, or none."""
    first = pd.Timestamp(1900, 1, 1)
    day = pd.Timedelta(days=1)
    found = []
    binding = own[own["action"].isin(BINDING)]
    dated = binding[binding["date_start"].notna()]
    signed = own[(own["action"] == "signature") & own["date_start"].notna()]
    stop = dated["date_start"].iloc[0] - day if len(dated) else right
    for row in signed.itertuples():
        label = f"S {row.date_start:%Y}"
        found.append(("signed", row.date_start, stop, label, True, row.evidence))
    for row in dated.itertuples():
        label = f"{'A' if row.action == 'accession' else 'R'} {row.date_start:%Y}"
        if row.date_end > row.date_start:
            found.append(("party", row.date_start, row.date_end, "", False, row.evidence))
        found.append(("party", row.date_end, right, label, True, row.evidence))
    if len(binding) and dated.empty:
        row = next(binding.itertuples())
        words = "acceded" if row.action == "accession" else "ratified"
        label = f"{words}, day not documented"
        found.append(("undated", first, right, label, False, row.evidence))
    if binding.empty and signed.empty:
        none = own[own["action"] == "none"]
        if len(none):
            row = next(none.itertuples())
            label = f"neither (list of {row.date})" if row.date else "neither (undated list)"
            found.append(("none", first, right, label, True, row.evidence))
        else:
            found.append(("unknown", first, right, "not documented", True, ()))
    return found


def printed_marks(chosen: Commitments) -> dict[tuple[str, str], str]:
    """Return what the text prints, as the figure writes it at its right edge.

    A letter for the act; in brackets where the print alone leaves the cell open; then a sign for
    the verdict.
    """
    letters = {"accession": "A", "ratification": "R", "signature": "S", "": "blank"}
    signs = {
        "correct": "=",
        "imprecise": "≈",
        "outdated": "old",
        "contradicted": "≠",
        "unknown": "?",
    }
    marks = {}
    for cell in chosen.cells.itertuples():
        word = letters[cell.printed]
        word = f"({word})" if cell.ambiguous else word
        marks[cell.treaty, cell.country] = f"{word} {signs[cell.verdict]}"
    return marks


def alt_of_strips(chosen: Commitments) -> str:
    """Describe the figure in words: the finding and when each country bound itself."""
    parts = []
    for country, name in chosen.country_labels.items():
        own = chosen.status[chosen.status["country"] == country]
        words = [f"{row['treaty']} {_status_words(row)}" for row in own.to_dict("records")]
        parts.append(f"{name}: {', '.join(words) if words else 'nothing documented'}")
    return (
        f"Strips of years {chosen.start} to {chosen.end}, one per treaty and country. "
        f"{parties(chosen).text} {'. '.join(parts)}."
    )


def left_out(chosen: Commitments) -> pd.DataFrame:
    """Count rows used and left out, with the share and why."""
    acts = chosen.treaties_all
    own = acts[acts["country"].isin(chosen.countries)]
    later = chosen.treaties["date_start"] > pd.Timestamp(chosen.end, 12, 31)
    wanted = set(chosen.countries)
    about = chosen.statements_all["claimant"].isin(commitments.BODIES)
    told = chosen.statements_all[about]
    told = told[told["country"].map(lambda c: bool(wanted & set(c))).astype(bool)]
    used = chosen.observations["evidence"].map(lambda c: c[0]).nunique()
    reason = "layer or confidence not asked for"
    rows = [
        ("acts on treaties", "used", len(chosen.treaties) - int(later.sum()), len(own), ""),
        ("acts on treaties", "listed only", int(later.sum()), len(own), "after the last year"),
        ("acts on treaties", "left out", len(own) - len(chosen.treaties), len(own), reason),
        ("statements of treaty bodies", "used", used, len(told), ""),
        (
            "statements of treaty bodies",
            "left out",
            len(told) - used,
            len(told),
            "layer, reliability or period of the text not asked for",
        ),
    ]
    return sentences.used_and_left_out(rows)


def robustness(project: Project, values: Mapping[str, Any]) -> pd.DataFrame:
    """Show the main counts under other choices."""
    variants: dict[str, dict[str, Any]] = {
        "as chosen": {},
        "register only": {"layers": ["register"]},
        "corpus only": {"layers": ["corpus"]},
        "high confidence only": {"min_confidence": "high"},
        "reliability B or better": {"min_reliability": "B"},
    }
    rows = []
    for name, change in variants.items():
        chosen = select(project, **{**values, **change})
        rows.append({"choice": name, **_counts(chosen)})
    chosen = select(project, **values)
    span = chosen.articles[chosen.articles["article_id"] == chosen.table_article]
    if len(span):
        early = replace(chosen, read_on=pd.Timestamp(span["published_start"].iloc[0]))
        rows.append({"choice": "table read on the first possible day", **_counts(early)})
    dated = chosen.treaties_kept[chosen.treaties_kept["date_start"].notna()]
    without = replace(chosen, treaties_kept=dated)
    rows.append({"choice": "without undated acts", **_counts(without)})
    return pd.DataFrame(rows)


def _counts(chosen: Commitments) -> dict[str, Any]:
    cells = chosen.cells
    agree = int((cells["verdict"] == "correct").sum())
    out: dict[str, Any] = {}
    for code, name in chosen.country_labels.items():
        own = chosen.status[chosen.status["country"] == code]
        bound = int(own["status"].isin(BINDING).sum())
        out[f"{name} party to"] = (
            f"{bound} of {len(chosen.treaty_codes)}" if len(own) else "not documented"
        )
    out["cells that agree"] = f"{agree} of {len(cells)}" if len(cells) else "not checked"
    out["ambiguous rows"] = int((chosen.parsed["readings"].map(len) > 1).sum())
    out["observations"] = len(chosen.observations)
    return out
