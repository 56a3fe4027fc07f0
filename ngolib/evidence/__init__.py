"""Coded evidence: statements of the corpus, acts, steps and rules of the register."""

from ngolib.evidence.events import load_acts, load_events, load_statements, reliable
from ngolib.evidence.lookup import lookup
from ngolib.evidence.rules import load_rules
from ngolib.evidence.tables import load_counts, load_offices, load_ratings

__all__ = ["load_acts", "load_counts", "load_events", "load_offices", "load_ratings"]
__all__ += ["load_rules", "load_statements", "lookup", "reliable"]
