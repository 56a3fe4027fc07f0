"""Rules of the register with the span in which each was in force, as intervals of days."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ngolib.evidence.dates import spans
from ngolib.evidence.events import (
    CONFIDENCE_ORDER,
    SUBJECTS,
    check_codes,
    load_acts,
    with_any,
)
from ngolib.project import Project, read_once

# Stages that show that an act existed: the earliest of them bounds an unknown start of force.
EXISTENCE = ("adopted", "signed", "published")
COLUMNS = [
    "rule_id",
    "process_id",
    "country",
    "category",
    "measure",
    "direction",
    "rung",
    "from_earliest",
    "from_latest",
    "from_basis",
    "to_earliest",
    "to_latest",
    "to_basis",
    "replaced_by",
    "title",
    "subject",
    "confidence",
    "evidence",
]


def _existence(project: Project) -> pd.Series:
    """Return by act the first day on which it is known to have been adopted or signed."""
    steps = project.read_table("steps")
    steps = steps[steps["stage"].isin(EXISTENCE) & ~steps["scheduled"]]
    start, _ = spans(steps["date"], steps["date_end"])
    return start.groupby(steps["process_id"]).min()


def _force_step(project: Project) -> pd.DataFrame:
    """Return by act the span of the first day of force that a step confirms."""
    steps = project.read_table("steps")
    steps = steps[(steps["stage"] == "in_force") & ~steps["scheduled"]]
    start, end = spans(steps["date"], steps["date_end"])
    frame = pd.DataFrame({"process_id": steps["process_id"], "start": start, "end": end})
    return frame.sort_values("start").groupby("process_id").first()


def _year_after(day: pd.Series) -> pd.Series:
    """Return the last day of the calendar year after a day."""
    return pd.to_datetime(
        pd.DataFrame({"year": day.dt.year + 1, "month": 12, "day": 31}), errors="coerce"
    )


@read_once
def load_rules(
    countries: Sequence[str] | None = None,
    categories: Sequence[str] | None = None,
    subjects: Sequence[str] | None = SUBJECTS,
    min_confidence: str | None = None,
    levels: Sequence[str] = ("rule",),
    *,
    project: Project | None = None,
) -> pd.DataFrame:
    """Load the rules of acts that came into force, each with its span in force.

    A rule whose start of force is known is in force from that span. One whose start is not known is
    in force from some day between the adoption or signature of its act (`from_earliest`) and the
    last day of the calendar year after it (`from_latest`, `from_basis` = `presumed`);
    `delays` shows how that presumption fits the acts of which both days are known. One whose act
    has neither day is left without dates (`from_basis` = `unknown`). The end is exclusive: on that
    day the rule is no longer in force.

    Parameters
    ----------
    countries, categories, subjects : sequence of str, optional
        Keep rules with at least one of these codes; None keeps all.
    min_confidence : str, optional
        Least confidence, low to high.
    levels : sequence of str
        Levels of acts; `rule` alone is de jure.

    Returns
    -------
    pandas.DataFrame
        `rule_id, process_id, country, category, measure, direction, rung` (nullable integer),
        `from_earliest, from_latest, from_basis` (stated, derived, presumed, unknown),
        `to_earliest, to_latest` (days; NaT = no end is documented), `to_basis, replaced_by, title,
        subject, confidence, evidence` (the rule's own id); oldest first.

    Raises
    ------
    ngolib.errors.ParameterError
        If a code is not known.
    ngolib.errors.DataError
        If a table breaks its schema.

    Examples
    --------
    >>> import ngolib
    >>> rules = ngolib.load_rules(countries=["RUS"], categories=["foreign_funding"])
    >>> agents = rules.set_index("rule_id").loc["RUS-2012-foreign-agents.foreign_funding"]
    >>> int(agents["rung"]), str(agents["from_earliest"].date()), agents["from_basis"]
    (3, '2012-11-21', 'stated')
    """
    project = project or Project.find()
    for name, given in (
        ("country", countries),
        ("category", categories),
        ("subject", subjects),
        ("level", levels),
    ):
        check_codes(name, given or (), project.vocabulary(name))
    if min_confidence is not None:
        check_codes("confidence", [min_confidence], CONFIDENCE_ORDER)
    rules = project.read_table("rules")
    acts = load_acts(project=project).set_index("process_id")
    rules = rules[~rules["process_id"].map(acts["never_in_force"]).astype(bool)]
    start, end = spans(rules["in_force_from"])
    exists = rules["process_id"].map(_existence(project))
    unknown_start = start.isna()
    rules = rules.assign(
        from_earliest=start.fillna(exists),
        from_latest=end.fillna(_year_after(exists)),
        from_basis=rules["from_basis"].mask(unknown_start & exists.notna(), "presumed"),
        title=rules["process_id"].map(acts["title_en"]),
        evidence=[(i,) for i in rules["rule_id"]],
    )
    to_start, to_end = spans(rules["in_force_to"])
    ended_unknown = (rules["to_basis"] == "unknown") & to_start.isna()
    # A rule that ended on a day that nobody shows would else seem possible for ever: it is never
    # read as in force, and the notebooks list it as left out.
    rules = rules.assign(
        to_earliest=to_start.mask(ended_unknown, rules["from_earliest"]),
        to_latest=to_end.mask(ended_unknown, rules["from_earliest"]),
    )
    rules = rules[rules["process_id"].map(acts["level"]).isin(levels)]
    for column, wanted in (("country", countries), ("category", categories)):
        if wanted is not None:
            rules = rules[rules[column].isin(wanted)]
    if subjects is not None:
        rules = rules[with_any(rules["subject"], subjects)]
    if min_confidence is not None:
        kept = CONFIDENCE_ORDER[CONFIDENCE_ORDER.index(min_confidence) :]
        rules = rules[rules["confidence"].isin(kept)]
    return rules.sort_values(["from_earliest", "rule_id"])[COLUMNS].reset_index(drop=True)


@read_once
def delays(*, project: Project | None = None) -> pd.DataFrame:
    """Measure how long after adoption or signature acts came into force, where both are known.

    Returns
    -------
    pandas.DataFrame
        `process_id, existed, in_force` (days), `days` (whole), `by_next_year` (whether force began
        by the end of the calendar year after): one row per act with both days.
    """
    project = project or Project.find()
    existed = _existence(project)
    force = _force_step(project)
    frame = pd.DataFrame({"existed": existed, "in_force": force["start"]}).dropna()
    frame["days"] = (frame["in_force"] - frame["existed"]).dt.days
    frame = frame[frame["days"] >= 0]
    frame["by_next_year"] = frame["in_force"] <= _year_after(frame["existed"])
    return frame.reset_index(names="process_id")
