"""What the notebook of voices shows, for each set of parameters."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from runs import label_problems

from ngolib.display import keywords, voices
from ngolib.display.voices_figures import hits_figure, key_figure, topics_figure
from ngolib.errors import ParameterError
from ngolib.evidence import lookup

DEFAULT = {
    "countries": ["KAZ", "RUS"],
    "start": 1991,
    "end": 2025,
    "voices_shown": [],
    "categories": [],
    "layers": ["corpus", "register"],
    "min_reliability": "E",
    "keep_unjudged": True,
    "keyword": r"\b(restrict|repress|control)\w*",
    "window": 60,
    "unit": "characters",
    "target": "modern-diplomacy-2021.4",
}
SETS = {
    "default": {},
    "Kazakhstan-Kyrgyzstan": {"countries": ["KAZ", "KGZ"]},
    "Kazakhstan-Uzbekistan": {"countries": ["KAZ", "UZB"]},
    "corpus only": {"layers": ["corpus"]},
    "register only": {"layers": ["register"]},
    "nothing": {"countries": ["UZB"], "categories": ["religion"], "start": 1995, "end": 1996},
    "nothing said": {"countries": ["UZB"], "categories": ["religion"]},
    "one year": {"start": 2014, "end": 2014},
    "well judged": {"min_reliability": "B", "keep_unjudged": False},
    "one topic": {"categories": ["foreign_funding"], "voices_shown": ["state"]},
    "every country": {"countries": []},
    "no hit": {"keyword": "zzzz"},
}


KEPT: dict[str, voices.Voices] = {}


def chosen(project, **change):
    """Choose once for each set: what a selection has worked out is kept."""
    key = json.dumps(change, sort_keys=True)
    if key not in KEPT:
        KEPT[key] = voices.select(project, **{**DEFAULT, **change})
    return KEPT[key]


def findings(selection):
    return [
        *voices.answer(selection),
        keywords.keyword_found(selection),
        keywords.naive_wrong(selection),
        keywords.key_words(selection),
    ]


TABLES = [
    voices.coverage,
    voices.left_out,
    voices.directions_table,
    voices.topics_table,
    voices.relays_table,
    voices.framings_table,
    keywords.concordance_table,
    keywords.naive_table,
    keywords.key_table,
    keywords.key_lines,
    keywords.each_table,
]


def figures(selection):
    yield topics_figure(selection.topics, selection.voice_labels, selection.category_labels)
    yield hits_figure(keywords.naive_table(selection), keywords.WHY)
    yield key_figure(selection.key, len(selection.words.columns))


@pytest.mark.parametrize("change", SETS.values(), ids=SETS)
def test_every_set_of_parameters_is_shown(project, change):
    selection = chosen(project, **change)
    ids = []
    for finding in findings(selection):
        assert finding.text.endswith(".")
        assert finding.layer == "corpus"
        ids += finding.evidence
    for table in TABLES:
        shown = table(selection)
        assert isinstance(shown, pd.DataFrame)
        ids += [i for cell in shown.get("evidence", ()) for i in cell]
    for alt in (voices.alt_of_topics, keywords.alt_of_naive, keywords.alt_of_key):
        assert alt(selection)
    assert len(lookup(ids, project=project)) == len(set(ids))
    for figure in figures(selection):
        assert label_problems(figure) == []


def test_findings_change_where_the_data_differ(project):
    texts = [
        tuple(f.text for f in findings(chosen(project, **SETS[name])))
        for name in ("default", "Kazakhstan-Kyrgyzstan", "one year", "nothing", "well judged")
    ]
    assert len(set(texts)) == len(texts)
    silent = chosen(project)
    less = voices.Voices(
        **{
            **{f: getattr(silent, f) for f in silent.__dataclass_fields__},
            "statements": silent.statements[silent.statements["direction"] != "enabling"],
        }
    )
    before, after = voices.directions_by_voice(silent), voices.directions_by_voice(less)
    assert before.text != after.text
    assert all(counts["enabling"] == 0 for counts in after.value.values())


def test_an_empty_selection_says_what_was_asked_and_that_nothing_is_documented(project):
    first = voices.directions_by_voice(chosen(project, **SETS["nothing"]))
    assert first.text == (
        "No statement is documented: about Uzbekistan, in texts of 1995 to 1996, this selection "
        "holds none."
    )
    assert first.no_evidence == voices.NO_TEXT
    said = voices.directions_by_voice(chosen(project, **SETS["nothing said"]))
    assert said.no_evidence == voices.NOTHING
    register = voices.directions_by_voice(chosen(project, layers=["register"]))
    assert register.no_evidence == voices.NO_VOICES


def test_read_and_not_read_are_two_signs(project):
    table = voices.coverage(chosen(project, categories=["religion"], end=2015)).set_index("text")
    assert table.loc["kz-ru-memorandum-2025.1", "read"] == "published outside the period"
    assert pd.isna(table.loc["kz-ru-memorandum-2025.1", "statements"])
    read = table[table["read"] == "read"]
    silent = read[read["statements"] == 0]
    assert len(silent)
    assert silent["voices"].str.startswith("read, no statement").all()
    register = voices.coverage(chosen(project, layers=["register"]))
    assert set(register["read"]) == {"corpus layer not asked for"}


def test_what_is_used_and_left_out_adds_up(project):
    for change in SETS.values():
        selection = chosen(project, **change)
        assert voices.left_out(selection)["n"].sum() == len(selection.statements_all)


def test_the_parts_of_each_bar_are_its_hits(project):
    table = keywords.naive_table(chosen(project))
    assert (table[list(keywords.WHY)].sum(axis=1) == table["hits"]).all()
    assert (table["year_of_file"].str.len() == 4).all()
    assert table["hits"].sum() == len(chosen(project).naive)


def test_each_key_word_links_to_its_lines(project):
    selection = chosen(project)
    lines = keywords.key_lines(selection)
    assert set(lines["word"]) == set(selection.key["term"])
    assert (lines["here"].str.casefold().str.len() > 0).all()
    evidence = lookup([i for cell in lines["evidence"] for i in cell], project=project)
    quotes = [q[0]["quote"] for q in evidence["quotes"]]
    assert quotes == list(lines["here"])


@pytest.mark.parametrize("change", [{"keyword": "[("}, {"keyword": ""}, {"target": "nowhere.1"}])
def test_a_wrong_choice_is_one_clear_line(project, change):
    with pytest.raises(ParameterError) as caught:
        chosen(project, **change)
    assert "\n" not in str(caught.value)


def test_robustness_has_a_row_for_each_other_choice(project):
    rows = voices.robustness(project, DEFAULT)
    assert rows["choice"].is_unique
    assert list(rows.columns[1:]) == list(chosen(project).voice_labels.values())
    assert (rows.set_index("choice").loc["register only"] == "–").all()
