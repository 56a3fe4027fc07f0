"""What a run read: of these files a report is made, and if none has changed, it is fresh.

Tables and texts have one gate (`ngolib.reading`); of whatever else is opened Python tells (audit
hooks, PEP 578). Where something may be read without a word, it is all files of the project.
"""

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
from importlib.util import source_from_cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import ngolib
from ngolib.errors import ProjectError
from ngolib.project import Project, pinned
from ngolib.reading import CHANGED, below, recorded, sha256

# Stands among the files of a run of which it is not sure what it read.
ALL = "all files"
KNOWN = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
BEGUN, LISTED = KNOWN["begun"], KNOWN["listed"]
_SILENT, _ASKS = re.compile(KNOWN["silent"]), re.compile(KNOWN["asks"])
HEARD = {"open", "import", "os.rename", "socket.getaddrinfo", "socket.connect", *BEGUN, *LISTED}
# Before the name of a host from which something was read: it may be another by now.
WEB = "the web: "
# What lists the folders of Python's path, which no cell sees.
_IMPORTS = "<frozen importlib._bootstrap_external>"
AWAY, PACKAGE = {"__pycache__", ".git", ".venv"}, Path(ngolib.__file__).parent
_LIBRARIES = tuple(map(sysconfig.get_path, ("stdlib", "purelib", "platlib")))
# Found now: Python opens files to find it, one caller at a time, and that would be heard.
_NO_DATA = {sys.prefix, sys.base_prefix, tempfile.gettempdir(), PACKAGE, *KNOWN["away"]}


@dataclass
class _Heard:
    """What Python tells of a run: the project's files as they stood when opened, and places."""

    project: Project
    files: dict[str, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)  # by the run itself
    doubt: bool = False

    def opened(self, path: Path) -> None:
        """Take note of a file that is opened now."""
        outside = os.path.relpath(path, self.project.root) if _is_data(path) else ""
        for name, own in (_own(self.project, {str(path)}) or {outside: path}).items():
            if name and name not in self.files and not own.is_dir():
                self.files[name] = ""
                with suppress(OSError):
                    self.files[name] = sha256(own)

    def named(self, text: str, folder: Path | str) -> None:
        """Take note of files that a command, or code of what reads in silence, names."""
        quoted = re.findall(r"""(?<=['"])[^'"\\\n]+(?=\\?['"])""", text)
        for word in {*quoted, *re.split(r"""[\s'"\[\](){},;:=<>|&\\]+""", text)}:
            with suppress(OSError, ValueError, RuntimeError):  # a word may be no path
                if (path := Path(folder, Path(word).expanduser()).absolute()).is_file():
                    self.opened(path)


# Of the runs that are recorded, the last one last.
_records: list[_Heard] = []


def _hear(event: str, args: tuple[Any, ...]) -> None:
    """Take note of an event, if some run is recorded."""
    if _records and event in HEARD:
        kind = "begun" if event in BEGUN else event.partition(".")[0]
        way = {"socket": _asked, "import": _sought, "begun": _begun}.get(kind, _reached)
        with suppress(FileNotFoundError):  # the working folder is gone, and what is opened there
            way(event, args)


def _asked(event: str, args: tuple[Any, ...]) -> None:
    """Take note of a host, by its number where it was not told by a name."""
    heard, place = _records[-1], args[0]
    if event == "socket.connect":
        pair = sys._getframe(2).f_code.co_name.endswith("socketpair")  # which Windows makes so
        known = pair or any(name.startswith(WEB) for name in heard.files)
        place = "" if known or isinstance(args[1], str | bytes) else args[1][0]
    heard.files |= {f"{WEB}{place}": "as it was then"} if place else {}


def _sought(_: str, args: tuple[Any, ...]) -> None:
    """Take note of where in the project a module that is imported may come to be."""
    heard, frame = _records[-1], sys._getframe(2)
    while frame.f_back and frame.f_code.co_filename.startswith("<frozen"):
        frame = frame.f_back
    ours = not frame.f_code.co_filename.startswith((*_LIBRARIES, str(PACKAGE)))
    for folder in (f for f in args[2] or () if ours and isinstance(f, str)):
        path = Path(folder, f"{args[0].replace('.', '/')}.py").absolute()
        with suppress(OSError, ValueError, ProjectError):  # a folder may have any name
            if path.is_relative_to(heard.project.root) and not path.exists():
                heard.opened(path)


