"""Events over both layers: one row per act and stage, with all the evidence for it."""

from collections.abc import Collection, Sequence

import pandas as pd

from ngolib.errors import ParameterError
from ngolib.evidence.dates import of_years, spans
from ngolib.evidence.tables import check_codes, chosen, gathered, sure, with_times
from ngolib.project import FOUND, Project, read_once

LAYERS = ("corpus", "register")
RELIABILITY_ORDER = ("E", "D", "C", "B", "A")

COLUMNS = ["event_id", "process_id", "stage", "scheduled", "country", "title", "law", "kind"]
COLUMNS += ["level", "bound", "categories", "direction", "date_start", "date_end", "precision"]
COLUMNS += ["date_layer", "actor", "relation", "never_in_force", "layers", "evidence"]
# What an event has from its act, whatever a step or a statement of it is coded for.
OF_ACT = ["title", "country", "law", "kind", "level", "bound", "categories", "relation"]
OF_ACT += ["never_in_force"]


def reliable(articles: pd.DataFrame, least: str = "E") -> pd.DataFrame:
    """Keep the articles whose `reliability` was judged at least this good.

    A to D drop what cannot be judged (F), too; E, the lowest, keeps every article.
    """
    check_codes("reliability", [least], RELIABILITY_ORDER)
    if least == "E":
        return articles
    kept = RELIABILITY_ORDER[RELIABILITY_ORDER.index(least) :]
    return articles[articles["reliability"].isin(kept)]


@read_once
def load_statements(min_reliability: str = "E", *, project: Project = FOUND) -> pd.DataFrame:
    """Load the adjudicated statements of articles that are `reliable` enough.

    Returns
    -------
    pandas.DataFrame
        Columns of the table `statements`, then `date_start`, `date_last` as days, and
        `claimant_name` (empty where the article itself says so); in the order of the articles.
    """
    frame = project.read_table("statements")
    frame["date_start"], frame["date_last"] = spans(frame["date"], frame["date_end"])
    names = project.read_table("speakers").set_index("speaker_id")["name"]
    # A claimant without a speaker is a defect of the data, which `check` names: shown as it stands.
    frame["claimant_name"] = frame["claimant"].map(names).fillna(frame["claimant"])
    articles = reliable(project.read_table("articles"), min_reliability)
    return frame[frame["article_id"].isin(articles["article_id"])].reset_index(drop=True)


@read_once
def load_acts(*, project: Project = FOUND) -> pd.DataFrame:
    """Load the acts: one row per process.

    Returns
    -------
    pandas.DataFrame
        Columns of the table `acts`, then `bound` (whom the rules of the act bind, in the order of
        the codebook) and `law` (a short name: its first identifier, else its English title).
    """
    rules, acts = project.read_table("rules"), project.read_table("acts")
    codes, order = gathered(rules["process_id"], rules["bound"]), project.vocabulary("bound")
    own = (set().union(*codes[act]) for act in acts["process_id"])
    acts["bound"] = [tuple(code for code in order if code in bound) for bound in own]
    first = acts["identifier"].str.partition("; ")[0]
    acts["law"] = first.where(first != "", acts["title_en"])
    return acts


def register_steps(project: Project, min_confidence: str = "low") -> pd.DataFrame:
    """Return the steps that are sure enough, with their days."""
    steps = project.read_table("steps")
    steps = steps[sure(steps["confidence_fact"], min_confidence)]
    steps["date_start"], steps["date_last"] = spans(steps["date"], steps["date_end"])
    ids = steps["step_id"]
    return steps.assign(event_id=ids, evidence_id=ids, layer="register")


def _same_step(statement: pd.Series, steps: pd.DataFrame) -> str | None:
    """Return the step of one act and stage that a statement speaks of: without a date the first."""
    if steps.empty:
        return None
    first = steps.iloc[0]["step_id"]
    if pd.isna(statement["date_start"]):
        return first
    begun = steps["date_start"] <= statement["date_last"]
    overlap = begun & (steps["date_last"] >= statement["date_start"])
    if overlap.any():
        return steps[overlap].iloc[0]["step_id"]
    # One act passes a stage once: another date is a disagreement of sources, no second step.
    return first if len(steps) == 1 else None


