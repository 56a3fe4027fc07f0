"""What a run read: of these files a report is made, and if none has changed, it is fresh.

The tables and texts have one gate (`ngolib.reading`), which records what stood there.
Python tells of whatever else is opened (audit hooks, PEP 578), so nothing goes round it unheard.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ngolib
from ngolib.project import Project, pinned
from ngolib.reading import recorded, sha256

# Stands among the data of a run of which it is not sure what it read: then it is all of them.
ALL = "data/"
LISTED = {"os.listdir", "os.scandir"}
# Other programs, and modules that open files without Python.
BEGUN = {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty", "os.system"}
UNSEEN = {"pyarrow", "polars", "duckdb", "lxml", "h5py", "netCDF4", "osgeo", "pyogrio", "rasterio"}
# Events of the runs that are recorded, by name, with what they are about.
_records: list[defaultdict[str, set[str]]] = []


def _hear(event: str, args: tuple[Any, ...]) -> None:
    """Take note of an event, if some run is recorded."""
    if _records and (event == "open" or event in LISTED or event in BEGUN):
        name = args[0] if args and isinstance(args[0], str | bytes) else ""
        to_write = event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR)
        if not to_write:
            _records[-1][event].add(str(Path.cwd() / os.fsdecode(name)))


sys.addaudithook(_hear)


@contextmanager
def read_by(root: Path) -> Iterator[dict[str, str]]:
    """Record what is read meanwhile of the project in a folder, which is seen in one state.

    At the end the dict has the path from the root and the SHA-256 of each file; of all data, and
    `ALL`, where something may have been read without a word.
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
    for path in _own(project, heard["open"]):
        found.setdefault(path.relative_to(project.root).as_posix(), sha256(path))
    listed = set().union(*(heard[event] for event in LISTED))
    silent = any(heard[event] for event in BEGUN) or UNSEEN & ({*sys.modules} - imported)
    if silent or any(Path(name).is_relative_to(project.data) for name in listed):
        found |= {**project.input_hashes(), ALL: "may all have been read"}


def _own(project: Project, opened: set[str]) -> Iterator[Path]:
    """Yield the files that belong to the project among those that were opened or imported."""
    modules = (getattr(module, "__file__", None) for module in [*sys.modules.values()])
    python = Path(sys.prefix), Path(sys.base_prefix)
    away = [*python, Path(ngolib.__file__).parent, project.root / ".git"]
    for path in sorted(map(Path, opened.union(filter(None, modules)))):
        mine = path.is_relative_to(project.root) and not any(path.is_relative_to(o) for o in away)
        if mine and "__pycache__" not in path.parts and path.is_file():
            yield path


def read_now(project: Project, read: Any, data: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 now of what a run read; of all data, if that or nothing is known."""
    known = read if isinstance(read, dict) else {}  # it stood in a file that anybody can edit
    if known is not read or ALL in known:
        return {**data, **{name: said for name, said in known.items() if name == ALL}}
    there = [name for name in known if name in data or (project.root / name).is_file()]
    return {name: data.get(name) or sha256(project.root / name) for name in there}
