"""What is asked of a simulation, as parsed values."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from propfirm.application.ports.histories import DefaultFee
from propfirm.application.simulation.report import Reading
from propfirm.domain.catalogue.program import Program
from propfirm.domain.market.positions import Method
from propfirm.domain.money import Micros


class PriceFile(Struct, frozen=True):
    """symbol: the contract, for files that have no column for it."""

    path: Path
    symbol: str | None = None


class SimulationRequest(Struct, frozen=True):
    """stage: name of the stage to judge, None = the program's first. zone: of history times that carry no offset.

    daily_loss: the account bought the program's optional daily limit. proof: build the bundle too. sign_with: the
    private key file for it.
    """

    program: Program
    history: Path
    prices: tuple[PriceFile, ...] = ()
    stage: str | None = None
    zone: str | None = None
    fees: DefaultFee = "none"
    method: Method = "average"
    reading: Reading = "adverse"
    daily_loss: bool = False
    personal_daily_loss: Micros | None = None
    proof: bool = False
    sign_with: Path | None = None
