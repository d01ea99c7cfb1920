"""What the payout policy is told about an account, a trader's papers, and trades held long enough.

The policy keeps no state and reads none: whoever asks fills these values, so that the same figures always give the
same answer.
"""

from __future__ import annotations

from datetime import date, time

from msgspec import Struct
from msgspec.structs import replace

from propfirm.domain.catalogue.program import Stage
from propfirm.domain.money import Micros
from propfirm.domain.rules.findings import Rule
from propfirm.domain.rules.floors import Levels, risen


class Trades(Struct, frozen=True):
    """Ended trades of the stage and those of them that were held long enough, with their profits."""

    count: int = 0
    held: int = 0
    profit: Micros = Micros(0)
    held_profit: Micros = Micros(0)


class Standing(Struct, frozen=True, kw_only=True):
    """How an account stands at the moment of asking. Money in micro-dollars.

    profit: trading profit of the stage, all cash aside; withdrawn: gross of its approved payouts; stripped: profit of
    the stage that does not count. cycle_profit: since the counters last restarted.
    best, window_profit: best day (or trade) and profit of the window that consistency looks at, today included.
    target: in force for this stage, if consistency is measured against it.
    qualifying_days, trading_days: in the scope that the stage names; qualifying_cycle: since the last decision.
    lifetime: gross withdrawn so far in all stages, of the account or the person as ``Split.scope`` says.
    today, local_time: in the zone of the schedule's cut-off. approved_this_month: payouts in today's calendar month.
    last_decision_day: the last approved payout (with ``counter_reset = on_decision`` also: denied).
    put_back: payouts among those of ``levels`` that were rejected after all. last_payout_balance: what the last payout
    left. review: rules whose hit blocks payouts until people have looked.
    """

    levels: Levels
    equity: Micros
    today: date
    opened_on: date
    flat: bool = True
    profit: Micros = Micros(0)
    withdrawn: Micros = Micros(0)
    stripped: Micros = Micros(0)
    cycle_profit: Micros = Micros(0)
    best: Micros = Micros(0)
    window_profit: Micros = Micros(0)
    target: Micros | None = None
    qualifying_days: int = 0
    qualifying_cycle: int = 0
    qualifying_lifetime: int = 0
    trading_days: int = 0
    trades: Trades = Trades()
    lifetime: Micros = Micros(0)
    local_time: time = time(0)
    first_trade_day: date | None = None
    last_decision_day: date | None = None
    approved_this_month: int = 0
    business_days_old: int = 0
    put_back: int = 0
    last_payout_balance: Micros | None = None
    review: tuple[Rule, ...] = ()

    @property
    def number(self) -> int:
        """Of the payout that is asked for, from 1: what goes by it stays used by what was put back."""
        return self.levels.payouts + 1

    @property
    def made(self) -> int:
        """Payouts that were not put back: how many an account has is a number of these."""
        return self.levels.payouts - self.put_back

    @property
    def counted(self) -> Micros:
        """Profit in the account that counts for payouts, before anything is held back.

        Money that the firm put in is no profit, money that it took out is no longer there, and what was once paid out
        is not paid again, even where the firm's share stayed in the account.
        """
        in_account = min(self.profit - self.withdrawn, self.levels.balance - self.levels.start)
        return Micros(in_account - self.stripped)

    def reviewed(self, review: tuple[Rule, ...]) -> Standing:
        """With what people have still to look at."""
        return replace(self, review=review)


class Papers(Struct, frozen=True):
    """What is on file about trader and account. frozen: the firm holds all payouts of the account."""

    kyc: bool = True
    contract: bool = True
    tax_form: bool = True
    pending_request: bool = False
    frozen: bool = False
    stage_open: bool = True


def earned(stage: Stage, standing: Standing, amount: Micros) -> Standing:
    """The account once it has closed this much more profit and an end-of-day snapshot has seen it.

    A floor that follows profit has followed. Days, counters of days and the best day are as they were.
    """
    balance = Micros(standing.levels.balance + amount)
    levels = replace(standing.levels, balance=balance)
    if stage.max_loss.mode in {"trail_eod", "trail_closed", "trail_intraday"}:
        levels = risen(stage.max_loss, levels, balance)
    return replace(
        standing,
        levels=levels,
        equity=Micros(standing.equity + amount),
        profit=Micros(standing.profit + amount),
        cycle_profit=Micros(standing.cycle_profit + amount),
        window_profit=Micros(standing.window_profit + amount),
    )
