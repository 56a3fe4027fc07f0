"""What a run says: live on a terminal, one plain line per report elsewhere, JSON for machines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import click

COLOURS = {"fresh": None, "stale": "yellow", "made": "green", "unchanged": None, "failed": "red"}


@dataclass(frozen=True)
class Outcome:
    """What became of one report or notebook."""

    name: str
    state: str
    said: str = ""
    reasons: tuple[str, ...] = ()
    seconds: float | None = None
    # Path of the full account of a failure, from the project.
    log: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as an object for machines."""
        return {
            "slug": self.name,
            "state": self.state,
            "reasons": list(self.reasons),
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            "error": self.said or None,
            "log": self.log or None,
        }


def seconds_left(
    expected: Mapping[str, float], running: Mapping[str, float], waiting: int, workers: int
) -> float | None:
    """Estimate how long a run will still take.

    Parameters
    ----------
    expected : mapping
        How long each took the last time, as far as it is known.
    running : mapping
        What runs now, each with the seconds since it began.
    waiting : int
        How many have not begun.
    workers : int
        How many run at a time.

    Returns
    -------
    float or None
        Seconds; None if nothing is known.
    """
    if not expected:
        return None
    usual = sum(expected.values()) / len(expected)
    rests = [max(expected.get(name, usual) - since, 0.0) for name, since in running.items()]
    return max([(sum(rests) + usual * waiting) / workers, *rests])


@dataclass
class Progress:
    """Tells of what runs and of what has become of it.

    Parameters
    ----------
    width : int
        Width of the longest name, for even columns.
    why : bool
        Whether to say every reason, not only the first.
    to_errors : bool
        Whether to say it on the error output, because the other one is for machines.
    """

    width: int
    why: bool = False
    to_errors: bool = False
    _live: Any = field(default=None, init=False)
    _tasks: dict[str, Any] = field(default_factory=dict, init=False)
    _begun: dict[str, float] = field(default_factory=dict, init=False)
    _expected: dict[str, float] = field(default_factory=dict, init=False)
    _waiting: int = field(default=0, init=False)
    _workers: int = field(default=1, init=False)

    @contextmanager
    def running(
        self, total: int, expected: Mapping[str, float] | None = None, workers: int = 1
    ) -> Iterator[None]:
        """Show what runs, while something does; times stand on the screen only, in no file."""
        self._expected, self._waiting, self._workers = dict(expected or {}), total, workers
        if not total or not sys.stderr.isatty():
            yield
            return
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            ProgressColumn,
            SpinnerColumn,
            Task,
            TextColumn,
            TimeElapsedColumn,
        )
        from rich.progress import Progress as Live

        left = self._left

        class Left(ProgressColumn):
            def render(self, task: Task) -> str:
                return left() if task.total else ""

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(16),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            Left(),
        )
        with Live(*columns, console=Console(stderr=True), transient=True) as self._live:
            self._tasks[""] = self._live.add_task("all", total=total)
            yield
        self._live = None
        self._tasks.clear()

    def _left(self) -> str:
        now = time.monotonic()
        running = {name: now - begun for name, begun in list(self._begun.items())}
        left = seconds_left(self._expected, running, self._waiting, self._workers)
        return "" if left is None else f"about {left:.0f} s left"

    def tell(self, text: str) -> None:
        """Say something about the run as a whole."""
        click.echo(f"ngolib: {text}", err=True)

    def started(self, name: str) -> None:
        """Say that something runs now; called from the thread that runs it."""
        self._begun[name] = time.monotonic()
        self._waiting -= 1
        if self._live is not None:
            self._tasks[name] = self._live.add_task(name, total=None)

    def finished(self, outcome: Outcome) -> None:
        """Say what became of it."""
        self._begun.pop(outcome.name, None)
        if self._live is not None:
            if outcome.name in self._tasks:
                self._live.remove_task(self._tasks.pop(outcome.name))
            self._live.advance(self._tasks[""])
        seconds = "" if outcome.seconds is None else f"{outcome.seconds:6.1f} s"
        said = f"{outcome.said} (see {outcome.log})" if outcome.log else outcome.said
        if not said and outcome.reasons and not self.why:
            more = len(outcome.reasons) - 1
            said = outcome.reasons[0] + (f" (and {more} more)" if more else "")
        state = click.style(f"{outcome.state:9}", fg=COLOURS[outcome.state])
        self._say(f"{state} {outcome.name:{self.width}} {seconds:>8}  {said}".rstrip())
        if self.why:
            nothing = "nothing that it is made from has changed"
            for reason in outcome.reasons or [nothing]:
                self._say(f"{'':10}{reason}")

    def _say(self, text: str) -> None:
        click.echo(text, err=self.to_errors)


def summary(outcomes: list[Outcome], what: str, seconds: float) -> str:
    """Say in one line what a run did."""
    counts = {state: sum(o.state == state for o in outcomes) for state in COLOURS}
    parts = ", ".join(f"{n} {state}" for state, n in counts.items() if n)
    number = f"{len(outcomes)} {what}" + ("" if len(outcomes) == 1 else "s")
    if counts["fresh"] == len(outcomes):
        return f"{number}: all fresh, nothing was run; {seconds:.1f} s."
    if counts["stale"]:
        return f"{number}: {parts}; nothing was run."
    return f"{number}: {parts}; {seconds:.1f} s."


def as_json(
    outcomes: list[Outcome],
    status: int,
    error: list[str],
    gone: list[str],
    removed: list[str],
    seconds: float,
) -> str:
    """Write what a run did as JSON, for machines.

    Parameters
    ----------
    outcomes : list of Outcome
        What became of each report.
    status : int
        The exit status.
    error : list of str
        Why nothing was run, in lines.
    gone, removed : list of str
        Reports that are in the plan no longer, still there and removed.
    seconds : float
        How long the whole run took.

    Returns
    -------
    str
    """
    content = {
        "ok": status == 0,
        "status": status,
        "seconds": round(seconds, 3),
        "error": error,
        "reports": [outcome.as_json() for outcome in outcomes],
        "no_longer_planned": gone,
        "removed": removed,
    }
    return json.dumps(content, ensure_ascii=False, indent=1)
