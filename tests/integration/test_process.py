"""What only a process of its own shows: signals, pipes, locales, and what is imported when."""

import os
import pty
import signal
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

import pytest

from propfirm import __version__

COMMAND = (sys.executable, "-m", "propfirm")
RESOURCES = Path(str(resources.files("propfirm.resources")))
HISTORY = RESOURCES / "examples" / "es-week.csv"
PRICES = RESOURCES / "market" / "ES_ESZ3_1min_2013-10-06_2013-10-11.csv.gz"
SIMULATE = ("simulate", str(HISTORY), "--program", "topstep-50k")
TIMEOUT_S = 60


def environment(**changes: str) -> dict[str, str]:
    without = ("LANG", "LC_ALL", "LC_CTYPE", "PYTHONIOENCODING", "PYTHONUTF8", "NO_COLOR", "FORCE_COLOR", "COLUMNS")
    return {**{name: value for name, value in os.environ.items() if name not in without}, **changes}


def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(**changes),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def test_the_package_itself_is_the_command() -> None:
    assert run("--version").stdout == f"propfirm {__version__}\n".encode()


def test_help_imports_neither_the_container_nor_what_it_needs() -> None:
    code = (
        "import sys\n"
        "from propfirm.entrypoints.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'propfirm.entrypoints.container', 'dependency_injector', 'rich', 'matplotlib', 'msgspec'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=TIMEOUT_S)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("changes", [{"LANG": "C"}, {"LC_ALL": "POSIX"}, {"PYTHONIOENCODING": "ascii"}])
def test_a_terminal_that_knows_only_ascii_gets_a_whole_report(changes: dict[str, str]) -> None:
    done = run(*SIMULATE, **changes)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert b"STILL OPEN" in done.stdout
    assert b"== max-loss floor" in done.stdout


def test_without_any_locale_the_report_has_its_fine_characters() -> None:
    assert "━━ max-loss floor" in run(*SIMULATE).stdout.decode()


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_the_zone_of_the_machine_changes_nothing(zone: str) -> None:
    assert run(*SIMULATE, TZ=zone).stdout == run(*SIMULATE).stdout


def test_a_pipe_gets_plain_text_and_no_progress() -> None:
    done = run(*SIMULATE, "--prices", str(PRICES))
    assert b"\x1b" not in done.stdout
    assert done.stderr == b""


def test_a_reader_that_stops_reading_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "programs", "list"],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment(),
        check=False,
        timeout=TIMEOUT_S,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_outputs_are_no_error(closed: str) -> None:
    command = f'"$0" -m propfirm programs list {closed}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable],  # noqa: S607 - whichever sh the caller has
        env=environment(),
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_answer_that_cannot_be_written_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "programs", "list"], stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert (done.returncode, done.stderr) == (2, b"the output: no space left on device\n")


@pytest.mark.parametrize("asked", ["--help", "--version"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_help_that_cannot_be_written_is_told(asked: str, unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, asked],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(PYTHONUNBUFFERED=unbuffered),
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, b"the output: no space left on device\n")


@pytest.mark.parametrize("target", ["/proc/out.png", "/proc/self/out.json"])
def test_a_folder_that_takes_no_files_is_told_before_any_work(target: str) -> None:
    option = "--chart" if target.endswith(".png") else "--proof"
    done = run(*SIMULATE, option, target)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(f"{target}: cannot be written: ".encode())
    assert done.stderr.count(b"\n") == 1


@pytest.fixture(scope="module")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """A history with so many prices that it is surely interrupted in the middle."""
    folder = tmp_path_factory.mktemp("long")
    history, prices = folder / "history.csv", folder / "prices.csv"
    history.write_text(
        "time,symbol,side,quantity,price,execution_id\n2026-03-02T15:00:00Z,ESH6,buy,1,6000.00,1\n", "utf-8"
    )
    row = "2026-03-02T15:00:01.000Z,ESH6,6000.25\n2026-03-02T15:00:01.000Z,ESH6,6000.00\n"
    prices.write_text("time,symbol,price\n2026-03-02T15:00:00Z,ESH6,6000.00\n" + 1_500_000 * row, "utf-8")
    return ("simulate", str(history), "--program", "topstep-50k", "--prices", str(prices))


def test_ctrl_c_ends_with_130_and_leaves_no_file(long_run: tuple[str, ...], tmp_path: Path) -> None:
    outputs = ["--chart", str(tmp_path / "out.png"), "--proof", str(tmp_path / "out.json")]
    process = subprocess.Popen(
        [*COMMAND, *long_run, *outputs],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        # A shell may start background jobs, and so their children, with Ctrl-C ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # no threads here
    )
    with process:
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, out, err) == (130, b"", b"interrupted\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moment", range(0, 400, 40))
def test_ctrl_c_while_the_command_is_still_starting_ends_with_130_too(
    moment: int, long_run: tuple[str, ...], tmp_path: Path
) -> None:
    """In milliseconds since our first import. What comes before is the interpreter's."""
    arguments = ["propfirm", *long_run, "--proof", str(tmp_path / "out.json")]
    code = (
        "import os, sys, propfirm.entrypoints.cli.start as start\n"
        "class Told:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'propfirm.entrypoints.cli.main':\n"
        "            os.write(1, b'.')\n"
        "sys.meta_path.insert(0, Told())\n"
        f"sys.argv = {arguments!r}\n"
        "sys.exit(start.main())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # no threads here
    )
    with process:
        assert process.stdout is not None
        assert os.read(process.stdout.fileno(), 1) == b"."
        time.sleep(moment / 1000 + 0.002)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, out, err) == (130, b"", b"interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_gets_colour_and_its_own_width() -> None:
    ours, theirs = pty.openpty()
    changes = {"TERM": "xterm-256color", "COLUMNS": "100", "LANG": "C.UTF-8"}
    with subprocess.Popen(
        [*COMMAND, *SIMULATE, "--quiet"], stdout=theirs, stderr=theirs, env=environment(**changes)
    ) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    assert process.returncode == 0
    assert b"\x1b[" in shown
    assert ("━" * 98).encode() in shown


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # so ends a terminal whose other side was closed
        return b""
