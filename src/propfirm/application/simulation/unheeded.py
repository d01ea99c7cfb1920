"""Executions that a platform would not have let happen: it would have closed their position, or refused them.

A history is judged as it is. Where a rule closes or refuses and the history does not show it, what follows is told as
it was recorded, and the report says how much of it rests on that (semantics page, section 15).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from propfirm.domain.calendar.instants import NS_PER_S
from propfirm.domain.rules.events import Fill
from propfirm.domain.rules.findings import Finding, Hit, Passed, is_end

CLOSED_WITHIN: Final = 60 * NS_PER_S
"""A platform that closes a position has done so by then: such executions are its own."""


class Unheeded(Struct, frozen=True):
    """fills: that rest on what should have been closed or refused, the deciding one included; first: the first of them,
    None where a price decided on such a position before any came."""

    fills: int
    first: Fill | None


def unheeded(fills: Iterable[Fill], findings: Iterable[Finding]) -> Unheeded | None:
    """None where nothing rests on it. Both as the account had them, in order; nothing after its end counts."""
    hits: dict[int, list[Hit]] = {}
    end: Hit | Passed | None = None
    for finding in findings:
        if isinstance(finding, Hit):
            hits.setdefault(finding.seq, []).append(finding)
        if end is None and isinstance(finding, Hit | Passed) and is_end(finding):
            end = finding
    by_seq = {fill.seq: fill for fill in fills}
    past = _Past()
    for seq in sorted({*hits, *by_seq}):
        if end is None or seq <= end.seq:
            past.take(by_seq.get(seq), hits.get(seq, ()), ends=end is not None and seq == end.seq)
    if not past.rest and not past.decided:
        return None
    return Unheeded(len(past.rest), past.rest[0] if past.rest else None)


class _Past:
    """rest: fills on positions that should not be. decided: on one of them a price, or the clock, ended the stage."""

    def __init__(self) -> None:
        self.rest: list[Fill] = []
        self.decided = False
        self._held: dict[str, int] = {}
        self._doomed: dict[str, int] = {}
        """Contracts held that should be flat, with the instant from which."""

    def take(self, fill: Fill | None, hits: Sequence[Hit], *, ends: bool) -> None:
        """One event: its fill, what the rules said of it, and whether a hit of it ended the stage."""
        if ends and fill is None and hits:
            self.decided = any(since + CLOSED_WITHIN < hits[0].at for since in self._doomed.values())
        if fill is not None:
            self._fill(fill, refused=any(_refuses(hit) for hit in hits))
        for hit in hits:
            if hit.outcome == "lock_day" and hit.decided:
                self._close(self._held, hit.at)
            elif hit.outcome == "close_offending":
                self._close([hit.evidence.symbol] if hit.evidence.symbol else self._held, hit.at)

    def _fill(self, fill: Fill, *, refused: bool) -> None:
        symbol, before = fill.symbol, self._held.get(fill.symbol, 0)
        after = before + fill.quantity
        closes = abs(after) < abs(before) and before * after >= 0
        since = self._doomed.get(symbol)
        if refused or (since is not None and not (closes and fill.at <= since + CLOSED_WITHIN)):
            self.rest.append(fill)
        if refused and after:
            # It should never have been: closing it at once is no act of the platform.
            self._doomed.setdefault(symbol, fill.at - CLOSED_WITHIN - 1)
        self._held[symbol] = after
        if not after:
            del self._held[symbol]
            self._doomed.pop(symbol, None)

    def _close(self, symbols: Iterable[str], at: int) -> None:
        for symbol in symbols:
            if symbol in self._held:
                self._doomed.setdefault(symbol, at)


def _refuses(hit: Hit) -> bool:
    """The fill itself should not have been."""
    return hit.outcome == "reject_order" or hit.rule == "locked_day"
