"""Candidates stand at their place, say why, and are never coded by themselves."""

from __future__ import annotations

import csv
import importlib.util

import pytest

from ngolib.intake import suggest as suggesting
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
    return [one.cells for one in suggest(name, project=project)]


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


BEYOND = {
    "The president of Kazakhstan signed the law on NGOs before December 2, 2015.": "en",
    "The president of Kazakhstan signed law No. 2015 on NGOs.": "en",
    "The law on NGOs was in force in Kazakhstan from May 2012 to June 2015.": "en",
    # Two days, of which one is that of another step.
    "The law on NGOs of Kazakhstan signed on May 2, 2012 was repealed on May 3, 2014.": "en",
    "Президент Казахстана подписал поправки в закон 1996 года об НПО 2 мая 2014 года.": "ru",
    "До 2 декабря 2015 года президент Казахстана подписал закон об НПО.": "ru",
}


@pytest.mark.parametrize("text", BEYOND)
def test_a_day_before_or_after_which_a_step_came_is_not_its_day(own, tmp_path, text):
    more = (ENGLISH if BEYOND[text] == "en" else RUSSIAN).partition("\n")[0]
    told = {"published": "2016-01-20", "language": BEYOND[text]}
    rows = suggested(added(own, tmp_path, f"{more}\n{text}\n", **told))
    own_rows = [row for row in rows if row["exact"] in text]
    assert own_rows and {row["date"] for row in own_rows} == {""}


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


def rows_of(own, tmp_path, text, language):
    title = "A title of eight words that says nothing\n\n"
    project = added(own, tmp_path, title + text, published="2025-06-20", language=language)
    return suggested(project)


@pytest.mark.parametrize(
    ("language", "text", "words", "stage", "date", "scheduled"),
    [
        ("ru", "Казахстан меняет регистрацию НПО. Палата приняла законопроект в первом чтении "
         "4 июня 2025 года.", "в первом чтении", "first_chamber", "2025-06-04", "no"),
        ("ru", "Казахстан меняет регистрацию НПО. Закон вступит в силу с 1 января 2026 года.",
         "вступит в силу", "in_force", "2026-01-01", "yes"),
        ("ru", "Казахстан меняет регистрацию НПО. Указ этот введён в действие "
         "1 июля 2025 года.", "введён", "in_force", "2025-07-01", "yes"),
        ("kk", "Қазақстан ұйымдарды тіркеу ережесін өзгертеді. Президент құжатқа 2025 жылғы "
         "4 маусымда қол қойды.", "қол қойды", "signed", "2025-06-04", "no"),
        ("kk", "Қазақстан ұйымдарды тіркеу ережесін өзгертеді. Ол 1 шілдеден бастап күшіне енеді.",
         "күшіне енеді", "in_force", "2025-07-01", "yes"),
        ("kk", "Қазақстан ұйымдарды тіркеу ережесін өзгертеді. Заң 2025 жылдың 4 маусымында "
         "қолданысқа енгізілді.", "енгізілді", "in_force", "2025-06-04", "no"),
    ],
)  # fmt: skip
def test_a_dated_step_takes_its_act_from_the_sentence_before(
    own, tmp_path, language, text, words, stage, date, scheduled
):
    (row,) = [r for r in rows_of(own, tmp_path, text, language) if words in r["exact"]]
    assert (row["stage"], row["date"], row["scheduled"]) == (stage, date, scheduled)
    assert (row["categories"], row["country"]) == ("registration_entry", "KAZ")
    assert row["note"].count("(in a sentence near by)") == 2


def test_the_act_can_stand_in_the_next_line_and_not_three_sentences_off(own, tmp_path):
    step = "Закон вступит в силу с 1 января 2026 года."
    (row,) = [r for r in rows_of(own, tmp_path, f"{step}\nОн вводит регистрацию НПО.\n", "ru")
              if "вступит" in r["exact"]]  # fmt: skip
    assert row["categories"] == "registration_entry"


