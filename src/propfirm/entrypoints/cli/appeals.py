"""``propfirm appeals``: decided by two people of the staff, on what the evidence says when it is run again."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, get_args

from propfirm.domain.evaluation.appeal import Appeal, Decision
from propfirm.domain.evaluation.review import REASON_MAX
from propfirm.domain.identity.actors import Staff
from propfirm.domain.ids import AppealId
from propfirm.entrypoints.cli import exits, values
from propfirm.entrypoints.cli.answers import facts, put
from propfirm.entrypoints.cli.arguments import Group, Run, add_command, group
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
from propfirm.entrypoints.views.accounts import AppealView, appeal_view, line_view

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container
    from propfirm.entrypoints.http.pages import Page
    from propfirm.entrypoints.service_container import ServiceContainer

DESCRIPTION: Final = """\
Appeals of traders against a verdict. One person proposes a decision, for which the
evidence is run again; a second one confirms or declines it.
"""
EPILOG: Final = """\
examples:
  propfirm appeals list
  propfirm appeals propose 0192d3f4-0000-7000-8000-000000000000 uphold \\
    --reason "the prices are right" --as ada@firm.example --yes
  propfirm appeals confirm 0192d3f4-0000-7000-8000-000000000000 --as bob@firm.example --yes
"""


class Answering(Acting):
    appeal: AppealId


class Declining(Answering):
    reason: str


class Proposing(Declining):
    decision: Decision
    override: str | None


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    commands = group(parser)
    add_paging(add_command(commands, "list", "appeals that wait, the most urgent first", list_appeals))
    proposing = _one(commands, "propose", "propose a decision", propose)
    proposing.add_argument("decision", choices=get_args(Decision))
    reason = values.text(REASON_MAX)
    proposing.add_argument("--reason", metavar="TEXT", type=reason, required=True)
    proposing.add_argument("--override", metavar="TEXT", type=reason, help="why, where it goes against the evidence")
    add_acting(proposing)
    add_acting(_one(commands, "confirm", "agree, as the second person: it is decided", confirm))
    declining = _one(commands, "decline", "do not agree: it is open again", decline)
    declining.add_argument("--reason", metavar="TEXT", type=reason, required=True)
    add_acting(declining)


def _one(commands: Group, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    parser = add_command(commands, name, summary, run)
    parser.add_argument("appeal", metavar="ID", type=values.id_)
    return parser


def list_appeals(arguments: Paged, _: Container) -> int:
    async def listed(firm: ServiceContainer) -> Page[AppealView]:
        queries = firm.account_queries()
        return await page_of(
            firm, arguments, "appeals", lambda after: queries.appeals_open(after, arguments.limit), line_view
        )

    fields = ("id", "account", "state", "filed_at", "due_at", "decision", "statement")
    put_page(at_the_firm(listed), *fields, json=arguments.json)
    return exits.OK


def propose(arguments: Proposing, _: Container) -> int:
    given = arguments.decision, arguments.reason, arguments.override
    return _moved(
        arguments,
        "propose",
        f"propose to {arguments.decision} the verdict that appeal {arguments.appeal} is against",
        lambda firm, staff: firm.propose_decision()(staff, arguments.appeal, *given),
    )


def confirm(arguments: Answering, _: Container) -> int:
    return _moved(
        arguments,
        "confirm",
        f"confirm the decision proposed for appeal {arguments.appeal}",
        lambda firm, staff: firm.answer_proposal().confirm(staff, arguments.appeal),
    )


def decline(arguments: Declining, _: Container) -> int:
    return _moved(
        arguments,
        "decline",
        f"decline the decision proposed for appeal {arguments.appeal}",
        lambda firm, staff: firm.answer_proposal().decline(staff, arguments.appeal, arguments.reason),
    )


def _moved(
    arguments: Answering, name: str, words: str, act: Callable[[ServiceContainer, Staff], Awaitable[Appeal]]
) -> int:
    """name: of the act in the policy. words: for who is asked to confirm it."""
    view = appeal_view(as_staff(arguments, f"admin.appeals.{name}", words, act))
    put(view, facts(view), json=arguments.json)
    return exits.OK
