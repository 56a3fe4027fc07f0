"""Pages of the acts: steps, rules in words, what the texts say of each; and the list of all."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ngolib.evidence import load_acts, load_rules, load_statements
from ngolib.evidence.dates import spans
from ngolib.evidence.lookup import glosses
from ngolib.evidence.tables import gathered
from ngolib.methods import in_force, ordered, paired
from ngolib.project import Project
from ngolib.reports.site import around, render
from ngolib.texts import load_articles
from ngolib.verbs import day, day_in, since, strict, when

# How a rule stands on the closing day, in the order in which a page lists them.
STATES = ["in force", "perhaps in force", "not yet in force", "ended", "start not known"]
STATES += ["never in force"]
# Letters of Kazakh that Russian lacks: other languages give no original titles.
KAZAKH = re.compile("[әғқңөұүһ]", re.IGNORECASE)

Rows = Mapping[str, list[dict[str, Any]]]


def by(table: pd.DataFrame, key: str) -> Rows:
    """Gather the rows of a table by a column, in their order."""
    return gathered(table[key], table.to_dict("records"))


def _rules(project: Project, acts: pd.DataFrame) -> pd.DataFrame:
    """Return all rules with what their dates mean on the closing day."""
    rules, closing = load_rules(project=project), pd.Timestamp(project.closing_day)
    held = in_force(rules, closing)
    ended = (rules["to_latest"] <= closing) | (rules["to_basis"] == "unknown")
    cases = [held["certain"], held["possible"], rules["from_earliest"] > closing, ended]
    rules["state"] = np.select(cases, STATES[:4], STATES[4])
    rules["until"] = [*map(day_in, rules["to_earliest"], rules["to_latest"])]
    own = rules.assign(since=since, began=rules["from_earliest"]).set_index("rule_id")
    table = project.read_table("rules")
    table = table.join(own[["state", "since", "until", "law", "began"]], on="rule_id")
    # The loader leaves out the rules of acts that never came into force.
    table = table.fillna({"state": "never in force", "since": "", "until": "", "law": ""})
    # A rule that ended on a day that nobody shows has days of its own in the loader.
    table["until"] = table["until"].where(table["in_force_to"] != "", "on an unknown day")
    table["rung_name"] = strict(table, project)
    # The main field of an act is the first that it names.
    fields = acts.set_index("process_id")["categories"].reindex(table["process_id"])
    place = [(*f, c).index(c) for f, c in zip(fields, table["category"], strict=True)]
    table = table.assign(rank=table["state"].map(STATES.index), place=place)
    return table.sort_values(["rank", "began", "place"], kind="stable")


def _counterparts(project: Project, rules: pd.DataFrame) -> Rows:
    """Return for each act the like rules of other countries, and where the older one is."""
    loaded, pairs = load_rules(project=project), project.read_table("pairs")
    of = {row["rule_id"]: row for row in rules.to_dict("records")}
    sides = [*zip(pairs["rule_a"], pairs["rule_b"], strict=True)]
    countries = sorted({(of[a]["country"], of[b]["country"]) for a, b in sides})
    tables = [ordered(paired(loaded, pairs, *both)) for both in countries]
    order = pd.concat([pairs.head(0).assign(order=""), *tables]).set_index("pair_id")["order"]
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for pair in pairs.to_dict("records"):
        a, b = of[pair["rule_a"]], of[pair["rule_b"]]
        said = order.get(pair["pair_id"], "none")
        first = {"a_earlier": a["country"], "b_earlier": b["country"]}.get(said)
        for own, other in ((a, b), (b, a)):
            row = {**pair, "own": own, "other": other, "order": said, "first": first}
            found[own["process_id"]].append(row)
    return found


def _relations(acts: pd.DataFrame) -> Mapping[str, dict[tuple[str, bool], list[str]]]:
    """Return for each act those that it, or that do it (True), amend, replace and so on."""
    found: dict[str, dict[tuple[str, bool], list[str]]] = defaultdict(lambda: defaultdict(list))
    for act, cells in zip(acts["process_id"], acts["relation"], strict=True):
        for kind, other in (cell.split(": ") for cell in cells):
            found[act][kind, False].append(other)
            found[other][kind, True].append(act)
    return found


def pages(project: Project, uses: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, bytes]:
    """Write pages of the acts and their list, by name; `uses` leads from evidence to reports."""
    acts = load_acts(project=project)
    all_rules = _rules(project, acts)
    articles = load_articles(project=project).set_index("article_id", drop=False)
    steps = project.read_table("steps")
    steps["date_start"], steps["date_end"] = spans(steps["date"], steps["date_end"])
    steps = steps.sort_values(["date_start", "date_end"], kind="stable")  # the undated last
    steps_of = by(steps.assign(when=when(steps).str.replace("/", " to ")), "process_id")
    rules = by(all_rules, "process_id")
    statements = by(load_statements(project=project), "process_id")
    counterparts, relations = _counterparts(project, all_rules), _relations(acts)
    common = {"words": project.vocabularies, "glosses": glosses(project=project)}
    common |= {"titles": dict(zip(acts["process_id"], acts["title_en"], strict=True))}
    common |= {"never": set(acts["process_id"][acts["never_in_force"]])}
    common |= {"rule_of": {row["rule_id"]: row for rows in rules.values() for row in rows}}
    common |= {"sources": by(project.read_table("step_sources"), "step_id")}
    common |= {"heirs": by(all_rules, "carries_over"), "articles": articles.to_dict("index")}
    common |= {"closing": day(project.closing_day), **around(project)}
    files, listed = {}, []
    for act in acts.to_dict("records"):
        i = act["process_id"]
        own = {"act": act, "steps": steps_of[i], "rules": rules[i], "statements": statements[i]}
        kinds = {"rules": "rule_id", "steps": "step_id", "statements": "statement_id"}
        ids = [row[key] for kind, key in kinds.items() for row in own[kind]]
        listed.append({**own, "year": steps_of[i][0]["date"][:4] if steps_of[i] else ""})
        own |= {"original": "kk" if KAZAKH.search(act["title_original"]) else "ru"}
        own |= {"relations": relations[i], "counterparts": counterparts[i], "scripts": ()}
        own |= {"uses": dict.fromkeys(use for piece in ids for use in uses.get(piece, ()))}
        files[f"{i}.html"] = render("act.html.j2", title=act["title_en"], **own, **common)
    listed.sort(key=lambda own: (own["act"]["country"], own["year"] or "9"))
    return {**files, "index.html": render("acts.html.j2", title="Acts", acts=listed, **common)}
