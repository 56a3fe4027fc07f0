"""What is out of date: a report is fresh if nothing that it was made from has changed.

Contents are compared, never times: a fresh checkout, a copy or a touched file changes nothing.
Light on purpose: it runs before anything else is imported.
"""

import platform
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from ngolib.errors import ParameterError
from ngolib.params import read_notebook
from ngolib.project import Project
from ngolib.reading import sha256
from ngolib.reports.plan import OWN, Report
from ngolib.reports.publish import RESULTS, failure_of, hash_json, read_results
from ngolib.reports.used import PACKAGE, UNKNOWN, read_now

GLOSSARY = "docs/glossary.md"
# Of what a cell says of itself, what its page depends on.
KEPT = ("tags", "raw_mimetype", "transient")


@cache
def package_hashes() -> dict[str, str]:
    """Return the SHA-256 of every file of the package, by its path, sorted."""
    files = (path for path in sorted(PACKAGE.rglob("*")) if path.is_file())
    names = {path: path.relative_to(PACKAGE.parent).as_posix() for path in files}
    # What Python, editors and file managers keep there.
    aside = re.compile(r"__pycache__|(^|/)[.#]|~$|\.pyc$")
    return {name: sha256(path) for path, name in names.items() if not aside.search(name)}


@cache
def versions() -> dict[str, str]:
    """Return the version of all that ngolib requires, if through others, by name, sorted."""
    from packaging.markers import Marker

    found: dict[str, str] = {}
    names = ["ngolib"]
    while names:
        name = re.sub(r"[-_.]+", "-", names.pop()).lower()
        if name in found:
            continue
        try:
            metadata = distribution(name).read_text("METADATA") or ""
        except PackageNotFoundError:
            continue  # a requirement of another system or Python
        # As an e-mail, with its long description, it would take half of a run with nothing to do.
        head = metadata.partition("\n\n")[0]
        found[name] = "".join(re.findall(r"^Version: (\S+)", head, re.MULTILINE))
        for needed in re.findall(r"^Requires-Dist: (?!.*extra ==)(.+)", head, re.MULTILINE):
            name, _, marker = needed.partition(";")
            if not marker or Marker(marker).evaluate():  # else it is for another Python or system
                names += re.findall(r"^[\w.-]+", name)
    return dict(sorted(found.items()))


def notebook_hash(notebook: Path) -> str:
    """Return the SHA-256 of a notebook, whose outputs and counters do not matter."""
    return _hash_of(notebook, sha256(notebook))


@cache
def _hash_of(notebook: Path, _digest: str) -> str:
    content = read_notebook(notebook)
    for cell in content["cells"]:
        told = {k: v for k, v in cell.get("metadata", {}).items() if k in KEPT}
        cell["metadata"] = told or {"tags": []}
    kept = ("cell_type", "source", "metadata", "attachments")
    named = [content["metadata"].get(name) for name in ("title", "authors")]
    return hash_json([*named, *([c.get(name) for name in kept] for c in content["cells"])])


def frame_hashes(project: Project) -> dict[str, str]:
    """Return what every page shows, as SHA-256: citation and glossary; and if there is a guide."""
    paths = project.root / "CITATION.cff", project.root / GLOSSARY
    there = "there" if (project.root / "docs" / "guide.md").is_file() else ""
    return {**{path.name: sha256(path) for path in paths}, "guide.md": there}


def inputs_of(project: Project, report: Report, data: Mapping[str, str]) -> dict[str, Any]:
    """List everything that a report is made from; of the data, what its last run read of them."""
    before = read_results(project.reports / report.slug).get("inputs", {}).get("data")
    source = report.source(project)
    own = {"slug": report.slug, "title": report.title, "parameters": dict(report.parameters)}
    return {
        "report": {**own, "command": report.command},
        "notebook": {f"notebooks/{source.name}": notebook_hash(source)},
        "data": read_now(project, before, data),
        "frame": frame_hashes(project),
        "package": package_hashes(),
        "versions": versions(),
        "python": platform.python_version(),
    }


def own_runs(project: Project) -> dict[str, list[str]]:
    """Say of each run of a user's own that was made why it is out of date, by its name."""
    data, found = project.input_hashes(), {}
    for folder in sorted(project.reports.glob(f"*{OWN}*")):
        if results := read_results(folder):
            found[folder.name] = ["its record is of an older form, or its notebook is gone"]
            with suppress(KeyError, TypeError, ParameterError):
                report = Report(**results["inputs"]["report"], notebook=results["notebook"])
                found[folder.name] = reasons(folder, inputs_of(project, report, data))
    return found


def _flat(value: Any, *names: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the leaves of nested tables, each with its names; a reader understands the last one."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(inner, *names, key)
    elif names:
        yield names, value


def differences(before: Any, now: Mapping[str, Any]) -> dict[str, str]:
    """Say of each input that is not as it was, by its name, what became of it."""
    old, new = dict(_flat(before)), dict(_flat(now))
    found = {}
    for names in (n for n in new if n not in old or old[n] != new[n]):
        before = old.get(names, "")
        became = "is new" if before == "" else "changed"
        found[names[-1]] = UNKNOWN if before == UNKNOWN else became
    return found | {names[-1]: "is gone" for names in old if names not in new}


def reasons(folder: Path, inputs: Mapping[str, Any]) -> list[str]:
    """Say why a report is out of date."""
    results = read_results(folder)
    if not results:
        broken = (folder / RESULTS).is_file()
        return [f"{RESULTS} is broken or was edited" if broken else "never made"]
    found = []
    if results.get("key") != hash_json(inputs):
        unlike = differences(results.get("inputs"), inputs)
        found = [f"{name} {became}" for name, became in unlike.items()]
    for name, digest in results["manifest"].items():
        if (now := sha256(folder / name)) != digest:
            found.append(f"{name} was edited" if now else f"{name} is missing")
    return found or ["its last run failed"] * bool(failure_of(folder.parent, folder.name))
