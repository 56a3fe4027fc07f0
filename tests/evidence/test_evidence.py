"""Events and rules over two layers: nothing counted twice, nothing claimed that is not shown."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from ngolib.errors import DataError, ParameterError
from ngolib.evidence import (
    load_acts,
    load_events,
    load_offices,
    load_ratings,
    load_rules,
    load_statements,
    lookup,
    reliable,
)
from ngolib.evidence.dates import span, spans
from ngolib.evidence.events import _merge
from ngolib.evidence.tables import GRADES, label_of, with_times
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
    assert [day.isoformat() for day in span(date)] == [first, last]


def test_every_quote_stands_at_its_place(project):
    sources = project.read_table("sources").set_index("source_id")
    texts = {s: read_source(project.data / p) for s, p in sources["path"].items()}
    for row in load_statements(project=project).itertuples():
        text = texts[row.article_id.rsplit(".", 1)[0]]
        assert text[row.start : row.end] == row.exact
        assert text[max(0, row.start - 32) : row.start] == row.prefix
        assert text[row.end : row.end + 32] == row.suffix


def test_what_is_installed_beside_does_not_change_how_words_are_held():
    # With pyarrow pandas holds them in another way, adds none to them and orders ties otherwise.
    code = "import ngolib, pandas; ngolib.load_acts(); print(pandas.get_option('string_storage'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "python\n"


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


def test_one_rule_for_how_reliable_a_text_must_be():
    """Who asks for well-judged texts gets no unjudged one; E, the lowest, keeps every text."""
    articles = pd.DataFrame({"reliability": list("ABCDEF")})
    kept = {least: "".join(reliable(articles, least)["reliability"]) for least in "ABCDE"}
    assert kept == {"A": "A", "B": "AB", "C": "ABC", "D": "ABCD", "E": "ABCDEF"}
    with pytest.raises(ParameterError, match="unknown reliability 'F'"):
        reliable(articles, "F")


def test_statements_and_events_rest_on_the_same_texts(project):
    articles = reliable(project.read_table("articles"), "C")
    statements = load_statements("C", project=project)
    assert set(statements["article_id"]) <= set(articles["article_id"])
    events = load_events(["corpus"], min_reliability="C", project=project)
    used = set(events["evidence"].explode())
    assert used and used <= set(statements["statement_id"])


def test_no_code_asked_for_means_all_even_what_has_none(project):
    referendum = "KAZ-2022-constitutional-referendum"
    events = load_events(countries=["KAZ"], categories=[], levels=["rule"], project=project)
    assert referendum in set(events["process_id"])
    assert len(load_rules(categories=(), project=project)) == len(load_rules(project=project))


def test_events_and_rules_say_when_and_under_whom(project):
    events = load_events(countries=["KAZ"], project=project)
    dated = events.dropna(subset=["date_start"])
    assert (dated["year"] == dated["date_start"].dt.year).all()
    assert (dated["decade"] == (dated["year"] // 10 * 10).astype(str) + "s").all()
    assert events.loc[events["date_start"].isna(), ["decade", "president"]].eq("").all(axis=None)
    # Of an act of two countries, the president of the country that was asked for.
    assert set(events["president"]) == {"Nursultan Nazarbayev", "Kassym-Jomart Tokayev", ""}
    rules = load_rules(project=project).set_index("rule_id")
    agents = rules.loc["RUS-2012-foreign-agents.foreign_funding"]
    assert (agents["year"], agents["decade"]) == (2012, "2010s")
    assert (agents["president"], agents["law"]) == (
        "Vladimir Putin",
        "Federal Law No. 121-FZ of 20 July 2012",
    )


def test_on_the_day_of_a_change_the_new_president_is_named(project):
    days = pd.to_datetime(["2019-03-19", "2019-03-20", "2020-12-01", "1980-01-01", None])
    country = [("KAZ",), ("KAZ",), ("KGZ",), ("KAZ",), ("KAZ",)]
    table = pd.DataFrame({"country": country, "day": days})
    named = with_times(table, ["day", "day"], None, project)
    assert named["president"].to_list() == [
        "Nursultan Nazarbayev",
        "Kassym-Jomart Tokayev",
        "",
        "",
        "",
    ]
    assert named["decade"].to_list() == ["2010s", "2010s", "2020s", "1980s", ""]
    spans = pd.DataFrame({"country": [("RUS",)] * 2, "first": pd.to_datetime(["2012-01-01"] * 2)})
    spans["last"] = pd.to_datetime(["2012-04-30", "2012-12-31"])  # one, or one of two
    told = with_times(spans, ["first", "last"], None, project)["president"]
    assert told.to_list() == ["Dmitry Medvedev", ""]
    both = pd.DataFrame({"country": [("KAZ", "RUS")], "day": pd.to_datetime(["2025-06-01"])})
    name = with_times(both, ["day", "day"], None, project)["president"].item()
    assert name == "Kassym-Jomart Tokayev; Vladimir Putin"
    assert (
        with_times(both, ["day", "day"], ["RUS"], project)["president"].item() == "Vladimir Putin"
    )


def test_offices_are_terms_in_days(project):
    offices = load_offices(project=project)
    assert list(offices) == ["office", "country", "name", "date_start", "date_end", "start_last"]
    first = offices.query("name == 'Nursultan Nazarbayev'").iloc[0]  # known to the year
    assert (first["date_start"], first["start_last"]) == (
        pd.Timestamp(1990, 1, 1),
        pd.Timestamp(1990, 12, 31),
    )
    assert not (offices["date_start"] > offices["date_end"]).any()
    assert set(load_offices("RUS", project=project)["country"]) == {"RUS"}
    with pytest.raises(ParameterError, match="unknown country 'RU'"):
        load_offices("RU", project=project)


def test_a_date_that_another_row_gives_brings_its_precision_and_layer(project):
    rows = pd.DataFrame(
        {
            "event_id": ["a", "a"],
            "evidence_id": ["step", "statement"],
            "process_id": "KAZ-2016-foreign-funding-law",
            "layer": ["register", "corpus"],
            "stage": "signed",
            "scheduled": False,
            "direction": "restrictive",
            "actor": ["the president", ""],
            "precision": ["unknown", "year"],
            "date_start": pd.to_datetime([None, "2016-01-01"]),
            "date_last": pd.to_datetime([None, "2016-12-31"]),
        }
    )
    event = _merge(rows, load_acts(project=project)).iloc[0]
    assert (event["precision"], event["date_layer"]) == ("year", "corpus")
    assert (event["actor"], event["evidence"]) == ("the president", ("step", "statement"))


def test_a_date_that_is_none_is_told_in_one_line():
    with pytest.raises(DataError, match="column date: found '2014-13'; allowed: a day, month"):
        spans(pd.Series(["2014", "2014-13"], name="date"))


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
    # Until the end of the year after, or the day by which a step shows the act in force.
    assert (presumed["from_latest"].dt.year <= presumed["from_earliest"].dt.year + 1).all()


def test_no_rule_is_in_force_before_its_act_was_made(project):
    made = {}
    for step in project.read_table("steps").itertuples():
        if step.stage in ("adopted", "signed", "published") and not step.scheduled:
            day = pd.Timestamp(span(step.date)[0])
            made[step.process_id] = min(day, made.get(step.process_id, day))
    rules = load_rules(project=project)
    first = rules["process_id"].map(made)
    assert first.notna().sum() > 300
    assert not (rules["from_earliest"] < first).any()
    # "2005" is a year; its act was signed on 8 July 2005.
    law = rules[rules["process_id"] == "KAZ-2005-national-security-amendments"]
    assert (law["from_earliest"] >= pd.Timestamp("2005-07-08")).all()


def test_a_step_in_force_bounds_a_start_that_nobody_shows(project):
    """RIA Novosti of 7 February 2007 tells the duty; no source shows its signature."""
    rules = load_rules(countries=["UZB"], project=project).set_index("rule_id")
    report = rules.loc["UZB-2007-foreign-ngo-yearly-report.reporting_oversight"]
    assert report["from_basis"] == "presumed"
    assert report["from_latest"] == pd.Timestamp("2007-02-28")


def test_nothing_is_left_out_by_default(project):
    acts = project.read_table("acts").set_index("process_id")["never_in_force"]
    table = project.read_table("rules")
    assert len(load_rules(project=project)) == (~table["process_id"].map(acts)).sum()
    events = load_events(["register"], project=project)
    assert set(project.read_table("steps")["step_id"]) == set(events["event_id"])


def test_whom_rules_bind_narrows_rules_and_acts(project):
    rules = load_rules(bound=["religious_body"], project=project)
    assert rules["bound"].map(lambda codes: "religious_body" in codes).all()
    events = load_events(bound=["religious_body"], project=project)
    assert set(events["process_id"]) <= set(rules["process_id"])
    acts = load_acts(project=project).set_index("process_id")["bound"]
    assert "religious_body" in acts["KAZ-2011-religion-law"]
    with pytest.raises(ParameterError, match="unknown bound 'ngo'"):
        load_rules(bound=["ngo"], project=project)


def test_every_rule_says_in_codes_what_a_page_says_in_words(project):
    rules = load_rules(countries=["KAZ", "RUS"], project=project)
    for column in ("short", "territory", "last_verified", "authority"):
        assert rules[column].ne("").all(), column
    for column in ("bound", "duty", "consequence"):
        assert rules[column].map(len).ge(1).all(), column
    assert rules["short"].str.split().map(len).max() <= 9
    agents = rules.set_index("rule_id").loc["RUS-2012-foreign-agents.foreign_funding"]
    assert (agents["law_no"], agents["bound"][0], agents["typical"]) == (
        "121-FZ",
        "foreign_funded",
        True,
    )


def test_an_act_that_never_came_into_force_has_no_rule(project):
    acts = project.read_table("acts").set_index("process_id")["never_in_force"]
    assert not load_rules(project=project)["process_id"].map(acts).any()


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


def test_every_rating_has_a_name_in_the_codebook_and_grades_run_upwards(project):
    table = load_ratings(project=project)
    assert set(table["index"]) <= set(project.vocabulary("rating_index"))
    for index, grades in GRADES.items():
        own = table[table["index"] == index]
        assert set(own["scale_min"]) == {grades[0]} and set(own["scale_max"]) == {grades[-1]}
        assert set(own["best"]) == {"max"}
    assert label_of("civicus_monitor", project=project) == "CIVICUS Monitor: rating"
    assert label_of("not_yet_named", project=project) == "not yet named"


def test_an_article_that_is_none_and_columns_as_arguments(project):
    with pytest.raises(ParameterError, match="unknown article 'iwpr-2006'; did you mean"):
        load_events(layers=["corpus"], articles=["iwpr-2006"], project=project)
    some = pd.Series(["KAZ", "KAZ", "RUS"])
    assert set(load_rules(some.unique(), project=project)["country"]) == {"KAZ", "RUS"}
