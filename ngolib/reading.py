"""The one gate through which data are read, so that it is known what was read."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from errno import EINVAL
from pathlib import Path

# What was read, by whoever wants to know, the last one last: path and SHA-256 of each file.
_readers: list[dict[Path, str]] = [{}]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as 64 hexadecimal digits; nothing if there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_bytes(path: Path) -> bytes:
    """Read a file of the data: the one gate, so that `recorded` knows all that was read."""
    if path.exists() and not path.is_file():  # a pipe or device would never end
        raise OSError(EINVAL, "not a plain file")
    content = path.read_bytes()
    note({path: hashlib.sha256(content).hexdigest()})
    return content


def note(files: Mapping[Path, str]) -> None:
    """Let whoever records know of files that something was made from."""
    for reader in _readers:
        reader.update(files)


@contextmanager
def recorded() -> Iterator[dict[Path, str]]:
    """Record the files that are read meanwhile, also those that something kept was made from."""
    used: dict[Path, str] = {}
    _readers.append(used)
    try:
        yield used
    finally:
        _readers[:] = [reader for reader in _readers if reader is not used]


def files_read() -> dict[Path, str]:
    """Return what the last recorder, or else this process, has read: path to SHA-256."""
    return dict(_readers[-1])
