"""Statements coded one at a time or in a workbook: a quote finds its place, the rest follows.

A draft is a row of `data/coding/drafts/<coder>.csv`, in the form of `statements.csv`. Reports do
not read drafts, `ngolib check` does, and `accept` makes them statements.
"""

import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import itemgetter
from pathlib import Path
from textwrap import shorten

import pandas as pd
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process
from xlsxwriter import Workbook

from ngolib.errors import DataError, InputError, NgolibError, check_known, one_line
from ngolib.evidence.check import Defect, defects
from ngolib.evidence.check.quotes import nearest
from ngolib.evidence.check.tables import rows_of
from ngolib.exchange.excerpt import anchor
from ngolib.files import csv_text, put
from ngolib.intake.suggest import load_patterns, suggest
from ngolib.intake.tools import extra, with_rows
from ngolib.project import Project, read_once
from ngolib.reading import read_bytes
from ngolib.reports.export import check_fits, fill_sheet
from ngolib.tables import LIST_SEPARATOR, Table, defects_of, framed, read_csv
from ngolib.texts import load_lines, read_source
from ngolib.texts.dates import PRECISIONS, find_dates
from ngolib.zipped import unpack

TABLE, FOLDER = "statements", "coding/drafts"
# Longest quote, which is the smallest span that names an act; characters shown beside one.
LONGEST, BESIDE = 2000, 24
MOST_CELLS = 2_000_000  # of the sheet of a workbook
UNREAD = "candidate, not yet read"  # in the note of a candidate, until a person takes it out
OPTIONS = {"process_id": "--act", "categories": "--category"}
# What is asked for on a terminal, in this order; what follows from the act, and from date words.
ASKED = ("process_id", "stage", "direction", "categories", "voice", "modality")
OF_ACT, SEVERAL = ("country", "level", "categories"), ("country", "categories")
OF_DATE = ("date_stated", "date", "date_end", "precision", "date_basis", "scheduled")
# Characters that stand for each other, and what is not seen between any two.
_ALIKE = ("'‘’‚‛`´ʼ′", '"“”„‟«»″', "-‐‑‒–—―−")
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff"
_ID = re.compile(r"(?<![^\s,;\"])([^\s,;\"]+)-s(\d{1,9})")
_PARTED = re.compile(r"\s*[;,]\s*")
# Whoever answers gets a column, its codes with their meanings, and the default.
Ask = Callable[[str, Mapping[str, str], str], str]
Drafts = dict[str, tuple[Table, pd.DataFrame]]  # by coder
Row = dict[str, str]


def places(raw: str, quote: str) -> list[tuple[int, int]]:
    """Return start and end of a quote in a text: whole words, whatever their typographic form."""
    seen = "".join(c for c in unicodedata.normalize("NFC", quote) if c not in f"\xad{_UNSEEN}")
    if not (words := " ".join(seen.split())) or len(quote) > LONGEST:
        allowed = f"1 to {LONGEST}, some of them to be seen"
        raise InputError(f"the quote has {len(quote)} characters; allowed: {allowed}")
    forms = {" ": r"\s+"}
    for c in set(words) - {" "}:
        alike = next((g for g in _ALIKE if c in g), {c, unicodedata.normalize("NFD", c)})
        # Each form once, and those alone that the text has: patterns take long to be made.
        forms[c] = "|".join(re.escape(form) for form in alike if form in raw) or re.escape(c)
        forms[c] = f"(?:{forms[c]})" if "|" in forms[c] else forms[c]
    unseen = re.search(rf"[\xad{_UNSEEN}]", raw)
    between = rf"(?:\xad\s*|{'|'.join(_UNSEEN)})*" if unseen else ""
    pattern = between.join(forms[c] for c in words)
    first = r"\b" if words[0].isalnum() else ""
    last = r"(?![\w\u0300-\u036f])" if words[-1].isalnum() else ""
    return [match.span(1) for match in re.finditer(f"(?=({first}{pattern}{last}))", raw)]


