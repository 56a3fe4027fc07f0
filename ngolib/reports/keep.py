"""What a reader takes away and follows: everything in one zip file, and a feed of what is new."""

import uuid
import zipfile
from collections.abc import Collection, Iterator
from typing import Any

import pandas as pd

from ngolib.evidence import load_events
from ngolib.project import Project
from ngolib.reports.export import about, files_of, table_names
from ngolib.reports.publish import RESULTS, changes_of, read_results
from ngolib.reports.site import NO_XML, TURNING, fill
from ngolib.verbs import stage, when
from ngolib.zipped import pack

FEED, CITATION = "feed.xml", "CITATION.cff"
# What explains the tables, by its path in the project.
BESIDE = (CITATION, "LICENSE", "data/README.md", "data/register/references.bib", "docs/codebook.md")
# An act is new if its newest step lies in so many months before the closing day.
MONTHS, MOST_ACTS = 24, 50


def pages(project: Project, slugs: Collection[str]) -> dict[str, bytes]:
    """Pack all tables, and what the reports made of them, but no source text; and the citation."""
    tables = files_of(project, table_names(project), "csv")
    files = {f"tables/{name}": content for name, content in tables.items()}
    files |= {n: (project.root / n).read_bytes() for n in BESIDE if (project.root / n).is_file()}
    made = {slug: read_results(project.reports / slug) for slug in slugs}
    for slug, results in made.items():
        for name in (RESULTS, *results.get("manifest", ())):
            path = project.reports / slug / name
            if name.startswith((RESULTS, "tables/", "figures/")) and path.is_file():
                files[f"reports/{slug}/{name}"] = path.read_bytes()
    said = {"words": about(project), "citation": project.citation, "beside": set(files)}
    titles = {slug: results["title"] for slug, results in made.items() if results}
    files["README.md"] = fill("keep.md.j2", **said, titles=titles).encode()
    folder = f"ngo-regulation-{project.package.version}"
    entries = {f"{folder}/{name}": content for name, content in sorted(files.items())}
    packed = {f"{folder}.zip": pack(entries, method=zipfile.ZIP_DEFLATED)}
    return packed | {name: files[name] for name in (CITATION,) if name in files}


def _acts(project: Project) -> Iterator[dict[str, Any]]:
    """Yield the acts with a step in the last months, the newest first."""
    last = pd.Timestamp(project.closing_day)
    steps = load_events(["register"], project=project)
    recent = steps["date_start"].between(last - pd.DateOffset(months=MONTHS), last)
    to_come = steps["scheduled"].astype(bool) & (steps["date_end"] > last)
    told = steps[recent & ~to_come & (steps["process_id"] != "")]
    newest = told.drop_duplicates("process_id", keep="last")
    newest = newest.assign(stage=stage, when=when)[::-1].head(MOST_ACTS)
    summaries = project.read_table("acts").set_index("process_id")["summary"]
    names = project.vocabulary("country")
    for step in newest.to_dict("records"):
        name = f"acts/{step['process_id']}"
        title = f"{', '.join(names[code] for code in step['country'])}: {step['title']}"
        told = {"name": name, "link": f"{name}.html", "title": title}
        summary, day = summaries[step["process_id"]], step["date_start"].date()
        yield {**step, **told, "summary": summary, "updated": day}


def _changed(project: Project, slugs: Collection[str]) -> Iterator[dict[str, Any]]:
    """Yield the reports whose findings the last regeneration changed."""
    for slug in slugs:
        lines = [line for line in changes_of(project.reports, slug) if line.startswith("finding ")]
        if lines:
            title = f"Changed: {read_results(project.reports / slug).get('title', slug)}"
            # What changes another time is told as another piece of news.
            told = {"name": f"{slug}/{lines}", "link": f"{slug}/index.html", "title": title}
            yield {**told, "updated": project.closing_day, "lines": lines}


def feed(project: Project, slugs: Collection[str]) -> bytes:
    """Write the Atom feed: changed findings, new acts, the newest first, by days of the data."""
    reference = project.reference
    name, home = project.package.name, reference["home"] and f"{reference['home'].rstrip('/')}/"
    entries = [*_changed(project, slugs), *_acts(project)]
    for entry in entries:
        entry["id"] = uuid.uuid5(uuid.NAMESPACE_URL, f"{name}/{entry['name']}")
    own = uuid.uuid5(uuid.NAMESPACE_URL, f"{name}/{FEED}")
    text = fill("feed.xml.j2", entries=entries, id=own, home=home, feed=FEED, of=reference)
    return text.translate(TURNING | NO_XML).encode()
