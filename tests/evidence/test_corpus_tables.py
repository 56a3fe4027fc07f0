"""The corpus layer beside the statements: speakers, links, numbers and doubts of the texts."""

from __future__ import annotations

import pytest

from ngolib.evidence import load_statements, lookup
from ngolib.texts import load_lines, read_source

QUOTED = {"links": "link_id", "numbers": "number_id", "doubts": "doubt_id"}


@pytest.fixture(scope="module")
def texts(project):
    sources = project.read_table("sources").set_index("source_id")
    return {source: read_source(project.data / path) for source, path in sources["path"].items()}


@pytest.fixture(scope="module")
def parts(project, texts):
    """The raw text of each article, from its first line to its last."""
    lines = load_lines(project=project)
    spans = (
        lines[lines["article_id"] != ""].groupby("article_id").agg({"start": "min", "end": "max"})
    )
    return {
        article: texts[article.rsplit(".", 1)[0]][span["start"] : span["end"]]
        for article, span in spans.iterrows()
    }


@pytest.fixture(scope="module")
def speakers(project):
    return project.read_table("speakers").set_index("speaker_id")


def row_of(table, article_id, words):
    """The one row of an article whose quote holds these words."""
    found = table[
        (table["article_id"] == article_id) & table["exact"].str.contains(words, regex=False)
    ]
    assert len(found) == 1, f"{len(found)} rows hold {words!r}"
    return found.iloc[0]


@pytest.mark.parametrize("name", QUOTED)
def test_every_quote_stands_at_its_place(project, texts, name):
    table = project.read_table(name)
    assert len(table) > 0
    for row in table.itertuples():
        text = texts[row.article_id.rsplit(".", 1)[0]]
        assert text[row.start : row.end] == row.exact
        assert text[max(0, row.start - 32) : row.start] == row.prefix
        assert text[row.end : row.end + 32] == row.suffix


@pytest.mark.parametrize("name", QUOTED)
def test_every_quote_stands_in_its_article(project, parts, name):
    for row in project.read_table(name).itertuples():
        assert row.exact in parts[row.article_id]


@pytest.mark.parametrize(("name", "key"), QUOTED.items())
def test_ids_name_their_article(project, name, key):
    table = project.read_table(name)
    assert table[key].is_unique
    for row in table.itertuples():
        assert getattr(row, key).startswith(f"{row.article_id}-{name[0]}")


def test_spellings_and_articles_of_a_speaker_name_each_other(parts, speakers):
    for speaker_id, row in speakers.iterrows():
        own = [parts[article] for article in row["article_ids"]]
        for spelling in row["spellings"]:
            assert any(spelling in part for part in own), (speaker_id, spelling)
        for article, part in zip(row["article_ids"], own, strict=True):
            assert any(spelling in part for spelling in row["spellings"]), (speaker_id, article)


def test_no_two_speakers_share_a_personal_name(speakers):
    # Groups may: "critics" of two articles are two speakers.
    persons = speakers[speakers["kind"] == "person"]
    for article in set(persons["article_ids"].explode()):
        own = persons[persons["article_ids"].map(lambda ids, wanted=article: wanted in ids)]
        assert own["spellings"].explode().is_unique


@pytest.mark.parametrize("name", ["statements", "links", "numbers"])
def test_claimants_are_speakers_of_their_article_in_their_voice(project, speakers, name):
    table = project.read_table(name)
    said = table[table["claimant"] != ""]
    assert len(said) > 0
    assert set(said["claimant"]) <= set(speakers.index)
    for row in said.itertuples():
        assert row.article_id in speakers.loc[row.claimant, "article_ids"]
        assert row.voice == speakers.loc[row.claimant, "voice"]


def test_two_spellings_of_one_person_are_one_speaker(project, speakers):
    assert speakers.loc["evgeny-zhovtis", "spellings"] == ("Evgeny Jovtis", "Yevgeny Zhovtis")
    assert speakers.loc["evgeny-zhovtis", "affiliation"] == "kibhr"
    statements = load_statements(project=project)
    said = statements[statements["claimant"] == "evgeny-zhovtis"]
    assert set(said["claimant_name"]) == {"Yevgeny Zhovtis"}


def test_critics_of_two_articles_are_two_speakers(project):
    statements = load_statements(project=project)
    critics = statements[statements["claimant_name"] == "Critics"]
    assert set(critics["claimant"]) == {"critics-2006", "critics-2025"}


def test_a_claimant_has_a_name_and_the_article_itself_has_none(project):
    statements = load_statements(project=project)
    assert ((statements["claimant"] == "") == (statements["claimant_name"] == "")).all()
    # iwpr-2006: "said Pyotr Svoik, chairman of an Almaty NGO that monitors monopolies"
    svoik = statements[statements["claimant"] == "pyotr-svoik"]
    assert set(svoik["claimant_name"]) == {"Pyotr Svoik"}


