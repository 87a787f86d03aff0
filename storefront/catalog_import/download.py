"""Downloading a picture from an address that a stranger's file names."""

import ipaddress
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util.connection import create_connection

MAX_BYTES = 10_000_000
# The read time-out starts anew with every byte; this one does not.
MAX_SECONDS = 30.0
_TIMEOUT = Timeout(connect=5.0, read=10.0)
_MAX_REDIRECTS = 3
_CHUNK_BYTES = 65_536
_REDIRECTS = (301, 302, 303, 307, 308)
# SVG is left out: it can carry scripts.
_TYPES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
}


class PictureUnavailable(Exception):
    """Why a picture could not be had, in plain words."""


@dataclass(frozen=True)
class Picture:
    content: bytes
    extension: str


def download_picture(
    url: str,
    *,
    allow_private: bool = False,
    max_bytes: int = MAX_BYTES,
    max_seconds: float = MAX_SECONDS,
) -> Picture:
    """Return the picture at a web address, a JPEG, PNG, GIF, WebP or AVIF of at most max_bytes.

    Hosts of an inner network are refused unless allowed: the address that is connected to is
    the one that was looked at. Raises PictureUnavailable.
    """
    deadline = time.monotonic() + max_seconds
    try:
        with _opened(url, allow_private=allow_private) as response:
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if kind not in _TYPES:
                raise PictureUnavailable(f"it is {kind or 'of no stated type'}, not a picture")
            content = b"".join(_chunks(response, max_bytes=max_bytes, deadline=deadline))
    except (HTTPError, OSError, ValueError) as error:
        raise PictureUnavailable(f"{type(error).__name__}: {error}") from error
    if _kind_of(content) != kind:
        raise PictureUnavailable(f"it says {kind} and is something else")
    return Picture(content, _TYPES[kind])


@contextmanager
def _opened(url: str, *, allow_private: bool) -> Iterator[BaseHTTPResponse]:
    with PoolManager(num_pools=_MAX_REDIRECTS + 1) as manager:
        if not allow_private:
            manager.pool_classes_by_scheme = {"http": _PublicPool, "https": _PublicSecurePool}
        for _ in range(_MAX_REDIRECTS + 1):
            if urlsplit(url).scheme not in ("http", "https"):
                raise PictureUnavailable("only http:// and https:// addresses are fetched")
            response = manager.request(
                "GET",
                url,
                headers={"Accept": ", ".join(_TYPES), "Accept-Encoding": "identity"},
                preload_content=False,
                redirect=False,
                retries=False,
                timeout=_TIMEOUT,
            )
            location = response.headers.get("Location")
            if response.status not in _REDIRECTS or not location:
                break
            response.close()
            url = urljoin(url, location)
        else:
            raise PictureUnavailable(f"it was passed on more than {_MAX_REDIRECTS} times")
        try:
            if response.status != 200:
                raise PictureUnavailable(f"it was answered with HTTP {response.status}")
            yield response
        finally:
            response.close()


def _chunks(response: BaseHTTPResponse, *, max_bytes: int, deadline: float) -> Iterator[bytes]:
    received = 0
    for chunk in response.stream(_CHUNK_BYTES, decode_content=False):
        received += len(chunk)
        if received > max_bytes:
            raise PictureUnavailable(f"it has more than {max_bytes:,} bytes")
        if time.monotonic() > deadline:
            raise PictureUnavailable("it took too long")
        yield chunk


def _kind_of(content: bytes) -> str:
    """Tell a picture by its first bytes."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return ""


def _connect_to_public(connection: HTTPConnection) -> socket.socket:
    """Connect to an address that was checked, so that no second look-up can change it."""
    found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        plain = getattr(address, "ipv4_mapped", None) or address
        if not plain.is_global or plain.is_multicast:
            raise PictureUnavailable(f"{connection.host} is in a private network")
    return create_connection(
        (str(addresses[0]), connection.port),
        connection.timeout,
        source_address=connection.source_address,
        socket_options=connection.socket_options,
    )


class _PublicConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect_to_public(self)


class _PublicSecureConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect_to_public(self)


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicSecurePool(HTTPSConnectionPool):
    ConnectionCls = _PublicSecureConnection
