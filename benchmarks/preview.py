"""Seconds from an edit of one coded row to the reloaded page, in Chromium, by `ngolib preview`.

Works on a copy of the project whose reports are all made. Each round changes the confidence, and so
what the page shows, of a step that the timeline of Kazakhstan rests on. Run: python
benchmarks/preview.py
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.reports.browsing import chromium  # noqa: E402

PAGES = {"timeline-kaz": "steps", "ratings": "ratings", "restrictions-kaz-rus": "rules"}


def edit(path: Path, word: str) -> None:
    """Write a word into the note of the last row that was never corrected."""
    with (path.parent / "corrections.csv").open(newline="", encoding="utf-8") as file:
        corrected = {row["row"] for row in csv.DictReader(file)}
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    row = next(row for row in reversed(rows) if row[0] not in corrected)
    row[header.index("note")] = word
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def main() -> None:
    """Print the seconds of each edit, by page, and their median."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        root = Path(folder) / "project"
        left_out = shutil.ignore_patterns(".git", ".venv", "reports", "__pycache__", ".logs")
        shutil.copytree(ROOT, root, ignore=left_out)
        shutil.copytree(ROOT / "reports", root / "reports")
        command = [sys.executable, "-c", "from ngolib.cli import main; main()"]
        settings = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run([*command, "report", "--project", str(root)], check=True, env=settings)
        serving = [*command, "preview", "--port", "8099", "--project", str(root)]
        with subprocess.Popen(serving, env=settings, stderr=subprocess.PIPE) as server:
            try:
                assert b"shows the reports" in server.stderr.readline()
                measure(root, browser.new_page(), rounds)
            finally:
                server.terminate()


def measure(root: Path, page: Page, rounds: int) -> None:
    """Edit a table of each page several times."""
    seconds = []
    for slug, table in PAGES.items():
        page.goto(f"http://127.0.0.1:8099/{slug}/", wait_until="load")
        page.wait_for_timeout(3000)
        for n in range(rounds):
            begun = monotonic()
            with page.expect_event("load", timeout=60000):
                edit(root / "data" / "register" / f"{table}.csv", f"Edited for the {n}th time")
            seconds.append(monotonic() - begun)
            print(f"{slug:24} {table:10} {seconds[-1]:.2f} s", flush=True)
            page.wait_for_timeout(4000)
    print(
        f"median of {len(seconds)}: {statistics.median(seconds):.2f} s; most {max(seconds):.2f} s"
    )


if __name__ == "__main__":
    main()
