"""A report on paper: the same page and print style, as a tagged PDF."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from ngolib.errors import ReportError
from ngolib.project import Project
from ngolib.reports.freshness import RESULTS, read_results
from ngolib.reports.lock import exclusive
from ngolib.reports.publish import publish

FILE = "report.pdf"

MISSING = (
    "PDF needs WeasyPrint: pip install --require-hashes -r requirements/pdf.txt (or: make pdf)"
)
NO_LIBRARY = (
    "PDF needs the system library Pango, which was not found; on Debian or Ubuntu: "
    "apt install libpango-1.0-0 libpangoft2-1.0-0; on macOS: brew install pango"
)


def _weasyprint() -> Any:
    """Import WeasyPrint, or say in one line what is missing."""
    try:
        import weasyprint
    except ImportError:
        raise ReportError(MISSING) from None
    except OSError:  # its own word for a system library that cannot be loaded
        raise ReportError(NO_LIBRARY) from None
    return weasyprint


def check_available() -> None:
    """Raise a `ReportError` of one line if PDF cannot be made here."""
    _weasyprint()


def to_pdf(page: bytes) -> bytes:
    """Set a page on paper.

    Parameters
    ----------
    page : bytes
        A report's page, as `page.export` gives it.

    Returns
    -------
    bytes
        A tagged PDF with bookmarks, real text and vector figures; the same page gives the same
        bytes.

    Raises
    ------
    ngolib.errors.ReportError
        If WeasyPrint or its system library is missing.
    """
    weasyprint = _weasyprint()
    from weasyprint.urls import URLFetcher

    # A page holds all that it shows: nothing is loaded from anywhere.
    fetcher = URLFetcher(allowed_protocols={"data"})
    document = weasyprint.HTML(string=page.decode(), url_fetcher=fetcher)
    pdf: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return pdf


def _without_pdf(reports: Path, slug: str) -> bool:
    """Say whether a report was made, and has no PDF yet."""
    results = read_results(reports / slug)
    return results is not None and FILE not in results.get("manifest", {})


def _add(reports: Path, slug: str, pdf: bytes) -> None:
    """Publish a report anew with its PDF, which its record then names."""
    folder = reports / slug
    results = read_results(folder) or {}
    files = {name: (folder / name).read_bytes() for name in results["manifest"]}
    results["manifest"][FILE] = hashlib.sha256(pdf).hexdigest()
    record = json.dumps(results, indent=1, ensure_ascii=False, sort_keys=True, allow_nan=False)
    publish(reports, slug, {**files, FILE: pdf, RESULTS: f"{record}\n".encode()})


def add_pdfs(
    project: Project, slugs: Sequence[str], tell: Callable[[str], None], workers: int
) -> list[str]:
    """Add its PDF to each report that was made and has none.

    Parameters
    ----------
    project : Project
        Where the reports are.
    slugs : sequence of str
        Reports.
    tell : callable
        Is told of a wait for another run.
    workers : int
        How many are set at a time.

    Returns
    -------
    list of str
        Which got a PDF now.

    Raises
    ------
    ngolib.errors.ReportError
        If WeasyPrint or its system library is missing, or a report cannot be written.
    """
    check_available()
    with exclusive(project.reports, tell), ProcessPoolExecutor(workers) as pool:
        wanted = [slug for slug in slugs if _without_pdf(project.reports, slug)]
        pages = [(project.reports / slug / "index.html").read_bytes() for slug in wanted]
        for slug, pdf in zip(wanted, pool.map(to_pdf, pages), strict=True):
            _add(project.reports, slug, pdf)
    return wanted
