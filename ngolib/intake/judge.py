"""What a text is: its encoding, language, outlet, and whether it is there already."""

import codecs
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from ngolib.errors import InputError, one_line
from ngolib.intake.tools import extra

# Encodings of texts in English, Russian and Kazakh that are guessed, where none is declared.
KAZAKH = ["kz1048", "ptcp154"]  # the first is like cp1251 but for letters that are only Kazakh
CANDIDATES = ["cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic", "cp1252", *KAZAKH]
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I
)
LANGUAGES = {"en": "English", "ru": "Russian", "kk": "Kazakh"}
# Of a longer text so much is judged; a shorter one is not cut into thirds to see if they agree.
MOST, LEAST, LEAST_CUT = 30_000, 60, 1_200
_KAZAKH = re.compile("[әғқұіһӘҒҚҰІҺ]")
LENGTH = 5
PAGES = tomllib.loads(Path(__file__).with_name("pages.toml").read_text(encoding="utf-8"))
REGULAR = {"re": "http://exslt.org/regular-expressions"}
MOST_WORDS, MOST_TEXTS = 7, 200  # of a name, what has more is a slogan; of a page
# Share of the runs of words of the one text that stand in the other, from which it is reported.
LIKE, TOUCHES = 0.5, 0.1


def declared_in_page(raw: bytes) -> str:
    """Return the encoding that a page of HTML declares in its head, or nothing."""
    found = _DECLARED.search(raw[:4096])
    return found[1].decode("ascii") if found else ""


def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name).name.replace("-", "_")
    except (LookupError, ValueError):
        said = f"its encoding is called {name!r}, which is not known (--encoding)"
        raise InputError(said) from None
    # What is called Latin-1 on the web is windows-1252.
    return {"iso8859_1": "cp1252", "ascii": "cp1252", "utf_8": "utf-8"}.get(found, found)


def _decoded(raw: bytes, codec: str, else_: str) -> tuple[str, str]:
    try:
        return raw.decode(codec), codec
    except (UnicodeError, LookupError):
        raise InputError(else_) from None


def decode(raw: bytes, declared: str = "", wanted: str = "") -> tuple[str, str]:
    """Return the text of bytes and its encoding; the user's own word, `wanted`, counts alone."""
    if wanted:
        return _decoded(raw, _codec(wanted), f"it is not {wanted} (--encoding)")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(raw, "utf-16", "it is no UTF-16")
    claimed = _codec(declared) if declared else ""
    with suppress(UnicodeDecodeError):
        text = raw.decode("utf-8")
        if claimed in ("", "utf-8") or raw.isascii() or raw.startswith(codecs.BOM_UTF8):
            return text, "utf-8"
        said = f"its encoding is declared as {declared}, but it is UTF-8"
        raise InputError(f"{said} (--encoding utf-8 says so)")
    nearly = raw.decode("utf-8", "replace")
    if sum(c > "\x7f" for c in nearly) > 4 * (bad := nearly.count("\ufffd")):
        said = f"it is UTF-8 but for {bad} of its characters, the first in line "
        line = nearly.partition("\ufffd")[0].count("\n") + 1
        raise InputError(f"{said}{line}; mend it, or say what it is by --encoding")
    library = extra("charset_normalizer", "ngolib add")
    told = b" ".join(part for part in re.split(b"[<>]", raw) if not part.isascii())
    best = library.from_bytes(told, cp_isolation=CANDIDATES, preemptive_behaviour=False).best()
    guess = str(best.encoding) if best else ""
    if not re.search(rb"[\x80-\xff]{5}", raw):  # no word of Cyrillic, and no guess can tell more
        guess = "cp1252"
    if claimed in ("", guess):
        return _decoded(raw, guess, "its encoding cannot be told; --encoding says it")
    hint = f"; it looks like {guess} (--encoding {guess} says so)" if guess else ""
    untrue = f"its encoding is declared as {declared}, which is not so{hint}"
    own = library.from_bytes(told, cp_isolation=[claimed]).best()
    other = guess in KAZAKH and claimed not in KAZAKH  # which read as well, with other letters
    # It may read a little worse than the best: names and tags are alike in many.
    if own is None or other or (best and own.chaos > best.chaos + 0.05):
        raise InputError(untrue)
    return _decoded(raw, claimed, untrue)


