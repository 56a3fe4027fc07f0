"""The page of records: counts, ratings, what states did about treaties, the treaty table."""

from collections.abc import Mapping, Sequence

from ngolib.evidence.lookup import glosses
from ngolib.evidence.tables import label_of, load_counts, load_ratings
from ngolib.project import Project
from ngolib.reports.site import around, render


def pages(project: Project, uses: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, bytes]:
    """Write the page of records, by its name; `uses` leads from evidence to reports."""
    ratings = load_ratings(project=project)
    ratings["name"] = [label_of(index, project=project) for index in ratings["index"]]
    tables = {"counts": load_counts(project=project), "ratings": ratings}
    tables |= {name: project.read_table(name) for name in ("treaties", "treaty_table")}
    rows = {name: table.to_dict("records") for name, table in tables.items()}
    told = {"words": project.vocabularies, "glosses": glosses(project=project), "uses": uses}
    title, frame = "Counts, ratings and treaties", around(project)
    return {"index.html": render("records.html.j2", title=title, **rows, **told, **frame)}
