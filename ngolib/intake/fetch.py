"""Fetching a page that a user named: bounded in size, time and redirects; nothing of it is run."""

import threading
import time
from concurrent.futures import Future
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ngolib.errors import InputError

USER_AGENT = "ngolib/0.1 (research; pages that a person named, one at a time)"
MEBIBYTE = 2**20
MOST_REDIRECTS = 5
# Seconds between two pages of a host.
PAUSE = 1.0
_ALLOWED = "allowed: addresses that begin with http:// or https://"
_CLOSED, _GONE = "the page is behind a login, or closed to us", "there is no such page"
_REFUSED = {401: _CLOSED, 402: "the page is to be paid for", 403: _CLOSED, 404: _GONE, 410: _GONE}
_last: dict[str, float] = {}


class Page(NamedTuple):
    """What came back: where it was in the end, what the server said of it, and the bytes."""

    url: str
    media: str
    charset: str
    content: bytes


def fetch(url: str, most_bytes: int, seconds: float) -> Page:
    """Fetch a page, redirects included, in so many seconds; a host is left a second in between."""
    host = _host(url)
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
        raise InputError("no valid address")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(_ALLOWED)
    if parts.username or parts.password:
        raise InputError("an address with a name or password is not fetched")
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
        raise InputError(f"took longer than {seconds:g} seconds") from None


def _get(url: str, most_bytes: int, seconds: float) -> Page:
    import requests
    from requests import exceptions as errors
    from urllib3.exceptions import ProtocolError

    try:
        with requests.Session() as session:
            session.max_redirects = MOST_REDIRECTS
            session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
            with session.get(url, stream=True, timeout=seconds) as response:
                return _page(response, most_bytes)
    except (errors.RequestException, ValueError) as error:
        if "timed out" in str(error):
            raise TimeoutError from None
        # The innermost reason, without the objects that libraries wrap around it.
        inner = error.args[0] if error.args else error
        reason = str(getattr(inner, "reason", error)).rpartition("): ")[2] or type(error).__name__
        kinds = {
            errors.TooManyRedirects: f"more than {MOST_REDIRECTS} redirects",
            errors.InvalidSchema: f"leads elsewhere; {_ALLOWED}",
            ProtocolError: "the connection broke off, or what came is no answer of the web",
        }
        both = [error, inner]
        said = [text for kind, text in kinds.items() if any(isinstance(e, kind) for e in both)]
        raise InputError(said[0] if said else f"cannot be fetched ({reason})") from None


def _page(response: Any, most_bytes: int) -> Page:
    if (status := response.status_code) != 200:
        said = _REFUSED.get(status)
        raise InputError(f"{said} ({status})" if said else f"the site answered {status}")
    _host(response.url)  # where it was led to in the end
    length = response.headers.get("content-length", "")
    check_size(int(length) if length.isdecimal() else 0, most_bytes)
    if (packed := response.headers.get("content-encoding", "identity").lower()) != "identity":
        # What is sent packed does not show that its end is missing.
        raise InputError(f"was sent packed ({packed}), which was not asked for: save it as a file")
    content = bytearray()
    for chunk in response.iter_content(64 * 1024):
        content += chunk
        check_size(len(content), most_bytes)
    told = Message()
    told["content-type"] = response.headers.get("content-type", "")
    return Page(response.url, told.get_content_type(), told.get_content_charset(""), bytes(content))


def check_size(size: int, most: int) -> None:
    """Refuse what is larger than the user allows."""
    if size > most:
        found, allowed = f"{size / MEBIBYTE:.1f} MiB", f"{most / MEBIBYTE:g} MiB (--max-mib)"
        raise InputError(f"is larger: at least {found}; allowed: {allowed}")
