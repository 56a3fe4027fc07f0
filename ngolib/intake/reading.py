"""From a file as it was received to a text, in a process of its own: nothing in it is run.

One that is made to choke its reader has two minutes and 3 GiB, and stops nothing else.
"""

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from html import unescape
from itertools import accumulate, groupby, pairwise, product
from operator import itemgetter
from pathlib import Path
from typing import Any
from unicodedata import normalize

from lxml import etree
from lxml.html import fragment_fromstring, tostring

from ngolib.errors import InputError, NgolibError, one_line
from ngolib.intake.judge import (
    KAZAKH,
    REGULAR,
    declared_in_page,
    decode,
    language_of,
    outlet_of,
    phrase,
)
from ngolib.intake.judge import PAGES as _PAGES
from ngolib.intake.judge import words as words_of
from ngolib.intake.tools import extra
from ngolib.zipped import pack, unpack

SECONDS, MEMORY, MOST_PAGES = 120, 3 * 2**30, 2_000
MOST_CHARACTERS, LONGEST = 5_000_000, 3_000  # of a text; of its title, and what tags say
# With fewer words there is no text; with few it may not be whole.
LEAST_WORDS, FEW_WORDS = 8, 80
SUFFIXES = {"text": ".txt", "html": ".html", "pdf": ".pdf", "docx": ".docx"}
TO_DO, HEAD, GUESS = "to be filled in", "the page says in its head", "a guess, found on the page"
_SCANNED = "it is a PDF without text, scanned perhaps: recognise its text first (OCR)"
_OLD, _MAIL = (b"\xd0\xcf\x11\xe0", b"{\\rtf"), re.compile(_PAGES["mail"].encode())
_HTML = re.compile(_PAGES["html"].encode(), re.IGNORECASE | re.DOTALL)
_STYLES, _FILM = re.compile(_PAGES["styles"]), "Video|Image|Audio|Comment"
# What is seen as another sign, or not at all: print has signs of its own for fi and ffl.
_FORMS: dict[int, str] = {n: normalize("NFKC", chr(n)) for n in range(0xFB00, 0xFB07)}
_FORMS |= str.maketrans("\xa0\u202f\u2011", "  -", "\xad\u200b")  # type: ignore[arg-type]
_DIGITS = str.maketrans("0123456789-–()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁽⁾")
_HIDDEN = re.compile(rb"<w:(?:vanish|specVanish|webHidden)\s*/>")
_BLOCKS = ["br", "p", "li", "ul", "ol", "tr", "td", "th", *(f"h{n}" for n in range(1, 7))]
_NO_PAGE, _PARAGRAPH = re.compile(_PAGES["no_page"]), re.compile(_PAGES["paragraph"])
_APART = frozenset(_PAGES["blocks"].split())
_DAY, _ANOTHER = re.compile(_PAGES["day"]), re.compile(_PAGES["another_day"])
_OTHER, _FOOTNOTE = re.compile(_PAGES["other_words"]), re.compile(_PAGES["footnote"])
_SENTENCE, _WEEKDAY = re.compile(_PAGES["sentence"]), re.compile(_PAGES["weekday"])
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_BYLINE = re.compile(_PAGES["byline"].replace(r"\p{name}", _PAGES["name"]))


@dataclass
class Read:
    """What a file says."""

    kind: str  # text, html, pdf or docx
    text: str
    encoding: str = ""  # how its bytes were read, where they are a text
    language: str = ""
    plain: bool = False  # whether the language is
    # Author, outlet and date, each with its `…_basis`; what is not taken has a basis that says why.
    said: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # what its reader should know


def kind_of(raw: bytes, media: str, suffix: str) -> str:
    """Say what a file is, by its content first; what cannot be read is an `InputError`."""
    if not raw.strip():
        raise InputError("it is empty")
    if b"%PDF-" in raw[:1024]:
        return "pdf"
    if raw.startswith(b"PK\x03\x04"):
        return "docx"
    if raw.startswith(_OLD):
        raise InputError("it is RTF, of an old Word or encrypted; save as DOCX, without password")
    told = media in ("text/html", "application/xhtml+xml") or suffix in (".html", ".htm", ".xhtml")
    if told or _HTML.match(raw[:4096].removeprefix(b"\xef\xbb\xbf")):
        return "html"
    head = re.split(rb"\r?\n\r?\n", raw.removeprefix(b"\xef\xbb\xbf").lstrip(), maxsplit=1)[0]
    if re.match(rb"(?:\d+\s+)?(?:From |[\w-]+: )", head) and _MAIL.search(head):
        raise InputError("it is a mail, or a page saved as MHTML; save it as HTML or PDF")
    with suppress(ValueError, RecursionError):
        if head.startswith(b"<?xml") or isinstance(json.loads(raw), dict | list):
            raise InputError("it is XML or JSON; allowed: text, HTML, PDF, DOCX")
    if b"\0" in raw and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("it is neither text, HTML, PDF nor DOCX")
    if media and not media.startswith("text/") and media != "application/octet-stream":
        raise InputError(f"it is {media}; allowed: text, HTML, PDF, DOCX")
    return "text"


