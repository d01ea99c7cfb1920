"""Whole streams: fold them, and re-run the past when a correction says that it was not as told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from propfirm.domain.errors import Refused
from propfirm.domain.rules.engine import OutOfSequence, begin, step
from propfirm.domain.rules.events import Correction, Event, Fill
from propfirm.domain.rules.findings import Corrected, Finding, Hit
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms


@dataclass(eq=False)
class ImpossibleCorrection(Refused):
    code = "events.impossible-correction"
    title = "The past cannot have been like this"
    seq: int
    reason: str


class Restated:
    """One account's stream with its past at hand: what ``step`` cannot do alone, because it forgets.

    ``told`` is every event as the platform told it, renumbered after each correction; ``findings`` is what was said.
    The account's own numbering (``state.seq``) goes on unchanged.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.state = begin(terms)
        self.findings: list[Finding] = []
        self._past: list[Event] = []
        self._restated: list[Finding] = []

    def feed(self, event: Event) -> tuple[Finding, ...]:
        """Takes the next event; raises what ``step`` raises, and ImpossibleCorrection. Then nothing happened."""
        if isinstance(event, Correction):
            return self._correct(event)
        state, findings = step(self.terms, self.state, event)
        self.state = state
        self._past.append(event)
        self.findings.extend(findings)
        self._restated.extend(findings)
        return findings

    def _correct(self, event: Correction) -> tuple[Finding, ...]:
        if event.seq != self.state.seq + 1:
            raise OutOfSequence(event.seq, event.at, f"number {self.state.seq + 1} is next")
        if event.at < self.state.at:
            raise OutOfSequence(event.seq, event.at, f"the last event was later, at {self.state.at}")
        if event.replacement is not None and event.replacement.at > event.at:
            raise ImpossibleCorrection(event.seq, "the corrected fill lies after its correction")
        past = amended(self._past, event)
        try:
            state, restated = _run(self.terms, past)
        except Refused as refusal:
            raise ImpossibleCorrection(event.seq, str(refusal)) from refusal
        withdrawn, added = _compare(self._restated, restated)
        before, verdict = self.state, self.state.verdict
        would_change = state.verdict != verdict
        standing = state.verdict if verdict == "open" else verdict
        state = replace(state, seq=event.seq, at=event.at, core=state.core.ended(standing))
        record = Corrected(
            event.seq,
            event.at,
            event.execution,
            before.balance,
            state.balance,
            withdrawn,
            added,
            would_change,
        )
        self.state, self._past, self._restated = state, past, restated
        self.findings.append(record)
        return (record,)


def fold(terms: Terms, events: Iterable[Event]) -> tuple[State, tuple[Finding, ...]]:
    """A whole stream from the account's beginning, corrections included."""
    account = Restated(terms)
    for event in events:
        account.feed(event)
    return account.state, tuple(account.findings)


def amended(past: list[Event], correction: Correction) -> list[Event]:
    """The past with one execution removed, replaced or inserted, numbered anew from 1.

    A replacement with the same instant keeps its place; any other stands after all events of its instant.
    """
    fixed = correction.replacement
    events: list[Event] = []
    placed = False
    for event in past:
        if isinstance(event, Fill) and event.execution == correction.execution:
            if fixed is not None and fixed.at == event.at:
                events.append(fixed)
                placed = True
            continue
        events.append(event)
    if fixed is not None and not placed:
        index = next((i for i, event in enumerate(events) if event.at > fixed.at), len(events))
        events.insert(index, fixed)
    return [replace(event, seq=number) for number, event in enumerate(events, 1)]


def _run(terms: Terms, events: list[Event]) -> tuple[State, list[Finding]]:
    state, findings = begin(terms), list[Finding]()
    for event in events:
        state, said = step(terms, state, event)
        findings.extend(said)
    return state, findings


def _compare(before: list[Finding], after: list[Finding]) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
    """Hits that are only in the one or only in the other, told apart by instant and rule."""

    def only(mine: list[Finding], other: list[Finding]) -> tuple[Hit, ...]:
        there = Counter((hit.at, hit.rule) for hit in other if isinstance(hit, Hit))
        left: list[Hit] = []
        for hit in mine:
            if isinstance(hit, Hit):
                if there[hit.at, hit.rule]:
                    there[hit.at, hit.rule] -= 1
                else:
                    left.append(hit)
        return tuple(left)

    return only(before, after), only(after, before)
