"""Everything that must always hold, looked at as a whole: what ``propfirm verify`` asks, and every test at its end.

Of the threat model's invariants:

- I1 *transfers balance*. I4 and I5 *payouts are booked*, *payouts are paid once*, *the bank agrees*: line by line, so
  the sums agree too. There is one way of being paid so far.
- I2 and I3: balances are only ever summed up from the entries, so there is none to disagree with them; *nobody owes the
  firm*. Disputes, which would flag a debt, do not exist yet.
- I6 *purchases are booked*, *purchases are delivered once*, *refunds are booked*, *refunds are made once*, and *the
  provider agrees*: every payment that it took is income of something delivered, owed back, or sent back, once.
- I8 *nothing is stuck*. The inbox has no message that waits: each is applied in the transaction that stores it.
- I10 *histories are legal*. I12 *verdicts stand alone*.
- Of what verdicts rest on: *chains are whole*, *verdicts derive again*, *seals are whole*, *days are sealed*.
- Of what people are shown and the firm goes by beside that: *columns agree*, *versions stand*, *figures derive again*,
  *executions are journalled*. Of who said so: *roles are on record*, *reviews are on record*.

Not there yet, and so not looked at: coupons (I7), the chain of the audit log (I9), encrypted columns (I11).
"""

from __future__ import annotations

from dataclasses import dataclass

from propfirm.application.audit.verify_journal import VerifyJournal
from propfirm.application.audit.verify_money import VerifyMoney
from propfirm.application.ports.invariants import Violation
from propfirm.application.ports.progress import Progress


@dataclass(frozen=True, slots=True)
class Verify:
    """Changes nothing. An empty answer: every invariant holds. Raises Silent where bank or provider is."""

    money: VerifyMoney
    journal: VerifyJournal

    async def __call__(self, progress: Progress) -> list[Violation]:
        progress.begin("money", None)
        found = await self.money()
        progress.end()
        return [*found, *await self.journal(progress)]
