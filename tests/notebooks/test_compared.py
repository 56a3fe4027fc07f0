"""The comparison of two countries: what either has and the other has not, and a duty in words."""

from __future__ import annotations

from pathlib import Path

import pytest
import runs

from ngolib import methods

ROOT = Path(__file__).resolve().parents[2]
COMPARED = ROOT / "notebooks" / "02_restrictions_compared.ipynb"


def shown(**values):
    """Return what the notebook shows, by kind and name."""
    return {(item["kind"], item["name"]): item for item in runs.run(COMPARED, values)["shown"]}


def test_what_either_has_alone_is_counted_named_and_listed():
    found = shown()
    for side, name, other in (("b", "Russia", "Kazakhstan"), ("a", "Kazakhstan", "Russia")):
        answer, table = found["finding", f"only-in-{side}"], found["table", f"only-in-{side}"]
        rows = table["rows"]
        usual = sum("a class only" not in row[table["columns"].index("field")] for row in rows)
        head = f"{name} has {len(rows)} restrictive rules with no recorded counterpart "
        head += f"in force in {other}, {usual} "
        assert answer["text"].startswith(head) and len(answer["text"]) <= 300
        assert all(f"“{row}”" in answer["text"] for row in _named(answer["text"], rows))
    fields = {row[0] for row in found["table", "side-by-side"]["rows"]}
    assert len(fields) == 9


def test_who_is_stricter_is_not_told_of_a_country_that_nobody_searched(monkeypatch):
    searches = methods.searches
    monkeypatch.setattr(methods, "searches", lambda of: searches(of).query("country != 'KGZ'"))
    for countries in (["KAZ", "KGZ"], ["KGZ", "KAZ"]):
        found = shown(countries=countries)
        for name in ("stricter", "since-when"):
            text = found["finding", name]["text"]
            assert text.startswith("Who is stricter cannot be told; not searched: Kyrgyzstan. ")
            assert "neither" not in text and "Kyrgyzstan has" not in text
        assert "(0 per cent)" not in found["finding", "manner"]["text"]


def _named(text, rows):
    """Return the rules that a sentence names: at least two, each a row of the list."""
    named = [part.split("”")[0] for part in text.split("“")[1:]]
    assert len(named) >= 2 and set(named) <= {row[0].split(" (")[0] for row in rows}
    return named


def test_one_field_tells_the_duty_its_law_and_what_a_breach_brings():
    found = shown(fields=["foreign_funding"])
    told = found["finding", "rule-a"]["text"]
    for words in ("notify and report", "11 October 2016", "Tax Code", "Art. 56(9)", "Art. 460-1"):
        assert words in told
    assert "255-FZ" in found["finding", "rule-b"]["text"]
    assert {name for kind, name in found if kind == "figure"} == {"panel"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"fields": ["reporting_oversight"]}, "none for the usual NGO"),
        ({"countries": ["KAZ", "UZB"], "fields": ["foreign_funding"]}, None),
    ],
)
def test_one_field_can_be_told_of_other_fields_and_pairs(values, said):
    found = shown(**values)
    assert found["finding", "rule-a"]["text"].startswith("Kazakhstan: “")
    assert (("finding", "only-in-a") in found) == bool(said)
    assert said is None or said in found["finding", "only-in-a"]["text"]
