"""Statements coded one at a time: a quote finds its place, and what follows is filled in.

A draft is a row of `data/coding/drafts/<coder>.csv`, in the form of `statements.csv`. Reports do
not read drafts, `ngolib check` does, and `accept` makes them statements.
"""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import pandas as pd
from rapidfuzz import fuzz, process

from ngolib.errors import DataError, IntakeError, unknown
from ngolib.evidence.check import defects
from ngolib.evidence.check.quotes import nearest
from ngolib.evidence.check.tables import rows_of
from ngolib.exchange.excerpt import anchor
from ngolib.files import csv_text, put_all
from ngolib.intake.suggest import suggest
from ngolib.intake.tools import one_line, with_rows
from ngolib.project import Project, read_once
from ngolib.tables import LIST_SEPARATOR, Defect, Table, defects_of, read_csv
from ngolib.texts import load_articles, load_lines, load_sources, read_source
from ngolib.texts.dates import PRECISIONS

TABLE, FOLDER = "statements", "coding/drafts"
# Longest quote, which is the smallest span that names an act; characters shown beside one.
LONGEST, BESIDE = 2000, 24
OPTIONS = {"process_id": "act", "categories": "category"}
# What is asked for on a terminal, in this order; what follows from the act, and from date words.
ASKED = ("process_id", "stage", "direction", "categories", "voice", "modality")
OF_ACT = ("country", "level", "categories")
OF_DATE = ("date_stated", "date", "date_end", "precision", "date_basis", "scheduled")
# Characters that stand for each other, and what may stand between any two and is not seen.
_ALIKE = ("'‘’‚‛`´ʼ′", '"“”„‟«»″', "-‐‑‒–—―−")
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff"
# Whoever answers gets a column, its codes with their meanings, and the default.
Ask = Callable[[str, Mapping[str, str], str], str]
Drafts = dict[str, tuple[Table, pd.DataFrame]]


def places(raw: str, quote: str) -> list[tuple[int, int]]:
    """Return start and end of a quote in a text: whole words, whatever their typographic form."""
    seen = "".join(c for c in unicodedata.normalize("NFC", quote) if c not in f"\xad{_UNSEEN}")
    words = " ".join(seen.split())
    if not words or len(quote) > LONGEST:
        said = f"1 to {LONGEST}, some of them to be seen"
        raise IntakeError(f"the quote has {len(quote)} characters; allowed: {said}")
    parts = []
    for c in words:
        forms = next((group for group in _ALIKE if c in group), None)
        either = forms or (c, unicodedata.normalize("NFD", c))
        parts.append(r"\s+" if c == " " else f"(?:{'|'.join(map(re.escape, either))})")
    pattern = rf"(?:\xad\s*|[{_UNSEEN}])*".join(parts)
    first = r"\b" if words[0].isalnum() else ""
    last = r"\b(?![\u0300-\u036f])" if words[-1].isalnum() else ""
    return [match.span() for match in re.finditer(first + pattern + last, raw)]


def _place(raw: str, lines: pd.DataFrame, quote: str, given: Mapping[str, str]) -> tuple[int, int]:
    """Return where an article holds a quote, once or as chosen; else say where it may stand."""

    def shown(start: int, end: int) -> str:
        line = lines.loc[lines["start"] <= start, "line"].max()
        return f"line {line}: “{one_line(raw[max(0, start - BESIDE) : end + BESIDE])}”"

    first, last = int(lines["start"].min()), int(lines["end"].max())
    found = [(first + start, first + end) for start, end in places(raw[first:last], quote)]
    if not found:
        said = "the quote is not in the article"
        if alike := nearest(quote, raw[first:last]):
            where = shown(first + alike.start, first + alike.end)
            said += f"; nearest ({alike.similarity:.0f} % alike) is {where}"
        raise IntakeError(said)
    chosen = {str(n): place for n, place in enumerate(found, 1)}
    if nth := given.get("nth"):
        if nth not in chosen:
            raise IntakeError(f"--nth: found {nth}; allowed: {', '.join(chosen)}")
        return chosen[nth]
    there = [place for place in found if str(place[0]) == given.get("start")] or found
    if len(there) > 1:
        listed = "; ".join(f"{n} = {shown(*place)}" for n, place in chosen.items())
        raise IntakeError(f"the quote stands there {len(there)} times; --nth chooses: {listed}")
    return there[0]


