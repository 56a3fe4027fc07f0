"""Whatever stands in a file that a user can touch, a command ends with clear lines, and soon.

Of each kind of file a real one is changed: in its structure (any value of any key becomes odd), in
its bytes, or in what it is (a folder, a pipe, a device, a link that leads nowhere). The command is
called as the command line calls it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import tomllib
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from add.files import META, PARAGRAPHS, page, pdf, word
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reports.conftest import PLAN, write_notebook

from ngolib.cli import main
from ngolib.intake import add as adding
from ngolib.intake import reading

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = int(os.environ.get("ODD_INPUTS", "6"))
SECONDS, LONGEST, MOST_LINES = 20, 1200, 40
DIGITS, DEEP = "9" * 5000, "[" * 3000 + "]" * 3000
PARAMETERS = 'countries: list[Country] = ["KAZ"]  # countries\nstart: Year = 1991\n'
ROWS = {"vocabulary": 10**6, "statements": 8, "coder_a": 8}
ODD_VALUES: list[Any] = [
    None, True, -1, 0, 2.5, float("nan"), 10**30, "@digits", "@deep", "", " ", "x" * 100_000,
    "\ud800", "\u202e\u2066abc", "\x1b[31m\x07", "a\nb\r\nc", "\0", "ﬀ\u0301é", "../../etc/passwd",
    "/dev/zero", "2026-13-45", "1812-01-01", "=1+1", "[", "(a+)+$", "KAZ", [], {}, [[]], [None],
    ["a", 1, {}], {"": {"": []}}, {"a": {"b": {"c": 1}}}, {"name": "x"}, [["KAZ", "KAZ"]],
]  # fmt: skip
BLOBS = [
    b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r", b"\n\n\n", b'"', b",", b"{",
    b"]", "\u202e".encode(), b"\x1b[2J", b"-" * 70_000, DIGITS.encode(), DEEP.encode(), b"<" * 3000,
    b"<a>" * 3000, b"&a;", b"%PDF-1.7", b"PK\x03\x04", b"x=" * 500, b"-" * 3000 + b"1",
]  # fmt: skip


def _as_toml(value: Any) -> str:
    """Write a value of TOML in one line; its keys and texts are those of JSON."""
    if isinstance(value, dict):
        pairs = (f"{json.dumps(k)} = {_as_toml(v)}" for k, v in value.items() if v is not None)
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(_as_toml(one) for one in value if one is not None)}]"
    return "nan" if value != value else json.dumps(value, default=str)


def _all_of_toml(content: Any) -> str:
    whole = content if isinstance(content, dict) else {"x": content}
    lines = (f"{json.dumps(k)} = {_as_toml(v)}\n" for k, v in whole.items() if v is not None)
    return "".join(lines)


def _places(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield where
    if isinstance(value, dict | list):
        inner = value if isinstance(value, dict) else range(len(value))
        for key in inner:
            yield from _places(value[key], (*where, key))


def _changed(content: Any, chance: random.Random) -> Any:
    """Make something in a tree of lists and keys odd: replaced, gone, doubled, or added."""
    *above, last = chance.choice([*_places(content)]) or (None,)
    if last is None:
        return chance.choice(ODD_VALUES)
    inside = content
    for key in above:
        inside = inside[key]
    odd, how = (
        chance.choice(ODD_VALUES),
        chance.choice(["other", "other", "gone", "in a list", "new"]),
    )
    if how == "gone":
        del inside[last]
    elif how == "new" and isinstance(inside, dict):
        inside[str(odd)[:300]] = odd
    elif how == "new":
        inside.insert(last, odd)
    else:
        inside[last] = [inside[last]] if how == "in a list" else odd
    return content


def _tree(read: Callable[[str], Any], write: Callable[[Any], str]) -> Callable[..., bytes]:
    def change(raw: bytes, chance: random.Random) -> bytes:
        text = write(_changed(read(raw.decode()), chance))
        text = text.replace('"@digits"', DIGITS).replace('"@deep"', DEEP)
        return text.encode(errors="surrogatepass")

    return change


def _bytes(raw: bytes, chance: random.Random) -> bytes:
    """Cut, double, or fill a file of anything, or write it in another encoding."""
    one, two = sorted(chance.choices(range(len(raw) + 1), k=2))
    blob = chance.choice(BLOBS)
    return chance.choice(
        [
            raw[:one],
            raw[one:],
            raw + raw,
            raw[:one] + raw[two:],
            raw[:two] + raw[one:],
            raw[:one] + blob + raw[one:],
            raw[:one] + blob + raw[two:],
            blob,
            blob + raw,
            raw + blob,
            raw.decode("utf-8", "replace").encode("utf-16"),
            raw.replace(b"\n", b"\r\n", chance.choice([-1, 1])),
            bytes(b ^ (chance.random() < 0.01) * chance.randrange(256) for b in raw[:20_000]),
        ]
    )


def _table(raw: bytes, chance: random.Random) -> bytes:
    """Make a cell, a row or a column of a CSV odd."""
    rows = list(csv.reader(io.StringIO(raw.decode())))
    row = chance.choice(rows)
    odd = chance.choice(
        [str(one) for one in ODD_VALUES] + [b.decode(errors="ignore") for b in BLOBS]
    )
    for _ in range(chance.choice([1, 1, 3])):
        how = chance.randrange(6)
        if how < 3:
            row[chance.randrange(len(row))] = odd
        elif how == 3:
            rows.insert(chance.randrange(len(rows) + 1), list(row))
        elif how == 4:
            row.insert(chance.randrange(len(row)), odd)
        elif len(row) > 1:
            del row[chance.randrange(len(row))]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=chance.choice([0, 1])).writerows(rows)
    return out.getvalue().encode(errors="surrogatepass")


def _zipped(raw: bytes, chance: random.Random) -> bytes:
    """Change an entry of a zip file, its name, or how often it stands there."""
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    name, out = chance.choice([*entries]), io.BytesIO()
    content = (
        _markup(entries[name], chance) if chance.random() < 0.7 else _bytes(entries[name], chance)
    )
    other = chance.choice(
        [name, name, name, f"../{name}", f"/{name}", "x" * 300, f"{name}\\..\\a", "é"]
    )
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        warnings.simplefilter("ignore")  # that a name stands there twice is meant
        for own, was in entries.items():
            if own != name:
                file.writestr(own, was)
            elif chance.random() < 0.9:
                file.writestr(other, content)
        if chance.random() < 0.1:
            file.writestr(name, content)
    return out.getvalue()


def _markup(raw: bytes, chance: random.Random) -> bytes:
    """Make an attribute, a tag or a text of XML or HTML odd."""
    text = raw.decode("utf-8", "replace")
    pieces = [*re.finditer(r'"[^"<>]*"|(?<=>)[^<>]+(?=<)|</?[\w:]+', text)]
    if not pieces:
        return _bytes(raw, chance)
    piece, odd = chance.choice(pieces), chance.choice([str(v) for v in ODD_VALUES] + ["<b>" * 3000])
    odd = chance.choice([odd, odd, odd.replace('"', "&quot;"), "-1", "999999999999", ""])
    odd = f'"{odd}"' if piece[0][0] == '"' else odd
    return f"{text[: piece.start()]}{odd}{text[piece.end() :]}".encode(errors="surrogatepass")


NAMES = ["start", "_x", "model_config", "class", "self", "json", "copy", "é", "x" * 300, "__doc__"]
TYPES = [
    "int", "float", "str", "bool", "Year", "list[Country]", "Country | None", "Literal[1, 'a']",
    "Literal[()]", "Literal[[1]]", "Literal['a', ['b']]", "list[list[int]]", "list[int, str]",
    "Literal[-1]", "Literal[1.5]", "list", "1", "None", "int | str", "list[int | None] | None",
    "X.Y", "list[" * 300 + "int" + "]" * 300, "Literal[" + "-" * 3000 + "1]", "Literal[f'{1}']",
    "dict",
]  # fmt: skip
DEFAULTS = [
    "1", "-1", "--1", "-" * 3000 + "1", "[[1]]", "{}", "{[]: 1}", "lambda: 0", "1e999", "-1e999",
    DIGITS, DEEP, r"'\ud800'", "b'x'", "...", "1 + 2j", "f'{1}'", "(1,)", "{1, 2}", "None", "2000",
    r"'\x00'", "0x" + "f" * 9000, "'x' 'y'", "['KAZ', 'KAZ']", "not 1", "'a\nb'", "",
]  # fmt: skip


def _declaration(raw: bytes, chance: random.Random) -> bytes:
    """Let a notebook declare odd parameters."""
    notebook, lines = json.loads(raw), [PARAMETERS.strip()] * chance.randrange(2)
    for _ in range(chance.choice([1, 1, 2])):
        end = chance.choice(["", "", "  # é", "; x = 1"])
        head = f"{chance.choice(NAMES)}: {chance.choice(TYPES)}"
        lines.append(f"{head} = {chance.choice(DEFAULTS)}{end}")
    notebook["cells"][1]["source"] = chance.choice(["\n", "\n", "\r", "\n  "]).join(lines)
    return json.dumps(notebook).encode()


def _folder(path: Path) -> None:
    path.mkdir()


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _nowhere(path: Path) -> None:
    path.symlink_to("no/such/file")


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)


NO_FILES = [_folder, _endless, _nowhere, _loop, _huge, os.mkfifo, Path.touch]

JSON = _tree(json.loads, json.dumps)
TOML = _tree(tomllib.loads, _all_of_toml)
YAML = _tree(yaml.safe_load, lambda value: json.dumps(value, default=str))
# Each kind of file: how its structure is changed, and the commands that read it ({} is its place).
KINDS: dict[str, tuple[Callable[..., bytes], list[str]]] = {
    "data/datapackage.json": (JSON, ["check", "export sources --to out"]),
    "data/codebook/vocabulary.csv": (_table, ["check", "report --dry-run"]),
    "data/cleaning.toml": (TOML, ["check", "suggest iwpr-2006.1"]),
    "data/sources.csv": (_table, ["check", "suggest iwpr-2006.1"]),
    "data/articles.csv": (_table, ["check", "suggest iwpr-2006.1"]),
    "data/sources/iwpr-2006.txt": (_bytes, ["check", "suggest iwpr-2006.1"]),
    "data/coding/statements.csv": (_table, ["check", "code --list"]),
    "data/coding/drafts/me.csv": (_table, ["check", "code --list", "code --accept --coder me"]),
    "data/register/acts.csv": (_table, ["check", "export acts --to out"]),
    "data/register/rules.csv": (_table, ["check", "export rules --to out --format xlsx"]),
    "data/register/steps.csv": (_table, ["check", "export events --to out"]),
    "data/register/ratings.csv": (_table, ["check"]),
    "data/register/counts.csv": (_table, ["check"]),
    "data/register/treaties.csv": (_table, ["check"]),
    "data/register/search_log.csv": (_table, ["check"]),
    "data/codebook/ladders.csv": (_table, ["check"]),
    "data/patterns.csv": (_table, ["check", "suggest iwpr-2006.1"]),
    "data/register/references.bib": (_bytes, ["check"]),
    "reports/plan.toml": (TOML, ["list", "report --dry-run"]),
    "reports/good/results.json": (JSON, ["list", "report --dry-run", "diff {} {}"]),
    "reports/.logs/good.json": (JSON, ["list", "report --dry-run"]),
    "notebooks/01_good.ipynb": (JSON, ["list", "report good -p start=2000 --dry-run"]),
    "notebooks/02_small.ipynb": (
        _declaration,
        ["list", "report small -p start=2000 --dry-run", "report small -p x=1 --dry-run"],
    ),
    "CITATION.cff": (YAML, ["export sources --to out", "report --dry-run"]),
    ".zenodo.json": (JSON, ["archive --to out.zip"]),
    "theirs.csv": (_table, ["agreement {} --against a"]),
    "theirs.qdpx": (_zipped, ["qda import {} --to out.xlsx", "qda import {} --to out.csv"]),
    "theirs.xlsx": (_zipped, ["code {} --coder me"]),
    "run.json": (JSON, ["diff {} run.json", "diff run.json {}"]),
    "page.html": (_markup, ["add {} --dry-run"]),
    "page.docx": (_zipped, ["add {} --dry-run"]),
    "page.pdf": (_bytes, ["add {} --dry-run"]),
    "page.txt": (_bytes, ["add {} --dry-run", "add {} --dry-run --encoding utf-8"]),
}  # fmt: skip


def _tracked(root: Path) -> None:
    for command in ("init -q", "add data CITATION.cff .zenodo.json"):
        subprocess.run(["git", "-C", str(root), *command.split()], check=True)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a file of every kind: our schema, a few rows of each table, one text."""
    root = tmp_path_factory.mktemp("odd") / "project"
    shutil.copytree(ROOT / "data", root / "data", ignore=shutil.ignore_patterns("sources"))
    (root / "data/sources").mkdir()
    for name in ("data/sources/iwpr-2006.txt", "CITATION.cff", ".zenodo.json"):
        shutil.copy(ROOT / name, root / name)
    for resource in json.loads((ROOT / "data/datapackage.json").read_text())["resources"]:
        path, most = root / "data" / resource["path"], ROWS.get(resource["name"], 4)
        header, *rows = csv.reader(path.open(newline=""))
        if resource["name"] in ("sources", "articles", "statements", "coder_a"):
            rows = [row for row in rows if any(re.match(r"iwpr-2006\b", cell) for cell in row)]
        with path.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows[:most]])
    drafts = root / "data/coding/drafts"
    drafts.mkdir(exist_ok=True)
    shutil.copy(root / "data/coding/statements.csv", drafts / "me.csv")
    shutil.copy(root / "data/coding/coders/a.csv", root / "theirs.csv")
    (root / "notebooks").mkdir()
    for name in ("01_good", "02_small"):
        cells = ["# What?", (PARAMETERS, "parameters"), "print(countries)"]
        write_notebook(root / f"notebooks/{name}.ipynb", cells)
    (root / "reports/good").mkdir(parents=True)
    (root / "reports/.logs").mkdir()
    (root / "reports/plan.toml").write_text(PLAN.replace(', in_depth = "assembly"', ""))
    from ngolib.reports.publish import as_record

    finding = {"name": "f", "text": "Two.", "value": 2, "evidence": ["S1"], "headline": True}
    record: dict[str, Any] = {"slug": "good", "title": "Good", "question": "What?", "command": ""}
    record |= {"findings": [finding], "evidence": ["S1"], "parameters": {}, "settings": {}}
    record |= {
        "inputs": {"data": {"a": "1"}},
        "manifest": {},
        "key": "",
        "figure": "",
        "tables": [],
    }
    (root / "reports/good/results.json").write_bytes(as_record(record))
    (root / "run.json").write_bytes(as_record(record))
    (root / "reports/.logs/good.json").write_bytes(as_record({"seconds": 1, "lines": ["a"]}))
    (root / "reports/.lock").touch()
    said = (
        call(root, "qda export --coding a --to theirs.qdpx"),
        call(root, "suggest iwpr-2006.1 --to theirs.xlsx"),
    )
    assert not any(one.exit_code for one in said), said
    (root / "page.html").write_text(page(head=META))
    (root / "page.docx").write_bytes(word())
    (root / "page.pdf").write_bytes(pdf(PARAGRAPHS))
    (root / "page.txt").write_text("\n\n".join(["A new law on clubs", *PARAGRAPHS]))
    _tracked(root)
    return root


