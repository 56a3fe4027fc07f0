"""Every example in the docstrings of the methods runs."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from ngolib.methods import keywords, numbers, order, panel, robustness

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "module", [panel, robustness, order, keywords, numbers], ids=lambda m: m.__name__
)
def test_examples_run(module, monkeypatch):
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testmod(module)
    assert tried and not failed
