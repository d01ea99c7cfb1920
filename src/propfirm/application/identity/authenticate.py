"""Who is asking, by the token that they carry."""

from __future__ import annotations

from dataclasses import dataclass

from propfirm.application.ports.identity import Standings, Tokens
from propfirm.domain.identity.actors import Staff, Trader


@dataclass(frozen=True, slots=True)
class Authenticate:
    """None for a token that is not ours or over, and for a person who is gone or suspended.

    The role is the one of now: who was demoted a moment ago does not act as what the token says.
    """

    tokens: Tokens
    standings: Standings

    async def __call__(self, token: str) -> Trader | Staff | None:
        found = self.tokens.read(token)
        role = None if found is None else await self.standings.role(found.person)
        if found is None or role is None:
            return None
        return Trader(found.person) if role == "trader" else Staff(found.person, role)