def _place(raw: str, lines: pd.DataFrame, given: Mapping[str, str]) -> tuple[int, int]:
    """Return where an article holds a quote, once or as chosen; else say where it may stand."""

    def shown(start: int, end: int) -> str:
        line = lines.loc[lines["start"] <= start, "line"].max()
        return f"line {line}: “{one_line(raw[max(0, start - BESIDE) : end + BESIDE])}”"

    first, last = int(lines["start"].min()), int(lines["end"].max())
    found = [(first + a, first + b) for a, b in places(raw[first:last], given["exact"])]
    if not found:
        said = "the quote is not in the article"
        if alike := nearest(given["exact"], raw[first:last]):
            where = shown(first + alike.start, first + alike.end)
            said += f"; nearest ({alike.similarity:.0f} % alike) is {where}"
        raise InputError(said)
    meant = [place for place in found if str(place[0]) == given.get("start")] or found
    if nth := given.get("nth"):
        meant = [place for n, place in enumerate(found, 1) if str(n) == nth]
    if len(meant) != 1:
        listed = "; ".join(f"{n} = {shown(*place)}" for n, place in enumerate(found, 1))
        said = f"the quote stands there {len(found)} times"
        raise InputError(f"{said}; --nth (or `start`) chooses: {listed}")
    return meant[0]


@read_once
def _text_of(article: str, *, project: Project) -> tuple[str, pd.DataFrame]:
    """Return the raw text that holds an article, and the article's lines."""
    lines = load_lines(project=project)
    own = lines[lines["article_id"] == article]
    check_known(InputError, "article", article, [*filter(None, lines["article_id"].unique())])
    paths = project.read_table("sources").set_index("source_id")["path"]
    return read_source(project.data / paths[own["source_id"].iloc[0]]), own


def _row(
    project: Project, given: Mapping[str, str], coded: pd.DataFrame, voice: str, ask: Ask | None
) -> Row:
    """Return a row: what is given, what follows from it, and what is asked for; else one line."""
    article = given["article_id"]
    raw, lines = _text_of(article, project=project)
    start, end = _place(raw, lines, given)
    fields = project.table(TABLE).fields
    row = {f.name: given.get(f.name, "") for f in fields} | anchor(raw, start, end)
    row |= {column: _PARTED.sub(LIST_SEPARATOR, row[column]) for column in SEVERAL}
    if "/" in row["date"]:
        row["date"], _, row["date_end"] = row["date"].partition("/")
    # Patterns suggest something for these words: the candidate of that stage, or with most of them.
    said = [one.cells for one in suggest(article, project=project)]
    shared = [min(end, int(c["end"])) - max(start, int(c["start"])) for c in said]
    near = [(c["stage"] == row["stage"], n, c) for c, n in zip(said, shared, strict=True) if n > 0]
    hint: Row = max(near, key=itemgetter(0, 1), default=(False, 0, {}))[-1]
    for column in ASKED if ask else ():
        acts = coded[coded["article_id"] == article].set_index("process_id")["start"]
        far = (pd.to_numeric(acts, errors="coerce") - start).abs().sort_values()
        follows = {"process_id": "".join(far.index[:1])} | _follows(project, row, hint, voice)
        default = follows.get(column) or hint.get(column, "")
        if ask and not row[column]:
            row[column] = ask(column, meanings(column, project=project), default)
    row |= {c: v for c, v in _follows(project, row, hint, voice).items() if not row[c]}
    later = ("statement_id", "coder", *(() if row["process_id"] else OF_ACT))
    if empty := [f.name for f in fields if f.required and not (row[f.name] or f.name in later)]:
        listed = (f"{option_of(c)} ({_allowed(meanings(c, project=project))})" for c in empty)
        raise InputError(f"missing: {'; '.join(listed)}")
    return row


