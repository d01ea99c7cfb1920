from typing import Any

import pytest

from propfirm.domain.catalogue.program import Limits, MaxLoss, Size, Stage
from propfirm.domain.money import usd
from propfirm.domain.payouts.allocation import Admitted, Excess, Full, Kind, Place, Queued, admit, total


def places(*sizes: str, kind: Kind = "evaluation") -> list[Place]:
    return [Place(usd(size), kind) for size in sizes]


def stage(kind: Kind = "evaluation", **rules: Any) -> Stage:
    return Stage("any", kind, MaxLoss("static", Size(amount=usd("2000"))), **rules)


FUNDEDNEXT = Limits(allocation_evaluation=usd("700000"), allocation_funded=usd("300000"), queue_when_full=True)


@pytest.mark.parametrize(
    ("sizes", "sum_of_sizes"),
    [
        (["25000"] * 2 + ["100000"] * 6, "650000"),
        (["100000"] * 4 + ["50000"] * 2, "500000"),
    ],
)
def test_fundednext_allows_the_published_allocations(sizes: list[str], sum_of_sizes: str) -> None:
    held: list[Place] = []
    for size in sizes:
        assert admit(FUNDEDNEXT, stage(), usd(size), held) == Admitted()
        held += places(size)
    assert total(held) == usd(sum_of_sizes)


def test_an_allocation_equal_to_the_cap_is_allowed_and_a_cent_more_is_not() -> None:
    held = places(*["100000"] * 6)
    assert admit(FUNDEDNEXT, stage(), usd("100000"), held) == Admitted()
    assert admit(FUNDEDNEXT, stage("verification"), usd("100000.01"), held) == Full(
        (Excess("allocation_evaluation", usd("700000"), usd("700000.01")),)
    )


def test_evaluation_and_funded_allocations_are_counted_apart() -> None:
    held = places("600000", kind="verification") + places("200000", kind="sim_funded") + places("50000", kind="live")
    assert admit(FUNDEDNEXT, stage(), usd("100000"), held) == Admitted()
    assert admit(FUNDEDNEXT, stage("live"), usd("50000"), held) == Admitted()
    over = Excess("allocation_funded", usd("300000"), usd("350000"))
    assert admit(FUNDEDNEXT, stage("sim_funded"), usd("100000"), held) == Queued((over,))
    strict = Limits(allocation_funded=usd("300000"))
    assert admit(strict, stage("sim_funded"), usd("100000"), held) == Full((over,))


def test_a_purchase_never_waits_in_the_queue() -> None:
    full = Limits(accounts=1, queue_when_full=True)
    assert admit(full, stage(), usd("25000"), places("25000")) == Full((Excess("accounts", 1, 2),))
    assert admit(full, stage("live"), usd("25000"), places("25000")) == Queued((Excess("accounts", 1, 2),))


def test_the_number_of_accounts_is_limited_overall_and_in_stages_of_one_kind() -> None:
    held = places("50000", "50000") + places("50000", kind="sim_funded")
    assert admit(Limits(accounts=4), stage(), usd("1"), held) == Admitted()
    assert admit(Limits(accounts=3), stage(), usd("1"), held) == Full((Excess("accounts", 3, 4),))
    assert admit(Limits(), stage(max_accounts=3), usd("1"), held) == Admitted()
    assert admit(Limits(), stage(max_accounts=2), usd("1"), held) == Full((Excess("stage_accounts", 2, 3),))
    assert admit(Limits(), stage("sim_funded", max_accounts=2), usd("1"), held) == Admitted()


def test_every_limit_that_is_passed_is_told_in_order() -> None:
    limits = Limits(accounts=1, allocation_funded=usd("100"))
    assert admit(limits, stage("live", max_accounts=1), usd("60"), places("50", kind="live")) == Full(
        (Excess("accounts", 1, 2), Excess("stage_accounts", 1, 2), Excess("allocation_funded", usd("100"), usd("110")))
    )


def test_without_limits_there_is_always_room() -> None:
    assert admit(Limits(), stage(), usd("1000000"), places(*["1000000"] * 30)) == Admitted()
