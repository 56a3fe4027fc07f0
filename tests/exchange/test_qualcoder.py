"""QualCoder opens our codes and texts; what is coded in its window comes back at its place.

QualCoder 3.8.2 is no Python package, and Qt alone takes 260 MB. So `qualcoder-3.8.2.qdpx` is kept,
which the program wrote when `qualcoder.py` coded `TODO` in its window; the program itself is run
where `QUALCODER` is the folder of its sources and `QUALCODER_PYTHON` the Python of its environment.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from ngolib.cli import main
from ngolib.exchange.codes import read_codebook
from ngolib.exchange.qdpx_write import project_file
from ngolib.intake.coding import places, read_drafts
from ngolib.project import Project

from .conftest import ODD, QUOTES, rows_of, write_rows

KEPT = Path(__file__).with_name("qualcoder-3.8.2.qdpx")
SIGNED = ["act: KAZ-2016-foreign-funding-law", "stage: signed", "direction: restrictive"]
FORCE = [code.replace("signed", "in_force") for code in SIGNED]
SAID = "date: 2004-05-05\ndate words: 5 мая\n\nПо памяти."
# Words that are marked, codes that are clicked, a memo. The second mark is a later one: a little
# more of the words, a blank with them, and a code that the first lacks.
TODO = [
    {"words": QUOTES[0], "codes": [*SIGNED, "voice: media"], "memo": SAID},
    {"words": f"{QUOTES[0]}. ", "codes": ["category: assembly"]},
    {"words": QUOTES[1], "codes": [*FORCE, "voice: academic", "scheduled: yes"]},
    {"words": QUOTES[2], "codes": [*SIGNED, "modality: feared", "voice: state"]},
    {"words": QUOTES[3], "codes": ["category: religion"]},
]


def drive(odd: Project, folder: Path, to: Path, python: str, sources: str) -> dict:
    """Export the awkward text alone, code it in QualCoder, and let QualCoder export it to `to`."""
    shutil.rmtree(folder / "alone", ignore_errors=True)
    shutil.copytree(odd.data, folder / "alone/data")
    alone = Project(folder / "alone")
    for name in ("sources.csv", "articles.csv"):
        rows = rows_of(alone.data / name)
        write_rows(alone.data / name, [row for row in rows if row["source_id"] == "odd"])
    path, todo = folder / "ours.qdpx", folder / "todo.json"
    path.write_bytes(project_file(alone, ["none"], with_texts=True))
    work = {"coder": "Anna", "text": "odd", "statements": TODO}
    todo.write_text(json.dumps(work), encoding="utf-8")
    command = [python, Path(__file__).with_name("qualcoder.py"), sources, path, to, todo]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def run(odd, tmp_path_factory) -> tuple[Path, dict]:
    """What the program itself wrote, and what it says of it."""
    if not (sources := os.environ.get("QUALCODER")):
        pytest.skip("QUALCODER names no folder with the sources of QualCoder")
    folder = tmp_path_factory.mktemp("qualcoder")
    told = drive(odd, folder, folder / "theirs.qdpx", os.environ["QUALCODER_PYTHON"], sources)
    return folder / "theirs.qdpx", told


def test_codes_arrive_as_a_tree_with_definitions_and_texts_whole(odd, run):
    arrived = run[1]["arrived"]
    groups = read_codebook(project=odd)
    assert arrived["groups"] == [[group.name, group.description] for group in groups]
    expected = [[c.name, group.name, c.description] for group in groups for c in group.codes]
    assert sorted(arrived["codes"]) == sorted(expected)
    ((name, text, about),) = arrived["texts"]
    assert name == "odd" and "odd.1" in about
    assert text.split() == ODD.removeprefix("\ufeff").split()


@pytest.mark.parametrize("made", ["kept", "now"])
def test_what_was_coded_in_its_window_becomes_drafts(odd, tmp_path, request, made):
    path = KEPT if made == "kept" else request.getfixturevalue("run")[0]
    shutil.copytree(odd.data, tmp_path / "data")
    copy = Project(tmp_path)

    def ngolib(*arguments: object):
        return CliRunner().invoke(main, [*map(str, arguments), "--project", str(tmp_path)])

    book = tmp_path / "mine.xlsx"
    done = ngolib("qda", "import", path, "--to", book)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("4 statements of ")
    assert sorted(line for line in done.stderr.splitlines() if "not coded" in line) == [
        "direction: not coded, left empty: q004",
        "process_id: not coded, left empty: q004",
        "stage: not coded, left empty: q004",
        "voice: not coded, left empty: q004",
    ]
    assert "taken with the statement that it overlaps: odd" in done.stderr
    refused = ngolib("code", book, "--coder", "anna")
    assert refused.exit_code == 2 and refused.stderr.count("\n") == 1
    assert "row 5: missing: --act" in refused.stderr
    assert not read_drafts(copy)
    cells = load_workbook(book)
    cells["statements"].delete_rows(5)
    cells.save(book)
    taken = ngolib("code", book, "--coder", "anna")
    assert taken.exit_code == 0, taken.stderr
    drafts = read_drafts(copy)["anna"][1].to_dict("records")
    starts = [ODD.index(quote) for quote in QUOTES[:3]]
    placed = zip(QUOTES, starts, strict=False)
    assert [(row["exact"], int(row["start"])) for row in drafts] == list(placed)
    assert [row["stage"] for row in drafts] == ["signed", "in_force", "signed"]
    assert [row["scheduled"] for row in drafts] == ["no", "yes", "no"]
    assert [row["voice"] for row in drafts] == ["media", "academic", "state"]
    assert [row["modality"] for row in drafts] == ["asserted", "asserted", "feared"]
    assert {row["process_id"] for row in drafts} == {"KAZ-2016-foreign-funding-law"}
    first, second, _ = drafts
    said = ("2004-05-05", "day", "5 мая", "assembly", "По памяти.")
    columns = ("date", "precision", "date_stated", "categories", "note")
    assert tuple(first[column] for column in columns) == said
    # What nobody coded follows from the act.
    assert second["categories"].startswith("foreign_funding") and second["country"] == "KAZ"


def test_a_mark_that_cuts_a_word_is_refused_at_once():
    text = "президент подписал закон о базе данных НПО"
    assert places(text, text) == [(0, len(text))]
    assert places(text, text[:-1]) == []
