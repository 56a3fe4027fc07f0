"""Texts come in whole or not at all, described as far as they describe themselves."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from unicodedata import normalize

import pytest

from ngolib.errors import InputError
from ngolib.intake import add as adding
from ngolib.intake import reading
from ngolib.intake.judge import decode, language_of
from ngolib.project import Project
from ngolib.texts import load_articles, load_lines, load_sentences, read_source

from . import files
from .conftest import ROOT, refused, run, sound, state


def row(project, table, key, value):
    frame = Project(project.root).read_table(table)
    return frame[frame[key] == value].iloc[0]


def write(folder: Path, name: str, content: bytes | str) -> str:
    path = folder / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return str(path)


TEXT = "A new law on clubs\n\n" + "\r\n".join(files.PARAGRAPHS) + "\n"


def test_a_text_is_kept_byte_for_byte(own, tmp_path):
    file = write(tmp_path, "A New Law.txt", TEXT)
    result = run(own, "add", file, "--published", "2015-12", "--genre", "news_report")
    assert result.exit_code == 0, result.output
    sound(own)
    source = row(own, "sources", "source_id", "a-new-law")
    raw = (own.data / source["path"]).read_bytes()
    assert raw == TEXT.encode()
    assert source["sha256"] == hashlib.sha256(raw).hexdigest()
    assert (source["redistribution"], source["language"]) == ("quotes", "en")
    assert (source["original_path"], source["publisher"], source["url"]) == ("", "", "")
    article = row(own, "articles", "article_id", "a-new-law.1")
    assert article["published_start"] == "2015-12-01"
    assert article["published_end"] == "2015-12-31"
    assert (article["precision"], article["date_basis"]) == ("range", "external")
    assert (article["author"], article["author_basis"]) == ("", "to be filled in")
    assert (article["reliability"], article["relevance"]) == ("F", "not_judged")
    assert "to be filled in: author, outlet, relevance, reliability" in result.output
    articles = load_articles(project=Project(own.root)).set_index("article_id")
    assert articles.loc["a-new-law.1", "title"] == "A new law on clubs"


@pytest.mark.parametrize(
    ("name", "content", "suffix"),
    [
        ("page.html", files.page(head=files.META), ".html.orig"),
        ("paper.pdf", files.pdf(["A new law on clubs", "", *files.PARAGRAPHS]), ".pdf.orig"),
        ("paper.docx", files.word(), ".docx.orig"),
        ("strange name", files.page(head=files.META), ".html.orig"),
    ],
)
def test_documents_keep_their_original_beside_the_text(own, tmp_path, name, content, suffix):
    file = write(tmp_path, name, content)
    result = run(own, "add", file, "--id", "new")
    assert result.exit_code == 0, result.output
    sound(own)
    source = row(own, "sources", "source_id", "new")
    assert source["original_path"] == f"sources/original/new{suffix}"
    original = (own.data / source["original_path"]).read_bytes()
    assert original == Path(file).read_bytes()
    assert source["original_sha256"] == hashlib.sha256(original).hexdigest()
    assert source["original_name"] == name
    text = read_source(own.data / source["path"], sha256=source["sha256"])
    for paragraph in files.PARAGRAPHS:
        assert paragraph in text
    assert "Imprint" not in text and "All news" not in text
    (own.data / source["original_path"]).write_bytes(b"changed")
    assert "original_sha256: the file has changed" in run(own, "check").output


def test_what_a_page_says_of_itself_is_taken_with_its_basis(own, tmp_path):
    run(own, "add", write(tmp_path, "page.html", files.page(head=files.META)), "--id", "new")
    article = row(own, "articles", "article_id", "new.1")
    assert (article["author"], article["outlet"]) == ("A. Writer", "Example Post")
    assert 'name="author"' in article["author_basis"]
    assert article["published_start"] == article["published_end"] == "2015-12-03"
    assert (article["precision"], article["date_basis"]) == ("day", "external")
    assert "article:published_time" in article["date_note"]


def test_an_original_has_the_rights_of_its_text(own, tmp_path):
    from ngolib.exchange.archive import _restricted

    file = write(tmp_path, "page.html", files.page(head=files.META))
    run(own, "add", file, "--id", "closed")
    other = files.page([p.replace("club", "union") + " Over there." for p in files.PARAGRAPHS])
    more = ("--id", "open", "--redistribution", "full", "--similar")
    assert run(own, "add", write(tmp_path, "other.html", other), *more).exit_code == 0
    kept, free = _restricted(Project(own.root), {})
    names = {"data/sources/closed.txt", "data/sources/original/closed.html.orig"}
    assert names <= set(kept)
    assert {name.replace("closed", "open") for name in names} == free


@pytest.mark.parametrize(
    ("head", "note"),
    [
        (files.META + '<meta name="date" content="2016-01-01">', "contradicts itself"),
        ('<meta charset="utf-8"><meta name="date" content="yesterday">', "not understood"),
        ('<meta charset="utf-8">', "to be filled in"),
        ('<meta charset="utf-8"><meta name="date" content="2015-02-31">', "not understood"),
    ],
)
def test_a_date_that_is_not_sure_stays_open_and_is_marked(own, tmp_path, head, note):
    run(own, "add", write(tmp_path, "page.html", files.page(head=head)), "--id", "new")
    article = row(own, "articles", "article_id", "new.1")
    assert (article["published_start"], article["precision"]) == ("", "unresolved")
    assert note in article["date_note"] and "to be filled in" in article["date_note"]


def test_the_author_of_a_document_is_not_taken_for_that_of_the_text(own, tmp_path):
    run(own, "add", write(tmp_path, "paper.docx", files.word()), "--id", "new")
    article = row(own, "articles", "article_id", "new.1")
    assert (article["author"], article["author_basis"]) == ("", "to be filled in")


def _p(*parts):
    return f"<w:p>{''.join(parts)}</w:p>"


def _r(text, kind="t", how=""):
    return f"<w:r>{how}<w:{kind} xml:space='preserve'>{text}</w:{kind}></w:r>"


def _cell(*parts, how=""):
    return f"<w:tc><w:tcPr>{how}</w:tcPr>{''.join(parts)}</w:tc>"


RAISED, TWO = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>', '<w:gridSpan w:val="2"/>'
DOWN, UNDER = '<w:vMerge w:val="restart"/>', '<w:vMerge w:val="continue"/>'
BEFORE = '<w:gridBefore w:val="1"/>'
INNER = f"<w:tbl><w:tr>{_cell(_p(_r('left')))}{_cell(_p(_r('right')))}</w:tr></w:tbl>"
SHOWN = [
    (_p(_r("Article 10"), _r("1", how=RAISED), _r(" on clubs")), ["Article 10¹ on clubs"]),
    (_p(_r("Clubs "), f"<w:ins w:id='1'>{_r('must')}</w:ins>", _r(" pay")), ["Clubs must pay"]),
    (_p(_r("Clubs pay"), f"<w:del w:id='1'>{_r(' not', 'delText')}</w:del>"), ["Clubs pay"]),
    (_p(_r("Clubs"), _r(" do not", how="<w:rPr><w:dstrike/></w:rPr>"), _r(" pay")), ["Clubs pay"]),
    (_p(_r("Article 10"), _r("1", how='<w:rPr><w:position w:val="6"/></w:rPr>'), _r(" says")),
     ["Article 10¹ says"]),
    (_p(_r("One"), "<w:r><w:cr/></w:r>", _r("Two")), ["One", "Two"]),
    (_p(_r("By "), f"<w:fldSimple w:instr='REF x'>{_r('law 5')}</w:fldSimple>"), ["By law 5"]),
    (f"<w:sdt><w:sdtContent>{_p(_r('In a form'))}</w:sdtContent></w:sdt>", ["In a form"]),
    (_p(_r("One"), '<w:r><w:br w:type="page"/></w:r>', _r("Two")), ["One", "Two"]),
    (f"<w:tbl><w:tr>{_cell(_p(_r('a')), how=TWO)}{_cell(INNER, _p(_r('b')))}</w:tr></w:tbl>",
     ["a |  | left right b"]),
    (f"<w:tbl><w:tr>{_cell(_p(_r('Almaty')))}{_cell(_p(_r('120')), how=DOWN)}{_cell(_p(_r('7')))}"
     f"</w:tr><w:tr>{_cell(_p(_r('Astana')))}{_cell(_p(), how=UNDER)}{_cell(_p(_r('9')))}</w:tr>"
     "</w:tbl>", ["Almaty | 120 | 7", "Astana |  | 9"]),
    (f"<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr>{_cell(_p(_r('Region')), how=DOWN)}"
     f"{_cell(_p(_r('Number')), how=TWO)}</w:tr><w:tr>{_cell(_p(), how=UNDER)}"
     f"{_cell(_p(_r('2001')))}{_cell(_p(_r('2002')))}</w:tr></w:tbl>",
     ["Region | Number |", "| 2001 | 2002"]),
    (f"<w:tbl><w:tr>{_cell(_p(_r('2019')), how=TWO + DOWN)}{_cell(_p(_r('22')))}</w:tr><w:tr>"
     f"{_cell(_p(), how=TWO + UNDER)}{_cell(_p(_r('23')))}</w:tr></w:tbl>",
     ["2019 |  | 22", "|  | 23"]),
    (f"<w:tbl><w:tr>{_cell(_p(_r('Region')))}{_cell(_p(_r('2001')))}{_cell(_p(_r('2002')))}</w:tr>"
     f"<w:tr><w:trPr>{BEFORE}</w:trPr>{_cell(_p(_r('5')))}{_cell(_p(_r('7')))}"
     "</w:tr></w:tbl>", ["Region | 2001 | 2002", "| 5 | 7"]),
]  # fmt: skip


@pytest.mark.parametrize(("more", "lines"), SHOWN)
def test_a_document_is_read_as_it_is_shown(more, lines):
    text = reading.read(files.word(more=more)).text.splitlines()
    assert text == ["A new law on clubs", *files.PARAGRAPHS, "Clubs | 12", *lines]


RAISED_TOO = {
    "<b>1</b>": "¹", "1-1": "¹⁻¹", '<span style="color:red">2</span>': "²", "1)": "¹⁾", "th": "th",
}  # fmt: skip


@pytest.mark.parametrize("inner", RAISED_TOO)
def test_raised_numbers_of_any_form_stay_apart(inner):
    page = files.page([f"Article 10<sup>{inner}</sup> says. {files.PARAGRAPHS[0]}"])
    text = reading.read(page.encode(), suffix=".html").text
    assert f"Article 10{RAISED_TOO[inner]} says." in text


READS_AS = {
    "It was <noindex>not</noindex> signed on <time datetime='2012-07-13'>13 July</time> by all.":
        "It was not signed on 13 July by all.",
    "He said <q>we will not pay</q> and <del\n>one</del><ins>two</ins> of <s>the</s> groups left.":
        "He said “we will not pay” and two of  groups left.",
    "<center>Chapter 1. What this law is about</center>": "Chapter 1. What this law is about",
    "<ol start='5'><li>The operator keeps the register.</li></ol>":
        "- 5. The operator keeps the register.",
    "<ol><li>First rule<ol><li><p>Nested</p></li></ol></li><li value='7'>Second<p>more of it</p>"
    "</li><li>Third</li></ol>": "- 1. First rule - 1. Nested - 7. Second more of it - 8. Third",
    "<ol reversed><li>The last</li><li>The first</li></ol>": "- 2. The last - 1. The first",
    "<ol type='a'><li>An operator</li></ol>": "- An operator",
    "<ol style='list-style: none'><li>1) An operator</li></ol>": "- 1) An operator",
    "Article 10<span style='vertical-align: super'>1</span> says": "Article 10¹ says",
    "<span style='text-decoration:line-through'>Old </span>A <label>glossary</label> word<i hidden>"
    " no</i>": "A glossary word",
}  # fmt: skip


@pytest.mark.parametrize("shown", READS_AS)
def test_no_word_of_a_page_is_lost_nor_one_that_is_struck_out_taken(shown):
    page = files.page([files.PARAGRAPHS[0], shown, *files.PARAGRAPHS])
    found = reading.read(page.encode(), suffix=".html")
    assert " ".join(READS_AS[shown].split()) in " ".join(found.text.split())
    struck = any(mark in shown for mark in ("<del", "line-through"))
    assert ("left out: words struck out or hidden (2)" in found.notes) == struck
    assert ("left out: letters or Roman" in " ".join(found.notes)) == ("type='a'" in shown)


def test_headings_and_lists_of_a_page_without_an_article_come_in():
    heads = [f"Article {n}. On clubs of citizens" for n in range(3)]
    parts = [f"<h3>{head}</h3><p>{files.PARAGRAPHS[0]}</p><p>2. Void.</p>" for head in heads]
    items = "<ul><li>Branches register anew.</li><li>Donors are named.</li></ul>"
    cell = "<table><tr><td>Grounds</td><td><ul><li>no charter<li>no address</ul></td></tr></table>"
    body = f"<div class='document'><h1>On clubs and funds</h1>{''.join(parts)}{items}{cell}</div>"
    for inner in (body, body.removeprefix("<div class='document'>").removesuffix("</div>")):
        text = reading.read(f"<html><body>{inner}</body></html>".encode(), suffix=".html").text
        assert all(head in text for head in heads) and text.count("2. Void.") == 3
        assert "Branches register anew." in text and "no charter; no address" in text


def test_letters_of_neither_language_are_told():
    text = " ".join(["Фонд помогает сиротам по всей стране и ждёт нового закона."] * 9)
    raw = f"{text} Жаңа Қазақстан".encode("kz1048")
    assert any("letters of neither" in note for note in reading.read(raw).notes)
    assert not any("neither" in note for note in reading.read(text.encode("cp1251")).notes)


def test_a_page_in_three_languages_is_not_told_as_kazakh_alone():
    english = ["The fund helps orphans all over the country and waits for a new law."]
    parts = ["\n".join(4 * part) for part in (files.KAZAKH, files.RUSSIAN, english)]
    assert language_of(parts[0]) == ("kk", True)
    assert language_of("\n".join(parts))[1] is False
    for between in "\n", " | ":
        pairs = zip(files.KAZAKH, files.RUSSIAN, strict=True)
        turns = "\n".join(between.join(pair) for pair in pairs)
        assert language_of("\n".join([turns] * 5))[1] is False


def test_english_text_is_read_as_browsers_do():
    text = "\n".join(["“Mr Jürgen’s résumé” went – at last – to a naïve café; he paid £20."] * 3)
    found = reading.read(text.encode("cp1252"))
    assert (found.text, found.encoding) == (text, "cp1252")


RUSSIAN = "<p>Закон принят.</p><p>Организация обязана отчитываться о средствах из-за рубежа.</p>"


@pytest.mark.parametrize("codec", ["cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic"])
@pytest.mark.parametrize("links", [0, 100])
def test_what_stands_in_tags_does_not_change_what_the_encoding_is_taken_for(links, codec):
    beside = "<div class='menu'><a href='/some/page.html'>Menu</a></div>" * links
    raw = f"<html><body>{beside}{RUSSIAN}{beside}</body></html>".encode(codec)
    assert decode(raw) == decode(raw, codec) == (raw.decode(codec), codec)
    with pytest.raises(InputError, match=f"looks like {codec}"):
        decode(raw, "windows-1252")


NO_TEXTS = {
    b"From: <Saved by Blink>\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\n<html>": "saved as MHTML",
    b"Delivered-To: a@b\n" + b"ARC-Seal: x\n" * 500 + b"MIME-Version: 1.0\n\n": "it is a mail",
    b"From l@hr.org Mon Jun  2 2014\nReceived: by x\n\n": "it is a mail",
    b"Return-Path: <a@b>\nSubject: x\n\n": "it is a mail",
    b"1234\nDelivered-To: a@b\n\n": "it is a mail",
    b'\xef\xbb\xbf<?xml version="1.0"?><TEI>': "XML or JSON",
    b'<?xml version="1.0"?><FictionBook>': "XML or JSON",
    b'{"cells": [], "nbformat": 4, "words": "': "XML or JSON",
}


def test_a_text_with_a_head_of_its_own_is_no_mail():
    head = "Title: On clubs\nReceived: 12 March 2014\nDelivered-to: all members\n\n"
    text = head + " ".join(files.PARAGRAPHS)
    assert reading.read(text.encode()).text == text


def test_a_text_that_begins_with_a_bracket_is_no_json():
    text = "[Unofficial translation] " + " ".join(files.PARAGRAPHS)
    assert reading.read(text.encode()).text == text


@pytest.mark.parametrize("head", NO_TEXTS)
def test_a_file_that_is_text_only_in_form_is_refused(head):
    with pytest.raises(InputError, match=NO_TEXTS[head]):
        reading.read(head + " ".join(files.PARAGRAPHS).encode() + b'"}' * head.startswith(b"{"))


def test_a_raised_number_of_the_title_stays_apart():
    page = files.page(
        [files.PARAGRAPHS[0], *files.PARAGRAPHS], title="Article 10<sup>1</sup> of it"
    )
    text = reading.read(page.encode(), suffix=".html").text
    assert "Article 10¹ of it" in text and "101" not in text


def test_what_a_document_holds_and_its_reader_does_not_is_told():
    math = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    formula = f"<m:oMath xmlns:m='{math}'><m:r><m:t>x</m:t></m:r></m:oMath>"
    more = _p(_r("As "), formula) + _p(_r("hidden", how="<w:rPr><w:vanish/></w:rPr>"))
    notes = reading.read(files.word(more=more)).notes
    assert "left out, with the words in them: oMath" in notes
    assert "hidden text is taken as if it were shown" in notes


def test_raised_digits_of_a_page_stay_apart():
    page = files.page(
        [f"Article 10<sup>1</sup> and m<SUP class='x'> 2 </SUP>. {files.PARAGRAPHS[0]}"]
    )
    assert "Article 10¹ and m²." in reading.read(page.encode(), suffix=".html").text


@pytest.mark.parametrize(("language", "paragraphs"), [("ru", files.RUSSIAN), ("kk", files.KAZAKH)])
def test_russian_and_kazakh_are_kept_and_labelled(own, tmp_path, language, paragraphs):
    file = write(tmp_path, "Новый закон.html", files.page(paragraphs, title=paragraphs[0][:40]))
    result = run(own, "add", file)
    assert result.exit_code == 0, result.output
    assert row(own, "sources", "source_id", "novyi-zakon")["language"] == language
    sentences = load_sentences(project=Project(own.root))
    assert (sentences["article_id"] == "novyi-zakon.1").sum() >= len(paragraphs)
    sound(own)


@pytest.mark.parametrize("codec", ["kz1048", "ptcp154"])
def test_encodings_that_are_only_kazakh_are_known(codec):
    text = "\n".join(files.KAZAKH)
    found = reading.read(text.encode(codec))
    assert (found.text, found.encoding) == (text, codec)
    page = files.page(files.KAZAKH, head='<meta charset="windows-1251">').encode(codec)
    with pytest.raises(InputError, match=f"windows-1251, which is not so.*{codec}"):
        reading.read(page, suffix=".html")


def test_a_text_that_is_nearly_utf_8_is_refused():
    raw = "\n".join(files.RUSSIAN).encode()
    english = "The ministry’s office – and the court’s – said that a café is no club. " * 3
    cut = english.encode()[: english.encode().rindex("é".encode()) + 1]
    for broken in (raw + b"\xd0", raw.replace(b"2015", b"2015\xa0"), cut):
        with pytest.raises(
            InputError, match=r"UTF-8 but for . of its characters, the first in line"
        ):
            reading.read(broken)


def test_another_encoding_is_kept_as_the_original(own, tmp_path):
    text = "\n".join(["Закон о клубах", "", *files.RUSSIAN])
    result = run(own, "add", write(tmp_path, "old.txt", text.encode("cp1251")))
    assert result.exit_code == 0, result.output
    source = row(own, "sources", "source_id", "old")
    assert read_source(own.data / source["path"]) == text
    assert (own.data / source["original_path"]).read_bytes() == text.encode("cp1251")
    assert "cp1251" in source["note"]


def test_what_is_given_is_checked_before_anything_is_written(own, tmp_path):
    file, before = write(tmp_path, "new.txt", TEXT), state(own)
    given = {"published": "not a day", "genre": "report"}
    told = {"published": "allowed: YYYY, YYYY-MM or YYYY-MM-DD", "genre": "unknown genre 'report'"}
    for name in given:
        refused(own, run(own, "add", file, f"--{name}", given[name]), before, told[name])
    refused(own, run(own, "add", file, "--published", "1015"), before, "allowed: 1917 or later")
    given = {"published": "2015-12-03", "author": "A. Writer", "outlet": "The\u200b Post"}
    given |= {"genre": "news_report", "relevance": "on_topic"}
    result = run(own, "add", file, *(f"--{name}={text}" for name, text in given.items()))
    assert result.exit_code == 0, result.output
    article = row(own, "articles", "article_id", "new.1")
    assert (article["author"], article["outlet"]) == ("A. Writer", "The Post")
    assert article["author_basis"] == "given by whoever added the text"
    assert (article["genre"], article["published_start"]) == ("news_report", "2015-12-03")
    sound(own)


def test_a_dry_run_says_all_and_writes_nothing(own, tmp_path):
    before = state(own)
    result = run(own, "add", write(tmp_path, "new.txt", TEXT), "--dry-run")
    assert result.exit_code == 0
    assert "would be added  new" in result.output
    assert state(own) == before


def test_a_changed_republication_is_reported(own, tmp_path):
    text = read_source(own.data / "sources" / "iwpr-2014.txt")
    changed = text.replace("Kazakstan", "Kazakhstan")[: len(text) * 3 // 4] + " And a new end."
    file = write(tmp_path, "again.txt", changed)
    before = state(own)
    refused(own, run(own, "add", file), before, "changed re-publication", "iwpr-2014", "--similar")
    result = run(own, "add", file, "--similar")
    assert result.exit_code == 0, result.output
    assert "near to iwpr-2014" in row(own, "sources", "source_id", "again")["note"]


BAD = {
    "empty.txt": (b"", "it is empty"),
    "blank.html": (files.page([], title="").encode(), "no text was found"),
    "few.txt": (b"One two three.", "no text was found"),
    "scan.pdf": (files.pdf([]), "a PDF without text, scanned perhaps"),
    "broken.pdf": (b"%PDF-1.7\nnothing", "a PDF that cannot be read"),
    "login.html": (
        files.page(["Please log in to read this article on our site."],
                   body='<form><input type="password" name="p"></form>').encode(),
        "login form",
    ),
    "gone.html": (
        files.page(["The page that you look for is not here any more, go back to the start."],
                   title="Страница не найдена").encode(),
        "it is no article: its title is 'Страница не найдена | Example Post'",
    ),
    "wall.html": (
        files.page(["Enable cookies, and wait for some seconds while your browser is looked at."],
                   title="Just a moment...").encode(),
        "it is no article: its title is 'Just a moment...",
    ),
    "bomb.docx": (files.bomb(), "would unpack to 64 MiB"),
    "other.zip": (b"PK\x03\x04 broken", "its DOCX: no zip file, or a broken one"),
    "old.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old Word"),
    "picture.png": (b"\x89PNG\r\n\x1a\n\0\0\0\0", "neither text, HTML, PDF nor DOCX"),
    "script.html": (
        b"<html><head><script>document.write('a text of many words that is made by a script "
        b"only and never stands in the page')</script></head><body></body></html>",
        "made by scripts, which are not run",
    ),
    "declared.html": (
        files.page(files.RUSSIAN, head='<meta charset="windows-1251">').encode("utf-8"),
        "declared as windows-1251, but it is UTF-8",
    ),
    "undeclared.html": (
        files.page(files.RUSSIAN, head='<meta charset="utf-8">').encode("cp1251"),
        "declared as utf-8, which is not so; it looks like cp1251",
    ),
    "koi.html": (
        files.page(files.RUSSIAN, head='<meta charset="koi8-r">').encode("cp1251"),
        "declared as koi8-r, which is not so",
    ),
    "unknown.html": (
        files.page(files.RUSSIAN, head='<meta charset="martian">').encode("cp1251"),
        "'martian', which is not known",
    ),
    "german.txt": (
        "Das neue Gesetz über Vereine\n\nDer Präsident unterzeichnete das Gesetz im Dezember und "
        "viele Vereine fürchten nun strengere Prüfungen durch das Ministerium.".encode(),
        "its language looks like 'de'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_one_line(own, tmp_path, name):
    content, words = BAD[name]
    before = state(own)
    refused(own, run(own, "add", write(tmp_path, name, content)), before, name, words)


def test_a_wrong_declaration_can_be_overruled(own, tmp_path):
    file = write(tmp_path, "undeclared.html", BAD["undeclared.html"][0])
    result = run(own, "add", file, "--encoding", "windows-1251")
    assert result.exit_code == 0, result.output


def test_a_large_file_is_refused_unread(own, tmp_path):
    before = state(own)
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    refused(own, run(own, "add", str(path)), before, "200.0 MiB; allowed: 20 MiB")


@pytest.mark.parametrize("name", ["iwpr-2006.txt", "modern-diplomacy-2021.txt"])
def test_a_text_that_is_there_is_refused(own, name):
    before = state(own)
    refused(own, run(own, "add", str(ROOT / "data/sources" / name)), before, "there already")


def test_the_same_words_in_another_file_are_refused(own, tmp_path):
    text = read_source(own.data / "sources" / "iwpr-2006.txt").replace("\n", "\r\n\r\n") + "\n"
    before = state(own)
    file = write(tmp_path, "same.txt", text)
    refused(own, run(own, "add", file), before, "the same words as iwpr-2006")


def test_one_bad_file_does_not_stop_the_others(own, tmp_path):
    names = [write(tmp_path, name, BAD[name][0]) for name in ("empty.txt", "scan.pdf")]
    good = write(tmp_path, "good.txt", TEXT)
    twin = write(tmp_path, "twin.html", files.page())
    result = run(own, "add", names[0], good, names[1], twin)
    assert result.exit_code == 1
    assert "added  good" in result.output
    errors = [line for line in result.stderr.splitlines() if line]
    assert len(errors) == 3
    assert "twin.html: it is there already: the same words as good" in errors[2]
    sound(own)


HOSTILE = (
    '<script>alert("stolen words of a script")</script><style>p{content:"styled"}</style>'
    '<img src=x onerror="alert(1)"><iframe srcdoc="<script>x</script>"></iframe>'
)


def test_a_file_that_chokes_its_reader_stops_nothing_else(own, tmp_path, apart):
    """Nested a million times, it may break the library that reads it, in whatever way."""
    deep = "<div>" * 1_000_000 + files.PARAGRAPHS[0]
    names = [write(tmp_path, "deep.html", f"<html><body>{deep}"), write(tmp_path, "good.txt", TEXT)]
    result = run(own, "add", *names, "--similar")
    assert "added  good" in result.output
    assert "Traceback" not in result.output and len(result.stderr.splitlines()) <= 1
    sound(own)


@pytest.mark.parametrize("zone", ["UTC-5", "<+05>-5", "ALMT"])
def test_no_name_of_a_zone_keeps_a_page_out(own, tmp_path, apart, monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    shown = files.page().replace("</h1>", "</h1><p>12 марта 2016 г.</p>")
    result = run(own, "add", write(tmp_path, "page.html", shown), "--id", "new")
    assert result.exit_code == 0, result.output
    assert row(own, "articles", "article_id", "new.1")["published_start"] == "2016-03-12"


def test_a_file_that_takes_forever_is_given_up(own, tmp_path, apart, monkeypatch):
    monkeypatch.setattr(reading, "SECONDS", 0.2)
    before = state(own)
    file = write(tmp_path, "slow.txt", TEXT)
    refused(own, run(own, "add", file), before, "takes longer than 0.2 seconds to read")


@pytest.mark.parametrize("blank", ["", " ", "\t", "\xa0"])
def test_an_author_of_blanks_is_not_given(own, tmp_path, blank):
    file = write(tmp_path, "page.html", files.page(head=files.META))
    run(own, "add", file, "--id", "new", "--author", blank)
    assert row(own, "articles", "article_id", "new.1")["author"] == "A. Writer"


def test_an_author_that_only_the_page_shows_is_a_guess(own, tmp_path):
    body = '<div class="author">By <a rel="author" href="/a">Ms Jane Example</a></div>'
    page = files.page().replace("</h1>", f"</h1>{body}")
    run(own, "add", write(tmp_path, "page.html", page), "--id", "new")
    article = row(own, "articles", "article_id", "new.1")
    assert article["author"] == "Ms Jane Example"
    assert article["author_basis"].startswith("a guess, found on the page")


def linked(**said: object) -> str:
    """JSON-LD in the head of a page."""
    return f'<script type="application/ld+json">{json.dumps(said)}</script>'


def meta(**tags: str) -> str:
    """Tags in the head of a page, their colons written as two underscores."""
    return '<meta charset="utf-8">' + "".join(
        f'<meta property="{name.replace("__", ":")}" content="{value}">'
        for name, value in tags.items()
    )


def under(words: str) -> dict[str, str]:
    """A page with words beside its title."""
    return {"head": '<meta charset="utf-8">', "beside": f"<p>{words}</p>"}


WRITER = {"@type": "Person", "@id": "#1", "name": "Jane Writer"}
SAID = {
    "a user is no author": (
        {"head": meta(twitter__creator="@Post", author="admin")},
        {"author": ""},
    ),
    "an agency is no author": ({"head": meta(author="Associated Press in Town")}, {"author": ""}),
    "an outlet is no author": (
        {"head": meta(author="Example Post", og__site_name="Example Post")},
        {"author": "", "outlet": "Example Post"},
    ),
    "a photo credit is no author": (
        {"head": "", "beside": '<div class="author">Фото из архива Клуба</div>'},
        {"author": ""},
    ),
    "an office is no author": (
        {"head": linked(author={"@type": "Organization", "name": "A Club"})},
        {"author": ""},
    ),
    "who drew is no author": (
        {"head": linked(**{"@graph": [
            {"@type": "VideoObject", "author": {"name": "Joe Painter"}},
            {"@type": "NewsArticle", "author": {"@id": "#1"}}, WRITER]})},
        {"author": "Jane Writer"},
    ),
    "who translated is no author": (
        {"head": "", "beside": '<div class="author">Перевод Анны Кузнецовой</div>'},
        {"author": ""},
    ),
    "one moment in two time zones": (
        {"head": meta(article__published_time="2015-12-03T02:00:00+05:00")
         + linked(**{"@type": "NewsArticle"}, datePublished="2015-12-02T21:00:00Z")},
        {"published_start": "2015-12-03"},
    ),
    "two days without a time zone": (
        {"head": meta(article__published_time="2015-12-03")
         + linked(**{"@type": "NewsArticle"}, datePublished="2015-12-02T21:00:00Z")},
        {"published_start": ""},
    ),
    "signs are cut off": ({"head": meta(author="Асан Үсенов ·")}, {"author": "Асан Үсенов"}),
    "a byline": (under("Автор: <b>А. Әлиева</b>"), {"author": "А. Әлиева"}),
    "a day in Russian": (under("10 июня 2013, 14:20"), {"published_start": "2013-06-10"}),
    "a day in Kazakh": (under("2025 ж. 4 маусым"), {"published_start": "2025-06-04"}),
    "a day in numbers": (under("Клуб · 04.06.2025 10:00"), {"published_start": "2025-06-04"}),
    "numbers that may be swapped": (under("04/06/2025"), {"published_start": ""}),
    "two days": (under("June 1, 2013, changed June 3, 2013"), {"published_start": ""}),
    "a section is no outlet": (
        {"head": meta(og__site_name="Politics") + linked(**{"@type": "Article"},
            publisher={"@type": "Organization", "name": "Example Post"})},
        {"outlet": "Example Post"},
    ),
    "the end of a title alone": ({"head": meta()}, {"outlet": ""}),
    "the end of a title and a sign of rights": (
        under("Copyright © 2019-2025 Example Post. All rights reserved."),
        {"outlet": "Example Post", "outlet_basis": "a guess, found on the page: check it"},
    ),
    "a logo and a sign of rights": (
        under('<a href="/"><img alt="Логотип: Пост-Инфо"></a><span>© Служба «Пост-Инфо»</span>')
        | {"site": ""},
        {"outlet": "Пост-Инфо"},
    ),
    "a logo and an address": (
        {"head": '<link rel="canonical" href="https://www.npr.org/1">', "site": " : Blog : NPR",
         "beside": '<a href="https://www.npr.org/"><img alt="NPR logo"></a>'},
        {"outlet": "NPR"},
    ),
    "who made a site is no outlet": (
        under('<a href="https://studio.example/">Studio</a> <b>© 2025. Made by «Studio»</b>'),
        {"outlet": ""},
    ),
    "an age is no outlet": (
        under('<a class="logo" href="/">18+</a> <b>© 2025. All rights reserved. 18+</b>'),
        {"outlet": ""},
    ),
    "the end of a title that is an address": (
        {"head": meta(), "site": " | Post.kz"}, {"outlet": "Post.kz"},
    ),
    "a slogan is no outlet": (
        {"head": meta(og__site_name="Example Post. All the news of the town and of its clubs"),
         "site": "", "beside": '<div class="logo">Example Post</div>'},
        {"outlet": "Example Post"},
    ),
    "an address is no outlet": (
        {"head": '<link rel="canonical" href="https://post.example.org/1">', "site": ""},
        {"outlet": "", "outlet_basis": "to be filled in; the page lies at example.org"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_of_a_page_only_what_it_says_comes_in(own, tmp_path, name):
    how, expected = SAID[name]
    page = files.page(head=how["head"]).replace("</h1>", f"</h1>{how.get('beside', '')}")
    page = page.replace(" | Example Post", how.get("site", " | Example Post"))
    result = run(own, "add", write(tmp_path, "page.html", page), "--id", "new")
    assert result.exit_code == 0, result.output
    article = row(own, "articles", "article_id", "new.1")
    assert {column: article[column] for column in expected} == expected


@pytest.mark.parametrize("ends", ["| Example Post", "· Example Post", "- Example Post"])
def test_what_the_site_adds_to_a_title_is_cut_off(own, tmp_path, ends):
    head = meta(og__title=f"A new law on clubs {ends}", og__site_name="Example Post")
    file = write(tmp_path, "page.html", files.page(head=head))
    result = run(own, "add", file, "--id", "new", "--dry-run")
    assert "  title: A new law on clubs\n" in result.output


def test_a_text_that_only_linked_data_hold_comes_in(own, tmp_path):
    text = " ".join(f"Sentence {n} of the article holds words." for n in range(60))
    head = meta() + linked(**{"@type": "Article"}, articleBody=text)
    page = files.page(head=head)
    result = run(own, "add", write(tmp_path, "page.html", page), "--id", "new")
    assert "text of the page's JSON-LD" in result.output and "(few" not in result.output
    assert "Sentence 59 of" in read_source(own.data / "sources" / "new.txt")


def test_a_field_called_like_linked_data_is_none(own, tmp_path):
    places = "".join(f"<li><p>Town {n}</p></li>" for n in range(300))
    page = files.page(body=f"<nav><ul>{places}</ul></nav>", head=meta())
    page = page.replace("<article>", '<div itemprop="articleBody">').replace("</article>", "</div>")
    run(own, "add", write(tmp_path, "page.html", page), "--id", "new")
    assert "Town" not in read_source(own.data / "sources" / "new.txt")


def test_a_lead_that_stands_outside_of_the_text_comes_in(own, tmp_path):
    lead = "The clubs of the town fear a law that nobody has seen, and ask for a hearing."
    head = meta(og__description=lead)
    page = files.page(head=head).replace("<article>", f"<header><p>{lead}</p></header><article>")
    run(own, "add", write(tmp_path, "page.html", page), "--id", "new")
    assert read_source(own.data / "sources" / "new.txt").count(lead) == 1


def test_a_sentence_among_the_text_that_is_left_out_is_told():
    lead = "The clubs of the town fear a law that nobody has seen, and ask for a hearing."
    page = files.page().replace("</h1>", "</h1><div>").replace("</article>", "</div></article>")
    page = page.replace("article>", "div>")
    led = page.replace("</h1>", f'</h1><div class="x7">{lead}</div>')
    hid = page.replace("</h1><div>", f'</h1><div><p style="display:none">{lead}</p>')
    caption = page.replace("</h1>", f"</h1><figure><figcaption>{lead}</figcaption></figure>")
    told = "left out, shown among the text (1): The clubs of the town fear …"
    video = page.replace("</h1>", f"</h1><video>{lead}</video>")
    for shown, notes in ((page, []), (led, [told]), (hid, [told]), (caption, []), (video, [])):
        found = reading.read(shown.encode(), suffix=".html")
        assert (found.notes, lead in found.text) == (notes, False)


LOST = "A senator gave another opinion, and asked to put the bill off until the autumn."
LOSING = {
    "a quotation set apart": (
        f"<figure class='wp-block-pullquote'><blockquote><p>{LOST}</p><cite>A. B.</cite>"
        "</blockquote></figure>"
    ),
    "a post of elsewhere": (
        "<figure class='wp-block-embed'><div><blockquote class='twitter-tweet'>"
        f"<p>{LOST}</p></blockquote></div></figure>"
    ),
    "links and bold words": (
        '<div class="widget"><p>A <a href="/a">senator</a> gave <b>another opinion</b>, and '
        '<a href="/b">asked to put</a> the bill off <i>until the autumn</i>.</p></div>'
    ),
    "an aside in the article": f"<aside class='quote'><p>{LOST}</p></aside>",
    "a few words": "<div class='widget'><p>The fine is a hundred units.</p></div>",
    "a quotation mark at the end": (
        '<div class="widget"><p>“No,” she said, "we shall go to every court."</p></div>'
    ),
}


@pytest.mark.parametrize("block", LOSING.values(), ids=LOSING)
@pytest.mark.parametrize("before", ["<p>Parliament", "</article>"])
def test_a_sentence_is_taken_or_told_wherever_it_stands_in_an_article(block, before):
    page = files.page().replace(before, f"{block}{before}", 1)
    for body in ("<body>", '<body class="single comments-open">'):
        shown = page.replace("<body>", body)
        found = reading.read(shown.encode(), suffix=".html")
        assert "left out, shown among the text (1)" in "".join(found.notes)


@pytest.mark.parametrize("holder", ["main", "div"])
def test_an_aside_among_paragraphs_is_told_where_nothing_is_an_article(holder):
    block = f"<aside class='quote'><p>{LOST}</p></aside><p>Parliament"
    page = files.page().replace("<p>Parliament", block, 1)
    page = page.replace("<article", f"<{holder}").replace("</article>", f"</{holder}>")
    notes = reading.read(page.encode(), suffix=".html").notes
    assert "left out, shown among the text (1)" in "".join(notes)


def test_a_word_with_soft_hyphens_is_not_told_as_left_out():
    page = files.page().replace("Parliament", "Parlia&shy;ment")
    assert reading.read(page.encode(), suffix=".html").notes == []


# What a page shows beside its article, or in it, and what is not taken from it.
NOT_OF_THE_PAGE = {
    "a day in a sentence": (
        "<p>Parliament",
        '<p>The law, signed on <a href="/law">December 2, 2015</a>, binds all clubs.</p>',
        "published",
    ),
    "a bold day in a sentence": (
        "<p>Parliament", "<p>The attack of <b>5 June 2016</b> was told of since.</p>", "published",
    ),
    "the day of a post of elsewhere": (
        "<p>Parliament",
        '<blockquote class="twitter-tweet"><p>No law.</p><a href="/x">June 11, 2024</a>'
        "</blockquote>",
        "published",
    ),
    "the clock of the site": ("<article>", "<div>Monday, 30 November 2026</div>", "published"),
    "the clock of the site, in brief": (
        "<article>", "<div>Fri 27 November 2020</div>", "published",
    ),
    "the day of a picture": (
        "<p>Parliament",
        "<figure><figcaption>Rally in the town, 12 June 2011</figcaption></figure>",
        "published",
    ),
    "a day that is still to come": ("<p>Parliament", "<div>12 June 2099</div>", "published"),
    "who commented": (
        "</article>", '</article><div id="comments"><p>Author: Evil Troll</p></div>', "author",
    ),
    "who is quoted": (
        "<p>Parliament", "<blockquote><p>Author: Ann Other</p></blockquote>", "author",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_OF_THE_PAGE)
def test_of_what_stands_in_a_page_not_all_is_said_of_it(name):
    where, block, column = NOT_OF_THE_PAGE[name]
    before = not where.startswith("</")
    shown = f"{block}{where}" if before else block
    page = files.page().replace(where, shown, 1)
    assert not reading.read(page.encode(), suffix=".html").said.get(column)


def test_a_day_beside_the_title_is_taken_whatever_the_body_is_called():
    page = files.page().replace("</h1>", "</h1><p>12 June 2013</p>")
    page = page.replace("<body>", '<body class="has-related comments-open">')
    assert reading.read(page.encode(), suffix=".html").said["published"] == "2013-06-12"


def test_of_several_articles_a_page_is_the_one_of_which_it_shows_the_title():
    told = [
        {"headline": "A zoo", "datePublished": "2011-01-01", "author": {"name": "Ann Other"}},
        {"headline": "Law signed", "datePublished": "2015-12-03", "author": {"name": "Ed Own"}},
    ]
    linked = json.dumps([{"@type": "NewsArticle", **one} for one in told])
    head = f'<meta charset="utf-8"><script type="application/ld+json">{linked}</script>'
    page = files.page(head=head, title="Law signed").replace(" | Example Post", "")
    found = reading.read(page.encode(), suffix=".html")
    assert found.text.startswith("Law signed\n")
    assert (found.said["author"], found.said["published"]) == ("Ed Own", "2015-12-03")


@pytest.mark.parametrize("title", ["A new law on clubs", "Law signed"])
def test_a_day_that_is_shown_is_not_that_of_another_time_zone(title):
    """In Almaty it is the next year already; a title of few words is no label of the day."""
    head = '<meta charset="utf-8"><meta name="date" content="2015-12-31T20:15:00Z">'
    page = files.page(head=head, title=title).replace("</h1>", "</h1><p>1 January 2016</p>")
    said = reading.read(page.encode(), suffix=".html").said
    assert "published" not in said and "contradicts itself" in said["published_basis"]


@pytest.mark.parametrize("tag", ["footer", "cite"])
def test_who_is_quoted_stays_with_the_quotation(tag):
    who = f"<{tag} class='who'>Ms Example, minister</{tag}>"
    quoted = f"<blockquote><p>{LOST}</p>{who}</blockquote>"
    page = files.page().replace("<p>Parliament", f"{quoted}<p>Parliament", 1)
    text = reading.read(page.encode(), suffix=".html").text
    assert f"{LOST}\nMs Example, minister\nParliament" in text


def test_a_number_in_a_link_after_a_blank_is_not_raised():
    page = files.page().replace("Parliament had", 'By article <a href="#n5">5</a> Parliament had')
    assert "By article 5 Parliament" in reading.read(page.encode(), suffix=".html").text


def test_a_slogan_that_leads_to_the_first_page_is_no_title():
    slogan = '<header><h1><a href="/">All the news of the town today</a></h1></header>'
    page = files.page().replace("h1>", "h2>").replace("<article>", f"{slogan}<article>")
    assert reading.read(page.encode(), suffix=".html").text.startswith("A new law on clubs\n")


@pytest.mark.parametrize(
    "link",
    [
        '<a href="#footnote-1" class="footnote-anchor">1</a>',
        '<a href="#f1">1</a>',
        '<a href="#fn1" class="footnote-ref"><sup>1</sup></a>',
        '<a class="sdfootnoteanc" href="https://example.org/p#fn1"><sup>1</sup></a>',
        '<sup><span style="vertical-align: super"><sup>1</sup></span></sup>',
        '<span class="footnote">1</span>',
    ],
)
def test_the_mark_of_a_footnote_is_raised(link):
    for bare in (link, f"<b>5</b>{link}", f'5<a id="r"></a>{link}', f"5{link}{link}"):
        page = files.page([f"{files.PARAGRAPHS[0]} A fine of 9{bare} MCI", *files.PARAGRAPHS])
        text = reading.read(page.encode(), suffix=".html").text
        digits = re.search(r"A fine of (\S+) MCI", text)
        assert digits and re.fullmatch(r"95?¹+", digits[1]), text
    page = files.page().replace("December 2, 2015", f"December 2, 2015{link}", 1)
    assert "December 2, 2015¹, and" in reading.read(page.encode(), suffix=".html").text


@pytest.mark.parametrize("href", ["#_ftn1", "#fn:1", "https://example.org/law#cite_note-1"])
def test_the_mark_of_a_footnote_behind_a_stop_is_raised(href):
    link = f'<a href="{href}">1</a>'
    page = files.page(
        [f'{files.PARAGRAPHS[0]} It was in 2012.{link} "So",{link}', *files.PARAGRAPHS]
    )
    text = reading.read(page.encode(), suffix=".html").text
    assert "in 2012.¹ " in text and ",¹" in text


def test_raised_letters_are_told():
    page = files.page(["In 2012<sup>ii</sup> of it<sup>a</sup>, the 10<sup>th</sup> time"])
    notes = reading.read((page + files.page()).encode(), suffix=".html").notes
    assert "raised, and not told apart from what stands before (2)" in notes


def test_letters_in_parts_are_written_as_one_and_the_original_is_kept(own, tmp_path):
    apart = normalize("NFD", "\n".join(files.RUSSIAN))
    file = write(tmp_path, "apart.txt", apart)
    result = run(own, "add", file, "--id", "new")
    assert "written in parts" in result.output
    assert read_source(own.data / "sources" / "new.txt") == normalize("NFC", apart)
    original = own.data / "sources" / "original" / "new.txt.orig"
    assert original.read_bytes() == apart.encode("utf-8")


SAYS = "The court in the town has suspended the work of the club Echo for three months."
MORE = "Its head said that the ruling will be appealed against in the higher court."


@pytest.mark.parametrize(
    "block",
    [
        f"<div>{SAYS}</div>",
        f"<div><div>{SAYS}</div><div>{MORE}</div></div>",
        f"<section><div>{SAYS}</div><div>{MORE}</div></section>",
        f"<div>{SAYS}<ul><li>{MORE}</li></ul></div>",
        f"<div>{SAYS}<p>{MORE}</p></div>",
        f"<div><p>{MORE}</p>The <b>court</b> {SAYS.removeprefix('The court ')}</div>",
        f"<div>“{SAYS}”<br>– a judge</div>",
    ],
)
@pytest.mark.parametrize("holder", ["article", "div"])
def test_a_paragraph_that_is_written_as_another_block_comes_in(block, holder):
    paragraphs = [f"Paragraph {n}. {p}" for n in range(6) for p in files.PARAGRAPHS]
    page = files.page(paragraphs).replace("article>", f"{holder}>")
    shown = page.replace("<p>Paragraph 3.", f"{block}<p>Paragraph 3.", 1)
    found = reading.read(shown.encode(), suffix=".html").text
    assert found.count(SAYS) == 1 and (MORE in found) == (MORE in block)
    # Before the first paragraph it may be who wrote it, and more.
    found = reading.read(page.replace("</h1>", f"</h1>{block}").encode(), suffix=".html")
    told = any("left out, shown among the text" in note for note in found.notes)
    assert told == (found.text.count(SAYS) == 0)


@pytest.mark.parametrize("tag", ["font", "span", "details", "my-block", "li", "a"])
def test_paragraphs_within_a_tag_that_is_no_block_stay_apart_and_in_order(tag):
    items = "<ul><li>charter</li><li>address</li></ul>"
    within = f"<{tag}><p>{SAYS}</p><h3>Grounds</h3>{items}<p>{MORE}</p></{tag}>"
    for page in (files.page(), files.page().replace("article>", "div>")):
        found = reading.read(page.replace("<p>", f"{within}<p>", 1).encode(), suffix=".html")
        lines = [line.strip("- ") for line in found.text.splitlines()]
        first = lines.index(SAYS)
        assert lines[first : first + 5] == [SAYS, "Grounds", "charter", "address", MORE]


@pytest.mark.parametrize(
    "title", ["404 km of roads for clubs", "Not found guilty: two clubs", "Access denied: why so"]
)
def test_a_short_article_is_not_taken_for_a_page_that_is_none(title):
    page = files.page([SAYS, MORE], title=title)
    assert SAYS in reading.read(page.encode(), suffix=".html").text


def test_words_that_stand_bare_before_paragraphs_come_in():
    first = f"<h1>A new law on clubs</h1><div class='news-text'>{SAYS}"
    page = files.page().replace("<h1>A new law on clubs</h1>", first)
    page = page.replace("<article>", "").replace("</article>", "</div>")
    assert SAYS in reading.read(page.encode(), suffix=".html").text


OTHER = "Another article tells of a fair in the town, which is held in the summer of each year."
LEAD = "The clubs of the town have waited for this law for more than ten years now."


@pytest.mark.parametrize(
    "body",
    [
        f'<div class="site-footer"><p>{OTHER}</p></div>',
        f'<div id="popup-1"><p>{OTHER}</p></div>',
        f'<ul><li><a href="/2"><p>{OTHER}</p></a></li></ul>',
        f"<div><p>{OTHER} {' '.join(files.PARAGRAPHS)}</p></div>",
    ],
)
def test_what_stands_beside_the_text_stays_out(own, tmp_path, body):
    page = files.page(head=files.META).replace("</article>", f"{body}</article>")
    run(own, "add", write(tmp_path, "page.html", page), "--id", "new")
    text = read_source(own.data / "sources" / "new.txt")
    assert files.PARAGRAPHS[-1] in text and OTHER not in text


@pytest.mark.parametrize(("place", "there"), [("</h1>", True), ("</article>", False)])
def test_a_marked_first_paragraph_comes_in_and_a_teaser_does_not(own, tmp_path, place, there):
    page = files.page(head=files.META).replace("<p>", '<div class="text"><p>', 1)
    page = page.replace("</article>", "</div></article>")
    page = page.replace(place, f'{place}<div class="newsHeading">{LEAD}</div>')
    run(own, "add", write(tmp_path, "page.html", page), "--id", "new")
    assert (LEAD in read_source(own.data / "sources" / "new.txt")) is there


def test_a_law_is_not_called_by_the_note_that_it_is_void(own, tmp_path):
    note = "Утратил силу с 1 января 2009 года\n- Федеральный закон\nот 04.12.2006 г. N 201-ФЗ\n"
    text = f"{note}РОССИЙСКАЯ ФЕДЕРАЦИЯ\nЛесной кодекс\n{' '.join(files.RUSSIAN)}"
    page = f'<html><head><meta charset="utf-8"></head><body><pre>{text}</pre></body></html>'
    result = run(own, "add", write(tmp_path, "page.html", page), "--id", "new")
    assert "title: Лесной кодекс\n" in result.stdout, result.output


def test_few_words_are_told(own, tmp_path):
    result = run(own, "add", write(tmp_path, "page.html", files.page()), "--dry-run")
    assert "words (few: is the text whole?)" in result.output


def test_linked_data_is_named_as_the_basis(own, tmp_path):
    said = (
        '{"@type": "NewsArticle", "datePublished": "2015-12-03", "author": {"name": "A. Writer"}}'
    )
    head = f'<meta charset="utf-8"><script type="application/ld+json">{said}</script>'
    run(own, "add", write(tmp_path, "page.html", files.page(head=head)), "--id", "new")
    article = row(own, "articles", "article_id", "new.1")
    assert (article["author"], article["published_start"]) == ("A. Writer", "2015-12-03")
    assert 'JSON-LD "author"' in article["author_basis"]
    assert 'JSON-LD "datePublished": "2015-12-03"' in article["date_note"]


def test_scripts_of_a_page_never_come_into_the_text(own, tmp_path):
    file = write(tmp_path, "page.html", files.page(head=files.META + HOSTILE, body=HOSTILE))
    assert run(own, "add", file, "--id", "new").exit_code == 0
    text = (own.data / "sources" / "new.txt").read_text(encoding="utf-8")
    assert "<" not in text and "stolen" not in text and "styled" not in text
    assert {p.suffix for p in (own.data / "sources" / "original").iterdir()} == {".orig"}


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--genre", "report", "unknown genre 'report'; did you mean 'news_report'?"),
        ("--published", "2015-13", "allowed: YYYY, YYYY-MM or YYYY-MM-DD"),
        ("--language", "de", "unknown language 'de'"),
        ("--id", "Not An Id", "allowed: small letters, digits, single hyphens"),
        ("--id", "iwpr-2006", "is there already"),
    ],
)
def test_a_wrong_option_is_refused(own, tmp_path, option, value, words):
    before = state(own)
    file = write(tmp_path, "new.txt", TEXT)
    refused(own, run(own, "add", file, option, value), before, words)


# --- all or nothing ------------------------------------------------------------------------------


def test_a_full_disk_changes_nothing(own, tmp_path, monkeypatch):
    before = state(own)

    file = write(tmp_path, "new.txt", TEXT)
    real = Path.open

    def full(self: Path, *arguments, **more):
        if ".sources.csv" in self.name:
            raise OSError(28, "No space left on device")
        return real(self, *arguments, **more)

    monkeypatch.setattr(Path, "open", full)
    refused(own, run(own, "add", file), before, "No space left on device", "nothing was changed")


def test_an_interrupted_move_is_brought_to_its_end(own, tmp_path, monkeypatch):
    real = Path.replace
    moved = []

    def replace(self: Path, target: Path) -> Path:
        moved.append(target)
        if len(moved) == 2:
            raise KeyboardInterrupt  # Ctrl-C, once
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        list(adding.add(own, [write(tmp_path, "new.txt", TEXT)], adding.Wishes()))
    assert row(own, "sources", "source_id", "new")["path"] == "sources/new.txt"
    sound(own)


@pytest.mark.skipif(os.name == "nt", reason="signals of another kind")
def test_ctrl_c_leaves_whole_texts_only(own, tmp_path):
    names = [
        write(tmp_path, f"text-{n}.txt", TEXT.replace("clubs", f"clubs of region {n}" * 20))
        for n in range(40)
    ]
    code = "from ngolib.cli import main; main()"
    command = [sys.executable, "-c", code, "add", *names, "--similar",
               "--project", str(own.root)]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        for _ in range(400):
            if list((own.data / "sources").glob("text-*.txt")):
                break
            time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        errors = running.communicate(timeout=60)[1]
    assert running.returncode == 130, errors
    assert "stopped; what was made until now stays, the rest is as it was" in errors
    sound(own)


@pytest.mark.parametrize("name", ["popup-gallery", "modal-enabled", "no-footer"])
def test_the_greater_part_of_a_page_is_its_text_whatever_it_is_called(name):
    text = "".join(f"<p>{p}</p>" for p in files.PARAGRAPHS)
    page = files.page(["About us."], body=f'<div class="{name}">{text}</div>')
    found = reading.read(page.replace("article>", "header>").encode(), suffix=".html").text
    assert all(paragraph in found for paragraph in files.PARAGRAPHS)


def test_a_paragraph_behind_an_anchor_or_with_a_word_in_its_class_stays():
    more = f'<a name="st2"><p>{files.PARAGRAPHS[1]} (2)</p></a>'
    more += f'<p class="has-overlay">{files.PARAGRAPHS[2]} (3)</p>'
    text = files.page().replace("</article>", f"{more}</article>").encode()
    text = reading.read(text, suffix=".html").text
    assert f"{files.PARAGRAPHS[1]} (2)" in text
    assert f"{files.PARAGRAPHS[2]} (3)" in text


def test_a_long_title_is_whole_and_its_lines_are_parted():
    title = "On amendments to laws of the Republic " + "on the receipt of money and property, " * 12
    for heading in (
        title.strip(),
        "Law on public<br>associations",
        "<div>Law on</div><div>it</div>",
    ):
        page = files.page(title="x").replace("<h1>x</h1>", f"<h1>{heading}</h1>")
        first = reading.read(page.encode(), suffix=".html").text.partition("\n")[0]
        assert first == re.sub(r"\s+", " ", re.sub("<.*?>", " ", heading)).strip()


def test_signs_of_print_and_what_is_not_seen_become_what_is_read():
    seen = "The o\ufb03cials \ufb01ned a non\u2011pro\ufb01t for\u00a0for\u00adeign fun\u200bding."
    page = files.page([seen, *files.PARAGRAPHS])
    text = reading.read(page.encode(), suffix=".html").text
    assert "The officials fined a non-profit for foreign funding." in text
    assert reading.read((seen + "\n" + " ".join(files.PARAGRAPHS)).encode()).text.startswith(seen)


def test_an_evening_in_greenwich_is_no_day_of_publication_where_the_page_shows_the_next():
    tag = '<meta property="article:published_time" content="2015-03-03T19:30:00+00:00">'
    for shown, taken in (("4 March 2015, 01:30", ""), ("3 March 2015, 19:30", "2015-03-03")):
        page = files.page(head=tag).replace("</h1>", f"</h1><p>{shown}</p>")
        said = reading.read(page.encode(), suffix=".html").said
        assert said.get("published", "") == taken, said


def test_every_author_that_a_journal_names_is_taken():
    tags = "".join(
        f'<meta name="citation_author" content="{n}">' for n in ("Ivanov, I.", "Lee, A.")
    )
    said = reading.read(files.page(head=tags).encode(), suffix=".html").said
    assert said["author"] == "Ivanov, I.; Lee, A." and "it also names" not in said["author_basis"]


def test_words_of_a_document_that_do_not_come_into_its_text_are_named():
    box = (
        '<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/'
        'markup-compatibility/2006"><mc:Choice Requires="wps"><w:drawing><w:txbxContent>'
        "<w:p><w:r><w:t>Seldom</w:t></w:r><w:r><w:tab/><w:t>seen</w:t></w:r></w:p>"
        "</w:txbxContent></w:drawing></mc:Choice></mc:AlternateContent></w:r></w:p>"
    )
    notes = reading.read(files.word(more=box), suffix=".docx").notes
    assert "words of the file that are not in the text: Seldom, seen" in notes
    soft = "<w:p><w:r><w:t>nongov</w:t><w:softHyphen/><w:t>ernmental\u00ad body</w:t></w:r></w:p>"
    for whole in (files.word(), files.word(more=soft)):
        assert not any("words of the file" in n for n in reading.read(whole).notes)


# Of days in a table of facts that are those of a law, not of its page.
LABELS = ["Signed", "Date of signature", "Enacted", "Passed", "Entered into force", "Commencement"]
LABELS += ["Assented to", "Introduced", "Registered", "Repealed", "Valid until", "Event date"]
LABELS += ["Подписан", "Дата подписания", "Дата регистрации", "Зарегистрирован", "Внесён"]
LABELS += ["Рассмотрен", "Отменён", "Утратил силу", "Дата события", "Номер и дата", "Қол қойылды"]


@pytest.mark.parametrize(
    ("beside", "taken"),
    [
        ('<p class="lead">The law takes effect on 1 January 2016</p>', ""),
        ("<h2>Parliament passed the bill on 12 May 2014</h2>", ""),
        ("<p>Photo: protest in Almaty, 5 March 2012</p><p>28 July 2016</p>", "2016-07-28"),
        ("<p>Обновлено: 29.07.2016</p>", ""),
        ("<p>Last modified 29 July 2016</p>", ""),
        ("<p>Astana, 29 July 2016</p>", ""),
        # The words are in another tag than the day.
        ('<p>Last updated: <time datetime="2016-07-29">July 29, 2016</time></p>', ""),
        ("<p>Обновлено: <b>29 июля 2016</b></p>", ""),
        ("<p>Дата обновления: <b>29.07.2016</b></p><p>Дата: <b>28.07.2016</b></p>", "2016-07-28"),
        ('<time itemprop="dateModified">29 July 2016</time>', ""),
        (
            '<time class="published">28 July 2016</time><time class="updated">29 July 2016</time>',
            "2016-07-28",
        ),
        ('<time class="published updated">28 July 2016</time>', "2016-07-28"),
        ("<table><tr><td>Дата принятия</td><td>29 июля 2016</td></tr></table>", ""),
        ("<p>Published: <b>29 July 2016</b></p>", "2016-07-29"),
        ("<p>Date of publication</p><p>29 July 2016</p>", "2016-07-29"),
        *((f"<dl><dt>{label}</dt><dd>20 July 2012</dd></dl>", "") for label in LABELS),
        # Days of the law, not of the page.
        ("<p>In force since 1 July 2016</p>", ""),
        ("<p>Редакция от 1 июля 2016 года</p>", ""),
        ("<p>Срок подачи до 31 декабря 2016</p>", ""),
    ],
)
def test_a_day_of_something_else_is_not_that_of_publication(beside, taken):
    page = files.page().replace("</h1>", f"</h1>{beside}")
    assert reading.read(page.encode(), suffix=".html").said.get("published", "") == taken


def test_a_list_in_blocks_among_paragraphs_stays():
    items = ["1) a warning in writing;", "2) a suspension for six months;", "— dissolution."]
    blocks = "".join(f"<div>{item}</div>" for item in items)
    paragraphs = [f"<p>{text}</p>" for text in files.PARAGRAPHS]
    body = "".join([paragraphs[0], blocks, *paragraphs[1:]])
    page = f"<html><body><article><h1>A title of it</h1>{body}</article></body></html>"
    text = reading.read(page.encode(), suffix=".html").text
    assert all(item in text for item in items)


def test_a_paragraph_in_another_block_among_paragraphs_stays():
    told = "But the Constitutional Council struck the law down, and it never came into force."
    for tag in ("div", "section"):
        text = f"<p>{files.PARAGRAPHS[0]}</p><{tag}>{told}</{tag}><p>{files.PARAGRAPHS[1]}</p>"
        page = files.page([*files.PARAGRAPHS, *files.PARAGRAPHS]).replace(
            "</article>", f"{text}</article>"
        )
        assert told in reading.read(page.encode(), suffix=".html").text


def test_each_class_of_a_rule_for_several_strikes_out():
    head = "<style>.g3, .g4{text-decoration:line-through}</style>"
    shown = "Article 10 <b class='g3'>gone</b> and <b class='g4'>lost</b> stays."
    found = reading.read(files.page([shown, *files.PARAGRAPHS], head=head).encode(), suffix=".html")
    assert "gone" not in found.text and "lost" not in found.text


def test_words_parted_at_the_end_of_a_line_of_a_pdf_are_whole():
    for hyphen in "-\u2010\xad":
        lines = [
            "The organisations must report to the minis" + hyphen,
            "try each year, and publish.",
        ]
        assert reading._paragraphs(["\n".join(lines)])[0].startswith(
            "The organisations must report to the ministry each year"
        )


def test_a_hyphen_of_its_own_at_the_end_of_a_line_of_a_pdf_stays():
    lines = [
        "Parliament said so in Nur-",
        "Sultan on Monday, in 2012-",
        "2013 and later it was so.",
    ]
    text, joined = reading._paragraphs(["\n".join(lines)])
    assert text.startswith("Parliament said so in Nur-Sultan on Monday, in 2012-2013 and")
    assert joined == 0


@pytest.mark.parametrize("mark", ['<a name="z1"></a>', '<a id="z1"></a>'])
def test_short_items_of_a_law_with_an_anchor_come_in(mark):
    items = ["1) delete article 41;", "2) delete article 42;", "So it stays."]
    page = files.page([files.PARAGRAPHS[0], *(mark + item for item in items), *files.PARAGRAPHS])
    text = reading.read(page.encode(), suffix=".html").text
    assert all(f"\n{item}\n" in text for item in items)


def test_a_short_paragraph_of_links_beside_long_ones_is_taken_or_told():
    links = '<a href="/1">Amnesty International</a> and <a href="/2">others</a> protested.'
    page = files.page([*files.PARAGRAPHS, links, *files.PARAGRAPHS])
    page = page.replace("<p>", "<div>").replace("</p>", "</div>")
    found = reading.read(page.encode(), suffix=".html")
    told = "left out, shown among the text (1): Amnesty International and others protested. …"
    assert "Amnesty" in found.text or told in found.notes


@pytest.mark.parametrize(
    "words", ["12 желтоқсан 2014", "2014 жылғы 12 желтоқсан", "Жұма, 12 желтоқсан 2014, 10:15"]
)
def test_a_day_of_december_in_kazakh_is_its_day(words):
    assert reading._day(words) == "2014-12-12"


# Pages in which no block is called an article, `{}` being a paragraph.
LAID_OUT = {
    "each in a block of its own": "<div><h1>A title of it</h1>" + "<div><div>{}</div></div>" * 6,
    "a second block": "<div><h1>A title of it</h1><div>{}{}{}{}</div><div><h2>End</h2>{}{}</div>",
    "one set apart": "<div><h1>A title of it</h1>{}{}<div>{}</div>{}{}{}",
    "old marks": "<h1>A title of it</h1><font>{}{}{}</font>{}{}{}",
}


@pytest.mark.parametrize("layout", LAID_OUT.values(), ids=LAID_OUT)
def test_a_text_comes_in_whole_and_in_its_order_however_it_is_laid_out(layout):
    lengths = [14, 30, 18, 16, 12, 22]
    texts = [" ".join([f"Sentence {n}"] + ["about clubs"] * k) + "." for n, k in enumerate(lengths)]
    body = layout.format(*(f"<p>{text}</p>" for text in texts))
    page = f"<html><head><title>A title of it</title></head><body>{body}</body></html>"
    lines = reading.read(page.encode(), suffix=".html").text.splitlines()
    assert [line for line in lines if line.startswith("Sentence")] == texts


def test_paragraphs_behind_what_is_called_the_text_are_told():
    more = "<section><h2>End</h2><p>The ministry will answer in a month, it told the paper.</p>"
    page = files.page().replace("<article>", "<main>").replace("</article>", f"</main>{more}")
    found = reading.read(page.encode(), suffix=".html")
    told = "left out, shown among the text (1): The ministry will answer in a …"
    assert "will answer" in found.text or told in found.notes


def test_lines_that_repeat_others_are_told(own, tmp_path):
    fine = "shall be punished with a fine of one hundred monthly units for each of the persons;"
    law = [f"{n}. An act of kind {n} by a leader of a club or by its members," for n in range(4)]
    text = "A law on clubs\n\n" + "\n".join(f"{line}\n{fine}" for line in law) + "\n"
    result = run(own, "add", write(tmp_path, "law.txt", text), "--id", "law")
    labels = load_lines("law", project=Project(own.root))["label"]
    again = int((labels == "duplicate").sum())
    assert (f"lines that repeat others, not read as text: {again}" in result.output) == (again > 0)


@pytest.mark.parametrize(
    "name",
    ["Super User", "Site Administrator", "Баспасөз қызметі", "Пресс-центр Сената",
     "Отдел новостей", "Наш корреспондент", "Главный редактор", "Guest Author"],
)  # fmt: skip
def test_an_office_or_user_is_no_author(name):
    page = files.page(head=meta(author=name))
    assert reading.read(page.encode(), suffix=".html").said["author"] == ""


@pytest.mark.parametrize(
    "line",
    ["Apply by 15 December 2016", "Founded 5 May 2010", "As of 1 January 2014",
     "Law of 2 December 2015", "Hearing: 5 May 2014", "с 1 января 2016 года",
     "Дата рождения: 5 мая 1960", "Закон от 2 декабря 2015 года", "г. Астана, 2 декабря 2015 года",
     "Тіркелген күні: 2010 ж. 5 мамыр"],
)  # fmt: skip
def test_a_line_that_tells_of_something_else_is_no_day_of_publication(line):
    page = files.page().replace("</h1>", f"</h1><p>{line}</p>")
    assert "published" not in reading.read(page.encode(), suffix=".html").said


@pytest.mark.parametrize(
    "line", ["Published on 20 November 2016", "Опубликовано: 20 ноября 2016 г., 10:15",
             "Politics · 20 November 2016", "Sunday, 20 November 2016"],
)  # fmt: skip
def test_a_line_that_tells_of_publication_is(line):
    page = files.page().replace("</h1>", f"</h1><p>{line}</p>")
    assert reading.read(page.encode(), suffix=".html").said["published"] == "2016-11-20"


def test_an_encrypted_document_is_told():
    raw = b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(InputError, match="of an old Word or encrypted; save as DOCX"):
        reading.read(raw, suffix=".docx")


STYLED = {
    "<style>.c3 { vertical-align:super } .c4{text-decoration:line-through}</style>"
    'Article 10<span class="c3">1</span>, <b class="x c4">no</b> fine': "Article 10¹,  fine",
    "Article 10<sup><a href='#' title='{long}'>1</a></sup >": "Article 10¹",
    "Article 10<sup>&#49;;</sup>": "Article 10¹;",
    "Article 10<sup><s>9</s></sup> and 16<sup>1 </sup>of": "Article 10 and 16¹ of",
    "<font style='Text-Decoration: Line-Through'>no</font>Article 10": "Article 10",
    "<template>no</template>Article 10": "Article 10",
}


@pytest.mark.parametrize("shown", STYLED)
def test_what_is_raised_or_struck_out_by_any_way_of_a_page(shown):
    page = files.page([shown.replace("{long}", "x" * 400), *files.PARAGRAPHS])
    found = reading.read(page.encode(), suffix=".html")
    assert STYLED[shown].replace("  ", " ") in found.text.replace("  ", " ")
    assert "101" not in found.text and "raised" not in " ".join(found.notes)


def test_what_is_raised_and_no_number_alone_is_told():
    page = files.page(["Article 10<sup>1st</sup> of it", *files.PARAGRAPHS])
    notes = reading.read(page.encode(), suffix=".html").notes
    assert "raised, and not told apart from what stands before (1)" in notes


OTHERS = [
    '<div itemprop="comment" itemtype="https://schema.org/Comment">'
    '<meta itemprop="datePublished" content="2021-05-05">'
    '<meta itemprop="author" content="P G"></div>',
    '<aside><time pubdate datetime="2026-11-20"></time></aside>',
    '<ol class="commentlist"><li><time pubdate datetime="2021-05-05"></time></li></ol>',
    '<script type="application/ld+json">{"@type": "VideoObject", "uploadDate": "2019-01-01",'
    '"datePublished": "2019-01-01", "author": {"name": "A Filmer"}}</script>',
]


@pytest.mark.parametrize("beside", OTHERS)
def test_day_and_author_of_something_else_on_the_page_are_not_taken(beside):
    page = files.page(body=beside).replace("</h1>", "</h1><p>3 March 2020</p>")
    said = reading.read(page.encode(), suffix=".html").said
    assert (said["published"], said["author"]) == ("2020-03-03", "")


def test_a_stamp_on_each_page_is_no_text(monkeypatch):
    class Reader:
        is_encrypted = False
        pages = [type("Page", (), {"extract_text": lambda _: "Scanned with CamScanner"})()] * 28

    monkeypatch.setattr("pypdf.PdfReader", lambda _: Reader())
    with pytest.raises(InputError, match="scanned perhaps"):
        reading.read(b"%PDF-1.7 28 pages")


def test_a_text_that_begins_with_many_remarks_takes_no_time():
    text = "<!-- a remark -->\n" * 40 + " ".join(files.PARAGRAPHS)
    begin = time.monotonic()
    assert reading.kind_of(text.encode(), "", ".txt") == "text"
    assert time.monotonic() - begin < 5