def _styled(page: Any) -> Iterator[tuple[Any, bool]]:
    """Yield what is struck out or hidden (True), or raised: by a tag or a style, of a class too."""
    rules = re.findall(r"([^{}]+){([^{}]*)}", " ".join(page.xpath(".//style/text()")))
    marking = ((names, rule) for names, rule in rules if _STYLES.search(rule))
    of_class = {n: rule for of, rule in marking for n in re.findall(r"\.([\w-]+)\s*(?:,|$)", of)}
    for tag in page.xpath(".//*"):
        named = (of_class.get(name, "") for name in tag.get("class", "").split())
        found = _STYLES.search(";".join([tag.get("style", ""), *named]))
        where = f"{tag.get('href', '')} {tag.get('class')}"
        mark = "#" in where and tag.xpath(_PAGES["before"])[-1:].isalnum()
        mark = tag.tag in ("a", "span") and (mark or bool(_FOOTNOTE.search(where)))
        hidden = "hidden" in tag.attrib and tag.tag != "body"
        if found or hidden or mark or tag.tag in ("del", "s", "strike", "template", "sup"):
            yield tag, hidden or (bool(found[1]) if found else tag.tag not in ("a", "span", "sup"))


def _as_seen(page: Any) -> list[str]:
    """Take out what is struck out or hidden, write raised numbers as such; return what to tell."""
    styled = list(_styled(page))
    for tag in (gone := [tag for tag, out in styled if out]):
        tag.drop_tree()
    left = 0
    # What stands within another that was raised, or was taken out, has no parent any more.
    for tag in (tag for tag, out in styled if not out and tag.getparent() is not None):
        number = re.sub(r"\s", "", tag.text_content())
        if re.fullmatch(r"(?=\D*\d)[\d.,:;*/()–-]{1,9}", number):  # Article 10¹ is not Article 101
            blank = " " * (tag.text_content()[-1:].isspace() and (tag.tail or "")[:1].isalnum())
            tag[:], tag.text = [], number.translate(_DIGITS) + blank
            tag.drop_tag()
        else:
            left += bool(re.fullmatch(r"\d.*|[ivx]+|[a-z*†‡]", number))
    notes = [f"left out: words struck out or hidden ({len(gone)})"] * bool(gone)
    return notes + [f"raised, and not told apart from what stands before ({left})"] * bool(left)


def _wrap(tag: Any) -> None:
    """Make paragraphs of words that stand bare in a block, alone or beside others."""
    children, runs = [*tag], [tag.makeelement("bare")]
    runs[0].text, tag.text = tag.text, None
    tag.insert(0, runs[0])
    for child in children:
        if any(inner.tag in _APART for inner in child.iter()):
            runs.append(tag.makeelement("bare"))
            runs[-1].text, child.tail = child.tail, None
            child.addnext(runs[-1])
        else:
            runs[-1].append(child)
    for run in runs:
        if any(map(_PARAGRAPH.fullmatch, map(_clean, ["".join(run.itertext()), *run.itertext()]))):
            run.tag = "p"
    etree.strip_tags(tag, "bare")


def _number_lists(page: Any) -> list[str]:
    """Write the numbers of lists as a browser shows them; return what is to be told of others."""
    others = 0
    for listed in page.iter("ol"):
        items, step = list(listed.iterchildren("li")), -1 if "reversed" in listed.attrib else 1
        style, start = listed.get("style", ""), listed.get("start", "")
        if listed.get("type", "1") != "1" or "list-style" in style:
            others += "none" not in style
            continue
        n = int(start) if start.isdecimal() else 1 if step > 0 else len(items)
        for item in items:
            n = int(value) if (value := item.get("value", "")).isdecimal() else n
            inner = len(item) and item[0].tag == "p" and not (item.text or "").strip()
            first = item[0] if inner else item
            first.text, n = f"{n}. {first.text or ''}", n + step
    return [f"left out: letters or Roman numbers before items of lists ({others})"] * bool(others)


