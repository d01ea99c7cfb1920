"""What happened on an account, told in words: its own events, and what the engine found on its runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from propfirm.application.evaluation.queries import AccountQueries, Happening, OfPayout
from propfirm.application.evaluation.runs import Runs
from propfirm.application.paging import Place, Slice
from propfirm.application.ports.work import UnitOfWork
from propfirm.application.simulation.words import RULES, Teller
from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.evaluation import events
from propfirm.domain.ids import AccountId, PersonId
from propfirm.domain.money import Cents, from_cents, show
from propfirm.domain.payouts import request


class Activity(Struct, frozen=True):
    """kind: the stored tag of the event or finding. run: 0 for what happened to the account as a whole."""

    at: datetime
    run: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class TellActivities:
    """queries: of the reader. work: for the terms that findings are told by, which never change."""

    queries: AccountQueries
    work: UnitOfWork
    runs: Runs

    async def __call__(
        self, owner: PersonId | None, account: AccountId, after: Place | None, limit: int
    ) -> Slice[Activity]:
        """For the staff where there is no ``owner``: its own words are told to nobody else. Raises NotFound."""
        found = await self.queries.activities(owner, account, after, limit)
        tellers: dict[int, Teller] = {}
        async with self.work.begin() as tx:
            for run in {one.run for one in found.rows if one.run}:
                begun = await self.runs.begun(tx, account, run)
                tellers[run] = Teller(begun.terms, ZoneInfo(begun.program.clock.zone))
        return Slice([_told(one, tellers, for_staff=owner is None) for one in found.rows], found.end)


def _told(one: Happening, tellers: dict[int, Teller], *, for_staff: bool) -> Activity:
    what = one.what
    if isinstance(what, OfPayout):
        tag, text = type(what.event).__struct_config__.tag, _payout(what)
    else:
        tag = type(what).__struct_config__.tag
        text = told(what, for_staff=for_staff) if isinstance(what, events.Event) else tellers[one.run].tell(what)
    return Activity(from_ns(one.at), one.run, str(tag), text)


def told(event: events.Event, *, for_staff: bool) -> str:
    """An event of an account's life, in a sentence."""
    match event:
        case events.AccountOpened(enrolment=enrolment):
            return f"the account was opened: {enrolment.bound.program}, stage {enrolment.stage}"
        case events.OfferAccepted(payment=payment):
            return "the next stage was taken up" + ("" if payment is None else ", its fee paid")
        case events.OfferLapsed():
            return "the next stage was not taken up in time: the account is closed"
        case events.AccountActivated() | events.AccountFunded():
            kind = "funded trading" if isinstance(event, events.AccountFunded) else "trading"
            return f"{kind} begins on the platform's account {event.platform_account}"
        case events.AccountBreached(breach=breach) | events.AccountExpired(breach=breach):
            ended = "expired" if isinstance(event, events.AccountExpired) else "failed"
            return f"run {breach.run} {ended}: {RULES[breach.hit.rule]}"
        case events.StagePassed(verdict=verdict):
            return f"run {verdict.run} passed with a profit of {show(verdict.passed.profit)}"
        case events.StageGranted(stage=stage, offer=offer):
            fee = "" if offer is None or not offer.fee else f", for a fee of {show(from_cents(Cents(offer.fee)))}"
            return f"the stage {stage} is granted{fee}"
        case events.AccountClosed(cause=cause, reason=reason):
            return f"the account was closed ({cause.replace('_', ' ')}): {reason}"
        case events.AccountReset() | events.AccountRestarted() | events.AccountRebilled():
            return _begun_anew(event)
        case events.AccountGrown(bound=bound):
            return f"the account grew to {bound.program}"
        case events.AccountTransferred(stage=stage):
            return f"the account goes on in the stage {stage}"
        case events.ProgramVersionMoved(after=bound):
            return f"the account goes by version {bound.version} of its program"
        case events.AccountSuspended() | events.HoldPlaced() | events.HoldLifted() | events.AccountResumed():
            return _hold(event) if for_staff else _hold_outside(event)
        case events.VerdictAppealed() | events.AppealSettled() | events.AccountReinstated():
            return _appeal(event)


def _payout(of: OfPayout) -> str:
    gross, trader = show(from_cents(of.gross)), show(from_cents(of.trader))
    match of.event:
        case request.PayoutRequested():
            return f"a payout of {gross} was requested: {trader} for the trader"
        case request.PayoutApproved():
            return f"the payout of {gross} was approved: {trader} is owed"
        case request.PayoutRejected(rule=rule, reason=reason):
            return f"the payout of {gross} was rejected ({rule.replace('_', ' ')}): {reason}"
        case request.PayoutCancelled():
            return f"the request for a payout of {gross} was taken back"
        case request.PayoutPutBack():
            return f"what the rejected payout of {gross} had taken out of the account is put back"
        case request.PayoutClaimed():
            return f"{trader} is on its way to the bank"
        case request.PayoutSent():
            return f"{trader} was paid by the bank"
        case request.PayoutReturned(reason=reason):
            return f"the bank paid nothing of {trader}: {reason}"
        case request.PayoutResent():
            return f"{trader} is to be sent to the bank again"
        case request.PayoutLost():
            return f"the bank has not said yet whether {trader} was paid"


def _begun_anew(event: events.AccountReset | events.AccountRestarted | events.AccountRebilled) -> str:
    match event:
        case events.AccountReset():
            return "a fresh attempt was granted"
        case events.AccountRestarted():
            return "the subscription was paid: the stage begins anew"
        case events.AccountRebilled(windows=windows):
            return "the subscription was paid" + ("; what is counted begins anew" if windows == "restarted" else "")


def _hold(event: events.HoldMoved) -> str:
    match event:
        case events.AccountSuspended(hold=hold):
            return f"the account was suspended ({hold.cause.replace('_', ' ')}): {hold.reason}"
        case events.HoldPlaced(hold=hold):
            return f"a hold was placed ({hold.cause.replace('_', ' ')}): {hold.reason}"
        case events.HoldLifted(cause=cause, reason=reason):
            return f"a hold was lifted ({cause.replace('_', ' ')}): {reason}"
        case events.AccountResumed(cause=cause, reason=reason):
            return f"the account goes on; the hold was lifted ({cause.replace('_', ' ')}): {reason}"


def _hold_outside(event: events.HoldMoved) -> str:
    """For the trader: that and since when, never why. What the staff wrote may be a suspicion, or about others."""
    match event:
        case events.AccountSuspended() | events.HoldPlaced():
            return "the account is on hold: support can say more"
        case events.HoldLifted():
            return "a hold was lifted"
        case events.AccountResumed():
            return "the account goes on: it is on hold no longer"


def _appeal(event: events.AppealMoved) -> str:
    match event:
        case events.VerdictAppealed():
            return "the verdict was appealed"
        case events.AppealSettled(outcome=outcome):
            return "the appeal was withdrawn" if outcome == "withdrawn" else "the verdict was confirmed for good"
        case events.AccountReinstated():
            return "the verdict was taken back: the stage goes on"
