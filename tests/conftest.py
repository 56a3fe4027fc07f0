"""What all tests share: the real project, and a copy of it that a test may damage."""

from __future__ import annotations

import gc
import re
import shutil
import signal
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from ngolib.project import Project

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]


# What takes longest comes first, so that at the end no process is waited for.
LONGEST = (
    "test_faults",
    "test_cluster",
    "test_preview",
    "test_site",
    "test_parameter_sets",
    "test_static",
    "test_programs",
    "test_repeat",
    "test_lab",
    "test_coding",
    "test_add",
    "test_check",
    "test_guide",
    "test_keep",
    "test_hostile",
    ".ipynb",
    "",
)
NOTEBOOK = re.compile(r"test_parameter_sets.*\[(\w+)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest before the others."""
    items.sort(key=lambda one: next(n for n, name in enumerate(LONGEST) if name in one.path.name))


def group(nodeid: str) -> str:
    """Name what is done by one process: a file, of the sets of parameters those of a notebook."""
    notebook = NOTEBOOK.search(nodeid)
    return nodeid.partition("::")[0] + (notebook[1] if notebook else "")


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int, int]:
    """Use one process more than there are cores: some tests wait for a browser or a download."""
    return (yield) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Hand out one group after another, in their order."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    config.option.loadscopereorder = False
    return Groups(config, log)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was really run: of each folder how many tests, and their seconds."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                part = told[str(Path(report.location[0]).parent)]
                part["seconds"] += report.duration
                if outcome:  # neither what was made before a test, nor what was cleared away
                    part[outcome] += 1
    terminalreporter.section("what was run")
    for folder, part in sorted(told.items()):
        seconds = part.pop("seconds")
        counts = ", ".join(f"{number} {outcome}" for outcome, number in sorted(part.items()))
        terminalreporter.write_line(f"{folder:<20} {seconds:>4.0f} s  {counts}")


# Collecting what nothing refers to any more takes a twelfth of the time, mostly for nothing.
gc.set_threshold(50_000, 20, 100)

# Properties are tested, not times: a busy machine is no failure.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let Ctrl-C be heard: in a shell's background it is not, nor after a command was stopped."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from reports.browsing import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def project() -> Project:
    return Project(ROOT)


@pytest.fixture
def copy(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the data, free to be damaged; in one place, see `own` of `tests/add`."""
    root = tmp_path_factory.getbasetemp() / "copy"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(ROOT / "data", root / "data")
    return Project(root)
