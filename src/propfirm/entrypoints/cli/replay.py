"""``propfirm replay``: every verdict derived again from the journal alone, and held against what was recorded."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from msgspec import Struct

from propfirm.application.evaluation.replay import Replayed, ReplayRuns
from propfirm.application.ports.progress import Progress
from propfirm.domain.errors import NotFound
from propfirm.domain.ids import AccountId
from propfirm.entrypoints.cli import exits, streams, values
from propfirm.entrypoints.cli.answers import columns, put
from propfirm.entrypoints.cli.firm import Looking, add_json, at_the_firm

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container
    from propfirm.entrypoints.service_container import ServiceContainer

DESCRIPTION: Final = """\
Derive runs again, from their journals alone, and compare every finding, the risk
state, trades and snapshots with what was recorded. Reads only; a line a run. Exit 1
where something differs: chain, quotes (an entry or a price was changed), gap (one is
missing), seal, findings, state (the engine says other things), figures (what is shown
is another), unreadable.
"""
EPILOG: Final = """\
examples:
  propfirm replay 0192d3f4-0000-7000-8000-000000000000
  propfirm replay 0192d3f4-0000-7000-8000-000000000000 --run 2
  propfirm replay --all --json
"""
RUN_MAX: Final = 1_000_000


@dataclass(eq=False)
class NoSuchRun(NotFound):
    code = "cli.no-such-run"
    title = "The account has no such run"
    account: UUID
    run: int


class ReplayView(Struct, frozen=True):
    """difference: the first that did not hold; null where all is the same."""

    account: UUID
    run: int
    events: int
    findings: int
    verdict: str
    difference: str | None
    detail: str


class ReplaysView(Struct, frozen=True):
    same: bool
    runs: Sequence[ReplayView]


class Arguments(Looking):
    account: AccountId | None
    run_number: int | None
    all: bool


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("account", metavar="ACCOUNT", nargs="?", type=values.id_, help="its whole id")
    which.add_argument("--all", action="store_true", help="every run that was ever traded")
    number = values.whole(1, RUN_MAX)
    parser.add_argument("--run", dest="run_number", metavar="N", type=number, help="of the account, this run alone")
    add_json(parser)

    def run(arguments: Arguments, container: Container) -> int:
        if arguments.run_number is not None and arguments.account is None:
            parser.error("--run needs ACCOUNT: every account numbers its own")
        return replay(arguments, container)

    parser.set_defaults(run=run)


def replay(arguments: Arguments, container: Container) -> int:
    progress: Progress = container.progress(sys.stderr)

    async def replayed(firm: ServiceContainer) -> list[ReplayView]:
        runs = await _named(firm, arguments)
        again, found = firm.replay_runs(), list[ReplayView]()
        progress.begin("runs", len(runs))
        try:
            for account, run in runs:
                found.append(await _again(again, firm.passing(), account, run))
                progress.advance(1)
        finally:
            progress.end()
        return found

    found = at_the_firm(replayed)
    same = all(one.difference is None for one in found)
    fields = ("account", "run", "events", "findings", "verdict", "difference", "detail")
    put(ReplaysView(same, found), columns(found, *fields), json=arguments.json)
    if not found:
        streams.tell("no run was traded yet")
    return exits.OK if same else exits.FAILED


async def _named(firm: ServiceContainer, arguments: Arguments) -> Sequence[tuple[AccountId, int]]:
    """Raises NotFound, NoSuchRun."""
    account, number = arguments.account, arguments.run_number
    if account is not None:
        async with firm.work().begin() as tx:
            await tx.accounts.peek(account)
    runs: Sequence[tuple[AccountId, int]] = await firm.replay_runs().known(account)
    if account is None or number is None:
        return runs
    if (account, number) not in runs:
        raise NoSuchRun(account, number)
    return [(account, number)]


async def _again(replay: ReplayRuns, passes: Callable[[Exception], bool], account: AccountId, run: int) -> ReplayView:
    """Raises what passes: a database that went away says nothing of the journal."""
    try:
        told: Replayed = await replay(account, run)
    except Exception as error:  # the engine trusts the journal; this one may hold anything
        if passes(error):
            raise
        return ReplayView(account, run, 0, 0, "", "unreadable", f"{type(error).__name__}: {error}")
    return ReplayView(account, run, told.events, told.findings, told.verdict, told.difference, told.detail)
