"""The life of an account, from its purchase to its end.

Theory of operation
-------------------
An account goes through *stages* of a program. One attempt at one stage is a *run*; runs are numbered over the whole
life of the account, and each has its own risk state, events and verdict in the engine. A new run begins with the
purchase, the next stage, a reset, a rebill that restarts, growth and transfer.

    Pending     a run is granted, nobody trades yet: the trader's acceptance or the platform's account is missing
    Evaluating  trading an evaluation or verification stage
    Funded      trading a sim-funded or live stage
    Passed      the run met every condition; the firm has yet to grant the next stage (it may queue for room)
    Failed      the run ended in a breach or an expiry; evidence, holds and an open appeal are kept
    Suspended   one hold or more keep a living account still; it knows the state that it goes back to
    Closed      over for good

The edges are in ``charts.py``, drawn in docs/life-of-an-account.md, and held equal to this code by tests. A day locked
by the engine is not a state here: the lock ends by itself at the roll, and the run goes on.

Order of checks, for every command: (1) there is an account; (2) the program given is the version that it is bound to;
(3) the run that the command was meant for; (4) the state: it allows the act, or the act has happened already and the
answer is ``[]``; (5) what stands in the way there: an open appeal, then holds; an offer not taken up, or over;
(6) words and people: the reason, then four eyes; (7) what the program offers; (8) the trader's consent; (9) money.

Joint conditions
----------------
- **The first recorded verdict of a run stands.** The same verdict again is ``[]``; another one is ``VerdictStands``;
  one about an earlier run is ``[]`` (that run is over, and a redelivery must be able to end). Breach beats pass on one
  event, but that is the engine's to decide: it never finds both. Only an appeal changes a verdict.
- **Reinstated**: verdicts found at events up to the corrected state were settled by the appeal: ``[]``. A later
  correction of what was before them is found at its own event, and counts.
- **Suspended**: a verdict still counts, also about events before the suspension (a late fill): a suspension stops the
  trader, not the market, and the engine's run is over. A breach ends the account; a pass is recorded and the account
  stays suspended. A breach by an event later than the suspension says so (``after_suspension``): people look at it.
- **Holds** stand beside the state: each cause is placed and lifted by itself, and the last one lifted resumes. They
  outlive a failure: a failed account on hold cannot begin anew, and is reinstated into Suspended.
- **A suspension stops the activation window**; it goes on from where it was at the resumption.
- **An open appeal** keeps a failed account as it is: no reset, no rebill, no closing, except that a reversed purchase
  closes it. A fresh start gives up the right to appeal: the verdict belongs to an earlier run then.
- **Rebill** (program rules, section 4.14): a failed account returns to the start if the program has any ``on_rebill``;
  a living one keeps its balance, and its windows restart under ``keep_balance_restart_windows``. The last payment told
  again, in whatever stage, and one made before it, are ``[]``: their periods have been paid.
- **The program version** changes only by MoveProgramVersion (with the trader's consent), by GrowTo (likewise), and by
  a Reset that the terms bought sell at the ``current`` version.
- What leads on from a stage stands in it (``next_stage``, ``activation_fee``, ``activation_days``, ``growth``); the
  terms of a ``transfer`` stand in the live stage that it leads to.
- Time limits and inactivity are the engine's findings, since they need the program's calendar and the executions;
  they come as RecordBreach and are told as AccountExpired. The activation window is this module's own: Expire.

``decide`` holds all judgement and may raise a refusal; ``evolve`` only moves. Neither knows a clock: ``now`` is aware
UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar, assert_never

from propfirm.domain.catalogue.program import Program, Stage
from propfirm.domain.catalogue.program import Transfer as TransferTerms
from propfirm.domain.evaluation import commands, events, refusals
from propfirm.domain.evaluation.facts import Binding, Breach, Consent, Payment, Verdict
from propfirm.domain.evaluation.states import (
    Account,
    Advanced,
    Bought,
    Closed,
    Enrolment,
    Evaluating,
    Failed,
    Funded,
    Grown,
    Hold,
    HoldCause,
    Living,
    Offer,
    Passed,
    Pending,
    Restarted,
    Suspended,
    Trading,
    Transferred,
)
from propfirm.domain.ids import PaymentId, PersonId
from propfirm.domain.money import Cents, Micros
from propfirm.domain.payouts import transfer

EXPIRIES: Final = ("time_limit", "inactivity")
"""Rules whose hit is told to the trader as an expiry, not as a breach."""


def decide(account: Account | None, command: commands.Command, now: datetime, program: Program) -> list[events.Event]:
    """What happens. Empty: it has happened already. Raises a refusal, in the order of the module's docstring.

    program: the version that the account is bound to; for Open, the one that was bought.
    """
    if isinstance(command, commands.Open):
        return _open(account, command, now, program)
    if account is None:
        raise refusals.NoSuchAccount(command=type(command).__name__)
    bound = account.enrolment.bound
    if (program.id, program.version) != (bound.program, bound.version):
        raise refusals.WrongProgram(bound=bound, program=program.id, version=program.version)
    return _judge(account, command, now, program)


def _judge(account: Account, act: commands.Act, now: datetime, program: Program) -> list[events.Event]:  # noqa: C901, PLR0912 - one arm per command is the plainest dispatch
    match act:
        case commands.Accept():
            return _accept(account, act, now)
        case commands.Activate():
            return _activate(account, act, now, program)
        case commands.Fund():
            return _fund(account, act, now, program)
        case commands.RecordBreach():
            return _record_breach(account, act, now)
        case commands.RecordPass():
            return _record_pass(account, act, now)
        case commands.Advance():
            return _advance(account, act, now, program)
        case commands.Suspend():
            return _suspend(account, act, now)
        case commands.Resume():
            return _resume(account, act, now)
        case commands.Reset():
            return _reset(account, act, now, program)
        case commands.Rebill():
            return _rebill(account, act, now, program)
        case commands.Expire():
            return _expire(account, now)
        case commands.Close():
            return _close(account, act, now)
        case commands.GrowTo():
            return _grow_to(account, act, now, program)
        case commands.Transfer():
            return _transfer(account, act, now, program)
        case commands.MoveProgramVersion():
            return _move_program_version(account, act, now, program)
        case commands.HoldForAppeal():
            return _hold_for_appeal(account, act, now)
        case commands.SettleAppeal():
            return _settle_appeal(account, act, now)
        case commands.Reinstate():
            return _reinstate(account, act, now)
        case _:
            assert_never(act)


def _open(account: Account | None, open_: commands.Open, now: datetime, program: Program) -> list[events.Event]:
    if account is not None:
        known = account.enrolment
        if (known.id, known.owner, known.purchase) == (open_.id, open_.owner, open_.purchase):
            return []
        raise refusals.AlreadyOpen(account=known.id)
    bound = Binding(program.id, program.version, open_.fingerprint)
    enrolment = Enrolment(open_.id, open_.owner, open_.purchase, bound, program.stages[0].name, Bought())
    return [events.AccountOpened(now, enrolment)]


def _accept(account: Account, accept: commands.Accept, now: datetime) -> list[events.Event]:
    payment = accept.payment
    match account:
        case Pending(offer=Offer() as offer):
            accepted_at = now if payment is None else payment.paid_at
            if offer.until is not None and accepted_at > offer.until:
                raise refusals.OfferOver(until=offer.until, accepted_at=accepted_at)
            _paid(payment, offer.fee)
            return [events.OfferAccepted(now, accepted_at, _id(payment))]
        case Suspended(held=Pending(offer=Offer())):
            raise _no(account, accept)
        case Closed() if payment is None:  # It may have closed without being taken up: nothing shows the difference.
            raise _no(account, accept)
        case Pending() | Evaluating() | Passed() | Funded() | Suspended() | Failed() | Closed():
            if account.enrolment.entry == Advanced(_id(payment)):
                return []
            raise _no(account, accept)
        case _:
            assert_never(account)


def _activate(account: Account, activate: commands.Activate, now: datetime, program: Program) -> list[events.Event]:
    match account:
        case Pending():
            _ready(account, program, "evaluation", "verification")
            return [events.AccountActivated(now, activate.platform_account)]
        case (
            Evaluating(platform_account=name)
            | Suspended(held=Evaluating(platform_account=name))
            | Failed(ended=Evaluating(platform_account=name))
        ) if name == activate.platform_account:
            return []
        case Evaluating() | Passed() | Funded() | Suspended() | Failed() | Closed():
            raise _no(account, activate)
        case _:
            assert_never(account)


def _fund(account: Account, fund: commands.Fund, now: datetime, program: Program) -> list[events.Event]:
    match account:
        case Pending():
            _ready(account, program, "sim_funded", "live")
            return [events.AccountFunded(now, fund.platform_account)]
        case (
            Funded(platform_account=name)
            | Suspended(held=Funded(platform_account=name))
            | Failed(ended=Funded(platform_account=name))
        ) if name == fund.platform_account:
            return []
        case Evaluating() | Passed() | Funded() | Suspended() | Failed() | Closed():
            raise _no(account, fund)
        case _:
            assert_never(account)


def _ready(pending: Pending, program: Program, *kinds: str) -> None:
    """Raises unless the granted stage may begin now, as one of these kinds."""
    if pending.offer is not None:
        raise refusals.OfferNotAccepted(fee=pending.offer.fee, until=pending.offer.until)
    stage = _stage(program, pending.enrolment.stage)
    if stage.kind not in kinds:
        raise refusals.StageOfOtherKind(stage=stage.name, kind=stage.kind)


def _record_breach(account: Account, record: commands.RecordBreach, now: datetime) -> list[events.Event]:
    breach = record.breach
    if _superseded(account, breach.run):
        return []
    match account:
        case Evaluating() | Funded():
            return _breached(account, breach, now, after_suspension=False)
        case Suspended(held=Evaluating() | Funded() as held):
            return _breached(held, breach, now, after_suspension=breach.hit.at > _nanoseconds(account.since))
        case Passed(verdict=recorded) | Suspended(held=Passed(verdict=recorded)) | Failed(verdict=recorded):
            return _stands(recorded, breach)
        case Closed():
            return []  # Whatever the engine found while the account was being closed changes nothing.
        case Pending() | Suspended():
            raise _no(account, record)
        case _:
            assert_never(account)


def _breached(trading: Trading, breach: Breach, now: datetime, *, after_suspension: bool) -> list[events.Event]:
    hit = breach.hit
    if _settled(trading, breach):
        return []
    if hit.outcome != "fail" or not hit.decided:
        raise refusals.NotABreach(rule=hit.rule, outcome=hit.outcome, decided=hit.decided)
    if hit.rule in EXPIRIES:
        return [events.AccountExpired(now, breach, after_suspension)]
    return [events.AccountBreached(now, breach, after_suspension)]


def _record_pass(account: Account, record: commands.RecordPass, now: datetime) -> list[events.Event]:
    verdict = record.verdict
    if _superseded(account, verdict.run):
        return []
    match account:
        case Evaluating() | Funded():
            return [] if _settled(account, verdict) else [events.StagePassed(now, verdict)]
        case Suspended(held=Evaluating() | Funded() as held):
            return [] if _settled(held, verdict) else [events.StagePassed(now, verdict)]
        case Passed(verdict=recorded) | Suspended(held=Passed(verdict=recorded)) | Failed(verdict=recorded):
            return _stands(recorded, verdict)
        case Closed():
            return []  # As for a breach.
        case Pending() | Suspended():
            raise _no(account, record)
        case _:
            assert_never(account)


def _superseded(account: Account, run: int) -> bool:
    """Whether the verdict is about a run that is over. Raises NoSuchRun if that run has not begun."""
    present = account.enrolment.run
    if run > present:
        raise refusals.NoSuchRun(judged=run, present=present)
    return run < present


def _settled(trading: Trading, verdict: Verdict) -> bool:
    """Whether an appeal has settled what was found there."""
    return trading.corrected is not None and verdict.found <= trading.corrected.seq


def _stands(recorded: Verdict, offered: Verdict) -> list[events.Event]:
    if recorded == offered:
        return []
    raise refusals.VerdictStands(recorded=recorded, offered=offered)


def _advance(account: Account, advance: commands.Advance, now: datetime, program: Program) -> list[events.Event]:
    if _begun(account, advance.run, same=isinstance(account.enrolment.entry, Advanced)):
        return []
    match account:
        case Passed():
            here = _stage(program, account.enrolment.stage)
            if here.next_stage is None:
                raise refusals.LastStage(stage=here.name)
            there = _stage(program, here.next_stage)
            return [events.StageGranted(now, there.name, _offer(here, now))]
        case Pending() | Evaluating() | Funded() | Suspended() | Failed() | Closed():
            raise _no(account, advance)
        case _:
            assert_never(account)


def _offer(stage: Stage, now: datetime) -> Offer | None:
    """What the trader has to do, after passing ``stage``, for the next one, which is granted now."""
    if stage.activation_days is not None:
        return Offer(stage.activation_fee, now + timedelta(days=stage.activation_days))
    return Offer(stage.activation_fee, None) if stage.activation_fee else None


def _begun(account: Account, run: int, *, same: bool) -> bool:
    """Whether this very act has begun the run after ``run``. Raises RunMovedOn if another act, or a later run, has."""
    present = account.enrolment.run
    if present == run:
        return False
    if present == run + 1 and same:
        return True
    raise refusals.RunMovedOn(meant=run, present=present)


def _suspend(account: Account, suspend: commands.Suspend, now: datetime) -> list[events.Event]:
    hold = Hold(suspend.cause, suspend.reason, suspend.by, now)
    match account:
        case Pending() | Evaluating() | Passed() | Funded():
            _reasoned(suspend)
            return [events.AccountSuspended(now, hold)]
        case Suspended() | Failed():
            if _hold(account.holds, suspend.cause) is not None:
                return []
            _reasoned(suspend)
            return [events.HoldPlaced(now, hold)]
        case Closed():
            raise _no(account, suspend)
        case _:
            assert_never(account)


def _resume(account: Account, resume: commands.Resume, now: datetime) -> list[events.Event]:
    match account:
        case Pending() | Evaluating() | Passed() | Funded():
            return []
        case Suspended() | Failed():
            hold = _hold(account.holds, resume.cause)
            if hold is None:
                return []
            _reasoned(resume)
            _second_person(hold, resume.by, account.enrolment.owner)
            if isinstance(account, Suspended) and len(account.holds) == 1:
                return [events.AccountResumed(now, resume.cause, resume.reason, resume.by, _thawed(account, now))]
            return [events.HoldLifted(now, resume.cause, resume.reason, resume.by)]
        case Closed():
            raise _no(account, resume)
        case _:
            assert_never(account)


def _hold(holds: tuple[Hold, ...], cause: HoldCause) -> Hold | None:
    return next((hold for hold in holds if hold.cause == cause), None)


def _second_person(hold: Hold, by: PersonId | None, owner: PersonId) -> None:
    if by == owner:
        raise refusals.FourEyes(first=owner, second=by)
    if hold.by is not None and by in (None, hold.by):
        raise refusals.FourEyes(first=hold.by, second=by)


def _thawed(account: Suspended, now: datetime) -> Offer | None:
    """The offer as it stands after the suspension, which did not use up its window."""
    match account.held:
        case Pending(offer=Offer(fee=fee, until=datetime() as until)):
            return Offer(fee, until + (now - account.since))
        case Pending(offer=offer):
            return offer
        case Evaluating() | Passed() | Funded():
            return None
        case _:
            assert_never(account.held)


def _reset(account: Account, reset: commands.Reset, now: datetime, program: Program) -> list[events.Event]:
    payment = _id(reset.payment)
    enrolment = account.enrolment
    if _begun(account, reset.run, same=enrolment.entry == Restarted(payment)):
        return []
    match account:
        case Failed():
            _nothing_in_the_way(account)
        case Pending() | Evaluating() | Passed() | Funded() | Suspended() | Closed():
            raise _no(account, reset)
        case _:
            assert_never(account)
    stage = _stage(program, enrolment.stage)
    terms = stage.reset
    if terms is None:
        raise refusals.NoReset(stage=stage.name)
    if terms.max is not None and enrolment.resets_used >= terms.max:
        raise refusals.NoResetsLeft(used=enrolment.resets_used, most=terms.max)
    bound = enrolment.bound
    if terms.version == "current":
        _counterpart(reset.current.program, enrolment, stage)
        bound = reset.current.binding
    _paid(reset.payment, terms.fee)
    return [events.AccountReset(now, payment, bound)]


def _rebill(account: Account, rebill: commands.Rebill, now: datetime, program: Program) -> list[events.Event]:
    payment = rebill.payment
    last = account.enrolment.rebilled
    if last is not None and (payment.id == last.payment or payment.paid_at < last.paid_at):
        return []
    match account:
        case Pending() | Evaluating() | Funded():
            stage = _subscribed(account, program)
            _paid(payment, stage.price)
            # Windows of a run that nobody trades yet have not begun.
            fresh = stage.on_rebill == "keep_balance_restart_windows" and not isinstance(account, Pending)
            return [events.AccountRebilled(now, payment.id, payment.paid_at, "restarted" if fresh else "kept")]
        case Failed():
            _nothing_in_the_way(account)
            stage = _subscribed(account, program)
            if stage.on_rebill is None:
                raise refusals.RebillDoesNotRestart(stage=stage.name)
            _paid(payment, stage.price)
            return [events.AccountRestarted(now, payment.id, payment.paid_at)]
        case Passed() | Suspended() | Closed():
            raise _no(account, rebill)
        case _:
            assert_never(account)


def _subscribed(account: Account, program: Program) -> Stage:
    stage = _stage(program, account.enrolment.stage)
    if stage.billing != "monthly":
        raise refusals.NotASubscription(stage=stage.name)
    return stage


def _nothing_in_the_way(failed: Failed) -> None:
    """Raises unless a failed account may begin anew."""
    if failed.appeal is not None:
        raise refusals.AppealOpen(appeal=failed.appeal)
    if failed.holds:
        raise refusals.OnHold(causes=tuple(hold.cause for hold in failed.holds))


def _expire(account: Account, now: datetime) -> list[events.Event]:
    match account:
        case Pending(offer=Offer(until=datetime() as until) as offer):
            if now <= until:
                raise refusals.TooEarly(until=until, now=now)
            return [events.OfferLapsed(now, offer)]
        case Pending() | Evaluating() | Passed() | Funded() | Suspended() | Failed() | Closed():
            return []  # Accepted in time, or moved by a suspension: its resumption sets another timer.
        case _:
            assert_never(account)


def _close(account: Account, close: commands.Close, now: datetime) -> list[events.Event]:
    match account:
        case Closed():
            return []
        case Failed(appeal=appeal) if appeal is not None and close.cause != "purchase_reversed":
            raise refusals.AppealOpen(appeal=appeal)
        case Pending() | Evaluating() | Passed() | Funded() | Suspended() | Failed():
            _reasoned(close)
            return [events.AccountClosed(now, close.cause, close.reason, close.by)]
        case _:
            assert_never(account)


def _grow_to(account: Account, grow: commands.GrowTo, now: datetime, program: Program) -> list[events.Event]:
    enrolment = account.enrolment
    if _begun(account, grow.run, same=enrolment.entry == Grown(grow.payouts) and enrolment.bound == grow.to.binding):
        return []
    match account:
        case Funded():
            stage = _stage(program, enrolment.stage)
        case Pending() | Evaluating() | Passed() | Suspended() | Failed() | Closed():
            raise _no(account, grow)
        case _:
            assert_never(account)
    terms = stage.growth
    if terms is None:
        raise refusals.NoGrowth(stage=stage.name)
    if grow.to.program.id != terms.to:
        raise refusals.OtherProgram(expected=terms.to, given=grow.to.program.id)
    if grow.payouts < terms.after_payouts or grow.profit < terms.min_profit:
        raise refusals.GrowthNotEarned(
            payouts_needed=terms.after_payouts,
            payouts=grow.payouts,
            profit_needed=terms.min_profit,
            profit=grow.profit,
        )
    target = next((s for s in grow.to.program.stages if s.kind == stage.kind), None)
    if target is None:
        raise refusals.StageMissing(program=terms.to, version=grow.to.program.version, stage=stage.kind)
    _consented(enrolment.owner, grow.consent, grow.to.binding)
    return [events.AccountGrown(now, grow.to.binding, target.name, grow.payouts, grow.consent)]


def _transfer(account: Account, move: commands.Transfer, now: datetime, program: Program) -> list[events.Event]:
    enrolment = account.enrolment
    accounts, entry = move.accounts, enrolment.entry
    if _begun(account, move.run, same=isinstance(entry, Transferred) and entry.accounts == accounts):
        return []
    match account:
        case Funded():
            _reasoned(move)
        case Pending() | Evaluating() | Passed() | Suspended() | Failed() | Closed():
            raise _no(account, move)
        case _:
            assert_never(account)
    if enrolment.id not in accounts:
        raise refusals.NotAmongTransferred(account=enrolment.id)
    together, balances = len(set(accounts)), len(move.record.accounts)
    if balances not in (0, together):  # Where no balance counts by the terms, none need be given.
        raise refusals.BalancesMiscounted(accounts=together, balances=balances)
    here = _stage(program, enrolment.stage)
    if here.next_stage is None:
        raise refusals.LastStage(stage=here.name)
    there = _stage(program, here.next_stage)
    balance = _carried(here, there, move)
    return [events.AccountTransferred(now, there.name, balance, accounts, move.reason, move.by)]


def _carried(here: Stage, there: Stage, move: commands.Transfer) -> Micros | None:
    """The balance that goes along: by the terms that stand in ``there``, or by the firm where they leave it to it.

    Without such terms the last payout that ``here`` allows may still lead on; the new stage then starts as it is.
    """
    balance = None
    if there.transfer is None:
        _last_payout(here, move)
    else:
        balance = _by_terms(there, there.transfer, move)
    if move.balance not in (None, balance):
        raise refusals.BalanceByRule(by_rule=balance, given=move.balance)
    return balance


def _last_payout(here: Stage, move: commands.Transfer) -> None:
    """Raises unless the last payout has been made and leads on to the next stage."""
    payout = here.payout
    if payout is None or payout.max_count is None or payout.after_max_count != "next_stage":
        raise refusals.NoTransfer(stage=here.name)
    if move.record.payouts < payout.max_count:
        lacking = transfer.Lacking("payouts", payout.max_count, move.record.payouts)
        raise refusals.TransferNotEarned(lacking=(lacking,))


def _by_terms(there: Stage, terms: TransferTerms, move: commands.Transfer) -> Micros:
    assessment = transfer.assess(terms, move.record)
    match assessment:
        case transfer.NotYet(lacking=lacking):
            raise refusals.TransferNotEarned(lacking=lacking)
        case transfer.Discretionary():
            if move.balance is None:
                raise refusals.BalanceMissing(stage=there.name)
            return move.balance
        case transfer.Transferable(balance=balance):
            return balance
        case _:
            assert_never(assessment)


def _move_program_version(
    account: Account, move: commands.MoveProgramVersion, now: datetime, program: Program
) -> list[events.Event]:
    enrolment = account.enrolment
    bound, to = enrolment.bound, move.to.binding
    if to == bound:
        return []
    match account:
        case Pending() | Evaluating() | Passed() | Funded():
            _reasoned(move)
        case Suspended() | Failed() | Closed():
            raise _no(account, move)
        case _:
            assert_never(account)
    _counterpart(move.to.program, enrolment, _stage(program, enrolment.stage))
    if to.version == bound.version:  # One version, two documents: one of them was never published.
        raise refusals.WrongProgram(bound=bound, program=to.program, version=to.version)
    _consented(enrolment.owner, move.consent, to)
    return [events.ProgramVersionMoved(now, bound, to, move.consent, move.reason, move.by)]


def _hold_for_appeal(account: Account, hold: commands.HoldForAppeal, now: datetime) -> list[events.Event]:
    match account:
        case Failed(appeal=appeal, upheld=upheld):
            if hold.appeal in (appeal, upheld, *account.withdrawn):
                return []
            if appeal is not None:
                raise refusals.AppealOpen(appeal=appeal)
            if upheld is not None:
                raise refusals.VerdictFinal(appeal=upheld)
            return [events.VerdictAppealed(now, hold.appeal)]
        case Pending() | Evaluating() | Passed() | Funded() | Suspended() | Closed():
            raise _no(account, hold)
        case _:
            assert_never(account)


def _settle_appeal(account: Account, settle: commands.SettleAppeal, now: datetime) -> list[events.Event]:
    match account:
        case Closed():
            return []
        case Failed(appeal=appeal, upheld=upheld, withdrawn=withdrawn):
            if settle.appeal == appeal:
                return [events.AppealSettled(now, settle.appeal, settle.outcome)]
            if settle.appeal in ((upheld,) if settle.outcome == "upheld" else withdrawn):
                return []
            raise refusals.NotTheOpenAppeal(asked=settle.appeal, open=appeal)
        case Pending() | Evaluating() | Passed() | Funded() | Suspended():
            raise _no(account, settle)
        case _:
            assert_never(account)


def _reinstate(account: Account, reinstate: commands.Reinstate, now: datetime) -> list[events.Event]:
    corrected = reinstate.corrected
    match account:
        case Failed():
            return _reinstated(account, reinstate, now)
        case Evaluating() | Funded() if account.corrected == corrected:
            return []
        case Suspended(held=Evaluating() | Funded() as held) if held.corrected == corrected:
            return []
        case Pending() | Evaluating() | Passed() | Funded() | Suspended() | Closed():
            raise _no(account, reinstate)
        case _:
            assert_never(account)


def _reinstated(failed: Failed, reinstate: commands.Reinstate, now: datetime) -> list[events.Event]:
    corrected, first, second = reinstate.corrected, reinstate.first, reinstate.second
    owner = failed.enrolment.owner
    if failed.appeal != corrected.appeal:
        raise refusals.NotTheOpenAppeal(asked=corrected.appeal, open=failed.appeal)
    if owner in (first, second):
        raise refusals.FourEyes(first=owner, second=second if first == owner else first)
    if first == second:
        raise refusals.FourEyes(first=first, second=second)
    if corrected.seq < failed.verdict.found:
        raise refusals.CorrectedStateTooOld(seq=corrected.seq, verdict_seq=failed.verdict.found)
    return [events.AccountReinstated(now, corrected, first, second)]


# ---------------------------------------------------------------- what the judgements share


def _no(account: Account, command: commands.Command) -> refusals.NotInThisState:
    return refusals.NotInThisState(state=type(account).__name__, command=type(command).__name__)


def _id(payment: Payment | None) -> PaymentId | None:
    return None if payment is None else payment.id


def _paid(payment: Payment | None, due: Cents) -> None:
    paid = Cents(0) if payment is None else payment.worth
    if paid < due:
        raise refusals.FeeNotPaid(due=due, paid=paid)


def _reasoned(
    command: commands.Suspend | commands.Resume | commands.Close | commands.Transfer | commands.MoveProgramVersion,
) -> None:
    if not command.reason.strip():
        raise refusals.ReasonMissing(command=type(command).__name__)


def _consented(owner: PersonId, consent: Consent, to: Binding) -> None:
    if consent.by != owner or consent.to != to:
        raise refusals.ConsentMissing(owner=owner, to=to, consented_by=consent.by, consented_to=consent.to)


def _stage(program: Program, name: str) -> Stage:
    try:
        return program.stage(name)
    except KeyError:
        raise refusals.StageMissing(program=program.id, version=program.version, stage=name) from None


def _counterpart(other: Program, enrolment: Enrolment, stage: Stage) -> None:
    """Raises unless ``other`` is a version of the same program with the same stage; of another kind is not the same."""
    if other.id != enrolment.bound.program:
        raise refusals.OtherProgram(expected=enrolment.bound.program, given=other.id)
    if _stage(other, stage.name).kind != stage.kind:
        raise refusals.StageMissing(program=other.id, version=other.version, stage=stage.name)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _nanoseconds(at: datetime) -> int:
    """Since 1970, as the engine's events count; exact."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


