import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from storefront.embedded import EmbeddedServerFailed, embedded_servers
from storefront.embedded.server_user import NAMESPACE, namespaces_work
from storefront.run.environment import BASE_DIR
from tests.run.processes import first_number, is_alive

HOLD = """
import sys
from pathlib import Path
from storefront.embedded import embedded_servers
with embedded_servers(Path(sys.argv[1])):
    print("up", flush=True)
    sys.stdin.read()
"""


def postmaster(state: Path) -> int:
    return first_number(state / "postgres" / "postmaster.pid")


def hold(state: Path) -> "subprocess.Popen[str]":
    """Have another command use the servers of the state folder until its input is closed."""
    command = begin_to_hold(state)
    assert command.stdout is not None
    assert command.stdout.readline() == "up\n"
    return command


def begin_to_hold(state: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=BASE_DIR,
    )


def let_go(command: "subprocess.Popen[str]") -> None:
    command.communicate()
    assert command.returncode == 0


def test_servers_start_know_unicode_and_stop(state: Path) -> None:
    with embedded_servers(state) as addresses:
        pid = postmaster(state)
        with psycopg.connect(addresses.database_url) as connection:
            row = connection.execute("SELECT lower('ÄŒ'), current_setting('fsync')").fetchone()
        client = redis.Redis.from_url(addresses.redis_url)
        assert client.ping()
        client.close()

    assert row == ("äœ", "on")
    assert not is_alive(pid)
    assert not (state / "valkey" / "valkey.pid").exists()


