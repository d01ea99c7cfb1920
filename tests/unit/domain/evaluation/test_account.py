"""One life after another: what happened before, the command, what follows."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

import pytest
from msgspec.structs import replace

from propfirm.domain.errors import Refused
from propfirm.domain.evaluation import account, commands, events, refusals
from propfirm.domain.evaluation.facts import Edition
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
    Offer,
    Passed,
    Pending,
    Rebilled,
    Restarted,
    Suspended,
    Transferred,
)
from propfirm.domain.money import Cents, usd
from propfirm.domain.payouts.transfer import Lacking
from propfirm.domain.rules.events import WindowsRestarted
from propfirm.domain.rules.findings import Corrected, Finding, Hit, Verdict
from propfirm.domain.rules.findings import Passed as Passing
from tests.unit.domain.evaluation.lives import (
    ACCEPT,
    ACCOUNT,
    ACTIVATE,
    ANNA,
    APPEAL,
    APPEALED,
    AT_DISCRETION,
    BARE,
    BIGGER,
    BORIS,
    CLOSE,
    DEAD_END,
    DISPUTE,
    DISPUTE_WON,
    FORGED,
    FUND,
    INSTANT,
    KEEPER,
    LIVE,
    NOON,
    OPEN,
    OTHER_APPEAL,
    OTHER_PURCHASE,
    PAY_ACTIVATION,
    PURCHASE,
    REINSTATE,
    REVERSED,
    REVIEW,
    REVIEW_DONE,
    SECOND_ACCOUNT,
    STUBBORN,
    THIRD_APPEAL,
    TO_FUNDED,
    TO_FUNDED_OFFER,
    TO_PHASE_2,
    TRADER,
    TWO_STEP,
    TWO_STEP_2,
    UPHELD,
    WITHDRAWN,
    Life,
    breach,
    consent,
    corrected_state,
    days,
    go_live,
    grow,
    life,
    move,
    nanoseconds,
    passed,
    payment,
    program,
    rebill,
    record_breach,
    record_pass,
    reset,
    under,
)

R = TypeVar("R", bound=Refused)

PHASE_1 = Enrolment(ACCOUNT, TRADER, PURCHASE, TWO_STEP.binding, "phase-1", Bought())
PHASE_2 = replace(PHASE_1, stage="phase-2", entry=Advanced(), run=2)
FUNDED = replace(PHASE_1, stage="funded", entry=Advanced(payment(1).id), run=3)
EVALUATING = Evaluating(PHASE_1, NOON, platform_account="sim:1")


def refused(kind: type[R], one: Life, command: commands.Command) -> R:
    """The refusal, with its facts."""
    with pytest.raises(kind) as refusal:
        one.answer(command)
    assert type(refusal.value) is kind
    return refusal.value


def facts(refusal: Refused) -> dict[str, object]:
    return dict(vars(refusal))


# ---------------------------------------------------------------- the good life


def test_a_purchase_opens_an_account_bound_to_the_version_bought() -> None:
    opened = Life().answer(OPEN)
    assert opened == [events.AccountOpened(NOON, PHASE_1)]
    assert life().account == Pending(PHASE_1, NOON)


def test_a_repeated_purchase_webhook_opens_nothing() -> None:
    assert life(ACTIVATE).answer(OPEN) == []


@pytest.mark.parametrize(
    "other",
    [
        commands.Open(SECOND_ACCOUNT, TRADER, PURCHASE, TWO_STEP.fingerprint),
        commands.Open(ACCOUNT, ANNA, PURCHASE, TWO_STEP.fingerprint),
        commands.Open(ACCOUNT, TRADER, OTHER_PURCHASE, TWO_STEP.fingerprint),
    ],
)
def test_an_account_is_not_opened_again_for_other_facts(other: commands.Open) -> None:
    assert facts(refused(refusals.AlreadyOpen, life(), other)) == {"account": ACCOUNT}


def test_the_evaluation_begins_when_the_platform_has_the_account() -> None:
    assert life().answer(ACTIVATE) == [events.AccountActivated(NOON, "sim:1")]
    assert life().wait(1).do(ACTIVATE).account == Evaluating(PHASE_1, NOON + days(1), platform_account="sim:1")


def test_a_platform_account_is_not_exchanged_for_another() -> None:
    assert life(ACTIVATE).answer(ACTIVATE) == []
    refusal = refused(refusals.NotInThisState, life(ACTIVATE), commands.Activate("sim:2"))
    assert facts(refusal) == {"state": "Evaluating", "command": "Activate"}
    assert life(*TO_FUNDED).answer(FUND) == []
    refusal = refused(refusals.NotInThisState, life(*TO_FUNDED), commands.Fund("sim:9"))
    assert facts(refusal) == {"state": "Funded", "command": "Fund"}


@pytest.mark.parametrize("after", [REVIEW, record_breach()])
def test_a_late_repetition_of_the_activation_is_still_known(after: commands.Command) -> None:
    assert life(ACTIVATE, after).answer(ACTIVATE) == []
    assert under(INSTANT, FUND, after).answer(FUND) == []


def test_an_evaluation_is_activated_and_a_funded_stage_is_funded() -> None:
    refusal = refused(refusals.StageOfOtherKind, life(), FUND)
    assert facts(refusal) == {"stage": "phase-1", "kind": "evaluation"}
    refusal = refused(refusals.StageOfOtherKind, under(INSTANT), ACTIVATE)
    assert facts(refusal) == {"stage": "funded", "kind": "sim_funded"}


def test_a_pass_is_recorded_with_its_evidence() -> None:
    assert life(ACTIVATE).answer(record_pass()) == [events.StagePassed(NOON, passed())]
    assert life(ACTIVATE).wait(3).do(record_pass()).account == Passed(PHASE_1, NOON + days(3), verdict=passed())


def test_the_next_stage_is_granted_with_the_time_to_take_it_up() -> None:
    one = life(ACTIVATE, record_pass())
    offer = Offer(Cents(0), NOON + days(7))
    assert one.answer(commands.Advance(1)) == [events.StageGranted(NOON, "phase-2", offer)]
    assert one.do(commands.Advance(1)).account == Pending(PHASE_2, NOON, offer)


def test_a_stage_without_fee_and_window_waits_for_the_platform_only() -> None:
    plain = Edition(program("two-step", 1, *(replace(s, activation_days=None) for s in TWO_STEP.program.stages)), "")
    one = life(ACTIVATE, record_pass())
    granted = account.decide(one.account, commands.Advance(1), NOON, plain.program)
    assert granted == [events.StageGranted(NOON, "phase-2", None)]


def test_a_fee_without_window_may_be_paid_whenever() -> None:
    one = under(KEEPER, ACTIVATE, record_pass(), commands.Advance(1))
    assert isinstance(one.account, Pending)
    assert one.account.offer == Offer(Cents(10_00), None)
    assert one.wait(900).answer(commands.Expire()) == []
    assert len(one.answer(commands.Accept(payment(1, 10_00, at=one.now)))) == 1


def test_a_repeated_advance_grants_nothing_twice() -> None:
    for one in (life(*TO_PHASE_2), life(*TO_PHASE_2, ACCEPT, ACTIVATE), life(*TO_PHASE_2, ACCEPT, ACTIVATE, CLOSE)):
        assert one.answer(commands.Advance(1)) == []


def test_an_advance_meant_for_another_run_is_refused_with_both_runs() -> None:
    one = life(ACTIVATE, record_breach(), reset(1), ACTIVATE, record_pass(2))
    assert facts(refused(refusals.RunMovedOn, one, commands.Advance(1))) == {"meant": 1, "present": 2}
    assert facts(refused(refusals.RunMovedOn, one, commands.Advance(3))) == {"meant": 3, "present": 2}
    assert facts(refused(refusals.RunMovedOn, life(*TO_FUNDED), commands.Advance(1))) == {"meant": 1, "present": 3}


def test_the_last_stage_leads_nowhere() -> None:
    one = under(BARE, ACTIVATE, record_pass())
    assert facts(refused(refusals.LastStage, one, commands.Advance(1))) == {"stage": "only"}


def test_a_next_stage_that_the_document_lacks_is_named() -> None:
    one = under(STUBBORN, ACTIVATE, record_pass())
    missing = facts(refused(refusals.StageMissing, one, commands.Advance(1)))
    assert missing == {"program": "stubborn", "version": 1, "stage": "no"}


def test_the_activation_fee_is_paid_then_the_account_is_funded() -> None:
    one = life(*TO_FUNDED_OFFER)
    assert one.answer(PAY_ACTIVATION) == [events.OfferAccepted(NOON, NOON, payment(1).id)]
    assert one.do(PAY_ACTIVATION).account == Pending(FUNDED, NOON, None)
    assert one.answer(FUND) == [events.AccountFunded(NOON, "sim:2")]
    assert one.wait(1).do(FUND).account == Funded(FUNDED, NOON + days(1), platform_account="sim:2")


def test_a_run_is_counted_over_the_life_and_an_attempt_within_its_stage() -> None:
    one = life(ACTIVATE, record_breach(), reset(1), ACTIVATE, record_pass(2), commands.Advance(2))
    assert one.account is not None
    there = one.account.enrolment
    assert (there.stage, there.run, there.attempt, there.resets_used) == ("phase-2", 3, 1, 0)


# ---------------------------------------------------------------- the activation window


def test_a_stage_is_not_begun_before_the_trader_took_it_up() -> None:
    refusal = refused(refusals.OfferNotAccepted, life(*TO_FUNDED_OFFER), FUND)
    assert facts(refusal) == {"fee": 149_00, "until": NOON + days(7)}
    assert facts(refused(refusals.OfferNotAccepted, life(*TO_PHASE_2), ACTIVATE))["fee"] == 0


def test_the_fee_must_be_paid_in_full() -> None:
    short = commands.Accept(payment(1, 148_99))
    assert facts(refused(refusals.FeeNotPaid, life(*TO_FUNDED_OFFER), short)) == {"due": 149_00, "paid": 148_99}
    assert facts(refused(refusals.FeeNotPaid, life(*TO_FUNDED_OFFER), ACCEPT)) == {"due": 149_00, "paid": 0}


def test_a_discount_counts_as_paid() -> None:
    accepted = life(*TO_FUNDED_OFFER).answer(commands.Accept(payment(1, 100_00, 49_00)))
    assert accepted == [events.OfferAccepted(NOON, NOON, payment(1).id)]


def test_a_payment_in_time_is_in_time_however_late_its_webhook() -> None:
    one = life(*TO_FUNDED_OFFER).wait(9)
    in_time = commands.Accept(payment(1, 149_00, at=NOON + days(7)))
    assert one.answer(in_time) == [events.OfferAccepted(NOON + days(9), NOON + days(7), payment(1).id)]


def test_a_payment_after_the_window_is_refused_before_its_amount_is_looked_at() -> None:
    moment_late = NOON + days(7) + timedelta(microseconds=1)
    refusal = refused(refusals.OfferOver, life(*TO_FUNDED_OFFER), commands.Accept(payment(1, 1, at=moment_late)))
    assert facts(refusal) == {"until": NOON + days(7), "accepted_at": moment_late}


def test_a_free_stage_is_taken_up_by_a_word_until_the_last_moment() -> None:
    assert life(*TO_PHASE_2).wait(7).answer(ACCEPT) == [events.OfferAccepted(NOON + days(7), NOON + days(7), None)]
    late = life(*TO_PHASE_2).wait(7.001)
    assert facts(refused(refusals.OfferOver, late, ACCEPT))["accepted_at"] == late.now


def test_a_repeated_acceptance_changes_nothing() -> None:
    for one in (life(*TO_FUNDED_OFFER, PAY_ACTIVATION), life(*TO_FUNDED), life(*TO_FUNDED, CLOSE)):
        assert one.answer(PAY_ACTIVATION) == []


def test_another_payment_of_a_fee_that_is_paid_is_refused_so_that_it_can_be_refunded() -> None:
    second = commands.Accept(payment(2, 149_00))
    assert facts(refused(refusals.NotInThisState, life(*TO_FUNDED), second))["state"] == "Funded"


def test_nobody_takes_up_a_stage_while_suspended() -> None:
    one = life(*TO_FUNDED_OFFER, REVIEW)
    assert facts(refused(refusals.NotInThisState, one, PAY_ACTIVATION)) == {"state": "Suspended", "command": "Accept"}
    assert facts(refused(refusals.NotInThisState, life(*TO_PHASE_2, REVIEW), ACCEPT))["state"] == "Suspended"


def test_an_offer_that_nobody_took_up_closes_the_account() -> None:
    one = life(*TO_PHASE_2)
    early = facts(refused(refusals.TooEarly, one.wait(7), commands.Expire()))
    assert early == {"until": NOON + days(7), "now": NOON + days(7)}
    one.now += timedelta(microseconds=1)
    assert one.answer(commands.Expire()) == [events.OfferLapsed(one.now, Offer(Cents(0), NOON + days(7)))]
    assert one.do(commands.Expire()).account == Closed(PHASE_2, one.now, "offer_lapsed")
    for too_late in (ACCEPT, PAY_ACTIVATION):
        assert facts(refused(refusals.NotInThisState, one, too_late))["state"] == "Closed"


def test_a_timer_that_finds_the_stage_taken_up_does_nothing() -> None:
    for one in (life(*TO_PHASE_2, ACCEPT), life(*TO_PHASE_2, ACCEPT, ACTIVATE), life(*TO_PHASE_2, REVIEW), life()):
        assert one.wait(30).answer(commands.Expire()) == []


# ---------------------------------------------------------------- verdicts


def test_a_breach_fails_the_account_with_its_evidence() -> None:
    assert life(ACTIVATE).answer(record_breach()) == [events.AccountBreached(NOON, breach())]
    assert life(ACTIVATE).wait(2).do(record_breach()).account == Failed(EVALUATING, NOON + days(2), breach())


@pytest.mark.parametrize("rule", ["time_limit", "inactivity"])
def test_an_expiry_is_a_failure_told_in_other_words(rule: str) -> None:
    late = record_breach(rule=rule)  # type: ignore[arg-type]  # one of the two in the list above
    assert life(ACTIVATE).answer(late) == [events.AccountExpired(NOON, late.breach)]
    assert life(ACTIVATE).do(late).account == Failed(EVALUATING, NOON, late.breach)


def test_a_finding_that_does_not_end_a_stage_is_no_breach() -> None:
    lock = refused(refusals.NotABreach, life(ACTIVATE), record_breach(rule="daily_loss", outcome="lock_day"))
    assert facts(lock) == {"rule": "daily_loss", "outcome": "lock_day", "decided": True}
    beaten = refused(refusals.NotABreach, life(ACTIVATE), record_breach(decided=False))
    assert facts(beaten) == {"rule": "max_loss", "outcome": "fail", "decided": False}


@pytest.mark.parametrize(
    ("before", "again"), [(record_breach(), record_breach()), (record_pass(), record_pass())], ids=["breach", "pass"]
)
def test_the_same_verdict_again_changes_nothing(before: commands.Command, again: commands.Command) -> None:
    assert life(ACTIVATE, before).answer(again) == []
    assert life(ACTIVATE, before, CLOSE).answer(again) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (record_breach(), record_breach(seq=501)),
        (record_breach(), record_pass()),
        (record_pass(), record_breach()),
        (record_pass(), record_pass(seq=401)),
    ],
)
def test_the_first_verdict_of_a_run_stands(
    first: commands.RecordBreach | commands.RecordPass, second: commands.RecordBreach | commands.RecordPass
) -> None:
    def verdict(record: commands.RecordBreach | commands.RecordPass) -> object:
        return record.breach if isinstance(record, commands.RecordBreach) else record.verdict

    stands = refused(refusals.VerdictStands, life(ACTIVATE, first), second)
    assert facts(stands) == {"recorded": verdict(first), "offered": verdict(second)}


def test_a_late_verdict_about_an_earlier_run_does_not_touch_the_new_one() -> None:
    one = life(ACTIVATE, record_breach(), reset(1), ACTIVATE)
    assert one.answer(record_breach(1, 777)) == []
    assert one.answer(record_pass(1, 777)) == []
    assert len(one.answer(record_breach(2, 10))) == 1


def test_a_verdict_about_a_run_that_has_not_begun_is_refused() -> None:
    assert facts(refused(refusals.NoSuchRun, life(ACTIVATE), record_breach(2))) == {"judged": 2, "present": 1}
    assert facts(refused(refusals.NoSuchRun, life(ACTIVATE), record_pass(2))) == {"judged": 2, "present": 1}


def test_what_the_engine_finds_on_a_closed_account_changes_nothing() -> None:
    assert life(ACTIVATE, CLOSE).answer(record_breach()) == []
    assert life(ACTIVATE, CLOSE).answer(record_pass()) == []


def test_a_funded_account_breaches_and_passes_like_any_other() -> None:
    funded = Funded(FUNDED, NOON, platform_account="sim:2")
    assert life(*TO_FUNDED, record_breach(3)).account == Failed(funded, NOON, breach(3))
    assert life(*TO_FUNDED, record_pass(3)).account == Passed(FUNDED, NOON, verdict=passed(3))


# ---------------------------------------------------------------- suspension


def test_a_suspension_remembers_its_cause_and_the_state_to_return_to() -> None:
    hold = Hold("risk_review", "two traders, one device", ANNA, NOON + days(1))
    one = life(ACTIVATE).wait(1)
    assert one.answer(REVIEW) == [events.AccountSuspended(one.now, hold)]
    assert one.do(REVIEW).account == Suspended(EVALUATING, one.now, (hold,))
    assert one.wait(1).answer(REVIEW_DONE) == [
        events.AccountResumed(one.now, "risk_review", "a family computer", BORIS, None)
    ]
    assert one.do(REVIEW_DONE).account == EVALUATING


def test_the_same_cause_suspends_once() -> None:
    assert life(ACTIVATE, REVIEW).answer(REVIEW) == []
    assert life(ACTIVATE, REVIEW).answer(commands.Suspend("risk_review", "", None)) == []


def test_an_account_on_two_holds_resumes_with_the_last() -> None:
    one = life(ACTIVATE, DISPUTE).wait(1)
    second = Hold("risk_review", "two traders, one device", ANNA, one.now)
    assert one.answer(REVIEW) == [events.HoldPlaced(one.now, second)]
    one.do(REVIEW)
    first = Hold("payment_dispute", "dispute du_1 opened", None, NOON)
    assert one.account == Suspended(EVALUATING, NOON, (first, second))
    assert one.answer(DISPUTE_WON) == [events.HoldLifted(one.now, "payment_dispute", "dispute du_1 won", None)]
    assert one.do(DISPUTE_WON).account == Suspended(EVALUATING, NOON, (second,))
    assert one.do(REVIEW_DONE).account == EVALUATING


def test_a_hold_that_is_not_there_needs_no_lifting() -> None:
    assert life(ACTIVATE).answer(REVIEW_DONE) == []
    assert life(ACTIVATE, REVIEW).answer(DISPUTE_WON) == []


@pytest.mark.parametrize("by", [ANNA, TRADER, None], ids=["who placed it", "the owner", "the system"])
def test_what_a_person_held_another_person_lifts(by: object) -> None:
    lift = commands.Resume("risk_review", "fine now", by)  # type: ignore[arg-type]  # each of the list above
    refusal = refused(refusals.FourEyes, life(ACTIVATE, REVIEW), lift)
    assert facts(refusal) == {"first": TRADER if by == TRADER else ANNA, "second": by}


def test_what_the_system_held_the_system_or_any_person_but_the_owner_lifts() -> None:
    one = life(ACTIVATE, DISPUTE)
    assert len(one.answer(DISPUTE_WON)) == 1
    assert len(one.answer(commands.Resume("payment_dispute", "won", ANNA))) == 1
    refusal = refused(refusals.FourEyes, one, commands.Resume("payment_dispute", "won", TRADER))
    assert facts(refusal) == {"first": TRADER, "second": TRADER}


@pytest.mark.parametrize(
    ("one", "command"),
    [
        (life(ACTIVATE), commands.Suspend("conduct", " \t", ANNA)),
        (life(ACTIVATE, REVIEW), commands.Suspend("conduct", "", ANNA)),
        (life(ACTIVATE, REVIEW), commands.Resume("risk_review", "", ANNA)),
        (life(ACTIVATE), commands.Close("misconduct", "\n", ANNA)),
        (life(ACTIVATE), commands.MoveProgramVersion(BIGGER, consent(TWO_STEP), "", ANNA)),
        (life(*TO_FUNDED), replace(go_live(), accounts=(), reason="")),
    ],
)
def test_a_reason_is_asked_for_before_anything_that_comes_after_it(one: Life, command: commands.Command) -> None:
    assert facts(refused(refusals.ReasonMissing, one, command)) == {"command": type(command).__name__}


def test_a_late_fill_that_breached_before_the_suspension_ends_the_account() -> None:
    one = life(ACTIVATE).wait(1).do(REVIEW).wait(1)
    late_fill = record_breach(at=NOON)
    assert one.answer(late_fill) == [events.AccountBreached(one.now, late_fill.breach, after_suspension=False)]
    hold = Hold("risk_review", "two traders, one device", ANNA, NOON + days(1))
    assert one.do(late_fill).account == Failed(EVALUATING, one.now, late_fill.breach, (hold,))


@pytest.mark.parametrize(
    ("later", "says"), [(timedelta(0), False), (timedelta(microseconds=1), True)], ids=["at it", "after it"]
)
@pytest.mark.parametrize("rule", ["max_loss", "time_limit"])
def test_a_breach_by_an_event_after_the_suspension_says_so(later: timedelta, says: bool, rule: str) -> None:
    one = life(ACTIVATE, REVIEW)
    (event,) = one.answer(record_breach(at=NOON + later, rule=rule))  # type: ignore[arg-type]  # from the list above
    assert isinstance(event, events.AccountBreached | events.AccountExpired)
    assert event.after_suspension is says


@pytest.mark.parametrize("microseconds", range(8))
def test_the_moment_of_a_suspension_is_compared_exactly(microseconds: int) -> None:
    one = life(ACTIVATE)
    one.now += timedelta(microseconds=microseconds)
    one.do(REVIEW)
    assert one.answer(record_breach(at=one.now)) == [events.AccountBreached(one.now, breach(at=one.now))]


def test_a_breach_of_a_living_account_is_after_no_suspension() -> None:
    one = life(ACTIVATE, REVIEW, REVIEW_DONE)
    assert one.answer(record_breach(at=NOON + days(9))) == [
        events.AccountBreached(NOON, breach(at=NOON + days(9)), after_suspension=False)
    ]


def test_a_pass_is_recorded_under_suspension_and_the_account_stays_suspended() -> None:
    one = life(ACTIVATE, REVIEW).wait(1).do(record_pass())
    hold = Hold("risk_review", "two traders, one device", ANNA, NOON)
    assert one.account == Suspended(Passed(PHASE_1, one.now, verdict=passed()), NOON, (hold,))
    assert one.answer(record_pass()) == []
    assert facts(refused(refusals.VerdictStands, one, record_breach()))["recorded"] == passed()
    assert facts(refused(refusals.VerdictStands, one, record_pass(seq=9)))["recorded"] == passed()
    assert facts(refused(refusals.NotInThisState, one, commands.Advance(1)))["state"] == "Suspended"
    assert one.do(REVIEW_DONE).account == Passed(PHASE_1, one.now, verdict=passed())


def test_a_suspension_does_not_use_up_the_activation_window() -> None:
    one = life(*TO_FUNDED_OFFER).wait(6).do(REVIEW).wait(10)
    assert one.answer(commands.Expire()) == []
    offer = Offer(Cents(149_00), NOON + days(17))
    assert one.answer(REVIEW_DONE) == [events.AccountResumed(one.now, "risk_review", "a family computer", BORIS, offer)]
    assert one.do(REVIEW_DONE).account == Pending(replace(FUNDED, entry=Advanced()), NOON, offer)


def test_an_offer_without_end_and_none_at_all_outlive_a_suspension() -> None:
    endless = under(KEEPER, ACTIVATE, record_pass(), commands.Advance(1), REVIEW, REVIEW_DONE).account
    assert isinstance(endless, Pending)
    assert endless.offer == Offer(Cents(10_00), None)
    assert life(REVIEW, REVIEW_DONE).account == Pending(PHASE_1, NOON, None)


# ---------------------------------------------------------------- fresh starts


def test_a_reset_is_a_fresh_attempt_under_the_version_bought() -> None:
    one = life(ACTIVATE, record_breach()).wait(1)
    assert one.answer(reset(1)) == [events.AccountReset(one.now, payment(50).id, TWO_STEP.binding)]
    again = replace(PHASE_1, entry=Restarted(payment(50).id), run=2, attempt=2, resets_used=1)
    assert one.do(reset(1)).account == Pending(again, one.now)


def test_a_reset_sold_at_the_current_version_moves_to_it() -> None:
    one = life(*TO_PHASE_2, ACCEPT, ACTIVATE, record_breach(2)).do(reset(2, amount=0))
    assert one.account is not None
    assert one.account.enrolment == replace(
        PHASE_2, bound=TWO_STEP_2.binding, entry=Restarted(payment(50).id), run=3, attempt=2, resets_used=1
    )


def test_a_reset_at_the_current_version_needs_the_stage_in_it() -> None:
    one = life(*TO_PHASE_2, ACCEPT, ACTIVATE, record_breach(2))
    other = facts(refused(refusals.OtherProgram, one, reset(2, current=BIGGER)))
    assert other == {"expected": "two-step", "given": "bigger"}
    gone = Edition(program("two-step", 3, TWO_STEP.program.stages[0]), "")
    assert facts(refused(refusals.StageMissing, one, reset(2, current=gone)))["stage"] == "phase-2"
    changed = Edition(program("two-step", 3, *(replace(s, kind="sim_funded") for s in TWO_STEP.program.stages)), "")
    missing = facts(refused(refusals.StageMissing, one, reset(2, current=changed)))
    assert missing == {"program": "two-step", "version": 3, "stage": "phase-2"}


def test_a_free_reset_needs_no_payment() -> None:
    one = life(*TO_PHASE_2, ACCEPT, ACTIVATE, record_breach(2))
    free = commands.Reset(2, None, TWO_STEP)
    assert one.answer(free) == [events.AccountReset(NOON, None, TWO_STEP.binding)]
    one.do(free)
    assert one.answer(free) == []
    assert one.account is not None
    assert one.account.enrolment.entry == Restarted(None)


def test_a_repeated_reset_restarts_nothing_twice() -> None:
    one = life(ACTIVATE, record_breach(), reset(1))
    assert one.answer(reset(1)) == []
    assert one.do(ACTIVATE).answer(reset(1)) == []
    assert one.do(record_breach(2)).answer(reset(1)) == []


def test_a_second_payment_for_the_same_reset_is_refused_so_that_it_can_be_refunded() -> None:
    one = life(ACTIVATE, record_breach(), reset(1))
    assert facts(refused(refusals.RunMovedOn, one, reset(1, number=51))) == {"meant": 1, "present": 2}


def test_only_a_failure_is_reset() -> None:
    assert facts(refused(refusals.NotInThisState, life(ACTIVATE), reset(1))) == {
        "state": "Evaluating",
        "command": "Reset",
    }


def test_a_stage_without_reset_stays_failed() -> None:
    assert facts(refused(refusals.NoReset, life(*TO_FUNDED, record_breach(3)), reset(3))) == {"stage": "funded"}


def test_a_funded_stage_is_reset_where_its_program_sells_that() -> None:
    one = under(INSTANT, FUND, record_breach(), reset(1, amount=500_00), FUND)
    assert isinstance(one.account, Funded)
    assert one.account.enrolment.attempt == 2


def test_resets_run_out_with_both_figures() -> None:
    one = life(
        ACTIVATE, record_breach(), reset(1), ACTIVATE, record_breach(2), reset(2, 51), ACTIVATE, record_breach(3)
    )
    assert facts(refused(refusals.NoResetsLeft, one, reset(3, 52, amount=0))) == {"used": 2, "most": 2}


def test_the_reset_fee_is_that_of_the_version_bought() -> None:
    short = facts(refused(refusals.FeeNotPaid, life(ACTIVATE, record_breach()), reset(1, amount=49_99)))
    assert short == {"due": 50_00, "paid": 49_99}


@pytest.mark.parametrize("fresh", [reset(1), rebill()], ids=["reset", "rebill"])
def test_no_fresh_start_while_an_appeal_is_open_or_a_hold_is_on(fresh: commands.Command) -> None:
    both = life(ACTIVATE, DISPUTE, REVIEW, record_breach(), APPEALED)
    assert facts(refused(refusals.AppealOpen, both, fresh)) == {"appeal": APPEAL}
    both.do(WITHDRAWN)
    assert facts(refused(refusals.OnHold, both, fresh)) == {"causes": ("payment_dispute", "risk_review")}
    both.do(DISPUTE_WON, REVIEW_DONE)
    assert len(both.answer(fresh)) == 1


def test_what_the_program_does_not_sell_is_said_after_what_stands_in_the_way() -> None:
    assert facts(refused(refusals.AppealOpen, under(BARE, ACTIVATE, record_breach(), APPEALED), reset(1)))
    assert facts(refused(refusals.OnHold, under(BARE, ACTIVATE, REVIEW, record_breach()), rebill()))
    assert facts(refused(refusals.NoReset, under(BARE, ACTIVATE, record_breach()), reset(1, amount=0)))


# ---------------------------------------------------------------- subscriptions


def test_a_rebill_keeps_the_balance_and_restarts_the_windows() -> None:
    one = life(ACTIVATE)
    assert one.answer(rebill()) == [events.AccountRebilled(NOON, payment(70).id, NOON, "restarted")]
    assert one.do(rebill()).account == Evaluating(
        replace(PHASE_1, rebilled=Rebilled(payment(70).id, NOON)), NOON, platform_account="sim:1"
    )
    assert one.answer(rebill()) == []


@pytest.mark.parametrize(
    ("one", "amount"),
    [(life(), 99_00), (under(KEEPER, ACTIVATE), 79_00), (under(STUBBORN, ACTIVATE), 0)],
    ids=["before it began", "restart is for the failed", "nothing on rebill"],
)
def test_a_rebill_that_restarts_nothing_keeps_the_windows(one: Life, amount: int) -> None:
    assert one.answer(rebill(amount=amount)) == [events.AccountRebilled(NOON, payment(70).id, NOON, "kept")]


def test_the_engine_is_told_of_windows_that_restart_and_of_no_others() -> None:
    restarted = events.AccountRebilled(NOON, payment(70).id, NOON, "restarted")
    assert restarted.for_engine(7, 99) == WindowsRestarted(7, 99, str(payment(70).id))
    assert replace(restarted, windows="kept").for_engine(7, 99) is None


def test_a_funded_subscription_is_rebilled_too() -> None:
    assert under(INSTANT, FUND).answer(rebill()) == [events.AccountRebilled(NOON, payment(70).id, NOON, "restarted")]


def test_a_rebill_brings_a_failed_account_back_to_the_start() -> None:
    one = life(ACTIVATE, record_breach()).wait(1)
    assert one.answer(rebill()) == [events.AccountRestarted(one.now, payment(70).id, NOON)]
    again = replace(PHASE_1, entry=Restarted(payment(70).id), run=2, attempt=2, rebilled=Rebilled(payment(70).id, NOON))
    assert one.do(rebill()).account == Pending(again, one.now)
    assert one.do(ACTIVATE, record_breach(2)).answer(rebill()) == []
    assert len(under(KEEPER, ACTIVATE, record_breach()).answer(rebill(amount=79_00))) == 1


def test_a_rebill_told_again_in_the_next_stage_is_not_another_one() -> None:
    """Neither refused, which would have it refunded, nor taken for the next month's."""
    one = life(ACTIVATE, rebill(), record_pass(1), commands.Advance(1))
    assert one.answer(rebill()) == []
    assert one.do(ACCEPT, commands.Activate("sim:1b"), record_breach(2)).answer(rebill()) == []