# ---------------------------------------------------------------- movement


def evolve(account: Account | None, event: events.Event) -> Account:  # noqa: C901, PLR0912 - one arm per event is the plainest dispatch
    """The state after the event. Never refuses: what has happened has happened.

    Raises ImpossibleHistory, a bug, where no ``decide`` can have answered this state with this event.
    """
    match event:
        case events.AccountOpened():
            if account is not None:
                raise _impossible(account, event)
            return Pending(event.enrolment, event.at)
        case events.OfferAccepted():
            pending = _was(account, event, Pending)
            accepted = pending.enrolment.entered_by(Advanced(event.payment))
            return pending.enrolled(accepted).offered(None)
        case events.OfferLapsed():
            return Closed(_was(account, event, Pending).enrolment, event.at, "offer_lapsed")
        case events.AccountActivated():
            begun = _was(account, event, Pending).enrolment
            return Evaluating(begun, event.at, platform_account=event.platform_account)
        case events.AccountFunded():
            begun = _was(account, event, Pending).enrolment
            return Funded(begun, event.at, platform_account=event.platform_account)
        case events.AccountBreached() | events.AccountExpired():
            if isinstance(account, Suspended):
                return Failed(_trading(account.held, event), event.at, event.breach, account.holds)
            return Failed(_trading(account, event), event.at, event.breach)
        case events.StagePassed():
            if isinstance(account, Suspended):
                return account.holding(_passed(account.held, event))
            return _passed(account, event)
        case events.AccountRebilled():
            if not isinstance(account, Pending | Evaluating | Funded):
                raise _impossible(account, event)
            return account.enrolled(account.enrolment.rebilled_by(event.payment, event.paid_at))
        case events.AccountClosed():
            if account is None or isinstance(account, Closed):
                raise _impossible(account, event)
            verdict = account.verdict if isinstance(account, Failed) else None
            return Closed(account.enrolment, event.at, event.cause, verdict)
        case events.ProgramVersionMoved():
            moved = _living(account, event)
            return moved.enrolled(moved.enrolment.under(event.after))
        case (
            events.StageGranted()
            | events.AccountReset()
            | events.AccountRestarted()
            | events.AccountGrown()
            | events.AccountTransferred()
        ):
            return _next_run(account, event)
        case events.AccountSuspended() | events.HoldPlaced() | events.HoldLifted() | events.AccountResumed():
            return _held(account, event)
        case events.VerdictAppealed() | events.AppealSettled() | events.AccountReinstated():
            return _appealed(_was(account, event, Failed), event)
        case _:
            assert_never(event)