def test_a_step_far_from_any_act_leaves_it_open(own, tmp_path):
    text = ("Регистрация НПО в Казахстане изменена. Погода хорошая. Было тепло. Шёл снег. "
            "Закон подписан 4 июня 2025 года.")  # fmt: skip
    row = rows_of(own, tmp_path, text, "ru")[-1]
    assert (row["stage"], row["date"], row["categories"]) == ("signed", "2025-06-04", "")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "В Казахстане активисты опасаются, что НПО запретят по российскому образцу."),
        ("ru", "Казахстан по примеру России ограничит регистрацию НПО."),
        ("kk", "Қазақстан Ресей үлгісімен ұйымдарды тіркеуге тыйым салады."),
        ("en", "Kazakhstan will restrict NGOs on the Russian model."),
    ],
)
def test_a_model_names_no_country_of_the_act(own, tmp_path, language, text):
    assert [row["country"] for row in rows_of(own, tmp_path, text, language)] == ["KAZ"]


@pytest.mark.parametrize(
    ("language", "text", "stage"),
    [
        ("ru", "За работу НПО без регистрации грозит штраф.", ""),
        ("ru", "За это активистам грозит лишение свободы.", ""),
        ("ru", "Суд оштрафовал активистов за митинг.", "decided"),
        ("kk", "Тіркелмеген ұйымдарға айыппұл көзделген, бұл шектеу.", ""),
        ("en", "NGOs face a fine for late reports to the registration office.", ""),
        ("en", "Police detained activists at a rally.", "occurred"),
    ],
)
def test_a_penalty_is_no_event(own, tmp_path, language, text, stage):
    (row,) = rows_of(own, tmp_path, text, language)
    assert row["stage"] == stage
    assert ("open: stage" in row["note"]) == (stage == "")


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("Президент подписал закон «Об НПО».", "Президент подписал закон «Об НПО»"),
        ("«Парламент принял закон об НПО», сказал он.",
         "«Парламент принял закон об НПО», сказал он"),
        ("Президент подписал закон “Об НПО”.", "Президент подписал закон “Об НПО”"),
        ('Президент подписал закон "Об НПО".', 'Президент подписал закон "Об НПО"'),
        ("«Об НПО» закон подписал президент.", "«Об НПО» закон подписал президент"),
        ("«Президент подписал закон об НПО».", "Президент подписал закон об НПО"),
    ],
)  # fmt: skip
def test_both_marks_of_a_quotation_stay_or_none(own, tmp_path, text, exact):
    assert [row["exact"] for row in rows_of(own, tmp_path, text, "ru")] == [exact]


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("The president signed a law on foreign funding of NGOs.", ""),
        ("The president signed a law on funding from abroad for NGOs.", ""),
        ("The president signed a law on funding for NGOs.", "enabling"),
    ],
)
def test_foreign_funding_is_no_sign_of_support(own, tmp_path, text, direction):
    assert [row["direction"] for row in rows_of(own, tmp_path, text, "en")] == [direction]


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
                             ("categories", "speech_media"), ("stage", "occurred")):  # fmt: skip
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


