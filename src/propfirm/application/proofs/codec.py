"""Events to bytes and back: marks and metrics in columns of small differences, everything else as JSON rows.

An account sees hundreds of thousands of marks and a few thousand other events. So marks (by symbol) and metrics are
coded by column, where one mark and the next differ by little; the others keep the JSON form in which they are stored
anywhere else. One list of events has exactly one byte string, which is what the chain hashes.
docs/proof-format.md has every byte.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, repeat
from math import gcd
from operator import add, attrgetter, sub
from typing import Final, TypeAlias

import msgspec

from propfirm.application.proofs import canonical
from propfirm.application.proofs.refusals import BadBundle, Unprovable
from propfirm.domain.money import Micros
from propfirm.domain.rules.events import (
    CashMoved,
    Correction,
    DayRolled,
    EodSnapshot,
    Event,
    Fill,
    FlatBy,
    LimitMove,
    Mark,
    Metric,
    OrdersChanged,
    Reinstated,
    WindowClosed,
    WindowOpened,
    WindowsRestarted,
)

EVENTS_MAX: Final = 4096
"""Events in one chunk: enough for columns to shrink, little enough to hold in memory."""
LIMIT: Final = 1 << 62
"""A number v in a column has -LIMIT < v <= LIMIT: then every difference fits into a signed 64-bit integer."""

_Row: TypeAlias = (
    Fill
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
_MARK, _METRIC, _ROW = range(3)
_KIND: Final[dict[type, int]] = {Mark: _MARK, Metric: _METRIC}
_ROWS: Final = msgspec.json.Decoder(list[_Row])
_WIDTHS: Final = {1: "b", 2: "h", 4: "i", 8: "q"}
_VARINT_BYTES: Final = 10

_seq, _at, _doubt, _symbol = map(attrgetter, ("seq", "at", "doubt", "symbol"))
_bid, _ask, _balance, _equity = map(attrgetter, ("bid", "ask", "balance", "equity"))


class _OutOfRange(ValueError):
    pass


# ------------------------------------------------------------ writing


def pack(events: Sequence[Event]) -> bytes:
    """The canonical bytes of 1 to EVENTS_MAX events, in their order. Raises Unprovable for the first that has none: a
    number beyond the limits, or text that is not Unicode."""
    try:
        return _pack(events)
    except (_OutOfRange, UnicodeEncodeError, BadBundle) as error:
        if len(events) > 1:  # each event alone is in range or not: so the search ends at the one to blame
            for event in events:
                pack([event])
        raise Unprovable(events[0].seq, str(error)) from error


def _pack(events: Sequence[Event]) -> bytes:
    columns = _pack_columns(events)
    rows = [event for event in events if type(event) not in _KIND]
    if not rows:
        return columns
    written = canonical.encode(rows)
    canonical.parse(written, "the event")
    return columns + _varint(len(written)) + written


def _pack_columns(events: Sequence[Event]) -> bytes:
    """Everything but the rows."""
    marks = [event for event in events if type(event) is Mark]
    if len(marks) == len(events):
        return b"".join((_varint(len(events)), _ints([_MARK] * len(events)), *_pack_marks(marks)))
    parts = [_varint(len(events)), _ints([_KIND.get(type(event), _ROW) for event in events])]
    if marks:
        parts += _pack_marks(marks)
    metrics = [event for event in events if type(event) is Metric]
    if metrics:
        balances = list(map(_balance, metrics))
        parts += (
            _ints(list(map(_seq, metrics))),
            _ints(list(map(_at, metrics))),
            _ints(balances),
            _ints(list(map(sub, map(_equity, metrics), balances))),
            _ints(list(map(_doubt, metrics))),
        )
    return b"".join(parts)


def _pack_marks(marks: list[Mark]) -> Iterator[bytes]:
    yield _ints(list(map(_seq, marks)))
    yield _ints(list(map(_at, marks)))
    symbols = list(map(_symbol, marks))
    names = list(dict.fromkeys(symbols))
    yield _varint(len(names))
    for name in names:
        text = name.encode()
        yield _varint(len(text))
        yield text
    if len(names) == 1:
        yield _ints([0] * len(marks))
        yield from _pack_prices(marks)
    else:
        number = {name: place for place, name in enumerate(names)}
        yield _ints([number[symbol] for symbol in symbols])
        of: dict[str, list[Mark]] = {name: [] for name in names}
        for mark in marks:
            of[mark.symbol].append(mark)
        for same in of.values():
            yield from _pack_prices(same)
    yield _ints(list(map(_doubt, marks)))


def _pack_prices(marks: list[Mark]) -> Iterator[bytes]:
    bids = list(map(_bid, marks))
    yield _ints(bids)
    yield _ints(list(map(sub, map(_ask, marks), bids)))


def _ints(values: list[int]) -> bytes:
    """A column: its first value, then the differences, divided by what divides them all, in as few bytes as hold each;
    the lowest bytes of all come first, since the higher ones hardly ever differ."""
    first = values[0]
    start = _signed(first)
    if len(values) == 1:
        _within([first])
        return start
    steps = list(map(sub, values[1:], values))
    low, high = min(steps), max(steps)
    if abs(first) + max(high, -low) * len(values) >= LIMIT:
        _within(values)
    if low == high:
        return start + b"\0" + _signed(low)
    scale = gcd(*steps)
    if scale > 1:
        steps = [step // scale for step in steps]
    reach = max(high, -low - 1) // scale if low < 0 else high // scale
    width = 1 if reach < 1 << 7 else 2 if reach < 1 << 15 else 4 if reach < 1 << 31 else 8
    column = array(_WIDTHS[width], steps)
    if sys.byteorder == "big":
        column.byteswap()
    content = column.tobytes()
    if width > 1:
        content = b"".join(content[plane::width] for plane in range(width))
    return start + bytes((width,)) + _varint(scale) + content


def _within(values: list[int]) -> None:
    for value in (min(values), max(values)):
        if not -LIMIT < value <= LIMIT:
            msg = f"{value} is beyond the numbers that a column holds"
            raise _OutOfRange(msg)


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth says that more follow."""
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def _signed(number: int) -> bytes:
    return _varint(2 * number if number >= 0 else -2 * number - 1)


