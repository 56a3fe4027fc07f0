"""How well two coders agree: pairing their statements, and measures of agreement."""

from ngolib.analysis.agreement.coding import codebook_cells, read_ours, read_theirs
from ngolib.analysis.agreement.compare import (
    COLUMNS,
    Comparison,
    by_column,
    by_sentence,
    compare,
    confusion,
    disagreements,
    found,
    settled,
    spans,
    worst,
)
from ngolib.analysis.agreement.match import pair_statements
from ngolib.analysis.agreement.measures import agreement, krippendorff_alpha, masi

__all__ = [
    "COLUMNS",
    "Comparison",
    "agreement",
    "by_column",
    "by_sentence",
    "codebook_cells",
    "compare",
    "confusion",
    "disagreements",
    "found",
    "krippendorff_alpha",
    "masi",
    "pair_statements",
    "read_ours",
    "read_theirs",
    "settled",
    "spans",
    "worst",
]
