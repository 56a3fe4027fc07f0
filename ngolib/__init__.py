"""How Kazakhstan regulates NGOs, and Russia beside it: texts, evidence, analyses, reports.

The names below are loaded when they are first used, so that `import ngolib` stays light.
"""

from importlib import import_module
from typing import Any

_TEXTS = "load_articles", "load_lines", "load_sentences", "load_sources"
_EVIDENCE = "load_acts", "load_events", "load_offices", "load_rules", "load_statements"
_HOMES = {"Page": "ngolib.page"} | dict.fromkeys(_TEXTS, "ngolib.texts")
_HOMES |= dict.fromkeys(_EVIDENCE, "ngolib.evidence")
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ngolib' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
