import fcntl
import subprocess
import sys
import threading
from pathlib import Path

from propfirm.adapters.system.ownership import Ownership

HOLDER = """
import sys
from pathlib import Path
from propfirm.adapters.system.ownership import Ownership

owner = Ownership(Path(sys.argv[1]))
print(owner.take(), flush=True)
sys.stdin.read()
"""


def test_who_has_it_has_it_alone_until_it_is_given_up(tmp_path: Path) -> None:
    first, second = Ownership(tmp_path / "state"), Ownership(tmp_path / "state")
    assert not first.taken()
    assert first.take()
    assert first.take(), "who has it keeps it"
    assert first.taken()
    assert second.taken()
    assert not second.take()
    first.give_up()
    assert not second.taken()
    assert second.take()
    second.give_up()


def test_a_killed_process_lets_go_of_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert Ownership(tmp_path).taken()
        assert not Ownership(tmp_path).take()
        holder.kill()
        holder.wait()
    assert not Ownership(tmp_path).taken()
    after = Ownership(tmp_path)
    assert after.take()
    after.give_up()


def test_who_only_looks_at_that_moment_keeps_nobody_from_it(tmp_path: Path) -> None:
    owner = Ownership(tmp_path)
    with (tmp_path / "owner").open("a") as looked_at:
        fcntl.flock(looked_at, fcntl.LOCK_SH)  # as ``taken`` holds it, for an instant
        looked = threading.Timer(0.15, fcntl.flock, (looked_at, fcntl.LOCK_UN))
        looked.start()
        assert owner.take()
        looked.join()
    owner.give_up()
