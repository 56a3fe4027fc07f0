"""What all tests share: the real project, and a copy of it that a test may damage."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from ngolib.project import Project

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]


# A file of tests is done by one process: what takes longest comes first, and none is waited for.
LONGEST = ("test_parameter_sets", "test_site", "test_lab", "test_tour", "test_faults", "test_add")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest before the others."""
    order = [*LONGEST, ""]
    items.sort(key=lambda item: next(n for n, name in enumerate(order) if name in item.nodeid))


# Properties are tested, not times: a busy machine is no failure.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")

# A shell that runs the tests in its background lets them, and all that they start, ignore Ctrl-C.
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
def copy(tmp_path: Path) -> Project:
    """A copy of the data, free to be damaged."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    return Project(tmp_path)
