"""Read a user's own copy of the V-Dem country-year file; the project does not hold one.

V-Dem (Varieties of Democracy) publishes the file under CC BY-SA 4.0, as
`V-Dem-CY-Full+Others-v<release>.csv`. The columns read here carry their official names; point
estimates have bounds in `<name>_codelow` and `<name>_codehigh`, the limits of the interval that the
measurement model gives. All indicators below rise with freedom.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ngolib.errors import DataError
from ngolib.project import Project, sha256

ENVIRONMENT = "NGOLIB_VDEM"
INDICATORS = {
    "v2cseeorgs": "V-Dem: entry and exit of CSOs",
    "v2csreprss": "V-Dem: freedom from repression of CSOs",
    "v2csprtcpt": "V-Dem: participation in CSOs",
    "v2cscnsult": "V-Dem: consultation of CSOs",
}
# Tried on release 14; the names of the columns are the same in the releases around it, and are
# checked in any case.
RELEASES = range(9, 17)
KEYS = ("country_text_id", "year")
LOW, HIGH = "_codelow", "_codehigh"


@dataclass(frozen=True)
class VDem:
    """What was read: the values, and from which file."""

    table: pd.DataFrame
    name: str
    release: str
    sha256: str
    bounds: bool


def locate(path: str = "", *, project: Project | None = None) -> Path | None:
    """Find the file: the path given, else that of the environment, else none.

    Parameters
    ----------
    path : str
        Path; a relative one counts from the root of the project. Empty = ask `NGOLIB_VDEM`.

    Returns
    -------
    pathlib.Path or None
        The path, whether or not a file is there; None if neither names one.
    """
    named = path or os.environ.get(ENVIRONMENT, "")
    return (project or Project.find()).root / Path(named).expanduser() if named else None


def load_vdem(
    path: Path,
    countries: Sequence[str],
    start: int,
    end: int,
    indicators: Sequence[str] = tuple(INDICATORS),
) -> VDem:
    """Read indicators on civil society organisations from the official country-year file.

    Parameters
    ----------
    path : pathlib.Path
        The CSV file, named as it was downloaded: its name tells the release (`…v14.csv`).
    countries : sequence of str
        ISO-3 codes.
    start, end : int
        First and last year.
    indicators : sequence of str
        Columns to read.

    Returns
    -------
    VDem
        `table`: `country, year, indicator, value, low, high` (measurement model scale, more is
        freer; NaN = not in the file), by indicator, country and year; `name` of the file,
        `release`, `sha256` of its bytes, `bounds` (whether it has columns of bounds).

    Raises
    ------
    ngolib.errors.DataError
        With one line, if the file is absent, is not of a known release, lacks columns, or holds
        what is no number.
    """
    known = f"{RELEASES[0]} to {RELEASES[-1]}"
    if not path.is_file():
        raise _error(path, "no such file")
    found = re.search(r"(?:^|[^a-z])v(\d+(?:\.\d+)?)(?=[^a-z0-9]|$)", path.name, re.IGNORECASE)
    if found is None:
        raise _error(path, f"its name tells no release; known: {known}, as in …-v14.csv")
    if int(float(found[1])) not in RELEASES:
        raise _error(path, f"release {found[1]} is not known; known: {known}")
    try:
        header = list(pd.read_csv(path, nrows=0).columns)
        missing = [c for c in (*KEYS, *indicators) if c not in header]
        if missing:
            raise _error(path, f"lacks the columns {', '.join(missing)}")
        limits = [i + side for i in indicators for side in (LOW, HIGH)]
        frame = pd.read_csv(path, usecols=[*KEYS, *indicators, *(c for c in limits if c in header)])
        frame = frame.rename(columns={"country_text_id": "country"})
        for column in frame.columns.drop("country"):
            frame[column] = pd.to_numeric(frame[column])
    except (ValueError, UnicodeDecodeError) as error:
        raise _error(path, f"cannot be read: {' '.join(str(error).split())}") from None
    frame = frame[frame["country"].isin(countries) & frame["year"].between(start, end)]
    frame = frame.sort_values(["country", "year"])
    nothing = pd.Series(float("nan"), index=frame.index)
    parts = [
        frame[["country", "year"]].assign(
            indicator=indicator,
            value=frame[indicator],
            low=frame.get(indicator + LOW, nothing),
            high=frame.get(indicator + HIGH, nothing),
        )
        for indicator in indicators
    ]
    table = pd.concat(parts, ignore_index=True)
    return VDem(table, path.name, found[1], sha256(path), all(c in header for c in limits))


def _error(path: Path, said: str) -> DataError:
    return DataError([f"V-Dem: {path.name}: {said}"])
