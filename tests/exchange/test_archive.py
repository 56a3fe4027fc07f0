"""The archive: what is tracked and nothing else, with metadata that validate and rights kept."""

from __future__ import annotations

import gzip
import hashlib
import html
import io
import json
import re
import shutil
import subprocess
import unicodedata
import zipfile
from base64 import b64encode
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from ngolib.cli import main
from ngolib.exchange.archive import archive
from ngolib.project import Project

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "ngo-regulation-kazakhstan-russia-0.1.0/"
# The fields that we use, as Zenodo's deposit form has them: a model, not the published schema.
ZENODO = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "upload_type", "description", "creators", "access_right"],
    "properties": {
        "title": {"type": "string", "minLength": 3},
        "upload_type": {"enum": ["dataset", "software", "publication", "other"]},
        "version": {"type": "string"},
        "description": {"type": "string", "minLength": 3},
        "creators": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "affiliation": {"type": "string", "minLength": 1},
                    "orcid": {"type": "string", "pattern": r"^(\d{4}-){3}\d{3}[\dX]$"},
                },
            },
        },
        "keywords": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "language": {"type": "string", "pattern": "^[a-z]{3}$"},
        "license": {"enum": ["CC-BY-4.0", "MIT"]},
        "notes": {"type": "string"},
        "access_right": {"enum": ["open", "embargoed", "restricted", "closed"]},
        "access_conditions": {"type": "string", "minLength": 1},
    },
    "allOf": [
        {
            "if": {"properties": {"access_right": {"const": "open"}}},
            "then": {"required": ["license"], "not": {"required": ["access_conditions"]}},
        },
        {
            "if": {"properties": {"access_right": {"const": "restricted"}}},
            "then": {"required": ["access_conditions"]},
        },
    ],
}


def git(root: Path, *arguments: str) -> None:
    name = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(root), *name, *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A small checkout: the data, the files at the root, and one that is not tracked."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "data", root / "data")
    for name in (".gitattributes", ".zenodo.json", "CITATION.cff", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, root / name)
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "all")
    (root / "private.txt").write_text("not tracked")
    return Project(root)


