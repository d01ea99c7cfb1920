"""``propfirm violations``: rules that were hit, and what the staff says of them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, Literal, get_args

from propfirm.domain.evaluation.review import REASON_MAX, HitName, Opinion, Review
from propfirm.domain.ids import AccountId
from propfirm.domain.rules.findings import Rule
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
from propfirm.entrypoints.views.oversight import OwnedViolationView, owned_violation, reviewed_view

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container
    from propfirm.entrypoints.http.pages import Page
    from propfirm.entrypoints.service_container import ServiceContainer

DESCRIPTION: Final = """\
Rules that were hit, on all accounts. A violation is named by its account, run,
event and place, as `list` prints them; the staff says once what it thinks of it:
cleared (it holds no payout up any more) or confirmed.
"""
EPILOG: Final = """\
examples:
  propfirm violations list --review waiting
  propfirm violations review 0192d3f4-0000-7000-8000-000000000000 1 17 0 cleared \\
    --reason "the platform froze" --as ada@firm.example --yes
"""
RUN_MAX: Final = 1_000_000
EVENT_MAX: Final = 999_999_999_999
PLACE_MAX: Final = 32_767


class Listing(Paged):
    rule: Rule | None
    review: Literal["waiting", "done"] | None


class Reviewing(Acting):
    account: AccountId
    number: int
    event: int
    place: int
    decision: Opinion
    reason: str


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    commands = group(parser)
    listing = add_command(commands, "list", "violations, the latest first", list_violations)
    listing.add_argument("--rule", metavar="RULE", choices=get_args(Rule), help="only those of this rule")
    listing.add_argument("--review", choices=("waiting", "done"), help="only those that are, or are not, reviewed")
    add_paging(listing)
    reviewing = add_command(commands, "review", "say what is thought of a violation", review)
    reviewing.add_argument("account", metavar="ACCOUNT", type=values.id_)
    reviewing.add_argument("number", metavar="RUN", type=values.whole(1, RUN_MAX))
    reviewing.add_argument("event", metavar="EVENT", type=values.whole(1, EVENT_MAX))
    reviewing.add_argument("place", metavar="PLACE", type=values.whole(0, PLACE_MAX))
    reviewing.add_argument("decision", choices=get_args(Opinion))
    reviewing.add_argument("--reason", metavar="TEXT", type=values.text(REASON_MAX), required=True)
    add_acting(reviewing)


def list_violations(arguments: Listing, _: Container) -> int:
    rule = arguments.rule
    reviewed = None if arguments.review is None else arguments.review == "done"

    async def listed(firm: ServiceContainer) -> Page[OwnedViolationView]:
        queries = firm.account_queries()
        return await page_of(
            firm,
            arguments,
            f"violations {rule} {reviewed}",
            lambda after: queries.all_violations(rule=rule, reviewed=reviewed, after=after, limit=arguments.limit),
            owned_violation,
        )

    of = ("account", "run", "event", "place", "at", "name", "outcome", "limit", "actual", "unit", "review.decision")
    put_page(at_the_firm(listed), "email", *(f"violation.{field}" for field in of), json=arguments.json)
    return exits.OK


def review(arguments: Reviewing, _: Container) -> int:
    name = HitName(arguments.account, arguments.number, arguments.event, arguments.place)
    said: Review = as_staff(
        arguments,
        "admin.violations.review",
        f"review event {name.seq} of run {name.run} of account {name.account} as {arguments.decision}",
        lambda firm, staff: firm.review_violation()(staff, name, arguments.decision, arguments.reason),
    )
    view = reviewed_view(said)
    put(view, facts(view), json=arguments.json)
    return exits.OK
