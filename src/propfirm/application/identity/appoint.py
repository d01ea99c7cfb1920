"""Somebody becomes one of the staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from propfirm.application.ports.clock import Clock, Ids
from propfirm.application.ports.identity import Passwords
from propfirm.application.ports.work import UnitOfWork
from propfirm.domain.identity.actors import Staff
from propfirm.domain.identity.people import Person, address, display_name, password
from propfirm.domain.ids import PersonId

StaffRole: TypeAlias = Literal["support", "admin"]


@dataclass(frozen=True, slots=True)
class Appoint:
    """An admin's act. Raises BadAddress, BadName, WeakPassword, PasswordsBusy, AddressTaken, in this
    order: who is known already keeps role and password."""

    work: UnitOfWork
    clock: Clock
    ids: Ids
    passwords: Passwords

    async def __call__(self, staff: Staff, email: str, name: str, role: StaffRole, secret: str) -> Person:
        email, name = address(email), display_name(name)
        hashed = await self.passwords.hash(password(secret, email))
        person = Person(PersonId(self.ids.new()), email, name, role, hashed, self.clock.now())
        async with self.work.begin() as tx:
            await tx.people.add(person)
            await tx.audit.record(staff, "appointed", f"person:{person.id}", {"role": role})
        return person
