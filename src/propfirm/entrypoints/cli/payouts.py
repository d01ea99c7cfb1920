"""``propfirm payouts``: what may be taken out, asking for it, and the firm's yes or no."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Final, get_args

from propfirm.application.payouts.queries import PayoutState
from propfirm.application.payouts.request_payout import PayoutAsk
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import AccountId, PayoutId
from propfirm.domain.money import Cents, from_cents, show
from propfirm.domain.payouts.request import Payout
from propfirm.entrypoints.cli import exits, values
from propfirm.entrypoints.cli.answers import facts, put
from propfirm.entrypoints.cli.arguments import Group, Run, add_command, group
from propfirm.entrypoints.cli.firm import (
    Acting,
    Looking,
    Paged,
    add_acting,
    add_json,
    add_paging,
    as_staff,
    as_trader,
    at_the_firm,
    page_of,
    person_of,
    put_page,
)
from propfirm.entrypoints.views.payouts import PayoutView, QuoteView, payout_view, quote_view

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container
    from propfirm.entrypoints.http.pages import Page
    from propfirm.entrypoints.service_container import ServiceContainer

DESCRIPTION: Final = """\
Money out. A trader asks for it and may take the request back (--as names the
trader); the staff says yes or no, and sends it again after the bank refused it.
AMOUNT is in dollars, gross. ID is a payout's whole id, as `list` prints it.
"""
EPILOG: Final = """\
examples:
  propfirm payouts list --state requested
  propfirm payouts quote 0192d3f4-0000-7000-8000-000000000000
  propfirm payouts approve 0192d3f4-0000-7000-8000-000000000001 --as ada@firm.example --yes
  propfirm payouts reject 0192d3f4-0000-7000-8000-000000000001 --rule news \\
    --reason "traded the release" --as ada@firm.example --yes
"""
RULE_MAX: Final = 50
REASON_MAX: Final = 2_000


class Listing(Paged):
    state: PayoutState | None
    owner: str | None


class OfPayout(Looking):
    payout: PayoutId


class Quoting(Looking):
    account: AccountId
    amount: Cents | None


class Asking(Acting):
    account: AccountId
    amount: Cents


class Moving(Acting):
    payout: PayoutId


class Rejecting(Moving):
    rule: str
    reason: str


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    commands = group(parser)
    listing = add_command(commands, "list", "everybody's payouts, the latest first", list_payouts)
    listing.add_argument("--state", choices=get_args(PayoutState), help="only those in this state")
    listing.add_argument("--owner", metavar="EMAIL", type=values.email, help="only those of this person")
    add_paging(listing)
    add_json(_one(commands, "show", "one payout", show_payout))
    quoting = add_command(commands, "quote", "what may be taken out, and what stands in the way", quote)
    quoting.add_argument("account", metavar="ACCOUNT", type=values.id_)
    quoting.add_argument("--amount", metavar="DOLLARS", type=values.cents, help="gross; the most on offer by default")
    add_json(quoting)
    asking = add_command(commands, "request", "ask for a payout, as the trader", request)
    asking.add_argument("account", metavar="ACCOUNT", type=values.id_)
    asking.add_argument("amount", metavar="AMOUNT", type=values.cents)
    add_acting(asking)
    add_acting(_one(commands, "cancel", "take a request back, as the trader", cancel))
    add_acting(_one(commands, "approve", "yes: from then on the firm owes it", approve))
    rejecting = _one(commands, "reject", "no, also to what is approved or returned: what it took is put back", reject)
    rejecting.add_argument(
        "--rule",
        metavar="RULE",
        type=values.text(RULE_MAX),
        required=True,
        help="the condition or rule, as `payouts quote` or `accounts progress` names it",
    )
    rejecting.add_argument(
        "--reason", metavar="TEXT", type=values.text(REASON_MAX), required=True, help="in words: the trader reads it"
    )
    add_acting(rejecting)
    add_acting(_one(commands, "resend", "once more, after the bank refused", resend))


def _one(commands: Group, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    parser = add_command(commands, name, summary, run)
    parser.add_argument("payout", metavar="ID", type=values.id_)
    return parser


def list_payouts(arguments: Listing, _: Container) -> int:
    state = arguments.state

    async def listed(firm: ServiceContainer) -> Page[PayoutView]:
        whose = None if arguments.owner is None else (await person_of(firm, arguments.owner)).id
        queries = firm.payout_queries()
        return await page_of(
            firm,
            arguments,
            f"payouts {whose} {state}",
            lambda after: queries.payouts(whose, state=state, after=after, limit=arguments.limit),
            payout_view,
        )

    fields = ("id", "account", "run", "state", "amount_minor", "trader_minor", "requested_at", "since")
    put_page(at_the_firm(listed), *fields, json=arguments.json)
    return exits.OK


def show_payout(arguments: OfPayout, _: Container) -> int:
    return _told(at_the_firm(lambda firm: firm.see_payout()(None, arguments.payout)), arguments)


def quote(arguments: Quoting, _: Container) -> int:
    view = quote_view(at_the_firm(lambda firm: firm.quote_payout()(None, arguments.account, arguments.amount)))
    put(view, _quoted(view), json=arguments.json)
    return exits.OK


def _quoted(view: QuoteView) -> Iterator[str]:
    yield from facts(view, "unmet")
    for one in view.unmet:
        yield f"not met: {one.condition}: {one.way}"


def request(arguments: Asking, _: Container) -> int:
    account, amount = arguments.account, arguments.amount
    act = f"ask for {show(from_cents(amount))} of account {account}"
    payout = as_trader(
        arguments,
        "payouts.request",
        act,
        lambda firm, trader: firm.request_payout()(trader, PayoutAsk(account, amount)),
    )
    return _told(payout, arguments)


def cancel(arguments: Moving, _: Container) -> int:
    id_ = arguments.payout
    act = f"take back the request of payout {id_}"
    return _told(
        as_trader(arguments, "payouts.cancel", act, lambda firm, trader: firm.cancel_payout()(trader, id_)), arguments
    )


def approve(arguments: Moving, _: Container) -> int:
    return _decided(arguments, "approve", lambda firm, staff: firm.approve_payout()(staff, arguments.payout))


def reject(arguments: Rejecting, _: Container) -> int:
    id_, rule, reason = arguments.payout, arguments.rule, arguments.reason
    return _decided(arguments, "reject", lambda firm, staff: firm.reject_payout()(staff, id_, rule, reason))


def resend(arguments: Moving, _: Container) -> int:
    return _decided(arguments, "resend", lambda firm, staff: firm.resend_payout()(staff, arguments.payout))


def _decided(arguments: Moving, name: str, act: Callable[[ServiceContainer, Staff], Awaitable[Payout]]) -> int:
    """name: of the act, here and in the policy."""
    return _told(as_staff(arguments, f"admin.payouts.{name}", f"{name} payout {arguments.payout}", act), arguments)


def _told(payout: Payout, arguments: Looking) -> int:
    view = payout_view(payout)
    put(view, facts(view), json=arguments.json)
    return exits.OK
