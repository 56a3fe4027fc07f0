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
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, update_wrapper
from importlib.machinery import SourceFileLoader
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import ngolib
from ngolib.errors import ProjectError
from ngolib.project import ENVIRONMENT, Project, pinned
from ngolib.reading import CHANGED, FOLDER, recorded, sha256, stamp_of

# In place of a SHA-256, where there is none.
UNKNOWN = "is not known"
# Among the files, but none: a package, a folder of Python's path, what reads without a word.
_OF, _BY, _THROUGH = "the package ", "Python's path to ", "what was read through "
_SET, _BUSY = "the setting ", "is being looked at"
_PATH = [Path(folder).absolute() for folder in sys.path if folder]
KNOWN = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
# Events of audit hooks (PEP 578) after which something may be read without a word: through what.
_UNHEARD = {event: through for through, events in KNOWN["unheard"].items() for event in events}
_MADE = {"os.mkdir", "os.remove", "shutil.rmtree"}
_HEARD = {"open", "os.listdir", "os.scandir", "os.link", *_MADE, *_UNHEARD}
_SILENT = re.compile(KNOWN["silent"], re.VERBOSE)
AWAY, PACKAGE = {"__pycache__", ".git", ".venv"}, Path(ngolib.__file__).parent
_STDLIB, *_PARTS = (f"{sysconfig.get_path(n)}{os.sep}" for n in ("stdlib", "purelib", "platlib"))
_SITES, _PACKAGE = tuple(_PARTS), f"{PACKAGE}{os.sep}"
PACKAGES = (*_SITES, _PACKAGE)
_LIBRARIES = (_STDLIB, *PACKAGES)
# Found now: Python opens files to find it, one caller at a time, and that would be heard.
_NO_DATA = {sys.prefix, sys.base_prefix, tempfile.gettempdir(), PACKAGE, *KNOWN["away"]}


@dataclass
class _Heard:
    """What Python tells of a run: files and folders as they stood then, and modules asked for."""

    project: Project
    files: dict[str, str] = field(default_factory=dict)
    stamps: dict[str, str] = field(default_factory=dict)  # of what a look would find again
    modules: set[str] = field(default_factory=set)
    own: set[Path] = field(default_factory=set)  # what the run removed, or wrote over
    made: set[Path] = field(default_factory=set)  # folders that were not there before

    def asked(self, path: Path, whether: bool = False) -> None:
        """Take note of a file, or folder, as it is now; of a folder perhaps `whether` it is one."""
        for name in _names(self.project, path):
            only = whether or f"{name}/".startswith("reports/")  # which each run fills anew
            name += "/" * (only and (self.project.root / name).is_dir())
            if name.encode("utf-8", "replace").decode() != name:
                raise ProjectError(f"{name!a}: the name is no Unicode; give the file another one")
            self.look(name)

    def look(self, name: str) -> None:
        """Take note of how a file is; what this run has seen otherwise before, has changed."""
        at = _at(self.project.root / name)
        places, stamp, before = {at, *at.parents}, stamp_of(at), self.stamps.get(name)
        if not places & self.own and before != _BUSY and (before != stamp or stamp == FOLDER):
            self.stamps[name] = _BUSY  # what is opened here is heard as well
            now = "" if places & self.made else _as_it_is(self.project, name)
            self.files[name] = now if self.files.get(name, now) == now else CHANGED
            self.stamps[name] = stamp


# Of the runs that are recorded, the last one last; and what is told when one is about to write.
_records: list[_Heard] = []
writes: Callable[[], Any] = bool


def _at(path: Path) -> Path:
    """Return where a file, or a link as such, really is."""
    return Path(os.path.realpath(path.parent), path.name)


