"""Contradictory programs are refused; the same programs a hair's breadth away are not."""

import re
import tomllib
from inspect import getsource
from typing import NamedTuple, get_args

import pytest
from hypothesis import given, settings
from msgspec import structs

from propfirm.adapters.resources.contracts import load_contracts
from propfirm.domain.calendar.news import CATEGORIES
from propfirm.domain.catalogue import linter, payout_linter
from propfirm.domain.catalogue.known import Known
from propfirm.domain.catalogue.linter import RULES, lint
from propfirm.domain.catalogue.notes import notes
from propfirm.domain.catalogue.phrases import RELEASES
from propfirm.domain.catalogue.program import Program
from propfirm.domain.rules.findings import Rule
from tests.strategies.programs import programs
from tests.unit.domain.catalogue.sound import LIVE, NEWS, SOUND, sound

CIVIL = {"zone": "Europe/Prague", "day_roll": "00:00", "eod_snapshot": "00:00", "calendar": "civil"}
QUALIFYING = {"min_profit": 150, "count": 5}
NINETY_LATER = {"start": 2, "rate": "90 %"}
THREE = {"stages": [*tomllib.loads(SOUND)["stages"], LIVE], "funded.next_stage": "live"}
INSIDE = {"mode": "split", "split": "50 %"}
BUFFER = {"amount": 1_000}
ENDLESS = {"mode": "trail_eod", "amount": 2_000}


class Case(NamedTuple):
    """What is contradictory, by which code, and the changes that make the sound program so; then those that do not."""

    what: str
    code: str
    path: str
    refused: dict[str, object]
    accepted: dict[str, object]


