"""Where an account stands now: every rule in figures, prices since the last entry of its journal included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from propfirm.application.evaluation.queries import AccountState
from propfirm.application.evaluation.runs import Runs
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.work import Transaction, UnitOfWork
from propfirm.application.simulation.report import Standing
from propfirm.application.simulation.summary import standing
from propfirm.domain.catalogue.program import Program
from propfirm.domain.errors import NotFound
from propfirm.domain.evaluation import states
from propfirm.domain.ids import AccountId, PersonId
from propfirm.domain.money import Micros
from propfirm.domain.rules.engine import begin
from propfirm.domain.rules.findings import Hit, Passed, ended_by
from propfirm.domain.rules.in_force import IN_LINES, RuleNow, rules_now
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms, compile_terms


class Stand(Struct, frozen=True):
    """An account with its risk state of this moment; of a run that is over, with that of its end. begun: False while
    nobody trades its run yet. ended: by what. later: the state of this moment once the run is over.

    hits: of today, of the rules that are told in several lines.
    """

    account: states.Account
    program: Program
    terms: Terms
    state: State
    begun: bool
    ended: Hit | Passed | None = None
    hits: tuple[Hit, ...] = ()
    later: State | None = None


class AfterTheEnd(Struct, frozen=True):
    """What the money did after a verdict, at which everything else stands: the platform closed what was open then, and
    was perhaps told late. moved: of the equity since. open_contracts: of this moment."""

    at: int
    balance: Micros
    equity: Micros
    moved: Micros
    open_contracts: int


class Progress(Struct, frozen=True, kw_only=True):
    """locked: no new positions until the day rolls. day_ends: when it does (ns); None before the first day.

    now: the firm's time of asking; the state is of its last event and price, or of those that ended the run; then
    after_the_end tells the rest.
    """

    account: AccountId
    program: str
    program_version: int
    stage: str
    run: int
    state: AccountState
    now: datetime
    zone: str
    begun: bool
    locked: bool
    day_ends: int | None
    standing: Standing
    rules: tuple[RuleNow, ...]
    after_the_end: AfterTheEnd | None = None


async def stand(tx: Transaction, runs: Runs, owner: PersonId | None, id: AccountId) -> Stand:  # noqa: A002 - the field's name
    """Raises NotFound, also where it is not the owner's."""
    account = await tx.accounts.peek(id, owner=owner)
    enrolment = account.enrolment
    try:
        begun, live, _ = await runs.resumed(tx, id, enrolment.run)
    except NotFound:
        bound = enrolment.bound
        program = (await tx.programs.get(bound.program, bound.version)).program
        terms = compile_terms(program, enrolment.stage, runs.contracts)
        return Stand(account, program, terms, begin(terms), begun=False)
    state = live.state if live.ended is None else live.ended
    day = state.core.day
    in_lines = day is not None and not IN_LINES.isdisjoint(day.seen)
    found = await tx.journal.findings(id, enrolment.run) if in_lines or state.verdict != "open" else ()
    ended = ended_by(state.verdict, found)
    opens = 0 if day is None else runs.opening(begun.program, day.until)
    hits = tuple(one for one in found if isinstance(one, Hit) and one.rule in IN_LINES and one.at >= opens)
    later = None if live.ended is None else live.state
    return Stand(account, begun.program, begun.terms, state, begun=True, ended=ended, hits=hits, later=later)


@dataclass(frozen=True, slots=True)
class LookAtProgress:
    """snapshot: a unit of work that sees one moment of the writer."""

    snapshot: UnitOfWork
    clock: Clock
    runs: Runs

    async def __call__(self, owner: PersonId | None, account: AccountId) -> Progress:
        """Raises NotFound."""
        async with self.snapshot.begin() as tx:
            found = await stand(tx, self.runs, owner, account)
        return progress_of(found, self.clock.now())


def progress_of(found: Stand, now: datetime) -> Progress:
    enrolment, state, day = found.account.enrolment, found.state, found.state.core.day
    return Progress(
        account=enrolment.id,
        program=found.program.id,
        program_version=found.program.version,
        stage=found.terms.stage.name,
        run=enrolment.run,
        state=type(found.account).__name__.lower(),  # type: ignore[arg-type]  # the states' own names
        now=now,
        zone=found.program.clock.zone,
        begun=found.begun,
        locked=state.locked,
        day_ends=None if day is None else day.until,
        standing=standing(found.terms, state, ended=found.ended),
        rules=rules_now(found.terms, state, found.ended, found.hits),
        after_the_end=None if found.later is None else _after(state, found.later),
    )


def _after(ended: State, later: State) -> AfterTheEnd:
    held = sum(abs(one.position.quantity) for one in later.core.positions)
    return AfterTheEnd(later.at, later.balance, later.equity, Micros(later.equity - ended.equity), held)
