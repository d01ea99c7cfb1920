"""Which executions rest on positions that a platform would have closed, or on orders that it would have refused."""

import pytest

from propfirm.application.simulation.unheeded import CLOSED_WITHIN, Unheeded, unheeded
from propfirm.domain.catalogue.program import Outcome
from propfirm.domain.money import usd
from propfirm.domain.rules.events import Fill
from propfirm.domain.rules.findings import Evidence, Hit, Rule

LATER = CLOSED_WITHIN + 1


def fill(seq: int, quantity: int, symbol: str = "ESH6", *, at: int | None = None) -> Fill:
    return Fill(seq, seq * LATER if at is None else at, f"E{seq}", symbol, "ES", quantity, 20_000, usd("0"))


def hit(seq: int, outcome: Outcome, rule: Rule = "daily_loss", symbol: str = "", *, decided: bool = True) -> Hit:
    evidence = Evidence(0, 1, "contracts", usd("0"), usd("0"), symbol=symbol)
    return Hit(seq, seq * LATER, rule, outcome, evidence, decided=decided)


def test_where_nothing_was_to_be_closed_nothing_rests_on_it() -> None:
    assert unheeded([fill(1, 1), fill(2, -1)], []) is None
    assert unheeded([fill(1, 1), fill(3, -1)], [hit(2, "warn"), hit(2, "strip_profit")]) is None


def test_fills_of_a_position_kept_through_a_lock_rest_on_it_until_it_is_flat() -> None:
    fills = [fill(1, 1), fill(3, 1), fill(4, -2), fill(5, 1)]
    assert unheeded(fills, [hit(2, "lock_day")]) == Unheeded(2, fills[1])


def test_a_lock_with_nothing_open_concerns_nobody() -> None:
    assert unheeded([fill(1, 1), fill(2, -1), fill(3, 1)], [hit(2, "lock_day")]) is None


def test_a_platform_that_closes_within_a_minute_has_acted() -> None:
    closing = fill(3, -1, at=2 * LATER + CLOSED_WITHIN)
    assert unheeded([fill(1, 1), closing], [hit(2, "lock_day")]) is None


@pytest.mark.parametrize("quantity", [1, -2])
def test_what_opens_within_that_minute_is_none_of_the_platforms(quantity: int) -> None:
    opening = fill(3, quantity, at=2 * LATER + 1)
    assert unheeded([fill(1, 1), opening], [hit(2, "lock_day")]) == Unheeded(1, opening)


def test_only_the_contract_that_was_to_be_closed_is_concerned() -> None:
    fills = [fill(1, 1), fill(2, 1, "MESH6"), fill(4, -1), fill(5, -1, "MESH6")]
    assert unheeded(fills, [hit(3, "close_offending", "risk_per_position", "MESH6")]) == Unheeded(1, fills[3])


def test_at_flat_by_all_that_is_open_was_to_be_closed() -> None:
    fills = [fill(1, 1), fill(2, 1, "MESH6"), fill(4, -1), fill(5, -1, "MESH6")]
    assert unheeded(fills, [hit(3, "close_offending", "overnight")]) == Unheeded(2, fills[2])


def test_an_order_that_should_have_been_refused_counts_with_what_follows_of_it() -> None:
    fills = [fill(1, 30), fill(2, -30), fill(3, 1)]
    refused = hit(1, "reject_order", "position", "ESH6", decided=False)
    assert unheeded(fills, [refused]) == Unheeded(2, fills[0])


def test_what_is_opened_while_the_day_is_locked_counts() -> None:
    fills = [fill(1, 1), fill(3, 1), fill(4, -1)]
    opened = hit(3, "warn", "locked_day", "ESH6", decided=False)
    assert unheeded([fills[1], fills[2]], [hit(2, "lock_day"), opened]) == Unheeded(2, fills[1])


def test_a_price_that_ends_the_stage_on_such_a_position_is_told_without_fills() -> None:
    assert unheeded([fill(1, 1)], [hit(2, "lock_day"), hit(4, "fail", "max_loss")]) == Unheeded(0, None)


def test_what_comes_after_the_end_does_not_count() -> None:
    findings = [hit(2, "fail", "max_loss"), hit(3, "lock_day", decided=False)]
    assert unheeded([fill(1, 1), fill(4, -1)], findings) is None
