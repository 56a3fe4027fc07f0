"""What differs between two runs of a report: findings, evidence, parameters, inputs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ngolib.errors import ReportError
from ngolib.reports.freshness import RESULTS


class Changes(NamedTuple):
    """Differences between an earlier and a later run, each in the order of the later one."""

    findings: tuple[tuple[str, str | None, str | None], ...]
    evidence_new: tuple[str, ...]
    evidence_gone: tuple[str, ...]
    parameters: tuple[tuple[str, Any, Any], ...]
    inputs: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether a reader of the report finds something else than before."""
        return any(self._replace(inputs=()))

    def as_json(self) -> dict[str, Any]:
        """Return the differences as JSON can hold them."""
        return self._asdict()

    def lines(self) -> Iterator[str]:
        """Say each difference in a line."""
        for name, old, new in self.findings:
            if old is None:
                yield f"finding {name} is new: {new}"
            elif new is None:
                yield f"finding {name} is gone: {old}"
            else:
                yield f"finding {name} was: {old}"
                yield f"finding {name} is now: {new}"
        for name, old, new in self.parameters:
            yield f"parameter {name}: {old} before, {new} now"
        for word, ids in (("new", self.evidence_new), ("gone", self.evidence_gone)):
            if ids:
                yield f"evidence {word} ({len(ids)}): {', '.join(ids)}"
        if self.inputs:
            yield f"inputs changed ({len(self.inputs)}): {', '.join(self.inputs)}"


def _unlike(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield what differs between two mappings, what is gone last."""
    for key in (*new, *(k for k in old if k not in new)):
        if old.get(key) != new.get(key):
            yield key, old.get(key), new.get(key)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Compare the records (`results.json`) of an earlier and of a later run."""
    before, after = ({f["name"]: f["text"] for f in r["findings"]} for r in (old, new))
    had, has = old["evidence"], new["evidence"]
    inputs = _unlike(old["inputs"].get("data", {}), new["inputs"].get("data", {}))
    return Changes(
        findings=tuple(_unlike(before, after)),
        evidence_new=tuple(i for i in has if i not in set(had)),
        evidence_gone=tuple(i for i in had if i not in set(has)),
        parameters=tuple(_unlike(old["parameters"], new["parameters"])),
        inputs=tuple(name for name, _, _ in inputs),
    )


def read_run(path: Path) -> dict[str, Any]:
    """Read the record of a run: a `results.json`, or the folder of a report.

    Raises
    ------
    ngolib.errors.ReportError
        If there is none, or it is not such a record.
    """
    file = path / RESULTS if path.is_dir() else path
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReportError(f"{file}: not found; allowed: a {RESULTS} or a report's folder") from None
    except (OSError, ValueError) as error:
        raise ReportError(f"{file}: cannot be read as the record of a run: {error}") from None
    needed = ("findings", "evidence", "parameters", "inputs")
    missing = [key for key in needed if not isinstance(results, dict) or key not in results]
    if missing:
        raise ReportError(f"{file}: is no record of a run: {', '.join(missing)} missing")
    return results
