"""A planted error is found before any analysis sees it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from ngolib.cli import main
from ngolib.evidence.check import defects
from ngolib.evidence.check.stages import STAGES_OF_KIND, STAGES_OF_LEVEL
from ngolib.project import MARKER, Project

STATEMENTS = "coding/statements.csv"
LINKS = "coding/links.csv"
SPEAKERS = "coding/speakers.csv"
NUMBERS = "coding/numbers.csv"
CROSSWALK = "codebook/crosswalk.csv"
ACTS = "register/acts.csv"
STEPS = "register/steps.csv"
RULES = "register/rules.csv"
OFFICES = "register/offices.csv"
SEARCHES = "register/search_log.csv"
COUNTS = "register/counts.csv"
CHECKS = "register/claim_checks.csv"
PAIRS = "register/pairs.csv"
CORRECTIONS = "register/corrections.csv"
RATINGS = "register/ratings.csv"
TREATIES = "register/treaties.csv"
LADDERS = "codebook/ladders.csv"
PATTERNS = "patterns.csv"


def test_our_data_have_no_defect(project):
    assert defects(project) == []


def edit(path: Path, change) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    write(path, rows)


def write(path: Path, rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def first(rows, **wanted):
    return next(r for r in rows if all(r[k] == v for k, v in wanted.items()))


def set_first(wanted=None, **cells):
    """Change cells of the first row that has the wanted ones."""
    return lambda rows: first(rows, **(wanted or {})).update(cells)


def repeat(id_column):
    """Add the first row once more, under an id of its own."""
    return lambda rows: rows.append({**rows[0], id_column: rows[0][id_column] + "-again"})


def append_to(column, text):
    return lambda rows: rows[0].update({column: rows[0][column] + text})


def new_defects(project, path, change):
    """Return what a change of a table adds to the defects."""
    before = set(defects(project))
    edit(project.data / path, change)
    return [line for line in defects(project) if line not in before]


def swap(index, other, column):
    """Exchange the cells of two rows."""

    def change(rows):
        one, two = rows[index], rows[other]
        one[column], two[column] = two[column], one[column]

    return change


def change_where(test, **cells):
    """Change cells of the first row that meets a test."""
    return lambda rows: next(r for r in rows if test(r)).update(cells)


def dated(row):
    return row["from_precision"] == "day" and not row["in_force_to"]


DAY = {"precision": "day"}
DATED = {"from_precision": "day"}
DEFECTS = [
    # quotes
    (
        STATEMENTS,
        lambda r: r[0].update(exact=r[0]["exact"][:-1] + "#"),
        "nowhere in the text: near",
    ),
    (STATEMENTS, lambda r: r[0].update(exact="#~" * 40), "it stands nowhere in the text"),
    (STATEMENTS, lambda r: r[0].update(start=str(int(r[0]["start"]) - 1)), "it stands at"),
    (STATEMENTS, set_first(prefix="x"), "column prefix: not the 32 characters beside the quote"),
    (STATEMENTS, set_first(suffix="x"), "column suffix: not the 32 characters"),
    (STATEMENTS, repeat("statement_id"), "coded twice for one process_id and stage"),
    (LINKS, repeat("link_id"), "the same quote is coded twice"),
    (LINKS, lambda r: r[0].update(exact=r[0]["exact"][:-1] + "#"), "% alike)"),
    (CHECKS, lambda r: r[0].update(fragment=r[0]["fragment"] + "#"), "stands nowhere in"),
    ("register/treaty_table.csv", set_first(row_as_printed="x"), "not line"),
    # the tables of the corpus layer
    (SPEAKERS, append_to("spellings", "; Nobody Nowhere"), "'Nobody Nowhere' stands in none of"),
    (LINKS, set_first({"kind": "influence"}, to_country=""), "influence needs its direction"),
    (LINKS, set_first({"kind": "similarity"}, to_country="RUS"), "allowed: empty for similarity"),
    (NUMBERS, set_first(value="10", value_high="9"), "the upper bound 9 is less"),
    (NUMBERS, set_first(series="nothing"), "'nothing' does not stand in register/counts.csv"),
    # references
    (STATEMENTS, set_first(process_id="KAZ-1900-nothing"), "does not stand in register/acts.csv"),
    (STATEMENTS, lambda r: r[0].update(same_step_as=r[0]["statement_id"]), "names itself"),
    (RULES, set_first(replaced_by="KAZ-1900-nothing"), "column replaced_by: 'KAZ-1900-nothing'"),
    (CHECKS, set_first(process_ids="KAZ-1900-nothing"), "does not stand in register/acts.csv"),
    (ACTS, lambda r: r[5].update(relation="follows: RUS-1"), "allowed: one of"),
    (ACTS, lambda r: r[5].update(relation="amends: RUS-1900-nothing"), "no act"),
    (ACTS, lambda r: r[5].update(relation=f"amends: {r[5]['process_id']}"), "relation to itself"),
    (CROSSWALK, set_first(citation="nobody-1900"), "unknown work 'nobody-1900'"),
    # codes and cells
    (STATEMENTS, lambda r: r[1].update(categories="tax"), "unknown category code"),
    (ACTS, set_first(country=""), "column country: empty; a value is needed"),
    (ACTS, append_to("summary", " "), "begins or ends with a space"),
    (ACTS, append_to("summary", "\u202ex"), "U+202E RIGHT-TO-LEFT OVERRIDE at character"),
    (ACTS, append_to("summary", "\x1bx"), "U+001B control character"),
    (ACTS, append_to("summary", "\u200bx"), "U+200B ZERO WIDTH SPACE"),
    (RULES, set_first(url="javascript:alert(1)"), "allowed: an address that begins with http"),
    (RULES, set_first(url="http://"), "allowed: an address"),
    (RULES, set_first(url="http://[x"), "allowed: an address"),
    (CHECKS, set_first(urls="https://a.example/; ftp://b.example/"), "'ftp://b.example/'"),
    # dates
    (STEPS, set_first(DAY, date="2014-13-01"), "found '2014-13-01'; allowed: a day, month"),
    (STEPS, set_first(DAY, date="2014-02-30"), "found '2014-02-30'"),
    (STEPS, set_first(DAY, date="2014"), "'2014' does not fit its precision 'day'"),
    (STEPS, set_first(DAY, date_end="2014"), "allowed: empty, or the precision 'range'"),
    (STEPS, set_first(DAY, precision="range"), "a range needs date_end"),
    (STATEMENTS, set_first(DAY, date=""), "empty, but its precision is 'day'"),
    (NUMBERS, set_first(date="2014-13", precision="month"), "found '2014-13'"),
    (COUNTS, set_first({"precision": "decade"}, date="199"), "allowed: a decade as 199X"),
    (COUNTS, set_first({"precision": "period"}, date="2005/2004"), "the period ends (2004)"),
    (COUNTS, set_first({"precision": "period"}, date="2005"), "allowed: a period as beginning/end"),
    ("register/treaties.csv", set_first(DAY, date="1999"), "does not fit its precision"),
    ("articles.csv", set_first(DAY, published_end="2030-01-01"), "the day of published_start"),
    ("articles.csv", set_first(published_end="1990-01-01"), "is before published_start"),
    (SEARCHES, set_first(date="2026-02-30"), "found '2026-02-30'"),
    # the register
    (
        RULES,
        set_first(DATED, in_force_to="1980-01-01", to_precision="day", to_basis="stated"),
        "is before in_force_from",
    ),
    (RULES, set_first(DATED, from_basis="unknown"), "allowed: stated, derived"),
    (RULES, set_first({"in_force_from": ""}, from_basis="stated"), "without a date"),
    (RULES, set_first({"direction": "enabling"}, rung="2"), "allowed: empty for an enabling rule"),
    (RULES, set_first({"country": "KAZ"}, country="RUS"), "allowed: as its act, KAZ"),
    (OFFICES, set_first({"country": "KGZ"}, end="2006-01-01"), "left it, 2006-01-01"),
    (OFFICES, set_first({"country": "KAZ"}, end="", end_precision=""), "has no end"),
    (SEARCHES, set_first({"period": "P2"}, period_start="2001"), "allowed: 2002 for P2"),
    # the words of a rule
    (
        RULES,
        set_first(short="one two three four five six seven eight nine ten"),
        "allowed: the form",
    ),
    (RULES, set_first(bound="nobody"), "unknown bound code 'nobody'"),
    (RULES, set_first(typical=""), "column typical: empty; a value is needed"),
    (
        RULES,
        set_first({"consequence": "none_stated"}, max_penalty="a fine"),
        "'none_stated' beside a penalty (a fine)",
    ),
    (
        RULES,
        set_first({"consequence": "fine"}, consequence="none_stated; fine"),
        "'none_stated' stands beside another consequence",
    ),
    (RULES, set_first({"typical": "yes"}, bound="designated"), "'yes', but it binds designated"),
    (RULES, set_first({"typical": "yes"}, territory="Omsk"), "'yes', but it applies in Omsk only"),
    (RULES, change_where(dated, last_verified="1980"), "1980 is before in_force_from"),
    (RULES, set_first({"to_basis": "stated"}, last_verified="2026-11"), "is after in_force_to"),
    # tables that must say the same
    (
        RULES,
        set_first({"in_force_to": ""}, in_force_from="1950", from_precision="year"),
        "was made",
    ),
    (
        RULES,
        set_first({"process_id": "RUS-2012-foreign-agents"}, in_force_to="", to_basis=""),
        "found empty; its act ended on",
    ),
    (
        RULES,
        lambda r: r[0].update(replaced_by=r[0]["process_id"]),
        "is its own act",
    ),
    (
        RULES,
        set_first(
            {"in_force_to": "", "to_basis": ""}, replaced_by="RUS-2022-foreign-influence-law"
        ),
        "empty, but replaced_by is RUS-2022-foreign-influence-law",
    ),
    (
        RULES,
        change_where(lambda r: r["carries_over"], category="religion"),
        "not religion",
    ),
    (RULES, lambda r: r[0].update(carries_over=r[0]["rule_id"]), "a circle"),
    (
        RULES,
        set_first({"country": "KAZ", "replaced_by": ""}, replaced_by="RUS-2012-libel"),
        "an act of RUS, not of KAZ",
    ),
    (
        RULES,
        set_first({"country": "KAZ", "replaced_by": ""}, replaced_by="KAZ-2017-religion-bill"),
        "is marked never_in_force",
    ),
    (RATINGS, set_first({"scale_max": "100"}, value="NaN"), "found NaN"),
    (CORRECTIONS, repeat("correction_id"), "the same as row 2"),
    (
        SEARCHES,
        set_first({"country": "RUS", "category": "assembly"}, status="searched_none_found"),
        "began in that period",
    ),
    (COUNTS, set_first({"in_snippet": "yes"}, value="98765"), "does not stand there"),
    (NUMBERS, set_first({"unit": "years in jail"}, value="7"), "its quote says 6"),
    (
        CORRECTIONS,
        set_first({"decision": "taken", "table": "rules"}, new="x"),
        "found 'x'; register",
    ),
    (CORRECTIONS, set_first({"decision": "taken", "table": "rules"}, row="x"), "no row 'x' in"),
    (CORRECTIONS, set_first(table="x"), "no table 'x'"),
    # order in time
    (
        STEPS,
        set_first({**DAY, "stage": "signed", "scheduled": "no"}, date="1812-01-01"),
        "1812-01-01",
    ),
    (
        STEPS,
        set_first({**DAY, "stage": "signed", "scheduled": "no"}, date="2035-01-01"),
        "2035-01-01",
    ),
    (
        STEPS,
        set_first({"step_id": "RUS-2012-foreign-agents.signed"}, scheduled="yes"),
        "is confirmed",
    ),
    (
        STATEMENTS,
        set_first({**DAY, "article_id": "iwpr-2006.1"}, date="2009-01-01"),
        "2009-01-01 is after the article",
    ),
    (
        TREATIES,
        change_where(
            lambda r: r["action"] == "ratification" and r["treaty"] == "OPCAT",
            date="1990",
            precision="year",
        ),
        "1990 is before the signature",
    ),
    # rows twice, and scales
    (STEPS, lambda r: r.append({**r[0], "step_id": "again"}), "the same as row 2"),
    (RATINGS, lambda r: r.append(dict(r[0])), "the same as row 2"),
    (RATINGS, set_first({"scale_max": "7"}, value="8"), "found 8; allowed: 1 to 7"),
    (RATINGS, lambda r: r[1].update(best="max"), "found 'max'; row 2 has 'min'"),
    (COUNTS, set_first(value="-1"), "found -1; allowed: 0 or more"),
    (LADDERS, swap(1, 2, "rung"), "allowed: upwards, once"),
    (LADDERS, lambda r: r.pop(1), "has no rung 1"),
    # patterns
    (PATTERNS, set_first(pattern="("), "no regular expression"),
    (PATTERNS, set_first(pattern="a*"), "it matches the empty text"),
    (PATTERNS, set_first(pattern="(?:a+)+"), "repeats inside repeats"),
    # pairs
    (
        PAIRS,
        lambda r: r[0].update(rule_b="KAZ-2005-national-security-amendments.registration_entry"),
        "both rules are of KAZ; allowed: of two countries",
    ),
    (
        PAIRS,
        lambda r: r[0].update(rule_a=r[0]["rule_b"], rule_b=r[0]["rule_a"]),
        "RUS stands before KAZ; allowed: by the alphabet",
    ),
    (
        PAIRS,
        lambda r: r[0].update(category="assembly"),
        "is 'registration_entry'; allowed: assembly",
    ),
    (PAIRS, lambda r: r[0].update(rule_b="no-such-rule"), "does not stand in register/rules.csv"),
    (PAIRS, repeat("pair_id"), "the same pair as pair-001"),
    (
        PAIRS,
        lambda r: r[0].update(rule_a="KAZ-2014-code-administrative-offences.registration_entry"),
        "re_enacts another: it opens no pair",
    ),
    (PAIRS, lambda r: r[0].update(influence="contacts"), "beside influence 'contacts'; allowed"),
    (
        PAIRS,
        lambda r: r[0].update(influence="contacts", influence_evidence="nothing"),
        "'nothing' is no link, statement or step",
    ),
]


@pytest.mark.parametrize(("path", "change", "said"), DEFECTS)
def test_a_planted_defect_is_found_and_named(copy, path, change, said):
    found = new_defects(copy, path, change)
    assert any(line.file == path and line.row and said in line for line in found), found


def test_an_act_that_is_never_in_force_has_no_such_step(copy):
    change = set_first({"process_id": "RUS-2012-foreign-agents"}, never_in_force="yes")
    found = new_defects(copy, ACTS, change)
    assert any(line.file == STEPS and "marked never_in_force" in line for line in found), found


def test_files_that_are_not_as_they_must_be_are_named(copy):
    path = copy.data / RULES
    whole = path.read_bytes()
    first_end = whole.index(b"\n")
    path.write_bytes(whole[:first_end] + b"\r\n" + whole[first_end + 1 :])
    assert any("some lines end with CR LF" in line for line in defects(copy))
    path.write_bytes(whole[: first_end + 1] + b"\n" + whole[first_end + 1 :])
    assert any(f"{RULES}: row 2: a blank line" in line for line in defects(copy))
    path.write_bytes(whole)
    (copy.data / "register" / "mine.csv").write_text("a,b\n")
    bibliography = copy.data / "register" / "references.bib"
    bibliography.write_text(bibliography.read_text("utf-8").replace("}\n\n@", "\n\n@", 1), "utf-8")
    found = defects(copy)
    assert any(line.file == "register/mine.csv" and "nothing reads it" in line for line in found)
    assert any(line.file == "register/references.bib" and "not closed" in line for line in found)


@pytest.mark.parametrize("day", [None, "", "2026-11", "2026-02-30", "20261128", 2026, 20261128])
def test_the_closing_day_is_a_day(copy, day):
    path = copy.root / MARKER
    package = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**package, "closing_day": day}), "utf-8")
    (said,) = defects(Project(copy.root))
    assert "'closing_day'" in said
    assert "allowed: a day" in said


@pytest.mark.parametrize("column", ["never_in_force", "country"])
def test_a_column_that_the_checks_need_is_missed_in_one_line(copy, column):
    path = copy.root / MARKER
    package = json.loads(path.read_text("utf-8"))
    schema = next(r["schema"] for r in package["resources"] if r["path"] == ACTS)
    schema["fields"] = [f for f in schema["fields"] if f["name"] != column]
    path.write_text(json.dumps(package), "utf-8")
    acts = pd.read_csv(copy.data / ACTS, dtype=str, keep_default_na=False)
    acts.drop(columns=column).to_csv(copy.data / ACTS, index=False, lineterminator="\n")
    found = defects(Project(copy.root))
    assert any(f"no column {column!r}, which is needed" in line for line in found), found


@pytest.mark.parametrize("day", ["2028-02-29", "9999-12-31"])
def test_the_last_day_of_a_calendar_closes_the_register_too(copy, day):
    path = copy.root / MARKER
    package = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**package, "closing_day": day}), "utf-8")
    assert defects(Project(copy.root)) == []


@pytest.mark.parametrize(
    ("kind", "stage", "possible"),
    [
        ("decree", "first_chamber", False),
        ("decree", "vetoed", False),
        ("order", "rejected", False),
        ("order", "signed", False),
        ("judgment", "signed", False),
        ("judgment", "decided", True),
        ("bill", "in_force", False),
        ("bill", "vetoed", True),
        ("statute", "occurred", False),
        ("campaign", "adopted", False),
        ("speech", "in_force", False),
        ("plan", "proposed", False),
    ],
)
def test_a_stage_must_be_possible_for_its_kind_of_act(copy, kind, stage, possible):
    process = first(copy.read_text_cells("acts").to_dict("records"), kind=kind)["process_id"]
    row = {"process_id": process, "stage": stage, "step_id": "new", "date": "2030", "date_end": ""}
    found = new_defects(
        copy,
        STEPS,
        lambda rows: rows.append({**rows[0], **row, "precision": "year", "scheduled": "yes"}),
    )
    said = [line for line in found if f"{stage!r} is not possible for a" in line]
    assert bool(said) is not possible, found


def test_the_table_of_stages_knows_every_kind_and_stage(project):
    assert set(STAGES_OF_KIND) == set(project.vocabulary("act_kind"))
    assert set(STAGES_OF_LEVEL) < set(project.vocabulary("level"))
    stages = set(project.vocabulary("stage"))
    assert {s for allowed in STAGES_OF_KIND.values() for s in allowed} == stages


def test_a_step_before_one_that_must_precede_it_is_named(copy):
    by_act: dict[str, dict[str, dict]] = {}
    for step in copy.read_text_cells("steps").to_dict("records"):
        if step["scheduled"] == "no" and step["precision"] == "day":
            by_act.setdefault(step["process_id"], {})[step["stage"]] = step
    signed = next(s["signed"] for s in by_act.values() if {"proposed", "signed"} <= set(s))
    change = set_first({"step_id": signed["step_id"]}, date="1980-01-01")
    found = new_defects(copy, STEPS, change)
    assert any("signed (1980-01-01) is before proposed" in line for line in found), found


def test_the_nearest_place_of_a_lost_quote_is_shown(copy):
    row = copy.read_text_cells("statements").iloc[0]
    changed = row["exact"][:5] + "#" + row["exact"][6:]
    edit(copy.data / STATEMENTS, lambda rows: rows[0].update(exact=changed))
    (defect,) = (d for d in defects(copy) if d.column == "exact")
    nearest = defect.more["nearest"]
    assert (nearest["start"], nearest["end"]) == (int(row["start"]), int(row["end"]))
    assert nearest["text"] == row["exact"]
    assert 95 < nearest["similarity"] < 100
    assert f"{nearest['start']}–{nearest['end']}" in defect


def test_a_quote_that_moved_with_its_text_is_found_again(copy):
    path = copy.data / "sources" / "iwpr-2006.txt"
    path.write_bytes(b"One line more.\n" + path.read_bytes())
    found = defects(copy)
    assert any(d.file == "sources/iwpr-2006.txt" and "has changed" in d for d in found)
    statement = copy.read_text_cells("statements")
    row = statement[statement["article_id"] == "iwpr-2006.1"].iloc[0]
    moved = next(d for d in found if d.row == row.name and d.file == STATEMENTS)
    assert moved.more["nearest"]["start"] == int(row["start"]) + len("One line more.\n")


def test_a_quote_in_another_article_is_named(copy):
    found = new_defects(
        copy,
        STATEMENTS,
        set_first({"article_id": "modern-diplomacy-2021.4"}, article_id="modern-diplomacy-2021.3"),
    )
    assert any("the quote reaches into modern-diplomacy-2021.4" in line for line in found), found


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({}, None),
        ({"column": "stag"}, "unknown column 'stag'; did you mean 'stage'?"),
        ({"a_value": "nothing"}, "column a_value: found 'nothing'; first-a has"),
        ({"b_value": "nothing"}, "column b_value: found 'nothing'; first-b has"),
        ({"value": "nothing"}, "column value: found 'nothing'; "),
        ({"a_id": "", "b_id": ""}, "neither coder is named"),
        ({"b_id": "nobody"}, "'nobody' does not stand in coding/coders/b.csv"),
        ({"column": "statement", "value": "kept"}, None),
    ],
)
def test_an_adjudication_holds_the_codes_of_both_coders(copy, cells, said):
    """The coders' tables are written here, so that this does not rest on what they have coded."""
    statement = copy.read_text_cells("statements").iloc[0]
    columns = copy.table("coder_a").columns
    for name in ("a", "b"):
        row = {**statement[columns], "statement_id": f"first-{name}"}
        write(copy.data / f"coding/coders/{name}.csv", [row])
    row = {
        "adjudication_id": "1",
        "a_id": "first-a",
        "b_id": "first-b",
        "statement_id": statement["statement_id"],
        "column": "stage",
        **dict.fromkeys(("a_value", "b_value", "value"), statement["stage"]),
        "reason": "a test",
    }
    write(copy.data / "coding/adjudication.csv", [{**row, **cells}])
    found = [line for line in defects(copy) if line.file == "coding/adjudication.csv"]
    assert [said in line for line in found] == ([True] if said else []), found


