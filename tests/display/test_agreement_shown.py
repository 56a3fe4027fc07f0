"""What is said of the coders' agreement, in the notebook and by the command."""

from __future__ import annotations

import csv
import json

import pytest
from click.testing import CliRunner

from ngolib.analysis import agreement as measured
from ngolib.cli import main
from ngolib.display import agreement
from ngolib.project import Project

HEADER = (
    "adjudication_id",
    "a_id",
    "b_id",
    "statement_id",
    "column",
    "a_value",
    "b_value",
    "value",
    "reason",
)


def every_article(project):
    return set(project.read_table("articles")["article_id"])


def as_second_coder(cells):
    """Make up a second coding of tiers 1 and 2, with eight known changes of the voice."""
    cells = cells[cells["tier"] != "3"].reset_index(drop=True)
    cells["statement_id"] = "b-" + cells["statement_id"]
    changed = cells.index[:8]
    cells.loc[changed, "voice"] = cells.loc[changed, "voice"].map(
        lambda voice: "academic" if voice == "media" else "media"
    )
    return cells


@pytest.fixture
def coded(copy):
    """A copy of the project in which both coders have coded, and two differences are settled."""
    cells = as_second_coder(copy.read_text_cells("coder_a"))
    cells.to_csv(copy.data / "coding/coders/b.csv", index=False, lineterminator="\n")
    first, second = cells["statement_id"][:2]
    ours = first.removeprefix("b-"), second.removeprefix("b-")
    a = copy.read_table("coder_a").set_index("statement_id")["voice"]
    settled = [
        ("d1", ours[0], first, ours[0], "voice", a[ours[0]], cells["voice"][0], a[ours[0]], "x"),
        ("d2", ours[1], "", "", "statement", "", "", "", "x"),
    ]
    with (copy.data / "coding/adjudication.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER, *settled])
    return Project(copy.root)


@pytest.fixture
def alone(copy):
    """A copy of the project in which coder b has coded nothing."""
    copy.read_text_cells("coder_a").iloc[:0].to_csv(
        copy.data / "coding/coders/b.csv", index=False, lineterminator="\n"
    )
    (copy.data / "coding/adjudication.csv").write_text(",".join(HEADER) + "\n", encoding="utf-8")
    return Project(copy.root)


def test_one_coder_alone_is_said_and_does_not_break(alone):
    coders = agreement.select(alone, every_article(alone))
    (finding,) = agreement.answer(coders)
    assert "not documented: only one coder has coded" in finding.text
    assert agreement.tables(coders) == []


def test_no_article_chosen_does_not_break(coded):
    coders = agreement.select(coded, [])
    assert len(agreement.answer(coders)) == 1


def test_the_share_comes_first_and_the_hardest_column_is_named(coded):
    coders = agreement.select(coded, every_article(coded))
    share, found, alpha, settled = agreement.answer(coders)
    pairs = len(coders.compared.comparison.pairs)
    assert (
        f"least often for voice ({(pairs - 8) / pairs:.0%}, {pairs - 8} of {pairs})" in share.text
    )
    assert "coder b alone 0" in found.text
    assert "alpha" not in share.text
    assert "is lowest for voice" in alpha.text
    assert "2 disagreements were settled: 1 as coder a had it, 1 as coder b had it" in settled.text
    assert settled.evidence
    assert all(f.text.endswith(".") for f in (share, found, alpha, settled))


def test_tables_have_names_of_their_own(coded):
    tables = agreement.tables(agreement.select(coded, every_article(coded)))
    names = [table.name for table in tables]
    assert names == [f"agreement{n}" for n in ("", "-found", "-worst", "-differences", "-settled")]
    by_column = tables[0].frame
    assert by_column["column"].iloc[0] == "voice"
    assert list(by_column)[:5] == ["column", "statements", "same code", "share", "alpha"]
    crossed = tables[2].frame
    assert "voice" in tables[2].caption
    assert crossed.shape[1] == len(crossed) + 1
    for table in tables:
        assert table._repr_mimebundle_()["text/html"]


def test_only_the_articles_chosen_are_compared(coded):
    coders = agreement.select(coded, ["iwpr-2006.1"])
    assert set(coders.compared.comparison.pairs["article_id"]) == {"iwpr-2006.1"}
    # Whole articles cannot be drawn from one.
    assert coders.compared.columns["article_low"].isna().all()
    assert "1 article with a statement" in agreement.answer(coders)[2].text


def test_a_constant_column_has_no_alpha(coded):
    compared = agreement.select(coded, ["modern-diplomacy-2021.4"]).compared
    scheduled = compared.columns.set_index("column").loc["scheduled"]
    alpha = scheduled["alpha"]
    codes = {*compared.comparison.pairs["a_scheduled"], *compared.comparison.pairs["b_scheduled"]}
    assert codes == {"no"}
    assert alpha != alpha
    said = agreement.answer(agreement.select(coded, ["modern-diplomacy-2021.4"]))[2].text
    assert "scheduled cannot be computed: one code only" in said


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
    assert {row["column"] for row in said["columns"]} == set(measured.COLUMNS)
    assert said["found"][-1]["article_id"] == "all"
    assert 0 < said["characters"]["f1"] <= 1
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


def test_a_quote_that_is_not_at_its_place_is_told(project, mine):
    text = mine.read_text(encoding="utf-8")
    mine.write_text(text.replace("Kazakhstan and Russia have", "Kazakhstan and Russia had", 1))
    done = run(mine, "--project", project.root)
    assert done.exit_code == 1
    assert "column exact: not at" in done.output


def test_a_coder_who_has_not_coded_is_told(alone, mine):
    done = run(mine, "--against", "b", "--project", alone.root)
    assert done.exit_code == 2
    assert done.output.startswith("ngolib: coder b has coded no statement yet")
    assert len(done.output.splitlines()) == 1
