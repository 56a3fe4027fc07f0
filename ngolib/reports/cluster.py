"""Reports made on other machines: the same jobs, handed to the workers of a Dask cluster.

The workers see the same project at the same path (a shared disk, say) and have the same versions
installed; each checks that before it makes a report. What they make is published here.
"""

import logging
import multiprocessing as mp
import re
from collections.abc import Generator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError
from contextlib import suppress
from typing import Any

from ngolib.errors import ParameterError, ReportError
from ngolib.project import Project
from ngolib.reports import run
from ngolib.reports.console import first_of
from ngolib.reports.freshness import differences, inputs_of
from ngolib.reports.job import Job, make

INSTALL = "pip install --require-hashes -r requirements/dask.txt"
# Seconds to find the cluster, and until it is asked whether a worker is left.
PATIENCE = 20


def each(
    address: str, jobs: Mapping[str, Job], timeout: float
) -> Generator[tuple[str, run.Attempt]]:
    """Make reports on a cluster (`tcp://host:8786`); yield name and outcome as each ends."""
    if not re.fullmatch(r"\w+://[^/\s]+:\d+", address):
        raise ParameterError(f"--dask: found {address!r}; allowed: as tcp://HOST:8786")
    try:
        from distributed import Client, wait
    except ImportError:
        raise ReportError(f"--dask needs the package distributed: {INSTALL}") from None
    try:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what is wrong, we say
        client = Client(address, timeout=PATIENCE, set_as_default=False)
        client.wait_for_workers(1, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise ReportError(f"no cluster answers at {address}: {error}") from None
    with client, client.as_current():
        names = {client.submit(_make, job, timeout, pure=False): name for name, job in jobs.items()}
        while names:
            done, gone = set[Any](), True
            with suppress(TimeoutError, CancelledError):
                done = wait(list(names), PATIENCE, FIRST_COMPLETED).done
            with suppress(OSError):
                gone = not done and not client.nthreads()
            for future in list(names) if gone else done:
                try:
                    made = future.result(timeout=1 if gone else PATIENCE)
                except (Exception, CancelledError) as wrong:  # not of the job, but of the cluster
                    if not gone and isinstance(wrong, TimeoutError):
                        continue  # its worker went with the result: it is made again
                    lost = "no worker is left" if isinstance(wrong, TimeoutError) else f"{wrong!r}"
                    made = run.Attempt(None, f"the cluster: {lost}", lost)
                yield names.pop(future), made


def _make(job: Job, timeout: float) -> run.Attempt:
    """Make a report on a worker, in a process of its own."""
    from distributed import get_worker

    project = Project(job.root)
    data = project.input_hashes()
    here = {**inputs_of(project, job.report, data), "data": data}
    if unlike := sorted(differences(job.inputs, here)):
        return run.Attempt(None, f"the worker sees another {first_of(unlike)}")
    worker = get_worker()
    tasks, key = worker.state.tasks, worker.get_current_task()

    def wanted(_: object) -> None:
        if key not in tasks or tasks[key].state == "cancelled":
            raise ReportError("the command that waits for it has ended")

    # Workers are daemons, which may have no processes; ours end with the worker by themselves.
    mp.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    ((_, attempt),) = run.each({"": job}, make, job.root, 1, timeout, meanwhile=wanted)
    return attempt
