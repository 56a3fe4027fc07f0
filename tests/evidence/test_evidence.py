"""Events and rules over two layers: nothing counted twice, nothing claimed that is not shown."""

from __future__ import annotations

import pandas as pd
import pytest

from ngolib.errors import ParameterError
from ngolib.evidence import delays, load_events, load_rules, load_statements, lookup
from ngolib.evidence.dates import first_day, last_day
from ngolib.texts import read_source


@pytest.mark.parametrize(
    ("date", "first", "last"),
    [
        ("2012", "2012-01-01", "2012-12-31"),
        ("2012-02", "2012-02-01", "2012-02-29"),
        ("2012-07-20", "2012-07-20", "2012-07-20"),
    ],
)
def test_a_date_of_limited_precision_is_a_span(date, first, last):
    assert (first_day(date), last_day(date)) == (pd.Timestamp(first), pd.Timestamp(last))


def test_every_quote_stands_at_its_place(project):
    sources = project.read_table("sources").set_index("source_id")
    texts = {s: read_source(project.data / p) for s, p in sources["path"].items()}
    for row in load_statements(project=project).itertuples():
        text = texts[row.article_id.rsplit(".", 1)[0]]
        assert text[row.start : row.end] == row.exact
        assert text[max(0, row.start - 32) : row.start] == row.prefix
        assert text[row.end : row.end + 32] == row.suffix


def test_a_step_in_both_layers_is_one_event(project):
    events = load_events(project=project)
    assert events["event_id"].is_unique
    both = events[events["layers"] == ("corpus", "register")]
    assert len(both) > 0
    # No piece of evidence serves two events.
    evidence = [i for ids in events["evidence"] for i in ids]
    assert len(evidence) == len(set(evidence))


def test_the_russian_foreign_agents_law_is_known_to_both_layers(project):
    # iwpr-2014: "In 2012, Russia introduced a law that requires NGOs receiving money from abroad…"
    events = load_events(countries=["RUS"], categories=["foreign_funding"], project=project)
    layers = events.loc[events["process_id"] == "RUS-2012-foreign-agents", "layers"]
    assert {x for cell in layers for x in cell} == {"corpus", "register"}


def test_layers_alone_are_parts_of_both(project):
    both = set(load_events(project=project)["event_id"])
    corpus = set(load_events(["corpus"], project=project)["event_id"])
    register = set(load_events(["register"], project=project)["event_id"])
    assert corpus | register == both
    assert corpus - register and register - corpus


def test_feared_laws_are_no_events(project):
    statements = load_statements(project=project)
    feared = set(statements.loc[statements["modality"] == "feared", "statement_id"])
    assert feared
    used = {i for ids in load_events(project=project)["evidence"] for i in ids}
    assert not feared & used


def test_filters_touch_their_own_layer_only(project):
    whole = load_events(project=project)
    reliable = load_events(min_reliability="B", project=project)
    register = {i for i in whole["evidence"].explode() if not i.count("-s")}
    kept = set(reliable["evidence"].explode())
    steps = set(project.read_table("steps")["step_id"])
    assert register & steps <= kept
    sure = load_events(min_confidence="high", project=project)
    statements = set(load_events(["corpus"], project=project)["evidence"].explode())
    assert statements <= set(sure["evidence"].explode())


def test_an_unknown_code_is_named():
    with pytest.raises(ParameterError, match="unknown country 'KAX'; did you mean 'KAZ'"):
        load_events(countries=["KAX"])
    with pytest.raises(ParameterError, match="unknown category 'assembley'; did you mean 'assem"):
        load_events(categories=["assembley"])


def test_starts_of_force_are_intervals(project):
    rules = load_rules(project=project)
    dated = rules.dropna(subset=["from_earliest", "from_latest"])
    assert (dated["from_earliest"] <= dated["from_latest"]).all()
    presumed = rules[rules["from_basis"] == "presumed"]
    assert len(presumed) > 0
    assert (presumed["from_latest"].dt.year == presumed["from_earliest"].dt.year + 1).all()


def test_an_act_that_never_came_into_force_has_no_rule(project):
    acts = project.read_table("acts").set_index("process_id")["never_in_force"]
    assert not load_rules(subjects=None, project=project)["process_id"].map(acts).any()


def test_the_presumption_on_starts_is_measured(project):
    known = delays(project=project)
    assert len(known) > 20
    assert known["by_next_year"].mean() > 0.9


def test_lookup_gives_quotes_in_their_sentence(project):
    statement = load_statements(project=project).iloc[0]
    item = lookup([statement["statement_id"]], project=project).iloc[0]
    (quote,) = item["quotes"]
    assert quote["quote"] == statement["exact"]
    text = read_source(project.data / "sources" / "kz-ru-memorandum-2025.txt")
    if statement["article_id"].startswith("kz-ru"):
        assert quote["before"] + quote["quote"] + quote["after"] in text
    with pytest.raises(KeyError, match="no-such-id"):
        lookup(["no-such-id"], project=project)


def test_a_count_that_rests_on_the_texts_alone_is_quoted_from_them():
    (quotes,) = lookup(["count-KAZ-ngo-total-199X-400"])["quotes"]
    assert [quote["quote"] for quote in quotes] == [
        "about 400 non-governmental organizations",
        "only approximately 400 NGOs in Kazakhstan",
    ]
