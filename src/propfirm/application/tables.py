"""Tables that people hand in: bytes to rows of cells, in bounded memory, with every mistake noted in its place.

A table is UTF-8 (a byte order mark is allowed), plain or gzip by content, separated by commas, with a header. What
makes the rest unreadable (binary content, a line without end, a torn gzip file) ends the reading at once, with all
problems found so far; a bad cell or row does not.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from itertools import chain, repeat
from operator import length_hint
from typing import Final, NoReturn

from propfirm.application.ports.inputs import PROBLEMS_MAX, BadInput, Problem

BLOCK: Final = 1 << 18
LINE_MAX: Final = 1 << 16
"""Bytes in one line: a hundred times what any platform writes."""
TOO_LONG: Final = f"this line is longer than {LINE_MAX} bytes"
GZIP_MAGIC: Final = b"\x1f\x8b"
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
CLIP: Final = 40


def shown(text: str) -> str:
    """A cell as it may stand in a message: short, in quotes, control characters escaped."""
    return repr(text) if len(text) <= CLIP else f"{text[:CLIP]!r}..."


class Problems:
    """The problems of one file, in order of their finding; the first PROBLEMS_MAX are kept, the others counted."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.count = 0
        self._kept: list[Problem] = []

    @property
    def full(self) -> bool:
        return self.count >= PROBLEMS_MAX

    def add(self, row: int, column: str, reason: str) -> None:
        self.count += 1
        if len(self._kept) < PROBLEMS_MAX:
            self._kept.append(Problem(row, column, reason))

    def end(self, row: int, reason: str) -> NoReturn:
        """What makes all that follows unreadable. It is told even when PROBLEMS_MAX others came before it."""
        self.add(row, "", reason)
        if self.count > PROBLEMS_MAX:
            self._kept[-1] = Problem(row, "", reason)
        self.refuse()

    def refuse(self) -> NoReturn:
        raise BadInput(self.source, tuple(self._kept), self.count - len(self._kept))

    @contextmanager
    def of_opening(self) -> Iterator[None]:
        """Around opening: what the system refuses is a problem of the file."""
        try:
            yield
        except OSError as refusal:
            self.end(0, f"the file cannot be opened: {(refusal.strerror or 'system error').lower()}")
        except ValueError:  # so speaks open() of a NUL in the name
            self.end(0, "the file cannot be opened: no file has such a name")


class Table:
    """A header and the rows below it, which are iterated once. A row is one line: no cell holds a line's end."""

    def __init__(self, stream: BufferedReader, problems: Problems) -> None:
        """Reads the header. ``stream`` stays the caller's to close. Raises BadInput."""
        self._problems = problems
        self._read = _unpacked(stream)
        self._lines_before = 0
        self._lines: list[str] = []
        self._ahead: Iterator[str] = iter(())
        self.rows = chain.from_iterable(self._blocks())
        """Without blank lines. Raises BadInput where the table cannot be read any further."""
        header = next(self.rows, None)
        if header is None:
            problems.end(0, "the file is empty")
        self.header = tuple(name.strip() for name in header)

    @property
    def line(self) -> int:
        """Of the last row taken from ``rows``. Asked for only where something is wrong, it costs the others nothing."""
        return self._lines_before + len(self._lines) - length_hint(self._ahead)

    def _blocks(self) -> Iterator[Iterator[list[str]]]:
        """The rows of one block after the other; all checks but those of the csv module are made once per block."""
        rest = b""
        last = False
        while not last:
            try:
                block = self._read(BLOCK)
            except (OSError, EOFError, zlib.error):
                self._problems.end(self.line + 1, "the file is damaged or cut off: it cannot be read from here on")
            last = not block
            text = rest + block
            if self._lines_before == 0 and not self._lines:
                text = _without_mark(text, self._problems)
            cut = len(text) if last else text.rfind(b"\n") + 1
            rest = text[cut:]
            self._lines_before += len(self._lines)
            self._lines, simple, fault = _checked(text[:cut])
            self._ahead = iter(self._lines)
            # Lines without quotes, nearly all there are, need no more than a split, which is twice as fast.
            yield map(str.split, self._ahead, repeat(",")) if simple else filter(None, map(self._cells, self._ahead))
            if fault or len(rest) > LINE_MAX:
                self._problems.end(self.line + 1, fault or TOO_LONG)

    def _cells(self, line: str) -> list[str]:
        try:
            return next(csv.reader((line,), strict=True), [])
        except csv.Error as error:
            self._problems.end(self.line, f"not a row of comma-separated cells ({error})")


def _checked(text: bytes) -> tuple[list[str], bool, str]:
    """The lines of whole lines, up to the first that is not text; whether all are cells between commas and nothing
    else; and what is wrong with the first that is not text."""
    fault = ""
    if (place := text.find(b"\0")) >= 0:
        fault = "a NUL byte: this is a binary file, UTF-16 or damaged; save it as CSV in UTF-8"
        text = text[: text.rfind(b"\n", 0, place) + 1]
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        fault = f"byte 0x{text[error.start]:02x} is not UTF-8: save the file as UTF-8"
        decoded = text[: text.rfind(b"\n", 0, error.start) + 1].decode()
    decoded = decoded.replace("\r\n", "\n")
    lines = decoded.split("\n")
    if not lines[-1]:
        lines.pop()
    if max(map(len, lines), default=0) > LINE_MAX:
        fault = TOO_LONG
        del lines[next(place for place, line in enumerate(lines) if len(line) > LINE_MAX) :]
    return lines, '"' not in decoded and "\r" not in decoded and "" not in lines, fault


def _unpacked(stream: BufferedReader) -> Callable[[int], bytes]:
    return gzip.GzipFile(fileobj=stream).read if stream.peek(2).startswith(GZIP_MAGIC) else stream.read


def _without_mark(text: bytes, problems: Problems) -> bytes:
    if text.startswith(UTF16_MARKS):
        problems.end(0, "the file is UTF-16: save it as UTF-8")
    return text.removeprefix(b"\xef\xbb\xbf")
