"""Every notebook as its users run it: in JupyterLab, from the menu, in a real browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from reports.browsing import CHROMIUM, PICTURES, keep_picture

sync_api = pytest.importorskip("playwright.sync_api")
ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
WIDTH, HEIGHT, TALLEST = 1280, 900, 16_000
START_SECONDS, STEP_MILLISECONDS, RUN_MILLISECONDS = 60, 60_000, 120_000
# What `make lab` leaves to the user's settings. All cells stand in the page, so that all are seen.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
PROMPTS = (
    f"[...document.querySelectorAll('{PANEL} .jp-CodeCell .jp-InputPrompt')]"
    ".map(prompt => prompt.textContent.trim())"
)
BOXES = (
    f"[...document.querySelectorAll('{PANEL} [class^=ngo-]')]"
    ".map(box => [box.classList[0].slice(4), box.clientHeight])"
)
IMAGES = (
    f"[...document.querySelectorAll('{PANEL} .ngo-figure img')]"
    ".map(image => [image.naturalWidth, image.clientWidth, image.clientHeight])"
)
KINDS = {"parameters", "coverage", "finding", "figure", "table", "evidence", "provenance"}
# JupyterLab's own complaint when a kernel restarts while its debugger is being asked.
NOT_OURS = "Could not restore the debugger state"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@dataclass(frozen=True)
class Lab:
    """A running server: the page that opens the user's browser, its address, its folder."""

    opened_by: Path
    url: str
    token: str
    root: str

    def stop_kernels(self, context: sync_api.BrowserContext) -> None:
        """Nine idle kernels would fill the memory of a small machine."""
        headers = {"Authorization": f"token {self.token}"}
        for kernel in context.request.get(f"{self.url}api/kernels", headers=headers).json():
            context.request.delete(f"{self.url}api/kernels/{kernel['id']}", headers=headers)


def command_of_make() -> tuple[dict[str, str], list[str]]:
    """Return what `make lab` sets and runs: variables, and the words after the program's name."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    set_, words = re.search(r"@((?:\w+=\w+ )*)\$\(BIN\)/jupyter (lab .*)", makefile).groups()
    return dict(pair.split("=") for pair in set_.split()), words.split()


def make_home(home: Path) -> dict[str, str]:
    """Make a user's folder, with a `python3` kernel of its own that cannot run; return settings."""
    for plugin, values in SETTINGS.items():
        path = home / f"config/lab/user-settings/@jupyterlab/{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    spec = home / "data/kernels/python3"
    spec.mkdir(parents=True)
    other = {"argv": ["no-such-python"], "display_name": "Other", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(other), encoding="utf-8")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "NGOLIB"))}
    return kept | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "run"),
        "IPYTHONDIR": str(home / "ipython"),
    }


