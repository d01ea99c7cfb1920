"""What came in another currency, and what of it went back, is in the books too: each entry says its currency.

Refunds in another currency from before this step were not booked; they are now. The way down takes them out of the
books again: the step before would count them as dollars.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# A transfer is in one currency, and so are its entries. The rest is as it was.
BALANCES = """
create or replace function ledger_transfer_balances() returns trigger language plpgsql as $$
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
{currencies}
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
end $$
"""
CURRENCIES = """
    select entry.transfer_id into wrong
    from added as entry join ledger_transfers as transfer on transfer.id = entry.transfer_id
    where entry.currency <> transfer.currency
    limit 1;
    if wrong is not null then
        raise exception 'transfer % has entries in another currency', wrong using errcode = 'check_violation';
    end if;
"""
# Only second payments and those of another price can be in another currency: none was ever income.
BOOKED_AFTER = """
with owed as (
    select id, purchase_id || ':' || id as reference, provider, document, currency, amount_cents, owed_at, state
    from refunds where currency <> 'USD'
), transfers as (
    insert into ledger_transfers (id, at, business, reference, currency)
    select gen_random_uuid(), owed_at, 'payment_unwanted', reference, currency from owed
    union all
    select gen_random_uuid(), (document ->> 'since')::timestamptz, 'refund_returned', reference, currency
    from owed where state = 'returned'
    returning id, business, reference
)
insert into ledger_entries (transfer_id, place, kind, owner, amount_cents, currency)
select t.id, e.place, e.kind, e.owner,
    amount_cents * case when (t.business = 'payment_unwanted') = (e.kind = 'provider_clearing') then 1 else -1 end,
    currency
from transfers t join owed using (reference)
cross join lateral (
    values (0, 'provider_clearing', provider), (1, 'refund_payable', document -> 'debt' ->> 'buyer')
) as e (place, kind, owner)
"""

IN_DOLLARS_ALONE = """
alter table ledger_entries disable trigger appended_only;
alter table ledger_transfers disable trigger appended_only;
delete from ledger_entries where currency <> 'USD';
delete from ledger_transfers where currency <> 'USD';
alter table ledger_entries enable trigger appended_only;
alter table ledger_transfers enable trigger appended_only;
"""


def upgrade() -> None:
    op.execute("alter table ledger_transfers alter column currency type text")
    op.execute("alter table ledger_entries add column currency text default 'USD' not null")
    op.execute("drop index ix_ledger_entries_account")
    op.execute(
        "create index ix_ledger_entries_account on ledger_entries (kind, owner, currency) include (amount_cents)"
    )
    op.execute(BALANCES.format(currencies=CURRENCIES))
    op.execute(BOOKED_AFTER)


def downgrade() -> None:
    op.execute(IN_DOLLARS_ALONE)
    op.execute(BALANCES.format(currencies=""))
    op.execute("drop index ix_ledger_entries_account")
    op.execute("create index ix_ledger_entries_account on ledger_entries (kind, owner) include (amount_cents)")
    op.execute("alter table ledger_entries drop column currency")
    op.execute("alter table ledger_transfers alter column currency type varchar(3)")