def _clean(text: str) -> str:
    return one_line(text)[:LONGEST]


def _read_text(raw: bytes, declared: str, wanted: str) -> Read:
    text, encoding = decode(raw, declared, wanted)
    if "\0" in text:
        raise InputError("it is no text: it holds NUL characters")
    kept = f"decoded as {encoding}; kept as UTF-8, the original beside it"
    return Read("text", text, encoding, notes=[] if encoding == "utf-8" else [kept])


def _read_html(raw: bytes, declared: str, wanted: str, url: str) -> Read:
    text, encoding = decode(raw, declared or declared_in_page(raw), wanted)
    # The declaration has been heeded; the library must not heed it again.
    page = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.removeprefix("\ufeff").replace("\0", ""))
    library = extra("trafilatura", "ngolib add")
    tree = library.load_html(page)
    if tree is None:
        raise InputError("no text was found in the page")
    notes = _as_seen(tree)
    for tag in tree.iter("br", "div", "p"):  # the lines of a title are parted
        tag.tail = f" {tag.tail or ''}"
    page = shown = tostring(tree, encoding="unicode")
    for pattern, instead in _PAGES["instead"].items():  # of other tags it drops the words as well
        shown = re.sub(pattern, instead, shown)
    bare = library.load_html(shown)
    notes += _number_lists(bare)
    for tag in bare.xpath("//a[not(@href)]"):  # they lead nowhere: these are no lists of links
        tag.drop_tag()
    etree.strip_elements(bare, "script", "style", with_tail=False)
    for tag in bare.xpath(_PAGES["among"]):
        _wrap(tag)
    most = len(words_of(bare.text_content())) / 3
    for tag in bare.xpath(_PAGES["beside"], namespaces=REGULAR):
        if tag.tag != "p" and len(words_of(tag.text_content())) < most:
            tag.drop_tree()
        else:  # it is the text, whatever it is called
            tag.attrib.pop("class", None)
    for item in bare.xpath("//td//li | //th//li"):  # a cell is one line
        item.text = ("; " if item.getprevious() is not None else " ") + (item.text or "")
    for cell in bare.xpath("//td | //th"):
        etree.strip_tags(cell, "ul", "ol", "li")
    blocks = bare.xpath(_PAGES["holder"])  # the least one that holds nearly all is the text
    held = [len(words_of(" ".join(tag.xpath(".//p//text()")))) for tag in blocks]
    for tag in [tag for tag, n in zip(blocks, held, strict=True) if n > 0.8 * max(held)][-1:]:
        _wrap(tag)
        etree.SubElement(tag, "article").extend(tag[:-1])
    body, whole = _body(bare), ""
    if len(words_of(body)) < FEW_WORDS:
        whole = _body(shown)
    body = whole if len(whole) > 2 * len(body) else body  # what was dropped was the text
    # The text for search engines may be whole where the markup is not.
    if re.search(r'"articleBody"\s*:', page):
        linked = library.baseline(page)[1]
        if len(words_of(linked)) > 1.5 * len(words_of(body)):
            body = linked
            notes.append("text of the page's JSON-LD; its markup holds less")
    known = len(words_of(body))
    if known < FEW_WORDS and tree.xpath("//input[@type='password']"):
        raise InputError("it is a login form and holds no text; save the page once logged in")
    heads = map(_clean, tree.xpath("//title/text() | //h1//text()"))
    if known < FEW_WORDS and (none := next(filter(_NO_PAGE.search, heads), "")):
        raise InputError(f"it is no article: its title is {none[:99]!r}")
    if known < LEAST_WORDS:
        why = "; its text may be made by scripts, which are not run: save it as PDF"
        raise InputError(f"no text was found in the page{why if tree.xpath('//script') else ''}")
    found = library.extract_metadata(page, default_url=url or None, extensive=False)
    said, title, lead = _metadata(found, tree, body)
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    if not title and re.match(_PAGES["note"], body):
        title = _clean("".join(re.findall(_PAGES["law"], body)[:1]))
    if title:
        first = (n for n in range(1, 4) if _clean(" ".join(lines[:n])) == title)
        lines = [title, *([lead] if lead not in body else []), "", *lines[next(first, 0) :]]
    notes += _passed_over(tree, lines)
    return Read("html", "\n".join(lines) + "\n", encoding, said=said, notes=notes)


