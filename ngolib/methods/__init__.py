"""Methods: the measures that a referee wants tested; tables in, tables out."""

from __future__ import annotations

from ngolib.methods.coverage import (
    coverage,
    coverage_by_year,
    left_out,
    read_texts,
    search_state,
    searches,
)
from ngolib.methods.keywords import concordance, frequencies, keyness
from ngolib.methods.numbers import parts_of_wholes, printed_spans, redo
from ngolib.methods.order import elements, lags, ordered, paired, unmatched
from ngolib.methods.panel import (
    crossing,
    distance,
    in_force,
    profile,
    reading_days,
    since,
    spells,
    stock,
    stricter,
    strictness,
)
from ngolib.methods.phases import phases
from ngolib.methods.robustness import (
    carried_by_one,
    count_draws,
    draw_rungs,
    draws,
    leave_one_out,
    recoding_rate,
    share,
)
from ngolib.methods.treaty_table import judged, printed_table, standing

__all__ = [
    "carried_by_one",
    "concordance",
    "count_draws",
    "coverage",
    "coverage_by_year",
    "crossing",
    "distance",
    "draw_rungs",
    "draws",
    "elements",
    "frequencies",
    "in_force",
    "judged",
    "keyness",
    "lags",
    "leave_one_out",
    "left_out",
    "ordered",
    "paired",
    "parts_of_wholes",
    "phases",
    "printed_spans",
    "printed_table",
    "profile",
    "read_texts",
    "reading_days",
    "recoding_rate",
    "redo",
    "search_state",
    "searches",
    "share",
    "since",
    "spells",
    "standing",
    "stock",
    "stricter",
    "strictness",
    "unmatched",
]
