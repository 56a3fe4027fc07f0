"""What was searched and read: an empty cell means nothing until this is known."""

from collections.abc import Sequence

import pandas as pd

from ngolib.evidence import load_statements, reliable
from ngolib.evidence.dates import of_years
from ngolib.evidence.tables import check_codes
from ngolib.methods.agreement import marked
from ngolib.project import FOUND, Project, read_once
from ngolib.texts import load_articles, load_sentences

# How `ngolib add` begins the basis of what nobody has found out, and of which column it is.
OPEN = "to be filled in"
BASIS = {f"{c}_basis": c for c in ("author", "outlet", "genre", "reliability", "relevance")}
BASIS |= {"date_note": "published"}
COUNTS = ["statements", "sentences_coded", "sentences"]


def searches(countries: Sequence[str], *, project: Project | None = None) -> pd.DataFrame:
    """Return the searches that were made for countries: what only was planned falls out."""
    project = project or Project.find()
    check_codes("country", countries, project.vocabulary("country"))
    log = project.read_table("search_log")
    return log[log["country"].isin(countries) & (log["status"] != "not_searched")]


def coverage(countries: Sequence[str], min_reliability: str = "E") -> pd.DataFrame:
    """Say by period what was searched in the register, and how many texts there are.

    Returns
    -------
    pandas.DataFrame
        `period`, a column per country (`KAZ_register`: categories searched and those with a find),
        `texts`: articles on the subject, or coded, whose date of publication touches the period,
        and what was coded of them. A last row holds those without any date.
    """
    log = searches(countries)
    periods = Project.find().read_table("search_log")[["period_start", "period_end"]]
    periods = periods.drop_duplicates().sort_values("period_start")
    texts = _published(min_reliability)
    rows = []
    for start, end in periods.itertuples(index=False):
        row: dict[str, object] = {"period": f"{start}–{end}" if start < end else str(start)}
        own = log[(log["period_start"] == start) & (log["period_end"] == end)]
        for country in countries:
            looked = own.loc[own["country"] == country].groupby("status")["category"].agg(set)
            number, found = len(set().union(*looked)), len(looked.get("found", ()))
            row[f"{country}_register"] = f"{number} categories searched, {found} with a find"
        rows.append(row | {"texts": _told(texts[_touching(texts, start, end)])})
    if len(undated := texts[texts["first"].isna()]):
        rows.append({"period": "date not known", "texts": _told(undated)})
    return pd.DataFrame(rows).fillna("")


@read_once
def coverage_of_texts(min_reliability: str = "E", *, project: Project = FOUND) -> pd.DataFrame:
    """Say how far each text was read and coded.

    The columns are `article_id, published, relevance, sentences, sentences_coded` (those that a
    statement touches), `statements`, `open` (what is still to be filled in of its metadata).
    """
    said, sentences = load_statements(project=project), load_sentences(project=project)
    coded = sentences.assign(coded=marked(sentences, said)).groupby("article_id")["coded"]
    counts = {"sentences": coded.size(), "sentences_coded": coded.sum()}
    counts["statements"] = said["article_id"].value_counts()
    columns = ["article_id", "published", "relevance"]
    out = load_articles(project=project).pipe(reliable, min_reliability)[columns]
    for name, count in counts.items():
        out[name] = out["article_id"].map(count).fillna(0).astype(int)
    basis = project.read_table("articles").set_index("article_id").loc[out["article_id"], [*BASIS]]
    rows = basis.rename(columns=BASIS).apply(lambda column: column.str.startswith(OPEN))
    return out.assign(open=[", ".join(rows.columns[row]) for row in rows.to_numpy()])


def _told(texts: pd.DataFrame) -> str:
    if texts.empty:
        return "0"
    statements, coded, of = texts[COUNTS].sum()
    cells = int(texts["open"].str.count(r"\w+").sum())
    told = f"{len(texts)}, with {statements} statements in {coded} of {of} sentences"
    return told + (f"; {cells} cells to be filled in" if cells else "")


def coverage_by_year(
    country: str, start: int, end: int, min_reliability: str = "E"
) -> pd.DataFrame:
    """Say by year how many categories were searched, and how many texts there are.

    The columns are `year, categories_searched, categories_known` (searched for any country in any
    year), `articles` (on the subject, or coded, whose date of publication touches the year).
    """
    of_years(start, end)
    log = searches([country])
    known = Project.find().read_table("search_log")["category"].nunique()
    texts = _published(min_reliability)
    rows = []
    for year in range(start, end + 1):
        own = log[(log["period_start"] <= year) & (log["period_end"] >= year)]
        rows.append((year, own["category"].nunique(), known, _touching(texts, year, year).sum()))
    columns = ["year", "categories_searched", "categories_known", "articles"]
    return pd.DataFrame(rows, columns=columns)


def search_state(
    country: str, category: str, start: int, end: int, *, project: Project | None = None
) -> str:
    """Say of a category without a rule how far the register was searched in a period.

    `not searched`: at least a year of the period was not; `searched, nothing found`; `searched,
    other things found`: finds, but no rule of the selection.
    """
    of_years(start, end)
    check_codes("category", [category], (project or Project.find()).vocabulary("category"))
    own = searches([country], project=project).loc[lambda log: log["category"] == category]
    spans = zip(own["period_start"], own["period_end"], strict=True)
    covered = {year for first, last in spans for year in range(int(first), int(last) + 1)}
    if not set(range(start, end + 1)) <= covered:
        return "not searched"
    found = (own["status"] == "found") & (own["period_start"] <= end) & (own["period_end"] >= start)
    return "searched, other things found" if found.any() else "searched, nothing found"


def left_out(what: str, used: int, of: int, why: str) -> pd.DataFrame:
    """Say how many rows are used and left out, with the share and why."""
    out = pd.DataFrame({what: ["used", "left out"], "number": [used, of - used]})
    return out.assign(share=[f"{n / max(of, 1):.0%}" for n in out["number"]], why=["", why])


def _published(min_reliability: str) -> pd.DataFrame:
    """First and last possible year of publication of each article that was read."""
    counts = coverage_of_texts(min_reliability)[["article_id", *COUNTS, "open"]]
    texts = load_articles().merge(counts, on="article_id")
    texts = texts[(texts["relevance"] == "on_topic") | (texts["statements"] > 0)]
    for side, column in (("first", "published_start"), ("last", "published_end")):
        texts[side] = pd.to_datetime(texts[column].replace("", None)).dt.year
    return texts.assign(last=texts["last"].fillna(texts["first"]))


def _touching(texts: pd.DataFrame, start: int, end: int) -> pd.Series:
    return (texts["first"] <= end) & (texts["last"] >= start)
