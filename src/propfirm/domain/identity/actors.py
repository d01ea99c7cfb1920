"""Who is asking: the first argument of every use case. A handler typed for one cannot serve another."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.ids import PersonId


class Trader(Struct, frozen=True, tag="trader"):
    """Sees and moves what is their own; anything else does not exist for them."""

    id: PersonId


class Staff(Struct, frozen=True, tag="staff"):
    """support reads everything and writes notes; admin also decides."""

    id: PersonId
    role: Literal["support", "admin"]


class System(Struct, frozen=True, tag="system"):
    """A worker, a timer, a provider's signed word. part: which one, for the record."""

    part: str


Actor: TypeAlias = Trader | Staff | System
