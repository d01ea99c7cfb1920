"""The firm's first tables: people, programs, purchases, accounts, the feed, payouts, the books, intake.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written once and never changed: what a later version needs is a later step.
TABLES = """
CREATE TABLE announcements (
    number BIGSERIAL NOT NULL,
    account_id UUID NOT NULL,
    run INTEGER NOT NULL,
    at_ns BIGINT NOT NULL,
    event JSONB NOT NULL,
    CONSTRAINT pk_announcements PRIMARY KEY (number)
);

CREATE TABLE audit (
    number BIGSERIAL NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    details JSONB NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (number)
);

CREATE TABLE daily_snapshots (
    account_id UUID NOT NULL,
    run INTEGER NOT NULL,
    day DATE NOT NULL,
    at_ns BIGINT NOT NULL,
    balance_micros BIGINT NOT NULL,
    equity_micros BIGINT NOT NULL,
    CONSTRAINT pk_daily_snapshots PRIMARY KEY (account_id, run, day)
);

CREATE TABLE feed_positions (
    feed TEXT NOT NULL,
    until_ns BIGINT NOT NULL,
    CONSTRAINT pk_feed_positions PRIMARY KEY (feed)
);

CREATE TABLE runs (
    account_id UUID NOT NULL,
    run INTEGER NOT NULL,
    platform_account TEXT NOT NULL,
    stage TEXT NOT NULL,
    program TEXT NOT NULL,
    program_version INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    balance_micros BIGINT,
    begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_runs PRIMARY KEY (account_id, run),
    CONSTRAINT uq_runs_platform_account UNIQUE (platform_account)
);

CREATE TABLE executions (
    account_id UUID NOT NULL,
    source TEXT NOT NULL,
    execution TEXT NOT NULL,
    run INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    CONSTRAINT pk_executions PRIMARY KEY (account_id, source, execution)
);

CREATE TABLE findings (
    account_id UUID NOT NULL,
    run INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    place SMALLINT NOT NULL,
    at_ns BIGINT NOT NULL,
    kind TEXT NOT NULL,
    rule TEXT,
    action TEXT,
    finding JSONB NOT NULL,
    CONSTRAINT pk_findings PRIMARY KEY (account_id, run, seq, place)
);
CREATE INDEX ix_findings_judged ON findings (at_ns, account_id, run, seq, place) WHERE kind in ('hit', 'passed');
CREATE INDEX ix_findings_blocking ON findings (account_id, run) WHERE action = 'block_payout';

CREATE TABLE idempotency (
    user_id UUID NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    status SMALLINT,
    body BYTEA,
    location TEXT,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (user_id, route, key)
);

CREATE TABLE inbox (
    provider TEXT NOT NULL,
    delivery TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    body BYTEA NOT NULL,
    CONSTRAINT pk_inbox PRIMARY KEY (provider, delivery)
);

CREATE TABLE installation (
    one SMALLINT NOT NULL,
    environment_id UUID NOT NULL,
    demo_clock JSONB,
    CONSTRAINT pk_installation PRIMARY KEY (one),
    CONSTRAINT ck_installation_one CHECK (one = 1)
);

CREATE TABLE journal (
    account_id UUID NOT NULL,
    run INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    at_ns BIGINT NOT NULL,
    kind TEXT NOT NULL,
    event JSONB NOT NULL,
    seen JSONB NOT NULL,
    link TEXT NOT NULL,
    CONSTRAINT pk_journal PRIMARY KEY (account_id, run, seq)
);

CREATE TABLE ledger_transfers (
    id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    business TEXT NOT NULL,
    reference TEXT NOT NULL,
    currency VARCHAR(3) NOT NULL,
    CONSTRAINT pk_ledger_transfers PRIMARY KEY (id),
    CONSTRAINT uq_ledger_transfers_business_reference UNIQUE (business, reference)
);
CREATE INDEX ix_ledger_transfers_at_id ON ledger_transfers (at, id);
CREATE INDEX ix_ledger_transfers_about ON ledger_transfers (split_part(reference, ':', 1));

