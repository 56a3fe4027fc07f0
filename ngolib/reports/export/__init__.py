"""Handing tables out: what is exported, in which formats, with which words beside it.

`tables` takes the tables of the schema and `derived` builds two more (panel, events); `about` says
under which licence they go out; `as_csv`, `as_excel` and `as_parquet` turn them into the bytes of
files: pure functions, the same input giving the same bytes. `write` puts those in place.
"""

from ngolib.reports.export.tables import Export, table_names, tables_of
from ngolib.reports.export.write import FORMATS, export, files_of

__all__ = ["FORMATS", "Export", "export", "files_of", "table_names", "tables_of"]
