"""Every example, on its page and of `load_events`, runs."""

from __future__ import annotations

import doctest
from pathlib import Path

import ngolib
from ngolib.evidence import events

ROOT = Path(__file__).resolve().parents[2]


def test_examples_of_events_run(monkeypatch):
    monkeypatch.chdir(ROOT)
    failed, tried = doctest.testmod(events, extraglobs={"ngolib": ngolib})
    assert tried and not failed


def test_the_page_of_examples_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    page = str(ROOT / "docs" / "examples.md")
    failed, tried = doctest.testfile(page, module_relative=False, encoding="utf-8")
    assert tried > 60 and not failed
