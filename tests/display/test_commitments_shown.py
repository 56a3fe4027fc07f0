"""What the notebook of commitments shows, for every set of parameters."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from ngolib.display import commitments
from ngolib.display.commitments_figures import strips_figure
from ngolib.errors import DataError
from ngolib.evidence import lookup

BASE = {
    "countries": ["KAZ", "RUS"],
    "start": 1991,
    "end": 2025,
    "table_source": "modern-diplomacy-2021",
    "layers": ["corpus", "register"],
    "min_reliability": "E",
    "min_confidence": "low",
}
SETS = {
    "default": {},
    "Kyrgyzstan": {"countries": ["KAZ", "KGZ"]},
    "Uzbekistan": {"countries": ["KAZ", "UZB"]},
    "all": {"countries": ["KAZ", "RUS", "KGZ", "UZB"]},
    "one": {"countries": ["KGZ"]},
    "corpus": {"layers": ["corpus"]},
    "register": {"layers": ["register"]},
    "one year": {"start": 2012, "end": 2012},
    "one year of the text": {"start": 2021, "end": 2021},
    "well judged": {"min_reliability": "B", "min_confidence": "high"},
    "cannot be judged": {"min_reliability": "F"},
    "another source": {"table_source": "iwpr-2014"},
    "empty": {"countries": ["UZB"], "layers": ["corpus"], "start": 1995, "end": 1996},
    "nothing": {"countries": []},
}
FINDINGS = (
    commitments.parties,
    commitments.table_read,
    commitments.table_checked,
    commitments.coded_agrees,
    commitments.observed,
    commitments.claimed,
)


def chosen(project, **change):
    return commitments.select(project, **{**BASE, **change})


def drawn(story):
    names = {t: commitments.SHORT[t] for t in story.treaty_codes}
    return strips_figure(
        commitments.strips(story),
        commitments.printed_marks(story),
        names,
        story.country_labels,
        story.start,
        story.end,
    )


@pytest.mark.parametrize("name", SETS)
def test_everything_is_shown_for_any_selection(project, name):
    story = chosen(project, **SETS[name])
    ids = []
    for make in FINDINGS:
        finding = make(story)
        assert finding.text.endswith(".")
        assert finding.layer in ("corpus", "register", "both")
        ids += finding.evidence
    for table in (
        commitments.status_table(story),
        commitments.readings_table(story),
        commitments.cells_table(story),
        commitments.observations_table(story),
        commitments.claims_table(story),
        commitments.strips(story),
    ):
        ids += [i for cell in table.get("evidence", ()) for i in cell]
    assert len(lookup(ids, project=project)) == len(set(ids))
    assert len(commitments.coverage(story)) == len(story.countries)
    assert commitments.alt_of_strips(story)
    for _, part in commitments.left_out(story).groupby("rows"):
        assert part["n"].sum() == part["of"].iloc[0]


@pytest.mark.parametrize("name", SETS)
def test_no_label_of_the_figure_overlaps_another_or_leaves_the_page(project, name):
    figure = drawn(chosen(project, **SETS[name]))
    figure.draw_without_rendering()
    axes = figure.axes[0]
    boxes = [t.get_window_extent() for t in axes.texts if t.get_text()]
    boxes += [t.get_window_extent() for t in axes.get_yticklabels() if t.get_text()]
    boxes += [t.get_window_extent() for t in axes.get_xticklabels() if t.get_text()]
    assert not any(a.overlaps(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])
    assert all(b.x0 >= 0 and b.x1 <= figure.bbox.width + 0.5 for b in boxes)
    assert all(b.y0 >= 0 and b.y1 <= figure.bbox.height + 0.5 for b in boxes)


def test_an_empty_selection_says_so_and_names_no_evidence(project):
    story = chosen(project, **SETS["empty"])
    for make in FINDINGS:
        finding = make(story)
        assert not finding.evidence and finding.no_evidence
    assert set(commitments.strips(story)["state"]) == {"unknown"}


def test_what_was_looked_up_and_is_none_is_not_what_is_not_documented(project):
    strips = commitments.strips(chosen(project))
    russia = strips[strips["country"] == "RUS"].set_index("treaty")["state"]
    assert russia["OPCAT"] == "none"
    earlier = commitments.strips(chosen(project, start=2000, end=2001))
    kazakhstan = earlier[earlier["country"] == "KAZ"].set_index("treaty")["state"]
    assert "CRPD" not in kazakhstan  # blank before the first documented act, not "none"


def test_the_findings_change_where_the_data_differ(project):
    story = chosen(project)
    before = [make(story).text for make in FINDINGS]
    # One reading is made impossible, one act is taken away, one observation is left out.
    acts = story.treaties_kept
    acts = acts[acts["treaty_id"] != "treaty-KAZ-CED-accession"]
    lines = story.lines.copy()
    lines.loc[lines["text"].str.startswith("Convention against Torture"), "text"] += "Accession"
    other = replace(
        story,
        treaties_kept=acts,
        lines=lines,
        statements=story.statements[story.statements["claimant"] == "human-rights-committee"].iloc[
            1:
        ],
    )
    after = [make(other).text for make in FINDINGS]
    assert all(a != b for a, b in zip(before, after, strict=True))


def test_the_ambiguous_rows_keep_all_their_readings_without_the_register(project):
    table = commitments.readings_table(chosen(project, layers=["corpus"]))
    ambiguous = table[table["reading"].str.contains("ambiguous")]
    assert ambiguous.groupby("line").size().to_dict() == {144: 3, 146: 3}
    assert set(table["register"]) == {"not checked"}


def test_the_first_possible_day_of_the_text_is_looked_at_too(project):
    table = commitments.robustness(project, BASE).set_index("choice")["cells that agree"]
    assert table["as chosen"] != table["table read on the first possible day"]
    assert table["corpus only"] == "not checked"


def test_an_unknown_source_is_refused_with_the_known_ones(project):
    with pytest.raises(DataError, match="iwpr-2014"):
        chosen(project, table_source="nothing")


def test_the_day_of_reading_is_the_last_on_which_the_text_may_have_appeared(project):
    assert chosen(project).read_on == pd.Timestamp(2021, 4, 30)
