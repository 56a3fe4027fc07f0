"""One report as a pure function: from its inputs to the bytes of its files."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ngolib.params import to_text
from ngolib.project import MARKER, Project
from ngolib.reading import recorded, sha256
from ngolib.reports.freshness import frame_hashes, notebook_hash
from ngolib.reports.plan import Report, question_of
from ngolib.reports.publish import RESULTS, as_record, hash_json
from ngolib.reports.run import METHOD, At


@dataclass(frozen=True)
class Job:
    """Everything that making one report needs."""

    report: Report
    source: Path
    root: Path
    values: Mapping[str, Any]
    inputs: Mapping[str, Any]


def make(job: Job, at: At) -> dict[str, bytes]:
    """Run a report's notebook and export it: path within the report's folder to content.

    Equal inputs give equal bytes. The record of the run comes last. A cell that fails, or an output
    that cannot be exported, is a `ReportError`.
    """
    # Imported here: what runs and exports notebooks is heavy, and a fresh report needs none of it.
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

    from ngolib.reports import guide, outputs, page
    from ngolib.reports.notebook import execute, write
    from ngolib.reports.pictures import as_png, beside_page
    from ngolib.reports.site import around
    from ngolib.reports.used import read_by

    report, project = job.report, Project.find(job.root)
    # As they are now, and not when it was found that something had changed.
    name = job.source.relative_to(job.root).as_posix()
    notebook = job.inputs["notebook"] | {name: notebook_hash(job.source)}
    now = {"notebook": notebook, "frame": frame_hashes(project)}
    marker = MARKER.as_posix(), sha256(job.root / MARKER)
    with read_by(job.root) as read:
        executed = execute(job.source, report.parameters, at)
    read.setdefault(*marker)  # every page names the version of the data
    read.pop(name, "")  # its outputs do not matter
    inputs = {**job.inputs, **now, "data": dict(sorted(read.items()))}
    at(f"{job.source.name}, its page")
    with recorded() as framed:  # as they are read, and not when the run began
        terms, citation = guide.terms(project), project.citation
    inputs["frame"] |= {p.name: d for p, d in framed.items() if p.name in inputs["frame"]}
    shown = outputs.handed_over(executed, report.notebook)
    tables = outputs.tables_of(shown)
    evidence = outputs.evidence_of(shown)
    drawn = [(f"figures/{n.casefold()}", text, svg) for n, text, svg in outputs.pictures_of(shown)]
    captions = {f"{path}.{kind}": text for path, text, _ in drawn for kind in ("svg", "png")}
    captions |= {path: text for path, (text, _) in tables.items()}
    about: dict[str, Any] = {"title": report.title, "question": question_of(job.source)}
    about["command"] = report.command
    about["settings"] = {name: to_text(value) for name, value in report.parameters.items()}
    # Pictures of points take as long as the rest of a page: another processor makes them.
    forks = METHOD == "forkserver"
    with ProcessPoolExecutor(1, get_context("fork")) if forks else ThreadPoolExecutor(1) as another:
        points = {f"{path}.png": another.submit(as_png, svg) for path, _, svg in drawn}
        html = page.export(
            executed,
            terms,
            name=report.notebook,
            files=captions,
            data=f"{project.package.version} ({hash_json(inputs['data'])[:12]})",
            citation=citation,
            **about,
            **around(project),
        )
        pictures = {f"{path}.svg": beside_page(svg, evidence) for path, _, svg in drawn}
        pictures |= {path: picture.result() for path, picture in points.items()}
    files = {"index.html": html, f"{report.notebook}.ipynb": write(executed)}
    files |= {path: content for path, (_, content) in tables.items()} | pictures
    # The index shows one of every report.
    small = (path for path in captions if path in pictures and len(pictures[path]) <= 100_000)
    about |= {"slug": report.slug, "notebook": report.notebook, "parameters": dict(job.values)}
    about |= {"findings": outputs.findings_of(shown), "evidence": list(evidence)}
    about |= {"tables": [{"file": path, "caption": captions[path]} for path in tables]}
    about |= {"figure": next(small, ""), "key": hash_json(inputs), "inputs": inputs}
    about["manifest"] = {path: hashlib.sha256(own).hexdigest() for path, own in files.items()}
    return {**files, RESULTS: as_record(about)}


def refresh(source: Path, at: At) -> tuple[bytes, dict[str, bytes]]:
    """Run a notebook with its defaults; return it, and its pictures by name."""
    from ngolib.reports.notebook import execute, write
    from ngolib.reports.outputs import handed_over, pictures_of

    notebook = execute(source, {}, at)
    shown = handed_over(notebook, source.stem)
    return write(notebook), {name: svg for name, _, svg in pictures_of(shown)}