def statement(
    project: Project, name: str, quote: str, given: Mapping[str, str], ask: Ask | None = None
) -> dict[str, str]:
    """Return a row of a quote: what is given, what follows, what is asked for; else one line."""
    articles = load_articles(project=project).set_index("article_id", drop=False)
    own = articles[(articles["article_id"] == name) | (articles["source_id"] == name)]
    if len(own) != 1:
        raise IntakeError(unknown("article", name, own.index if len(own) else articles.index))
    article, source = own.iloc[0]["article_id"], own.iloc[0]["source_id"]
    path = load_sources(project=project).set_index("source_id").loc[source, "path"]
    raw, lines = read_source(project.data / path), load_lines(source, project=project)
    start, end = _place(raw, lines[lines["article_id"] == article], quote, given)
    fields = project.table(TABLE).fields
    row = {f.name: given.get(f.name, "") for f in fields}
    row |= {f.name: LIST_SEPARATOR.join(parted(row[f.name])) for f in fields if f.is_list}
    row |= {"article_id": article, **anchor(raw, start, end)}
    row["date"], _, until = row["date"].partition("/")
    row["date_end"] = row["date_end"] or until
    # Patterns suggest something for these words: the candidate that shares most with them.
    said = _suggested(article, project=project)
    shared = [min(end, int(c["end"])) - max(start, int(c["start"])) for c in said]
    hint = said[shared.index(max(shared))] if max(shared, default=0) > 0 else {}
    drafts = [frame for _, frame in read_drafts(project).values()]
    coded = pd.concat([project.read_text_cells(TABLE), *drafts]).query("article_id == @article")
    follows = {"process_id": coded["process_id"].iloc[-1] if ask and len(coded) else ""}
    for column in (c for c in ASKED if ask and not row[c]):
        if column != "process_id":
            follows = _follows(project, row, hint, coded)
        default = hint.get(column) or follows.get(column, "")
        row[column] = ask(column, meanings(project, column), default)
    row |= {c: v for c, v in _follows(project, row, hint, coded).items() if not row[c]}
    missing = [f.name for f in fields if f.required and not row[f.name] and f.name != "coder"]
    # What follows from the act is not missing by itself; an id is given when all is well.
    missing = [c for c in missing[1:] if row["process_id"] or c not in OF_ACT]
    if missing:
        listed = (f"{option_of(c)} ({allowed(meanings(project, c))})" for c in missing)
        raise IntakeError(f"missing: {'; '.join(listed)}")
    return row


@read_once
def _suggested(article: str, *, project: Project) -> list[dict[str, str]]:
    return [one.cells for one in suggest(project, article)]


def _follows(
    project: Project, row: Mapping[str, str], hint: Mapping[str, str], coded: pd.DataFrame
) -> dict[str, str]:
    """Return what follows from act, claimant, article, words of a date, and level."""
    follows = {"modality": "asserted", "credibility": "6", "scheduled": "no"}
    if act := row["process_id"]:
        chosen("process_id", act, meanings(project, "process_id"))
        acts = project.read_text_cells("acts").set_index("process_id")
        follows |= {column: acts.at[act, column] for column in OF_ACT}
    voices = project.read_text_cells("speakers").set_index("speaker_id")["voice"]
    # Where nobody else speaks, an article mostly has one voice.
    own = next(iter(coded.loc[coded["claimant"] == "", "voice"].mode()), "")
    follows["voice"] = voices.get(row["claimant"], "") if row["claimant"] else own
    level = row["level"] or follows.get("level")
    follows["tier"] = "1" if level in ("rule", "decision") else "2"
    free = not row["date"] + row["precision"] or row["date"] == hint.get("date")
    if free and hint.get("date") and hint["date_stated"] in row["exact"]:
        return follows | {column: hint[column] for column in OF_DATE}
    form = "range" if row["date_end"] else PRECISIONS.get(len(row["date"]), "unresolved")
    return follows | {"precision": form, "date_basis": "inference" if row["date"] else ""}


def option_of(column: str) -> str:
    """Return the option by which a column is given."""
    return "--" + OPTIONS.get(column, column).replace("_", "-")


def meanings(project: Project, column: str) -> dict[str, str]:
    """Return what a column may hold, and what each code means; nothing where that is free."""
    field = project.table(TABLE).field(column)
    if field.vocabulary:
        codes = project.read_table("vocabulary").query("vocabulary == @field.vocabulary")
        return dict(zip(codes["code"], codes["definition"], strict=True))
    if column == "process_id":
        acts = project.read_table("acts")
        return dict(zip(acts["process_id"], acts["title_en"], strict=True))
    numbers = range(field.minimum or 0, (field.maximum or -1) + 1)
    return dict.fromkeys((*field.true_values, *field.false_values, *map(str, numbers)), "")


def allowed(codes: Mapping[str, str]) -> str:
    """List codes; of more than can be read, say where they stand."""
    return ", ".join(codes) if len(codes) < 40 else "a process_id of register/acts.csv"


def chosen(column: str, text: str, codes: Mapping[str, str]) -> str:
    """Return the codes that are meant, whole or by their beginning; else name the nearest."""
    found = []
    for word in parted(text) or [""]:
        fitting = [word] if word in codes else [c for c in codes if word and c.startswith(word)]
        if len(fitting) != 1:
            called = {code: f"{code} {title}" for code, title in codes.items()}
            near = process.extract(word, called, scorer=fuzz.token_set_ratio, limit=3)
            said = f"{option_of(column)}: found {word!r}; allowed: {allowed(codes)}"
            raise IntakeError(f"{said}; nearest: {', '.join(code for _, _, code in near)}")
        found += fitting
    return LIST_SEPARATOR.join(found)


