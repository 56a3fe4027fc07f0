"""Adding texts: described as far as they describe themselves, and whole or not at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from ngolib.errors import IntakeError, NgolibError, unknown
from ngolib.intake import likeness
from ngolib.intake.changes import put_all, recover, with_rows
from ngolib.intake.fetch import MEBIBYTE, SECONDS, Fetcher
from ngolib.intake.language import LANGUAGES, settle
from ngolib.intake.reading import SUFFIXES, Read, read_apart, words_in
from ngolib.project import Project

RIGHTS = "held by author and publisher; kept for analysis and quotation"
QUOTES = "quotes"
NOT_JUDGED = "not_judged"
TO_DO = "to be filled in"
GIVEN = "given by whoever added the text"
LONGEST_ID = 60
_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі",
        [*"abvgdeezziiklmnoprstufhc", "ch", "sh", "sh", "", "y", "", "e", "u", "a", *"agqnouuhi"],
        strict=True,
    )
)

Ask = Callable[[str, str, Callable[[str], str]], str]


@dataclass(frozen=True)
class Wishes:
    """What the user says of the texts; what is empty is taken from the text or left open.

    Parameters
    ----------
    source_id, author, outlet, published, genre, relevance, language, encoding : str
        Of the text.
    rights, redistribution : str
        What is allowed.
    similar : bool
        Whether a text that is near to one that is there is added all the same.
    dry_run : bool
        Whether nothing is written.
    most_bytes, seconds, jobs : int, float, int
        Limits, and how many are read at a time.
    """

    source_id: str = ""
    author: str = ""
    outlet: str = ""
    published: str = ""
    genre: str = ""
    relevance: str = ""
    language: str = ""
    encoding: str = ""
    rights: str = RIGHTS
    redistribution: str = QUOTES
    similar: bool = False
    dry_run: bool = False
    most_bytes: int = 20 * MEBIBYTE
    seconds: float = SECONDS
    jobs: int = 4


@dataclass(frozen=True)
class Received:
    """A text as it came in, and what it says."""

    name: str
    raw: bytes
    read: Read
    url: str = ""
    retrieved: str = ""


@dataclass
class Outcome:
    """What became of one of them.

    Parameters
    ----------
    name : str
        As it was given.
    source_id : str
        Its id; empty if it was not added.
    error : str
        Why it was not.
    lines : list of str
        What the user should know.
    """

    name: str
    source_id: str = ""
    error: str = ""
    lines: list[str] = field(default_factory=list)


# --- receiving ------------------------------------------------------------------------------------


def is_address(name: str) -> bool:
    """Say whether a name is an address on the web, of whatever kind, rather than a file."""
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", name))


def _receive(name: str, wishes: Wishes, fetcher: Fetcher) -> Received:
    if is_address(name):
        page = fetcher.fetch(name)
        suffix = PurePosixPath(unquote(urlsplit(page.url).path)).suffix.lower()
        read = read_apart(
            page.content, media=page.media, suffix=suffix, declared=page.charset,
            wanted=wishes.encoding, url=page.url,
        )  # fmt: skip
        return Received(name, page.content, read, page.url, datetime.now(UTC).date().isoformat())
    path = Path(name)
    try:
        if not path.is_file():
            raise IntakeError("is a folder" if path.is_dir() else "there is no such file")
        size = path.stat().st_size
        if size > wishes.most_bytes:
            most = wishes.most_bytes / MEBIBYTE
            raise IntakeError(
                f"it has {size / MEBIBYTE:.1f} MiB; allowed: {most:g} MiB (--max-mib)"
            )
        raw = path.read_bytes()
    except OSError as error:
        raise IntakeError(f"cannot be read: {error.strerror}") from None
    read = read_apart(raw, suffix=path.suffix.lower(), wanted=wishes.encoding)
    return Received(name, raw, read)


# --- describing -----------------------------------------------------------------------------------


def slug_of(text: str) -> str:
    """Return a text as the words of an id: small Latin letters, digits, hyphens."""
    latin = "".join(_LATIN.get(c, c) for c in text.casefold())
    return re.sub(r"[^a-z0-9]+", "-", latin).strip("-")[:LONGEST_ID].strip("-")


def _new_id(received: Received, wishes: Wishes, taken: set[str]) -> str:
    if wishes.source_id:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", wishes.source_id):
            raise IntakeError(
                f"--id: found {wishes.source_id!r}; allowed: small letters, digits, single hyphens"
            )
        if wishes.source_id in taken:
            raise IntakeError(f"--id: {wishes.source_id} is there already")
        return wishes.source_id
    if received.url:
        parts = urlsplit(received.url)
        host = (parts.hostname or "").removeprefix("www.").rpartition(".")[0]
        last = PurePosixPath(unquote(parts.path)).stem
        stem = slug_of(f"{host} {last}")
    else:
        stem = slug_of(Path(received.name).stem)
    stem = stem or f"text-{hashlib.sha256(received.raw).hexdigest()[:8]}"
    found, n = stem, 2
    while found in taken:
        found, n = f"{stem}-{n}", n + 1
    return found


def published_of(text: str) -> dict[str, str]:
    """Return the cells of a date of publication as the user wrote it.

    Raises
    ------
    ngolib.errors.IntakeError
        If it is none.
    """
    import calendar

    match = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text)
    try:
        if match is None:
            raise ValueError
        year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
        first = date(year, month, day)
        last = first
        if match[2] is None:
            last = date(year, 12, 31)
        elif match[3] is None:
            last = date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        raise IntakeError(
            f"the date of publication: found {text!r}; allowed: YYYY, YYYY-MM or YYYY-MM-DD"
        ) from None
    precision = {4: "year", 7: "month", 10: "day"}[len(text)]
    return {
        "published_start": first.isoformat(),
        "published_end": last.isoformat(),
        "precision": precision if precision == "day" else "range",
        "date_basis": "external",
        "date_note": GIVEN,
    }


def _article(read: Read, wishes: Wishes) -> dict[str, str]:
    """Return the metadata of an article, each with its basis; what is not known is marked."""
    row = {
        "author": wishes.author or read.author,
        "author_basis": GIVEN if wishes.author else read.author_basis or TO_DO,
        "outlet": wishes.outlet or read.outlet,
        "outlet_basis": GIVEN if wishes.outlet else read.outlet_basis or TO_DO,
        "precision": "unresolved",
        "date_note": read.day_note or TO_DO,
        "genre": wishes.genre or NOT_JUDGED,
        "genre_basis": GIVEN if wishes.genre else TO_DO,
        "reliability": "F",
        "reliability_basis": f"{TO_DO}; nobody has judged it yet",
        "relevance": wishes.relevance or NOT_JUDGED,
        "relevance_basis": GIVEN if wishes.relevance else TO_DO,
    }
    if wishes.published:
        row |= published_of(wishes.published)
    elif read.day:
        row |= published_of(read.day) | {"date_basis": read.day_basis, "date_note": read.day_note}
    return row


def _open(row: Mapping[str, str]) -> list[str]:
    """Name what is still to be filled in."""
    names = {
        "author": not row["author"],
        "outlet": not row["outlet"],
        "date of publication": not row.get("published_start"),
        "genre": row["genre"] == NOT_JUDGED,
        "relevance": row["relevance"] == NOT_JUDGED,
        "reliability": True,
    }
    return [name for name, is_open in names.items() if is_open]


def check_wishes(project: Project, wishes: Wishes, several: bool) -> None:
    """Refuse what is not allowed before anything is fetched.

    Raises
    ------
    ngolib.errors.IntakeError
        One line.
    """
    for option, value, vocabulary in (
        ("--genre", wishes.genre, "genre"),
        ("--relevance", wishes.relevance, "relevance"),
        ("--redistribution", wishes.redistribution, "redistribution"),
    ):
        if value and value not in project.vocabulary(vocabulary):
            raise IntakeError(
                f"{option}: {unknown(vocabulary, value, project.vocabulary(vocabulary))}"
            )
    if wishes.language and wishes.language not in LANGUAGES:
        raise IntakeError(f"--language: {unknown('language', wishes.language, LANGUAGES)}")
    if wishes.published:
        published_of(wishes.published)
    if several and wishes.source_id:
        raise IntakeError("--id: several texts are given; an id is of one")


def _with(wishes: Wishes, name: str, answer: str) -> Wishes:
    changed: dict[str, Any] = {name: answer}
    return replace(wishes, **changed)


def _asked(project: Project, received: Received, wishes: Wishes, ask: Ask) -> Wishes:
    """Ask for what the text does not say; an empty answer leaves it open."""
    read = received.read
    known = {
        "published": read.day,
        "author": read.author,
        "outlet": read.outlet,
        "genre": "",
        "relevance": "",
    }
    questions = {
        "published": "day, month or year of publication (YYYY-MM-DD, YYYY-MM, YYYY)",
        "author": "author, as the text names them",
        "outlet": "outlet",
        "genre": f"genre ({', '.join(project.vocabulary('genre'))})",
        "relevance": f"relevance ({', '.join(project.vocabulary('relevance'))})",
    }

    def check(name: str, answer: str) -> str:
        answer = answer.strip()
        if answer:
            check_wishes(project, _with(Wishes(), name, answer), False)
        return answer

    for name, question in questions.items():
        if not known[name] and not getattr(wishes, name):
            answer = ask(received.name, question, partial(check, name))
            wishes = _with(wishes, name, answer)
    return wishes


# --- adding ---------------------------------------------------------------------------------------


def _texts(project: Project) -> dict[str, str]:
    """Return the articles and sources that are there."""
    from ngolib.texts import load_articles, load_sources, read_source

    articles = load_articles(project=project)
    texts = dict(zip(articles["article_id"], articles["text"], strict=True))
    for row in load_sources(project=project).itertuples():
        texts[row.source_id] = read_source(project.data / row.path)
    return texts


def _like(project: Project, received: Received, wishes: Wishes, outcome: Outcome) -> str:
    """Refuse a text that is there; report one that is near to one; return a note of that."""
    digest = hashlib.sha256(received.raw).hexdigest()
    sources = project.read_table("sources")
    for row in sources.itertuples():
        if digest in (row.sha256, row.original_sha256):
            raise IntakeError(f"it is there already, byte for byte: {row.source_id}")
    found = likeness.alike(received.read.text, _texts(project))
    if found and found[0].same:
        raise IntakeError(f"it is there already: {found[0]}")
    near = [one for one in found if one.near]
    if near and not wishes.similar:
        raise IntakeError(
            f"near to a text that is there, a copy, an excerpt or a changed re-publication: "
            f"{near[0]} "
            "(--similar adds it all the same)"
        )
    again = [row.source_id for row in sources.itertuples() if received.url == row.url != ""]
    if again:
        outcome.lines.append(f"the same address as {again[0]}, with other words")
    outcome.lines += [str(one) for one in found[:1] if not near]
    return f"near to {near[0].name}: {near[0]}" if near else ""


def _put(
    project: Project, received: Received, wishes: Wishes, outcome: Outcome, ask: Ask | None
) -> None:
    """Add one text that was received."""
    from ngolib.texts.lines import label_lines
    from ngolib.texts.rules import load_cleaning_rules

    read = received.read
    language = settle(read.language, read.plain, wishes.language)
    note = _like(project, received, wishes, outcome)
    if ask is not None:
        wishes = _asked(project, received, wishes, ask)
    taken = set(project.read_table("sources")["source_id"]) | {"original"}
    taken |= {path.stem for path in (project.data / "sources").glob("*")}
    source_id = _new_id(received, wishes, taken)
    as_text = read.kind == "text" and read.encoding == "utf-8"
    content = received.raw if as_text else read.text.encode("utf-8")
    files: dict[Path, bytes] = {project.data / "sources" / f"{source_id}.txt": content}
    source = {
        "source_id": source_id,
        "path": f"sources/{source_id}.txt",
        "sha256": hashlib.sha256(content).hexdigest(),
        "publisher": wishes.outlet or read.outlet,
        "url": received.url,
        "retrieved": received.retrieved,
        "language": language,
        "rights": wishes.rights,
        "redistribution": wishes.redistribution,
        "note": "; ".join([*read.notes, *([note] if note else [])]),
    }
    if not as_text:
        # Under a name that no program opens by itself: a page may hold scripts.
        place = f"sources/original/{source_id}{SUFFIXES[read.kind]}.orig"
        files[project.data / place] = received.raw
        source |= {
            "original_path": place,
            "original_sha256": hashlib.sha256(received.raw).hexdigest(),
            "original_name": PurePosixPath(unquote(urlsplit(received.url).path)).name
            if received.url
            else Path(received.name).name,
        }
    lines = label_lines(content.decode("utf-8"), load_cleaning_rules(project), source_id=source_id)
    numbers = [int(n) for n in lines["article"].dropna().unique()]
    row = _article(read, wishes)
    if len(numbers) > 1:
        # What the page says of itself is not said of each of its articles.
        row = _article(Read(read.kind, ""), replace(wishes, author="", published=""))
    articles = [{"article_id": f"{source_id}.{n}", "source_id": source_id} | row for n in numbers]
    if not articles:
        raise IntakeError("no article was found in it: every line is blank or of the site")
    files[project.data / project.table("sources").path] = with_rows(project, "sources", [source])
    files[project.data / project.table("articles").path] = with_rows(project, "articles", articles)
    if not wishes.dry_run:
        put_all(project, files)
    outcome.source_id = source_id
    said = f"{LANGUAGES[language]}, {words_in(read.text)} words"
    said += ", 1 article" if len(articles) == 1 else f", {len(articles)} articles"
    outcome.lines.insert(0, said)
    if note:
        outcome.lines.append(note)
    for column in ("published_start", "author", "outlet"):
        if row.get(column):
            basis = {"published_start": "date_note"}.get(column, f"{column}_basis")
            outcome.lines.append(f"{column.partition('_')[0]}: {row[column]} ({row[basis]})")
    outcome.lines.append(f"to be filled in: {', '.join(_open(row))}")
    outcome.lines += read.notes


def add(
    project: Project,
    names: Sequence[str],
    wishes: Wishes,
    *,
    finished: Callable[[str], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
    ask: Ask | None = None,
    fetcher: Fetcher | None = None,
) -> list[Outcome]:
    """Add texts to a project; one that cannot be added does not stop the others.

    Parameters
    ----------
    project : ngolib.project.Project
        The project.
    names : sequence of str
        Files, and addresses on the web.
    wishes : Wishes
        What the user says of them.
    finished : callable
        Is told the name of each that has been received and read, or has failed.
    tell : callable
        Is told what else the user should know.
    ask : callable, optional
        Asks the user: name, question, check of the answer. Without it what is open stays open.
    fetcher : Fetcher, optional
        Fetches pages; one with the limits of `wishes` by default.

    Returns
    -------
    list of Outcome
        In the order given, each name once.

    Raises
    ------
    ngolib.errors.IntakeError
        If what is asked for cannot be; nothing was changed.
    """
    from ngolib.reports.lock import exclusive

    names = list(dict.fromkeys(names))
    check_wishes(project, wishes, len(names) > 1)
    fetcher = fetcher or Fetcher(wishes.most_bytes, wishes.seconds)
    pool = ThreadPoolExecutor(wishes.jobs)
    try:
        waiting: dict[str, Future[Received]] = {}
        for name in names:
            waiting[name] = pool.submit(_receive, name, wishes, fetcher)
            waiting[name].add_done_callback(lambda _, n=name: finished(n))  # type: ignore[misc]
        outcomes = [Outcome(name) for name in names]
        if ask is not None:
            wait(waiting.values())  # no question while something still moves on the screen
        for outcome in outcomes:
            try:
                received = waiting[outcome.name].result()
                with exclusive(project.reports, tell):
                    recover(project, tell)
                    # Each sees what was added before it.
                    _put(Project(project.root), received, wishes, outcome, ask)
            except NgolibError as error:
                # What a site says may hold anything, also what a terminal would obey.
                plain = "".join(c if c.isprintable() else " " for c in str(error))
                said = " ".join(plain.split())
                outcome.error = said.removeprefix(f"{outcome.name}: ")
                outcome.lines.clear()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return outcomes