def wait_for_server(server: subprocess.Popen[bytes], runtime: Path, log: Path) -> Lab:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        pages = list(runtime.glob("jpserver-file-to-run-*-open.html"))
        infos = list(runtime.glob("jpserver-*.json"))
        if pages and infos and (text := infos[0].read_text(encoding="utf-8")):
            info = json.loads(text)
            return Lab(pages[0], info["url"], info["token"], info["root_dir"])
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A server as `make lab` starts it, on a copy of the project and in a home of its own."""
    home = tmp_path_factory.mktemp("home")
    root = tmp_path_factory.mktemp("lab") / "project"
    for name in ("data", "notebooks"):
        shutil.copytree(ROOT / name, root / name)
    variables, words = command_of_make()
    program = str(Path(sys.executable).with_name("jupyter"))
    quiet = ["--no-browser", "--allow-root", "--port=0", "--LabApp.extension_manager=readonly"]
    settings = make_home(home) | variables
    log = home / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [program, *words, *quiet],
            cwd=root,
            env=settings,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            yield wait_for_server(server, home / "run", log)
        finally:
            server.terminate()
            server.wait(timeout=30)


@pytest.fixture(scope="module")
def context(browser: sync_api.Browser, lab: Lab) -> Iterator[sync_api.BrowserContext]:
    """A browser that asks nobody but the server; its first page is the one that `make lab` opens.

    That page signs in, and all later ones with it.
    """
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    context.route(lambda url: not url.startswith((lab.url, "file:")), lambda route: route.abort())
    context.set_default_timeout(STEP_MILLISECONDS)
    page = context.new_page()
    page.goto(lab.opened_by.as_uri())
    page.locator(f"{PANEL} .jp-Cell").first.wait_for()
    yield context
    context.close()


@pytest.fixture
def page(context: sync_api.BrowserContext, lab: Lab) -> Iterator[sync_api.Page]:
    page = context.new_page()
    yield page
    page.close()
    lab.stop_kernels(context)


def open_notebook(page: sync_api.Page, lab: Lab, name: str) -> None:
    # A workspace of its own: the usual one would open again what an earlier test left open.
    page.goto(f"{lab.url}lab/workspaces/{name}/tree/notebooks/{name}.ipynb")
    page.locator(f'{PANEL} .jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
    # The debugger asks the kernel last: a restart before its answer would lose messages.
    page.locator(f'{PANEL} .jp-DebuggerBugButton[aria-disabled="false"]').wait_for()


def run_all_from_menu(page: sync_api.Page) -> None:
    page.click('.lm-MenuBar-itemLabel:text-is("Run")')
    page.click('.lm-Menu-itemLabel:text-is("Restart Kernel and Run All Cells…")')
    page.click(".jp-Dialog .jp-mod-accept")
    # The prompts of the last run stay until the new one begins.
    page.wait_for_function(f"{PROMPTS}.includes('[*]:')")
    page.wait_for_function(f"!{PROMPTS}.includes('[*]:')", timeout=RUN_MILLISECONDS)
    page.locator(f'{PANEL} .jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()


def follow_a_mark(page: sync_api.Page) -> None:
    """Go from the first mark to the act that it names, and unfold that."""
    mark = page.locator(f"{PANEL} .ngo-finding .ngo-mark:visible").first
    piece = page.locator(f"[id='{mark.get_attribute('href')[1:]}']")
    act = page.locator(f"{PANEL} details.ngo-act").filter(has=piece).locator("summary")
    mark.click()
    sync_api.expect(act).to_be_in_viewport()
    act.click()
    sync_api.expect(piece).to_be_visible()


def take_picture(page: sync_api.Page, name: str) -> None:
    """Draw the whole notebook, if somebody wants to look at it."""
    if not PICTURES:
        return
    outer = f"document.querySelector('{PANEL} .jp-WindowedPanel-outer')"
    height = page.evaluate(f"{outer}.scrollHeight")
    page.set_viewport_size({"width": WIDTH, "height": min(height + 150, TALLEST)})
    page.evaluate(f"{outer}.scrollTop = 0")
    keep_picture(page, f"lab-{name}-{WIDTH}")


def test_make_lab_opens_the_tour_beside_the_other_notebooks(
    lab: Lab, context: sync_api.BrowserContext
) -> None:
    page = context.pages[0]
    assert page.url.startswith(f"{lab.url}lab/tree/notebooks/00_start_here.ipynb")
    files = page.locator(".jp-DirListing-itemText")
    files.first.wait_for()
    assert sorted(files.all_inner_texts()) == [f"{name}.ipynb" for name in NOTEBOOKS]
    # The whole project is served, so that links to data and to pages lead somewhere.
    assert (Path(lab.root) / "data/datapackage.json").is_file()
    assert page.locator(".jp-Dialog, .jp-Notification-Toast").count() == 0
    page.close()
    lab.stop_kernels(context)


def is_wrong(said: sync_api.ConsoleMessage) -> bool:
    return said.type == "error" and not said.text.startswith(NOT_OURS)


# The menu is one; that every notebook runs in an ordinary kernel is nbval's to say.
@pytest.mark.parametrize("name", ["00_start_here", "03_reform_timeline"])
def test_a_notebook_runs_from_the_menu_and_shows_all(
    lab: Lab, page: sync_api.Page, name: str
) -> None:
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda said: failures.append(said.text) if is_wrong(said) else None)
    open_notebook(page, lab, name)
    run_all_from_menu(page)
    shown = page.locator(PANEL)
    for stream in ("error", "stderr"):
        wrong = shown.locator(f'[data-mime-type="application/vnd.jupyter.{stream}"]')
        assert wrong.all_inner_texts() == []
    prompts = page.evaluate(PROMPTS)
    assert prompts == [f"[{n}]:" for n in range(1, len(prompts) + 1)]
    boxes = [(kind, height) for kind, height in page.evaluate(BOXES) if kind in KINDS]
    assert {kind for kind, _ in boxes} == KINDS
    assert min(height for _, height in boxes) > 10
    for natural, width, height in page.evaluate(IMAGES):
        assert natural > 0 and width > 300 and height > 100
    follow_a_mark(page)
    take_picture(page, name)
    assert failures == []
