"""A report on paper: the same page and print style, as a tagged PDF."""

from __future__ import annotations

from typing import Any

from ngolib.errors import ReportError

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

