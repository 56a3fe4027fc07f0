"""Zip files: written so that the same files give the same bytes, read without trust."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

from ngolib.errors import ExchangeError

# The earliest time that a zip file can name: nothing is said about when it was made.
NO_TIME = (1980, 1, 1, 0, 0, 0)
MOST_ENTRIES = 10_000
MOST_BYTES = 256 * 2**20
_ENCRYPTED = 0x1
_MIB = 2**20
# What a damaged entry raises depends on how it is compressed.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
)


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


def _slashed(name: str) -> str:
    """Return a name with the one kind of slash: some programs write the other."""
    return name.replace("\\", "/")


def _outside(name: str) -> bool:
    """Say whether the name of an entry leads out of the folder in which it would be unpacked."""
    pure = PurePosixPath(_slashed(name))
    return pure.is_absolute() or ".." in pure.parts or ":" in name


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
            self._bytes = path.read_bytes()
            self._file = zipfile.ZipFile(io.BytesIO(self._bytes))
        except OSError as error:
            raise ExchangeError(f"{path}: cannot be read: {error.strerror}") from error
        # A broken directory shows itself in many ways.
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise ExchangeError(f"{path}: no zip file, or a broken one ({error})") from error
        self._check(self._file.infolist())

    def _check(self, entries: list[zipfile.ZipInfo]) -> None:
        names = [entry.filename for entry in entries]
        total = sum(entry.file_size for entry in entries)
        said = ""
        if len(entries) > MOST_ENTRIES:
            said = f"holds {len(entries)} files; allowed: {MOST_ENTRIES}"
        elif total > MOST_BYTES:
            said = f"would unpack to {total // _MIB} MiB; allowed: {MOST_BYTES // _MIB} MiB"
        elif outside := [name for name in names if _outside(name)]:
            said = f"holds a name that leads out of it: {outside[0]!r}"
        elif doubled := [name for name, n in Counter(names).items() if n > 1]:
            said = f"holds {doubled[0]!r} twice"
        elif any(entry.flag_bits & _ENCRYPTED for entry in entries):
            said = "is encrypted; save it without a password"
        if said:
            raise ExchangeError(f"{self.path}: {said}")

    def find(self, name: str) -> str | None:
        """Return the name of an entry as it stands, whatever its capitals; None if it is not there.

        Programs write `sources/` and `Sources/`.
        """
        wanted = name.casefold()
        names = self._file.namelist()
        return next((n for n in names if _slashed(n).casefold() == wanted), None)

    def read(self, name: str, most: int = MOST_BYTES) -> bytes:
        """Return the bytes of an entry.

        Parameters
        ----------
        name : str
            Its name as it stands.
        most : int
            How many bytes it may have.

        Raises
        ------
        ngolib.errors.ExchangeError
            If it is damaged or too large.
        """
        try:
            with self._file.open(name) as file:
                content = file.read(most + 1)
        except _DAMAGED as error:
            raise ExchangeError(f"{self.path}: {name} is damaged") from error
        if len(content) > most:
            raise ExchangeError(f"{self.path}: {name} is larger than {most // _MIB} MiB")
        return content
