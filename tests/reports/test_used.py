"""What a run read is recorded, whichever way it reads; an edit makes only its readers stale."""

from __future__ import annotations

import _thread
import contextlib
import ctypes  # noqa: F401
import os
import shutil
import socket  # noqa: F401
import sqlite3  # noqa: F401
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor  # noqa: F401
from functools import partial
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.request import urlopen  # noqa: F401

import numpy as np
import pytest
from pytest import TempPathFactory

from ngolib.errors import ProjectError
from ngolib.evidence import load_events, load_rules
from ngolib.evidence.lookup import lookup
from ngolib.project import Project
from ngolib.reading import sha256
from ngolib.reports import used
from ngolib.reports.freshness import differences
from ngolib.reports.used import UNKNOWN, read_by, read_now

from .conftest import run_ngolib, write_notebook

WAYS = [
    "open('data/own.csv').read()",
    "__import__('pathlib').Path('data/own.csv').read_bytes()",
    "__import__('os').read(__import__('os').open('data/own.csv', 0), 9)",
    "__import__('pandas').read_csv('data/own.csv')",
    "__import__('pandas').read_csv('data/own.csv', engine='python', memory_map=True)",
    "__import__('numpy').loadtxt('data/own.csv', str)",
    "__import__('shutil').copy('data/own.csv', 'reports')",
    "open('data/own.csv', 'r+').read()",
    "__import__('io').FileIO(__import__('pathlib').Path('data/own.csv')).read()",
    "open('link/data/own.csv').read()",
]
NOT_THERE = [
    "open('later.csv')",
    "__import__('os').open('later.csv', 0)",
    "__import__('pathlib').Path('later.csv').read_text()",
]
LISTED = {
    "list(__import__('pathlib').Path('data').glob('*.csv'))": {"data"},
    "__import__('os').listdir('data/coding')": {"data/coding"},
    "list(__import__('os').walk('reports'))": set(),  # which each run fills anew
    "__import__('os').listdir('notebooks')": {"notebooks"},
    "__import__('os').listdir()": {"."},
    "list(__import__('pathlib').Path().glob('*.txt'))": {"."},
    "__import__('os').listdir(__import__('os').open('data', 0))": {"data"},
    "list(__import__('os').walk('data/coding'))": {"data/coding", "data/coding/mine"},
}
ASKED = [
    "Path('{}').exists()",
    "Path('{}').is_file()",
    "os.path.exists('{}')",
    "os.path.isfile('{}')",
    "os.stat('{}')",
    "os.path.exists(b'{}')",
    "__import__('pandas').Series(['{}']).map(os.path.exists)",
    "ThreadPoolExecutor(1).submit(os.path.exists, '{}').result()",
    "type('Look', (), {{'at': os.stat}})().at('{}')",
]
UNHEARD = {
    "subprocess.run(['cat', 'data/own.csv'])": "a program",
    "os.system('true')": "a program",
    "os.waitpid(pid, 0) if (pid := os.fork()) else os._exit(0)": "a program",
    "sqlite3.connect('file:own.db?mode=ro', uri=True)": "a database",
    "sqlite3.connect(':memory:')": "a database",  # it may attach another
    "ctypes.CDLL(None)": "a library",
    "socket.create_connection(('127.0.0.1', 9), timeout=1)": "the web",
    "socket.socket().connect(('127.0.0.1', 9))": "the web",
    "urlopen('http://127.0.0.1:9/data.csv', timeout=1)": "the web",
}
LOADED = """
from importlib import util
spec = util.spec_from_file_location("own_loaded", "module.py")
spec.loader.exec_module(util.module_from_spec(spec))
"""
SILENT = {
    "from lxml import etree": "lxml",
    "import multiprocessing": "multiprocessing",
    "pd.read_parquet('x')": "read_parquet",
    "os.open('x', 0, dir_fd=3)": "dir_fd",
    "readline.read_history_file('h')": "readline",
    "scipy.io.mmread('m.mtx')": "mmread",
    "ImageCms.getOpenProfile('q.icc')": "ImageCms",
    "getattr(pd, 'read_' + kind)(file)": "read_",
    'getattr(pd, f"read_{kind}")(file)': "read_",
    "from shelve import open": "shelve",
    "db = shelve.open('d')": "shelve",
}


