"""Commitments: a table that lost its columns is read again, and checked against the register."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import pandas as pd
from rapidfuzz import fuzz

from ngolib.errors import DataError
from ngolib.evidence.tables import BINDING, row_id

# The words of the printed cells, and the act that each names.
WORDS = {
    "Accession": "accession",
    "Ratification": "ratification",
    "Signature": "signature",
    "Signed": "signature",
}
# Which committee watches over which treaty: the list of the ten treaty bodies at
# https://humanrightscommitments.ca/?p=588, for the bodies that speak in our texts.
BODIES = {
    "human-rights-committee": "ICCPR",
    "un-committee-on-economic-social-and-cultural-rights": "ICESCR",
}
VERDICTS = {
    "correct": "agrees with the register",
    "imprecise": "names another act of the same effect",
    "outdated": "true at an earlier day only",
    "contradicted": "the register shows otherwise",
    "unknown": "the register does not show it",
}
STATUS_WORDS = {
    "ratification": "ratified",
    "accession": "acceded",
    "signature": "signed only",
    "none": "neither signed nor party",
    "": "not documented",
}
PARSED_COLUMNS = ["row", "source_id", "line", "row_as_printed", "title", "words", "readings"]
STATUS_COLUMNS = ["country", "treaty", "status", "since", "earliest", "latest", "note", "evidence"]
ACT_ORDER = ("none", "signature", "accession", "ratification")


def table_lines(lines: pd.DataFrame, source_id: str) -> pd.DataFrame:
    """Return the lines of a run-together table of a source text, its heading first.

    Parameters
    ----------
    lines : pandas.DataFrame
        As `ngolib.load_lines` gives them.
    source_id : str
        Source text.

    Returns
    -------
    pandas.DataFrame
        `source_id, line, text`; empty where the text has no such table.
    """
    own = lines[(lines["source_id"] == source_id) & (lines["rule"] == "run-together-table")]
    return own[["source_id", "line", "text"]].reset_index(drop=True)


def columns_of(heading: str, countries: Mapping[str, str]) -> tuple[str, list[str]]:
    """Split a run-together heading into its first cell and the countries of its columns.

    Parameters
    ----------
    heading : str
        The line as printed.
    countries : mapping
        Code to name.

    Returns
    -------
    tuple
        The first cell, and the codes of the countries in the order in which they are printed.

    Raises
    ------
    ngolib.errors.DataError
        If the line does not end with names of countries.
    """
    names = {name: code for code, name in countries.items()}
    either = "|".join(re.escape(name) for name in names)
    found = re.fullmatch(rf"(.*?)((?:{either})+)", heading.strip())
    if found is None:
        raise DataError([f"treaty table: heading {heading!r}: no names of countries at its end"])
    return found[1], [names[name] for name in re.findall(either, found[2])]


def cells_of(row: str) -> tuple[str, list[str]]:
    """Split a run-together row into its title and the words of its cells.

    Returns
    -------
    tuple
        The title as printed, and the words in their order; none if the row ends with no such word.
    """
    either = "|".join(WORDS)
    found = re.fullmatch(rf"(.*?)((?:{either})*)", row.strip())
    assert found is not None  # the second part may be empty, so that every line fits
    return found[1], re.findall(either, found[2])


def readings_of(words: Sequence[str], countries: Sequence[str]) -> list[dict[str, str]]:
    """List every way to give the words of a row to its columns, their order kept.

    A row with as many words as columns has one reading; one with fewer has as many as there are
    ways to choose the blank columns; one with more words than columns has none.

    Parameters
    ----------
    words : sequence of str
        Words of the cells.
    countries : sequence of str
        Columns.

    Returns
    -------
    list of dict
        Country to act (a value of `WORDS`), empty for a blank.
    """
    places = combinations(range(len(countries)), len(words))
    readings = []
    for chosen in places:
        reading = dict.fromkeys(countries, "")
        for place, word in zip(chosen, words, strict=True):
            reading[countries[place]] = WORDS[word]
        readings.append(reading)
    return readings


def parse(lines: pd.DataFrame, countries: Mapping[str, str]) -> tuple[pd.DataFrame, list[str]]:
    """Read a table whose columns ran together, from its raw lines and nothing else.

    Parameters
    ----------
    lines : pandas.DataFrame
        As `table_lines` gives them.
    countries : mapping
        Code to name of the countries that a heading may hold.

    Returns
    -------
    tuple
        A table with one row per printed row: `row` (from 1), `source_id, line, row_as_printed,
        title, words` (tuple), `readings` (list of dicts, country to act; more than one = which
        country a word belongs to cannot be seen); and the countries of the columns.

    Raises
    ------
    ngolib.errors.DataError
        If the heading names no countries.
    """
    if lines.empty:
        return pd.DataFrame(columns=PARSED_COLUMNS), []
    _, columns = columns_of(lines.iloc[0]["text"], countries)
    rows = []
    for number, line in enumerate(lines.iloc[1:].to_dict("records"), start=1):
        title, words = cells_of(line["text"])
        readings = readings_of(words, columns)
        rows.append(
            (number, line["source_id"], line["line"], line["text"], title, tuple(words), readings)
        )
    return pd.DataFrame(rows, columns=PARSED_COLUMNS), columns


def match_titles(titles: Iterable[str], treaties: pd.DataFrame) -> pd.DataFrame:
    """Match printed titles to the treaties of the register.

    The nearest title by the ratio of `rapidfuzz.fuzz.ratio` (normalised Indel distance, case and
    the word *International* at the start put aside).

    Returns
    -------
    pandas.DataFrame
        `title, treaty, treaty_title, alike` (0 to 100), `second` (the same of the next nearest).
    """
    known = treaties.drop_duplicates("treaty")[["treaty", "treaty_title"]].to_dict("records")
    rows = []
    for title in titles:
        scores = sorted(
            (
                (fuzz.ratio(_plain(title), _plain(k["treaty_title"])), n)
                for n, k in enumerate(known)
            ),
            reverse=True,
        )
        best, second = scores[0], (scores[1] if len(scores) > 1 else (0.0, -1))
        row = known[best[1]]
        rows.append((title, row["treaty"], row["treaty_title"], best[0], second[0]))
    return pd.DataFrame(rows, columns=["title", "treaty", "treaty_title", "alike", "second"])


def _plain(title: str) -> str:
    return title.casefold().removeprefix("international ").strip()


def status_on(treaties: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Say what each state had done about each treaty by a day, as far as it is documented.

    The strongest act by that day counts: ratification or accession, else signature. An act without
    a documented day counts, and `since` says so: when it was done cannot be told. An entry `none`
    or `unverified` stands only where no act is documented; what is documented after the day is
    passed over.

    Parameters
    ----------
    treaties : pandas.DataFrame
        As `ngolib.evidence.treaties.load_treaties` gives them.
    day : pandas.Timestamp
        The day.

    Returns
    -------
    pandas.DataFrame
        One row per country and treaty, in the order of the table: `status` (ratification,
        accession, signature, none, empty = not documented), `since` (as written; empty = day not
        documented), `earliest, latest` (days), `note` (what limits it), `evidence`.

    Examples
    --------
    >>> import pandas as pd
    >>> from ngolib.analysis.commitments import status_on
    >>> from ngolib.evidence.tables import load_treaties
    >>> treaties = load_treaties(countries=["KAZ"])
    >>> status = status_on(treaties, pd.Timestamp("2005-12-31")).set_index("treaty")
    >>> status.loc["CAT", ["status", "since"]].to_list(), status.loc["CRPD", "status"]
    (['accession', '1998-08'], '')
    """
    own: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in treaties.to_dict("records"):
        own.setdefault((row["country"], row["treaty"]), []).append(row)
    rows = [(*key, *_standing(entries, day)) for key, entries in own.items()]
    return pd.DataFrame(rows, columns=STATUS_COLUMNS)


