"""Fetching a page with care: http(s) only, public addresses only, robots.txt heeded, bounded.

The address that a name stands for is looked up once and checked, and the connection goes to that
very address, so that a name cannot stand for another one a moment later. Every redirect is checked
the same way. Nothing of a page is run, no cookie is kept, no proxy is used.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

from ngolib.errors import IntakeError

AGENT = "ngolib"
USER_AGENT = "ngolib/0.1 (research; one page at a time; robots.txt heeded)"
MEBIBYTE = 2**20
MOST_BYTES = 20 * MEBIBYTE
SECONDS = 30.0
MOST_REDIRECTS = 5
MOST_ROBOTS = 512 * 1024
# Seconds between two requests to one host, and the most that a robots.txt is granted.
PAUSE, LONGEST_PAUSE = 1.0, 30.0
_CHUNK = 64 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Page:
    """What came back.

    Parameters
    ----------
    url : str
        Where it was in the end.
    media : str
        Media type as the server told it, without parameters; may be empty.
    charset : str
        Encoding as the server told it; may be empty.
    content : bytes
        The body.
    """

    url: str
    media: str
    charset: str
    content: bytes


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the open internet."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        # The well-known prefix by which IPv4 addresses are reached over IPv6.
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


class _Plain(http.client.HTTPConnection):
    """A connection to an address that was checked."""

    def __init__(self, host: str, port: int, address: str, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._address = address

    def connect(self) -> None:
        """Connect to the address, whatever the name stands for by now."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _Secure(http.client.HTTPSConnection):
    """The same over TLS, with the certificate checked against the name."""

    def __init__(self, host: str, port: int, address: str, timeout: float) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=timeout, context=self._tls)
        self._address = address

    def connect(self) -> None:
        """Connect to the address; the certificate must be that of the name."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)


@dataclass
class Fetcher:
    """Fetches pages for one run of the command.

    Parameters
    ----------
    most_bytes : int
        How large a page may be.
    seconds : float
        How long a page may take in all, redirects included.
    allowed : callable
        Says of an IP address whether it may be reached. For tests only.
    """

    most_bytes: int = MOST_BYTES
    seconds: float = SECONDS
    allowed: Callable[[str], bool] = is_public
    _robots: dict[str, RobotFileParser | str] = field(default_factory=dict, init=False)
    _last: dict[str, float] = field(default_factory=dict, init=False)
    _turns: dict[str, Any] = field(default_factory=lambda: defaultdict(threading.RLock), init=False)

    def fetch(self, url: str) -> Page:
        """Fetch a page.

        Raises
        ------
        ngolib.errors.IntakeError
            One line that says why not.
        """
        first, deadline = url, time.monotonic() + self.seconds
        for _ in range(MOST_REDIRECTS + 1):
            url = plain_address(url)
            begin = time.monotonic()
            with self._turns[urlsplit(url).netloc]:
                # To wait for one's turn at a site is no fault of the page.
                deadline += time.monotonic() - begin
                self._heed_robots(url)
                deadline += self._wait(url)
                status, headers, body = self._get(url, deadline, self.most_bytes)
            if status not in _REDIRECTS:
                _check_status(first, status)
                media, _, rest = headers.get("content-type", "").partition(";")
                return Page(url, media.strip().lower(), _charset(rest), body)
            target = urljoin(url, headers.get("location", ""))
            if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
                raise IntakeError(f"{first}: leads from https to {target}, which is not safe")
            url = target
        raise IntakeError(f"{first}: more than {MOST_REDIRECTS} redirects")

    def _wait(self, url: str) -> float:
        """Leave a host in peace for a while between two pages; return how long that took."""
        host = urlsplit(url).netloc
        rules = self._robots.get(host)
        asked = rules.crawl_delay(AGENT) if isinstance(rules, RobotFileParser) else None
        pause = min(max(PAUSE, float(asked or 0)), LONGEST_PAUSE)
        rest = self._last.get(host, -pause) + pause - time.monotonic()
        if self._last.get(host) is None or rest < 0:
            rest = 0.0
        time.sleep(rest)
        self._last[host] = time.monotonic()
        return rest

    def _heed_robots(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.netloc not in self._robots:
            self._robots[parts.netloc] = self._read_robots(parts.scheme, parts.netloc)
        rules = self._robots[parts.netloc]
        if isinstance(rules, str):
            raise IntakeError(f"{url}: not fetched: {rules}")
        if not rules.can_fetch(AGENT, url):
            raise IntakeError(f"{url}: not fetched: the site's robots.txt does not allow it")

    def _read_robots(self, scheme: str, host: str) -> RobotFileParser | str:
        rules = RobotFileParser()
        url = f"{scheme}://{host}/robots.txt"
        deadline = time.monotonic() + self.seconds
        for _ in range(MOST_REDIRECTS + 1):
            status, headers, body = self._get(url, deadline, MOST_ROBOTS)
            if status not in _REDIRECTS:
                break
            url = plain_address(urljoin(url, headers.get("location", "")))
        if status == 200:
            rules.parse(body.decode("utf-8", "replace").splitlines())
        elif status in (401, 403):
            return f"the site's robots.txt is closed ({status})"
        elif 400 <= status < 500:
            rules.parse([])  # there is none: everything is allowed
        else:
            return f"the site's robots.txt cannot be read ({status})"
        return rules

    def _get(self, url: str, deadline: float, most: int) -> tuple[int, dict[str, str], bytes]:
        """Make one request; nothing is followed."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = self._address(url, host, port)
        kind = _Secure if parts.scheme == "https" else _Plain
        connection = kind(host, port, address, self._left(url, deadline))
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Accept": "*/*"}
        # Each byte may come in time and all of them never: at the end the line is cut.
        guard = threading.Timer(self._left(url, deadline), _cut, [connection])
        guard.daemon = True
        guard.start()
        try:
            connection.request("GET", target, headers=headers)
            sock = connection.sock
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            length = found.get("content-length", "")
            if length.isdecimal() and int(length) > most:
                raise IntakeError(_too_large(url, int(length), most))
            body = b""
            while True:
                if sock is not None:
                    sock.settimeout(self._left(url, deadline))
                chunk = response.read1(_CHUNK)
                if not chunk:
                    break
                body += chunk
                if len(body) > most:
                    raise IntakeError(_too_large(url, None, most))
            self._left(url, deadline)
            if length.isdecimal() and len(body) < int(length):
                raise IntakeError(f"{url}: the connection broke off before the end")
            return response.status, found, _unpacked(url, found, body, most)
        except TimeoutError:
            raise IntakeError(f"{url}: took longer than {self.seconds:g} seconds") from None
        except ssl.SSLCertVerificationError as error:
            raise IntakeError(
                f"{url}: its certificate is not valid ({error.verify_message})"
            ) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            self._left(url, deadline)
            raise IntakeError(f"{url}: cannot be fetched ({_why(error)})") from None
        finally:
            guard.cancel()
            connection.close()

    def _left(self, url: str, deadline: float) -> float:
        left = deadline - time.monotonic()
        if left <= 0:
            raise IntakeError(f"{url}: took longer than {self.seconds:g} seconds")
        return left

    def _address(self, url: str, host: str, port: int) -> str:
        """Look a name up; refuse it if any of its addresses is not of the open internet."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise IntakeError(f"{url}: there is no host {host!r}, or no network") from None
        addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
        if not addresses or not all(self.allowed(address) for address in addresses):
            raise IntakeError(f"{url}: leads to a private address, which is never fetched")
        return addresses[0]


def _cut(connection: http.client.HTTPConnection) -> None:
    """End a connection that has had its time."""
    sock = connection.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def plain_address(url: str) -> str:
    """Return an address that may be fetched: http or https, a host, nobody's name and password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise IntakeError(f"{url}: no valid address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise IntakeError(f"{url}: allowed: addresses that begin with http:// or https://")
    if parts.username or parts.password:
        raise IntakeError(f"{parts.hostname}: an address with a name or password is not fetched")
    if any(c.isspace() or not c.isprintable() for c in url):
        raise IntakeError(f"{url!r}: no valid address")
    try:
        host = parts.hostname.encode("idna").decode("ascii")
    except UnicodeError:
        raise IntakeError(f"{url}: no valid host") from None
    netloc = f"[{host}]" if ":" in host else host
    netloc += f":{port}" if port else ""
    return urlunsplit((parts.scheme, netloc, _quoted(parts.path), _quoted(parts.query), ""))


def _quoted(text: str) -> str:
    """Quote what is not ASCII; what is quoted already stays."""
    from urllib.parse import quote

    return quote(text, safe="/%:=&?~#+!$,;'@()*[]")


def _charset(parameters: str) -> str:
    for part in parameters.split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")
    return ""


def _check_status(url: str, status: int) -> None:
    if status in (401, 403):
        raise IntakeError(f"{url}: the page is behind a login, or closed to us ({status})")
    if status == 402:
        raise IntakeError(f"{url}: the page is to be paid for ({status})")
    if status in (404, 410):
        raise IntakeError(f"{url}: there is no such page ({status})")
    if status != 200:
        raise IntakeError(f"{url}: the site answered {status}")


def _too_large(url: str, found: int | None, most: int) -> str:
    size = f"has {found / MEBIBYTE:.1f} MiB" if found else "is larger"
    return f"{url}: {size}; allowed: {most / MEBIBYTE:g} MiB (--max-mib)"


def _unpacked(url: str, headers: dict[str, str], body: bytes, most: int) -> bytes:
    """Unpack a body that was sent packed although that was not asked for."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in ("gzip", "x-gzip"):
        raise IntakeError(f"{url}: was sent packed ({coding}) although that was not asked for")
    packer = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = packer.decompress(body, most + 1)
    except zlib.error:
        raise IntakeError(f"{url}: was sent packed, and is damaged") from None
    if len(content) > most:
        raise IntakeError(_too_large(url, None, most))
    if not packer.eof:
        raise IntakeError(f"{url}: was sent packed, and is damaged")
    return content


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