def test_the_benchmark_counts_hits_and_misses(project, tmp_path):
    spec = importlib.util.spec_from_file_location("counts", ROOT / "benchmarks" / "suggest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table = module.compare(project)
    assert (table["hits"] + table["missed"] == table["coded"]).all()
    assert (table["hits"] + table["extra"] == table["candidates"]).all()
    assert table.iloc[-1]["coded"] == len(project.read_table("statements"))
    invented = module.compare_invented(project, tmp_path)
    assert (invented["hits"] + invented["missed"] == invented["coded"]).all()
    first = invented[invented["set"] == "first"]
    assert list(first["language"]) == ["kk", "ru"] and (first["coded"] >= 20).all()
    assert (first["hits"] >= 10).all() and (first["precision"] > 0.8).all()
    strong = module.compare(project, weak=False)
    assert (strong["candidates"] <= table["candidates"]).all()


def test_hostile_text_takes_no_time_and_breaks_nothing(own, tmp_path):
    text = "A title\n\n" + "NGO " * 3000 + "signed " * 3000 + "(" * 500 + "\n" + files.PARAGRAPHS[0]
    project = added(own, tmp_path, text, language="en")
    suggested(project)


def test_blanks_and_hyphens_at_which_no_line_is_broken_hide_no_word(own, tmp_path):
    said = "In June 2015 the president signed the law on foreign{}funding of NGOs in Kazakhstan.\n"
    found = []
    for n, blank in enumerate((" ", "\u00a0")):
        text = f"A title {n}\n\n{said.format(blank)}{files.PARAGRAPHS[n]}\n"
        project = added(own, tmp_path, text, id=f"t{n}", language="en")
        found.append([one.cells["categories"] for one in suggest(f"t{n}.1", project=project)])
    assert found[0] == found[1] != []


RUSSIAN_DAYS = {
    "в мае прошлого года": "2014",
    "15 мая этого года": "2015",
    "5 мая с.г.": "2015",
    "2 мая того же года": "",
    "1-5 мая 2014 года": "2014-05",
}


@pytest.mark.parametrize("day", RUSSIAN_DAYS)
def test_a_year_that_is_told_behind_a_russian_month_is_its_year(own, tmp_path, day):
    text = f"Закон\n\nПрезидент подписал закон об иностранном финансировании НПО {day}.\n"
    text += "\n".join(files.RUSSIAN)
    project = added(own, tmp_path, text, published="2015-12-10", language="ru")
    (one,) = [one for one in suggested(project) if day[:4] in one["exact"]]
    assert (one["date"], one["scheduled"]) == (RUSSIAN_DAYS[day], "no")


@pytest.mark.parametrize(
    ("language", "text", "dates"),
    [
        ("ru", "12 января текущего 2014 года", ["", "2014"]),
        ("ru", "5 мая и 6 июня 2014 года", ["", ""]),
        ("ru", "1 мая - 9 мая 2014 года", ["", ""]),
        ("ru", "С 1 марта по 5 апреля 2014 года", ["", ""]),
        ("ru", "В марте и апреле 2014 года", [""]),
        ("ru", "в 2014 или 2015 году", [""]),
        ("ru", "12 апреля (2011 года)", ["", "2011"]),
        ("ru", "1 мая 2014 года и 3 июня", ["2014-05-01", ""]),
        ("ru", "25 мая позапрошлого года", [""]),
        ("ru", "не позднее 1 апреля года, следующего за отчетным", [""]),
        ("ru", "1 апреля каждого года", [""]),
        ("ru", "ежегодно 31 марта", [""]),
        ("ru", "в 2014-2015 году", [""]),
        ("ru", "5 мая суд решил", ["2016-05-05"]),
        ("ru", "12 января прошлого года", ["2015"]),
        ("kk", "2014 жылы 12 наурызда", ["2014", ""]),
        ("kk", "өткен жылғы 12 наурыз", [""]),
        ("kk", "12 наурызда", ["2016-03-12"]),
        # Ahead, and told of what was; of what will be.
        ("ru", "5 августа закон, до сих пор спорный, подписал президент", [""]),
        ("ru", "5 августа закон вступит в силу", ["2016-08-05"]),
        ("kk", "12 тамыз күні заң қабылдады", [""]),
        ("kk", "12 тамыз күні заң күшіне енеді", ["2016-08-12"]),
        # Behind, and told of what will be; an official is no word of what will be.
        ("ru", "Закон вступит в силу с 1 мая", [""]),
        ("kk", "Сайлау 20 мамырда өтеді", [""]),
        ("ru", "В июле суд оштрафовал должностных лиц", [""]),
        ("ru", "с 2012 по 2016 год", [""]),
        ("ru", "подписал закон о НПО 2 мая 2014 года", ["2014-05-02"]),
        ("ru", "«2» мая 2014 года, 2-го мая 2014 года", ["2014-05-02", "2014-05-02"]),
        ("kk", "былтыр 5 мамырда", ["2015"]),
        ("kk", "былтырғы мамыр айында", ["2015"]),
        ("kk", "1990 жылдары, 2021 және 2022 жылдары", []),
        ("kk", "2014 жылдың 1 қыркүйегінен", ["2014-09-01"]),
    ],
)
def test_the_year_of_another_day_beside_it_leaves_a_day_open(own, language, text, dates):
    bounds = dict.fromkeys(("published_start", "published_end"), "2016-06-10")
    found = suggesting._dates(suggesting.load_patterns(own, language), text, bounds)
    assert [one.resolved.date for one in found] == dates