CREATE TABLE news_events (
    id UUID NOT NULL,
    feed TEXT NOT NULL,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    release_at TIMESTAMP WITH TIME ZONE NOT NULL,
    cancelled BOOLEAN DEFAULT false NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_news_events PRIMARY KEY (id)
);
CREATE INDEX ix_news_events_release_at_id ON news_events (release_at, id);
CREATE UNIQUE INDEX uq_news_events_release ON news_events (feed, category, release_at) WHERE not cancelled;

CREATE TABLE program_versions (
    program TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    price_cents BIGINT,
    document JSONB NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_program_versions PRIMARY KEY (program, version),
    CONSTRAINT ck_program_versions_version CHECK (version > 0),
    CONSTRAINT ck_program_versions_status CHECK (status in ('draft', 'published', 'retired')),
    CONSTRAINT ck_program_versions_price CHECK (price_cents >= 0)
);
CREATE INDEX ix_program_versions_document ON program_versions USING gin (document jsonb_path_ops);
CREATE INDEX ix_program_versions_on_sale ON program_versions (program, version desc) WHERE status = 'published';

CREATE TABLE quotes (
    symbol TEXT NOT NULL,
    number BIGINT NOT NULL,
    at_ns BIGINT NOT NULL,
    bid BIGINT NOT NULL,
    ask BIGINT NOT NULL,
    link TEXT NOT NULL,
    CONSTRAINT pk_quotes PRIMARY KEY (symbol, number),
    CONSTRAINT ck_quotes_spread CHECK (bid <= ask)
);

CREATE TABLE risk_states (
    account_id UUID NOT NULL,
    run INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    at_ns BIGINT NOT NULL,
    balance_micros BIGINT NOT NULL,
    equity_micros BIGINT NOT NULL,
    floor_micros BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    semantics INTEGER NOT NULL,
    state BYTEA NOT NULL,
    seen JSONB NOT NULL,
    clock_ns BIGINT NOT NULL,
    head TEXT NOT NULL,
    CONSTRAINT pk_risk_states PRIMARY KEY (account_id, run)
);

CREATE TABLE seals (
    day DATE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    leaves INTEGER NOT NULL,
    root TEXT NOT NULL,
    previous TEXT,
    key_id TEXT,
    public_key BYTEA,
    signature BYTEA,
    CONSTRAINT pk_seals PRIMARY KEY (day),
    CONSTRAINT uq_seals_previous UNIQUE (previous),
    CONSTRAINT ck_seals_signature CHECK (num_nulls(key_id, public_key, signature) in (0, 3))
);

CREATE TABLE sealed_chains (
    day DATE NOT NULL,
    place INTEGER NOT NULL,
    account_id UUID,
    run INTEGER,
    symbol TEXT,
    upto BIGINT NOT NULL,
    head TEXT NOT NULL,
    told TEXT,
    CONSTRAINT pk_sealed_chains PRIMARY KEY (day, place),
    CONSTRAINT uq_sealed_chains_account_id_run_day UNIQUE (account_id, run, day),
    CONSTRAINT uq_sealed_chains_symbol_day UNIQUE (symbol, day),
    CONSTRAINT ck_sealed_chains_subject
        CHECK (num_nulls(account_id, run, told) in (0, 3) and num_nulls(account_id, symbol) = 1),
    CONSTRAINT fk_sealed_chains_day FOREIGN KEY(day) REFERENCES seals (day)
);

CREATE TABLE trades (
    account_id UUID NOT NULL,
    run INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    symbol TEXT NOT NULL,
    side TEXT NOT NULL,
    opened_ns BIGINT NOT NULL,
    closed_ns BIGINT NOT NULL,
    contracts INTEGER NOT NULL,
    profit_micros BIGINT NOT NULL,
    fees_micros BIGINT NOT NULL,
    CONSTRAINT pk_trades PRIMARY KEY (account_id, run, seq),
    CONSTRAINT ck_trades_side CHECK (side in ('long', 'short'))
);
CREATE INDEX ix_trades_account_id_closed_ns_seq ON trades (account_id, closed_ns, seq);

