"""From codings made in another program to rows of a table, with a list of what they lack."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NamedTuple

from ngolib.errors import InputError, unknown
from ngolib.evidence.dates import ALLOWED, span_or_none
from ngolib.exchange import codes
from ngolib.exchange.counting import Places, place
from ngolib.exchange.excerpt import Aligned, Span, align, anchor
from ngolib.exchange.qdpx_read import Given, Source, read_project
from ngolib.exchange.qdpx_write import USERS
from ngolib.files import csv_text
from ngolib.project import Project
from ngolib.tables import LIST_SEPARATOR, Table
from ngolib.texts import load_lines, load_sources, read_source
from ngolib.texts.dates import PRECISIONS

NOT_PROVED = "place not proved, for the file notes no words of it; taken as the standard counts"
# What `ngolib code` cannot find out from the rest of a statement.
OPEN = (codes.ACT, "stage", "direction", "voice")
# What is to be told, and where it applies.
Remarks = defaultdict[str, list[str]]
Groups = Mapping[str, codes.Group]  # by column
Row = dict[str, str]


class Coded(NamedTuple):
    """What came out of a project file: whose codings, as rows of a table, and remarks."""

    user: str
    rows: list[Row]
    remarks: list[str]

    def as_csv(self) -> bytes:
        """Return the rows as a coder's file."""
        return csv_text([self.rows[0], *(row.values() for row in self.rows)]).encode("utf-8")


@dataclass
class _Statement:
    """A coded stretch of a text, while the words on it and its codes by column are collected."""

    source_id: str
    raw: str
    span: Span
    told: Row
    # Column to its values; a dictionary, since values are a set that has an order.
    codes: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))


def read_codings(
    project: Project, path: Path, *, user: str | None = None, drafts: bool = False
) -> Coded:
    """Read one person's codings from a `.qdpx`: rows of a coder, or for `drafts` of statements."""
    raws = {}
    for row in load_sources(project=project).itertuples():
        raws[row.source_id] = read_source(project.data / row.path, sha256=row.sha256)
    given = read_project(path)
    texts = [_align(path, source, raws) for source in given.sources]
    name, users = _user(path, given, user)
    remarks: Remarks = defaultdict(list)
    if len(users) > 1:
        remarks["users of one name, taken for one person"] += sorted(users)
    book = codes.read_codebook(project=project)
    groups, known = {group.column: group for group in book}, _known_codes(book, given.codes)
    names = {name for group in book for name in (group.column, group.name)}
    statements: list[_Statement] = []
    for source, (text, placed) in zip(given.sources, texts, strict=True):
        found: list[_Statement] = []
        for new, guids, where in _selected(source, text, placed, users, remarks):
            for name in sorted(names & {*re.findall(r"(\w+):", new.told.get("note", "").lower())}):
                remarks[f"{name}: in a memo it is a note; give it as a code"].append(where)
            for guid in guids:
                word, *above = given.codes.get(guid, (guid,))
                if code := known.get(guid):
                    new.codes[code.column][code.value] = None
                    if _plain(word) not in map(_plain, (code.name, code.value, code.label, guid)):
                        said = f"the code {word!r} is taken for {code.name!r}, which it was"
                        remarks[said].append(where)
                    elif guid != code.guid and not above and word != code.name:
                        said = f"the code {word!r}, in no group, is taken for {code.name!r}"
                        remarks[said].append(where)
                else:
                    remarks[f"the code {word!r} is not in the codebook"].append(where)
            if new.codes:
                _combine(found, new, groups, remarks)
        _join(found, groups, remarks)
        statements += sorted(found, key=lambda statement: statement.span[0])
    table = project.table(codes.STATEMENTS if drafts else codes.CODER)
    rows = _rows(project, table, groups, statements, remarks)
    told = [f"{remark}: {', '.join(places)}" for remark, places in remarks.items()]
    if not rows:
        said = f"{path}: of what {name!r} has coded nothing can be taken"
        raise InputError("\n".join([said, *told]))
    return Coded(name, rows, told)


def _align(path: Path, source: Source, raws: Mapping[str, str]) -> tuple[Aligned, Places]:
    """Find the text of a coded source, and places of selections; one not ours is an error."""
    if source.text is not None and (text := align(source.text, raws)):
        return text, place(path, source, text)
    why = "is not in the file as plain text" if source.text is None else "is not ours"
    ours = f"ours: {', '.join(raws)}; their words must be as they are in data/sources/"
    raise InputError(f"{path}: the coded source {source.name!r} {why} ({ours})")


