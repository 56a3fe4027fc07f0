"""Several files changed together: all of them or none, whatever happens in between."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ngolib.errors import IntakeError
from ngolib.project import Project
from ngolib.tables import Table, defects_of

STAGE = ".adding"
READY = "ready.json"


def csv_line(cells: Sequence[str]) -> str:
    """Write one record of a CSV, ended by LF."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def with_rows(project: Project, name: str, rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return a table's file with rows put behind its last; what stands there stays as it is.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.
    name : str
        Table of the data package.
    rows : sequence of mapping
        Column to cell; a column that is not given is empty.

    Raises
    ------
    ngolib.errors.IntakeError
        If a row breaks the schema: nothing may come in that `ngolib check` would refuse.
    """
    table = project.table(name)
    _check_rows(project, table, rows)
    path = project.data / table.path
    content = path.read_bytes().decode("utf-8")
    if content and not content.endswith("\n"):
        content += "\n"
    header = next(csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline="")))
    lines = [csv_line([row.get(column, "") for column in header]) for row in rows]
    return (content + "".join(lines)).encode("utf-8")


def _check_rows(project: Project, table: Table, rows: Sequence[Mapping[str, str]]) -> None:
    import pandas as pd

    cells = [[row.get(column, "") for column in table.columns] for row in rows]
    frame = pd.DataFrame(cells, columns=table.columns, dtype="str")
    found = list(defects_of(table, frame, project.vocabularies))
    if found:
        raise IntakeError("; ".join(str(d) for d in found))


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@contextmanager
def _held() -> Iterator[None]:
    """Let Ctrl-C and the end of the session wait for the few moments of putting files in place."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {n: signal.signal(n, lambda number, _: waiting.append(number)) for n in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in waiting:
            signal.raise_signal(number)


def put_all(project: Project, files: Mapping[Path, bytes]) -> None:
    """Put files in place, over what stands there: all of them or none.

    They are written whole beside the data first. From the moment when all of them lie there, a run
    that was cut off (by the power, say) is brought to its end by `recover`.

    Raises
    ------
    ngolib.errors.IntakeError
        If they cannot be written; all is as it was.
    """
    stage = project.root / STAGE
    with _held():
        try:
            _stage(project, stage, files)
        except OSError as error:
            shutil.rmtree(stage, ignore_errors=True)
            raise IntakeError(
                f"cannot be written: {error.strerror}; nothing was changed"
            ) from error
        _finish(project, stage)


def _stage(project: Project, stage: Path, files: Mapping[Path, bytes]) -> None:
    stage.mkdir()
    entries = []
    for number, (path, content) in enumerate(files.items()):
        with (stage / str(number)).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        place = path.relative_to(project.root).as_posix()
        digest = hashlib.sha256(content).hexdigest()
        entries.append({"path": place, "before": _hash(path), "after": digest})
        path.parent.mkdir(parents=True, exist_ok=True)
    draft = stage / "draft.json"
    draft.write_text(json.dumps(entries), encoding="utf-8")
    draft.replace(stage / READY)


def _finish(project: Project, stage: Path) -> None:
    entries = json.loads((stage / READY).read_text(encoding="utf-8"))
    for number, entry in enumerate(entries):
        new, place = stage / str(number), project.root / entry["path"]
        if new.exists():
            new.replace(place)
    shutil.rmtree(stage)


def recover(project: Project, tell: Callable[[str], None]) -> None:
    """Bring what an earlier run had begun to put in place to its end, or take it away.

    Raises
    ------
    ngolib.errors.IntakeError
        If one of the files was changed by hand since.
    """
    stage = project.root / STAGE
    if not stage.is_dir():
        return
    if not (stage / READY).is_file():
        shutil.rmtree(stage)
        tell("an earlier add was interrupted before it changed anything; its leavings are removed")
        return
    for entry in json.loads((stage / READY).read_text(encoding="utf-8")):
        if _hash(project.root / entry["path"]) not in (entry["before"], entry["after"]):
            raise IntakeError(
                f"{entry['path']}: was changed after an add was interrupted; {STAGE}/ holds what "
                "was to be written: move it away, or undo the change"
            )
    _finish(project, stage)
    tell("an earlier add was interrupted; it has been brought to its end")
