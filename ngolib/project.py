"""The project's folder: where it is, its tables and its hashes."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ngolib.errors import DataError, ProjectError, check_known
from ngolib.reading import below, files_read, note, recorded, sha256

if TYPE_CHECKING:
    import pandas as pd

    from ngolib.tables import Package, Table

Kept = TypeVar("Kept")
ENVIRONMENT = "NGOLIB_PROJECT"
MARKER = Path("data") / "datapackage.json"


def kept(make: Callable[[Any], Kept]) -> property:
    """Let what an object makes of its `project` be a property that is made once."""
    return property(
        lambda own: getattr(own, "project", own).keep(make, lambda: make(own)), doc=make.__doc__
    )


@dataclass(frozen=True)
class Project:
    """One research compendium on disk, by its folder; one object sees one state of its data."""

    root: Path

    @classmethod
    def find(cls, path: str | Path | None = None) -> Project:
        """Find the project by its root; none is a `ProjectError`.

        Its root is by default the environment's `NGOLIB_PROJECT`, else the nearest folder from the
        working one upwards that holds `data/datapackage.json`, else the checkout that this package
        was installed from. As long as no file under `data/` has changed, it is the same object.
        """
        named, checkout = path or os.environ.get(ENVIRONMENT), Path(__file__).resolve().parents[1]
        try:
            here = Path.cwd() / (named or "")
        except FileNotFoundError:
            raise ProjectError("the working folder is gone; go to one that is there") from None
        folders = [here.resolve()] if named else [here, *here.parents, checkout]
        root = next((folder for folder in folders if (folder / MARKER).is_file()), None)
        if root is None:
            said = " is no project" if named else " is no project, nor is a folder above it"
            name = f"name its folder with --project or {ENVIRONMENT}"
            raise ProjectError(f"{folders[0]}{said}: {MARKER.as_posix()} is missing; {name}")
        project = cls(root)
        if project in pinned:
            return _latest[project][1]
        hashes = project.input_hashes()
        before, latest = _latest.get(project, ({}, project))
        if before != hashes:
            # What was made of files that are as they were is kept.
            now = {root / name: digest for name, digest in hashes.items()}.items()
            still = {key: made for key, made in latest._kept.items() if made[1].items() <= now}
            project._kept.update(still)
            _latest[project] = hashes, project
        return _latest[project][1]

    data = cached_property(lambda own: Path(own.root, "data"))
    """Folder of the tables and texts."""
    notebooks = cached_property(lambda own: Path(own.root, "notebooks"))
    """Folder of the notebooks."""
    reports = cached_property(lambda own: Path(own.root, "reports"))
    """Folder of the plan and of the generated pages."""

    @kept
    def package(self) -> Package:
        """Schema and facts of the data package; a `ProjectError` if it cannot be used."""
        from ngolib.checked import read_checked
        from ngolib.tables import Package

        path = self.root / MARKER
        return read_checked(Package, path, str(path), ProjectError)[1]

    @property
    def schema(self) -> dict[str, Table]:
        """Schema of every table, by name."""
        return self.package.tables

    @property
    def closing_day(self) -> date:
        """Day on which the register was closed: what came later is out."""
        return self.package.closing_day

    @property
    def reference(self) -> dict[str, Any]:
        """What a citation of the data says: authors, title, version, closing day, address."""
        package = self.package
        authors = [one.title for one in package.contributors] or ["Authors not stated"]
        told = {"authors": authors, "title": package.title or package.name or self.root.name}
        told |= {"version": package.version, "date": self.closing_day.isoformat()}
        return told | {"home": str(self.citation_file.get("url", ""))}

    @property
    def citation(self) -> str:
        """How the data are cited, in words."""
        said = self.reference
        head = f"{', '.join(said['authors'])} ({said['date'][:4]}): {said['title']}. "
        doi = self.citation_file.get("doi")
        tail = f" https://doi.org/{doi}" if doi else ""
        return f"{head}Version {said['version']}, data of {said['date']}.{tail}"

    @property
    def citation_file(self) -> dict[str, Any]:
        """What `CITATION.cff` says; nothing where there is none."""
        from ngolib.checked import Citation, read_checked

        path = self.root / "CITATION.cff"
        return read_checked(Citation, path, path.name, ProjectError)[0] if path.exists() else {}

    def table(self, name: str) -> Table:
        """Return the schema of one table; an unknown name is a `ProjectError`."""
        check_known(ProjectError, "table", name, self.schema)
        return self.schema[name]

    def read_text_cells(self, name: str) -> pd.DataFrame:
        """Read a table as text cells; its form is checked, its values are not.

        The index is the row of the file, the header being row 1.
        """
        from ngolib.tables import read_csv

        table = self.table(name)
        return read_csv(self.data / table.path, table)

    @kept
    def _kinds(self) -> dict[tuple[str, str], str]:
        """Vocabulary and code to the kind of the code."""
        of_code = self.read_text_cells("vocabulary").set_index(["vocabulary", "code"])
        return of_code["kind"].to_dict()

    @kept
    def vocabularies(self) -> dict[str, dict[str, str]]:
        """Vocabulary name to its codes and their labels, in the order of the codebook."""
        groups = self.read_text_cells("vocabulary").groupby("vocabulary", sort=False)
        return {str(name): dict(zip(g["code"], g["label"], strict=True)) for name, g in groups}

    def vocabulary(self, name: str, kind: str | None = None) -> dict[str, str]:
        """Return the codes of a vocabulary and their labels, in the order of the codebook.

        A kind keeps codes of this kind only (categories: field, sanction, practice, context). An
        unknown vocabulary is a `ProjectError`.
        """
        check_known(ProjectError, "vocabulary", name, self.vocabularies)
        labels = self.vocabularies[name]
        return {c: text for c, text in labels.items() if kind in (None, self._kinds[name, c])}

    def read_table(self, name: str) -> pd.DataFrame:
        """Read a table, every cell validated against its schema; else a `DataError`, a line each.

        Columns are as the schema describes them: text (empty = not known or not applicable),
        nullable integers, booleans, and tuples for lists; rows in the order of the file.
        """
        # pandas copies what is written to: the copy costs nothing until then.
        return self.keep(name, lambda: self._typed(name)).copy(deep=False)

    def _typed(self, name: str) -> pd.DataFrame:
        from ngolib.tables import defects_of, typed

        table, cells = self.table(name), self.read_text_cells(name)
        if defects := list(defects_of(table, cells, self.vocabularies)):
            raise DataError(defects)
        return typed(table, cells)

    @cached_property
    def _kept(self) -> dict[Any, tuple[Any, dict[Path, str]]]:
        """What was made once, by its key: with the files that it was made from."""
        return {}

    def keep(self, key: Any, make: Callable[[], Kept]) -> Kept:
        """Return what was made once; whoever uses it has read what it was made from."""
        # Words are held in one way also where pyarrow is, which orders otherwise.
        if (pandas := sys.modules.get("pandas")) and pandas.options.mode.string_storage == "auto":
            pandas.options.mode.string_storage = "python"
        if key not in self._kept:
            with recorded() as used:
                self._kept[key] = make(), used
            return self._kept[key][0]
        made, used = self._kept[key]
        note(used)
        return made

    def files_read(self) -> dict[str, str]:
        """Return the SHA-256 of what was read of its files, by path from the root, sorted."""
        own = {p: digest for p, digest in files_read().items() if p.is_relative_to(self.root)}
        return dict(sorted((p.relative_to(self.root).as_posix(), own[p]) for p in own))

    def input_hashes(self) -> dict[str, str]:
        """Return the SHA-256 of every file of `data/` but drafts, by path from the root, sorted."""
        drafts = self.data / "coding" / "drafts"
        files = (p for p in below([self.data]) if p.name[0] != "." and drafts not in p.parents)
        kept = (p for p in files if p.is_file())
        return dict(sorted((p.relative_to(self.root).as_posix(), sha256(p)) for p in kept))


# The last state of each project that `find` saw in this process: hashes of its data, and itself.
_latest: dict[Project, tuple[dict[str, str], Project]] = {}
# Those that stay as they were seen last, so that what a notebook reads is of one state.
pinned: set[Project] = set()

# What a loader has for its project: the one that is found.
FOUND: Any = None
Given = ParamSpec("Given")


def read_once(load: Callable[Given, Kept]) -> Callable[Given, Kept]:
    """Let a loader do its work once for a state of the data and the same arguments.

    The loader has a keyword `project`, by default the project that is found. Whoever gets a frame
    can change it, and no one else sees that.
    """

    @functools.wraps(load)
    def loader(*args: Any, **kwargs: Any) -> Kept:
        project: Any = kwargs.pop("project", None) or Project.find()
        # Lists, sets and columns in a form that can be looked up.
        once = [
            tuple(v) if isinstance(v, Iterable) and not isinstance(v, str) else v
            for v in (*args, *kwargs.values())
        ]
        args, kwargs = tuple(once[: len(args)]), dict(zip(kwargs, once[len(args) :], strict=True))
        key = load, args, *sorted(kwargs.items())
        kept: Any = project.keep(key, lambda: load(*args, project=project, **kwargs))
        return kept.copy(deep=False) if hasattr(kept, "columns") else kept

    return loader
