"""Identifiers that are the same whenever and wherever they are made."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

_NAMESPACE = uuid5(NAMESPACE_URL, "urn:ngolib:refi-qda")


def guid(kind: str, *names: str) -> str:
    """Return the GUID of something by its kind and its permanent names."""
    return str(uuid5(_NAMESPACE, "\x1f".join((kind, *names))))
