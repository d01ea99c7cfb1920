"""What the engine is told about one account, in order. Every event is numbered and carries the time it happened.

``seq`` counts the account's events from 1 without gaps; ``at`` is the event's own time in nanoseconds since 1970 UTC
and never goes back. Clock events are made from the program's calendar, by the caller, before any later event is fed.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.money import Micros


class Mark(Struct, frozen=True, tag="mark", array_like=True):
    """A price of one contract, in ticks. A long position is worth its bid, a short one its ask.

    doubt: the order of this mark and its neighbours is an assumption (it comes from a bar).
    """

    seq: int
    at: int
    symbol: str
    bid: int
    ask: int
    doubt: bool = False


class Metric(Struct, frozen=True, tag="metric", array_like=True):
    """What a platform that shows no prices reports: the account's balance and equity.

    Both are absolute, in the account's own scale (starting balance included). From the first one on, the account's
    money comes from metrics alone; fills still count for days, trades and position rules.
    """

    seq: int
    at: int
    balance: Micros
    equity: Micros
    doubt: bool = False


class Fill(Struct, frozen=True, tag="fill", array_like=True):
    """An execution. quantity: contracts, positive bought, negative sold, not 0. price: ticks. fee: of the whole fill.

    symbol is the contract month (``ESZ3``), root the product (``ES``) whose specification applies.
    """

    seq: int
    at: int
    execution: str
    symbol: str
    root: str
    quantity: int
    price: int
    fee: Micros
    doubt: bool = False


class CashMoved(Struct, frozen=True, tag="cash", array_like=True):
    """Money put in or taken out. amount: change of the balance (a payout is negative).

    kind ``payout``: an approved payout; gross is what was withdrawn before the split, trader_share the trader's part;
    inside_buffer: it took profit that the buffer guards, where the program allows that.
    kind ``payout_denied``: no money moves; counters may restart (``counter_reset = on_decision``).
    kind ``adjustment``: a correction of the balance by the firm, outside trading: it is never trading profit.
    """

    seq: int
    at: int
    kind: Literal["payout", "payout_denied", "adjustment"]
    amount: Micros
    gross: Micros = Micros(0)
    trader_share: Micros = Micros(0)
    reference: str = ""
    inside_buffer: bool = False


class FlatBy(Struct, frozen=True, tag="flat_by", array_like=True):
    """Positions in these product groups must be closed before this instant. over: what lies before they reopen.

    reopens: when (ns) they trade again; 0: not before the day rolls.
    """

    seq: int
    at: int
    groups: tuple[str, ...]
    over: Literal["night", "weekend", "holiday"]
    reopens: int = 0


class EodSnapshot(Struct, frozen=True, tag="eod", array_like=True):
    """The end-of-day balance of trading day ``day`` is taken now."""

    seq: int
    at: int
    day: date


class DayRolled(Struct, frozen=True, tag="roll", array_like=True):
    """Trading day ``day`` begins; the one before it is over. until: when it ends (ns); no event may be later than that
    before the next roll. calendar_known: False where the calendar has no holiday data. balance, equity: as a platform
    without prices reported them for this instant; None where the account's own figures stand."""

    seq: int
    at: int
    day: date
    until: int
    calendar_known: bool = True
    balance: Micros | None = None
    equity: Micros | None = None


class WindowOpened(Struct, frozen=True, tag="window_opened", array_like=True):
    """A restricted window begins: around a news release, or a blackout of the program's clock.

    products: product roots it touches, ``*`` = all. release: the news instant in ns (0 for a blackout).
    """

    seq: int
    at: int
    name: str
    kind: Literal["news", "blackout"]
    products: tuple[str, ...]
    release: int = 0


class WindowClosed(Struct, frozen=True, tag="window_closed", array_like=True):
    """A restricted window is over: nothing at or after ``at`` is inside it."""

    seq: int
    at: int
    name: str


class WorkingOrder(Struct, frozen=True, array_like=True):
    """An order resting at the platform. quantity signed as in Fill. stop / limit: trigger and limit price in ticks."""

    order: str
    symbol: str
    root: str
    quantity: int
    limit: int | None = None
    stop: int | None = None


class OrdersChanged(Struct, frozen=True, tag="orders", array_like=True):
    """All working orders of the account, as they are now."""

    seq: int
    at: int
    working: tuple[WorkingOrder, ...]


class LimitMove(Struct, frozen=True, tag="limit_move", array_like=True):
    """A contract is locked at its exchange price limit (``on``), or no longer is."""

    seq: int
    at: int
    symbol: str
    on: bool


class WindowsRestarted(Struct, frozen=True, tag="windows_restarted", array_like=True):
    """A rebill under ``keep_balance_restart_windows``: what is counted begins anew, the money stays.

    reference: of the payment. Windows here are those of days, profit and time; one around news is a ``WindowOpened``.
    """

    seq: int
    at: int
    reference: str = ""


class Reinstated(Struct, frozen=True, tag="reinstated", array_like=True):
    """An appeal overturned the breach: the stage is open again. Nothing happens to a run that has not breached.

    worth: equity just before the event that decided, less all cash moved by then: what was lost since is given back,
    as if it had never been lost. reference: the appeal.
    """

    seq: int
    at: int
    worth: Micros
    reference: str = ""


class Correction(Struct, frozen=True, tag="correction", array_like=True):
    """The past was not as told. execution: the one that was busted, changed or late.

    replacement None: a bust. Otherwise the fill as it should have been; its ``at`` says where it belongs, its ``seq``
    is ignored. An unknown execution with a replacement is a late fill. Needs the history: see ``replay.fold``.
    """

    seq: int
    at: int
    execution: str
    replacement: Fill | None
    reason: str = ""


Event: TypeAlias = (
    Mark
    | Metric
    | Fill
    | CashMoved
    | FlatBy
    | EodSnapshot
    | DayRolled
    | WindowOpened
    | WindowClosed
    | OrdersChanged
    | LimitMove
    | WindowsRestarted
    | Reinstated
    | Correction
)
