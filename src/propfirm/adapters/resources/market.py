"""The recorded prices that ship with the product: minute bars of a week of ES and of two days of gold, from 2013."""

from __future__ import annotations

from importlib import resources
from typing import Final

from propfirm.application.ports.prices import Bar, PriceReader

BARS: Final = ("ES_ESZ3_1min_2013-10-06_2013-10-11.csv.gz", "GC_GCZ3_1min_2013-10-07_2013-10-08.csv.gz")


def load_recorded(reader: PriceReader) -> tuple[Bar, ...]:
    """All bars with both sides of the book, contract by contract. Raises BadInput when a file has been damaged."""
    found: list[Bar] = []
    for name in BARS:
        with resources.as_file(resources.files("propfirm.resources") / "market" / name) as path:
            stream = reader.open(path)
            if stream.bars:
                found.extend(stream)
    return tuple(found)
