"""Who may do what: one line an operation. What does not stand here cannot be served; the start fails instead.

Whose object it is, is asked in the query: for somebody else's the answer is the same as for one that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias, assert_never

from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import HTTPRoute

from propfirm.domain.identity.actors import Actor, Staff, System, Trader
from propfirm.entrypoints.http.refusals import NotAuthenticated, RoleForbidden

Who: TypeAlias = Literal["anyone", "person", "trader", "staff", "admin"]
"""person: whoever is signed in. staff: support and admin."""

POLICY: Final[Mapping[str, Who]] = {
    # the edge's own
    "docs.read": "anyone",
    "health.live": "anyone",
    "health.ready": "anyone",
    # identity
    "auth.register": "anyone",
    "auth.login": "anyone",
    # catalogue
    "programs.list": "anyone",
    "programs.get": "anyone",
    "admin.programs.list": "staff",
    "admin.programs.get": "staff",
    "admin.programs.changes": "staff",
    "admin.programs.check": "staff",
    "admin.programs.draft": "admin",
    "admin.programs.write": "admin",
    "admin.programs.publish": "admin",
    "admin.programs.price": "admin",
    "admin.programs.retire": "admin",
    # accounts
    "accounts.list": "trader",
    "accounts.get": "person",
    "accounts.progress": "person",
    "accounts.refresh": "person",
    "accounts.activities": "person",
    "accounts.violations": "person",
    "accounts.statistics": "person",
    "accounts.days": "person",
    "accounts.trades": "person",
    "accounts.what-if": "person",
    "accounts.proof": "person",
    "accounts.appeals": "person",
    "accounts.appeal": "trader",
    "appeals.withdraw": "trader",
    # the staff's: support reads and writes notes, admin also decides
    "admin.dashboard": "staff",
    "admin.users.list": "staff",
    "admin.users.get": "staff",
    "admin.users.notes": "staff",
    "admin.users.note": "staff",
    "admin.accounts.list": "staff",
    "admin.accounts.to_close": "staff",
    "admin.accounts.notes": "staff",
    "admin.accounts.note": "staff",
    "admin.accounts.suspend": "admin",
    "admin.accounts.resume": "admin",
    "admin.violations.list": "staff",
    "admin.violations.review": "admin",
    "admin.appeals.list": "staff",
    "admin.appeals.propose": "admin",
    "admin.appeals.confirm": "admin",
    "admin.appeals.decline": "admin",
    "admin.news.list": "staff",
    "admin.news.add": "admin",
    "admin.news.move": "admin",
    "admin.news.cancel": "admin",
    # the sandbox, which is no part of production
    "sandbox.checkout": "anyone",  # the provider asks for nobody's token
    "sandbox.press": "anyone",
    "sandbox.refunds": "anyone",
    "sandbox.bank": "anyone",
    "sandbox.instruct": "anyone",
    "hooks.sandbox": "anyone",  # who wrote it is proven by its signature
    # payouts
    "accounts.payout-quote": "trader",
    "payouts.request": "trader",
    "payouts.get": "trader",
    "payouts.list": "trader",
    "payouts.cancel": "trader",
    "admin.payouts.list": "staff",
    "admin.payouts.approve": "admin",
    "admin.payouts.reject": "admin",
    "admin.payouts.resend": "admin",
    "admin.refunds.list": "staff",
    "admin.refunds.retry": "admin",
    "admin.ledger.list": "staff",
    "admin.ledger.balances": "staff",
    # purchases
    "challenges.purchase": "trader",
    "challenges.get": "trader",
    "accounts.reset": "trader",
    "accounts.activate": "trader",
}


class BadPolicy(Exception):
    """An operation that nobody decided about: nothing is served."""


def operation_of(handler: BaseRouteHandler) -> str:
    named = handler.opt.get("operation") or getattr(handler, "operation_id", None)
    return named if isinstance(named, str) else f"{handler} has no operation_id"


def check(routes: Iterable[object], policy: Mapping[str, Who] = POLICY) -> None:
    """That every operation has its line. Raises BadPolicy."""
    handlers = (handler for route in routes if isinstance(route, HTTPRoute) for handler in route.route_handlers)
    missing = sorted({operation_of(one) for one in handlers if not only_options(one)} - policy.keys())
    if missing:
        msg = f"no line in the policy for {', '.join(missing)}"
        raise BadPolicy(msg)


def only_options(handler: BaseRouteHandler) -> bool:
    """Litestar's own answer to OPTIONS: it says which methods there are, and asks nobody."""
    return isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}


def allow(actor: Actor | None, who: Who) -> None:
    """Raises NotAuthenticated, then RoleForbidden."""
    match actor:
        case _ if who == "anyone":
            return
        case Trader():
            role: str = "trader"
            fits = who in {"person", "trader"}
        case Staff():
            role = actor.role
            fits = who in {"person", "staff", actor.role}
        case None | System():
            raise NotAuthenticated
        case _:
            assert_never(actor)
    if not fits:
        raise RoleForbidden(role)
