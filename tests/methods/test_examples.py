"""Every example of the docstrings, and of the page of examples, runs."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import ngolib
from ngolib import verbs
from ngolib.evidence import events

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("module", [verbs, events], ids=lambda m: m.__name__)
def test_examples_run(module, monkeypatch):
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testmod(module, extraglobs={"ngolib": ngolib})
    assert tried and not failed


def test_the_page_of_examples_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    page = str(ROOT / "docs" / "examples.md")
    failed, tried = doctest.testfile(page, module_relative=False, encoding="utf-8")
    assert tried > 60 and not failed
