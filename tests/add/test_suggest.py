"""Candidates stand at their place, say why, and are never coded by themselves."""

from __future__ import annotations

import csv
import importlib.util

import pytest

from ngolib.intake.suggest import suggest
from ngolib.project import Project
from ngolib.texts import read_source

from . import files
from .conftest import ROOT, refused, run, sound, state

ENGLISH = """\
A new law on clubs

Kazakhstan tightens the rules for clubs. On December 2, 2015, the president signed a law that \
requires non-governmental organizations to report on money from abroad. The weather was fine.
Parliament adopted the bill on reports of non-governmental organizations in October 2015.
Activists fear that inspections will follow, and last week police detained two journalists in \
Almaty.
"""
RUSSIAN = """\
Новый закон о клубах

В Казахстане 2 декабря 2015 года президент подписал закон, который ограничивает иностранное \
финансирование НПО. Погода была хорошая.
Правозащитники опасаются, что начнутся проверки, и в прошлом году полиция задержала \
двух журналистов.
"""
KAZAKH = """\
Жаңа заң туралы

Қазақстанда 2015 жылғы 2 желтоқсанда президент үкіметтік емес ұйымдар туралы заңға қол қойды, ал \
ұйымдар шетелдік қаржы туралы есеп беруге міндетті болды.
"""


def added(own, tmp_path, text, **options):
    path = tmp_path / "new.txt"
    path.write_text(text, encoding="utf-8", newline="")
    more = [part for key, value in options.items() for part in (f"--{key}", value)]
    result = run(own, "add", str(path), *more)
    assert result.exit_code == 0, result.output
    return Project(own.root)


def suggested(project, name="new.1"):
    return [one.cells for one in suggest(project, name)]


@pytest.mark.parametrize(
    ("text", "words", "date", "said"),
    [
        (
            ENGLISH,
            "the president signed a law that requires",
            "2015-12-02",
            'stage signed: "signed"',
        ),
        (RUSSIAN, "президент подписал закон", "2015-12-02", 'stage signed: "подписал"'),
        (KAZAKH, "заңға қол қойды", "2015-12-02", 'stage signed: "қол қойды"'),
    ],
)
def test_a_signed_law_is_suggested_with_its_reasons(own, tmp_path, text, words, date, said):
    language = {ENGLISH: "en", RUSSIAN: "ru", KAZAKH: "kk"}[text]
    project = added(own, tmp_path, text, published="2016-01-20", language=language)
    rows = suggested(project)
    row = next(row for row in rows if words in row["exact"])
    assert (row["stage"], row["country"], row["date"]) == ("signed", "KAZ", date)
    assert (row["level"], row["precision"], row["date_basis"]) == ("rule", "day", "text")
    assert said in row["note"] and "candidate, not yet read" in row["note"]
    assert "open: " in row["note"] and "voice, tier" in row["note"]
    assert row["voice"] == row["tier"] == row["claimant"] == ""


@pytest.mark.parametrize(
    ("text", "language", "word"), [(ENGLISH, "en", "fear"), (RUSSIAN, "ru", "опасаются")]
)
def test_a_fear_and_an_arrest_are_told_apart(own, tmp_path, text, language, word):
    project = added(own, tmp_path, text, published="2016-01-20", language=language)
    rows = suggested(project)
    feared = next(row for row in rows if word in row["exact"])
    assert (feared["modality"], feared["stage"]) == ("feared", "announced")
    arrest = rows[-1]
    assert (arrest["stage"], arrest["level"], arrest["direction"]) == (
        "occurred", "practice", "restrictive",
    )  # fmt: skip
    assert "speech_media" in arrest["categories"] and "harassment" in arrest["categories"]
    assert arrest["date_basis"] == "inference"
    assert not any("weather" in row["exact"] or "Погода" in row["exact"] for row in rows)


def test_offsets_and_contexts_are_those_of_the_raw_text(project):
    for article in project.read_table("articles")["article_id"]:
        source = project.read_table("sources").set_index("source_id")
        raw = read_source(project.data / source.loc[article.rpartition(".")[0], "path"])
        for row in suggested(project, article):
            start, end = int(row["start"]), int(row["end"])
            assert raw[start:end] == row["exact"] != ""
            assert row["prefix"] == raw[max(0, start - 32) : start]
            assert row["suffix"] == raw[end : end + 32]
            assert "\n" not in row["exact"]


