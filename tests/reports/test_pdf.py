"""Reports on paper."""

from __future__ import annotations

import builtins
import io
import json

import pytest
from pypdf import PdfReader

from ngolib.errors import ReportError
from ngolib.project import Project
from ngolib.reports import pdf

from .conftest import files_of, run_ngolib


@pytest.fixture(scope="module")
def on_paper(tmp_path_factory: pytest.TempPathFactory, made_once: Project) -> bytes:
    return pdf.to_pdf(files_for(made_once))


def files_for(project: Project) -> tuple[bytes, bytes]:
    folder = project.reports / "good"
    return (folder / "index.html").read_bytes(), (folder / "01_good.ipynb").read_bytes()


def test_a_pdf_is_tagged_has_bookmarks_and_real_text_of_every_alphabet(on_paper: bytes) -> None:
    reader = PdfReader(io.BytesIO(on_paper))
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "en"
    assert reader.metadata.title == "A good report"
    assert [entry.title for entry in reader.outline if not isinstance(entry, list)]
    text = " ".join(page.extract_text() for page in reader.pages)
    for letters in ("ә ғ қ ң ө ұ ү һ і", "Memorandum", "the very words"):
        assert letters in " ".join(text.split())


def test_figures_are_vectors_with_their_alt_text(on_paper: bytes) -> None:
    reader = PdfReader(io.BytesIO(on_paper))
    assert not [image for page in reader.pages for image in page.images]
    elements = (obj.get_object() for obj in reader.resolved_objects.values())
    alts = {e["/Alt"] for e in elements if isinstance(e, dict) and "/Alt" in e}
    # The structure tree is read lazily: walk it.
    stack = [reader.trailer["/Root"]["/StructTreeRoot"]]
    while stack:
        node = stack.pop().get_object()
        if "/Alt" in node:
            alts.add(str(node["/Alt"]))
        kids = node.get("/K", [])
        kids = kids if isinstance(kids, list) else [kids]
        stack += [kid for kid in kids if hasattr(kid.get_object(), "keys")]
    assert "Six bars rising from 3 to 18" in alts


def test_the_same_page_gives_the_same_bytes(made_once: Project, on_paper: bytes) -> None:
    assert pdf.to_pdf(files_for(made_once)) == on_paper


def test_evidence_stands_open_on_paper_and_marks_lead_there(on_paper: bytes) -> None:
    reader = PdfReader(io.BytesIO(on_paper))
    links = [a.get_object() for page in reader.pages for a in page.get("/Annots", ())]
    assert "e1" in {str(link.get("/Dest", "")) for link in links}
    assert "reliability B" in " ".join(page.extract_text() for page in reader.pages)


def test_a_pdf_is_added_once_and_the_report_stays_fresh(made: Project) -> None:
    first = run_ngolib(made, "report", "--format", "pdf", "good")
    assert first.exit_code == 0, first.output
    assert "PDF added to 1 of 1." in first.output
    manifest = json.loads((made.reports / "good/results.json").read_text())["manifest"]
    assert "report.pdf" in manifest
    before = files_of(made.reports / "good")
    again = run_ngolib(made, "report", "--format", "pdf", "good")
    assert "PDF added to 0 of 1." in again.output
    assert "all fresh" in again.output
    assert files_of(made.reports / "good") == before
    assert 'href="good/report.pdf"' in (made.reports / "index.html").read_text()


@pytest.mark.parametrize(
    ("error", "said"), [(ImportError, "requirements/pdf.txt"), (OSError, "Pango")]
)
def test_what_is_missing_is_one_clear_line(monkeypatch, error, said) -> None:
    real = builtins.__import__

    def broken(name, *args, **options):
        if name == "weasyprint":
            raise error
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(ReportError, match=said) as found:
        pdf.check_available()
    assert "\n" not in str(found.value)


def test_a_page_that_wants_something_from_elsewhere_gets_nothing(tmp_path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="9">SECRET</text></svg>')
    page = f'<html lang="en"><title>t</title><h1>t</h1><img alt="x" src="{secret.as_uri()}">'
    reader = PdfReader(io.BytesIO(pdf.to_pdf((page.encode(), b'{"cells": []}'))))
    assert "SECRET" not in " ".join(p.extract_text() for p in reader.pages)
