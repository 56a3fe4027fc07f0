"""Methods: the measures that a referee wants tested; tables in, tables out."""

from __future__ import annotations

from ngolib.methods import agreement as agreement
from ngolib.methods.association import beside
from ngolib.methods.coverage import coverage, coverage_by_year, left_out, search_state, searches
from ngolib.methods.keywords import concordance, frequencies, keyness
from ngolib.methods.numbers import parts_of_wholes, printed_spans, redo
from ngolib.methods.order import elements, ordered, paired, unmatched
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
from ngolib.methods.robustness import draw_rungs
from ngolib.methods.treaty_table import judged, standing

__all__ = ["beside", "concordance", "coverage", "coverage_by_year", "crossing", "deciding"]
__all__ += ["distance", "draw_rungs", "elements", "frequencies", "in_force", "judged", "keyness"]
__all__ += ["left_out", "ordered", "paired", "parts_of_wholes", "phases", "printed_spans"]
__all__ += ["profile", "reading_days", "redo", "search_state", "searches", "spells", "standing"]
__all__ += ["stock", "stricter", "strictness", "unmatched"]
