"""The firm's memory: one unit of work, and what can be read and written in it.

Every store belongs to one open transaction and sees what it wrote. ``get`` locks what it gives until the transaction
ends, unless it says ``peek``; locks are taken in one order: person, purchase, refund, appeal, account, payout, ledger.
Who holds a row keeps nobody from writing another that refers to it. A stored event is appended in the same transaction
as the state that it led to, and neither is ever rewritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from propfirm.application.ports.platforms import Happened, Told
from propfirm.application.ports.signing import Signature
from propfirm.domain.audit.acts import Act
from propfirm.domain.audit.seals import Leaf, Seal, SealedRun
from propfirm.domain.calendar.news_events import NewsEvent
from propfirm.domain.catalogue.program import Program
from propfirm.domain.errors import Conflict, Refused
from propfirm.domain.evaluation import appeal, events, states
from propfirm.domain.evaluation.facts import Binding, Edition
from propfirm.domain.evaluation.review import Review
from propfirm.domain.identity.actors import Actor
from propfirm.domain.identity.people import Person
from propfirm.domain.ids import AccountId, AppealId, NewsEventId, PayoutId, PersonId, PurchaseId, RefundId
from propfirm.domain.ledger.accounts import LedgerAccount
from propfirm.domain.ledger.transfers import HOME, Transfer
from propfirm.domain.money import Cents, Micros
from propfirm.domain.payouts import request
from propfirm.domain.purchases import purchase, refund
from propfirm.domain.rules.findings import Finding, Rule
from propfirm.domain.rules.journal import Checkpoint, Entry, Quoted, Standing
from propfirm.domain.rules.records import Record
from propfirm.domain.rules.state import State
from propfirm.domain.support.notes import Note


class People(Protocol):
    async def add(self, person: Person) -> None:
        """Raises AddressTaken."""
        ...

    async def get(self, id: PersonId) -> Person:  # noqa: A002 - the field's name
        """Locked. Raises NotFound."""
        ...

    async def peek(self, id: PersonId) -> Person:  # noqa: A002 - as above
        """As ``get``, not locked."""
        ...

    async def by_email(self, email: str) -> Person | None:
        """Not locked."""
        ...

    async def put(self, person: Person) -> None: ...


ProgramStatus: TypeAlias = Literal["draft", "published", "retired"]


class Listing(Struct, frozen=True):
    """A version of a program as the firm sells it. price: None while it is not priced."""

    edition: Edition
    status: ProgramStatus
    price: Cents | None
    changed_at: datetime

    @property
    def program(self) -> Program:
        return self.edition.program


class Programs(Protocol):
    async def get(self, program: str, version: int) -> Listing:
        """Raises NotFound. A published document never changes, so this does not lock."""
        ...

    async def on_sale(self, program: str) -> Listing | None:
        """The newest version that is no draft; None where it was retired or has no price, whatever older ones there
        are."""
        ...

    async def versions(self, program: str) -> Sequence[Listing]:
        """All of them, oldest first. Locked together: of two who write to a program at once, one waits."""
        ...

    async def ids(self) -> frozenset[str]:
        """Of every program that was ever written."""
        ...

    async def put(self, listing: Listing) -> None:
        """Raises Conflict where it would change the document of a published version."""
        ...


class Purchases(Protocol):
    async def unfinished(self, quiet: datetime | None = None) -> Sequence[purchase.Purchase]:
        """Those of which something is still to come: ordered, declined, paid. Oldest first, not locked.

        quiet: only where nothing was recorded from then on, in real time.
        """
        ...

    async def get(self, id: PurchaseId, *, buyer: PersonId | None = None) -> purchase.Purchase:  # noqa: A002 - as above
        """Locked. Raises NotFound, also where it is not the buyer's."""
        ...

    async def peek(self, id: PurchaseId, *, buyer: PersonId) -> purchase.Purchase:  # noqa: A002 - as above
        """As ``get``, not locked: to be looked at."""
        ...

    async def of_payment(self, provider: str, reference: str) -> PurchaseId | None:
        """The purchase that this payment paid, or would have with another amount. Not locked."""
        ...

    async def unheard(self, provider: str, references: Sequence[str]) -> frozenset[str]:
        """Those of the payments that neither a purchase nor a refund is about."""
        ...

    async def put(self, changed: purchase.Purchase, new: Sequence[purchase.Event]) -> None: ...