def _as_it_is(project: Project, name: str) -> str:
    """Return the SHA-256 of a file, or of what stands in a folder; nothing if there is neither."""
    path = project.root / name
    try:
        if name.endswith("/"):  # only that it is a folder, and where it is
            return os.path.relpath(os.path.realpath(path), project.root) if path.is_dir() else ""
        if not path.is_dir():
            return sha256(path)
        inner = (one for one in path.glob("[!.]*") if one.name not in AWAY)
        # Of each entry what a listing says.
        size = {p: p.stat().st_size if p.is_file() else p.exists() for p in inner}
        told = sorted(f"{p.name} {'/' if p.is_dir() else size[p]}" for p in size)
        return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _hear(event: str, args: tuple[Any, ...]) -> None:
    """Take note of an event, if some run is recorded."""
    if _records and event in _HEARD:
        # Of a thread that begins with it, nobody calls.
        frame = sys._getframe(1) if sys._getframe().f_back else sys._getframe()
        with suppress(FileNotFoundError):  # the working folder is gone, and what is opened there
            if event not in _UNHEARD:
                _reached(event, args, frame)
            # Windows makes a pair of sockets so.
            elif event != "socket.connect" or not frame.f_code.co_name.endswith("socketpair"):
                _records[-1].files[f"{_THROUGH}{_UNHEARD[event]}"] = UNKNOWN
                writes()


def _reached(event: str, args: tuple[Any, ...], frame: FrameType) -> None:
    """Take note of what is opened to be read, listed, or made by the run itself."""
    place, heard = args[0] if args else "", _records[-1]
    if isinstance(place, int):  # a file or folder that was opened before
        place = os.path.realpath(f"/dev/fd/{place}")
    place = os.fsdecode(place if isinstance(place, str | bytes | os.PathLike) else "")
    path, how = Path(place).absolute(), args[-1] if event == "open" else os.O_RDONLY
    written = how & os.O_WRONLY or (how & os.O_RDWR and how & os.O_TRUNC)
    if frame.f_code.co_name.startswith("_rmtree"):
        return  # names as if they lay here
    if (event in _MADE or how & (os.O_WRONLY | os.O_RDWR)) and _names(heard.project, path):
        writes()
    if event in _MADE or written:
        at = Path(os.path.realpath(path)) if written else _at(path)
        # Of a folder only the whole can be removed; opened, it holds a file in hiding.
        fails = at.is_symlink() if event == "shutil.rmtree" else at.is_dir() > at.is_symlink()
        if event == "os.mkdir":
            heard.made |= set() if os.path.lexists(at) else {at}
        elif not fails and (event in _MADE or how & os.O_TRUNC):
            able = os.access(at if written and at.exists() else at.parent, os.W_OK)
            heard.own |= {at} if able else set()
    # What lists the folders of Python's path no cell sees.
    elif event == "open" or not frame.f_code.co_filename.startswith("<frozen importlib"):
        heard.asked(path)


def _is_user(file: str) -> bool:
    """Say whether code is of a user's: a cell, a module, or what a thread begins with."""
    return file == _STDLIB or not file.startswith(_LIBRARIES)


def _asker(frame: FrameType | None) -> str:
    """Return whose code asks for something, if through the standard library: its file."""
    while frame and frame.f_code.co_filename.startswith((_STDLIB, "<frozen")):
        if frame.f_code.co_filename.startswith(_SITES):  # these may lie within it
            break
        frame = frame.f_back
    return frame.f_code.co_filename if frame else _STDLIB


class _Hearing:
    """A function of `os` of which no hook tells, which says what it is asked for."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self.ask = ask
        update_wrapper(self, ask)

    def __call__(self, path: Any, *args: Any, **options: Any) -> Any:
        """Take note of what a cell or a package looks for: it may come to be there, or be gone."""
        heard = _records[-1:]  # in one step, for another thread may end the recording
        by = _asker(sys._getframe().f_back) if heard else _PACKAGE
        if not by.startswith(_PACKAGE) and not isinstance(path, int) and not options.get("dir_fd"):
            with suppress(OSError, ValueError, TypeError, ProjectError):
                place = Path(os.fsdecode(path)).absolute()
                # A package asks of its own accord, too, where it is and which folders there are.
                near = heard[0].project.root in place.parents and place != Path.cwd()
                if _is_user(by) or near or not place.is_dir():
                    heard[0].asked(place, whether=True)
        return self.ask(path, *args, **options)


class _Finder:
    """Takes note of where a module that a user's code asks for is, or may come to be."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        """Find nothing: whoever comes next does."""
        if not _records or not _is_user(_asker(sys._getframe().f_back)):
            return
        _records[-1].modules.add(name.partition(".")[0])
        for folder in (f for f in path or sys.path if isinstance(f, str)):
            with suppress(OSError, ValueError, ProjectError):  # a folder may have any name
                place = Path(folder, name.rpartition(".")[2]).absolute()
                inner = [place / "__init__.py"] * place.is_dir()
                inner += [place.parent] * (not place.parent.is_dir())  # it may come to be, or a zip
                for one in (place, place.with_name(f"{place.name}.py"), *inner):
                    _records[-1].asked(one, whether=True)