def _body(page: Any) -> str:
    """Return the text of a page without a paragraph that says several of the first ones again."""
    document = extra("trafilatura", "ngolib add").bare_extraction(page, include_comments=False)
    lines = ((document.text or "") if document is not None else "").splitlines()
    first = {phrase(line) for line in lines[:50] if len(words_of(line)) > 9}
    return "\n".join(line for line in lines if sum(one in phrase(line) for one in first) < 3)


def _block_of(piece: Any) -> Any:
    """Return the block that a piece of text stands in."""
    tag = piece.getparent().getparent() if piece.is_tail else piece.getparent()
    return next((one for one in (tag, *tag.iterancestors()) if one.tag in _APART), tag)


def _runs(tree: Any) -> Iterator[tuple[list[str], Any]]:
    """Yield the pieces of text that a page shows, line by line, with the block that they are in."""
    pieces = tree.xpath(_PAGES["shown"])
    lines = accumulate(piece.is_tail and piece.getparent().tag == "br" for piece in pieces)
    placed = zip(pieces, map(_block_of, pieces), lines, strict=True)
    for (block, _), run in groupby(placed, key=itemgetter(1, 2)):
        yield [piece for piece, *_ in run], block


def _passed_over(tree: Any, lines: Sequence[str]) -> list[str]:
    """Tell of sentences that a page shows among the lines of a text, or behind in its article."""
    text, own = phrase(" ".join(lines).translate(_FORMS)), f"self::*{_PAGES['read']}"
    runs = [(_clean("".join(pieces).translate(_FORMS)), block) for pieces, block in _runs(tree)]
    runs = [run for run in runs if run[0]]
    # What is no paragraph may be anything, if it is short; but not beside long ones like it.
    there = [b for whole, b in runs if len(words_of(whole)) > 9 and phrase(whole) in text]
    least = {(b.tag, b.getparent()): 0 for b in there}
    told = [
        (sentence, phrase(sentence) in text, block, n)
        for n, (whole, block) in enumerate(runs)
        for few in [least.get((block.tag, block.getparent()), 3 if block.tag == "p" else 9)]
        for sentence in ([whole] if whole == lines[0] else _SENTENCE.findall(whole))
        if len(words_of(sentence)) > few or whole == lines[0]
    ]
    taken = [n for n, (_, there, *_) in enumerate(told) if there]
    while [told[n][0] for n in taken[1:2]] == lines[:1]:  # the title, at the head of the page too
        del taken[0]
    if not taken:
        return []
    *_, last, end = told[taken[-1]]
    article = {*last.xpath("ancestor-or-self::article[last()]")}
    # A text may go on in another block: paragraphs that follow at once are of it.
    while end + 1 < len(runs) and runs[end + 1][1].tag in ("p", "li", "h2", "h3"):
        end += 1
    of_it = [run <= end or article & {b, *b.iterancestors()} for *_, b, run in told]
    among = range(taken[0], max(n for n, own in enumerate(of_it) if own) + 1)
    left = dict.fromkeys(told[n][0] for n in among if not told[n][1] and told[n][2].xpath(own))
    first = (" ".join(sentence.split()[:6]) for sentence in [*left][:1])
    return [f"left out, shown among the text ({len(left)}): {words} …" for words in first]


def _tags(tree: Any) -> Iterator[tuple[str, str, str]]:
    """Yield key, value and words of each tag that says something of the page."""
    own = _PAGES["own"]
    for tag in tree.xpath(f"//meta{own}"):
        for name in ("property", "name", "itemprop"):
            key, value = _clean(tag.get(name, "")), _clean(tag.get("content", ""))
            if key and value:
                yield key.lower(), value, f'<meta {name}="{key}" content="{value}">'
    for tag in tree.xpath(f"//time[@datetime][@pubdate or @itemprop='datePublished']{own}"):
        day = _clean(tag.get("datetime"))
        yield "pubdate", day, f'<time datetime="{day}">'
    linked: list[dict[str, Any]] = []
    for script in tree.xpath("//script[@type='application/ld+json']"):
        with suppress(ValueError, RecursionError):
            found = json.loads(script.text or "", strict=False)
            found = found.get("@graph", found) if isinstance(found, dict) else found
            found = found if isinstance(found, list) else [found]
            linked += [one for one in found if isinstance(one, dict)]
    known = {str(one["@id"]): one for one in linked if "@id" in one}
    # Who wrote the article, not who drew its picture.
    articles = [one for one in linked if re.search("Article|Posting", str(one.get("@type")))]
    # A page may name others, which it leads to: its own has the title that it shows.
    heads = {phrase(tag.text_content()) for tag in tree.iter("h1")}
    articles = [one for one in articles if phrase(str(one.get("headline"))) in heads] or articles
    for one in articles or [one for one in linked if not re.search(_FILM, str(one.get("@type")))]:
        for key, value in one.items():
            if text := _names(key, value, known):
                yield key.lower(), text, f'JSON-LD "{key}": "{text}"'