def call(root: Path, command: str, place: str = "") -> Result:
    """Call a command in a project, as from its folder."""
    arguments = [part.replace("{}", place) for part in command.split()]
    for n, part in enumerate(arguments[1:], 1):
        if part.startswith(("out", "theirs", "run.json")):
            arguments[n] = str(root / part)
    return CliRunner().invoke(
        main, [*arguments, "--project", str(root)] if arguments[0] != "diff" else arguments
    )


def _state(root: Path) -> dict[str, str]:
    """Return a hash of every plain file, but those that runs note for themselves."""
    paths = (p for p in root.rglob("*") if not p.is_symlink() and p.is_file())
    kept = (
        p for p in paths if p.stat().st_size < 2**30 and ".git" not in p.parts and p.name != ".lock"
    )
    return {
        p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in kept
    }


def _stop(*_: object) -> None:
    raise AssertionError(f"no end after {SECONDS} seconds")


def check_told(root: Path, command: str, name: str) -> None:
    """Call a command with an odd file: it tells, in few lines, and changes nothing when refused."""
    before = _state(root)
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(SECONDS)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            result = call(root, command, str(root / name))
    finally:
        signal.alarm(0)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert not warned, [str(one.message) for one in warned]
    assert result.exit_code in (0, 1, 2), (command, result.output)
    if result.exit_code:
        assert result.output, command
        assert "Traceback" not in result.output
        for line in result.stderr.splitlines():
            assert len(line) <= LONGEST, line
            assert line.isprintable(), line
        if not (command.startswith("check") or name.endswith(".csv")):  # there, a line a defect
            assert re.search(
                r"01_|02_|plan" if "notebooks" in name else Path(name).stem, result.stderr
            )
            assert len(result.stderr.splitlines()) <= MOST_LINES, result.stderr[:3000]
        after = _state(root)
        assert {n for n in before if before[n] != after.get(n)} == set(), command
        left = {n for n in after if n not in before}
        assert not left, left


