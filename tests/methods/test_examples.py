"""Every example in the docstrings of the methods runs."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import ngolib
from ngolib.methods import agreement, keywords, numbers, order, panel

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "module",
    [agreement, panel, order, keywords, numbers],
    ids=lambda m: m.__name__,
)
def test_examples_run(module, monkeypatch):
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testmod(module, extraglobs={"ngolib": ngolib})
    assert tried and not failed
