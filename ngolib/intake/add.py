"""Adding texts: described as far as they describe themselves, and whole or not at all."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from ngolib.errors import InputError, NgolibError, one_line, unknown
from ngolib.evidence.check.dates import EARLIEST
from ngolib.evidence.dates import span
from ngolib.files import finish, put
from ngolib.intake.fetch import MEBIBYTE, Page, check_size, fetch
from ngolib.intake.judge import LANGUAGES, LIKE, likest, settle, words
from ngolib.intake.reading import FEW_WORDS, SUFFIXES, TO_DO, Read, read_apart
from ngolib.intake.tools import with_rows
from ngolib.project import Project
from ngolib.reading import read_bytes
from ngolib.reports.publish import exclusive
from ngolib.texts import load_articles, load_sources, read_source
from ngolib.texts.lines import label_lines
from ngolib.texts.rules import load_cleaning_rules
from ngolib.verbs import many

# What stands in a column of an article of which nothing is known.
UNKNOWN_AS = {"author": "", "outlet": "", "published": ""}
UNKNOWN_AS |= {"genre": "not_judged", "relevance": "not_judged"}
GIVEN = "given by whoever added the text"
RIGHTS = "held by author and publisher; kept for analysis and quotation"
_LATIN = str.maketrans(
    "абвгдеёжзийклмнопрстуфхцыэюяәғқңөұүһі", "abvgdeezziiklmnoprstufhcyeuaagqnouuhi", "ъь"
)


@dataclass(frozen=True)
class Wishes:
    """What the user says of the texts; what is empty is taken from the text or left open."""

    source_id: str = ""
    author: str = ""
    outlet: str = ""
    published: str = ""
    genre: str = ""
    relevance: str = ""
    language: str = ""
    encoding: str = ""
    redistribution: str = "quotes"
    similar: bool = False  # whether a text that is near to one that is there is added all the same
    dry_run: bool = False
    most_bytes: int = 20 * MEBIBYTE
    seconds: float = 30.0  # how long a page may take


class Received(NamedTuple):
    """A text as it came in, what it says, and where it lies, or lay on its site."""

    name: str
    raw: bytes
    read: Read
    url: str
    path: PurePath


class Outcome(NamedTuple):
    """What became of a text: its id, or why it was not added, and what the user should know."""

    name: str
    source_id: str = ""
    error: str = ""
    lines: Sequence[str] = ()


def _receive(name: str, wishes: Wishes) -> Received:
    """Fetch an address of the web, or read a file."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", name):
        page = fetch(name, wishes.most_bytes, wishes.seconds)
        path: PurePath = PurePosixPath(unquote(urlsplit(page.url).path))
    else:
        path = Path(name)
        page = Page("", "", "", _content(path, wishes.most_bytes))
    told = {"media": page.media, "declared": page.charset, "url": page.url}
    told |= {"suffix": path.suffix.lower(), "wanted": wishes.encoding}
    return Received(name, page.content, read_apart(page.content, **told), page.url, path)


def _content(path: Path, most_bytes: int) -> bytes:
    try:
        check_size(path.stat().st_size, most_bytes)
        return read_bytes(path)
    except FileNotFoundError:
        raise InputError("there is no such file") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}") from None


def _slug(text: str) -> str:
    """Return a text as the words of an id: small Latin letters, digits, hyphens."""
    text = text.casefold().replace("ч", "ch").replace("ш", "sh").replace("щ", "sh")
    return re.sub(r"[^a-z0-9]+", "-", text.translate(_LATIN)).strip("-")[:60].strip("-")


