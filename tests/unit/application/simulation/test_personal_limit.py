"""A daily limit that a trader chooses must be one that the account can hit before something else ends it."""

from contextlib import nullcontext

import pytest

from propfirm.application.simulation.request import SimulationRequest
from propfirm.application.simulation.run import PersonalLimitOutOfReach
from propfirm.domain.catalogue.program import DailyLoss, MaxLoss, Size, Stage, Target
from propfirm.domain.money import usd
from tests.unit.application.simulation.desk import TUESDAY, Quiet, Sheet, desk, evaluation, price_files, program, static

TRAILING = MaxLoss("trail_eod", Size(amount=usd("2000")))
LOCKED = MaxLoss("trail_eod", Size(amount=usd("2000")), lock="start")


def stage(loss: MaxLoss, target: str | None) -> Stage:
    own = DailyLoss(Size(amount=usd("1000")), optional=True, personal=True)
    return evaluation(loss, daily_loss=own, target=None if target is None else Target(Size(amount=usd(target))))


@pytest.mark.parametrize(
    ("loss", "target", "own", "refused"),
    [
        # A trail without a lock never leaves more than its own distance.
        (TRAILING, None, "2000", True),
        (TRAILING, None, "1999.99", False),
        (TRAILING, "3000", "2000", True),
        # A locked floor leaves all that is earned above it: without a target there is no end to that.
        (LOCKED, None, "5000", False),
        (LOCKED, "3000", "3000", True),
        (LOCKED, "3000", "2999.99", False),
        (static("2000"), None, "5000", False),
        (static("2000"), "3000", "5000", True),
        (static("2000"), "3000", "4999.99", False),
    ],
)
def test_a_limit_of_ones_own_lies_within_what_the_account_can_lose(
    loss: MaxLoss, target: str | None, own: str, refused: bool
) -> None:
    request = SimulationRequest(program(stage(loss, target)), price_files("h")[0].path, personal_daily_loss=usd(own))
    with pytest.raises(PersonalLimitOutOfReach) if refused else nullcontext():
        desk(Sheet().fill(TUESDAY, 1), {})(request, Quiet())


def test_the_refusal_tells_both_figures() -> None:
    request = SimulationRequest(
        program(stage(LOCKED, "3000")), price_files("h")[0].path, personal_daily_loss=usd("5000")
    )
    with pytest.raises(PersonalLimitOutOfReach, match=r"5,000\.00, and .* leaves at most 3,000\.00"):
        desk(Sheet().fill(TUESDAY, 1), {})(request, Quiet())
