"""A small account in which everything happens once, and its proof."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final, TypeAlias
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from propfirm.adapters.ed25519.keys import Ed25519Signer
from propfirm.application.ports.signing import Signer
from propfirm.application.proofs import canonical, chain
from propfirm.application.proofs.builder import ProofBuilder
from propfirm.application.proofs.bundle import FinalStanding, Header, InputFile, SealedIn, Tables, final_standing
from propfirm.domain.audit import merkle
from propfirm.domain.audit.seals import Leaf, Seal, SealedPrices, SealedRun, hash_of, told_at
from propfirm.domain.calendar.instants import to_ns
from propfirm.domain.catalogue.program import (
    Behaviour,
    Clock,
    DailyLoss,
    Days,
    MaxLoss,
    News,
    OrderRate,
    PayoutTerms,
    PositionLimit,
    Program,
    Size,
    Split,
    SplitStep,
    Stage,
    Target,
)
from propfirm.domain.ids import AccountId
from propfirm.domain.market.contracts import Contract
from propfirm.domain.money import Micros, Ppm, usd
from propfirm.domain.rules.events import (
    CashMoved,
    Correction,
    DayRolled,
    EodSnapshot,
    Event,
    Fill,
    FlatBy,
    LimitMove,
    Mark,
    Metric,
    OrdersChanged,
    WindowClosed,
    WindowOpened,
    WindowsRestarted,
    WorkingOrder,
)
from propfirm.domain.rules.findings import Finding
from propfirm.domain.rules.replay import fold
from propfirm.domain.rules.terms import compile_terms

SECOND: Final = 10**9
MONDAY: Final = 1_741_035_600 * SECOND
"""The evening before Tuesday, 4 March 2025."""
DAY: Final = 86_400 * SECOND

ES: Final = Contract(
    "ES", "E-mini S&P 500", "CME", "equity_index", "0.25", Micros(12_500_000), "mini", Ppm(1_000_000), "ES", "HMUZ"
)
MES: Final = Contract(
    "MES", "Micro E-mini", "CME", "equity_index", "0.25", Micros(1_250_000), "micro", Ppm(100_000), "ES", "HMUZ"
)
CONTRACTS: Final = {"MES": MES, "ES": ES}

PROGRAM: Final = Program(
    id="proven-50k",
    version=3,
    name="Proven 50K – “größer”",
    effective_from=date(2025, 1, 1),
    starting_balance=usd("50000"),
    clock=Clock("America/Chicago", time(17), time(16), time(15, 10)),
    stages=(
        Stage(
            "evaluation",
            "evaluation",
            MaxLoss("trail_eod", Size(amount=usd("2000")), lock="start"),
            daily_loss=DailyLoss(Size(amount=usd("1000"))),
            target=Target(Size(pct=Ppm(60_000))),
            days=Days(min_trading=2),
            position=PositionLimit(Ppm(5_000_000), unit="mini"),
            news=News(60, 60, "no_execution", {"CPI": ("*",)}, outcome="warn"),
            behaviour=Behaviour(hft=OrderRate(1)),
            payout=PayoutTerms(Split("flat", (SplitStep(0, Ppm(900_000)),))),
        ),
    ),
)
TABLES: Final = Tables("calendar-7", "news-3", "contracts-5")
HISTORY: Final = InputFile("fills.csv", "ab" * 32, 812, "propfirm-fills")
PRICES: Final = InputFile("prices.csv.gz", "cd" * 32, 40_960, "one-minute-bars")
HEADER: Final = Header.of(PROGRAM, "evaluation", CONTRACTS, TABLES, inputs=(HISTORY, PRICES), bars="adverse")
SIGNER: Final = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER: Final = Ed25519Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))


class _Story:
    """Numbers the events."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.at = MONDAY

    @property
    def seq(self) -> int:
        return len(self.events) + 1

    def later(self, seconds: int) -> None:
        self.at += seconds * SECOND

    def buy(self, execution: str, root: str, quantity: int, price: int) -> None:
        self.later(20)
        self.events.append(Fill(self.seq, self.at, execution, f"{root}H25", root, quantity, price, usd("2.04")))

    def minutes(self, symbol: str, bids: Iterable[int]) -> None:
        for bid in bids:
            self.later(15)
            self.events.append(Mark(self.seq, self.at, symbol, bid, bid + 1, self.seq % 5 == 0))


def story(*, corrected: bool = False) -> tuple[Event, ...]:
    """Two trading days: profit and a news window on the first, a daily lock and the end on the second."""
    tell = _Story()
    add = tell.events.append
    first, second = date(2025, 3, 4), date(2025, 3, 5)
    add(DayRolled(1, MONDAY, first, MONDAY + DAY))
    tell.minutes("ESH25", [23_400, 23_401])
    add(
        OrdersChanged(
            tell.seq,
            tell.at,
            (WorkingOrder("o-1", "ESH25", "ES", -2, stop=23_300), WorkingOrder("o-2", "ESH25", "ES", -2, 23_700)),
        )
    )
    tell.buy("e-1", "ES", 2, 23_402)
    tell.minutes("ESH25", range(23_402, 23_450, 3))
    add(WindowOpened(tell.seq, tell.at, "CPI", "news", ("*",), tell.at + 60 * SECOND))
    tell.buy("e-2", "MES", 3, 23_451)
    add(WindowClosed(tell.seq, tell.at, "CPI"))
    tell.minutes("MESH25", [23_452, 23_449])
    tell.buy("e-3", "MES", -3, 23_449)
    add(LimitMove(tell.seq, tell.at, "ESH25", on=True))
    add(LimitMove(tell.seq, tell.at, "ESH25", on=False))
    tell.buy("e-4", "ES", -2, 23_455)
    if corrected:
        replacement = Fill(0, tell.at, "e-4", "ESH25", "ES", -2, 23_425, usd("2.04"))
        add(Correction(tell.seq, tell.at, "e-4", replacement, "price restated by the exchange"))
    add(CashMoved(tell.seq, tell.at, "adjustment", usd("-25"), reference="data fee"))
    tell.at = MONDAY + DAY - 7200 * SECOND
    add(FlatBy(tell.seq, tell.at, ("equity_index",), "night"))
    add(EodSnapshot(tell.seq, tell.at, first))
    tell.at = MONDAY + DAY
    add(DayRolled(tell.seq, tell.at, second, tell.at + DAY))
    tell.buy("e-5", "ES", 4, 23_460)
    tell.minutes("ESH25", range(23_459, 23_400, -2))
    tell.buy("e-6", "ES", -4, 23_401)
    return tuple(tell.events)


