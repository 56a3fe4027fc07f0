"""Runs broken off at 200 seeded moments: nothing lost, nothing left over, no child alive."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from common import ROOT, machine

sys.path.insert(0, str(ROOT / "tests"))
from reports import faults


def main() -> None:
    """Break off runs, and print how many and what was the slowest to be gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = faults.build(Path(folder) / "project")
        faults.start(project).communicate()
        account = faults.break_off(project, options.moments, options.seed, finish=True)
    print(machine())
    kinds = ", ".join(f"{count} of {kind}" for kind, count in sorted(account.kinds.items()))
    print(f"{options.moments} moments: {account.killed} killed ({kinds}),")
    print(f"{account.ended_before} had ended before; no child alive after {account.slowest:.2f} s")


if __name__ == "__main__":
    main()
