"""Treaties: what binds a state on a day, and how a printed table of them is judged by that."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from ngolib.evidence.tables import BINDING, together

STRENGTH = ["none", "signature", "accession", "ratification"]


def standing(treaties: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Say what each state had done about each treaty by a day.

    The acts are rows of the table `treaties`, with the span of their day, `date_start, date_end`
    (NaT = not documented), and `evidence`. The strongest act by that day, or without a known day,
    counts: ratification or accession, else signature, else the entry `none`. What could not be
    verified is passed over.

    Returns
    -------
    pandas.DataFrame
        One row per `country, treaty`, in the order of the table: `status` (ratification,
        accession, signature, none, empty = not known), `date, date_start, date_end` of that act,
        `note` (what limits it), `evidence`.
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


def nearest(titles: Iterable[str], treaties: pd.DataFrame) -> dict[str, str]:
    """Match printed titles to the register's, by the normalised Indel distance (`fuzz.ratio`)."""
    known = treaties.drop_duplicates("treaty").set_index("treaty")["treaty_title"].to_dict()

    def plain(title: str) -> str:
        return title.casefold().removeprefix("international ").strip()

    how: dict[str, Any] = {"scorer": fuzz.ratio, "processor": plain}
    return {title: process.extractOne(title, known, **how)[2] for title in titles}


def judged(printed: pd.DataFrame, treaties: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Judge every cell of a printed table by the register, as of the text's day.

    The table has a row per printed row, reading (from 1; 0: it has none) and country: `row, title`
    (of the treaty), `reading, country, act` (that the cell names; empty = blank). Where one reading
    of a row is contradicted in no cell and the others are, the register settles the row; the print
    does not.

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
