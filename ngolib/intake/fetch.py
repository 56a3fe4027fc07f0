"""Fetching a page that a user named: bounded in size, time and redirects; nothing of it is run."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from concurrent.futures import Future
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ngolib.errors import IntakeError

USER_AGENT = "ngolib/0.1 (research; pages that a person named, one at a time)"
MEBIBYTE = 2**20
MOST_REDIRECTS = 5
# Seconds between two pages of a host.
PAUSE = 1.0
_REFUSED = {
    401: "the page is behind a login, or closed to us",
    402: "the page is to be paid for",
    403: "the page is behind a login, or closed to us",
    404: "there is no such page",
    410: "there is no such page",
}
_turns: dict[str, Any] = defaultdict(threading.Lock)
_last: dict[str, float] = {}


class Page(NamedTuple):
    """What came back: where it was in the end, what the server said of it, and the bytes."""

    url: str
    media: str
    charset: str
    content: bytes


def fetch(url: str, most_bytes: int, seconds: float) -> Page:
    """Fetch a page, redirects included, in so many seconds; a host is asked once at a time.

    Raises
    ------
    ngolib.errors.IntakeError
        One line that says why not.
    """
    host = _host(url)
    with _turns[host]:
        time.sleep(max(0.0, _last.get(host, -PAUSE) + PAUSE - time.monotonic()))
        try:
            return _in_time(url, most_bytes, seconds)
        finally:
            _last[host] = time.monotonic()


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:
        valid = False
    if not valid:
        raise IntakeError("no valid address")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise IntakeError("allowed: addresses that begin with http:// or https://")
    if parts.username or parts.password:
        raise IntakeError("an address with a name or password is not fetched")
    return parts.netloc


def _in_time(url: str, most_bytes: int, seconds: float) -> Page:
    """Fetch in a thread that is left behind: each byte may come in time, and all of them never."""
    future: Future[Page] = Future()

    def work() -> None:
        try:
            future.set_result(_get(url, most_bytes, seconds))
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        return future.result(timeout=seconds)
    except TimeoutError:
        raise IntakeError(f"took longer than {seconds:g} seconds") from None


def _get(url: str, most_bytes: int, seconds: float) -> Page:
    import requests

    try:
        with requests.Session() as session:
            session.max_redirects = MOST_REDIRECTS
            session.headers["User-Agent"] = USER_AGENT
            with session.get(url, stream=True, timeout=seconds) as response:
                return _page(response, most_bytes)
    except requests.TooManyRedirects:
        raise IntakeError(f"more than {MOST_REDIRECTS} redirects") from None
    except requests.exceptions.InvalidSchema:
        raise IntakeError(
            "leads elsewhere; allowed: addresses that begin with http:// or https://"
        ) from None
    except requests.exceptions.SSLError as error:
        raise IntakeError(f"its certificate is not valid ({_reason(error)})") from None
    except requests.exceptions.ContentDecodingError:
        raise IntakeError("was sent packed, and is damaged") from None
    except requests.exceptions.ChunkedEncodingError:
        raise IntakeError("the connection broke off before the end") from None
    except (requests.RequestException, ValueError) as error:
        if "timed out" in str(error):
            raise TimeoutError from None
        raise IntakeError(f"cannot be fetched ({_reason(error)})") from None


def _page(response: Any, most_bytes: int) -> Page:
    if response.status_code != 200:
        status = response.status_code
        said = _REFUSED.get(status)
        raise IntakeError(f"{said} ({status})" if said else f"the site answered {status}")
    allowed = f"allowed: {most_bytes / MEBIBYTE:g} MiB (--max-mib)"
    length = response.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most_bytes:
        raise IntakeError(f"has {int(length) / MEBIBYTE:.1f} MiB; {allowed}")
    content = bytearray()
    for chunk in response.iter_content(64 * 1024):
        content += chunk
        if len(content) > most_bytes:
            raise IntakeError(f"is larger; {allowed}")
    told = Message()
    told["content-type"] = response.headers.get("content-type", "")
    charset = told.get_content_charset("")
    return Page(response.url, told.get_content_type(), charset, bytes(content))


def _reason(error: Exception) -> str:
    """Say the innermost reason, without the objects that libraries wrap around it."""
    reason = getattr(error.args[0], "reason", error) if error.args else error
    return str(reason).rpartition("): ")[2] or type(error).__name__
