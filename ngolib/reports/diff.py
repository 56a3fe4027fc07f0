"""What differs between two runs of a report: findings, evidence, parameters, inputs."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ngolib.errors import ReportError
from ngolib.reading import read_json
from ngolib.reports.publish import RESULTS

NOTHING: dict[str, Any] = {"findings": [], "evidence": [], "parameters": {}, "inputs": {}}


def _unlike(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return what differs between two mappings, what is gone last."""
    keys = (*new, *(key for key in old if key not in new))
    return [(k, old.get(k), new.get(k)) for k in keys if old.get(k) != new.get(k)]


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Compare the records of two runs: lists of differences, in the order of the later run."""
    before, after = ({f["name"]: f["text"] for f in run["findings"]} for run in (old, new))
    had, has = old["evidence"], new["evidence"]
    inputs = _unlike(*(run["inputs"].get("data", {}) for run in (old, new)))
    files = _unlike(*(run.get("manifest", {}) for run in (old, new)))
    return {
        "findings": _unlike(before, after),
        "evidence_new": [name for name in has if name not in set(had)],
        "evidence_gone": [name for name in had if name not in set(has)],
        "parameters": _unlike(old["parameters"], new["parameters"]),
        "inputs": [name for name, _, _ in inputs],
        "files": [name for name, _, _ in files if name.startswith(("tables/", "figures/"))],
    }


def lines_of(found: Mapping[str, Any]) -> Iterator[str]:
    """Say each of some changes in a line."""
    for name, old, new in found["findings"]:
        if old is None:
            yield f"finding {name} is new: {new}"
        elif new is None:
            yield f"finding {name} is gone: {old}"
        else:
            yield f"finding {name} was: {old}"
            yield f"finding {name} is now: {new}"
    for name, old, new in found["parameters"]:
        yield f"parameter {name}: {old} before, {new} now"
    words = {"evidence new": "evidence_new", "evidence gone": "evidence_gone"}
    for word, key in {**words, "inputs changed": "inputs", "files changed": "files"}.items():
        if found[key]:
            yield f"{word} ({len(found[key])}): {', '.join(found[key])}"


def read_run(path: Path) -> dict[str, Any]:
    """Read the record of a run, or of a report's folder; a `ReportError` says if it is none."""
    file = path / RESULTS if path.is_dir() else path
    try:
        results = read_json(file)
        [*lines_of(changes(NOTHING, results))]  # fails where a part is missing or of another type
        _ = results["parameters"] | results["inputs"].get("data", {}) | results.get("manifest", {})
    except OSError as error:
        said = f"cannot be read: {error.strerror}; allowed: a {RESULTS} or a report's folder"
        raise ReportError(f"{file}: {said}") from None
    except (LookupError, TypeError, AttributeError) as error:
        missing = f"is no record of a run ({type(error).__name__}: {error})"
        allowed = f"a {RESULTS} with {', '.join(NOTHING)}"
        raise ReportError(f"{file}: {missing}; allowed: {allowed}") from None
    return results
