"""The API reference is in step with the docstrings, and every example in it runs."""

from __future__ import annotations

import doctest
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

import ngolib

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/api.md"


def load_writer() -> ModuleType:
    spec = spec_from_file_location("reference", ROOT / "docs/reference.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = load_writer()
NAMES = REFERENCE.public_names()


def test_the_page_is_in_step() -> None:
    """Otherwise: `python docs/reference.py`."""
    assert PAGE.read_text(encoding="utf-8") == REFERENCE.build()


@pytest.mark.parametrize("package", ["ngolib", "ngolib.evidence", "ngolib.methods"])
def test_every_public_name_of_a_package_is_on_the_page(package: str) -> None:
    shown = {name for _, name in NAMES}
    assert set(import_module(package).__all__) <= shown


@pytest.mark.parametrize(("module", "name"), NAMES, ids=[".".join(n) for n in NAMES])
def test_its_examples_run(module: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    thing = getattr(import_module(module), name)
    home = vars(sys.modules[thing.__module__])
    for test in doctest.DocTestFinder(recurse=False).find(
        thing, name, globs={**home, "ngolib": ngolib}
    ):
        said: list[str] = []
        doctest.DocTestRunner().run(test, out=said.append)
        assert not said, "".join(said)
