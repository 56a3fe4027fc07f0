"""What a run read: of these files a report is made, and if none has changed, it is fresh.

Tables and texts have one gate (`ngolib.reading`); of what else is opened, listed, imported or asked
for, Python tells. Where something may be read without a word, as by a program, over the web or by a
package that is not locked, it is not known what was read, and the report is made again each time.
"""

import hashlib
import os
import re
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from types import ModuleType
from typing import Any

import ngolib
from ngolib.errors import ProjectError
from ngolib.project import Project, pinned
from ngolib.reading import CHANGED, recorded, sha256

# In place of a SHA-256, where there is none.
UNKNOWN = "is not known"
# What stands among the files that is none: a package, and what reads without a word.
_OF, _THROUGH = "the package ", "what was read through "
KNOWN = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
# Events of audit hooks (PEP 578) after which something may be read without a word: through what.
_UNHEARD = {event: through for through, events in KNOWN["unheard"].items() for event in events}
_LISTED = {"os.listdir", "os.scandir"}
_HEARD = {"open", "import", *_LISTED, *_UNHEARD}
_SILENT = re.compile(KNOWN["silent"], re.VERBOSE)
AWAY, PACKAGE = {"__pycache__", ".git", ".venv"}, Path(ngolib.__file__).parent
_STDLIB, *_SITES = map(sysconfig.get_path, ("stdlib", "purelib", "platlib"))
_LIBRARIES = tuple(f"{path}{os.sep}" for path in (_STDLIB, *_SITES, PACKAGE))
# Through which cells ask for a file.
_ASK = ("<frozen", *(f"{_STDLIB}{os.sep}{name}" for name in ("pathlib", "glob", "genericpath")))
# Found now: Python opens files to find it, one caller at a time, and that would be heard.
_NO_DATA = {sys.prefix, sys.base_prefix, tempfile.gettempdir(), PACKAGE, *KNOWN["away"]}


@dataclass
class _Heard:
    """What Python tells of a run: files and folders as they stood then."""

    project: Project
    files: dict[str, str] = field(default_factory=dict)

    def asked(self, path: Path) -> None:
        """Take note of a file, or of a folder whose names were seen, as it is now."""
        outside = os.path.relpath(path, self.project.root) if _is_data(path) else ""
        for name, own in (_own(self.project, path) or {outside: path}).items():
            if name and name not in self.files:
                self.files[name] = ""
                with suppress(OSError):
                    self.files[name] = _as_it_is(own)


# Of the runs that are recorded, the last one last.
_records: list[_Heard] = []