def language_of(text: str) -> tuple[str, bool]:
    """Return the ISO 639-1 code of a text's language, and whether that is plain."""
    text = text[:MOST]
    letters = sum(map(str.isalpha, text))
    third = len(text) // 3 + 1 if letters >= LEAST_CUT else len(text)
    library = extra("py3langid", "ngolib add")
    parts = [text, *(text[start : start + third] for start in range(0, len(text), third))]
    # Two languages may stand by turns, line by line or beside each other.
    turns = ["\n".join(re.split(r"[\s|]*[\n|][\s|]*", text)[n::2]) for n in (0, 1)]
    parts += [turn for turn in turns if third < len(turn)]
    found = [str(library.classify(part)[0]) for part in parts]
    kazakh = [len(_KAZAKH.findall(part)) > 0.03 * sum(map(str.isalpha, part)) for part in parts]
    both = zip(found, kazakh, strict=True)
    whole, *others = ["kk" if own and name in ("ru", "ky") else name for name, own in both]
    return whole, letters >= LEAST and set(others) == {whole}


def settle(found: str, plain: bool, wanted: str) -> str:
    """Return the language that is recorded; if it is none that can be handled, one line says so."""
    if wanted or (plain and found in LANGUAGES):
        return wanted or found
    said = "its language looks like" if plain else "its language cannot be told, perhaps"
    names = ", ".join(f"{code} {name}" for code, name in LANGUAGES.items())
    raise InputError(f"{said} {found!r}; allowed: {names} (--language says which it is)")


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return re.findall(r"[^\W_]+", text.casefold())


def likest(new: str, texts: Mapping[str, str]) -> tuple[float, str, str]:
    """Return the likest text: its greater share of runs of five words, its name, and in words."""
    own, best = words(new), (0.0, "", "")
    mine = _runs(own)
    for name, text in texts.items():
        other = words(text)
        if own == other:
            raise InputError(f"it is there already: the same words as {name}")
        theirs = _runs(other)
        shared = len(mine & theirs)
        of_new, of_old = shared / len(mine), shared / len(theirs)
        said = f"{of_new:.0%} of its runs of five words stand in {name}, and "
        said += f"{of_old:.0%} of those of {name} in it"
        best = max(best, (max(of_new, of_old), name, said))
    return best if best[0] >= TOUCHES else (0.0, "", "")


def _runs(text: list[str]) -> set[tuple[str, ...]]:
    """Return every run of five words; a shorter text is one run."""
    return {tuple(text[n : n + LENGTH]) for n in range(max(1, len(text) - LENGTH + 1))}


def phrase(text: str) -> str:
    """Return the words of a text, for a name to be looked for among them."""
    return f" {' '.join(words(text))} "


def outlet_of(tree: Any, host: str, title: str, tags: Iterable[str]) -> str:
    """Return the name that a tag says, or two places of the page; nothing if there is none."""
    found = dict.fromkeys([*(("tag", name) for name in tags), *_texts(tree, host, title)])
    texts = list(islice(found, MOST_TEXTS))
    said = [(place, phrase(text)) for place, text in texts]
    address = [host.replace(".", ""), *host.replace("-", "").split(".")[:-1]]

    def sign(name: str) -> tuple[int, int, int]:
        """Count the places that say a name, and those that say nothing else; shorter is better."""
        own = phrase(name)
        joined = own.replace(" ", "").removeprefix("the")
        called = len(joined) > 2 and any(part.startswith(joined) for part in address)
        whole = {place for place, text in said if own == text}
        # Some words of a piece of the head's title are no name.
        within = {place for place, text in said if own in text and place != "head"}
        return called + len(whole | within), len(whole), -len(own.split())

    if told := [name for name in tags if len(words(name)) <= MOST_WORDS]:
        return max(told, key=sign)
    parts = (part for _, text in texts for part in re.split(PAGES["apart"], text))
    pieces = (part.strip(" .,;-–—") for part in parts)
    named = [name for name in dict.fromkeys(pieces) if re.search(r"[^\W\d_]{2}", name)]
    names = [name for name in named if len(words(name)) <= MOST_WORDS]
    addresses = [name for name in names if re.fullmatch(PAGES["address"], name)]
    sure = [name for name in names if name not in addresses and sign(name)[0] > 1]
    return max(sure or addresses, key=sign, default="")


def _texts(tree: Any, host: str, title: str) -> Iterator[tuple[str, str]]:
    """Yield what stands in the head beside the title, at the logo, and beside a sign of rights."""
    head = re.split(PAGES["between"], one_line(tree.findtext(".//title") or ""))
    yield from (("head", piece) for piece in head if phrase(piece) not in phrase(title))
    for place, path in PAGES["places"].items():
        for found in tree.xpath(path, host=re.escape(host) or "^", namespaces=REGULAR):
            text = one_line(found if isinstance(found, str) else found.text_content())
            if 1 < len(text) < 200:
                yield place, text
