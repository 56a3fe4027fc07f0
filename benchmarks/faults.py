"""Commands broken off at 300 seeded moments: nothing lost, nothing left over, no child alive."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from common import ROOT, machine

sys.path.insert(0, str(ROOT / "tests"))
from reports import faults


def main() -> None:
    """Break off commands, and print how many and what was the slowest to be gone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commands", nargs="*", default=[*faults.WRITES], metavar="COMMAND")
    parser.add_argument("--moments", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # What a shell starts in the background is deaf to Ctrl-C, and so are its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place = Path(folder)
        small, whole = faults.build(place / "small"), faults.build_whole(place / "project")
        faults.start(small, "report").communicate()
        how = options.commands, options.moments, options.seed
        account = faults.break_off(small, whole, place, *how)
    print(machine())
    print(f"{options.moments} moments: {account.killed} killed, {account.ended_before} had ended")
    print(f"before; no child alive after {account.slowest:.2f} s")
    for kind, count in sorted(account.kinds.items()):
        print(f"{count:4} {kind}")


if __name__ == "__main__":
    main()
