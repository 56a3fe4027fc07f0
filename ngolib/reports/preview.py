"""A preview: what changes is run again, and the open page shows it and keeps its place.

Pages are served from the folder of reports, on this machine only. Each asks whether it is still
what stands there; a run that fails leaves the last good page, which then says what is wrong.
"""

import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ngolib.errors import NgolibError, ReportError
from ngolib.evidence.check import defects
from ngolib.project import Project
from ngolib.reading import below, stamp_of
from ngolib.reports import driver, run
from ngolib.reports.console import Outcome, Progress
from ngolib.reports.freshness import package_hashes
from ngolib.reports.plan import PLAN, Report, read_plan
from ngolib.reports.publish import RESULTS, read_results
from ngolib.reports.site import TEMPLATE
from ngolib.reports.used import PACKAGE, UNKNOWN

HOST, ASK = "127.0.0.1", "/.preview"
# Seconds between two looks at the files, that a question waits for news, and until the next one.
LOOK, WAIT, GAP = 0.05, 5.0, 1.0
# Endings of what a person edits; packages write files of others without a word.
EDITED = {".csv", ".ipynb", ".json", ".md", ".py", ".toml", ".txt", ".cff"}
# Pages allow no script but their own.
POLICY = b"default-src 'none';"
ALLOWED = POLICY + b" connect-src 'self'; script-src-elem 'unsafe-inline';"


@lru_cache(256)
def _read_for(folder: Path, root: Path, _stamp: str) -> tuple[list[Path], list[Path], bool]:
    """List what the last run of a report has read, and its folders; say if not all is known."""
    read = read_results(folder).get("inputs", {}).get("data", {})
    listed = [root / name for name in read if name[-1:] != "/" and (root / name).is_dir()]
    return [root / name for name in read], listed, UNKNOWN in read.values()


def _state(project: Project, wide: bool = False) -> dict[Path, str]:
    """Return what tells, of each file that a person edits, if `wide` of all, if it was changed."""
    edited, tops = [project.reports / PLAN], [project.data, project.root / "docs"]
    with suppress(OSError):  # a folder may vanish meanwhile
        files = below([*tops, project.notebooks], but=[project.notebooks / ".ipynb_checkpoints"])
        edited += (path for path in files if path.name[0] != ".")
        edited += [*project.root.glob("[!.]*"), *project.root.glob("[!.]*/*.py")]  # own packages
        edited += [PACKAGE.parent / name for name in package_hashes()]
        for made in project.reports.glob(f"[!.]*/{RESULTS}"):
            read, folders, unknown = _read_for(made.parent, project.root, stamp_of(made))
            edited += [*read, *(path for folder in folders for path in folder.glob("[!.]*"))]
            wide |= unknown
        if wide:  # what a run that failed has read, or missed, is not known
            edited += below({*project.root.glob("[!.]*")} - {project.reports})
    return {path: stamp for path in edited if (stamp := stamp_of(path))}


class _ChangedError(Exception):
    """Something was edited while reports were run."""


class _News(Progress):
    """Tells of what is not fresh; once files have changed, what runs is broken off."""

    def __init__(self, project: Project, plan: Sequence[Report]) -> None:
        super().__init__(max((len(one.slug) for one in plan), default=0))
        self.project, self.state, self.unchecked = project, _state(project), [plan]

    def finished(self, outcome: Outcome) -> None:
        """Say what became of a report."""
        if outcome.state != "fresh":
            super().finished(outcome)

    def started(self, name: str) -> None:
        """Check plan and data while the first runs."""
        super().started(name)
        while self.unchecked:
            driver.check(self.project, self.unchecked.pop())

    def meanwhile(self, writing: Callable[[], bool]) -> None:
        """Run nothing on what is no more; at least, publish nothing of data with defects."""
        while (now := _state(self.project)) != self.state:
            changed = {path.suffix for path, _ in {*now.items()} ^ {*self.state.items()}}
            if changed & EDITED and not writing():  # what is broken off then is half written
                raise _ChangedError
            self.state = now
            driver.check(self.project)


class _Server(ThreadingHTTPServer):
    """Serves the folder of reports on the loopback address, with what is wrong, if it is."""

    daemon_threads = True

    def __init__(self, project: Project, port: int) -> None:
        # What is wrong; by folder, until when a page of it waits for news.
        self.wrong, self.asked = "", dict[str, float]()
        try:
            super().__init__((HOST, port), partial(_Handler, directory=str(project.reports)))
        except OSError as error:
            said = f"--port {port}: cannot be used: {error.strerror}; name another, or 0 for any"
            raise ReportError(said) from None

    def handle_error(self, *_: object) -> None:
        """Say nothing of a browser that went away."""


