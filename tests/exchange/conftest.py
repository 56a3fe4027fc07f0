"""A project with an awkward text, and other people's programs in environments of their own."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ngolib.exchange.qdpx_write import project_file
from ngolib.project import Project

# A byte order mark, CR LF, a lone CR, Cyrillic, emoji outside the basic plane, joined and combining
# characters, a zero-width space, and what XML would have to escape.
ODD = (
    "\ufeffМинистр 😀 обещает закон\r\n"
    "\r\n"
    "Министр юстиции сообщил 5 мая 2014 года 👩‍👩‍👧, что закон «О НПО» & поправки <готовы>. "
    "Его подписали\u200b 😀😀 вчера, e\u0301.\r\n"
    "\r\n"
    "Қазақстан ҮЕҰ туралы заң қабылдады 🇰🇿; это подтвердили все.\rКонец 😀.\r\n"
)
QUOTES = ("закон «О НПО» & поправки <готовы>", "😀😀 вчера, e\u0301", "ҮЕҰ туралы заң", "Конец 😀")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: Sequence[dict[str, str]]) -> None:
    # Records end with CR LF while they are written, so that a cell with a lone CR is quoted.
    lines = []
    for cells in [list(rows[0]), *([row[key] for key in rows[0]] for row in rows)]:
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\r\n").writerow(cells)
        lines.append(out.getvalue().removesuffix("\r\n") + "\n")
    path.write_bytes("".join(lines).encode("utf-8"))


def add_odd_text(project: Project, redistribution: str = "quotes") -> None:
    """Add the awkward text, one article in it, and one coded statement per quote."""
    data = project.data
    (data / "sources" / "odd.txt").write_bytes(ODD.encode("utf-8"))
    sources = rows_of(data / "sources.csv")
    digest = hashlib.sha256(ODD.encode("utf-8")).hexdigest()
    odd = {"source_id": "odd", "path": "sources/odd.txt", "sha256": digest, "language": "ru"}
    write_rows(
        data / "sources.csv",
        [*sources, {**sources[0], **odd, "redistribution": redistribution}],
    )
    articles = rows_of(data / "articles.csv")
    write_rows(
        data / "articles.csv",
        [*articles, {**articles[0], "article_id": "odd.1", "source_id": "odd"}],
    )
    for name in ("coding/coders/a.csv", "coding/statements.csv"):
        coded = rows_of(data / name)
        write_rows(data / name, [*coded, *(odd_row(coded[0], quote) for quote in QUOTES)])


def odd_row(like: dict[str, str], quote: str) -> dict[str, str]:
    start = ODD.index(quote)
    end = start + len(quote)
    placed = {
        "statement_id": f"odd.1-s{start}",
        "article_id": "odd.1",
        "exact": quote,
        "prefix": ODD[max(0, start - 32) : start],
        "suffix": ODD[end : end + 32],
        "start": str(start),
        "end": str(end),
        "date_stated": "5 мая\r\n\\2014" if quote == QUOTES[0] else "",
        "note": "id: none, не строка" if quote == QUOTES[1] else "",
    }
    return {**like, **placed}


@pytest.fixture(scope="session")
def odd(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project with the awkward text, which may only be quoted; not to be damaged."""
    root = tmp_path_factory.mktemp("odd")
    shutil.copytree(project.data, root / "data")
    add_odd_text(Project(root))
    return Project(root)


def save(project: Project, path: Path, *codings: str, with_texts: bool = False) -> Path:
    path.write_bytes(project_file(project, codings, with_texts=with_texts))
    return path


def remake(path: Path, changed: dict[str, bytes | None], to: Path) -> Path:
    """Write a zip file anew with other content for some entries; None leaves one out."""
    with zipfile.ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in {**entries, **changed}.items():
            if content is not None:
                file.writestr(name, content)
    to.write_bytes(out.getvalue())
    return to


def edit(path: Path, to: Path, *replaced: tuple[str, str]) -> Path:
    """Change the words of project.qde."""
    with zipfile.ZipFile(path) as file:
        text = file.read("project.qde").decode("utf-8")
    for old, new in replaced:
        assert old in text, old
        text = text.replace(old, new)
    return remake(path, {"project.qde": text.encode("utf-8")}, to)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Install someone else's program into an environment that is thrown away; skip if it fails.

    They are no part of the project: some have other licences, and some need other versions of what
    the project needs.
    """
    folder = tmp_path_factory.mktemp("programs")
    uv = Path(sys.executable).with_name("uv")
    found = str(uv) if uv.is_file() else shutil.which("uv")

    def install(requirement: str) -> Path:
        if found is None:
            pytest.skip("uv is not installed: no environment for other programs")
        place = folder / requirement.partition("==")[0]
        if not place.is_dir():
            make = [found, "venv", "--quiet", "--python", sys.executable, str(place)]
            subprocess.run(make, check=True, capture_output=True)
        add = [found, "pip", "install", "--quiet", "--python", str(place), requirement]
        try:
            done = subprocess.run(add, capture_output=True, text=True, timeout=300, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip(f"{requirement} could not be installed in time")
        if done.returncode:
            pytest.skip(f"{requirement} could not be installed: {done.stderr.strip()[-200:]}")
        return place / ("Scripts" if sys.platform == "win32" else "bin")

    return install
