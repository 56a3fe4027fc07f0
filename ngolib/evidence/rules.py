"""Rules of the register with the span in which each was in force, as intervals of days."""

import re
from collections.abc import Sequence

import pandas as pd

from ngolib.evidence.dates import spans
from ngolib.evidence.events import load_acts, register_steps
from ngolib.evidence.tables import chosen, sure, with_times
from ngolib.project import FOUND, Project, read_once

# Columns of the table that those made here say better, and those that `lookup` shows.
LEFT_OUT = ["in_force_from", "from_precision", "in_force_to", "to_precision"]
LEFT_OUT += ["url", "snippet", "note"]


def _existence(steps: pd.DataFrame) -> pd.Series:
    """Return by act the day of signing, else of adoption or publication: it bounds a start."""
    made = steps[steps["stage"].isin(["adopted", "signed", "published"])]
    first = made.groupby(["process_id", "stage"])["date_start"].min().unstack()
    others = first.drop(columns="signed", errors="ignore").min(axis=1)
    return first["signed"].fillna(others) if "signed" in first else others


def _law(number: str, identifier: str, act: str) -> str:
    """Name the law of a rule: by its number, with kind and day if its act is that law."""
    if not number:
        return act
    whole = re.search(rf"[^;()]*{re.escape(number)} of \d+ \w+ \d{{4}}", identifier)
    return whole[0].strip() if whole else number


def origins(rules: pd.DataFrame) -> pd.Series:
    """Follow what each rule carries over back to the rule with which it began."""
    before = dict(zip(rules["rule_id"], rules["carries_over"], strict=True))

    def origin(rule: str, *seen: str) -> str:
        older = before[rule]
        # A circle is a defect of the data, which `check` names: it must not hold up a loader.
        further = older in before and older not in seen
        return origin(older, rule, *seen) if further else rule

    return rules["rule_id"].map(origin)


@read_once
def load_rules(
    countries: Sequence[str] | None = None,
    categories: Sequence[str] | None = None,
    bound: Sequence[str] | None = None,
    min_confidence: str = "low",
    levels: Sequence[str] | None = None,
    *,
    project: Project = FOUND,
) -> pd.DataFrame:
    """Load the rules of acts that came into force, each with its span in force.

    A rule begins in a span of days, never before its act was adopted or signed. One whose start is
    not known begins between that day (`from_earliest`) and the day by which a step shows the act in
    force, else the last day of the calendar year after it (`from_latest`, `from_basis` =
    `presumed`); one whose act has no such day has no dates (`unknown`). The end is the first day
    without the rule; one without an end goes on, and `last_verified` says when it was last seen in
    force. `levels` are of the act.

    Returns
    -------
    pandas.DataFrame
        The columns of the table `rules` that say what a rule is; then `from_earliest, from_latest,
        to_earliest, to_latest` (days; NaT = no end is documented), `first_earliest, first_latest`
        (the start of the first rule that it carries over, else its own), of its act `title, level`,
        `law` (the rule's own `law_no`, with kind and day where its act is that law, else the name
        of its act), `evidence` (the rule's own id); of `from_earliest` `year, decade, president` as
        in `load_events`; oldest first.
    """
    rules = _all_rules(project=project)
    rules = rules[sure(rules["confidence"], min_confidence)].drop(columns=LEFT_OUT)
    wanted = {"country": countries, "category": categories, "bound": bound, "level": levels}
    rules = chosen(rules, project, **wanted)
    rules = rules.sort_values(["from_earliest", "rule_id"], ignore_index=True)
    return with_times(rules, ["from_earliest", "from_latest"], countries, project)


@read_once
def _all_rules(*, project: Project = FOUND) -> pd.DataFrame:
    """Make the rules of every country and confidence, each with its span in force."""
    rules = project.read_table("rules")
    acts = load_acts(project=project).set_index("process_id")
    rules = rules[~rules["process_id"].map(acts["never_in_force"]).astype(bool)]
    act = acts.loc[rules["process_id"]].set_index(rules.index)
    steps = register_steps(project)
    steps = steps[~steps["scheduled"]]
    # The span of the first day of force that a step confirms.
    force = steps[steps["stage"] == "in_force"].sort_values("date_start")
    force = force.groupby("process_id")[["date_start", "date_last"]].first()
    made = rules["process_id"].map(_existence(steps))
    exists = made.fillna(rules["process_id"].map(force["date_start"]))
    start, end = spans(rules["in_force_from"])
    presumed = start.isna() & exists.notna()
    by_step = rules["process_id"].map(force["date_last"])
    year_after = exists + pd.offsets.YearEnd(0) + pd.offsets.YearEnd()
    rules = rules.assign(
        # No law binds before it is made: a start known to the year begins with its adoption.
        from_earliest=start.mask((start < made) & (made <= end), made).fillna(exists),
        from_latest=end.fillna(by_step.fillna(year_after)),
        from_basis=rules["from_basis"].mask(presumed, "presumed"),
        title=act["title_en"],
        level=act["level"],
        law=[*map(_law, rules["law_no"], act["identifier"], act["law"])],
        evidence=[(i,) for i in rules["rule_id"]],
    )
    starts = rules.set_index("rule_id")[["from_earliest", "from_latest"]]
    rules[["first_earliest", "first_latest"]] = starts.loc[origins(rules)].to_numpy()
    to_start, to_end = spans(rules["in_force_to"])
    ended_unknown = (rules["to_basis"] == "unknown") & to_start.isna()
    # Else a rule that ended on a day that nobody shows would seem possible for ever.
    for side, day in (("to_earliest", to_start), ("to_latest", to_end)):
        rules[side] = day.mask(ended_unknown, rules["from_earliest"])
    return rules
