"""The product as it ships: its readers, its tables, its example, in one call."""

from importlib import resources
from pathlib import Path
from typing import Final

from propfirm.application.simulation.report import Reading
from propfirm.application.simulation.request import PriceFile, SimulationRequest
from propfirm.application.simulation.run import Simulated
from propfirm.entrypoints.container import Container

SHIPPED: Final = Path(str(resources.files("propfirm.resources")))
HISTORY: Final = SHIPPED / "examples" / "es-week.csv"
PRICES: Final = SHIPPED / "market" / "ES_ESZ3_1min_2013-10-06_2013-10-11.csv.gz"
CONTAINER: Final = Container()


class Silent:
    """Progress that nobody watches."""

    def begin(self, label: str, total: int | None) -> None: ...
    def advance(self, n: int) -> None: ...
    def end(self) -> None: ...


def request(
    program: str,
    prices: Path | None = PRICES,
    *,
    history: Path = HISTORY,
    reading: Reading = "adverse",
    stage: str | None = None,
    proof: bool = False,
) -> SimulationRequest:
    return SimulationRequest(
        program=CONTAINER.programs().get(program),
        history=history,
        prices=(PriceFile(prices),) if prices else (),
        reading=reading,
        stage=stage,
        proof=proof,
    )


def simulated(
    program: str, prices: Path | None = PRICES, *, history: Path = HISTORY, reading: Reading = "adverse"
) -> Simulated:
    return CONTAINER.run_history()(request(program, prices, history=history, reading=reading), Silent())