@read_once
def _event_keys(*, project: Project = FOUND) -> pd.Series:
    """Return by statement the event that it is evidence for."""
    statements = load_statements(project=project)
    steps = register_steps(project)
    steps = steps[steps["process_id"].isin(statements["process_id"])]
    places = steps.groupby(["process_id", "stage", "scheduled"], sort=False).indices
    keys = {}
    for _, row in statements.iterrows():
        own = places.get((row["process_id"], row["stage"], row["scheduled"]), [])
        default = f"{row['process_id']}.{row['stage']}" + (".scheduled" if row["scheduled"] else "")
        keys[row["statement_id"]] = _same_step(row, steps.iloc[own]) or default
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
    min_reliability: str = "E",
    min_confidence: str = "low",
    articles: Sequence[str] | None = None,
    *,
    project: Project = FOUND,
) -> pd.DataFrame:
    """Load events over the chosen layers, nothing counted twice.

    The same step of an act in two texts and in the register is one event, with both layers and all
    its evidence. Its date is the register's where the register has it, else the most precise one
    among its statements.

    Of the texts (`corpus`) count statements of some `modalities`, from articles that are `reliable`
    enough and, if they are named, are among the `articles`; of the register, steps that are sure
    enough. `bound` keeps acts with a rule that binds one of these. An event whose span touches the
    years from `start` to `end` is kept, one without any date only if neither is given.

    Returns
    -------
    pandas.DataFrame
        `event_id, process_id, stage, scheduled, country, title`, `law` (see `load_acts`), `kind,
        level, bound, categories, direction, date_start, date_end` (days), `precision, date_layer,
        actor, relation, never_in_force, layers, evidence` (ids of steps and statements); of
        `date_start`, the first possible day, `year`, `decade` ("1990s") and `president` (of each
        of its countries that is asked for, if one was on all possible days); oldest first, undated
        last.

    Examples
    --------
    >>> events = ngolib.load_events(countries=["KAZ"], categories=["foreign_funding"], start=2016)
    >>> law = events[events["process_id"] == "KAZ-2016-foreign-funding-law"]
    >>> law["stage"].to_list()
    ['signed', 'published', 'in_force']
    """
    if not layers:
        raise ParameterError(f"layers: none given; allowed: {', '.join(LAYERS)}")
    check_codes("layer", layers, LAYERS)
    check_codes("modality", modalities, project.vocabulary("modality"))
    check_codes("article", articles or (), set(project.read_table("articles")["article_id"]))
    evidence = (layers, modalities, min_reliability, min_confidence, articles)
    events = _all_events(*evidence, project=project)
    wanted = {"country": countries, "bound": bound, "categories": categories, "level": levels}
    events = chosen(events, project, **wanted)
    first, last = of_years(start, end)
    if start is not None or end is not None:
        events = events[(events["date_end"] >= first) & (events["date_start"] <= last)]
    return with_times(events.reset_index(drop=True), ["date_start", "date_end"], countries, project)


@read_once
def _all_events(
    layers: Sequence[str],
    modalities: Collection[str],
    min_reliability: str,
    min_confidence: str,
    articles: Collection[str] | None,
    *,
    project: Project = FOUND,
) -> pd.DataFrame:
    """Make the events of every country and time from the evidence that is good enough."""
    parts = []
    if "register" in layers:
        parts.append(register_steps(project, min_confidence))
    if "corpus" in layers:
        said = load_statements(min_reliability, project=project)
        said = said[said["modality"].isin(modalities)].assign(layer="corpus", actor="")
        said = said if articles is None else said[said["article_id"].isin(articles)]
        ids = said["statement_id"]
        parts.append(said.assign(event_id=ids.map(_event_keys(project=project)), evidence_id=ids))
    events = _merge(pd.concat(parts, ignore_index=True), load_acts(project=project))
    return events.sort_values(["date_start", "date_end", "event_id"])


def _merge(rows: pd.DataFrame, acts: pd.DataFrame) -> pd.DataFrame:
    """Make one event of all rows with one event id."""
    dated = rows["date_start"].notna()
    rows = rows.assign(
        _order=(rows["layer"] != "register").astype(int),
        _width=rows["date_last"] - rows["date_start"],
        date_layer=rows["layer"].where(dated),
        date_precision=rows["precision"].where(dated),
    ).sort_values(["event_id", "_order", "_width"], na_position="last", kind="stable")
    groups = rows.groupby("event_id", sort=False)
    # Of each column the first cell that is known: a date and what is said of it are of one row.
    events = groups.first()
    layers, pieces = (gathered(rows["event_id"], rows[c]) for c in ("layer", "evidence_id"))
    ids = events.index.to_series()
    events["layers"] = ids.map(lambda event: tuple(sorted(set(layers[event])))).astype(object)
    events["evidence"] = ids.map(lambda event: tuple(pieces[event])).astype(object)
    events["precision"] = events["date_precision"].fillna(events["precision"])
    events["date_layer"] = events["date_layer"].fillna("")
    events["date_end"] = events["date_last"]
    act = acts.rename(columns={"title_en": "title"}).set_index("process_id")
    for column in OF_ACT:
        events[column] = act.loc[events["process_id"], column].to_numpy()
    return events.reset_index()[COLUMNS]