@pytest.fixture
def own(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a file of its user, in which notebooks run."""
    (project.data / "own.csv").write_text("a,b\n")
    (project.data / "coding").mkdir(exist_ok=True)
    (project.root / "own.db").touch()
    (project.root / "link").symlink_to(project.root)
    monkeypatch.chdir(project.root)
    return project


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_is_opened_in_any_way_is_recorded(own: Project, way: str) -> None:
    with read_by(own.root) as read:
        exec(way)
    now = sha256(own.data / "own.csv")
    assert read.pop("link/data/own.csv", now) == now  # by the name of the link, too
    if "shutil" in way:  # which asks what is at the place of the copy
        assert (read.pop("reports/"), read.pop("reports/own.csv")) == ("reports", "")
    assert read == {"data/own.csv": now}


@pytest.mark.parametrize(("way", "folders"), LISTED.items())
def test_of_a_folder_that_is_listed_the_names_are_recorded(
    own: Project, way: str, folders: set[str]
) -> None:
    (own.data / "coding" / "mine").mkdir()
    with read_by(own.root) as read:
        exec(way)
    assert {name for name in read if name[-1] != "/"} == folders
    for name in folders:
        (own.root / name / ".hidden").touch()
        (own.root / name / "__pycache__").mkdir(exist_ok=True)
    assert read_now(own, read, {}) == read
    for name in folders:
        (own.root / name / "new.csv").touch()
    now = read_now(own, read, {})
    assert all(now[name] != read[name] for name in folders)


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("way", ASKED)
def test_a_file_that_is_only_looked_for_is_recorded(own: Project, way: str, there: bool) -> None:
    path = own.notebooks / "mine.csv"
    path.write_text("a") if there else None
    with read_by(own.root) as read, contextlib.suppress(OSError):
        exec(way.format("notebooks/mine.csv"))
    assert set(read) == {"notebooks/mine.csv"}
    path.unlink() if there else path.touch()
    assert read_now(own, read, {}) != read


def test_a_file_outside_that_a_package_looks_for_counts_when_it_comes(
    own: Project, tmp_path_factory: TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(used, "_NO_DATA", used._NO_DATA - {tempfile.gettempdir()})
    path = tmp_path_factory.mktemp("outside") / "weights.txt"
    with read_by(own.root) as read, contextlib.suppress(OSError):
        np.loadtxt(path)
    assert read[os.path.relpath(path, own.root)] == ""
    path.write_text("1")
    assert read_now(own, read, {}) != read


def test_what_ngolib_or_a_package_looks_for_is_not_recorded(own: Project) -> None:
    with read_by(own.root) as read:
        assert not sha256(own.root / "later.csv")
    assert read == {}


def test_a_folder_that_is_not_there_to_be_searched_counts_when_it_comes(own: Project) -> None:
    with read_by(own.root) as read:
        assert not [*(own.root / "later").glob("*.csv")]
    (own.root / "later").mkdir()
    (own.root / "later" / "new.csv").touch()
    assert read_now(own, read, {}) != read


@pytest.mark.parametrize(("way", "through"), UNHEARD.items())
def test_what_was_read_without_a_word_is_another_each_time(
    own: Project, way: str, through: str
) -> None:
    with read_by(own.root) as read, contextlib.suppress(OSError):
        exec(way)
    name = f"what was read through {through}"
    assert read[name] == UNKNOWN
    now = read_now(own, read, own.input_hashes())
    assert differences({"data": read}, {"data": now}) == {name: UNKNOWN}


def test_what_was_looked_for_in_a_folder_that_the_run_itself_has_made_counts(own: Project) -> None:
    with read_by(own.root) as read:
        Path("out").mkdir()
        assert not Path("out/mine.csv").exists()
    assert read == read_now(own, read, {})
    (own.root / "out" / "mine.csv").touch()
    assert read != read_now(own, read, {})


@pytest.mark.parametrize(
    "way",
    [
        "Path('mine').mkdir(exist_ok=True); assert not [*Path('mine').glob('*.csv')]",
        "os.makedirs('mine/of', exist_ok=True); assert not [*Path('mine').rglob('*.csv')]",
        "os.mkdir('mine'); assert os.listdir('mine') == []",
        "Path('mine').mkdir(); Path('mine/a.csv').touch(); Path('mine/a.csv').read_text()",
    ],
)
def test_a_folder_that_is_made_only_if_it_is_missing_counts(own: Project, way: str) -> None:
    with read_by(own.root) as read:
        exec(way)
    (own.root / "mine" / "a.csv").write_text("a")
    assert read_now(own, read, {}) != read


@pytest.mark.parametrize("mode", ["x", "a"])
def test_a_file_that_is_made_only_if_it_is_missing_counts(own: Project, mode: str) -> None:
    with read_by(own.root) as read:
        with Path("codes.csv").open(mode) as file:
            file.write("code,label\n")
        Path("codes.csv").read_text()
    assert read_now(own, read, {}) == read
    (own.root / "codes.csv").write_text("code,label\n1,one\n")
    assert read_now(own, read, {}) != read


def test_a_folder_that_is_made_and_removed_does_not_count(own: Project) -> None:
    with read_by(own.root) as read:
        Path("work").mkdir()
        Path("work/a.txt").write_text("1")
        assert [*Path("work").iterdir()] and Path("work/a.txt").exists()
        shutil.rmtree("work")
        with tempfile.TemporaryDirectory(dir=".") as folder:
            assert not [*Path(folder).iterdir()]
    assert read_now(own, read, {}) == read


def test_what_a_run_removes_before_it_makes_it_does_not_count(own: Project) -> None:
    for n in range(2):
        with read_by(own.root) as read:
            shutil.rmtree("out", ignore_errors=True)
            Path("out").mkdir(exist_ok=True)
            assert not Path("out/a.png").exists()
            Path("out/a.png").write_text(f"{n}")
            Path("b.csv").unlink(missing_ok=True)
            shutil.copy("data/own.csv", "b.csv")
        assert read == {"data/own.csv": sha256(own.data / "own.csv")}


REACHED = {
    "through a folder that was removed": "shutil.rmtree('out'); Path('out').mkdir();"
    " os.chdir('out'); Path('../data/own.csv').read_text()",
    "through a folder that was made": "Path('new').mkdir(); os.chdir('new');"
    " Path('../data/own.csv').read_text(); os.chdir('..'); shutil.rmtree('new')",
    "by a link made anew": "Path('cur').unlink(missing_ok=True);"
    " Path('cur').symlink_to('data/own.csv'); Path('cur').read_text()",
    "by a link in a folder made anew": "shutil.rmtree('out'); Path('out').mkdir();"
    " Path('out/own').symlink_to('../data/own.csv'); Path('out/own').read_text()",
    "by a link in a folder that goes": "Path('new').mkdir();"
    " Path('new/own').symlink_to('../data/own.csv'); Path('new/own').read_text();"
    " shutil.rmtree('new')",
    "by a second name": "shutil.rmtree('out'); Path('out').mkdir();"
    " os.link('data/own.csv', 'out/own'); Path('out/own').read_text()",
    "behind a link that is no folder": "shutil.rmtree('link', ignore_errors=True);"
    " Path('link/data/own.csv').read_text()",
    "in a folder that is no file": "with contextlib.suppress(OSError):\n    os.remove('data')\n"
    "Path('data/own.csv').read_text()",
}


@pytest.mark.parametrize("way", REACHED.values(), ids=REACHED)
def test_what_is_reached_past_what_was_made_counts(own: Project, way: str) -> None:
    (own.root / "out").mkdir()
    with read_by(own.root) as read:
        exec(way)
    os.chdir(own.root)
    assert read_now(own, read, {}) == read
    (own.data / "own.csv").write_text("a,b\n1,2\n")
    assert read_now(own, read, {}) != read


def test_what_the_run_itself_has_made_does_not_count(own: Project) -> None:
    with read_by(own.root) as read:
        shutil.rmtree("out", ignore_errors=True)
        Path("out").mkdir()
        Path("out/a.txt").write_text("1")
        assert [*Path("out").iterdir()] and Path("out/a.txt").exists()
        assert Path("out/a.txt").read_text()
        Path("b.txt").write_text("1")
        assert Path("b.txt").read_text()
    assert read == {}


def test_a_method_that_is_called_as_a_module_is_no_doubt(own: Project) -> None:
    told = "# Why did they shelve the bill? A readline, a word that is read_ here.\n"
    (own.root / "own_module.py").write_text(f"head = open('own.csv').readline()\n{told}")
    with read_by(own.root) as read:
        (own.root / "own_module.py").read_text()
    assert set(read) == {"own_module.py"}


@pytest.mark.parametrize(("code", "word"), SILENT.items())
def test_of_a_notebook_or_module_that_names_what_reads_in_silence_it_is_not_known(
    own: Project, code: str, word: str
) -> None:
    (own.root / "own_module.py").write_text(f"# {code}\n")
    with read_by(own.root) as read:
        (own.root / "own_module.py").read_text()
    assert read[f"what was read through {word}"] == UNKNOWN


def leads_elsewhere(root: Path) -> None:
    (root / "to").unlink()
    (root / "to").symlink_to("two.txt")


EDITS = {
    "a link leads elsewhere": ("open('to').read()", leads_elsewhere),
    "source of what Python keeps": (LOADED, lambda root: (root / "module.py").write_text("x = 22")),
    "a hidden file": ("open('.own').read()", lambda root: (root / ".own").write_text("new")),
    "a file that comes while a folder is listed": (
        "__import__('os').listdir('data'); open('data/new.csv', 'w').close()",
        lambda root: None,
    ),
    "a module where none was": (
        "import contextlib\nwith contextlib.suppress(ImportError): import of_nobody",
        lambda root: (root / "notebooks" / "of_nobody.py").write_text("x = 1"),
    ),
    "a module where a package has none": (
        "import contextlib\nwith contextlib.suppress(ImportError): from own_package import later",
        lambda root: (root / "notebooks" / "own_package" / "later.py").write_text("x = 1"),
    ),
    "a folder that goes": (
        "os.path.isdir('data/coding')",
        lambda root: shutil.rmtree(root / "data" / "coding"),
    ),
    "a folder that another comes to stand for": (
        "Path('behind').resolve()",
        lambda root: (root / "behind").unlink() or (root / "behind").symlink_to(root / "data"),
    ),
    "a file of a fixed name in any folder": (
        "__import__('glob').glob('*/late.csv')",
        lambda root: (root / "data" / "late.csv").touch(),
    ),
    "what a listing says of a file": (
        "[one.stat() for one in os.scandir('data')]",
        lambda root: (root / "data" / "own.csv").write_text("longer than it was"),
    ),
    "what a listing says of where a link leads": (
        "[one.is_file() for one in os.scandir('data')]",
        lambda root: (root / "two.txt").unlink(),
    ),
    "how long a file is that a link in a folder leads to": (
        "[one.stat() for one in os.scandir('data')]",
        lambda root: (root / "two.txt").write_text("longer than it was"),
    ),
    "files that are compared": (
        "__import__('filecmp').cmp('one.txt', 'module.py')",
        lambda root: (root / "module.py").write_text("y = 1"),
    ),
    "a file that may be read": (
        "os.access('late.txt', os.R_OK)",
        lambda root: (root / "late.txt").touch(),
    ),
    "a file that a package misses": (
        "with contextlib.suppress(OSError): __import__('numpy').loadtxt('late.txt')",
        lambda root: (root / "late.txt").touch(),
    ),
    "a line of a file that is not there": (
        "__import__('linecache').getline('late.txt', 1)",
        lambda root: (root / "late.txt").touch(),
    ),
    "a module that is only sought": (
        "assert not __import__('importlib.util').util.find_spec('of_none')",
        lambda root: (root / "notebooks" / "of_none.py").touch(),
    ),
    "a zip file on Python's path that comes": (
        "sys.path.insert(0, 'late.zip')\n"
        "with contextlib.suppress(ImportError): import_module('of_none')",
        lambda root: (root / "late.zip").touch(),
    ),
    "a module that is imported by its name": (
        "with contextlib.suppress(ImportError): import_module('of_none')",
        lambda root: (root / "notebooks" / "of_none.py").touch(),
    ),
    "between two readings through the gate": (
        "(again := import_module('ngolib.reading').read_text)(own.data / 'own.csv'); "
        "print('new', file=open('data/own.csv', 'w')); again(own.data / 'own.csv')",
        lambda root: None,
    ),
    "before a second reading through the gate": (
        "open('data/own.csv').read(); print('new', file=open('data/own.csv', 'w')); "
        "import_module('ngolib.reading').read_text(own.data / 'own.csv')",
        lambda root: None,
    ),
    "while it is run": (
        "open('one.txt').read(); open('one.txt', 'w').write('new')",
        lambda root: None,
    ),
}


@pytest.mark.parametrize(("way", "edit"), EDITS.values(), ids=EDITS)
def test_what_is_other_than_it_was_when_read_is_seen(
    own: Project,
    way: str,
    edit: Callable[[Path], object],
    tmp_path_factory: TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (own.root / "behind").symlink_to(tmp_path_factory.mktemp("far"))
    for name in ("one.txt", "two.txt", ".own"):
        (own.root / name).write_text(name)
    (own.root / "to").symlink_to("one.txt")
    (own.data / "to").symlink_to(own.root / "two.txt")
    (own.root / "module.py").write_text("x = 1")
    monkeypatch.syspath_prepend(own.notebooks)
    (own.notebooks / "own_package").mkdir()
    (own.notebooks / "own_package" / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "own_package", raising=False)
    exec(LOADED)  # now Python keeps it
    with read_by(own.root) as read:
        exec(way)
    edit(own.root)
    assert read_now(own, read, own.input_hashes()) != read


def by_another(text: str) -> None:
    """Let another program write to a file."""
    subprocess.run(["tee", "data/own.csv"], input=text.encode(), check=True, stdout=-3)


TWICE = {
    "looked for, then read": (
        "os.path.exists('data/own.csv'); by_another('b'); open('data/own.csv').read()"
    ),
    "its head, then the whole": (
        "open('data/own.csv').read(1); by_another('b'); open('data/own.csv').read()"
    ),
    "while it is read": (
        "with open('data/own.csv') as file: file.read(1); by_another('b'); file.read()"
    ),
    "listed": "os.listdir('data'); by_another('b'); os.listdir('data')",
}


@pytest.mark.parametrize("way", TWICE.values(), ids=TWICE)
def test_what_was_another_between_two_readings_is_seen_though_it_is_put_back(
    own: Project, way: str
) -> None:
    with read_by(own.root) as read:
        exec(way)
    (own.data / "own.csv").write_text("a,b\n")
    unlike = differences({"data": read}, {"data": read_now(own, read, {})})
    assert unlike.pop("what was read through a program") == UNKNOWN
    assert unlike == {"data" if "list" in way else "data/own.csv": "changed"}


def test_what_is_read_since_it_cannot_be_written_counts(own: Project) -> None:
    (own.data / "own.csv").chmod(0o400)  # by which the system's first user is not bound
    lock = shutil.which("chattr") or "true"
    locked = subprocess.run([lock, "+i", "data/own.csv"], check=False).returncode == 0
    try:
        if os.access("data/own.csv", os.W_OK):
            pytest.skip("whoever runs this may write to any file")
        with read_by(own.root) as read:
            with contextlib.suppress(OSError):
                Path("data/own.csv").write_text("new")
            Path("data/own.csv").read_text()
    finally:
        subprocess.run([lock, "-i", "data/own.csv"], check=locked)
    assert read == {"data/own.csv": sha256(own.data / "own.csv")}


ODD_NAMES = ["x" * 999, "one.txt/below", "data/own.csv/"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_that_leads_nowhere_is_recorded_and_bears_a_second_look(own: Project, name) -> None:
    (own.root / "one.txt").touch()
    with read_by(own.root) as read, contextlib.suppress(OSError):
        exec(f"open({name!r})")
    assert read and read_now(own, read, own.input_hashes()) == read


def test_a_thread_may_begin_with_what_is_heard(own: Project) -> None:
    with read_by(own.root) as read:
        for ask in (os.listdir, os.stat):
            _thread.start_new_thread(ask, ("data",))
        until = time.monotonic() + 10
        while "data" not in read and time.monotonic() < until:
            read |= used._records[-1].files
    assert "data" in read


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a name is Unicode")
def test_a_name_outside_that_no_record_can_hold_is_one_line(
    own: Project, tmp_path_factory: TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(used, "_NO_DATA", used._NO_DATA - {tempfile.gettempdir()})
    path = tmp_path_factory.mktemp("away") / os.fsdecode(b"caf\xe9.csv")
    path.touch()
    with pytest.raises(ProjectError, match="the name is no Unicode"), read_by(own.root):
        path.read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a name is Unicode")
def test_a_name_that_no_record_can_hold_is_one_line(own: Project) -> None:
    name = own.root / os.fsdecode(b"caf\xe9.txt")
    name.touch()
    with pytest.raises(ProjectError, match="the name is no Unicode"), read_by(own.root):
        name.read_text()


@pytest.mark.parametrize("way", NOT_THERE)
def test_a_file_that_was_not_there_counts_when_it_comes(own: Project, way: str) -> None:
    with read_by(own.root) as read, pytest.raises(FileNotFoundError):
        exec(way)
    assert read == {"later.csv": ""} == read_now(own, read, {})
    (own.root / "later.csv").write_text("a\n")
    assert read_now(own, read, {}) != read


def test_a_project_inside_an_environment_of_python_is_recorded(
    own: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(own.root))
    with read_by(own.root) as read:
        (own.data / "own.csv").read_text()
    assert set(read) == {"data/own.csv"}


def test_the_first_file_that_a_new_python_reads_is_recorded(own: Project) -> None:
    code = f"""if True:
        from pathlib import Path
        from ngolib.reports.used import read_by
        with read_by(Path({str(own.root)!r})) as read:
            open("data/own.csv").close()
        print(*read)"""
    command = [sys.executable, "-c", code]
    told = subprocess.run(
        command, cwd=own.root, capture_output=True, text=True, timeout=30, check=True
    )
    assert "data/own.csv" in told.stdout.split()


def test_what_is_written_or_away_does_not_count(
    own: Project, tmp_path_factory: TempPathFactory
) -> None:
    away = tmp_path_factory.mktemp("away") / "away.csv"
    with read_by(own.root) as read:
        (own.root / "written.txt").write_text("x")
        away.write_text("x")
        away.read_text()
    assert read == {}


def test_what_was_kept_of_an_earlier_reading_counts_again(real: Project) -> None:
    with read_by(real.root) as first:
        rules = load_rules(project=Project.find(real.root))
    with read_by(real.root) as again:
        load_rules(project=Project.find(real.root))
    assert first == again
    assert {"data/register/rules.csv", "data/datapackage.json"} <= set(first)
    assert "data/register/ratings.csv" not in first and "data/sources/iwpr-2006.txt" not in first
    with read_by(real.root) as looked:
        lookup(rules["rule_id"][:3], project=Project.find(real.root))
    assert "data/register/rules.csv" in looked and "data/coding/numbers.csv" not in looked
    with read_by(real.root) as events:
        load_events(project=Project.find(real.root))
    assert {"data/register/steps.csv", "data/coding/statements.csv"} <= set(events)


def test_what_was_read_is_told_as_it_stood_then(own: Project) -> None:
    path = own.data / "codebook" / "vocabulary.csv"
    text = path.read_text()
    with read_by(own.root) as read:
        path.write_text(text + "country,,UZB,Uzbekistan,x,,\n")
        assert "UZB" in Project.find(own.root).vocabularies["country"]
        path.write_text(text)
    name = "data/codebook/vocabulary.csv"
    assert read[name] != sha256(path) == read_now(own, read, own.input_hashes())[name]


def test_an_edit_reruns_only_the_readers_of_a_table_and_says_why(made: Project) -> None:
    for name in ("one", "two"):
        (made.notebooks / f"{name}.csv").write_text("a\n")
    (made.notebooks / "helper.py").write_text("open('two.csv').close()\n")
    write_notebook(made.notebooks / "02_small.ipynb", ["# Small", "open('one.csv').read()"])
    write_notebook(made.notebooks / "03_third.ipynb", ["# Third", "import helper"])
    entry = '\n[[report]]\nslug = "third"\ntitle = "Third"\nnotebook = "03_third"\n'
    with (made.reports / "plan.toml").open("a") as plan:
        plan.write(entry)
    run = partial(run_ngolib, made, "report", "small", "third")
    assert (ran := run()).exit_code == 0, ran.output
    (made.notebooks / "three.csv").write_text("a\n")
    assert "all fresh" in run().output
    (made.notebooks / "one.csv").write_text("b\n")
    assert "notebooks/one.csv changed\nfresh     third" in run("--dry-run").output
    (made.notebooks / "two.csv").unlink()
    (made.notebooks / "helper.py").write_text("open('one.csv').close()\n")
    assert (
        "notebooks/helper.py changed\n          notebooks/two.csv is gone\n"
        in run("--dry-run").output
    )
    assert (ran := run()).exit_code == 0, ran.output
    assert "all fresh" in run().output


def test_data_outside_the_project_are_seen_to_change(made: Project, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(used, "_NO_DATA", used._NO_DATA - {tempfile.gettempdir()})
    outside = tmp_path / "downloads" / "MINE.JSON"
    outside.parent.mkdir()
    outside.write_text("a\n1\n")
    with read_by(made.root) as read:
        assert outside.read_text()
    ((name, digest),) = read.items()
    assert (made.root / name).resolve() == outside and digest == sha256(outside)
    monkeypatch.chdir(made.notebooks)
    with read_by(made.root) as again:  # by its way from here
        assert Path(os.path.relpath(outside)).read_text()
    assert again == read
    outside.write_text("a\n2\n")
    assert read_now(made, read, {})[name] != digest


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a name is Unicode")
def test_what_a_run_does_not_read_does_not_stop_it(own: Project) -> None:
    (own.root / os.fsdecode(b"caf\xe9.txt")).touch()
    with read_by(own.root) as read:
        (own.data / "own.csv").read_text()
    assert set(read) == {"data/own.csv"}


def test_odd_commands_and_places_of_modules_are_borne(
    own: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [None, b"lib", "x" * 9999, *sys.path])
    with read_by(own.root) as read:
        subprocess.run(["true", "a." + "x" * 9999], check=True)
        with pytest.raises(ImportError):
            import_module("of_nobody_at_all")
        with pytest.raises(ImportError):
            exec("import of_nobody_else")
    assert "of_nobody_at_all.py" not in read


ODD_MODULES: list[Callable[[], Any]] = [
    lambda: type("Lazy", (ModuleType,), {"__getattr__": lambda *_: 1 / 0})("odd"),
    lambda: type("Lazy", (), {"__getattr__": lambda *_: 1 / 0})(),
    lambda: SimpleNamespace(__file__=5, __path__=5),
    lambda: None,
]


@pytest.mark.parametrize("odd", ODD_MODULES)
def test_whatever_a_cell_calls_a_module_is_borne(
    own: Project, monkeypatch, odd: Callable[[], Any]
) -> None:
    module = odd()
    if isinstance(module, ModuleType):
        vars(module).update(__file__="a\0b.py", __path__=5)
    with read_by(own.root) as read:
        for name in ("odd", 5):
            monkeypatch.setitem(sys.modules, name, module)
        (own.data / "own.csv").read_text()
    assert "data/own.csv" in read


def test_a_working_folder_that_is_gone_is_borne(own: Project, tmp_path, monkeypatch) -> None:
    (tmp_path / "gone").mkdir()
    with read_by(own.root) as read:
        monkeypatch.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()
        with pytest.raises(FileNotFoundError):
            Path("x.txt").read_text()
        (own.data / "own.csv").read_text()
    assert "data/own.csv" in read


def test_a_notebook_with_a_cell_of_the_shell_is_run_each_time(made: Project) -> None:
    for cell in ("!cat mine.csv", "%%bash\ncat mine.csv || :"):
        write_notebook(made.notebooks / "02_small.ipynb", ["# What?", cell])
        assert run_ngolib(made, "report", "small").exit_code == 0
        said = run_ngolib(made, "report", "small", "--dry-run").output
        assert "stale     small\n          what was read through a program is not known\n" in said


def test_a_module_outside_of_the_project_is_recorded(made: Project, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(used, "_NO_DATA", used._NO_DATA - {tempfile.gettempdir()})
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "outside_module.py"
    path.write_text("K = 1\n")
    import_module("outside_module")  # now Python keeps it
    monkeypatch.delitem(sys.modules, "outside_module")
    with read_by(made.root) as read:
        import_module("outside_module")
    (name,) = (name for name in read if name.endswith("outside_module.py") and read[name])
    path.write_text("K = 2\n")
    assert UNKNOWN not in read.values()
    assert read_now(made, read, {})[name] != read[name]


def test_a_folder_that_pythons_path_leads_to_counts_when_it_does_no_more(
    made: Project, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(used, "_NO_DATA", used._NO_DATA - {tempfile.gettempdir()})
    monkeypatch.syspath_prepend(tmp_path / "src")
    monkeypatch.setattr(used, "_PATH", [tmp_path / "src", tmp_path / "other"])
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "to_be_edited.py").write_text("K = 1\n")
    with read_by(made.root) as read:
        import_module("to_be_edited")
    monkeypatch.delitem(sys.modules, "to_be_edited")
    (way,) = (name for name in read if name.startswith("Python's path"))
    assert way.endswith("/src/") and read_now(made, read, {}) == read
    monkeypatch.setattr(used, "_PATH", [tmp_path / "other"])
    assert differences({"data": read}, {"data": read_now(made, read, {})}) == {way: "is gone"}


def test_data_outside_are_data_whatever_they_are_called(
    made: Project, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(used, "_NO_DATA", used._NO_DATA - {tempfile.gettempdir()})
    for name in ("weights.pth", "own.ttf"):
        (tmp_path / name).write_text("1")
        with read_by(made.root) as found:
            (tmp_path / name).read_text()
        assert [one for one in found if one.endswith(name)]


def test_a_module_is_run_as_it_stands_whatever_python_keeps_of_it(
    made: Project, monkeypatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    monkeypatch.syspath_prepend(made.notebooks)
    path = made.notebooks / "kept_module.py"
    for value in ("1", "7"):
        path.write_text(f"K = {value}\n")
        os.utime(path, (1_700_000_000,) * 2)  # as archives do
        if value == "1":
            import_module("kept_module")  # now Python keeps it
            del sys.modules["kept_module"]
            invalidate_caches()
    with read_by(made.root):
        assert import_module("kept_module").K == 7
    del sys.modules["kept_module"]


def test_a_folder_that_is_removed_names_no_files(own: Project) -> None:
    with read_by(own.root) as found, tempfile.TemporaryDirectory() as gone:
        (Path(gone) / "log" / "later.csv").mkdir(parents=True)
    assert not {"log", "later.csv"} & set(found)


def test_a_folder_of_notebooks_that_is_a_link_is_known(made: Project, tmp_path) -> None:
    made.notebooks.rename(tmp_path / "drive")
    made.notebooks.symlink_to(tmp_path / "drive")
    (made.notebooks / "mine.txt").write_text("1")
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", "open('mine.txt').read()"])
    assert run_ngolib(made, "report", "small").exit_code == 0
    (made.notebooks / "mine.txt").write_text("2")
    assert "notebooks/mine.txt changed" in run_ngolib(made, "report", "small", "--dry-run").output


UNLOCKED = {
    "compiled, installed": ("own_reader._fast", "{site}/own_reader/_fast.so", "own_reader"),
    "of no package": ("own_reader", "{site}/own_reader.py", "own_reader"),
    "compiled, elsewhere": ("own_reader._fast", "/elsewhere/own_reader/_fast.so", "own_reader"),
    "of the system": ("own_reader", "/usr/share/own_reader.py", "own_reader"),
    "hidden": ("own_reader", "/elsewhere/.local/own_reader.py", "own_reader"),
    "elsewhere": ("own_reader", "/elsewhere/own_reader.py", ""),
    "compiled, of the project": ("own_reader", "{root}/notebooks/own_reader.so", "own_reader"),
    "of the project": ("own_reader", "{root}/notebooks/own_reader.py", ""),
    "of the project, without `__init__.py`": ("own_reader", None, ""),
    "required": ("_part", "{site}/scipy/optimize/_part.so", ""),
    "required, of another name": ("_part", "{site}/dateutil/_part.so", ""),
    "of Python": ("_part", "{stdlib}/_part.so", ""),
}


@pytest.mark.parametrize(("name", "place", "owner"), UNLOCKED.values(), ids=UNLOCKED)
def test_what_a_package_reads_that_the_locks_do_not_name_is_not_known(
    own: Project, monkeypatch, name: str, place: str, owner: str
) -> None:
    monkeypatch.delitem(sys.modules, "dateutil", raising=False)
    with read_by(own.root) as read:
        module = ModuleType(name)
        folders = {"site": used._SITES[0][:-1], "stdlib": used._STDLIB[:-1], "root": own.root}
        module.__file__ = place.format(**folders) if place else None
        module.__path__ = [str(own.notebooks / "own_reader")]
        monkeypatch.setitem(sys.modules, name, module)
    assert read == ({f"what was read through {owner}": UNKNOWN} if owner else {})


def test_of_a_package_that_the_locks_do_not_name_the_version_counts(
    own: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = {"own-reader": "1"}
    monkeypatch.setattr(used, "owners", lambda: {"own_reader": {"own-reader"}})
    monkeypatch.setattr(used, "version", versions.__getitem__)
    with read_by(own.root) as read:
        module = ModuleType("own_reader")
        module.__file__ = f"{used._SITES[0]}own_reader/__init__.py"
        monkeypatch.setitem(sys.modules, "own_reader", module)
    assert read == {"the package own-reader": "version 1"} == read_now(own, read, {})
    versions["own-reader"] = "2"
    now = read_now(own, read, {})
    assert differences({"data": read}, {"data": now}) == {"the package own-reader": "changed"}


def test_of_a_package_that_the_locks_do_not_name_the_words_count(
    own: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(used, "owners", lambda: {"own_reader": {"own-reader"}})
    monkeypatch.setattr(used, "version", lambda package: "1")
    with read_by(own.root) as read:
        module = ModuleType("own_reader")
        module.__file__ = str(tmp_path / "own_reader.py")
        (tmp_path / "own_reader.py").write_text("from lxml import etree\n")
        monkeypatch.setitem(sys.modules, "own_reader", module)
    assert read.pop("what was read through lxml") == UNKNOWN
    assert read == {"the package own-reader": "version 1"}


def test_a_package_that_is_missed_counts_when_it_comes(
    own: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with read_by(own.root) as read, contextlib.suppress(ImportError):
        exec("import of_no_package")
    assert read["the package of_no_package"] == ""
    assert read_now(own, read, {}) == read
    monkeypatch.setattr(used, "owners", lambda: {"of_no_package": {"nbval"}})
    assert read_now(own, read, {})["the package of_no_package"].startswith("nbval 0.")


def test_a_package_that_was_imported_before_counts_where_a_cell_imports_it(
    own: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(used, "owners", lambda: {"own_reader": {"own-reader"}})
    monkeypatch.setattr(used, "version", lambda package: "1")
    module = ModuleType("own_reader")
    module.__file__ = f"{used._SITES[0]}own_reader/__init__.py"
    monkeypatch.setitem(sys.modules, "own_reader", module)
    for code, counts in (("import own_reader", True), ("own_reader = 1", False)):
        (own.root / "cell.py").write_text(f"{code}\n")
        with read_by(own.root) as read:
            (own.root / "cell.py").read_text()
        assert ("the package own-reader" in read) == counts


def test_a_folder_that_comes_to_be_the_package_that_was_sought_is_seen(made: Project) -> None:
    cell = "try:\n    from conf import x\nexcept ImportError:\n    x = 'none'\nx"
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", cell])
    assert run_ngolib(made, "report", "small").exit_code == 0
    assert "all fresh" in run_ngolib(made, "report", "small").output
    (made.notebooks / "conf").mkdir()
    (made.notebooks / "conf" / "x.py").write_text("y = 1\n")
    assert "stale" in run_ngolib(made, "report", "small", "--dry-run").output


def test_a_package_that_takes_the_place_of_a_module_is_seen(made: Project) -> None:
    (made.notebooks / "helper.py").write_text("n = 1\n")
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", "import helper\nhelper.n"])
    assert run_ngolib(made, "report", "small").exit_code == 0
    assert "all fresh" in run_ngolib(made, "report", "small").output
    (made.notebooks / "helper").mkdir()
    (made.notebooks / "helper" / "__init__.py").write_text("n = 2\n")
    said = run_ngolib(made, "report", "small", "--dry-run").output
    assert "stale     small\n          notebooks/helper is new\n" in said
