"""``propfirm accounts``: where they stand, what happened on them, and the staff's hold over them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TypeVar, get_args

from msgspec import Struct

from propfirm.application.evaluation.queries import AccountLine, AccountState, Statistics
from propfirm.application.paging import Place, Slice
from propfirm.domain.evaluation.review import REASON_MAX
from propfirm.domain.evaluation.states import HoldCause
from propfirm.domain.ids import AccountId
from propfirm.domain.money import Cents
from propfirm.domain.support.notes import TEXT_MAX, Note
from propfirm.entrypoints.cli import existing, exits, outputs, values
from propfirm.entrypoints.cli.answers import columns, facts, put
from propfirm.entrypoints.cli.arguments import Group, Run, add_command, group
from propfirm.entrypoints.cli.files import read_whole
from propfirm.entrypoints.cli.firm import (
    Acting,
    Looking,
    Paged,
    add_acting,
    add_json,
    add_paging,
    as_staff,
    at_the_firm,
    page_of,
    person_of,
    put_page,
)
from propfirm.entrypoints.views.accounts import (
    ProgressView,
    account_view,
    activity_view,
    day_view,
    progress_view,
    statistics_view,
    trade_view,
    violation_view,
    what_if_view,
)
from propfirm.entrypoints.views.oversight import OwnedAccountView, held_view, owned_view
from propfirm.entrypoints.views.people import note_view

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container
    from propfirm.entrypoints.http.pages import Page
    from propfirm.entrypoints.service_container import ServiceContainer

DESCRIPTION: Final = """\
Accounts of the firm: where they stand by every rule, what happened on them, the
proof of a run. ID is an account's whole id, as `list` prints it.
"""
EPILOG: Final = """\
examples:
  propfirm accounts list --state funded
  propfirm accounts progress 0192d3f4-0000-7000-8000-000000000000
  propfirm accounts proof 0192d3f4-0000-7000-8000-000000000000 proof.json
  propfirm accounts suspend 0192d3f4-0000-7000-8000-000000000000 --cause conduct \\
    --reason "two accounts in one hand" --as ada@firm.example --yes
