"""The engines that ever judged, by their semantics number. A bundle is verified by the one that made it.

A change of ``step`` that alters any verdict gets the next number; what is listed here stays as it is, for ever.
"""

from __future__ import annotations

from typing import Final, Protocol

from propfirm.application.proofs.bundle import FinalStanding, Header, final_standing
from propfirm.application.proofs.refusals import UnknownSemantics
from propfirm.domain.rules.engine import begin, step
from propfirm.domain.rules.events import Event
from propfirm.domain.rules.findings import Finding
from propfirm.domain.rules.replay import Restated
from propfirm.domain.rules.state import State
from propfirm.domain.rules.terms import Terms, compile_terms


class Replay(Protocol):
    """One account judged again, from before its first event."""

    def feed(self, event: Event) -> tuple[Finding, ...]:
        """Raises Refused where the engine does not take the event."""
        ...

    def standing(self) -> FinalStanding: ...


class _Forgetful:
    """Without a past: what a stream without corrections needs, in memory that does not grow."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._state: State = begin(terms)

    def feed(self, event: Event) -> tuple[Finding, ...]:
        self._state, findings = step(self._terms, self._state, event)
        return findings

    def standing(self) -> FinalStanding:
        return final_standing(self._terms, self._state)


class _Remembering:
    def __init__(self, terms: Terms) -> None:
        self._account = Restated(terms)

    def feed(self, event: Event) -> tuple[Finding, ...]:
        return self._account.feed(event)

    def standing(self) -> FinalStanding:
        return final_standing(self._account.terms, self._account.state)


def _first(header: Header, *, corrected: bool) -> Replay:
    terms = compile_terms(
        header.program,
        header.stage,
        {contract.root: contract for contract in header.contracts},
        platform=header.platform,
        options=header.options,
    )
    return _Remembering(terms) if corrected else _Forgetful(terms)


class Engine(Protocol):
    def __call__(self, header: Header, *, corrected: bool) -> Replay:
        """corrected: the events hold a ``Correction``, so the past must be kept. Raises Refused for terms that cannot
        be compiled."""
        ...


ENGINES: Final[dict[int, Engine]] = {1: _first}


def engine_of(semantics: int) -> Engine:
    """Raises UnknownSemantics."""
    try:
        return ENGINES[semantics]
    except KeyError:
        raise UnknownSemantics(semantics, tuple(sorted(ENGINES))) from None
