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
    page = render(
        "records.html.j2",
        title="Counts, ratings and treaties",
        counts=load_counts(project=project).to_dict("records"),
        ratings=ratings.to_dict("records"),
        treaties=project.read_table("treaties").to_dict("records"),
        treaty_table=project.read_table("treaty_table").to_dict("records"),
        words=project.vocabularies,
        glosses=glosses(project=project),
        uses=uses,
        **around(project),
    )
    return {"index.html": page}