CREATE TABLE trading_days (
    account_id UUID NOT NULL,
    run INTEGER NOT NULL,
    day DATE NOT NULL,
    start_micros BIGINT NOT NULL,
    end_micros BIGINT NOT NULL,
    profit_micros BIGINT NOT NULL,
    floor_micros BIGINT NOT NULL,
    day_floor_micros BIGINT,
    traded BOOLEAN NOT NULL,
    qualifying BOOLEAN NOT NULL,
    CONSTRAINT pk_trading_days PRIMARY KEY (account_id, run, day)
);

CREATE TABLE users (
    id UUID NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    situation TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    registered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_email UNIQUE (email),
    CONSTRAINT ck_users_email_lower CHECK (email = lower(email)),
    CONSTRAINT ck_users_role CHECK (role in ('trader', 'support', 'admin')),
    CONSTRAINT ck_users_situation CHECK (situation in ('active', 'suspended', 'closed'))
);
CREATE INDEX ix_users_registered_at_id ON users (registered_at, id);

CREATE TABLE admin_notes (
    id UUID NOT NULL,
    about TEXT NOT NULL,
    subject_id UUID NOT NULL,
    author_id UUID NOT NULL,
    text TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_admin_notes PRIMARY KEY (id),
    CONSTRAINT ck_admin_notes_about CHECK (about in ('person', 'account')),
    CONSTRAINT fk_admin_notes_author_id FOREIGN KEY(author_id) REFERENCES users (id)
);
CREATE INDEX ix_admin_notes_about_subject_id_at ON admin_notes (about, subject_id, at);

CREATE TABLE violation_reviews (
    account_id UUID NOT NULL,
    run INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    place SMALLINT NOT NULL,
    reviewer_id UUID NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_violation_reviews PRIMARY KEY (account_id, run, seq, place),
    CONSTRAINT ck_violation_reviews_decision CHECK (decision in ('cleared', 'confirmed')),
    CONSTRAINT fk_violation_reviews_reviewer_id FOREIGN KEY(reviewer_id) REFERENCES users (id)
);

CREATE TABLE ledger_entries (
    transfer_id UUID NOT NULL,
    place SMALLINT NOT NULL,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    CONSTRAINT pk_ledger_entries PRIMARY KEY (transfer_id, place),
    CONSTRAINT ck_ledger_entries_amount CHECK (amount_cents <> 0),
    CONSTRAINT fk_ledger_entries_transfer_id FOREIGN KEY(transfer_id) REFERENCES ledger_transfers (id)
);
CREATE INDEX ix_ledger_entries_account ON ledger_entries (kind, owner) INCLUDE (amount_cents);

CREATE TABLE purchases (
    id UUID NOT NULL,
    buyer_id UUID NOT NULL,
    goods TEXT NOT NULL,
    program TEXT,
    program_version INTEGER,
    account_id UUID,
    price_cents BIGINT NOT NULL,
    currency VARCHAR(3) NOT NULL,
    provider TEXT NOT NULL,
    payment_reference TEXT,
    state TEXT NOT NULL,
    document JSONB NOT NULL,
    placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_purchases PRIMARY KEY (id),
    CONSTRAINT fk_purchases_program_program_version
        FOREIGN KEY(program, program_version) REFERENCES program_versions (program, version),
    CONSTRAINT ck_purchases_goods CHECK (goods in ('challenge', 'reset', 'activation')),
    CONSTRAINT ck_purchases_price CHECK (price_cents >= 0),
    CONSTRAINT uq_purchases_provider_payment_reference UNIQUE (provider, payment_reference),
    CONSTRAINT fk_purchases_buyer_id FOREIGN KEY(buyer_id) REFERENCES users (id)
);
CREATE INDEX ix_purchases_placed_at ON purchases (placed_at);
CREATE INDEX ix_purchases_open ON purchases (placed_at) WHERE state in ('ordered', 'declined', 'paid');