def _new_id(project: Project, received: Received, wanted: str) -> str:
    taken = set(project.read_table("sources")["source_id"]) | {"original"}
    taken |= {path.stem for path in (project.data / "sources").glob("*")}
    if wanted in taken:
        raise InputError(f"--id: {wanted} is there already")
    if wanted:
        return wanted
    host = (urlsplit(received.url).hostname or "").removeprefix("www.").rpartition(".")[0]
    digest = hashlib.sha256(received.raw).hexdigest()
    stem = _slug(f"{host} {received.path.stem}") or f"text-{digest[:8]}"
    numbered = (stem if n == 1 else f"{stem}-{n}" for n in count(1))
    return next(name for name in numbered if name not in taken)


def _published(text: str, note: str) -> dict[str, str]:
    """Return the cells of a date of publication; one that is none is an `InputError`."""
    said = f"the date of publication: found {text!r}; allowed:"
    try:
        first, last = (day.isoformat() for day in span(text))
    except ValueError:
        raise InputError(f"{said} YYYY, YYYY-MM or YYYY-MM-DD") from None
    if first < EARLIEST.isoformat():
        raise InputError(f"{said} {EARLIEST.year} or later")
    precision = "day" if first == last else "range"
    row = {"published_start": first, "published_end": last, "precision": precision}
    return row | {"date_basis": "external", "date_note": note}


def _article(said: Mapping[str, str], wishes: Wishes) -> tuple[dict[str, str], list[str]]:
    """Return the metadata of an article, each with its basis, and what to tell of them."""
    row = {"precision": "unresolved", "date_note": said.get("published_basis", TO_DO)}
    row |= {"reliability": "F", "reliability_basis": f"{TO_DO}; nobody has judged it yet"}
    told, open_ = [], []
    for column, unknown_as in UNKNOWN_AS.items():
        given = getattr(wishes, column)
        value = given or said.get(column, "")
        basis = GIVEN if given else said.get(f"{column}_basis", TO_DO)
        if not value:
            open_.append("date of publication" if column == "published" else column)
        else:
            told.append(f"{column}: {value} ({basis})")
        if column == "published":
            row |= _published(value, basis) if value else {}
        else:
            row |= {column: value or unknown_as, f"{column}_basis": basis}
    return row, [*told, f"{TO_DO}: {', '.join([*open_, 'reliability'])}"]


def check_wishes(project: Project, wishes: Wishes, several: bool) -> None:
    """Refuse what is not allowed, in one line, before anything is fetched."""
    codes = {name: project.vocabulary(name) for name in ("genre", "relevance", "redistribution")}
    for name, known in (codes | {"language": LANGUAGES}).items():
        value = getattr(wishes, name)
        if value and value not in known:
            raise InputError(f"--{name}: {unknown(name, value, known)}")
    if wishes.published:
        _published(wishes.published, GIVEN)
    if wishes.source_id and several:
        raise InputError("--id: several texts are given; an id is of one")
    if wishes.source_id and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", wishes.source_id):
        allowed = "small letters, digits, single hyphens"
        raise InputError(f"--id: found {wishes.source_id!r}; allowed: {allowed}")


def _copy_of(project: Project, received: Received, similar: bool) -> tuple[str, list[str]]:
    """Refuse a text that is there; return a note of one that it is near to, and what to tell."""
    digest = hashlib.sha256(received.raw).hexdigest()
    sources = project.read_table("sources")
    same = (sources["sha256"] == digest) | (sources["original_sha256"] == digest)
    for source_id in sources.loc[same, "source_id"]:
        raise InputError(f"it is there already, byte for byte: {source_id}")
    articles = load_articles(project=project)
    texts = dict(zip(articles["article_id"], articles["text"], strict=True))
    for row in load_sources(project=project).itertuples():
        texts[row.source_id] = read_source(project.data / row.path)
    share, name, said = likest(received.read.text, texts)
    again = sources.loc[(sources["url"] == received.url) & (sources["url"] != ""), "source_id"]
    told = [f"the same address as {one}, with other words" for one in again[:1]]
    if share < LIKE:
        return "", [*told, *filter(None, [said])]
    if similar:
        note = f"near to {name}: {said}"
        return note, [*told, note]
    near = "near to a text that is there, a copy, an excerpt or a changed re-publication"
    raise InputError(f"{near}: {said} (--similar adds it all the same)")


