"""The preview: an edit shows on the open page, which keeps its place; an error keeps the page."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import pytest

from ngolib.errors import DataError
from ngolib.project import Project
from ngolib.reports import preview, run
from ngolib.reports.plan import Report, read_plan
from ngolib.reports.used import read_by

from .browsing import chromium
from .conftest import run_ngolib, write_notebook

COMMAND = [sys.executable, "-c", "from ngolib.cli import main; main()", "preview", "--port", "0"]
SHOWS = "# What is small?\n\n" + "\n\n".join(f"Paragraph {n}." for n in range(80))


@pytest.fixture
def served(made: Project) -> Iterator[tuple[Project, str]]:
    """A project that is previewed, and the address of its pages."""
    write_notebook(made.notebooks / "02_small.ipynb", [SHOWS, "print('first')"])
    run_ngolib(made, "report")
    command = [*COMMAND, "--project", str(made.root)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        line = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found, line
        yield made, found[0]
        process.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser."""
    with chromium() as found:
        yield found


def until(page: Any, script: str, wanted: object) -> None:
    """Wait until a script gives what is wanted, over reloads."""
    for _ in range(300):
        try:
            if page.evaluate(script) == wanted:
                return
        except Exception as error:  # the page is being reloaded
            if "context" not in str(error):
                raise
        page.wait_for_timeout(50)
    pytest.fail(f"{script} is {page.evaluate(script)!r}, not {wanted!r}")


def test_an_edit_shows_and_the_page_keeps_its_place(served: Any, browser: Any) -> None:
    project, address = served
    page = browser.new_page(viewport={"width": 800, "height": 400})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}small/")
    until(page, "document.body.innerText.includes('first')", True)
    page.evaluate("document.querySelector('details').open = true; scrollTo(0, 700)")
    write_notebook(project.notebooks / "02_small.ipynb", [SHOWS, "print('second')"])
    until(page, "document.body?.textContent.includes('second')", True)
    until(page, "document.querySelector('details')?.open", True)
    until(page, "Math.round(scrollY)", 700)
    write_notebook(project.notebooks / "02_small.ipynb", [SHOWS, "nothing"])
    alert = "document.querySelector('[role=alert]')"
    # Before it, for a moment, that the notebook is not whole yet, if it is read while it is saved.
    until(page, f"{alert}?.textContent.includes('02_small.ipynb, cell 2: NameError')", True)
    assert page.evaluate(f"{alert}.hidden") is False
    assert "last good run" in page.evaluate(f"{alert}.textContent")
    assert "second" in page.evaluate("document.body?.textContent")
    write_notebook(project.notebooks / "02_small.ipynb", [SHOWS, "print('third')"])
    until(page, "document.body?.textContent.includes('third')", True)
    until(page, "document.querySelector('[role=alert]')?.hidden", True)
    (project.root / "mine" / "deep").mkdir(parents=True)
    own = project.root / "mine" / "deep" / "own.txt"
    own.write_text("fourth")
    reading = "print(open('../mine/deep/own.txt').read())"
    write_notebook(project.notebooks / "02_small.ipynb", [SHOWS, reading])
    until(page, "document.body?.textContent.includes('fourth')", True)
    own.write_text("fifth")  # whatever the last run has read is watched
    until(page, "document.body?.textContent.includes('fifth')", True)
    assert said == []  # nothing that the policy of the page refused
    page.close()


def test_data_with_a_defect_are_told_on_the_page(served: Any, browser: Any) -> None:
    project, address = served
    page = browser.new_page()
    page.goto(f"{address}good/")
    (project.data / "codebook" / "vocabulary.csv").write_text("a,b\n")
    until(page, "document.querySelector('[role=alert]')?.hidden", False)
    assert "vocabulary.csv" in page.evaluate("document.querySelector('[role=alert]').textContent")
    page.close()


def test_only_this_machine_is_answered(served: Any) -> None:
    _, address = served
    asked = urllib.request.Request(f"{address}small/", headers={"Host": "elsewhere.example:80"})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(asked)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{address}../../data/sources.csv")
    for method, path, host, status in [
        ("HEAD", "/plan.toml", "elsewhere.example", 403),
        ("HEAD", "/plan.toml", "localhost", 200),
        ("GET", "/small/", "LOCALHOST:80", 200),
        ("GET", "/small/", "", 403),
        ("GET", "/%00", "localhost", 404),
        ("GET", "/" + "a" * 5000, "localhost", 404),
        ("GET", "/.preview?page=%00", "localhost", 200),
        ("POST", "/small/", "localhost", 501),
    ]:
        line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        line.request(method, path, headers={"Host": host})
        assert line.getresponse().status == status, (method, path[:20], host)
        line.close()
    with urllib.request.urlopen(f"{address}.preview?page=/small/&stamp=older") as answer:
        assert set(json.load(answer)) == {"stamp", "wrong"}


