"""Voices: who claims what, who relays whom, and one act told by several voices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import pandas as pd

DIRECTIONS = ("restrictive", "mixed", "neutral", "enabling")
DIRECTION_COLUMNS = ["voice", "direction", "acts", "statements", "evidence"]
TOPIC_COLUMNS = ["category", *DIRECTION_COLUMNS]
RELAY_COLUMNS = [
    "article_id",
    "claimant",
    "name",
    "kind",
    "voice",
    "affiliation",
    "statements",
    "links",
    "numbers",
    "evidence",
]
FRAMING_COLUMNS = [
    "process_id",
    "differ",
    "texts",
    *(
        f"{column}_{side}"
        for side in ("a", "b")
        for column in (
            "statement_id",
            "article_id",
            "voice",
            "claimant",
            "stage",
            "direction",
            "modality",
            "exact",
        )
    ),
    "evidence",
]


def _counted(rows: pd.DataFrame, by: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """Count acts and statements of each group, in the order of its codes."""
    if rows.empty:
        return pd.DataFrame(columns=list(columns))
    groups = rows.groupby(list(by), sort=False)
    out = groups.agg(
        acts=("process_id", "nunique"),
        statements=("statement_id", "nunique"),
        evidence=("statement_id", lambda s: tuple(dict.fromkeys(s))),
    )
    return out.reset_index()[list(columns)]


def _ordered(rows: pd.DataFrame, **orders: Sequence[str]) -> pd.DataFrame:
    ranks = {c: {code: n for n, code in enumerate(codes)} for c, codes in orders.items()}
    return rows.sort_values(
        list(orders), key=lambda s: s.map(ranks[str(s.name)]), kind="stable"
    ).reset_index(drop=True)


def by_direction(statements: pd.DataFrame, voices: Sequence[str]) -> pd.DataFrame:
    """Count what each voice tells, by the direction of the step told.

    Parameters
    ----------
    statements : pandas.DataFrame
        As `ngolib.load_statements` gives them.
    voices : sequence of str
        Voices, in the order wanted; others are left out.

    Returns
    -------
    pandas.DataFrame
        One row per voice and direction that occur: `voice, direction, acts` (processes told of, so
        that a repeat counts once), `statements, evidence` (their ids). An act of which steps in two
        directions are told counts under both.
    """
    own = statements[statements["voice"].isin(list(voices))]
    own = _ordered(own, voice=voices, direction=DIRECTIONS)
    return _counted(own, ["voice", "direction"], DIRECTION_COLUMNS)


def by_topic(
    statements: pd.DataFrame, voices: Sequence[str], categories: Sequence[str]
) -> pd.DataFrame:
    """Count what each voice tells, by topic and direction.

    Parameters
    ----------
    statements : pandas.DataFrame
        As `ngolib.load_statements` gives them.
    voices, categories : sequence of str
        What is counted, in the order wanted.

    Returns
    -------
    pandas.DataFrame
        One row per category, voice and direction that occur: `category, voice, direction, acts,
        statements, evidence`. A statement of several categories counts under each.
    """
    own = statements[statements["voice"].isin(list(voices))]
    own = own.explode("categories").rename(columns={"categories": "category"})
    own = own[own["category"].isin(list(categories))]
    own = _ordered(own, category=categories, voice=voices, direction=DIRECTIONS)
    return _counted(own, ["category", "voice", "direction"], TOPIC_COLUMNS)


def relays(
    statements: pd.DataFrame, links: pd.DataFrame, numbers: pd.DataFrame, speakers: pd.DataFrame
) -> pd.DataFrame:
    """List who relays whom: each article and each claimant whose words it passes on.

    Parameters
    ----------
    statements, links, numbers : pandas.DataFrame
        Coded claims with `article_id, claimant, voice` and their id; an empty `claimant` is the
        article itself.
    speakers : pandas.DataFrame
        Table of the speakers.

    Returns
    -------
    pandas.DataFrame
        One row per article and claimant: `article_id, claimant` (empty = the article itself),
        `name, kind, voice` (of the claim), `affiliation`, counts of `statements, links, numbers`,
        and `evidence`. In the order of the articles; first the article itself, then by the number
        of statements.
    """
    parts = [
        rows[["article_id", "claimant", "voice"]].assign(table=table, evidence_id=rows[key])
        for table, key, rows in (
            ("statements", "statement_id", statements),
            ("links", "link_id", links),
            ("numbers", "number_id", numbers),
        )
    ]
    claims = pd.concat(parts, ignore_index=True)
    if claims.empty:
        return pd.DataFrame(columns=RELAY_COLUMNS)
    known = speakers.set_index("speaker_id")
    order = {a: n for n, a in enumerate(dict.fromkeys(claims["article_id"]))}
    rows = []
    for (article, claimant, voice), own in claims.groupby(
        ["article_id", "claimant", "voice"], sort=False
    ):
        speaker = known.loc[claimant] if claimant in known.index else None
        counts = own["table"].value_counts()
        rows.append(
            {
                "article_id": article,
                "claimant": claimant,
                "name": claimant if speaker is None else speaker["name"],
                "kind": "" if speaker is None else speaker["kind"],
                "voice": voice,
                "affiliation": "" if speaker is None else speaker["affiliation"],
                **{t: int(counts.get(t, 0)) for t in ("statements", "links", "numbers")},
                "evidence": tuple(own["evidence_id"]),
            }
        )
    out = pd.DataFrame(rows, columns=RELAY_COLUMNS)
    keys = out.assign(
        place=out["article_id"].map(order), relayed=out["claimant"].ne(""), few=-out["statements"]
    )
    index = keys.sort_values(["place", "relayed", "few", "name"], kind="stable").index
    return out.loc[index].reset_index(drop=True)


def _differences(a: Mapping[str, object], b: Mapping[str, object]) -> tuple[str, ...]:
    """Say in what two statements of one act differ: the step told, its direction, how it is said.

    A direction is that of a step, so it is compared where both tell of one step.
    """
    same = a["stage"] == b["stage"] and a["level"] == b["level"]
    found = [] if same else ["step told"]
    if same and a["direction"] != b["direction"]:
        found.append("direction")
    if a["modality"] != b["modality"]:
        found.append("modality")
    return tuple(found)


_WEIGHT = {"direction": 4, "modality": 2, "step told": -1}


def framings(statements: pd.DataFrame, voices: Sequence[str]) -> pd.DataFrame:
    """Pair statements of one act by two voices.

    Of each act and each two voices that tell of it, the pair is taken that differs most: first in
    direction, then in modality; other things equal the one that tells of one and the same step,
    then the first in the texts.

    Parameters
    ----------
    statements : pandas.DataFrame
        As `ngolib.load_statements` gives them.
    voices : sequence of str
        Voices, in the order wanted.

    Returns
    -------
    pandas.DataFrame
        One row per act and two voices: `process_id`; `differ` (tuple of `step told, direction,
        modality`; empty = in words only); `texts` (`one`: the same article tells both, or `two`);
        `statement_id, article_id, voice, claimant, stage, direction, modality, exact` of both
        sides (`_a`, `_b`); `evidence`. In the order of the acts in the texts.
    """
    rank = {v: n for n, v in enumerate(voices)}
    own = statements[statements["voice"].isin(list(voices))]
    columns = [c[:-2] for c in FRAMING_COLUMNS if c.endswith("_a")]
    rows = []
    for process, told in own.groupby("process_id", sort=False):
        present = sorted(set(told["voice"]), key=lambda v: rank[v])
        for one, two in combinations(present, 2):
            sides = [told[told["voice"] == v].to_dict("records") for v in (one, two)]
            pairs = [(a, b, _differences(a, b)) for a in sides[0] for b in sides[1]]
            a, b, differ = max(pairs, key=lambda p: sum(_WEIGHT[d] for d in p[2]))
            rows.append(
                {
                    "process_id": process,
                    "differ": differ,
                    "texts": "one" if a["article_id"] == b["article_id"] else "two",
                    **{f"{c}_a": a[c] for c in columns},
                    **{f"{c}_b": b[c] for c in columns},
                    "evidence": (a["statement_id"], b["statement_id"]),
                }
            )
    return pd.DataFrame(rows, columns=FRAMING_COLUMNS)


def in_one_article(relayed: pd.DataFrame) -> list[str]:
    """Return the claimants that are heard through one article only, in their order."""
    own = relayed[relayed["claimant"] != ""]
    counts = own.groupby("claimant", sort=False)["article_id"].nunique()
    return [str(c) for c, n in counts.items() if n == 1]


def ids(cells: Iterable[Sequence[str]]) -> list[str]:
    """Return the ids of several cells, each once, in their order."""
    return list(dict.fromkeys(i for cell in cells for i in cell))
