"""Treaties: what binds a state on a day."""

import numpy as np
import pandas as pd

from ngolib.evidence.tables import together

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
