"""Raw texts, and their tables: sources, lines, articles and sentences."""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ngolib.errors import ProjectError, unknown
from ngolib.project import FOUND, Project, read_once
from ngolib.reading import read_bytes
from ngolib.texts.lines import INVISIBLE, label_lines
from ngolib.texts.rules import CleaningRules, load_cleaning_rules
from ngolib.texts.sentences import sentence_spans

# Labels of what is meant to be read, and of running text.
READING_LABELS = ("title", "standfirst", "subheading", "body")
SENTENCE_LABELS = ("standfirst", "body")
WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_LINE_COLUMNS = ["source_id", "line", "start", "end", "label", "rule", "article_id", "text"]
_ARTICLE_COLUMNS = ["article_id", "source_id", "title", "author", "outlet", "published"]
_ARTICLE_COLUMNS += ["published_start", "published_end", "precision", "basis"]
_ARTICLE_COLUMNS += ["genre", "reliability", "relevance", "n_words", "text"]


def read_source(path: str | Path, *, sha256: str | None = None) -> str:
    """Read a raw text as it is: UTF-8, its newlines and byte order mark kept, so that offsets hold.

    A file that is missing, empty, not UTF-8, or has another checksum, is a `ProjectError`.
    """
    path = Path(path)
    try:
        raw = read_bytes(path)
    except OSError as error:
        raise ProjectError(f"{path}: cannot be read: {error.strerror}") from error
    if not raw:
        raise ProjectError(f"{path}: the file is empty")
    found = hashlib.sha256(raw).hexdigest()
    if sha256 is not None and found != sha256:
        said = f"the file has changed: SHA-256 is {found}, recorded is {sha256}"
        raise ProjectError(f"{path}: {said}")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte {raw[error.start]:#04x} at position {error.start}"
        raise ProjectError(f"{path}: not UTF-8: {where}") from error


def load_sources(*, project: Project | None = None) -> pd.DataFrame:
    """Load the list of source texts: the table `sources`."""
    return (project or Project.find()).read_table("sources")


@read_once
def _labelled(source_id: str, *, project: Project = FOUND) -> pd.DataFrame:
    """Read and label one source."""
    source = load_sources(project=project).set_index("source_id").loc[source_id]
    text = read_source(project.data / source["path"], sha256=source["sha256"])
    return label_lines(text, load_cleaning_rules(project), source_id=source_id)


def _articles(project: Project) -> Iterable[tuple[str, pd.DataFrame]]:
    """Each article's id and its lines, in the order of the sources and of the page."""
    lines = load_lines(project=project)
    return lines[lines["article_id"] != ""].groupby("article_id", sort=False)


@read_once
def load_lines(source_id: str | None = None, *, project: Project = FOUND) -> pd.DataFrame:
    """Load the raw texts, or the one of a source, as labelled lines.

    A text that is missing, empty, changed or not UTF-8, and an unknown source, is a `ProjectError`.

    Returns
    -------
    pandas.DataFrame
        `source_id, line` (from 1), `start, end` (offsets in the raw text, without the terminator),
        `label, rule, article_id` (empty where a line belongs to no article), `text`.
    """
    known = load_sources(project=project)["source_id"].to_list()
    if source_id is not None and source_id not in known:
        raise ProjectError(unknown("source", source_id, known))
    wanted = known if source_id is None else [source_id]
    parts = {"": label_lines("", CleaningRules(rule=()))}  # columns, where there is no source
    parts |= {source: _labelled(source, project=project) for source in wanted}
    lines = pd.concat(parts, names=["source_id"]).reset_index("source_id")
    article_ids = lines["source_id"] + "." + lines["article"].astype("str")
    lines["article_id"] = article_ids.where(lines["article"].notna(), "")
    return lines[_LINE_COLUMNS].reset_index(drop=True)


@read_once
def load_articles(*, project: Project = FOUND) -> pd.DataFrame:
    """Load the articles: what the raw texts hold, with the metadata of `articles.csv`.

    Returns
    -------
    pandas.DataFrame
        What `articles.csv` says of each, but for bases and notes; `title` (empty where the page
        shows none), `published` (a day, or `first/last`, `first/..` if its end is open), `text`
        (title, standfirst, subheadings and body, joined by blank lines), `n_words` of it. An
        article or a row of `articles.csv` without the other is a `ProjectError`.
    """
    metadata = project.read_table("articles").rename(columns={"date_basis": "basis"})
    read = []
    for article_id, lines in _articles(project):
        title = next(iter(lines.loc[lines["label"] == "title", "text"]), "").strip(INVISIBLE)
        kept = lines.loc[lines["label"].isin(READING_LABELS), "text"]
        read.append((article_id, title, "\n\n".join(kept)))
    texts = pd.DataFrame(read, columns=["article_id", "title", "text"])
    if problems := pairing_defects(set(metadata["article_id"]), set(texts["article_id"])):
        raise ProjectError("\n".join(problems))
    texts["n_words"] = [len(WORD.findall(text)) for text in texts["text"]]
    first, last = metadata["published_start"], metadata["published_end"]
    spans = first.replace("", "..") + "/" + last.replace("", "..")
    metadata["published"] = first.where(first == last, spans)
    return texts.merge(metadata, on="article_id", validate="one_to_one")[_ARTICLE_COLUMNS]


def pairing_defects(described: set[str], found: set[str]) -> list[str]:
    """Name articles without metadata, and metadata without an article."""
    new, absent = sorted(found - described), sorted(described - found)
    mend = "mend the id, or the rules of cleaning.toml that find where an article starts"
    return [
        *(f"articles.csv: no row for {i}, which the raw text holds; add one" for i in new),
        *(f"articles.csv: {i} is not in its raw text; {mend}" for i in absent),
    ]


@read_once
def load_sentences(*, project: Project = FOUND) -> pd.DataFrame:
    """Load the sentences of every article: of standfirst and body, each line by itself.

    The columns are `article_id, sentence` (from 1 in each article), `start, end` (raw offsets) and
    `text`, the raw text between them.
    """
    languages = load_sources(project=project).set_index("source_id")["language"]
    rows: list[tuple[str, int, int, int, str]] = []
    for article_id, lines in _articles(project):
        spans = (
            (line.start + first, line.start + last, line.text[first:last])
            for line in lines[lines["label"].isin(SENTENCE_LABELS)].itertuples()
            for first, last in sentence_spans(line.text, languages[line.source_id])
        )
        rows += [(article_id, n, *span) for n, span in enumerate(spans, 1)]
    kinds = {"article_id": "str", "sentence": "int64", "start": "int64", "end": "int64"}
    return pd.DataFrame(rows, columns=[*kinds, "text"]).astype(kinds)
