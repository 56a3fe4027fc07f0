"""From names of tables to files in a folder: all of them, or none."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from ngolib.errors import ReportError, unknown
from ngolib.project import Project
from ngolib.reports.export.about import read_about
from ngolib.reports.export.as_csv import GENERATOR
from ngolib.reports.export.tables import tables_of

FORMATS = ("csv", "parquet", "xlsx")
PACKAGE = "datapackage.json"
BESIDE = (PACKAGE, "README.md", "LICENSE.txt")


def files_of(project: Project, names: Sequence[str], kind: str) -> dict[str, bytes]:
    """Make the files of an export.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.
    names : sequence of str
        Tables.
    kind : str
        One of `FORMATS`.

    Returns
    -------
    dict
        Name of a file to its bytes; the same tables give the same bytes.

    Raises
    ------
    ngolib.errors.NgolibError
        If a table or the format is not known, a table is broken, or a library is missing.
    """
    if kind not in FORMATS:
        raise ReportError(unknown("format", kind, FORMATS))
    exports, about = tables_of(project, names), read_about(project)
    if kind == "csv":
        from ngolib.reports.export import as_csv

        return as_csv.files(exports, about)
    if kind == "parquet":
        from ngolib.reports.export import as_parquet

        return as_parquet.files(exports, about)
    from ngolib.reports.export import as_excel

    codes = project.read_text_cells("vocabulary")[["vocabulary", "code", "label", "definition"]]
    return as_excel.files(exports, about, codes.to_numpy().tolist())


def _is_own(folder: Path) -> bool:
    """Say whether the package in a folder was written by an export."""
    try:
        package = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(package, dict) and package.get("generator") == GENERATOR


def check_place(project: Project, folder: Path, files: Collection[str]) -> None:
    """Refuse a folder in which an export would write over something else.

    Parameters
    ----------
    project : ngolib.project.Project
        The project: neither its root nor its tables and notebooks are a place for exports.
    folder : pathlib.Path
        Where files are to be written.
    files : collection of str
        Their names.

    Raises
    ------
    ngolib.errors.ReportError
        If it is such a folder.
    """
    place = folder.resolve()
    kept = (project.data.resolve(), project.notebooks.resolve())
    if place == project.root.resolve() or any(place.is_relative_to(path) for path in kept):
        raise ReportError(f"{folder}: the project's own files are there; name another folder")
    # A table's file is ours by its name; the files beside it may have names that others use too.
    beside = [name for name in files if name in BESIDE and (folder / name).exists()]
    if beside and not _is_own(folder):
        raise ReportError(
            f"{folder}: holds {', '.join(beside)}, which no export has written; name another folder"
        )


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put files into a folder: first all beside their places, then each in its place in one step.

    What else is in the folder stays. If writing fails, what was there is as it was.

    Parameters
    ----------
    folder : pathlib.Path
        Where; made if it is not there.
    files : mapping
        Name of a file to its bytes.

    Raises
    ------
    ngolib.errors.ReportError
        If the folder cannot be written to.
    """
    token = secrets.token_hex(4)
    waiting = {folder / f".{name}.{token}": folder / name for name in files}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for (beside, _), content in zip(waiting.items(), files.values(), strict=True):
            beside.write_bytes(content)
        for beside, place in waiting.items():
            beside.replace(place)
    except OSError as error:
        raise ReportError(f"{folder}: cannot be written: {error.strerror}") from error
    finally:
        for beside in waiting:
            beside.unlink(missing_ok=True)


def export(project: Project, names: Sequence[str], kind: str, folder: Path) -> list[Path]:
    """Write tables into a folder.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.
    names : sequence of str
        Tables.
    kind : str
        One of `FORMATS`.
    folder : pathlib.Path
        Where.

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    ngolib.errors.NgolibError
        Before anything is written, if something that was asked for cannot be made.
    """
    files = files_of(project, names, kind)
    check_place(project, folder, files)
    put(folder, files)
    return [folder / name for name in files]
