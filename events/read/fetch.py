"""Bytes from an address, so that no page can make us reach where we must not, wait for ever or swallow all.

The host's name is resolved once; each of its addresses is checked; and the connection is made to an address that
was checked, never to the name: a server that answers a second question otherwise (rebinding) gains nothing. Each
redirect begins again at the first check. Proxies, cookies, passwords in addresses and files on disk are not used.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import httpcore2

from events.errors import FetchError
from events.read.limits import MAX_FILE

__all__ = ["AGENT", "Fetched", "Fetcher", "Limits", "is_public", "normal_address"]

AGENT = "Entente/0.1 (reads news pages and feeds for an analyst)"
"""What we call ourselves; robots.txt may address us as "Entente"."""

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Iterable[str]]
"""Host and port to numeric addresses; raises OSError where the name is not known."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much one fetch may take, redirects included."""

    seconds: float = 30.0  # in all: slow newspapers answer within ten
    silence: float = 10.0  # between two bytes
    size: int = MAX_FILE  # bytes of a body, as sent and as unpacked
    redirects: int = 5  # browsers follow twenty, but news sites need two or three


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered; `body` is unpacked. Header names are in small letters."""

    url: str  # of the last redirect
    status: int  # 200, or 304 where nothing is new
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def charset(self) -> str | None:
        """The encoding that the server names; what the bytes say counts before it."""
        found = re.search(r"charset\s*=\s*[\"']?([\w.:-]{2,30})", self.headers.get("content-type", ""))
        return found[1] if found else None


# -- which addresses may be reached

# What Python's tables of special networks leave open to some version of it, or cannot know.
_CLOSED: tuple[IPv4Network | IPv6Network, ...] = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT; a cloud keeps its metadata at 100.100.100.200
            "168.63.129.16/32",  # a cloud's own service behind a public number
            "169.254.0.0/16",  # link-local; most clouds keep their metadata at 169.254.169.254
            "192.0.0.0/24",
            "198.18.0.0/15",
            "224.0.0.0/3",  # multicast, reserved, broadcast
            "::/96",  # IPv4-compatible
            "64:ff9b:1::/48",
            "fc00::/7",  # private; a cloud keeps its metadata at fd00:ec2::254
            "fe80::/9",  # link-local and site-local
            "ff00::/8",
        ),
    )
)
_NAT64 = ip_network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Return whether an address is of the public internet, and so is the one that it may wrap."""
    if isinstance(address, IPv6Address):
        inner: list[IPv4Address] = [a for a in (address.ipv4_mapped, address.sixtofour) if a is not None]
        inner += list(address.teredo or ())
        if address in _NAT64:
            inner.append(IPv4Address(int(address) & 0xFFFF_FFFF))
        if not all(map(is_public, inner)):
            return False
        if address.ipv4_mapped is not None or address in _NAT64:
            return True
    return (
        address.is_global
        and not address.is_multicast
        and not any(address.version == net.version and address in net for net in _CLOSED)
    )


