"""What nearly every notebook imports and reads: done once, in the process that jobs fork from."""

import gc
import importlib
import os
import pkgutil
import sys
from contextlib import suppress
from typing import Any

_PARENT = os.getppid()
# Not the backends of pyplot: they set themselves up for the shell that is there then.
_SCIPY = ("scipy.optimize", "scipy.spatial.distance")
_HEAVY = (*_SCIPY, "matplotlib.backends.backend_svg", "pydantic", "ngolib.reports.page")
_LEFT_OUT = ("ngolib.cli", "ngolib.exchange", "ngolib.intake", "ngolib.reports")


def _import(name: str) -> Any:
    if os.getppid() != _PARENT:  # the command has ended meanwhile
        os._exit(0)
    with suppress(Exception):
        return importlib.import_module(name)


if sys.path[0] == "":  # what lies beside a notebook hides no package
    del sys.path[0]
_nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(_nowhere, 1)
os.dup2(_nowhere, 2)
if _import("ngolib.reports.notebook"):
    with _import("ngolib.reports.engine").fresh_shell() as shell:
        shell.run_cell("import pandas")  # which asks once where it is, and shows more there
_parts = pkgutil.walk_packages(_import("ngolib").__path__, "ngolib.", onerror=lambda _: None)
for _name in (*_HEAVY, *(part.name for part in _parts)):
    if not _name.startswith(_LEFT_OUT) or _name in _HEAVY:
        _import(_name)
if _numpy := _import("numpy"):
    # What is random must not be the same in all; Python's own sees to that itself.
    os.register_at_fork(after_in_child=_numpy.random.seed)
# A first page takes ten times as long as the next.
with suppress(Exception):
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    from ngolib.reports import page

    _first = new_notebook(cells=[new_markdown_cell("# 1"), new_code_cell("1")])
    page.export(_first, {}, cite={}, files={}, settings={}, nav=[])
# The project's data: a job reads them again only if they have changed by then.
with suppress(Exception):
    from ngolib import evidence, texts
    from ngolib.evidence.lookup import lookup
    from ngolib.project import Project
    from ngolib.reports import guide
    from ngolib.reports.used import owners

    project = Project.find()
    for _name in project.schema:
        project.read_table(_name)
    evidence.load_rules()
    texts.load_sentences()
    lookup(evidence.load_events()["evidence"].explode().iloc[::50])
    guide.terms(project)
    owners()
with suppress(Exception):  # a notebook begins as in any kernel
    _import("pandas").reset_option("mode.string_storage")
# What is here stays for good: jobs share its memory as long as nothing touches it.
gc.collect()
gc.freeze()
