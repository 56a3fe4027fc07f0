"""Anyone's own coding of the texts: how it is read, and what the command says."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from ngolib.cli import main
from ngolib.errors import DataError
from ngolib.evidence.check import defects as check_defects
from ngolib.exchange.own_coding import read_theirs
from ngolib.methods.agreement import COLUMNS


def write(project, path, change=lambda cells: cells):
    cells = project.read_text_cells("coder_a").head(20)
    change(cells).to_csv(path, index=False, lineterminator="\n")
    return path


def test_ones_own_coding_is_read_like_ours(project, tmp_path):
    read = read_theirs(project, write(project, tmp_path / "mine.csv"))
    pd.testing.assert_frame_equal(read, project.read_table("coder_a").head(20))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.assign(stage="passed"), "row 2: column stage: unknown stage code 'passed'"),
        (lambda c: c.drop(columns="stage"), "row 1: column 'stage' is missing"),
        (lambda c: c.assign(mine="1"), "row 1: unknown column 'mine'"),
        (lambda c: c.assign(start="three"), "row 2: column start: found 'three'"),
        (lambda c: c.assign(exact=c["exact"] + "#"), "row 2: column exact: not at"),
        (lambda c: c.assign(start="5"), "it stands at"),
        (lambda c: c.assign(article_id="iwpr-1999.1"), "'iwpr-1999.1' does not stand in articles"),
        (lambda c: c.assign(prefix="elsewhere"), "column prefix: not the 32 characters"),
        (lambda c: pd.concat([c, c]), "stands there twice"),
        (lambda c: c.iloc[:0], "no statement is coded"),
    ],
)
def test_a_defect_is_one_line(project, tmp_path, change, said):
    path = write(project, tmp_path / "mine.csv", change)
    with pytest.raises(DataError) as caught:
        read_theirs(project, path)
    assert said in caught.value.defects[0]
    assert all(line.startswith(str(path)) and "\n" not in line for line in caught.value.defects)


def test_the_defects_are_those_of_the_check(copy, tmp_path):
    def spoil(cells):
        cells.loc[cells.index[1], "exact"] += "#"
        cells.loc[cells.index[2], "article_id"] = "iwpr-1999.1"
        cells.loc[cells.index[3], ["date", "precision"]] = ["2014", "day"]
        cells.loc[cells.index[4], "note"] = "left over "
        cells.loc[cells.index[5], "suffix"] = "elsewhere"
        return cells

    path = write(copy, tmp_path / "mine.csv", spoil)
    with pytest.raises(DataError) as caught:
        read_theirs(copy, path)
    (copy.data / "coding/coders/b.csv").write_bytes(path.read_bytes())
    checked = [d for d in check_defects(copy) if d.file == "coding/coders/b.csv"]
    mine = [(d.row, d.column, d.message) for d in caught.value.defects]
    assert sorted(mine) == sorted((d.row, d.column, d.message) for d in checked)
    assert len(mine) == 5


def test_what_stands_beside_a_quote_may_be_left_empty(project, tmp_path):
    path = write(project, tmp_path / "mine.csv", lambda c: c.assign(prefix="", suffix=""))
    assert len(read_theirs(project, path)) == 20


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "file not found"),
        (b"", "the file is empty"),
        (b"statement_id;article_id\n", "parted by semicolons"),
        ("statement_id,Ж\n".encode("cp1251"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_coding_is_one_line(project, tmp_path, content, said):
    path = tmp_path / "mine.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        read_theirs(project, path)
    assert len(caught.value.defects) == 1


def test_a_folder_is_no_coding(project, tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_theirs(project, tmp_path)


def as_second_coder(cells):
    """Make up a second coding of tiers 1 and 2, with eight known changes of the voice."""
    cells = cells[cells["tier"] != "3"].reset_index(drop=True)
    cells["statement_id"] = "b-" + cells["statement_id"]
    changed = cells.index[:8]
    cells.loc[changed, "voice"] = cells.loc[changed, "voice"].map(
        lambda voice: "academic" if voice == "media" else "media"
    )
    return cells


# The command


def run(*arguments):
    return CliRunner().invoke(main, ["agreement", *map(str, arguments)])


@pytest.fixture
def mine(project, tmp_path):
    path = tmp_path / "mine.csv"
    cells = as_second_coder(project.read_text_cells("coder_a"))
    cells.to_csv(path, index=False, lineterminator="\n")
    return path


def test_the_command_prints_a_plain_table_and_writes_nothing(project, mine):
    before = project.input_hashes(), sorted(mine.parent.iterdir())
    done = run(mine, "--against", "a", "--project", project.root)
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0] == f"Yours: {mine}"
    assert any(line.startswith("voice ") for line in lines)
    assert any(line.startswith("all ") for line in lines)
    assert done.output.rstrip().endswith("agreement is not correctness.")
    assert (project.input_hashes(), sorted(mine.parent.iterdir())) == before


@pytest.mark.parametrize("against", ["a", "adjudicated"])
def test_the_command_speaks_json(project, mine, against):
    done = run(mine, "--against", against, "--json", "--project", project.root)
    assert done.exit_code == 0
    said = json.loads(done.output)
    assert {row["column"] for row in said["columns"]} == set(COLUMNS)
    assert said["found"][-1]["article_id"] == "all"
    assert 0 < said["overlap"] <= 1
    assert said["sentences"]["alpha"] <= 1
    assert "NaN" not in done.output


def test_ones_own_few_articles_are_compared_with_ours_of_the_same(project, tmp_path):
    cells = project.read_text_cells("coder_a")
    path = tmp_path / "mine.csv"
    cells[cells["article_id"] == "iwpr-2006.1"].to_csv(path, index=False, lineterminator="\n")
    said = json.loads(run(path, "--against", "a", "--json", "--project", project.root).output)
    assert said["articles"] == ["iwpr-2006.1"]
    assert said["found"][-1]["ours"] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "file not found"),
        ("", "the file is empty"),
        ("statement_id,stage\ns1,adopted\n", "column 'article_id' is missing"),
    ],
)
def test_a_wrong_file_is_told_in_plain_lines(project, tmp_path, content, said):
    path = tmp_path / "mine.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    done = run(path, "--project", project.root)
    assert done.exit_code == 1
    assert said in done.output
    assert all(line.startswith(f"ngolib: {path}: ") for line in done.output.splitlines())


@settings(max_examples=15)
@given(st.data())
def test_words_and_places_that_disagree_are_told_and_not_scored(project, tmp_path_factory, data):
    cells = project.read_text_cells("coder_a").head(20).reset_index(drop=True)
    texts = {a.article_id: a.source_id for a in project.read_table("articles").itertuples()}
    n = data.draw(st.integers(0, 19))
    row = cells.loc[n]
    shift = data.draw(st.tuples(*[st.integers(-40, 40)] * 2).filter(any))
    start, end = (max(0, int(row[c]) + by) for c, by in zip(("start", "end"), shift, strict=True))
    cells.loc[n, ["start", "end"]] = [str(start), str(max(1, end))]
    path = tmp_path_factory.mktemp("mine") / "mine.csv"
    cells.to_csv(path, index=False, lineterminator="\n")
    done = run(path, "--against", "a", "--project", project.root)
    raw = (project.data / f"sources/{texts[row['article_id']]}.txt").read_bytes().decode()
    here, found = (shorten_to(words) for words in (raw[start : max(1, end)], row["exact"]))
    assert done.exit_code == 1
    (line,) = done.output.splitlines()
    assert line.startswith(f"ngolib: {path}: row {n + 2}: column exact: not at {start}–")
    assert f"of the raw text, which is {here!r} there; found {found!r}; it stands" in line


def shorten_to(words):
    return words if len(words) <= 160 else f"{words[:80]} … {words[-80:]}"


@pytest.mark.parametrize("against", ["a", "b", "adjudicated"])
def test_our_own_words_are_told_too_where_they_are_not_at_their_place(copy, mine, against):
    path = copy.data / {"adjudicated": "coding/statements.csv"}.get(
        against, f"coding/coders/{against}.csv"
    )
    cells = pd.read_csv(path, dtype="str", keep_default_na=False)
    cells.loc[0, "exact"] += "#"
    cells.to_csv(path, index=False, lineterminator="\n")
    done = run(mine, "--against", against, "--project", copy.root)
    assert done.exit_code == 1
    (line,) = done.output.splitlines()
    assert line.startswith(f"ngolib: {path.relative_to(copy.data)}: row 2: column exact: not at")


def test_an_article_that_ours_never_coded_is_left_out_and_named(copy, mine):
    ours = copy.read_text_cells("coder_b")
    kept = ours[ours["article_id"] != "iwpr-2006.1"]
    kept.to_csv(copy.data / "coding/coders/b.csv", index=False, lineterminator="\n")
    told = run(mine, "--against", "b", "--project", copy.root).output
    assert "Left out, since ours has no statement in them: iwpr-2006.1. Statements" in told
    said = json.loads(run(mine, "--against", "b", "--json", "--project", copy.root).output)
    assert said["left_out"]["articles_not_coded"] == ["iwpr-2006.1"]
    assert "iwpr-2006.1" not in {*said["articles"], *(r["article_id"] for r in said["found"])}


def test_a_coder_who_has_not_coded_is_told(copy, mine):
    empty = copy.read_text_cells("coder_a").iloc[:0]
    empty.to_csv(copy.data / "coding/coders/b.csv", index=False, lineterminator="\n")
    done = run(mine, "--against", "b", "--project", copy.root)
    assert done.exit_code == 2
    assert done.output.startswith("ngolib: coder b has coded no statement of ")
    assert len(done.output.splitlines()) == 1