def test_a_rebill_told_again_after_a_later_one_revives_nothing() -> None:
    march, april = rebill(), commands.Rebill(payment(71, 99_00, at=NOON + days(30)))
    one = life(ACTIVATE, march).wait(30).do(april)
    assert one.answer(march) == []
    assert one.do(record_breach()).answer(march) == []
    assert one.answer(commands.Rebill(payment(72, 99_00, at=NOON + days(30)))) != []


def test_a_rebill_that_would_revive_nothing_is_refused_so_that_it_can_be_refunded() -> None:
    one = under(STUBBORN, ACTIVATE, record_breach())
    assert facts(refused(refusals.RebillDoesNotRestart, one, rebill(amount=0))) == {"stage": "phase"}


@pytest.mark.parametrize("failed", [False, True])
def test_a_stage_paid_once_is_not_rebilled(failed: bool) -> None:
    one = under(BARE, ACTIVATE, *([record_breach()] if failed else []))
    assert facts(refused(refusals.NotASubscription, one, rebill())) == {"stage": "only"}


@pytest.mark.parametrize("failed", [False, True])
def test_a_rebill_is_paid_in_full(failed: bool) -> None:
    one = life(ACTIVATE, *([record_breach()] if failed else []))
    assert facts(refused(refusals.FeeNotPaid, one, rebill(amount=98_99))) == {"due": 99_00, "paid": 98_99}


