"""Nothing to do: the median of 20 runs of `ngolib report` when every report is fresh."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from common import NGOLIB, compile_all, copy_project, machine, median_of, run


def main() -> None:
    """Make every report once, then time runs that find nothing to do."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = copy_project(Path(folder) / "project")
        compile_all(sys.executable, project)
        run([*NGOLIB, "report"], project)
        median, rounds = median_of(lambda: run([*NGOLIB, "report"], project), 20)
    print(machine())
    print(
        f"median {median:.3f} s, from {min(rounds):.3f} to {max(rounds):.3f} s, n = {len(rounds)}"
    )


if __name__ == "__main__":
    main()
