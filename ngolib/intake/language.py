"""Which language a text is in: English, Russian, Kazakh, or none that can be handled."""

from __future__ import annotations

import re

from ngolib.errors import IntakeError
from ngolib.intake.tools import extra

LANGUAGES = {"en": "English", "ru": "Russian", "kk": "Kazakh"}
# Longer texts are judged by as much of them.
LONGEST = 30_000
LEAST_LETTERS = 60
# A shorter text is not cut into thirds: they would be too short to tell neighbours apart.
LEAST_CUT = 1_200
_KAZAKH = re.compile("[әғқұіһӘҒҚҰІҺ]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LETTER = re.compile(r"[^\W\d_]")


def language_of(text: str) -> tuple[str, bool]:
    """Say which language a text is in.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    (str, bool)
        ISO 639-1 code as the library knows it, and whether the whole text and each third of it
        (of one that is not short) agree on that.
    """
    text = text[:LONGEST]
    letters = len(_LETTER.findall(text))
    library = extra("py3langid", "ngolib add")
    whole = str(library.classify(text)[0])
    cyrillic = len(_CYRILLIC.findall(text))
    if (
        cyrillic > letters / 2
        and len(_KAZAKH.findall(text)) > 0.03 * cyrillic
        and whole
        in (
            "ru",
            "kk",
            "ky",
        )
    ):
        return "kk", letters >= LEAST_LETTERS
    size = len(text) // 3 + 1 if letters >= LEAST_CUT else len(text)
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    agree = all(str(library.classify(part)[0]) == whole for part in parts)
    return whole, letters >= LEAST_LETTERS and agree


def settle(found: str, plain: bool, wanted: str) -> str:
    """Return the language that is recorded.

    Raises
    ------
    ngolib.errors.IntakeError
        If it is none that can be handled, or cannot be told.
    """
    if wanted:
        return wanted
    names = ", ".join(f"{code} {name}" for code, name in LANGUAGES.items())
    if found not in LANGUAGES:
        said = "its language looks like" if plain else "its language cannot be told, perhaps"
        raise IntakeError(f"{said} {found!r}; allowed: {names} (--language says which it is)")
    if not plain:
        raise IntakeError(
            f"its language cannot be told for sure, perhaps {found} {LANGUAGES[found]} "
            f"(--language {found} says so)"
        )
    return found
