from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ngolib.project import Project
from ngolib.reports import freshness, site
from ngolib.reports.driver import examine
from ngolib.reports.freshness import differences, notebook_hash, package_hashes, versions
from ngolib.reports.plan import read_plan
from ngolib.reports.publish import hash_json

from .conftest import run_ngolib, write_notebook


def why(project: Project) -> dict[str, list[str]]:
    fresh_hashes = Project(project.root)
    found = examine(fresh_hashes, read_plan(fresh_hashes))
    return {report.slug: reasons for report, _, reasons in found}


def edit_json(path: Path, change: Callable[[dict], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_never_made(project: Project) -> None:
    assert why(project) == {slug: ["never made"] for slug in ("good", "set", "small")}


def test_a_copy_and_a_touch_change_nothing(made: Project) -> None:
    for path in made.root.rglob("*"):
        os.utime(path, (1, 1))
    assert why(made) == {"good": [], "set": [], "small": []}


def test_outputs_of_a_notebook_do_not_matter(made: Project) -> None:
    def run_by_hand(content: dict) -> None:
        content["cells"][1]["outputs"] = [
            {"output_type": "stream", "name": "stdout", "text": ["x"]}
        ]
        content["cells"][1]["execution_count"] = 7

    edit_json(made.notebooks / "02_small.ipynb", run_by_hand)
    assert why(made)["small"] == []


def test_an_edited_cell_makes_its_reports_stale(made: Project) -> None:
    edit_json(
        made.notebooks / "01_good.ipynb",
        lambda content: content["cells"][4]["source"].append("\n1"),
    )
    reason = ["notebooks/01_good.ipynb changed"]
    assert why(made) == {"good": reason, "set": reason, "small": []}


@pytest.mark.parametrize("where", ["notebook", "module"])
def test_a_setting_of_ours_that_a_notebook_names_counts(
    made: Project, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    code = "import os\nvalue = os.environ.get('NGOLIB_VDEM')"
    (made.notebooks / "own_setting.py").write_text(code)
    cell = code if where == "notebook" else "from own_setting import value"
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", f"{cell}\nvalue"])
    named = "the setting NGOLIB_VDEM"
    assert run_ngolib(made, "report").exit_code == 0
    for value in ("", "/home/me/V-Dem.csv"):
        monkeypatch.setenv("NGOLIB_VDEM", value)
        because = [f"{named} changed" if value else f"{named} is new"]
        assert why(made) == {"good": [], "set": [], "small": because}
        assert run_ngolib(made, "report").exit_code == 0
        assert why(made)["small"] == []
    record = (made.reports / "small" / "results.json").read_text()
    assert "NGOLIB_VDEM" in record and "/home/me" not in record
    monkeypatch.delenv("NGOLIB_VDEM")
    assert why(made)["small"] == [f"{named} is gone"]


def test_what_editors_and_file_managers_leave_in_the_package_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "PACKAGE", tmp_path / "ngolib")
    aside = (".DS_Store", ".own.py.swp", "own.py~", "#own.py#", "reports/.ipynb_checkpoints/own.py")
    for name in ("own.py", "reports/page.css", *aside):
        (tmp_path / "ngolib" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "ngolib" / name).touch()
    assert [*freshness.package_hashes.__wrapped__()] == ["ngolib/own.py", "ngolib/reports/page.css"]


def test_what_a_notebook_writes_that_another_reads_is_brought_up_to_date_at_once(
    made: Project,
) -> None:
    chain = {"03_last": "b.csv", "04_second": "a.csv", "05_first": "own.csv"}
    for name, file in chain.items():
        cell = f"from pathlib import Path\ntext = Path('{file}').read_text()\n"
        written = {"04_second": "b.csv", "05_first": "a.csv"}.get(name)
        cell += f"Path('{written}').write_text(text)\n" if written else ""
        write_notebook(made.notebooks / f"{name}.ipynb", ["# What?", f"{cell}text"])
        (made.notebooks / file).write_text("as it was")
    assert run_ngolib(made, "report", *chain).exit_code == 0
    (made.notebooks / "own.csv").write_text("as it is")
    ran = run_ngolib(made, "report", *chain)
    assert (ran.exit_code, "3 reports: 3 made" in ran.output) == (0, True), ran.output
    pages = [path.read_text() for path in made.reports.glob("0*/index.html")]
    assert ["as it is" in page for page in pages] == [True] * 3
    assert "3 reports: all fresh" in run_ngolib(made, "report", *chain).output


def test_a_report_that_makes_itself_out_of_date_is_named(made: Project) -> None:
    cell = "from pathlib import Path\nlog = Path('log.txt')\nlog.write_text(log.read_text() + 'x')"
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", cell])
    (made.notebooks / "log.txt").touch()
    ran = run_ngolib(made, "report")
    assert (ran.exit_code, (made.notebooks / "log.txt").read_text()) == (0, "x")
    assert "ngolib: small is out of date again: notebooks/log.txt changed\n" in ran.output
    assert "3 reports: 2 fresh, 1 made" in ran.output


def test_data_that_a_notebook_did_not_read_do_not_count(made: Project) -> None:
    with (made.data / "codebook/vocabulary.csv").open("a") as file:
        file.write("country,,UZB,Uzbekistan,x,,\n")
    (made.data / "new.csv").write_text("a\n")
    assert why(made) == {"good": [], "set": [], "small": []}
    edit_json(made.data / "datapackage.json", lambda content: content.update(title="Another"))
    for reasons in why(made).values():
        assert reasons == ["data/datapackage.json changed"]


def test_names_that_are_alike_at_their_end_hide_no_change(made: Project) -> None:
    before = {"report": {"parameters": {"requests": 10}}, "versions": {"requests": "2.32"}}
    now = {"report": {"parameters": {"requests": 20}}, "versions": {"requests": "2.32"}}
    assert differences(before, now) == {"requests": "changed"}
    (made.root / "guide.md").write_text("one")
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", "open('../guide.md').read()"])
    assert run_ngolib(made, "report", "small").exit_code == 0
    assert why(made)["small"] == []
    (made.root / "guide.md").write_text("two")
    assert why(made)["small"] == ["guide.md changed"]


def test_an_edited_citation_makes_all_stale(made: Project) -> None:
    (made.root / "CITATION.cff").write_text("cff-version: 1.2.0\n")
    for reasons in why(made).values():
        assert reasons == ["CITATION.cff is new"]


def test_a_citation_that_was_another_while_a_page_was_made_makes_it_stale(
    made: Project,
) -> None:
    path = "pathlib.Path('../CITATION.cff')"
    edit = f"import pathlib\n{path}.write_text({path}.read_text() + '\\ndoi: 10.9/wrong\\n')"
    write_notebook(made.notebooks / "02_small.ipynb", ["# What?", edit])
    before = b"cff-version: 1.2.0\n"
    (made.root / "CITATION.cff").write_bytes(before)
    assert run_ngolib(made, "report", "small").exit_code == 0
    assert "10.9/wrong" in (made.reports / "small" / "index.html").read_text()
    (made.root / "CITATION.cff").write_bytes(before)
    assert "CITATION.cff changed" in run_ngolib(made, "report", "small", "--dry-run").output


def test_an_edited_plan_makes_its_report_stale(made: Project) -> None:
    plan = made.reports / "plan.toml"
    plan.write_text(plan.read_text().replace("KGZ", "KAZ").replace("A small", "A tiny"))
    assert why(made) == {"good": [], "set": ["countries changed"], "small": ["title changed"]}


@pytest.mark.parametrize("name", ["index.html", "tables/matrix.csv", "01_good.ipynb"])
def test_a_missing_or_edited_file_makes_its_report_stale(made: Project, name: str) -> None:
    with (made.reports / "good" / name).open("a") as file:
        file.write("x")
    (made.reports / "set" / name).unlink()
    found = why(made)
    assert found["good"] == [f"{name} was edited"]
    assert found["set"] == [f"{name} is missing"]


ODD = [
    "[" * 200_000,
    '{"inputs": []}',
    '{"inputs": {"data": ["data/"]}}',
    '{"inputs": {"data": {"..": 1}}}',
]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", *ODD])
def test_a_broken_record_makes_its_report_stale(made: Project, content: str) -> None:
    (made.reports / "good/results.json").write_text(content)
    assert why(made)["good"] == ["results.json is broken or was edited"]


@pytest.mark.parametrize("key", ["manifest", "inputs", "evidence", "findings", "title"])
@pytest.mark.parametrize("value", [None, [], 5, {"../" * 9 + "x" * 5000: 1}, "\ud800"])
def test_a_record_that_was_edited_is_made_again(made: Project, key: str, value: object) -> None:
    edit_json(made.reports / "good/results.json", lambda content: content.update({key: value}))
    assert why(made)["good"] == ["results.json is broken or was edited"]
    assert why(made)["small"] == []


def test_package_and_versions_count(made: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ngolib/reports/template/style.css" in package_hashes()
    assert {"ngolib", "papermill", "pandas"} <= versions().keys()
    assert "pytest" not in versions()
    changed = {**versions(), "pandas": "0"}
    monkeypatch.setattr("ngolib.reports.freshness.versions", lambda: changed)
    assert why(made)["small"] == ["pandas changed"]


def test_the_order_of_keys_does_not_matter() -> None:
    assert hash_json({"a": 1, "b": 2}) == hash_json({"b": 2, "a": 1})


def test_a_picture_in_a_cell_counts(made: Project) -> None:
    path = made.notebooks / "01_good.ipynb"
    notebook = json.loads(path.read_text())
    before = notebook_hash(path)
    notebook["cells"][0]["attachments"] = {"p.png": {"image/png": "AAAA"}}
    path.write_text(json.dumps(notebook))
    assert notebook_hash(path) != before


@pytest.mark.parametrize("left", [b"", None], ids=["emptied", "of the same size"])
def test_a_page_that_was_edited_is_made_again(made: Project, left: bytes | None) -> None:
    (made.root / "docs").mkdir(exist_ok=True)
    (made.root / "docs" / "one.md").write_text("# One\n")
    assert run_ngolib(made, "report").exit_code == 0
    page = made.reports / "guide" / "one.html"
    whole = page.read_bytes()
    page.write_bytes(whole.replace(b"One", b"Two") if left is None else left)
    dry = run_ngolib(made, "report", "--dry-run")
    assert dry.exit_code == 0 and "pages beside the reports would be made" in dry.output
    assert run_ngolib(made, "report").exit_code == 0
    assert page.read_bytes() == whole
    assert "beside the reports" not in run_ngolib(made, "report", "--dry-run").output


def test_another_version_of_what_makes_pages_renews_those_beside_the_reports(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made.root / "docs").mkdir(exist_ok=True)
    (made.root / "docs" / "one.md").write_text("# One\n")
    assert run_ngolib(made, "report").exit_code == 0
    page = made.reports / "guide" / "one.html"
    before = page.stat().st_ino
    assert (run_ngolib(made, "report").exit_code, page.stat().st_ino) == (0, before)
    monkeypatch.setattr(freshness, "versions", lambda: {"mistune": "0"})
    assert run_ngolib(made, "report").exit_code == 0
    assert page.stat().st_ino != before


def test_what_changes_while_pages_are_made_is_seen_by_the_next_run(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = made.reports / "plan.toml"
    plan.write_text(re.sub(r'^title = "[^"]*"', 'title = "One"', plan.read_text()))
    index = site.index

    def meanwhile(*args: Any) -> bytes:
        page = index(*args)
        plan.write_text(plan.read_text().replace('"One"', '"Two"'))
        return page

    monkeypatch.setattr(site, "index", meanwhile)
    assert run_ngolib(made, "report").exit_code == 0
    monkeypatch.undo()
    assert run_ngolib(made, "report").exit_code == 0
    assert "<title>Two" in (made.reports / "index.html").read_text()
