"""Reports made on other machines: the same jobs, handed to the workers of a Dask cluster.

The workers see the same project at the same path (a shared disk, say) and have the same versions
installed; each worker checks that before it makes a report. What they make is published here.
"""

from __future__ import annotations

import atexit
import platform
import threading
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ngolib.errors import ReportError
from ngolib.project import Project
from ngolib.reports import warm
from ngolib.reports.freshness import package_hashes, versions
from ngolib.reports.job import Job, make
from ngolib.reports.work import Attempt, attempt

MISSING = (
    "--dask needs the package distributed: pip install --require-hashes -r requirements/dask.txt"
)
# Seconds to find the cluster.
PATIENCE = 20
_starting = threading.Lock()


def cluster(address: str) -> AbstractContextManager[Executor]:
    """Return what runs jobs on a cluster.

    Parameters
    ----------
    address : str
        Of the cluster's scheduler, as Dask prints it: `tcp://host:8786`.

    Returns
    -------
    context manager
        Gives a `concurrent.futures.Executor`.

    Raises
    ------
    ngolib.errors.ReportError
        If the package is missing, or when the cluster does not answer.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ReportError(MISSING) from None

    @contextmanager
    def connected() -> Iterator[Executor]:
        try:
            client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ReportError(f"no cluster answers at {address}: {error}") from None
        with client, client.get_executor(pure=False) as executor:
            yield executor

    return connected()


@cache
def _warm_up(root: Path) -> None:
    """Start one warm parent of kernels for as long as this worker lives."""
    session = warm.session(root, warm.KINDS[0])
    session.__enter__()
    atexit.register(session.__exit__, None, None, None)


def _differences(job: Job) -> Iterator[str]:
    """Yield what a worker sees otherwise than the machine that asked it."""
    here = {
        "data": Project(job.root).input_hashes(),
        "package": package_hashes(),
        "versions": versions(),
        "python": platform.python_version(),
    }
    for what, found in here.items():
        asked = job.inputs[what]
        if found == asked:
            continue
        names = [what]
        if isinstance(found, dict):
            names = sorted(n for n in {*found, *asked} if found.get(n) != asked.get(n))
        yield names[0] + (f" (and {len(names) - 1} more)" if len(names) > 1 else "")


def _make(job: Job) -> dict[str, bytes]:
    differences = list(_differences(job))
    if differences:
        raise ReportError(f"the worker sees another {', another '.join(differences)}")
    with _starting:
        _warm_up(job.root)
    return make(job)


def make_here(name: str, job: Job) -> Attempt[dict[str, bytes]]:
    """Make a report in this process of a worker.

    Parameters
    ----------
    name : str
        Of the report.
    job : Job
        What to make.

    Returns
    -------
    Attempt
    """
    tried: Attempt[Any] = attempt(_make, job, job.root)
    return tried
