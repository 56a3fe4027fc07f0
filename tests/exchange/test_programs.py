"""Other people's programs open what we write, and what they write comes in.

They run in environments of their own (see conftest) and are skipped where they cannot be installed.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

from ngolib.exchange.coder import read_codings
from ngolib.exchange.codes import read_codebook
from ngolib.exchange.qdpx_write import codebook_file
from ngolib.project import Project

from .conftest import ODD, QUOTES, save

Program = Callable[[str], Path]

# A reader made from the published schema: prints the words at every position, writes it anew.
READ_AND_WRITE = """
import json, pathlib, sys
from pyrefiqda import RefiProject
path, folder, to = sys.argv[1:]
project = RefiProject.load(path, extract_dir=folder)
users = {user.guid: user.name for user in project.users.user}
found = []
for source in project.sources.text_source:
    file = RefiProject.resolve_source_path(source.plain_text_path, folder)
    text = pathlib.Path(file).read_bytes().decode("utf-8")
    for selection in source.plain_text_selection:
        words = text[selection.start_position : selection.end_position]
        told = selection.description.splitlines()[0].removeprefix("id: ")
        found.append([users[selection.creating_user], told, words])
print(json.dumps(found))
RefiProject.save(project, to, pathlib.Path(folder) / "sources")
"""
READ_CODEBOOK = """
import json, sys
from pyrefiqda import RefiCodebook
book = RefiCodebook.load(sys.argv[1])
print(json.dumps([[code.name for code in group.code] for group in book.codes.code]))
"""


def run(*command: object, **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        encoding="utf-8",
        **more,
    )


def test_a_reader_made_from_the_schema_finds_every_quote(odd: Project, tmp_path, program: Program):
    python = program("pyrefiqda==0.3.1") / "python"
    path = save(odd, tmp_path / "p.qdpx", "a", "b")
    done = run(python, "-c", READ_AND_WRITE, path, tmp_path / "x", tmp_path / "theirs.qdpx")
    expected = [
        [f"coder {coder}", row.statement_id, row.exact]
        for coder in ("a", "b")
        for row in odd.read_table(f"coder_{coder}").itertuples()
    ]
    assert sorted(json.loads(done.stdout)) == sorted(expected)
    assert {words for _, _, words in expected} >= set(QUOTES)
    for coder in ("a", "b"):
        coded = read_codings(odd, tmp_path / "theirs.qdpx", user=f"coder {coder}")
        with (odd.data / f"coding/coders/{coder}.csv").open(encoding="utf-8", newline="") as file:
            ours = list(csv.DictReader(file))
        # Texts stand in the order of the first coding.
        assert sorted(coded.rows, key=str) == sorted(ours, key=str)


def test_a_reader_made_from_the_schema_reads_the_codebook(project, tmp_path, program: Program):
    python = program("pyrefiqda==0.3.1") / "python"
    path = tmp_path / "c.qdc"
    path.write_bytes(codebook_file(project))
    done = run(python, "-c", READ_CODEBOOK, path)
    expected = [[code.name for code in group.codes] for group in read_codebook(project=project)]
    assert json.loads(done.stdout) == expected


def test_a_program_for_qualitative_coding_opens_the_project(odd, tmp_path, program: Program):
    """The program `qc` checks a project against the schema, and takes in texts, coders and codes.

    It codes lines, not quotes, so that positions are not its to tell. Its release 1.7.8 stops in a
    debugger unless that is switched off.
    """
    qc = program("qualitative-coding==1.7.8") / "qc"
    path = save(odd, tmp_path / "p.qdpx", "a", "b", with_texts=True)
    place = tmp_path / "project"
    place.mkdir()
    environment = {**os.environ, "PYTHONBREAKPOINT": "0", "PYTHONUTF8": "1"}
    run(qc, "init", "--import", path, cwd=place, env=environment)
    for source in odd.read_table("sources").itertuples():
        raw = (odd.data / source.path).read_text(encoding="utf-8").removeprefix("\ufeff")
        text = (place / "corpus" / f"{source.source_id}.txt").read_text(encoding="utf-8")
        assert text == raw
    assert "😀" in (place / "corpus" / "odd.txt").read_text(encoding="utf-8") and "😀" in ODD
    with sqlite3.connect(place / "qualitative_coding.sqlite3") as base:
        coders = {name for (name,) in base.execute("select name from coder")}
        codes = {name for (name,) in base.execute("select name from code")}
        given = {name for (name,) in base.execute("select distinct code_id from coded_line")}
    assert coders == {"coder a", "coder b"}
    assert codes >= {code.name for group in read_codebook(project=odd) for code in group.codes}
    assert {"stage: signed", "country: KAZ", "category: foreign_funding"} <= given
    run(qc, "export", tmp_path / "theirs.qdpx", cwd=place, env=environment)
    coded = read_codings(odd, tmp_path / "theirs.qdpx", user="coder a")
    assert coded.rows and all(row["exact"] for row in coded.rows)
