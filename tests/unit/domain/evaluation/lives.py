"""Accounts and appeals at every point of their lives, each reached by commands that the firm really gives."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from propfirm.domain.catalogue.document import fingerprint
from propfirm.domain.catalogue.program import (
    Clock,
    Growth,
    MaxLoss,
    Outcome,
    PayoutTerms,
    Program,
    Reset,
    Size,
    Split,
    SplitStep,
    Stage,
)
from propfirm.domain.catalogue.program import Transfer as TransferTerms
from propfirm.domain.evaluation import account, appeal, commands, events
from propfirm.domain.evaluation.facts import Breach, Consent, CorrectedState, Edition, Pass, Payment
from propfirm.domain.evaluation.states import Account, Closed, Failed
from propfirm.domain.ids import AccountId, AppealId, PaymentId, PersonId, PurchaseId
from propfirm.domain.money import Cents, Ppm, usd
from propfirm.domain.payouts.transfer import Record, SimFunded
from propfirm.domain.rules import findings

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ACCOUNT = AccountId(UUID(int=1))
SECOND_ACCOUNT = AccountId(UUID(int=2))
TRADER = PersonId(UUID(int=10))
ANNA = PersonId(UUID(int=11))
BORIS = PersonId(UUID(int=12))
PURCHASE = PurchaseId(UUID(int=20))
OTHER_PURCHASE = PurchaseId(UUID(int=21))
APPEAL = AppealId(UUID(int=30))
OTHER_APPEAL = AppealId(UUID(int=31))
THIRD_APPEAL = AppealId(UUID(int=32))


def days(number: float) -> timedelta:
    return timedelta(days=number)


def nanoseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


# ---------------------------------------------------------------- what is sold

LOSS = MaxLoss(mode="static", size=Size(amount=usd("2000")))
CLOCK = Clock(zone="America/Chicago", day_roll=time(17), eod_snapshot=time(16))
FLAT_SPLIT = Split("flat", (SplitStep(0, Ppm(800_000)),))


def program(name: str, version: int, *stages: Stage) -> Program:
    return Program(name, version, name, date(2026, 1, 1), usd("50000"), CLOCK, stages)


def two_step(version: int, reset_fee: int = 50_00) -> Program:
    return program(
        "two-step",
        version,
        Stage(
            "phase-1",
            "evaluation",
            LOSS,
            price=Cents(99_00),
            billing="monthly",
            on_rebill="keep_balance_restart_windows",
            reset=Reset(fee=Cents(reset_fee), max=2),
            activation_days=7,
            next_stage="phase-2",
        ),
        Stage(
            "phase-2",
            "verification",
            LOSS,
            activation_fee=Cents(149_00),
            activation_days=7,
            reset=Reset(version="current"),
            next_stage="funded",
        ),
        Stage(
            "funded",
            "sim_funded",
            LOSS,
            growth=Growth(after_payouts=3, to="bigger", min_profit=usd("4000")),
            next_stage="live",
        ),
        Stage("live", "live", LOSS, transfer=TransferTerms("min_sum_largest", after_payouts=4)),
    )


def edition(document: Program) -> Edition:
    return Edition(document, fingerprint(document))


TWO_STEP = edition(two_step(1))
TWO_STEP_2 = edition(two_step(2, reset_fee=60_00))
FORGED = Edition(two_step(1, reset_fee=0), "f" * 64)
"""Another document that says it is version 1."""
BIGGER = edition(
    program(
        "bigger",
        4,
        Stage("first", "evaluation", LOSS),
        Stage("large", "sim_funded", LOSS, growth=Growth(2, "huge")),
    )
)
BARE = edition(program("bare", 1, Stage("only", "evaluation", LOSS)))
"""Sells the least: no reset, no subscription, no next stage."""
KEEPER = edition(
    program(
        "keeper",
        1,
        Stage(
            "phase",
            "evaluation",
            LOSS,
            price=Cents(79_00),
            billing="monthly",
            on_rebill="restart",
            reset=Reset(version="current"),
            activation_fee=Cents(10_00),
            next_stage="paid",
        ),
        Stage("paid", "sim_funded", LOSS),
    )
)
STUBBORN = edition(program("stubborn", 1, Stage("phase", "evaluation", LOSS, billing="monthly", next_stage="no")))
"""A subscription that revives nothing, and a next stage that the document does not have."""
INSTANT = edition(
    program(
        "instant",
        1,
        Stage(
            "funded",
            "sim_funded",
            LOSS,
            price=Cents(99_00),
            billing="monthly",
            on_rebill="keep_balance_restart_windows",
            payout=PayoutTerms(FLAT_SPLIT, max_count=6, after_max_count="next_stage"),
            reset=Reset(fee=Cents(500_00), max=3),
            growth=Growth(1, "bare"),
            next_stage="live",
        ),
        Stage("live", "live", LOSS),
    )
)
DEAD_END = edition(
    program("dead-end", 1, Stage("funded", "sim_funded", LOSS, next_stage="live"), Stage("live", "live", LOSS))
)
AT_DISCRETION = edition(
    program(
        "at-discretion",
        1,
        Stage("funded", "sim_funded", LOSS, next_stage="live"),
        Stage("live", "live", LOSS, transfer=TransferTerms("discretion", assessed_at=usd("5000"))),
    )
)
EDITIONS = (TWO_STEP, TWO_STEP_2, BIGGER, BARE, KEEPER, STUBBORN, INSTANT, DEAD_END, AT_DISCRETION)
PROGRAMS = {(e.program.id, e.program.version): e.program for e in EDITIONS}

# ---------------------------------------------------------------- facts


def payment(number: int, amount: int = 0, discount: int = 0, at: datetime = NOON) -> Payment:
    return Payment(PaymentId(UUID(int=100 + number)), Cents(amount), at, Cents(discount))


def breach(
    run: int = 1,
    seq: int = 500,
    rule: findings.Rule = "max_loss",
    outcome: Outcome = "fail",
    *,
    decided: bool = True,
    at: datetime = NOON,
) -> Breach:
    evidence = findings.Evidence(usd("48000"), usd("47985"), "usd", usd("47985"), usd("48100"))
    hit = findings.Hit(seq, nanoseconds(at), rule, outcome, evidence, decided=decided)
    return Breach(run, hit, semantics=1)


def passed(run: int = 1, seq: int = 400) -> Pass:
    return Pass(run, findings.Passed(seq, nanoseconds(NOON), usd("3000"), usd("3100"), usd("53100")), semantics=1)


def consent(to: Edition, by: PersonId = TRADER) -> Consent:
    return Consent(by, to.binding, NOON)


def corrected_state(seq: int = 520, of: AppealId = APPEAL) -> CorrectedState:
    return CorrectedState(of, seq, "9" * 64)


# ---------------------------------------------------------------- commands that say yes

OPEN = commands.Open(ACCOUNT, TRADER, PURCHASE, TWO_STEP.fingerprint)
ACTIVATE = commands.Activate("sim:1")
FUND = commands.Fund("sim:2")
ACCEPT = commands.Accept(None)
PAY_ACTIVATION = commands.Accept(payment(1, 149_00))
DISPUTE = commands.Suspend("payment_dispute", "dispute du_1 opened", None)
REVIEW = commands.Suspend("risk_review", "two traders, one device", ANNA)
DISPUTE_WON = commands.Resume("payment_dispute", "dispute du_1 won", None)
REVIEW_DONE = commands.Resume("risk_review", "a family computer", BORIS)
CLOSE = commands.Close("trader_request", "asked by mail", ANNA)
REVERSED = commands.Close("purchase_reversed", "dispute du_1 lost", None)
APPEALED = commands.HoldForAppeal(APPEAL)
UPHELD = commands.SettleAppeal(APPEAL, "upheld")
WITHDRAWN = commands.SettleAppeal(APPEAL, "withdrawn")
REINSTATE = commands.Reinstate(corrected_state(), ANNA, BORIS)


def record_breach(
    run: int = 1,
    seq: int = 500,
    *,
    rule: findings.Rule = "max_loss",
    outcome: Outcome = "fail",
    decided: bool = True,
    at: datetime = NOON,
) -> commands.RecordBreach:
    return commands.RecordBreach(breach(run, seq, rule, outcome, decided=decided, at=at))


def record_pass(run: int = 1, seq: int = 400) -> commands.RecordPass:
    return commands.RecordPass(passed(run, seq))


def reset(run: int, number: int = 50, amount: int = 50_00, current: Edition = TWO_STEP_2) -> commands.Reset:
    return commands.Reset(run, payment(number, amount), current)


def rebill(number: int = 70, amount: int = 99_00) -> commands.Rebill:
    return commands.Rebill(payment(number, amount))


def grow(run: int = 3, to: Edition = BIGGER, payouts: int = 3, profit: str = "4000") -> commands.GrowTo:
    return commands.GrowTo(run, to, payouts, usd(profit), consent(to))


def go_live(run: int = 3, payouts: int = 4, gross: str = "5000") -> commands.Transfer:
    record = Record((SimFunded(usd("30000"), usd("50000")),) * 2, usd(gross), payouts=payouts)
    return commands.Transfer(run, (ACCOUNT, SECOND_ACCOUNT), record, None, "four payouts, steady", ANNA)


def move(to: Edition = TWO_STEP_2) -> commands.MoveProgramVersion:
    return commands.MoveProgramVersion(to, consent(to), "asked for the new rules", ANNA)


# ---------------------------------------------------------------- living them


class Life:
    """An account with everything that happened to it, and a clock in the hand."""

    def __init__(self, edition: Edition = TWO_STEP) -> None:
        self.account: Account | None = None
        self.history: list[events.Event] = []
        self.bought = edition
        self.now = NOON

    @property
    def program(self) -> Program:
        if self.account is None:
            return self.bought.program
        bound = self.account.enrolment.bound
        return PROGRAMS[bound.program, bound.version]

    def do(self, *given: commands.Command) -> Life:
        for command in given:
            for event in account.decide(self.account, command, self.now, self.program):
                self.history.append(event)
                self.account = account.evolve(self.account, event)
        return self

    def wait(self, number: float) -> Life:
        self.now += days(number)
        return self

    def answer(self, command: commands.Command) -> list[events.Event]:
        return account.decide(self.account, command, self.now, self.program)


def open_under(edition: Edition) -> commands.Open:
    return commands.Open(ACCOUNT, TRADER, PURCHASE, edition.fingerprint)


def life(*given: commands.Command) -> Life:
    """Of an account bought under TWO_STEP."""
    return Life().do(OPEN, *given)


def under(edition: Edition, *given: commands.Command) -> Life:
    return Life(edition).do(open_under(edition), *given)


TO_PHASE_2 = (ACTIVATE, record_pass(1), commands.Advance(1))
TO_FUNDED_OFFER = (*TO_PHASE_2, ACCEPT, commands.Activate("sim:1b"), record_pass(2), commands.Advance(2))
TO_FUNDED = (*TO_FUNDED_OFFER, PAY_ACTIVATION, FUND)


AFTER_RESET = (ACTIVATE, record_breach(), reset(1), ACTIVATE)
GROWN = (*TO_FUNDED, grow(), commands.Fund("sim:3"))
LIVE = (*TO_FUNDED, go_live(), commands.Fund("live:1"))


def lives() -> dict[str, Life]:
    """Every kind of point in a life. The name begins with the state."""
    return {
        "none": Life(),
        "Pending, bought": life(),
        "Pending, offered phase 2": life(*TO_PHASE_2),
        "Pending, took up phase 2": life(*TO_PHASE_2, ACCEPT),
        "Pending, offered funding": life(*TO_FUNDED_OFFER),
        "Pending, paid for funding": life(*TO_FUNDED_OFFER, PAY_ACTIVATION),
        "Pending, offered funding without end": under(KEEPER, ACTIVATE, record_pass(), commands.Advance(1)),
        "Pending, reset": life(ACTIVATE, record_breach(), reset(1)),
        "Pending, restarted by rebill": life(ACTIVATE, record_breach(), rebill()),
        "Pending, grown": life(*TO_FUNDED, grow()),
        "Pending, going live": life(*TO_FUNDED, go_live()),
        "Pending, bought under the bare program": under(BARE),
        "Evaluating phase 1": life(ACTIVATE),
        "Evaluating phase 2": life(*TO_PHASE_2, ACCEPT, commands.Activate("sim:1b")),
        "Evaluating, reinstated": life(ACTIVATE, record_breach(), APPEALED, REINSTATE),
        "Evaluating under the keeper": under(KEEPER, ACTIVATE),
        "Evaluating under the bare program": under(BARE, ACTIVATE),
        "Passed phase 1": life(ACTIVATE, record_pass()),
        "Passed phase 2": life(*TO_PHASE_2, ACCEPT, commands.Activate("sim:1b"), record_pass(2)),
        "Passed the only stage": under(BARE, ACTIVATE, record_pass()),
        "Passed, next stage unknown": under(STUBBORN, ACTIVATE, record_pass()),
        "Funded": life(*TO_FUNDED),
        "Funded live": life(*LIVE),
        "Funded at once": under(INSTANT, FUND),
        "Funded in a dead end": under(DEAD_END, FUND),
        "Funded at discretion": under(AT_DISCRETION, FUND),
        "Suspended before it began": life(REVIEW),
        "Suspended while offered": life(*TO_FUNDED_OFFER, REVIEW),
        "Suspended while offered without end": under(KEEPER, ACTIVATE, record_pass(), commands.Advance(1), DISPUTE),
        "Suspended by the system": life(ACTIVATE, DISPUTE),
        "Suspended twice": life(ACTIVATE, DISPUTE, REVIEW),
        "Suspended after passing": life(ACTIVATE, record_pass(), REVIEW),
        "Suspended while funded": life(*TO_FUNDED, REVIEW),
        "Suspended, reinstated": life(ACTIVATE, REVIEW, record_breach(), APPEALED, REINSTATE),
        "Failed phase 1": life(ACTIVATE, record_breach()),
        "Failed by time": life(ACTIVATE, record_breach(rule="time_limit")),
        "Failed phase 1, resets used up": life(
            ACTIVATE, record_breach(), reset(1), ACTIVATE, record_breach(2), reset(2, 51), ACTIVATE, record_breach(3)
        ),
        "Failed phase 2": life(*TO_PHASE_2, ACCEPT, commands.Activate("sim:1b"), record_breach(2)),
        "Failed funded": life(*TO_FUNDED, record_breach(3)),
        "Failed funded at once": under(INSTANT, FUND, record_breach()),
        "Failed funded, under appeal": life(*TO_FUNDED, record_breach(3), APPEALED),
        "Failed under appeal": life(ACTIVATE, record_breach(), APPEALED),
        "Failed, upheld": life(ACTIVATE, record_breach(), APPEALED, UPHELD),
        "Failed, on hold": life(ACTIVATE, REVIEW, record_breach()),
        "Failed, on hold, under appeal": life(ACTIVATE, DISPUTE, record_breach(), APPEALED),
        "Failed under the bare program": under(BARE, ACTIVATE, record_breach()),
        "Failed under the stubborn program": under(STUBBORN, ACTIVATE, record_breach()),
        "Failed under the keeper": under(KEEPER, ACTIVATE, record_breach()),
        "Evaluating after a reset": life(*AFTER_RESET),
        "Passed after a reset": life(*AFTER_RESET, record_pass(2)),
        "Suspended after a reset": life(*AFTER_RESET, REVIEW),
        "Failed after a reset": life(*AFTER_RESET, record_breach(2)),
        "Closed after a reset": life(*AFTER_RESET, CLOSE),
        "Funded after a reset": under(INSTANT, FUND, record_breach(), reset(1, 53, 500_00), FUND),
        "Evaluating, rebilled": life(ACTIVATE, rebill()),
        "Passed, rebilled": life(ACTIVATE, rebill(), record_pass()),
        "Suspended, rebilled": life(ACTIVATE, rebill(), REVIEW),
        "Failed, rebilled": life(ACTIVATE, rebill(), record_breach()),
        "Closed, rebilled": life(ACTIVATE, rebill(), CLOSE),
        "Funded, rebilled": under(INSTANT, FUND, rebill()),
        "Funded after growing": life(*GROWN),
        "Passed after growing": life(*GROWN, record_pass(4)),
        "Suspended after growing": life(*GROWN, REVIEW),
        "Failed after growing": life(*GROWN, record_breach(4)),
        "Closed after growing": life(*GROWN, CLOSE),
        "Passed live": life(*LIVE, record_pass(4)),
        "Suspended live": life(*LIVE, REVIEW),
        "Failed live": life(*LIVE, record_breach(4)),
        "Closed live": life(*LIVE, CLOSE),
        "Closed before it began": life(CLOSE),
        "Closed after failing": life(ACTIVATE, record_breach(), REVERSED),
        "Closed by the window": life(*TO_PHASE_2).wait(8).do(commands.Expire()),
        "Closed after an advance": life(*TO_PHASE_2, ACCEPT, CLOSE),
        "Closed, funded": life(*TO_FUNDED, CLOSE),
    }


# ---------------------------------------------------------------- appeals


def failed(life: Life) -> Failed:
    assert isinstance(life.account, Failed)
    return life.account


def closed(life: Life) -> Closed:
    assert isinstance(life.account, Closed)
    return life.account


FAILED = failed(life(ACTIVATE, record_breach()))
FILE = appeal.File(APPEAL, TRADER, FAILED, "the platform was down at 10:42", window_days=14, answer_days=5)
SAME = appeal.Rerun("same", 1, "7" * 64)
DIFFERENT = appeal.Rerun("different", 1, "8" * 64)
UPHOLD = appeal.Proposal(ANNA, "uphold", "the mark is on the exchange's tape", SAME)
OVERTURN = appeal.Proposal(ANNA, "overturn", "the bust of 10:42 was not applied", DIFFERENT)
AGREED = appeal.Confirm(BORIS, UPHOLD)
AGREED_OVERTURN = appeal.Confirm(BORIS, OVERTURN)
DISAGREED = appeal.Decline(BORIS, UPHOLD, "the bust was not looked at")
DUE = NOON + days(5)


def heard(*given: appeal.Command, at: datetime = NOON) -> appeal.Appeal | None:
    """The appeal after these commands."""
    state: appeal.Appeal | None = None
    for command in given:
        for event in appeal.decide(state, command, at):
            state = appeal.evolve(state, event)
    return state


def appeals() -> dict[str, appeal.Appeal | None]:
    """Every kind of point in an appeal. The name begins with the state."""
    late = DUE + days(1)
    escalated = appeal.decide(heard(FILE), appeal.Escalate(DUE, 3), late)
    return {
        "none": None,
        "Filed": heard(FILE),
        "Filed, escalated": appeal.evolve(heard(FILE), escalated[0]),
        "Filed, declined": heard(FILE, appeal.Propose(UPHOLD), DISAGREED),
        "UnderReview to uphold": heard(FILE, appeal.Propose(UPHOLD)),
        "UnderReview to overturn": heard(FILE, appeal.Propose(OVERTURN)),
        "Upheld": heard(FILE, appeal.Propose(UPHOLD), AGREED),
        "Overturned": heard(FILE, appeal.Propose(OVERTURN), AGREED_OVERTURN),
        "Withdrawn": heard(FILE, appeal.Withdraw(TRADER)),
        "Lapsed": heard(FILE, appeal.Lapse(closed(life(ACTIVATE, record_breach(), REVERSED)))),
    }