def test_lookup_shows_the_name_of_a_claimant(project):
    statements = load_statements(project=project)
    said = statements[statements["claimant"] == "dulat-kustavletov"].iloc[0]
    about = lookup([said["statement_id"]], project=project).iloc[0]["about"]
    assert "voice: state (Dulat Kustavletov)" in about


def test_a_call_to_follow_an_example_is_a_demanded_influence(project):
    links = project.read_table("links")
    row = row_of(links, "iwpr-2014.1", "heed the Russian example")
    assert (row["kind"], row["from_country"], row["to_country"]) == ("influence", "RUS", "KAZ")
    assert (row["modality"], row["claimant"]) == ("demanded", "dulat-kustavletov")
    assert row["on_civil_society"]
    assert row["statement_ids"] == ("iwpr-2014.1-s39",)


def test_likeness_and_contrast_are_no_influence(project):
    links = project.read_table("links")
    akin = row_of(links, "kz-ru-memorandum-2025.1", "practices akin to Russia’s")
    assert (akin["kind"], akin["modality"]) == ("similarity", "feared")
    unlike = row_of(links, "civil-liberties-essay-2020.1", "Unlike Russia")
    assert (unlike["kind"], unlike["modality"]) == ("difference", "asserted")


def test_only_influence_has_a_way_from_one_country_to_the_other(project):
    links = project.read_table("links")
    influence = links["kind"] == "influence"
    assert set(zip(links["from_country"], links["to_country"], strict=True)) <= {
        ("", ""),
        ("RUS", "KAZ"),
        ("KAZ", "RUS"),
    }
    assert ((links["from_country"] != "") == influence).all()


def test_texts_without_russia_have_no_links(project, parts):
    links = project.read_table("links")
    for article in links["article_id"].unique():
        assert "Russia" in parts[article]
    assert "iwpr-2006.1" not in set(links["article_id"])
    assert "Russia" not in parts["iwpr-2006.1"]


@pytest.mark.parametrize(
    ("article_id", "words", "value", "high", "qualifier", "date", "series"),
    [
        ("modern-diplomacy-2021.4", "around 16,000", "16000", "", "about", "2021", "ngo_active"),
        (
            "modern-diplomacy-2021.4",
            "1.8 billion tenge",
            "1800000000",
            "",
            "exact",
            "2020",
            "state_grants",
        ),
        ("modern-diplomacy-2021.4", "4.3 million US", "4300000", "", "at_least", "2020", ""),
        ("modern-diplomacy-2021.2", "1000-3000", "1000", "3000", "exact", "2005-02-28", ""),
        ("iwpr-2014.1", "18 leading NGOs", "18", "", "exact", "2014-06-11", ""),
        ("iwpr-2014.1", "up to six years", "6", "", "at_most", "", ""),
        ("civil-liberties-essay-2020.1", "about 400", "400", "", "about", "", ""),
    ],
)
def test_numbers_as_the_texts_give_them(
    project, article_id, words, value, high, qualifier, date, series
):
    row = row_of(project.read_table("numbers"), article_id, words)
    assert (row["value"], row["value_high"], row["qualifier"]) == (value, high, qualifier)
    assert (row["date"], row["series"]) == (date, series)


def test_series_of_numbers_stand_in_the_register(project):
    numbers = project.read_table("numbers")
    counts = project.read_table("counts")
    assert set(numbers["series"]) - {""} <= set(counts["series"])


def test_the_victim_of_2019_is_not_left_as_the_attacker(project):
    doubts = project.read_table("doubts")
    row = row_of(doubts, "civil-liberties-essay-2020.1", "targeted by the Kazakhstan International")
    assert (row["kind"], row["basis"]) == ("reversed_actors", "reference")
    assert "KAZ-2019-kibhr-press-conference-attack" in row["process_ids"]
    assert len(row["urls"]) == 2


def test_a_start_told_as_future_after_its_day_is_an_impossible_date(project):
    doubts = project.read_table("doubts")
    row = row_of(doubts, "kz-ru-memorandum-2025.1", "which is set to take effect from January 1")
    assert (row["kind"], row["basis"]) == ("impossible_date", "text")
    assert row["statement_ids"] == ("kz-ru-memorandum-2025.1-s03",)


def test_doubts_that_references_show_name_them(project):
    doubts = project.read_table("doubts")
    shown = doubts[doubts["basis"] == "reference"]
    assert shown["urls"].map(len).gt(0).all()


@pytest.mark.parametrize(
    "verdict", ["wrong", "overstated", "understated", "imprecise", "unsupported"]
)
def test_faults_found_by_the_checks_of_claims_are_doubts(project, verdict):
    checks = project.read_table("claim_checks").set_index("check_id")
    notes = project.read_table("doubts")["note"].str.cat(sep=" ")
    for check_id in checks.index[checks["verdict"] == verdict]:
        assert f"claim_checks {check_id}:" in notes


def test_statements_that_rest_on_a_doubt_are_of_its_article(project):
    doubts = project.read_table("doubts")
    for row in doubts.itertuples():
        assert all(s.startswith(f"{row.article_id}-s") for s in row.statement_ids)
