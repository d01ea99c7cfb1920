"""The arguments that ``simulate`` and ``what-if`` share: a history, a program, prices, and how to read them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from propfirm.application.ports.histories import DefaultFee
from propfirm.application.simulation.report import Reading
from propfirm.application.simulation.request import PriceFile, SimulationRequest
from propfirm.domain.money import Micros
from propfirm.entrypoints.cli import values
from propfirm.entrypoints.cli.arguments import Parser

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container


class SimulationArguments(argparse.Namespace):
    history: Path
    program: str
    stage: str | None
    prices: list[PriceFile]
    zone: str | None
    method: Literal["fifo", "average"]
    reading: Reading
    fees: DefaultFee
    daily_loss: bool
    personal_daily_loss: Micros | None
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "history",
        metavar="HISTORY",
        type=values.path,
        help="fills or closed trades as CSV: exports of TopstepX, Tradovate, NinjaTrader, Rithmic, or our own format",
    )
    if isinstance(parser, Parser):
        parser.hints["required: HISTORY"] = "--prices takes all files behind it: name HISTORY before it"
    inputs = parser.add_argument_group("what is judged")
    inputs.add_argument(
        "--program", metavar="ID_OR_FILE", required=True, help="a shipped program, or FILE or FILE=ID of your own"
    )
    inputs.add_argument("--stage", metavar="NAME", help="stage to judge; default: the program's first")
    inputs.add_argument(
        "--prices",
        metavar="FILE[=SYMBOL]",
        type=values.price_file,
        nargs="+",
        action="extend",
        default=[],
        help="bars or ticks, so that open profit counts; SYMBOL where the file does not name its contract",
    )
    inputs.add_argument("--daily-loss", action="store_true", help="the account has the program's optional daily limit")
    inputs.add_argument(
        "--personal-daily-loss", metavar="USD", type=values.amount, help="the account's own daily limit"
    )
    reading = parser.add_argument_group("how the files are read")
    reading.add_argument(
        "--zone", metavar="ZONE", type=values.zone, help="of times without an offset, e.g. America/Chicago or -06:00"
    )
    reading.add_argument(
        "--fees", choices=("none", "example"), default="none", help="of fills that tell none; default: %(default)s"
    )
    reading.add_argument(
        "--method", choices=("fifo", "average"), default="average", help="of positions; default: %(default)s"
    )
    reading.add_argument(
        "--bars",
        "--reading",
        dest="reading",
        choices=("adverse", "favourable"),
        default="adverse",
        help="of prices that leave it open: the order of high and low in a bar, and on which side of a fill the prices"
        " of its own minute or second lie; default: %(default)s",
    )


def request_of(
    arguments: SimulationArguments, container: Container, *, proof: bool = False, sign_with: Path | None = None
) -> SimulationRequest:
    """Raises what ``values.program_of`` raises."""
    return SimulationRequest(
        program=values.program_of(arguments.program, container),
        history=arguments.history,
        prices=tuple(arguments.prices),
        stage=arguments.stage,
        zone=arguments.zone,
        fees=arguments.fees,
        method=arguments.method,
        reading=arguments.reading,
        daily_loss=arguments.daily_loss,
        personal_daily_loss=arguments.personal_daily_loss,
        proof=proof,
        sign_with=sign_with,
    )
