"""What goes out: valid by the published schema, each quote at its place, no more than allowed."""

from __future__ import annotations

import errno
import io
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema
from click.testing import CliRunner

from ngolib.cli import main
from ngolib.errors import NgolibError
from ngolib.exchange.codes import read_codebook
from ngolib.exchange.excerpt import CONTEXT, MARK
from ngolib.exchange.qdpx_write import codebook_file, project_file
from ngolib.files import put
from ngolib.project import Project
from ngolib.texts import load_sentences, read_source

from .conftest import ODD, QUOTES, add_odd_text

SCHEMAS = Path(__file__).with_name("refi-qda")
NS = {"q": "urn:QDA-XML:project:1.0"}
CODED = ("adjudicated", "a", "b")


def id_in(selection: ElementTree.Element) -> str:
    """The id in the first line of a description."""
    told = selection.findtext("q:Description", "", NS)
    return told.partition("\n")[0].removeprefix("id: ")


class Read:
    """A project file, read with the standard library alone."""

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            self.entries = {name: file.read(name) for name in file.namelist()}
        self.xml = self.entries["project.qde"].decode("utf-8")
        self.root = ElementTree.fromstring(self.xml)
        self.codes = {c.get("guid"): c.get("name") for c in self.root.iterfind(".//q:Code", NS)}

    def texts(self) -> dict[str, str]:
        return {
            source.get("name"): self.entries[
                "sources/" + source.get("plainTextPath").removeprefix("internal://")
            ].decode("utf-8")
            for source in self.root.iterfind(".//q:TextSource", NS)
        }

    def quotes(self) -> dict[tuple[str, str], str]:
        """User, and id of the statement, of each selection to the words at its positions."""
        users = {u.get("guid"): u.get("name") for u in self.root.iterfind(".//q:User", NS)}
        texts = self.texts()
        return {
            (users[s.get("creatingUser")], id_in(s)): texts[source.get("name")][
                int(s.get("startPosition")) : int(s.get("endPosition"))
            ]
            for source in self.root.iterfind(".//q:TextSource", NS)
            for s in source.iterfind("q:PlainTextSelection", NS)
        }


@pytest.fixture(scope="module", params=[False, True], ids=["excerpts", "whole"])
def read(odd, request) -> Read:
    """All codings, with excerpts and with whole texts."""
    return Read(project_file(odd, CODED, with_texts=request.param))


@pytest.fixture(scope="module")
def excerpts(odd) -> Read:
    return Read(project_file(odd, ("a",)))


def test_project_is_valid_by_the_published_schema(read):
    xmlschema.XMLSchema(SCHEMAS / "Project.xsd").validate(read.xml)


def test_codebook_is_valid_by_the_published_schema(project):
    xml = codebook_file(project).decode("utf-8")
    xmlschema.XMLSchema(SCHEMAS / "Codebook.xsd").validate(xml)


def test_every_quote_stands_at_its_positions(odd, read):
    tables = {"adjudicated": "statements", "coder a": "coder_a", "coder b": "coder_b"}
    expected = {
        (user, row.statement_id): row.exact
        for user, table in tables.items()
        for row in odd.read_table(table).itertuples()
    }
    assert read.quotes() == expected
    assert set(expected.values()) >= set(QUOTES)


def test_a_quote_that_does_not_stand_at_its_place_does_not_go_out(odd, tmp_path):
    shutil.copytree(odd.data, tmp_path / "data")
    path = tmp_path / "data" / "coding" / "coders" / "a.csv"
    content = path.read_bytes()
    assert content.count(",Конец 😀,".encode()) == 1
    path.write_bytes(content.replace(",Конец 😀,".encode(), ",Начало 😀,".encode()))
    done = run(Project(tmp_path), "export", "--coding", "a", "--to", str(tmp_path / "p.qdpx"))
    start = ODD.index("Конец")
    assert done.exit_code == 2 and done.stderr.count("\n") == 1
    assert f"its words do not stand at {start}-{start + 7} of odd" in done.stderr
    assert not (tmp_path / "p.qdpx").exists()


def test_guids_are_different_and_every_reference_has_its_target(read):
    guids = [e.get("guid") for e in read.root.iter() if e.get("guid")]
    assert len(guids) == len(set(guids))
    targets = {e.get("targetGUID") for e in read.root.iter() if e.get("targetGUID")}
    assert targets <= set(read.codes)


def test_codes_are_those_of_the_vocabularies_with_their_definitions(project):
    root = ElementTree.fromstring(codebook_file(project))
    space = {"q": "urn:QDA-XML:codebook:1.0"}
    groups = {g.get("name"): g for g in root.iterfind("q:Codes/q:Code", space)}
    for name in ("category", "stage", "level", "direction", "modality", "voice", "tier"):
        codes = [c.get("name") for c in groups[name].iterfind("q:Code", space)]
        assert codes == [f"{name}: {code}" for code in project.vocabulary(name)]
    assert all(group.get("isCodable") == "false" for group in groups.values())
    stage = groups["stage"].find("q:Code/q:Description", space).text
    definitions = project.read_table("vocabulary").set_index("code")["definition"]
    assert definitions["announced"] in stage
    names = [code.name for group in read_codebook(project=project) for code in group.codes]
    assert len(names) == len(set(names))


