"""From a file as it was received to a text, in a process of its own: nothing in it is run.

One that is made to choke its reader has two minutes and 3 GiB, and stops nothing else.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
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
# A page with fewer words holds no text.
LEAST_WORDS, LEAST_WORDS_BESIDE_A_LOGIN = 8, 80
SUFFIXES = {"text": ".txt", "html": ".html", "pdf": ".pdf", "docx": ".docx"}
TO_DO, HEAD = "to be filled in", "the page says in its head"
_SCANNED = "it is a PDF without text, scanned perhaps: recognise its text first (OCR)"
_OLD = (b"\xd0\xcf\x11\xe0", b"{\\rtf")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
# What tags and fields are called that hold these; not those of a change.
_KEYS = {
    "published": r"publish(?!er)|publication_?date|pub-?date|^(?:dc\.)?date$|issued$",
    "author": r"author|creator",
    "outlet": r"site_?name|publisher|journal_title",
}


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
    body = (document.text or "") if document is not None else ""
    known = len(words_of(body))
    if tree is None:
        raise IntakeError("no text was found in the page")
    if known < LEAST_WORDS_BESIDE_A_LOGIN and tree.xpath("//input[@type='password']"):
        raise IntakeError("it is a login form and holds no text; save the page once logged in")
    if known < LEAST_WORDS:
        why = "; its text may be made by scripts, which are not run: save it as PDF"
        raise IntakeError(f"no text was found in the page{why if tree.xpath('//script') else ''}")
    title = _clean(document.title or "")
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    if title and _clean(lines[0]) != title:
        lines = [title, "", *lines]
    return Read("html", "\n".join(lines) + "\n", encoding, said=_metadata(document, tree))


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
    for script in tree.xpath("//script[@type='application/ld+json']"):
        with suppress(ValueError, RecursionError):
            found = json.loads(script.text or "")
            found = found.get("@graph", found) if isinstance(found, dict) else found
            for one in found if isinstance(found, list) else [found]:
                for key, value in one.items() if isinstance(one, dict) else ():
                    if text := _names(value):
                        yield key.lower(), text, f'JSON-LD "{key}": "{text}"'


def _names(value: Any) -> str:
    """Return what JSON-LD names: words, an object with a name, or a list of these."""
    items = value if isinstance(value, list) else [value]
    names = [item.get("name") if isinstance(item, dict) else item for item in items]
    return _clean(", ".join(name for name in names if isinstance(name, str)))


def _metadata(document: Any, tree: Any) -> dict[str, str]:
    """Take what the page says of itself, each with its basis: a tag, or a guess to be checked."""
    # What tags say that a column is, each with the first tag that says so.
    claims: dict[str, dict[str, str]] = {column: {} for column in _KEYS}
    for key, value, words in _tags(tree):
        for column, form in _KEYS.items():
            if re.search(form, key) and not value.startswith("http"):
                claims[column].setdefault(value, words)
    said = _published(claims["published"])
    shown = tree.xpath("//body//text()[not(parent::script | parent::style | parent::noscript)]")
    for column, guess in (("author", document.author), ("outlet", document.sitename)):
        if own := claims[column]:
            said[column], *others = own
            also = f"; it also names {', '.join(others[:3])}" if others else ""
            said[f"{column}_basis"] = f"{HEAD}: {own[said[column]]}{also}"
        elif guess and _clean(guess) in one_line(" ".join(shown)):
            said[column] = _clean(guess)
            said[f"{column}_basis"] = "a guess, found on the page: check it"
    return said


def _published(claims: Mapping[str, str]) -> dict[str, str]:
    """Take the day of publication; where tags contradict each other, none."""
    days: dict[str, str] = {}
    for value, words in claims.items():
        with suppress(ValueError):
            if value.startswith(("19", "20")):  # some programs write the year 1 for none
                days.setdefault(date.fromisoformat(value[:10]).isoformat(), words)
    if len(days) == 1:
        ((day, words),) = days.items()
        return {"published": day, "published_basis": f"{HEAD}: {words}"}
    if not claims:
        return {}
    wrong = "the page contradicts itself" if days else "not understood"
    said = "; ".join((days or claims).values())
    return {"published_basis": f"{TO_DO}; {wrong}: {said}"}


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
