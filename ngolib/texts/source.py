"""Reading one raw text: bytes in, one `str` out, or one line that says what is wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ngolib.errors import SourceError


def read_source(path: str | Path, *, sha256: str | None = None) -> str:
    """Read a raw text as it is: UTF-8, its newlines and byte order mark kept, so that offsets hold.

    A file that is missing, empty, not UTF-8, or has another checksum, is a `SourceError`.

    Examples
    --------
    >>> from ngolib.project import Project
    >>> from ngolib.texts import read_source
    >>> read_source(Project.find().data / "sources" / "iwpr-2006.txt")[70:110]
    'Kazakstan: NGOs Fear Losing Independence'
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    if not raw:
        raise SourceError(f"{path}: the file is empty")
    found = hashlib.sha256(raw).hexdigest()
    if sha256 is not None and found != sha256:
        raise SourceError(f"{path}: the file has changed: SHA-256 is {found}, recorded is {sha256}")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte {raw[error.start]:#04x} at position {error.start}"
        raise SourceError(f"{path}: not UTF-8: {where}") from error
