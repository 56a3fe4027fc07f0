"""Kernels forked from a warm parent show what ordinary ones show."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ngolib.project import Project
from ngolib.reports import execute, warm
from ngolib.reports.execute import write

from .conftest import run_ngolib, write_notebook

ROOT = Path(__file__).resolve().parents[2]
both = pytest.mark.skipif(len(warm.KINDS) < 2, reason="there is one kind of kernel here")
# What could tell a forked kernel from one that was started.
CELLS = [
    "# What could differ?",
    "import os, sys\nsorted(n for n in os.environ if n.startswith(('PYTHON', 'LC_', 'MPL', 'TZ')))",
    "[os.environ.get(n) for n in ('PYTHONHASHSEED', 'TZ', 'LC_ALL', 'NGOLIB_PROJECT') if n]",
    "sys.path, sys.flags, sys.stdin.encoding, sys.getdefaultencoding()",
    "list({'a', 'b', 'c', 'd', 'e'}), hash('a')",
    "__name__, __doc__, sorted(n for n in dir() if not n.startswith('_'))",
    "import matplotlib, matplotlib.pyplot as plt\nmatplotlib.get_backend()",
    "plt.plot([1, 2]); plt.title('Жоғары'); 1",
    "fig, ax = plt.subplots()\nax.plot([3, 2, 1])\nprint(plt.get_fignums())",
    "import pandas as pd\npd.DataFrame({'a': [1.5, None], 'b': ['x', 'ә']})",
    "options = pd._config.config._registered_options\n{o: str(pd.get_option(o)) for o in options}",
    "{name: str(value) for name, value in matplotlib.rcParams.items()}",
    "pd.DataFrame([range(40)] * 80)",
    "import warnings\nwarnings.warn('once'); warnings.warn('once')",
    "import logging\nlogging.warning('said')",
    "import subprocess\nsubprocess.run(['echo', 'out']).returncode, os.system('echo sys')",
    "print('to fd', file=sys.__stderr__)",
    "import threading\nt = threading.Thread(target=print, args=('thread',)); t.start(); t.join()",
    "from concurrent.futures import ThreadPoolExecutor as E\nlist(E(2).map(abs, [-1, -2]))",
    "import multiprocessing as m\nm.get_start_method(), m.current_process().name",
    "import signal\n[signal.getsignal(s) for s in (signal.SIGCHLD, signal.SIGTERM)]",
    "import asyncio\nawait asyncio.sleep(0); 'awaited'",
    "import locale, time\nlocale.getpreferredencoding(), time.tzname, locale.setlocale(0)",
    "get_ipython().history_manager.hist_file, get_ipython().execution_count",
    "import resource, gc, sys\ngc.get_threshold(), sys.getrecursionlimit(), gc.isenabled()",
    "os.getcwd() == os.environ['NGOLIB_PROJECT'], os.path.basename(sys.executable)",
    "import ngolib.display, ngolib\nngolib.load_rules.__module__",
    "try:\n    input('?')\nexcept Exception as e:\n    print(type(e).__name__)",
    "import atexit, numpy, random\nrandom.seed(1); numpy.random.seed(1)\nrandom.random()",
    "numpy.random.rand(2), numpy.random.default_rng(3).random()",
    "%matplotlib inline\nplt.plot([5, 6]); 2",
    "!echo shell",
    "%%capture said\nprint('kept')",
    "said.stdout",
]


@both
def test_outputs_are_the_same_bytes(project: Project) -> None:
    path = project.notebooks / "03_kinds.ipynb"
    write_notebook(path, CELLS)
    written = {}
    for kind in warm.KINDS:
        with warm.session(project.root, kind):
            written[kind] = write(execute.run(path, {}, project.root)).decode().splitlines()
    assert written[warm.WARM] == written[warm.ORDINARY]
    assert any("image/png" in line for line in written[warm.WARM])


@both
def test_kernels_do_not_share_what_is_random_or_set(project: Project) -> None:
    path = project.notebooks / "03_random.ipynb"
    cells = ["import random, numpy, os\nos.getpid(), random.random(), numpy.random.rand()"]
    count = "import ngolib\nngolib.left = getattr(ngolib, 'left', 0) + 1"
    write_notebook(path, [*cells, count, "ngolib.left"])
    with warm.session(project.root, warm.WARM):
        shown = [execute.run(path, {}, project.root).cells for _ in range(2)]
    texts = [cells[0].outputs[0].data["text/plain"] for cells in shown]
    first, second = (text.strip("()").split(", ") for text in texts)
    assert all(one != other for one, other in zip(first, second, strict=True))
    assert [cells[2].outputs[0].data["text/plain"] for cells in shown] == ["1", "1"]


@both
def test_both_kinds_are_really_used(project: Project) -> None:
    path = project.notebooks / "03_parent.ipynb"
    write_notebook(path, ["import os\nprint(open(f'/proc/{os.getppid()}/cmdline').read())"])
    with warm.session(project.root, warm.WARM):
        assert "forkserver" in execute.run(path, {}, project.root).cells[0].outputs[0].text
    with warm.session(project.root, warm.ORDINARY):
        assert "forkserver" not in execute.run(path, {}, project.root).cells[0].outputs[0].text


@both
def test_a_broken_module_breaks_only_what_needs_it(project: Project, tmp_path: Path) -> None:
    (tmp_path / "pandas.py").write_text("raise ValueError('broken')")
    path = project.notebooks / "03_broken.ipynb"
    write_notebook(path, ["1 + 1"])
    code = (
        "from ngolib.reports import execute, warm; from pathlib import Path\n"
        f"root = Path({str(project.root)!r})\n"
        "with warm.session(root, 'warm'):\n"
        f"    print(execute.run(Path({str(path)!r}), {{}}, root).cells[0].outputs)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert "'2'" in done.stdout, done.stderr


@pytest.mark.parametrize("name", ["PYTHONWARNINGS", "PYTHONSTARTUP", "COLUMNS", "PYTHONDEVMODE"])
def test_a_users_settings_do_not_reach_kernels(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PYTHONPATH", "kept")
    assert name not in warm.environment(ROOT)
    assert warm.environment(ROOT)["PYTHONPATH"] == "kept"


def test_the_command_starts_light() -> None:
    code = (
        "import sys, ngolib.cli, ngolib.reports.driver, ngolib.reports.upkeep\n"
        "print([n for n in sys.modules if n.partition('.')[0] in "
        "('pandas','numpy','nbformat','nbconvert','papermill','jupyter_client','zmq','jinja2',"
        "'matplotlib','IPython','pydantic','rich','bs4','asyncio','distributed')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def real() -> Iterator[Project]:
    yield Project(ROOT)


@both
@pytest.mark.parametrize("stem", sorted(p.stem for p in (ROOT / "notebooks").glob("*.ipynb")))
def test_every_notebook_gives_the_same_bytes_with_both_kinds(real: Project, stem: str) -> None:
    path = real.notebooks / f"{stem}.ipynb"
    written = {}
    for kind in warm.KINDS:
        with warm.session(real.root, kind):
            written[kind] = write(execute.run(path, {}, real.root))
    assert written[warm.WARM] == written[warm.ORDINARY]


@pytest.mark.parametrize("kind", warm.KINDS)
def test_the_command_takes_the_kind_asked_for(made: Project, kind: str) -> None:
    result = run_ngolib(made, "report", "small", "--force", "--kernel", kind, "--jobs", "1")
    assert result.exit_code == 0, result.output
