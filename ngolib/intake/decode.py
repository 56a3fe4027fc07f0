"""From bytes to text: what is declared must be true, and what is guessed is said."""

from __future__ import annotations

import codecs
import re

from ngolib.errors import IntakeError
from ngolib.intake.tools import extra

# Encodings of texts in English, Russian and Kazakh that are guessed, where none is declared.
CANDIDATES = ["cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic", "cp1252"]
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{2,40})["']""")
_INNER_CAPITAL = re.compile(r"[^\W\d_]*[a-zа-яёәғқңөұүһі][A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_C1 = re.compile("[\x80-\x9f]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def declared_in_page(raw: bytes) -> str:
    """Return the encoding that a page of HTML declares in its head, or nothing."""
    head = raw[:4096]
    found = _XML.search(head) or _META.search(head)
    return found[1].decode("ascii") if found else ""


def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        raise IntakeError(
            f"its encoding is called {name!r}, which is not known (--encoding)"
        ) from None
    # What is called Latin-1 on the web is windows-1252.
    return {"iso8859-1": "cp1252", "ascii": "cp1252"}.get(found, found)


def _reads_well(text: str) -> bool:
    """Say whether a text looks like words that somebody wrote."""
    if _C1.search(text) or _CONTROL.search(text):
        return False
    words = _WORD.findall(text)
    if not words:
        return True
    odd = sum(bool(_INNER_CAPITAL.match(word)) for word in words)
    accented = len(re.findall("[\xa1-\xff]", text))
    letters = sum(len(word) for word in words)
    # Small letters of one Cyrillic encoding are the capitals of another.
    foreign = [c for word in words for c in word if c > "\x7f"]
    if len(foreign) >= 40 and sum(c.isupper() for c in foreign) > 0.6 * len(foreign):
        return False
    return odd <= 0.15 * len(words) and accented <= 0.25 * letters


def _try(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return None


def _guess(raw: bytes) -> tuple[str, str] | None:
    """Return the likeliest encoding, and the text."""
    library = extra("charset_normalizer", "ngolib add")
    best = library.from_bytes(raw, cp_isolation=CANDIDATES).best()
    names = [str(best.encoding)] if best else []
    for name in [*names, *CANDIDATES]:
        text = _try(raw, name)
        if text is not None and _reads_well(text):
            return name, text
    return None


def decode(raw: bytes, declared: str = "", wanted: str = "") -> tuple[str, str]:
    """Decode bytes.

    Parameters
    ----------
    raw : bytes
        The bytes.
    declared : str
        Encoding that the server or the page declares, if any.
    wanted : str
        Encoding that the user says it is; it then counts alone.

    Returns
    -------
    (str, str)
        Text, with a byte order mark as the character U+FEFF, and name of the encoding.

    Raises
    ------
    ngolib.errors.IntakeError
        If what is declared is not true, or the encoding cannot be told.
    """
    if wanted:
        text = _try(raw, _codec(wanted))
        if text is None:
            raise IntakeError(f"it is not {wanted} (--encoding)")
        return text, _codec(wanted)
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if raw.startswith(mark):
            text = _try(raw, codec)
            if text is None:
                raise IntakeError("it begins as UTF-16, and is damaged")
            return text, codec
    claimed = _codec(declared) if declared else ""
    text = _try(raw, "utf-8")
    if text is not None:
        plain = raw.isascii() or raw.startswith(codecs.BOM_UTF8)
        if claimed not in ("", "utf-8") and not plain:
            raise IntakeError(
                f"its encoding is declared as {declared}, but it is UTF-8 "
                "(--encoding utf-8 says so)"
            )
        return text, "utf-8"
    guess = _guess(raw)
    hint = f"; it looks like {guess[0]} (--encoding {guess[0]} says so)" if guess else ""
    if claimed:
        text = _try(raw, claimed)
        if text is None or not _reads_well(text):
            raise IntakeError(f"its encoding is declared as {declared}, which is not so{hint}")
        return text, claimed
    if guess is None:
        raise IntakeError("its encoding cannot be told; --encoding says it")
    return guess[1], guess[0]