def test_what_no_word_shows_stays_open(own, tmp_path):
    text = "A note\n\nThe mayor signed a decree on rallies yesterday in the small town.\n"
    project = added(own, tmp_path, text, language="en")
    (row,) = suggested(project)
    assert (row["country"], row["direction"], row["date"]) == ("", "", "")
    assert row["precision"] == "unresolved"
    assert "open: country, direction, voice, tier" in row["note"]


def test_a_year_in_kazakh_and_russian_is_found(own, tmp_path):
    text = (
        "Закон\n\nВ России в мае 2012 года парламент принял закон об НКО и иностранных агентах.\n"
    )
    project = added(own, tmp_path, text, language="ru")
    (row,) = suggested(project)
    assert (row["date"], row["precision"], row["country"]) == ("2012-05", "month", "RUS")


def test_the_file_is_a_coders_form_and_the_coding_is_untouched(own, tmp_path):
    before = state(own)
    out = tmp_path / "mine.csv"
    result = run(own, "suggest", "iwpr-2014.1", "--to", str(out))
    assert result.exit_code == 0, result.output
    assert state(own) == before
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == own.table("coder_a").columns
    again = run(own, "suggest", "iwpr-2014.1", "--to", str(out))
    assert again.exit_code == 2 and "is there already" in again.stderr
    # Once a person has filled in what is open, it is a coder's file.
    for row in rows:
        row["voice"] = row["voice"] or "media"
        row["tier"] = row["tier"] or "2"
        for column, code in (("country", "KAZ"), ("direction", "neutral"), ("level", "practice"),
                             ("categories", "speech_media")):  # fmt: skip
            row[column] = row[column] or code
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    compared = run(own, "agreement", str(out))
    assert compared.exit_code == 0, compared.output


def test_two_suggestions_become_statements_that_the_timeline_shows(own, tmp_path):
    """The way of the guide: add, suggest, mend two rows, put them into the coding."""
    added(own, tmp_path, ENGLISH, published="2016-01-20", relevance="on_topic")
    rows = suggested(Project(own.root))
    rows = [row for row in rows if row["stage"] in ("signed", "adopted")]
    assert [row["date"] for row in rows] == ["2015-12-02", "2015-10"]
    act = "KAZ-2015-charity-law"
    for row in rows:
        row |= {"process_id": act, "voice": "media", "credibility": "6", "tier": "1",
                "coder": "me", "country": "KAZ", "direction": "restrictive",
                "categories": row["categories"] or "reporting_oversight",
                "note": ""}  # fmt: skip
    path = own.data / "coding" / "statements.csv"
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, own.table("statements").columns, lineterminator="\n").writerows(rows)
    result = run(own, "check")
    assert result.exit_code == 0, result.output
    from ngolib.evidence import load_events

    events = load_events(countries=["KAZ"], project=Project(own.root))
    shown = {i for ids in events["evidence"] for i in ids}
    assert {row["statement_id"] for row in rows if row["modality"] == "asserted"} <= shown
    sound(own)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("en-stage-01,en,stage,announced", "en-stage-01,en,stage,anounced"),
         "did you mean 'announced'?"),
        (("en-stage-01,en,stage,announced,", "en-stage-01,en,stage,announced,("), "en-stage-01"),
    ],
)  # fmt: skip
def test_a_wrong_pattern_is_named(own, change, words):
    path = own.data / "patterns.csv"
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change), encoding="utf-8")
    before = state(own)
    refused(own, run(own, "suggest", "iwpr-2014.1"), before, words)


def test_an_unknown_article_is_named_with_the_nearest(own):
    before = state(own)
    refused(own, run(own, "suggest", "iwpr-2041.1"), before, "did you mean 'iwpr-2014.1'?")


def test_the_benchmark_counts_hits_and_misses(project):
    spec = importlib.util.spec_from_file_location("counts", ROOT / "benchmarks" / "suggest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table = module.compare(project)
    assert (table["hits"] + table["missed"] == table["coded"]).all()
    assert (table["hits"] + table["extra"] == table["candidates"]).all()
    assert table.iloc[-1]["coded"] == len(project.read_table("statements"))
    strong = module.compare(project, weak=False)
    assert (strong["candidates"] <= table["candidates"]).all()


def test_hostile_text_takes_no_time_and_breaks_nothing(own, tmp_path):
    text = "A title\n\n" + "NGO " * 3000 + "signed " * 3000 + "(" * 500 + "\n" + files.PARAGRAPHS[0]
    project = added(own, tmp_path, text, language="en")
    suggested(project)
