"""A planted error is found before any analysis sees it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from string import Formatter
from types import SimpleNamespace

import pandas as pd
import pytest
from click.testing import CliRunner

from ngolib.cli import main
from ngolib.evidence.check import defects, quotes
from ngolib.evidence.check.dates import POSSIBLE
from ngolib.evidence.check.rows import CONDITIONS, MOMENTS, WORDS
from ngolib.evidence.check.tables import numbers_of
from ngolib.intake import coding
from ngolib.project import MARKER, Project

ARTICLES = "articles.csv"
STATEMENTS = "coding/statements.csv"
LINKS = "coding/links.csv"
SPEAKERS = "coding/speakers.csv"
NUMBERS = "coding/numbers.csv"
CROSSWALK = "codebook/crosswalk.csv"
LADDERS = "codebook/ladders.csv"
PATTERNS = "patterns.csv"
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
TREATY_TABLE = "register/treaty_table.csv"


def test_our_data_have_no_defect(project):
    assert defects(project) == []


def test_a_coder_may_know_better_which_weekday_or_year_is_meant(copy):
    def dated(rows, words, date, exact):
        row = first(rows, date_stated="Last year")
        row.update(date_stated=words, date=date, precision="day", exact=exact)

    for words, date, exact in (
        ("Monday", "2021-02-08", ""),  # the next one, in an article of a Wednesday
        ("March 12", "2014-03-12", "on March 12, 14 and 16, 2014"),
        ("1 December", "2021-12-01", "the law will enter into force on 1 December"),
    ):
        edit(copy.data / STATEMENTS, lambda rows, a=(words, date, exact): dated(rows, *a))
        found = [d for d in defects(Project.find(copy.root)) if "by the date of the article" in d]
        assert found == [], (words, found)
        edit(copy.data / STATEMENTS, lambda rows, w=words: first(rows, date_stated=w).update(
            date_stated="Last year"))  # fmt: skip


def test_a_long_cell_is_a_cell(copy):
    edit(copy.data / ACTS, lambda rows: rows[0].update(note="x" * 200_000))
    assert len(Project(copy.root).read_table("acts")["note"].iloc[0]) == 200_000


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def edit(path: Path, change) -> None:
    rows = read(path)
    change(rows)
    write(path, rows)


def new_defects(project, path, change):
    """Return the defects that a change of a table brings: our data have none."""
    edit(project.data / path, change)
    return defects(Project.find(project.root))


def first(rows, **wanted):
    return next(r for r in rows if all(r[k] == v for k, v in wanted.items()))


# A planted defect: file, what the line says, the row that is changed (the first that has these
# cells or meets this test, and is not yet planted), and its new cells, some made from the row.
# "again" adds the row once more under an id of its own.
def plant(path, said, wanted=None, again=None, **cells):
    return path, said, wanted or {}, again, cells


def dated(row):
    return row["from_precision"] == "day" and not row["in_force_to"]


def cut(column):
    return lambda row: row[column][:-1] + "#"


def more(column, text):
    return lambda row: row[column] + text


def same(column):
    return lambda row: row[column]


DAY = {"precision": "day"}
DATED = {"from_precision": "day"}
SIGNED = {**DAY, "stage": "signed", "scheduled": "no"}
TAKEN = {"decision": "taken", "table": "rules", "column": "note"}
TEN = "one two three four five six seven eight nine ten"
# Cells that break the schema: their tables are left out of all that follows.
CELLS = [
    plant(STATEMENTS, "unknown category code", categories="tax"),
    plant(ACTS, "column country: empty; a value is needed", country=""),
    plant(COUNTS, "found -1; allowed: 0 or more", value="-1"),
    plant(RULES, "allowed: the form", short=TEN),
    plant(ACTS, "allowed: the form ^((amends|", {"relation": ""}, relation="follows: RUS-1"),
    plant(RULES, "unknown bound code 'nobody'", bound="nobody"),
    plant(OFFICES, "unknown office 'persident'; did you mean 'president'", office="persident"),
    plant(RATINGS, "unknown rating_index code", index="freedom"),
    plant("codebook/vocabulary.csv", "unknown kind 'feild'", {"kind": "context"}, kind="feild"),
    plant(RULES, "column typical: empty; a value is needed", typical=""),
    plant(RATINGS, "stands there twice", again="note"),
]
MEANING = [
    # quotes
    plant(STATEMENTS, "nowhere in the text: near", exact=cut("exact")),
    plant(STATEMENTS, "it stands nowhere in the text", exact="#~" * 40),
    plant(STATEMENTS, "'long ago' stands nowhere in the text", date_stated="long ago"),
    plant(STATEMENTS, "it stands at", start=lambda row: str(int(row["start"]) - 1)),
    plant(STATEMENTS, "column prefix: not the 32 characters beside the quote", prefix="x"),
    plant(STATEMENTS, "column suffix: not the 32 characters", suffix="x"),
    plant(STATEMENTS, "coded twice for one process_id and stage", again="statement_id"),
    plant(LINKS, "the same quote is coded twice", again="link_id"),
    plant(LINKS, "% alike)", exact=cut("exact")),
    plant(CHECKS, "stands nowhere in", fragment=more("fragment", "#")),
    plant(TREATY_TABLE, "not line", row_as_printed="x"),
    plant(
        STATEMENTS,
        "the quote reaches into modern-diplomacy-2021.4",
        {"article_id": "modern-diplomacy-2021.4"},
        article_id="modern-diplomacy-2021.3",
    ),
    # the tables of the corpus layer
    plant(
        SPEAKERS,
        "'Nobody Nowhere' stands in none of",
        spellings=more("spellings", "; Nobody Nowhere"),
    ),
    plant(LINKS, "influence needs its direction", {"kind": "influence"}, to_country=""),
    plant(LINKS, "allowed: empty for similarity", {"kind": "similarity"}, to_country="RUS"),
    plant(NUMBERS, "the upper bound 9 is less", value="10", value_high="9"),
    plant(NUMBERS, "does not stand in register/counts.csv", series="nothing"),
    plant(NUMBERS, "its quote says 6", {"unit": "years in jail"}, value="7"),
    # references
    plant(STATEMENTS, "does not stand in register/acts.csv", process_id="KAZ-1900-nothing"),
    plant(STATEMENTS, "names itself", same_step_as=same("statement_id")),
    plant(RULES, "column replaced_by: 'KAZ-1900-nothing'", replaced_by="KAZ-1900-nothing"),
    plant(CHECKS, "does not stand in register/acts.csv", process_ids="KAZ-1900-nothing"),
    plant(ACTS, "no act 'RUS-1900", {"relation": ""}, relation="amends: RUS-1900-nothing"),
    plant(
        ACTS,
        "relation to itself",
        {"relation": ""},
        relation=lambda row: f"amends: {row['process_id']}",
    ),
    plant(CROSSWALK, "unknown work 'nobody-1900'", citation="nobody-1900"),
    # cells
    plant(ACTS, "begins or ends with a space", summary=more("summary", " ")),
    plant(ACTS, "U+202E RIGHT-TO-LEFT OVERRIDE at", summary=more("summary", "\u202ex")),
    plant(ACTS, "U+001B control character", summary=more("summary", "\x1bx")),
    plant(ACTS, "U+200B ZERO WIDTH SPACE", summary=more("summary", "\u200bx")),
    plant(RULES, "allowed: an address that begins with http", url="javascript:alert(1)"),
    plant(RULES, "'http://'; allowed: an address", url="http://"),
    plant(RULES, "'http://[x'; allowed: an address", url="http://[x"),
    plant(CHECKS, "'ftp://b.example/'", urls="https://a.example/; ftp://b.example/"),
    # dates
    plant(STEPS, "found '2014-13-01'; allowed: a day, month", DAY, date="2014-13-01"),
    plant(STEPS, "found '2014-02-30'", DAY, date="2014-02-30"),
    plant(STEPS, "'2014' does not fit its precision 'day'", DAY, date="2014"),
    plant(STEPS, "allowed: empty, or the precision 'range'", DAY, date_end="2014"),
    plant(STEPS, "a range needs date_end", DAY, precision="range"),
    plant(STATEMENTS, "empty, but its precision is 'day'", DAY, date=""),
    plant(NUMBERS, "found '2014-13'", date="2014-13", precision="month"),
    plant(COUNTS, "allowed: a decade as 199X", {"precision": "decade"}, date="199"),
    plant(COUNTS, "the period ends (2004)", {"precision": "period"}, date="2005/2004"),
    plant(COUNTS, "allowed: a period as beginning/end", precision="period", date="2005"),
    plant(TREATIES, "does not fit its precision", DAY, date="1999"),
    plant(ARTICLES, "the day of published_start", DAY, published_end="2030-01-01"),
    plant(ARTICLES, "is before published_start", published_end="1990-01-01"),
    plant(SEARCHES, "found '2026-02-30'", date="2026-02-30"),
    # rules
    plant(
        RULES,
        "is before in_force_from",
        DATED,
        in_force_to="1980-01-01",
        to_precision="day",
        to_basis="stated",
    ),
    plant(RULES, "allowed: stated, derived", DATED, from_basis="unknown"),
    plant(RULES, "without a date", {"in_force_from": ""}, from_basis="stated"),
    plant(RULES, "allowed: empty for an enabling rule", {"direction": "enabling"}, rung="2"),
    plant(RULES, "needs its rung", lambda row: row["rung"], rung=""),
    plant(RULES, "allowed: as its act, KAZ", {"country": "KAZ"}, country="RUS"),
    plant(
        RULES,
        "'none_stated' beside a penalty (a fine)",
        {"consequence": "none_stated"},
        max_penalty="a fine",
    ),
    plant(
        RULES,
        "'none_stated' stands beside another consequence",
        {"consequence": "fine"},
        consequence="none_stated; fine",
    ),
    plant(RULES, "'yes', but it binds designated", {"typical": "yes"}, bound="designated"),
    plant(RULES, "'yes', but it applies in Omsk only", {"typical": "yes"}, territory="Omsk"),
    plant(RULES, "1980 is before in_force_from", dated, last_verified="1980"),
    plant(RULES, "is after in_force_to", {"to_basis": "stated"}, last_verified="2026-11"),
    # offices and searches
    plant(OFFICES, "left it: 2005-03-24", {"name": "Kurmanbek Bakiyev"}, start="2004-01-01"),
    plant(
        OFFICES,
        "left it: no end",
        {"name": "Kassym-Jomart Tokayev"},
        again="name",
        start="2025-01-01",
    ),
    plant(SEARCHES, "allowed: 2002 for P2", {"period": "P2"}, period_start="2001"),
    # tables that must say the same
    plant(
        RULES,
        "was made",
        {"in_force_to": "", "from_precision": "day"},
        in_force_from="1950",
        from_precision="year",
    ),
    plant(
        RULES,
        "found empty; its act ended on",
        {"process_id": "RUS-2012-foreign-agents"},
        in_force_to="",
        to_basis="",
    ),
    plant(RULES, "is its own act", replaced_by=same("process_id")),
    plant(
        RULES,
        "empty, but replaced_by is RUS-2022-foreign-influence-law",
        {"country": "RUS", "in_force_to": "", "to_basis": ""},
        replaced_by="RUS-2022-foreign-influence-law",
    ),
    plant(RULES, "not religion", lambda row: row["carries_over"], category="religion"),
    plant(RULES, "a circle", carries_over=same("rule_id")),
    plant(
        RULES,
        "an act of RUS, not of KAZ",
        {"country": "KAZ", "replaced_by": ""},
        replaced_by="RUS-2012-libel",
    ),
    plant(
        RULES,
        "is marked never_in_force",
        {"country": "KAZ", "replaced_by": ""},
        replaced_by="KAZ-2017-religion-bill",
    ),
    plant(
        SEARCHES,
        "began in that period",
        {"country": "RUS", "category": "assembly"},
        status="searched_none_found",
    ),
    plant(COUNTS, "does not stand there", {"in_snippet": "yes"}, value="98765"),
    plant(
        CORRECTIONS,
        "found 'x'; register",
        {"decision": "taken", "table": "rules", "column": "note"},
        new="x",
    ),
    plant(CORRECTIONS, "no row 'x' in", {"decision": "taken", "table": "rules"}, row="x"),
    plant(CORRECTIONS, "no table 'x'", table="x"),
    # order in time
    plant(STEPS, "found 1812-01-01; allowed: 1917", SIGNED, date="1812-01-01"),
    plant(
        STEPS,
        "found 2035-01-01; allowed: 1917 to 2026-11-28, the closing_day",
        SIGNED,
        date="2035-01-01",
    ),
    plant(STEPS, "found '2016-07-00'; allowed: a day", SIGNED, date="2016-07-00"),
    plant(STEPS, "is confirmed", {"step_id": "RUS-2012-foreign-agents.signed"}, scheduled="yes"),
    plant(
        STATEMENTS,
        "2009-01-01 is after the article",
        {**DAY, "article_id": "iwpr-2006.1"},
        date="2009-01-01",
    ),
    plant(
        STATEMENTS,
        "found 2001; allowed: 2020, which 'Last year' is by the date",
        {"date_stated": "Last year"},
        date="2001",
        precision="year",
    ),
    plant(
        TREATIES,
        "1990 is before the signature",
        {"action": "ratification", "treaty": "OPCAT"},
        date="1990",
        precision="year",
    ),
    # ids that are made of codes, and verdicts made of what they judge
    plant(
        RULES,
        "column rule_id: found 'RUS-2012-foreign-agents.foreign_funding'; allowed: begins with",
        {"rule_id": "RUS-2012-foreign-agents.foreign_funding"},
        category="religion",
    ),
    plant(ACTS, "allowed: begins with its country, UZB", {"country": "KAZ"}, country="UZB"),
    plant(STEPS, "allowed: what its step_id", process_id="RUS-2012-libel"),
    plant(RATINGS, "allowed: begins with rating-KAZ", {"country": "KAZ"}, edition_year="2012"),
    plant(TREATIES, "allowed: begins with treaty-KAZ-CED", {"country": "KAZ"}, treaty="CED"),
    plant(
        TREATY_TABLE,
        "printed is 'ratification', the status was 'ratification'",
        KAZ_verdict="outdated",
    ),
    plant(TREATY_TABLE, "of the three states: correct, correct, correct", verdict="outdated"),
    plant(SEARCHES, "for queries or leads are named", status="not_searched"),
    # rows twice, and scales
    plant(STEPS, "the same as row", again="step_id"),
    plant(RATINGS, "the same as row", again="rating_id"),
    plant(CORRECTIONS, "the same as row", again="correction_id"),
    plant(RATINGS, "found NaN", {"scale_max": "100"}, value="NaN"),
    plant(RATINGS, "found 8; allowed: 1 to 7", {"scale_max": "7"}, value="8"),
    plant(RATINGS, "found 'max'; row 2 has 'min'", {"best": "min"}, best="max"),
    # patterns
    plant(PATTERNS, "no regular expression", pattern="("),
    plant(PATTERNS, "it matches the empty text", pattern="a*"),
    plant(PATTERNS, "repeats inside repeats", pattern="(?:a+)+"),
    # pairs
    plant(
        PAIRS,
        "both rules are of KAZ; allowed: of two countries",
        rule_b="KAZ-2005-national-security-amendments.registration_entry",
    ),
    plant(
        PAIRS,
        "RUS stands before KAZ; allowed: by the alphabet",
        rule_a=same("rule_b"),
        rule_b=same("rule_a"),
    ),
    plant(PAIRS, "'; allowed: assembly", {"category": "registration_entry"}, category="assembly"),
    plant(PAIRS, "does not stand in register/rules.csv", rule_b="no-such-rule"),
    plant(PAIRS, "the same as row", again="pair_id"),
    plant(
        PAIRS,
        "it opens no pair",
        rule_a="KAZ-2014-code-administrative-offences.registration_entry",
    ),
    plant(
        PAIRS,
        "beside influence 'contacts'; allowed",
        {"influence_evidence": ""},
        influence="contacts",
    ),
    plant(
        PAIRS,
        "'nothing' is no link, statement or step",
        influence="contacts",
        influence_evidence="nothing",
    ),
]


def meets(row, wanted) -> bool:
    if callable(wanted):
        return bool(wanted(row))
    return all(row[column] == cell for column, cell in wanted.items())


def choosy(planted) -> int:
    """Who can be planted in few rows is planted first."""
    wanted = planted[2]
    return 3 if callable(wanted) else len(wanted)


@pytest.fixture(scope="module")
def planted(project, tmp_path_factory):
    """Plant defects of each kind in one copy; return by defect its row, and all lines found."""
    rows_of, lines = {}, {}
    for kind, plants in (("cells", CELLS), ("meaning", MEANING)):
        folder = tmp_path_factory.mktemp(kind)
        shutil.copytree(project.data, folder / "data")
        tables, used = {}, set()
        for path, said, wanted, again, cells in sorted(plants, key=choosy, reverse=True):
            rows = tables.setdefault(path, read(folder / "data" / path))
            n = next(i for i, r in enumerate(rows) if (path, i) not in used and meets(r, wanted))
            used.add((path, n))
            if again:
                rows.append({**rows[n], again: rows[n][again] + "-again"})
                n = len(rows) - 1
                used.add((path, n))
            old = dict(rows[n])
            rows[n].update({c: v(old) if callable(v) else v for c, v in cells.items()})
            rows_of[path, said] = n + 2
        for path, rows in tables.items():
            write(folder / "data" / path, rows)
        lines[kind] = defects(Project(folder))
    return rows_of, lines


@pytest.mark.parametrize(
    ("kind", "path", "said"),
    [
        *(("cells", path, said) for path, said, *_ in CELLS),
        *(("meaning", path, said) for path, said, *_ in MEANING),
    ],
)
def test_a_planted_defect_is_found_and_named(planted, kind, path, said):
    rows_of, lines = planted
    own = [d for d in lines[kind] if (d.file, d.row) == (path, rows_of[path, said])]
    assert any(said in line for line in own), own


def known(project, table, name):
    """Say whether a name of a condition leads to a column or a word."""
    if (
        name in table.columns
        or name in {*WORDS, "corrected"}
        or (table.name == "acts" and name in MOMENTS)
    ):
        return True
    return any(
        known(project, project.table(key.table), name.removeprefix(f"{key.column}_"))
        for key in table.foreign_keys
        if name.startswith(f"{key.column}_")
    )


def test_conditions_name_only_what_there_is(project):
    for name, conditions in CONDITIONS.items():
        table = project.table(name)
        for column, wrong, said in conditions:
            named = [part for _, part, _, _ in Formatter().parse(said) if part]
            for used in (column, *wrong.co_names, *named):
                assert known(project, table, used), (name, used)


def test_a_ladder_has_all_its_rungs_upwards(copy):
    def change(rows):
        rows[1]["rung"], rows[2]["rung"] = rows[2]["rung"], rows[1]["rung"]
        rows.pop(6)

    found = new_defects(copy, LADDERS, change)
    allowed = "; allowed: 0, 1, 2, 3, 4"
    assert any(f"has 0, 2, 1, 3, 4{allowed}" in line for line in found), found
    assert any(f"has 0, 2, 3, 4{allowed}" in line for line in found), found


def test_an_act_that_is_never_in_force_has_no_such_step(copy):
    found = new_defects(
        copy,
        ACTS,
        lambda rows: first(rows, process_id="RUS-2012-foreign-agents").update(never_in_force="yes"),
    )
    assert any(line.file == STEPS and "marked never_in_force" in line for line in found), found


@pytest.mark.parametrize(
    "cell", ["Jan-24", "27-Jun-91", "12-Feb", "01.янв", "1.23E+11", "#ИМЯ?", "###"]
)
def test_what_a_spreadsheet_made_of_a_cell_is_told(copy, cell):
    found = new_defects(copy, copy.data / ACTS, lambda rows: rows[0].update(law_no=cell))
    said = f"{ACTS}: row 2: column law_no: found {cell!r}, which a spreadsheet made of something"
    assert any(line.startswith(said) for line in found), found


def test_side_files_of_other_programs_are_no_tables(copy):
    before = defects(Project.find(copy.root))
    for folder in (copy.data, copy.data / "coding" / "drafts"):
        (folder / ".ipynb_checkpoints").mkdir(parents=True)
        (folder / ".ipynb_checkpoints" / "acts-checkpoint.csv").write_text("a,b\n")
        (folder / "._acts.csv").write_bytes(b"\xff")
        (folder / ".#acts.csv").symlink_to("me@host.1:2")
    assert defects(Project.find(copy.root)) == before == coding.check(Project.find(copy.root))
    (copy.data / "strange.csv").touch()
    assert any("strange.csv" in line for line in defects(Project.find(copy.root)))


def test_files_that_are_not_as_they_must_be_are_named(copy):
    path = copy.data / RULES
    whole = path.read_bytes()
    first_end = whole.index(b"\n")
    path.write_bytes(whole[:first_end] + b"\r\n" + whole[first_end + 1 :])
    assert any("some lines end with CR LF" in line for line in defects(Project.find(copy.root)))
    path.write_bytes(whole.replace(b"\n", b"\r"))
    assert any("some lines end with CR alone" in line for line in defects(Project.find(copy.root)))
    path.write_bytes(whole[: first_end + 1] + b"\n" + whole[first_end + 1 :])
    assert any(f"{RULES}: row 2: a blank line" in line for line in defects(Project.find(copy.root)))
    path.write_bytes(whole)
    (copy.data / "register" / "mine.csv").write_text("a,b\n")
    (copy.data / "coding" / "statements.xlsx").write_bytes(b"PK")
    (copy.data / "coding" / "~$statements.xlsx").write_bytes(b"")  # while Excel has it open
    bibliography = copy.data / "register" / "references.bib"
    bibliography.write_text(bibliography.read_text("utf-8").replace("}\n\n@", "\n\n@", 1), "utf-8")
    found = defects(Project.find(copy.root))
    unread = {line.file for line in found if "nothing reads it" in line}
    assert unread == {"register/mine.csv", "coding/statements.xlsx"}
    assert any(line.file == "register/references.bib" and "not closed" in line for line in found)


@pytest.mark.parametrize("day", [None, "", "2026-11", "2026-02-30", "20261128", 2026, 20261128])
def test_the_closing_day_is_a_day(copy, day):
    path = copy.root / MARKER
    package = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**package, "closing_day": day}), "utf-8")
    (said,) = defects(Project.find(copy.root))
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
    found = defects(Project.find(copy.root))
    assert any(f"no column {column!r}, which is needed" in line for line in found), found


@pytest.mark.parametrize("day", ["2099-02-28", "9999-12-31"])
def test_no_day_that_is_to_come_closes_the_register(copy, day):
    path = copy.root / MARKER
    package = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**package, "closing_day": day}), "utf-8")
    found = f"datapackage.json: 'closing_day': found '{day}'; allowed: a day that has come"
    assert defects(Project.find(copy.root)) == [found]


STAGES = [
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
]


def test_a_stage_must_be_possible_for_its_kind_of_act(copy):
    acts = copy.read_text_cells("acts").to_dict("records")

    def change(rows):
        cells = {**rows[0], "date": "2030", "date_end": "", "precision": "year", "scheduled": "yes"}
        for n, (kind, stage, _) in enumerate(STAGES):
            process = first(acts, kind=kind)["process_id"]
            rows.append({**cells, "process_id": process, "stage": stage, "step_id": f"new-{n}"})

    found = new_defects(copy, STEPS, change)
    said = [line for line in found if "is not possible for the kind" in line]
    refused = [(kind, stage) for kind, stage, possible in STAGES if not possible]
    assert len(said) == len(refused), said
    for line, (kind, stage) in zip(said, refused, strict=True):
        assert f"column stage: {stage!r} is not possible for the kind {kind}; allowed: " in line


def test_the_table_of_stages_knows_every_kind_and_stage(project):
    assert set(POSSIBLE["kind"]) == set(project.vocabulary("act_kind"))
    assert set(POSSIBLE["level"]) < set(project.vocabulary("level"))
    stages = set(project.vocabulary("stage"))
    assert {s for allowed in POSSIBLE["kind"].values() for s in allowed} == stages


def test_a_step_before_one_that_must_precede_it_is_named(copy):
    by_act: dict[str, dict[str, dict]] = {}
    for step in copy.read_text_cells("steps").to_dict("records"):
        if step["scheduled"] == "no" and step["precision"] == "day":
            by_act.setdefault(step["process_id"], {})[step["stage"]] = step
    signed = next(s["signed"] for s in by_act.values() if {"proposed", "signed"} <= set(s))
    found = new_defects(
        copy,
        STEPS,
        lambda rows: first(rows, step_id=signed["step_id"]).update(date="1980-01-01"),
    )
    assert any("signed (1980-01-01) is before proposed" in line for line in found), found


def test_the_nearest_place_of_a_lost_quote_is_shown(copy):
    row = copy.read_text_cells("statements").iloc[0]
    changed = row["exact"][:5] + "#" + row["exact"][6:]
    edit(copy.data / STATEMENTS, lambda rows: rows[0].update(exact=changed))
    (defect,) = (d for d in defects(Project.find(copy.root)) if d.column == "exact")
    nearest = defect.more["nearest"]
    assert (nearest["start"], nearest["end"]) == (int(row["start"]), int(row["end"]))
    assert nearest["text"] == row["exact"]
    assert 95 < nearest["similarity"] < 100
    assert f"{nearest['start']}–{nearest['end']}" in defect


def test_a_quote_that_moved_with_its_text_is_found_again(copy):
    path = copy.data / "sources" / "iwpr-2006.txt"
    path.write_bytes(b"One line more.\n" + path.read_bytes())
    found = defects(Project.find(copy.root))
    assert any(d.file == "sources/iwpr-2006.txt" and "has changed" in d for d in found)
    statement = copy.read_text_cells("statements")
    row = statement[statement["article_id"] == "iwpr-2006.1"].iloc[0]
    moved = next(d for d in found if d.row == row.name and d.file == STATEMENTS)
    assert moved.more["nearest"]["start"] == int(row["start"]) + len("One line more.\n")


ADJUDICATED = [
    ({}, ""),
    ({"column": "stag"}, "unknown column 'stag'; did you mean 'stage'?"),
    ({"a_value": "nothing"}, "column a_value: found 'nothing'; first-a has"),
    ({"b_value": "nothing"}, "column b_value: found 'nothing'; first-b has"),
    ({"value": "nothing"}, "column value: found 'nothing'; "),
    ({"a_id": "", "b_id": ""}, "neither coder is named"),
    ({"b_id": "nobody"}, "'nobody' does not stand in coding/coders/b.csv"),
    ({"column": "statement", "value": "kept"}, ""),
]


def test_an_adjudication_holds_the_codes_of_both_coders(copy):
    """The coders' tables are written here, so that this does not rest on what they have coded."""
    statement = copy.read_text_cells("statements").iloc[0]
    columns = copy.table("coder_a").columns
    for name in ("a", "b"):
        row = {**statement[columns], "statement_id": f"first-{name}"}
        write(copy.data / f"coding/coders/{name}.csv", [row])
    row = {
        "a_id": "first-a",
        "b_id": "first-b",
        "statement_id": statement["statement_id"],
        "column": "stage",
        **dict.fromkeys(("a_value", "b_value", "value"), statement["stage"]),
        "reason": "a test",
    }
    rows = [{"adjudication_id": str(n), **row, **cells} for n, (cells, _) in enumerate(ADJUDICATED)]
    write(copy.data / "coding/adjudication.csv", rows)
    found = [
        line for line in defects(Project.find(copy.root)) if line.file == "coding/adjudication.csv"
    ]
    expected = [(n, said) for n, (_, said) in enumerate(ADJUDICATED, start=2) if said]
    assert [line.row for line in found] == [n for n, _ in expected], found
    for line, (_, said) in zip(found, expected, strict=True):
        assert said in line


