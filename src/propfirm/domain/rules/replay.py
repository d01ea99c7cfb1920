"""Whole streams: fold them, and re-run the past when a correction says that it was not as told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from msgspec.structs import replace

from propfirm.domain.errors import Refused
from propfirm.domain.rules.engine import begin, check_sequence, step
from propfirm.domain.rules.events import Correction, Event, Fill
from propfirm.domain.rules.findings import Corrected, Finding, Hit
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms

Told: TypeAlias = tuple[int, Event]
"""An event, and its number in the account's stream."""


@dataclass(eq=False)
class ImpossibleCorrection(Refused):
    code = "events.impossible-correction"
    title = "The past cannot have been like this"
    seq: int
    reason: str


class Restated:
    """One account's stream with its past at hand: what ``step`` cannot do alone, because it forgets.

    The past is every event with the number under which the account was told of it; ``findings`` is what was said.
    A correction re-runs the amended past from the beginning, and the account goes on from there under its own numbers.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.state = begin(terms)
        self.findings: list[Finding] = []
        self._past: list[Told] = []
        self._restated: list[Finding] = []

    def feed(self, event: Event) -> tuple[Finding, ...]:
        """Takes the next event; raises what ``step`` raises, and ImpossibleCorrection. Then nothing happened."""
        if isinstance(event, Correction):
            return self._correct(event)
        state, findings = step(self.terms, self.state, event)
        self.state = state
        self._past.append((event.seq, event))
        self.findings.extend(findings)
        self._restated.extend(findings)
        return findings

    def _correct(self, event: Correction) -> tuple[Finding, ...]:
        check_sequence(self.state, event)
        if event.replacement is not None and event.replacement.at > event.at:
            raise ImpossibleCorrection(event.seq, "the corrected fill lies after its correction")
        past = _amended(self._past, event)
        try:
            state, said = _run(self.terms, [one for _, one in past])
        except Refused as refusal:
            raise ImpossibleCorrection(event.seq, str(refusal)) from refusal
        numbers = [number for number, _ in past]
        restated = [_as_told(finding, numbers) for finding in said]
        withdrawn, added = _compare(self._restated, restated)
        before = self.state
        verdict = state.verdict if before.verdict == "open" else before.verdict
        core = state.core.renumbered(numbers).ended(verdict)
        record = Corrected(
            event.seq,
            event.at,
            event.execution,
            before.balance,
            state.balance,
            withdrawn,
            added,
            state.verdict != before.verdict,
        )
        self.state = replace(state, seq=event.seq, at=event.at, core=core)
        self._past, self._restated = past, restated
        self.findings.append(record)
        return (record,)


def fold(terms: Terms, events: Iterable[Event]) -> tuple[State, tuple[Finding, ...]]:
    """A whole stream from the account's beginning, corrections included."""
    account = Restated(terms)
    for event in events:
        account.feed(event)
    return account.state, tuple(account.findings)


def _amended(past: list[Told], correction: Correction) -> list[Told]:
    """The past with one execution removed, replaced or inserted; what is put in has the correction's own number.

    A replacement with the same instant keeps place and number; any other stands after all events of its instant.
    """
    fixed = correction.replacement
    events: list[Told] = []
    placed = False
    for number, event in past:
        if isinstance(event, Fill) and event.execution == correction.execution:
            if fixed is not None and fixed.at == event.at:
                events.append((number, fixed))
                placed = True
            continue
        events.append((number, event))
    if fixed is not None and not placed:
        index = next((i for i, (_, event) in enumerate(events) if event.at > fixed.at), len(events))
        events.insert(index, (correction.seq, fixed))
    return events


def _as_told(finding: Finding, numbers: list[int]) -> Finding:
    """A hit of a re-run under the account's own numbers; other findings are not compared."""
    if not isinstance(finding, Hit):
        return finding
    evidence = finding.evidence
    if evidence.set_seq:
        evidence = replace(evidence, set_seq=numbers[evidence.set_seq - 1])
    return replace(finding, seq=numbers[finding.seq - 1], evidence=evidence)


def _run(terms: Terms, events: list[Event]) -> tuple[State, list[Finding]]:
    state, findings = begin(terms), list[Finding]()
    for number, event in enumerate(events, 1):
        state, said = step(terms, state, replace(event, seq=number))
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
