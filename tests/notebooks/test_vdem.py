"""V-Dem's file is the user's own: these small ones have its form and invented values."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from runs import cell_of

from ngolib.errors import DataError

INDICATORS = ["v2cseeorgs", "v2csreprss", "v2csprtcpt", "v2cscnsult"]
NAME = "V-Dem-CY-Full+Others-v14.csv"
load_vdem = cell_of("07_ratings", "def load_vdem(")["load_vdem"]


def write(folder: Path, name: str = NAME, bounds: bool = True, drop: str = "") -> Path:
    """Write a file in the form of the official one: other columns and countries stand in it too."""
    rows = []
    for country in ("KAZ", "RUS", "SWE"):
        for year in range(1989, 1994):
            row = {"country_name": "x", "country_text_id": country, "year": year, "v2x_libdem": 0.1}
            for n, indicator in enumerate(INDICATORS):
                value = n + year / 10000
                row[indicator] = value
                if bounds:
                    row |= {f"{indicator}_codelow": value - 1, f"{indicator}_codehigh": value + 1}
            rows.append(row)
    frame = pd.DataFrame(rows)
    path = folder / name
    frame.drop(columns=[drop] if drop else []).to_csv(path, index=False)
    return path


def test_the_chosen_countries_and_years_are_read_with_their_bounds(tmp_path):
    found, release = load_vdem(write(tmp_path), ["KAZ", "RUS"], 1991, 1992, INDICATORS)
    assert release == "14"
    assert len(found) == len(INDICATORS) * 2 * 2
    assert set(found["country"]) == {"KAZ", "RUS"}
    assert (found["low"] < found["value"]).all() and (found["high"] > found["value"]).all()


def test_point_estimates_alone_are_read_without_bounds(tmp_path):
    found, _ = load_vdem(write(tmp_path, bounds=False), ["KAZ"], 1991, 1992, INDICATORS)
    assert found["low"].isna().all() and found["value"].notna().all()


@pytest.mark.parametrize(
    ("name", "drop", "line"),
    [
        ("vdem_v14_1989_2023.csv", "", None),
        ("V-Dem-CY-Core-v11.1.csv", "", None),
        ("countries.csv", "", "its name tells no release"),
        (NAME, "v2csreprss", "lacks the columns v2csreprss"),
        (NAME, "year", "lacks the columns year"),
    ],
)
def test_one_clear_line_where_the_file_is_not_what_it_should_be(tmp_path, name, drop, line):
    path = write(tmp_path, name, drop=drop)
    if line is None:
        assert len(load_vdem(path, ["KAZ"], 1991, 1991, INDICATORS)[0]) == len(INDICATORS)
        return
    with pytest.raises(DataError, match=line) as caught:
        load_vdem(path, ["KAZ"], 1991, 1991, INDICATORS)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (None, "no such file"),
        (b"", "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"a,b\n1,2\n", "lacks the columns"),
    ],
)
def test_one_clear_line_where_there_is_no_table(tmp_path, content, line):
    path = tmp_path / NAME
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=line) as caught:
        load_vdem(path, ["KAZ"], 1991, 1991, INDICATORS)
    assert len(str(caught.value).splitlines()) == 1


def test_words_in_place_of_numbers_are_refused(tmp_path):
    path = write(tmp_path)
    path.write_text(path.read_text().replace("0.1991", "many"))
    with pytest.raises(DataError, match="cannot be read"):
        load_vdem(path, ["KAZ"], 1991, 1991, INDICATORS)