CREATE TABLE refunds (
    id UUID NOT NULL,
    purchase_id UUID NOT NULL,
    provider TEXT NOT NULL,
    payment_reference TEXT NOT NULL,
    cause TEXT NOT NULL,
    amount_cents BIGINT NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL,
    document JSONB NOT NULL,
    owed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_refunds PRIMARY KEY (id),
    CONSTRAINT uq_refunds_provider_payment_reference UNIQUE (provider, payment_reference),
    CONSTRAINT ck_refunds_cause CHECK (cause in ('undeliverable', 'paid_again', 'amount_mismatched')),
    CONSTRAINT ck_refunds_amount CHECK (amount_cents > 0),
    CONSTRAINT fk_refunds_purchase_id FOREIGN KEY(purchase_id) REFERENCES purchases (id)
);
CREATE INDEX ix_refunds_owed_at_id ON refunds (owed_at, id);
CREATE INDEX ix_refunds_open ON refunds (state, owed_at) WHERE state <> 'returned';

CREATE TABLE accounts (
    id UUID NOT NULL,
    owner_id UUID NOT NULL,
    purchase_id UUID NOT NULL,
    program TEXT NOT NULL,
    program_version INTEGER NOT NULL,
    stage TEXT NOT NULL,
    run INTEGER NOT NULL,
    state TEXT NOT NULL,
    platform_account TEXT,
    shard SMALLINT NOT NULL,
    document JSONB NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_accounts PRIMARY KEY (id),
    CONSTRAINT fk_accounts_program_program_version
        FOREIGN KEY(program, program_version) REFERENCES program_versions (program, version),
    CONSTRAINT uq_accounts_purchase_id UNIQUE (purchase_id),
    CONSTRAINT uq_accounts_platform_account UNIQUE (platform_account),
    CONSTRAINT ck_accounts_shard CHECK (shard between 0 and 255),
    CONSTRAINT ck_accounts_run CHECK (run > 0),
    CONSTRAINT fk_accounts_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_accounts_purchase_id FOREIGN KEY(purchase_id) REFERENCES purchases (id)
);
CREATE INDEX ix_accounts_live ON accounts (id, run) WHERE state in ('evaluating', 'funded', 'suspended');
CREATE INDEX ix_accounts_opened_at_id ON accounts (opened_at, id);
CREATE INDEX ix_accounts_state_opened_at_id ON accounts (state, opened_at, id);
CREATE INDEX ix_accounts_owner_id_opened_at_id ON accounts (owner_id, opened_at, id);

CREATE TABLE purchase_events (
    purchase_id UUID NOT NULL,
    number INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    event JSONB NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_purchase_events PRIMARY KEY (purchase_id, number),
    CONSTRAINT fk_purchase_events_purchase_id FOREIGN KEY(purchase_id) REFERENCES purchases (id)
);

CREATE TABLE refund_events (
    refund_id UUID NOT NULL,
    number INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    event JSONB NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_refund_events PRIMARY KEY (refund_id, number),
    CONSTRAINT fk_refund_events_refund_id FOREIGN KEY(refund_id) REFERENCES refunds (id)
);

CREATE TABLE account_events (
    account_id UUID NOT NULL,
    number INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    event JSONB NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_account_events PRIMARY KEY (account_id, number),
    CONSTRAINT fk_account_events_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);

