"""``propfirm refunds`` on a real Postgres: what goes back, and once more after the provider refused."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from propfirm.domain.ids import RefundId
from propfirm.entrypoints.cli import exits
from propfirm.entrypoints.http.pages import Page
from propfirm.entrypoints.views.refunds import RefundView
from tests.integration.cli.conftest import ADMIN, SUPPORT, Command, audited, contents, on, unknown
from tests.integration.purchases.test_refunds import Desk, owed
from tests.unit.domain.evaluation import lives


@pytest.fixture
def refused(at_the_firm: str, staff: None) -> RefundId:
    """Ann's second payment of 50 dollars, which the provider will not send back."""

    async def refuse(engine: AsyncEngine) -> RefundId:
        desk = Desk(engine)
        await desk.open(lives.life(lives.ACTIVATE, lives.record_breach()))
        debt = (await owed(desk, "refuse")).debt
        await desk.refund(debt.id, 1)
        return debt.id

    return on(at_the_firm, refuse)


def test_refunds_are_listed_by_state(command: Command, refused: RefundId) -> None:
    def listed(*filters: str) -> list[str]:
        answer = command("refunds", "list", "--json", *filters)
        answer.holds(Page[RefundView])
        return [one["id"] for one in answer.json["items"]]

    assert listed() == listed("--state", "refused") == [str(refused)]
    assert listed("--state", "owed") == listed("--state", "returned") == []
    told = command("refunds", "list").out
    assert all(word in told for word in (str(refused), "refused", "paid_again", "50.00", "card_closed"))
    assert command("refunds", "list", "--state", "lost").code == exits.BAD_INPUT


def test_a_refused_refund_is_tried_once_more_by_an_admin(command: Command, at_the_firm: str, refused: RefundId) -> None:
    before = contents(at_the_firm)
    assert command("refunds", "retry", refused, "--yes", "--as", SUPPORT).code == exits.BAD_INPUT
    assert command("refunds", "retry", refused, "--as", ADMIN).code == exits.UNCONFIRMED
    assert contents(at_the_firm) == before
    tried = command("refunds", "retry", refused, "--yes", "--as", ADMIN, "--json")
    tried.holds(RefundView)
    assert (tried.code, tried.json["state"], tried.json["attempt"]) == (exits.OK, "owed", 2)
    assert audited(at_the_firm)[-1] == ("refund_retried", ADMIN)
    again = command("refunds", "retry", refused, "--yes", "--as", ADMIN)
    assert (again.code, again.out, "refund" in again.err) == (exits.BAD_INPUT, "", True)


def test_a_refund_that_there_is_not_is_told(command: Command, staff: None) -> None:
    ended = command("refunds", "retry", unknown(), "--yes", "--as", ADMIN)
    assert (ended.code, ended.out, ended.err) == (exits.BAD_INPUT, "", "There is no such thing\n")
