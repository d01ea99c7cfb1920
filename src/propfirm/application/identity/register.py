"""A trader makes an account of their own."""

from __future__ import annotations

from dataclasses import dataclass

from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.identity import Passwords
from propfirm.application.ports.work import UnitOfWork
from propfirm.domain.identity.actors import Trader
from propfirm.domain.identity.people import Person, address, display_name, password
from propfirm.domain.ids import PersonId


@dataclass(frozen=True, slots=True)
class Register:
    """Raises BadAddress, BadName, WeakPassword, PasswordsBusy, AddressTaken, in this order.

    Two steps, so that no transaction waits for the hasher: ``prepare`` asks no database, ``enrol`` no hasher.
    """

    work: UnitOfWork
    clock: Clock
    ids: Ids
    passwords: Passwords

    async def __call__(self, email: str, name: str, secret: str) -> Person:
        return await self.enrol(await self.prepare(email, name, secret))

    async def prepare(self, email: str, name: str, secret: str) -> Person:
        email, name = address(email), display_name(name)
        hashed = await self.passwords.hash(password(secret, email))
        return Person(PersonId(self.ids.new()), email, name, "trader", hashed, self.clock.now())

    async def enrol(self, person: Person) -> Person:
        async with self.work.begin() as tx:
            await tx.people.add(person)
            await tx.audit.record(Trader(person.id), "registered", f"person:{person.id}", {})
        return person
