"""From bytes to text: what is declared must be true, and what is guessed is said."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

from ngolib.errors import IntakeError
from ngolib.intake.tools import extra

# Encodings of texts in English, Russian and Kazakh that are guessed, where none is declared.
CANDIDATES = ["cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic", "cp1252"]
# How much worse than the best a declared encoding may read: names and tags are alike in many.
MARGIN = 0.05
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I
)


def declared_in_page(raw: bytes) -> str:
    """Return the encoding that a page of HTML declares in its head, or nothing."""
    found = _DECLARED.search(raw[:4096])
    return found[1].decode("ascii") if found else ""


def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name).name.replace("-", "_")
    except (LookupError, ValueError):
        raise IntakeError(
            f"its encoding is called {name!r}, which is not known (--encoding)"
        ) from None
    # What is called Latin-1 on the web is windows-1252.
    return {"iso8859_1": "cp1252", "ascii": "cp1252", "utf_8": "utf-8"}.get(found, found)


def _decoded(raw: bytes, codec: str, else_: str) -> tuple[str, str]:
    try:
        return raw.decode(codec), codec
    except (UnicodeError, LookupError):
        raise IntakeError(else_) from None


def decode(raw: bytes, declared: str = "", wanted: str = "") -> tuple[str, str]:
    """Return the text of bytes, a mark of byte order kept, and the name of its encoding.

    `declared` is what the server or the page says, `wanted` the user's own word, which counts
    alone. What is declared and not true is an `IntakeError`.
    """
    if wanted:
        return _decoded(raw, _codec(wanted), f"it is not {wanted} (--encoding)")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(raw, "utf-16", "it is no UTF-16")
    claimed = _codec(declared) if declared else ""
    with suppress(UnicodeDecodeError):
        text = raw.decode("utf-8")
        if claimed in ("", "utf-8") or raw.isascii() or raw.startswith(codecs.BOM_UTF8):
            return text, "utf-8"
        raise IntakeError(
            f"its encoding is declared as {declared}, but it is UTF-8 (--encoding utf-8 says so)"
        )
    library = extra("charset_normalizer", "ngolib add")
    best = library.from_bytes(raw, cp_isolation=CANDIDATES).best()
    guess = str(best.encoding) if best else ""
    if not claimed:
        return _decoded(raw, guess, "its encoding cannot be told; --encoding says it")
    hint = f"; it looks like {guess} (--encoding {guess} says so)" if guess else ""
    untrue = f"its encoding is declared as {declared}, which is not so{hint}"
    own = library.from_bytes(raw, cp_isolation=[claimed]).best()
    if own is None or (best and own.chaos > best.chaos + MARGIN):
        raise IntakeError(untrue)
    return _decoded(raw, claimed, untrue)