def _standing(entries: Sequence[Mapping[str, Any]], day: pd.Timestamp) -> tuple[Any, ...]:
    """Return status, since, earliest, latest, note and evidence of one country and treaty."""
    acts = [a for a in entries if not a["date_start"] > day and a["action"] != "unverified"]
    if not acts:
        return "", "", pd.NaT, pd.NaT, "", tuple(entry["treaty_id"] for entry in entries)
    strongest = max(ACT_ORDER.index(act["action"]) for act in acts)
    top = [act for act in acts if act["action"] == ACT_ORDER[strongest]][-1]
    notes = []
    earliest, latest, since = top["date_start"], top["date_end"], top["date"]
    if top["action"] == "none":
        notes.append(f"as shown in {since}" if since else "day of the list unknown")
        if any(entry["action"] == "unverified" for entry in entries):
            notes.append("not verified later")
        earliest, latest, since = pd.NaT, pd.NaT, ""
    else:
        if not since:
            notes.append("day not documented")
        elif latest > day:
            notes.append("by this day possible only")
        if top["date_kind"] == "domestic_law":
            notes.append("day of the national act")
    evidence = tuple(e["treaty_id"] for e in entries if e["action"] == top["action"])
    return top["action"], since, earliest, latest, "; ".join(notes), evidence