def test_same_data_same_bytes(odd):
    first = project_file(odd, ("b",))
    assert first == project_file(Project(odd.root), ("b",))
    with zipfile.ZipFile(io.BytesIO(first)) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert codebook_file(odd) == codebook_file(Project(odd.root))


def test_whole_texts_are_byte_for_byte_but_for_a_byte_order_mark(odd):
    texts = Read(project_file(odd, ("a",), with_texts=True)).texts()
    for source in odd.read_table("sources").itertuples():
        raw = read_source(odd.data / source.path)
        assert texts[source.source_id] == raw.removeprefix("\ufeff")


def test_without_texts_no_more_than_quotes_with_short_context(odd, excerpts):
    table = odd.read_table("coder_a")
    sentences = load_sentences(project=odd)
    for source_id, text in excerpts.texts().items():
        raw = read_source(odd.data / f"sources/{source_id}.txt")
        own = table[table["article_id"].str.startswith(f"{source_id}.")]
        allowed: set[int] = set()
        for row in own.itertuples():
            touching = sentences[
                (sentences["article_id"] == row.article_id)
                & (sentences["start"] < row.end)
                & (sentences["end"] > row.start)
            ]
            first = max(min([row.start, *touching["start"]]), row.start - CONTEXT)
            last = min(max([row.end, *touching["end"]]), row.end + CONTEXT)
            allowed.update(range(first, last))
        pieces = list(MARK.finditer(text))
        assert pieces
        held: set[int] = set()
        for match in pieces:
            start, end = int(match[1]), int(match[2])
            assert raw[start:end] in text[match.end() :]
            held.update(n for n in range(start, end) if not raw[n].isspace())
        assert held <= allowed
        assert "Not the whole text" in text
        assert len(text) < len(raw) + 120 * len(pieces) + 300


def test_a_text_that_may_go_out_goes_out_whole(copy):
    add_odd_text(copy, redistribution="full")
    texts = Read(project_file(Project(copy.root), ("a",))).texts()
    assert texts["odd"] == ODD.removeprefix("\ufeff")
    assert "Not the whole text" in texts["iwpr-2006"]


def test_added_lines_do_not_mix_line_ends(excerpts):
    text = excerpts.texts()["odd"]
    assert text.count("\n") == text.count("\r\n") > 0


def test_positions_hold_where_a_program_turns_cr_lf_into_lf_and_a_blank(read):
    """QualCoder reads with universal newlines, then puts a blank after each to keep the count."""
    as_read = io.TextIOWrapper(
        io.BytesIO(read.texts()["odd"].encode("utf-8")), encoding="utf-8", newline=None
    ).read()
    # A lone CR gets a blank as well, so that what stands after one is shifted there.
    padded = as_read[: as_read.index("Конец")].replace("\n", "\n ")
    path = ".//q:TextSource[@name='odd']/q:PlainTextSelection"
    found = {
        padded[int(s.get("startPosition")) : int(s.get("endPosition"))]
        for s in read.root.iterfind(path, NS)
    }
    assert found >= set(QUOTES[:3])


def test_every_selection_and_source_has_a_time_and_a_user(read):
    """Some programs (QualCoder) do not open a project without."""
    for tag in ("TextSource", "PlainTextSelection", "Coding"):
        for element in read.root.iterfind(f".//q:{tag}", NS):
            assert element.get("creationDateTime") and element.get("creatingUser"), tag


def test_own_use_is_said_in_the_project(read):
    about = read.root.find("q:Description", NS).text
    whole = not any(MARK.search(text) for text in read.texts().values())
    assert ("NOT TO BE PASSED ON" in about) is whole


def run(project: Project, *arguments: str):
    return CliRunner().invoke(main, ["qda", *arguments, "--project", str(project.root)])


def test_commands_write_and_do_not_write_over(copy, tmp_path):
    for command, name in (("export", "out/p.qdpx"), ("codebook", "out/c.qdc")):
        path = tmp_path / name
        assert run(copy, command, "--to", str(path)).exit_code == 0
        before = path.read_bytes()
        again = run(copy, command, "--to", str(path))
        assert again.exit_code == 2 and "is there already" in again.stderr
        assert run(copy, command, "--to", str(path), "--force").exit_code == 0
        assert path.read_bytes() == before
    inside = run(copy, "export", "--to", str(copy.data / "p.qdpx"))
    assert inside.exit_code == 2 and "the project's own files" in inside.stderr
    assert not (copy.data / "p.qdpx").exists()


def test_a_file_that_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "p.qdpx"
    path.write_bytes(b"before")

    def full(self: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(NgolibError, match=r"p\.qdpx: cannot be written: No space left on device"):
        put({path: b"after"})
    assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]


def test_without_codings_only_whole_texts_can_go_in(copy, tmp_path):
    path = tmp_path / "p.qdpx"
    refused = run(copy, "export", "--coding", "none", "--to", str(path))
    assert refused.exit_code == 2 and "nothing to quote" in refused.stderr and not path.exists()
    done = run(copy, "export", "--coding", "none", "--with-texts", "--to", str(path))
    assert done.exit_code == 0 and "not to be passed on" in done.stderr
    read = Read(path.read_bytes())
    assert len(read.texts()) == 5 and not read.quotes()
    both = run(copy, "export", "--coding", "none", "--coding", "a", "--to", str(path), "--force")
    assert both.exit_code == 2 and "stands alone" in both.stderr