def _follows(project: Project, row: Row, hint: Row, voice: str) -> Row:
    """Return what follows from act, claimant, article, words of a date, and level."""
    follows = {"modality": "asserted", "credibility": "6", "scheduled": "no"}
    if act := row["process_id"]:
        act = row["process_id"] = chosen("process_id", act, meanings("process_id", project=project))
        acts = project.keep(OF_ACT, lambda: project.read_text_cells("acts").set_index("process_id"))
        follows |= {column: acts.at[act, column] for column in OF_ACT}
    follows["voice"] = voice
    if row["claimant"]:
        voices = project.read_table("speakers").set_index("speaker_id")["voice"]
        check_known(InputError, "claimant", row["claimant"], voices.index)
        follows["voice"] = voices[row["claimant"]]
    level = row["level"] or follows.get("level")
    follows["tier"] = "1" if level in ("rule", "decision") else "2"
    free = not row["date"] + row["precision"] or row["date"] == hint.get("date")
    if free and hint.get("date") and hint["date_stated"] in row["exact"]:
        if hint["stage"] != row["stage"] and len(find_dates(row["exact"])) != 1:
            return follows | {"precision": "unresolved"}  # it may be the day of another step
        return follows | {column: hint[column] for column in OF_DATE}
    form = "range" if row["date_end"] else PRECISIONS.get(len(row["date"]), "unresolved")
    return follows | {"precision": form, "date_basis": "inference" if row["date"] else ""}


def option_of(column: str) -> str:
    """Return the option by which a column is given."""
    return OPTIONS.get(column, "--" + column.replace("_", "-"))


@read_once
def meanings(column: str, *, project: Project) -> Row:
    """Return what a column may hold, and what each code means; nothing where that is free."""
    field = project.table(TABLE).field(column)
    acts, codes = project.read_table("acts"), project.read_table("vocabulary")
    if column == "process_id":
        return dict(zip(acts["process_id"], acts["title_en"], strict=True))
    own = codes[codes["vocabulary"] == field.vocabulary]
    numbers = map(str, range(field.minimum or 0, (field.maximum or -1) + 1))
    plain = dict.fromkeys((*field.true_values, *field.false_values, *numbers), field.description)
    return plain | dict(zip(own["code"], own["definition"], strict=True))


def _allowed(codes: Mapping[str, str]) -> str:
    return ", ".join(codes) if len(codes) < 40 else "a process_id of register/acts.csv"


def chosen(column: str, text: str, codes: Mapping[str, str]) -> str:
    """Return the codes that are meant, whole or by their beginning; else name the nearest."""
    found: list[str] = []
    for word in _PARTED.split(text.strip()) if column in SEVERAL else [text.strip()]:
        fitting = [word] if word in codes else [c for c in codes if word and c.startswith(word)]
        if len(fitting) != 1:
            like = partial(fuzz.token_ratio, word, processor=default_process)
            near = sorted(codes, key=lambda code: -like(code) - like(codes[code]))[:3]
            titles = (f"{code} ({shorten(codes[code], 80, placeholder='…')})" for code in near)
            said = f"{option_of(column)}: found {word!r}; allowed: {_allowed(codes)}"
            raise InputError(f"{said}; nearest: {'; '.join(titles)}")
        found += fitting
    return LIST_SEPARATOR.join(found)


def read_drafts(project: Project, *more: str) -> Drafts:
    """Read all drafts as text cells, each file with its schema, by coder; `more` may have none."""
    folder = project.data / FOLDER
    read = set(folder.glob("[!.]*.csv"))
    if folder.exists() and not folder.is_dir():
        raise DataError([Defect("must be a folder", FOLDER)])
    found = set(folder.rglob("[!.]*.[cC][sS][vV]")) - set(folder.glob(".*/**/*"))
    if strays := sorted(found - read):
        said = f"not read; a draft lies in {FOLDER} itself and is called <coder>.csv"
        raise DataError(Defect(said, p.relative_to(project.data).as_posix()) for p in strays)
    stems, drafts = {path.stem for path in read}, {}
    for coder in sorted(stems.union(more)):
        table = replace(project.table(TABLE), path=f"{FOLDER}/{coder}.csv")
        none, path = pd.DataFrame(columns=table.columns), project.data / table.path
        drafts[coder] = table, read_csv(path, table) if coder in stems else none
    return drafts


def check(project: Project) -> list[Defect]:
    """Find every defect of the data, of drafts as if they were statements, and of the patterns."""
    try:
        return [*_check(project, read_drafts(project)), *_wrong_patterns(project)]
    except NgolibError as error:
        told = (d for d in getattr(error, "defects", ()) if isinstance(d, Defect))
        return list(dict.fromkeys([*defects(project), *told]))