CREATE TABLE appeals (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    state TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    document JSONB NOT NULL,
    filed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_appeals PRIMARY KEY (id),
    CONSTRAINT fk_appeals_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_appeals_account_id_filed_at ON appeals (account_id, filed_at);
CREATE INDEX ix_appeals_due ON appeals (due_at) WHERE due_at is not null;

CREATE TABLE payouts (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    owner_id UUID NOT NULL,
    run INTEGER NOT NULL,
    gross_cents BIGINT NOT NULL,
    trader_cents BIGINT NOT NULL,
    state TEXT NOT NULL,
    document JSONB NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_payouts PRIMARY KEY (id),
    CONSTRAINT ck_payouts_amounts CHECK (gross_cents > 0 and trader_cents >= 0 and trader_cents <= gross_cents),
    CONSTRAINT fk_payouts_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT fk_payouts_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
);
CREATE INDEX ix_payouts_account_id_requested_at ON payouts (account_id, requested_at);
CREATE INDEX ix_payouts_open ON payouts (state, requested_at) WHERE state not in ('sent', 'rejected', 'cancelled');
CREATE INDEX ix_payouts_owner_id_requested_at_id ON payouts (owner_id, requested_at, id);
CREATE INDEX ix_payouts_requested_at_id ON payouts (requested_at, id);

CREATE TABLE appeal_events (
    appeal_id UUID NOT NULL,
    number INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    event JSONB NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_appeal_events PRIMARY KEY (appeal_id, number),
    CONSTRAINT fk_appeal_events_appeal_id FOREIGN KEY(appeal_id) REFERENCES appeals (id)
);

CREATE TABLE disbursements (
    payout_id UUID NOT NULL,
    attempt INTEGER NOT NULL,
    state TEXT NOT NULL,
    reference TEXT,
    CONSTRAINT pk_disbursements PRIMARY KEY (payout_id, attempt),
    CONSTRAINT ck_disbursements_state CHECK (state in ('sending', 'unknown', 'sent', 'returned')),
    CONSTRAINT fk_disbursements_payout_id FOREIGN KEY(payout_id) REFERENCES payouts (id)
);
CREATE UNIQUE INDEX uq_disbursements_live ON disbursements (payout_id) WHERE state in ('sending', 'unknown', 'sent');

CREATE TABLE payout_events (
    payout_id UUID NOT NULL,
    number INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    event JSONB NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_payout_events PRIMARY KEY (payout_id, number),
    CONSTRAINT fk_payout_events_payout_id FOREIGN KEY(payout_id) REFERENCES payouts (id)
);
"""

# The books take only whole transfers, and neither they nor the events are ever rewritten, whoever asks.
GUARDS = """
create function ledger_transfer_balances() returns trigger language plpgsql as $$
declare
    wrong uuid;
begin
    select entry.transfer_id into wrong
    from added as entry
    group by entry.transfer_id
    having sum(entry.amount_cents) <> 0 or count(*) < 2
    limit 1;
    if wrong is not null then
        raise exception 'the entries of transfer % do not balance', wrong using errcode = 'check_violation';
    end if;
    select entry.transfer_id into wrong
    from ledger_entries as entry
    where entry.transfer_id in (select transfer_id from added)
    group by entry.transfer_id
    having count(*) <> (select count(*) from added where added.transfer_id = entry.transfer_id)
    limit 1;
    if wrong is not null then
        raise exception 'transfer % is in the books already', wrong using errcode = 'check_violation';
    end if;
    return null;
end $$;

create trigger balances after insert on ledger_entries
    referencing new table as added for each statement execute function ledger_transfer_balances();

create function appended_only() returns trigger language plpgsql as $$
begin
    raise exception '% is appended only', tg_table_name using errcode = 'restrict_violation';
end $$;
"""
APPENDED_ONLY = (
    "ledger_transfers",
    "ledger_entries",
    "account_events",
    "purchase_events",
    "refund_events",
    "payout_events",
    "appeal_events",
    "admin_notes",
    "audit",
    "seals",
    "sealed_chains",
)


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(GUARDS)
    for table in APPENDED_ONLY:
        op.execute(
            f"create trigger appended_only before update or delete or truncate on {table} "
            "for each statement execute function appended_only()"
        )


def downgrade() -> None:
    op.execute(
        """
        drop table
            payout_events,
            disbursements,
            appeal_events,
            payouts,
            appeals,
            account_events,
            purchase_events,
            refund_events,
            refunds,
            accounts,
            purchases,
            ledger_entries,
            admin_notes,
            violation_reviews,
            users,
            trading_days,
            trades,
            sealed_chains,
            seals,
            risk_states,
            quotes,
            program_versions,
            news_events,
            ledger_transfers,
            journal,
            installation,
            inbox,
            idempotency,
            findings,
            executions,
            runs,
            feed_positions,
            daily_snapshots,
            audit,
            announcements
        """
    )
    op.execute("drop function ledger_transfer_balances, appended_only")
