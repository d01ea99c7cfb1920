"""People who are there from the start: the first of the staff, whom nobody could register, and a demo's traders."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.identity import Passwords
from propfirm.application.ports.work import UnitOfWork
from propfirm.application.seeding.seed_firm import SEEDER
from propfirm.domain.identity.people import Person, Role, address, display_name, password
from propfirm.domain.ids import PersonId


class Newcomer(Struct, frozen=True):
    email: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class SeedPeople:
    """Who is known by their address stays as they are, password and all. Raises BadAddress, BadName, WeakPassword."""

    work: UnitOfWork
    clock: Clock
    ids: Ids
    passwords: Passwords

    async def __call__(self, newcomers: Sequence[Newcomer], secret: str) -> list[Person]:
        """In the order of the newcomers. secret: the password of those who are new."""
        spelled = [address(one.email) for one in newcomers]
        async with self.work.begin() as tx:
            known = {email: await tx.people.by_email(email) for email in spelled}
        missing = [one for one, email in zip(newcomers, spelled, strict=True) if known[email] is None]
        fresh = await asyncio.gather(*(self._person(one, secret) for one in missing))
        async with self.work.begin() as tx:
            for made in fresh:
                await tx.people.add(made)
                await tx.audit.record(SEEDER, "registered", f"person:{made.id}", {"role": made.role})
        known |= {person.email: person for person in fresh}
        return [found for email in spelled if (found := known[email]) is not None]

    async def _person(self, one: Newcomer, secret: str) -> Person:
        email = address(one.email)
        hashed = await self.passwords.hash(password(secret, email))
        return Person(PersonId(self.ids.new()), email, display_name(one.name), one.role, hashed, self.clock.now())