def _as_it_is(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names in a folder; nothing if there is neither."""
    if not path.is_dir():
        return sha256(path)
    names = sorted({inner.name for inner in path.glob("[!.]*")} - AWAY)
    return hashlib.sha256("\n".join(names).encode("utf-8", "replace")).hexdigest()


def _hear(event: str, args: tuple[Any, ...]) -> None:
    """Take note of an event, if some run is recorded."""
    if _records and event in _HEARD:
        with suppress(FileNotFoundError):  # the working folder is gone, and what is opened there
            if event in _UNHEARD:
                _unheard(event)
            elif event == "import":
                _sought(args[0], args[2] or ())
            else:
                _reached(event, args)


def _unheard(event: str) -> None:
    """Take note of a program, a database or the web."""
    # Windows makes a pair of sockets so.
    if event != "socket.connect" or not sys._getframe(2).f_code.co_name.endswith("socketpair"):
        _records[-1].files[f"{_THROUGH}{_UNHEARD[event]}"] = UNKNOWN


def _sought(name: str, folders: Any) -> None:
    """Take note of where in the project a module that is imported is, or may come to be."""
    heard, ours = _records[-1], _by_user("<frozen")
    for folder in (f for f in folders if ours and isinstance(f, str)):
        with suppress(OSError, ValueError, ProjectError):  # a folder may have any name
            path = Path(folder, name.replace(".", "/")).absolute()
            if path.is_relative_to(heard.project.root):
                heard.asked(path)
                heard.asked(path.with_suffix(".py"))


def _reached(event: str, args: tuple[Any, ...]) -> None:
    """Take note of a file that is opened to be read, and of a folder that is listed."""
    place = args[0] if args else ""
    if isinstance(place, int):  # a file or folder that was opened before
        place = os.path.realpath(f"/dev/fd/{place}")
    path = Path(os.fsdecode(place if isinstance(place, str | bytes | os.PathLike) else ""))
    caller, how = sys._getframe(2).f_code, args[-1] if event == "open" else os.O_RDONLY
    # What lists the folders of Python's path, which no cell sees.
    imports = event in _LISTED and caller.co_filename.startswith("<frozen importlib")
    removed = caller.co_name.startswith("_rmtree")  # names as if they lay here
    written = how & os.O_WRONLY or (how & os.O_RDWR and how & os.O_TRUNC)
    if not (imports or removed or written):
        _records[-1].asked(path.absolute())


def _by_user(*through: str) -> bool:
    """Say whether a cell or a module of the user's does what is heard, if through such code."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    while frame.f_back and frame.f_code.co_filename.startswith(through):
        frame = frame.f_back
    return not frame.f_code.co_filename.startswith((*_LIBRARIES, "<frozen"))


def _stat(path: Any, *args: Any, **options: Any) -> os.stat_result:
    """Take note of a file that a cell looks for, and which may come to be there, or to be gone."""
    if _records and not isinstance(path, int) and _by_user(*_ASK):
        with suppress(OSError, ValueError, TypeError, ProjectError):
            if not (place := Path(os.fsdecode(path)).absolute()).is_dir():
                _records[-1].asked(place)
    return _stat_of(path, *args, **options)


def _path_stats(loader: SourceFileLoader, path: str) -> Mapping[str, Any]:
    """Let no module of a user's be run from what Python keeps, which goes by its time alone."""
    if _records and not path.startswith(_LIBRARIES):
        raise FileNotFoundError(path)
    return _path_stats_of(loader, path)


_stat_of, _path_stats_of = os.stat, SourceFileLoader.path_stats
SourceFileLoader.path_stats = _path_stats  # type: ignore[method-assign, assignment]
for _able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
    _able.add(_stat)
sys.addaudithook(_hear)


@contextmanager
def read_by(root: Path) -> Iterator[dict[str, str]]:
    """Record what is read meanwhile of the project in a folder, which is seen in one state.

    At the end the dict has the path from the root and the SHA-256 of each file, of its names if it
    is a folder, empty where there was none; and through what else something may have been read.
    """
    project, imported = Project.find(root), set(sys.modules)
    found, heard = dict[str, str](), _Heard(project)
    pinned.add(project)
    _records.append(heard)
    os.stat = _stat  # of which no hook tells
    try:
        with recorded():
            yield found
            found |= project.files_read()
    finally:
        _records.remove(heard)
        os.stat = _stat if _records else _stat_of
        pinned.discard(project)
    new = {f"{name}": sys.modules.get(name) for name in {*sys.modules} - imported}
    said = [*new]
    for name in (name for name in heard.files if name.endswith((".py", ".ipynb"))):
        with suppress(OSError):
            said.append((project.root / name).read_text("utf-8", "replace"))
    words = {word[0] for text in said for word in _SILENT.finditer(text)}
    heard.files |= {f"{_THROUGH}{word}": UNKNOWN for word in words}
    heard.files |= _unlocked(project, new, imported)
    found |= {n: CHANGED for n in found.keys() & heard.files if found[n] != heard.files[n]}
    found |= {name: digest for name, digest in heard.files.items() if name not in found}


def _unlocked(project: Project, new: Mapping[str, Any], imported: Iterable[str]) -> dict[str, str]:
    """Return the versions of packages that are new and not required, if these are of Python."""
    from packaging.utils import canonicalize_name

    from ngolib.reports.freshness import versions  # which itself asks what was read

    known, found = {name.partition(".")[0] for name in imported} | {*versions()}, dict[str, str]()
    # What a cell puts there may be anything.
    files = {n: vars(m).get("__file__") for n, m in new.items() if isinstance(m, ModuleType)}
    for name, file in ((n, f) for n, f in files.items() if isinstance(f, str) and "\0" not in f):
        site = next((site for site in _SITES if file.startswith(site)), "")
        owner = re.split(r"[/\\.]", file[len(site) + 1 :])[0] if site else name.partition(".")[0]
        own = file.endswith(".py") and (_own(project, Path(file)) or _is_data(Path(file)))
        if owner not in known and (site or not (own or file.startswith(_LIBRARIES))):
            of = {*map(canonicalize_name, packages_distributions().get(owner, ()))}
            if of and file.endswith(".py"):
                found |= {f"{_OF}{package}": _version(package) for package in of - known}
            elif of.isdisjoint(known):
                found[f"{_THROUGH}{owner}"] = UNKNOWN
    return found


def _version(package: str) -> str:
    """Return the version of a package; nothing if it is not there."""
    with suppress(PackageNotFoundError):
        return f"version {version(package)}"
    return ""


def _is_data(path: Path) -> bool:
    """Say whether a file, which lies elsewhere, may hold data: a user's own, and no program's."""
    path = Path(os.path.normpath(path))
    no = path.suffix.lower() in KNOWN["program"] or any(p.startswith(".") for p in path.parts)
    return not (no or any(map(path.is_relative_to, _NO_DATA)))


def _own(project: Project, path: Path) -> dict[str, Path]:
    """Return what of the project a path leads to, by its path from the root."""
    # A link counts by its own name too: it may come to lead elsewhere.
    paths = {Path(way(path)) for way in (os.path.realpath, os.path.abspath)}
    # The working folder of a notebook is told by where it really is.
    real = os.path.realpath(project.notebooks)
    paths |= {project.notebooks / p.relative_to(real) for p in paths if p.is_relative_to(real)}
    own = {
        path.relative_to(project.root).as_posix(): path
        for path in sorted(paths)
        if path.is_relative_to(project.root)
        and not str(path).startswith(_LIBRARIES)
        and AWAY.isdisjoint(path.relative_to(project.root).parts)
    }
    for name in own:
        if name.encode("utf-8", "replace").decode() != name:
            raise ProjectError(f"{name!a}: the name is no Unicode; give the file another one")
    return own


def read_now(project: Project, read: Any, data: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 now of what a run read; of what is not known, another each time."""
    if read is None:
        return {}
    now = {name: data.get(name) or _as_it_is(project.root / name) for name in read}
    now |= {name: _version(name.removeprefix(_OF)) for name in read if name.startswith(_OF)}
    now |= {name: f"{UNKNOWN} now" for name, digest in read.items() if digest == UNKNOWN}
    return {n: digest for n, digest in now.items() if digest or not read.get(n, True)}