def _names(key: str, value: Any, known: Mapping[str, Any]) -> str:
    """Return what JSON-LD names: words, an object with a name, or a list of these."""
    names = []
    for item in value if isinstance(value, list) else [value]:
        one = item if isinstance(item, dict) else {"name": item}
        one = known.get(str(one.get("@id", "")), {}) | one
        office = key == "author" and "Organization" in str(one.get("@type"))
        names += [one["name"]] if isinstance(one.get("name"), str) and not office else []
    return _clean(unescape(", ".join(names)))


def _metadata(found: Any, tree: Any, body: str) -> tuple[dict[str, str], str, str]:
    """Return what a page says of itself, each with its basis; its title, and what leads it in."""
    # What tags say that a column is, each with the first tag that says so.
    claims: dict[str, dict[str, str]] = {column: {} for column in _PAGES["tags"]}
    for key, value, words in _tags(tree):
        for column, form in _PAGES["tags"].items():
            if re.search(form, key) and not value.startswith(("http", "@")):
                claims[column].setdefault(value, words)
    # Each piece of what is shown, and whether it stands by itself: not in a paragraph or a quote.
    alone: list[tuple[str, bool]] = []
    names: list[str] = []  # where an author may be named
    for pieces, block in _runs(tree):
        inner = block.xpath(f"self::*{_PAGES['own']}{_PAGES['elsewhere']}")
        whole = _clean("".join(pieces))
        few = bool(inner) and not (whole[-1:] in ".!?…" and len(words_of(whole)) > 6)
        alone += [(piece, few) for piece in map(_clean, pieces) if piece]
        names += [piece for piece in map(_clean, pieces) if piece and inner]
    shown = [piece for piece, _ in alone]
    title, end = _title(_clean(found.title or ""), tree, claims["outlet"], shown)
    at = shown.index(title) if title in shown else len(shown)
    # A day means what a label before it says.
    labels = {p for p in shown if len(p.split()) < 5 and p != title and not _DAY.search(p)}
    labels = {*filter(_ANOTHER.search, labels)}
    told = [f"{a} {b}" if a in labels else b for a, b in pairwise(["", *shown])]
    told = [piece if few else "" for piece, (_, few) in zip(told, alone, strict=True)]
    # A day with its weekday that stands before the title is that of a clock.
    before = [piece for piece in told[max(0, at - 3) : at] if not _WEEKDAY.search(piece)]
    beside = [end, *told[at + 1 : at + 9], *before] if at < len(shown) else []
    outlet = outlet_of(tree, found.hostname or "", title, claims["outlet"])
    others = "".join(map(phrase, claims["outlet"] or [outlet]))
    people = {_person(value, others): words for value, words in claims["author"].items()}
    first = next(filter(None, people), "") or _byline(found.author or "", names, others)
    # Journals name each author in a tag of its own.
    tag = people.get(first, "").partition("content=")[0]
    more = [p for p, words in people.items() if p not in ("", first) and words.startswith(tag)]
    basis = _basis({p: words for p, words in people.items() if p not in more}, first)
    all_ = [first, *more] if tag.startswith("<meta") else [first]
    author = ("; " if "," in "".join(all_) else ", ").join(all_)
    said = {"author": author, "author_basis": basis, "outlet": outlet}
    where = f"; the page lies at {found.hostname}" if found.hostname and not outlet else ""
    said["outlet_basis"] = _basis(claims["outlet"], outlet) + where
    lead = next((one for one in claims["lead"] if one in shown), "")
    lines = (phrase(line) for line in body.splitlines() if _clean(line) != title)
    lead = lead or _lead(tree, phrase(" ".join(shown)), lines)
    return said | _published(claims["published"], beside), title, lead


def _lead(tree: Any, shown: str, lines: Iterable[str]) -> str:
    """Return a first paragraph that is marked as one, and is shown above the lines of the text."""
    above = shown.partition(next((line for line in lines if line.strip()), shown))[0]
    leads = [_clean(tag.text_content()) for tag in tree.xpath(_PAGES["lead"], namespaces=REGULAR)]
    sentences = (one for one in leads if len(words_of(one)) > 9 and one[-1] in ".!?…»")
    return next((one for one in sentences if phrase(one).rstrip() in above), "")


