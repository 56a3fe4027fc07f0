"""The one gate through which files are read, so that it is known what was read.

What cannot be read is an `OSError` whose `strerror` says why: also what is no plain file (a pipe or
a device would never end), is too large, or is no UTF-8 or JSON.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EFBIG, EILSEQ, EINVAL
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

# What was read, by whoever wants to know, the last one last: path and SHA-256 of each file.
_readers: list[dict[Path, str]] = [{}]
# Stands in the place of a file's SHA-256 where it was another each time.
CHANGED, FOLDER = "changed while it ran", "a folder"
# How many MiB a file may have that is read; of a larger one than that, only its time is seen.
MOST, MOST_HASHED = 256, 4096


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits; nothing if there is none."""
    if not path.is_file():
        return ""
    if (stat := path.stat()).st_size > MOST_HASHED * 2**20:
        return f"{stat.st_size} bytes of {stat.st_mtime_ns}"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp_of(path: Path) -> str:
    """Return what is another for another content of a file; nothing if there is none."""
    with suppress(OSError, ValueError):
        stat = path.stat()
        if S_ISREG(stat.st_mode):
            return f"{stat.st_ino}-{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ctime_ns}"
        return FOLDER * S_ISDIR(stat.st_mode)
    return ""


def below(tops: Iterable[Path], but: Iterable[Path] = ()) -> Iterator[Path]:
    """Yield every file below some folders, also behind links, each folder once; `but` not those."""
    seen = {os.path.realpath(path) for path in but}
    for folder, inner, names in (f for top in sorted(tops) for f in os.walk(top, followlinks=True)):
        inner.sort()
        if (real := os.path.realpath(folder)) in seen:
            inner.clear()  # a link led here
        else:
            seen.add(real)
            yield from (Path(folder, name) for name in names)


def read_bytes(path: Path) -> bytes:
    """Read a file to its end: the one gate, so that `recorded` knows all that was read."""
    digest = ""
    try:
        if path.exists() and not path.is_file():
            raise OSError(EINVAL, "a folder" if path.is_dir() else "not a plain file", str(path))
        if path.stat().st_size > MOST * 2**20:
            raise OSError(EFBIG, f"larger than {MOST} MiB", str(path))
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
    finally:
        note({path: digest})  # also that there was none
    return content


def read_text(path: Path) -> str:
    """Read a file of UTF-8 as it is, but without a byte order mark, which spreadsheets write."""
    content = read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = f"byte {error.object[error.start]:#04x} at position {error.start}"
        line = error.object.count(b"\n", 0, error.start) + 1
        raise OSError(EILSEQ, f"not UTF-8 ({byte}, line {line})", str(path)) from None


def read_json(path: Path) -> Any:
    """Read a file of JSON; a text of it that could not be written again is refused, too."""
    text = read_text(path)
    try:
        content = json.loads(text)
        if "\\u" in text:
            json.dumps(content, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        said = f"line {error.lineno}: {error.msg}"
    except UnicodeEncodeError as error:
        said = f"found {error.object[error.start]!r}, the half of a character"
    except (ValueError, RecursionError) as error:
        said = str(error)
    else:
        return content
    raise OSError(EILSEQ, f"not valid JSON: {said}", str(path))


def note(files: Mapping[Path, str]) -> None:
    """Let whoever records know of files that something was made from; each is seen in one state."""
    _readers[0].update(files)
    for reader in _readers[1:]:
        for path, digest in files.items():
            reader[path] = digest if reader.get(path, digest) == digest else CHANGED


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
