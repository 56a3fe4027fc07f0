"""Passages of the source texts that no statement codes: hits of a search, each with an id."""

from __future__ import annotations

import re

_FORM = re.compile(r"(?P<article>.+)-c(?P<start>\d+)-(?P<end>\d+)")


def passage_id(article_id: str, start: int, end: int) -> str:
    """Return the id of a stretch of a raw text: its article and its raw offsets."""
    return f"{article_id}-c{start}-{end}"


def read_passage_id(passage: str) -> tuple[str, int, int] | None:
    """Return article and raw offsets of a passage id; None for an id of another kind."""
    found = _FORM.fullmatch(passage)
    return (found["article"], int(found["start"]), int(found["end"])) if found else None
