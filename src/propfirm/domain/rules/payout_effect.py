"""What an approved payout does to an account's money and floor (docs/semantics.md sections 4 and 12).

One function for both sides: the engine applies it when a payout is booked, the payout policy when it tells a trader
beforehand what would happen. So the promise and the verdict cannot disagree. It lives beside the rules because
payouts may ask the rules, never the other way round.

Order: balance, floor effect, high-water mark, lock on the first payout. The breach check comes after all of them.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.catalogue.program import PayoutTerms, Stage
from propfirm.domain.money import Micros
from propfirm.domain.rules.floors import Levels, allowance, lock_level

FloorEffect: TypeAlias = Literal[
    "unchanged", "set_to_start", "set_to_start_plus", "set_to_zero", "raise_by_trader_share", "reset_cycle"
]


class Withdrawal(Struct, frozen=True):
    """gross: before the split; trader_share: the trader's part of it; taken: what leaves the balance.

    inside_buffer: part of it is profit that the terms want to stay in the account.
    """

    gross: Micros
    trader_share: Micros
    taken: Micros
    inside_buffer: bool = False


def withdrawal(terms: PayoutTerms, gross: Micros, trader_share: Micros, *, inside_buffer: bool = False) -> Withdrawal:
    """The gross leaves the balance, or, with ``deduct = trader_share``, the trader's part only."""
    return Withdrawal(gross, trader_share, gross if terms.deduct == "gross" else trader_share, inside_buffer)


def effect(stage: Stage, before: Levels, payout: Withdrawal) -> Levels:
    """The account after one more approved payout. Not asked here: whether it may be approved, or survives it.

    The floor never falls, except with ``reset_cycle``, which begins a fresh drawdown under the balance that is left.
    A floor that ``lock_trigger = first_payout`` froze is moved by no later payout.
    """
    rule = stage.max_loss
    balance = Micros(before.balance - payout.taken)
    hwm = before.hwm
    kind = _floor_effect(stage.payout, first=before.payouts == 0)
    if stage.payout is not None and stage.payout.hwm_effect == "reduce" and kind != "reset_cycle":
        hwm = Micros(hwm - payout.gross)
    freezes = rule.lock_trigger == "first_payout" and rule.lock != "none"
    frozen_level = lock_level(rule, before.start) if freezes else None

    floor = before.floor
    if frozen_level is None or before.payouts == 0:
        if kind == "reset_cycle":
            hwm = balance
            floor = Micros(balance - allowance(rule, before.initial, hwm))
        else:
            floor = max(floor, _wanted_floor(kind, stage, before, payout))
        if payout.inside_buffer and stage.payout is not None and stage.payout.inside_buffer.floor_to_start:
            floor = max(floor, before.start)
        if frozen_level is not None:
            floor = max(floor, frozen_level)
    return Levels(before.initial, before.start, balance, floor, hwm, before.payouts + 1)


def _floor_effect(terms: PayoutTerms | None, *, first: bool) -> FloorEffect:
    if terms is None or (terms.floor_effect_first_only and not first):
        return "unchanged"
    return terms.floor_effect


def _wanted_floor(kind: FloorEffect, stage: Stage, before: Levels, payout: Withdrawal) -> Micros:
    """Where the payout puts the floor, if that is higher than where it is.

    ``trail_payout`` is itself a rise by the trader's share; together with that floor effect it is still one rise.
    """
    value = stage.payout.floor_effect_value if stage.payout is not None else Micros(0)
    rises = kind == "raise_by_trader_share" or stage.max_loss.mode == "trail_payout"
    level = lock_level(stage.max_loss, before.start)
    ceiling = before.start if level is None else level
    risen = min(Micros(before.floor + payout.trader_share), ceiling) if rises else before.floor
    match kind:
        case "set_to_start":
            return max(risen, before.start)
        case "set_to_start_plus":
            return max(risen, Micros(before.start + value))
        case "set_to_zero":
            return max(risen, Micros(0))
        case "unchanged" | "raise_by_trader_share" | "reset_cycle":
            return risen
