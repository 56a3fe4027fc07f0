"""A report on paper: the same page and print style, as a tagged PDF."""

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Any

from ngolib.errors import ReportError
from ngolib.project import Project
from ngolib.reports.publish import RESULTS, as_record, exclusive, publish, read_results
from ngolib.reports.run import At, each

FILE = "report.pdf"
# A drawing and its description, a title on paper: in a browser that would lie over the picture.
DRAWING = re.compile(r'aria-label="([^"]*)"></span><div [^<]*><svg [^>]*>')

INSTALL = "pip install --require-hashes -r requirements/pdf.txt (or: make pdf)"
NO_LIBRARY = "PDF needs Pango: apt install libpango-1.0-0 libpangoft2-1.0-0, or brew install pango"


def check_available() -> Any:
    """Import WeasyPrint, or say in one line (a `ReportError`) what is missing."""
    try:
        import weasyprint
    except ImportError:
        raise ReportError(f"PDF needs WeasyPrint: {INSTALL}") from None
    except OSError:  # its own word for a system library that cannot be loaded
        raise ReportError(NO_LIBRARY) from None
    return weasyprint


def with_evidence(page: str, notebook: str) -> str:
    """Return a page with its evidence told in full, as the notebook that it is made from has it."""
    # Heavy, and a run that makes no PDF needs none of it.
    import nbformat
    from lxml.html import fromstring, tostring

    from ngolib.reports.outputs import handed_over
    from ngolib.reports.page import PIECES, parse

    root, shown = fromstring(page), handed_over(nbformat.reads(notebook, as_version=4))
    for html in (item["html"] for item in shown if item["kind"] == "evidence"):
        for number, piece in enumerate(parse(html).xpath(PIECES), start=1):
            for place in root.xpath(f"//li[@id='e{number}']"):
                place[:] = list(piece)
                place.set("value", str(number))  # on paper a list begins with 1, whatever it says
    return tostring(root, encoding="unicode", doctype="<!doctype html>")


def to_pdf(files: tuple[bytes, bytes], at: At = lambda where: None) -> bytes:
    """Set a page with all its evidence on paper, tagged; the same files give the same bytes."""
    weasyprint = check_available()
    from weasyprint.urls import URLFetcher

    # A page holds all that it shows: nothing is loaded from anywhere.
    fetcher = URLFetcher(allowed_protocols={"data"})
    page, notebook = (content.decode() for content in files)
    html = DRAWING.sub(r"\g<0><title>\1</title>", with_evidence(page, notebook))
    pdf: bytes = weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_variant="pdf/ua-1")
    return pdf


def add_pdfs(
    project: Project, slugs: Sequence[str], tell: Callable[[str], None], workers: int
) -> list[str]:
    """Add its PDF to each report that was made and has none, so many at a time; say to which."""
    check_available()
    reports = project.reports
    with exclusive(reports, tell):
        records = {slug: read_results(reports / slug) for slug in slugs}
        wanted = {s: r for s, r in records.items() if r and FILE not in r.get("manifest", {})}
        named = {slug: results["manifest"] for slug, results in wanted.items()}
        files = {s: {n: (reports / s / n).read_bytes() for n in own} for s, own in named.items()}
        books = {slug: f"{results['notebook']}.ipynb" for slug, results in wanted.items()}
        pages = {slug: (own["index.html"], own[books[slug]]) for slug, own in files.items()}
        for slug, tried in each(pages, to_pdf, project.root, workers):
            if tried.result is None:
                raise ReportError(f"{slug}: no PDF: {tried.reason}")
            wanted[slug]["manifest"][FILE] = hashlib.sha256(tried.result).hexdigest()
            new = {FILE: tried.result, RESULTS: as_record(wanted[slug])}
            publish(reports, slug, {**files[slug], **new})
    return list(wanted)
