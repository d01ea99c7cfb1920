"""How an account stands with its payouts: what the policy is told, read from the firm's memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from propfirm.application.evaluation.journalled import Stretch
from propfirm.application.evaluation.runs import Begun, Runs
from propfirm.application.ports.calculator import Calculator
from propfirm.application.ports.clock import Clock
from propfirm.application.ports.work import Decided, Transaction
from propfirm.application.rules.payout_standing import Record, standing_of
from propfirm.domain.calendar.instants import from_ns, named_zone
from propfirm.domain.catalogue.program import PayoutTerms, Program, Stage
from propfirm.domain.errors import Conflict, NotFound
from propfirm.domain.evaluation import states
from propfirm.domain.ids import AccountId
from propfirm.domain.money import Cents, Micros, from_cents
from propfirm.domain.payouts.quote import Quote, quote
from propfirm.domain.payouts.request import Claim, Rejected, Requested
from propfirm.domain.payouts.standing import Papers, Standing
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import CashMoved
from propfirm.domain.rules.journal import Weaver
from propfirm.domain.rules.terms import Terms


@dataclass(eq=False)
class NothingTraded(Conflict):
    code = "payout.nothing-traded"
    title = "Nothing has been traded on this account yet"
    account: AccountId


class Surveyed(Struct, frozen=True):
    """Everything that ``quote`` asks for, of one run."""

    account: AccountId
    run: int
    stage: Stage
    standing: Standing
    papers: Papers

    def quote(self, asked: Cents | None) -> Quote:
        return quote(self.stage, self.standing, self.papers, asked)


@dataclass(frozen=True, slots=True)
class Survey:
    """Reads only. Raises NothingTraded.

    Papers (identity, contract, tax form) are taken as handed in: the firm keeps none yet.

    calculator: asked for no turn, being in the middle of a transaction.
    """

    clock: Clock
    runs: Runs
    calculator: Calculator

    async def __call__(self, tx: Transaction, account: states.Account, *, deciding: Claim | None = None) -> Surveyed:
        """deciding: the claim that people are looking at. It does not stand in its own way, and what goes by the
        calendar (the account's age, and with it the shares) is what it was when it was made."""
        id_, run = account.enrolment.id, account.enrolment.run
        # First: what is heard by now is in the state that is read next.
        unheard = await tx.journal.unheard(id_, run)
        put_back = await self._put_back(tx, id_, run)
        try:
            begun, live, _ = await self.runs.resumed(tx, id_, run)
        except NotFound:
            raise NothingTraded(id_) from None
        decided = [one for one in await tx.payouts.decided(account.enrolment.owner) if one.claim != deciding]
        now = self.clock.now() if deciding is None else deciding.requested_at
        record = await self._record(tx, begun, account, decided, now, put_back)
        standing = standing_of(begun.terms, live.state, record)
        review = await tx.reviews.blocking(id_, run)
        waits = await self._pending(tx, id_, run, decided, deciding)
        papers = Papers(
            pending_request=waits or (unheard and _counts_denials(begun.terms.stage.payout)),
            frozen=isinstance(account, states.Suspended),
            stage_open=live.state.verdict == "open" and _trades(account),
        )
        return Surveyed(id_, run, begun.terms.stage, standing.reviewed(tuple(sorted(review))), papers)

    async def _record(
        self,
        tx: Transaction,
        begun: Begun,
        account: states.Account,
        decided: Sequence[Decided],
        now: datetime,
        put_back: int,
    ) -> Record:
        id_, run, terms = account.enrolment.id, account.enrolment.run, begun.terms.stage.payout
        zone = _zone(begun.program, terms)
        now = now.astimezone(zone)
        first = await tx.journal.first_fill(id_, run)
        here = [one for one in decided if one.claim.account == id_]
        ours = [one for one in here if one.claim.run == run and (one.approved or _counts_denials(terms))]
        personal = terms is not None and terms.split.scope == "person"
        return Record(
            now=now,
            opened_on=begun.beginning.at.astimezone(zone).date(),
            first_trade_day=None if first is None else from_ns(first).astimezone(zone).date(),
            last_decision_day=ours[-1].at.astimezone(zone).date() if ours else None,
            withdrawn=_gross(one for one in here if one.claim.run == run),
            lifetime=_gross(decided if personal else here),
            approved_this_month=sum(one.approved and _month(one.at.astimezone(zone)) == _month(now) for one in here),
            put_back=put_back,
            last_payout_balance=await self._left(tx, begun, id_, run) if terms and terms.dynamic_target else None,
        )

    async def _pending(
        self,
        tx: Transaction,
        account: AccountId,
        run: int,
        decided: Sequence[Decided],
        deciding: Claim | None,
    ) -> bool:
        """A request without a decision, or an approved payout that has not left the account's balance yet."""
        waiting = any(
            isinstance(one, Requested) and one.claim != deciding for one in await tx.payouts.of_account(account)
        )
        here = [one.claim for one in decided if one.approved and (one.claim.account, one.claim.run) == (account, run)]
        heard = await tx.journal.withdrawn(account, run) if here else frozenset[str]()
        return waiting or any(str(claim.id) not in heard for claim in here)

    async def _put_back(self, tx: Transaction, account: AccountId, run: int) -> int:
        """Payouts that were rejected, of those that the engine has counted."""
        rejected = {
            str(one.claim.id)
            for one in await tx.payouts.of_account(account)
            if isinstance(one, Rejected) and one.claim.run == run
        }
        return len(rejected & await tx.journal.withdrawn(account, run)) if rejected else 0

    async def _left(self, tx: Transaction, begun: Begun, account: AccountId, run: int) -> Micros | None:
        """The balance that the run's last payout left: the journal alone knows it."""
        stretch = (await self.runs.journalled(tx, account, run)).stretch
        return await self.calculator(lambda: _left(begun.terms, stretch))


def _left(terms: Terms, stretch: Stretch) -> Micros | None:
    state, left = begin(terms), None
    for event in stretch.events(Weaver()):
        state, _ = step(terms, state, event)
        if isinstance(event, CashMoved) and event.kind == "payout":
            left = state.balance
    return left


def _trades(account: states.Account) -> bool:
    held = account.held if isinstance(account, states.Suspended) else account
    return isinstance(held, states.Evaluating | states.Funded)


def _counts_denials(terms: PayoutTerms | None) -> bool:
    return terms is not None and terms.counter_reset == "on_decision"


def _zone(program: Program, terms: PayoutTerms | None) -> ZoneInfo:
    return named_zone(terms.schedule.cutoff_zone or program.clock.zone if terms else program.clock.zone)


def _gross(decided: Iterable[Decided]) -> Micros:
    return Micros(sum(from_cents(one.claim.gross) for one in decided if one.approved))


def _month(moment: datetime) -> tuple[int, int]:
    return moment.year, moment.month
