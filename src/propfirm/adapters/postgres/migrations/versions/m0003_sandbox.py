"""The memory of the sandbox's payment provider and bank. They are outside parties: nothing refers to the firm's tables.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
create table sandbox_checkouts (
    purchase_id uuid primary key,
    description text not null,
    amount_cents bigint not null,
    currency text not null,
    state text not null check (state in ('open', 'paid', 'over')),
    reason text not null,
    opened_at timestamptz not null,
    refunds text not null default 'pay' check (refunds in ('pay', 'refuse', 'late', 'lose', 'down'))
);

create table sandbox_charges (
    reference text primary key,
    number bigserial,
    purchase_id uuid not null references sandbox_checkouts,
    payment_id uuid not null,
    amount_cents bigint not null check (amount_cents > 0),
    currency text not null,
    paid_at timestamptz not null,
    taken_at timestamptz not null default now()
);
create index ix_sandbox_charges_purchase_id on sandbox_charges (purchase_id, number);
create index ix_sandbox_charges_taken_at on sandbox_charges (taken_at);

create table sandbox_refunds (
    key text primary key,
    payment text not null references sandbox_charges,
    outcome text not null check (outcome in ('paid', 'refused')),
    reference text not null,
    at timestamptz not null
);
create unique index uq_sandbox_refunds_payment on sandbox_refunds (payment) where outcome = 'paid';

create table sandbox_messages (
    number bigserial primary key,
    purchase_id uuid not null references sandbox_checkouts,
    body bytea not null,
    due_at timestamptz not null,
    tries integer not null default 0,
    taken_at timestamptz
);
create index ix_sandbox_messages_due on sandbox_messages (due_at, number) where taken_at is null;

create table sandbox_payments (
    key text primary key,
    payout_id uuid not null,
    trader_id uuid not null,
    amount_cents bigint not null check (amount_cents > 0),
    outcome text not null check (outcome in ('paid', 'refused')),
    reference text not null,
    at timestamptz not null
);

create table sandbox_bank_moods (
    trader_id uuid primary key,
    mood text not null check (mood in ('pay', 'refuse', 'late', 'lose', 'down'))
);
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(
        "drop table sandbox_bank_moods, sandbox_payments, sandbox_messages, sandbox_refunds, sandbox_charges,"
        " sandbox_checkouts"
    )