def verdict(word: str, own: pd.DataFrame, day: pd.Timestamp) -> str:
    """Judge one printed word of one country and treaty by the register.

    Parameters
    ----------
    word : str
        Act that the cell names; empty for a blank.
    own : pandas.DataFrame
        Rows of the register for that country and treaty.
    day : pandas.Timestamp
        Day on which the text is read as speaking.

    Returns
    -------
    str
        A key of `VERDICTS`.
    """
    if own.empty:
        return "unknown"
    status = status_on(own, day)["status"].item()
    if status == "":
        return "unknown"
    if word == status or (word == "" and status == "none"):
        return "correct"
    if word in BINDING and status in BINDING:
        return "imprecise"
    if word == "signature" and status in BINDING:
        return "outdated"
    return "contradicted"


def check(
    parsed: pd.DataFrame, columns: Sequence[str], treaties: pd.DataFrame, day: pd.Timestamp
) -> pd.DataFrame:
    """Judge every reading of every row by the register.

    A reading is *possible* if the register contradicts none of its cells. Where one reading of an
    ambiguous row is possible and the others are not, the register settles it; the print does not.

    Parameters
    ----------
    parsed : pandas.DataFrame
        As `parse` gives it.
    columns : sequence of str
        Countries of the printed columns.
    treaties : pandas.DataFrame
        As `load_treaties` gives them, for these countries at least.
    day : pandas.Timestamp
        Day on which the text is read as speaking.

    Returns
    -------
    pandas.DataFrame
        One row per reading: `row, treaty, reading` (from 1), `readings` (how many the row has),
        per country of the columns its act (`<code>`) and verdict (`<code>_verdict`), `contradicted`
        (number of cells), `possible`, `settled` (it is the only possible one), `evidence`.
    """
    if parsed.empty:
        return pd.DataFrame()
    treaty = match_titles(parsed["title"], treaties)["treaty"].to_list()
    rows = []
    for printed, code in zip(parsed.to_dict("records"), treaty, strict=True):
        about = treaties[treaties["treaty"] == code]
        for number, reading in enumerate(printed["readings"], start=1):
            row = {
                "row": printed["row"],
                "treaty": code,
                "reading": number,
                "readings": len(printed["readings"]),
            }
            verdicts = {c: verdict(reading[c], about[about["country"] == c], day) for c in columns}
            for c in columns:
                row |= {c: reading[c], f"{c}_verdict": verdicts[c]}
            wrong = sum(v == "contradicted" for v in verdicts.values())
            used = tuple(about.loc[about["country"].isin(columns), "treaty_id"])
            row |= {
                "contradicted": wrong,
                "possible": wrong == 0,
                "evidence": (row_id(printed["row"]), *used),
            }
            rows.append(row)
    out = pd.DataFrame(rows)
    alone = out.groupby("row")["possible"].transform("sum") == 1
    out.insert(out.columns.get_loc("evidence"), "settled", out["possible"] & alone)
    return out