# ------------------------------------------------------------ reading


def unpack(content: bytes) -> list[Event]:
    """The inverse of ``pack``. Raises BadBundle for what ``pack`` never wrote."""
    reader = _Reader(content)
    count = reader.varint()
    if not 1 <= count <= EVENTS_MAX:
        reason = f"a chunk holds 1 to {EVENTS_MAX} events, not {count}"
        raise BadBundle(reason)
    kinds = reader.ints(count)
    groups: dict[int, list[Event]] = {_MARK: [], _METRIC: [], _ROW: []}
    if not groups.keys() >= set(kinds):
        reason = "a chunk holds events of an unknown kind"
        raise BadBundle(reason)
    if marks := kinds.count(_MARK):
        groups[_MARK] = list(_marks(reader, marks))
    if metrics := kinds.count(_METRIC):
        groups[_METRIC] = list(_metrics(reader, metrics))
    columns_end = reader.place
    if rows := kinds.count(_ROW):
        groups[_ROW] = list(_rows(reader, rows))
    if reader.place != len(content):
        reason = "a chunk goes on after its last event"
        raise BadBundle(reason)
    events = groups[_MARK] if marks == count else _interleaved(kinds, groups)
    # Rows were compared where they were read: those of an older release may lack what a newer one adds.
    if _pack_columns(events) != content[:columns_end]:
        reason = "the columns of a chunk are not written as this format writes them"
        raise BadBundle(reason)
    return events


def _interleaved(kinds: list[int], groups: dict[int, list[Event]]) -> list[Event]:
    following = {kind: iter(group) for kind, group in groups.items()}
    return [next(following[kind]) for kind in kinds]


