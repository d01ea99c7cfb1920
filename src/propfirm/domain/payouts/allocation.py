"""How many accounts, and of what size together, one person or household may hold (prop-rules 4.15)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from propfirm.domain.catalogue.program import Limits, Stage
from propfirm.domain.money import Micros

Kind: TypeAlias = Literal["evaluation", "verification", "sim_funded", "live"]

_EVALUATION: Final[frozenset[Kind]] = frozenset({"evaluation", "verification"})
_FUNDED: Final[frozenset[Kind]] = frozenset({"sim_funded", "live"})


class Place(Struct, frozen=True):
    """An account that is open: its nominal size and the kind of its stage."""

    size: Micros
    kind: Kind


class Excess(Struct, frozen=True):
    """A limit that the new account would pass. Accounts are numbers, allocations micro-dollars; actual includes it."""

    what: Literal["accounts", "stage_accounts", "allocation_evaluation", "allocation_funded"]
    limit: int
    actual: int


class Admitted(Struct, frozen=True, tag="admitted"):
    """There is room."""


class Queued(Struct, frozen=True, tag="queued"):
    """The pass waits until room is free."""

    excess: tuple[Excess, ...]


class Full(Struct, frozen=True, tag="full"):
    """There is no room, and nothing to wait for."""

    excess: tuple[Excess, ...]


Admission: TypeAlias = Admitted | Queued | Full


def total(places: Collection[Place]) -> Micros:
    return Micros(sum(place.size for place in places))


def admit(limits: Limits, stage: Stage, size: Micros, held: Collection[Place]) -> Admission:
    """Whether an account of this size may begin this stage beside those that are held. Equal to a limit is allowed.

    held: the person's open accounts with the firm, without this one; where ``limits.household`` is set, the whole
    household's. Checked in the order of ``Excess.what``; ``Stage.max_accounts`` counts accounts in stages of its kind.
    Only a pass into a funded stage can be queued: what is not bought yet need not wait.
    """
    group, allocation = (
        (_FUNDED, limits.allocation_funded) if stage.kind in _FUNDED else (_EVALUATION, limits.allocation_evaluation)
    )
    excess: list[Excess] = []
    if limits.accounts is not None and len(held) >= limits.accounts:
        excess.append(Excess("accounts", limits.accounts, len(held) + 1))
    alike = sum(place.kind == stage.kind for place in held)
    if stage.max_accounts is not None and alike >= stage.max_accounts:
        excess.append(Excess("stage_accounts", stage.max_accounts, alike + 1))
    together = total([place for place in held if place.kind in group]) + size
    if allocation is not None and together > allocation:
        what: Literal["allocation_evaluation", "allocation_funded"] = (
            "allocation_funded" if group is _FUNDED else "allocation_evaluation"
        )
        excess.append(Excess(what, allocation, together))
    if not excess:
        return Admitted()
    waits = limits.queue_when_full and stage.kind in _FUNDED
    return Queued(tuple(excess)) if waits else Full(tuple(excess))