def _begun(event: str, args: tuple[Any, ...]) -> None:
    """Take note of a database, or of a program and the files that its command names."""
    heard, told = _records[-1], str(args[:2])
    heard.doubt = True
    if event != "sqlite3.connect":
        heard.files |= {f"{WEB}a program": "as it was then"} if _ASKS.search(told) else {}
        heard.named(told, os.fsdecode((event == "subprocess.Popen" and args[2]) or "."))
        return
    place = os.fsdecode(args[0])
    if place.startswith("file:"):
        place = unquote(re.sub(r"^file:(//[^/]*)?|\?.*", "", place))
    for name in (f"{place}-wal", place) if not place.startswith(":") else ():
        heard.opened(Path(name).absolute())


def _reached(event: str, args: tuple[Any, ...]) -> None:
    """Take note of a file that is opened or moved, and of a folder that is listed."""
    heard, place = _records[-1], args[event == "os.rename"] if args else ""
    if isinstance(place, int):  # a file or folder that was opened before
        place = os.path.realpath(f"/dev/fd/{place}")
    path = Path(
        os.fsdecode(place if isinstance(place, str | bytes | os.PathLike) else "")
    ).absolute()
    caller = sys._getframe(2).f_code
    how = {"open": args[-1], "os.rename": os.O_WRONLY}.get(event, os.O_RDONLY)
    if event in LISTED:
        heard.folders |= {str(path)} if caller.co_filename != _IMPORTS else set()
    elif caller.co_name.startswith("_rmtree"):  # names as if they lay here
        return
    elif how & os.O_WRONLY or (how & os.O_RDWR and how & os.O_TRUNC):
        heard.written.add(os.path.realpath(path))
    else:
        heard.opened(path)


def _path_stats(loader: SourceFileLoader, path: str) -> Mapping[str, Any]:
    """Let no module of the project be run from what Python keeps, which goes by its time alone."""
    ours = _records and Path(path).is_relative_to(_records[-1].project.root)
    if ours and not path.startswith((*_LIBRARIES, str(PACKAGE))):
        raise FileNotFoundError(path)
    return _stats(loader, path)


_stats = SourceFileLoader.path_stats
SourceFileLoader.path_stats = _path_stats  # type: ignore[method-assign, assignment]
sys.addaudithook(_hear)


@contextmanager
def read_by(root: Path) -> Iterator[dict[str, str]]:
    """Record what is read meanwhile of the project in a folder, which is seen in one state.

    At the end the dict has the path from the root and the SHA-256 of each file, empty where there
    was none; of all files, and `ALL`, where something may have been read without a word.
    """
    project, imported = Project.find(root), set(sys.modules)
    begun = dict[str, str]()
    with suppress(ProjectError, OSError):  # it may never matter
        begun = everything(project)
    found, heard = dict[str, str](), _Heard(project)
    pinned.add(project)
    _records.append(heard)
    try:
        with recorded():
            yield found
            found |= project.files_read()
    finally:
        _records.remove(heard)
        pinned.discard(project)
    new = {name: module for name, module in [*sys.modules.items()] if name not in imported}
    # What a cell puts there may be anything.
    of_new = {f"{name}": vars(m) for name, m in new.items() if isinstance(m, ModuleType)}
    told = {n: str(d["__file__"]) for n, d in of_new.items() if d.get("__file__")}
    files = {n: f for n, f in told.items() if "\0" not in f}
    own = {n: project.root / n for n in heard.files} | _own(project, {*files.values()})
    # A package of that name would take the place of a module.
    own |= {n: project.root / n for n in (f"{m[:-3]}/__init__.py" for m in own if m[-3:] == ".py")}
    at_end = {n: sha256(p) for n, p in own.items() if n not in heard.files and not p.is_dir()}
    found |= {n: CHANGED for n in found.keys() & heard.files if found[n] != heard.files[n]}
    found |= {n: digest for n, digest in (heard.files | at_end).items() if n not in found}
    codes = (path for path in own.values() if path.suffix in (".py", ".ipynb") and path.is_file())
    said = [path.read_text("utf-8", "replace") for path in codes]
    said += {name.partition(".")[0] for name in of_new}
    from ngolib.reports.freshness import versions  # which itself asks what was read

    known = {name.partition(".")[0] for name in imported} | sys.stdlib_module_names
    required = {name.replace("-", "_") for name in versions()}
    # Of which package a compiled module is, its folder among them says.
    binary = {n: f for n, f in files.items() if f[-3:] in (".so", "pyd")}
    tops = {n: re.split(r".*(?:site|dist)-packages[/\\]|[/\\]", f)[:2] for n, f in binary.items()}
    compiled = {n.partition(".")[0] for n, top in tops.items() if required.isdisjoint(top)}
    missed = {Path(n).stem for n, d in heard.files.items() if n.endswith(".py") and not d}
    there = {f"{name}".rpartition(".")[2] for name in [*sys.modules]}
    # It may read files by itself, and a folder may come to be a package that was not there.
    heard.doubt |= bool(compiled - known) or not missed <= there
    # Further modules may come to be in a package.
    paths = (d.get("__path__") for d in of_new.values())
    heard.folders |= {f"{one}" for p in paths if isinstance(p, Iterable) for one in p}
    if heard.doubt or any(map(_SILENT.search, said)) or _own(project, heard.folders):
        for code in said:
            heard.named(code, project.notebooks)
            if re.search(r"\b(?:curl|wget)\b", code):  # of `!curl` no more is heard
                heard.files[f"{WEB}a program"] = "as it was then"
        found |= {n: digest for n, digest in heard.files.items() if n not in found}
        # What was heard of is as it was when it was read; what others changed meanwhile is open.
        every = everything(project)
        late = {name for name in every | begun if every.get(name) != begun.get(name)}
        late = {n for n in late if os.path.realpath(project.root / n) not in heard.written}
        found |= every | dict.fromkeys(late, CHANGED) | found


