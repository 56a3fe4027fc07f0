"""Other periods and countries than the default: the sentences stay true."""

from __future__ import annotations

from pathlib import Path

import pytest
import runs

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
# Notebook, parameters, finding, words that it says, words that it does not say.
SAID = [
    ("05_voices", {"end": 2020}, "key-words", "modern-diplomacy-2021.4 is not one", None),
    ("05_voices", {"min_reliability": "B"}, "naive-count", "1 in a text not read", None),
    ("09_country", {"country": "KGZ", "end": 2000}, "strictest-fields", "by no rule", "strictly"),
    ("09_country", {"country": "UZB"}, "recent", "no new rules began", "gifts"),
    (
        "02_restrictions_compared",
        {"start": 2020},
        "since-when",
        "in no year of 2020–2026",
        "long as",
    ),
    (
        "02_restrictions_compared",
        {"countries": ["UZB", "RUS"]},
        "since-when",
        "stricter since 2023, the two being level in 2022",
        "was before",
    ),
    (
        "02_restrictions_compared",
        {"countries": ["KGZ", "UZB"], "fields": ["state_funding"]},
        "stricter",
        "restrictive acts told of: Kyrgyzstan 0 and Uzbekistan 0",
        None,
    ),
    (
        "02_restrictions_compared",
        {"fields": ["assembly"]},
        "rule-b",
        "compulsory work”, since 1 January 2013 (a like duty since 1 July 2002)",
        None,
    ),
    ("03_reform_timeline", {"country": "RUS", "end": 2005}, "under-latest", "Under Putin", "again"),
    ("08_numbers", {"layers": ["corpus"]}, "money", "2 sums in USD", None),
    ("01_sources", {"reliability": ["A", "B"]}, "claims-checked", "Of 29 ", None),
    (
        "06_commitments",
        {"countries": ["KGZ"], "end": 2015},
        "signed-and-breached",
        "at least",
        None,
    ),
    (
        "06_commitments",
        {"countries": ["UZB", "KGZ"], "start": 2000, "end": 2010},
        "parties",
        "neither signed nor party in a list of 2017-03: Uzbekistan, OPCAT",
        "not known: Uzbekistan",
    ),
    (
        "03_reform_timeline",
        {"country": "RUS", "layers": ["corpus"]},
        "under-whom",
        "none falls",
        "Medvedev",
    ),
    (
        "03_reform_timeline",
        {"country": "KGZ", "end": 2020},
        "under-latest",
        "from 24 November 2017 to 15 October 2020",
        "end of 2020",
    ),
    ("09_country", {"country": "RUS", "end": 1991}, "recent", "no new rules began", "New:"),
    (
        "02_restrictions_compared",
        {"countries": ["KGZ", "UZB"], "fields": ["foreign_funding", "assembly"]},
        "manner",
        "register (100 per cent) in Kyrgyzstan",
        "0 per cent) and",
    ),
]


@pytest.mark.parametrize(
    ("stem", "values", "name", "said", "not_said"), SAID, ids=[f"{s[0]} {s[1]}" for s in SAID]
)
def test_a_sentence_is_true_of_what_is_chosen(stem, values, name, said, not_said):
    shown = runs.run(NOTEBOOKS / f"{stem}.ipynb", values)["shown"]
    (text,) = [item["text"] for item in shown if item.get("name") == name and "text" in item]
    assert said in text, text
    assert not_said is None or not_said not in text, text
