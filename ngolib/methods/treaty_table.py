"""Treaties: what binds a state on a day, and a printed table whose columns ran together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from ngolib.errors import DataError
from ngolib.evidence.tables import BINDING, together

# The words of the printed cells, and the act that each names.
WORDS = {"Accession": "accession", "Ratification": "ratification"}
WORDS |= {"Signature": "signature", "Signed": "signature"}
STRENGTH = ["none", "signature", "accession", "ratification"]
PRINTED = ["row", "line", "printed", "title", "reading", "readings", "country", "act"]


def standing(treaties: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Say what each state had done about each treaty by a day.

    The strongest act by that day counts: ratification or accession, else signature. An act without
    a known day counts; an entry `none` only where there is no act; what came after the day is
    passed over, and so is what could not be verified.

    Returns
    -------
    pandas.DataFrame
        One row per `country, treaty`, in the order of the table: `status` (ratification,
        accession, signature, none, empty = not known), `date, date_start, date_end` of that act,
        `note` (what limits it), `evidence`.

    Examples
    --------
    >>> from ngolib.evidence import load_treaties
    >>> by_2005 = standing(load_treaties(["KAZ"]), pd.Timestamp("2005-12-31")).set_index("treaty")
    >>> by_2005.loc["CAT", ["status", "date"]].to_list(), by_2005.loc["CRPD", "status"]
    (['accession', '1998-08'], '')
    """
    keys = ["country", "treaty"]
    every = treaties.groupby(keys, sort=False)["evidence"].agg(together)
    own = treaties[(treaties["action"] != "unverified") & ~(treaties["date_start"] > day)]
    own = own.assign(status=own["action"], note=_limits(own, day))
    own["strength"] = own["action"].map(STRENGTH.index)
    top = own.sort_values("strength", kind="stable").drop_duplicates(keys, keep="last")
    columns = ["status", "date", "date_start", "date_end", "note", "evidence"]
    out = top.set_index(keys)[columns].reindex(every.index)
    out["evidence"] = out["evidence"].where(out["status"].notna(), every)
    return out.fillna({"status": "", "date": "", "note": ""}).reset_index()


def _limits(acts: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Say what limits each act: a list as old as it is, a day that is not known or another's."""
    shown = ("in a list of " + acts["date"]).where(acts["date"] != "", "in an undated list")
    cases = {
        "day not known": acts["date_start"].isna(),
        "perhaps only after this day": acts["date_end"] > day,
        "day of the national act": acts["date_kind"] == "domestic_law",
    }
    told = np.select(list(cases.values()), list(cases), "")
    return shown.where(acts["action"] == "none", pd.Series(told, acts.index, dtype=str))


def printed_table(
    lines: pd.DataFrame, source_id: str, countries: Mapping[str, str]
) -> pd.DataFrame:
    """Read a table of a source text whose columns ran together, in every way its words allow.

    A row with as many words as columns has one reading; one with fewer has as many as there are
    ways to choose its blanks; one with more has none. The order of the words is kept. Countries
    are those whose names the heading may hold, by their codes; none there is a `DataError`.

    Returns
    -------
    pandas.DataFrame
        A row per printed row, reading and country of the columns: `row` (from 1), `line, printed,
        title` (of the treaty, as printed), `reading` (from 1), `readings` (how many the row has),
        `country`, `act` (that the cell names; empty = blank). A row without a reading has one row
        with `reading` 0. Empty where the text has no such table.
    """
    own = lines[(lines["source_id"] == source_id) & (lines["rule"] == "run-together-table")]
    columns = columns_of(own["text"].iloc[0], countries) if len(own) else []
    rows = []
    for number, (line, text) in enumerate(zip(own["line"][1:], own["text"][1:], strict=True), 1):
        title, words = cells_of(text)
        ways = list(combinations(columns, len(words)))
        for reading, chosen in enumerate(ways, 1):
            acts = dict(zip(chosen, words, strict=True))
            told = number, line, text, title, reading, len(ways)
            rows += [(*told, c, acts.get(c, "")) for c in columns]
        if not ways:
            rows.append((number, line, text, title, 0, 0, "", ""))
    return pd.DataFrame(rows, columns=PRINTED)


def columns_of(heading: str, countries: Mapping[str, str]) -> list[str]:
    """Return the codes of the countries whose names end a run-together heading, in their order."""
    names = {name: code for code, name in countries.items()}
    either = "|".join(map(re.escape, names))
    found = re.search(rf"((?:{either})+)$", heading.strip())
    if found is None:
        raise DataError([f"treaty table: heading {heading!r}: no names of countries at its end"])
    return [names[name] for name in re.findall(either, found[1])]


def cells_of(row: str) -> tuple[str, list[str]]:
    """Split a run-together row into its title and the acts that the words at its end name."""
    either = "|".join(WORDS)
    title, words = re.findall(rf"^(.*?)((?:{either})*)$", row.strip())[0]
    return title, [WORDS[word] for word in re.findall(either, words)]


def nearest(titles: Iterable[str], treaties: pd.DataFrame) -> dict[str, str]:
    """Match printed titles to the register's, by the normalised Indel distance (`fuzz.ratio`)."""
    known = treaties.drop_duplicates("treaty").set_index("treaty")["treaty_title"].to_dict()

    def plain(title: str) -> str:
        return title.casefold().removeprefix("international ").strip()

    how: dict[str, Any] = {"scorer": fuzz.ratio, "processor": plain}
    return {title: process.extractOne(title, known, **how)[2] for title in titles}


def judged(printed: pd.DataFrame, treaties: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Judge every cell of what `printed_table` gives by the register, as of the text's day.

    Where one reading of a row is contradicted in no cell and the others are, the register settles
    the row; the print does not.

    Returns
    -------
    pandas.DataFrame
        The rows of `printed`, with `treaty`, the columns of `standing` and `verdict`: correct,
        imprecise (another act of the same effect), outdated (true at an earlier day only),
        contradicted, unknown; then per reading `contradicted` (cells) and `settled` (whether it is
        the only possible one of its row).
    """
    names = nearest(printed["title"].unique(), treaties) if len(treaties) else {}
    out = printed.assign(treaty=printed["title"].map(names).astype("object").fillna(""))
    out = out.merge(standing(treaties, day), on=["country", "treaty"], how="left")
    act, status = out["act"], out["status"].fillna("")
    cases = {
        "unknown": status == "",
        "correct": (act == status) | ((act == "") & (status == "none")),
        "imprecise": act.isin(BINDING) & status.isin(BINDING),
        "outdated": (act == "signature") & status.isin(BINDING),
    }
    out["verdict"] = np.select(list(cases.values()), list(cases), "contradicted")
    wrong = out["verdict"] == "contradicted"
    out["contradicted"] = wrong.groupby([out["row"], out["reading"]]).transform("sum")
    possible = (out["contradicted"] == 0) & (out["reading"] > 0)
    ways = out[possible].groupby("row")["reading"].nunique()
    return out.assign(settled=possible & out["row"].map(ways).eq(1))
