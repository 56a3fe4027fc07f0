"""What nearly every notebook imports and reads: done once, in the process that jobs fork from.

Importing this module does it. What cannot be imported or read is left to the notebook, which says
so; what is printed on the way is nobody's business.
"""

import contextlib
import gc
import importlib
import os
import pkgutil
import sys
from typing import Any

_PARENT = os.getppid()
# Not the backends of pyplot: they set themselves up for the shell that is there then.
_HEAVY = ("matplotlib.backends.backend_svg", "pydantic", "ngolib.reports.page")
_LEFT_OUT = ("ngolib.cli", "ngolib.exchange", "ngolib.intake", "ngolib.reports")


def _import(name: str) -> Any:
    if os.getppid() != _PARENT:  # the command has ended meanwhile
        os._exit(0)
    with contextlib.suppress(Exception):
        return importlib.import_module(name)


def _import_all() -> None:
    if _import("ngolib.reports.notebook"):
        from ngolib.reports.engine import fresh_shell

        with fresh_shell() as shell:  # pandas asks once where it is, and shows more there
            shell.run_cell("import pandas")
    package = _import("ngolib")
    parts = pkgutil.walk_packages(package.__path__, "ngolib.", onerror=lambda _: None)
    for name in (*_HEAVY, *(part.name for part in parts)):
        if not name.startswith(_LEFT_OUT) or name in _HEAVY:
            _import(name)
    numpy = _import("numpy")
    if numpy:  # what is random must not be the same in all; Python's own sees to that itself
        os.register_at_fork(after_in_child=numpy.random.seed)


def _read_data() -> None:
    """Read the project's data: a job reads them again only if they have changed by then."""
    from ngolib import evidence, texts
    from ngolib.evidence.lookup import lookup

    evidence.load_events()
    evidence.load_rules()
    texts.load_articles()
    texts.load_sentences()
    lookup([])


if sys.path[0] == "":  # what lies in the project hides no package
    del sys.path[0]
_nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(_nowhere, 1)
os.dup2(_nowhere, 2)
_import_all()
with contextlib.suppress(Exception):
    _read_data()
# What is here stays for good: jobs share its memory as long as nothing touches it.
gc.collect()
gc.freeze()