def test_the_subscription_ends_with_the_pass() -> None:
    one = life(ACTIVATE, record_pass())
    assert facts(refused(refusals.NotInThisState, one, rebill())) == {"state": "Passed", "command": "Rebill"}


# ---------------------------------------------------------------- from the engine's finding


def corrected(before: Verdict, *added: Hit | Passing) -> Corrected:
    restated: Verdict = "breached" if added and isinstance(added[-1], Hit) else "passed" if added else "open"
    return Corrected(515, nanoseconds(NOON), "x1", usd("50000"), usd("53000"), (), added, before, restated)


def test_the_end_that_the_engine_finds_is_recorded() -> None:
    assert commands.record(breach(2).hit, 2, 1) == record_breach(2)
    assert commands.record(passed(2).passed, 2, 1) == record_pass(2)


def test_an_end_that_a_correction_brings_about_is_recorded_with_the_correction() -> None:
    late = replace(passed(), correction=515)
    record = commands.record(corrected("open", passed().passed), 1, 1)
    assert record == commands.RecordPass(late)
    assert life(ACTIVATE).answer(commands.RecordPass(late)) == [events.StagePassed(NOON, late)]
    assert life(ACTIVATE, commands.RecordPass(late)).answer(commands.RecordPass(late)) == []
    lost = replace(breach(), correction=515)
    minor = replace(breach().hit, rule="news", outcome="warn", decided=False)
    assert commands.record(corrected("open", minor, breach().hit), 1, 1) == commands.RecordBreach(lost)


