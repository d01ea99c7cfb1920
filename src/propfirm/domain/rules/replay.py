"""Whole streams: fold them, and re-run the past when a correction says that it was not as told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from msgspec.structs import replace

from propfirm.domain.errors import Refused
from propfirm.domain.rules.engine import begin, check_sequence, step
from propfirm.domain.rules.events import Correction, Event, Fill, Reinstated
from propfirm.domain.rules.findings import Corrected, Finding, Hit, Passed
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms

Told: TypeAlias = tuple[int, Event]
"""An event, and its number in the account's stream."""
Judgement: TypeAlias = Hit | Passed
"""What a correction compares; the other findings are only the way there."""


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
    What a Reinstated did when it was told it does in every re-run, whatever stands there: people decided it.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.state = begin(terms)
        self.findings: list[Finding] = []
        self._past: list[Told] = []
        self._judged: list[Judgement] = []
        self._overturned: set[int] = set()

    def feed(self, event: Event) -> tuple[Finding, ...]:
        """Takes the next event; raises what ``step`` raises, and ImpossibleCorrection. Then nothing happened."""
        if isinstance(event, Correction):
            return self._correct(event)
        state, findings = step(self.terms, self.state, event)
        if isinstance(event, Reinstated) and self.state.verdict == "breached":
            self._overturned.add(event.seq)
        self.state = state
        self._past.append((event.seq, event))
        self.findings.extend(findings)
        self._judged.extend(_judgements(findings))
        return findings

    def _correct(self, event: Correction) -> tuple[Finding, ...]:
        check_sequence(self.state, event)
        if event.replacement is not None and event.replacement.at > event.at:
            raise ImpossibleCorrection(event.seq, "the corrected fill lies after its correction")
        past = _amended(self._past, event)
        try:
            state, said = self._run(past)
        except Refused as refusal:
            raise ImpossibleCorrection(event.seq, str(refusal)) from refusal
        numbers = [number for number, _ in past]
        judged = [_as_told(one, numbers) for one in _judgements(said)]
        before = self.state
        verdict = state.verdict if before.verdict == "open" else before.verdict
        core = state.core.renumbered(numbers).ended(verdict)
        record = Corrected(
            event.seq,
            event.at,
            event.execution,
            before.balance,
            state.balance,
            _without(self._judged, judged),
            _without(judged, self._judged),
            before.verdict,
            state.verdict,
        )
        self.state = replace(state, seq=event.seq, at=event.at, core=core)
        self._past, self._judged = past, judged
        self.findings.append(record)
        return (record,)

    def _run(self, past: list[Told]) -> tuple[State, list[Finding]]:
        """The past from its beginning, numbered anew."""
        state, findings = begin(self.terms), list[Finding]()
        for seq, (number, event) in enumerate(past, 1):
            told = replace(event, seq=seq)
            if number in self._overturned:
                state = replace(state, core=state.core.ended("breached"))
            elif isinstance(event, Reinstated) and state.verdict == "breached":
                check_sequence(state, told)
                state = replace(state, seq=seq, at=told.at)
                continue
            state, said = step(self.terms, state, told)
            findings.extend(said)
        return state, findings


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


def _judgements(findings: Iterable[Finding]) -> Iterator[Judgement]:
    return (finding for finding in findings if isinstance(finding, Hit | Passed))


def _as_told(one: Judgement, numbers: list[int]) -> Judgement:
    """A judgement of a re-run under the account's own numbers."""
    seq = numbers[one.seq - 1]
    if isinstance(one, Passed):
        return replace(one, seq=seq)
    evidence = one.evidence
    if evidence.set_seq:
        evidence = replace(evidence, set_seq=numbers[evidence.set_seq - 1])
    return replace(one, seq=seq, evidence=evidence)


def _without(mine: list[Judgement], other: list[Judgement]) -> tuple[Judgement, ...]:
    """Those that have no counterpart in the other list."""
    there = Counter(map(_identity, other))
    left: list[Judgement] = []
    for one in mine:
        identity = _identity(one)
        if there[identity]:
            there[identity] -= 1
        else:
            left.append(one)
    return tuple(left)


def _identity(one: Judgement) -> tuple[int | str, ...]:
    """What tells two judgements apart, whatever their figures and numbers."""
    if isinstance(one, Passed):
        return (one.at,)
    return (one.at, one.rule, one.outcome, one.evidence.symbol, one.evidence.note)