def _user(path: Path, given: Given, wanted: str | None) -> tuple[str, set[str]]:
    """Return whose codings are meant, by name, or the only one beside our own coders; and GUIDs."""
    guids = {user for s in given.sources for one in s.selections for _, user in one.codings}
    names = {guid: given.users.get(guid) or guid or "unnamed" for guid in sorted(guids)}
    present = list(dict.fromkeys(names.values()))
    if not present:
        raise InputError(f"{path}: nothing is coded in it")
    theirs = [name for name in present if name not in USERS.values()] or present
    if wanted is None and len(theirs) > 1:
        said = "several have coded; say whose codings are meant with --coder"
        raise InputError(f"{path}: {said} ({', '.join(theirs)})")
    wanted = theirs[0] if wanted is None else wanted
    if wanted not in present:
        raise InputError(f"{path}: {unknown('coder', wanted, present)}")
    return wanted, {guid for guid, name in names.items() if name == wanted}


def _plain(name: str) -> str:
    """Return a name without what programs change: case, blanks and underscores."""
    return " ".join(name.casefold().replace("_", " ").split())


def _known_codes(
    groups: Iterable[codes.Group], given: Mapping[str, Sequence[str]]
) -> dict[str, codes.Code]:
    """Return our code of each GUID: known by itself, by its name, its group, or its word alone."""
    ours = [code for group in groups for code in group.codes]
    named: dict[tuple[str, ...], set[codes.Code]] = defaultdict(set)
    for code in ours:
        named[(_plain(code.name),)].add(code)
        for word in (_plain(code.value), _plain(code.label)):
            # `yes`, or a number, says nothing without its group.
            alone = [] if word == codes.YES or word.isdecimal() else [("", word)]
            for key in ((_plain(code.group), word), (_plain(code.column), word), *alone):
                named[key].add(code)
    known = {code.guid: code for code in ours}  # but one that has the name of another is that
    for guid, names in given.items():
        word, *above = map(_plain, names)
        # Under a group of their own it may mean something else.
        found = [named[key] for key in ((word,), *((top, word) for top in above[:1] or [""]))]
        if plain := [own for own in found if len(own) == 1]:
            (known[guid],) = plain[0]
    return known


def _selected(
    source: Source, text: Aligned, placed: Places, users: set[str], remarks: Remarks
) -> Iterator[tuple[_Statement, list[str], str]]:
    """Yield what the users coded: a statement yet without codes, their GUIDs, its place here."""
    for selection, (span, sure) in zip(source.selections, placed, strict=True):
        guids = [code for code, user in selection.codings if user in users]
        where = f"{source.name} {selection.start}-{selection.end}"
        if guids and selection.start == selection.end:
            remarks["not taken, since no words are selected, as of a whole text"].append(where)
        elif guids and span:
            if not sure:
                cut = any(re.match(r"\w\w", text.raw[end - 1 : end + 1]) for end in span)
                remarks[NOT_PROVED + ", and cuts a word" * cut].append(where)
            new = _Statement(text.source_id, text.raw, span, {})
            for who, said in selection.memos:
                if said and who in ("", *users):
                    _tell(new, codes.read_description(said), remarks)
                elif said:
                    remarks["a memo of somebody else is left out"].append(where)
            yield new, guids, where
        elif guids:
            remarks["not taken, since it reaches out of the words that are ours"].append(where)


def _combine(found: list[_Statement], new: _Statement, groups: Groups, remarks: Remarks) -> None:
    """Add codes to the statement that they belong to, or begin one."""
    # Programs write a selection per code, or one for all codes of a quote. An id in its description
    # says to which statement it belongs; else the same words do, if no column gets two values.
    own_id = new.told.get("statement_id")
    same = [s for s in found if (s.span, s.told.get("statement_id")) == (new.span, own_id)]
    single = {column: values for column, values in new.codes.items() if not groups[column].many}
    fitting = [s for s in same if all(s.codes.get(c, single[c]) == single[c] for c in single)]
    # Of a code that is alone, nothing says to which statement it belongs.
    fitting = fitting or (same if own_id or len(new.codes) == 1 else [])
    if fitting:
        if len(fitting) > 1:
            said = "fits several quotes of the same words, put to the first"
            remarks[f"{', '.join(new.codes)}: {said}"].append(_where(new))
        _add(fitting[0], new, remarks)
    else:
        found.append(new)


