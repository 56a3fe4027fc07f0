"""Style, types, and which module may know which."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ["ruff check .", "ruff format --check .", "mypy", "lint-imports"]


@pytest.mark.skipif(sys.platform != "linux", reason="the same everywhere: one system is enough")
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_complained_of(command: str) -> None:
    name, *words = command.split()
    program = shutil.which(name, path=sysconfig.get_path("scripts"))
    assert program, f"{name} is not installed"
    done = subprocess.run([program, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
