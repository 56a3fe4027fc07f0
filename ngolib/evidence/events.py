"""Events over both layers: one row per act and stage, with all the evidence for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from ngolib.errors import ParameterError, unknown
from ngolib.evidence.dates import spans
from ngolib.project import Project, read_once

LAYERS = ("corpus", "register")
CONFIDENCE_ORDER = ("low", "medium", "high")
# F means that reliability cannot be judged, not that it is the worst: it is kept unless told.
RELIABILITY_ORDER = ("E", "D", "C", "B", "A")

COLUMNS = [
    "event_id",
    "process_id",
    "stage",
    "scheduled",
    "country",
    "title",
    "kind",
    "level",
    "bound",
    "categories",
    "direction",
    "date_start",
    "date_end",
    "precision",
    "date_layer",
    "actor",
    "relation",
    "never_in_force",
    "layers",
    "evidence",
]


@read_once
def load_statements(*, project: Project | None = None) -> pd.DataFrame:
    """Load the adjudicated statements of the corpus layer.

    Returns
    -------
    pandas.DataFrame
        Columns of the table `statements` (`claimant` is the `speaker_id`), then `date_start`,
        `date_last` as days, and `claimant_name`, the name of the speaker (empty where the article
        itself says so); rows in the order of the articles.

    Raises
    ------
    ngolib.errors.DataError
        If the table breaks its schema.

    Examples
    --------
    >>> import ngolib
    >>> statements = ngolib.load_statements().set_index("statement_id")
    >>> statements.loc["iwpr-2006.1-s12", "exact"]
    'They are designed to neutralise truly independent organisations'
    >>> statements.loc["iwpr-2006.1-s12", "modality"]
    'asserted'
    """
    project = project or Project.find()
    frame = project.read_table("statements")
    frame["date_start"], frame["date_last"] = spans(frame["date"], frame["date_end"])
    names = project.read_table("speakers").set_index("speaker_id")["name"]
    # A claimant without a speaker is a defect of the data, which `check` names: shown as it stands.
    frame["claimant_name"] = frame["claimant"].map(names).fillna(frame["claimant"])
    return frame


def load_acts(*, project: Project | None = None) -> pd.DataFrame:
    """Load the acts: one row per process.

    Returns
    -------
    pandas.DataFrame
        Columns of the table `acts`, then `bound`: whom the rules of the act bind (codes in the
        order of the codebook; empty where the act has no rule).

    Examples
    --------
    >>> import ngolib
    >>> acts = ngolib.load_acts().set_index("process_id")
    >>> acts.loc["KAZ-2016-foreign-funding-law", "country"]
    ('KAZ',)
    """
    project = project or Project.find()
    rules = project.read_table("rules")
    codes = (
        rules["bound"].groupby(rules["process_id"]).agg(lambda cells: {c for b in cells for c in b})
    )
    order = project.vocabulary("bound")
    acts = project.read_table("acts")
    acts["bound"] = [
        tuple(code for code in order if code in codes.get(act, ())) for act in acts["process_id"]
    ]
    return acts


def check_codes(what: str, given: Collection[str], allowed: Collection[str]) -> None:
    """Raise a `ParameterError` that names the first code that is not allowed, and the nearest."""
    for code in given:
        if code not in allowed:
            raise ParameterError(unknown(what, code, allowed))


def _register_steps(project: Project, min_confidence: str | None) -> pd.DataFrame:
    steps = project.read_table("steps")
    if min_confidence is not None:
        kept = CONFIDENCE_ORDER[CONFIDENCE_ORDER.index(min_confidence) :]
        steps = steps[steps["confidence_fact"].isin(kept)]
    start, end = spans(steps["date"], steps["date_end"])
    return steps.assign(date_start=start, date_last=end, evidence_id=steps["step_id"])


def _corpus_statements(
    project: Project, min_reliability: str | None, modalities: Collection[str]
) -> pd.DataFrame:
    statements = load_statements(project=project).assign(event_id=_event_keys(project=project))
    statements = statements[statements["modality"].isin(modalities)]
    if min_reliability is not None:
        kept = {*RELIABILITY_ORDER[RELIABILITY_ORDER.index(min_reliability) :], "F"}
        articles = project.read_table("articles").set_index("article_id")["reliability"]
        statements = statements[statements["article_id"].map(articles).isin(kept)]
    return statements.assign(evidence_id=statements["statement_id"])


def _same_step(statement: pd.Series, steps: pd.DataFrame) -> str | None:
    """Return the register step that a statement speaks of: same act, stage and overlapping dates.

    A statement without a date belongs to the first step of that act and stage.
    """
    if steps.empty:
        return None
    if pd.isna(statement["date_start"]):
        return steps.iloc[0]["step_id"]
    overlap = (steps["date_start"] <= statement["date_last"]) & (
        steps["date_last"] >= statement["date_start"]
    )
    if overlap.any():
        return steps[overlap].iloc[0]["step_id"]
    # One act passes a stage once, unless the register says otherwise: a differing date is a
    # disagreement of the sources on one step, not a second step.
    return steps.iloc[0]["step_id"] if len(steps) == 1 else None


@read_once
def _event_keys(*, project: Project | None = None) -> pd.Series:
    """Return for each statement, in the order of their table, the event it is evidence for."""
    project = project or Project.find()
    statements = load_statements(project=project)
    steps = _register_steps(project, None)
    steps = steps[steps["process_id"].isin(statements["process_id"])]
    places = steps.groupby(["process_id", "stage", "scheduled"], sort=False).indices
    keys = {}
    for index, row in statements.iterrows():
        own = places.get((row["process_id"], row["stage"], row["scheduled"]), [])
        found = steps.iloc[own]
        default = f"{row['process_id']}.{row['stage']}" + (".scheduled" if row["scheduled"] else "")
        keys[index] = _same_step(row, found) or default
    return pd.Series(keys, dtype="str")


@read_once
def load_events(
    layers: Sequence[str] = LAYERS,
    countries: Sequence[str] | None = None,
    start: int | None = None,
    end: int | None = None,
    bound: Sequence[str] | None = None,
    categories: Sequence[str] | None = None,
    levels: Sequence[str] | None = None,
    modalities: Sequence[str] = ("asserted",),
    min_reliability: str | None = None,
    min_confidence: str | None = None,
    *,
    project: Project | None = None,
) -> pd.DataFrame:
    """Load events over the chosen layers, nothing counted twice.

    The same step of an act in two texts and in the register is one event, with both layers and all
    its evidence. Its date is the register's where the register has it, else the most precise one
    among its statements.

    Parameters
    ----------
    layers : sequence of str
        `corpus`, `register` or both.
    countries, bound, categories, levels : sequence of str, optional
        Keep events that have at least one of these codes; None keeps all. `bound`: acts with a rule
        that binds one of these.
    start, end : int, optional
        First and last year; an event whose span touches the period is kept, one without any date
        only if neither is given.
    modalities : sequence of str
        Modalities of statements that count as evidence for an event.
    min_reliability : str, optional
        Least reliability of an article, A to E; filters the corpus layer only and keeps F.
    min_confidence : str, optional
        Least confidence in a step, low to high; filters the register only.

    Returns
    -------
    pandas.DataFrame
        `event_id, process_id, stage, scheduled, country, title, kind, level, bound, categories,
        direction, date_start, date_end` (days), `precision, date_layer, actor, relation,
        never_in_force, layers, evidence` (ids of steps and statements); oldest first, undated last.

    Raises
    ------
    ngolib.errors.ParameterError
        If a code is not known.
    ngolib.errors.DataError
        If a table breaks its schema.

    Examples
    --------
    >>> import ngolib
    >>> events = ngolib.load_events(countries=["KAZ"], categories=["foreign_funding"], start=2016)
    >>> law = events[events["process_id"] == "KAZ-2016-foreign-funding-law"]
    >>> law["stage"].to_list()
    ['signed', 'published', 'in_force']
    """
    project = project or Project.find()
    if not layers:
        raise ParameterError(f"layers: none given; allowed: {', '.join(LAYERS)}")
    check_codes("layer", layers, LAYERS)
    for name, given in (
        ("country", countries),
        ("bound", bound),
        ("category", categories),
        ("level", levels),
        ("modality", modalities),
    ):
        check_codes(name, given or (), project.vocabulary(name))
    if min_confidence is not None:
        check_codes("confidence", [min_confidence], CONFIDENCE_ORDER)
    if min_reliability is not None:
        check_codes("reliability", [min_reliability], RELIABILITY_ORDER)

    events = _all_events(layers, modalities, min_reliability, min_confidence, project=project)
    events = _chosen(events, countries, bound, categories, levels)
    if start is not None:
        events = events[events["date_end"] >= pd.Timestamp(start, 1, 1)]
    if end is not None:
        events = events[events["date_start"] <= pd.Timestamp(end, 12, 31)]
    return events.sort_values(["date_start", "date_end", "event_id"]).reset_index(drop=True)


@read_once
def _all_events(
    layers: Sequence[str],
    modalities: Collection[str],
    min_reliability: str | None,
    min_confidence: str | None,
    *,
    project: Project | None = None,
) -> pd.DataFrame:
    """Make the events of every country and time from the evidence that is good enough."""
    project = project or Project.find()
    parts = []
    if "register" in layers:
        steps = _register_steps(project, min_confidence)
        parts.append(steps.assign(event_id=steps["step_id"], layer="register"))
    if "corpus" in layers:
        statements = _corpus_statements(project, min_reliability, modalities)
        parts.append(statements.assign(layer="corpus", actor=""))
    rows = pd.concat(parts, ignore_index=True)
    return _merge(rows, load_acts(project=project).set_index("process_id"))


def with_any(column: pd.Series, codes: Collection[str]) -> pd.Series:
    """Say of each cell of a list column whether it has at least one of the codes."""
    wanted = set(codes)
    return column.map(lambda cell: bool(wanted & set(cell))).astype(bool)


def _merge(rows: pd.DataFrame, acts: pd.DataFrame) -> pd.DataFrame:
    """Make one event of all rows with one event id."""
    width = rows["date_last"] - rows["date_start"]
    register_first = (rows["layer"] != "register").astype(int)
    rows = rows.assign(_width=width, _order=register_first).sort_values(
        ["event_id", "_order", "_width"], na_position="last", kind="stable"
    )
    groups = rows.groupby("event_id", sort=False)
    events = groups.first()
    events["layers"] = groups["layer"].agg(lambda s: tuple(sorted(set(s))))
    events["evidence"] = groups["evidence_id"].agg(tuple)
    events["date_layer"] = events["layer"].where(events["date_start"].notna(), "")
    events["date_end"] = events["date_last"]
    act = acts.loc[events["process_id"]]
    for column in ("country", "kind", "level", "bound", "relation", "never_in_force"):
        events[column] = act[column].to_numpy()
    # A statement may be coded for fewer categories than its act has: an event carries the act's.
    events["categories"] = act["categories"].to_numpy()
    events["title"] = act["title_en"].to_numpy()
    return events.reset_index()[COLUMNS]


def _chosen(
    events: pd.DataFrame,
    countries: Sequence[str] | None,
    bound: Sequence[str] | None,
    categories: Sequence[str] | None,
    levels: Sequence[str] | None,
) -> pd.DataFrame:
    for column, wanted in (
        ("country", countries),
        ("bound", bound),
        ("categories", categories),
    ):
        if wanted is not None:
            events = events[with_any(events[column], wanted)]
    if levels is not None:
        events = events[events["level"].isin(levels)]
    return events