def _next_run(account: Account | None, event: events.NextRun) -> Pending:
    match event:
        case events.StageGranted():
            begun = _was(account, event, Passed).enrolment.at_stage(event.stage, Advanced())
            return Pending(begun, event.at, event.offer)
        case events.AccountReset():
            ended = _was(account, event, Failed).enrolment
            return Pending(ended.again(Restarted(event.payment)).after_reset().under(event.bound), event.at)
        case events.AccountRestarted():
            ended = _was(account, event, Failed).enrolment
            return Pending(ended.again(Restarted(event.payment)).rebilled_by(event.payment, event.paid_at), event.at)
        case events.AccountGrown():
            grown = _was(account, event, Funded).enrolment.at_stage(event.stage, Grown(event.payouts))
            return Pending(grown.under(event.bound), event.at)
        case events.AccountTransferred():
            entry = Transferred(event.balance, event.accounts)
            return Pending(_was(account, event, Funded).enrolment.at_stage(event.stage, entry), event.at)
        case _:
            assert_never(event)


def _held(account: Account | None, event: events.HoldMoved) -> Account:
    match event:
        case events.AccountSuspended():
            return Suspended(_living(account, event), event.at, (event.hold,))
        case events.HoldPlaced():
            kept = _kept(account, event)
            return kept.on((*kept.holds, event.hold))
        case events.HoldLifted():
            kept = _kept(account, event)
            return kept.on(tuple(hold for hold in kept.holds if hold.cause != event.cause))
        case events.AccountResumed():
            back = _was(account, event, Suspended).held
            return back.offered(event.offer) if isinstance(back, Pending) else back
        case _:
            assert_never(event)


