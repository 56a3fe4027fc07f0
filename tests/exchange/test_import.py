"""The way back: our own coding returns as it was; others' codings become a coder's table."""

from __future__ import annotations

import csv
import io
import re
import uuid
import zipfile
from html import escape
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from ngolib.cli import main
from ngolib.errors import InputError
from ngolib.exchange.coder import read_codings
from ngolib.exchange.codes import read_codebook, read_description, write_description
from ngolib.exchange.excerpt import align, visible
from ngolib.project import Project

from .conftest import ODD, QUOTES, edit, remake, save

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SPACE = "urn:QDA-XML:project:1.0"


def run(project: Project, *arguments: str):
    return CliRunner().invoke(main, [*arguments, "--project", str(project.root)])


def table_of(coded) -> list[dict[str, str]]:
    text = coded.as_csv().decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("with_texts", [False, True])
@pytest.mark.parametrize("coder", ["a", "b"])
def test_our_coding_comes_back_byte_for_byte(odd, tmp_path, coder, with_texts):
    path = save(odd, tmp_path / "p.qdpx", coder, with_texts=with_texts)
    coded = read_codings(odd, path)
    assert coded.as_csv() == (odd.data / f"coding/coders/{coder}.csv").read_bytes()
    assert coded.remarks == []


def test_adjudicated_coding_comes_back_in_the_columns_of_a_coder(project, tmp_path):
    path = save(project, tmp_path / "p.qdpx", "adjudicated", "a", "b")
    got = table_of(read_codings(project, path, user="adjudicated"))
    with (project.data / "coding/statements.csv").open(encoding="utf-8", newline="") as file:
        expected = [{key: row[key] for key in got[0]} for row in csv.DictReader(file)]
    assert sorted(got, key=str) == sorted(expected, key=str)


def test_the_table_is_taken_by_agreement(project, tmp_path):
    path = save(project, tmp_path / "p.qdpx", "b")
    done = run(project, "qda", "import", str(path), "--to", str(tmp_path / "b.csv"))
    assert done.exit_code == 0 and "of 'coder b' written" in done.stdout and not done.stderr
    ours, theirs = (
        run(project, "agreement", str(file), "--against", "a", "--json")
        for file in (project.data / "coding/coders/b.csv", tmp_path / "b.csv")
    )
    assert theirs.exit_code == 0, theirs.stderr
    drop = re.compile(r'"file": .*')
    assert drop.sub("", theirs.stdout) == drop.sub("", ours.stdout)


def foreign(project: Project, selections: list[str], text: str, codes: str = "") -> bytes:
    """A project as another program might write it: own GUIDs, flat codes, own user."""
    known = "".join(
        f'<Code guid="{uuid.uuid4()}" name="{code.name}" isCodable="true"/>'
        for group in read_codebook(project=project)
        for code in group.codes
    )
    xml = (
        f'<Project xmlns="{SPACE}" name="x">'
        f'<Users><User guid="{uuid.uuid4()}" name="Anna"/></Users>'
        f"<CodeBook><Codes>{known}{codes}</Codes></CodeBook><Sources>"
        f'<TextSource guid="{uuid.uuid4()}" name="text" plainTextPath="internal://t.txt">'
        f"{''.join(selections)}</TextSource></Sources></Project>"
    )
    user = re.search(r'User guid="([^"]+)"', xml)[1]
    for name, guid in re.findall(r'guid="([^"]+)" name="([^"]+)" isCodable', xml):
        xml = xml.replace(f"@{guid}@", name)
    xml = xml.replace("@user@", user)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("project.qde", xml.encode("utf-8"))
        file.writestr("Sources/t.txt", text.encode("utf-8"))
    return out.getvalue()


def selection(
    start: int, end: int, *codes: str, description: str = "", words: str | None = None
) -> str:
    given_codes = "".join(
        f'<Coding guid="{uuid.uuid4()}"><CodeRef targetGUID="@{code}@"/></Coding>' for code in codes
    )
    said = f"<Description>{description}</Description>" if description else ""
    name = "" if words is None else f"name={quoteattr(NOT_XML.sub(chr(0xFFFD), words))} "
    return (
        f'<PlainTextSelection {name}guid="{uuid.uuid4()}" startPosition="{start}" '
        f'endPosition="{end}" creatingUser="@user@">{said}{given_codes}</PlainTextSelection>'
    )


FULL = (
    "country: KAZ",
    "level: rule",
    "stage: signed",
    "direction: restrictive",
    "category: religion",
    "category: assembly",
    "voice: media",
    "modality: asserted",
    "tier: 1",
)