def _marks(reader: _Reader, count: int) -> Iterable[Mark]:
    seqs, ats = reader.ints(count), reader.ints(count)
    names = [reader.text() for _ in range(reader.at_most(count))]
    numbers = reader.ints(count)
    held = Counter(numbers)
    if not held.keys() <= set(range(len(names))):
        reason = "a mark is of a symbol that is not listed"
        raise BadBundle(reason)
    prices: list[tuple[list[int], list[int]]] = []
    for number in range(len(names)):
        bids, spreads = reader.ints(held[number]), reader.ints(held[number])
        prices.append((bids, list(map(add, bids, spreads))))
    doubts = reader.flags(count)
    if len(names) == 1:
        return map(Mark, seqs, ats, repeat(names[0]), *prices[0], doubts)
    following = [zip(bids, asks, strict=True) for bids, asks in prices]
    return (
        Mark(seq, at, names[number], *next(following[number]), doubt)
        for seq, at, number, doubt in zip(seqs, ats, numbers, doubts, strict=True)
    )


def _metrics(reader: _Reader, count: int) -> Iterable[Metric]:
    seqs, ats, balances, profits = (reader.ints(count) for _ in range(4))
    equities = map(add, balances, profits)
    return map(Metric, seqs, ats, map(Micros, balances), map(Micros, equities), reader.flags(count))


def _rows(reader: _Reader, count: int) -> list[_Row]:
    content = reader.take(reader.varint())
    told = canonical.parse(content, "a row of events")
    try:
        rows = _ROWS.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = f"a row is no event ({error})"
        raise BadBundle(reason) from error
    if len(rows) != count:
        reason = f"a chunk announces {count} rows and holds {len(rows)}"
        raise BadBundle(reason)
    wrong = canonical.misread(told, canonical.parse(canonical.encode(rows), "a row of events"), "rows")
    if wrong or canonical.encode(told) != content:
        reason = f"{wrong.path if wrong else 'a row'} of a chunk is not written as this format writes it"
        raise BadBundle(reason)
    return rows


class _Reader:
    def __init__(self, content: bytes) -> None:
        self.place = 0
        self._content = content

    def take(self, count: int) -> bytes:
        taken = self._content[self.place : self.place + count]
        if len(taken) < count:
            reason = "a chunk ends in the middle of an event"
            raise BadBundle(reason)
        self.place += count
        return taken

    def varint(self) -> int:
        number = shift = 0
        for _ in range(_VARINT_BYTES):
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                if shift and not byte:
                    break
                return number
            shift += 7
        reason = "a number in a chunk is longer than it need be"
        raise BadBundle(reason)

    def at_most(self, most: int) -> int:
        number = self.varint()
        if number > most:
            reason = f"a chunk announces {number} symbols for {most} marks"
            raise BadBundle(reason)
        return number

    def signed(self) -> int:
        number = self.varint()
        return number >> 1 if number % 2 == 0 else -(number >> 1) - 1

    def text(self) -> str:
        try:
            return self.take(self.varint()).decode()
        except UnicodeDecodeError as error:
            reason = "a symbol is not UTF-8"
            raise BadBundle(reason) from error

    def ints(self, count: int) -> list[int]:
        if not count:
            return []
        first = self.signed()
        values = [first]
        if count > 1:
            width = self.take(1)[0]
            steps = repeat(self.signed(), count - 1) if width == 0 else self._steps(count - 1, width)
            values = list(accumulate(steps, initial=first))
        try:
            _within(values)
        except _OutOfRange as error:
            raise BadBundle(str(error)) from error
        return values

    def _steps(self, count: int, width: int) -> Iterable[int]:
        if width not in _WIDTHS:
            reason = f"a column of a chunk has numbers of {width} bytes"
            raise BadBundle(reason)
        scale = self.varint()
        planes = self.take(count * width)
        content = bytearray(count * width)
        for plane in range(width):
            content[plane::width] = planes[plane * count : (plane + 1) * count]
        steps = array(_WIDTHS[width])
        steps.frombytes(content)
        if sys.byteorder == "big":
            steps.byteswap()
        return steps if scale == 1 else (step * scale for step in steps)

    def flags(self, count: int) -> list[bool]:
        values = self.ints(count)
        if not {0, 1} >= set(values):
            reason = "a yes or no in a chunk is neither"
            raise BadBundle(reason)
        return list(map(bool, values))