def test_rows_and_keys_are_there_next_time(state: Path) -> None:
    with embedded_servers(state) as addresses:
        with psycopg.connect(addresses.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        with redis.Redis.from_url(addresses.redis_url) as client:
            client.set("kept", "yes")

    with embedded_servers(state) as addresses:
        with psycopg.connect(addresses.database_url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
        with redis.Redis.from_url(addresses.redis_url) as client:
            assert client.get("kept") == b"yes"


def test_two_commands_share_the_servers_until_the_last_one_leaves(state: Path) -> None:
    other = hold(state)
    with embedded_servers(state):
        pid = postmaster(state)
        let_go(other)
        assert is_alive(pid)
    assert not is_alive(pid)


def test_two_commands_that_start_at_once_meet_at_the_same_servers(state: Path) -> None:
    both = [begin_to_hold(state), begin_to_hold(state)]
    for command in both:
        assert command.stdout is not None
        assert command.stdout.readline() == "up\n"
    pid = postmaster(state)
    for command in both:
        let_go(command)
    assert not is_alive(pid)


def test_servers_of_a_killed_command_are_adopted(state: Path) -> None:
    killed = hold(state)
    pid = postmaster(state)
    killed.kill()
    killed.communicate()
    assert is_alive(pid)

    with embedded_servers(state):
        assert postmaster(state) == pid
    assert not is_alive(pid)


def test_killed_servers_come_back_with_their_data(state: Path) -> None:
    command = hold(state)
    with embedded_servers(state) as addresses:
        with psycopg.connect(addresses.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        for pid in (postmaster(state), first_number(state / "valkey" / "valkey.pid")):
            os.kill(pid, signal.SIGKILL)
        with embedded_servers(state) as again, psycopg.connect(again.database_url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    let_go(command)


def test_pid_file_of_a_stranger_does_not_keep_the_server_down(state: Path) -> None:
    with embedded_servers(state):
        lines = (state / "postgres" / "postmaster.pid").read_text().splitlines()
    # As after a restart of the machine: the number now belongs to somebody else.
    stale = "\n".join([str(os.getpid()), *lines[1:]])
    (state / "postgres" / "postmaster.pid").write_text(stale)
    (state / "valkey" / "valkey.pid").write_text(f"{os.getpid()}\n")

    with (
        embedded_servers(state) as addresses,
        psycopg.connect(addresses.database_url) as connection,
    ):
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_swept_away_sockets_are_made_again(state: Path) -> None:
    orphans = hold(state)
    orphans.kill()
    orphans.communicate()
    with embedded_servers(state) as addresses:
        sockets = Path(addresses.redis_url.removeprefix("unix://")).parent
        shutil.rmtree(sockets)
        with embedded_servers(state) as again, psycopg.connect(again.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_interrupted_initdb_is_done_again(state: Path) -> None:
    half_done = state / "postgres.new"
    half_done.mkdir(parents=True)
    (half_done / "PG_VERSION").write_text("18\n")

    with (
        embedded_servers(state) as addresses,
        psycopg.connect(addresses.database_url) as connection,
    ):
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not half_done.exists()


def test_two_state_folders_stand_side_by_side(state: Path) -> None:
    with (
        embedded_servers(state / "one", durable=False) as one,
        embedded_servers(state / "two", durable=False) as two,
        psycopg.connect(one.database_url) as first,
        psycopg.connect(two.database_url) as second,
    ):
        first.execute("CREATE TABLE mine AS SELECT 1")
        first.commit()
        found = second.execute("SELECT to_regclass('mine')").fetchone()
        assert found == (None,)
        assert one.redis_url != two.redis_url


def test_state_folder_may_have_a_long_name_with_spaces(state: Path) -> None:
    folder = state / ("a long name " * 9).strip() / ("längerer Name " * 9).strip()
    assert len(str(folder)) > 200

    with embedded_servers(folder, durable=False) as addresses:
        with psycopg.connect(addresses.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with redis.Redis.from_url(addresses.redis_url) as client:
            assert client.ping()


def test_given_addresses_start_nothing(state: Path) -> None:
    with embedded_servers(state, database_url="postgresql://x", redis_url="redis://y") as addresses:
        assert (addresses.database_url, addresses.redis_url) == ("postgresql://x", "redis://y")
    assert not state.exists()


def test_data_of_another_version_is_refused_by_name(state: Path) -> None:
    with embedded_servers(state, durable=False):
        pass
    version = state / "postgres" / "PG_VERSION"
    version.write_text("14\n")

    with (
        pytest.raises(EmbeddedServerFailed, match="made by PostgreSQL 14"),
        embedded_servers(state),
    ):
        pass
    assert not (state / "valkey" / "valkey.pid").exists()


def test_folder_of_programs_that_is_not_one_is_refused(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENTREPOT_PG_BIN", "/nowhere")
    with (
        pytest.raises(EmbeddedServerFailed, match="no program /nowhere/postgres"),
        embedded_servers(state),
    ):
        pass


@pytest.mark.parametrize("namespaces", [True, False], ids=["namespace", "nobody"])
def test_server_of_root_runs_as_an_ordinary_user(
    state: Path, monkeypatch: pytest.MonkeyPatch, namespaces: bool
) -> None:
    if os.geteuid() == 0:
        monkeypatch.setattr("storefront.embedded.server_user.namespaces_work", lambda: namespaces)
    with embedded_servers(state, durable=False) as addresses:
        pid = postmaster(state)
        with psycopg.connect(addresses.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        uid = Path(f"/proc/{pid}").stat().st_uid
    # Whoever made the data goes on with it, also where namespaces work by now.
    monkeypatch.undo()
    with (
        embedded_servers(state, durable=False) as addresses,
        psycopg.connect(addresses.database_url) as connection,
    ):
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    if os.geteuid() == 0:
        assert (uid == 0) == namespaces


def test_plain_user_runs_the_servers(state: Path) -> None:
    code = "import os; assert os.geteuid() != 0" + HOLD
    result = subprocess.run(
        [*as_plain_user(), sys.executable, "-c", code, str(state)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=BASE_DIR,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "up\n", "")
    assert not (state / "postgres" / "postmaster.pid").exists()


def as_plain_user() -> tuple[str, ...]:
    """Give the words that run a command as somebody other than root."""
    if os.geteuid() != 0:
        return ()
    if namespaces_work():
        return NAMESPACE
    return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
