"""Parquet with typed columns; licence, citation and codebook in the metadata of the file."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from ngolib.errors import ReportError
from ngolib.reports.export.about import About, type_text
from ngolib.reports.export.tables import Export

TYPES = {"string": "VARCHAR", "integer": "BIGINT", "boolean": "BOOLEAN"}
DTYPES = {"string": "object", "integer": "Int64", "boolean": "bool"}
MISSING = "Parquet needs DuckDB, which is not installed: pip install duckdb"


def _database() -> Any:
    try:
        import duckdb
    except ImportError:
        raise ReportError(MISSING) from None
    # One thread, so that rows and bytes are always in one order.
    return duckdb.connect(":memory:", config={"threads": 1})


def _quoted(text: str) -> str:
    """Write a text as SQL does."""
    return "'" + text.replace("'", "''") + "'"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _metadata(export: Export, about: About) -> dict[str, str]:
    columns = [
        {"name": f.name, "type": type_text(f), "description": f.description}
        for f in export.table.fields
    ]
    return {
        **dict(about.lines()),
        "table": export.name,
        "table_title": export.table.title,
        "table_description": export.table.description,
        "columns": json.dumps(columns, ensure_ascii=False),
    }


def _frame(export: Export) -> pd.DataFrame:
    columns = list(zip(*export.rows, strict=True)) or [()] * len(export.table.fields)
    return pd.DataFrame(
        {
            field.name: pd.Series(list(values), dtype=DTYPES[field.type])
            for field, values in zip(export.table.fields, columns, strict=True)
        }
    )


def _table(database: Any, export: Export, about: About, folder: Path) -> bytes:
    columns = ", ".join(
        f"CAST({_name(f.name)} AS {TYPES[f.type]}) AS {_name(f.name)}" for f in export.table.fields
    )
    metadata = ", ".join(f"{_quoted(k)}: {_quoted(v)}" for k, v in _metadata(export, about).items())
    path = folder / "table.parquet"
    database.register("exported", _frame(export))
    database.execute(
        f"COPY (SELECT {columns} FROM exported) TO {_quoted(str(path))} "
        f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}})"
    )
    database.unregister("exported")
    return path.read_bytes()


def files(exports: list[Export], about: About) -> dict[str, bytes]:
    """Write tables as Parquet.

    Parameters
    ----------
    exports : list of Export
        The tables.
    about : About
        What is said beside them.

    Returns
    -------
    dict
        Name of a file to its bytes: one file per table; text, 64-bit integers and booleans, all
        nullable; lists and dates as text, as in every other format.

    Raises
    ------
    ngolib.errors.ReportError
        If DuckDB is not installed.
    """
    database = _database()
    with tempfile.TemporaryDirectory() as folder:
        return {
            f"{export.name}.parquet": _table(database, export, about, Path(folder))
            for export in exports
        }
