"""One report as a pure function: from its inputs to the bytes of its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ngolib.project import Project
from ngolib.reports.freshness import RESULTS, hash_json
from ngolib.reports.plan import Report, question_of, to_text
from ngolib.reports.run import At

# Bytes of a figure that the index may show: it holds one of every report.
SMALL = 100_000


@dataclass(frozen=True)
class Job:
    """Everything that making one report needs."""

    report: Report
    source: Path
    root: Path
    values: Mapping[str, Any]
    inputs: Mapping[str, Any]
    # Name of a Jupyter kernel; none = in the job's own process.
    kernel: str | None = None


def make(job: Job, at: At) -> dict[str, bytes]:
    """Run a report's notebook and export it.

    Parameters
    ----------
    job : Job
        What to run, with what.
    at : callable
        Is told where it is.

    Returns
    -------
    dict
        Path within the report's folder to content; equal for equal inputs. The record of the run
        comes last.

    Raises
    ------
    ngolib.errors.ReportError
        If a cell fails, or what the notebook shows cannot be exported.
    """
    # Imported here: what runs and exports notebooks is heavy, and a fresh report needs none of it.
    from ngolib.reports import outputs, page
    from ngolib.reports.notebook import execute, write
    from ngolib.reports.pictures import beside_page

    report, project = job.report, Project(job.root)
    notebook = execute(job.source, report.parameters, job.root, at, job.kernel)
    at(f"{job.source.name}, its page")
    shown = outputs.handed_over(notebook)
    question = question_of(job.source)
    settings = {name: to_text(value) for name, value in report.parameters.items()}
    tables = list(outputs.tables_of(shown))
    pictures = [
        (f"figures/{name.casefold()}.svg", caption, beside_page(svg))
        for name, caption, svg in outputs.pictures_of(notebook)
    ]
    html = page.export(
        notebook,
        name=report.notebook,
        title=report.title,
        question=question,
        settings=settings,
        tables=[(path, caption) for path, caption, _ in tables],
        pictures=[(path, caption) for path, caption, _ in pictures],
        command=report.command,
        version=job.inputs["versions"].get("ngolib", ""),
        data=f"{project.data_version} ({hash_json(job.inputs['data'])[:12]})",
        citation=project.citation,
    )
    files = {
        "index.html": html,
        f"{report.notebook}.ipynb": write(notebook),
        **{path: content for path, _, content in [*tables, *pictures]},
    }
    results = {
        "slug": report.slug,
        "title": report.title,
        "question": question,
        "notebook": report.notebook,
        "command": report.command,
        "parameters": dict(job.values),
        "settings": settings,
        "findings": outputs.findings_of(shown),
        "evidence": outputs.evidence_of(shown),
        "figure": next((path for path, _, svg in pictures if len(svg) <= SMALL), ""),
        "tables": [{"file": path, "caption": caption} for path, caption, _ in tables],
        "key": hash_json(job.inputs),
        "inputs": dict(job.inputs),
        "manifest": {path: hashlib.sha256(content).hexdigest() for path, content in files.items()},
    }
    record = json.dumps(results, indent=1, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return {**files, RESULTS: f"{record}\n".encode()}


@dataclass(frozen=True)
class Refresh:
    """A notebook that is to be run with its defaults."""

    source: Path
    root: Path
    kernel: str | None = None


def refresh(job: Refresh, at: At) -> tuple[bytes, dict[str, bytes]]:
    """Run a notebook with its defaults."""
    from ngolib.reports.notebook import execute, write
    from ngolib.reports.outputs import pictures_of

    notebook = execute(job.source, {}, job.root, at, job.kernel)
    return write(notebook), {name: svg for name, _, svg in pictures_of(notebook)}