def _wrong_patterns(project: Project) -> Iterator[Defect]:
    """Find the first pattern of each language that will not do."""
    if "patterns" in project.schema:
        for language in project.read_table("patterns")["language"].unique():
            try:
                load_patterns(project, language)
            except InputError as error:
                yield Defect(str(error).partition(": ")[2], project.table("patterns").path)


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


def keep(
    project: Project, coder: str, new: Mapping[str, Mapping[str, str]], ask: Ask | None = None
) -> list[Row]:
    """Code quotes, by what each is called in a message, behind a coder's drafts: all or none."""
    if not re.fullmatch(r"\w[\w.@-]{,39}", coder):
        raise InputError(f"--coder: found {coder!r}; allowed: letters, digits, ., @, - and _")
    drafts = read_drafts(project, coder)
    coded = pd.concat([project.read_text_cells(TABLE), *(frame for _, frame in drafts.values())])
    # Where nobody else speaks, an article mostly has one voice.
    alone = coded[coded["claimant"] == ""].groupby("article_id")
    voices = alone["voice"].agg(lambda own: own.mode()[0])
    made, wrong = dict[str, Row](), list[Defect | str]()
    for name, given in new.items():
        try:
            made[name] = _row(project, given, coded, voices.get(given["article_id"], ""), ask)
        except InputError as error:
            wrong.append(f"{name}{error}")
    # Answers may have taken minutes: the drafts as they are now.
    drafts = read_drafts(project, coder)
    table, before = drafts.pop(coder)  # to come last, where it is told what stands there already
    # The errata name what was withdrawn: an id is never given again.
    kept = [*project.data.glob("coding/**/*.csv"), project.root / "docs" / "errata.md"]
    told = " ".join(path.read_text("utf-8", "replace") for path in kept if path.is_file())
    last, rows = Counter[str](), dict[int, Row]()
    for article, number in _ID.findall(told):
        last[article] = max(last[article], int(number))
    named = dict(enumerate(made, len(before) + 2))
    renamed: Row = {}  # a workbook's own ids of its rows, by which one may name another
    for n, name in named.items():
        rows[n] = row = made[name]
        last[row["article_id"]] += 1
        row["statement_id"] = "{}-s{:02}".format(row["article_id"], last[row["article_id"]])
        row["coder"] = coder
        renamed[new[name].get("statement_id", "")] = row["statement_id"]
    for row in rows.values():
        row["same_step_as"] = renamed.get(row["same_step_as"] or "-", row["same_step_as"])
    frame = pd.concat([before, pd.DataFrame.from_dict(rows, orient="index")])[table.columns]
    for d in () if wrong else _check(project, drafts | {coder: (table, frame)}):
        if d.file == table.path:
            said = f"{named.get(d.row or 0)}column {d.column}: {d.message}"
            wrong.append(said if d.row in named else d)
    if wrong:
        raise InputError("\n".join(map(str, wrong)))
    put({project.data / table.path: _csv(frame)})
    return list(rows.values())


def _csv(frame: pd.DataFrame) -> bytes:
    return csv_text([list(frame), *frame.to_numpy().tolist()]).encode("utf-8")


def _drafts(
    project: Project, coder: str, ids: Sequence[str], else_: slice
) -> tuple[Table, pd.DataFrame, pd.Series]:
    """Return a coder's drafts, and which of them are meant: those named, else those of a slice."""
    table, frame = read_drafts(project, coder)[coder]
    if frame.empty:
        raise InputError(f"{table.path} holds no draft (--coder says whose)")
    known = frame["statement_id"]
    for name in ids:
        check_known(InputError, "draft", name, list(known))
    return table, frame, known.isin(ids or known[else_])


def undo(project: Project, coder: str, ids: Sequence[str]) -> list[Row]:
    """Take a coder's drafts back, those named or the last one, and return them."""
    table, frame, taken = _drafts(project, coder, ids, slice(-1, None))
    put({project.data / table.path: _csv(frame[~taken])})
    return frame[taken].to_dict("records")


def accept(project: Project, coder: str, ids: Sequence[str]) -> list[Row]:
    """Make a coder's drafts statements, those named or all, if all data are sound then."""
    table, frame, taken = _drafts(project, coder, ids, slice(None))
    if found := _check(project, {coder: (table, frame[taken])}):
        raise DataError(found)
    rows = frame[taken].to_dict("records")
    new = {project.data / project.table(TABLE).path: with_rows(project, TABLE, rows)}
    put(new | {project.data / table.path: _csv(frame[~taken])})
    return rows


