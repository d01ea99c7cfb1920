"""Who may do what: nothing is served that nobody decided about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar, get

from propfirm.domain.errors import Refused
from propfirm.domain.identity.actors import Actor, Staff, System, Trader
from propfirm.domain.ids import PersonId
from propfirm.entrypoints.http.policy import POLICY, BadPolicy, Who, allow, check
from propfirm.entrypoints.http.refusals import NotAuthenticated, RoleForbidden

ANN = PersonId(UUID(int=1))
ACTORS: dict[str, Actor | None] = {
    "nobody": None,
    "system": System("worker"),
    "trader": Trader(ANN),
    "support": Staff(ANN, "support"),
    "admin": Staff(ANN, "admin"),
}
LET_IN: dict[Who, set[str]] = {
    "anyone": set(ACTORS),
    "person": {"trader", "support", "admin"},
    "trader": {"trader"},
    "staff": {"support", "admin"},
    "admin": {"admin"},
}


@pytest.mark.parametrize("who", LET_IN)
@pytest.mark.parametrize("name", ACTORS)
def test_each_word_of_the_policy_lets_in_whom_it_says(who: Who, name: str) -> None:
    refused: type[Refused] | None = None
    try:
        allow(ACTORS[name], who)
    except Refused as error:
        refused = type(error)
    if name in LET_IN[who]:
        assert refused is None
    else:
        assert refused is (NotAuthenticated if name in {"nobody", "system"} else RoleForbidden)


def app(**handler: Any) -> Litestar:
    @get("/secret", sync_to_thread=False, **handler)
    def secret() -> str:
        return "open to nobody"

    return Litestar([secret], openapi_config=None)


@pytest.mark.parametrize(
    "handler", [{}, {"operation_id": "secrets.read"}, {"opt": {"operation": "secrets.read"}}], ids=str
)
def test_an_operation_without_a_line_stops_the_start(handler: dict[str, Any]) -> None:
    with pytest.raises(BadPolicy, match="secret"):
        check(app(**handler).routes)


def test_an_operation_with_a_line_is_served() -> None:
    check(app(operation_id="secrets.read").routes, {**POLICY, "secrets.read": "admin"})