@pytest.mark.parametrize(
    "finding",
    [
        corrected("open"),
        corrected("breached", passed().passed),
        corrected("passed", breach().hit),
        breach(outcome="lock_day").hit,
        breach(decided=False).hit,
    ],
)
def test_what_ends_no_run_asks_for_no_record(finding: Finding) -> None:
    assert commands.record(finding, 1, 1) is None


# ---------------------------------------------------------------- growth, transfer, version


def test_an_account_grows_into_the_funded_stage_of_the_larger_program() -> None:
    one = life(*TO_FUNDED).wait(1)
    grown = events.AccountGrown(one.now, BIGGER.binding, "large", 3, consent(BIGGER))
    assert one.answer(grow()) == [grown]
    there = Enrolment(ACCOUNT, TRADER, PURCHASE, BIGGER.binding, "large", Grown(3), run=4)
    assert one.do(grow()).account == Pending(there, one.now)
    assert one.answer(grow()) == []
    assert facts(refused(refusals.RunMovedOn, one, grow(payouts=4))) == {"meant": 3, "present": 4}


def test_another_growth_of_the_same_run_is_refused() -> None:
    one = life(*TO_FUNDED, grow())
    again = Edition(replace(BIGGER.program, version=5), "")
    assert facts(refused(refusals.RunMovedOn, one, grow(to=again))) == {"meant": 3, "present": 4}