def as_xlsx(project: Project, statements: Sequence[Mapping[str, str]]) -> bytes:
    """Write statements with lists to choose from, and a sheet that says what each code means."""
    table, buffer = project.table(TABLE), io.BytesIO()
    cells = pd.DataFrame([*statements], columns=table.columns, dtype="str").fillna("")
    check_fits(cells, TABLE)
    known = {f.name: meanings(f.name, project=project) for f in table.fields}
    codes = [(column, *pair) for column, own in known.items() for pair in own.items()]
    listed = pd.DataFrame(codes, columns=["column", "code", "meaning"])
    with Workbook(buffer, {"in_memory": True}) as book:
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
        sheet = book.add_worksheet(TABLE)
        fill_sheet(sheet, cells, text, bold)
        sheet.set_column(0, len(table.fields) - 1, None, text)  # also of what is typed beneath
        fill_sheet(book.add_worksheet("codes"), listed, text, bold)
        for n, field in enumerate(table.fields):
            own = listed.index[listed["column"] == field.name] + 2
            # Where several codes, parted by `; `, are allowed, a list can only advise.
            rule = {"validate": "list", "error_type": "information" if field.is_list else "stop"}
            if len(own):
                rule |= {"source": f"=codes!$B${own[0]}:$B${own[-1]}"}
                sheet.data_validation(1, n, len(cells) + 200, n, rule)
    return buffer.getvalue()


def read_xlsx(project: Project, path: Path) -> dict[str, Row]:
    """Return the rows that a person has read, each by what it is called in a message."""
    unescape = extra("openpyxl.utils.escape", "ngolib code FILE.xlsx").unescape
    try:
        unpack(str(path), read_bytes(path))  # refuses what is no zip file, or a false one
        with pd.ExcelFile(path, engine_kwargs={"data_only": False}) as book:
            sheet = TABLE if TABLE in book.sheet_names else book.sheet_names[0]
            rows, columns = book.book[sheet].max_row or 0, book.book[sheet].max_column or 0
            if rows * columns > MOST_CELLS:
                raise ValueError(f"a cell far from the table, in {rows} rows of {columns}, is full")
            cells = pd.read_excel(book, sheet, header=None, dtype="str", keep_default_na=False)
            cells_ = (cell for row in book.book[sheet].iter_rows() for cell in row)
            if cell := next((cell.coordinate for cell in cells_ if cell.data_type == "f"), ""):
                raise ValueError(f"{cell} holds a formula; put its value in its place")
    except Exception as error:  # a broken workbook shows itself in many ways
        said = one_line(str(error))
        raise InputError(f"{path}: no workbook of Excel that can be read: {said}") from None
    cells = cells.map(unescape, na_action="ignore").replace("\r\n?", "\n", regex=True)
    holes = zip(*cells.isna().to_numpy().nonzero(), strict=True)  # an empty cell is none
    if wrong := [f"{path}: row {n + 1}: column {c + 1} holds an error of Excel" for n, c in holes]:
        raise InputError("\n".join(wrong))
    header, *rows = cells.to_numpy().tolist() or [[]]
    frame = framed(header, rows, replace(project.table(TABLE), path=str(path)))
    read = frame[(frame != "").any(axis=1) & ~frame["note"].str.contains(UNREAD, case=False)]
    if read.empty:
        raise InputError(f"{path}: each row is still {UNREAD!r}; take that out of its note")
    made = {c: read.index[read[c].str.endswith(" 00:00:00")] for c in OF_DATE[:3]}
    said = "Excel made a day of it; write it again as text"
    wrong = [f"{path}: row {n}: column {c}: {said}" for c, rows in made.items() for n in rows]
    ids, said = read["statement_id"], "column statement_id: stands there twice; a new row has none"
    twice = read.index[ids.duplicated() & (ids != "")]
    if wrong := wrong + [f"{path}: row {n}: {said}" for n in twice]:
        raise InputError("\n".join(wrong))
    return {f"{path}: row {n}: ": row for n, row in read.to_dict("index").items()}
