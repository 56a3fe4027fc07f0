"""How right real pages of the web come in: text, title, author, date and outlet, by language.

`pages.csv` names pages kept as fixtures in public repositories, and what a person read on each: the
true values (several ways to write one are parted by ` || `, authors by `; `), the first and last
eight words of the article, and about how many words it has. The pages are not ours and are not
here: put each in a folder as SHA256.html (of a `.gz` what is in it; `git show COMMIT:PATH`).

All pages of the folder go through `ngolib add` into a copy of the data; what then stands in the
tables is compared. A value is right (also: empty where the page says none), open (empty where it
says one), or wrong. A text is right if its first and last words are there and it is no more than a
third longer or shorter. A German page is right if it is refused. Pages that are held back were not
looked at while the code was mended; those of the second set were read when its rules were done.
Run: python benchmarks/intake.py FOLDER
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

import pandas as pd

from ngolib.intake.add import Wishes, add
from ngolib.intake.judge import words
from ngolib.project import Project
from ngolib.texts import load_articles

FIELDS = ["text", "title", "author", "date", "outlet"]
STATES = ["right", "open", "wrong"]


def added(folder: Path, own: Path) -> pd.DataFrame:
    """Add the pages of a folder to a project; return what stands there then, a row a page."""
    shutil.copytree(Project.find(None).data, own / "data")
    (own / "reports").mkdir()
    project = Project(own)
    names = [str(path) for path in sorted(folder.glob("*.html"))]
    outcomes = list(add(project, names, Wishes(similar=True)))
    articles = load_articles(project=Project(own)).fillna("").groupby("source_id")
    rows = []
    for one in outcomes:
        row = {"sha256": Path(one.name).stem, "error": one.error}
        if not one.error:
            found = articles.get_group(one.source_id)
            first = found.iloc[0]
            row |= {"text": "\n".join(found["text"]), "title": first["title"]}
            row |= {name: first[name] for name in ("author", "outlet")}
            day = [str(first[f"published_{end}"])[:10] for end in ("start", "end")]
            row["date"] = day[0] if day[0] == day[1] and day[0] != "NaT" else ""
        rows.append(row)
    return pd.DataFrame(rows).fillna("")


def _names(text: str) -> set[str]:
    """Return the authors that a cell names, in whatever order."""
    parts = re.split(r"\s*(?:[;,&]|\band\b|\bи\b)\s*", text)
    return {" ".join(words(part)) for part in parts if part}


def judge(field: str, found: pd.Series, true: pd.Series) -> str:
    """Say whether a value of a page is right, open or wrong."""
    if true["language"] == "de":
        return "right" if found["error"] else "wrong"
    value = found[field]
    if field == "text":
        body, most = f" {' '.join(words(value))} ", int(true["words"]) * 4 / 3 + 20
        edges = all(f" {' '.join(words(true[edge]))} " in body for edge in ("first", "last"))
        whole = edges and len(body.split()) >= int(true["words"]) * 2 / 3
        return "right" if whole and len(body.split()) <= most else "wrong" if value else "open"
    ways = true[field].split(" || ")
    if field == "author":
        same = any(_names(value) == _names(way) for way in ways)
    else:
        same = any(words(value) == words(way) for way in ways)
    return "right" if same else "wrong" if value else "open"


def main() -> None:
    """Print the scores, and the fields of each page that are not right."""
    true = pd.read_csv(Path(__file__).with_name("pages.csv"), dtype="str", keep_default_na=False)
    with tempfile.TemporaryDirectory() as own:
        table = true.merge(added(Path(sys.argv[1]), Path(own)), on="sha256", suffixes=("_true", ""))
    rows = []
    for _, found in table.iterrows():
        page = found.filter(regex="_true$").rename(lambda name: name.removesuffix("_true"))
        page = pd.concat([found[["language", "first", "last", "words"]], page])
        states = {field: judge(field, found, page) for field in FIELDS}
        rows.append({"language": found["language"], "held_back": found["held_back"]} | states)
        for field, state in states.items():
            if state != "right":
                seen = f"{len(words(found['text']))} words" if field == "text" else found[field]
                said = f"{page['words']} words" if field == "text" else page[field]
                name = f"{found['repository']} {found['path'][-32:]}"
                print(
                    f"{found['held_back']:6} {name}\n    {field} {state}: {seen!r}, true {said!r}"
                )
                if found["error"]:
                    print(f"    {found['error']}")
    scores = pd.DataFrame(rows)
    scores["page"] = (scores[FIELDS] == "right").all(axis=1).map({True: "right", False: "wrong"})
    for held_back, part in scores.groupby("held_back"):
        print(f"\nheld back: {held_back}; right / open / wrong of the pages in each language")
        counts = {
            field: part.groupby("language")[field].agg(
                lambda column: " / ".join(str((column == state).sum()) for state in STATES)
            )
            for field in [*FIELDS, "page"]
        }
        print(pd.DataFrame({"pages": part["language"].value_counts()} | counts).to_string())


if __name__ == "__main__":
    main()