def test_a_changed_text_is_named(copy):
    path = copy.data / "sources" / "iwpr-2006.txt"
    path.write_bytes(path.read_bytes() + b"x")
    assert any(
        "iwpr-2006.txt" in line and "changed" in line for line in defects(Project.find(copy.root))
    )


def test_a_missing_text_is_named(copy):
    edit(copy.data / "sources.csv", lambda rows: rows[0].update(path="sources/none.txt"))
    found = defects(Project.find(copy.root))
    assert any("none.txt: cannot be read" in line for line in found)
    assert any("no row for sources/" in line for line in found)


def test_a_text_outside_its_folder_is_not_opened(copy, monkeypatch):
    paths = ["../../etc/passwd", "/etc/passwd", "sources/../../x", "acts.csv"]

    def change(rows):
        for row, path in zip(rows, paths, strict=False):
            row["path"] = path

    opened = []
    monkeypatch.setattr("ngolib.evidence.check.tables.read_source", opened.append)
    edit(copy.data / "sources.csv", change)
    found = defects(Project.find(copy.root))
    for n, path in enumerate(paths, start=2):
        assert any(f"sources.csv: row {n}: column path: found {path!r}" in line for line in found)
    assert not [name for name in opened if not str(name).startswith(str(copy.data / "sources/"))]


