"""How many of our coded statements `ngolib suggest` points to, article by article: counts only.

The patterns (data/patterns.csv) are written from the codebook and the common words of law-making
in English and Russian. They are not fitted to the texts, so that leaving one article out changes
nothing: the counts of an article are those that it would have if it were left out. Even so they
are no measure of how a new text fares: whoever wrote the patterns had seen some of the coded
statements, and the rule for weak candidates was added, and how clauses are cut was mended, after a
first count. No pattern was changed after a count.

A candidate and a statement stand for each other if they share at least half of the characters of
the shorter one, each in one pair at most (the rule of `ngolib agreement`). Run: python
benchmarks/suggest.py
"""

from __future__ import annotations

import sys

import pandas as pd

from ngolib.analysis.agreement.match import pair_statements
from ngolib.intake.suggest import suggest
from ngolib.project import Project

COLUMNS = ["article", "coded", "candidates", "hits", "missed", "extra"]
CODES = ["stage", "direction", "country", "main category", "level", "date"]


def compare(project: Project, *, weak: bool = True) -> pd.DataFrame:
    """Count hits and misses, and how many of the hits have the code that we gave."""
    coded = pd.DataFrame(project.read_text_cells("statements"))
    rows = []
    for article in project.read_table("articles")["article_id"]:
        own = coded[coded["article_id"] == article]
        candidates = [one.cells for one in suggest(project, article) if weak or not one.weak]
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
        rows.append(
            {
                "article": article,
                "coded": len(own),
                "candidates": len(found),
                "hits": len(hits),
                "missed": len(own) - len(hits),
                "extra": len(found) - len(hits),
                **{f"same {code}": same[code] for code in CODES},
                "hits with a date": int(dated.sum()),
            }
        )
    table = pd.DataFrame(rows)
    total = table.drop(columns="article").sum()
    return pd.concat([table, pd.DataFrame([{"article": "all", **total}])], ignore_index=True)


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Give offsets as numbers."""
    return table.astype({"start": int, "end": int}).reset_index(drop=True)


def main() -> None:
    """Print the counts."""
    project = Project.find(sys.argv[1] if len(sys.argv) > 1 else None)
    for title, weak in (("All candidates", True), ("Strong candidates only", False)):
        print(f"{title}\n{compare(project, weak=weak).to_string(index=False)}\n")
    print(
        "coded = our adjudicated statements; hits = statements that a candidate stands for; "
        "extra = candidates that stand for none;\nsame … = hits whose code is ours (same date: of "
        "the hits whose statement has a date)."
    )


if __name__ == "__main__":
    main()
