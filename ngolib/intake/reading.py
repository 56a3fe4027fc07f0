"""From a file as it was received to a text, in a process of its own: nothing in it is run.

One that is made to choke its reader has two minutes and 3 GiB, and stops nothing else.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

from ngolib.errors import IntakeError, NgolibError
from ngolib.intake.judge import declared_in_page, decode, language_of
from ngolib.intake.judge import words as words_of
from ngolib.intake.tools import extra, one_line
from ngolib.zipped import unpack

SECONDS = 120
MEMORY = 3 * 2**30
MOST_PAGES = 2_000
MOST_CHARACTERS = 5_000_000
# With fewer words there is no text; with few it may not be whole.
LEAST_WORDS, FEW_WORDS = 8, 80
SUFFIXES = {"text": ".txt", "html": ".html", "pdf": ".pdf", "docx": ".docx"}
TO_DO, HEAD = "to be filled in", "the page says in its head"
GUESS = "a guess, found on the page"
_SCANNED = "it is a PDF without text, scanned perhaps: recognise its text first (OCR)"
_OLD = (b"\xd0\xcf\x11\xe0", b"{\\rtf")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
# What tags and fields are called that hold these; not those of a change.
_KEYS = {
    "published": r"publish(?!er)|publication_?date|pub-?date|^(?:dc\.)?date$|issued$",
    "author": r"author|(?<!twitter:)creator",
    "outlet": r"site_?name|publisher|journal_title",
    "lead": r"^(?:og:)?description$",
}
# Between a title and what the site adds to it; before a name, and who is none.
_SIGNS = r"(?:\s*[|·•:]+|\s+[-–—])\s+"
_BY = "Written by|Author|Авторы?|Текст|Мақала авторы"
_NAME = "[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ][\\w.'’-]+(?: [A-ZА-ЯЁӘҒҚҢӨҰҮҺІ][\\w.'’-]+){1,3}"
_BYLINE = re.compile(rf"^(?:{_BY}):?\s+({_NAME}(?:(?:, | and | и ){_NAME})*)\s*(?:[·|,]|$)", re.M)
_NOBODY = re.compile(
    r"^(?:фото|photo|image|сурет)|\b(?:admin|editor|staff|newsroom|correspondent|agency|news)\b|//"
    r"|\b(?:AP|AFP|Reuters|Sputnik|Associated|РИА|ТАСС)\b|редакци|агентств|служб|[@\d]",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"\b(?:\d\d?(?:st|nd|rd|th)?,? [^\W\d_]{3,}\.?,?|[^\W\d_]{3,}\.? \d\d?,?) (?:19|20)\d\d\b"
    r"|\b20\d\d ж\w*\.? \d\d? [^\W\d_]{3,}|\b\d\d?\.\d\d?\.(?:19|20)\d\d\b"
)


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
    """Say what a file is, by its content first; what cannot be read is an `IntakeError`."""
    if not raw.strip():
        raise IntakeError("it is empty")
    if b"%PDF-" in raw[:1024]:
        return "pdf"
    if raw.startswith(b"PK\x03\x04"):
        return "docx"
    if raw.startswith(_OLD):
        raise IntakeError("it is RTF or a file of an old Word; save it as DOCX")
    told = media in ("text/html", "application/xhtml+xml") or suffix in (".html", ".htm", ".xhtml")
    if told or _HTML.match(raw[:4096].removeprefix(b"\xef\xbb\xbf")):
        return "html"
    if b"\0" in raw and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise IntakeError("it is neither text, HTML, PDF nor DOCX")
    if media and not media.startswith("text/") and media != "application/octet-stream":
        raise IntakeError(f"it is {media}; allowed: text, HTML, PDF, DOCX")
    return "text"


def _clean(text: str) -> str:
    return one_line(text)[:300]


def _read_text(raw: bytes, declared: str, wanted: str) -> Read:
    text, encoding = decode(raw, declared, wanted)
    if "\0" in text:
        raise IntakeError("it is no text: it holds NUL characters")
    kept = f"decoded as {encoding}; kept as UTF-8, the original beside it"
    return Read("text", text, encoding, notes=[] if encoding == "utf-8" else [kept])


def _read_html(raw: bytes, declared: str, wanted: str, url: str) -> Read:
    text, encoding = decode(raw, declared or declared_in_page(raw), wanted)
    # The declaration has been heeded; the library must not heed it again.
    page = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.removeprefix("\ufeff").replace("\0", ""))
    library = extra("trafilatura", "ngolib add")
    document = library.bare_extraction(
        page, url=url or None, include_comments=False, include_tables=True, with_metadata=True
    )
    tree = library.load_html(page)
    if tree is None:
        raise IntakeError("no text was found in the page")
    body = (document.text or "") if document is not None else ""
    notes: list[str] = []
    if '"articleBody"' in page:  # the text for search engines may be whole where the markup is not
        linked = library.baseline(page)[1]
        if len(words_of(linked)) > 1.5 * len(words_of(body)):
            body, notes = linked, ["text of the page's JSON-LD; its markup holds less"]
    known = len(words_of(body))
    if known < FEW_WORDS and tree.xpath("//input[@type='password']"):
        raise IntakeError("it is a login form and holds no text; save the page once logged in")
    if known < LEAST_WORDS:
        why = "; its text may be made by scripts, which are not run: save it as PDF"
        raise IntakeError(f"no text was found in the page{why if tree.xpath('//script') else ''}")
    said, title, lead = _metadata(document, tree)
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    if title:
        # What stands before the title is of the site.
        top = [_clean(line) for line in lines[:6]]
        lines = lines[top.index(title) + 1 :] if title in top else lines
        lines = [title, *([lead] if lead not in body else []), "", *lines]
    return Read("html", "\n".join(lines) + "\n", encoding, said=said, notes=notes)


def _tags(tree: Any) -> Iterator[tuple[str, str, str]]:
    """Yield key, value and words of each tag that says something of the page."""
    for tag in tree.iter("meta"):
        for name in ("property", "name", "itemprop"):
            key, value = _clean(tag.get(name, "")), _clean(tag.get("content", ""))
            if key and value:
                yield key.lower(), value, f'<meta {name}="{key}" content="{value}">'
    for tag in tree.xpath("//time[@datetime][@pubdate or @itemprop='datePublished']"):
        day = _clean(tag.get("datetime"))
        yield "pubdate", day, f'<time datetime="{day}">'
    linked: list[dict[str, Any]] = []
    for script in tree.xpath("//script[@type='application/ld+json']"):
        with suppress(ValueError, RecursionError):
            found = json.loads(script.text or "", strict=False)
            found = found.get("@graph", found) if isinstance(found, dict) else found
            found = found if isinstance(found, list) else [found]
            linked += [one for one in found if isinstance(one, dict)]
    known = {str(one.get("@id")): one for one in linked}
    # Who wrote an article, not who drew its picture.
    articles = [one for one in linked if re.search("Article|Posting", str(one.get("@type")))]
    for one in articles or linked:
        for key, value in one.items():
            if text := _names(key, value, known):
                yield key.lower(), text, f'JSON-LD "{key}": "{text}"'


def _names(key: str, value: Any, known: Mapping[str, Any]) -> str:
    """Return what JSON-LD names: words, an object with a name, or a list of these."""
    names = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            item = known.get(str(item.get("@id", "")), {}) | item
            office = key == "author" and "Organization" in str(item.get("@type"))
            item = None if office else item.get("name")
        names.append(item)
    return _clean(unescape(", ".join(name for name in names if isinstance(name, str))))


def _spelt(text: str) -> str:
    """Return the words of a name, to be looked for among others."""
    return f" {' '.join(words_of(text))} "


def _metadata(document: Any, tree: Any) -> tuple[dict[str, str], str, str]:
    """Return what a page says of itself, each with its basis; its title, and what leads it in."""
    # What tags say that a column is, each with the first tag that says so.
    claims: dict[str, dict[str, str]] = {column: {} for column in _KEYS}
    for key, value, words in _tags(tree):
        for column, form in _KEYS.items():
            if re.search(form, key) and not value.startswith(("http", "@")):
                claims[column].setdefault(value, words)
    pieces = tree.xpath("//body//text()[not(parent::script | parent::style | parent::noscript)]")
    shown = [piece for piece in map(_clean, pieces) if piece]
    title, end = _title(document, tree, claims["outlet"])
    at = shown.index(title) if title in shown else None
    host = document.hostname or ""
    address = "".join(words_of(host))
    said = {"outlet_basis": f"{TO_DO}; the page lies at {host}"} if host else {}
    # Of several names the one in the title or the address: a section has a name too.
    for name in sorted(
        claims["outlet"],
        key=lambda name: _spelt(name) not in _spelt(end) and "".join(words_of(name)) not in address,
    )[:1]:
        said |= {"outlet": name, "outlet_basis": _basis(claims["outlet"], name)}
    if "outlet" not in said and at is not None and 1 < len(end) < 40 and not day_of(end):
        said |= {"outlet": end, "outlet_basis": f"{GUESS}, at the end of its title: check it"}
    outlets = "".join(map(_spelt, claims["outlet"] or [said.get("outlet", "")]))
    people = {_person(value, outlets): words for value, words in claims["author"].items()}
    if author := next(filter(None, people), ""):
        said |= {"author": author, "author_basis": _basis(people, author)}
    else:
        text = "\n".join(shown)
        guess = [_person(name, outlets) for name in (document.author or "").split(";")]
        byline = _BYLINE.search(text)
        guesses = [", ".join(guess) if all(name and name in text for name in guess) else ""]
        guesses += [_person(byline[1], outlets)] if byline else []
        for author in list(filter(None, guesses))[:1]:
            said |= {"author": author, "author_basis": f"{GUESS}: check it"}
    beside = [] if at is None else [end, *shown[at + 1 : at + 9], *shown[max(0, at - 3) : at]]
    said |= _published(claims["published"], beside)
    return said, title, next((one for one in claims["lead"] if one in shown), "")


def _basis(claims: Mapping[str, str], taken: str) -> str:
    """Say by which tag a value was taken, and what others say."""
    others = [other for other in claims if other and other != taken]
    also = f"; it also names {', '.join(others[:3])}" if others else ""
    return f"{HEAD}: {claims[taken]}{also}"


def _title(document: Any, tree: Any, outlets: Iterable[str]) -> tuple[str, str]:
    """Return the title, and the last of what the site adds to it in the head: its name, a day."""
    title = whole = _clean(document.title or "")
    for head in (_clean(tag.text_content()) for tag in tree.iter("h1")):
        if len(head.split()) > 2 and re.match(re.escape(head) + _SIGNS, title, re.IGNORECASE):
            title = head
    for name in outlets:
        title = re.sub(f"{_SIGNS}{re.escape(name)}$", "", title)
    for full in (whole, _clean(tree.findtext(".//title") or "")):
        if full.casefold().startswith(title.casefold()) and full != title:
            return title, re.split(_SIGNS, full[len(title) :])[-1].strip()
    return title, ""


def _person(value: str, outlets: str) -> str:
    """Return who is named; nothing if it is an outlet, an agency, an office or a photo credit."""
    name = re.sub(rf"^(?:By|{_BY})\b\W*|[\W_]+$", "", value)
    nobody = " " not in name or _spelt(name) in outlets or _NOBODY.search(name)
    return "" if nobody else name


def day_of(text: str) -> str:
    """Return the one day that a short text names in English, Russian or Kazakh, or nothing."""
    from dateparser.date import DateDataParser

    library = DateDataParser(languages=["en", "ru", "kk"], settings={"DATE_ORDER": "DMY"})
    found = [library.get_date_data(re.sub("ж\\w+", "ж.", words)) for words in _DAY.findall(text)]
    days = {one.date_obj.date().isoformat() for one in found if one.date_obj}
    return days.pop() if len(days) == 1 else ""


def _published(claims: Mapping[str, str], beside: Sequence[str]) -> dict[str, str]:
    """Take the day of publication; where tags contradict each other, none."""
    days: dict[str, str] = {}
    for value, words in claims.items():
        with suppress(ValueError):
            if value.startswith(("19", "20")):  # some programs write the year 1 for none
                days.setdefault(date.fromisoformat(value[:10]).isoformat(), words)
    if len(days) == 1:
        ((day, words),) = days.items()
        return {"published": day, "published_basis": f"{HEAD}: {words}"}
    if claims:
        wrong = "the page contradicts itself" if days else "not understood"
        return {"published_basis": f"{TO_DO}; {wrong}: {'; '.join((days or claims).values())}"}
    for piece in beside:
        if len(piece.split()) <= 12 and (day := day_of(piece)):
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
            raise IntakeError(f"it is an encrypted {what}; save it without encryption") from None
        said = _clean(str(error))[:80]
        raise IntakeError(f"it is a {what} that cannot be read ({said})") from None


def _read_pdf(raw: bytes) -> Read:
    import logging

    pypdf = extra("pypdf", "ngolib add")
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = pypdf.PdfReader(io.BytesIO(raw))
    if reader.is_encrypted and not reader.decrypt(""):
        raise IntakeError("it is a PDF with a password")
    pages = len(reader.pages)
    if pages > MOST_PAGES:
        raise IntakeError(f"it has {pages} pages; allowed: {MOST_PAGES}")
    text, joined = _paragraphs([page.extract_text() for page in reader.pages])
    note = f"{pages} pages; lines joined to paragraphs, {joined} words at line ends too"
    return Read("pdf", text, notes=[note])


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
        elif re.search(r"[^\W\d_]-$", done[-1]) and line[0].islower():
            done[-1], joined = done[-1][:-1] + line, joined + 1
        else:
            done[-1] += f" {line}"
        ends = re.search(r"[.!?…:][\"'”’»)]*$", line)
        open_ = len(line) >= 0.6 * usual and not (ends and len(line) < 0.9 * usual)
    return "\n".join(done) + "\n", joined


def _read_docx(raw: bytes) -> Read:
    if "word/document.xml" not in unpack("its DOCX", raw):
        raise IntakeError("it is a zip file, but no DOCX")
    docx = extra("docx", "ngolib add")
    lines: list[str] = []
    for part in docx.Document(io.BytesIO(raw)).iter_inner_content():
        if hasattr(part, "rows"):
            cells = ([" ".join(cell.text.split()) for cell in row.cells] for row in part.rows)
            lines += map(" | ".join, cells)
        else:
            lines += part.text.replace("\0", "").splitlines() or [""]
    note = "paragraphs and tables; notes, headers and text boxes are not taken"
    return Read("docx", "\n".join(lines) + "\n", notes=[note])


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
        raise IntakeError(_SCANNED if kind == "pdf" else few)
    if len(found.text) > MOST_CHARACTERS:
        raise IntakeError(f"its text has {len(found.text)} characters; allowed: {MOST_CHARACTERS}")
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
        raise IntakeError(f"it takes longer than {SECONDS:g} seconds to read") from None
    except ValueError:
        raise IntakeError("it cannot be read: its reader ran out of memory or broke off") from None
    if "error" in answer:
        raise IntakeError(answer["error"])
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
        answer = {"error": "it cannot be read: it is too large, or nested too deeply"}
    out.write(json.dumps(answer))


if __name__ == "__main__":
    main()