def _source(
    received: Received, wishes: Wishes, source_id: str, language: str, note: str
) -> tuple[dict[str, str], dict[str, bytes]]:
    """Return the row of a source, and its files by their places below the data."""
    read = received.read
    as_text = read.kind == "text" and read.encoding == "utf-8"
    content = received.raw if as_text else read.text.encode("utf-8")
    row = {"source_id": source_id, "path": f"sources/{source_id}.txt", "url": received.url}
    row |= {"publisher": wishes.outlet or read.said.get("outlet", ""), "language": language}
    row |= {"rights": RIGHTS, "redistribution": wishes.redistribution}
    row["retrieved"] = datetime.now(UTC).date().isoformat() if received.url else ""
    row["note"] = "; ".join(filter(None, [*read.notes, note]))
    row["sha256"] = hashlib.sha256(content).hexdigest()
    files = {row["path"]: content}
    if not as_text:
        # Under a name that no program opens by itself: a page may hold scripts.
        place = f"sources/original/{source_id}{SUFFIXES[read.kind]}.orig"
        files[place] = received.raw
        row["original_path"] = place
        row["original_sha256"] = hashlib.sha256(received.raw).hexdigest()
        row["original_name"] = received.path.name
    return row, files


def _put(project: Project, received: Received, wishes: Wishes) -> Outcome:
    """Add one text that was received."""
    read = received.read
    language = settle(read.language, read.plain, wishes.language)
    note, told = _copy_of(project, received, wishes.similar)
    source_id = _new_id(project, received, wishes.source_id)
    source, texts = _source(received, wishes, source_id, language, note)
    content = texts[source["path"]].decode("utf-8")
    lines = label_lines(content, load_cleaning_rules(project), source_id=source_id)
    numbers = [int(n) for n in lines["article"].dropna().unique()]
    if not numbers:
        raise InputError("no article was found in it: every line is blank or of the site")
    row, known = _article(read.said, wishes)
    if len(numbers) > 1:
        # What the page says of itself is not said of each of its articles.
        row, known = _article({}, replace(wishes, author="", published=""))
    articles = [{"article_id": f"{source_id}.{n}", "source_id": source_id} | row for n in numbers]
    files = {"articles.csv": with_rows(project, "articles", articles)}
    files["sources.csv"] = with_rows(project, "sources", [source])
    if not wishes.dry_run:
        put({project.data / place: content for place, content in (files | texts).items()})
    length = len(words(read.text))
    few = " (few: is the text whole?)" if length < FEW_WORDS else ""
    said = [f"title: {one_line(title)}" for title in lines.loc[lines["label"] == "title", "text"]]
    again = int((lines["label"] == "duplicate").sum())
    said += [f"lines that repeat others, not read as text: {again}"] * bool(again)
    said.append(f"{LANGUAGES[language]}, {length} words{few}, {many(len(articles), 'article')}")
    return Outcome(received.name, source_id, lines=[*said, *told, *known, *read.notes])


def add(
    project: Project, names: Sequence[str], wishes: Wishes, tell: Callable[[str], Any] = bool
) -> Iterator[Outcome]:
    """Add texts, each name once; yield in the order given what became of each, when it is done.

    `tell` is told what else the user should know. Wishes that are not allowed are an `InputError`
    before anything is changed.
    """
    names = list(dict.fromkeys(names))
    check_wishes(project, wishes, len(names) > 1)
    for name in names:
        try:
            received = _receive(name, wishes)
            with exclusive(project.reports, tell):
                finish(project, alone=True)
                # Each sees what was added before it.
                outcome = _put(Project(project.root), received, wishes)
        except NgolibError as error:
            outcome = Outcome(name, error=one_line(str(error)))  # a site may say anything in it
        yield outcome
