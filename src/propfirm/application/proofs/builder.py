"""Making a bundle while the events come, in memory that does not grow with marks: only compressed chunks are kept."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from propfirm.application.ports.signing import Signer
from propfirm.application.proofs import canonical, chain
from propfirm.application.proofs.bundle import (
    CHUNK_BYTES_MAX,
    JOURNAL_MAX,
    SYMBOLS_MAX,
    Bundle,
    Chunk,
    FinalStanding,
    Header,
    Seal,
    open_bundle,
)
from propfirm.application.proofs.codec import EVENTS_MAX, pack
from propfirm.application.proofs.refusals import BadBundle, Unprovable
from propfirm.domain.rules.events import Event, Fill, Mark
from propfirm.domain.rules.findings import Finding

LEVEL: Final = 6
"""Of zlib. Measured on a month of one-minute bars: level 9 and LZMA save 2 and 12 % and take twice the time."""


class JournalWriter:
    """Events in order, as chained chunks. ``chain``: the link after the last whole chunk."""

    def __init__(self, genesis: str) -> None:
        self.chain = genesis
        self.chunks: list[Chunk] = []
        self.events = 0
        self.last = 0
        self._packed = sha256()
        self._waiting: list[Event] = []
        self._symbols: set[str] = set()

    def add(self, event: Event) -> None:
        """Raises Unprovable for this or an earlier event that has not been written yet."""
        waiting = self._waiting
        waiting.append(event)
        if len(waiting) == EVENTS_MAX:
            self.flush()

    def flush(self) -> None:
        """Writes what waits as a chunk of its own. Raises Unprovable."""
        if self._waiting:
            events, self._waiting = self._waiting, []
            self._symbols.update(event.symbol for event in events if isinstance(event, Mark | Fill))
            if len(self._symbols) > SYMBOLS_MAX:
                raise Unprovable(events[-1].seq, f"the events are about more than {SYMBOLS_MAX} contracts")
            if self.events + len(events) > JOURNAL_MAX:
                raise Unprovable(events[-1].seq, f"there are more than {JOURNAL_MAX} events")
            self._write(events)

    def packed(self) -> str:
        return self._packed.hexdigest()

    def _write(self, events: Sequence[Event]) -> None:
        content = pack(events)
        if len(content) > CHUNK_BYTES_MAX:
            if len(events) == 1:
                raise Unprovable(events[0].seq, f"the event takes {len(content)} bytes, more than {CHUNK_BYTES_MAX}")
            middle = len(events) // 2
            self._write(events[:middle])
            self._write(events[middle:])
            return
        self.chain = chain.link(self.chain, content)
        data = zlib.compress(content, LEVEL)
        self._packed.update(chain.counted(data))
        self.chunks.append(Chunk(len(events), events[0].seq, events[-1].seq, len(content), self.chain, data))
        self.events += len(events)
        self.last = events[-1].seq


class ProofBuilder:
    """Hand it every event that the engine is fed, then seal."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self._genesis = chain.genesis(canonical.encode(header))
        self._journal = JournalWriter(self._genesis)
        # The journal's own method, not one around it: there may be a million marks.
        self.add = self._journal.add
        """Takes the next event. Raises Unprovable, for the event or one shortly before it."""

    def seal(self, findings: Iterable[Finding], standing: FinalStanding, signer: Signer | None = None) -> bytes:
        """The file. It depends on the arguments alone: no time, no chance. Raises Unprovable. To be called once."""
        journal = self._journal
        journal.flush()
        said = tuple(findings)
        seal = Seal.of(
            self._genesis,
            journal.chain,
            journal.events,
            journal.last,
            canonical.encode(said),
            canonical.encode(standing),
            journal.packed(),
        )
        content = canonical.encode(
            Bundle(
                format=chain.FORMAT,
                header=self.header,
                chunks=tuple(journal.chunks),
                findings=said,
                standing=standing,
                seal=seal,
                signature=signer.sign(chain.signed_message(seal.head)) if signer else None,
            )
        )
        try:
            open_bundle(content)  # what no verifier could read is never handed out
        except BadBundle as bad:
            raise Unprovable(0, bad.reason) from bad
        return content
