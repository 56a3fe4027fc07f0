"""An ordinary Jupyter kernel, and papermill's own command, show what our engine shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from papermill.execute import execute_notebook

from ngolib.project import Project
from ngolib.reports import notebook, run
from ngolib.reports.job import refresh

from .conftest import files_of, run_ngolib, write_notebook

ROOT = Path(__file__).resolve().parents[2]
# What could tell a shell in a forked process from a kernel.
CELLS = [
    "# What could differ?",
    "import os, sys\nsorted(n for n in os.environ if n.startswith(('PYTHON', 'LC_', 'MPL', 'TZ')))",
    "[os.environ.get(n) for n in ('PYTHONHASHSEED', 'TZ', 'LC_ALL', 'NGOLIB_PROJECT') if n]",
    "sys.flags, sys.stdin.encoding, sys.getdefaultencoding()",
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
    "import threading\nt = threading.Thread(target=print, args=('thread',)); t.start(); t.join()",
    "from concurrent.futures import ThreadPoolExecutor as E\nlist(E(2).map(abs, [-1, -2]))",
    "import multiprocessing as m\nm.get_start_method()",
    "import signal\n[signal.getsignal(s) for s in (signal.SIGCHLD, signal.SIGTERM)]",
    "import asyncio\nawait asyncio.sleep(0); 'awaited'",
    "import locale, time\nlocale.getpreferredencoding(), time.tzname, locale.setlocale(0)",
    "get_ipython().history_manager.hist_file, get_ipython().execution_count",
    "import resource, gc, sys\ngc.get_threshold(), sys.getrecursionlimit(), gc.isenabled()",
    "os.path.relpath(os.getcwd(), os.environ['NGOLIB_PROJECT']), os.path.basename(sys.executable)",
    "import ngolib.page, ngolib\nngolib.load_rules.__module__",
    "words = [pd.Series(['a']).dtype.storage]; page = ngolib.Page('03_kinds', globals())",
    "[*words, pd.Series(['a']).dtype.storage, pd.get_option('mode.string_storage')]",
    "import atexit, numpy, random\nrandom.seed(1); numpy.random.seed(1)\nrandom.random()",
    "numpy.random.rand(2), numpy.random.default_rng(3).random()",
    "%matplotlib inline\nplt.plot([5, 6]); 2",
    "!echo shell",
    "os.path.basename(sys.path[sys.path.index('') + 1])",
    "%%capture said\nprint('kept')",
    "said.stdout",
    "from IPython.display import display, clear_output, Image\nprint('gone')\nclear_output()\n_",
    "shown = display('before', display_id=True)\nshown.update('after')",
    "",
    "import helper\nhelper.x",
    "display(Image(b'\\x89PNG', format='png'))",
]


def in_kernel(path: Path, at: run.At) -> tuple[bytes, dict[str, bytes]]:
    """Run a notebook as `refresh` does, in an ordinary kernel."""
    source = notebook.read(path)
    how = {"kernel_name": "python3", "language": "python", "progress_bar": False}
    done = execute_notebook(nbformat.from_dict(source), None, cwd=path.parent, **how)
    return notebook.write(notebook._clean(done, source)), {}


def shown(path: Path, root: Path, do: run.Do = refresh) -> bytes:
    ((_, tried),) = run.each({"x": path}, do, root, workers=1, timeout=120)
    assert tried.result is not None, tried.account
    return tried.result[0]


def test_an_ordinary_kernel_shows_the_same_bytes(project: Project) -> None:
    path = project.notebooks / "03_kinds.ipynb"
    write_notebook(path, CELLS)
    (project.notebooks / "helper.py").write_text("x = 'helped'")
    ours = shown(path, project.root).decode()
    assert ours.splitlines() == shown(path, project.root, in_kernel).decode().splitlines()
    assert "image/png" in ours and "helped" in ours and "'notebooks'" in ours


@pytest.mark.parametrize("way", ["import sys; sys.exit()", "exit()", "raise SystemExit"])
def test_a_notebook_that_ends_itself_is_not_made(made: Project, way: str) -> None:
    before = files_of(made.reports / "small")
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", way, "'never'"])
    result = run_ngolib(made, "report", "small")
    assert result.exit_code == 1
    assert "02_small.ipynb, cell 2: it ends the notebook; the cells behind" in result.output
    assert files_of(made.reports / "small") == before
    assert run_ngolib(made, "notebooks", "02_small").exit_code == 1


def test_what_programs_print_is_shown_at_its_place(project: Project) -> None:
    path = project.notebooks / "03_prints.ipynb"
    prints = "import os, sys, subprocess\nprint('a'); os.system('echo b'); print('c')\n"
    write_notebook(path, [f"{prints}subprocess.run('echo d >&2', shell=True).returncode"])
    (cell,) = json.loads(shown(path, project.root))["cells"]
    kinds = [(o.get("name"), o.get("text") or o["data"]["text/plain"]) for o in cell["outputs"]]
    assert kinds == [("stdout", ["a\n", "b\n", "c\n"]), ("stderr", ["d\n"]), (None, ["0"])]


def test_very_many_lines_are_printed_in_their_order(project: Project) -> None:
    path = project.notebooks / "04_lines.ipynb"
    write_notebook(path, ["for n in range(30_000):\n    print(n)", "print('a'); print('b')"])
    cells = json.loads(shown(path, project.root))["cells"]
    first, second = ("".join(cell["outputs"][0]["text"]) for cell in cells[-2:])
    assert first == "".join(f"{n}\n" for n in range(30_000)) and second == "a\nb\n"


def test_what_is_made_and_not_shown_fails_without_provenance_too(made: Project) -> None:
    cell = "import ngolib\npage = ngolib.Page('05_lost', globals(), layer='register')\n"
    cell += "import pandas as pd\npage.show('lost', pd.DataFrame({'n': [1]}), 'Lost')\n1"
    write_notebook(made.notebooks / "05_lost.ipynb", [cell])
    done = run_ngolib(made, "report", "05_lost")
    assert done.exit_code == 1 and "made, but shown nowhere: lost; let each" in done.output


def test_papermills_own_command_takes_the_engine(project: Project, tmp_path: Path) -> None:
    # As it is installed, whichever checkout is tested.
    entries = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    (tmp_path / "own-1.dist-info").mkdir()
    (tmp_path / "own-1.dist-info/entry_points.txt").write_text(
        "\n".join(
            f"[{group}]\n" + "\n".join(f"{name} = {place}" for name, place in found.items())
            for group, found in entries.items()
        )
    )
    cells = [("x: int = 1  # one", "parameters"), "x * 21", "print('said')"]
    write_notebook(project.notebooks / "03_two.ipynb", cells)
    command = [sys.executable, "-m", "papermill", "--engine", "ngolib", "--no-progress-bar"]
    command += ["-k", "python3", "--language", "python", "-p", "x", "2"]
    command += ["notebooks/03_two.ipynb", str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run(
        command, cwd=project.root, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    cells = json.loads((tmp_path / "out").read_text())["cells"]
    assert cells[2]["outputs"][0]["data"]["text/plain"] == ["42"]
    assert cells[3]["outputs"][0]["text"] == ["said\n"]
    code = "import ngolib.reports.notebook"  # nor is there a circle when we come first
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_jobs_do_not_share_what_is_random_or_set(project: Project) -> None:
    path = project.notebooks / "03_random.ipynb"
    count = "import ngolib\nngolib.left = getattr(ngolib, 'left', 0) + 1\nngolib.left"
    cells = ["import random, numpy, os\nos.getpid(), random.random(), numpy.random.rand()", count]
    write_notebook(path, cells)
    first, second = (json.loads(shown(path, project.root))["cells"] for _ in range(2))
    numbers = [c[0]["outputs"][0]["data"]["text/plain"][0].split(", ") for c in (first, second)]
    assert all(one != other for one, other in zip(*numbers, strict=True))
    assert [c[1]["outputs"][0]["data"]["text/plain"] for c in (first, second)] == [["1"], ["1"]]


def test_a_broken_module_breaks_only_what_needs_it(project: Project, tmp_path: Path) -> None:
    (tmp_path / "pandas.py").write_text("raise ValueError('broken')")
    path = project.notebooks / "02_small.ipynb"
    write_notebook(path, ["1 + 1"])
    command = [sys.executable, "-c", "from ngolib.cli import main; main()", "notebooks"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    command += ["02_small", "--project", str(project.root)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "'2'" in str(json.loads(path.read_text())["cells"][0]["outputs"])


@pytest.mark.parametrize("name", ["PYTHONWARNINGS", "PYTHONSTARTUP", "COLUMNS", "PYTHONDEVMODE"])
def test_a_users_settings_do_not_reach_jobs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PYTHONPATH", "kept")
    assert name not in run.environment(ROOT)
    assert run.environment(ROOT)["PYTHONPATH"] == "kept"


def test_the_command_starts_light() -> None:
    code = (
        "import sys, ngolib.cli, ngolib.reports.driver, ngolib.reports.upkeep\n"
        "print([n for n in sys.modules if n.partition('.')[0] in "
        "('pandas','numpy','nbformat','nbconvert','papermill','jupyter_client','zmq','jinja2',"
        "'matplotlib','IPython','rich','bs4','asyncio','distributed','filelock')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_control_character_in_a_cell_or_its_output_is_no_error(made: Project) -> None:
    cells = ["# What?", 'x = "a\x0cb"', 'print("\x1b[31mred\x01\x1b[0m")']
    write_notebook(made.notebooks / "02_small.ipynb", cells)
    assert run_ngolib(made, "report", "small").exit_code == 0
