"""The tables of texts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ngolib.errors import ProjectError
from ngolib.evidence.check import defects
from ngolib.project import Project
from ngolib.texts import read_source
from ngolib.texts.load import (
    load_articles,
    load_lines,
    load_sentences,
    load_sources,
)

NAMES = [
    "iwpr-2006",
    "iwpr-2014",
    "civil-liberties-essay-2020",
    "modern-diplomacy-2021",
    "kz-ru-memorandum-2025",
]


def rewrite(path: Path, change: dict[tuple[str, str], str], drop: str | None = None) -> None:
    """Change cells of a table, by id and column, or drop a row."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    key = next(iter(rows[0]))
    for (row_id, column), value in change.items():
        next(row for row in rows if row[key] == row_id)[column] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if row[key] != drop)


def test_the_sources(project: Project) -> None:
    sources = load_sources(project=project)
    assert sources["source_id"].tolist() == NAMES
    assert defects(project) == []


def test_the_articles(project: Project) -> None:
    articles = load_articles(project=project)
    assert articles.columns.tolist() == [
        *("article_id", "source_id", "title", "author", "outlet"),
        *("published", "published_start", "published_end", "precision", "basis"),
        *("genre", "reliability", "relevance", "n_words", "text"),
    ]
    titles = dict(zip(articles["article_id"], articles["title"], strict=True))
    assert titles == {
        "iwpr-2006.1": "Kazakstan: NGOs Fear Losing Independence",
        "iwpr-2014.1": "Hard Times Ahead for Kazakstan Civil Society",
        "civil-liberties-essay-2020.1": "Civil Society And Liberties In Kazakhstan",
        "modern-diplomacy-2021.1": "New run in Kazakhstan?",
        "modern-diplomacy-2021.2": (
            "Chronicles of Revolt in Kyrgyzstan: Implications and Consequences"
        ),
        "modern-diplomacy-2021.3": (
            "The State of Human rights in Kyrgyzstan, Kazakhstan and Uzbekistan: "
            "Principles vs. Practices"
        ),
        "modern-diplomacy-2021.4": (
            "Kazakhstan’s government is determined to enhance engagement with civil society"
        ),
        "kz-ru-memorandum-2025.1": "",
    }
    published = dict(zip(articles["article_id"], articles["published"], strict=True))
    assert published["kz-ru-memorandum-2025.1"] == "2025-01-03"
    assert published["iwpr-2006.1"] == "2006-07-25/2006-12-31"
    assert published["civil-liberties-essay-2020.1"] == "2020-03-10/.."


def test_the_text_of_an_article_leaves_the_page_out(project: Project) -> None:
    articles = load_articles(project=project).set_index("article_id")
    text = articles.loc["iwpr-2014.1", "text"]
    assert text.startswith("Hard Times Ahead for Kazakstan Civil Society\n\nDespite progress on")
    assert text.count("Hard Times Ahead") == 1
    for left_out in ("Photo: IWPR", "pseudonym", "Support our journalists"):
        assert left_out not in text
    all_texts = "\n".join(articles["text"])
    for left_out in ("Need help with", "Continue Reading", "t.co", "hours ago", "Matthew Stein"):
        assert left_out not in all_texts
    # Counted another way: words parted by white space.
    words = [len(t.split()) for t in articles["text"]]
    assert all(abs(n - m) <= 0.03 * m for n, m in zip(articles["n_words"], words, strict=True))


def test_a_text_is_its_title_standfirst_subheadings_and_body(project: Project) -> None:
    lines = load_lines(project=project)
    read = lines[lines["label"].isin(["title", "standfirst", "subheading", "body"])]
    for article, text in load_articles(project=project)[["article_id", "text"]].to_numpy():
        assert text.split("\n\n") == read.loc[read["article_id"] == article, "text"].to_list()


def test_the_metadata_say_nothing_that_the_text_does_not(project: Project) -> None:
    cells = project.read_table("articles")
    for source_id, author, outlet in cells[["source_id", "author", "outlet"]].to_numpy():
        raw = read_source(project.data / "sources" / f"{source_id}.txt")
        assert author in raw
        assert outlet in raw or source_id == "iwpr-2014"  # which names it by its initials only
    for _, row in cells.iterrows():
        first, last = row["published_start"], row["published_end"]
        assert not last or first <= last
        assert (row["precision"] == "day") == (first == last)
        for column in ("date_note", "genre_basis", "reliability_basis", "relevance_basis"):
            assert row[column], (row["article_id"], column)


def test_quotes_in_the_metadata_are_verbatim(project: Project) -> None:
    cells = project.read_table("articles")
    bases = [c for c in cells.columns if c.endswith("_basis") or c == "date_note"]
    quotes = 0
    for _, row in cells.iterrows():
        raw = read_source(project.data / "sources" / f"{row['source_id']}.txt")
        for column in bases:
            for quote in row[column].split('"')[1::2]:
                for part in quote.split(" … "):
                    assert part in raw, (row["article_id"], column, part)
                    quotes += 1
    assert quotes > 20


