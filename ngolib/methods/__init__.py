"""Methods: the measures that a referee wants tested; tables in, tables out."""

from __future__ import annotations

from ngolib.methods import agreement as agreement
from ngolib.methods.association import beside
from ngolib.methods.coverage import (
    coverage,
    coverage_by_year,
    coverage_of_texts,
    left_out,
    search_state,
    searches,
)
from ngolib.methods.duties import breach_of, duty_line
from ngolib.methods.keywords import concordance, frequencies, keyness
from ngolib.methods.numbers import parts_of_wholes, printed_spans, redo
from ngolib.methods.order import elements, lags, ordered, paired, unmatched
from ngolib.methods.panel import (
    crossing,
    deciding,
    distance,
    in_force,
    profile,
    reading_days,
    spells,
    stock,
    stricter,
    strictness,
)
from ngolib.methods.phases import phases
from ngolib.methods.robustness import carried_by_one, count_draws, draw_rungs, recoding_rate
from ngolib.methods.treaty_table import judged, printed_table, standing

__all__ = ["beside", "breach_of", "carried_by_one", "concordance", "count_draws", "coverage"]
__all__ += ["coverage_by_year", "coverage_of_texts", "crossing", "deciding", "distance"]
__all__ += ["draw_rungs", "duty_line", "elements", "frequencies", "in_force", "judged"]
__all__ += ["keyness", "lags", "left_out", "ordered", "paired", "parts_of_wholes", "phases"]
__all__ += ["printed_spans", "printed_table", "profile", "reading_days", "recoding_rate"]
__all__ += ["redo", "search_state", "searches", "spells", "standing", "stock", "stricter"]
__all__ += ["strictness", "unmatched"]
