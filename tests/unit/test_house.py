"""Promises about files that no other tool reads: what is installed, and what is not written down."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
LOCKED = ("uv.txt", "runtime.txt", "dev.txt")


def names(path: Path) -> set[str]:
    """The packages that a .in file asks for."""
    lines = (line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return {package(line) for line in lines if line and not line.startswith("-")}


def package(requirement: str) -> str:
    """Its name alone, without extras and conditions."""
    return re.split(r"[\[; ]", requirement)[0]


def pins(name: str) -> dict[str, set[str]]:
    """Package -> its versions; more than one where that depends on the Python."""
    found: dict[str, set[str]] = {}
    for line in (REQUIREMENTS / name).read_text("utf-8").splitlines():
        if match := re.match(r"([a-z0-9-]+)==(\S+)", line):
            found.setdefault(match[1], set()).add(match[2])
    return found


@pytest.mark.parametrize("name", LOCKED)
def test_requirements_name_no_host(name: str) -> None:
    text = (REQUIREMENTS / name).read_text("utf-8")
    assert not re.search(r"://|index|find-links|trusted", text)


@pytest.mark.parametrize("name", LOCKED)
def test_every_requirement_is_pinned_with_a_hash(name: str) -> None:
    text = (REQUIREMENTS / name).read_text("utf-8").replace("\\\n", " ")
    blocks = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert blocks
    assert [line for line in blocks if "==" not in line or "--hash=sha256:" not in line] == []


def test_the_product_and_its_lock_ask_for_the_same_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(map(package, project["dependencies"])) == names(REQUIREMENTS / "runtime.in")


def test_whatever_is_asked_for_is_locked() -> None:
    assert names(REQUIREMENTS / "runtime.in") <= set(pins("runtime.txt"))
    assert names(REQUIREMENTS / "dev.in") <= set(pins("dev.txt"))


def test_tests_run_on_the_versions_that_ship() -> None:
    shipped, tested = pins("runtime.txt"), pins("dev.txt")
    assert {name: shipped[name] for name in shipped if shipped[name] != tested.get(name)} == {}


def committed() -> list[Path]:
    """The project's own files: as git lists them, or, in an unpacked archive, all that no tool has made."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)  # noqa: S607 - git is where it is
    if listing.returncode == 0:
        return [ROOT / name for name in listing.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    made = {".venv", "mutants", "demo", "__pycache__", "build", "dist"}
    return [
        file
        for file in ROOT.rglob("*")
        if file.is_file() and not any(part in made or part.endswith("_cache") for part in file.relative_to(ROOT).parts)
    ]


def test_no_committed_file_holds_a_home_folder_or_a_key() -> None:
    secret = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY|\bsk_live_|\bAKIA[0-9A-Z]{16}\b|/(?:root|home/[a-z]+)/")
    files = [file for file in committed() if file != Path(__file__)]
    assert len(files) > 300
    found = [file.relative_to(ROOT).as_posix() for file in files if secret.search(file.read_bytes())]
    assert found == []
