"""Binder builds the environment of the locks; checked without a network as far as that goes."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
BINDER = ROOT / "binder"


def script() -> str:
    return (BINDER / "postBuild").read_text(encoding="utf-8")


def test_script_is_a_program_that_a_shell_can_read():
    assert (BINDER / "postBuild").stat().st_mode & stat.S_IXUSR
    subprocess.run(["sh", "-n", str(BINDER / "postBuild")], check=True)


def test_script_installs_from_hashed_locks_only():
    locks = re.findall(r"-r (\S+)", script())
    assert locks == [f"requirements/{name}.txt" for name in ("build", "run", "lab")]
    assert "--require-hashes" in script()
    assert "--no-deps --no-build-isolation --editable ." in script()
    for lock in locks:
        text = (ROOT / lock).read_text(encoding="utf-8")
        pins = re.findall(r"^[\w.\[\]-]+==\S+", text, re.MULTILINE)
        assert pins and text.count("--hash=sha256:") >= len(pins)
    assert "\njupyterlab==" in (ROOT / "requirements" / "lab.txt").read_text(encoding="utf-8")
    assert "\nhatchling==" in (ROOT / "requirements" / "build.txt").read_text(encoding="utf-8")


def test_python_is_one_that_the_project_supports():
    found = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = Version(found.removeprefix("python-"))
    assert version in SpecifierSet(project["requires-python"])


def test_the_builder_of_binder_takes_the_folder(program, tmp_path):
    """repo2docker writes its plan for the image; it builds none here."""
    repo2docker = program("jupyter-repo2docker==2026.4.0") / "jupyter-repo2docker"
    for name in ("binder", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("pyproject.toml", "environment.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    done = subprocess.run(
        [repo2docker, "--no-build", "--debug", tmp_path],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    plan = done.stdout + done.stderr
    assert "RUN ./binder/postBuild" in plan
    assert "conda environment for python=3.12" in plan
    # The folder speaks alone: what lies at the root is for other uses.
    assert "environment.yml" not in plan
