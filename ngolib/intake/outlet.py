"""The name of a newsroom or a site, where places of its page that do not copy each other agree."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ngolib.errors import one_line
from ngolib.intake.judge import words

PAGES = tomllib.loads(Path(__file__).with_name("pages.toml").read_text(encoding="utf-8"))
REGULAR = {"re": "http://exslt.org/regular-expressions"}
MOST_WORDS, MOST_TEXTS = 7, 200  # of a name, what has more is a slogan; of a page


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
