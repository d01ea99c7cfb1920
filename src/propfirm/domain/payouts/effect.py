"""Moved: the effect of a payout is a rule of the engine, ``propfirm.domain.rules.payout_effect``."""

from propfirm.domain.rules.payout_effect import (
    Levels,
    Withdrawal,
    allowance,
    breached,
    cap,
    effect,
    lock_level,
    locked,
    withdrawal,
)

__all__ = ["Levels", "Withdrawal", "allowance", "breached", "cap", "effect", "lock_level", "locked", "withdrawal"]
