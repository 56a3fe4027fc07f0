"""A preview: what changes is run again, and the open page shows it and keeps its place.

Pages are served from the folder of reports, on this machine only. Each asks whether it is still
what stands there; a run that fails leaves the last good page, which then says what is wrong.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ngolib.errors import NgolibError, ReportError
from ngolib.project import Project
from ngolib.reports import driver
from ngolib.reports.console import Outcome, Progress
from ngolib.reports.plan import read_plan
from ngolib.reports.site import TEMPLATE

HOST, ASK, SCRIPT = "127.0.0.1", "/.preview", "/.preview.js"
# Seconds between two looks at the files, and that a question waits for news.
LOOK, WAIT = 0.1, 20.0
POLICY = b"default-src 'none';"
ALLOWED = b"default-src 'none'; connect-src 'self'; script-src-elem 'self' 'unsafe-inline';"


def _state(project: Project) -> dict[Path, tuple[int, int]]:
    """Return size and time of every file that a person edits."""
    folders = {project.data: "**/*", project.notebooks: "*.ipynb", project.root / "docs": "**/*.md"}
    paths = [path for folder, pattern in folders.items() for path in folder.glob(pattern)]
    paths += [project.reports / "plan.toml", project.root / "CITATION.cff"]
    found = {}
    for path in paths:
        if path.is_file() and not path.name.startswith("."):
            stat = path.stat()
            found[path] = stat.st_size, stat.st_mtime_ns
    return found


def _differs(project: Project, state: Mapping[Path, tuple[int, int]]) -> bool:
    return _state(project) != state


class _ChangedError(Exception):
    """Something was changed while the rest was run."""


class _News(Progress):
    """Tells of what is not fresh; when a report ends and files have changed, the run ends."""

    def __init__(self, width: int, changed: Callable[[], bool]) -> None:
        super().__init__(width)
        self.changed = changed

    def finished(self, outcome: Outcome) -> None:
        """Say what became of a report."""
        if outcome.state != "fresh":
            super().finished(outcome)
            if self.changed():
                raise _ChangedError


class Server(ThreadingHTTPServer):
    """Serves the folder of reports on the loopback address, with what is wrong, if it is."""

    daemon_threads = True
    wrong = ""

    def __init__(self, project: Project, port: int) -> None:
        self.asked: dict[str, float] = {}
        try:
            super().__init__((HOST, port), partial(_Handler, directory=str(project.reports)))
        except OSError as error:
            said = f"--port {port}: cannot be used: {error.strerror}; name another, or 0 for any"
            raise ReportError(said) from None

    def handle_error(self, *_: object) -> None:
        """Say nothing of a browser that went away."""

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://{HOST}:{self.server_port}/"

    def looked_at(self) -> set[str]:
        """Return the folders of the pages that asked lately."""
        return {slug for slug, last in self.asked.items() if monotonic() - last < 2 * WAIT}

    def stamp(self, path: Path) -> str:
        """Return what is another for another content of a page."""
        try:
            stat = path.stat()
        except OSError:
            return ""
        return f"{stat.st_ino}-{stat.st_mtime_ns}"


class _Handler(SimpleHTTPRequestHandler):
    server: Server

    def log_message(self, *_: Any) -> None:
        """Say nothing: the terminal tells of runs."""

    def do_GET(self) -> None:
        """Send a page with the script that asks, an answer to it, or a file as it is."""
        asked = urlsplit(self.path)
        named = (self.headers.get("Host") or "").rpartition(":")[0]
        path = Path(self.translate_path(asked.path))
        path = path / "index.html" if path.is_dir() and asked.path.endswith("/") else path
        if named not in (HOST, "localhost"):  # a page of elsewhere that calls itself so
            self.send_error(403)
        elif asked.path == ASK:
            self._send(self._news(parse_qs(asked.query)), "application/json")
        elif asked.path == SCRIPT:
            self._send((TEMPLATE / "preview.js").read_bytes(), "text/javascript")
        elif path.suffix == ".html" and path.is_file():
            stamp = self.server.stamp(path)
            script = f'<script src="{SCRIPT}" data-stamp="{stamp}"></script></body>'
            page = path.read_bytes().replace(POLICY, ALLOWED, 1)
            head, end, tail = page.rpartition(b"</body>")
            self._send(head + script.encode() + tail if end else page, "text/html; charset=utf-8")
        else:
            super().do_GET()

    def _news(self, asked: dict[str, list[str]]) -> bytes:
        """Wait until the page that asks is another, or something else is wrong."""
        had = [asked.get(name, [""])[0] for name in ("stamp", "wrong")]
        page, until = asked.get("page", ["/"])[0], monotonic() + WAIT
        self.server.asked[page.strip("/").partition("/")[0]] = monotonic()
        path = Path(self.translate_path(page))
        path = path / "index.html" if path.is_dir() else path
        while (now := [self.server.stamp(path), self.server.wrong]) == had and monotonic() < until:
            sleep(LOOK / 2)
        return json.dumps(dict(zip(("stamp", "wrong"), now, strict=True))).encode()

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)


def preview(
    project: Project, names: Sequence[str], port: int, tell: Callable[[object], None]
) -> None:
    """Serve the reports, and run again what was changed, until it is stopped."""
    with Server(project, port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tell(f"{server.address} shows the reports; what you change is run again (Ctrl-C ends)")
        done = before = None
        while True:
            now = _state(project)
            if done is None or now == before != done:  # nobody is writing any more
                done = now
                _renew(project.root, names, server, tell, partial(_differs, project, now))
            before = now
            sleep(LOOK)


def _renew(
    root: Path,
    names: Sequence[str],
    server: Server,
    tell: Callable[[object], None],
    changed: Callable[[], bool],
) -> None:
    """Run what is out of date: first the reports that somebody looks at, then the others."""
    wrong: dict[str, str] = {}
    try:
        project = Project.find(root)
        plan = read_plan(project)
        chosen = driver.choose(project, plan, names)
        news = _News(max((len(one.slug) for one in chosen), default=0), changed)
        seen = [one for one in chosen if one.slug in server.looked_at()]
        for some in filter(None, (seen, [one for one in chosen if one not in seen])):
            for one in driver.make_reports(project, some, plan, news):
                wrong[one.name] = f"{one.name}: {one.said}" if one.state == "failed" else ""
            driver.check_data(project)  # also where no report read what was changed
            server.wrong = "\n".join(filter(None, wrong.values()))
    except NgolibError as error:
        server.wrong = str(error)
        tell(error)
    except _ChangedError:
        pass  # it is seen at the next look
