"""The real plan twice, with everything different that may differ: the same bytes."""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

from common import NGOLIB, copy_project, machine, run


def digests(project: Path) -> dict[str, str]:
    """Return the hash of every published file."""
    files = [p for p in sorted((project / "reports").rglob("*")) if p.is_file()]
    names = {p.relative_to(project / "reports").as_posix(): p for p in files}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in names.items()
        if not name.startswith(".")
    }


def main() -> None:
    """Make the plan in several settings and compare; the exit status tells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--with-pdf", action="store_true", help="PDF as well (extra `pdf`)")
    options = parser.parse_args()
    settings = [
        ([], {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0"}),
        (
            ["--jobs", "1"],
            {"LC_ALL": "C", "TZ": "Asia/Almaty", "PYTHONHASHSEED": "12345", "COLUMNS": "40"},
        ),
        (["--jobs", "3"], {"LANG": "de_DE.UTF-8", "LC_ALL": "", "TZ": "America/New_York"}),
    ]
    formats = ["--format", "pdf"] if options.with_pdf else []
    different: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        first: dict[str, str] = {}
        for number in range(options.rounds):
            for place, (flags, more) in enumerate(settings):
                name = f"{number}{'-a' * place}/a place" if place else f"{number}"
                home = Path(folder) / f"home-{number}-{place}"
                home.mkdir()
                project = copy_project(Path(folder) / name / "project")
                # The command itself runs with the user's settings, other ones each time.
                run(
                    [*NGOLIB, "report", *flags, *formats],
                    project,
                    HOME=str(home),
                    USER=f"user{place}",
                    **more,
                )
                found = digests(project)
                first = first or found
                different |= {n for n in {*first, *found} if first.get(n) != found.get(n)}
                print(f"{number + 1}.{place + 1}: {len(found)} files", flush=True)
    print(machine())
    if different:
        print("different: " + ", ".join(sorted(different)))
        sys.exit(1)
    print(f"{options.rounds * len(settings)} runs: every byte the same")


if __name__ == "__main__":
    main()
