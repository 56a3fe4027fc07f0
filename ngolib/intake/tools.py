"""What several ways in need: libraries of the extra `add`, foreign words, and rows for a table."""

import csv
import io
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import pandas as pd

from ngolib.errors import InputError, one_line
from ngolib.files import csv_text
from ngolib.project import Project
from ngolib.reading import read_bytes
from ngolib.tables import defects_of


def extra(module: str, command: str) -> Any:
    """Import a library of the extra `add`; an `InputError` says how to install it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        how = ".venv/bin/python -m pip install --require-hashes -r requirements/add.txt"
        said = f"`{command}` needs the extra `add`, which is not installed: {how}"
        raise InputError(said) from None


def with_rows(project: Project, name: str, rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return a table's file with rows behind its last; one that breaks the schema is refused."""
    table = project.table(name)
    frame = pd.DataFrame(rows, columns=table.columns, dtype="str").fillna("")
    words = "author", "outlet", "publisher", "original_name"
    free = [name for name in table.columns if name in words]
    frame[free] = frame[free].map(one_line)  # what `ngolib check` would refuse
    if found := [str(defect) for defect in defects_of(table, frame, project.vocabularies)]:
        raise InputError("; ".join(found))
    content = read_bytes(project.data / table.path).decode("utf-8")
    ends = "\r\n" if "\r\n" in content.partition("\n")[0] + "\n" else "\n"
    content += "" if content.endswith("\n") else ends
    header = next(csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline="")))
    new = "".join(csv_text([row])[:-1] + ends for row in frame[header].to_numpy().tolist())
    return (content + new).encode("utf-8")