def _ask(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


# -- addresses as text

# Below 1024 only the web's own ports: mail servers and the like answer to words that a page could put into an address.
_WEB_PORTS = frozenset({80, 443})
_LAST_RESERVED_PORT = 1023
_LONGEST_URL = 4000
_KEPT = "/:@!$&'()*+,;=~-._%?[]"


def normal_address(url: str) -> str:
    """Return an http(s) address with its host in small ASCII letters, other characters escaped, no fragment.

    Raises FetchError, saying what to do, for any other kind of address.
    """
    words = url.strip()
    if len(words) > _LONGEST_URL or re.search(r"[\x00-\x20\x7f\\]", words):
        raise FetchError("this is no web address (blanks, control characters, or too long)", source=url[:200])
    try:
        parts = urlsplit(words)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
        ascii_host = host if ":" in host else host.encode("idna").decode("ascii").lower()
    except (ValueError, UnicodeError) as error:
        raise FetchError(f"this is no web address ({error}); copy it from the browser", source=url) from error
    if parts.scheme.lower() not in {"http", "https"}:
        raise FetchError("only addresses that begin with http:// or https:// are read", source=url)
    if not ascii_host:
        raise FetchError("the address names no host; copy it from the browser", source=url)
    if parts.username is not None or parts.password is not None:
        raise FetchError("an address with a name or password is not read; take them out", source=url)
    if port is not None and port <= _LAST_RESERVED_PORT and port not in _WEB_PORTS:
        raise FetchError(f"port {port} is no port of web pages; it is not read", source=url)
    scheme = parts.scheme.lower()
    shown = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
    if port is not None and port != (443 if scheme == "https" else 80):
        shown = f"{shown}:{port}"
    path = quote(parts.path or "/", safe=_KEPT.replace("?", "").replace("[]", ""))
    return urlunsplit((scheme, shown, path, quote(parts.query, safe=_KEPT), ""))


# -- the connection


class _Stream(httpcore2.NetworkStream):
    """A stream whose every wait ends at the deadline, so that a trickle of bytes cannot hold it open."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _Deadline:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._end = time.monotonic() + limits.seconds

    def left(self, timeout: float | None = None) -> float:
        """Return the seconds to wait for the next thing; raises httpcore2.ReadTimeout where none are left."""
        rest = self._end - time.monotonic()
        if rest <= 0:
            raise httpcore2.ReadTimeout
        return min(rest, self._limits.silence, timeout or rest)


class _Backend(httpcore2.NetworkBackend):
    """Connects to addresses that were checked, whatever the name would say now."""

    def __init__(self, addresses: list[Address], deadline: _Deadline) -> None:
        self._addresses, self._deadline = addresses, deadline
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002  the name was resolved before
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        for at, address in enumerate(self._addresses, start=1):
            try:
                wait = self._deadline.left(timeout)
                # half of what is left, so that a dead first address leaves time for the second
                wait = wait / 2 if at < len(self._addresses) else wait
                inner = self._inner.connect_tcp(str(address), port, wait, local_address, socket_options or ())
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if at == len(self._addresses):
                    raise
            else:
                return _Stream(inner, self._deadline)
        raise httpcore2.ConnectError


# Addresses of one host that are tried.
_TRIED = 4
_MOVED = frozenset({301, 302, 303, 307, 308})
# What is worth asking again later: the server is busy, slow, or being mended.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_WHY = {
    401: "it asks for a login; save the page from your browser and add the file",
    403: "the site refuses readers such as this one; save the page from your browser and add the file",
    404: "there is no such page; check the address",
    410: "the page has been taken away",
    429: "the site asks for a pause; try again later",
    451: "the page is withheld for legal reasons",
}


class Fetcher:
    """Fetches addresses of the public web; one may be used by several threads.

    `allowed` are (numeric address, port) pairs that may be reached although they are not public: a server of one's
    own, named by whoever makes the fetcher and never by a page. `resolve` stands in for the system's resolver.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        allowed: Iterable[tuple[str, int]] = (),
        resolve: Resolver = _ask,
        agent: str = AGENT,
    ) -> None:
        self.limits = limits or Limits()
        self.agent = agent
        self._allowed = frozenset((ip_address(host), port) for host, port in allowed)
        self._resolve = resolve
        self._tls: ssl.SSLContext | None = None

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Fetched:
        """Return what the address answers, redirects followed; status 304 where `headers` asked for news only.

        Raises FetchError, saying what to do, for an address that may not be reached, no answer in time, an answer
        that is too large or broken, and an error of the server's. `passing` tells whether later may go better.
        """
        deadline = _Deadline(self.limits)
        here, seen = normal_address(url), set[str]()
        while True:
            if here in seen or len(seen) > self.limits.redirects:
                raise FetchError(
                    "it is redirected in a circle, or too often; open it in a browser and copy the last address",
                    source=url,
                )
            seen.add(here)
            try:
                answer = self._once(here, headers or {}, deadline)
            except httpcore2.TimeoutException as error:
                raise FetchError(
                    f"no answer came within {self.limits.seconds:g} s ({self.limits.silence:g} s without a byte); "
                    "try again later, or save the page and add the file",
                    source=url,
                    passing=True,
                ) from error
            except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
                raise FetchError(_broken(error), source=url, passing=True) from error
            except FetchError as error:
                raise FetchError(error.message, source=url, passing=error.passing) from error
            if answer.status not in _MOVED:
                return _good(answer, url)
            target = answer.headers.get("location", "")
            if not target:
                raise FetchError("it is redirected to nowhere; check the address", source=url)
            try:
                here = normal_address(urljoin(here, target.strip()))
            except (FetchError, ValueError) as error:
                raise FetchError(
                    f"it is redirected to {target[:120]!r}, which is not followed; check the address",
                    source=url,
                ) from error

    def _addresses(self, host: str, port: int, deadline: _Deadline) -> list[Address]:
        """Return the addresses of a host; raises FetchError if any of them may not be reached."""
        found: list[str] = []
        failed: list[OSError | UnicodeError] = []

        def ask() -> None:
            try:
                found.extend(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                failed.append(error)

        asking = threading.Thread(target=ask, name="resolve", daemon=True)  # a resolver knows no time limit
        asking.start()
        asking.join(deadline.left())
        if asking.is_alive():
            raise httpcore2.ConnectTimeout
        if failed or not found:
            raise FetchError(
                f"the host {host} is not known; check the address and the connection", passing=True
            )
        addresses = [ip_address(words.partition("%")[0]) for words in dict.fromkeys(found)]
        for address in addresses:
            if not is_public(address) and (address, port) not in self._allowed:
                where = host if host in {str(address), f"[{address}]"} else f"{host} ({address})"
                raise FetchError(
                    f"the host {where} is inside a private or reserved network; only public web pages are read. Save "
                    "the page and add the file"
                )
        return addresses[:_TRIED]

    def _once(self, url: str, headers: Mapping[str, str], deadline: _Deadline) -> Fetched:
        parts = urlsplit(url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        addresses = self._addresses(host, parts.port or (443 if secure else 80), deadline)
        if secure and self._tls is None:
            self._tls = httpcore2.default_ssl_context()
        sent = {
            "Host": parts.netloc,
            "User-Agent": self.agent,
            "Accept": "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/xml;q=0.9,"
            "*/*;q=0.8",
            "Accept-Language": "en,*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
            "Connection": "close",
            **headers,
        }
        with (
            httpcore2.ConnectionPool(
                ssl_context=self._tls, max_connections=1, network_backend=_Backend(addresses, deadline)
            ) as pool,
            pool.stream("GET", url, headers=list(sent.items())) as response,
        ):
            told: dict[str, str] = {}
            for name, value in response.headers:
                told.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
            body = b""
            if response.status == 200:
                self._check_length(told)
                body = self._body(response, told.get("content-encoding", ""))
        return Fetched(url=url, status=response.status, body=body, headers=told)

    def _check_length(self, told: Mapping[str, str]) -> None:
        with suppress(ValueError):
            if int(told.get("content-length", "0")) > self.limits.size:
                raise self._too_large()

    def _too_large(self) -> FetchError:
        return FetchError(
            f"it is larger than {self.limits.size / 1e6:,.0f} MB, packed or unpacked; save the article alone"
        )

    def _body(self, response: httpcore2.Response, packing: str) -> bytes:
        """Return the body, unpacked as it comes; holds no more than the limit and one piece."""
        kind = packing.strip().lower()
        if kind not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise FetchError(f"the server packs the page as {packing[:40]!r}, which was not asked for")
        unpacker = _Unpacker(self.limits.size) if kind not in {"", "identity"} else None
        received, made = 0, bytearray()
        for piece in response.iter_stream():
            received += len(piece)
            made += piece if unpacker is None else unpacker.feed(piece)
            if received > self.limits.size or len(made) > self.limits.size:
                raise self._too_large()
        if unpacker is not None and received and not unpacker.ended:
            raise FetchError("the page breaks off in the middle; try again", passing=True)
        return bytes(made)


class _Unpacker:
    """Unpacks gzip, zlib and bare deflate piece by piece, never more than `most` bytes in all and one more."""

    def __init__(self, most: int) -> None:
        self._left = most + 1
        self._inner = zlib.decompressobj(wbits=47)  # gzip or zlib, told by the head
        self._first = True

    @property
    def ended(self) -> bool:
        """Whether the last byte of the packed data has come."""
        return self._inner.eof

    def feed(self, piece: bytes) -> bytes:
        """Return what this piece unpacks to; raises FetchError where it is broken."""
        made = bytearray()
        while piece and self._left > 0:
            if self._inner.eof:  # a gzip file may have several members, and padding after the last
                if not piece.startswith(b"\x1f"):
                    break
                self._inner = zlib.decompressobj(wbits=47)
            try:
                out = self._inner.decompress(piece, self._left)
            except zlib.error as error:
                if not self._first:
                    raise FetchError("the page is packed wrongly; try again later", passing=True) from error
                self._inner, self._first = zlib.decompressobj(wbits=-15), False  # "deflate" of old servers
                continue
            self._first = False
            self._left -= len(out)
            made += out
            piece = self._inner.unconsumed_tail or self._inner.unused_data
        return bytes(made)


def _broken(error: Exception) -> str:
    inner: BaseException = error
    while inner.__cause__ is not None or (inner.args and isinstance(inner.args[0], BaseException)):
        inner = inner.__cause__ or inner.args[0]
    if isinstance(inner, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({inner.verify_message}); open it in a browser to see why"
    if isinstance(inner, ssl.SSLError):
        return "no secure connection came about; try again later"
    if isinstance(inner, ConnectionRefusedError):
        return "the server refuses connections; check the address, or try again later"
    if isinstance(error, httpcore2.ProtocolError):
        return "the server's answer is no proper web answer; try again later"
    return f"the connection failed ({getattr(inner, 'strerror', None) or inner or type(error).__name__}); try again later"


def _good(answer: Fetched, url: str) -> Fetched:
    if answer.status in {200, 304}:
        return answer
    why = _WHY.get(answer.status, "the server has an error" if answer.status >= 500 else "it cannot be had")
    raise FetchError(
        f"{why} (HTTP {answer.status})",
        source=url,
        status=answer.status,
        passing=answer.status in _PASSING,
        retry_after=answer.headers.get("retry-after"),
    )
