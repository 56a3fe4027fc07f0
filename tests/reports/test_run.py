"""From the plan to pages, with real processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ngolib.errors import MachineError
from ngolib.project import Project
from ngolib.reports import freshness
from ngolib.reports.driver import choose, examine
from ngolib.reports.job import Job, make
from ngolib.reports.plan import read_plan
from ngolib.reports.publish import publish, recover
from ngolib.reports.run import METHOD

from . import faults
from .conftest import SHOWN, files_of, run_ngolib, write_notebook

FAILING = ["# What fails?", "x = 1", "raise ValueError('no\\nway')"]
FAILING_ENTRY = '[[report]]\nslug = "bad"\ntitle = "A bad report"\nnotebook = "03_bad"\n'


def add_failing(project: Project) -> None:
    write_notebook(project.notebooks / "03_bad.ipynb", FAILING)
    plan = project.reports / "plan.toml"
    plan.write_text(plan.read_text() + FAILING_ENTRY)


def test_a_report_has_its_files(made_once: Project) -> None:
    folder = made_once.reports / "good"
    assert list(files_of(folder)) == [
        "01_good.ipynb",
        "figures/acts.png",
        "figures/acts.svg",
        "index.html",
        "results.json",
        "tables/acts.csv",
        "tables/matrix.csv",
    ]
    assert (folder / "tables/acts.csv").read_bytes().startswith(b"period,acts,note\n1,3,\n")


def test_results_say_what_was_found_with_what(made_once: Project) -> None:
    results = json.loads((made_once.reports / "set/results.json").read_text())
    assert results["slug"] == "set"
    assert results["question"] == "What is good?"
    assert results["parameters"] == {
        "countries": ["KGZ"],
        "start": 1991,
        "end": 2025,
        "fields": [],
        "in_depth": "assembly",
    }
    (finding,) = results["findings"]
    assert finding["text"] == "1 countries: KGZ, from 1991 to 2025."
    assert finding["evidence"] == ["S1"]
    assert set(results["manifest"]) == set(files_of(made_once.reports / "set")) - {"results.json"}


def test_the_notebook_runs_in_its_folder(made_once: Project) -> None:
    notebook = json.loads((made_once.reports / "small/02_small.ipynb").read_text())
    assert notebook["cells"][-1]["outputs"][0]["text"] == ["True\n"]
    assert [cell.get("execution_count") for cell in notebook["cells"]] == [None, 1, 2]


def test_the_index_tells_of_every_report(made_once: Project) -> None:
    page = (made_once.reports / "index.html").read_text()
    assert page.index("A good report") < page.index("Parameters set") < page.index("A small report")
    assert "1 countries: KGZ, from 1991 to 2025." in page
    assert 'href="set/index.html"' in page
    assert "Your runs" not in page


def test_a_second_run_runs_nothing(made: Project) -> None:
    before = files_of(made.reports)
    result = run_ngolib(made, "report")
    assert result.exit_code == 0
    assert "3 reports: all fresh, nothing was run" in result.output
    assert files_of(made.reports) == before


def test_forced_runs_give_the_same_bytes(made: Project) -> None:
    before = files_of(made.reports)
    result = run_ngolib(made, "report", "--force")
    assert "3 reports: 3 made" in result.output
    assert files_of(made.reports) == before


def test_no_file_holds_a_path_or_a_time(made_once: Project) -> None:
    for name, content in files_of(made_once.reports).items():
        assert str(made_once.root).encode() not in content, name
        assert not re.search(rb"20\d\d-\d\d-\d\dT\d\d", content), name


def test_a_failing_report_keeps_its_last_good_pages_and_stops_no_other(made: Project) -> None:
    good = files_of(made.reports / "good")
    write_notebook(made.notebooks / "01_good.ipynb", [*FAILING, ("countries: str = ''", "x")])
    plan = (made.reports / "plan.toml").read_text()
    plan = plan.replace('parameters = { countries = ["KGZ"], in_depth = "assembly" }\n', "")
    (made.reports / "plan.toml").write_text(plan.replace("A small", "A tiny"))
    result = run_ngolib(made, "report")
    assert result.exit_code == 1
    assert "01_good.ipynb, cell 3: ValueError: no (and more, 1 lines)" in result.output
    assert "3 reports: 1 made, 2 failed" in result.output
    assert files_of(made.reports / "good") == good
    log = (made.reports / ".logs/good.txt").read_text()
    assert "way" in log
    assert "Traceback" in log
    page = (made.reports / "index.html").read_text()
    assert page.count("The last run failed.") == 2
    assert page.count("The page is from the last good run.") == 2
    assert "A tiny report" in page
    assert str(made.root) not in page


def test_a_report_never_made_says_so(made: Project) -> None:
    add_failing(made)
    plan = made.reports / "plan.toml"
    plan.write_text(plan.read_text() + FAILING_ENTRY.replace('"bad"', '"later"'))
    result = run_ngolib(made, "report", "bad")
    assert result.exit_code == 1, result.output
    page = (made.reports / "index.html").read_text()
    assert page.count("The last run failed.") == 1
    assert page.count("Not made yet.") == 1
    assert not (made.reports / "bad").exists()


def test_a_mended_report_is_no_longer_said_to_have_failed(made: Project) -> None:
    add_failing(made)
    run_ngolib(made, "report", "bad")
    write_notebook(made.notebooks / "03_bad.ipynb", FAILING[:2])
    result = run_ngolib(made, "report", "bad")
    assert result.exit_code == 0, result.output
    assert "The last run failed." not in (made.reports / "index.html").read_text()


def test_a_cell_is_numbered_as_in_its_notebook_with_parameters_set(made: Project) -> None:
    cells = [("x: int = 1", "parameters"), "x", "1 / 0"]
    write_notebook(made.notebooks / "03_bad.ipynb", cells)
    result = run_ngolib(made, "report", "03_bad", "-p", "x=2")
    assert "03_bad.ipynb, cell 3: ZeroDivisionError" in result.output


def test_a_dead_process_is_a_failure_with_a_reason(made: Project) -> None:
    write_notebook(made.notebooks / "03_bad.ipynb", ["import os\nos._exit(3)"])
    result = run_ngolib(made, "report", "03_bad")
    assert result.exit_code == 1
    assert "03_bad.ipynb, cell 1: the process stopped: it ended with status 3" in result.output


def test_an_own_run_stands_apart(made: Project) -> None:
    planned = files_of(made.reports / "good")
    own = "-p", "countries=KAZ,KGZ", "-p", "fields="
    result = run_ngolib(made, "report", "good", *own)
    assert result.exit_code == 0, result.output
    slug = "good--countries-kaz-kgz-fields-none"
    assert files_of(made.reports / "good") == planned
    page = (made.reports / slug / "index.html").read_text()
    assert "2 countries: KAZ, KGZ" in page
    assert "ngolib report good -p countries=KAZ,KGZ -p fields=" in page
    index = (made.reports / "index.html").read_text()
    assert index.index("Your runs") < index.index(slug)
    again = run_ngolib(made, "report", "good", "-p", "fields=", "-p", "countries=KAZ,KGZ")
    assert "1 report: all fresh" in again.output
    assert "Out of date" not in (made.reports / "index.html").read_text()
    # Which are not made again unless they are named, but the index says what has changed.
    package, notebook = made.data / "datapackage.json", made.notebooks / "01_good.ipynb"
    package.write_text(package.read_text() + "\n")
    assert run_ngolib(made, "report").exit_code == 0
    index = (made.reports / "index.html").read_text()
    assert index.index(slug) < index.index("Out of date</b>: data/datapackage.json changed")
    assert run_ngolib(made, "report", "good", *own).exit_code == 0
    assert "Out of date" not in (made.reports / "index.html").read_text()
    notebook.write_text(notebook.read_text().replace("# ", "#  "))
    assert run_ngolib(made, "report").exit_code == 0
    assert (
        "Out of date</b>: notebooks/01_good.ipynb changed"
        in (made.reports / "index.html").read_text()
    )
    notebook.rename(notebook.with_name("better.ipynb"))
    assert "notebook is gone" in freshness.own_runs(Project.find(made.root))[slug][0]


def test_an_edit_during_a_run_leaves_the_report_stale(made: Project) -> None:
    table = "data/codebook/vocabulary.csv"
    reading = "from ngolib.project import Project\nProject.find().vocabularies"
    changing = (
        f"import pathlib\np = pathlib.Path('../{table}')\np.write_text(p.read_text() + chr(10))"
    )
    write_notebook(made.notebooks / "02_small.ipynb", [reading, changing])
    assert run_ngolib(made, "report", "small").exit_code == 0
    assert f"stale: {table} changed" in run_ngolib(made, "list").output


def test_two_tables_of_one_name_are_refused(made: Project) -> None:
    shown = (
        "class T:\n"
        "    def __init__(self, n): self.n = n\n"
        "    def _repr_mimebundle_(self, **k):\n"
        "        return {'application/vnd.ngolib+json': {'kind': 'table', 'name': 'a',\n"
        "                'caption': 'A', 'columns': ['n'], 'rows': [[self.n]]}}\n"
        "display(T(1), T(2))"
    )
    write_notebook(made.notebooks / "02_small.ipynb", [shown])
    result = run_ngolib(made, "report", "small")
    assert "table 'a': the name is used for two tables" in result.output


def test_notebooks_are_refreshed_in_place_and_stay_so(made: Project) -> None:
    result = run_ngolib(made, "notebooks")
    assert result.exit_code == 0, result.output
    assert "2 notebooks: 2 made" in result.output
    before = files_of(made.notebooks)
    notebook = json.loads(before["01_good.ipynb"])
    assert [cell["id"] for cell in notebook["cells"]] == [f"c{n}" for n in range(1, 13)]
    counts = [c["execution_count"] for c in notebook["cells"] if c["cell_type"] == "code"]
    assert counts == list(range(1, 8))
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert "2 notebooks: 2 unchanged" in run_ngolib(made, "notebooks").output
    assert files_of(made.notebooks) == before
    assert "3 reports: all fresh" in run_ngolib(made, "report").output


def test_a_failing_notebook_is_left_as_it_was(made: Project) -> None:
    add_failing(made)
    before = (made.notebooks / "03_bad.ipynb").read_bytes()
    result = run_ngolib(made, "notebooks", "03_bad")
    assert result.exit_code == 1
    assert "03_bad.ipynb, cell 3: ValueError" in result.output
    assert (made.notebooks / "03_bad.ipynb").read_bytes() == before


def test_what_was_typed_while_a_notebook_ran_stays(made: Project) -> None:
    saving = "import pathlib\np = pathlib.Path('02_small.ipynb')\n"
    saving += "p.write_text(p.read_text().replace('TYPED', 'typed'))  # TYPED"
    write_notebook(made.notebooks / "02_small.ipynb", [saving])
    result = run_ngolib(made, "notebooks", "02_small")
    assert result.exit_code == 1
    assert "it was changed while it ran, and stays as it is now" in result.output
    assert "# typed" in (made.notebooks / "02_small.ipynb").read_text()


def test_notebooks_keep_their_metadata_and_links_stay_links(made: Project, tmp_path: Path) -> None:
    path, away = made.notebooks / "02_small.ipynb", tmp_path / "away.ipynb"
    content = json.loads(path.read_text())
    content["metadata"] = {"authors": [{"name": "A. Student"}], "language_info": {"name": "?"}}
    away.write_text(json.dumps(content))
    path.unlink()
    path.symlink_to(away)
    assert run_ngolib(made, "notebooks", "02_small").exit_code == 0
    assert path.is_symlink()
    told = json.loads(away.read_text())["metadata"]
    assert (told["authors"], told["language_info"]) == (
        [{"name": "A. Student"}],
        {"name": "python"},
    )


def test_a_long_word_that_is_printed_takes_no_time(made: Project) -> None:
    write_notebook(made.notebooks / "02_small.ipynb", ["print('x' * 3_000_000)"])
    assert run_ngolib(made, "notebooks", "02_small", "--timeout", "20").exit_code == 0


def test_a_notebook_saved_before_its_report_began_and_taken_back_is_seen(made: Project) -> None:
    """The report is made of what stood there when it ran, not when it was found stale."""
    path = made.notebooks / "02_small.ipynb"
    before = path.read_bytes()
    plan = read_plan(made)
    (stale,) = examine(made, choose(made, plan, ["small"]))
    write_notebook(path, ["print('typed')"])
    job = Job(stale[0], path, made.root, {}, {**stale[1], "data": {}})
    files = make(job, lambda where: None)
    publish(made.reports, "small", files)
    path.write_bytes(before)
    assert "notebooks/02_small.ipynb changed" in run_ngolib(made, "report", "small", "--why").output


def test_half_a_character_and_odd_ids_of_cells_are_no_harm(made: Project) -> None:
    path = made.notebooks / "02_small.ipynb"
    write_notebook(path, [r"print('\ud800')", "1"])
    content = json.loads(path.read_text())
    content["cells"][0]["id"] = "W0sZ%3D%3D"
    path.write_text(json.dumps(content))
    assert run_ngolib(made, "report", "small").exit_code == 0
    assert r"\ud800" in (made.reports / "small" / "index.html").read_text()


def test_side_files_of_other_programs_are_no_notebooks(made: Project) -> None:
    (made.notebooks / "._02_small.ipynb").write_bytes(b"\xff")
    (made.notebooks / ".#02_small.ipynb").symlink_to("me@host.1:2")
    assert run_ngolib(made, "list").exit_code == 0


def test_a_date_in_the_plan_is_one_line(made: Project) -> None:
    with (made.reports / "plan.toml").open("a") as file:
        file.write('[[report]]\nslug = "day"\ntitle = "?"\nnotebook = "01_good"\n')
        file.write("parameters = { start = 2005-01-01 }\n")
    result = run_ngolib(made, "report")
    assert result.exit_code == 2
    assert "start: found datetime.date(2005, 1, 1); allowed: a year" in result.output
    assert run_ngolib(made, "list").exit_code == 0


def test_what_a_user_puts_beside_a_report_stays(made: Project) -> None:
    (made.reports / "good" / "notes").mkdir()
    (made.reports / "good" / "notes" / "mine.txt").write_text("mine")
    (made.reports / "good" / "link").symlink_to("notes")
    assert run_ngolib(made, "report", "good", "--force").exit_code == 0
    assert (made.reports / "good" / "notes" / "mine.txt").read_text() == "mine"
    assert (made.reports / "good" / "link").is_symlink()
    assert "fresh" in run_ngolib(made, "report", "good").output


def test_a_page_of_a_user_in_the_place_of_a_report_stays(made: Project) -> None:
    folder = made.reports / "good"
    (folder / "results.json").unlink()  # without it no run has made the folder
    (folder / "index.html").write_text("my own page")
    result = run_ngolib(made, "report", "good")
    assert result.exit_code == 1
    assert re.search(r"reports/good/\S+: is there, and no run made it; move it away", result.output)
    assert (folder / "index.html").read_text() == "my own page"


def test_where_no_record_says_what_was_made_all_stays(made: Project) -> None:
    folder, own = made.reports / "good", ["report.pdf", "draft.ipynb", "tables/mine.csv", "a.html"]
    (folder / "tables").mkdir(exist_ok=True)
    for name in own:
        (folder / name).write_text("mine")
    path = folder / "results.json"
    path.write_text(path.read_text()[:-30])
    assert run_ngolib(made, "report", "good").exit_code == 0
    assert [(folder / name).read_text() for name in own] == ["mine"] * len(own)


def test_a_file_that_no_run_made_stays_and_none_of_its_name_is_made(made: Project) -> None:
    folder = made.reports / "good"
    (folder / "report.pdf").write_text("my own print")
    assert run_ngolib(made, "report", "good", "--force").exit_code == 0
    assert (folder / "report.pdf").read_text() == "my own print"
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "tables" / "mine.csv").write_text("mine")
    page = (folder / "index.html").read_bytes()
    with pytest.raises(MachineError, match=r"good/tables/mine\.csv: is there, and no run made it"):
        files = ("index.html", "tables/mine.csv", "results.json")
        publish(made.reports, "good", dict.fromkeys(files, b""))
    assert (folder / "tables" / "mine.csv").read_text() == "mine"
    assert (folder / "index.html").read_bytes() == page


def test_a_link_in_the_place_of_a_report_stays(made: Project) -> None:
    (made.reports / "good").rename(made.root / "elsewhere")
    (made.reports / "good").symlink_to(made.root / "elsewhere")
    before = files_of(made.root / "elsewhere")
    result = run_ngolib(made, "report", "good", "--force")
    assert result.exit_code == 1 and "a link is there" in result.output
    assert files_of(made.root / "elsewhere") == before and (made.reports / "good").is_symlink()


def test_the_last_page_is_never_written_over_in_place(made: Project) -> None:
    folder = made.reports / "good"
    (folder / "results.json").write_text("{}")  # so that no list says which page is ours
    (folder / "index.html").write_text("the last page")
    os.link(folder / "index.html", made.root / "last.html")
    assert run_ngolib(made, "report", "good").exit_code == 0
    assert "the last page" not in (folder / "index.html").read_text()
    assert (made.root / "last.html").read_text() == "the last page"


def test_what_is_written_to_a_file_beside_a_report_meanwhile_stays(made: Project) -> None:
    path = made.reports / "good" / "notes.txt"
    with path.open("w") as file:
        file.write("before, ")
        assert run_ngolib(made, "report", "good", "--force").exit_code == 0
        file.write("after")
    assert path.read_text() == "before, after"


def test_data_behind_a_link_are_seen_to_change(made: Project, tmp_path: Path) -> None:
    (made.data / "codebook").rename(tmp_path / "away")
    (made.data / "codebook").symlink_to(tmp_path / "away")
    run_ngolib(made, "report")
    with (tmp_path / "away" / "vocabulary.csv").open("a") as file:
        file.write("broken\n")
    result = run_ngolib(made, "report", "good", "--force")
    assert result.exit_code == 1 and "vocabulary.csv: row" in result.output


@pytest.mark.parametrize("with_new", [True, False])
def test_a_broken_off_publication_is_put_right(made: Project, with_new: bool) -> None:
    before = files_of(made.reports / "good")
    (made.reports / "good").rename(made.reports / ".good.0a1b2c3d.old")
    (made.reports / ".small.0a1b2c3d.old").mkdir()
    if with_new:
        (made.reports / ".good.0a1b2c3d.new").mkdir()
    recover(made.reports)
    assert files_of(made.reports / "good") == before
    assert sorted(path.name for path in made.reports.iterdir()) == [
        ".lock",
        ".logs",
        "good",
        "index.html",
        "plan.toml",
        "set",
        "small",
    ]


def test_publishing_replaces_the_whole_folder(made: Project) -> None:
    publish(made.reports, "good", {"index.html": b"new", "a/b.csv": b"x"})
    assert files_of(made.reports / "good") == {"a/b.csv": b"x", "index.html": b"new"}


def test_a_cell_that_fails_in_any_way_says_why(made: Project) -> None:
    write_notebook(made.notebooks / "03_bad.ipynb", ["%%nosuch\n1"])
    said = run_ngolib(made, "report", "03_bad").output
    assert "03_bad.ipynb, cell 1: UsageError: Cell magic `%%nosuch` not found" in said


def test_a_file_that_a_page_needs_and_cannot_be_read_is_named(made: Project) -> None:
    (made.root / "docs").mkdir(exist_ok=True)
    (made.root / "docs" / "glossary.md").write_bytes(b"# Words\n\n**Caf\xe9**. A word.\n")
    said = run_ngolib(made, "report").output
    assert "02_small.ipynb, its page: OSError: docs/glossary.md: not UTF-8 (byte 0xe9 at" in said


def test_a_picture_that_is_not_in_its_notebook_is_told_with_its_notebook(made: Project) -> None:
    write_notebook(made.notebooks / "02_small.ipynb", ["# W?\n\n![a](attachment:a.png)", "1"])
    said = run_ngolib(made, "report", "small").output
    assert "02_small.ipynb, its page: InvalidNotebook: missing attachment: a.png" in said


def test_a_path_of_python_from_the_folder_of_the_command_holds(made: Project, tmp_path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "own_words.py").write_text("said = 'from here'")
    write_notebook(made.notebooks / "02_small.ipynb", ["# W?", "import own_words\nown_words.said"])
    start = "from ngolib.cli import main; main()"
    command = [sys.executable, "-c", start, "report", "small", "--project", str(made.root)]
    run = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": "lib"}, "capture_output": True}
    done = subprocess.run(command, **run, text=True)
    assert done.returncode == 0, done.stderr
    assert "from here" in (made.reports / "small" / "index.html").read_text()


def test_what_lies_in_the_folder_of_the_command_changes_nothing(made: Project, tmp_path) -> None:
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", plot])
    start = "import sys; del sys.path[0]\nfrom ngolib.cli import main; main()"
    command = [sys.executable, "-c", start, "report", "small", "--force"]
    command += ["--project", str(made.root)]
    pages = []
    for files in ({}, {"random.py": "1", "signal.py": "1", "matplotlibrc": "font.size: 30\n"}):
        for name, content in files.items():
            (tmp_path / name).write_text(content)
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        pages.append((made.reports / "small" / "index.html").read_bytes())
    assert pages[0] == pages[1]


def test_a_module_beside_a_notebook_comes_before_a_package_as_in_jupyter(made: Project) -> None:
    cell = "import nbval\ngetattr(nbval, 'own', 'of a package')"
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", cell])
    for text, own in (("own = 'of mine'", "of mine"), (None, "of a package")):
        path = made.notebooks / "nbval.py"
        path.write_text(text) if text else path.unlink()
        ran = run_ngolib(made, "report", "small")
        assert "1 made" in ran.output, ran.output
        assert own in (made.reports / "small" / "index.html").read_text()


@pytest.mark.parametrize("name", ["yaml.py", "yaml/__init__.py", "ngolib.py"])
def test_a_module_of_the_name_of_a_package_that_runs_need_is_one_line(
    made: Project, name: str
) -> None:
    (made.notebooks / name).parent.mkdir(exist_ok=True)
    (made.notebooks / name).touch()
    ran = run_ngolib(made, "report", "small", "--force")
    said = f"notebooks/{name}: has the name of a package that ngolib uses; give it another one"
    assert (ran.exit_code, said in ran.output) == (1, True), ran.output


@pytest.mark.parametrize("way", ["spawn", "forkserver", "fork"])
def test_processes_of_a_notebook_find_the_modules_beside_it(made: Project, way: str) -> None:
    (made.notebooks / "own_sums.py").write_text("def twice(x):\n    return 2 * x\n")
    cell = "import multiprocessing as mp\nfrom own_sums import twice\n"
    cell += f"with mp.get_context('{way}').Pool(1) as pool:\n    print('is', pool.map(twice, [21]))"
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", cell])
    ran = run_ngolib(made, "report", "small", "--timeout", "30")
    assert ran.exit_code == 0, ran.output
    assert "is [42]" in (made.reports / "small" / "index.html").read_text()


@pytest.mark.skipif(METHOD != "forkserver", reason="elsewhere nothing is warmed up")
def test_no_ctrl_c_reaches_a_process_before_it_can_bear_one(made: Project) -> None:
    started = (
        "import signal, sys; from multiprocessing import util; from pathlib import Path\n"
        "from ngolib.reports.run import warm_up; start = util.spawnv_passfds\n"
        "def told(*args):\n"
        "    print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))\n"
        "    return start(*args)\n"
        "util.spawnv_passfds = told; warm_up(Path(sys.argv[1]))\n"
        "print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))"
    )
    command = [sys.executable, "-c", started, str(made.root)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "True", "False"]


def test_no_child_of_a_notebook_outlives_it(made: Project) -> None:
    begin = "subprocess.Popen(['sleep', '97.25'], start_new_session=True)"
    write_notebook(made.notebooks / "03_child.ipynb", [f"import subprocess\n_ = {begin}"])
    for _ in range(3):
        assert run_ngolib(made, "report", "--force", "03_child").exit_code == 0
        alive = [
            p for p in psutil.process_iter(["cmdline"]) if "97.25" in (p.info["cmdline"] or ())
        ]
        assert not alive


def shown_twice(kind: str, **first: object) -> list[str]:
    """Two objects of one name, the second with another text or picture."""
    items = [
        {"name": "a", "kind": kind, **first},
        {"name": "a", "kind": kind, **first, "text": "2"},
    ]
    return [f"{SHOWN}\nShown('<p>{n}</p>', **{item!r})" for n, item in enumerate(items)]


def test_two_sentences_of_one_name_are_refused(made: Project) -> None:
    more = {"text": "1", "value": 1, "layer": "both", "evidence": [], "no_evidence": "none"}
    cells = shown_twice("finding", headline=False, **more)
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", *cells])
    result = run_ngolib(made, "report", "small")
    assert "finding 'a': the name is used for two sentences" in result.output


def test_a_copy_that_hands_over_as_the_notebook_that_it_was_is_refused(made: Project) -> None:
    cell = f"{SHOWN}\nShown('', kind='parameters', name='p', notebook='01_good', values={{}})"
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", cell])
    for command in ("report", "small"), ("notebooks", "02_small"):
        result = run_ngolib(made, *command)
        assert result.exit_code == 1
        assert (
            "found Page('01_good', …) in 02_small.ipynb; write Page('02_small', …)" in result.output
        )


def test_free_texts_that_read_alike_have_folders_of_their_own(made: Project) -> None:
    cells = ["# What?", ("names: list[str] = []  # who\nnote: str = ''  # what", "parameters"), "1"]
    write_notebook(made.notebooks / "02_small.ipynb", cells)
    for texts in (["names=a,b", "note=c"], ["names=a,b,note,c"], ["names=KAZ"], ["names=kaz"]):
        options = [word for text in texts for word in ("-p", text)]
        assert run_ngolib(made, "report", "02_small", *options).exit_code == 0
    assert len(list(made.reports.glob("02_small--*"))) == 4


def test_what_a_user_has_put_into_a_folder_of_reports_stays(made: Project) -> None:
    kept = {"set/notes.md": b"typed", "guide/old.txt": b"kept", "mine/fieldwork.md": b"by hand"}
    for name, content in kept.items():
        (made.reports / name).parent.mkdir(exist_ok=True)
        (made.reports / name).write_bytes(content)
    (made.reports / "set/results.json").write_text("{}")  # a run's record that is broken
    entry = '\n[[report]]\nslug = "mine"\ntitle = "Mine?"\nnotebook = "02_small"\n'
    with (made.reports / "plan.toml").open("a") as plan:
        plan.write(entry)
    with (made.root / "CITATION.cff").open("a") as cited:
        cited.write("title: another\n")
    assert run_ngolib(made, "report").exit_code == 0
    assert {name: (made.reports / name).read_bytes() for name in kept} == kept
    assert (made.reports / "mine/index.html").is_file()


def test_a_command_in_a_notebook_waits_for_no_command_that_waits_for_it(made: Project) -> None:
    cell = f"import subprocess, sys\nsubprocess.run({faults.COMMAND!r} + ['report', '--force'])"
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", cell])
    result = run_ngolib(made, "report", "small", "--timeout", "60")
    assert result.exit_code == 0, result.output
    page = (made.reports / "small/02_small.ipynb").read_text()
    assert "reports/: the command that runs this notebook is at work there" in page


def test_what_was_run_is_told_where_the_index_fails(made: Project, monkeypatch) -> None:
    def fails(*_: object) -> None:
        raise MachineError("the index cannot be written")

    monkeypatch.setattr("ngolib.reports.driver.write_index", fails)
    result = run_ngolib(made, "report", "small", "--force", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["status"]) == (1, 1)
    assert {one["slug"]: one["state"] for one in told["reports"]} == {
        "small": "made",
        "index.html": "failed",
    }
