"""How many coded statements `ngolib suggest` points to: counts only, by article and by language.

Two sets: our own coding, whose texts are all English, and short texts in Russian and Kazakh that
were invented and coded for this (benchmarks/invented): a first set before the patterns were changed
for them, and a later one when they were done.

The patterns (data/patterns.csv) are written from the codebook and the common words of law-making,
so that leaving one article out changes nothing. Even so only the later set hints at how a new text
fares: whoever wrote the patterns had seen the other statements, and rules for weak candidates,
clauses and neighbours were mended after a first count.

A candidate and a statement stand for each other if they share at least half of the characters of
the shorter one, each in one pair at most (the rule of `ngolib agreement`). Run: python
benchmarks/suggest.py
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import pandas as pd
from click.testing import CliRunner

from ngolib.cli import main as cli
from ngolib.intake.suggest import suggest
from ngolib.methods.agreement import pair_statements
from ngolib.project import Project
from ngolib.texts import read_source

INVENTED = Path(__file__).with_name("invented")
CODES = ["stage", "scheduled", "direction", "country", "main category", "level", "date"]


def compare(project: Project, *, weak: bool = True) -> pd.DataFrame:
    """Count hits and misses, and how many of the hits have the code that we gave."""
    coded = pd.DataFrame(project.read_text_cells("statements"))
    articles = project.read_table("articles")["article_id"]
    table = pd.DataFrame(
        {"article": name, **_counts(project, name, coded, weak)} for name in articles
    )
    total = table.drop(columns="article").sum()
    return pd.concat([table, pd.DataFrame([{"article": "all", **total}])], ignore_index=True)


def _counts(project: Project, article: str, coded: pd.DataFrame, weak: bool) -> dict[str, int]:
    """Count in an article."""
    own = coded[coded["article_id"] == article]
    candidates = [one.cells for one in suggest(article, project=project) if weak or not one.weak]
    form = project.table("coder_a").columns
    found = pd.DataFrame(candidates, columns=form, dtype="str").fillna("")
    columns = ["statement_id", "article_id", "start", "end", "stage", "scheduled", "country"]
    pairs = pair_statements(_numbered(own[columns]), _numbered(found[columns]))
    hits = pairs[(pairs["a_id"] != "") & (pairs["b_id"] != "")]
    a = own.set_index("statement_id").loc[hits["a_id"]].reset_index()
    b = found.set_index("statement_id").loc[hits["b_id"]].reset_index()
    same = {code: int((a[code] == b[code]).sum()) for code in CODES if code in a}
    main = [t["categories"].str.split("; ").str[0] for t in (a, b)]
    same["main category"] = int((main[0] == main[1]).sum())
    dated = a["date"] != ""
    same["date"] = int((a["date"] == b["date"])[dated].sum())
    return {
        "coded": len(own),
        "candidates": len(found),
        "hits": len(hits),
        "missed": len(own) - len(hits),
        "extra": len(found) - len(hits),
        **{f"same {code}": same[code] for code in CODES if code in same},
        "hits with a date": int(dated.sum()),
    }


def compare_invented(project: Project, folder: Path, *, weak: bool = True) -> pd.DataFrame:
    """Count by language in the invented texts, added to a copy of the project in a folder."""
    shutil.copytree(project.data, folder / "data")
    texts = sorted(INVENTED.glob("*.txt"))
    for path in texts:
        language, _, day = path.stem.partition("-")
        options = ["--id", path.stem, "--published", day, "--language", language]
        done = CliRunner().invoke(cli, ["add", str(path), *options, "--project", str(folder)])
        if done.exit_code:
            raise RuntimeError(done.output)
    coded = pd.read_csv(INVENTED / "statements.csv", dtype="str", keep_default_na=False)
    coded["statement_id"] = [f"s{n}" for n in coded.index]
    coded["article_id"] = coded["text"] + ".1"
    raw = {path.stem: read_source(folder / "data" / "sources" / path.name) for path in texts}
    coded["start"] = [raw[row.text].index(row.exact) for row in coded.itertuples()]
    coded["end"] = coded["start"] + coded["exact"].str.len()
    own = Project(folder)
    sets = coded.groupby("text")["set"].first()
    rows = [
        {
            "set": sets[path.stem],
            "language": path.stem[:2],
            **_counts(own, f"{path.stem}.1", coded, weak),
        }
        for path in texts
    ]
    table = pd.DataFrame(rows).groupby(["set", "language"]).sum().reset_index()
    table.insert(7, "precision", (table["hits"] / table["candidates"]).round(2))
    table.insert(8, "recall", (table["hits"] / table["coded"]).round(2))
    return table


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Give offsets as numbers."""
    return table.astype({"start": int, "end": int}).reset_index(drop=True)


def main() -> None:
    """Print the counts."""
    project = Project.find(sys.argv[1] if len(sys.argv) > 1 else None)
    for title, weak in (("all candidates", True), ("strong candidates only", False)):
        print(f"Our coding (English), {title}")
        print(f"{compare(project, weak=weak).to_string(index=False)}\n")
        print(f"Invented texts (Russian and Kazakh), {title}")
        with tempfile.TemporaryDirectory() as folder:
            table = compare_invented(project, Path(folder), weak=weak)
        print(f"{table.to_string(index=False)}\n")
    print(
        "coded = our adjudicated statements; hits = statements that a candidate stands for; "
        "extra = candidates that stand for none;\nsame … = hits whose code is ours (same date: of "
        "the hits whose statement has a date)."
    )


if __name__ == "__main__":
    main()
