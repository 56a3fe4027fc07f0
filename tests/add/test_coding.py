"""A quote is coded in one command: its place, what follows, drafts, acceptance, a workbook."""

from __future__ import annotations

import csv
import datetime
import json
import os
import subprocess
import sys

import openpyxl
import pytest

from ngolib.errors import ReportError
from ngolib.evidence import load_events, load_statements
from ngolib.intake import coding
from ngolib.intake.coding import places
from ngolib.project import Project
from ngolib.texts import read_source

from .conftest import refused, run, sound, state

ARTICLE, ACT = "kz-ru-memorandum-2025.1", "KAZ-2024-justice-memorandum"
QUOTE = "Critics fear that this could lead to increased scrutiny"
CODES = {"act": ACT, "stage": "announced", "direction": "restrictive", "coder": "me"}


def code(own, quote=QUOTE, article=ARTICLE, input=None, **codes):
    options = [f"--{k.replace('_', '-')}={v}" for k, v in (CODES | codes).items() if v is not None]
    return run(own, "code", article, quote, *options, input=input)


def drafts(own, coder="me"):
    with (own.data / "coding" / "drafts" / f"{coder}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def raw_of(own, name="kz-ru-memorandum-2025"):
    return read_source(own.data / "sources" / f"{name}.txt")


@pytest.mark.parametrize(
    ("raw", "quote", "exact"),
    [
        ("The  new\r\n law – “on clubs”", 'new law - "on clubs"', "new\r\n law – “on clubs”"),
        ("Russia’s law", "Russia's  law", "Russia’s law"),
        ("a regu\xadla\xad\ntion of NGOs", "regulation", "regu\xadla\xad\ntion"),
        ("regulation", "regu\xadlation", "regulation"),
        ("новыи\u0306 закон", "новый закон", "новыи\u0306 закон"),
        ("новый закон", "новыи\u0306 закон", "новый закон"),
        ("«закон»\u00a0— новый", '"закон" -\nновый', "«закон»\u00a0— новый"),
        ("a non‑governmental body", "non-governmental", "non‑governmental"),
        ("an act, and activity", "act", "act"),
        ("мои\u0306 и мой", "и", "и"),
    ],
)
def test_a_quote_is_found_in_any_typographic_form(raw, quote, exact):
    ((start, end),) = places(raw, quote)
    assert raw[start:end] == exact


@pytest.mark.parametrize(
    ("user", "coder"), [("ada.lee", "ada.lee"), ("әсел@corp", "әсел@corp"), ("", "me")]
)
def test_who_codes_is_who_is_logged_in(own, monkeypatch, user, coder):
    monkeypatch.setenv("USER", user)
    result = code(own, QUOTE, coder=None)
    assert result.exit_code == 0, result.output
    assert (own.data / "coding" / "drafts" / f"{coder}.csv").is_file()


@pytest.mark.parametrize("other", ["anna", "zoe"])
def test_what_another_has_coded_is_refused_whatever_the_names(own, other):
    assert code(own, QUOTE).exit_code == 0
    before = state(own)
    refused(own, code(own, QUOTE, coder=other), before, "drafts/me.csv")
    assert run(own, "check").exit_code == 0


def test_a_draft_has_its_place_and_what_follows_from_act_and_article(own):
    before = state(own)
    quote = "to  manifest has left many in the NGO sector apprehensive.\nCritics fear that this"
    result = code(own, quote.removeprefix("to  manifest "), modality="feared")
    assert result.exit_code == 0, result.output
    (row,) = drafts(own)
    raw, start, end = raw_of(own), int(row["start"]), int(row["end"])
    assert raw[start:end] == row["exact"] and row["exact"].startswith("has left many")
    assert (row["prefix"], row["suffix"]) == (raw[start - 32 : start], raw[end : end + 32])
    assert (row["statement_id"], row["article_id"]) == (f"{ARTICLE}-s20", ARTICLE)
    assert (row["country"], row["level"]) == ("KAZ; RUS", "policy")
    assert (row["categories"], row["voice"]) == ("international_cooperation", "media")
    assert (row["precision"], row["scheduled"], row["coder"]) == ("unresolved", "no", "me")
    changed = {k for k, v in state(own).items() if before.get(k) != v}
    assert changed == {"data/coding/drafts/me.csv"}
    sound(own)


def test_the_id_of_a_withdrawn_statement_is_not_given_again(own):
    (own.root / "docs").mkdir(exist_ok=True)
    (own.root / "docs" / "errata.md").write_text(f"- {ARTICLE}-s31 is withdrawn: read wrongly.\n")
    assert code(own, QUOTE).exit_code == 0
    assert drafts(own)[0]["statement_id"] == f"{ARTICLE}-s32"


def test_a_quote_over_a_line_end_with_other_quotation_marks(own):
    quote = "limiting foreign funding for NGOs .   Kazakhstan's Justice Ministry has been quick"
    assert code(own, quote).exit_code == 0
    (row,) = drafts(own)
    raw = raw_of(own)
    assert raw[int(row["start"]) : int(row["end"])] == row["exact"]
    assert "\n" in row["exact"] and "’" in row["exact"]


def test_words_of_a_date_are_resolved_unless_a_date_is_given(own):
    quote = "which is set to take effect from January 1, 2025"
    assert code(own, quote, stage="in_force").exit_code == 0
    clear = "has been quick to clarify"
    again = code(own, clear, date="2024-12/2025-01-02", voice="state", act="KAZ-2024-justice")
    assert again.exit_code == 0, again.output
    first, second = drafts(own)
    assert (first["date"], first["precision"], first["date_basis"]) == ("2025-01-01", "day", "text")
    assert (first["date_stated"], first["scheduled"]) == ("January 1, 2025", "yes")
    assert (second["date"], second["date_end"]) == ("2024-12", "2025-01-02")
    assert (second["precision"], second["date_basis"]) == ("range", "inference")
    assert second["process_id"] == ACT
    assert second["statement_id"] == f"{ARTICLE}-s21"


def test_a_quote_that_stands_twice_is_chosen_by_number(own):
    before = state(own)
    refused(own, code(own, "NGOs"), before, "stands there 5 times", "--nth", "2 = line 3: “")
    refused(own, code(own, "NGOs", nth="6"), before, "stands there 5 times")
    assert code(own, "NGOs", nth="2").exit_code == 0
    (row,) = drafts(own)
    assert raw_of(own)[int(row["start"]) :].startswith("NGOs .")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quote": "Critics fear this might lead to scrutiny"}, ["nearest", "line 4: “", QUOTE]),
        ({"quote": "Ein ganz anderer Satz ohne Zusammenhang"}, ["the quote is not in the article"]),
        ({"quote": ""}, ["the quote has 0 characters; allowed: 1 to 2000"]),
        ({"quote": "\xad \u200b"}, ["allowed: 1 to 2000"]),
        ({"quote": "NGO " * 2_500_000}, ["the quote has 10000000 characters"]),
        ({"article": "kz-ru-memorandum-2052.1"}, [f"did you mean '{ARTICLE}'?"]),
        ({"article": "../../etc\x1b"}, ["unknown article"]),
        ({"act": "foreign agents law 2012"}, ["--act: found", "nearest: RUS-2012-foreign-agents"]),
        ({"act": f"{ACT}; KAZ-1994-civil-code"}, ["--act: found"]),
        ({"act": "KAZ-2024"}, ["--act: found 'KAZ-2024'"]),
        (
            {"act": "RUS-2012-foreing-agnets-law"},
            ["RUS-2012-foreign-agents (Foreign agents law"],
        ),
        ({"act": "undesirable organisations"}, ["RUS-2014-undesirable (Undesirable organisatio"]),
        ({"act": ""}, ["missing: --act (a process_id of register/acts.csv)"]),
        ({"stage": "", "direction": ""}, ["missing: --stage (announced, ", "; --direction (restr"]),
        ({"stage": "anounced"}, ["column stage", "did you mean 'announced'?"]),
        ({"category": "foreign_funding,rallies"}, ["column categories", "'rallies'"]),
        ({"country": "KGZ"}, ["column country: found 'KGZ'; allowed: as its act, KAZ; RUS"]),
        ({"date": "2025-02-30"}, ["column date: found '2025-02-30'; allowed: a day"]),
        ({"date": "soon"}, ["column date"]),
        ({"claimant": "nobody"}, ["unknown claimant 'nobody' (allowed: "]),
        ({"claimant": "nobody", "voice": "state"}, ["unknown claimant 'nobody' (allowed: "]),
        ({"same_step_as": f"{ARTICLE}-s99"}, ["column same_step_as"]),
        ({"note": "a\tb"}, ["column note: U+0009"]),
        ({"note": "a\udcff"}, ["column note: U+DCFF"]),
        ({"quote": "\udcff law"}, ["the quote is not in the article"]),
        ({"coder": "../me"}, ["--coder: found '../me'; allowed: letters"]),
        ({"quote": "a memorandum of understanding signed", "stage": "vetoed"}, ["not possible"]),
    ],
)
def test_what_cannot_be_coded_is_one_line_and_changes_nothing(own, changes, words):
    before = state(own)
    refused(own, code(own, **changes), before, *words)