@pytest.mark.parametrize(("payouts", "profit"), [(2, "4000"), (3, "3999.999999")])
def test_growth_is_earned_by_payouts_and_by_profit(payouts: int, profit: str) -> None:
    refusal = refused(refusals.GrowthNotEarned, life(*TO_FUNDED), grow(payouts=payouts, profit=profit))
    assert facts(refusal) == {
        "payouts_needed": 3,
        "payouts": payouts,
        "profit_needed": usd("4000"),
        "profit": usd(profit),
    }


def test_growth_goes_where_the_terms_say() -> None:
    other = facts(refused(refusals.OtherProgram, life(*TO_FUNDED), grow(to=KEEPER, payouts=0)))
    assert other == {"expected": "bigger", "given": "keeper"}
    assert facts(refused(refusals.NoGrowth, life(*LIVE), grow(4))) == {"stage": "live"}
    missing = facts(refused(refusals.StageMissing, under(INSTANT, FUND), grow(1, BARE)))
    assert missing == {"program": "bare", "version": 1, "stage": "sim_funded"}


def test_growth_needs_the_trader_s_consent_to_exactly_that_version() -> None:
    for given in (consent(BIGGER, ANNA), consent(TWO_STEP_2)):
        refusal = refused(refusals.ConsentMissing, life(*TO_FUNDED), replace(grow(), consent=given))
        assert facts(refusal) == {
            "owner": TRADER,
            "to": BIGGER.binding,
            "consented_by": given.by,
            "consented_to": given.to,
        }