def test_a_changed_text_is_named(copy):
    path = copy.data / "sources" / "iwpr-2006.txt"
    path.write_bytes(path.read_bytes() + b"x")
    assert any("iwpr-2006.txt" in line and "changed" in line for line in defects(copy))


def test_a_missing_text_is_named(copy):
    edit(copy.data / "sources.csv", lambda rows: rows[0].update(path="sources/none.txt"))
    found = defects(copy)
    assert any("none.txt: cannot be read" in line for line in found)
    assert any("no row for sources/" in line for line in found)


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "sources/../../x", "acts.csv"])
def test_a_text_outside_its_folder_is_not_opened(copy, monkeypatch, path):
    edit(copy.data / "sources.csv", lambda rows: rows[0].update(path=path))
    opened = []
    monkeypatch.setattr("ngolib.evidence.check.tables.read_source", opened.append)
    found = defects(copy)
    assert any(f"sources.csv: row 2: column path: found {path!r}" in line for line in found)
    assert not [name for name in opened if not str(name).startswith(str(copy.data / "sources/"))]


def test_a_link_that_leads_out_of_its_folder_is_not_followed(copy, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (copy.data / "sources" / "link.txt").symlink_to(secret)
    edit(copy.data / "sources.csv", lambda rows: rows[0].update(path="sources/link.txt"))
    found = defects(copy)
    assert any("allowed: a file below sources/" in line for line in found)
    assert not any("SHA-256" in line for line in found)


def test_a_doubled_work_in_the_bibliography_is_named(copy):
    path = copy.data / "register/references.bib"
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    assert any("stands there 2 times" in line for line in defects(copy))


# What a user may do to a file: each gives clear lines and no traceback.
BROKEN = [
    (OFFICES, lambda raw: b"", "the file is empty"),
    (OFFICES, lambda raw: b"\xef\xbb\xbf" + raw.replace(b",", b";"), "parted by semicolons"),
    (OFFICES, lambda raw: raw + "х".encode("cp1251"), "not UTF-8"),
    (OFFICES, lambda raw: raw.replace(b"country,", b"land,", 1), "column 'country' is missing"),
    (OFFICES, lambda raw: raw.replace(b",note", b",name", 1), "column 'name' stands there twice"),
    (OFFICES, lambda raw: raw + b"KAZ,president\n", "2 cells found, 12 needed"),
    (OFFICES, lambda raw: raw + b'KAZ,"president\n', "a quotation mark is not closed"),
    (OFFICES, lambda raw: raw + b"\0", "a NUL character in line"),
    ("codebook/vocabulary.csv", lambda raw: b"\0", "a NUL character in line 1"),
    ("sources.csv", lambda raw: b"", "the file is empty"),
    ("register/references.bib", lambda raw: b"\xff", "not UTF-8"),
    (STEPS, lambda raw: raw + raw.splitlines(keepends=True)[1], "stands there twice"),
]


@pytest.mark.parametrize(("path", "change", "said"), BROKEN)
def test_a_broken_file_is_told_on_the_command_line(copy, path, change, said):
    file = copy.data / path
    file.write_bytes(change(file.read_bytes()))
    result = CliRunner().invoke(main, ["check", "--project", str(copy.root)])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert [line for line in result.stdout.splitlines() if line.startswith(path) and said in line]
    assert len(result.stdout) < 20_000, "one defect must not raise hundreds of lines"


def test_a_missing_file_is_told_on_the_command_line(copy):
    (copy.data / OFFICES).unlink()
    result = CliRunner().invoke(main, ["check", "--project", str(copy.root)])
    assert (result.exit_code, result.stdout) != (0, "")
    assert f"{OFFICES}: file not found" in result.stdout


def test_a_package_of_a_wrong_type_is_told_on_the_command_line(copy):
    package = json.loads((copy.root / MARKER).read_text(encoding="utf-8"))
    package["resources"][0]["schema"]["fields"] = "none"
    (copy.root / MARKER).write_text(json.dumps(package))
    result = CliRunner().invoke(main, ["check", "--project", str(copy.root)])
    assert result.exit_code == 1
    assert result.stdout == (
        "datapackage.json: not a valid data package: resource 'sources': 'fields': found 'none'; "
        "allowed: a list\n"
    )
    assert "1 defect in" in result.stderr


def test_defects_as_json(copy):
    edit(copy.data / STEPS, set_first(DAY, date="2014-13-01"))
    result = CliRunner().invoke(main, ["check", "--json", "--project", str(copy.root)])
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert all({"file", "row", "column", "message"} <= set(item) for item in found)
    (item,) = (item for item in found if "2014-13-01" in item["message"])
    assert (item["file"], item["column"]) == (STEPS, "date")


def test_no_defect_as_json(copy, monkeypatch):
    monkeypatch.setattr("ngolib.evidence.check.defects", lambda project: [])
    result = CliRunner().invoke(main, ["check", "--json", "--project", str(copy.root)])
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