def cells(checked: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the settled readings, one row per cell.

    Returns
    -------
    pandas.DataFrame
        `row, treaty, country, printed, verdict, ambiguous` (whether the print alone leaves the cell
        open), `evidence`.
    """
    names = ["row", "treaty", "country", "printed", "verdict", "ambiguous", "evidence"]
    if checked.empty:
        return pd.DataFrame(columns=names)
    rows = [
        (
            row["row"],
            row["treaty"],
            country,
            row[country],
            row[f"{country}_verdict"],
            row["readings"] > 1,
            tuple(
                i
                for i in row["evidence"]
                if i == row_id(row["row"]) or i.startswith(f"treaty-{country}-")
            ),
        )
        for row in checked[checked["settled"]].to_dict("records")
        for country in columns
    ]
    return pd.DataFrame(rows, columns=names)


def against_coded(
    parsed: pd.DataFrame, checked: pd.DataFrame, coded: pd.DataFrame, columns: Sequence[str]
) -> pd.DataFrame:
    """Compare what the code reads and judges with the table that was coded by hand.

    Returns
    -------
    pandas.DataFrame
        One row per difference: `row, what, by_code, by_hand`; empty if both agree on every line,
        treaty, reading and verdict. A verdict of the hand-coded table that the code names
        otherwise counts as a difference.
    """
    rows = []
    settled = checked[checked["settled"]].set_index("row") if len(checked) else checked
    printed = parsed.set_index("row")
    for hand in coded.to_dict("records"):
        number = hand["row"]
        if number not in printed.index:
            rows.append((number, "row", "missing", hand["row_as_printed"]))
            continue
        own = printed.loc[number]
        pairs = [("line", own["line"], hand["line"])]
        pairs += [("words of the row", own["row_as_printed"], hand["row_as_printed"])]
        if number in settled.index:
            code = settled.loc[number]
            pairs += [("treaty", code["treaty"], hand["treaty"])]
            for c in columns:
                pairs += [(f"{c} reading", code[c], hand[f"{c}_printed"])]
                pairs += [(f"{c} verdict", code[f"{c}_verdict"], hand[f"{c}_verdict"])]
        else:
            pairs += [("reading", "not settled", "settled")]
        rows += [(number, what, a, b) for what, a, b in pairs if a != b]
    return pd.DataFrame(rows, columns=["row", "what", "by_code", "by_hand"])


def observations(
    statements: pd.DataFrame, reliability: pd.Series, countries: Sequence[str]
) -> pd.DataFrame:
    """List what treaty bodies are said to have observed, from the statements of the texts.

    Parameters
    ----------
    statements : pandas.DataFrame
        As `ngolib.load_statements` gives them.
    reliability : pandas.Series
        Article id to letter.
    countries : sequence of str
        Keep statements on these.

    Returns
    -------
    pandas.DataFrame
        `country, treaty` (that the body watches over), `body` (its id), `categories, quote,
        direction, modality, reliability, article_id, evidence`: one row per statement and country.
    """
    own = statements[statements["claimant"].isin(BODIES)]
    rows = [
        (
            country,
            BODIES[row["claimant"]],
            row["claimant"],
            row["categories"],
            row["exact"],
            row["direction"],
            row["modality"],
            reliability.get(row["article_id"], ""),
            row["article_id"],
            (row["statement_id"],),
        )
        for country in countries
        for row in own.to_dict("records")
        if country in row["country"]
    ]
    names = ["country", "treaty", "body", "categories", "quote", "direction", "modality"]
    return pd.DataFrame(rows, columns=[*names, "reliability", "article_id", "evidence"])
