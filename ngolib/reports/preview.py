"""A preview: what changes is run again, and the open page shows it and keeps its place.

Pages are served from the folder of reports, on this machine only. Each asks whether it is still
what stands there; a run that fails leaves the last good page, which then says what is wrong.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
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


def changes(project: Project) -> Iterator[None]:
    """Yield at once, and then whenever files were changed and no more is written to them."""
    done, before = None, None
    while True:
        now = _state(project)
        if done is None or now == before != done:
            done = now
            yield
        before = now
        sleep(LOOK)


class Server(ThreadingHTTPServer):
    """Serves the folder of reports on the loopback address, with what is wrong, if it is."""

    daemon_threads = True
    wrong = ""

    def __init__(self, project: Project, port: int) -> None:
        self.folder = project.reports
        try:
            super().__init__((HOST, port), partial(_Handler, directory=str(self.folder)))
        except OSError as error:
            said = f"--port {port}: cannot be used: {error.strerror}; name another, or 0 for any"
            raise ReportError(said) from None

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://{HOST}:{self.server_port}/"

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
        path, until = Path(self.translate_path(asked.get("page", ["/"])[0])), monotonic() + WAIT
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
        for _ in changes(project):
            try:
                failed = [one for one in _run(project.root, names) if one.state == "failed"]
                server.wrong = "\n".join(f"{one.name}: {one.said}" for one in failed)
            except NgolibError as error:
                server.wrong = str(error)
                tell(error)


def _run(root: Path, names: Sequence[str]) -> list[Outcome]:
    """Run what has changed, and tell of it only."""
    project = Project.find(root)
    plan = read_plan(project)
    chosen = driver.choose(project, plan, names)
    progress = Progress(max((len(item.slug) for item in chosen), default=0), only_news=True)
    return driver.make_reports(project, chosen, plan, progress)
