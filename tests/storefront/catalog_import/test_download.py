from collections.abc import Iterator

import pytest

from storefront.catalog_import.download import PictureUnavailable, download_picture
from tests.storefront.catalog_import.picture_server import GIF, PNG, serve_pictures


@pytest.fixture
def address() -> Iterator[str]:
    with serve_pictures() as address:
        yield address


@pytest.mark.parametrize(
    ("path", "extension"), [("/mug.png", "png"), ("/mug.gif", "gif"), ("/moved", "png")]
)
def test_picture_is_downloaded(address: str, path: str, extension: str) -> None:
    picture = download_picture(address + path, allow_private=True)

    assert picture.extension == extension
    assert picture.content == {"png": PNG, "gif": GIF}[extension]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/page", "it is text/html, not a picture"),
        ("/mug.svg", "it is image/svg\\+xml, not a picture"),
        ("/lie.png", "it says image/png and is something else"),
        ("/gone", "HTTP 404"),
        ("/round", "passed on more than 3 times"),
        ("/file", "only http"),
    ],
)
def test_what_is_no_picture_is_refused(address: str, path: str, reason: str) -> None:
    with pytest.raises(PictureUnavailable, match=reason):
        download_picture(address + path, allow_private=True)


def test_picture_that_is_too_large_or_too_slow_is_refused(address: str) -> None:
    with pytest.raises(PictureUnavailable, match="more than 50 bytes"):
        download_picture(f"{address}/mug.png", allow_private=True, max_bytes=50)
    with pytest.raises(PictureUnavailable, match="too long"):
        download_picture(f"{address}/mug.png", allow_private=True, max_seconds=-1)


def test_private_addresses_are_refused_unless_allowed(address: str) -> None:
    port = address.rpartition(":")[2]
    for host in (
        "127.0.0.1",
        "localhost",
        "[::1]",
        "10.0.0.1",
        "169.254.169.254",
        "[::ffff:7f00:1]",
    ):
        with pytest.raises(PictureUnavailable, match="private network"):
            download_picture(f"http://{host}:{port}/mug.png")
        with pytest.raises(PictureUnavailable, match="private network"):
            download_picture(f"https://{host}:{port}/mug.png")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/x.png", "mug.png"])
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(PictureUnavailable):
        download_picture(url)


def test_host_that_does_not_answer_is_unavailable(address: str) -> None:
    with pytest.raises(PictureUnavailable, match="Error"):
        download_picture("http://127.0.0.1:9/mug.png", allow_private=True)
