"""What a run read: of these files a report is made, and if none has changed, it is fresh.

The tables and texts have one gate (`ngolib.reading`), which records what stood there. Python tells
of whatever else is opened (audit hooks, PEP 578). Where something may be read without a word, a
report is made of all files of the project. That a file was only looked for is not heard.
"""

import os
import re
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ngolib
from ngolib.project import Project, pinned
from ngolib.reading import recorded, sha256

# Stands among the files of a run of which it is not sure what it read.
ALL = "all files"
LISTED = {"os.listdir", "os.scandir"}
# Other programs, and databases; modules and functions that open files without Python.
BEGUN = {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty", "os.system"}
BEGUN |= {"sqlite3.connect", "ctypes.dlopen"}
_SILENT = re.compile(
    r"\b(lxml|pyarrow|polars|duckdb|h5py|netCDF4|osgeo|pyogrio|rasterio|multiprocessing|concurrent"
    r"|joblib|dir_fd|read_(?:xml|parquet|feather|orc|hdf))\b"
)
# Events of the runs that are recorded, by name, with what they are about.
_records: list[defaultdict[str, set[str]]] = []


def _hear(event: str, args: tuple[Any, ...]) -> None:
    """Take note of an event, if some run is recorded."""
    if _records and (event == "open" or event in LISTED or event in BEGUN):
        place = args[0] if args and isinstance(args[0], str | bytes | os.PathLike) else ""
        mode, how = args[1:] if event == "open" else ("r", 0)
        path = Path.cwd() / os.fsdecode(place)
        written = how & os.O_WRONLY or (how & os.O_RDWR and how & os.O_TRUNC)
        if not written and (mode or path.exists()):  # else relative to some open folder
            _records[-1][event].add(str(path))


sys.addaudithook(_hear)


@contextmanager
def read_by(root: Path) -> Iterator[dict[str, str]]:
    """Record what is read meanwhile of the project in a folder, which is seen in one state.

    At the end the dict has the path from the root and the SHA-256 of each file, empty where there
    was none; of all files, and `ALL`, where something may have been read without a word.
    """
    project, imported = Project.find(root), set(sys.modules)
    found: dict[str, str] = {}
    heard: defaultdict[str, set[str]] = defaultdict(set)
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
    files = filter(None, (getattr(module, "__file__", None) for module in new.values()))
    own = _own(project, {*heard["open"], *files})
    found |= {n: sha256(path) for n, path in own.items() if n not in found and not path.is_dir()}
    codes = (path for path in own.values() if path.suffix in (".py", ".ipynb") and path.is_file())
    said = [path.read_text("utf-8", "replace") for path in codes]
    said += {name.partition(".")[0] for name in new}
    listed = _own(project, set().union(*(heard[event] for event in LISTED)))
    if any(heard[event] for event in BEGUN) or any(map(_SILENT.search, said)) or {*listed} - {"."}:
        found |= everything(project)


def _own(project: Project, places: set[str]) -> dict[str, Path]:
    """Find what belongs to the project among some places, by its path from the root, sorted."""
    python = (sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))
    away = [*map(Path, python), Path(ngolib.__file__).parent]
    paths = {Path(os.path.realpath(place)) for place in places}
    return {
        path.relative_to(project.root).as_posix(): path
        for path in sorted(paths)
        if path.is_relative_to(project.root)
        and not any(path.is_relative_to(other) for other in away)
        and "__pycache__" not in path.parts
        and not any(part[0] == "." for part in path.relative_to(project.root).parts)
    }


def everything(project: Project) -> dict[str, str]:
    """Return the SHA-256 of all files of a project but notebooks, reports, and what is hidden."""
    tops = [p for p in project.root.iterdir() if p.name[0] != "." and p != project.reports]
    places = {str(path) for top in tops for path in (top, *top.rglob("*")) if path.is_file()}
    own = {n: p for n, p in _own(project, places).items() if p.suffix != ".ipynb"}
    return {**{name: sha256(path) for name, path in own.items()}, ALL: "may have been read"}


def read_now(project: Project, read: Any, data: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 now of what a run read; of all files, if that or nothing is known."""
    if read is None or ALL in read:
        return everything(project)
    now = {name: data.get(name) or sha256(project.root / name) for name in read}
    return {name: digest for name, digest in now.items() if digest or not read[name]}
