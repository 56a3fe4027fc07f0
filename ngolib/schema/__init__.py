"""The schema of every table, read from `data/datapackage.json`; reading and validation by it.

The package file is the one truth: loaders, checks, the data dictionary and exports read it. Beside
the standard properties of a Table Schema field, two of our own are used: `vocabulary` (its codes
stand in the table `vocabulary`) and `list` (several values parted by `; `); and one of a schema,
`listForeignKeys`, which is written like `foreignKeys` and holds for each value of such a list.

`package` reads that file, `files` a CSV in its form, `cells` says what is wrong with its cells and
gives them their types; `defect` is the one line that each of them speaks in.
"""

from ngolib.schema.cells import defects_of, typed
from ngolib.schema.defect import Defect
from ngolib.schema.files import read_csv
from ngolib.schema.package import LIST_SEPARATOR, Field, ForeignKey, Table, read_schema

__all__ = [
    "LIST_SEPARATOR",
    "Defect",
    "Field",
    "ForeignKey",
    "Table",
    "defects_of",
    "read_csv",
    "read_schema",
    "typed",
]