def test_a_port_that_is_taken_is_one_line(served: Any) -> None:
    project, address = served
    port = address.rstrip("/").rpartition(":")[2]
    refused = run_ngolib(project, "preview", "--port", port)
    assert refused.exit_code == 2
    assert refused.output.startswith(f"ngolib: --port {port}: cannot be used: Address already in")
    assert len(refused.output.splitlines()) == 1


def test_an_edit_anywhere_in_the_package_is_seen(
    made: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "ngolib" / "reports" / "template" / "style.css"
    deep.parent.mkdir(parents=True)
    deep.touch()
    monkeypatch.setattr(preview, "PACKAGE", tmp_path / "ngolib")
    monkeypatch.setattr(
        preview, "package_hashes", lambda: {"ngolib/reports/template/style.css": ""}
    )
    before = preview._state(made)
    deep.write_text("p {}")
    assert preview._state(made) != before


def test_a_report_that_is_not_there_is_told_at_once(made: Project) -> None:
    refused = run_ngolib(made, "preview", "nope", "--port", "0")
    assert refused.exit_code == 2
    assert refused.output.startswith("ngolib: unknown report or notebook 'nope'")


def test_a_file_that_only_a_failed_run_looked_for_is_seen_to_come(served: Any) -> None:
    project, address = served
    missed = project.root / "inputs" / "rates.csv"
    write_notebook(
        project.notebooks / "02_small.ipynb", [SHOWS, "print(open('../inputs/rates.csv').read())"]
    )

    def told(words: str) -> bool:
        """Ask as a page does until that is wrong."""
        for _ in range(300):
            with urllib.request.urlopen(f"{address}.preview?page=/small/&stamp=older") as answer:
                wrong = json.load(answer)["wrong"]
            if words in wrong and bool(words) == bool(wrong):
                return True
            sleep(0.1)
        return False

    assert told("No such file")
    missed.parent.mkdir()
    missed.write_text("1")
    assert told("")


def test_a_file_that_comes_to_a_folder_that_is_listed_is_seen(served: Any, browser: Any) -> None:
    project, address = served
    (project.root / "mine").mkdir()
    (project.root / "mine" / "a.txt").write_text("one")
    read = "print(*(p.read_text() for p in Path('../mine').rglob('*.txt')))"
    cell = f"from pathlib import Path\n{read}"
    write_notebook(project.notebooks / "02_small.ipynb", [SHOWS, cell])
    page = browser.new_page()
    page.goto(f"{address}small/")
    until(page, "document.body?.textContent.includes('one')", True)
    for name, text in (("b.txt", "two"), ("new/c.txt", "three")):
        path = project.root / "mine" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        until(page, f"document.body?.textContent.includes('{text}')", True)
    page.close()


def test_a_plan_that_is_back_at_once_is_read(made: Project, monkeypatch: Any) -> None:
    told, plan = [], made.reports / "plan.toml"
    whole, renew = plan.read_text(), preview._renew

    def back(*given: Any) -> list[str]:
        try:
            return renew(*given)
        finally:
            if len(told) == 1:
                plan.write_text(whole)
            else:
                run.STOPPED.append(2)

    def tell(said: object) -> None:
        told.append(str(said))

    plan.unlink()
    monkeypatch.setattr(run, "STOPPED", [])
    monkeypatch.setattr(preview, "_renew", back)
    monkeypatch.setattr(preview, "read_plan", lambda project: read_plan(project) if told else [])
    with pytest.raises(KeyboardInterrupt):
        preview.preview(made, [], 0, tell)
    assert (told[1:], "not found" in told[1]) == ([told[1], "nothing is wrong any more"], True)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A preview that is stopped after a minute, which takes no time."""
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock.append(clock[-1] + seconds)
        if clock[-1] > 60:
            run.STOPPED.append(2)

    monkeypatch.setattr(run, "STOPPED", [])
    monkeypatch.setattr(preview, "sleep", sleep)
    monkeypatch.setattr(preview, "monotonic", lambda: clock[-1])


@pytest.mark.usefixtures("looks")
def test_what_is_saved_as_a_run_ends_is_run_again(made: Project, monkeypatch: Any) -> None:
    mine, log = made.notebooks / "mine.txt", made.notebooks / "log.txt"
    mine.write_text("first")
    seen: list[str] = []

    def each_time(*_: Any) -> list[str]:
        seen.append(mine.read_text())
        log.write_text("run " * len(seen))
        if len(seen) == 3:
            mine.write_text("last")
        return []

    monkeypatch.setattr(preview, "_renew", each_time)
    with pytest.raises(KeyboardInterrupt):
        preview.preview(made, [], 0, print)
    assert seen[:4] == ["first", "first", "first", "last"]
    assert len(seen) <= 6  # ever more seldom


def test_a_page_that_is_looked_at_and_fresh_lets_no_other_wait(
    made: Project, monkeypatch: Any
) -> None:
    ran: list[list[str]] = []

    def make(_: Project, chosen: list[Report], **__: Any) -> list[Any]:
        ran.append([report.slug for report in chosen])
        return []

    monkeypatch.setattr(preview.driver, "make_reports", make)
    looked_at = dict.fromkeys(["small"], monotonic() + 60)
    preview._renew(made.root, [], looked_at)
    assert len(ran) == 1 and "small" in ran[0]
    write_notebook(made.notebooks / "02_small.ipynb", [SHOWS, "print('other')"])
    preview._renew(made.root, [], looked_at)
    assert ran[1] == ["small"] and "small" not in ran[2]


@pytest.mark.usefixtures("looks")
def test_a_table_that_is_back_before_its_loss_is_told_is_seen(
    made: Project, monkeypatch: Any
) -> None:
    table = made.data / "codebook" / "vocabulary.csv"
    kept, runs = table.read_bytes(), []

    def check(*_: Any) -> list[str]:
        runs.append(table.exists())
        if not runs[-1]:
            table.write_bytes(kept)
            raise DataError(["vocabulary.csv: not found"])
        return []

    monkeypatch.setattr(preview, "_renew", check)
    monkeypatch.setattr(preview, "defects", lambda _: table.unlink())
    with pytest.raises(KeyboardInterrupt):
        preview.preview(made, [], 0, print)
    assert runs == [False, True]


@pytest.mark.parametrize("place", ["../out/log.txt", "log.txt"])
def test_a_failing_notebook_that_writes_is_run_ever_more_seldom(served: Any, place: str) -> None:
    project, address = served
    log = project.notebooks / place
    log.parent.mkdir(exist_ok=True)
    cell = f"open('{place}', 'a').write('run ')\nraise ValueError('{{}}')"
    for words in ("no", "still no"):
        write_notebook(project.notebooks / "02_small.ipynb", [SHOWS, cell.format(words)])
        for _ in range(300):
            with urllib.request.urlopen(f"{address}.preview?page=/small/&stamp=older") as answer:
                if f"ValueError: {words}" in json.load(answer)["wrong"]:
                    break
            sleep(0.1)
        told = len(log.read_text().split())
        sleep(9)
        assert len(log.read_text().split()) <= told + 2


def test_a_notebook_that_is_run_each_time_and_writes_comes_to_rest(served: Any) -> None:
    project, _ = served
    log = project.notebooks / "log.txt"
    cell = "import os\nos.system('true')\nopen('log.txt', 'a').write('run ')"
    write_notebook(project.notebooks / "02_small.ipynb", [SHOWS, cell])
    before, now = -1, 0
    for _ in range(20):
        before, now = now, len(log.read_text().split()) if log.exists() else 0
        if 0 < before == now:
            break
        sleep(4)
    assert 1 <= now <= 7


def _a_while(seconds: float, at: run.At) -> None:
    sleep(seconds)


def test_what_has_ended_waits_for_what_is_checked_meanwhile(tmp_path: Path) -> None:
    checks: list[None] = []

    def check() -> None:
        checks.append(sleep(4 * (not checks)))

    ((name, _),) = run.each({"a": 1.5}, _a_while, tmp_path, 1, meanwhile=lambda _: check())
    assert name == "a" and len(checks) > 1


def test_jobs_end_once_a_stop_was_swallowed(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(run, "STOPPED", [signal.SIGTERM])
    begin = monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(run.each({"a": 60.0}, _a_while, tmp_path, 1))
    assert monotonic() < begin + 50


def test_an_odd_notebook_or_record_does_not_end_the_preview(served: Any, browser: Any) -> None:
    project, address = served
    page = browser.new_page()
    page.goto(f"{address}small/")
    notebook = project.notebooks / "02_small.ipynb"
    kept = notebook.read_text()
    for odd in ('{"cells":[{"cell_type":"code","source":"1","metadata":null}]}', "[" * 100_000):
        notebook.write_text(odd)
        until(page, "document.querySelector('[role=alert]')?.hidden", False)
        notebook.write_text(kept)
        until(page, "document.querySelector('[role=alert]')?.hidden", True)
    (project.reports / "small" / "results.json").write_text('{"manifest": null}')
    write_notebook(notebook, [SHOWS, "print('mended')"])
    until(page, "document.body?.textContent.includes('mended')", True)
    page.close()


def test_a_stop_that_a_library_swallows_ends_the_preview(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swallow(*_: object) -> dict[Any, str]:
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            sleep(1)
        return {}

    monkeypatch.setattr(preview, "_state", swallow)
    result = run_ngolib(made, "preview", "--port", "0")
    assert result.exit_code == 130 and "stopped" in result.output


def test_data_that_get_a_defect_while_reports_are_run_stop_them(made: Project) -> None:
    news = preview._News(made, read_plan(made))
    news.meanwhile(bool)
    with (made.data / "codebook" / "vocabulary.csv").open("a") as file:
        file.write("broken\n")
    with pytest.raises(DataError, match=r"vocabulary\.csv: row"):
        news.meanwhile(lambda: True)
    with (made.data / "codebook" / "vocabulary.csv").open("a") as file:
        file.write("more\n")
    with pytest.raises(preview._ChangedError):
        news.meanwhile(lambda: False)


def test_what_a_package_may_have_written_breaks_nothing_off(made: Project) -> None:
    news = preview._News(made, read_plan(made))
    (made.notebooks / "mine.parquet").write_bytes(b"PAR1")
    news.meanwhile(lambda: False)


WRITES = ["file.write_text('1')", "file.parent.joinpath('folder').mkdir()", "file.open('a')"]
WRITES += ["__import__('subprocess').run(['touch', str(file)])", "file.unlink(missing_ok=True)"]
WRITES += ["file.touch(), file.open('r+')"]


def _write(given: tuple[Path, str], at: run.At) -> None:
    root, way = given
    with read_by(root):
        sleep(0.5)
        exec(way, {"file": root / "notebooks" / "file.txt"})
        at("written")
        sleep(1)


@pytest.mark.parametrize("way", WRITES)
def test_that_a_job_writes_is_known_before_it_does(made: Project, way: str) -> None:
    seen: list[tuple[bool, bool]] = []
    before = preview._state(made)

    def look(writing: Any) -> None:
        seen.append((preview._state(made) != before, writing()))

    ((_, attempt),) = run.each({"a": (made.root, way)}, _write, made.root, 1, meanwhile=look)
    assert not attempt.account
    assert seen[0] == (False, False) and seen[-1][1] and (True, False) not in seen


def test_a_job_that_only_reads_is_none_that_writes(made: Project) -> None:
    seen: list[bool] = []
    way = "list(file.parent.iterdir()), __import__('tempfile').TemporaryFile()"
    jobs = {"a": (made.root, way)}
    list(run.each(jobs, _write, made.root, 1, meanwhile=lambda writing: seen.append(writing())))
    assert not any(seen)


def test_what_a_notebook_writes_is_whole_whatever_is_edited_meanwhile(served: Any) -> None:
    project, _ = served
    cell = (
        "import time\nfile = open('mine.csv', 'w')\nfile.write('first')\nfile.flush()\n"
        "time.sleep(3)\nfile.write(' last')\nfile.close()"
    )
    write_notebook(project.notebooks / "02_small.ipynb", [SHOWS, cell])
    mine = project.notebooks / "mine.csv"
    for _ in range(600):
        if mine.exists():
            break
        sleep(0.05)
    begun = mine.stat().st_mtime_ns
    (project.data / "README.md").write_text("Edited.")
    for _ in range(120):
        if mine.read_text() == "first last":
            break
        assert mine.stat().st_mtime_ns == begun, "it was broken off and begun again"
        sleep(0.05)
    assert mine.read_text() == "first last"
