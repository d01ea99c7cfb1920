"""Somebody shows that they are who they say."""

from __future__ import annotations

from dataclasses import dataclass

from propfirm.application.ports.identity import Pass, Passwords, Tokens
from propfirm.application.ports.work import UnitOfWork
from propfirm.domain.identity.people import BadAddress, NotActive, NotSignedIn, Person, address, spelled_password


@dataclass(frozen=True, slots=True)
class SignIn:
    """Raises NotSignedIn, alike for an unknown address and a wrong password, in like time; then NotActive."""

    work: UnitOfWork
    passwords: Passwords
    tokens: Tokens

    async def __call__(self, email: str, secret: str) -> tuple[Person, str, Pass]:
        try:
            spelled = address(email)
        except BadAddress:
            spelled = ""
        async with self.work.begin() as tx:
            person = await tx.people.by_email(spelled) if spelled else None
        fits = await self.passwords.fits(spelled_password(secret), None if person is None else person.password_hash)
        if person is None or not fits:
            raise NotSignedIn
        if person.situation != "active":
            raise NotActive(person.situation)
        return person, *self.tokens.issue(person.id, person.role)
