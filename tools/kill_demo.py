"""Kills a running demo at random moments, and looks what is left of what it had answered.

Visitors register, buy, pay, ask for payouts, and an administrator approves them, over HTTP and all the time. An answer
that was lost is asked for again with the same idempotency key, as the API's page says. After the last kill everything
that was answered must be there, once; the feed must have no hole; and ``verify`` must find nothing.

    .venv/bin/python tools/kill_demo.py                    # 20 kills
    .venv/bin/python tools/kill_demo.py --kills 3 --chance 7
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias
from uuid import uuid4

import httpx
from sqlalchemy import text

from propfirm.adapters.simulator.book import Book
from propfirm.entrypoints import home
from propfirm.entrypoints.service_container import ServiceContainer
from tools.demo_process import READY, Demo, open_folder

DELIVERED_S: Final = 120.0
"""In the end what was paid is given: the provider tells of a payment again, ever more patiently, until it is taken."""
LIVES_S: Final = (0.0, 8.0)
"""Between these, by chance, it lives on after it was ready and somebody was answered."""
BEGINS_S: Final = (0.0, 1.5)
"""Between these it lives where it is killed before it is ready."""
NEWS_S: Final = 30.0
EARLY: Final = 4
"""One in so many kills comes before it is ready."""
SPEED: Final = 43_200
"""Half a day a second: who passes may be paid within the minute."""
VISITORS: Final = 40
ARRIVAL_S: Final = 5.0
"""Between two visitors: somebody is always about to buy."""
PAUSE_S: Final = 1.0
SIGNED_IN_S: Final = 300.0
"""After it they sign in again: a token lives twice as long."""
PASSWORD: Final = "correct horse battery staple"  # noqa: S105 - of people who live for one run
PROGRAM: Final = "starter-50k"
Headers: TypeAlias = dict[str, str]


class Silent:
    """A ``Progress`` that nobody watches."""

    def begin(self, label: str, total: int | None) -> None: ...

    def advance(self, n: int) -> None: ...

    def end(self) -> None: ...


@dataclass
class Answered:
    """What the firm has said yes to: ids, and by whom."""

    people: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    paid: set[str] = field(default_factory=set)
    payouts: set[str] = field(default_factory=set)
    approved: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    """Orders that were paid for and had an account when their buyer looked."""
    lost: int = 0
    """Requests that were sent and never answered, and were sent again."""

    def count(self) -> int:
        return sum(map(len, (self.people, self.orders, self.paid, self.payouts, self.approved)))


@dataclass
class Seen:
    """problems: empty where everything held."""

    answered: Answered
    kills: int
    early: int
    longest_end_s: float
    longest_start_s: float
    quotes: int
    runs: int
    problems: list[str]

    def told(self) -> str:
        a = self.answered
        return (
            f"{self.kills} kills, {self.early} of them before it was ready; all processes gone after"
            f" {self.longest_end_s:.1f} s at most, ready again after {self.longest_start_s:.1f} s at most\n"
            f"answered: {len(a.people)} registrations, {len(a.orders)} orders, {len(a.paid)} payments,"
            f" {len(a.payouts)} payout requests, {len(a.approved)} approvals; {a.lost} requests were sent and never"
            f" answered, and sent again\n{self.quotes} prices without a hole, {self.runs} runs derived again\n"
            + ("\n".join(f"PROBLEM {one}" for one in self.problems) or "nothing lost, nothing doubled")
        )


# ------------------------------------------------------------------------------ the visitors


class Visitors:
    """They never stop asking, and remember what they were answered."""

    def __init__(self, demo: Demo, answered: Answered) -> None:
        self._demo, self.answered = demo, answered
        self._client = httpx.AsyncClient(base_url=demo.site, timeout=10)

    async def run(self) -> None:
        async with self._client, asyncio.TaskGroup() as group:
            group.create_task(self._administer())
            for number in range(VISITORS):
                group.create_task(self._visit(f"visitor{number}@example.com"))
                await asyncio.sleep(ARRIVAL_S)

    async def _visit(self, email: str) -> None:
        body = {"email": email, "name": "Visitor", "password": PASSWORD}
        person = await self._create("/v1/auth/register", body, {})
        self.answered.people.add(person["id"])
        headers, signed = await self._signed_in(email, PASSWORD), time.monotonic()
        order = await self._create("/v1/challenges/purchase", {"program": PROGRAM}, headers)
        self.answered.orders.add(order["id"])
        await self._pay(order)
        while True:
            await asyncio.sleep(PAUSE_S)
            if time.monotonic() - signed > SIGNED_IN_S:
                headers, signed = await self._signed_in(email, PASSWORD), time.monotonic()
            bought = await self._get(f"/v1/challenges/{order['id']}", headers)
            if bought is not None and bought["state"] == "delivered":
                self.answered.given.add(order["id"])
                await self._ask_for_profit(bought["account"], headers)

    async def _pay(self, order: dict[str, Any]) -> None:
        """The page is closed once it was paid: a second press is told so, and is as good an answer."""
        answer = await self._asked("POST", f"/sandbox/checkout/{order['id']}", {}, form={"button": "pay"})
        if answer.status_code in {303, 409}:
            self.answered.paid.add(order["id"])

    async def _ask_for_profit(self, account: str, headers: Headers) -> None:
        quote = await self._get(f"/v1/accounts/{account}/payout-quote", headers)
        if quote is None or not quote["eligible"]:
            return
        body = {"account": account, "amount_minor": quote["available_minor"]}
        answer = await self._asked("POST", "/v1/payouts/request", {**headers, **_key()}, json=body)
        if answer.status_code == 201:
            self.answered.payouts.add(answer.json()["id"])

    async def _administer(self) -> None:
        while not (self._demo.settings.state / "secrets" / "demo-password").exists():  # noqa: ASYNC110 - of a process
            await asyncio.sleep(PAUSE_S)
        signed = -SIGNED_IN_S
        headers: Headers = {}
        while True:
            await asyncio.sleep(PAUSE_S)
            if time.monotonic() - signed > SIGNED_IN_S:
                headers = await self._signed_in("admin@demo.example", self._demo.password())
                signed = time.monotonic()
            waiting = await self._get("/v1/admin/payouts?state=requested", headers)
            for payout in [] if waiting is None else waiting["items"]:
                path = f"/v1/admin/payouts/{payout['id']}/approve"
                answer = await self._asked("POST", path, {**headers, **_key()})
                if answer.status_code == 200:
                    self.answered.approved.add(payout["id"])

    # -- asking until there is an answer --

    async def _create(self, path: str, body: dict[str, Any], headers: Headers) -> dict[str, Any]:
        answer = await self._asked("POST", path, {**headers, **_key()}, json=body)
        if answer.status_code != 201:
            msg = f"{path}: {answer.status_code} {answer.text}"
            raise RuntimeError(msg)
        found: dict[str, Any] = answer.json()
        return found

    async def _get(self, path: str, headers: Headers) -> dict[str, Any] | None:
        answer = await self._asked("GET", path, headers)
        found: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
        return found

    async def _signed_in(self, email: str, password: str) -> Headers:
        body = {"email": email, "password": password}
        session = (await self._asked("POST", "/v1/auth/login", {}, json=body)).json()
        return {"Authorization": f"Bearer {session['access_token']}"}

    async def _asked(
        self,
        method: str,
        path: str,
        headers: Headers,
        json: dict[str, Any] | None = None,
        form: dict[str, str] | None = None,
    ) -> httpx.Response:
        """The same request with the same key, until something is said that is an answer."""
        while True:
            try:
                answer = await self._client.request(method, path, headers=headers, json=json, data=form)
            except httpx.ConnectError:
                pass  # nobody was there to hear it
            except httpx.TransportError:
                self.answered.lost += method == "POST"
            else:
                later = answer.status_code == 409 and "idempotency-in-progress" in answer.text
                if answer.status_code < 500 and not later:
                    return answer
            await asyncio.sleep(PAUSE_S / 4)


def _key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


# ------------------------------------------------------------------------------ killing


async def torment(demo: Demo, kills: int, chance: random.Random) -> tuple[Answered, int, float, float]:
    """What was answered, how many kills came early, and the longest that an end and a start took (seconds)."""
    answered, early, ends, starts = Answered(), 0, 0.0, 0.0
    demo.start(SPEED)
    starts = max(starts, await demo.says(READY))
    asking = asyncio.create_task(Visitors(demo, answered).run())
    try:
        for number in range(kills):
            if number % EARLY == EARLY - 1:
                early += 1
                await asyncio.sleep(chance.uniform(*BEGINS_S))
            else:
                starts = max(starts, await demo.says(READY))
                await _something_new(answered)
                await asyncio.sleep(chance.uniform(*LIVES_S))
            ends = max(ends, await _killed(demo, answered, number))
            if asking.done():
                break
            demo.start(SPEED)
        starts = max(starts, await demo.says(READY))
        began = time.monotonic()
        while answered.given < answered.paid and time.monotonic() - began < DELIVERED_S:  # noqa: ASYNC110 - others fill it
            await asyncio.sleep(PAUSE_S)
    finally:
        asking.cancel()
        outcome = (await asyncio.gather(asking, return_exceptions=True))[0]
        ends = max(ends, await demo.end(signal.SIGKILL if isinstance(outcome, Exception) else signal.SIGINT))
    if isinstance(outcome, Exception):
        raise outcome
    return answered, early, ends, starts


async def _something_new(answered: Answered) -> None:
    """Waits for an answer that could be lost, as long as one may be expected."""
    began, before = time.monotonic(), answered.count()
    while answered.count() == before and time.monotonic() - began < NEWS_S:  # noqa: ASYNC110 - others fill it
        await asyncio.sleep(PAUSE_S / 20)


async def _killed(demo: Demo, answered: Answered, number: int) -> float:
    took = await demo.end(signal.SIGKILL)
    print(
        f"kill {number + 1}: {len(answered.paid)} paid, {len(answered.payouts)} payouts asked for,"
        f" {answered.lost} answers lost; gone after {took:.1f} s",
        flush=True,
    )
    return took


# ------------------------------------------------------------------------------ looking

COUNTS: Final = {
    "people": "select id::text from users where email like 'visitor%'",
    "orders": "select id::text from purchases where buyer_id in (select id from users where email like 'visitor%')",
    "paid": "select p.id::text from purchases p join accounts a on a.purchase_id = p.id where p.state = 'delivered'",
    "given": "select purchase_id::text from accounts",
    "payouts": "select id::text from payouts",
    "approved": "select id::text from payouts where state not in ('requested', 'rejected', 'cancelled')",
}
DOUBLED: Final = {
    "more than one person of an address": "select email from users group by email having count(*) > 1",
    "more than one order of a visitor": "select buyer_id::text from purchases where buyer_id in"
    " (select id from users where email like 'visitor%') group by buyer_id having count(*) > 1",
    "more than one account of a purchase": "select purchase_id::text from accounts group by purchase_id"
    " having count(*) > 1",
    "paid more than once by the bank": "select payout_id::text from sandbox_payments where outcome = 'paid'"
    " group by payout_id having count(*) > 1",
    "more than one unanswered request of an account": "select account_id::text from payouts"
    " where state = 'requested' group by account_id having count(*) > 1",
}


async def look(container: ServiceContainer, answered: Answered) -> tuple[list[str], int, int]:
    """What did not hold; how many prices and runs there are."""
    problems = list[str]()
    try:
        async with container.engine().connect() as connection:
            for name, query in COUNTS.items():
                there = set((await connection.scalars(text(query))).all())
                missing = getattr(answered, name) - there
                problems.extend(f"answered and lost ({name}): {one}" for one in sorted(missing))
            for what, query in DOUBLED.items():
                problems.extend(f"{what}: {one}" for one in (await connection.scalars(text(query))).all())
            kept = (await connection.execute(text("select symbol, number, at_ns, bid, ask from quotes"))).all()
        problems.extend(_holes(container, [tuple(row) for row in kept]))
        problems.extend(f"{one.invariant}: {one.subject} {one.says}" for one in await container.verify()(Silent()))
        replay = container.replay_runs()
        runs = await replay.known()
        for account, run in runs:
            found = await replay(account, run)
            if found.difference is not None:
                problems.append(f"replay differs: {account} {run} {found.difference} {found.detail}")
    finally:
        await home.close(container)
    return problems, len(kept), len(runs)


def _holes(container: ServiceContainer, kept: list[tuple[Any, ...]]) -> list[str]:
    """The journal's prices against the tape's, up to where the feed was acknowledged."""
    progress = Book(container.settings().state / "platform").progress()
    if progress is None:
        return ["the feed never began"]
    tape = container.simulator().tape
    given = {
        (one.symbol, one.number, one.at, one.bid, one.ask)
        for one in tape.quotes(tape.begins - 1, progress.acknowledged)
    }
    problems = []
    if missing := given - set(kept):
        problems.append(f"{len(missing)} prices of the feed are not in the journal, the first {min(missing)}")
    for symbol, count in Counter(row[0] for row in kept).items():
        last = max(row[1] for row in kept if row[0] == symbol)
        if last != count:
            problems.append(f"{symbol}: {count} prices, numbered up to {last}")
    return problems


def kill_demo(folder: Path, kills: int, chance: int) -> Seen:
    """folder: empty, and open to the user that a database of root's runs as."""
    demo = Demo(folder)
    answered, early, ends, starts = asyncio.run(torment(demo, kills, random.Random(chance)))  # noqa: S311 - when to kill
    with home.database(demo.settings) as container:
        problems, quotes, runs = asyncio.run(look(container, answered))
    return Seen(answered, kills, early, ends, starts, quotes, runs, problems)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--chance", type=int, default=1, help="other moments")
    options = parser.parse_args()
    with open_folder() as folder:
        seen = kill_demo(folder, options.kills, options.chance)
    print(seen.told())
    return 1 if seen.problems else 0


if __name__ == "__main__":
    sys.exit(main())
