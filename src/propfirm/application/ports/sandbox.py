"""The stand-ins of outside parties, as a person at their desk works them: pages of the sandbox alone use this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from propfirm.domain.errors import Conflict
from propfirm.domain.ids import PersonId, PurchaseId
from propfirm.domain.money import Cents

Button: TypeAlias = Literal["pay", "delay", "double", "lose", "twice", "decline", "leave"]
"""pay: the message comes at once. delay, double, lose: paid as well, but the message comes late, twice, never.
twice: two payments are taken, and each is told.
decline: the card is refused, the page stays open. leave: the page is closed for good, unpaid."""

PageState: TypeAlias = Literal["open", "paid", "over"]

Mood: TypeAlias = Literal["pay", "refuse", "late", "lose", "down"]
"""How the bank treats one trader, and the provider the refunds of one checkout. late: it pays and answers after a
while. lose: it pays, and the answer is lost. down: nothing is paid and nothing is answered."""


class CheckoutView(Struct, frozen=True):
    """reason: why the last card was refused; "" where none was. payments: how many were taken; refunded: how many of
    them were sent back. refunds: how others end."""

    purchase: PurchaseId
    description: str
    amount: Cents
    currency: str
    state: PageState
    reason: str
    payments: int
    refunded: int
    refunds: Mood


@dataclass(eq=False)
class CheckoutClosed(Conflict):
    code = "sandbox.checkout-closed"
    title = "This checkout is over"
    state: PageState


class CheckoutDesk(Protocol):
    async def show(self, purchase: PurchaseId) -> CheckoutView:
        """Raises NotFound."""
        ...

    async def press(self, purchase: PurchaseId, button: Button) -> CheckoutView:
        """Raises NotFound, CheckoutClosed."""
        ...

    async def treat_refunds(self, purchase: PurchaseId, mood: Mood) -> None:
        """From now on payments of this checkout are sent back so. Raises NotFound."""
        ...


class BankDesk(Protocol):
    async def instruct(self, trader: PersonId, mood: Mood) -> None:
        """From now on the trader is treated so."""
        ...

    async def mood(self, trader: PersonId) -> Mood:
        """How the trader is treated; ``pay`` where nobody has said."""
        ...