def _path_stats(loader: SourceFileLoader, path: str) -> Mapping[str, Any]:
    """Let no module of a user's be run from what Python keeps, which goes by its time alone."""
    if _records and not path.startswith(_LIBRARIES):
        raise FileNotFoundError(path)
    return _path_stats_of(loader, path)


_path_stats_of = SourceFileLoader.path_stats
SourceFileLoader.path_stats = _path_stats  # type: ignore[method-assign, assignment]
_ASKED = {name: getattr(os, name) for name in ("stat", "lstat", "readlink", "access")}
_HEARING = {name: _Hearing(ask) for name, ask in _ASKED.items()}
for _able in (getattr(os, name) for name in dir(os) if name.startswith("supports_")):
    if isinstance(_able, set):
        _able.update([_HEARING[name] for name, ask in _ASKED.items() if ask in _able])
sys.addaudithook(_hear)


@contextmanager
def read_by(root: Path) -> Iterator[dict[str, str]]:
    """Record what is read meanwhile of the project in a folder, which is seen in one state.

    At the end the dict has the path from the root and the SHA-256 of each file, of what stands in
    it if it is a folder, empty where there was none; packages, and what else may have been read.
    """
    project, imported, before = Project.find(root), set(sys.modules), dict(os.environ)
    found, heard = dict[str, str](), _Heard(project)
    pinned.add(project)
    _records.append(heard)
    sys.meta_path.insert(0, _Finder)
    vars(os).update(_HEARING)
    try:
        with recorded():
            yield found
            found |= project.files_read()
        for name in [n for n, now in [*heard.files.items()] if now != UNKNOWN]:
            heard.look(name)
    finally:
        _records.remove(heard)
        sys.meta_path.remove(_Finder)
        vars(os).update(_HEARING if _records else _ASKED)
        pinned.discard(project)
    said = [f"{name}" for name in {*sys.modules} - imported]
    for name in (name for name in heard.files if name.endswith((".py", ".ipynb", ".ipy"))):
        with suppress(OSError):
            said.append((project.root / name).read_text("utf-8", "replace"))
    own = {*re.findall(r"\bNGOLIB_\w+", "\n".join(said))} - {ENVIRONMENT}
    heard.files |= {f"{_SET}{name}": _setting(name, before) for name in own}
    # What the process had imported before, a cell may import as well.
    named = {*re.findall(r"\w+", " ".join(re.findall(r"^.*\bimport.*$", "\n".join(said), re.M)))}
    heard.files |= _unlocked(project, {*sys.modules} - (imported - named), said)
    heard.files |= {f"{_THROUGH}{w[0]}": UNKNOWN for text in said for w in _SILENT.finditer(text)}
    names = tuple(f"{_BY}{name}" for name in heard.files)
    heard.files |= {w: "is there" for w in _ways(project) if any(n.startswith(w) for n in names)}
    gone = heard.modules - {f"{name}".partition(".")[0] for name in [*sys.modules]}
    heard.files |= {f"{_OF}{name}": _version(name) for name in gone}
    found |= {n: CHANGED for n in found.keys() & heard.files if found[n] != heard.files[n]}
    found |= {name: digest for name, digest in heard.files.items() if name not in found}


