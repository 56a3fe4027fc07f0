"""Reading raw texts."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ngolib.errors import ProjectError
from ngolib.texts import read_source


def test_what_is_read_is_what_stands_in_the_file(tmp_path: Path) -> None:
    raw = "\ufeffа\r\nқ\rx\u2028y\x0b\n".encode()
    file = tmp_path / "a.txt"
    file.write_bytes(raw)
    text = read_source(file, sha256=hashlib.sha256(raw).hexdigest())
    assert text.encode() == raw
    assert text[0] == "\ufeff"  # a byte order mark keeps its offset


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (None, "cannot be read"),
        (b"", "empty"),
        (b"ab\xffcd", "byte 0xff at position 2"),
        ("Қазақ".encode("utf-16"), "not UTF-8"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path: Path, raw: bytes | None, words: str) -> None:
    file = tmp_path / "broken.txt"
    if raw is not None:
        file.write_bytes(raw)
    with pytest.raises(ProjectError, match=words) as caught:
        read_source(file)
    assert "broken.txt" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_changed_file_is_named_with_both_sums(tmp_path: Path) -> None:
    file = tmp_path / "changed.txt"
    file.write_bytes(b"new")
    with pytest.raises(ProjectError, match="changed") as caught:
        read_source(file, sha256="0" * 64)
    message = str(caught.value)
    assert "changed.txt" in message
    assert hashlib.sha256(b"new").hexdigest() in message
    assert "0" * 64 in message


def test_a_folder_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="cannot be read"):
        read_source(tmp_path)
