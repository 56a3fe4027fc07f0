"""Read a user's own copy of the V-Dem country-year file; the project does not hold one.

V-Dem (Varieties of Democracy) publishes it under CC BY-SA 4.0 as
`V-Dem-CY-Full+Others-v<release>.csv`; `<name>_codelow` and `<name>_codehigh` are the limits of the
interval that the measurement model gives. Its indicators on civil society rise with freedom.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ngolib.errors import DataError

KEYS = {"country_text_id": "country", "year": "year"}
LIMITS = {"low": "_codelow", "high": "_codehigh"}


def load_vdem(
    path: Path, countries: Sequence[str], start: int, end: int, indicators: Sequence[str]
) -> tuple[pd.DataFrame, str]:
    """Read indicators on civil society organisations from the official country-year file.

    The table has `country, year, indicator, value, low, high` (more is freer; NaN = not in the
    file), by indicator, country and year; beside it is the release. A `DataError` says if the file
    is absent, its name tells no release, it lacks columns, or holds no numbers.
    """
    if not path.is_file():
        raise _error(path, "a folder; allowed: a file" if path.is_dir() else "no such file")
    found = re.search(r"(?:^|[^a-z])v(\d+(?:\.\d+)?)(?=[^a-z0-9]|$)", path.name, re.IGNORECASE)
    if found is None:
        raise _error(path, "its name tells no release; allowed: one as …-v14.csv")
    columns = [i + suffix for i in indicators for suffix in ("", *LIMITS.values())]
    wanted = {*KEYS, *columns}
    try:
        frame = pd.read_csv(path, usecols=lambda column: column in wanted)
        if missing := [c for c in (*KEYS, *indicators) if c not in frame]:
            raise _error(path, f"lacks the columns {', '.join(missing)}")
        frame = frame.rename(columns=KEYS).reindex(columns=[*KEYS.values(), *columns])
        frame[["year", *columns]] = frame[["year", *columns]].apply(pd.to_numeric)
    except ValueError as error:
        raise _error(path, f"cannot be read: {' '.join(str(error).split())}") from None
    frame = frame[frame["country"].isin(countries) & frame["year"].between(start, end)]
    frame = frame.sort_values(["country", "year"])
    parts = []
    for own in indicators:
        names = {own: "value"} | {own + end: name for name, end in LIMITS.items()}
        parts.append(frame.rename(columns=names).assign(indicator=own))
    columns = ["country", "year", "indicator", "value", *LIMITS]
    return pd.concat(parts, ignore_index=True)[columns], found[1]


def _error(path: Path, said: str) -> DataError:
    return DataError([f"V-Dem: {path.name}: {said}"])