def test_what_is_written_to_the_drafts_while_answers_are_given_stays(own):
    assert code(own, note="first").exit_code == 0
    path = own.data / "coding" / "drafts" / "me.csv"

    def answer(column, codes, default):
        path.write_text(path.read_text().replace("first", "corrected"))
        return "signed" if column == "stage" else default

    given = {column: value for column, value in CODES.items() if column not in ("act", "stage")}
    quote = "has left many in the NGO sector apprehensive"
    new = {"": {**given, "process_id": ACT, "article_id": ARTICLE, "exact": quote}}
    coding.keep(Project(own.root), "me", new, answer)
    assert [(row["note"], row["stage"]) for row in drafts(own)] == [
        ("corrected", CODES["stage"]),
        ("", "signed"),
    ]
    assert len({row["statement_id"] for row in drafts(own)}) == 2
    sound(own)


def test_what_is_missing_is_asked_for_with_what_each_code_means(own):
    answers = "foreign agents\nKAZ-2024-just\nsupernew\nanno\nneutral\n\nmed\nfear\n"
    result = code(own, input=answers, ask=None, act=None, stage=None, direction=None)
    assert "missing: --act" in result.stderr
    result = run(own, "code", ARTICLE, QUOTE, "--ask", "--coder=me", input=answers)
    assert result.exit_code == 0, result.output
    (row,) = drafts(own)
    assert (row["process_id"], row["stage"], row["direction"]) == (ACT, "announced", "neutral")
    assert (row["voice"], row["modality"]) == ("media", "feared")
    assert "Told as a danger" in result.stderr and "; RUS-2012-foreign-agents (" in result.stderr
    assert "--stage: found 'supernew'; allowed: announced, " in result.stderr
    # Enter takes what stands in brackets: the act of what is coded nearest, and what follows.
    quote = "signed late last year between the justice ministries"
    result = run(own, "code", ARTICLE, quote, "--ask", "--coder=me", input="\nsi\nn\n\n\n\n")
    row = drafts(own)[1]
    assert (row["process_id"], row["stage"], row["modality"]) == (ACT, "signed", "asserted")
    assert (row["categories"], row["date"]) == ("international_cooperation", "2024")


