"""From a file as it was received to a text: in a process of its own, with limits.

A page or document comes from strangers. It is read in a child process that has little memory and
little time, so that one that is made to choke its reader stops nothing else. Nothing in it is run.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ngolib.errors import IntakeError
from ngolib.intake.decode import declared_in_page, decode
from ngolib.intake.language import language_of
from ngolib.intake.tools import extra

SECONDS = 120
MEMORY = 3 * 2**30
MIB = 2**20
# What a DOCX may unpack to, and how much larger than it is packed.
MOST_UNPACKED, MOST_RATIO, MOST_ENTRIES = 200 * MIB, 200, 5_000
MOST_PAGES = 2_000
MOST_CHARACTERS = 5_000_000
# A page with fewer words holds no text.
LEAST_WORDS = 8
LEAST_WORDS_BESIDE_A_LOGIN = 80
SUFFIXES = {"text": ".txt", "html": ".html", "pdf": ".pdf", "docx": ".docx"}
_WORD = re.compile(r"[^\W_]+")
_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
                   re.IGNORECASE | re.DOTALL)  # fmt: skip
_DAY = re.compile(r"^((?:19|20)\d\d-\d\d-\d\d)(?!\d)")


@dataclass
class Read:
    """What a file says.

    Parameters
    ----------
    kind : {"text", "html", "pdf", "docx"}
        What it is.
    text : str
        Its text.
    encoding : str
        How its bytes were read, where they are a text.
    language, plain : str, bool
        Language, and whether that is plain.
    author, author_basis, outlet, outlet_basis, day, day_basis, day_note : str
        What is known of it, and by what.
    notes : list of str
        What its reader should know.
    """

    kind: str
    text: str
    encoding: str = ""
    language: str = ""
    plain: bool = False
    author: str = ""
    author_basis: str = ""
    outlet: str = ""
    outlet_basis: str = ""
    day: str = ""
    day_basis: str = ""
    day_note: str = ""
    notes: list[str] = field(default_factory=list)


def kind_of(raw: bytes, media: str, suffix: str) -> str:
    """Say what a file is, by its content first.

    Raises
    ------
    ngolib.errors.IntakeError
        If it is nothing that can be read.
    """
    if not raw.strip():
        raise IntakeError("it is empty")
    if b"%PDF-" in raw[:1024]:
        return "pdf"
    if raw.startswith(b"PK\x03\x04"):
        return "docx"
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise IntakeError("it is a file of an old Word; save it as DOCX")
    if raw.startswith(b"{\\rtf"):
        raise IntakeError("it is RTF; save it as DOCX")
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    if _HTML.match(raw[:4096].removeprefix(b"\xef\xbb\xbf")):
        return "html"
    if media in ("text/html", "application/xhtml+xml") or suffix in (".html", ".htm", ".xhtml"):
        return "html"
    if b"\0" in raw and not wide:
        raise IntakeError("it is neither text, HTML, PDF nor DOCX")
    if media and not media.startswith("text/") and media != "application/octet-stream":
        raise IntakeError(f"it is {media}; allowed: text, HTML, PDF, DOCX")
    return "text"


def words_in(text: str) -> int:
    """Count the words of a text."""
    return len(_WORD.findall(text))


def _clean(text: str) -> str:
    """Take control characters out of a value, and leave one blank between words."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]


# --- text -----------------------------------------------------------------------------------------


def _read_text(raw: bytes, declared: str, wanted: str) -> Read:
    text, encoding = decode(raw, declared, wanted)
    if "\0" in text:
        raise IntakeError("it is no text: it holds NUL characters")
    found = Read("text", text, encoding)
    if encoding != "utf-8":
        found.notes.append(f"decoded as {encoding}; kept as UTF-8, the original beside it")
    return found


# --- HTML -----------------------------------------------------------------------------------------

_DATES = [
    ("property", "article:published_time"),
    ("name", "article:published_time"),
    ("itemprop", "datePublished"),
    ("name", "citation_publication_date"),
    ("name", "parsely-pub-date"),
    ("name", "pubdate"),
    ("name", "publishdate"),
    ("name", "dc.date.issued"),
    ("name", "dcterms.issued"),
    ("name", "dc.date"),
    ("name", "date"),
]
_AUTHORS = [("name", "author"), ("property", "article:author"), ("name", "dc.creator"),
            ("name", "citation_author"), ("name", "parsely-author")]  # fmt: skip