def judged(events: Sequence[Event], header: Header = HEADER) -> tuple[tuple[Finding, ...], FinalStanding]:
    terms = compile_terms(
        header.program,
        header.stage,
        {contract.root: contract for contract in header.contracts},
        platform=header.platform,
        options=header.options,
    )
    state, findings = fold(terms, events)
    return findings, final_standing(terms, state)


def prove(events: Sequence[Event], signer: Signer | None = None, header: Header = HEADER) -> bytes:
    findings, standing = judged(events, header)
    return sealed(events, findings, standing, signer, header)


def sealed(
    events: Sequence[Event],
    findings: Sequence[Finding],
    standing: FinalStanding,
    signer: Signer | None = None,
    header: Header = HEADER,
) -> bytes:
    """A bundle with good hashes, whatever it says."""
    builder = ProofBuilder(header)
    for event in events:
        builder.add(event)
    return builder.seal(findings, standing, signer)


Document: TypeAlias = dict[str, Any]


def document(content: bytes) -> Document:
    """A bundle as JSON, to be tampered with."""
    parsed: Document = json.loads(content)
    return parsed


def written(tampered: Document) -> bytes:
    """The canonical file, hashes and signature as they stand."""
    return json.dumps(tampered, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


PARTS: Final = ("header", "chain", "events", "last", "findings", "standing", "packed")
"""Of a seal, in the order in which its head is over them."""


def resealed(tampered: Document, signer: Signer | None = None) -> bytes:
    """The canonical file with every hash computed anew: the work of somebody who knows the format."""
    genesis = link = chain.genesis(written(tampered["header"]))
    packed = b""
    for chunk in tampered["chunks"]:
        data = b64decode(chunk["data"])
        link = chunk["link"] = chain.link(link, zlib.decompress(data))
        packed += chain.counted(data)
    seal = tampered["seal"]
    seal["header"], seal["chain"] = genesis, link
    seal["packed"] = sha256(packed).hexdigest()
    seal["findings"] = chain.digest("findings", written(tampered["findings"]))
    seal["standing"] = chain.digest("standing", written(tampered["standing"]))
    seal["events"] = sum(chunk["events"] for chunk in tampered["chunks"])
    seal["last"] = tampered["chunks"][-1]["last"] if tampered["chunks"] else 0
    seal["head"] = chain.head(*(seal[part] for part in PARTS))
    if signer is not None:
        tampered["signature"] = json.loads(canonical.encode(signer.sign(chain.signed_message(seal["head"]))))
    return written(tampered)


def chunk_of(content: bytes, events: int = 1, first: int = 1, last: int = 1) -> Document:
    """A chunk of any bytes. Its link is for ``resealed`` to write."""
    data = b64encode(zlib.compress(content)).decode()
    return {"events": events, "first": first, "last": last, "size": len(content), "link": "0" * 64, "data": data}


STORY: Final = story(corrected=True)
DAYS: Final = (date(2025, 3, 4), date(2025, 3, 5), date(2025, 3, 7))
SEALED_AT: Final = (12, 30, len(STORY))
"""Events, when each of these days was sealed."""


def others(day: date) -> list[Leaf]:
    """What else went on at the firm."""
    runs = [SealedRun(AccountId(UUID(int=n)), 1, day.day, "a" * 64, "b" * 64) for n in range(4)]
    return [*runs, SealedPrices("ESH25", 100 * day.day, "c" * 64)]


def seals_of(
    events: Sequence[Event], signer: Signer | None = SIGNER, after: timedelta = timedelta(days=1)
) -> tuple[SealedIn, ...]:
    """As the firm made them while the run went on. after: how long after a day's beginning it was sealed."""
    told, before, found = told_at(events, SEALED_AT), None, list[SealedIn]()
    for day, count in zip(DAYS, SEALED_AT, strict=True):
        leaf = SealedRun(AccountId(UUID(int=77)), 2, count, "d" * 64, told[count])
        leaves = [*others(day)[:3], leaf, *others(day)[3:]]
        at = to_ns(datetime(day.year, day.month, day.day, tzinfo=UTC) + after)
        before = Seal.over(day, at, leaves, before)
        path = merkle.path([hash_of(one) for one in leaves], 3)
        signature = None if signer is None else signer.sign(before.message)
        found.append(SealedIn(before, signature, leaf, 3, tuple(step.hex() for step in path)))
    return tuple(found)


def corpus_case() -> bytes:
    """What every release adds to ``tests/data/proofs``: all kinds of events, a correction, seals, a signature."""
    seq, at = len(STORY), STORY[-1].at
    reported = Metric(seq + 1, at, usd("47580.26"), usd("47580.26"))
    events = (*STORY, reported, WindowsRestarted(seq + 2, at, "rebill 1"))
    return prove(events, SIGNER, HEADER.under(seals_of(events)))