CASES = (
    # -------------------------------------------------------- the whole program
    Case("an account of nothing", "program.size", "starting_balance", {"starting_balance": 0}, {}),
    Case(
        "a snapshot after the roll",
        "clock.snapshot",
        "clock.eod_snapshot",
        {"clock.eod_snapshot": "17:10"},
        {"clock.eod_snapshot": "17:00"},
    ),
    Case(
        "flat after the roll", "clock.flat-by", "clock.flat_by", {"clock.flat_by": "18:00"}, {"clock.flat_by": "17:00"}
    ),
    Case(
        "grace after no closing time",
        "clock.grace",
        "clock.flat_grace_s",
        {"clock": CIVIL | {"flat_grace_s": 60}},
        {"clock": CIVIL | {"flat_grace_s": 60, "flat_by": "23:50"}},
    ),
    Case(
        "grace into the next day",
        "clock.grace",
        "clock.flat_grace_s",
        {"clock.flat_grace_s": 6_601},
        {"clock.flat_grace_s": 6_600},
    ),
    Case("no account at all", "limits.accounts", "limits.accounts", {"limits.accounts": 0}, {"limits.accounts": 1}),
    Case(
        "less allocation than one account",
        "limits.allocation",
        "limits.allocation_funded",
        {"limits.allocation_funded": 49_999},
        {"limits.allocation_funded": 50_000},
    ),
    Case(
        "a household without a number",
        "limits.household",
        "limits.household",
        {"limits.household": True},
        {"limits.household": True, "limits.accounts": 5},
    ),
    Case(
        "a queue for nothing",
        "limits.queue",
        "limits.queue_when_full",
        {"limits.queue_when_full": True},
        {"limits.queue_when_full": True, "funded.max_accounts": 5},
    ),
    Case(
        "an early halt in a day",
        "clock.halt-margin",
        "clock.halt_margin_s",
        {"clock.halt_margin_s": 43_200},
        {"clock.halt_margin_s": 43_199},
    ),
    # -------------------------------------------------------- the order of stages
    Case("no stage", "stages.none", "stages", {"stages": []}, {}),
    Case("one name twice", "stages.repeated", "stages", {"funded.name": "evaluation"}, {}),
    Case(
        "an unknown next stage",
        "stages.unknown-next",
        "stages[0].next_stage",
        {"evaluation.next_stage": "founded"},
        {},
    ),
    Case(
        "stages in a circle",
        "stages.loop",
        "stages[1].next_stage",
        {"funded.next_stage": "evaluation"},
        {},
    ),
    Case(
        "a stage that leads to itself",
        "stages.loop",
        "stages[1].next_stage",
        {"funded.next_stage": "funded"},
        {},
    ),
    Case(
        "a stage that nobody reaches",
        "stages.unreachable",
        "stages[2].name",
        {"stages": [*tomllib.loads(SOUND)["stages"], LIVE]},
        {"stages": [*tomllib.loads(SOUND)["stages"], LIVE], "funded.next_stage": "live"},
    ),
    Case(
        "a pass that leads back to an evaluation",
        "stages.backward",
        "stages[1].next_stage",
        {**THREE, "live.kind": "verification", "funded.target.amount": 1},
        {**THREE, "funded.target.amount": 1},
    ),
    # -------------------------------------------------------- what a stage is and costs
    Case(
        "a zero-based stage with a balance",
        "stage.zero-based",
        "stages[1].starting_balance",
        {"funded.zero_based": True, "funded.starting_balance": 50_000},
        {"funded.zero_based": True},
    ),
    Case(
        "a stage that starts with nothing",
        "stage.starting-balance",
        "stages[1].starting_balance",
        {"funded.starting_balance": 0},
        {"funded.starting_balance": 25_000},
    ),
    Case(
        "an evaluation without a target",
        "stage.no-target",
        "stages[0].target",
        {"evaluation.target": None},
        {},
    ),
    Case(
        "a target with nothing after it",
        "stage.leads-nowhere",
        "stages[1].next_stage",
        {"funded.target.amount": 3_000},
        {},
    ),
    Case(
        "a funded stage that pays nobody",
        "stage.no-payout",
        "stages[1].payout",
        {"funded.payout": None},
        {},
    ),
    Case(
        "payout terms in an evaluation",
        "stage.never-pays",
        "stages[0].payout",
        {"evaluation.payout.split": "90 %"},
        {},
    ),
    Case(
        "no time to pass",
        "stage.none-at-all",
        "stages[0].time_limit_days",
        {"evaluation.time_limit_days": 0},
        {"evaluation.time_limit_days": 1},
    ),
    Case(
        "no time to activate",
        "stage.none-at-all",
        "stages[0].activation_days",
        {"evaluation.activation_days": 0},
        {"evaluation.activation_days": 1},
    ),
    Case(
        "no account in the stage",
        "stage.none-at-all",
        "stages[1].max_accounts",
        {"funded.max_accounts": 0},
        {"funded.max_accounts": 1},
    ),
    Case(
        "more accounts in a stage than a person may hold",
        "stage.max-accounts",
        "stages[1].max_accounts",
        {"limits.accounts": 3, "funded.max_accounts": 4},
        {"limits.accounts": 3, "funded.max_accounts": 3},
    ),
    Case(
        "a time limit to reach nothing",
        "stage.time-limit",
        "stages[1].time_limit_days",
        {"funded.time_limit_days": 30},
        {"evaluation.time_limit_days": 30},
    ),
    Case(
        "resets on sale, none allowed",
        "stage.none-at-all",
        "stages[0].reset.max",
        {"evaluation.reset": {"max": 0}},
        {"evaluation.reset": {"max": 1}},
    ),
    Case(
        "a rebill without monthly bills",
        "stage.rebill",
        "stages[0].on_rebill",
        {"evaluation.on_rebill": "restart"},
        {"evaluation.on_rebill": "restart", "evaluation.billing": "monthly"},
    ),
    Case(
        "an activation fee for no next stage",
        "stage.activation",
        "stages[1].activation_fee",
        {"funded.activation_fee": 100},
        {"evaluation.activation_fee": 100},
    ),
    # -------------------------------------------------------- losses
    Case(
        "no room to lose",
        "max-loss.nothing",
        "stages[0].max_loss.amount",
        {"evaluation.max_loss.amount": 0},
        {"evaluation.max_loss.amount": "0.01"},
    ),
    Case(
        "a maximum loss of the whole account",
        "max-loss.whole-account",
        "stages[0].max_loss.amount",
        {"evaluation.max_loss.amount": 50_000},
        {"evaluation.max_loss.amount": 49_999},
    ),
    Case(
        "a rate base for an amount of money",
        "max-loss.base",
        "stages[0].max_loss.pct_base",
        {"evaluation.max_loss.pct_base": "hwm"},
        {"evaluation.max_loss": {"mode": "trail_eod", "pct": "4 %", "pct_base": "hwm"}},
    ),
    Case(
        "a static floor of the high-water mark",
        "max-loss.base",
        "stages[0].max_loss.pct_base",
        {"evaluation.max_loss": {"mode": "static", "pct": "4 %", "pct_base": "hwm"}},
        {"evaluation.max_loss": {"mode": "static", "pct": "4 %"}},
    ),
    Case(
        "a rate of a high-water mark of 0",
        "max-loss.base",
        "stages[1].max_loss.pct_base",
        {"funded.max_loss": {"mode": "trail_eod", "pct": "4 %", "pct_base": "hwm"}, "funded.zero_based": True},
        {"funded.max_loss": {"mode": "trail_eod", "pct": "4 %"}, "funded.zero_based": True},
    ),
    Case(
        "a floor that follows payouts which are none",
        "max-loss.mode",
        "stages[0].max_loss.mode",
        {"evaluation.max_loss.mode": "trail_payout"},
        {"funded.max_loss.mode": "trail_payout"},
    ),
    Case(
        "a lock on a floor that never moves",
        "max-loss.lock-static",
        "stages[0].max_loss.lock",
        {"evaluation.max_loss.mode": "static"},
        {"evaluation.max_loss": {"mode": "static", "amount": 2_000}},
    ),
    Case(
        "a lock value that no lock takes",
        "max-loss.lock-value",
        "stages[0].max_loss.lock_value",
        {"evaluation.max_loss.lock_value": 100},
        {"evaluation.max_loss.lock_value": 100, "evaluation.max_loss.lock": "start_plus"},
    ),
    Case(
        "a lock below the start",
        "max-loss.lock-below-start",
        "stages[0].max_loss.lock_value",
        {"evaluation.max_loss.lock": "at", "evaluation.max_loss.lock_value": 49_999},
        {"evaluation.max_loss.lock": "at", "evaluation.max_loss.lock_value": 50_000},
    ),
    Case(
        "a lock below the start by a negative step",
        "max-loss.lock-below-start",
        "stages[0].max_loss.lock_value",
        {"evaluation.max_loss.lock": "start_plus", "evaluation.max_loss.lock_value": -1},
        {"evaluation.max_loss.lock": "start_plus", "evaluation.max_loss.lock_value": 1},
    ),
    Case(
        "a lock below the start of a zero-based account",
        "max-loss.lock-below-start",
        "stages[1].max_loss.lock_value",
        {"funded.zero_based": True, "funded.max_loss.lock": "at", "funded.max_loss.lock_value": -1},
        {"funded.zero_based": True, "funded.max_loss.lock": "at", "funded.max_loss.lock_value": 0},
    ),
    Case(
        "a lock that waits for payouts which are none",
        "max-loss.lock-trigger",
        "stages[0].max_loss.lock_trigger",
        {"evaluation.max_loss.lock_trigger": "first_payout"},
        {"funded.max_loss.lock_trigger": "first_payout"},
    ),
    Case(
        "a payout that locks what has no lock",
        "max-loss.lock-trigger",
        "stages[1].max_loss.lock_trigger",
        {"funded.max_loss": {**ENDLESS, "lock_trigger": "first_payout"}},
        {"funded.max_loss": {**ENDLESS, "lock_trigger": "first_payout", "lock": "start"}},
    ),
    Case(
        "a maximum loss that refuses an order",
        "outcome.no-trade",
        "stages[0].max_loss.outcome",
        {"evaluation.max_loss.outcome": "reject_order"},
        {"evaluation.max_loss.outcome": "lock_day"},
    ),
    Case(
        "no room to lose on a day",
        "daily-loss.nothing",
        "stages[0].daily_loss.amount",
        {"evaluation.daily_loss.amount": 0},
        {"evaluation.daily_loss.amount": "0.01"},
    ),
    Case(
        "a daily limit above the maximum loss",
        "daily-loss.above-max-loss",
        "stages[0].daily_loss.amount",
        {"evaluation.daily_loss.amount": "2000.01"},
        {"evaluation.daily_loss.amount": 2_000},
    ),
    Case(
        "a daily rate above the maximum loss",
        "daily-loss.above-max-loss",
        "stages[0].daily_loss.pct",
        {"evaluation.daily_loss.pct": "4.0001 %"},
        {"evaluation.daily_loss.pct": "4 %"},
    ),
    Case(
        "a daily base for an amount of money",
        "daily-loss.base",
        "stages[0].daily_loss.pct_base",
        {"evaluation.daily_loss": {"amount": 100, "pct_base": "reference"}},
        {"evaluation.daily_loss": {"pct": "1 %", "pct_base": "reference"}},
    ),
    Case(
        "a daily rate of a reference of 0",
        "daily-loss.base",
        "stages[1].daily_loss.pct_base",
        {"funded.zero_based": True, "funded.daily_loss": {"pct": "1 %", "pct_base": "reference"}},
        {"funded.zero_based": True, "funded.daily_loss": {"pct": "1 %"}},
    ),
    Case(
        "a day that no gain may touch",
        "daily-cap.nothing",
        "stages[0].daily_loss.upper_cap.pct",
        {"evaluation.daily_loss": {"amount": 100, "upper_cap": {"pct": "0 %"}}},
        {"evaluation.daily_loss": {"amount": 100, "upper_cap": {"pct": "1 %"}}},
    ),
    Case(
        "qualifying days above the daily cap",
        "days.above-cap",
        "stages[0].days.qualifying.min_profit",
        {
            "evaluation.daily_loss": {"amount": 100, "upper_cap": {"pct": "1 %"}},
            "evaluation.days.qualifying": {**QUALIFYING, "min_profit": 501},
        },
        {
            "evaluation.daily_loss": {"amount": 100, "upper_cap": {"pct": "1 %"}},
            "evaluation.days.qualifying": {**QUALIFYING, "min_profit": 500},
        },
    ),
    # -------------------------------------------------------- passing
    Case(
        "a target of nothing",
        "target.nothing",
        "stages[0].target.amount",
        {"evaluation.target.amount": 0},
        {"evaluation.target.amount": "0.01"},
    ),
    Case(
        "no qualifying day",
        "days.nothing",
        "stages[1].days.qualifying.count",
        {"funded.days.qualifying": {"min_profit": 150, "count": 0}},
        {"funded.days.qualifying": {"min_profit": 150, "count": 1}},
    ),
    Case(
        "more trading days than anybody trades",
        "days.beyond-sense",
        "stages[0].days.min_trading",
        {"evaluation.days.min_trading": 1001},
        {"evaluation.days.min_trading": 1000},
    ),
    Case(
        "more qualifying days than anybody trades",
        "days.beyond-sense",
        "stages[1].days.qualifying.count",
        {"funded.days.qualifying": {"min_profit": 150, "count": 1001}},
        {"funded.days.qualifying": {"min_profit": 150, "count": 1000}},
    ),
    Case(
        "a day that qualifies without a profit",
        "days.nothing",
        "stages[1].days.qualifying.min_profit_pct",
        {"funded.days.qualifying": {"min_profit_pct": "0 %", "count": 5}},
        {"funded.days.qualifying": {"min_profit_pct": "0.1 %", "count": 5}},
    ),
    Case(
        "more trading days than the time limit holds",
        "target.out-of-time",
        "stages[0].days.min_trading",
        {"evaluation.time_limit_days": 14, "evaluation.days.min_trading": 11},
        {"evaluation.time_limit_days": 14, "evaluation.days.min_trading": 10},
    ),
    Case(
        "more trading days than a civil calendar holds",
        "target.out-of-time",
        "stages[0].days.min_trading",
        {"clock": CIVIL, "evaluation.time_limit_days": 14, "evaluation.days.min_trading": 15},
        {"clock": CIVIL, "evaluation.time_limit_days": 14, "evaluation.days.min_trading": 14},
    ),
    Case(
        "more qualifying days than the time limit holds",
        "target.out-of-time",
        "stages[0].days.qualifying.count",
        {"evaluation.time_limit_days": 6, "evaluation.days.qualifying": {"min_profit": 1, "count": 6}},
        {"evaluation.time_limit_days": 6, "evaluation.days.qualifying": {"min_profit": 1, "count": 5}},
    ),
    Case(
        "a best day so small that the time is too short",
        "target.out-of-time",
        "stages[0].consistency.cap",
        {"evaluation.time_limit_days": 7, "evaluation.consistency.cap": "19.9 %"},
        {"evaluation.time_limit_days": 7, "evaluation.consistency.cap": "20 %"},
    ),
    Case(
        "a best day strictly below its share in too few days",
        "target.out-of-time",
        "stages[0].consistency.cap",
        {"evaluation.time_limit_days": 7, "evaluation.consistency": {"cap": "20 %", "cmp": "lt"}},
        {"evaluation.time_limit_days": 7, "evaluation.consistency": {"cap": "20.1 %", "cmp": "lt"}},
    ),
    Case(
        "a best day so small, but counted by trades",
        "target.out-of-time",
        "stages[0].consistency.cap",
        {"evaluation.time_limit_days": 7, "evaluation.consistency": {"cap": "10 %", "unit": "day"}},
        {"evaluation.time_limit_days": 7, "evaluation.consistency": {"cap": "10 %", "unit": "trade"}},
    ),
    Case(
        "a target beyond the daily caps of the time limit",
        "target.out-of-time",
        "stages[0].daily_loss.upper_cap.pct",
        {"evaluation.time_limit_days": 7, "evaluation.daily_loss": {"amount": 1, "upper_cap": {"pct": "1.1 %"}}},
        {"evaluation.time_limit_days": 7, "evaluation.daily_loss": {"amount": 1, "upper_cap": {"pct": "1.2 %"}}},
    ),
    Case(
        "consistency without a share",
        "consistency.no-cap",
        "stages[0].consistency.cap",
        {"evaluation.consistency": {}, "evaluation.time_limit_days": 30},
        {"evaluation.consistency.cap": "40 %"},
    ),
    Case(
        "one share and one for each payout",
        "consistency.two-caps",
        "stages[1].consistency.caps_by_payout",
        {"funded.consistency": {"cap": "20 %", "caps_by_payout": ["20 %"]}},
        {"funded.consistency.caps_by_payout": ["20 %"]},
    ),
    Case(
        "a best day above the whole profit",
        "consistency.cap",
        "stages[0].consistency.cap",
        {"evaluation.consistency.cap": "100.1 %"},
        {"evaluation.consistency.cap": "100 %"},
    ),
    Case(
        "a best day of nothing",
        "consistency.cap",
        "stages[1].consistency.caps_by_payout",
        {"funded.consistency.caps_by_payout": ["20 %", "0 %"]},
        {"funded.consistency.caps_by_payout": ["20 %", "0.1 %"]},
    ),
    Case(
        "shares by payout where there are none",
        "consistency.no-payouts",
        "stages[0].consistency.caps_by_payout",
        {"evaluation.consistency.caps_by_payout": ["20 %"]},
        {},
    ),
    Case(
        "an end by payout where there are none",
        "consistency.no-payouts",
        "stages[0].consistency.until_payout_no",
        {"evaluation.consistency": {"cap": "20 %", "until_payout_no": 3}},
        {"funded.consistency": {"cap": "20 %", "until_payout_no": 3}},
    ),
    Case(
        "consistency that ends before its last share",
        "consistency.until",
        "stages[1].consistency.until_payout_no",
        {"funded.consistency": {"caps_by_payout": ["20 %", "25 %"], "until_payout_no": 1}},
        {"funded.consistency": {"caps_by_payout": ["20 %", "25 %"], "until_payout_no": 2}},
    ),
    Case(
        "a share of a target that is none",
        "consistency.no-target",
        "stages[1].consistency.denominator",
        {"funded.consistency": {"cap": "20 %", "denominator": "target"}},
        {"evaluation.consistency": {"cap": "20 %", "denominator": "target"}},
    ),
    Case(
        "an extended target that is none",
        "consistency.no-target",
        "stages[1].consistency.effect",
        {"funded.consistency": {"cap": "20 %", "effect": "extend_ratio"}},
        {"evaluation.consistency": {"cap": "20 %", "effect": "extend_ratio"}},
    ),
    Case(
        "qualifying days that each break consistency",
        "consistency.qualifying-breaks",
        "stages[0].consistency.cap",
        {
            "evaluation.consistency": {"cap": "10 %", "denominator": "target"},
            "evaluation.days.qualifying": {**QUALIFYING, "min_profit": 301},
        },
        {
            "evaluation.consistency": {"cap": "10 %", "denominator": "target"},
            "evaluation.days.qualifying": {**QUALIFYING, "min_profit": 300},
        },
    ),
    Case(
        "trading days since a payout that never is",
        "window.no-payouts",
        "stages[0].days.min_trading_scope",
        {"evaluation.days": {"min_trading": 3, "min_trading_scope": "cycle"}},
        {"funded.days": {"min_trading": 3, "min_trading_scope": "cycle"}},
    ),
    Case(
        "qualifying days since a payout that never is",
        "window.no-payouts",
        "stages[0].days.qualifying.scope",
        {"evaluation.days.qualifying": QUALIFYING | {"scope": "cycle"}},
        {"evaluation.days.qualifying": QUALIFYING | {"scope": "lifetime"}},
    ),
    Case(
        "consistency since a payout that never is",
        "window.no-payouts",
        "stages[0].consistency.window",
        {"evaluation.consistency": {"cap": "50 %", "window": "cycle"}},
        {"funded.consistency": {"cap": "50 %", "window": "cycle"}},
    ),
    Case(
        "a rule that ends with the last payout",
        "consistency.until",
        "stages[1].consistency.until_payout_no",
        {"funded.consistency": {"cap": "20 %", "until_payout_no": 3}, "funded.payout.max_count": 3},
        {"funded.consistency": {"cap": "20 %", "until_payout_no": 3}, "funded.payout.max_count": 4},
    ),
    Case(
        "more shares than payouts",
        "consistency.never",
        "stages[1].consistency.caps_by_payout",
        {"funded.consistency.caps_by_payout": ["20 %", "30 %"], "funded.payout.max_count": 1},
        {"funded.consistency.caps_by_payout": ["20 %", "30 %"], "funded.payout.max_count": 2},
    ),
    # -------------------------------------------------------- sizes
    Case(
        "a contract without weight",
        "position.nothing",
        "stages[0].position.weights.mini",
        {"evaluation.position": {"max": 5, "weights": {"mini": 0}}},
        {"evaluation.position": {"max": 5, "weights": {"mini": "0.5"}}},
    ),
    Case(
        "none of a contract",
        "position.nothing",
        "stages[0].position.sub_caps.ES",
        {"evaluation.position": {"max": 5, "sub_caps": {"ES": 0}}},
        {"evaluation.position": {"max": 5, "sub_caps": {"ES": 1}}},
    ),
    Case(
        "a weight of a class that is none",
        "position.key",
        "stages[0].position.weights.minis",
        {"evaluation.position": {"max": 5, "weights": {"minis": 1}}},
        {"evaluation.position": {"max": 5, "weights": {"6E": 1}}},
    ),
    Case(
        "a weight of a contract that nobody lists",
        "position.key",
        "stages[0].position.weights.EZ",
        {"evaluation.position": {"max": 5, "weights": {"EZ": 1}}},
        {"evaluation.position": {"max": 5, "weights": {"ES": 1}}},
    ),
    Case(
        "at most so many of a contract that nobody lists",
        "position.key",
        "stages[0].position.sub_caps.es",
        {"evaluation.position": {"max": 5, "sub_caps": {"es": 1}}},
        {"evaluation.position": {"max": 5, "sub_caps": {"ES": 1}}},
    ),
    Case(
        "less than the lightest contract",
        "position.too-small",
        "stages[0].position.max",
        {"evaluation.position.max": "0.09"},
        {"evaluation.position.max": "0.1"},
    ),
    Case(
        "less than the lightest contract by the program's weights",
        "position.too-small",
        "stages[0].position.max",
        {"evaluation.position": {"max": 1, "weights": {"mini": 10, "full": 50, "micro": 2}}},
        {"evaluation.position": {"max": 2, "weights": {"mini": 10, "full": 50, "micro": 2}}},
    ),
    Case(
        "less than one lot",
        "position.too-small",
        "stages[0].position.max",
        {"evaluation.position": {"max": "0.9", "unit": "lot"}},
        {"evaluation.position": {"max": 1, "unit": "lot"}},
    ),
    Case(
        "less than one micro",
        "position.too-small",
        "stages[0].position.max",
        {"evaluation.position": {"max": "0.9", "unit": "micro"}},
        {"evaluation.position": {"max": 1, "unit": "micro"}},
    ),
    Case(
        "a scaling plan without its first tier",
        "scaling.no-first-tier",
        "stages[1].scaling.tiers",
        {"funded.scaling.tiers": [{"start": 1, "max": 2}]},
        {"funded.scaling.tiers": [{"start": 0, "max": 2}]},
    ),
    Case(
        "a scaling plan by balance without its first tier",
        "scaling.no-first-tier",
        "stages[1].scaling.tiers",
        {"funded.scaling": {"metric": "balance", "tiers": [{"start": 50_001, "max": 2}]}},
        {"funded.scaling": {"metric": "balance", "tiers": [{"start": 50_000, "max": 2}]}},
    ),
    Case(
        "a scaling plan without tiers",
        "scaling.no-first-tier",
        "stages[1].scaling.tiers",
        {"funded.scaling.tiers": []},
        {"funded.scaling.tiers": [{"start": -1, "max": 2}]},
    ),
    Case(
        "tiers that do not rise",
        "scaling.not-rising",
        "stages[1].scaling.tiers[1].start",
        {"funded.scaling.tiers": [{"start": 0, "max": 2}, {"start": 0, "max": 3}]},
        {"funded.scaling.tiers": [{"start": 0, "max": 2}, {"start": 1, "max": 3}]},
    ),
    Case(
        "fewer contracts for more profit",
        "scaling.not-rising",
        "stages[1].scaling.tiers[1].max",
        {"funded.scaling.tiers": [{"start": 0, "max": 3}, {"start": 1, "max": 2}]},
        {"funded.scaling.tiers": [{"start": 0, "max": 3}, {"start": 1, "max": 3}]},
    ),
    Case(
        "a tier below the lightest contract",
        "scaling.too-small",
        "stages[1].scaling.tiers[0].max",
        {"funded.scaling.tiers": [{"start": 0, "max": "0.09"}]},
        {"funded.scaling.tiers": [{"start": 0, "max": "0.1"}]},
    ),
    Case(
        "a tier above the position limit",
        "scaling.above-max",
        "stages[1].scaling.tiers[0].max",
        {"funded.position.max": 5, "funded.scaling.tiers": [{"start": 0, "max": "5.1"}]},
        {"funded.position.max": 5, "funded.scaling.tiers": [{"start": 0, "max": 5}]},
    ),
    Case(
        "a cap of one contract above the cap of all",
        "position.sub-cap",
        "stages[0].position.sub_caps.MES",
        {"evaluation.position": {"max": 5, "sub_caps": {"MES": 51}}},
        {"evaluation.position": {"max": 5, "sub_caps": {"MES": 50}}},
    ),
    Case(
        "a cap of one contract above the cap of all, offset",
        "position.sub-cap",
        "stages[0].position.sub_caps.MES",
        {"evaluation.position": {"max": 5, "sub_caps": {"MES": 51}, "netting": "gross"}},
        {"evaluation.position": {"max": 5, "sub_caps": {"MES": 51}, "netting": "net"}},
    ),
    # -------------------------------------------------------- times and news
    Case(
        "positions to be closed at no time",
        "times.no-flat-by",
        "stages[0].times.overnight",
        {"clock": CIVIL, "evaluation.times": {"weekend": True, "holidays": True}},
        {"clock": CIVIL, "evaluation.times": {"overnight": True, "weekend": True, "holidays": True}},
    ),
    Case(
        "a weekend without its nights",
        "times.no-overnight",
        "stages[0].times.weekend",
        {"evaluation.times": {"weekend": True}},
        {"evaluation.times": {"weekend": True, "overnight": True}},
    ),
    Case(
        "a blackout that ends before it begins",
        "times.blackout",
        "stages[0].times.blackout[0].end",
        {"evaluation.times.blackout": [{"start": "10:00", "end": "10:00"}]},
        {"evaluation.times.blackout": [{"start": "10:00", "end": "10:01"}]},
    ),
    Case(
        "a blackout on one day twice",
        "times.blackout",
        "stages[0].times.blackout[0].days",
        {"evaluation.times.blackout": [{"start": "10:00", "end": "11:00", "days": ["mon", "mon"]}]},
        {"evaluation.times.blackout": [{"start": "10:00", "end": "11:00", "days": ["mon", "tue"]}]},
    ),
    Case(
        "news without releases",
        "news.no-events",
        "stages[1].news.events",
        {"funded.news": {**NEWS, "events": {}}},
        {"funded.news": NEWS},
    ),
    Case(
        "an unknown release",
        "news.unknown-event",
        "stages[1].news.events.PPI2",
        {"funded.news": {**NEWS, "events": {"PPI2": ["*"]}}},
        {"funded.news": {**NEWS, "events": {"CRUDE_INVENTORIES": ["CL"]}}},
    ),
    Case(
        "a release that touches nothing",
        "news.no-products",
        "stages[1].news.events.NFP",
        {"funded.news": {**NEWS, "events": {"NFP": []}}},
        {"funded.news": {**NEWS, "events": {"NFP": ["ES"]}}},
    ),
    Case(
        "a release that touches all products and one",
        "news.repeated-product",
        "stages[1].news.events.NFP",
        {"funded.news": {**NEWS, "events": {"NFP": ["*", "ES"]}}},
        {"funded.news": {**NEWS, "events": {"NFP": ["NQ", "ES"]}}},
    ),
    Case(
        "a release that touches an unknown product",
        "news.unknown-product",
        "stages[1].news.events.NFP",
        {"funded.news": {**NEWS, "events": {"NFP": ["ES", "EZ"]}}},
        {"funded.news": {**NEWS, "events": {"NFP": ["ES", "MES"]}}},
    ),
    Case(
        "a list of releases that is not there",
        "news.unknown-feed",
        "stages[1].news.feed",
        {"funded.news": {**NEWS, "feed": "us-high-impact-2025"}},
        {"funded.news": {**NEWS, "feed": "us-high-impact-2026"}},
    ),
    Case(
        "profit that is stripped and an account that is over",
        "news.outcome",
        "stages[1].news.outcome",
        {"funded.news": {**NEWS, "mode": "strip_profit", "outcome": "fail"}},
        {"funded.news": {**NEWS, "mode": "strip_profit", "outcome": "strip_profit"}},
    ),
    Case(
        "a news window without length",
        "news.no-window",
        "stages[1].news.after_s",
        {"funded.news": {**NEWS, "before_s": 0, "after_s": 0}},
        {"funded.news": {**NEWS, "before_s": 0, "after_s": 1}},
    ),
    Case(
        "news that exempts everything",
        "news.all-exempt",
        "stages[1].news.exempt_if_held_s",
        {"funded.news": {**NEWS, "exempt_if_held_s": 0}},
        {"funded.news": {**NEWS, "exempt_if_held_s": 1}},
    ),
    Case(
        "a holiday without its nights",
        "times.no-overnight",
        "stages[0].times.holidays",
        {"evaluation.times": {"holidays": True}},
        {"evaluation.times": {"holidays": True, "overnight": True}},
    ),
    # -------------------------------------------------------- behaviour and inactivity
    Case(
        "a block that forbids nothing",
        "behaviour.nothing",
        "stages[0].behaviour",
        {"evaluation.behaviour": {"outcome": "fail"}},
        {"evaluation.behaviour": {"copy": "forbidden"}},
    ),
    Case(
        "a deadline for no stop",
        "behaviour.stop",
        "stages[0].behaviour.stop_required_within_s",
        {"evaluation.behaviour": {"stop_required_within_s": 10}},
        {"evaluation.behaviour": {"stop_required_within_s": 10, "stop_required": True}},
    ),
    Case(
        "a share of trades held for no time",
        "behaviour.hold",
        "stages[0].behaviour.min_hold_share_trades",
        {"evaluation.behaviour": {"min_hold_share_trades": "50 %"}},
        {"evaluation.behaviour": {"min_hold_share_trades": "50 %", "min_hold_s": 10}},
    ),
    Case(
        "a holding time that judges nothing",
        "behaviour.hold",
        "stages[0].behaviour.min_hold_s",
        {"evaluation.behaviour": {"min_hold_s": 10}},
        {"evaluation.behaviour": {"min_hold_s": 10, "min_hold_share_profit": "50 %"}},
    ),
    Case(
        "a holding time of none",
        "behaviour.hold",
        "stages[0].behaviour.min_hold_s",
        {"evaluation.behaviour": {"min_hold_s": 0, "min_hold_share_profit": "50 %"}},
        {"evaluation.behaviour": {"min_hold_s": 1, "min_hold_share_profit": "50 %"}},
    ),
    Case(
        "ticks that soften no holding time",
        "behaviour.hold",
        "stages[0].behaviour.min_hold_ticks",
        {"evaluation.behaviour": {"min_hold_ticks": 10}},
        {"evaluation.behaviour": {"min_hold_ticks": 10, "min_hold_s": 10, "min_hold_share_profit": "50 %"}},
    ),
    Case(
        "more than all trades",
        "behaviour.share",
        "stages[0].behaviour.min_hold_share_trades",
        {"evaluation.behaviour": {"min_hold_share_trades": "100 %", "min_hold_s": 10}},
        {"evaluation.behaviour": {"min_hold_share_trades": "100 %", "min_hold_s": 10, "min_hold_edge": "gte"}},
    ),
    Case(
        "at least no trades at all",
        "behaviour.share",
        "stages[0].behaviour.min_hold_share_trades",
        {"evaluation.behaviour": {"min_hold_share_trades": "0 %", "min_hold_s": 10, "min_hold_edge": "gte"}},
        {"evaluation.behaviour": {"min_hold_share_trades": "0 %", "min_hold_s": 10}},
    ),
    Case(
        "a position that may risk nothing",
        "behaviour.risk",
        "stages[0].behaviour.max_risk_per_position.pct",
        {"evaluation.behaviour.max_risk_per_position.pct": "0 %"},
        {"evaluation.behaviour.max_risk_per_position.pct": "100 %"},
    ),
    Case(
        "no stop near enough",
        "behaviour.ratio",
        "stages[0].behaviour.stop_target_ratio",
        {"evaluation.behaviour.stop_target_ratio": 0},
        {"evaluation.behaviour.stop_target_ratio": "0.1"},
    ),
    Case(
        "every execution too many",
        "behaviour.hft",
        "stages[0].behaviour.hft.max_trades_per_s",
        {"evaluation.behaviour.hft.max_trades_per_s": 0},
        {"evaluation.behaviour.hft.max_trades_per_s": 1},
    ),
    Case(
        "a kind of hedging that is allowed anyway",
        "behaviour.hedging",
        "stages[0].behaviour.hedging_scope",
        {"evaluation.behaviour": {"hedging_scope": "group"}},
        {"evaluation.behaviour": {"hedging_scope": "group", "hedging": "forbidden"}},
    ),
    Case(
        "no open loss at all",
        "mae.pct",
        "stages[0].behaviour.mae.pct",
        {"evaluation.behaviour.mae.pct": "0 %"},
        {"evaluation.behaviour.mae.pct": "0.1 %"},
    ),
    Case(
        "a raised rate from no profit on",
        "mae.raised",
        "stages[0].behaviour.mae.pct_raised",
        {"evaluation.behaviour.mae": {"pct": "30 %", "pct_raised": "50 %"}},
        {"evaluation.behaviour.mae": {"pct": "30 %", "pct_raised": "50 %", "raised_from": 1}},
    ),
    Case(
        "a raised rate that is not raised",
        "mae.raised",
        "stages[0].behaviour.mae.pct_raised",
        {"evaluation.behaviour.mae": {"pct": "30 %", "pct_raised": "30 %", "raised_from": 1}},
        {"evaluation.behaviour.mae": {"pct": "30 %", "pct_raised": "30.1 %", "raised_from": 1}},
    ),
    Case(
        "a low profit that nothing asks for",
        "mae.low-profit",
        "stages[0].behaviour.mae.low_profit_below",
        {"evaluation.behaviour.mae": {"pct": "30 %", "low_profit_below": 1, "base": "initial"}},
        {"evaluation.behaviour.mae": {"pct": "30 %", "low_profit_below": 1}},
    ),
    Case(
        "inactivity by nothing",
        "inactivity.nothing",
        "stages[0].inactivity.days",
        {"evaluation.inactivity": {}},
        {"evaluation.inactivity": {"per_week": 1}},
    ),
    Case(
        "less than no trade a week",
        "inactivity.nothing",
        "stages[0].inactivity.per_week",
        {"evaluation.inactivity": {"per_week": 0}},
        {"evaluation.inactivity": {"per_week": 1}},
    ),
    Case(
        "inactive over every long weekend",
        "inactivity.every-week",
        "stages[0].inactivity.days",
        {"evaluation.inactivity.days": 4},
        {"evaluation.inactivity.days": 5},
    ),
    Case(
        "inactive every day",
        "inactivity.every-week",
        "stages[0].inactivity.days",
        {"clock": CIVIL, "evaluation.inactivity.days": 1},
        {"clock": CIVIL, "evaluation.inactivity.days": 2},
    ),
    Case(
        "inactive for longer than the stage lasts",
        "inactivity.never",
        "stages[0].inactivity.days",
        {"evaluation.inactivity.days": 31, "evaluation.time_limit_days": 30},
        {"evaluation.inactivity.days": 30, "evaluation.time_limit_days": 30},
    ),
    # -------------------------------------------------------- what follows, strikes, warnings
    Case(
        "a transfer into simulated money",
        "transfer.not-live",
        "stages[1].transfer.rule",
        {"funded.transfer.rule": "net_profit"},
        {**THREE, "live.transfer.rule": "net_profit"},
    ),
    Case(
        "a transfer of nothing",
        "transfer.from-nothing",
        "stages[1].transfer.rule",
        {"funded.kind": "live", "funded.transfer.rule": "net_profit"},
        {**THREE, "live.transfer.rule": "net_profit"},
    ),
    Case(
        "a transfer after more payouts than there are",
        "transfer.never",
        "stages[2].transfer.after_payouts",
        {**THREE, "funded.payout.max_count": 3, "live.transfer": {"rule": "discretion", "after_payouts": 4}},
        {**THREE, "funded.payout.max_count": 4, "live.transfer": {"rule": "discretion", "after_payouts": 4}},
    ),
    Case(
        "an account that has outgrown itself",
        "growth.nothing",
        "stages[1].growth.after_payouts",
        {"funded.growth": {"after_payouts": 0, "to": "bigger"}},
        {"funded.growth": {"after_payouts": 1, "to": "bigger"}},
    ),
    Case(
        "growth by payouts that are none",
        "growth.no-payouts",
        "stages[0].growth.after_payouts",
        {"evaluation.growth": {"after_payouts": 1, "to": "bigger"}},
        {},
    ),
    Case(
        "growth after the last payout",
        "growth.never",
        "stages[1].growth.after_payouts",
        {"funded.growth": {"after_payouts": 4, "to": "bigger"}, "funded.payout.max_count": 3},
        {"funded.growth": {"after_payouts": 3, "to": "bigger"}, "funded.payout.max_count": 3},
    ),
    Case(
        "growth into itself",
        "growth.itself",
        "stages[1].growth.to",
        {"funded.growth": {"after_payouts": 1, "to": "sound"}},
        {"funded.growth": {"after_payouts": 1, "to": "bigger"}},
    ),
    Case(
        "growth into a program that is not there",
        "growth.unknown",
        "stages[1].growth.to",
        {"funded.growth": {"after_payouts": 1, "to": "biggest"}},
        {"funded.growth": {"after_payouts": 1, "to": "bigger"}},
    ),
    Case(
        "strikes of an unknown rule",
        "strikes.unknown-rule",
        "stages[0].strikes[0].rule",
        {"evaluation.strikes": [{"rule": "max_los", "actions": ["warn"]}]},
        {"evaluation.strikes": [{"rule": "max_loss", "actions": ["warn"]}]},
    ),
    Case(
        "strikes of a rule that the stage has not",
        "strikes.no-such-rule",
        "stages[0].strikes[0].rule",
        {"evaluation.strikes": [{"rule": "news", "actions": ["warn"]}]},
        {"evaluation.strikes": [{"rule": "news", "actions": ["warn"]}], "evaluation.news": NEWS},
    ),
    Case(
        "strikes of one rule twice",
        "strikes.twice",
        "stages[0].strikes[1].rule",
        {"evaluation.strikes": [{"rule": "max_loss", "actions": ["warn"]}] * 2},
        {"evaluation.strikes": [{"rule": "max_loss", "actions": ["warn"]}]},
    ),
    Case(
        "strikes that are strikes",
        "strikes.actions",
        "stages[0].strikes[0].actions",
        {"evaluation.strikes": [{"rule": "max_loss", "actions": ["warn", "strike"]}]},
        {"evaluation.strikes": [{"rule": "max_loss", "actions": ["warn", "fail"]}]},
    ),
    Case(
        "a strike of the whole account that closes one position",
        "outcome.no-trade",
        "stages[0].strikes[0].actions[1]",
        {"evaluation.strikes": [{"rule": "max_loss", "actions": ["warn", "close_offending"]}]},
        {"evaluation.strikes": [{"rule": "max_loss", "actions": ["warn", "lock_day"]}]},
    ),
    Case(
        "strikes that are forgotten at once",
        "strikes.window",
        "stages[0].strikes[0].window_days",
        {"evaluation.strikes": [{"rule": "max_loss", "actions": ["warn"], "window_days": 0}]},
        {"evaluation.strikes": [{"rule": "max_loss", "actions": ["warn"], "window_days": 1}]},
    ),
    Case(
        "strikes that are not told",
        "strikes.missing",
        "stages[0].position.outcome",
        {"evaluation.position": {"max": 5, "outcome": "strike"}},
        {
            "evaluation.position": {"max": 5, "outcome": "strike"},
            "evaluation.strikes": [{"rule": "position", "actions": ["warn"]}],
        },
    ),
    Case(
        "a warning when all is lost",
        "warning.share",
        "stages[0].warn_at",
        {"evaluation.warn_at": "100 %"},
        {"evaluation.warn_at": "99.9 %"},
    ),
    # -------------------------------------------------------- payouts
    Case(
        "a split without its first step",
        "split.no-first-step",
        "stages[1].payout.split.steps",
        {"funded.payout.split": {"kind": "by_payout", "steps": [{"start": 2, "rate": "90 %"}]}},
        {"funded.payout.split": {"kind": "by_payout", "steps": [{"start": 1, "rate": "90 %"}]}},
    ),
    Case(
        "a lifetime split without its first step",
        "split.no-first-step",
        "stages[1].payout.split.steps",
        {"funded.payout.split": {"kind": "by_lifetime_marginal", "steps": [{"start": 1, "rate": "90 %"}]}},
        {"funded.payout.split": {"kind": "by_lifetime_marginal", "steps": [{"start": 0, "rate": "90 %"}]}},
    ),
    Case(
        "a flat split with steps",
        "split.flat",
        "stages[1].payout.split.steps",
        {
            "funded.payout.split": {
                "kind": "flat",
                "steps": [{"start": 0, "rate": "90 %"}, {"start": 1, "rate": "95 %"}],
            }
        },
        {
            "funded.payout.split": {
                "kind": "by_age",
                "steps": [{"start": 0, "rate": "90 %"}, {"start": 1, "rate": "95 %"}],
            }
        },
    ),
    Case(
        "split steps that do not rise",
        "split.not-rising",
        "stages[1].payout.split.steps[1].start",
        {
            "funded.payout.split": {
                "kind": "by_age",
                "steps": [{"start": 0, "rate": "90 %"}, {"start": 0, "rate": "95 %"}],
            }
        },
        {
            "funded.payout.split": {
                "kind": "by_age",
                "steps": [{"start": 0, "rate": "95 %"}, {"start": 1, "rate": "90 %"}],
            }
        },
    ),
    Case(
        "more than the whole payout for the trader",
        "split.rate",
        "stages[1].payout.split.steps[0].rate",
        {"funded.payout.split": "100.1 %"},
        {"funded.payout.split": "100 %"},
    ),
    Case(
        "more than the whole of the buffer for the trader",
        "split.rate",
        "stages[1].payout.inside_buffer.split",
        {"funded.payout.buffer": BUFFER, "funded.payout.inside_buffer": {"mode": "split", "split": "101 %"}},
        {"funded.payout.buffer": BUFFER, "funded.payout.inside_buffer": {"mode": "split", "split": "100 %"}},
    ),
    Case(
        "nothing for the trader",
        "split.nothing",
        "stages[1].payout.split.steps[0].rate",
        {"funded.payout.split": "0 %"},
        {"funded.payout.split": "0.1 %"},
    ),
    Case(
        "nothing of the first payout for the trader",
        "split.nothing",
        "stages[1].payout.split.steps[0].rate",
        {"funded.payout.split": {"kind": "by_payout", "steps": [{"start": 1, "rate": "0 %"}, NINETY_LATER]}},
        {"funded.payout.split": {"kind": "by_payout", "steps": [{"start": 1, "rate": "1 %"}, NINETY_LATER]}},
    ),
    Case(
        "nothing of the buffer for the trader",
        "split.nothing",
        "stages[1].payout.inside_buffer.split",
        {"funded.payout.buffer": BUFFER, "funded.payout.inside_buffer": {"mode": "split", "split": "0 %"}},
        {"funded.payout.buffer": BUFFER, "funded.payout.inside_buffer": {"mode": "split", "split": "1 %"}},
    ),
    Case(
        "a person's lifetime amount that no step asks for",
        "split.scope",
        "stages[1].payout.split.scope",
        {"funded.payout.split": {"kind": "flat", "steps": [{"start": 0, "rate": "90 %"}], "scope": "person"}},
        {
            "funded.payout.split": {
                "kind": "by_lifetime_marginal",
                "steps": [{"start": 0, "rate": "90 %"}],
                "scope": "person",
            }
        },
    ),
    Case(
        "a first step that the next one replaces at once",
        "split.never",
        "stages[1].payout.split.steps[0].start",
        {
            "funded.payout.split": {
                "kind": "by_payout",
                "steps": [{"start": 0, "rate": "80 %"}, {"start": 1, "rate": "90 %"}],
            }
        },
        {"funded.payout.split": {"kind": "by_payout", "steps": [{"start": 0, "rate": "80 %"}, NINETY_LATER]}},
    ),
    Case(
        "a step after the last payout",
        "split.never",
        "stages[1].payout.split.steps[1].start",
        {
            "funded.payout.split": {"kind": "by_payout", "steps": [{"start": 1, "rate": "80 %"}, NINETY_LATER]},
            "funded.payout.max_count": 1,
        },
        {
            "funded.payout.split": {"kind": "by_payout", "steps": [{"start": 1, "rate": "80 %"}, NINETY_LATER]},
            "funded.payout.max_count": 2,
        },
    ),
    Case(
        "every so many days without a number",
        "schedule.n",
        "stages[1].payout.schedule.n",
        {"funded.payout.schedule.kind": "every_n_days"},
        {"funded.payout.schedule": {"kind": "every_n_days", "n": 1}},
    ),
    Case(
        "more payouts than a month has days",
        "schedule.n",
        "stages[1].payout.schedule.n",
        {"funded.payout.schedule": {"kind": "n_per_month", "n": 32}},
        {"funded.payout.schedule": {"kind": "n_per_month", "n": 31}},
    ),
    Case(
        "a number that nothing counts",
        "schedule.n",
        "stages[1].payout.schedule.n",
        {"funded.payout.schedule": {"kind": "on_demand", "n": 5}},
        {"funded.payout.schedule": {"kind": "n_per_month", "n": 5}},
    ),
    Case(
        "a weekday that is missing",
        "schedule.weekday",
        "stages[1].payout.schedule.weekday",
        {"funded.payout.schedule.kind": "weekday"},
        {"funded.payout.schedule": {"kind": "weekday", "weekday": "wed"}},
    ),
    Case(
        "a weekday that binds nothing",
        "schedule.weekday",
        "stages[1].payout.schedule.weekday",
        {"funded.payout.schedule.weekday": "wed"},
        {},
    ),
    Case(
        "qualifying days that nothing defines",
        "schedule.no-qualifying-days",
        "stages[1].payout.schedule.kind",
        {"funded.payout.schedule": {"kind": "after_n_qualifying", "n": 5}},
        {"funded.payout.schedule": {"kind": "after_n_qualifying", "n": 5}, "funded.days.qualifying": QUALIFYING},
    ),
    Case(
        "a zone for no cut-off",
        "schedule.cutoff",
        "stages[1].payout.schedule.cutoff_zone",
        {"funded.payout.schedule.cutoff_zone": "America/Chicago"},
        {"funded.payout.schedule": {"cutoff_zone": "America/Chicago", "cutoff": "15:00"}},
    ),
    Case(
        "a cap below the smallest payout",
        "payout.cap-below-minimum",
        "stages[1].payout.amount_caps[1]",
        {"funded.payout.min_amount": 500, "funded.payout.amount_caps": [1_000, "499.99"]},
        {"funded.payout.min_amount": 500, "funded.payout.amount_caps": [1_000, 500]},
    ),
    Case(
        "a trader's cap below their share of the smallest payout",
        "payout.cap-below-minimum",
        "stages[1].payout.trader_cap",
        {"funded.payout.min_amount": 500, "funded.payout.trader_cap": "449.99"},
        {"funded.payout.min_amount": 500, "funded.payout.trader_cap": 450},
    ),
    Case(
        "no part of the profit",
        "payout.pct-cap",
        "stages[1].payout.pct_cap.value",
        {"funded.payout.pct_cap.value": "0 %"},
        {"funded.payout.pct_cap.value": "0.1 %"},
    ),
    Case(
        "a cap lifted by days that nothing defines",
        "payout.no-qualifying-days",
        "stages[1].payout.pct_cap.until_qualifying_days",
        {"funded.payout.pct_cap": {"value": "50 %", "until_qualifying_days": 30}},
        {"funded.payout.pct_cap": {"value": "50 %", "until_qualifying_days": 30}, "funded.days.qualifying": QUALIFYING},
    ),
    Case(
        "caps lifted by days that nothing defines",
        "payout.no-qualifying-days",
        "stages[1].payout.caps_until_qualifying_days",
        {"funded.payout.amount_caps": [1_000], "funded.payout.caps_until_qualifying_days": 30},
        {
            "funded.payout.amount_caps": [1_000],
            "funded.payout.caps_until_qualifying_days": 30,
            "funded.days.qualifying": QUALIFYING,
        },
    ),
    Case(
        "a cap ladder shorter than the payouts",
        "payout.cap-ladder",
        "stages[1].payout.amount_caps",
        {"funded.payout.amount_caps": [1_000, 1_500], "funded.payout.max_count": 3},
        {"funded.payout.amount_caps": [1_000, 1_500, 2_000], "funded.payout.max_count": 3},
    ),
    Case(
        "a cap ladder longer than the payouts",
        "payout.cap-ladder",
        "stages[1].payout.amount_caps",
        {"funded.payout.amount_caps": [1_000, 1_500], "funded.payout.max_count": 1},
        {"funded.payout.amount_caps": [1_000], "funded.payout.max_count": 3},
    ),
    Case(
        "an end of caps that are none",
        "payout.caps-until",
        "stages[1].payout.caps_until_payout_no",
        {"funded.payout.caps_until_payout_no": 3},
        {"funded.payout.caps_until_payout_no": 3, "funded.payout.amount_caps": [1_000]},
    ),
    Case(
        "caps that end before their last step",
        "payout.caps-until",
        "stages[1].payout.caps_until_payout_no",
        {"funded.payout.caps_until_payout_no": 1, "funded.payout.amount_caps": [1_000, 2_000]},
        {"funded.payout.caps_until_payout_no": 2, "funded.payout.amount_caps": [1_000, 2_000]},
    ),
    Case(
        "caps that end with the last payout",
        "payout.caps-until",
        "stages[1].payout.caps_until_payout_no",
        {"funded.payout.caps_until_payout_no": 3, "funded.payout.amount_caps": [1_000], "funded.payout.max_count": 3},
        {"funded.payout.caps_until_payout_no": 3, "funded.payout.amount_caps": [1_000], "funded.payout.max_count": 4},
    ),
    Case(
        "a cap lifted before it holds",
        "payout.caps-until",
        "stages[1].payout.pct_cap.until_qualifying_days",
        {"funded.payout.pct_cap": {"value": "50 %", "until_qualifying_days": 0}, "funded.days.qualifying": QUALIFYING},
        {"funded.payout.pct_cap": {"value": "50 %", "until_qualifying_days": 1}, "funded.days.qualifying": QUALIFYING},
    ),
    Case(
        "a buffer of nothing",
        "buffer.nothing",
        "stages[1].payout.buffer.amount",
        {"funded.payout.buffer.amount": 0},
        {"funded.payout.buffer.amount": "0.01"},
    ),
    Case(
        "a buffer that ends before the first payout",
        "buffer.until",
        "stages[1].payout.buffer.until_payout_no",
        {"funded.payout.buffer": {"amount": 1, "until_payout_no": 0}},
        {"funded.payout.buffer": {"amount": 1, "until_payout_no": 1}},
    ),
    Case(
        "a buffer that ends with the last payout",
        "buffer.until",
        "stages[1].payout.buffer.until_payout_no",
        {"funded.payout.buffer": {"amount": 1, "until_payout_no": 3}, "funded.payout.max_count": 3},
        {"funded.payout.buffer": {"amount": 1, "until_payout_no": 3}, "funded.payout.max_count": 4},
    ),
    Case(
        "what follows a buffer that never ends",
        "buffer.until",
        "stages[1].payout.buffer.keep_after",
        {"funded.payout.buffer": {"amount": 1, "keep_after": 1}},
        {"funded.payout.buffer": {"amount": 1, "keep_after": 1, "until_payout_no": 1}},
    ),
    Case(
        "terms for what is forbidden",
        "buffer.inside",
        "stages[1].payout.inside_buffer",
        {"funded.payout.buffer": BUFFER, "funded.payout.inside_buffer": {"close": True}},
        {"funded.payout.buffer": BUFFER, "funded.payout.inside_buffer": {**INSIDE, "close": True}},
    ),
    Case(
        "inside of no buffer",
        "buffer.inside",
        "stages[1].payout.inside_buffer.mode",
        {"funded.payout.inside_buffer": INSIDE},
        {"funded.payout.inside_buffer": INSIDE, "funded.payout.buffer": BUFFER},
    ),
    Case(
        "inside of the buffer at no split",
        "buffer.inside",
        "stages[1].payout.inside_buffer.split",
        {"funded.payout.inside_buffer.mode": "split", "funded.payout.buffer": BUFFER},
        {"funded.payout.inside_buffer": INSIDE, "funded.payout.buffer": BUFFER},
    ),
    Case(
        "a later split that never begins",
        "buffer.inside",
        "stages[1].payout.inside_buffer.split_later",
        {"funded.payout.inside_buffer": {**INSIDE, "split_later": "80 %"}, "funded.payout.buffer": BUFFER},
        {
            "funded.payout.inside_buffer": {**INSIDE, "split_later": "80 %", "split_later_after_days": 60},
            "funded.payout.buffer": BUFFER,
        },
    ),
    Case(
        "one paper twice",
        "payout.requires",
        "stages[1].payout.requires",
        {"funded.payout.requires": ["kyc", "kyc"]},
        {"funded.payout.requires": ["kyc", "contract"]},
    ),
    Case(
        "no payout at all",
        "payout.none-at-all",
        "stages[1].payout.max_count",
        {"funded.payout.max_count": 0},
        {"funded.payout.max_count": 1},
    ),
    Case(
        "what follows the last payout of many",
        "payout.after-last",
        "stages[1].payout.after_max_count",
        {"funded.payout.after_max_count": "next_stage"},
        {},
    ),
    Case(
        "the stage after the last payout, which is none",
        "payout.after-last",
        "stages[1].payout.after_max_count",
        {"funded.payout.after_max_count": "next_stage", "funded.payout.max_count": 6},
        {
            "stages": [*tomllib.loads(SOUND)["stages"], LIVE],
            "funded.next_stage": "live",
            "funded.payout.after_max_count": "next_stage",
            "funded.payout.max_count": 6,
        },
    ),
    Case(
        "more targets than payouts",
        "payout.dynamic-target",
        "stages[1].payout.dynamic_target",
        {"funded.payout.dynamic_target": ["6 %", "5 %"], "funded.payout.max_count": 1},
        {"funded.payout.dynamic_target": ["6 %", "5 %"], "funded.payout.max_count": 2},
    ),
    Case(
        "a target of a balance of 0",
        "payout.dynamic-target",
        "stages[1].payout.dynamic_target",
        {"funded.payout.dynamic_target": ["6 %"], "funded.zero_based": True},
        {"funded.payout.dynamic_target": ["6 %"]},
    ),
    Case(
        "a floor of 0 under an account that starts above it",
        "payout.floor-at-zero",
        "stages[1].payout.floor_effect",
        {"funded.payout.floor_effect": "set_to_zero"},
        {"funded.payout.floor_effect": "set_to_zero", "funded.zero_based": True},
    ),
    Case(
        "a floor value that no effect takes",
        "payout.floor-value",
        "stages[1].payout.floor_effect_value",
        {"funded.payout.floor_effect_value": 100},
        {"funded.payout.floor_effect_value": 100, "funded.payout.floor_effect": "set_to_start_plus"},
    ),
    Case(
        "a first payout only that does nothing",
        "payout.floor-value",
        "stages[1].payout.floor_effect_first_only",
        {"funded.payout.floor_effect_first_only": True},
        {"funded.payout.floor_effect_first_only": True, "funded.payout.floor_effect": "set_to_start"},
    ),
    Case(
        "a high-water mark that no floor follows",
        "payout.hwm-effect",
        "stages[1].payout.hwm_effect",
        {"funded.payout.hwm_effect": "reduce", "funded.max_loss": {"mode": "static", "amount": 1}},
        {"funded.payout.hwm_effect": "reduce"},
    ),
    Case(
        "a high-water mark that each payout sets anew",
        "payout.hwm-effect",
        "stages[1].payout.hwm_effect",
        {"funded.payout.hwm_effect": "reduce", "funded.payout.floor_effect": "reset_cycle"},
        {
            "funded.payout.hwm_effect": "reduce",
            "funded.payout.floor_effect": "reset_cycle",
            "funded.payout.floor_effect_first_only": True,
        },
    ),
    Case(
        "a fresh maximum loss under a floor that is locked for good",
        "payout.reset-locked",
        "stages[1].payout.floor_effect",
        {"funded.payout.floor_effect": "reset_cycle", "funded.max_loss.lock_trigger": "first_payout"},
        {"funded.payout.floor_effect": "reset_cycle"},
    ),
    Case(
        "payouts that wait for a lock which never comes",
        "payout.never-locked",
        "stages[1].payout.floor_locked_required",
        {"funded.payout.floor_locked_required": True, "funded.max_loss": ENDLESS},
        {"funded.payout.floor_locked_required": True},
    ),
    Case(
        "payouts that wait for a lock which waits for payouts",
        "payout.never-locked",
        "stages[1].payout.floor_locked_required",
        {"funded.payout.floor_locked_required": True, "funded.max_loss.lock_trigger": "first_payout"},
        {"funded.payout.floor_locked_required": True},
    ),
    Case(
        "payouts that wait for a floor which only payouts move",
        "payout.never-locked",
        "stages[1].payout.floor_locked_required",
        {"funded.payout.floor_locked_required": True, "funded.max_loss.mode": "trail_payout"},
        {"funded.payout.floor_locked_required": True, "funded.max_loss.mode": "trail_closed"},
    ),
    Case(
        "a payout that always breaches",
        "payout.always-breaches",
        "stages[1].payout.min_amount",
        {"funded.payout.min_amount": 2_000, "funded.max_loss": ENDLESS},
        {"funded.payout.min_amount": "1999.99", "funded.max_loss": ENDLESS},
    ),
    Case(
        "a payout that always breaches before the first one locks the floor",
        "payout.always-breaches",
        "stages[1].payout.min_amount",
        {"funded.payout.min_amount": 2_000, "funded.max_loss.lock_trigger": "first_payout"},
        {"funded.payout.min_amount": 2_000},
    ),
    Case(
        "a payout below a floor that may be touched",
        "payout.always-breaches",
        "stages[1].payout.min_amount",
        {"funded.payout.min_amount": "2000.01", "funded.max_loss": {**ENDLESS, "cmp": "below"}},
        {"funded.payout.min_amount": 2_000, "funded.max_loss": {**ENDLESS, "cmp": "below"}},
    ),
    Case(
        "a payout that never leaves the room to be kept",
        "payout.always-breaches",
        "stages[1].payout.min_amount",
        {"funded.payout": {"split": "90 %", "min_amount": 1_000, "keep": "1000.01"}, "funded.max_loss": ENDLESS},
        {"funded.payout": {"split": "90 %", "min_amount": 1_000, "keep": 1_000}, "funded.max_loss": ENDLESS},
    ),
    Case(
        "a payout that breaches unless it begins a cycle",
        "payout.always-breaches",
        "stages[1].payout.min_amount",
        {"funded.payout.min_amount": 3_000, "funded.max_loss": ENDLESS},
        {"funded.payout.min_amount": 3_000, "funded.max_loss": ENDLESS, "funded.payout.floor_effect": "reset_cycle"},
    ),
    Case(
        "a buffer beyond the end of the stage",
        "payout.out-of-reach",
        "stages[1].payout.buffer.amount",
        {
            "stages": [*tomllib.loads(SOUND)["stages"], LIVE],
            "funded.next_stage": "live",
            "funded.target.amount": 1_000,
            "funded.payout.buffer.amount": "1000.01",
        },
        {
            "stages": [*tomllib.loads(SOUND)["stages"], LIVE],
            "funded.next_stage": "live",
            "funded.target.amount": 1_000,
            "funded.payout.buffer.amount": 1_000,
        },
    ),
    Case(
        "a smallest payout that is a small part of more profit than the target",
        "payout.out-of-reach",
        "stages[1].payout.pct_cap",
        {
            **THREE,
            "funded.target.amount": 999,
            "funded.payout": {"split": "90 %", "min_amount": 500, "pct_cap": {"value": "50 %"}},
        },
        {
            **THREE,
            "funded.target.amount": 1_000,
            "funded.payout": {"split": "90 %", "min_amount": 500, "pct_cap": {"value": "50 %"}},
        },
    ),
    Case(
        "a floor raised to where the stage ends",
        "payout.out-of-reach",
        "stages[1].payout.floor_effect",
        {
            "stages": [*tomllib.loads(SOUND)["stages"], LIVE],
            "funded.next_stage": "live",
            "funded.target.amount": 1_000,
            "funded.payout": {"split": "90 %", "floor_effect": "set_to_start_plus", "floor_effect_value": 1_000},
        },
        {
            "stages": [*tomllib.loads(SOUND)["stages"], LIVE],
            "funded.next_stage": "live",
            "funded.target.amount": 1_000,
            "funded.payout": {"split": "90 %", "floor_effect": "set_to_start_plus", "floor_effect_value": 999},
        },
    ),
)

