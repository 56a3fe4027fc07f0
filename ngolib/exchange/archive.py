"""The whole project as one file for a repository: what is tracked, with metadata and checksums."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ngolib.errors import ExchangeError
from ngolib.exchange.zipped import pack
from ngolib.project import MARKER, Project

CHECKSUMS = "SHA256SUMS"
ZENODO = ".zenodo.json"
ABOUT = "ARCHIVE.md"
# Code of `redistribution` that lets a text go out whole.
WHOLE = "full"
_EXECUTABLE = "100755"


@dataclass(frozen=True)
class Packed:
    """An archive.

    Parameters
    ----------
    content : bytes
        The zip file.
    files : int
        How many files are in it.
    remarks : list of str
        What its maker should know.
    """

    content: bytes
    files: int
    remarks: list[str]


def archive(project: Project, *, without_texts: bool = False) -> Packed:
    """Pack the project.

    Parameters
    ----------
    project : ngolib.project.Project
        The project: a checkout, or an archive that was unpacked.
    without_texts : bool
        Whether source texts that may only be quoted are left out.

    Returns
    -------
    Packed
        The tracked files as they are on disk, `.zenodo.json` with the right of access that fits,
        `ARCHIVE.md` on rights, and `SHA256SUMS`; the same files give the same bytes.

    Raises
    ------
    ngolib.errors.ExchangeError
        If it is not known which files belong to the project, or one is missing.
    """
    modes, remarks = _tracked(project)
    kept = _restricted(project)
    # An archive without texts may have been unpacked here.
    public = without_texts or not kept.keys() & modes.keys()
    left_out = {CHECKSUMS, ABOUT, *(kept if public else ())}
    files = {name: _read(project, name) for name in modes if name not in left_out}
    files[ZENODO] = _as_json(metadata(project, public=public))
    files[ABOUT] = _about(project, kept, public).encode("utf-8")
    files = {name: files[name] for name in sorted(files)}
    files[CHECKSUMS] = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()
    ).encode("utf-8")
    if not public:
        remarks.append(
            f"It holds {len(kept)} texts that may only be quoted: not to be published "
            "(--without-texts leaves them out)."
        )
    folder = _folder(project)
    executable = {f"{folder}/{name}" for name, mode in modes.items() if mode == _EXECUTABLE}
    content = pack({f"{folder}/{name}": data for name, data in files.items()}, executable)
    return Packed(content, len(files), remarks)


def metadata(project: Project, *, public: bool) -> dict[str, Any]:
    """Return the metadata for the repository Zenodo.

    Parameters
    ----------
    project : ngolib.project.Project
        The project, whose `.zenodo.json` is that of an archive with its texts.
    public : bool
        Whether the archive holds nothing that may only be quoted.

    Raises
    ------
    ngolib.errors.ExchangeError
        If the file is missing or no JSON object.
    """
    path = project.root / ZENODO
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ExchangeError(f"{path}: cannot be read as JSON ({error})") from error
    if not isinstance(found, dict):
        raise ExchangeError(f"{path}: found {type(found).__name__}; allowed: an object")
    if not public:
        return found
    rest = {key: value for key, value in found.items() if key != "access_conditions"}
    return {**rest, "access_right": "open"}


def _as_json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _git(project: Project, *arguments: str) -> list[str] | None:
    """Return what git lists, parted by NUL; None if there is no git here."""
    command = ["git", "-C", str(project.root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return None
    if done.returncode:
        return None
    return [part for part in done.stdout.decode("utf-8", "surrogateescape").split("\0") if part]


def _tracked(project: Project) -> tuple[dict[str, str], list[str]]:
    """Return the names of the project's files with their modes, and what is to be told."""
    staged = _git(project, "ls-files", "--stage", "-z")
    if staged:
        modes = {}
        for line in staged:
            facts, _, name = line.partition("\t")
            modes[name] = facts.split()[0]
        changed = _git(project, "status", "--porcelain", "-z", "--untracked-files=no") or []
        said = "1 file differs" if len(changed) == 1 else f"{len(changed)} files differ"
        return modes, [f"{said} from the last commit; packed as on disk."] if changed else []
    modes = {name: _mode(project, name) for name in _listed(project)}
    return modes, []


def _listed(project: Project) -> Iterator[str]:
    """Yield the files of an archive that was unpacked, as its checksums name them."""
    path = project.root / CHECKSUMS
    if not path.is_file():
        raise ExchangeError(
            f"{project.root}: neither a git checkout nor an unpacked archive ({CHECKSUMS} is "
            "missing): it is not known which files belong to the project"
        )
    for line in path.read_text(encoding="utf-8").splitlines():
        yield line.partition("  ")[2]


def _mode(project: Project, name: str) -> str:
    return _EXECUTABLE if os.access(project.root / name, os.X_OK) else ""


def _read(project: Project, name: str) -> bytes:
    try:
        return (project.root / name).read_bytes()
    except OSError as error:
        raise ExchangeError(f"{name}: belongs to the project, but {error.strerror}") from error


def _restricted(project: Project) -> dict[str, str]:
    """Return the texts that may only be quoted, by file, with their checksums."""
    table = project.read_table("sources")
    kept = table[table["redistribution"] != WHOLE]
    folder = project.data.relative_to(project.root).as_posix()
    files = [*zip(kept["path"], kept["sha256"], strict=True)]
    # A text as it was received is under the same rights.
    files += [*zip(kept["original_path"], kept["original_sha256"], strict=True)]
    return {f"{folder}/{path}": checksum for path, checksum in files if path}


def _package(project: Project) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project.root / MARKER).read_text(encoding="utf-8"))
    return found


def _folder(project: Project) -> str:
    package = _package(project)
    return f"{package.get('name', 'project')}-{package.get('version', '0')}"


def _about(project: Project, kept: Mapping[str, str], public: bool) -> str:
    package = _package(project)
    lines = [
        f"# {package.get('title', '')}",
        "",
        f"Archive of version {package.get('version', '')}. `README.md` says what this is, "
        "`CITATION.cff` how to cite it.",
        "",
        "## Rights",
        "",
        "- Code: MIT (`LICENSE`).",
        "- Tables, coding, codebook, register: CC BY 4.0.",
        "- Quotations remain their authors' and publishers'; so do the source texts.",
        "",
    ]
    if kept:
        lines += [_texts_said(public), ""]
        lines += ["| text | SHA-256 |", "|---|---|"]
        lines += [f"| `{name}` | `{digest}` |" for name, digest in kept.items()]
        lines.append("")
    lines += [
        "## Checks",
        "",
        f"`sha256sum -c {CHECKSUMS}` checks every file. `README.md` says how to build the "
        "environment from the hashed locks.",
        "",
    ]
    return "\n".join(lines)


def _texts_said(public: bool) -> str:
    if public:
        return (
            "The source texts listed here may only be quoted and are **left out**. Tables and "
            "quotes are complete without them. Commands that read texts (`ngolib check`, "
            "`ngolib report`) need them: put your own copies in their places; the checksums say "
            "whether they are the same."
        )
    return (
        "The source texts listed here may only be quoted. They are **in this archive**, so that "
        "every quote can be checked in its place. It is for safekeeping and for a deposit that is "
        "not open; do not publish it. `ngolib archive --without-texts` makes one that can be."
    )