@pytest.fixture
def here(whole: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NGOLIB_PROJECT", raising=False)
    # A start of the libraries for each file would take most of the time.
    monkeypatch.setattr(adding, "read_apart", reading.read)
    return whole


def _put_back(root: Path, name: str, raw: bytes) -> None:
    path = root / name
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
    path.write_bytes(raw)
    for out in root.glob("out*"):
        shutil.rmtree(out, ignore_errors=True)
        out.unlink(missing_ok=True)


@pytest.mark.parametrize("name", KINDS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES < 100,
    database=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
def test_whatever_stands_in_a_file_is_told(here: Path, name: str, seed: int) -> None:
    chance = random.Random(seed)
    raw = (here / name).read_bytes()
    change, commands = KINDS[name]
    odd = chance.choice([change, change, _bytes])(raw, chance)
    try:
        (here / name).write_bytes(odd)
        check_told(here, chance.choice(commands), name)
    except BaseException:
        if keep := os.environ.get("ODD_KEEP"):
            (Path(keep) / f"{hashlib.sha256(odd).hexdigest()[:8]}-{Path(name).name}").write_bytes(
                odd
            )
        raise
    finally:
        _put_back(here, name, raw)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_no_plain_file_is_told(here: Path, name: str) -> None:
    raw = (here / name).read_bytes()
    for make in NO_FILES:
        for command in KINDS[name][1]:
            (here / name).unlink()
            try:
                make(here / name)
                check_told(here, command, name)
            except BaseException as error:
                error.add_note(f"{make.__name__}: {command}")
                raise
            finally:
                _put_back(here, name, raw)


@pytest.mark.parametrize(
    ("command", "ending", "allowed"),
    [
        ("qda import x.qdpx", "pdf", ".csv or .xlsx"),
        ("suggest iwpr-2014.1", "pdf", ".csv or .xlsx"),
        ("agreement x.csv", "xlsx", ".csv\n"),
    ],
)
def test_rows_are_written_as_what_the_ending_says(
    here: Path, command: str, ending: str, allowed: str
) -> None:
    command = f"{command} --project {here} --to {here / 'a'}.{ending}"
    done = CliRunner().invoke(main, command.split())
    assert done.exit_code == 2 and f"a.{ending}' found; allowed: {allowed}" in done.stderr


def test_nothing_is_written_in_the_place_of_a_link(here: Path, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "broken").symlink_to("nowhere")
    for name in ("link", "broken"):
        command = ["qda", "codebook", "--to", str(tmp_path / name), "--force"]
        done = CliRunner().invoke(main, command, env={"NGOLIB_PROJECT": str(here)})
        assert done.exit_code == 2 and f"{name}: is a link" in done.stderr
    assert (tmp_path / "there").read_text() == "mine" and (tmp_path / "link").is_symlink()
