import socket
from pathlib import Path

from storefront.run.ports import any_free_port, is_free, remembered_port


def test_port_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "port"
    first = remembered_port(file)
    assert remembered_port(file) == first
    assert remembered_port(file, must_be_free=True) == first


def test_port_that_is_taken_meanwhile_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "port"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        file.write_text(f"{number}\n")
        assert remembered_port(file) == number
        assert not is_free(number)
        replaced = remembered_port(file, must_be_free=True)
    assert replaced != number
    assert remembered_port(file) == replaced


def test_nonsense_in_the_file_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("not a port\n")
    assert remembered_port(file) == int(file.read_text())


def test_free_port_is_free() -> None:
    assert is_free(any_free_port())