def _join(found: list[_Statement], groups: Groups, remarks: Remarks) -> None:
    """Join what was marked too long or too short with the one that it overlaps and completes."""
    for part in sorted(found, key=lambda one: len(one.codes)):
        first, last = part.span
        # Two whole statements are never joined, since each has a stage.
        single = {column for column in part.codes if not groups[column].many}
        near = [s for s in found if s.span[0] < last and s.span[1] > first and s is not part]
        near = [s for s in near if not single & s.codes.keys()]
        # A stretch with one code is no statement yet.
        near = [s for s in near if len(s.codes) > 1 and not s.told.keys() & part.told.keys()]
        if len(near) == 1:
            found.remove(part)
            _add(near[0], part, remarks)
            remarks["taken with the statement that it overlaps"].append(_where(part))


def _where(statement: _Statement) -> str:
    return "{} {}-{}".format(statement.source_id, *statement.span)


def _add(statement: _Statement, more: _Statement, remarks: Remarks) -> None:
    for column, values in more.codes.items():
        statement.codes[column] |= values
    _tell(statement, more.told, remarks)


def _tell(statement: _Statement, more: Row, remarks: Remarks) -> None:
    """Add what else is told of a statement; where that contradicts, the first is taken."""
    for column in (statement.told.keys() & more.keys()) - {"note"}:
        if statement.told[column] != (other := more[column]):
            said = f"{column}: {other!r} is given too, the first is taken"
            remarks[said].append(_where(statement))
    notes = dict.fromkeys(filter(None, (told.get("note", "") for told in (statement.told, more))))
    statement.told = more | statement.told | ({"note": " ".join(notes)} if notes else {})


def _rows(
    project: Project, table: Table, groups: Groups, statements: list[_Statement], remarks: Remarks
) -> list[Row]:
    """Make statements rows of a coder's table; what cannot be one, or is not full, is remarked."""
    lines = load_lines(project=project).query("label != 'blank'")
    taken = {statement.told.get("statement_id") for statement in statements}
    free = (name for n in count(1) if (name := f"q{n:03}") not in taken)
    rows: dict[str, Row] = {}
    for statement in statements:
        source_id, (start, end) = statement.source_id, statement.span
        own = lines[lines["source_id"] == source_id]
        articles = own[(own["start"] < end) & (own["end"] > start)]["article_id"].unique()
        if len(articles) != 1 or not articles[0]:
            said = "not taken, since it stands in no article, or in two"
            remarks[said].append(f"{source_id} {start}-{end}")
            continue
        row = {column: statement.told.get(column, "") for column in table.columns}
        row |= anchor(statement.raw, start, end) | {"article_id": str(articles[0])}
        if (told := row["statement_id"]) in ("", *rows):
            row["statement_id"] = next(free)
            if told:
                said = "new id, since another quote has its id"
                remarks[said].append(f"{row['statement_id']} (was {told})")
        _fill(table, row, statement, groups, remarks)
        rows[row["statement_id"]] = row
    return list(rows.values())


def _fill(table: Table, row: Row, statement: _Statement, groups: Groups, remarks: Remarks) -> None:
    """Put codes into a row; where there is none, or too many, the cell is empty."""
    name, drafts, given = row["statement_id"], table.name == codes.STATEMENTS, statement.codes
    for column in table.columns:
        values = given.get(column, {})
        if len(values) > 1 and not groups[column].many:
            listed = ", ".join(sorted(values))
            remarks[f"{column}: several codes given, left empty ({listed})"].append(name)
        elif column in groups:
            none = codes.NO if table.field(column).type == "boolean" and not drafts else ""
            row[column] = LIST_SEPARATOR.join(values) or none
    if "precision" not in given and not drafts:
        form = "range" if row["date_end"] else PRECISIONS.get(len(row["date"]), "")
        if row["date"] and not span_or_none(row["date"], row["date_end"]):
            remarks[f"date {row['date']!r} is none; allowed: {ALLOWED}"].append(name)
            form = ""
        row["precision"] = form if row["date"] or row["date_end"] else "unresolved"
        if row["precision"]:
            why = "by the form of the date" if row["date"] else "since no date is given"
            remarks[f"precision {row['precision']!r}, {why}"].append(name)
    needed = OPEN if drafts else [field.name for field in table.fields if field.required]
    for column in needed:
        # Where several codes were given, that has been said.
        if not row[column] and column not in given:
            remarks[f"{column}: not coded, left empty"].append(name)
