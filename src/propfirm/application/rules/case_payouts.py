"""Worked examples of what the firm pays and admits: payouts, splits, floors, allocation, transfer, tax.

Each function asks the policy that decides it; what a payout does to a floor is played on a real account.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal

from propfirm.application.rules.case_account import (
    NO_MAX_LOSS,
    STAGE,
    CaseAccount,
    standing,
)
from propfirm.application.rules.case_figures import (
    Amount,
    CannotJudge,
    Figures,
    Readings,
    amounts,
    cents,
    comparisons,
    last,
    money,
    needed,
    rate,
)
from propfirm.application.rules.case_grammar import (
    AgeStep,
    AllocatedAccount,
    AllocationParameters,
    DynamicTargetParameters,
    EquityState,
    FloorEffectInput,
    FloorEffectParameters,
    FundedAccount,
    PayoutAmountParameters,
    PayoutAt,
    ProfitState,
    SplitParameters,
    SplitState,
    TaxParameters,
    TaxYear,
    TransferInput,
    TransferParameters,
    TransferState,
)
from propfirm.domain.calendar.table import SessionTable
from propfirm.domain.catalogue.program import (
    Buffer,
    Comparison,
    Limits,
    MaxLoss,
    PayoutTerms,
    PctCap,
    Size,
    Split,
    SplitStep,
    Stage,
    Transfer,
)
from propfirm.domain.money import MICROS_PER_CENT, ONE, Cents, Micros, from_cents, half_up, to_cents
from propfirm.domain.payouts.allocation import Admitted, Place, admit, total
from propfirm.domain.payouts.amount import Shares, reserve, shares
from propfirm.domain.payouts.conditions import payout_target
from propfirm.domain.payouts.quote import quote
from propfirm.domain.payouts.standing import Papers, Standing
from propfirm.domain.payouts.transfer import Record, SimFunded, Transferable, assess
from propfirm.domain.rules.floors import Levels
from propfirm.domain.tax import reportable

UNSPLIT: Final = Split("flat", (SplitStep(0, ONE),))


def _flat(split: str | None) -> Split:
    return UNSPLIT if split is None else Split("flat", (SplitStep(0, rate(split)),))


def _trader_share(divided: Shares, most: Micros | None = None) -> Micros:
    """As published: to the cent, half up, at most the cap. (What is paid is rounded down.)."""
    shown = from_cents(Cents(half_up(divided.trader_exact, ONE * MICROS_PER_CENT)))
    return shown if most is None else min(shown, most)


# ------------------------------------------------------------ how much


def payout_amount(parameters: PayoutAmountParameters, inputs: Sequence[ProfitState], _table: SessionTable) -> Readings:
    """What may be taken at most, and what that leaves."""
    start, profit = money(parameters.starting_balance), money(last(inputs, "state").profit)
    kept, most = parameters.buffer_profit, parameters.max_pct_of_profit
    terms = PayoutTerms(
        _flat(parameters.split),
        buffer=None if kept is None else Buffer(money(kept)),
        pct_cap=None if most is None else PctCap(rate(most)),
        trader_cap=None if parameters.cap_trader_net is None else money(parameters.cap_trader_net),
    )
    # Without a word on touching: the published formula leaves `balance - floor`, so the floor itself may be reached.
    rule = MaxLoss("static", NO_MAX_LOSS.size, cmp="below")
    stage = Stage(STAGE, "sim_funded", rule, payout=terms)
    balance = Micros(start + profit)
    floor = CaseAccount(stage, start).state.floor if parameters.floor is None else money(parameters.floor)
    levels = Levels(start, start, balance, floor, balance)
    answer = quote(stage, standing(levels, profit=profit), Papers())
    left = levels if answer.after is None else answer.after.levels
    room = Micros(balance - floor) if answer.after is None else answer.after.room
    return (
        {
            "max_withdrawal": Amount(from_cents(answer.available)),
            "trader_net": Amount(0 if answer.shares is None else _trader_share(answer.shares, terms.trader_cap)),
            "threshold_balance": Amount(start + reserve(terms, 1)),
            "balance_after": Amount(left.balance),
            "room_after": Amount(room),
        },
    )


def profit_split(parameters: SplitParameters, inputs: Sequence[SplitState], _table: SessionTable) -> Readings:
    """The profit is earned in one trade whose fee is the commissions, and paid out whole."""
    if (parameters.split is None) == (parameters.split_by_age is None):
        raise CannotJudge("exactly one of split and split_by_age is needed")
    told = last(inputs, "state")
    if parameters.split_by_age is None:
        split, age = _flat(parameters.split), told.age_business_days or 0
    else:
        age = needed(told.age_business_days, "age_business_days")
        split = Split("by_age", _steps(parameters.split_by_age, age))
    terms = PayoutTerms(split)
    account = CaseAccount(Stage(STAGE, "sim_funded", NO_MAX_LOSS, payout=terms), Micros(0))
    account.roll()
    account.trade(money(told.gross_profit), fee=money(told.commissions))
    net = account.profit
    paid = to_cents(net)
    if from_cents(paid) != net:
        raise CannotJudge("the net profit has a part of a cent")
    divided = shares(terms, _standing(account, age), Cents(max(0, paid)))
    trader = _trader_share(divided)
    return (
        {
            "net_profit": Amount(net),
            "trader": Amount(trader),
            "firm": Amount(from_cents(divided.gross) - trader),
        },
    )


def _steps(ladder: Sequence[AgeStep], age: int) -> tuple[SplitStep, ...]:
    """A step begins at its ``gte``, else where the one before it ends, the first one at once. One without ``lt`` goes
    on until the next."""
    steps: list[SplitStep] = []
    end: int | None = 0
    for step in ladder:
        start = end if step.business_days_gte is None else step.business_days_gte
        if start is None or end not in (None, start) or (steps and start <= steps[-1].start):
            raise CannotJudge("the ages of split_by_age do not follow one another from 0 on")
        steps.append(SplitStep(start, rate(step.split)))
        end = step.business_days_lt
    if end is not None and age >= end:
        raise CannotJudge(f"split_by_age ends at {end} days")
    return tuple(steps)


def _standing(account: CaseAccount, age: int = 0) -> Standing:
    terms, state = account.terms, account.state
    levels = Levels(terms.initial, terms.start, state.balance, state.floor, state.hwm, state.payouts)
    return standing(levels, profit=account.profit, business_days_old=age)


def dynamic_target(parameters: DynamicTargetParameters, inputs: Sequence[PayoutAt], _table: SessionTable) -> Readings:
    """The balance that each payout asks for, as the quote of the one before tells it."""
    start = money(parameters.starting_balance)
    rates = tuple(rate(text) for text in parameters.target_pct_by_payout)
    terms = PayoutTerms(UNSPLIT, dynamic_target=rates)
    stage = Stage(STAGE, "sim_funded", NO_MAX_LOSS, payout=terms)
    floor = CaseAccount(stage, start).state.floor
    begun = standing(Levels(start, start, start, floor, start), profit=Micros(0))
    targets = [needed(payout_target(terms, begun), "a target")]
    for number, told in enumerate(inputs):
        balance = money(told.at_balance)
        levels = Levels(start, start, balance, floor, balance, number)
        answer = quote(stage, standing(levels, profit=Micros(balance - start)), Papers(), cents(told.amount))
        if answer.after is None:
            raise CannotJudge(f"input {told.seq} pays nothing")
        targets.append(needed(answer.after.next_target, "a target"))
    return ({"target_balances": amounts(targets)},)


# ------------------------------------------------------------ what it does


def floor_effect(
    parameters: FloorEffectParameters, inputs: Sequence[FloorEffectInput], _table: SessionTable
) -> Readings:
    """Payouts booked on a live account."""
    return tuple(_floor_effect(parameters, inputs, cmp) for cmp in comparisons(parameters.breach_when))


def _floor_effect(parameters: FloorEffectParameters, inputs: Sequence[FloorEffectInput], cmp: Comparison) -> Figures:
    start = money(parameters.starting_balance)
    split = parameters.on_payout.split if parameters.on_payout is not None else None
    terms = _payout_terms(start, split, parameters)
    stage = Stage(STAGE, "sim_funded", _loss_rule(start, cmp, parameters), payout=terms)
    account = CaseAccount(stage, start)
    share: Micros | None = None
    for told in inputs:
        if isinstance(told, EquityState):
            equity = money(told.equity)
            if account.started:
                account.metric(equity, equity)
            else:
                account.roll(None, equity, equity)
            continue
        if not account.started:
            account.roll()
        divided = shares(terms, _standing(account), cents(told.amount))
        share = _trader_share(divided)
        account.pay_out(from_cents(divided.gross), share)
    state = account.state
    return {
        "floor_initial": Amount(_initial_floor(start, cmp, parameters)),
        "floor_after": Amount(state.floor),
        "equity_after": Amount(state.equity),
        "room_after": Amount(state.equity - state.floor),
        "trader_share": None if share is None else Amount(share),
        "breached": state.verdict == "breached",
    }


def _payout_terms(start: Micros, split: str | None, parameters: FloorEffectParameters) -> PayoutTerms:
    wanted = parameters.on_first_payout.set_floor_to if parameters.on_first_payout is not None else None
    if wanted is None:
        return PayoutTerms(_flat(split))
    level = money(wanted)
    if level == start:
        return PayoutTerms(_flat(split), floor_effect="set_to_start", floor_effect_first_only=True)
    if level == 0:
        return PayoutTerms(_flat(split), floor_effect="set_to_zero", floor_effect_first_only=True)
    return PayoutTerms(
        _flat(split),
        floor_effect="set_to_start_plus",
        floor_effect_value=Micros(level - start),
        floor_effect_first_only=True,
    )


def _loss_rule(start: Micros, cmp: Comparison, parameters: FloorEffectParameters) -> MaxLoss:
    """The rule under which the floor is where the example says it is before the payout.

    A floor that is told stays there. One that is only told by its distance has followed the equity if it has a lock.
    """
    size = Size(amount=_distance(start, parameters))
    level = None if parameters.lock_level is None else money(parameters.lock_level)
    follows = parameters.floor_before is None and parameters.drawdown_amount is not None and level is not None
    mode: Literal["static", "trail_intraday", "trail_payout"] = "trail_intraday" if follows else "static"
    if parameters.on_payout is not None:
        mode = "trail_payout"
    if level is None:
        return MaxLoss(mode, size, cmp=cmp)
    return MaxLoss(mode, size, lock="at", lock_value=level, cmp=cmp)


def _distance(start: Micros, parameters: FloorEffectParameters) -> Micros | None:
    if parameters.floor_before is not None:
        return Micros(start - money(parameters.floor_before))
    return NO_MAX_LOSS.size.amount if parameters.drawdown_amount is None else money(parameters.drawdown_amount)


def _initial_floor(start: Micros, cmp: Comparison, parameters: FloorEffectParameters) -> Micros:
    """Where the floor began, before it came to ``floor_before``."""
    drawdown = parameters.drawdown_amount
    if drawdown is None:
        return CaseAccount(Stage(STAGE, "sim_funded", _loss_rule(start, cmp, parameters)), start).state.floor
    rule = MaxLoss("static", Size(amount=money(drawdown)), cmp=cmp)
    return CaseAccount(Stage(STAGE, "sim_funded", rule), start).state.floor


# ------------------------------------------------------------ allocation, transfer, tax


def allocation_cap(
    parameters: AllocationParameters, inputs: Sequence[AllocatedAccount], _table: SessionTable
) -> Readings:
    """Accounts that are asked for one after the other; each that was refused still counts for the next."""
    limits = Limits(allocation_evaluation=money(parameters.cap))
    stage = Stage(STAGE, "evaluation", NO_MAX_LOSS)
    held: list[Place] = []
    allowed = True
    for told in inputs:
        size = money(told.size)
        allowed = isinstance(admit(limits, stage, size, held), Admitted) and allowed
        held.append(Place(size, stage.kind))
    return ({"total": Amount(total(held)), "allowed": allowed},)


_ALL: Final = re.compile(r"\b(?:sum|total|combined)\b", re.ASCII)
_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?", re.ASCII)
_LEAST: Final = re.compile(r"\b(?:min|minimum|least|max)\b", re.ASCII)
_LEAST_AFTER: Final = re.compile(r" (?:min|minimum)\b", re.ASCII)
_ASSESSED: Final = re.compile(r"\b(?:assessed|at|from|after|once|when|if|reaching)\b", re.ASCII)


def stage_transfer(parameters: TransferParameters, inputs: Sequence[TransferInput], _table: SessionTable) -> Readings:
    """The rule stands in words: which of the two it is, is said by what the example tells, and the words must fit."""
    accounts = tuple(
        SimFunded(money(told.balance), money(told.size)) for told in inputs if isinstance(told, FundedAccount)
    )
    states = [told for told in inputs if isinstance(told, TransferState)]
    if bool(accounts) == bool(states):
        raise CannotJudge("either accounts or a state are needed")
    words = parameters.rule.lower().replace("_", " ")
    if accounts:
        if not (_ALL.search(words) and "largest" in words) or _NUMBER.search(words):
            raise CannotJudge("only the smaller of the sum of balances and the largest account is known")
        rule, record = Transfer("min_sum_largest"), Record(accounts)
    else:
        gross, withdrawn = money(states[-1].gross_profit), money(states[-1].withdrawals)
        rule, record = _net_profit(words), Record(gross_profit=gross, withdrawals=withdrawn)
        if "max(" in words and gross - withdrawn < rule.min:
            raise CannotJudge("nothing below the minimum is transferred, and the firm adds nothing to it")
    answer = assess(rule, record)
    return ({"live_starting_balance": Amount(answer.balance) if isinstance(answer, Transferable) else None},)


def _net_profit(words: str) -> Transfer:
    """A number is the least amount that is moved, or the gross profit at which it is assessed: the words before it,
    else a "minimum" right after it, say which."""
    named = "net profit" in words or ("gross" in words and "withdraw" in words)
    if not named or "%" in words or "min(" in words:
        raise CannotJudge("only gross profit less withdrawals is known")
    least, assessed, told = Micros(0), None, 0
    for number in _NUMBER.finditer(words):
        amount, before = money(number[0].replace(",", "")), words[told : number.start()]
        if _LEAST.search(before):
            least = amount
        elif _ASSESSED.search(before):
            assessed = amount
        elif _LEAST_AFTER.match(words, number.end()):
            least = amount
        else:
            raise CannotJudge(f"the rule does not say what {number[0]} is")
        told = number.end()
    return Transfer("net_profit", min=least, assessed_at=assessed)


def tax_reporting(parameters: TaxParameters, inputs: Sequence[TaxYear], _table: SessionTable) -> Readings:
    """One trader's year; what the account made does not matter."""
    if len(inputs) != 1:
        raise CannotJudge("exactly one year is needed")
    report = reportable(cents(inputs[0].payouts), cents(parameters.threshold), parameters.comparison)
    return ({"reportable": Amount(from_cents(report.amount)), "form_issued": report.form_issued},)