@pytest.mark.parametrize("one_by_one", [False, True])
@pytest.mark.parametrize(
    "as_read",
    [
        lambda text: text,
        lambda text: text.removeprefix("\ufeff"),
        lambda text: text.replace("\r\n", "\n").replace("\r", "\n"),
        lambda text: text.removeprefix("\ufeff").replace("\r\n", "\n "),
        lambda text: "\ufeff" + text.removeprefix("\ufeff").replace("\r\n", "\n") + "\n",
    ],
    ids=["as it is", "no mark", "LF", "LF and blank", "LF, mark, more at the end"],
)
def test_others_codings_come_in(odd, tmp_path, as_read, one_by_one):
    text = as_read(ODD)
    said = "date: 2014-05\n\nmine"
    chosen = [
        selection(
            text.index(quote),
            text.index(quote) + len(quote),
            *codes,
            description=said,
            words=quote,
        )
        for quote in QUOTES
        for codes in ([(code,) for code in FULL] if one_by_one else [FULL])
    ]
    path = tmp_path / "p.qdpx"
    path.write_bytes(foreign(odd, chosen, text))
    coded = read_codings(odd, path)
    rows = table_of(coded)
    assert coded.user == "Anna"
    assert [(row["exact"], row["start"]) for row in rows] == [
        (quote, str(ODD.index(quote))) for quote in QUOTES
    ]
    expected = {
        "categories": "religion; assembly",
        "stage": "signed",
        "scheduled": "no",
        "date": "2014-05",
        "precision": "month",
        "note": "mine",
    }
    assert all(row.items() >= expected.items() for row in rows)
    assert coded.remarks == ["precision 'month', by the form of the date: q001, q002, q003, q004"]
    (tmp_path / "c.csv").write_bytes(coded.as_csv())
    compared = run(odd, "agreement", str(tmp_path / "c.csv"), "--against", "a")
    assert compared.exit_code == 0, compared.stderr


@pytest.mark.parametrize(
    "as_read",
    [
        lambda text: text,
        lambda text: "\ufeff" + text.replace("\r\n", "\n").replace("\r", "\n"),
        lambda text: text.replace("\r\n", "\n "),
    ],
    ids=["as it is", "LF and mark", "LF and blank"],
)
def test_others_codings_of_an_excerpt_come_in(odd, tmp_path, as_read):
    ours = save(odd, tmp_path / "ours.qdpx", "a")
    with zipfile.ZipFile(ours) as file:
        texts = [file.read(name).decode("utf-8") for name in names(ours)]
    text = as_read(next(text for text in texts if QUOTES[0] in text))
    spans = [(text.index(quote), text.index(quote) + len(quote)) for quote in QUOTES]
    # The last one reaches into a line that is not of the text.
    beyond = (text.index("[characters") + 3, spans[0][1])
    path = tmp_path / "p.qdpx"
    path.write_bytes(foreign(odd, [selection(*span, *FULL) for span in [*spans, beyond]], text))
    coded = read_codings(odd, path)
    assert [(r["exact"], int(r["start"])) for r in coded.rows] == [
        (q, ODD.index(q)) for q in QUOTES
    ]
    (remark,) = [line for line in coded.remarks if "reaches out" in line]
    assert remark.endswith(f"text {beyond[0]}-{beyond[1]}")


# How a program writes a text, and what a position counts in it.
PROGRAMS = {
    "as the standard has it": (str, str),
    "mark not counted": (str, lambda text: text.removeprefix("\ufeff")),
    "UTF-16 units": (str, lambda text: text.encode("utf-16-le").decode("latin-1")[::2]),
    "CR LF written, and one": (
        lambda text: re.sub("\r\n|\r", "\r\n", text),
        lambda text: text.replace("\r\n", "\n"),
    ),
    "LF written, and two": (
        lambda text: re.sub("\r\n|\r", "\n", text),
        lambda text: text.replace("\n", "\r\n"),
    ),
    "no mark, CR LF as one, UTF-16 units": (
        lambda text: re.sub("\r\n|\r", "\r\n", text),
        lambda text: (
            text.removeprefix("\ufeff")
            .replace("\r\n", "\n")
            .encode("utf-16-le")
            .decode("latin-1")[::2]
        ),
    ),
}


def counted_by(program: str, words=lambda quote: quote) -> tuple[str, list[str]]:
    """The text as a program writes it, and the quotes as it counts and names them."""
    write, count = PROGRAMS[program]
    text = write(ODD)
    spans = [(text.index(quote), text.index(quote) + len(quote)) for quote in QUOTES]
    places = [[len(count(text[:n])) for n in span] for span in spans]
    named = zip(places, QUOTES, strict=True)
    return text, [selection(*place, *FULL, words=words(quote)) for place, quote in named]