def _is_data(path: Path) -> bool:
    """Say whether a file, which lies elsewhere, may hold data: a user's own, and no program's."""
    path = Path(os.path.normpath(path))
    no = path.suffix.lower() in KNOWN["program"] or any(p.startswith(".") for p in path.parts)
    return not (no or any(map(path.is_relative_to, _NO_DATA)))


def _own(project: Project, places: set[str]) -> dict[str, Path]:
    """Find what belongs to the project among some places, by its path from the root, sorted."""
    # A link counts by its own name too: it may come to lead elsewhere.
    paths = {Path(way(place)) for place in places for way in (os.path.realpath, os.path.abspath)}
    # The working folder of a notebook is told by where it really is.
    real = os.path.realpath(project.notebooks)
    paths |= {project.notebooks / p.relative_to(real) for p in paths if p.is_relative_to(real)}
    paths = {path for path in paths if path.is_relative_to(project.root)}
    # What Python keeps of a module stands for its source.
    kept = [path for path in paths if path.parent.name == "__pycache__"]
    paths |= {Path(source_from_cache(path)) for path in kept if path.name.count(".") == 2}
    away = [*map(Path, _LIBRARIES), PACKAGE]
    own = {
        path.relative_to(project.root).as_posix(): path
        for path in sorted(paths)
        if not any(path.is_relative_to(other) for other in away)
        and AWAY.isdisjoint(path.relative_to(project.root).parts)
    }
    for name in own:
        if name.encode("utf-8", "replace").decode() != name:
            raise ProjectError(f"{name!a}: the name is no Unicode; give the file another one")
    return own


def everything(project: Project) -> dict[str, str]:
    """Return the SHA-256 of all files of a project but notebooks, reports, and what is hidden."""
    there = {*project.root.iterdir()}
    tops = {p for p in there if p.name[0] != "." and p != project.reports}
    files = below(tops, but=[project.root, *(there - tops)])
    places = {str(path) for path in (*tops, *files) if path.is_file()}
    own = {n: p for n, p in _own(project, places).items() if p.suffix != ".ipynb" and "/." not in n}
    return {**{name: sha256(path) for name, path in own.items()}, ALL: "may have been read"}


def read_now(project: Project, read: Any, data: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 now of what a run read; of all files, if that or nothing is known."""
    if read is None:
        return everything(project)
    whole = everything(project) if ALL in read else {}
    now = {name: data.get(name) or sha256(project.root / name) for name in read}
    now |= dict.fromkeys((name for name in read if name.startswith(WEB)), "perhaps another")
    return {n: digest for n, digest in (now | whole).items() if digest or not read.get(n, True)}
