"""The limit: one import of the heavy packages and every cell of the plan, warm, over the cores."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    """Run every cell of the plan in this process and print seconds as JSON."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    os.environ["NGOLIB_PROJECT"] = str(root)
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    os.chdir(root)
    begin = time.perf_counter()
    import matplotlib.pyplot  # noqa: F401
    import pandas  # noqa: F401
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    import ngolib.page  # noqa: F401
    from ngolib.project import Project, pinned
    from ngolib.reports.plan import read_plan

    # As in a job: that the data have not changed is not looked up for every cell.
    pinned.add(Project.find(root))

    imports = time.perf_counter() - begin
    reports = {}
    for report in read_plan(Project(root)):
        shell = InteractiveShell()
        begin = time.perf_counter()
        with capture_output(), contextlib.redirect_stderr(io.StringIO()):
            for cell in json.loads(report.source(Project(root)).read_text(encoding="utf-8"))[
                "cells"
            ]:
                if cell["cell_type"] != "code":
                    continue
                if not shell.run_cell("".join(cell["source"])).success:
                    raise SystemExit(f"{report.slug}: a cell failed")
                if "parameters" in cell["metadata"].get("tags", []):
                    shell.user_ns.update(report.parameters)
        reports[report.slug] = time.perf_counter() - begin
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cells = sum(reports.values())
    print(
        json.dumps(
            {
                "imports": round(imports, 2),
                "cells": round(cells, 2),
                "cores": cores,
                "limit": round(imports + cells / (cores or 1), 2),
                "reports": {slug: round(seconds, 2) for slug, seconds in reports.items()},
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
