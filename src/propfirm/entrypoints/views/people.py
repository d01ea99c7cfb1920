"""What the staff is shown of people and of the firm as a whole: users, notes, figures."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from propfirm.application.analytics.queries import Figures
from propfirm.application.identity.queries import PersonLine
from propfirm.domain.identity.people import Person, Role, Situation
from propfirm.domain.support.notes import About, Note


class PersonView(Struct, frozen=True):
    """Somebody as they see themselves."""

    id: UUID
    email: str
    name: str
    role: Role
    registered_at: datetime


class UserView(Struct, frozen=True, kw_only=True):
    """accounts: how many they have, over or not."""

    id: UUID
    email: str
    name: str
    role: Role
    situation: Situation
    registered_at: datetime
    accounts: int


class NoteView(Struct, frozen=True):
    id: UUID
    about: About
    subject: UUID
    author: UUID
    text: str
    at: datetime


class FiguresView(Struct, frozen=True, kw_only=True):
    """taken (less refunds), owed to traders, owed_back to buyers, paid_out: by the books, in dollars.
    owed_back_foreign: of payments in other currencies, by currency. payouts_waiting: for the firm's yes or no.
    refunds_stuck: without an answer of the provider, or refused by it. violations_to_review: those that block payouts.
    accounts: by state. accounts_to_close: their last payout was made, and an open appeal keeps them; they are closed
    when it is over."""

    at: datetime
    accounts: dict[str, int]
    people: int
    purchases_today: int
    breaches_today: int
    passes_today: int
    violations_to_review: int
    appeals_open: int
    payouts_waiting: int
    payouts_waiting_minor: int
    payouts_unknown: int
    payouts_held: int
    accounts_to_close: int
    refunds_stuck: int
    taken_minor: int
    owed_minor: int
    owed_back_minor: int
    owed_back_foreign_minor: dict[str, int]
    paid_out_minor: int


def person_view(person: Person) -> PersonView:
    return PersonView(person.id, person.email, person.name, person.role, person.registered_at)


def user_view(line: PersonLine) -> UserView:
    return UserView(
        id=line.id,
        email=line.email,
        name=line.name,
        role=line.role,
        situation=line.situation,
        registered_at=line.registered_at,
        accounts=line.accounts,
    )


def note_view(note: Note) -> NoteView:
    return NoteView(note.id, note.about, note.subject, note.author, note.text, note.at)


def figures_view(told: Figures, at: datetime) -> FiguresView:
    return FiguresView(
        at=at,
        accounts=told.accounts,
        people=told.people,
        purchases_today=told.purchases_today,
        breaches_today=told.breaches_today,
        passes_today=told.passes_today,
        violations_to_review=told.violations_to_review,
        appeals_open=told.appeals_open,
        payouts_waiting=told.payouts_waiting,
        payouts_waiting_minor=told.payouts_waiting_amount,
        payouts_unknown=told.payouts_unknown,
        payouts_held=told.payouts_held,
        accounts_to_close=told.accounts_to_close,
        refunds_stuck=told.refunds_stuck,
        taken_minor=told.taken,
        owed_minor=told.owed,
        owed_back_minor=told.owed_back,
        owed_back_foreign_minor=dict(told.owed_back_foreign),
        paid_out_minor=told.paid_out,
    )