@pytest.mark.parametrize("words", [str, lambda quote: f"{quote[:9]}..."], ids=["whole", "cut"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_positions_are_counted_as_the_words_of_the_selections_say(odd, tmp_path, program, words):
    text, chosen = counted_by(program, words)
    path = tmp_path / "p.qdpx"
    path.write_bytes(foreign(odd, chosen, text))
    coded = read_codings(odd, path)
    assert [(row["exact"], int(row["start"])) for row in coded.rows] == [
        (quote, ODD.index(quote)) for quote in QUOTES
    ]
    assert not [remark for remark in coded.remarks if "not proved" in remark]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    "words", [lambda quote: quote[:60], lambda quote: f"1:1 {quote}"], ids=["cut", "numbered"]
)
def test_words_may_be_cut_without_a_mark_or_have_a_number(odd, tmp_path, program, words):
    write, count = PROGRAMS[program]
    text, long = write(ODD), max(re.findall(r"\w.{70,200}\w", ODD), key=len)[:150]
    spans = [(text.index(long), text.index(long) + len(long))]
    places = [[len(count(text[:n])) for n in span] for span in spans]
    chosen = [selection(*place, *FULL, words=words(long)) for place in places]
    (tmp_path / "p.qdpx").write_bytes(foreign(odd, chosen, text))
    try:
        coded = read_codings(odd, tmp_path / "p.qdpx")
    except InputError as error:  # of two ways that differ in the end of the words, none is taken
        assert len(words(long)) == 60 and program != "as the standard has it"
        assert "several ways of counting fit" in str(error)
    else:
        (row,) = coded.rows
        sure = "not proved" not in "".join(coded.remarks)
        assert row["exact"] == long if sure else row["exact"][:60] == long[:60]


def with_own_code(odd: Project, folder: Path, name: str, *more: str, group: str = "") -> Path:
    """Write a project in which a quote has a code of the coder's own, and some of ours."""
    guid, place = str(uuid.uuid4()), ODD.index(QUOTES[2])
    own = f'<Code guid="{guid}" name="{name}" isCodable="true"/>'
    if group:
        above = f'<Code guid="{uuid.uuid4()}" name="{group}" isCodable="false">'
        own = f"{above}{own}</Code>"
    chosen = selection(place, place + len(QUOTES[2]), *more, guid, words=QUOTES[2])
    path = folder / "p.qdpx"
    path.write_bytes(foreign(odd, [chosen.replace(f"@{guid}@", guid)], ODD, own))
    return path


def test_where_nothing_can_be_taken_it_says_why(odd, tmp_path):
    place = ODD.index(QUOTES[2])
    with pytest.raises(InputError) as caught:
        read_codings(odd, with_own_code(odd, tmp_path, "my theme"))
    first, why = str(caught.value).splitlines()
    assert first.endswith("has coded nothing can be taken")
    said = f"text {place}-{place + len(QUOTES[2])}"
    assert why == f"the code 'my theme' is not in the codebook: {said}"


@pytest.mark.parametrize(
    ("group", "voice", "said"),
    [
        ("", "media", "the code 'Media', in no group, is taken for 'voice: media'"),
        ("Kinds of people", "", "the code 'Media' is not in the codebook"),
    ],
)
def test_a_code_of_no_group_is_taken_and_told_and_one_of_another_is_not(
    odd, tmp_path, group, voice, said
):
    codes = [code for code in FULL if not code.startswith("voice")]
    coded = read_codings(odd, with_own_code(odd, tmp_path, "Media", *codes, group=group))
    assert coded.rows[0]["voice"] == voice
    assert said in "".join(coded.remarks)


def test_a_file_is_not_written_over_what_is_read(odd, tmp_path):
    (tmp_path / "p.csv").write_bytes(b"kept")
    done = run(
        odd, "qda", "import", str(tmp_path / "p.csv"), "--to", str(tmp_path / "p.csv"), "--force"
    )
    assert done.exit_code == 2 and "p.csv: is what is read; name another place" in done.stderr
    assert (tmp_path / "p.csv").read_bytes() == b"kept"


def imported(odd: Project, folder: Path, selections: list[str], text: str = ODD):
    """Run the command on a file; its lines on stderr, and what it wrote."""
    (folder / "p.qdpx").write_bytes(foreign(odd, selections, text))
    done = run(odd, "qda", "import", str(folder / "p.qdpx"), "--to", str(folder / "c.csv"))
    assert (done.exit_code == 0) == (folder / "c.csv").exists()
    return done.exit_code, done.stderr.splitlines()


def test_words_that_fit_by_no_way_of_counting_are_refused_by_name(odd, tmp_path):
    start, end = ODD.index(QUOTES[0]) + 7, ODD.index(QUOTES[0]) + 7 + len(QUOTES[0])
    last = ODD.index(QUOTES[1]) + len(QUOTES[1])
    fits = selection(ODD.index(QUOTES[1]), last, *FULL, words=QUOTES[1])
    for words in (QUOTES[0], QUOTES[0].replace("НПО", "НГО")):
        wrong = selection(start, end, *FULL, words=words)
        code, (line,) = imported(odd, tmp_path, [fits, wrong])
        assert code == 2
        said = f"{tmp_path / 'p.qdpx'}: text {start}-{end}: found the words {words!r}; no way of"
        assert line.startswith(f"ngolib: {said}")
        assert f"there is {ODD[start:end]!r} ({start}-{end}) by code points" in line


def test_words_that_fit_by_several_ways_at_different_places_are_refused(odd, tmp_path):
    start = ODD.index("😀😀")
    code, (line,) = imported(odd, tmp_path, [selection(start, start + 1, *FULL, words="😀")])
    assert code == 2
    assert f"text {start}-{start + 1}: found the words '😀'; several ways of counting fit" in line
    assert f"there is '😀' ({start}-{start + 1}) by code points" in line
    assert f"; '😀' ({start + 1}-{start + 2}) by code points" in line


def test_where_no_words_are_noted_that_is_said(odd, tmp_path):
    place, quote = ODD.index(QUOTES[2]), QUOTES[2]
    said = "place not proved, for the file notes no words of it; taken as the standard counts"
    for words in (None, "", "line:3"):
        chosen = [selection(place, place + len(quote), *FULL, words=words)]
        code, (line, *_) = imported(odd, tmp_path, chosen)
        assert (code, line) == (0, f"{said}: text {place}-{place + len(quote)}")
        (tmp_path / "c.csv").unlink()
    many = [selection(n, n + 9, *FULL, words="") for n in range(0, 200, 10)]
    code, lines = imported(odd, tmp_path, many)
    assert code == 0 and all(f"text {n}-{n + 9}" in "".join(lines) for n in range(0, 200, 10))
    (tmp_path / "c.csv").unlink()
    shifted = selection(place - 1, place + len(quote) - 1, *FULL)
    code, (line, *_) = imported(odd, tmp_path, [shifted])
    assert (code, line) == (
        0,
        f"{said}, and cuts a word: text {place - 1}-{place + len(quote) - 1}",
    )


def test_a_code_on_a_little_more_or_less_of_the_words_belongs_to_their_statement(odd, tmp_path):
    start, end = ODD.index(QUOTES[0]), ODD.index(QUOTES[0]) + len(QUOTES[0])
    full = [code for code in FULL if not code.startswith(("voice", "category: assembly"))]
    more = [
        selection(start - 4, end, "voice: media"),
        selection(start, end - 1, "category: assembly"),
        # Of another stage, so another statement.
        selection(start, end + 1, *[code.replace("signed", "in_force") for code in FULL]),
    ]
    path = tmp_path / "p.qdpx"
    path.write_bytes(foreign(odd, [selection(start, end, *full), *more[:2]], ODD))
    coded = read_codings(odd, path)
    (row,) = table_of(coded)
    assert (row["exact"], row["voice"]) == (QUOTES[0], "media")
    assert row["categories"] == "religion; assembly"
    said = [line for line in coded.remarks if line.startswith("taken with the statement")]
    assert len(said) == 1 and f"{start - 4}-{end}" in said[0] and f"{start}-{end - 1}" in said[0]
    path.write_bytes(foreign(odd, [selection(start, end, *FULL), more[2]], ODD))
    assert [row["stage"] for row in table_of(read_codings(odd, path))] == ["signed", "in_force"]


def test_what_is_missing_is_left_empty_and_listed(odd, tmp_path):
    span = ODD.index(QUOTES[0]), ODD.index(QUOTES[0]) + len(QUOTES[0])
    own = '<Code guid="11111111-1111-1111-1111-111111111111" name="my theme" isCodable="true"/>'
    path = tmp_path / "p.qdpx"
    codes = ("stage: signed", "stage: adopted", "level: rule", "my theme")
    path.write_bytes(foreign(odd, [selection(*span, *codes)], ODD, own))
    to = tmp_path / "c.csv"
    done = run(odd, "qda", "import", str(path), "--to", str(to))
    assert done.exit_code == 0
    (row,) = csv.DictReader(io.StringIO(to.read_text(encoding="utf-8"), newline=""))
    assert (row["level"], row["stage"], row["voice"], row["date"]) == ("rule", "", "", "")
    lines = done.stderr.splitlines()
    assert "stage: several codes given, left empty (adopted, signed): q001" in lines
    assert "voice: not coded, left empty: q001" in lines
    assert any("'my theme' is not in the codebook" in line for line in lines)
    assert not any(line.startswith("stage: not coded") for line in lines)


def test_two_statements_on_the_same_words_stay_two(odd, tmp_path):
    span = ODD.index(QUOTES[0]), ODD.index(QUOTES[0]) + len(QUOTES[0])
    other = [code.replace("signed", "in_force") for code in FULL]
    path = tmp_path / "p.qdpx"
    path.write_bytes(foreign(odd, [selection(*span, *FULL), selection(*span, *other)], ODD))
    rows = table_of(read_codings(odd, path))
    assert [row["stage"] for row in rows] == ["signed", "in_force"]
    assert rows[0]["statement_id"] != rows[1]["statement_id"]


def test_codes_are_known_by_guid_group_or_label_where_a_program_renames_them(project, tmp_path):
    path = save(project, tmp_path / "p.qdpx", "a")
    guids = edit(path, tmp_path / "g.qdpx", ('name="stage: signed"', 'name="Unterzeichnet"'))
    expected = (project.data / "coding/coders/a.csv").read_bytes()
    assert read_codings(project, guids).as_csv() == expected
    with zipfile.ZipFile(path) as file:
        xml = file.read("project.qde").decode("utf-8")
    # All GUIDs new, codes named by their label below their group.
    for guid in set(re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", xml)):
        xml = xml.replace(guid, str(uuid.uuid5(uuid.NAMESPACE_URL, guid)))
    for code in (code for group in read_codebook(project=project) for code in group.codes):
        xml = xml.replace(f'name="{code.name}"', f'name="{escape(code.label.upper())}"')
    entries = dict(zip(re.findall(r"internal://([^\"]+)", xml), names(path), strict=True))
    with zipfile.ZipFile(path) as file:
        texts = {f"sources/{new}": file.read(old) for new, old in entries.items()}
    labels = remake(path, {"project.qde": xml.encode("utf-8"), **texts}, tmp_path / "l.qdpx")
    got = read_codings(project, labels)
    assert got.as_csv() == expected


def test_our_own_file_proves_its_places_too(project, tmp_path):
    path = save(project, tmp_path / "p.qdpx", "a")
    with zipfile.ZipFile(path) as file:
        xml = file.read("project.qde").decode("utf-8")
        texts = {n: file.read(n) for n in file.namelist() if n.endswith(".txt")}
    ours = (project.data / "coding/coders/a.csv").read_bytes()
    for by in (1, 3):  # by one: as if a byte order mark counted
        moved = re.sub(r'(Position=")(\d+)"', lambda m, by=by: f'{m[1]}{int(m[2]) + by}"', xml)
        file = remake(path, {"project.qde": moved.encode("utf-8")}, tmp_path / f"{by}.qdpx")
        if by == 1:
            assert read_codings(project, file).as_csv() == ours
        else:
            with pytest.raises(InputError, match=r"found the words .* no way of counting"):
                read_codings(project, file)
    # As an editor of Windows writes the texts: CR LF counts as one.
    crlf = {n: re.sub(rb"\r?\n", b"\r\n", content) for n, content in texts.items()}
    coded = read_codings(project, remake(path, crlf, tmp_path / "crlf.qdpx"))
    assert coded.as_csv() == ours


def test_a_memo_of_several_lines_is_one_that_agreement_takes(odd, tmp_path):
    place = ODD.index(QUOTES[2])
    told = "date: 2014-05&#10;&#10;first line&#10; second line"
    chosen = [selection(place, place + len(QUOTES[2]), *FULL, description=told)]
    code, _ = imported(odd, tmp_path, chosen)
    with (tmp_path / "c.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (code, row["note"]) == (0, "first line second line")


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as file:
        return [name for name in file.namelist() if name.startswith("sources/")]


def test_whose_codings_are_meant(project, tmp_path):
    path = save(project, tmp_path / "p.qdpx", "a", "b")
    several = run(project, "qda", "import", str(path), "--to", str(tmp_path / "c.csv"))
    assert several.exit_code == 2 and "--coder" in several.stderr and "coder a" in several.stderr
    unknown = ("qda", "import", str(path), "--to", str(tmp_path / "c.csv"), "--coder", "coder c")
    wrong = run(project, *unknown)
    assert wrong.exit_code == 2 and "did you mean 'coder" in wrong.stderr
    # A student's codings beside ours: hers are meant.
    anna = edit(path, tmp_path / "anna.qdpx", ('name="coder b"', 'name="Anna"'))
    assert read_codings(project, anna).user == "Anna"
    assert not (tmp_path / "c.csv").exists()


def bomb(path: Path, to: Path) -> Path:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("project.qde", b"<Project/>")
        for n in range(3):
            file.writestr(f"sources/{n}.txt", b" " * (100 * 2**20))
    to.write_bytes(out.getvalue())
    return to


ENTITY = '<!DOCTYPE Project [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
UTF_7 = b'<?xml version="1.0" encoding="utf-7"?><Project/>'
BAD = {
    "missing": (lambda p, to: to, "cannot be read"),
    "no zip": (lambda p, to: to.write_bytes(b"PK\x03\x04 no") and to, "no zip file"),
    "empty": (lambda p, to: to.write_bytes(b"") or to, "no zip file"),
    "cut off": (lambda p, to: to.write_bytes(p.read_bytes()[:5000]) and to, "no zip file"),
    "damaged": (
        lambda p, to: to.write_bytes(p.read_bytes().replace(b"<Users>", b"<Usurs>", 1)) and to,
        "damaged",
    ),
    "no project": (lambda p, to: remake(p, {"project.qde": None}, to), "holds no project.qde"),
    "zip bomb": (bomb, "would unpack to 300 MiB"),
    "leads out": (lambda p, to: remake(p, {"../x.txt": b""}, to), "leads out of it: '../x.txt'"),
    "leads out, other slash": (lambda p, to: remake(p, {"..\\x": b""}, to), "leads out of it"),
    "absolute": (lambda p, to: remake(p, {"/etc/x": b""}, to), "leads out of it"),
    "entities": (
        lambda p, to: edit(p, to, ("<Project ", ENTITY + "<Project ")),
        "declares entities or a document type",
    ),
    "no XML": (lambda p, to: remake(p, {"project.qde": b"<Project>"}, to), "no valid XML"),
    "not a project": (lambda p, to: remake(p, {"project.qde": b"<Html/>"}, to), "'Html'"),
    "strange encoding": (
        lambda p, to: remake(p, {"project.qde": b'<?xml version="1.0" encoding="x-no"?><a/>'}, to),
        "no valid XML",
    ),
    "encoding that hides words": (
        lambda p, to: remake(p, {"project.qde": UTF_7}, to),
        "found 'utf-7' as encoding",
    ),
    "position": (
        lambda p, to: edit(p, to, ('endPosition="', 'endPosition="-')),
        "allowed: a whole number",
    ),
    "ends before it begins": (
        lambda p, to: edit(p, to, ('endPosition="', 'endPosition="0" x="')),
        "allowed: startPosition",
    ),
    "text not in file": (lambda p, to: remake(p, {names(p)[0]: None}, to), "not in the file"),
    "text not UTF-8": (lambda p, to: remake(p, {names(p)[0]: b"\xff\xfe"}, to), "is not UTF-8"),
    "mark without end": (
        lambda p, to: remake(p, {names(p)[0]: b"[characters 0-%s of odd]" % (b"9" * 9999)}, to),
        "is not ours",
    ),
    "text not ours": (lambda p, to: remake(p, {names(p)[0]: b"Other."}, to), "is not ours"),
    "text changed": (
        lambda p, to: remake(
            p, {names(p)[0]: zipfile.ZipFile(p).read(names(p)[0]).replace(b"Kazakh", b"Kasakh")}, to
        ),
        "is not ours",
    ),
    "nothing coded": (
        lambda p, to: remake(p, {"project.qde": f'<Project xmlns="{SPACE}"/>'.encode()}, to),
        "nothing is coded",
    ),
}


@pytest.fixture(scope="module")
def good(project, tmp_path_factory):
    """Our project file, with excerpts and with whole texts."""
    folder = tmp_path_factory.mktemp("good")
    return {
        flag: save(project, folder / f"{flag}.qdpx", "a", with_texts=flag) for flag in (False, True)
    }


@pytest.mark.parametrize(
    ("case", "with_texts"),
    [*((case, False) for case in BAD), ("text not ours", True), ("text changed", True)],
)
def test_bad_input_is_one_line_and_nothing_is_written(project, tmp_path, good, case, with_texts):
    make, said = BAD[case]
    bad = make(good[with_texts], tmp_path / "bad.qdpx")
    before = sorted(tmp_path.rglob("*"))
    done = run(project, "qda", "import", str(bad), "--to", str(tmp_path / "c.csv"))
    assert done.exit_code == 2, (done.stdout, done.stderr)
    assert said in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("ngolib: ")
    assert sorted(tmp_path.rglob("*")) == before


def test_pdf_and_whole_source_codings(project, tmp_path):
    path = save(project, tmp_path / "p.qdpx", "a")
    with zipfile.ZipFile(path) as file:
        root = ElementTree.fromstring(file.read("project.qde"))
    sources = root.find(f"{{{SPACE}}}Sources")
    pdf = ElementTree.SubElement(sources, f"{{{SPACE}}}PDFSource", name="scan")
    uncoded = remake(path, {"project.qde": ElementTree.tostring(root)}, tmp_path / "u.qdpx")
    assert len(read_codings(project, uncoded).rows) == len(project.read_table("coder_a"))
    ElementTree.SubElement(pdf, f"{{{SPACE}}}Coding")
    coded = remake(path, {"project.qde": ElementTree.tostring(root)}, tmp_path / "c.qdpx")
    done = run(project, "qda", "import", str(coded), "--to", str(tmp_path / "c.csv"))
    assert done.exit_code == 2 and "'scan' is not in the file as plain text" in done.stderr


@given(
    st.lists(st.sampled_from(["a", "ә", "😀", " ", "\r\n", "\n", "\r", "\u200b", "\ufeff"])),
    st.sampled_from(["\n", "\r\n", "\n ", "\r"]),
    st.data(),
)
def test_positions_are_carried_over_exactly(characters, newline, data):
    raw = "x" + "".join(characters) + "y"
    text = re.sub("\r\n|\r|\n", newline, raw)
    seen_raw = [n for n, c in enumerate(raw) if visible(c)]
    seen_text = [n for n, c in enumerate(text) if visible(c)]
    i = data.draw(st.integers(0, len(seen_raw) - 1))
    j = data.draw(st.integers(i, len(seen_raw) - 1))
    aligned = align(text, {"s": raw})
    got = aligned.raw_span(seen_text[i], seen_text[j] + 1)
    assert got == (seen_raw[i], seen_raw[j] + 1)
    assert visible(raw[slice(*got)]) == visible(text[seen_text[i] : seen_text[j] + 1])


LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(LINE, LINE, st.text(alphabet="ab\n\\:id ", max_size=20))
def test_descriptions_come_back(date, claimant, note):
    row = {"statement_id": "s1", "date": date.strip(), "claimant": claimant.strip()}
    row = {key: value for key, value in row.items() if value}
    words = {**row, "note": note.strip()} if note.strip() else row
    # A cell is one line; a memo may be several.
    lines = " ".join(line.strip() for line in note.split("\n") if line.strip())
    assert read_description(write_description(words)) == ({**row, "note": lines} if lines else row)


@pytest.mark.parametrize("memo", ["my note\ndate: 2005-05", "date: 2005-05\nmy note"])
def test_a_date_is_taken_wherever_it_stands_as_a_line_of_the_memo(memo):
    assert read_description(memo) == {"date": "2005-05", "note": "my note"}
    assert read_description(f"mine\n\n{memo}").keys() == {"note"}  # a note of our own


def test_notes_on_several_codings_of_a_quote_are_kept(odd, tmp_path):
    start = ODD.index(QUOTES[0])
    chosen = [
        selection(start, start + len(QUOTES[0]), *codes, description=said, words=QUOTES[0])
        for codes, said in ((FULL[:4], "first"), (FULL[4:7], "second"), (FULL[7:], ""))
    ]
    path = tmp_path / "p.qdpx"
    path.write_bytes(foreign(odd, chosen, ODD))
    (row,) = table_of(read_codings(odd, path))
    assert row["note"] == "first second"


NOTES = [
    ('plainTextPath="internal://n.txt"', "date: 2014-05\nmine", ("2014-05", "mine")),
    ('richTextPath="internal://n.docx"', "", ("", "(a note in rich text, which is not read)")),
    ('name="none"', "", ("", "")),
]


@pytest.mark.parametrize(("told", "words", "row"), NOTES, ids=["mark", "rich", "none"])
def test_a_note_comes_in_or_is_told(odd, tmp_path, told, words, row):
    start = ODD.index(QUOTES[0])
    noted = selection(start, start + len(QUOTES[0]), *FULL, words=QUOTES[0]).replace(
        "</PlainTextSelection>", '<NoteRef targetGUID="n"/></PlainTextSelection>'
    )
    (tmp_path / "p.qdpx").write_bytes(foreign(odd, [noted], ODD))
    notes = f'</Sources><Notes><Note guid="n" {told}/></Notes>'
    path = edit(tmp_path / "p.qdpx", tmp_path / "q.qdpx", ("</Sources>", notes))
    path = remake(path, {"sources/n.txt": f"\ufeff{words}".encode()}, tmp_path / "r.qdpx")
    (got,) = table_of(read_codings(odd, path))
    assert (got["date"], got["note"]) == row


def test_what_is_given_twice_or_to_nobody_is_told(odd, tmp_path):
    start = ODD.index(QUOTES[0])
    span = start, start + len(QUOTES[0])
    other = [code.replace("signed", "in_force") for code in FULL]
    dates = [selection(*span, *codes, description=said, words=QUOTES[0])
             for codes, said in ((FULL[:4], "date: 2014"), (FULL[4:], "date: 2015"))]  # fmt: skip
    _, lines = imported(odd, tmp_path, dates)
    where = f"odd {start}-{span[1]}"
    assert f"date: '2015' is given too, the first is taken: {where}" in lines
    for codes, column in (
        (["category: state_funding"], "categories"),
        (["credibility: 2"], "credibility"),
    ):
        (tmp_path / "c.csv").unlink()
        twins = [selection(*span, *own, words=QUOTES[0]) for own in (FULL, other, codes)]
        _, lines = imported(odd, tmp_path, twins)
        said = f"{column}: fits several quotes of the same words, put to the first"
        assert f"{said}: {where}" in lines
    (tmp_path / "c.csv").unlink()
    whole = '<Coding guid="c" creatingUser="@user@"><CodeRef targetGUID="@voice: media@"/></Coding>'
    _, lines = imported(odd, tmp_path, [whole, selection(*span, *FULL, words=QUOTES[0])])
    assert "not taken, since no words are selected, as of a whole text: text 0-0" in lines


def test_a_word_of_a_folder_of_ones_own_within_a_group_is_none_of_ours(odd, tmp_path):
    place = ODD.index(QUOTES[0])
    codes = (*FULL, "Donors/Russia")
    own = '<Code guid="d1" name="Country" isCodable="true"><Code guid="d2" name="Donors" '
    own += 'isCodable="true"><Code guid="d3" name="Russia" isCodable="true"/></Code></Code>'
    chosen = selection(place, place + len(QUOTES[0]), *codes, words=QUOTES[0])
    chosen = chosen.replace("@Donors/Russia@", "d3")
    (tmp_path / "p.qdpx").write_bytes(foreign(odd, [chosen], ODD, own))
    coded = read_codings(odd, tmp_path / "p.qdpx")
    assert table_of(coded)[0]["country"] == "KAZ"
    assert any("the code 'Russia' is not in the codebook" in line for line in coded.remarks)


def test_a_code_that_bears_the_name_of_another_is_that_one(project, tmp_path):
    path = save(project, tmp_path / "p.qdpx", "a")
    swapped = edit(path, tmp_path / "g.qdpx", ('name="stage: signed"', 'name="stage: adopted"'))
    before, after = (table_of(read_codings(project, one)) for one in (path, swapped))
    told = {row["statement_id"]: row["stage"] for row in after}
    assert any(row["stage"] == "signed" for row in before)
    assert all(told[r["statement_id"]] == r["stage"].replace("signed", "adopted") for r in before)


def test_a_code_of_ours_that_was_renamed_to_a_word_of_none_is_told(project, tmp_path):
    path = save(project, tmp_path / "p.qdpx", "a")
    renamed = edit(path, tmp_path / "g.qdpx", ('name="stage: signed"', 'name="my own idea"'))
    before, after = (read_codings(project, one) for one in (path, renamed))
    assert after.rows == before.rows
    said = "the code 'my own idea' is taken for 'stage: signed', which it was"
    assert next(line for line in after.remarks if line not in before.remarks).startswith(said)


@pytest.mark.parametrize("line", ["- date: 2024-12", "**date**: 2024-12", "– date: 2024-12"])
def test_a_line_of_a_memo_may_be_one_of_a_list(line):
    assert read_description(line) == {"date": "2024-12"}


def test_a_memo_of_somebody_else_on_the_same_quote_is_not_taken(odd, tmp_path):
    place = ODD.index(QUOTES[0])
    own = selection(place, place + len(QUOTES[0]), *FULL, words=QUOTES[0])
    coding = (
        '<Coding guid="x" creatingUser="boris"><CodeRef targetGUID="@voice: media@"/>'
        '<NoteRef targetGUID="n"/></Coding>'
    )
    shared = own.replace("</PlainTextSelection>", f"{coding}</PlainTextSelection>")
    (tmp_path / "p.qdpx").write_bytes(foreign(odd, [shared], ODD))
    note = '<Note guid="n"><PlainTextContent>date: 1999</PlainTextContent></Note>'
    notes = f"</Sources><Notes>{note}</Notes>"
    path = edit(tmp_path / "p.qdpx", tmp_path / "q.qdpx", ("</Sources>", notes))
    (row,) = table_of(read_codings(odd, path, user="Anna"))
    assert (row["date"], row["note"]) == ("", "")


def test_a_memo_on_a_coding_without_a_user_is_of_whose_the_selection_is(odd, tmp_path):
    place = ODD.index(QUOTES[0])
    own = selection(place, place + len(QUOTES[0]), *FULL, words=QUOTES[0])
    own = own.replace('@"/></Coding>', '@"/><NoteRef targetGUID="n"/></Coding>', 1)
    other = '<Coding guid="x" creatingUser="boris"><CodeRef targetGUID="@voice: media@"/></Coding>'
    shared = own.replace("</PlainTextSelection>", f"{other}</PlainTextSelection>")
    (tmp_path / "p.qdpx").write_bytes(foreign(odd, [shared], ODD))
    note = '<Note guid="n"><PlainTextContent>date: 1999</PlainTextContent></Note>'
    notes = f"</Sources><Notes>{note}</Notes>"
    path = edit(tmp_path / "p.qdpx", tmp_path / "q.qdpx", ("</Sources>", notes))
    for user, date in (("Anna", "1999"), ("boris", "")):
        (row,) = table_of(read_codings(odd, path, user=user))
        assert row["date"] == date


def with_notes(path: Path, to: Path, *notes: tuple[str, str]) -> Path:
    """Add notes, each with its user (`@user@` is Anna) and its words: n0, n1, …"""
    with zipfile.ZipFile(path) as file:
        anna = re.search(r'User guid="([^"]+)"', file.read("project.qde").decode())[1]
    told = "".join(
        f'<Note guid="n{n}" creatingUser="{who.replace("@user@", anna)}">'
        f"<PlainTextContent>{said}</PlainTextContent></Note>"
        for n, (who, said) in enumerate(notes)
    )
    return edit(path, to, ("</Sources>", f"</Sources><Notes>{told}</Notes>"))


@pytest.mark.parametrize("order", [1, -1])
def test_each_memo_is_read_for_itself_in_whichever_order(odd, tmp_path, order):
    place = ODD.index(QUOTES[0])
    own = selection(place, place + len(QUOTES[0]), *FULL, words=QUOTES[0])
    for n in (0, 1):
        own = own.replace('@"/></Coding>', f'@"/><NoteRef targetGUID="n{n}"/></Coding>', n + 1)
    (tmp_path / "p.qdpx").write_bytes(foreign(odd, [own], ODD))
    memos = ["Read twice.&#10;&#10;The wording is vague.", "date: 2014-05&#10;date words: in May"]
    notes = [("@user@", memo) for memo in memos[::order]]
    path = with_notes(tmp_path / "p.qdpx", tmp_path / "q.qdpx", *notes)
    (row,) = table_of(read_codings(odd, path))
    assert (row["date"], row["date_stated"]) == ("2014-05", "in May")
    assert row["note"] == "Read twice. The wording is vague."


def test_a_note_of_somebody_else_and_a_description_are_left_out_and_told(odd, tmp_path):
    place = ODD.index(QUOTES[0])
    own = selection(place, place + len(QUOTES[0]), *FULL, description="date: 2014", words=QUOTES[0])
    other = '<Coding guid="x" creatingUser="boris"><CodeRef targetGUID="@voice: media@"/></Coding>'
    more = f'{other}<NoteRef targetGUID="n0"/></PlainTextSelection>'
    shared = own.replace("</PlainTextSelection>", more)
    (tmp_path / "p.qdpx").write_bytes(foreign(odd, [shared], ODD))
    note = "boris", "date: 1999&#10;claimant: the ministry"
    path = with_notes(tmp_path / "p.qdpx", tmp_path / "q.qdpx", note)
    for user, date, claimant in (("Anna", "2014", ""), ("boris", "1999", "the ministry")):
        coded = read_codings(odd, path, user=user)
        (row,) = table_of(coded)
        assert (row["date"], row["claimant"]) == (date, claimant)
        assert any("a memo of somebody else is left out" in line for line in coded.remarks)


def test_a_code_that_a_memo_says_is_told(odd, tmp_path):
    place = ODD.index(QUOTES[0])
    memo = "date: 2014&#10;scheduled: yes&#10;Category: religion"
    own = selection(place, place + len(QUOTES[0]), *FULL, description=memo, words=QUOTES[0])
    (tmp_path / "p.qdpx").write_bytes(foreign(odd, [own], ODD))
    coded = read_codings(odd, tmp_path / "p.qdpx")
    (row,) = table_of(coded)
    assert (row["date"], row["note"]) == ("2014", "scheduled: yes Category: religion")
    for name in "category", "scheduled":
        told = f"{name}: in a memo it is a note; give it as a code: "
        assert any(line.startswith(told) for line in coded.remarks)


def test_two_users_of_one_name_are_told(odd, tmp_path):
    place = ODD.index(QUOTES[0])
    own = selection(place, place + len(QUOTES[0]), *FULL, words=QUOTES[0])
    other = '<Coding guid="x" creatingUser="a2"><CodeRef targetGUID="@scheduled: yes@"/></Coding>'
    shared = own.replace("</PlainTextSelection>", f"{other}</PlainTextSelection>")
    (tmp_path / "p.qdpx").write_bytes(foreign(odd, [shared], ODD))
    twice = "</Users>", '<User guid="a2" name="Anna"/></Users>'
    path = edit(tmp_path / "p.qdpx", tmp_path / "q.qdpx", twice)
    told = read_codings(odd, path).remarks
    assert any("users of one name, taken for one person: " in n and "a2" in n for n in told)