_OUTLETS = [
    ("property", "og:site_name"),
    ("name", "dc.publisher"),
    ("name", "citation_journal_title"),
]


def _metas(soup: Any, wanted: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the tag as it is told, and its content."""
    for attribute, value in wanted:
        for tag in soup.find_all("meta"):
            if str(tag.get(attribute, "")).lower() == value.lower():
                content = _clean(str(tag.get("content", "")))
                if content:
                    yield f'<meta {attribute}="{value}" content="{content}">', content


def _linked_data(soup: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of JSON-LD in a page."""
    for tag in soup.find_all("script", type="application/ld+json"):
        try:
            found = json.loads(tag.string or "")
        except (ValueError, RecursionError):
            continue
        pending = [found]
        while pending:
            one = pending.pop(0)
            if isinstance(one, list):
                pending += one[:50]
            elif isinstance(one, dict):
                yield one
                pending += [one["@graph"]] if "@graph" in one else []


def _names(value: Any) -> str:
    items = value if isinstance(value, list) else [value]
    names = [item.get("name", "") if isinstance(item, dict) else item for item in items]
    return ", ".join(_clean(name) for name in names if isinstance(name, str) and name.strip())


def _claims(soup: Any, metas: list[tuple[str, str]], key: str) -> Iterator[tuple[str, str]]:
    yield from _metas(soup, metas)
    for one in _linked_data(soup):
        if key in one:
            text = _names(one[key])
            if text:
                yield f'JSON-LD "{key}": "{text}"', text


def _metadata(soup: Any, found: Read) -> None:
    """Fill in what tags of the page say; where they contradict each other, nothing."""
    days: dict[str, str] = {}
    unread: list[str] = []
    claims = [*_claims(soup, _DATES, "datePublished")]
    claims += [
        (f'<time datetime="{_clean(str(tag["datetime"]))}" {mark}>', _clean(str(tag["datetime"])))
        for mark in ("pubdate", "itemprop")
        for tag in soup.find_all("time", datetime=True)
        if tag.has_attr(mark) and (mark == "pubdate" or tag["itemprop"] == "datePublished")
    ]
    for where, value in claims:
        match = _DAY.match(value)
        if match and _is_day(match[1]):
            days.setdefault(match[1], where)
        else:
            unread.append(where)
    if len(days) == 1:
        found.day, where = next(iter(days.items()))
        found.day_basis, found.day_note = "external", f"the page says in its head: {where}"
    elif days:
        found.day_note = f"to be filled in; the page contradicts itself: {'; '.join(days.values())}"
    elif unread:
        found.day_note = f"to be filled in; not understood: {unread[0]}"
    for column, metas, key in (("author", _AUTHORS, "author"), ("outlet", _OUTLETS, "publisher")):
        values = [(w, v) for w, v in _claims(soup, metas, key) if not v.startswith("http")]
        known = list(dict.fromkeys(value for _, value in values))
        if not known:
            continue
        setattr(found, column, known[0])
        basis = f"the page says in its head: {values[0][0]}"
        if len(known) > 1:
            basis += f"; it also names {', '.join(known[1:4])}"
        setattr(found, f"{column}_basis", basis)


def _is_day(text: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _read_html(raw: bytes, declared: str, wanted: str, url: str) -> Read:
    from bs4 import BeautifulSoup

    text, encoding = decode(raw, declared or declared_in_page(raw), wanted)
    text = text.removeprefix("\ufeff").replace("\0", "")
    # The declaration has been heeded; the library must not heed it again.
    page = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    library = extra("trafilatura", "ngolib add")
    found = Read("html", "", encoding)
    document = library.bare_extraction(
        page, url=url or None, include_comments=False, include_tables=True, with_metadata=True
    )
    soup = BeautifulSoup(page, "html.parser")
    body = (document.text or "") if document is not None else ""
    title = _clean(document.title or "") if document is not None else ""
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    if title and (not lines or _clean(lines[0]) != title):
        lines = [title, "", *lines]
    _metadata(soup, found)
    known = words_in(body)
    login = soup.find("input", type="password") is not None
    if login and known < LEAST_WORDS_BESIDE_A_LOGIN:
        raise IntakeError("it is a login form and holds no text; save the page once logged in")
    if known < LEAST_WORDS:
        by_script = len(soup.find_all("script")) > 0
        more = (
            "; its text may be made by scripts, which are not run: save it as PDF"
            if by_script
            else ""
        )
        raise IntakeError(f"no text was found in the page{more}")
    found.text = "\n".join(lines) + "\n"
    if document is not None:
        _guesses(document, soup, found)
    return found


def _guesses(document: Any, soup: Any, found: Read) -> None:
    """Say what the library guesses beyond the tags: an author only if the page shows the name."""
    for tag in soup(["script", "style", "noscript", "template"]):
        tag.decompose()
    visible = " ".join(soup.get_text(" ").split())
    name = _clean(document.author or "")
    if name and not found.author:
        at = visible.find(name)
        if at >= 0:
            context = visible[max(0, at - 20) : at + len(name) + 20].strip()
            found.author, found.author_basis = name, f'found on the page: "… {context} …"; check it'
    if document.date and not found.day and not found.day_note:
        found.day_note = (
            f"to be filled in; {document.date} stands somewhere in the page, without a word of "
            "what it is the date of"
        )


# --- PDF ------------------------------------------------------------------------------------------


def _read_pdf(raw: bytes) -> Read:
    pypdf = extra("pypdf", "ngolib add")
    import logging

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(raw))
        if reader.is_encrypted and not reader.decrypt(""):
            raise IntakeError("it is a PDF with a password")
        pages = len(reader.pages)
        if pages > MOST_PAGES:
            raise IntakeError(f"it has {pages} pages; allowed: {MOST_PAGES}")
        texts = [page.extract_text() or "" for page in reader.pages]
        facts = reader.metadata or {}
    except IntakeError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # a broken PDF shows itself in many ways
        if "cryptography" in str(error):
            raise IntakeError("it is an encrypted PDF; save it without encryption") from None
        raise IntakeError(f"it is a PDF that cannot be read ({_clean(str(error))[:80]})") from None
    if words_in(" ".join(texts)) < LEAST_WORDS:
        raise IntakeError(
            "it is a PDF without text, scanned perhaps: recognise its text first (OCR)"
        )
    text, joined = _paragraphs(texts)
    found = Read("pdf", text)
    found.notes.append(
        f"{pages} pages; lines joined to paragraphs, {joined} words at line ends too"
    )
    _property(found, "author", str(facts.get("/Author", "") or ""))
    created = _clean(str(facts.get("/CreationDate", "") or ""))
    if created:
        found.day_note = f"to be filled in; the file was made {created}, which is no publication"
    return found


def _paragraphs(pages: list[str]) -> tuple[str, int]:
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
        if open_ and done:
            before = done[-1]
            if re.search(r"[^\W\d_]-$", before) and re.match(r"[a-zа-яёәғқңөұүһі]", line):
                done[-1], joined = before[:-1] + line, joined + 1
            else:
                done[-1] = f"{before} {line}"
        else:
            done.append(line)
        ends = re.search(r"[.!?…:][\"'”’»)]*$", line)
        open_ = len(line) >= 0.6 * usual and not (ends and len(line) < 0.9 * usual)
    return "\n".join(done) + "\n", joined


def _property(found: Read, column: str, value: str) -> None:
    """Tell of a property of a document without taking it: it may be of whoever typed it."""
    if _clean(value):
        setattr(found, f"{column}_basis",
                f'to be filled in; a property of the file says "{_clean(value)}", who may only '
                "have typed it")  # fmt: skip


# --- DOCX -----------------------------------------------------------------------------------------


def _check_zip(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as file:
            entries = file.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        raise IntakeError("it is a damaged DOCX") from None
    total = sum(entry.file_size for entry in entries)
    if (
        len(entries) > MOST_ENTRIES
        or total > MOST_UNPACKED
        or (total > MIB and total > MOST_RATIO * len(raw))
    ):
        raise IntakeError(
            f"it is a DOCX that would unpack to {total // MIB} MiB in {len(entries)} parts, as no "
            f"honest one does; allowed: {MOST_UNPACKED // MIB} MiB, {MOST_RATIO} times its size"
        )
    if not any(entry.filename == "word/document.xml" for entry in entries):
        raise IntakeError("it is a zip file, but no DOCX")


def _read_docx(raw: bytes) -> Read:
    _check_zip(raw)
    docx = extra("docx", "ngolib add")
    try:
        document = docx.Document(io.BytesIO(raw))
        lines = list(_docx_lines(document))
        facts = document.core_properties
        author, created = str(facts.author or ""), facts.created
    except MemoryError:
        raise
    except Exception as error:  # a broken DOCX shows itself in many ways
        raise IntakeError(f"it is a DOCX that cannot be read ({_clean(str(error))[:80]})") from None
    text = "\n".join(lines) + "\n"
    if words_in(text) < LEAST_WORDS:
        raise IntakeError("it is a DOCX without text")
    found = Read("docx", text)
    found.notes.append("paragraphs and tables; notes, headers and text boxes are not taken")
    _property(found, "author", author)
    if created:
        found.day_note = (
            f"to be filled in; the file was made {created:%Y-%m-%d}, which is no publication"
        )
    return found


def _docx_lines(document: Any) -> Iterator[str]:
    for part in document.iter_inner_content():
        if hasattr(part, "rows"):
            for row in part.rows:
                yield " | ".join(" ".join(cell.text.split()) for cell in row.cells)
        else:
            yield from part.text.replace("\0", "").splitlines() or [""]


# --- the child ------------------------------------------------------------------------------------


def read(raw: bytes, *, media: str, suffix: str, declared: str, wanted: str, url: str) -> Read:
    """Read a file in this process; see `read_apart`."""
    kind = kind_of(raw, media, suffix)
    if kind == "html":
        found = _read_html(raw, declared, wanted, url)
    elif kind == "pdf":
        found = _read_pdf(raw)
    elif kind == "docx":
        found = _read_docx(raw)
    else:
        found = _read_text(raw, declared, wanted)
    if words_in(found.text) < LEAST_WORDS:
        raise IntakeError(f"no text was found in it (fewer than {LEAST_WORDS} words)")
    if len(found.text) > MOST_CHARACTERS:
        raise IntakeError(f"its text has {len(found.text)} characters; allowed: {MOST_CHARACTERS}")
    # A lone surrogate cannot be written as UTF-8.
    found.text = re.sub("[\ud800-\udfff]", "\ufffd", found.text)
    found.language, found.plain = language_of(found.text)
    return found


def read_apart(
    raw: bytes, *, media: str = "", suffix: str = "", declared: str = "", wanted: str = "",
    url: str = "", seconds: float = SECONDS,
) -> Read:  # fmt: skip
    """Read a file in a process of its own.

    Parameters
    ----------
    raw : bytes
        The file.
    media, suffix, declared : str
        Media type, ending of the name and encoding as they were told; may be empty.
    wanted : str
        Encoding that the user says it is.
    url : str
        Where it comes from.
    seconds : float
        How long that may take.

    Returns
    -------
    Read

    Raises
    ------
    ngolib.errors.IntakeError
        One line that says why it cannot be read.
    """
    asked = {"media": media, "suffix": suffix, "declared": declared, "wanted": wanted, "url": url}
    given = json.dumps(asked).encode("ascii") + b"\n" + raw
    command = [sys.executable, "-m", "ngolib.intake.reading"]
    root = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, timeout=seconds, check=False, cwd=root
        )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise IntakeError(f"it takes longer than {seconds:g} seconds to read") from None
    except ValueError:
        raise IntakeError("it cannot be read: its reader ran out of memory or broke off") from None
    if "error" in answer:
        raise IntakeError(answer["error"])
    return Read(**answer)


def _limit() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):
        pass  # this system knows no such limit; that of time is left


def main() -> None:
    """Read what comes in, and answer in JSON."""
    _limit()
    first, _, raw = sys.stdin.buffer.read().partition(b"\n")
    out, sys.stdout = sys.stdout, sys.stderr  # no library may speak in between
    answer: dict[str, Any]
    try:
        answer = asdict(read(raw, **json.loads(first)))
    except IntakeError as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": "it cannot be read: it needs too much memory"}
    except RecursionError:
        answer = {"error": "it cannot be read: it is nested too deeply"}
    out.write(json.dumps(answer))


if __name__ == "__main__":
    main()
