"""Which language a text is in: English, Russian, Kazakh, or none that can be handled."""

from __future__ import annotations

import re

from ngolib.errors import IntakeError
from ngolib.intake.tools import extra

LANGUAGES = {"en": "English", "ru": "Russian", "kk": "Kazakh"}
# Of a longer text so much is judged; a shorter one is not cut into thirds to see if they agree.
MOST, LEAST, LEAST_CUT = 30_000, 60, 1_200
_KAZAKH = re.compile("[әғқұіһӘҒҚҰІҺ]")


def language_of(text: str) -> tuple[str, bool]:
    """Return the ISO 639-1 code of a text's language, and whether that is plain."""
    text = text[:MOST]
    letters = sum(map(str.isalpha, text))
    third = len(text) // 3 + 1 if letters >= LEAST_CUT else len(text)
    library = extra("py3langid", "ngolib add")
    parts = [text, *(text[start : start + third] for start in range(0, len(text), third))]
    whole, *others = [str(library.classify(part)[0]) for part in parts]
    if whole in ("ru", "kk", "ky") and len(_KAZAKH.findall(text)) > 0.03 * letters:
        return "kk", letters >= LEAST
    return whole, letters >= LEAST and set(others) == {whole}


def settle(found: str, plain: bool, wanted: str) -> str:
    """Return the language that is recorded; if it is none that can be handled, one line says so."""
    if wanted or (plain and found in LANGUAGES):
        return wanted or found
    said = "its language looks like" if plain else "its language cannot be told, perhaps"
    names = ", ".join(f"{code} {name}" for code, name in LANGUAGES.items())
    raise IntakeError(f"{said} {found!r}; allowed: {names} (--language says which it is)")
