"""Labelling and segmentation of 1,000, 10,000 and 100,000 documents made from the corpus.

Documents are streamed: made one after the other, handed to processes a few at a time, and
forgotten. So the cost must grow in line with their number, and the memory must not grow. Sentences
and dates are reported apart, for fewer documents, for they cost more.

What a core does is told by the processor time that the work took in the processes, which other
load on the machine hardly changes; the seconds on the clock hold everything, the making and handing
over of the documents too. The documents repeat the paragraphs of the corpus, so that the figures
would mean nothing if the library remembered lines or paragraphs; it does not.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice

from common import ROOT, cores, machine

from ngolib.project import Project
from ngolib.texts.dates import find_dates
from ngolib.texts.lines import label_lines
from ngolib.texts.load import READING_LABELS
from ngolib.texts.rules import CleaningRules, load_cleaning_rules
from ngolib.texts.sentences import sentence_spans

# Documents that a process is given at a time, and such lots under way for each process.
LOT, UNDER_WAY = 20, 3
DAY = "2020-06-01"

Work = Callable[[str], object]


def documents(count: int, seed: int = 1) -> Iterator[str]:
    """Make documents: each source text with its paragraphs in another order."""
    chance = random.Random(seed)
    texts = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "data/sources").glob("*.txt"))]
    for number in range(count):
        lines = texts[number % len(texts)].splitlines()
        chance.shuffle(lines)
        yield "\n".join(lines)


@cache
def rules() -> CleaningRules:
    """Return the cleaning rules; read once in each process."""
    return load_cleaning_rules(Project(ROOT))


def segment(text: str) -> list[str]:
    """Label every line, and cut the page into the cleaned texts of its articles."""
    articles = label_lines(text, rules()).groupby("article")
    kept = (lines.loc[lines["label"].isin(READING_LABELS), "text"] for _, lines in articles)
    return ["\n\n".join(words) for words in kept]


def sentences(text: str) -> list[list[tuple[int, int]]]:
    """Cut every paragraph into sentences."""
    return [sentence_spans(line) for line in text.splitlines() if line]


def dates(text: str) -> list[object]:
    """Find and resolve the dates of every paragraph."""
    return [
        find_dates(line, published_start=DAY, published_end=DAY)
        for line in text.splitlines()
        if line
    ]


@dataclass
class Cost:
    """What work took: megabytes, seconds on the clock and of the processors, peak memory in MB."""

    size: float = 0.0
    clock: float = 0.0
    processor: float = 0.0
    worker_peak: float = 0.0
    parent_peak: float = 0.0


def peak() -> float:
    """Return the most memory that this process held, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def do(work: Work, lot: list[str]) -> tuple[float, float]:
    """Do the work on documents; return its processor seconds and the peak memory of the process."""
    begin = time.process_time()
    for text in lot:
        work(text)
    return time.process_time() - begin, peak()


def lots(count: int) -> Iterator[list[str]]:
    """Part documents into lots."""
    stream = documents(count)
    while lot := list(islice(stream, LOT)):
        yield lot


def measure(work: Work, count: int, workers: int) -> Cost:
    """Stream documents through processes."""
    cost = Cost()

    def take(future: Future[tuple[float, float]]) -> None:
        seconds, held = future.result()
        cost.processor += seconds
        cost.worker_peak = max(cost.worker_peak, held)

    with ProcessPoolExecutor(workers) as executor:
        # Starting the processes is not what is measured.
        for started in [
            executor.submit(do, work, list(documents(LOT))) for _ in range(2 * workers)
        ]:
            started.result()
        begin = time.perf_counter()
        waiting: deque[Future[tuple[float, float]]] = deque()
        for lot in lots(count):
            cost.size += sum(len(text.encode()) for text in lot) / 1e6
            waiting.append(executor.submit(do, work, lot))
            if len(waiting) >= workers * UNDER_WAY:
                take(waiting.popleft())
        while waiting:
            take(waiting.popleft())
        cost.clock = time.perf_counter() - begin
    cost.parent_peak = peak()
    return cost


def main() -> None:
    """Print a table of throughput and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--workers", type=int, default=cores())
    parser.add_argument("--apart", type=int, default=10_000, help="most for sentences and dates")
    options = parser.parse_args()
    print(f"{machine()}; {options.workers} processes\n")
    print(
        "| step | documents | MB | s | processor s | ms a MB | MB/s a core "
        "| peak MB, process | peak MB, parent |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    few = [count for count in options.counts if count <= options.apart]
    steps: list[tuple[str, Work, list[int]]] = [
        ("labelling and segmentation", segment, options.counts),
        ("sentences", sentences, few),
        ("dates", dates, few),
    ]
    for name, work, counts in steps:
        for count in counts:
            cost = measure(work, count, options.workers)
            print(
                f"| {name} | {count:,} | {cost.size:.1f} | {cost.clock:.1f} "
                f"| {cost.processor:.1f} | {1000 * cost.processor / cost.size:.1f} "
                f"| {cost.size / cost.processor:.1f} | {cost.worker_peak:.0f} "
                f"| {cost.parent_peak:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
