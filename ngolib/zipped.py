"""Zip files: written so that the same files give the same bytes, read without trust."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from ngolib.errors import ExchangeError

# The earliest time that a zip file can name: nothing is said about when it was made.
NO_TIME = (1980, 1, 1, 0, 0, 0)
MOST_ENTRIES = 10_000
_MIB = 2**20
# What a file may unpack to, and how much larger than it is packed.
MOST_BYTES, MOST_RATIO = 256 * _MIB, 200
_ENCRYPTED = 0x1


def pack(
    files: Mapping[str, bytes], executable: Collection[str] = (), method: int = zipfile.ZIP_STORED
) -> bytes:
    """Make a zip file of the entries in their order: stored, the same bytes on every system.

    By `ZIP_DEFLATED` it is smaller and the same only where zlib is: builds of Python differ in it.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, NO_TIME)
            entry.compress_type = method
            entry.external_attr = (0o100755 if name in executable else 0o100644) << 16
            entry.create_system = 3
            file.writestr(entry, content)
    return out.getvalue()


class Unpacked:
    """The entries of a zip file that someone else may have made; nothing is put on disk.

    One that is broken, or such as no honest program makes, is an `ExchangeError` that begins with
    its name.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        try:
            self._file = zipfile.ZipFile(io.BytesIO(content))
        # What is broken shows itself in many ways, here and in an entry by how it is compressed.
        except Exception as error:
            raise ExchangeError(f"{name}: no zip file, or a broken one ({error})") from error
        if said := _refused(self._file, len(content)):
            raise ExchangeError(f"{name}: {said}")

    def read(self, name: str, most: int) -> bytes | None:
        """Return the bytes of an entry, at most so many; None if there is no such entry.

        Capitals and the kind of slash do not count: programs write `sources/` and `Sources/`.
        """
        names = {_plain(own): own for own in self._file.namelist()}
        own = names.get(_plain(name))
        if own is None:
            return None
        try:
            with self._file.open(own) as file:
                content = file.read(most + 1)
        except Exception as error:
            raise ExchangeError(f"{self.name}: {own} is damaged") from error
        if len(content) > most:
            raise ExchangeError(f"{self.name}: {own} is larger than {most // _MIB} MiB")
        return content


def _plain(name: str) -> str:
    return name.replace("\\", "/").casefold()


def _refused(file: zipfile.ZipFile, size: int) -> str:
    """Say what is in a zip file that no honest program makes; nothing if all is well."""
    entries = file.infolist()
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES:
        return f"holds {len(entries)} files; allowed: {MOST_ENTRIES}"
    if total > MOST_BYTES or total > max(_MIB, MOST_RATIO * size):
        allowed = f"{MOST_BYTES // _MIB} MiB, {MOST_RATIO} times its size"
        return f"would unpack to {total // _MIB} MiB; allowed: {allowed}"
    names: set[str] = set()
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in entry.filename:
            return f"holds a name that leads out of it: {entry.filename!r}"
        if entry.filename in names:
            return f"holds {entry.filename!r} twice"
        if entry.flag_bits & _ENCRYPTED:
            return "is encrypted; save it without a password"
        names.add(entry.filename)
    return ""
