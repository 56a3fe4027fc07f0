"""Rows put behind a table's last, and several files changed together."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from ngolib.errors import IntakeError
from ngolib.project import Project
from ngolib.tables import defects_of


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
    import pandas as pd

    table = project.table(name)
    frame = pd.DataFrame(rows, columns=table.columns, dtype="str").fillna("")
    found = [str(defect) for defect in defects_of(table, frame, project.vocabularies)]
    if found:
        raise IntakeError("; ".join(found))
    content = (project.data / table.path).read_bytes().decode("utf-8")
    content += "" if content.endswith("\n") else "\n"
    header = next(csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline="")))
    lines = [csv_line([row.get(column, "") for column in header]) for row in rows]
    return (content + "".join(lines)).encode("utf-8")


def put_all(files: Mapping[Path, bytes]) -> None:
    """Put files in place, in the order given, over what stands there.

    All are written beside their places first, so that a full disk changes nothing; then each is
    moved in one step. Name tables before what they name: a run that is cut off between two moves
    then leaves rows for which something is missing, and `ngolib check` says what.

    Raises
    ------
    ngolib.errors.IntakeError
        If one cannot be written; all is as it was.
    """
    beside = {path.with_name(f".{path.name}.{secrets.token_hex(4)}"): path for path in files}
    try:
        for new, path in beside.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(files[path])
        try:
            _move(beside)
        except KeyboardInterrupt:
            _move(beside)  # stopped between two of them: the rest takes no time
            raise
    except OSError as error:
        raise IntakeError(f"cannot be written: {error.strerror}; nothing was changed") from error
    finally:
        for new in beside:
            new.unlink(missing_ok=True)


def _move(beside: Mapping[Path, Path]) -> None:
    for new, path in beside.items():
        if new.exists():
            new.replace(path)
