"""Zip files: written so that the same files give the same bytes, read without trust."""

import io
import zipfile
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from ngolib.errors import InputError

# The earliest time that a zip file can name: nothing is said about when it was made.
NO_TIME = (1980, 1, 1, 0, 0, 0)
MOST_ENTRIES = 10_000
_MIB = 2**20
# What a file may unpack to, and how much larger than it is packed.
MOST_BYTES, MOST_RATIO = 256 * _MIB, 200


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


def unpack(name: str, content: bytes) -> dict[str, bytes]:
    """Return what anyone's zip file holds, by `plain` names; a broken or false one is refused."""
    try:
        file = zipfile.ZipFile(io.BytesIO(content))
    # What is broken shows itself in many ways, here and in an entry by how it is compressed.
    except Exception as error:
        raise InputError(f"{name}: no zip file, or a broken one ({error})") from error
    if said := _refused(file, len(content)):
        raise InputError(f"{name}: {said}")
    entries: dict[str, bytes] = {}
    for entry in file.namelist():
        try:
            entries[plain(entry)] = file.read(entry)
        except Exception as error:
            raise InputError(f"{name}: {entry} is damaged") from error
    return entries


def plain(name: str) -> str:
    """Return a name without capitals and other slashes: some programs write `Sources/`."""
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
        if entry.flag_bits & 1:  # the bit of encryption
            return "is encrypted; save it without a password"
        names.add(entry.filename)
    return ""