class Refunds(Protocol):
    async def get(self, id: RefundId) -> refund.Refund:  # noqa: A002 - as above
        """Locked, after its purchase where both are. Raises NotFound."""
        ...

    async def peek(self, id: RefundId) -> refund.Refund:  # noqa: A002 - as above
        """As ``get``, not locked."""
        ...

    async def of_payment(self, provider: str, reference: str) -> refund.Refund | None:
        """Not locked."""
        ...

    async def of_purchase(self, purchase: PurchaseId) -> Sequence[refund.Refund]:
        """Of its payments, the oldest first. Not locked."""
        ...

    async def on_the_way(self, quiet: datetime | None = None) -> Sequence[refund.Refund]:
        """Those that wait for the provider: owed, unknown. Oldest first, not locked. quiet: as for purchases."""
        ...

    async def put(self, changed: refund.Refund, new: Sequence[refund.Event]) -> None: ...


class Beginning(Struct, frozen=True):
    """A run's terms: they stay its own, whatever happens to the account later. at: when trading began.

    platform_account: the platform's own name of the run.
    """

    stage: str
    bound: Binding
    balance: Micros | None
    at: datetime
    platform_account: str


Word: TypeAlias = Literal["trading", "held", "ended"]
"""What a platform was told last of a run: it may be traded, is kept still, or is over and what follows is seen to."""


class Astray(Struct, frozen=True):
    """A run of which the platform was told something else than what is so now. over: it has ended."""

    account: AccountId
    run: int
    platform_account: str
    over: bool


class Accounts(Protocol):
    async def get(self, id: AccountId, *, owner: PersonId | None = None) -> states.Account:  # noqa: A002 - as above
        """Locked. Raises NotFound, also where it is not the owner's."""
        ...

    async def put(self, id: AccountId, changed: states.Account, new: Sequence[events.Event]) -> None:  # noqa: A002 - as above
        """Writes the state and appends the events that led to it."""
        ...

    async def trading(self) -> Sequence[tuple[str, AccountId, int]]:
        """Every run that is being traded: the platform's name of it, the account, the run. Not locked."""
        ...

    async def runs(self, id: AccountId | None = None) -> Sequence[tuple[AccountId, int]]:  # noqa: A002 - as above
        """Every run that was ever traded, of one account or of all."""
        ...

    async def of_platform(self, platform_account: str) -> tuple[AccountId, int] | None:
        """Whose run the platform's account is, over or not; None for one that nobody has been given yet."""
        ...

    async def peek(self, id: AccountId, *, owner: PersonId | None = None) -> states.Account:  # noqa: A002 - as above
        """As ``get``, not locked."""
        ...

    async def begun(self, id: AccountId, run: int) -> Beginning:  # noqa: A002 - as above
        """Under which terms a run began, and when. Raises NotFound."""
        ...

    async def told(self, id: AccountId, run: int, word: Word) -> None:  # noqa: A002 - as above
        """Notes what the platform has heard of the run. One that has just begun is ``trading``."""
        ...

    async def unopened(self) -> Sequence[AccountId]:
        """Those whose run waits for the platform's account and for nothing else, in order. Not locked."""
        ...

    async def astray(self) -> Sequence[Astray]:
        """In order, not locked. A run that passed and is on hold is none of them: what follows waits for the hold."""
        ...


class Appeals(Protocol):
    async def get(self, id: AppealId) -> appeal.Appeal:  # noqa: A002 - as above
        """Locked. Raises NotFound."""
        ...

    async def overdue(self, now: datetime) -> Sequence[AppealId]:
        """Those that should have been answered by now, the longest waiting first. Not locked."""
        ...

    async def put(self, changed: appeal.Appeal, new: Sequence[appeal.Event]) -> None: ...


class Decided(Struct, frozen=True):
    """A decision over a payout, when it was made; approved or rejected."""

    claim: request.Claim
    at: datetime
    approved: bool


class Payouts(Protocol):
    async def get(self, id: PayoutId, *, owner: PersonId | None = None) -> request.Payout:  # noqa: A002 - as above
        """Locked. Raises NotFound, also where it is not the owner's."""
        ...

    async def peek(self, id: PayoutId) -> request.Payout | None:  # noqa: A002 - as above
        """Not locked."""
        ...

    async def of_account(self, account: AccountId) -> Sequence[request.Payout]:
        """All of them, oldest first."""
        ...

    async def decided(self, owner: PersonId) -> Sequence[Decided]:
        """Every decision over a payout of this person, on any account, oldest first. An approval that was taken back
        by a rejection is none of them."""
        ...

    async def on_the_way(self, quiet: datetime | None = None) -> Sequence[request.Payout]:
        """Those that are owed, and not for a person to look at: approved, sending, unknown, returned and to be sent
        again. Oldest first. Whether something holds the money is not looked at.

        quiet: as for purchases.
        """
        ...

    async def unclosed(self) -> Sequence[request.Claim]:
        """Last payouts that were sent, of runs whose account is still not closed. Oldest first, not locked."""
        ...

    async def to_put_back(self) -> Sequence[request.Claim]:
        """Payouts that were rejected after their approval, and are not put back yet. Oldest first, not locked."""
        ...

    async def put(self, changed: request.Payout, new: Sequence[request.Event]) -> None: ...