def _basis(claims: Mapping[str, str], taken: str) -> str:
    """Say which tag says what is taken, and what others say; or that it is a guess, or open."""
    if not taken or taken not in claims:
        return f"{GUESS}: check it" if taken else TO_DO
    others = ", ".join([other for other in claims if other not in ("", taken)][:3])
    return f"{HEAD}: {claims[taken]}" + (f"; it also names {others}" if others else "")


def _title(said: str, tree: Any, outlets: Iterable[str], shown: Sequence[str]) -> tuple[str, str]:
    """Return the title, and the last of what the site adds to it in the head: its name, a day."""
    between, title, named = _PAGES["between"], said, _clean(tree.findtext(".//title") or "")
    for name in outlets:
        title = re.sub(f"{between}{re.escape(name)}$", "", title)
    # One that leads to the first page names the site.
    home = "//h1[.//a[re:test(@href, '^(https?://[^/]*)?/?(index[.]\\w+)?$')]]"
    of_site, heads, lower = (
        [h for tag in tags if len((h := _clean(tag.text_content())).split()) > 2 or h == named]
        for tags in (tree.xpath(home, namespaces=REGULAR), tree.iter("h1"), tree.iter("h2"))
    )
    if said in of_site:
        said = title = named
        heads = lower
    own = [head for head in heads if re.match(re.escape(head) + between, said, re.IGNORECASE)]
    # Readers may see another title than the head of the page names.
    title = next(iter(own or (heads if title not in shown else [])), title)
    for whole in (said, named):
        if whole != title and whole.casefold().startswith(title.casefold()):
            return title, re.split(between, whole[len(title) :])[-1].strip()
    return title, ""


def _person(value: str, others: str) -> str:
    """Return who is named; nothing if it is an outlet, an agency, an office or a photo credit."""
    name = re.sub(rf"^{_PAGES['by']}|(?!(?<=\b\w)\.)[\W_]+$", "", value)
    nobody = " " not in name or phrase(name) in others or re.search(_PAGES["nobody"], name)
    return "" if nobody else name


def _byline(guess: str, shown: Sequence[str], others: str) -> str:
    """Return who may have written a text, by what its page shows."""
    text = "\n".join(shown)
    names = [_person(name, others) for name in guess.split(";")]
    if all(name and name in text for name in names):
        return ", ".join(names)
    found = _BYLINE.search(text)
    return _person(found[1], others) if found else ""


def _day(text: str) -> str:
    """Return the one day that a short text names in English, Russian or Kazakh, or nothing."""
    from dateparser.date import DateDataParser

    how = {"DATE_ORDER": "DMY", "TIMEZONE": "UTC"}
    library = DateDataParser(languages=["en", "ru", "kk"], settings=how)
    found = _DAY.findall(text)
    read = [library.get_date_data(re.sub(r"жыл\w*", "ж.", words)).date_obj for words in found]
    days = {day.date().isoformat() for day in read if day}
    return days.pop() if len(days) == 1 else ""


def _published(claims: Mapping[str, str], beside: Sequence[str]) -> dict[str, str]:
    """Take the day of publication; where tags contradict each other, none."""
    days: dict[str, str] = {}
    moments: dict[datetime, str] = {}  # one moment may lie in two days, in two time zones
    few = [piece for piece in beside if len(piece.split()) <= 12]
    last = str(date.today() + timedelta(days=1))  # somewhere it is that day already
    shown = [(piece, day) for piece in few if "" < (day := _day(piece)) <= last]
    for value, words in claims.items():
        with suppress(ValueError):
            if value[:2] in ("19", "20") and value[:10] != "1970-01-01":  # which some say for none
                day = str(date.fromisoformat(value[:10].replace("/", "-")))
                with suppress(ValueError):
                    if (moment := datetime.fromisoformat(value)).tzinfo:
                        day = moments.setdefault(moment, day)
                days.setdefault(day, words)
    # What stands there besides may be the day of something else.
    near = {day: piece for piece, day in shown if not _LETTERS.search(_DAY.sub("", piece))}
    days |= {day: f"beside the title: {near[day]}" for day in near if days and day not in days}
    if len(days) == 1:
        ((day, words),) = days.items()
        return {"published": day, "published_basis": f"{HEAD}: {words}"}
    if claims:
        wrong = "the page contradicts itself" if days else "not understood"
        return {"published_basis": f"{TO_DO}; {wrong}: {'; '.join((days or claims).values())}"}
    # Words that do not tell of its publication tell of another day.
    near_by = ((part, p, day) for p, day in shown for part in re.split("[·|•]", p))
    dated = [(_DAY.sub("", part), p, day) for part, p, day in near_by if _DAY.search(part)]
    own = {day: p for rest, p, day in dated if not _OTHER.search(rest)}
    for day, piece in (near or (own if len(own) == 1 else {})).items():
        return {"published": day, "published_basis": f"it stands beside the title: {piece}"}
    return {}