def test_sentences_stand_where_they_say(project: Project) -> None:
    sentences = load_sentences(project=project)
    assert sentences.columns.tolist() == ["article_id", "sentence", "start", "end", "text"]
    raw = {name: read_source(project.data / "sources" / f"{name}.txt") for name in NAMES}
    for article_id, start, end, text in sentences[
        ["article_id", "start", "end", "text"]
    ].to_numpy():
        assert raw[article_id.rpartition(".")[0]][start:end] == text
        assert text == text.strip() != ""
    for _, group in sentences.groupby("article_id"):
        assert group["sentence"].tolist() == list(range(1, len(group) + 1))
        assert (group["start"].iloc[1:].to_numpy() >= group["end"].iloc[:-1].to_numpy()).all()


def test_sentences_hold_the_running_text_and_nothing_else(project: Project) -> None:
    lines = load_lines(project=project)
    running = lines[lines["label"].isin(["body", "standfirst"])]
    sentences = load_sentences(project=project)
    assert "".join("".join(running["text"]).split()) == "".join("".join(sentences["text"]).split())
    first = sentences[sentences["article_id"] == "iwpr-2006.1"]["text"].tolist()
    assert first[0].startswith("Nazarbaev’s new vision")
    assert first[1].startswith("A Kazak government strategy")
    assert "“This is why financing of NGOs from the state has been increased.”" in first


def test_lines_of_one_source(project: Project) -> None:
    lines = load_lines("kz-ru-memorandum-2025", project=project)
    assert set(lines["source_id"]) == {"kz-ru-memorandum-2025"}
    assert lines.columns.tolist() == [
        *("source_id", "line", "start", "end", "label", "rule", "article_id", "text")
    ]
    assert lines["article_id"].tolist() == ["kz-ru-memorandum-2025.1"] * 7 + [""] * 2
    with pytest.raises(ProjectError, match="did you mean 'iwpr-2006'"):
        load_lines("iwpr2006", project=project)


def test_a_project_without_texts_has_empty_tables(copy: Project) -> None:
    for name in ("sources", "articles"):
        file = copy.data / f"{name}.csv"
        file.write_text(file.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
    assert len(load_lines(project=copy)) == 0
    assert len(load_articles(project=copy)) == 0
    assert len(load_sentences(project=copy)) == 0


def test_a_changed_source_is_refused(copy: Project) -> None:
    with (copy.data / "sources" / "iwpr-2006.txt").open("ab") as file:
        file.write(b"\n")
    with pytest.raises(ProjectError, match=r"iwpr-2006\.txt: the file has changed"):
        load_sentences(project=copy)
    assert len(load_lines("iwpr-2014", project=copy)) == 70  # the others can be read
    (defect,) = defects(copy)
    assert "iwpr-2006.txt" in defect


def test_a_missing_source_is_named(copy: Project) -> None:
    (copy.data / "sources" / "iwpr-2014.txt").unlink()
    with pytest.raises(ProjectError, match=r"iwpr-2014\.txt"):
        load_articles(project=copy)


def test_a_text_that_is_not_listed_is_named(copy: Project) -> None:
    for name in ("new.txt", "desktop.ini", "Thumbs.db", ".DS_Store"):
        (copy.data / "sources" / name).write_bytes(b"New text.")
    assert defects(copy) == ["sources.csv: no row for sources/new.txt; add one"]


def test_an_article_without_metadata_is_named(copy: Project) -> None:
    rewrite(copy.data / "articles.csv", {}, drop="modern-diplomacy-2021.3")
    with pytest.raises(ProjectError, match=r"no row for modern-diplomacy-2021\.3"):
        load_articles(project=copy)
    (defect,) = (found for found in defects(copy) if "no row for" in found)
    assert "modern-diplomacy-2021.3" in defect


def test_metadata_without_an_article_are_named(copy: Project) -> None:
    change = {("iwpr-2006.1", "article_id"): "iwpr-2006.2"}
    rewrite(copy.data / "articles.csv", change)
    with pytest.raises(ProjectError) as caught:
        load_articles(project=copy)
    assert "no row for iwpr-2006.1" in str(caught.value)
    assert "iwpr-2006.2 is not in its raw text" in str(caught.value)
    found = [d for d in defects(copy) if "raw text" in d]
    assert len(found) == 2


@pytest.mark.parametrize("source", ["iwpr", ["iwpr-2006"], 7])
def test_a_source_that_is_none_is_one_line(project: Project, source: object) -> None:
    with pytest.raises(ProjectError, match=r"unknown source .*allowed: [a-z]"):
        load_lines(source, project=project)  # type: ignore[arg-type]
