"""What a notebook shows: findings, figures, tables and their evidence."""

from ngolib.objects import (
    Coverage,
    EvidenceList,
    EvidenceTable,
    Figure,
    Finding,
    Parameters,
    Provenance,
    cited,
)

__all__ = [
    "Coverage",
    "EvidenceList",
    "EvidenceTable",
    "Figure",
    "Finding",
    "Parameters",
    "Provenance",
    "cited",
]