def _appealed(failed: Failed, event: events.AppealMoved) -> Account:
    match event:
        case events.VerdictAppealed():
            return failed.appealed(event.appeal)
        case events.AppealSettled():
            return failed.upheld_by(event.appeal) if event.outcome == "upheld" else failed.without(event.appeal)
        case events.AccountReinstated():
            restored = failed.ended.reinstated(event.corrected)
            return Suspended(restored, event.at, failed.holds) if failed.holds else restored
        case _:
            assert_never(event)


def _passed(account: Account | None, event: events.StagePassed) -> Passed:
    return Passed(_trading(account, event).enrolment, event.at, verdict=event.verdict)


_State = TypeVar("_State", bound=Account)


def _was(account: Account | None, event: events.Event, state: type[_State]) -> _State:
    if isinstance(account, state):
        return account
    raise _impossible(account, event)


def _trading(account: Account | None, event: events.Event) -> Trading:
    if isinstance(account, Evaluating | Funded):
        return account
    raise _impossible(account, event)


def _living(account: Account | None, event: events.Event) -> Living:
    if isinstance(account, Pending | Evaluating | Passed | Funded):
        return account
    raise _impossible(account, event)


def _kept(account: Account | None, event: events.Event) -> Suspended | Failed:
    if isinstance(account, Suspended | Failed):
        return account
    raise _impossible(account, event)


def _impossible(account: Account | None, event: events.Event) -> refusals.ImpossibleHistory:
    return refusals.ImpossibleHistory(f"{type(event).__name__} cannot follow {type(account).__name__}")
