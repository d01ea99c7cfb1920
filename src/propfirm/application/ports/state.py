"""Files that the firm keeps for itself between two starts: what is said when one is not as it was left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec import Struct

from propfirm.domain.errors import Refused

BEGIN_ANEW: Final = "restore it, or begin anew with `propfirm dev --reset`"


@dataclass(eq=False)
class StateDamaged(Refused):
    """path: the file. reason: nothing of its content is repeated. remedy: what somebody can do."""

    code = "state.damaged"
    title = "A file of the state is not as it was left"
    path: str
    reason: str
    remedy: str = BEGIN_ANEW

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}: {self.remedy}"


class Kept(Struct, frozen=True):
    """latest: the last moment of the firm's clock that anything was written under. traded: some account was opened at
    the platform. judged: some of its feed was."""

    latest: datetime | None
    traded: bool
    judged: bool