def _read_document(kind: str, raw: bytes) -> Read:
    """Read a PDF or DOCX; that it is broken, which shows itself in many ways, is one line."""
    try:
        return _read_pdf(raw) if kind == "pdf" else _read_docx(raw)
    except (NgolibError, MemoryError):
        raise
    except Exception as error:
        what = kind.upper()
        if "cryptography" in str(error):
            raise InputError(f"it is an encrypted {what}; save it without encryption") from None
        said = _clean(str(error) or type(error).__name__)[:80]
        raise InputError(f"it is a {what} that cannot be read ({said})") from None


def _read_pdf(raw: bytes) -> Read:
    import logging

    pypdf = extra("pypdf", "ngolib add")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = pypdf.PdfReader(io.BytesIO(raw))
    if reader.is_encrypted and not reader.decrypt(""):
        raise InputError("it is a PDF with a password")
    pages = len(reader.pages)
    if pages > MOST_PAGES:
        raise InputError(f"it has {pages} pages; allowed: {MOST_PAGES}")
    words = [page.extract_text() for page in reader.pages]
    different = {line for page in words for line in page.splitlines()}
    if len(words_of(" ".join(different))) < LEAST_WORDS:
        raise InputError(_SCANNED)  # all else is a stamp on each page
    text, joined = _paragraphs(words)
    note = f"{pages} pages; lines joined to paragraphs, {joined} words at line ends too"
    raised = "a raised number cannot be told from others: Article 10¹ may have become Article 101"
    return Read("pdf", text, notes=[note, raised, "left out: forms, and what was put on its pages"])


def _paragraphs(pages: Sequence[str]) -> tuple[str, int]:
    """Join the lines of a page to paragraphs: sentences are found within a line only."""
    lines = [line.strip() for page in pages for line in page.replace("\0", "").splitlines()]
    lengths = sorted(len(line) for line in lines if line)
    usual = lengths[int(0.8 * len(lengths))] if lengths else 0
    done: list[str] = []
    open_, joined = False, 0
    for line in lines:
        if not line:
            open_ = False
            continue
        if not open_:
            done.append(line)
        elif re.search(r"[^\W\d_][-‐\xad]$", done[-1]) and line[0].islower():
            done[-1], joined = done[-1][:-1] + line, joined + 1
        else:  # Nur-Sultan, 2012-2013
            done[-1] += line if re.search(r"\w[-‐–]$", done[-1]) else f" {line}"
        ends = re.search(r"[.!?…:][\"'”’»)]*$", line)
        open_ = len(line) >= 0.6 * usual and not (ends and len(line) < 0.9 * usual)
    return "\n".join(done) + "\n", joined


def _read_docx(raw: bytes) -> Read:
    """Read what a DOCX shows: also what was inserted, fields, boxes, and tables a row a line."""
    if not any(name.startswith("word/document") for name in unpack("its DOCX", raw)):
        raise InputError("it is a zip file, but no DOCX")
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    marks = [n for n in files if n.endswith(".xml")], _PAGES["word"].items()
    for name, (mark, instead) in product(*marks):
        files[name] = re.sub(mark.encode(), instead.encode(), files[name])
    library = extra("mammoth", "ngolib add")
    how = {"convert_image": lambda image: [], "style_map": "br[type='page'] => br"}
    shown = library.convert_to_html(io.BytesIO(pack(files)), **how)
    page = fragment_fromstring(shown.value, create_parent=True)
    notes = _as_seen(page)
    for note in page.xpath("//*[starts-with(@id, 'footnote') or starts-with(@id, 'endnote')]"):
        note.drop_tree()
    for block in page.iter(*_BLOCKS):
        block.text, block.tail = f"\n{block.text or ''}", f"\n{block.tail or ''}"
    etree.strip_tags(page, "thead", "tbody")  # a cell may reach from one into the other
    for cell in page.xpath("//*[@colspan]"):  # what it reaches over stays empty
        for _ in range(int(cell.attrib.pop("colspan")) - 1):
            cell.addnext(page.makeelement(cell.tag, cell.attrib))
    for cell in page.xpath("//*[@rowspan]"):
        for below in cell.xpath(f"../following-sibling::tr[position() < {cell.get('rowspan')}]"):
            below.insert(cell.getparent().index(cell), page.makeelement(cell.tag))
    for row in page.xpath("//tr[not(ancestor::tr)]"):
        row[:], row.text = [], " | ".join(" ".join(cell.text_content().split()) for cell in row)
    lines = [line.strip() for line in page.text_content().splitlines()]
    parts = [content for name, content in files.items() if name.startswith("word/document")]
    lost = sorted(_words_in(parts) - {*_LETTERS.findall("\n".join(lines).translate(_FORMS))})
    left = sorted({*re.findall(r"ignored: (?:{.*?}|\w+:)?(\w+)", f"{shown.messages}")})
    notes.append("left out: notes, headers, numbers of Word; not told: what a style raises")
    notes += ["hidden text is taken as if it were shown"] * any(map(_HIDDEN.search, files.values()))
    notes += [f"left out, with the words in them: {', '.join(left)}"] * bool(left)
    notes += [f"words of the file that are not in the text: {', '.join(lost[:9])}"] * bool(lost)
    return Read("docx", "\n".join(filter(None, lines)) + "\n", notes=notes)