def test_an_account_goes_live_with_the_balance_that_the_terms_give() -> None:
    one = life(*TO_FUNDED).wait(1)
    both = (ACCOUNT, SECOND_ACCOUNT)
    gone = events.AccountTransferred(one.now, "live", usd("50000"), both, "four payouts, steady", ANNA)
    assert one.answer(go_live()) == [gone]
    there = Enrolment(ACCOUNT, TRADER, PURCHASE, TWO_STEP.binding, "live", Transferred(usd("50000"), both), run=4)
    assert one.do(go_live()).account == Pending(there, one.now)
    assert one.answer(go_live()) == []
    alone = replace(go_live(), accounts=(ACCOUNT,))
    assert facts(refused(refusals.RunMovedOn, one, alone)) == {"meant": 3, "present": 4}


def test_another_way_into_the_same_run_is_not_taken_for_a_transfer() -> None:
    one = life(*TO_FUNDED, record_pass(3), commands.Advance(3))
    assert facts(refused(refusals.RunMovedOn, one, go_live())) == {"meant": 3, "present": 4}


def test_a_transfer_is_earned_with_every_figure_that_is_lacking() -> None:
    early = facts(refused(refusals.TransferNotEarned, life(*TO_FUNDED), go_live(payouts=3)))
    assert early == {"lacking": (Lacking("payouts", 4, 3),)}
    poor = facts(refused(refusals.TransferNotEarned, under(AT_DISCRETION, FUND), go_live(1, gross="4999.99")))
    assert poor == {"lacking": (Lacking("gross_profit", usd("5000"), usd("4999.99")),)}


def test_the_firm_names_the_balance_where_the_terms_leave_it_to_the_firm() -> None:
    one = under(AT_DISCRETION, FUND)
    assert facts(refused(refusals.BalanceMissing, one, go_live(1))) == {"stage": "live"}
    (event,) = one.answer(replace(go_live(1), balance=usd("3000")))
    assert isinstance(event, events.AccountTransferred)
    assert event.balance == usd("3000")


def test_a_balance_that_the_terms_give_cannot_be_chosen() -> None:
    chosen = facts(refused(refusals.BalanceByRule, life(*TO_FUNDED), replace(go_live(), balance=usd("60000"))))
    assert chosen == {"by_rule": usd("50000"), "given": usd("60000")}
    assert len(life(*TO_FUNDED).answer(replace(go_live(), balance=usd("50000")))) == 1


def test_after_the_last_payout_the_next_stage_starts_with_its_own_balance() -> None:
    one = under(INSTANT, FUND)
    early = facts(refused(refusals.TransferNotEarned, one, go_live(1, payouts=5)))
    assert early == {"lacking": (Lacking("payouts", 6, 5),)}
    (event,) = one.answer(go_live(1, payouts=6))
    assert isinstance(event, events.AccountTransferred)
    assert event.balance is None
    refusal = refused(refusals.BalanceByRule, one, replace(go_live(1, payouts=6), balance=usd("1")))
    assert facts(refusal) == {"by_rule": None, "given": usd("1")}


def test_nothing_is_transferred_where_the_program_has_no_terms_for_it() -> None:
    assert facts(refused(refusals.NoTransfer, under(DEAD_END, FUND), go_live(1))) == {"stage": "funded"}
    assert facts(refused(refusals.LastStage, life(*LIVE), go_live(4))) == {"stage": "live"}
    closing = replace(INSTANT.program.stages[0].payout, after_max_count="close")  # type: ignore[type-var]  # INSTANT pays
    ends = program("instant", 1, replace(INSTANT.program.stages[0], payout=closing), INSTANT.program.stages[1])
    with pytest.raises(refusals.NoTransfer):
        account.decide(under(INSTANT, FUND).account, go_live(1, payouts=6), NOON, ends)


def test_a_transfer_moves_one_balance_of_each_account_that_goes_with_it() -> None:
    """Else money would move that no closed account had, or a closed account's would be lost."""
    alone = replace(go_live(), accounts=(ACCOUNT,))
    twice = replace(go_live(), accounts=(ACCOUNT, ACCOUNT))
    for miscounted in (alone, twice):
        refusal = refused(refusals.BalancesMiscounted, life(*TO_FUNDED), miscounted)
        assert facts(refusal) == {"accounts": 1, "balances": 2}
    one_of_two = replace(go_live(), record=replace(go_live().record, accounts=go_live().record.accounts[:1]))
    refusal = refused(refusals.BalancesMiscounted, life(*TO_FUNDED), one_of_two)
    assert facts(refusal) == {"accounts": 2, "balances": 1}


