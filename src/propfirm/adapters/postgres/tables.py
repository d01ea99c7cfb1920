"""The tables as SQLAlchemy Core knows them. The migrations make them; a test holds both equal.

Every aggregate keeps its whole state in ``document`` (the tagged value, as JSON) and, beside it, the columns that are
searched, joined or guarded. Engine times are nanoseconds (``*_ns``), amounts inside an account micro-dollars
(``*_micros``), money that leaves it cents (``*_cents``).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)
INSTANT = DateTime(timezone=True)

# ---------------------------------------------------------------- identity

users = Table(
    "users",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("situation", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("registered_at", INSTANT, nullable=False),
    UniqueConstraint("email"),
    CheckConstraint("email = lower(email)", name="email_lower"),
    CheckConstraint("role in ('trader', 'support', 'admin')", name="role"),
    CheckConstraint("situation in ('active', 'suspended', 'closed')", name="situation"),
    Index(None, "registered_at", "id"),
)

# ---------------------------------------------------------------- catalogue

program_versions = Table(
    "program_versions",
    metadata,
    Column("program", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("price_cents", BigInteger),
    Column("document", JSONB, nullable=False),
    Column("changed_at", INSTANT, nullable=False),
    PrimaryKeyConstraint("program", "version"),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("status in ('draft', 'published', 'retired')", name="status"),
    CheckConstraint("price_cents >= 0", name="price"),
    # What a trader may buy now: few rows of many versions.
    Index(
        "ix_program_versions_on_sale", "program", text("version desc"), postgresql_where=text("status = 'published'")
    ),
    # "Which programs have a consistency rule?": staff search inside the documents.
    Index(
        "ix_program_versions_document",
        "document",
        postgresql_using="gin",
        postgresql_ops={"document": "jsonb_path_ops"},
    ),
)

# ---------------------------------------------------------------- purchases

purchases = Table(
    "purchases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("buyer_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("goods", Text, nullable=False),
    Column("program", Text),
    Column("program_version", Integer),
    Column("account_id", Uuid),
    Column("price_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("provider", Text, nullable=False),
    Column("payment_reference", Text),
    Column("state", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("placed_at", INSTANT, nullable=False),
    ForeignKeyConstraint(["program", "program_version"], ["program_versions.program", "program_versions.version"]),
    CheckConstraint("goods in ('challenge', 'reset', 'activation')", name="goods"),
    CheckConstraint("price_cents >= 0", name="price"),
    # One payment pays one purchase.
    UniqueConstraint("provider", "payment_reference"),
    Index(None, "placed_at"),
    # Checkouts that are still open: swept until they are paid or lapse.
    Index("ix_purchases_open", "placed_at", postgresql_where=text("state in ('ordered', 'declined', 'paid')")),
)

# What goes back: one refund of one payment, ever.
refunds = Table(
    "refunds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("purchase_id", Uuid, ForeignKey("purchases.id"), nullable=False),
    Column("provider", Text, nullable=False),
    Column("payment_reference", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("owed_at", INSTANT, nullable=False),
    UniqueConstraint("provider", "payment_reference"),
    CheckConstraint("cause in ('undeliverable', 'paid_again', 'amount_mismatched')", name="cause"),
    CheckConstraint("amount_cents > 0", name="amount"),
    Index(None, "owed_at", "id"),
    Index(None, "purchase_id"),
    # Those on their way, and those that a person must look at.
    Index("ix_refunds_open", "state", "owed_at", postgresql_where=text("state <> 'returned'")),
)

# ---------------------------------------------------------------- evaluation

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("purchase_id", Uuid, ForeignKey("purchases.id"), nullable=False),
    Column("program", Text, nullable=False),
    Column("program_version", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("run", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("platform_account", Text),
    Column("shard", SmallInteger, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("opened_at", INSTANT, nullable=False),
    Column("changed_at", INSTANT, nullable=False),
    ForeignKeyConstraint(["program", "program_version"], ["program_versions.program", "program_versions.version"]),
    # A purchase has at most one account, a platform's account one of ours.
    UniqueConstraint("purchase_id"),
    UniqueConstraint("platform_account"),
    CheckConstraint("shard between 0 and 255", name="shard"),
    CheckConstraint("run > 0", name="run"),
    Index(None, "owner_id", "opened_at", "id"),
    Index(None, "opened_at", "id"),
    Index(None, "state", "opened_at", "id"),
    # Whom the desk judges: few of all that ever were.
    Index("ix_accounts_live", "id", "run", postgresql_where=text("state in ('evaluating', 'funded', 'suspended')")),
    # Those that wait for the platform, not for a trader who may never take what was offered.
    Index(
        "ix_accounts_unopened",
        "changed_at",
        postgresql_where=text("state = 'pending' and (document ->> 'offer') is null"),
    ),
)


# Every run that was ever traded, with the terms it began under: kept for good, since late news must find it. told: what
# the platform heard last of it from us; should: what it should have heard as its account is now, null where nothing new
# is to be said yet. Written with the account, so that whoever looks for runs astray reads those alone.
runs = Table(
    "runs",
    metadata,
    Column("account_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("platform_account", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("program", Text, nullable=False),
    Column("program_version", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("balance_micros", BigInteger),
    Column("begun_at", INSTANT, nullable=False),
    Column("told", Text, nullable=False, server_default=text("'trading'")),
    PrimaryKeyConstraint("account_id", "run"),
    Column("should", Text),
    # Known to the planner: of two columns compared it would believe that they differ in nearly every row.
    Column("astray", Boolean, Computed("told <> should", persisted=True)),
    CheckConstraint("told in ('trading', 'held', 'ended')", name="told"),
    CheckConstraint("should in ('trading', 'held', 'ended')", name="should"),
    UniqueConstraint("platform_account"),
    Index("ix_runs_astray", "account_id", "run", postgresql_where=text("astray")),
)


def _events(owner: Table) -> Table:
    """The events that led to an aggregate's state, in order; appended only.

    at: by the firm's clock. recorded_at: in real time, for whoever waits for machines.
    """
    name = owner.name.removesuffix("s")
    return Table(
        f"{name}_events",
        metadata,
        Column(f"{name}_id", Uuid, ForeignKey(f"{owner.name}.id"), nullable=False),
        Column("number", Integer, nullable=False),
        Column("at", INSTANT, nullable=False),
        Column("event", JSONB, nullable=False),
        Column("recorded_at", INSTANT, nullable=False, server_default=text("now()")),
        PrimaryKeyConstraint(f"{name}_id", "number"),
    )


purchase_events = _events(purchases)
refund_events = _events(refunds)
account_events = _events(accounts)

appeals = Table(
    "appeals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", INSTANT),
    Column("document", JSONB, nullable=False),
    Column("filed_at", INSTANT, nullable=False),
    Index(None, "account_id", "filed_at"),
    Index("ix_appeals_due", "due_at", postgresql_where=text("due_at is not null")),
)
appeal_events = _events(appeals)

# ---------------------------------------------------------------- the feed: no triggers, no keys across accounts

quotes = Table(
    "quotes",
    metadata,
    Column("symbol", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("bid", BigInteger, nullable=False),
    Column("ask", BigInteger, nullable=False),
    Column("link", Text, nullable=False),
    PrimaryKeyConstraint("symbol", "number"),
    CheckConstraint("bid <= ask", name="spread"),
)

# How far each feed was judged: moved in the transaction that judged it.
feed_positions = Table(
    "feed_positions",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("until_ns", BigInteger, nullable=False),
)

# What the firm itself has to tell a run: taken away by the transaction that journals it.
announcements = Table(
    "announcements",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=True),
    Column("account_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("event", JSONB, nullable=False),
)

risk_states = Table(
    "risk_states",
    metadata,
    Column("account_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("balance_micros", BigInteger, nullable=False),
    Column("equity_micros", BigInteger, nullable=False),
    Column("floor_micros", BigInteger, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("semantics", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("seen", JSONB, nullable=False),
    Column("clock_ns", BigInteger, nullable=False),
    Column("head", Text, nullable=False),
    # Of a run that is over: balance, equity and floor above are of then.
    Column("ended_ns", BigInteger),
    Column("ended", LargeBinary),
    PrimaryKeyConstraint("account_id", "run"),
)

journal = Table(
    "journal",
    metadata,
    Column("account_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("event", JSONB, nullable=False),
    Column("seen", JSONB, nullable=False),
    Column("link", Text, nullable=False),
    PrimaryKeyConstraint("account_id", "run", "seq"),
)

executions = Table(
    "executions",
    metadata,
    Column("account_id", Uuid, nullable=False),
    Column("source", Text, nullable=False),
    Column("execution", Text, nullable=False),
    Column("run", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("account_id", "source", "execution"),
)

findings = Table(
    "findings",
    metadata,
    Column("account_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("place", SmallInteger, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("rule", Text),
    Column("action", Text),
    Column("finding", JSONB, nullable=False),
    PrimaryKeyConstraint("account_id", "run", "seq", "place"),
    # What staff look at first, of all accounts: what went wrong lately, and what ended.
    Index(
        "ix_findings_judged",
        "at_ns",
        "account_id",
        "run",
        "seq",
        "place",
        postgresql_where=text("kind in ('hit', 'passed')"),
    ),
    # What people must look at before an account is paid: few rows of many.
    Index("ix_findings_blocking", "account_id", "run", postgresql_where=text("action = 'block_payout'")),
)

# What people said about a hit. Payouts that a hit blocks wait until each of them has been looked at.
violation_reviews = Table(
    "violation_reviews",
    metadata,
    Column("account_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("place", SmallInteger, nullable=False),
    Column("reviewer_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("decision", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    PrimaryKeyConstraint("account_id", "run", "seq", "place"),
    CheckConstraint("decision in ('cleared', 'confirmed')", name="decision"),
)

trading_days = Table(
    "trading_days",
    metadata,
    Column("account_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("start_micros", BigInteger, nullable=False),
    Column("end_micros", BigInteger, nullable=False),
    Column("profit_micros", BigInteger, nullable=False),
    Column("floor_micros", BigInteger, nullable=False),
    Column("day_floor_micros", BigInteger),
    Column("traded", Boolean, nullable=False),
    Column("qualifying", Boolean, nullable=False),
    PrimaryKeyConstraint("account_id", "run", "day"),
)

daily_snapshots = Table(
    "daily_snapshots",
    metadata,
    Column("account_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("balance_micros", BigInteger, nullable=False),
    Column("equity_micros", BigInteger, nullable=False),
    PrimaryKeyConstraint("account_id", "run", "day"),
)

trades = Table(
    "trades",
    metadata,
    Column("account_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("opened_ns", BigInteger, nullable=False),
    Column("closed_ns", BigInteger, nullable=False),
    Column("contracts", Integer, nullable=False),
    Column("profit_micros", BigInteger, nullable=False),
    Column("fees_micros", BigInteger, nullable=False),
    # Of the fill that closed it: one fill closes one trade at most.
    PrimaryKeyConstraint("account_id", "run", "seq"),
    CheckConstraint("side in ('long', 'short')", name="side"),
    Index(None, "account_id", "closed_ns", "seq"),
)

news_events = Table(
    "news_events",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("feed", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("release_at", INSTANT, nullable=False),
    Column("cancelled", Boolean, nullable=False, server_default=text("false")),
    Column("changed_at", INSTANT, nullable=False),
    Index(
        "uq_news_events_release", "feed", "category", "release_at", unique=True, postgresql_where=text("not cancelled")
    ),
    Index(None, "release_at", "id"),
)

# ---------------------------------------------------------------- payouts and the books

payouts = Table(
    "payouts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("run", Integer, nullable=False),
    Column("gross_cents", BigInteger, nullable=False),
    Column("trader_cents", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("requested_at", INSTANT, nullable=False),
    CheckConstraint("gross_cents > 0 and trader_cents >= 0 and trader_cents <= gross_cents", name="amounts"),
    Index(None, "account_id", "requested_at"),
    Index(None, "owner_id", "requested_at", "id"),
    Index(None, "requested_at", "id"),
    Index(
        "ix_payouts_open",
        "state",
        "requested_at",
        postgresql_where=text("state not in ('sent', 'rejected', 'cancelled')"),
    ),
    # Those after which the account is over: it may still wait to be closed.
    Index(
        "ix_payouts_last",
        "account_id",
        "run",
        postgresql_where=text("state = 'sent' and document -> 'claim' ->> 'closes' = 'true'"),
    ),
    # What they took out of their accounts is not put back yet.
    Index(
        "ix_payouts_to_put_back",
        "requested_at",
        "id",
        postgresql_where=text("state = 'rejected' and document ->> 'to_put_back' = 'true'"),
    ),
)
payout_events = _events(payouts)

disbursements = Table(
    "disbursements",
    metadata,
    Column("payout_id", Uuid, ForeignKey("payouts.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("reference", Text),
    PrimaryKeyConstraint("payout_id", "attempt"),
    CheckConstraint("state in ('sending', 'unknown', 'sent', 'returned')", name="state"),
    # Nobody is paid twice: one attempt at a time may have reached the bank.
    Index(
        "uq_disbursements_live",
        "payout_id",
        unique=True,
        postgresql_where=text("state in ('sending', 'unknown', 'sent')"),
    ),
)

ledger_transfers = Table(
    "ledger_transfers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("business", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("currency", Text, nullable=False),
    UniqueConstraint("business", "reference"),
    Index(None, "at", "id"),
)
# Everything that was booked of one purchase or payout, whatever the attempt.
Index("ix_ledger_transfers_about", func.split_part(ledger_transfers.c.reference, ":", 1))

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("transfer_id", Uuid, ForeignKey("ledger_transfers.id"), nullable=False),
    Column("place", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    # That of its transfer; here too, so that a balance needs no table but this one.
    Column("currency", Text, nullable=False, server_default="USD"),
    PrimaryKeyConstraint("transfer_id", "place"),
    CheckConstraint("amount_cents <> 0", name="amount"),
    # Covers the balance of one account: the sum reads no table row.
    Index("ix_ledger_entries_account", "kind", "owner", "currency", postgresql_include=["amount_cents"]),
)

# ---------------------------------------------------------------- support, intake, upkeep

admin_notes = Table(
    "admin_notes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("about", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("author_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    CheckConstraint("about in ('person', 'account')", name="about"),
    Index(None, "about", "subject_id", "at"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("provider", Text, nullable=False),
    Column("delivery", Text, nullable=False),
    Column("received_at", INSTANT, nullable=False, server_default=text("now()")),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("provider", "delivery"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("user_id", Uuid, nullable=False),
    Column("route", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("status", SmallInteger),
    Column("body", LargeBinary),
    Column("location", Text),
    Column("at", INSTANT, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("user_id", "route", "key"),
    Index(None, "at"),
)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=True),
    Column("at", INSTANT, nullable=False, server_default=text("now()")),
    Column("actor", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    # How whoever acts came in; null in rows from before that was recorded. shell: user@host of a command line.
    Column("channel", Text),
    Column("shell", Text),
    CheckConstraint("channel in ('http', 'cli', 'demo', 'system')", name="channel"),
    CheckConstraint("(channel = 'cli') = (shell is not null)", name="shell"),
)

seals = Table(
    "seals",
    metadata,
    Column("day", Date, primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("leaves", Integer, nullable=False),
    Column("root", Text, nullable=False),
    Column("previous", Text),
    Column("key_id", Text),
    Column("public_key", LargeBinary),
    Column("signature", LargeBinary),
    # No two seals follow the same one.
    UniqueConstraint("previous"),
    CheckConstraint("num_nulls(key_id, public_key, signature) in (0, 3)", name="signature"),
)

# The leaves of each seal: of a run, or of a contract's prices. standings: of a run, what its next leaf goes on from;
# under no seal, since the run's events alone give it.
sealed_chains = Table(
    "sealed_chains",
    metadata,
    Column("day", Date, ForeignKey("seals.day"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("account_id", Uuid),
    Column("run", Integer),
    Column("symbol", Text),
    Column("upto", BigInteger, nullable=False),
    Column("head", Text, nullable=False),
    Column("told", Text),
    Column("standings", JSONB(none_as_null=True)),
    PrimaryKeyConstraint("day", "place"),
    UniqueConstraint("account_id", "run", "day"),
    UniqueConstraint("symbol", "day"),
    CheckConstraint("num_nulls(account_id, run, told) in (0, 3) and num_nulls(account_id, symbol) = 1", name="subject"),
)

installation = Table(
    "installation",
    metadata,
    Column("one", SmallInteger, primary_key=True, autoincrement=False),
    Column("environment_id", Uuid, nullable=False),
    Column("demo_clock", JSONB),
    CheckConstraint("one = 1", name="one"),
)
