"""The laptop's Postgres: one owner, gone with it however it ends, and its data kept."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from propfirm.adapters.embedded_postgres.errors import AlreadyRunning, PostgresUnavailable
from propfirm.adapters.embedded_postgres.server import EmbeddedPostgres
from propfirm.adapters.system.ownership import Ownership
from propfirm.entrypoints import home
from propfirm.entrypoints.settings import Settings

SOON_S = 10.0

# Starts the server, says where it is and which process it is, and writes rows for as long as it lives.
OWNER = """
import signal
import sys
from pathlib import Path
import psycopg
from propfirm.adapters.embedded_postgres.server import EmbeddedPostgres
from propfirm.adapters.system.ownership import Ownership

# Whoever runs the tests in the background has Ctrl-C ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
folder = Path(sys.argv[1])
with EmbeddedPostgres(folder / "state", Ownership(folder / "state"), system_folder=folder / "system") as server:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("create table if not exists kept (n bigserial)")
        while True:
            row = connection.execute("insert into kept default values returning n").fetchone()
            print(server._process.pid, row[0], flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    # Where root runs the tests, the server's user must get in: no folder of pytest's own lets it.
    made = Path(tempfile.mkdtemp(prefix="propfirm-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def server_on(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder / "state", Ownership(folder / "state"), system_folder=folder / "system")


def rows(server: EmbeddedPostgres) -> int:
    with psycopg.connect(server.url()) as connection:
        found = connection.execute("select count(*) from kept").fetchone()
    assert found is not None
    return int(found[0])


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + SOON_S
    while is_there(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_there(pid)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_the_server_ends_with_its_owner_and_keeps_what_was_acknowledged(folder: Path, end: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as owner:
        assert owner.stdout is not None
        server, acknowledged = 0, 0
        while acknowledged < 50:
            server, acknowledged = map(int, owner.stdout.readline().split())
        owner.send_signal(end)
        owner.wait(SOON_S)
    wait_until_gone(server)
    with server_on(folder) as again:
        assert rows(again) >= acknowledged


def test_a_start_waits_until_the_server_of_a_killed_owner_has_ended(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as owner:
        assert owner.stdout is not None
        server, acknowledged = map(int, owner.stdout.readline().split())
        os.kill(server, signal.SIGSTOP)  # as if it were writing for long
        owner.kill()
    going_on = threading.Timer(1.0, os.kill, (server, signal.SIGCONT))
    going_on.start()
    with server_on(folder) as again:
        assert rows(again) >= acknowledged
    wait_until_gone(server)
    going_on.join()


def test_a_folder_has_one_server_at_a_time(folder: Path) -> None:
    with server_on(folder) as first:
        with pytest.raises(AlreadyRunning):
            server_on(folder).start()
        with psycopg.connect(first.url()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    with server_on(folder):
        pass


def test_a_first_start_that_was_cut_off_begins_anew(folder: Path) -> None:
    unfinished = server_on(folder)._data().with_name(server_on(folder)._data().name + ".new")
    unfinished.mkdir(parents=True)
    (unfinished / "half").touch()
    with server_on(folder) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("show server_version_num").fetchone()[0].startswith("16")  # type: ignore[index]  # one row


def test_a_folder_may_be_named_from_where_one_stands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    with EmbeddedPostgres(Path("state"), Ownership(Path("state")), system_folder=folder / "system") as server:
        server.create("firm")
        assert server_on(folder)._data() == server._data()


def test_data_whose_password_is_gone_are_told_and_removed_on_demand_only(folder: Path) -> None:
    with server_on(folder) as server:
        server.create("firm")
    (folder / "state" / "password").unlink()
    with pytest.raises(PostgresUnavailable, match="--reset begins anew"):
        server_on(folder).start()
    server_on(folder).remove()
    with server_on(folder):
        pass


def test_nobody_comes_in_without_the_password(folder: Path) -> None:
    with server_on(folder) as server:
        wrong = server.url().replace(server._password(), "wrong")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(wrong)
        assert (folder / "state" / "password").stat().st_mode & 0o777 == 0o600


def test_it_is_started_from_the_main_thread_because_it_dies_with_its_thread(folder: Path) -> None:
    refused: list[BaseException] = []

    def start() -> None:
        try:
            server_on(folder).start()
        except PostgresUnavailable as refusal:
            refused.append(refusal)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert len(refused) == 1


def test_a_second_process_joins_a_running_server_and_leaves_it_running(folder: Path) -> None:
    guest = server_on(folder)
    assert not guest.owner.taken()
    with pytest.raises(PostgresUnavailable, match="no server runs"):
        guest.join()
    with server_on(folder) as host:
        assert guest.owner.taken()
        guest.join()
        guest.create("firm")
        guest.create("firm")  # there already
        assert guest.url("firm") == host.url("firm")
        guest.stop()
        with psycopg.connect(host.url("firm")) as connection:
            assert connection.execute("select current_database()").fetchone() == ("firm",)
    assert not guest.owner.taken()


def test_removed_it_begins_anew_and_a_running_one_is_not_removed(folder: Path) -> None:
    with server_on(folder) as server:
        server.create("firm")
        with pytest.raises(AlreadyRunning):
            server_on(folder).remove()
    server_on(folder).remove()
    server_on(folder).remove()  # nothing there is as good
    with server_on(folder) as server, psycopg.connect(server.url()) as connection:
        found = connection.execute("select datname from pg_database where datname = 'firm'").fetchone()
        assert found is None


def test_who_only_looks_whether_the_folder_is_owned_keeps_nobody_from_starting(folder: Path) -> None:
    with server_on(folder):
        pass
    looking = (folder / "state" / "owner").open()
    fcntl.flock(looking, fcntl.LOCK_SH)
    later = threading.Timer(0.2, looking.close)
    later.start()
    try:
        with server_on(folder) as server:
            assert server.owner.taken()
    finally:
        later.join()


# Has the server of a laptop's firm for a moment, as a command does.
COMMAND = """
import sys
import time
from pathlib import Path
from propfirm.entrypoints import home
from propfirm.entrypoints.settings import Settings

folder = Path(sys.argv[1])
with home.database(Settings(state=folder / "firm", system_state=folder / "system"), makes=True) as container:
    print(home.address(container), flush=True)
    time.sleep(float(sys.argv[2]))
"""


def command_at(folder: Path, lasts_s: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", COMMAND, str(folder), str(lasts_s)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_whoever_stays_waits_for_a_commands_server_to_end_and_has_its_own(folder: Path) -> None:
    with command_at(folder, 1.0) as command:
        assert command.stdout is not None
        theirs = command.stdout.readline().strip()
        with home.database(settings_at(folder), alone=True, makes=True) as container:
            assert command.wait(SOON_S) == 0
            assert home.address(container) != theirs
            with psycopg.connect(home.address(container)) as connection:
                assert connection.execute("select current_database()").fetchone() == (home.DATABASE,)


def test_of_two_commands_at_once_one_starts_the_server_and_the_other_joins_it(folder: Path) -> None:
    with command_at(folder, 3.0) as first, command_at(folder, 3.0) as second:
        assert first.stdout is not None
        assert second.stdout is not None
        assert first.stdout.readline() == second.stdout.readline()
        assert (first.wait(SOON_S), second.wait(SOON_S)) == (0, 0)


def settings_at(folder: Path) -> Settings:
    return Settings(state=folder / "firm", system_state=folder / "system")