def test_where_no_balance_counts_by_the_terms_none_need_be_given() -> None:
    one, ask = under(AT_DISCRETION, FUND), go_live(1)
    without = replace(ask, record=replace(ask.record, accounts=()), balance=usd("3000"))
    (event,) = one.answer(without)
    assert isinstance(event, events.AccountTransferred)
    assert (event.balance, event.accounts) == (usd("3000"), ask.accounts)


def test_an_account_takes_part_in_its_own_transfer() -> None:
    others = replace(go_live(), accounts=(SECOND_ACCOUNT,))
    assert facts(refused(refusals.NotAmongTransferred, life(*TO_FUNDED), others)) == {"account": ACCOUNT}


@pytest.mark.parametrize(
    "one",
    [life(), life(ACTIVATE), life(ACTIVATE, record_pass()), life(*TO_FUNDED)],
    ids=lambda one: type(one.account).__name__,
)
def test_the_version_moves_with_the_trader_s_consent_and_the_run_goes_on(one: Life) -> None:
    before = one.account
    assert isinstance(before, Pending | Evaluating | Passed | Funded)
    moved = events.ProgramVersionMoved(
        NOON, TWO_STEP.binding, TWO_STEP_2.binding, consent(TWO_STEP_2), "asked for the new rules", ANNA
    )
    assert one.answer(move()) == [moved]
    after = account.evolve(before, moved)
    assert after == replace(before, enrolment=replace(before.enrolment, bound=TWO_STEP_2.binding))
    assert account.decide(after, move(), NOON, TWO_STEP_2.program) == []


def test_the_version_does_not_move_without_the_trader_s_own_consent_to_it() -> None:
    for given in (consent(TWO_STEP_2, ANNA), consent(TWO_STEP)):
        refusal = refused(refusals.ConsentMissing, life(ACTIVATE), replace(move(), consent=given))
        assert (refusal.consented_by, refusal.consented_to) == (given.by, given.to)


def test_another_program_is_no_other_version() -> None:
    other = facts(refused(refusals.OtherProgram, life(ACTIVATE), move(BIGGER)))
    assert other == {"expected": "two-step", "given": "bigger"}


def test_a_second_document_of_the_same_version_is_refused() -> None:
    forged = facts(refused(refusals.WrongProgram, life(ACTIVATE), move(FORGED)))
    assert forged == {"bound": TWO_STEP.binding, "program": "two-step", "version": 1}


def test_a_version_is_not_moved_while_suspended_or_failed() -> None:
    assert facts(refused(refusals.NotInThisState, life(ACTIVATE, REVIEW), move()))["state"] == "Suspended"
    assert facts(refused(refusals.NotInThisState, life(ACTIVATE, record_breach()), move()))["state"] == "Failed"


@pytest.mark.parametrize("given", [TWO_STEP_2, BIGGER])
def test_nothing_is_judged_by_a_program_that_the_account_is_not_bound_to(given: Edition) -> None:
    with pytest.raises(refusals.WrongProgram) as refusal:
        account.decide(life(CLOSE).account, CLOSE, NOON, given.program)
    expected = {"bound": TWO_STEP.binding, "program": given.program.id, "version": given.program.version}
    assert facts(refusal.value) == expected


def test_nothing_but_opening_is_done_with_an_account_that_there_is_not() -> None:
    with pytest.raises(refusals.NoSuchAccount) as refusal:
        account.decide(None, CLOSE, NOON, BIGGER.program)
    assert facts(refusal.value) == {"command": "Close"}


# ---------------------------------------------------------------- the end, and the appeal against it


def test_a_closed_account_keeps_why_and_the_verdict_it_had() -> None:
    one = life(ACTIVATE).wait(1)
    assert one.answer(CLOSE) == [events.AccountClosed(one.now, "trader_request", "asked by mail", ANNA)]
    assert one.do(CLOSE).account == Closed(PHASE_1, one.now, "trader_request")
    assert one.answer(REVERSED) == []
    assert life(ACTIVATE, record_breach(), CLOSE).account == Closed(PHASE_1, NOON, "trader_request", breach())
    assert life(ACTIVATE, REVIEW, CLOSE).account == Closed(PHASE_1, NOON, "trader_request")


def test_an_open_appeal_keeps_the_account_from_closing_unless_the_purchase_is_reversed() -> None:
    one = life(ACTIVATE, record_breach(), APPEALED)
    assert facts(refused(refusals.AppealOpen, one, CLOSE)) == {"appeal": APPEAL}
    assert one.answer(REVERSED) == [events.AccountClosed(NOON, "purchase_reversed", "dispute du_1 lost", None)]
    assert one.do(REVERSED).answer(UPHELD) == []


def test_a_pass_found_while_an_appeal_is_open_does_not_decide_it() -> None:
    one = life(ACTIVATE, record_breach(), APPEALED)
    stands = refused(refusals.VerdictStands, one, record_pass())
    assert facts(stands) == {"recorded": breach(), "offered": passed()}


def test_one_appeal_at_a_time_and_none_after_it_was_decided() -> None:
    one = life(ACTIVATE, record_breach())
    other = commands.HoldForAppeal(OTHER_APPEAL)
    assert one.answer(APPEALED) == [events.VerdictAppealed(NOON, APPEAL)]
    one.do(APPEALED)
    assert one.account == Failed(EVALUATING, NOON, breach(), (), APPEAL)
    assert one.answer(APPEALED) == []
    assert facts(refused(refusals.AppealOpen, one, other)) == {"appeal": APPEAL}
    assert one.answer(WITHDRAWN) == [events.AppealSettled(NOON, APPEAL, "withdrawn")]
    assert one.do(WITHDRAWN).account == Failed(EVALUATING, NOON, breach(), withdrawn=(APPEAL,))
    assert one.do(other).account == Failed(EVALUATING, NOON, breach(), (), OTHER_APPEAL, withdrawn=(APPEAL,))
    one.do(commands.SettleAppeal(OTHER_APPEAL, "upheld"))
    assert one.account == Failed(EVALUATING, NOON, breach(), (), None, OTHER_APPEAL, (APPEAL,))
    third = commands.HoldForAppeal(THIRD_APPEAL)
    assert facts(refused(refusals.VerdictFinal, one, third)) == {"appeal": OTHER_APPEAL}
    assert one.answer(other) == []
    assert one.answer(WITHDRAWN) == []


def test_an_appeal_that_was_withdrawn_holds_the_account_no_more() -> None:
    """Filed again by a repeated message, it would be open for ever: it has ended and nobody decides it."""
    assert life(ACTIVATE, record_breach(), APPEALED, WITHDRAWN).answer(APPEALED) == []


