"""The files of prices that are known: what their columns are called, and what their times mean.

Columns not named here are ignored. A layout is recognised when all its columns are there, but for the one of the
contract; the more particular layouts come first.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

OHLC: Final = ("open", "high", "low", "close")
BID_OHLC: Final = ("bid_open", "bid_high", "bid_low", "bid_close")
ASK_OHLC: Final = ("ask_open", "ask_high", "ask_low", "ask_close")


class Layout(Struct, frozen=True):
    """kind: trades have a price, quotes a bid and an ask, bars four of either. utc: times without an offset are UTC.

    time_is_end: a bar bears the time of its end. A bar lasts a minute unless its column ``end`` says otherwise.
    quoted: bars have bid and ask beside their trades, and these count. flag: a column that is 0 for good trades and 1
    for suspicious ones. event: a column that is Q for quotes and T for trades.
    """

    name: str
    kind: Literal["trades", "quotes", "bars"]
    time: str
    symbol: str
    utc: bool = False
    time_is_end: bool = False
    quoted: bool = False
    flag: str = ""
    event: str = ""
    end: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that must be there. The contract's is not among them: its name may come with the file."""
        prices: tuple[str, ...] = {"trades": ("price",), "quotes": ("bid", "ask"), "bars": OHLC}[self.kind]
        quotes = BID_OHLC + ASK_OHLC if self.quoted else ()
        return (self.time, *prices, *quotes, *filter(None, (self.flag, self.event)))


LAYOUTS: Final = (
    Layout("minute bars of trades and quotes", "bars", "bar_start_utc", "contract", utc=True, quoted=True),
    Layout("minute bars of trades, by their end", "bars", "timestamp_utc", "contract", utc=True, time_is_end=True),
    Layout("quotes and trades", "quotes", "time_utc", "contract", utc=True, event="type"),
    Layout("trades with a suspicious flag", "trades", "time_utc", "contract", utc=True, flag="suspicious_flag"),
    Layout("propfirm bars", "bars", "time", "symbol", end="end"),
    Layout("propfirm quotes", "quotes", "time", "symbol"),
    Layout("propfirm ticks", "trades", "time", "symbol"),
)
