"""The second reading of a sample of the register."""

from __future__ import annotations

import pandas as pd
import pytest

from ngolib.analysis.agreement.register import apart, by_code


def reading(rows):
    columns = ["table", "row_id", "column", "value_a", "value_b", "note"]
    return pd.DataFrame([(*row, "") for row in rows], columns=columns)


def test_shares_and_alpha_by_hand():
    table = reading(
        [("rules", f"r{n}", "direction", "restrictive", "restrictive") for n in range(3)]
        + [("rules", "r3", "direction", "enabling", "restrictive")]
        + [("acts", "a1", "subject", "ngo; everyone", "everyone; ngo")]
    )
    found = by_code(table).set_index(["table", "column"])
    direction = found.loc[("rules", "direction")]
    assert (direction["rows"], direction["same"], direction["share"]) == (4, 3, 0.75)
    # Codes: 7 restrictive, 1 enabling; observed 2 of 8, expected 2 * 7 of 8 * 7 pairs: 1 - 1 = 0.
    assert direction["alpha"] == pytest.approx(0)
    # The order of a list is no difference.
    assert found.loc[("acts", "subject"), "share"] == 1
    assert pd.isna(found.loc[("acts", "subject"), "alpha"])
    assert apart(table)["row_id"].tolist() == ["r3"]


def test_every_row_of_the_sample_stands_in_its_table(project):
    keys = {"rules": "rule_id", "acts": "process_id", "steps": "step_id", "pairs": "pair_id"}
    sample = project.read_table("second_reading")
    for table, own in sample.groupby("table"):
        assert set(own["row_id"]) <= set(project.read_table(table)[keys[table]])
    countries = project.read_table("rules").set_index("rule_id")["country"]
    codes = sample[sample["table"] == "rules"].set_index("column")["row_id"].map(countries)
    assert codes["category"].value_counts().to_dict() == {"KAZ": 35, "RUS": 35}
    assert set(codes["rung"]) == {"KAZ", "RUS"}