def test_a_link_that_leads_out_of_its_folder_is_not_followed(copy, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (copy.data / "sources" / "link.txt").symlink_to(secret)
    edit(copy.data / "sources.csv", lambda rows: rows[0].update(path="sources/link.txt"))
    found = defects(Project.find(copy.root))
    assert any("allowed: a file below sources/" in line for line in found)
    assert not any("SHA-256" in line for line in found)


def test_a_doubled_work_in_the_bibliography_is_named(copy):
    path = copy.data / "register/references.bib"
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    assert any("stands there 2 times" in line for line in defects(Project.find(copy.root)))


# What a user may do to a file: each gives clear lines and no traceback.
BROKEN = [
    (OFFICES, lambda raw: b"", "the file is empty"),
    (PAIRS, lambda raw: b"\xef\xbb\xbf" + raw.replace(b",", b";"), "parted by semicolons"),
    (TREATIES, lambda raw: raw + "х".encode("cp1251"), "not UTF-8"),
    (RATINGS, lambda raw: raw.replace(b"country,", b"land,", 1), "column 'country' is missing"),
    (COUNTS, lambda raw: raw.replace(b",note", b",unit", 1), "column 'unit' stands there twice"),
    (CHECKS, lambda raw: raw + b"1,2\n", "2 cells found, 9 needed"),
    (LINKS, lambda raw: raw + b'KAZ,"president\n', "a quotation mark is not closed"),
    (NUMBERS, lambda raw: raw + b"\0", "a NUL character in line"),
    ("register/references.bib", lambda raw: b"\xff", "not UTF-8"),
    (STEPS, lambda raw: raw + raw.splitlines(keepends=True)[1], "stands there twice"),
    (LADDERS, None, "file not found"),
]


def test_broken_files_are_told_on_the_command_line(copy):
    for path, change, _ in BROKEN:
        file = copy.data / path
        file.write_bytes(change(file.read_bytes())) if change else file.unlink()
    lines = told(copy)
    for path, _, said in BROKEN:
        assert [line for line in lines if line.startswith(path) and said in line], path
    assert len(lines) < 100, "one defect must not raise hundreds of lines"


@pytest.mark.parametrize(
    ("path", "raw", "said"),
    [
        ("codebook/vocabulary.csv", b"\0", "a NUL character in line 1"),
        ("sources.csv", b"", "the file is empty"),
    ],
)
def test_without_what_all_rest_on_there_are_few_lines(copy, path, raw, said):
    (copy.data / path).write_bytes(raw)
    lines = told(copy)
    assert [line for line in lines if line.startswith(path) and said in line]
    assert len(lines) < 100


def told(copy) -> list[str]:
    """Return the lines of the command, which must find defects and not fail otherwise."""
    result = CliRunner().invoke(main, ["check", "--project", str(copy.root)])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    return result.stdout.splitlines()


def test_a_package_of_a_wrong_type_is_told_on_the_command_line(copy):
    package = json.loads((copy.root / MARKER).read_text(encoding="utf-8"))
    package["resources"][0]["schema"]["fields"] = "none"
    package["licenses"] = [None]
    (copy.root / MARKER).write_text(json.dumps(package))
    result = CliRunner().invoke(main, ["check", "--project", str(copy.root)])
    assert result.exit_code == 1
    assert result.stdout == (
        "datapackage.json: license 1: found None; allowed: keys with values\n"
        "datapackage.json: resource 'sources': 'fields': found 'none'; allowed: a list\n"
    )
    assert "2 defects in" in result.stderr


def test_defects_as_json(copy):
    edit(copy.data / STEPS, lambda rows: first(rows, **DAY).update(date="2014-13-01"))
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


def test_a_start_that_follows_from_its_law_is_as_exact_as_that_of_others_of_the_law(copy):
    def of_law(row):
        return row["process_id"], row["law_no"], row["in_force_from"], row["from_basis"]

    def blur(rows, basis):
        exact = [r for r in rows if r["from_precision"] == "day" and r["from_basis"] == "derived"]
        row = next(r for r in exact if [*map(of_law, exact)].count(of_law(r)) > 1)
        row |= {"in_force_from": row["in_force_from"][:4], "from_precision": "year"}
        row["from_basis"] = basis

    for basis, told in (("stated", False), ("derived", True)):
        before = (copy.data / RULES).read_bytes()
        found = new_defects(copy, RULES, lambda rows, basis=basis: blur(rows, basis))
        assert any("but its law has" in line for line in found) == told, found
        (copy.data / RULES).write_bytes(before)


def test_an_agreement_may_be_signed_and_applied_before_it_is_ratified(copy):
    def take(rows):
        row = first(rows, step_id="KAZ-2024-justice-memorandum.signed")
        more = {"step_id": "KAZ-2024-justice-memorandum.adopted", "stage": "adopted", "note": ""}
        rows.append(row | more | {"date": "2025-03-14", "precision": "day"})

    found = new_defects(copy, STEPS, take)
    assert not [line for line in found if "is before" in line], found


@pytest.mark.parametrize(
    ("words", "date"), [("in January", "2015-01"), ("January 1", "2015-01-01"), ("May", "2015-05")]
)
def test_what_is_to_come_may_lie_ahead_of_the_day_that_its_words_would_tell(copy, words, date):
    article = first(read(copy.data / ARTICLES), article_id="iwpr-2014.1")

    def plan(rows):
        row = first(rows, date_stated="Last year")
        row |= {"date_stated": words, "date": date, "exact": f"It takes effect {words}"}
        row |= {"precision": {7: "month", 10: "day"}[len(date)], "scheduled": "yes"}
        rows[:] = [row | {"article_id": article["article_id"], "date_basis": "inference"}]

    found = new_defects(copy, STATEMENTS, plan)
    assert not [line for line in found if "by the date of the article" in line], found


def test_a_range_that_ends_before_it_begins_is_told_once(copy):
    def turn(rows):
        row = first(rows, date_stated="Last year")
        row |= {"date": "2014", "date_end": "2013", "precision": "range", "date_stated": ""}
        rows[:] = [row | {"date_basis": "inference"}]

    found = new_defects(copy, STATEMENTS, turn)
    assert [line for line in found if "column date: " in line] == [
        "coding/statements.csv: row 2: column date: the range ends (2013) before it begins (2014)"
    ]


@pytest.mark.parametrize(
    ("quote", "value", "right"),
    [
        ("two thousand activists", "2000", True),
        ("from 10 to 20 million tenge", "10000000", True),
        ("2-3 million dollars", "2000000", True),
        ("twenty-five groups", "25", True),
        ("Twenty five groups of 30", "25", True),
        ("two dozen groups", "24", True),
        ("$1.2m", "1200000", True),
        ("28,1 тыс. организаций", "28100", True),
        ("six years", "6", True),
        ("Twelve activists were fined on 24 May 2014", "12", True),
        ("Both laws of 2005", "2", True),
        ("none of the 12 cases", "0", True),
        ("Not a single one of 12", "0", True),
        ("thirty-six groups in 2012", "36", True),
        ("In 2012 38,000 NGOs were registered", "38000", True),
        ("2.125 million tenge", "2125000", True),
        ("213 290 организаций", "213290", True),
        ("Двенадцать активистов были оштрафованы 24 мая 2014 года", "12", True),
        ("Былтыр, 2014 жылы, он екі ұйым жабылды", "12", True),
        ("A third of the NGOs", "33.3", True),
        ("One in five groups gave up", "20", True),
        ("Two hundred of the 500 NGOs", "200", True),
        ("One thousand of the 5,000 groups", "1000", True),
        ("A million people of 19 million", "1000000", True),
        ("1.2 bln tenge", "1200000000", True),
        ("$1.5mn", "1500000", True),
        ("100k people", "100000", True),
        ("3 млн 200 тыс. тенге", "3200000", True),
        ("12½ per cent", "12.5", True),
        ("1 year and six months", "18", True),
        ("about 400 groups", "4000", False),
        ("5.5 per cent", "55", False),
        ("six years", "60", False),
        ("Twelve activists were fined on 24 May 2014", "13", False),
        ("In 2012 38,000 NGOs were registered", "3800", False),
        ("2.125 million tenge", "21250000", False),
        ("В 2014 году закрыто 400 организаций", "4000", False),
        ("from 5,103 NGOs in 2009 to 9,338", "9383", False),
    ],
)
def test_a_number_is_compared_with_its_quote_as_far_as_that_can_be_read(quote, value, right):
    row = {"exact": quote, "value": value, "value_high": ""}
    assert (not list(quotes._numbers(row, None))) == right


def test_the_upper_end_of_a_range_is_compared_too():
    row = {"exact": "2-3 million dollars", "value": "2000000", "value_high": "30000000"}
    assert [column for column, _ in quotes._numbers(row, None)] == ["value_high"]


def test_a_sum_does_not_hang_on_the_order_of_a_set():
    assert 214_290_000 in numbers_of("1 млн 213 290 тыс. тенге")


def test_words_that_a_line_end_parts_stand_in_their_text():
    data = SimpleNamespace(texts={"x": "Human Rights\nWatch said so."}, has=lambda *_: True)
    row = {"source_id": "x", "fragment": "Human Rights Watch said"}
    assert list(quotes._fragments(row, data)) == []
    assert list(quotes._fragments({**row, "fragment": "Rights\xa0Watch"}, data)) == []
    assert list(quotes._fragments({**row, "fragment": "Watch said that"}, data))


def test_two_acts_of_a_practice_on_one_day_are_two_steps(copy):
    def again(rows):
        row = first(rows, stage="occurred", scheduled="no")
        rows.append(row | {"step_id": f"{row['step_id']}.9", "actor": "another court"})

    found = new_defects(copy, STEPS, again)
    assert not [line for line in found if "the same as row" in line], found
