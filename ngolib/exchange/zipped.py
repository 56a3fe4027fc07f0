"""Zip files: written so that the same files give the same bytes, read without trust."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

from ngolib.errors import ExchangeError

# The earliest time that a zip file can name: nothing is said about when it was made.
NO_TIME = (1980, 1, 1, 0, 0, 0)
MOST_ENTRIES = 10_000
MOST_BYTES = 256 * 2**20
_MIB = 2**20
_ENCRYPTED = 0x1


def pack(files: Mapping[str, bytes], executable: Collection[str] = ()) -> bytes:
    """Make a zip file.

    Parameters
    ----------
    files : mapping
        Name of an entry to its bytes, in the order in which they are to stand.
    executable : collection of str
        Names of entries that are programs.

    Returns
    -------
    bytes
        The same for the same files on every system: entries are stored, since what compresses
        them differs between builds of Python.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, NO_TIME)
            entry.external_attr = (0o100755 if name in executable else 0o100644) << 16
            entry.create_system = 3
            file.writestr(entry, content)
    return out.getvalue()


class Unpacked:
    """The entries of a zip file that someone else may have made; nothing is put on disk.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Raises
    ------
    ngolib.errors.ExchangeError
        If it is missing or no zip file, or one that no honest program makes: too much in it, names
        that lead out of it, the same name twice, or encrypted.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
        except OSError as error:
            raise ExchangeError(f"{path}: cannot be read: {error.strerror}") from error
        # What is broken shows itself in many ways, here and in an entry by how it is compressed.
        except Exception as error:
            raise ExchangeError(f"{path}: no zip file, or a broken one ({error})") from error
        if said := _refused(self._file.infolist()):
            raise ExchangeError(f"{path}: {said}")

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
            raise ExchangeError(f"{self.path}: {own} is damaged") from error
        if len(content) > most:
            raise ExchangeError(f"{self.path}: {own} is larger than {most // _MIB} MiB")
        return content


def _plain(name: str) -> str:
    return name.replace("\\", "/").casefold()


def _leads_out(name: str) -> bool:
    pure = PurePosixPath(name.replace("\\", "/"))
    return pure.is_absolute() or ".." in pure.parts or ":" in name


def _refused(entries: list[zipfile.ZipInfo]) -> str:
    """Say what is in a zip file that no honest program makes; nothing if all is well."""
    total = sum(entry.file_size for entry in entries)
    names = Counter(entry.filename for entry in entries)
    if len(entries) > MOST_ENTRIES:
        return f"holds {len(entries)} files; allowed: {MOST_ENTRIES}"
    if total > MOST_BYTES:
        return f"would unpack to {total // _MIB} MiB; allowed: {MOST_BYTES // _MIB} MiB"
    if outside := [name for name in names if _leads_out(name)]:
        return f"holds a name that leads out of it: {outside[0]!r}"
    if doubled := [name for name, n in names.items() if n > 1]:
        return f"holds {doubled[0]!r} twice"
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        return "is encrypted; save it without a password"
    return ""
