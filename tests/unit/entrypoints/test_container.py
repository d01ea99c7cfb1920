import io
import subprocess
import sys
from pathlib import Path

import pytest
from dependency_injector.providers import Object
from msgspec.structs import replace

from propfirm.adapters.ed25519.keys import Ed25519Verifier
from propfirm.application.simulation.simulate import Simulate
from propfirm.application.simulation.what_if import AskWhatIf
from propfirm.entrypoints.container import Container
from propfirm.entrypoints.service_container import ServiceContainer
from propfirm.entrypoints.settings import Secret, Settings

# Nothing is connected to: the engine opens no connection before it is asked.
SETTINGS = Settings(database_url=Secret("postgresql://ann@127.0.0.1:1/nowhere"), jwt_secret=Secret("k" * 32))
NOTHING_CHOSEN = {"seed"}


def given(name: str, folder: Path) -> tuple[object, ...]:
    """What the one who asks for it brings along."""
    match name:
        case "terminal" | "progress" | "board":
            return (io.StringIO(),)
        case "ownership":
            return (folder,)
        case "embedded_postgres":
            return (folder, folder)
        case "following_clock":
            return (folder / "clock", lambda: False)
        case _:
            return ()


@pytest.mark.parametrize("name", sorted(ServiceContainer.providers))
def test_every_provider_can_be_built(name: str, tmp_path: Path) -> None:
    # mypy does not see a mistyped argument of a provider, so each one is built once.
    settings = replace(SETTINGS, state=tmp_path)
    provider = ServiceContainer(settings=Object(settings)).providers[name]
    assert (provider(*given(name, tmp_path)) is None) == (name in NOTHING_CHOSEN)


def test_tables_are_read_once_and_use_cases_are_made_anew() -> None:
    container = Container()
    assert container.contracts() is container.contracts()
    assert container.simulate() is not container.simulate()
    assert container.simulate().run_history.registry is container.contracts()


def test_use_cases_are_what_their_names_say() -> None:
    container = Container()
    assert isinstance(container.simulate(), Simulate)
    assert isinstance(container.what_if(), AskWhatIf)
    assert isinstance(container.verify_proof().verifier, Ed25519Verifier)


def test_a_verdict_does_not_wait_for_a_web_server_to_be_imported() -> None:
    code = (
        "import sys, propfirm.entrypoints.container\n"
        "print(*sorted({'litestar', 'sqlalchemy', 'alembic', 'procrastinate', 'uvicorn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