class Ledger(Protocol):
    async def post(self, transfer: Transfer) -> None:
        """Booked once: the same act with the same entries again changes nothing. Raises BookedOtherwise."""
        ...

    async def balance(self, account: LedgerAccount, currency: str = HOME) -> Cents: ...


class Risk(Struct, frozen=True):
    """Where the engine stands with one run of an account. head: the last link of its journal's chain."""

    account: AccountId
    run: int
    checkpoint: Checkpoint
    head: str


class Shown(Struct, frozen=True):
    """What lists show of where a run stands. It is derived from the checkpoint when that is written, and only shown.

    balance, equity, floor: of a run that is over as they were when it ended. ended: when that was (ns), None while it
    is open.
    """

    seq: int
    at: int
    balance: Micros
    equity: Micros
    floor: Micros
    verdict: str
    ended: int | None

    @classmethod
    def of(cls, state: State, ended: State | None) -> Shown:
        money = state if ended is None else ended
        over = None if ended is None else ended.at
        return cls(state.seq, state.at, money.balance, money.equity, money.floor, state.verdict, over)


@dataclass(eq=False)
class RunMovedOn(Conflict):
    """Somebody else has written to this run: what the caller knows of it is out of date."""

    code = "journal.run-moved-on"
    title = "The run has gone on meanwhile"
    account: AccountId
    run: int


class Journal(Protocol):
    """What verdicts rest on. Append-only; what was written once is not written again."""

    async def arrived(self, feed: str, until: int) -> bool:
        """Notes that everything of the feed up to ``until`` (ns) is in this transaction. False: it was already."""
        ...

    async def quote(self, quoted: Sequence[Quoted]) -> None:
        """Prices of any contracts, each linked to the one before."""
        ...

    async def quotes(self, symbol: str, after: int, upto: int) -> Sequence[Quoted]:
        """Those numbered after ``after``, up to and including ``upto``, in order."""
        ...

    async def risk(self, account: AccountId, run: int) -> Risk | None:
        """Where the run stands; None before its first event. Not locked: ``write`` refuses what is out of date."""
        ...

    async def write(
        self,
        before: str,
        risk: Risk,
        entries: Sequence[Entry],
        findings: Sequence[Finding],
        records: Sequence[Record] = (),
    ) -> None:
        """The run after the entries, the entries, what was found and what is remembered of it, together.

        before: the head that the entries follow. "" before the first.

        Raises RunMovedOn.
        """
        ...

    async def entries(
        self, account: AccountId, run: int, *, after: int = 0, most: int | None = None
    ) -> Sequence[Entry]:
        """Those of events after number ``after``, in order: all of them, or the first ``most``."""
        ...

    async def links(self, account: AccountId, run: int) -> Sequence[str]:
        """The chain's link of every entry, in order."""
        ...

    async def first_fill(self, account: AccountId, run: int) -> int | None:
        """When the run made its first execution (ns); None while it has none."""
        ...

    async def withdrawn(self, account: AccountId, run: int) -> frozenset[str]:
        """The references of the payouts that have left the run's balance."""
        ...

    async def findings(self, account: AccountId, run: int) -> Sequence[Finding]:
        """All of them, in order."""
        ...

    async def records(self, account: AccountId, run: int) -> Sequence[Record]:
        """What is remembered of it: its ended trades in order, then its days'."""
        ...

    async def shown(self, account: AccountId, run: int) -> Shown | None:
        """None before its first event."""
        ...

    async def latest(self) -> Sequence[Quoted]:
        """The newest quote of every contract."""
        ...

    async def announce(self, account: AccountId, run: int, event: Happened) -> None:
        """What the firm itself tells a run, not yet numbered: the desk hears it once the feed is past ``event.at``."""
        ...

    async def announced(self, until: int) -> Sequence[Told]:
        """Takes what was announced for up to ``until`` (ns), by time: whoever takes it journals it in this
        transaction. What was committed late may be older than what has been judged."""
        ...

    async def unheard(self, account: AccountId, run: int) -> bool:
        """Whether something was announced to the run that its journal does not have yet."""
        ...


class Sealed(Struct, frozen=True):
    """A seal as it was made. signature: None where the firm had no key."""

    seal: Seal
    signature: Signature | None


class MovedOn(Struct, frozen=True):
    """A run with events that no seal covers. leaf: its last one, None before the first; standings: what the next one
    goes on from."""

    account: AccountId
    run: int
    leaf: SealedRun | None
    standings: Mapping[str, Standing]


Standings: TypeAlias = Mapping[tuple[AccountId, int], Mapping[str, Standing]]
"""By run."""


