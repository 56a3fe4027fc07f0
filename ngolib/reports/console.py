"""What a run says: live on a terminal, one plain line per report elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import click

COLOURS = {"fresh": None, "made": "green", "unchanged": None, "failed": "red"}


@dataclass(frozen=True)
class Outcome:
    """What became of one report or notebook."""

    name: str
    state: str
    said: str = ""
    reasons: tuple[str, ...] = ()
    seconds: float | None = None


@dataclass
class Progress:
    """Tells of what runs and of what has become of it.

    Parameters
    ----------
    width : int
        Width of the longest name, for even columns.
    why : bool
        Whether to say every reason, not only the first.
    """

    width: int
    why: bool = False
    _live: Any = field(default=None, init=False)
    _tasks: dict[str, Any] = field(default_factory=dict, init=False)

    @contextmanager
    def running(self, total: int) -> Iterator[None]:
        """Show what runs, while something does; times stand on the screen only, in no file."""
        if not total or not sys.stderr.isatty():
            yield
            return
        from rich.console import Console
        from rich.progress import Progress as Live
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Live(*columns, console=Console(stderr=True), transient=True) as self._live:
            yield
        self._live = None

    def started(self, name: str) -> None:
        """Say that something runs now; called from the thread that runs it."""
        if self._live is not None:
            self._tasks[name] = self._live.add_task(name, total=None)

    def finished(self, outcome: Outcome) -> None:
        """Say what became of it."""
        if self._live is not None and outcome.name in self._tasks:
            self._live.remove_task(self._tasks.pop(outcome.name))
        time = "" if outcome.seconds is None else f"{outcome.seconds:6.1f} s"
        said = outcome.said
        if not said and outcome.reasons and not self.why:
            more = len(outcome.reasons) - 1
            said = outcome.reasons[0] + (f" (and {more} more)" if more else "")
        state = click.style(f"{outcome.state:9}", fg=COLOURS[outcome.state])
        click.echo(f"{state} {outcome.name:{self.width}} {time:>8}  {said}".rstrip())
        if self.why:
            nothing = "nothing that it is made from has changed"
            for reason in outcome.reasons or [nothing]:
                click.echo(f"{'':10}{reason}")


def summary(outcomes: list[Outcome], what: str, seconds: float) -> str:
    """Say in one line what a run did."""
    counts = {state: sum(o.state == state for o in outcomes) for state in COLOURS}
    parts = ", ".join(f"{n} {state}" for state, n in counts.items() if n)
    number = f"{len(outcomes)} {what}" + ("" if len(outcomes) == 1 else "s")
    if counts["fresh"] == len(outcomes):
        return f"{number}: all fresh, nothing was run; {seconds:.1f} s."
    return f"{number}: {parts}; {seconds:.1f} s."
