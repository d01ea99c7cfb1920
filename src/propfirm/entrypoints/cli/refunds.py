"""``propfirm refunds``: payments that go back, and once more after the provider refused."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, get_args

from propfirm.application.purchases.queries import RefundState
from propfirm.domain.ids import RefundId
from propfirm.domain.purchases.refund import Refund
from propfirm.entrypoints.cli import exits, values
from propfirm.entrypoints.cli.answers import facts, put
from propfirm.entrypoints.cli.arguments import add_command, group
from propfirm.entrypoints.cli.firm import (
    Acting,
    Paged,
    add_acting,
    add_paging,
    as_staff,
    at_the_firm,
    page_of,
    put_page,
)
from propfirm.entrypoints.views.refunds import RefundView, refund_view

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container
    from propfirm.entrypoints.http.pages import Page
    from propfirm.entrypoints.service_container import ServiceContainer

DESCRIPTION: Final = """\
Payments for which nothing was given, on their way back. The worker sends them;
after the provider refused, a person looks why and tries once more. ID is a
refund's whole id, as `list` prints it.
"""
EPILOG: Final = """\
examples:
  propfirm refunds list --state refused
  propfirm refunds retry 0192d3f4-0000-7000-8000-000000000001 --as ada@firm.example --yes
"""


class Listing(Paged):
    state: RefundState | None


class Retrying(Acting):
    refund: RefundId


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    commands = group(parser)
    listing = add_command(commands, "list", "payments that go back, the latest first", list_refunds)
    listing.add_argument("--state", choices=get_args(RefundState), help="only those in this state")
    add_paging(listing)
    retrying = add_command(commands, "retry", "once more, after the provider refused", retry)
    retrying.add_argument("refund", metavar="ID", type=values.id_)
    add_acting(retrying)


def list_refunds(arguments: Listing, _: Container) -> int:
    state = arguments.state

    async def listed(firm: ServiceContainer) -> Page[RefundView]:
        queries = firm.refund_queries()
        return await page_of(
            firm,
            arguments,
            f"refunds {state}",
            lambda after: queries.refunds(state=state, after=after, limit=arguments.limit),
            refund_view,
        )

    fields = ("id", "purchase", "buyer", "state", "cause", "amount_minor", "attempt", "owed_at", "since", "refusal")
    put_page(at_the_firm(listed), *fields, json=arguments.json)
    return exits.OK


def retry(arguments: Retrying, _: Container) -> int:
    id_ = arguments.refund
    owed: Refund = as_staff(
        arguments, "admin.refunds.retry", f"retry refund {id_}", lambda firm, staff: firm.retry_refund()(staff, id_)
    )
    view = refund_view(owed)
    put(view, facts(view), json=arguments.json)
    return exits.OK
