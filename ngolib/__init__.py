"""How Kazakhstan regulates NGOs, and Russia beside it: texts, evidence, analyses, reports.

The names below are loaded when they are first used, so that `import ngolib` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Page": "ngolib.page",
    "load_articles": "ngolib.texts",
    "load_lines": "ngolib.texts",
    "load_sentences": "ngolib.texts",
    "load_sources": "ngolib.texts",
    "load_acts": "ngolib.evidence",
    "load_events": "ngolib.evidence",
    "load_offices": "ngolib.evidence",
    "load_rules": "ngolib.evidence",
    "load_statements": "ngolib.evidence",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ngolib' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
