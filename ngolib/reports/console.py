"""What a run says: live on a terminal, one plain line per report elsewhere, JSON for machines."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

COLOURS = {"fresh": None, "stale": "yellow", "made": "green", "unchanged": None, "failed": "red"}


@dataclass(frozen=True)
class Outcome:
    """What became of one report or notebook; `log` is where the full account of a failure is."""

    name: str
    state: str
    said: str = ""
    reasons: tuple[str, ...] = ()
    seconds: float | None = None
    log: str = ""


def first_of(names: Sequence[str]) -> str:
    """Name the first of some things, and say how many more there are."""
    return names[0] + (f" (and {len(names) - 1} more)" if len(names) > 1 else "")


class Progress:
    """Tells of what runs and of what has become of it."""

    def __init__(self, width: int, why: bool = False, to_errors: bool = False) -> None:
        self.width, self.why, self.to_errors = width, why, to_errors
        self._live: Any = None
        self._tasks: dict[str, Any] = {}

    @contextmanager
    def running(self, total: int) -> Iterator[None]:
        """Show what runs, while something does; times stand on the screen only, in no file."""
        if not sys.stderr.isatty():
            yield
            return
        from rich import progress as live
        from rich.console import Console

        bar = live.SpinnerColumn(), "{task.description}", live.BarColumn(16)
        told = live.MofNCompleteColumn(), live.TimeElapsedColumn(), live.TimeRemainingColumn()
        self._live = live.Progress(*bar, *told, console=Console(stderr=True), transient=True)
        with self._live:
            self._tasks[""] = self._live.add_task("all", total=total)
            yield
        self._live = None

    def tell(self, text: str) -> None:
        """Say something about the run as a whole."""
        click.echo(f"ngolib: {text}", err=True)

    def started(self, name: str) -> None:
        """Say that something runs now."""
        if self._live is not None:
            self._tasks[name] = self._live.add_task(name, total=None)

    def meanwhile(self, writing: Callable[[], bool]) -> None:
        """Do what is to be done while something runs; `writing` says if a job has begun to."""

    def finished(self, outcome: Outcome) -> None:
        """Say what became of it."""
        if self._live is not None:
            if outcome.name in self._tasks:
                self._live.remove_task(self._tasks.pop(outcome.name))
            self._live.advance(self._tasks[""])
        seconds = "" if outcome.seconds is None else f"{outcome.seconds:6.1f} s"
        said = f"{outcome.said} (see {outcome.log})" if outcome.log else outcome.said
        if not said and outcome.reasons and not self.why:
            said = first_of(outcome.reasons)
        state = click.style(f"{outcome.state:9}", fg=COLOURS[outcome.state])
        lines = [f"{state} {outcome.name:{self.width}} {seconds:>8}  {said}".rstrip()]
        if self.why:
            why = outcome.reasons or ["nothing that it is made from has changed"]
            lines += [f"{'':10}{reason}" for reason in why]
        click.echo("\n".join(lines), err=self.to_errors)


def summary(outcomes: Sequence[Outcome], what: str, seconds: float) -> str:
    """Say in one line what a run did."""
    counts = {state: sum(o.state == state for o in outcomes) for state in COLOURS}
    parts = ", ".join(f"{n} {state}" for state, n in counts.items() if n)
    number = f"{len(outcomes)} {what}" + ("" if len(outcomes) == 1 else "s")
    if counts["fresh"] == len(outcomes):
        return f"{number}: all fresh, nothing was run; {seconds:.1f} s."
    took = "nothing was run" if counts["stale"] else f"{seconds:.1f} s"
    return f"{number}: {parts}; {took}."


def as_json(outcomes: Sequence[Outcome], status: int, **more: Any) -> dict[str, Any]:
    """Return what a run did, for machines: its exit status, its reports, and `more`."""
    reports = []
    for one in outcomes:
        seconds = None if one.seconds is None else round(one.seconds, 3)
        told = {"seconds": seconds, "error": one.said or None, "log": one.log or None}
        reports.append({"slug": one.name, "state": one.state, "reasons": one.reasons, **told})
    return {"ok": status == 0, "status": status, **more, "reports": reports}
