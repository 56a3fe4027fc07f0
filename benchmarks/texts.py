"""Labelling and segmentation of 1,000, 10,000 and 100,000 documents made from the corpus.

Documents are streamed: made one after the other, handed to processes a few at a time, and
forgotten. So the cost must grow in line with their number, and the memory must not grow. Sentences
and dates are reported apart, the latter on a part of the documents, for they cost much more.
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
from functools import cache
from itertools import islice

from common import ROOT, cores, machine

from ngolib.project import Project
from ngolib.texts.dates import find_dates
from ngolib.texts.lines import label_lines
from ngolib.texts.rules import CleaningRules, load_cleaning_rules
from ngolib.texts.sentences import sentence_spans

# Documents that a process is given at a time, and such lots under way for each process.
LOT, UNDER_WAY = 20, 3
READ = ("title", "standfirst", "body", "subheading")


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


def label(lot: list[str]) -> int:
    """Label every line."""
    return sum(len(label_lines(text, rules())) for text in lot)


def segment(lot: list[str]) -> int:
    """Cut every paragraph into sentences."""
    return sum(len(sentence_spans(line)) for text in lot for line in text.splitlines() if line)


def both(lot: list[str]) -> int:
    """Label every line, and cut those that are read into sentences."""
    count = 0
    for text in lot:
        lines = label_lines(text, rules())
        for line in lines.loc[lines["label"].isin(READ), "text"]:
            count += len(sentence_spans(line))
    return count


def date(lot: list[str]) -> int:
    """Find and resolve the dates of every paragraph."""
    return sum(
        len(find_dates(line, published_start="2020-06-01", published_end="2020-06-01"))
        for text in lot
        for line in text.splitlines()
        if line
    )


def lots(count: int) -> Iterator[list[str]]:
    """Part documents into lots."""
    stream = documents(count)
    while lot := list(islice(stream, LOT)):
        yield lot


def measure(work: Callable[[list[str]], int], count: int, workers: int) -> tuple[float, float]:
    """Return megabytes and seconds of working through documents."""
    size = 0
    with ProcessPoolExecutor(workers) as executor:
        # Starting the processes is not what is measured.
        for started in [executor.submit(work, list(documents(LOT))) for _ in range(2 * workers)]:
            started.result()
        begin = time.perf_counter()
        waiting: deque[Future[int]] = deque()
        for lot in lots(count):
            size += sum(len(text.encode()) for text in lot)
            waiting.append(executor.submit(work, lot))
            if len(waiting) >= workers * UNDER_WAY:
                waiting.popleft().result()
        for future in waiting:
            future.result()
        seconds = time.perf_counter() - begin
    return size / 1e6, seconds


def peak() -> float:
    """Return the most memory that this process or one that has ended held, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in who) * unit / 1e6


def main() -> None:
    """Print a table of throughput and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--workers", type=int, default=cores())
    parser.add_argument("--part", type=int, default=1_000, help="documents for steps apart")
    options = parser.parse_args()
    print(f"{machine()}; {options.workers} processes\n")
    print("| step | documents | MB | s | MB/s | MB/s a process | peak MB a process |")
    print("|---|---|---|---|---|---|---|")
    steps: list[tuple[str, Callable[[list[str]], int], int]] = [
        ("labelling", label, options.part),
        ("segmentation", segment, options.part),
        ("dates", date, max(options.part // 10, 1)),
        *(("labelling and segmentation", both, count) for count in options.counts),
    ]
    for name, work, count in steps:
        size, seconds = measure(work, count, options.workers)
        rate = size / seconds
        print(
            f"| {name} | {count:,} | {size:.1f} | {seconds:.1f} | {rate:.2f} "
            f"| {rate / options.workers:.2f} | {peak():.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