def _words_in(parts: Iterable[bytes]) -> set[str]:
    """Return the words of all paragraphs of a DOCX, whatever they stand in."""
    found: set[str] = set()
    for paragraph in (p for part in parts for p in etree.fromstring(part).iter("{*}p")):
        pieces = paragraph.iter("{*}t", "{*}tab", "{*}br", "{*}cr", "{*}p")
        text = "".join(piece.text or " " for piece in pieces)
        found |= {*_LETTERS.findall(text.translate(_FORMS))}
    return found


def read(
    raw: bytes,
    media: str = "",
    suffix: str = "",
    declared: str = "",
    wanted: str = "",
    url: str = "",
) -> Read:
    """Read a file in this process, by what is told of it and the encoding wanted, if any."""
    kind = kind_of(raw, media, suffix)
    if kind == "html":
        found = _read_html(raw, declared, wanted, url)
    elif kind == "text":
        found = _read_text(raw, declared, wanted)
    else:
        found = _read_document(kind, raw)
    if len(words_of(found.text)) < LEAST_WORDS:
        few = f"no text was found in it (fewer than {LEAST_WORDS} words)"
        raise InputError(_SCANNED if kind == "pdf" else few)
    if len(found.text) > MOST_CHARACTERS:
        raise InputError(f"its text has {len(found.text)} characters; allowed: {MOST_CHARACTERS}")
    if (found.kind, found.encoding) != ("text", "utf-8"):  # which is kept byte for byte
        found.text = found.text.translate(_FORMS)
    if found.encoding == "cp1251" and (odd := sorted({*_PAGES["neither"]} & {*found.text})):
        said = f"letters of neither Russian nor Kazakh: {''.join(odd)}"
        found.notes.append(f"{said}; is it {' or '.join(KAZAKH)} (--encoding)?")
    if (composed := normalize("NFC", found.text)) != found.text:
        found.text, found.encoding = composed, f"{found.encoding}, letters in parts"
        found.notes.append("its letters that were written in parts, as й of и, are written as one")
    # A lone surrogate cannot be written as UTF-8.
    found.text = re.sub("[\ud800-\udfff]", "\ufffd", found.text)
    found.language, found.plain = language_of(found.text)
    return found


def read_apart(raw: bytes, **told: str) -> Read:
    """Read a file as `read` does, in a process of its own."""
    given = json.dumps(told).encode("ascii") + b"\n" + raw
    command = [sys.executable, "-m", "ngolib.intake.reading"]
    root = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=SECONDS, cwd=root)
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise InputError(f"it takes longer than {SECONDS:g} seconds to read") from None
    except ValueError:
        raise InputError("it cannot be read: its reader ran out of memory or broke off") from None
    if "error" in answer:
        raise InputError(answer["error"])
    return Read(**answer)


def main() -> None:
    """Read what comes in, and answer in JSON."""
    with suppress(ImportError, ValueError, OSError):  # not every system knows such a limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    first, _, raw = sys.stdin.buffer.read().partition(b"\n")
    out, sys.stdout = sys.stdout, sys.stderr  # no library may speak in between
    try:
        answer = asdict(read(raw, **json.loads(first)))
    except NgolibError as error:
        answer = {"error": str(error)}
    except (MemoryError, RecursionError):
        answer = {"error": "it cannot be read: it is nested too deeply, or memory ran out"}
    out.write(json.dumps(answer))


if __name__ == "__main__":
    main()