def parted(cell: str) -> list[str]:
    """Return the codes of a list, however a person parts them."""
    return [word.strip() for word in re.split("[;,]", cell) if word.strip()]


def read_drafts(project: Project) -> Drafts:
    """Read all drafts as text cells, each file with its schema, by coder."""
    paths = sorted((project.data / FOLDER).glob("*.csv"))
    tables = {path.stem: _table(project, path.stem) for path in paths}
    return {coder: (t, read_csv(project.data / t.path, t)) for coder, t in tables.items()}


def _table(project: Project, coder: str) -> Table:
    return replace(project.table(TABLE), path=f"{FOLDER}/{coder}.csv")


def check(project: Project) -> list[Defect]:
    """Find every defect of the data, and of the drafts as if they were statements."""
    try:
        return _check(project, read_drafts(project))
    except DataError as error:
        return [*defects(project), *(d for d in error.defects if isinstance(d, Defect))]


def _check(project: Project, drafts: Drafts) -> list[Defect]:
    taken = set(project.read_text_cells(TABLE)["statement_id"])
    found, rows = [], []
    for table, frame in drafts.values():
        own = list(defects_of(table, frame, project.vocabularies))
        for n, name in frame["statement_id"][frame["statement_id"].isin(taken)].items():
            own.append(Defect(f"{name!r} is taken", table.path, int(n), "statement_id"))
        rows += [] if own else rows_of(table, frame)
        taken |= set(frame["statement_id"])
        found += own
    return [*found, *defects(project, rows)]


def keep(project: Project, coder: str, new: Mapping[str, dict[str, str]]) -> list[dict[str, str]]:
    """Put statements, by what each is called in a message, behind a coder's drafts: all or none."""
    if not re.fullmatch(r"[\w-]{1,40}", coder):
        raise IntakeError(f"--coder: found {coder!r}; allowed: letters, digits, - and _")
    table, drafts = _table(project, coder), read_drafts(project)
    before = drafts[coder][1] if coder in drafts else pd.DataFrame(columns=table.columns)
    texts = [p.read_text("utf-8", "replace") for p in (project.data / "coding").rglob("*.csv")]
    for row in new.values():
        ids = rf"{re.escape(row['article_id'])}-s(\d{{1,9}})"
        last = max((int(n) for n in re.findall(ids, "\n".join(texts))), default=0)
        row |= {"statement_id": f"{row['article_id']}-s{last + 1:02}", "coder": coder}
        texts.append(row["statement_id"])
    first = len(before) + 2
    rows = pd.DataFrame(new.values(), index=range(first, first + len(new)))
    frame = pd.concat([before, rows])[table.columns]
    found = [d for d in _check(project, drafts | {coder: (table, frame)}) if d.file == table.path]
    if old := [d for d in found if (d.row or 0) < first]:
        raise DataError(old)
    told = ((list(new)[(d.row or 0) - first], d.column or "", d.message) for d in found)
    if lines := [f"{n}: column {c}: {m}" if n else f"{option_of(c)}: {m}" for n, c, m in told]:
        raise IntakeError("\n".join(lines))
    put_all({project.data / table.path: _csv(frame)})
    return list(new.values())


def _csv(frame: pd.DataFrame) -> bytes:
    return csv_text([list(frame), *frame.to_numpy().tolist()]).encode("utf-8")


def _own(project: Project, coder: str) -> tuple[Table, pd.DataFrame]:
    table, frame = read_drafts(project).get(coder, (None, ()))
    if table is None or not len(frame):
        raise IntakeError(f"{FOLDER}/{coder}.csv holds no draft (--coder says whose)")
    return table, frame


def undo(project: Project, coder: str) -> dict[str, str]:
    """Take a coder's last draft back, and return it."""
    table, frame = _own(project, coder)
    put_all({project.data / table.path: _csv(frame[:-1])})
    return frame.iloc[-1].to_dict()


def accept(project: Project, coder: str, ids: Sequence[str]) -> list[str]:
    """Make a coder's drafts statements, those named or all, if all data are sound then."""
    table, frame = _own(project, coder)
    for name in ids:
        if name not in set(frame["statement_id"]):
            raise IntakeError(unknown("draft", name, frame["statement_id"]))
    taken = frame["statement_id"].isin(ids or frame["statement_id"])
    if found := _check(project, {coder: (table, frame[taken])}):
        raise DataError(found)
    content = with_rows(project, TABLE, frame[taken].to_dict("records"))
    place = project.data / project.table(TABLE).path
    put_all({place: content, project.data / table.path: _csv(frame[~taken])})
    return list(frame.loc[taken, "statement_id"])


def own_name(project: Project) -> str:
    """Return the initials of whom git knows as user, a single name whole; else `me`."""
    command, words = ["git", "-C", str(project.root), "config", "user.name"], []
    with suppress(OSError):
        told = subprocess.run(command, capture_output=True, check=False).stdout
        words = re.findall(r"\w+", told.decode("utf-8", "replace").lower())
    return "".join(word[0] for word in words) if len(words) > 1 else "".join(words) or "me"