@pytest.mark.skipif(sys.platform == "win32", reason="of terminals")
def test_who_breaks_off_a_question_is_not_told_that_nobody_is_there(own):
    start = "from ngolib.cli import main; main()"
    command = [sys.executable, "-c", start, "code", ARTICLE, QUOTE, "--ask", "--coder=me"]
    command += ["--project", str(own.root)]
    user, terminal = os.openpty()
    os.write(user, b"\x04")  # the end of what is typed
    done = subprocess.run(command, stdin=terminal, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr.endswith("Aborted!\n"), done.stderr
    os.close(user)
    os.close(terminal)


@pytest.mark.parametrize(
    ("stage", "date"), [("signed", "2024"), ("in_force", "2025-01-01"), ("adopted", "")]
)
def test_of_two_dates_in_a_quote_only_that_of_its_stage_is_taken(own, stage, date):
    raw = raw_of(own)
    quote = raw[raw.index("signed late last year") : raw.index(", focuses on regulating")]
    assert code(own, quote, stage=stage).exit_code == 0
    (row,) = drafts(own)
    assert row["date"] == date
    assert row["precision"] == ("unresolved" if not date else {4: "year", 10: "day"}[len(date)])


def test_drafts_are_shown_taken_back_and_do_not_touch_reports(own):
    hashes = own.input_hashes()
    code(own)
    code(own, "which is set to take effect from January 1, 2025", stage="in_force")
    assert own.input_hashes() == hashes
    listed = run(own, "code", "--list").stdout
    assert f"“{QUOTE}”" in listed and "drafts: 2" in listed
    assert f"{ARTICLE}-s21" in run(own, "code", "--undo", "--coder", "me").stdout
    assert [row["exact"] for row in drafts(own)] == [QUOTE]
    run(own, "code", "--undo", "--coder", "me")
    before = state(own)
    refused(own, run(own, "code", "--undo", "--coder", "me"), before, "me.csv holds no draft")
    refused(own, run(own, "code", "--accept", "--coder", "you"), before, "you.csv holds no draft")


def test_the_check_tells_a_defect_of_a_draft_and_reports_do_not(own):
    code(own)
    path = own.data / "coding" / "drafts" / "me.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",announced,", ",passed,"), encoding="utf-8")
    checked = run(own, "check")
    assert checked.exit_code == 1
    assert checked.stdout.startswith(
        "coding/drafts/me.csv: row 2: column stage: unknown stage code"
    )
    sound(own)
    path.write_bytes(b"\xff\x00")
    (told,) = json.loads(run(own, "check", "--json").stdout)
    assert told["file"] == "coding/drafts/me.csv" and "not UTF-8" in told["message"]
    sound(own)


def test_accepted_drafts_are_statements_that_the_timeline_shows(own):
    quotes = [("a memorandum of understanding signed late last", "signed"), (QUOTE, "announced")]
    for quote, stage in quotes:
        modality = "asserted" if stage == "signed" else "feared"
        assert code(own, quote, stage=stage, direction="neutral", modality=modality).exit_code == 0
    before = (own.data / "coding" / "statements.csv").read_bytes()
    result = run(own, "code", "--accept", f"{ARTICLE}-s21", f"{ARTICLE}-s20", "--coder", "me")
    assert result.exit_code == 0, result.output
    after = (own.data / "coding" / "statements.csv").read_bytes()
    assert after.startswith(before) and drafts(own) == []
    project = Project(own.root)
    found = load_statements(project=project).set_index("statement_id").loc[f"{ARTICLE}-s20"]
    assert found["exact"] == quotes[0][0]
    events = load_events(countries=["KAZ"], project=project)
    assert f"{ARTICLE}-s20" in {i for ids in events["evidence"] for i in ids}
    sound(own)
    # An id that was given is not given again.
    assert code(own, "Both local and international communities").exit_code == 0
    assert drafts(own)[0]["statement_id"] == f"{ARTICLE}-s22"


def test_one_bad_draft_keeps_all_out(own):
    code(own)
    code(own, "which is set to take effect from January 1, 2025", stage="in_force")
    path = own.data / "coding" / "drafts" / "me.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",1384,", ",1385,"), encoding="utf-8")
    before = state(own)
    told = run(own, "code", "--accept", "--coder", "me")
    refused(own, told, before, "coding/drafts/me.csv: row 2: column exact: not at 1385")
    told = run(own, "code", "--accept", f"{ARTICLE}-s99", "--coder", "me")
    refused(own, told, before, "unknown draft")
    assert run(own, "code", "--accept", f"{ARTICLE}-s21", "--coder", "me").exit_code == 0
    assert [row["statement_id"] for row in drafts(own)] == [f"{ARTICLE}-s20"]


@pytest.fixture
def workbook(own, tmp_path):
    """A workbook of candidates; by number of its row, cells that a person changes."""
    path = tmp_path / "mine.xlsx"
    assert run(own, "suggest", ARTICLE, "--to", str(path)).exit_code == 0

    def fill(**rows):
        book = openpyxl.load_workbook(path)
        sheet = book["statements"]
        header = [cell.value for cell in sheet[1]]
        for row, cells in rows.items():
            for column, value in cells.items():
                sheet.cell(int(row[1:]), header.index(column) + 1).value = value
        book.save(path)
        return path

    return fill


SIGNED = {"process_id": ACT, "direction": "neutral", "note": None, "modality": "asserted"}


def test_a_workbook_keeps_quotes_over_line_ends_and_cuts_none(own, tmp_path):
    row = {"article_id": ARTICLE, "exact": "first line\r\nsecond\rthird"}
    (tmp_path / "a.xlsx").write_bytes(coding.as_xlsx(own, [row]))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["statements"]
    found = {cell.value for line in sheet for cell in line}
    assert "first line\nsecond\nthird" in found
    with pytest.raises(ReportError, match=r"row 2: column note: found 40000 characters"):
        coding.as_xlsx(own, [row | {"note": "x" * 40_000}])


def test_a_workbook_there_and_back(own, workbook):
    path = workbook(
        r3=SIGNED | {"exact": "a memorandum of  understanding signed late last year"},
        r5=SIGNED | {"note": "mine", "country": None, "credibility": 2.0, "level": None},
    )
    sheet = openpyxl.load_workbook(path)["statements"]
    lists = {str(one.sqref)[0]: one.formula1 for one in sheet.data_validations.dataValidation}
    codes = openpyxl.load_workbook(path)["codes"]
    stages = [row[1].value for row in codes if row[0].value == "stage"]
    assert stages == list(own.vocabularies["stage"])
    first, last = (int(part.split("$")[-1]) for part in lists["P"].split(":"))
    assert [codes.cell(n, 2).value for n in range(first, last + 1)] == stages
    result = run(own, "code", str(path), "--coder", "me")
    assert result.exit_code == 0, result.output
    signed, scheduled = drafts(own)
    assert signed["exact"] == "a memorandum of understanding signed late last year"
    assert (signed["start"], signed["date"], signed["precision"]) == ("287", "2024", "year")
    assert (scheduled["country"], scheduled["credibility"]) == ("KAZ; RUS", "2")
    assert (scheduled["note"], scheduled["statement_id"]) == ("mine", f"{ARTICLE}-s21")
    sound(own)


def test_every_defect_of_a_workbook_has_its_row_and_nothing_is_changed(own, workbook):
    before = state(own)
    path = workbook(r3=SIGNED | {"stage": "passed"}, r4=SIGNED | {"exact": "NGOs", "start": 1})
    told = run(own, "code", str(path))
    refused(own, told, before, f"{path}: row 4: the quote stands there 5 times")
    path = workbook(r4={"exact": QUOTE, "direction": "bad", "categories": "assembly; rallies"})
    told = run(own, "code", str(path))
    assert told.exit_code == 2 and state(own) == before
    lines = told.stderr.splitlines()
    places = [f"ngolib: {path}: row {n}: column {c}: " for n, c in
              [(3, "stage"), (4, "direction"), (4, "categories")]]  # fmt: skip
    assert all(line.startswith(place) for line, place in zip(lines, places, strict=True)), lines
    ids = {f"r{n}": {"statement_id": "mine-s01", "note": None} for n in (3, 5)}
    told = run(own, "code", str(workbook(**ids)))
    refused(own, told, before, f"{path}: row 5: column statement_id: stands there twice")


@pytest.mark.parametrize("content", [None, b"", b"\xff\x00PK", b"PK\x03\x04 broken", b"id,stage\n"])
def test_what_is_no_workbook_is_one_line(own, tmp_path, content):
    path = tmp_path / "bad.xlsx"
    if content is not None:
        path.write_bytes(content)
    before = state(own)
    refused(own, run(own, "code", str(path)), before, f"{path}: no workbook of Excel")


def test_a_workbook_that_nobody_read_or_that_has_other_columns(own, workbook):
    before = state(own)
    refused(own, run(own, "code", str(workbook())), before, "each row is still")
    path = workbook(r1={"stage": "step"})
    told = run(own, "code", str(path))
    assert told.exit_code == 1 and state(own) == before
    assert "row 1: unknown column 'step'; did you mean 'stage'" in told.stderr


def test_what_excel_made_of_words_of_a_date_is_told(own, workbook):
    day, before = datetime.datetime(2015, 5, 1), state(own)
    said = "row 3: column date_stated: Excel made a day of it"
    path = workbook(r3=SIGNED | {"date_stated": day}, r4={"date_stated": day})  # the second unread
    told = run(own, "code", str(path))
    refused(own, told, before, said)
    assert "row 4" not in told.stderr
    told = run(own, "code", str(workbook(r3={"date_stated": None, "date": day})))
    refused(own, told, before, "row 3: column date: Excel made a day of it; write it again as text")


def test_a_row_may_name_another_of_its_workbook(own, workbook):
    path = workbook(
        r3=SIGNED | {"statement_id": "q001"},
        r5=SIGNED | {"statement_id": "q002", "same_step_as": "q001"},
    )
    result = run(own, "code", str(path), "--coder", "me")
    assert result.exit_code == 0, result.output
    first, second = drafts(own)
    assert second["same_step_as"] == first["statement_id"] != "q001"


def test_a_formula_is_told(own, workbook):
    path, before = workbook(r3=SIGNED | {"note": "=A1&A2"}), state(own)
    refused(own, run(own, "code", str(path)), before, "holds a formula; put its value")


def test_a_cell_far_from_the_table_is_told_before_all_memory_is_gone(own, workbook):
    path, before = workbook(), state(own)
    book = openpyxl.load_workbook(path)
    book["statements"].cell(2**20, 2**14).value = "far"
    book.save(path)
    refused(
        own, run(own, "code", str(path)), before, "a cell far from the table, in 1048576 rows of"
    )


def two_drafts(own):
    code(own)
    code(own, "a memorandum of understanding signed late last year", stage="signed")
    return [row["statement_id"] for row in drafts(own)]


def test_undo_takes_back_the_draft_that_is_named(own):
    first, second = two_drafts(own)
    refused(own, run(own, "code", "--undo", "x", "--coder", "me"), state(own), "unknown draft 'x'")
    assert run(own, "code", "--undo", first, "--coder", "me").exit_code == 0
    assert [row["statement_id"] for row in drafts(own)] == [second]


@pytest.mark.parametrize("told", [["--undo", "--accept"], ["--list", "x"], ["--list", "--undo"]])
def test_what_contradicts_itself_changes_nothing(own, told):
    two_drafts(own)
    before = state(own)
    result = run(own, "code", *told, "--coder", "me")
    assert result.exit_code == 2 and "give one of --list, --undo" in result.stderr
    assert state(own) == before


@pytest.mark.parametrize("column", ["stage", "date", "exact", "article_id", "note"])
def test_an_error_of_excel_is_told_with_its_row(own, workbook, column):
    before = state(own)
    path = workbook(r3=SIGNED | {column: "#N/A"})
    result = run(own, "code", str(path))
    assert result.exit_code != 0 and isinstance(result.exception, SystemExit), result.output
    assert all(line.startswith(f"ngolib: {path}: row 3: ") for line in result.stderr.splitlines())
    assert "holds an error of Excel" in result.stderr
    assert state(own) == before


def test_a_row_without_a_quote_is_told_and_the_sheet_is_found_by_its_name(own, workbook):
    before = state(own)
    path = workbook(r3=SIGNED | {"exact": None})
    refused(own, run(own, "code", str(path)), before, "row 3: the quote has 0 characters")
    path = workbook(r3=SIGNED | {"exact": "NGO activities", "note": "Candidate, NOT yet read"})
    refused(own, run(own, "code", str(path)), before, "each row is still")
    path = workbook(r3=SIGNED | {"exact": "a memorandum of understanding signed late last year"})
    book = openpyxl.load_workbook(path)
    book.create_sheet("mine", 0)["A1"] = "hello"
    book.save(path)
    assert run(own, "code", str(path), "--coder", "me").exit_code == 0


@pytest.mark.parametrize("name", ["old/me.csv", "me.CSV"])
def test_a_draft_that_no_command_reads_is_told(own, name):
    path = own.data / "coding" / "drafts" / name
    path.parent.mkdir(parents=True)
    path.write_text("statement_id\n", encoding="utf-8")
    before = state(own)
    said = f"coding/drafts/{name}: not read; a draft lies in coding/drafts itself"
    for told in (["--list"], ["--accept"]):
        refused(own, run(own, "code", *told), before, said)
    checked = run(own, "check")
    assert checked.exit_code == 1 and checked.stdout.startswith(said)


def test_drafts_that_are_no_folder_are_told(own):
    (own.data / "coding" / "drafts").write_text("", encoding="utf-8")
    before = state(own)
    for told in (["code", "--list"], ["code", "--accept"], ["code", ARTICLE, QUOTE]):
        refused(own, run(own, *told), before, "coding/drafts: must be a folder")
    assert "coding/drafts: must be a folder" in run(own, "check").stdout


def test_a_text_is_read_once_for_all_rows_of_a_workbook(own, workbook, monkeypatch):
    words = ["a memorandum", "signed late last year", "Critics fear", "increased scrutiny"]
    codes = SIGNED | {"stage": "announced", "start": None}
    rows = {f"r{n}": codes | {"exact": one} for n, one in enumerate(words, 2)}
    read = []
    monkeypatch.setattr(coding, "read_source", lambda path: read.append(path) or read_source(path))
    result = run(own, "code", str(workbook(**rows)), "--coder=me")
    assert result.exit_code == 0, result.output
    assert [row["exact"] for row in drafts(own)] == words and len(read) <= 1
