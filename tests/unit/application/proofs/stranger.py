"""What a stranger writes who has read docs/proof-format.md and nothing else: the standard library, no propfirm."""

import hashlib
import json
import math
import zlib
from base64 import b64decode
from datetime import date, timedelta
from itertools import pairwise
from typing import Any


def frame(name: str, *parts: bytes) -> bytes:
    fields = [b"propfirm-proof/1 " + name.encode(), *parts]
    return b"".join(len(field).to_bytes(8, "little") + field for field in fields)


def hashed(name: str, *parts: bytes) -> bytes:
    return hashlib.sha256(frame(name, *parts)).digest()


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Chunk:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.place = 0

    def byte(self) -> int:
        self.place += 1
        return self.content[self.place - 1]

    def varint(self) -> int:
        number, shift = 0, 0
        while True:
            byte = self.byte()
            number += (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number

    def zigzag(self) -> int:
        number = self.varint()
        return -(number + 1) // 2 if number % 2 else number // 2

    def text(self) -> str:
        size = self.varint()
        self.place += size
        return self.content[self.place - size : self.place].decode()

    def column(self, count: int) -> list[int]:
        if count == 0:
            return []
        values = [self.zigzag()]
        if count == 1:
            return values
        width = self.byte()
        if width == 0:
            step = self.zigzag()
            return [values[0] + step * place for place in range(count)]
        scale = self.varint()
        planes = [[self.byte() for _ in range(count - 1)] for _ in range(width)]
        for digits in zip(*planes, strict=True):
            unsigned = sum(digit * 256**place for place, digit in enumerate(digits))
            step = unsigned - 256**width if unsigned >= 256**width // 2 else unsigned
            values.append(values[-1] + step * scale)
        assert math.gcd(*(b - a for a, b in pairwise(values))) == scale
        return values

    def events(self) -> list[list[Any]]:
        kinds = self.column(self.varint())
        groups: list[list[list[Any]]] = [self.marks(kinds.count(0)), self.metrics(kinds.count(1)), []]
        if 2 in kinds:
            groups[2] = json.loads(self.text())
        assert self.place == len(self.content)
        return [groups[kind].pop(0) for kind in kinds]

    def marks(self, count: int) -> list[list[Any]]:
        if not count:
            return []
        seqs, ats = self.column(count), self.column(count)
        symbols = [self.text() for _ in range(self.varint())]
        which = self.column(count)
        quotes = []
        for number in range(len(symbols)):
            held = which.count(number)
            bids, spreads = self.column(held), self.column(held)
            quotes.append([(bid, bid + spread) for bid, spread in zip(bids, spreads, strict=True)])
        doubts = self.column(count)
        return [
            ["mark", seq, at, symbols[number], *quotes[number].pop(0), bool(doubt)]
            for seq, at, number, doubt in zip(seqs, ats, which, doubts, strict=True)
        ]

    def metrics(self, count: int) -> list[list[Any]]:
        if not count:
            return []
        columns = [self.column(count) for _ in range(5)]
        return [
            ["metric", seq, at, balance, balance + profit, bool(doubt)]
            for seq, at, balance, profit, doubt in zip(*columns, strict=True)
        ]


def read(content: bytes) -> tuple[list[list[Any]], bytes]:
    """The events, and the message that was signed; every hash on the way is checked."""
    file = json.loads(content)
    assert canonical(file) == content
    header = file["header"]
    assert header["program_hash"] == hashlib.sha256(canonical(header["program"])).hexdigest()
    genesis = chain = hashed("genesis", canonical(header))
    packed = hashlib.sha256()
    events: list[list[Any]] = []
    for chunk in file["chunks"]:
        data = b64decode(chunk["data"])
        inflated = zlib.decompress(data)
        assert len(inflated) == chunk["size"]
        chain = hashed("events", chain, inflated)
        assert chain.hex() == chunk["link"]
        packed.update(len(data).to_bytes(8, "little") + data)
        read = Chunk(inflated).events()
        assert (chunk["events"], chunk["first"], chunk["last"]) == (len(read), read[0][1], read[-1][1])
        events += read
    findings = hashed("findings", canonical(file["findings"]))
    standing = hashed("standing", canonical(file["standing"]))
    last = events[-1][1] if events else 0
    numbers = len(events).to_bytes(8, "little") + last.to_bytes(8, "little", signed=True)
    head = hashed("head", genesis, chain, numbers, findings, standing, packed.digest())
    assert file["seal"] == {
        "header": genesis.hex(),
        "chain": chain.hex(),
        "events": len(events),
        "last": last,
        "findings": findings.hex(),
        "standing": standing.hex(),
        "packed": packed.hexdigest(),
        "head": head.hex(),
    }
    return events, frame("signature", head)


def read_seals(content: bytes) -> None:
    """Every digest on the way from the events to each day's root is checked; signatures are not."""
    file = json.loads(content)
    events, _ = read(content)
    before = None
    for sealed in file["header"]["seals"]:
        seal, leaf, place, size = sealed["seal"], sealed["leaf"], sealed["place"], sealed["seal"]["leaves"]
        told = ""
        for line in map(canonical, events[: leaf["events"]]):
            told = hashlib.sha256(b"propfirm-events/1\n" + told.encode() + b"\n" + line).hexdigest()
        assert leaf["told"] == told
        node, path = hashlib.sha256(b"\0" + canonical(leaf)).digest(), [bytes.fromhex(one) for one in sealed["path"]]
        while size > 1:
            if place % 2:
                node = hashlib.sha256(b"\1" + path.pop(0) + node).digest()
            elif place + 1 < size:
                node = hashlib.sha256(b"\1" + node + path.pop(0)).digest()
            place, size = place // 2, (size + 1) // 2
        assert (node.hex(), path) == (seal["root"], [])
        if before is not None and date.fromisoformat(before["day"]) + timedelta(days=1) == date.fromisoformat(
            seal["day"]
        ):
            assert seal["previous"] == hashlib.sha256(b"propfirm-seal/1\n" + canonical(before)).hexdigest()
        before = seal
