"""Fetch a small document from a provider, whatever the other end does."""

import time
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from markets.rate_feeds.sheet import FeedRefused, FeedUnavailable

MAX_BYTES = 1_000_000
# The read time-out starts anew with every byte; this one does not.
MAX_SECONDS = 30.0
_MAX_REDIRECTS = 3
_CHUNK_BYTES = 16_384
_ERROR_BYTES = 4_096


def download(
    url: str,
    *,
    timeout: tuple[float, float],
    max_bytes: int = MAX_BYTES,
    max_seconds: float = MAX_SECONDS,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Return the body at an address; `timeout` is (connect, read) in seconds.

    Redirects are followed on the same server only, or from HTTP to HTTPS on its host. Raises
    FeedUnavailable for anything but a 200 answer of at most max_bytes within max_seconds;
    FeedRefused, which is one, where the answer was an HTTP error.
    """
    deadline = time.monotonic() + max_seconds
    try:
        with (
            requests.Session() as session,
            _open(session, url, timeout=timeout, headers=headers or {}) as response,
        ):
            return b"".join(_chunks(response, url=url, max_bytes=max_bytes, deadline=deadline))
    # A ValueError is a redirect to what is no address at all.
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise FeedUnavailable(f"{url}: {type(error).__name__}: {error}") from error


def _open(
    session: requests.Session, url: str, *, timeout: tuple[float, float], headers: Mapping[str, str]
) -> requests.Response:
    address = url
    for _ in range(_MAX_REDIRECTS + 1):
        response = session.get(
            address,
            timeout=timeout,
            stream=True,
            allow_redirects=False,
            # A compressed body could be far larger than what was counted on the wire.
            headers={"Accept-Encoding": "identity", **headers},
        )
        if response.status_code == requests.codes.ok:
            return response
        location = response.headers.get("Location")
        if not response.is_redirect or location is None:
            raise _refused(response, address)
        response.close()
        address = _redirected(address, location)
    raise FeedUnavailable(f"{url}: more than {_MAX_REDIRECTS} redirects")


def _refused(response: requests.Response, address: str) -> FeedRefused:
    status = response.status_code
    with response:
        # One read: what has arrived of the explanation is enough.
        body = response.raw.read1(_ERROR_BYTES, decode_content=False) if status >= 400 else b""
    return FeedRefused(f"{address}: answered with HTTP {status}", status=status, body=body)


def _redirected(address: str, location: str) -> str:
    there = urljoin(address, location)
    if not _is_near(urlsplit(address), urlsplit(there)):
        raise FeedUnavailable(f"{address}: redirects elsewhere, to {there}")
    return there


def _is_near(before: SplitResult, after: SplitResult) -> bool:
    # Another port of a host is another server, which is not to see the key either.
    made_secure = (before.scheme, after.scheme, after.port or 443) == ("http", "https", 443)
    return (before.scheme, before.netloc) == (after.scheme, after.netloc) or (
        made_secure and before.hostname == after.hostname
    )


def _chunks(
    response: requests.Response, *, url: str, max_bytes: int, deadline: float
) -> Iterator[bytes]:
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        raise FeedUnavailable(f"{url}: answered with content encoding {encoding}")
    received = 0
    # read1 returns what has arrived, so a body that drips cannot outlast the deadline unseen.
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=False):
        received += len(chunk)
        if received > max_bytes:
            raise FeedUnavailable(f"{url}: answered with more than {max_bytes} bytes")
        if time.monotonic() > deadline:
            raise FeedUnavailable(f"{url}: the answer took too long")
        yield chunk
