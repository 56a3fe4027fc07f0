"""Pages come from the web with care: a server of our own plays the sites."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ngolib.errors import InputError
from ngolib.intake import add as adding
from ngolib.intake import fetch as fetching
from ngolib.project import Project

from . import files
from .conftest import refused, run, sound, state

Answer = tuple[int, dict[str, str], bytes]
HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = files.page(head=files.META).encode()


class Site:
    """A site on this machine."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                answer = site.answers.get(self.path, (404, {}, b"no such page"))
                if callable(answer):
                    answer(self)
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.root = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    site = Site()
    monkeypatch.setattr(fetching, "PAUSE", 0.0)
    yield site
    site.server.shutdown()
    site.server.server_close()


def fetch(url: str, most_bytes: int = 20 * 2**20, seconds: float = 30) -> fetching.Page:
    return fetching.fetch(url, most_bytes, seconds)


def test_a_page_of_the_web_is_added_with_its_address_and_day(own, site):
    site.answers["/news/2015/new-law.html"] = (200, HTML, PAGE)
    site.answers["/old"] = (301, {"Location": "/news/2015/new-law.html"}, b"")
    result = run(own, "add", f"{site.root}/old")
    assert result.exit_code == 0, result.output
    sound(own)
    source = Project(own.root).read_table("sources").iloc[-1]
    assert source["source_id"] == "127-0-0-new-law"
    assert source["url"] == f"{site.root}/news/2015/new-law.html"
    assert source["retrieved"]
    assert source["original_name"] == "new-law.html"
    assert (own.data / source["original_path"]).read_bytes() == PAGE
    assert site.asked == ["/old", "/news/2015/new-law.html"]


def test_many_at_once_and_the_bad_ones_stop_nothing(own, site):
    for n in range(4):
        text = [
            p.replace("clubs", f"clubs of town {n}") + f" Number {n}." * 9 for p in files.PARAGRAPHS
        ]
        site.answers[f"/{n}"] = (
            200,
            HTML,
            files.page(text, title=f"Title {n} of town {n}").encode(),
        )
    site.answers["/closed"] = (403, HTML, b"log in")
    names = [f"{site.root}/{path}" for path in ("0", "closed", "1", "gone", "2", "3")]
    result = run(own, "add", *names, "--similar")
    assert result.exit_code == 1
    assert result.output.count("added  ") == 4
    assert "/closed: the page is behind a login, or closed to us (403)" in result.stderr
    assert "/gone: there is no such page (404)" in result.stderr
    sound(own)


def test_each_text_is_told_when_it_is_done(own, site):
    go_on = threading.Event()

    def waiting(handler: BaseHTTPRequestHandler) -> None:
        go_on.wait(20)
        slow(handler)

    site.answers["/first"] = (200, HTML, PAGE)
    site.answers["/second"] = waiting
    names = [f"{site.root}/first", f"{site.root}/second"]
    told = adding.add(own, names, adding.Wishes(seconds=2, dry_run=True))
    assert next(told).source_id and not go_on.is_set()
    go_on.set()
    assert "took longer" in next(told).error


REFUSED = {
    "/login": ((401, {}, b""), "behind a login"),
    "/error": ((500, {}, b""), "answered 500"),
    "/loop": ((302, {"Location": "/loop"}, b""), "more than 5 redirects"),
    "/file": ((302, {"Location": "file:///etc/passwd"}, b""), "begin with http"),
    "/packed": ((200, {**HTML, "Content-Encoding": "gzip"}, gzip.compress(PAGE)[:-30]),
                "was sent packed (gzip), which was not asked for"),
    "/large": ((200, {**HTML, "Content-Length": str(200 * 2**20)}, b""), "200.0 MiB; allowed: 20"),
    "/endless": ((200, HTML, b" " * 64 * 2**20), "is larger: at least"),
    "/cut": ((200, {**HTML, "Content-Length": "5000"}, b"<html>"), "broke off"),
    "/picture": ((200, {"Content-Type": "image/jpeg"}, b"\xff\xd8\xff" + b"x" * 99), "image/jpeg"),
    "/charset": ((200, {"Content-Type": "text/html; charset=koi8-r"},
                  files.page(files.RUSSIAN).encode()), "declared as koi8-r, but it is UTF-8"),
    "/empty": ((200, HTML, b""), "it is empty"),
    "/form": ((200, HTML, b"<html><body><form>Please log in<input type='password'></form></body>"),
              "login form"),
}  # fmt: skip


@pytest.mark.parametrize("path", REFUSED)
def test_a_bad_page_is_refused_in_one_line(own, site, path):
    answer, words = REFUSED[path]
    site.answers[path] = answer
    before = state(own)
    refused(own, run(own, "add", site.root + path), before, path, words)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"<p>more</p>" * 10_000)
    except OSError:
        return


def slow(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(100):
            handler.wfile.write(b".")
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        return


def dripping(handler: BaseHTTPRequestHandler) -> None:
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(90):
            handler.wfile.write(b"X-%d: y\r\n" % n)
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        return


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/2.0", b"no web at all\r\n\r\n", b"HTTP/1.1 200 " + b"x" * 99_999]
)
def test_a_site_that_hangs_up_or_speaks_otherwise_is_told_in_words(site, sent):
    def breaking(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(sent)
        handler.close_connection = True

    site.answers["/off"] = breaking
    with pytest.raises(InputError, match=r"^the connection broke off, or .* no answer of the web$"):
        fetch(f"{site.root}/off")


def test_what_never_ends_is_cut_off(site):
    site.answers |= {"/endless": endless, "/slow": slow, "/dripping": dripping}
    with pytest.raises(InputError, match=r"is larger: at least 1.* allowed: 1 MiB"):
        fetch(f"{site.root}/endless", most_bytes=2**20)
    for path in ("slow", "dripping"):
        begin = time.monotonic()
        with pytest.raises(InputError, match="took longer than 1 seconds"):
            fetch(f"{site.root}/{path}", seconds=1)
        assert time.monotonic() - begin < 5


def test_two_pages_of_a_host_are_not_asked_for_at_once(site, monkeypatch):
    monkeypatch.setattr(fetching, "PAUSE", 0.5)
    site.answers["/page"] = (200, HTML, PAGE)
    begin = time.monotonic()
    for _ in range(2):
        assert fetch(f"{site.root}/page").content == PAGE
    assert time.monotonic() - begin >= 0.5
    assert site.asked == ["/page", "/page"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/x",
        "http://user:secret@example.org/",
        "http://127.0.0.1:9/",
        "http:///x",
        "http://exa mple.org/",
        "http://[::1/",
        "http://example.org:99999/",
        "gopher://127.0.0.1/",
    ],
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(InputError) as error:
        fetch(url)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)