"""
RUN_MAX: Final = 1_000_000
STANDARD_OUTPUT: Final = "-"

T = TypeVar("T")
V = TypeVar("V", bound=Struct)


class OfAccount(Looking):
    account: AccountId


class PagedOfAccount(Paged):
    account: AccountId


class Listing(Paged):
    state: AccountState | None
    program: str | None
    owner: str | None
    to_close: bool


class OfRun(OfAccount):
    run_number: int | None


class Asking(OfAccount):
    payout: Cents | None


class Proving(argparse.Namespace):
    account: AccountId
    run_number: int | None
    target: Path
    force: bool


class Holding(Acting):
    account: AccountId
    cause: HoldCause
    reason: str


class Noting(Acting):
    account: AccountId
    text: str


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    commands = group(parser)
    listing = add_command(commands, "list", "everybody's accounts, the latest first", list_accounts)
    listing.add_argument("--state", choices=get_args(AccountState), help="only those in this state")
    listing.add_argument("--program", metavar="PROGRAM", type=values.slug, help="only those of this program")
    listing.add_argument("--owner", metavar="EMAIL", type=values.email, help="only those of this person")
    listing.add_argument("--to-close", action="store_true", help="only those kept by an appeal after their last payout")
    add_paging(listing)
    add_json(_one(commands, "show", "one account", show))
    add_json(_one(commands, "progress", "every rule as it stands now: limit, actual, what is left", show_progress))
    for name, summary, look in (
        ("activities", "what happened, in words", list_activities),
        ("violations", "rules that were hit, with their evidence", list_violations),
        ("days", "trading days that are over, the latest first", list_days),
        ("trades", "trades that ended, the latest first", list_trades),
        ("notes", "what the staff wrote down, the latest first", list_notes),
    ):
        add_paging(_one(commands, name, summary, look))
    figures = _one(commands, "statistics", "a run in figures", show_statistics)
    _add_run(figures)
    add_json(figures)
    asking = _one(commands, "what-if", "how far from everything, and what a payout now would do", show_what_if)
    asking.add_argument("--payout", metavar="DOLLARS", type=values.cents, help="gross; the most on offer by default")
    add_json(asking)
    proving = _one(commands, "proof", "write the proof of a run, for `propfirm verify-proof`", write_proof)
    proving.add_argument("target", metavar="OUT.json", type=values.path, help="- for standard output")
    _add_run(proving)
    proving.add_argument("--force", action="store_true", help="write over whatever is there")
    for name, summary, hold in (
        ("suspend", "keep an account still; the trader does not hear why", suspend),
        ("resume", "lift a hold that another person placed", resume),
    ):
        holding = _one(commands, name, summary, hold)
        holding.add_argument("--cause", choices=get_args(HoldCause), required=True)
        holding.add_argument("--reason", metavar="TEXT", type=values.text(REASON_MAX), required=True)
        add_acting(holding)
    noting = _one(commands, "note", "write down what the next one should know", write_note)
    noting.add_argument("text", metavar="TEXT", type=values.text(TEXT_MAX))
    add_acting(noting)


def _one(commands: Group, name: str, summary: str, run: Run) -> argparse.ArgumentParser:
    parser = add_command(commands, name, summary, run)
    parser.add_argument("account", metavar="ID", type=values.id_)
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    number = values.whole(1, RUN_MAX)
    parser.add_argument("--run", dest="run_number", metavar="N", type=number, help="the current one by default")


def list_accounts(arguments: Listing, _: Container) -> int:
    state, program = arguments.state, arguments.program

    async def listed(firm: ServiceContainer) -> Page[OwnedAccountView]:
        whose = None if arguments.owner is None else (await person_of(firm, arguments.owner)).id
        queries = firm.account_queries()
        return await page_of(
            firm,
            arguments,
            f"accounts {whose} {state} {program} {arguments.to_close}",
            lambda after: queries.accounts(
                whose,
                state=state,
                program=program,
                after=after,
                limit=arguments.limit,
                to_close=arguments.to_close,
            ),
            owned_view,
        )

    of = ("id", "program", "stage", "run", "state", "balance", "equity", "floor")
    put_page(at_the_firm(listed), "email", *(f"account.{field}" for field in of), json=arguments.json)
    return exits.OK


def show(arguments: OfAccount, _: Container) -> int:
    line: AccountLine = at_the_firm(lambda firm: firm.account_queries().account(None, arguments.account))
    view = account_view(line)
    put(view, (f"{line.email}", *facts(view)), json=arguments.json)
    return exits.OK


def show_progress(arguments: OfAccount, _: Container) -> int:
    view = progress_view(at_the_firm(lambda firm: firm.look_at_progress()(None, arguments.account)))
    put(view, _progress(view), json=arguments.json)
    return exits.OK


def _progress(view: ProgressView) -> Iterator[str]:
    yield from facts(view, "rules", "conditions")
    yield ""
    fields = ("name", "standing", "limit", "actual", "left", "unit", "resets_in_s", "symbol")
    yield from columns(view.rules, *fields)
    if view.conditions:
        yield ""
        yield from columns(view.conditions, "condition", "met", "text")


class Fetch(Protocol[T]):
    """A list of one account, for the staff: of the queries, or of a use case."""

    def __call__(self, owner: None, account: AccountId, after: Place | None, limit: int, /) -> Awaitable[Slice[T]]: ...


def _list(
    arguments: PagedOfAccount,
    what: str,
    fetch: Callable[[ServiceContainer], Fetch[T]],
    show: Callable[[T], V],
    *fields: str,
) -> int:
    async def listed(firm: ServiceContainer) -> Page[V]:
        ask, account = fetch(firm), arguments.account
        return await page_of(
            firm, arguments, f"{what} {account}", lambda after: ask(None, account, after, arguments.limit), show
        )

    put_page(at_the_firm(listed), *fields, json=arguments.json)
    return exits.OK


def list_activities(arguments: PagedOfAccount, _: Container) -> int:
    return _list(
        arguments, "activities", lambda firm: firm.tell_activities(), activity_view, "at", "run", "kind", "text"
    )


def list_violations(arguments: PagedOfAccount, _: Container) -> int:
    fields = (
        "at",
        "run",
        "event",
        "place",
        "name",
        "outcome",
        "limit",
        "actual",
        "distance",
        "unit",
        "review.decision",
    )
    return _list(
        arguments,
        "violations",
        lambda firm: firm.account_queries().violations,
        lambda one: violation_view(one, for_staff=True),
        *fields,
    )


def list_days(arguments: PagedOfAccount, _: Container) -> int:
    fields = (
        "day",
        "run",
        "start_balance",
        "profit",
        "withdrawn",
        "end_balance",
        "floor",
        "day_floor",
        "traded",
        "qualifying",
    )
    return _list(arguments, "days", lambda firm: firm.account_queries().days, day_view, *fields)


def list_trades(arguments: PagedOfAccount, _: Container) -> int:
    fields = ("closed_at", "opened_at", "run", "symbol", "side", "contracts", "profit", "fees", "after_the_end")
    return _list(arguments, "trades", lambda firm: firm.account_queries().trades, trade_view, *fields)


def list_notes(arguments: PagedOfAccount, _: Container) -> int:
    def fetch(firm: ServiceContainer) -> Fetch[Note]:
        async def notes(_: None, account: AccountId, after: Place | None, limit: int) -> Slice[Note]:
            await firm.account_queries().account(None, account)
            found: Slice[Note] = await firm.note_queries().notes("account", account, after, limit)
            return found

        return notes

    return _list(arguments, "notes", fetch, note_view, "at", "author", "text")


def show_statistics(arguments: OfRun, _: Container) -> int:
    account, run = arguments.account, arguments.run_number
    told: Statistics = at_the_firm(lambda firm: firm.account_queries().statistics(None, account, run))
    view = statistics_view(told)
    put(view, facts(view), json=arguments.json)
    return exits.OK


def show_what_if(arguments: Asking, _: Container) -> int:
    view = what_if_view(at_the_firm(lambda firm: firm.ask_outlook()(None, arguments.account, arguments.payout)))
    put(view, facts(view), json=arguments.json)
    return exits.OK


def write_proof(arguments: Proving, _: Container) -> int:
    """As ``simulate`` writes one: a signed proof gives way to nothing but itself."""
    target = arguments.target
    if str(target) == STANDARD_OUTPUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(at_the_firm(lambda firm: firm.export_proof()(arguments.account, arguments.run_number)))
        return exits.OK
    outputs.check([target])
    if not arguments.force:
        existing.keep_others(target, existing.is_proof)
    content: bytes = at_the_firm(lambda firm: firm.export_proof()(arguments.account, arguments.run_number))
    if not arguments.force and target.is_file() and existing.is_signed_proof(read_whole(target)):
        existing.keep_changed({target: content})
    outputs.write({target: content})
    print(target)
    return exits.OK


def suspend(arguments: Holding, _: Container) -> int:
    account, cause, reason = arguments.account, arguments.cause, arguments.reason
    view = held_view(
        as_staff(
            arguments,
            "admin.accounts.suspend",
            f"suspend account {account} ({cause})",
            lambda firm, staff: firm.hold_account().suspend(staff, account, cause, reason),
        )
    )
    put(view, facts(view), json=arguments.json)
    return exits.OK


def resume(arguments: Holding, _: Container) -> int:
    account, cause, reason = arguments.account, arguments.cause, arguments.reason
    view = held_view(
        as_staff(
            arguments,
            "admin.accounts.resume",
            f"lift the hold ({cause}) on account {account}",
            lambda firm, staff: firm.hold_account().resume(staff, account, cause, reason),
        )
    )
    put(view, facts(view), json=arguments.json)
    return exits.OK


def write_note(arguments: Noting, _: Container) -> int:
    note: Note = as_staff(
        arguments,
        "admin.accounts.note",
        f"write a note about account {arguments.account}",
        lambda firm, staff: firm.write_note()(staff, "account", arguments.account, arguments.text),
    )
    view = note_view(note)
    put(view, facts(view), json=arguments.json)
    return exits.OK