class _Handler(SimpleHTTPRequestHandler):
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Say nothing: the terminal tells of runs."""

    def parse_request(self) -> bool:
        """Take no question of a page of elsewhere, by whichever method, nor an odd address."""
        if not super().parse_request():
            return False
        try:
            known = urlsplit(f"//{self.headers.get('Host')}").hostname in (HOST, "localhost")
            with suppress(FileNotFoundError):
                Path(self.translate_path(self.path)).stat()
        except (OSError, ValueError):
            self.send_error(404)
            return False
        if not known:
            self.send_error(403)
        return known

    def do_GET(self) -> None:
        """Send a page with the script that asks, the answer to it, or a file as it is."""
        asked = urlsplit(self.path)
        path = self._page(asked.path)
        if asked.path == ASK:
            self._send(self._news(parse_qs(asked.query)), "application/json")
        elif path.suffix == ".html" and path.is_file():
            program = (TEMPLATE / "preview.js").read_text(encoding="utf-8")
            script = f'<script data-stamp="{stamp_of(path)}">{program}</script></body>'
            page = path.read_bytes().replace(POLICY, ALLOWED, 1)
            self._send(page.replace(b"</body>", script.encode()), "text/html; charset=utf-8")
        else:
            super().do_GET()

    def _page(self, address: str) -> Path:
        path = Path(self.translate_path(address))
        return path / "index.html" if path.is_dir() and address.endswith("/") else path

    def _news(self, asked: dict[str, list[str]]) -> bytes:
        """Wait until the page that asks is another, or something else is wrong."""
        page, stamp, wrong = (asked.get(name, [""])[0] for name in ("page", "stamp", "wrong"))
        until, path, known = monotonic() + WAIT, self._page(page), (stamp, wrong)
        self.server.asked[unquote(page).strip("/").partition("/")[0]] = until
        while (now := (stamp_of(path), self.server.wrong)) == known and monotonic() < until:
            sleep(LOOK / 2)
        return json.dumps(dict(zip(("stamp", "wrong"), now, strict=True))).encode()

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)


def preview(project: Project, names: Sequence[str], port: int, tell: Callable[..., None]) -> None:
    """Serve the reports, and run again what was changed, until it is stopped."""
    driver.choose(project, read_plan(project), names)  # what is not there is told at once
    with _Server(project, port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://{HOST}:{server.server_port}/"
        tell(f"{address} shows the reports; what you change is run again (Ctrl-C ends)")
        run.warm_up(project.root)
        defects(project)  # so that the next check reads only what was changed
        done: dict[Path, str] | None = None
        before, rested, wide, pause, due = done, done, False, 0, 0.0
        while not run.STOPPED:
            now = _state(project, wide)
            # What was written while reports were run may be theirs: it waits ever longer.
            ready = now != rested or monotonic() > due
            if done is None or (ready and now == before != done):  # nobody is writing any more
                pause *= now == rested
                done, every = _state(project), _state(project, True)
                try:
                    was = server.wrong
                    server.wrong = "\n".join(_renew(project.root, names, server.asked))
                    if was and not server.wrong:
                        tell("nothing is wrong any more")
                except (NgolibError, OSError) as error:
                    server.wrong = str(error)
                    tell(error)
                except _ChangedError:
                    done, due = {}, 0.0
                if done:
                    wide = bool(server.wrong)
                    rested = _state(project, wide)
                    wrote = any(rested[path] != every.get(path) for path in rested)
                    pause = 2 * pause + 2 if wrote else 0
                    due = monotonic() + pause
                    done |= {path: every[path] for path in rested.keys() & every.keys()}
            before = now
            sleep(LOOK)
        raise KeyboardInterrupt(*run.STOPPED)


def _renew(root: Path, names: Sequence[str], asked: dict[str, float]) -> list[str]:
    """Run what is out of date, first what somebody looks at; return what failed, a line each."""
    if package_hashes.__wrapped__() != package_hashes():  # half of it would run as it was
        raise ReportError("ngolib itself was changed; end the preview and start it again")
    project = Project.find(root)
    plan = read_plan(project)
    chosen = driver.choose(project, plan, names)
    news = _News(project, plan)
    seen = [one for one in chosen if asked.get(one.slug, 0) + GAP > monotonic()]
    seen = [one for one, _, why in driver.examine(project, seen) if why]  # else the index is first
    rest = [one for one in chosen if one not in seen]
    how = driver.Running(check=lambda *_: None)  # while jobs run, before the first is published
    make = partial(driver.make_reports, project, plan=plan, progress=news, running=how)
    outcomes = [one for some in (seen, rest) if some for one in make(some)]
    driver.check(project)  # also where no report read what was changed
    return [f"{one.name}: {one.said}" for one in outcomes if one.state == "failed"]
