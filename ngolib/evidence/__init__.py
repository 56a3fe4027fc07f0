"""Coded evidence: statements of the corpus, acts, steps and rules of the register."""

from ngolib.evidence.events import load_acts, load_events, load_statements
from ngolib.evidence.lookup import lookup
from ngolib.evidence.rules import delays, load_rules

__all__ = ["delays", "load_acts", "load_events", "load_rules", "load_statements", "lookup"]
