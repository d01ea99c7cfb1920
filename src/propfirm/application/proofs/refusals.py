"""How this package says no."""

from __future__ import annotations

from dataclasses import dataclass

from propfirm.domain.errors import Refused


@dataclass(eq=False)
class BadBundle(Refused):
    """The bytes are no proof bundle, or one that nobody could check. reason: a sentence without its full stop."""

    code = "proof.bad-bundle"
    title = "This is not a proof bundle"
    reason: str

    def __str__(self) -> str:
        return f"{self.title}: {self.reason}"


@dataclass(eq=False)
class UnknownSemantics(Refused):
    """The bundle was judged by rules that this release does not have; a newer one has them."""

    code = "proof.unknown-semantics"
    title = "This release does not know the engine that judged this"
    semantics: int
    known: tuple[int, ...]


@dataclass(eq=False)
class Unprovable(Refused):
    """A value that the format cannot hold. seq: the event's; 0 where it is no event."""

    code = "proof.unprovable"
    title = "This cannot be written into a proof"
    seq: int
    reason: str