def test_an_appeal_that_is_not_the_open_one_settles_nothing() -> None:
    one = life(ACTIVATE, record_breach(), APPEALED)
    not_it = refused(refusals.NotTheOpenAppeal, one, commands.SettleAppeal(OTHER_APPEAL, "upheld"))
    assert facts(not_it) == {"asked": OTHER_APPEAL, "open": APPEAL}
    one.do(WITHDRAWN)
    for never in (UPHELD, commands.SettleAppeal(OTHER_APPEAL, "withdrawn")):
        assert facts(refused(refusals.NotTheOpenAppeal, one, never)) == {"asked": never.appeal, "open": None}


def test_a_reset_after_an_upheld_verdict_is_a_fresh_start() -> None:
    assert isinstance(life(ACTIVATE, record_breach(), APPEALED, UPHELD, reset(1)).account, Pending)


def test_an_overturned_verdict_brings_the_stage_back_on_the_corrected_standing() -> None:
    one = life(ACTIVATE).wait(1).do(record_breach(), APPEALED).wait(1)
    assert one.answer(REINSTATE) == [events.AccountReinstated(one.now, corrected_state(), ANNA, BORIS)]
    assert one.do(REINSTATE).account == replace(EVALUATING, corrected=corrected_state())
    assert one.answer(REINSTATE) == []
    other = replace(REINSTATE, corrected=corrected_state(600))
    assert facts(refused(refusals.NotInThisState, one, other)) == {"state": "Evaluating", "command": "Reinstate"}


def test_a_funded_account_is_reinstated_as_funded() -> None:
    one = life(*TO_FUNDED, record_breach(3), APPEALED, REINSTATE)
    assert one.account == Funded(FUNDED, NOON, platform_account="sim:2", corrected=corrected_state())
    assert one.answer(REINSTATE) == []


def test_holds_outlive_the_failure_and_a_reinstated_account_is_suspended_again() -> None:
    one = life(ACTIVATE, DISPUTE, record_breach(), APPEALED).wait(1).do(REVIEW)
    first = Hold("payment_dispute", "dispute du_1 opened", None, NOON)
    second = Hold("risk_review", "two traders, one device", ANNA, one.now)
    expected: Account = Failed(EVALUATING, NOON, breach(), (first, second), APPEAL)
    assert one.account == expected
    assert one.answer(DISPUTE_WON) == [events.HoldLifted(one.now, "payment_dispute", "dispute du_1 won", None)]
    expected = Suspended(replace(EVALUATING, corrected=corrected_state()), NOON + days(2), (second,))
    assert one.do(DISPUTE_WON).wait(1).do(REINSTATE).account == expected
    assert one.answer(REINSTATE) == []
    assert facts(refused(refusals.NotInThisState, one, replace(REINSTATE, corrected=corrected_state(600))))
    assert one.do(REVIEW_DONE).account == replace(EVALUATING, corrected=corrected_state())


def test_the_last_hold_of_a_failed_account_is_lifted_without_bringing_it_back() -> None:
    one = life(ACTIVATE, REVIEW, record_breach())
    assert one.answer(REVIEW_DONE) == [events.HoldLifted(NOON, "risk_review", "a family computer", BORIS)]
    assert one.do(REVIEW_DONE).account == Failed(EVALUATING, NOON, breach())


def test_verdicts_about_what_the_appeal_settled_change_nothing() -> None:
    one = life(ACTIVATE, record_breach(), APPEALED, REINSTATE)
    for settled in (record_breach(), record_breach(seq=520), record_pass(seq=520)):
        assert one.answer(settled) == []
    assert len(one.answer(record_breach(seq=521))) == 1
    assert len(one.answer(record_pass(seq=521))) == 1
    one.do(REVIEW)
    for settled in (record_breach(seq=520), record_pass(seq=520)):
        assert one.answer(settled) == []
    assert len(one.answer(record_pass(seq=521))) == 1


def test_a_correction_after_the_appeal_may_end_what_happened_before_it() -> None:
    """The appeal settled what was known then."""
    one = life(ACTIVATE, record_breach(), APPEALED, REINSTATE)
    late = replace(passed(seq=400), correction=521)
    assert one.answer(commands.RecordPass(late)) == [events.StagePassed(NOON, late)]
    lost = replace(breach(seq=400), correction=521)
    assert one.answer(commands.RecordBreach(lost)) == [events.AccountBreached(NOON, lost)]
    assert one.answer(commands.RecordBreach(replace(lost, correction=520))) == []


def test_a_standing_reaches_to_the_correction_that_brought_the_verdict_about() -> None:
    one = life(ACTIVATE, commands.RecordBreach(replace(breach(seq=400), correction=515)), APPEALED)
    old = refused(refusals.CorrectedStateTooOld, one, commands.Reinstate(corrected_state(514), ANNA, BORIS))
    assert facts(old) == {"seq": 514, "verdict_seq": 515}
    assert len(one.answer(commands.Reinstate(corrected_state(515), ANNA, BORIS))) == 1


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (ANNA, ANNA, (ANNA, ANNA)),
        (TRADER, ANNA, (TRADER, ANNA)),
        (ANNA, TRADER, (TRADER, ANNA)),
        (TRADER, TRADER, (TRADER, TRADER)),
    ],
)
def test_two_people_reinstate_and_neither_is_the_owner(first: object, second: object, said: tuple[object, ...]) -> None:
    alone = commands.Reinstate(corrected_state(1), first, second)  # type: ignore[arg-type]  # each of the list above
    refusal = refused(refusals.FourEyes, life(ACTIVATE, record_breach(), APPEALED), alone)
    assert facts(refusal) == {"first": said[0], "second": said[1]}


def test_only_the_open_appeal_reinstates() -> None:
    one = life(ACTIVATE, record_breach())
    alone = commands.Reinstate(corrected_state(), ANNA, ANNA)
    assert facts(refused(refusals.NotTheOpenAppeal, one, alone)) == {"asked": APPEAL, "open": None}
    one.do(commands.HoldForAppeal(OTHER_APPEAL))
    assert facts(refused(refusals.NotTheOpenAppeal, one, alone)) == {"asked": APPEAL, "open": OTHER_APPEAL}


def test_a_corrected_state_reaches_at_least_to_the_verdict() -> None:
    one = life(ACTIVATE, record_breach(), APPEALED)
    old = refused(refusals.CorrectedStateTooOld, one, commands.Reinstate(corrected_state(499), ANNA, BORIS))
    assert facts(old) == {"seq": 499, "verdict_seq": 500}
    assert len(one.answer(commands.Reinstate(corrected_state(500), ANNA, BORIS))) == 1


def test_a_failed_account_is_appealed_and_no_other() -> None:
    state: Account | None = life(ACTIVATE).account
    with pytest.raises(refusals.NotInThisState):
        account.decide(state, APPEALED, NOON, TWO_STEP.program)


def test_a_breach_cannot_follow_a_suspension_of_what_was_never_traded() -> None:
    with pytest.raises(refusals.ImpossibleHistory, match=r"^AccountBreached cannot follow Pending$"):
        account.evolve(life(REVIEW).account, events.AccountBreached(NOON, breach()))
    with pytest.raises(refusals.ImpossibleHistory, match=r"^StagePassed cannot follow Pending$"):
        account.evolve(life(REVIEW).account, events.StagePassed(NOON, passed()))
