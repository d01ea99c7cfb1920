"""Who is asking: the first argument of every use case. A handler typed for one cannot serve another."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.ids import PersonId

Channel: TypeAlias = Literal["http", "cli", "demo", "system"]
"""How somebody came in: signed in, named by whoever has a shell, played by the demo, or as a part of the firm."""


class Via(Struct, frozen=True):
    """shell: for the channel ``cli``, whose it was, as ``user@host`` by the operating system."""

    channel: Channel
    shell: str | None = None


SIGNED_IN: Final = Via("http")


class Trader(Struct, frozen=True, tag="trader"):
    """Sees and moves what is their own; anything else does not exist for them."""

    id: PersonId
    via: Via = SIGNED_IN


class Staff(Struct, frozen=True, tag="staff"):
    """support reads everything and writes notes; admin also decides."""

    id: PersonId
    role: Literal["support", "admin"]
    via: Via = SIGNED_IN


class System(Struct, frozen=True, tag="system"):
    """A worker, a timer, a provider's signed word. part: which one, for the record."""

    part: str


Actor: TypeAlias = Trader | Staff | System