class Seals(Protocol):
    """What makes a change of the journal show. Appended only."""

    async def newest(self) -> Sealed | None: ...

    async def began(self) -> datetime | None:
        """When the first run began: before that there is nothing to seal."""
        ...

    async def moved(self) -> Sequence[MovedOn]:
        """In order."""
        ...

    async def prices(self) -> Mapping[str, int]:
        """By contract: the number up to which its prices are sealed."""
        ...

    async def put(self, sealed: Sealed, leaves: Sequence[Leaf], standings: Standings) -> bool:
        """standings: of the runs among the leaves, at these leaves; under no seal, since the events alone give them.

        False, and nothing is changed, where the day is sealed already or another seal follows the same one."""
        ...

    async def all(self) -> Sequence[Sealed]:
        """The oldest first."""
        ...

    async def leaves(self, day: date) -> Sequence[Leaf]:
        """In the order in which they were sealed."""
        ...

    async def of_run(self, account: AccountId, run: int) -> Sequence[tuple[Sealed, SealedRun]]:
        """Those that have the run among their leaves, the oldest first."""
        ...


class Reviews(Protocol):
    """What people said about hits: one word on each, for good."""

    async def add(self, review: Review) -> None:
        """Raises NotFound where there is no such hit, AlreadyReviewed."""
        ...

    async def blocking(self, account: AccountId, run: int) -> frozenset[Rule]:
        """The rules of hits that block payouts and that nobody has cleared."""
        ...


class NewsEvents(Protocol):
    """The releases that news rules look at."""

    async def get(self, id: NewsEventId) -> NewsEvent:  # noqa: A002 - as above
        """Locked. Raises NotFound."""
        ...

    async def of_feed(self, feed: str) -> Sequence[NewsEvent]:
        """In order of time, the cancelled ones too. Locked together: of two who change a feed at once, one waits."""
        ...

    async def listed(self, feed: str) -> Sequence[NewsEvent]:
        """As ``of_feed``, not locked."""
        ...

    async def edition(self) -> str:
        """Another one after every change of any release."""
        ...

    async def put(self, event: NewsEvent) -> None: ...


class Notes(Protocol):
    async def add(self, note: Note) -> None: ...


class Inbox(Protocol):
    async def first(self, provider: str, delivery: str, body: bytes) -> bool:
        """Records a provider's message. False: it was recorded before, and its effect is in the books."""
        ...

    async def same(self, provider: str, delivery: str, body: bytes) -> bool:
        """Whether what was recorded under this name is this message."""
        ...


class Answer(Struct, frozen=True):
    """What a request was answered, to be said again to the letter."""

    status: int
    body: bytes
    location: str | None = None


@dataclass(eq=False)
class RequestInProgress(Conflict):
    code = "idempotency.in-progress"
    title = "A request with this key is still being answered"
    key: str


@dataclass(eq=False)
class KeyUsedOtherwise(Refused):
    code = "idempotency.mismatch"
    title = "This key was used for another request"
    key: str


class Idempotency(Protocol):
    async def claim(self, who: PersonId, route: str, key: str, digest: str) -> Answer | None:
        """The answer that this key was given before; None: it has none yet. The key is ours until the transaction ends.

        Raises RequestInProgress where another transaction holds it, KeyUsedOtherwise where its digest was another.
        """
        ...

    async def keep(self, who: PersonId, route: str, key: str, answer: Answer) -> None: ...

    async def forget(self, after: timedelta) -> int:
        """Keys that were first used longer ago than this, in real time; how many they were."""
        ...


class Jobs(Protocol):
    async def enqueue(self, task: str, key: str, arguments: Mapping[str, str], at: datetime | None = None) -> None:
        """Done by the worker once this transaction is committed. Jobs of one key run one after another."""
        ...

    async def enqueue_lost(self, task: str, key: str, arguments: Mapping[str, str]) -> None:
        """As ``enqueue``, unless this very job waits or is being done.

        After one that failed it is not done before two minutes of real time are over, doubled with each failure.
        """
        ...


class Audit(Protocol):
    async def record(self, actor: Actor, act: Act, subject: str, details: Mapping[str, str]) -> None:
        """Who did what to what. details: figures and reasons, and what was so before; never secrets."""
        ...


class Transaction(Protocol):
    """Everything that one use case may touch; nothing of it outlives the transaction."""

    @property
    def people(self) -> People: ...
    @property
    def programs(self) -> Programs: ...
    @property
    def purchases(self) -> Purchases: ...
    @property
    def refunds(self) -> Refunds: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def appeals(self) -> Appeals: ...
    @property
    def payouts(self) -> Payouts: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def seals(self) -> Seals: ...
    @property
    def reviews(self) -> Reviews: ...
    @property
    def news(self) -> NewsEvents: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def idempotency(self) -> Idempotency: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def audit(self) -> Audit: ...


class UnitOfWork(Protocol):
    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction: a clean exit commits, an exception rolls back. One use case begins one."""
        ...
