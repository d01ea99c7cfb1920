"""The walls of the house, read from the code; and each import contract broken once, to see that it can fail."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import grimp
import pytest

ROOT = Path(__file__).parents[2]
DOMAIN = ROOT / "src/propfirm/domain"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS: dict[str, str] = {
    contract["id"]: contract["name"] for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
}

# ------------------------------------------------------------------------------ what the core may import


ALLOWED = sys.stdlib_module_names | {"msgspec", "propfirm"}


def foreign(edges: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The imports (by, what) of domain and application that are neither of the standard library, msgspec nor ours."""
    core = ("propfirm.domain.", "propfirm.application.")
    return {(by, what) for by, what in edges if f"{by}.".startswith(core) and what.split(".")[0] not in ALLOWED}


def test_domain_and_application_import_only_the_standard_library_and_msgspec() -> None:
    # import-linter has deny-lists for libraries; only an allow-list notices the library nobody thought of.
    graph = grimp.build_graph("propfirm", include_external_packages=True, cache_dir=None)
    edges = [(by, what) for by in graph.modules for what in graph.find_modules_directly_imported_by(by)]
    assert any(by.startswith("propfirm.domain.") and what == "msgspec" for by, what in edges)
    assert foreign(edges) == set()


def test_a_library_in_domain_or_application_is_noticed(tmp_path: Path) -> None:
    """A small package that imports some is read as the real one is."""
    floors = ("domain", "application")
    libraries = ("numpy", "attrs", "a_library_nobody_thought_of", "pydantic.fields")
    for floor in floors:
        (tmp_path / "propfirm" / floor).mkdir(parents=True)
        text = "".join(f"import {name}\n" for name in ("json", "msgspec", *libraries))
        (tmp_path / "propfirm" / floor / "rules.py").write_text(text, "utf-8")
        (tmp_path / "propfirm" / floor / "__init__.py").touch()
    (tmp_path / "propfirm" / "__init__.py").touch()
    program = (
        "import grimp\n"
        "graph = grimp.build_graph('propfirm', include_external_packages=True, cache_dir=None)\n"
        "print(*(f'{by} {what}' for by in graph.modules for what in graph.find_modules_directly_imported_by(by)),"
        " sep='\\n')"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    edges = [(by, what) for by, what in (line.split() for line in run.stdout.splitlines())]
    assert foreign(edges) == {
        (f"propfirm.{floor}.rules", library.split(".")[0]) for floor in floors for library in libraries
    }


@pytest.mark.parametrize("floor", ["adapters", "entrypoints"])
def test_the_outer_floors_may_know_libraries(floor: str) -> None:
    assert foreign([(f"propfirm.{floor}.memory", "numpy")]) == set()


# ------------------------------------------------------------------------------ purity of the domain

# What reaches a clock, chance, the outside world or another thread. zoneinfo and tomllib stay allowed: both are
# functions of their argument for a given tzdata, which is pinned.
IMPURE_MODULES = {
    "asyncio", "concurrent", "ctypes", "getpass", "glob", "http", "importlib", "io", "logging", "multiprocessing",
    "os", "pathlib", "platform", "queue", "random", "secrets", "shutil", "signal", "socket", "sqlite3", "ssl",
    "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid", "warnings",
}  # fmt: skip
ALLOWED_NAMES = {("uuid", "UUID")}  # the value an id is made of; making a new one is for the caller
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
CLOCK_METHODS = {"now", "utcnow", "today"}
CLOCK_CLASSES = {"datetime", "date"}


def impurities(source: str) -> Iterator[str]:
    """What in this module reads a clock, chance or the world, each with its line."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                for name in names:
                    if name.name.split(".")[0] in IMPURE_MODULES:
                        yield f"line {node.lineno}: import {name.name}"
            case ast.ImportFrom(module=str(module), names=names) if module.split(".")[0] in IMPURE_MODULES:
                for name in names:
                    if (module, name.name) not in ALLOWED_NAMES:
                        yield f"line {node.lineno}: from {module} import {name.name}"
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                yield f"line {node.lineno}: async"
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
                yield f"line {node.lineno}: {name}()"
            case ast.Attribute(attr=attribute, value=ast.Name(id=owner) | ast.Attribute(attr=owner)) if (
                attribute in CLOCK_METHODS and owner in CLOCK_CLASSES
            ):
                yield f"line {node.lineno}: {owner}.{attribute}"
            case _:
                pass


def test_the_domain_reads_no_clock_no_chance_and_no_file() -> None:
    found = [
        f"{path.relative_to(ROOT)} {what}"
        for path in sorted(DOMAIN.rglob("*.py"))
        for what in impurities(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        *(f"import {module}" for module in sorted(IMPURE_MODULES)),
        "import os.path",
        "from time import time_ns",
        "from uuid import uuid4",
        "async def judge(): ...",
        "text = open('history.csv')",
        "now = datetime.now(UTC)",
        "now = datetime.datetime.utcnow()",
        "day = date.today()",
        "clock = datetime.now",
    ],
)
def test_each_way_out_of_the_domain_is_noticed(line: str) -> None:
    assert list(impurities(line))


@pytest.mark.parametrize(
    "line",
    [
        "from uuid import UUID",
        "from zoneinfo import ZoneInfo",
        "from datetime import datetime",
        "event.now",
        "rule.open()",
    ],
)
def test_what_only_looks_like_a_way_out_is_let_through(line: str) -> None:
    assert list(impurities(line)) == []


# ------------------------------------------------------------------------------ no floats near money


def floats(source: str) -> Iterator[str]:
    """What in this module makes a float of whole numbers, each with its line."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield f"line {node.lineno}: /"
            case ast.Call(func=ast.Name(id="float")):
                yield f"line {node.lineno}: float()"
            case ast.BinOp(op=ast.Pow(), right=ast.UnaryOp(op=ast.USub())):
                yield f"line {node.lineno}: ** -"
            case _:
                pass


def test_the_domain_never_divides_into_a_float() -> None:
    found = [
        f"{path.relative_to(ROOT)} {what}"
        for path in sorted(DOMAIN.rglob("*.py"))
        for what in floats(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("line", ["share = profit / total", "share /= 2", "share = float(total)", "step = 10 ** -2"])
def test_each_way_to_a_float_is_noticed(line: str) -> None:
    assert list(floats(line))


@pytest.mark.parametrize(
    "line", ["share = profit // total", "def price(text: float) -> None: ...", "step = 10**places"]
)
def test_whole_numbers_stay_whole(line: str) -> None:
    assert list(floats(line)) == []


# ------------------------------------------------------------------------------ how the house says no


def refusals() -> Iterator[tuple[str, ast.ClassDef]]:
    """Every class that says no, by its place, however far it is from one of the four words for it."""
    kinds = {"Refused", "NotFound", "Conflict", "Forbidden"}
    defined = [
        (f"{path.relative_to(ROOT)} {node.name}", node)
        for path in sorted((ROOT / "src").rglob("*.py"))
        if path != DOMAIN / "errors.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    while True:
        found = [(place, node) for place, node in defined if kinds & {ast.unparse(base) for base in node.bases}]
        names = {node.name for _, node in found}
        if names <= kinds:
            return iter(found)
        kinds |= names


def stated(refusal: ast.ClassDef) -> dict[str, str]:
    return {
        ast.unparse(line.targets[0]): ast.unparse(line.value) for line in refusal.body if isinstance(line, ast.Assign)
    }


TIGHT_LIPPED = {"AddressTaken", "NotSignedIn", "NotAuthenticated", "UnknownHost"}
"""Refusals that give nothing away: a fact would tell a stranger who has an account here."""


def test_every_refusal_has_a_code_and_a_title_of_its_own_and_facts() -> None:
    found = dict(refusals())
    assert len(found) > 40
    for place, refusal in found.items():
        assert {"code", "title"} <= stated(refusal).keys(), place
        assert any(isinstance(line, ast.AnnAssign) for line in refusal.body) or refusal.name in TIGHT_LIPPED, place
        assert "dataclass(eq=False)" in map(ast.unparse, refusal.decorator_list), place
    for word in ("code", "title"):
        places: dict[str, list[str]] = {}
        for place, refusal in found.items():
            places.setdefault(stated(refusal)[word], []).append(place)
        assert {said: where for said, where in places.items() if len(where) > 1} == {}


# ------------------------------------------------------------------------------ each contract can fail

# A small propfirm that keeps every contract.
GOOD = {
    "domain/money.py": "",
    "domain/rules.py": "import msgspec\nimport propfirm.domain.money\n",
    "application/judge.py": "import propfirm.domain.rules\n",
    "adapters/memory.py": "import propfirm.application.judge\n",
    "adapters/postgres/tables.py": "",
    "adapters/postgres/books.py": "import propfirm.adapters.postgres.tables\nimport sqlalchemy\n",
    "entrypoints/container.py": (
        "import dependency_injector\nimport propfirm.adapters.memory\nimport propfirm.adapters.postgres.books\n"
    ),
    "entrypoints/cli/main.py": "import propfirm.entrypoints.container\nimport propfirm.application.judge\n",
    "resources/__init__.py": "",
}

# What is added to it, and the contract that then has to fall.
BAD = [
    ("layers", {"domain/rules.py": "import propfirm.application.judge\n"}),
    ("layers", {"application/judge.py": "import propfirm.adapters.memory\n"}),
    ("layers", {"adapters/memory.py": "import propfirm.entrypoints.cli\n"}),
    ("adapters-independent", {"adapters/memory.py": "import propfirm.adapters.postgres.books\n"}),
    ("container-only", {"entrypoints/cli/main.py": "import propfirm.adapters.memory\n"}),
    ("container-only", {"entrypoints/worker.py": "import propfirm.adapters.postgres.books\n"}),
    ("injector-only-in-container", {"entrypoints/cli/main.py": "import dependency_injector.providers\n"}),
    ("injector-only-in-container", {"adapters/memory.py": "import dependency_injector\n"}),
    ("core-without-libraries", {"domain/rules.py": "import sqlalchemy\n"}),
    ("core-without-libraries", {"application/judge.py": "import numpy.linalg\n"}),
    ("no-cycles", {"domain/money.py": "import propfirm.domain.rules\n"}),
]  # fmt: skip


def lint(folder: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Judge a package of these files, called propfirm, by the contracts of this repository as they stand."""
    package = folder / "propfirm"
    for name, text in files.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for parent in {package, *(path.parent for path in package.rglob("*.py"))}:
        (parent / "__init__.py").touch()
    # Started in that folder and told to look there first, it finds this propfirm and not the installed one.
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--config", ROOT / "pyproject.toml", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def outcome(run: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Contract id -> KEPT or BROKEN, as printed."""
    return {
        identifier: line[1]
        for identifier, name in CONTRACTS.items()
        if (line := re.search(rf"^{re.escape(name)} (KEPT|BROKEN)\b", run.stdout, re.MULTILINE))
    }


def test_a_house_in_order_keeps_every_contract(tmp_path: Path) -> None:
    run = lint(tmp_path, GOOD)
    assert outcome(run) == dict.fromkeys(CONTRACTS, "KEPT"), run.stdout + run.stderr
    assert run.returncode == 0


@pytest.mark.thorough
@pytest.mark.parametrize(("contract", "change"), BAD)
def test_each_contract_falls_alone_when_it_is_violated(contract: str, change: dict[str, str], tmp_path: Path) -> None:
    run = lint(tmp_path, GOOD | change)
    assert outcome(run) == dict.fromkeys(CONTRACTS, "KEPT") | {contract: "BROKEN"}, run.stdout + run.stderr
    assert run.returncode == 1


def test_a_folder_outside_the_layers_is_refused(tmp_path: Path) -> None:
    run = lint(tmp_path, GOOD | {"helpers/text.py": ""})
    assert run.returncode == 1
    assert "propfirm.helpers" in run.stdout


def test_no_contract_is_without_a_violation_of_its_own() -> None:
    assert {contract for contract, _ in BAD} == set(CONTRACTS)


def test_no_rule_of_style_is_switched_off_without_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    lint_table: dict[str, Any] = PYPROJECT["tool"]["ruff"]["lint"]
    ignored = [*lint_table["ignore"], *(rule for rules in lint_table["per-file-ignores"].values() for rule in rules)]
    lines = [line.strip() for line in text.splitlines()]
    unexplained = [rule for rule in ignored for line in lines if line.startswith(f'"{rule}",') and "# " not in line]
    assert ignored
    assert unexplained == []


# ------------------------------------------------------------------------------ types and style can fail too


def said_of(source: str, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """What a tool, with the settings of this repository, says of a module with this text."""
    module = folder / "judge.py"
    module.write_text(source, "utf-8")
    settings = [str(ROOT / "pyproject.toml") if word == "SETTINGS" else word for word in command]
    return subprocess.run(
        [str(Path(sys.executable).with_name(settings[0])), *settings[1:], str(module)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


MYPY = ("mypy", "--config-file", "SETTINGS", "--cache-dir", "cache")
RUFF = ("ruff", "check", "--config", "SETTINGS", "--no-cache")
SOUND = '''"""Judges."""


def share(part: int, whole: int) -> int:
    return part * 100 // whole
'''


@pytest.mark.parametrize("tool", [MYPY, RUFF], ids=["mypy", "ruff"])
def test_a_module_in_order_passes_types_and_style(tool: tuple[str, ...], tmp_path: Path) -> None:
    run = said_of(SOUND, tmp_path, *tool)
    assert run.returncode == 0, run.stdout + run.stderr


def test_mypy_is_strict(tmp_path: Path) -> None:
    """One run for all: each takes a second."""
    broken = {
        "def untyped(part, whole):\n    return part\n": "no-untyped-def",
        "def bare(parts: list) -> int:\n    return len(parts)\n": "type-arg",
        "def wrong(part: int) -> str:\n    return part\n": "return-value",
        "part: int = 'x'  # type: ignore\n": "ignore-without-code",
        "def forgot(word: Literal['a', 'b']) -> None:\n    match word:\n        case 'a':\n            pass\n": (
            "exhaustive-match"
        ),
    }
    run = said_of("from typing import Literal\n" + "".join(broken), tmp_path, *MYPY)
    assert run.returncode == 1, run.stdout + run.stderr
    assert sorted(re.findall(r"error: .*\[([a-z-]+)\]$", run.stdout, re.MULTILINE)) == sorted(broken.values())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("import os\n", "F401"),
        ("from .rules import step\n", "TID252"),
        ("from datetime import datetime\n\nNOW = datetime.now()\n", "DTZ005"),
        ("def share(part, whole):\n    return part\n", "ANN001"),
        ("try:\n    step = 1\nexcept Exception:\n    step = 2\n", "BLE001"),
    ],
)
def test_ruff_refuses_what_the_house_does_not_do(line: str, code: str, tmp_path: Path) -> None:
    run = said_of(line, tmp_path, *RUFF)
    assert run.returncode == 1, run.stdout + run.stderr
    assert code in run.stdout