@cache
def owners() -> dict[str, set[str]]:
    """Return the packages that what can be imported may belong to."""
    from packaging.utils import canonicalize_name

    return {n: {*map(canonicalize_name, of)} for n, of in packages_distributions().items()}


def _unlocked(project: Project, modules: Iterable[Any], said: list[str]) -> dict[str, str]:
    """Return the versions of packages that are not required, and add what they have `said`."""
    from ngolib.reports.freshness import versions  # which itself asks what was read

    found, known = dict[str, str](), versions().keys()
    for name in modules:
        # A cell may put anything there.
        told = vars(own) if isinstance(own := sys.modules.get(name), ModuleType) else {}
        paths = told.get("__path__")  # of a package without `__init__.py`
        places = told.get("__file__"), *(paths if isinstance(paths, Iterable) else ())
        file = next((one for one in places if isinstance(one, str) and "\0" not in one), "")
        python = file.endswith(".py") or file != told.get("__file__")
        site = next((site for site in _SITES if file.startswith(site)), "")
        owner = re.split(r"[/\\.]", file[len(site) :] if site else f"{name}")[0]
        mine = file.startswith(_LIBRARIES) or (python and _names(project, Path(file)))
        of = owners().get(owner, set())
        if of and python:
            found |= {f"{_OF}{package}": _version(package) for package in of - known}
            with suppress(OSError):  # a folder without `__init__.py`
                said += [] if of & known else [Path(file).read_text("utf-8", "replace")]
        elif (site or (file and not mine)) and of.isdisjoint(known):
            found[f"{_THROUGH}{owner}"] = UNKNOWN
    return found


def _version(package: str) -> str:
    """Return the version of a package; nothing if it is not there."""
    with suppress(PackageNotFoundError, TypeError):  # the latter of an odd path of Python
        return f"version {version(package)}"
    return "; ".join(f"{of} {version(of)}" for of in sorted(owners().get(package, ())))


def _setting(name: str, environment: Mapping[str, str]) -> str:
    """Return the SHA-256 of a setting of the environment, which may be secret; nothing of none."""
    value = environment.get(name)
    return "" if value is None else hashlib.sha256(os.fsencode(value)).hexdigest()


def _ways(project: Project) -> set[str]:
    """Return the names of the folders that Python's path leads to when it starts."""
    return {f"{_BY}{os.path.relpath(folder, project.root)}/" for folder in _PATH}


def _names(project: Project, path: Path) -> list[str]:
    """Return the names from the root by which a user's file or folder counts, sorted."""
    # A link counts by its own name too: it may come to lead elsewhere.
    real, path = (Path(way(path)) for way in (os.path.realpath, os.path.abspath))
    paths = {real, path}
    # The working folder of a notebook is told by where it really is.
    drive = os.path.realpath(project.notebooks)
    paths |= {project.notebooks / p.relative_to(drive) for p in paths if p.is_relative_to(drive)}
    if own := {path for path in paths if path.is_relative_to(project.root)}:
        mine = (p.relative_to(project.root) for p in own if not str(p).startswith(_LIBRARIES))
        return sorted(name.as_posix() for name in mine if AWAY.isdisjoint(name.parts))
    program = path.suffix.lower() in KNOWN["program"] or any(map(path.is_relative_to, _NO_DATA))
    hidden = any(part.startswith(".") for part in path.parent.parts)
    return [] if program or hidden else [os.path.relpath(path, project.root)]


def read_now(project: Project, read: Any, data: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 now of what a run read; of what is not known, another each time."""
    if read is None:
        return {}
    now = {name: data.get(name) or _as_it_is(project, name) for name in read}
    now |= {name: _version(name.removeprefix(_OF)) for name in read if name.startswith(_OF)}
    settings = [name.removeprefix(_SET) for name in read if name.startswith(_SET)]
    now |= {f"{_SET}{name}": _setting(name, os.environ) for name in settings}
    now |= dict.fromkeys(_ways(project) & read.keys(), "is there")
    now |= {name: f"{UNKNOWN} now" for name, digest in read.items() if digest == UNKNOWN}
    return {n: digest for n, digest in now.items() if digest or not read.get(n, True)}
