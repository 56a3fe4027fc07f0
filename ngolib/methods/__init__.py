"""Methods: the measures that a referee wants tested; tables in, tables out."""

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
from ngolib.methods.keywords import concordance, keyness
from ngolib.methods.numbers import judged, printed_spans, redo
from ngolib.methods.order import ordered, paired, unmatched
from ngolib.methods.panel import (
    deciding,
    in_force,
    reading_days,
    spells,
    stock,
    stricter,
    strictness,
)
from ngolib.methods.robustness import draw_rungs

__all__ = ["beside", "concordance", "coverage", "coverage_by_year", "coverage_of_texts"]
__all__ += ["deciding", "draw_rungs", "in_force", "judged", "keyness", "left_out", "ordered"]
__all__ += ["paired", "printed_spans", "reading_days", "redo", "search_state", "searches"]
__all__ += ["spells", "stock", "stricter", "strictness", "unmatched"]