KNOWN = Known(
    frozenset(("sound", "bigger")), load_contracts().contracts, {"us-high-impact-2026": frozenset(("NFP", "CPI"))}
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_contradiction_is_refused(case: Case) -> None:
    found = lint(sound(case.refused), KNOWN)
    assert (case.code, case.path) in {(one.code, one.path) for one in found}
    assert all(one.reason and str(one).startswith(f"{one.path}: ") for one in found)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_near_miss_is_accepted(case: Case) -> None:
    assert lint(sound(case.accepted), KNOWN) == ()


def test_every_contradiction_has_its_case() -> None:
    source = getsource(linter) + getsource(payout_linter)
    codes = set(re.findall(r'(?:Contradiction|no)\(\s*"([a-z-]+\.[a-z-]+)"', source))
    assert codes == {case.code for case in CASES}


def test_names_are_judged_only_where_what_there_is_is_known() -> None:
    program = sound(
        {
            "funded.position": {"max": 5, "weights": {"EZ": 1}},
            "funded.news": {**NEWS, "events": {"NFP": ["EZ"]}, "feed": "mine"},
        }
    )
    assert lint(program) == ()
    assert [one.code for one in lint(program, KNOWN)] == ["position.key", "news.unknown-product", "news.unknown-feed"]


def test_a_release_that_its_list_never_has_is_noted_and_not_refused() -> None:
    news = {**NEWS, "events": {"NFP": ["*"], "TREASURY_AUCTION": ["ZN"]}}
    program = sound({"funded.news": news})
    assert lint(program, KNOWN) == ()
    (note,) = notes(program, KNOWN)
    assert str(note) == (
        "stages[1].news.events.TREASURY_AUCTION: No release of US Treasury auctions is in the list us-high-impact-2026,"
        " so the rule does not act on any."
    )


def test_a_size_class_without_contracts_is_noted() -> None:
    position = {"max": 5, "weights": {"mini": 1, "full": 5}, "sub_caps": {"micro": 5, "full": 1}}
    told = notes(sound({"evaluation.position": position}), KNOWN)
    assert [note.path for note in told] == [
        "stages[0].position.weights.full",
        "stages[0].position.sub_caps.full",
    ]
    assert {note.sentence for note in told} == {
        "No contract that can be traded is of size class full, so what is said of it acts on none."
    }


def test_a_list_that_is_not_there_is_a_contradiction_and_not_a_note_as_well() -> None:
    program = sound({"funded.news": {**NEWS, "feed": "mine"}})
    assert notes(program, KNOWN) == ()


@pytest.mark.thorough
@settings(max_examples=60)
@given(programs())
def test_no_random_program_is_refused(program: Program) -> None:
    assert lint(program) == ()


def test_figures_say_what_the_reason_rests_on() -> None:
    (found,) = lint(sound({"evaluation.daily_loss.amount": 2_500}))
    assert found.figures == (("daily_loss", "2,500.00"), ("max_loss", "2,000.00"))


def test_a_program_that_is_not_known_is_told_only_if_the_known_ones_are() -> None:
    program = sound({"funded.growth": {"after_payouts": 1, "to": "biggest"}})
    assert lint(program) == ()
    assert [one.code for one in lint(program, KNOWN)] == ["growth.unknown"]


def test_a_share_that_a_document_could_not_hold_is_refused_all_the_same() -> None:
    program = sound({})
    funded = program.stages[1]
    assert funded.payout is not None
    split = structs.replace(funded.payout.split, steps=())
    payout = structs.replace(funded.payout, split=split)
    program = structs.replace(program, stages=(program.stages[0], structs.replace(funded, payout=payout)))
    assert [one.code for one in lint(program)] == ["split.no-first-step"]


def test_strikes_count_exactly_the_rules_that_the_engine_knows() -> None:
    assert set(RULES) == set(get_args(Rule))


def test_news_rules_may_name_every_category_of_the_calendar() -> None:
    assert set(CATEGORIES) <= set(RELEASES)
