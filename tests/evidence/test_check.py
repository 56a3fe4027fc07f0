"""A planted error is found before any analysis sees it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ngolib.evidence.check import defects


def test_our_data_have_no_defect(project):
    assert defects(project) == []


def edit(path: Path, change) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def first(rows, **wanted):
    return next(r for r in rows if all(r[k] == v for k, v in wanted.items()))


DEFECTS = [
    ("coding/statements.csv", lambda r: r[0].update(exact=r[0]["exact"][:-1] + "#"), "nowhere"),
    ("coding/statements.csv", lambda r: r[0].update(process_id="KAZ-1900-nothing"), "does not"),
    ("coding/statements.csv", lambda r: r[1].update(categories="tax"), "unknown category code"),
    (
        "register/steps.csv",
        lambda r: first(r, precision="day").update(date="2014-13-01"),
        "calenda",
    ),
    ("register/steps.csv", lambda r: first(r, precision="day").update(date="2014"), "precision"),
    ("register/acts.csv", lambda r: r[5].update(relation="follows: RUS-1"), "allowed: one of"),
    (
        "register/rules.csv",
        lambda r: first(r, from_precision="day").update(
            in_force_to="1980-01-01", to_precision="day", to_basis="stated"
        ),
        "is before in_force_from",
    ),
    ("register/rules.csv", lambda r: first(r, direction="enabling").update(rung="2"), "enabling"),
]


@pytest.mark.parametrize(("path", "change", "said"), DEFECTS)
def test_a_planted_defect_is_found_and_named(copy, path, change, said):
    edit(copy.data / path, change)
    found = defects(copy)
    assert any(path in line and said in line for line in found), found


def test_a_decree_has_no_parliamentary_vote(copy):
    decrees = {
        a["process_id"]
        for a in copy.read_text_cells("acts").to_dict("records")
        if a["kind"] == "decree"
    }
    edit(
        copy.data / "register/steps.csv",
        lambda rows: next(r for r in rows if r["process_id"] in decrees).update(
            stage="first_chamber"
        ),
    )
    assert any("not possible for a decree" in line for line in defects(copy))


def test_a_changed_text_is_named(copy):
    path = copy.data / "sources" / "iwpr-2006.txt"
    path.write_bytes(path.read_bytes() + b"x")
    assert any("iwpr-2006.txt" in line and "changed" in line for line in defects(copy))


def test_a_missing_text_is_named(copy):
    edit(copy.data / "sources.csv", lambda rows: rows[0].update(path="sources/none.txt"))
    found = defects(copy)
    assert any("none.txt: cannot be read" in line for line in found)
    assert any("no row for sources/" in line for line in found)