def entries(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        names = file.namelist()
        assert all(name.startswith(FOLDER) for name in names)
        return {name.removeprefix(FOLDER): file.read(name) for name in names}


def texts(project: Project) -> set[str]:
    return {f"data/{path}" for path in project.read_table("sources")["path"]}


@pytest.fixture(scope="module", params=[False, True], ids=["with texts", "without texts"])
def packed(checkout, request) -> tuple[tuple[bytes, int, list[str]], bool]:
    """The archive, and whether it was made without texts."""
    return archive(checkout, without_texts=request.param), request.param


def test_archive_holds_what_is_tracked(checkout, packed):
    made, without_texts = packed
    files = entries(made[0])
    assert "private.txt" not in files and not any(name.startswith(".git/") for name in files)
    assert (texts(checkout) <= set(files)) is not without_texts
    assert texts(checkout).isdisjoint(files) is without_texts
    for name in ("data/coding/statements.csv", "LICENSE", "CITATION.cff", "run.sh"):
        assert files[name] == (checkout.root / name).read_bytes()


def test_checksums_name_every_file(packed):
    files = entries(packed[0][0])
    sums = files.pop("SHA256SUMS").decode("utf-8")
    listed = dict(reversed(line.split("  ", 1)) for line in sums.splitlines())
    assert listed == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def test_same_files_same_bytes(checkout, packed):
    made, without_texts = packed
    assert archive(Project(checkout.root), without_texts=without_texts)[0] == made[0]


def test_metadata_say_what_may_be_done(checkout, packed):
    made, without_texts = packed
    files = entries(made[0])
    found = json.loads(files[".zenodo.json"])
    jsonschema.validate(found, ZENODO)
    assert found["access_right"] == ("open" if without_texts else "restricted")
    about = files["ARCHIVE.md"].decode("utf-8")
    assert ("**left out**" in about) is without_texts
    assert any("not to be published" in line for line in made[2]) is not without_texts
    for row in checkout.read_table("sources").itertuples():
        assert row.sha256 in about


def test_without_texts_no_file_of_the_project_holds_a_text():
    """No tracked file but the text itself has a long stretch of a text that may only be quoted."""
    project = Project(ROOT)
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    files = entries(archive(project, without_texts=True)[0])
    for row in project.read_table("sources").itertuples():
        raw = (project.data / row.path).read_text(encoding="utf-8")
        pieces = [raw[n : n + 1000] for n in range(0, len(raw) - 1000, 250)]
        wanted = [
            form.encode("utf-8")
            for piece in pieces
            for form in (piece, json.dumps(piece, ensure_ascii=False)[1:-1])
        ]
        held = [name for name, data in files.items() if any(w in data for w in wanted)]
        assert held == [], (row.source_id, held)


def test_raw_texts_are_stored_as_they_are(checkout):
    """Where git would turn CR LF into LF, a text would no longer be the one that was coded."""
    raw = b"\xef\xbb\xbfone\r\ntwo\rthree\n"
    path = checkout.data / "sources" / "new.txt"
    path.write_bytes(raw)
    git(checkout.root, "add", str(path))
    try:
        held = ["git", "-C", str(checkout.root), "show", ":data/sources/new.txt"]
        assert subprocess.run(held, check=True, capture_output=True).stdout == raw
    finally:
        git(checkout.root, "rm", "--force", "--quiet", str(path))


def test_citation_validates(program, checkout, tmp_path):
    cffconvert = program("cffconvert==2.0.0") / "cffconvert"
    path = tmp_path / "CITATION.cff"
    path.write_bytes(entries(archive(checkout)[0])["CITATION.cff"])
    done = subprocess.run(
        [cffconvert, "--validate", "-i", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    form = [cffconvert, "-f", "zenodo", "-i", path]
    made = subprocess.run(form, capture_output=True, text=True, check=True)
    assert (
        json.loads(made.stdout)["title"]
        == json.loads(entries(archive(checkout)[0])[".zenodo.json"])["title"]
    )


def run(root: Path, *arguments: str):
    return CliRunner().invoke(main, ["archive", "--project", str(root), *arguments])


def test_command(checkout, tmp_path):
    path = tmp_path / "a.zip"
    done = run(checkout.root, "--to", str(path))
    assert done.exit_code == 0 and "not to be published" in done.stderr
    assert re.fullmatch(r"\d+ files written to .*\n", done.stdout)
    again = run(checkout.root, "--to", str(path))
    assert again.exit_code == 2 and "--force" in again.stderr
    public = run(checkout.root, "--without-texts", "--to", str(path), "--force")
    assert public.exit_code == 0
    assert public.stderr == "Left out, for git does not know them: private.txt\n"


def test_a_text_that_git_does_not_know_is_not_told_of(checkout, tmp_path):
    root = shutil.copytree(checkout.root, tmp_path / "p")
    known = sorted(texts(Project(root)))
    git(root, "rm", "--quiet", "--cached", known[0])
    content, _, remarks = archive(Project(root))
    files = entries(content)
    listed = re.findall(r"data/sources/\S+\.txt", files["ARCHIVE.md"].decode())
    assert known[0] not in {*listed, *files} and set(listed) == {*known[1:]}
    assert any(f"It holds {len(known) - 1} files of texts" in remark for remark in remarks)


def test_changed_and_missing_files_are_told(checkout, tmp_path):
    shutil.copytree(checkout.root, tmp_path / "p")
    root = tmp_path / "p"
    (root / "README.md").write_text("changed")
    done = run(root, "--without-texts", "--to", str(tmp_path / "a.zip"))
    assert "1 file differs from the last commit" in done.stderr
    (root / "LICENSE").unlink()
    gone = run(root, "--to", str(tmp_path / "b.zip"))
    assert gone.exit_code == 2 and gone.stderr.startswith("ngolib: LICENSE: belongs to the project")
    assert not (tmp_path / "b.zip").exists()


def test_a_text_that_may_only_be_quoted_stays_out_under_whatever_name(checkout, tmp_path):
    root = shutil.copytree(checkout.root, tmp_path / "p")
    text = next(iter(texts(Project(root))))
    shutil.copy(root / text, root / "copy.txt")
    git(root, "mv", text, "data/sources/renamed.txt")
    git(root, "add", "copy.txt")
    files = entries(archive(Project(root), without_texts=True)[0])
    assert (root / "copy.txt").read_bytes() not in files.values()


def test_a_text_stays_out_packed_or_with_other_line_ends_too(checkout, tmp_path):
    root = shutil.copytree(checkout.root, tmp_path / "p")
    assert run(root, "--to", str(root / "all.zip")).exit_code == 0
    assert run(root, "--to", str(root / "ngo-regulation.zip")).exit_code == 0
    text = (root / next(iter(texts(Project(root))))).read_bytes()
    (root / "copy.txt").write_bytes(b"Copied:\n" + text.replace(b"\n", b"\r\n"))
    (root / "data/coding/copy.txt").write_bytes(text)  # beside our tables, which hold quotations
    git(root, "add", "-A")
    done = run(root, "--without-texts", "--to", str(tmp_path / "a.zip"))
    for name in ("all.zip", "copy.txt", "data/coding/copy.txt"):
        assert f"{name} holds a text that may only be quoted, and is left out." in done.stderr
    names = {n.partition("/")[2] for n in zipfile.ZipFile(tmp_path / "a.zip").namelist()}
    # The place that is there by default does not even belong to the project.
    assert names.isdisjoint({"all.zip", "copy.txt", "data/coding/copy.txt", "ngo-regulation.zip"})


def zipped(*entries, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(out := io.BytesIO(), "w", method) as file:
        for name, content in entries:
            file.writestr(name, content)
    return out.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_text_stays_out_in_other_encodings_and_escapes_too(checkout, tmp_path):
    root = shutil.copytree(checkout.root, tmp_path / "p")
    words = " ".join(f"закон{'аеиоуйэ'[n % 7]}{'бвгд'[n % 4] * (n % 5)}" for n in range(200))
    short = [f"news{'aeiou'[n % 5]}{'bcdfghk'[n % 7]}" for n in range(60)]
    for name, text in (("new", words), ("short", " ".join(short))):
        (root / "data" / "sources" / f"{name}.txt").write_text(text)
    link = f"<a href='https://example.org/?{'x' * 400}'>, </a>"
    note = f"<!-- {'ad > ' * 99} --> "
    holds = {
        "c.json": json.dumps([words]).encode(),
        "e.xml": f"<a><![CDATA[{words}]]></a>".encode(),
        "f.json": json.dumps([words.replace(" ", "\r\n\t")], ensure_ascii=False).encode(),
        "g.html": f"<p>{words.replace('закон', 'за&shy;кон')}</p>".encode(),
        "h.txt": unicodedata.normalize("NFD", words).encode(),
        "i.html": f"<p>{words.replace(' ', link)}</p>".encode(),
        "j.html": f"<p>{words.replace(' ', note)}</p>".encode(),
        "k.zip": zipped(("a.png", b"\x89PNG\r\n\xff"), ("a.txt", words)),
        "l.zip": words.encode() + zipped(("a.txt", "other")),
        "m.gif": b"GIF8 " + words.encode(),
        "n.html": f"<p>{words}</p>{'<!--' * 50_000}".encode(),
        "o.docx": zipped(("word/document.xml", words.replace("ко", "к</w:t><w:t>о"))),
        "q.json": json.dumps(f"<p>{words.replace(' ', '</p><p>')}")
        .replace("<", "\\u003c")
        .encode(),
        "r.xml": f"<d>&lt;p&gt;{words.replace(' ', '&lt;/p&gt;&lt;p&gt;')}</d>".encode(),
        "s.md": re.sub(r"((?:\S+ ){20})(\S+)", r"\1[\2](https://example.org/a/b)", words).encode(),
        "t.txt": re.sub(r"(?:\S+ ){9}", lambda m: f"{m.end()}  {m[0]}\n", words).encode(),
        "p.txt": words.replace("ко", "к=\r\nо").encode(),
        "u.txt": re.sub(r"(?:\S+ ){60}", r"\g<0>\nRead also: a law\n", words).encode(),
        "v.txt": " ".join(short[6:]).encode(),
        "w.txt": " ".join([*short[:6], "Astana, 2 May 2013", *short[6:]]).encode(),
    }
    closed = {
        "a.txt": words.encode("utf-16"),
        "a2.txt": words.encode("utf-16-le"),
        "a.eml": b"To: a@b\nContent-Transfer-Encoding: base64\n\n" + b64encode(words.encode()),
        "a.rtf": rb"{\rtf1 " + words.encode(),
        "b.html": b"<script>" + b"x " * 9999 + b"</script>" + words.encode("cp1251"),
        "d.csv.gz": gzip.compress(words.encode()),
        "colon.zip": zipped(("12:30.txt", "x"), ("a.txt", words)),
        "twice.zip": zipped(("a.txt", words), ("a.txt", words)),
        "large.zip": zipped(("a.csv", "0," * 3_000_000), ("a.txt", words)),
        "within.zip": zipped(("a.zip", zipped(("a.txt", words)))),
    }
    may = {"figure.png": b"\x89PNG\r\n\xff", "other.zip": zipped(("a.txt", words[:99]))}
    may["data/coding/mine.csv"] = words.encode()  # which holds quotations
    may["quotes.md"] = " ".join([*short[4:20], "and", *short[40:60]]).encode()
    (root / "data" / "sources" / "README.md").write_text("# Source texts\n")
    may["sources.md"] = b"Of source texts.\n"
    for name, content in (holds | closed | may).items():
        (root / name).write_bytes(content)
    git(root, "add", "-A")
    content, _, remarks = archive(Project(root), without_texts=True)
    for name in holds:
        assert f"{name} holds a text that may only be quoted, and is left out." in remarks
    for name in closed:
        assert f"{name} cannot be looked into, and is left out." in remarks
    assert set(may) <= set(entries(content)) and not {*holds, *closed} & set(entries(content))


def test_a_text_that_may_go_out_does_so_in_whatever_form(checkout, tmp_path):
    root = shutil.copytree(checkout.root, tmp_path / "p")
    name, sources = next(iter(texts(Project(root)))), root / "data" / "sources.csv"
    rows = sources.read_text("utf-8")
    sources.write_text(rows.replace(",quotes,", ",full,"), "utf-8")
    (root / name).write_bytes("о законе".encode("cp1251"))
    assert name in entries(archive(Project(root), without_texts=True)[0])


def test_what_is_changed_beside_the_project_is_not_told(checkout, tmp_path):
    shutil.copytree(checkout.root, tmp_path / "p", ignore=shutil.ignore_patterns(".git"))
    (tmp_path / "beside.txt").write_text("1")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "-A")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "x")
    (tmp_path / "beside.txt").write_text("2")
    assert not any("differ" in told for told in archive(Project(tmp_path / "p"))[2])


def test_a_text_without_a_row_stays_out(checkout, tmp_path):
    root = shutil.copytree(checkout.root, tmp_path / "p")
    text = next(iter(texts(Project(root))))
    sources = root / "data" / "sources.csv"
    rows = sources.read_text(encoding="utf-8").splitlines(keepends=True)
    sources.write_text("".join(r for r in rows if text.removeprefix("data/") not in r), "utf-8")
    content = (root / text).read_bytes()
    assert content not in entries(archive(Project(root), without_texts=True)[0]).values()


def test_what_a_link_leads_to_outside_is_not_packed(checkout, tmp_path):
    root = shutil.copytree(checkout.root, tmp_path / "p")
    (tmp_path / "elsewhere").write_text("secret")
    (root / "README.md").unlink()
    (root / "README.md").symlink_to(tmp_path / "elsewhere")
    done = run(root, "--to", str(tmp_path / "a.zip"))
    assert done.exit_code == 2 and not (tmp_path / "a.zip").exists()
    assert done.stderr.startswith("ngolib: README.md: leads out of the project")


def test_where_nothing_says_what_belongs_to_the_project(copy, tmp_path):
    shutil.copy(ROOT / ".zenodo.json", copy.root)
    done = run(copy.root, "--to", str(tmp_path / "out" / "a.zip"))
    assert done.exit_code == 2 and "it is not known which files" in done.stderr


def test_a_text_in_another_form_does_not_go_out(checkout, tmp_path):
    text = (checkout.data / "sources/iwpr-2006.txt").read_text("utf-8")
    words = text.split()
    kept = {
        "notebooks/mine.ipynb": json.dumps({"cells": [{"outputs": [{"text": text}]}]}),
        "docs/page.html": f"<pre>{html.escape(text).replace('. ', '.<br>')}</pre>",
        "docs/words.txt": " ".join(words[:300]),
    }
    may = {"docs/quote.md": " ".join(words[40:120])}
    for name, content in (kept | may).items():
        (checkout.root / name).parent.mkdir(exist_ok=True)
        (checkout.root / name).write_text(content)
    git(checkout.root, "add", "--all", "--force", *kept, *may)
    content, _, remarks = archive(checkout, without_texts=True)
    assert not set(kept) & set(entries(content)) and set(may) <= set(entries(content))
    assert all(any(line.startswith(name) for line in remarks) for name in kept)
