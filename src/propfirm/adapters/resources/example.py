"""The shipped example history, with the recorded prices that it was made on."""

from __future__ import annotations

from importlib import resources
from typing import Final

PRICES: Final = "ES_ESZ3_1min_2013-10-06_2013-10-11.csv.gz"


def example_files() -> dict[str, bytes]:
    """File name to content: fills of a plain strategy over a real week of ES, the prices, their origin and licence."""
    root = resources.files("propfirm.resources")
    return {
        "es-week.csv": (root / "examples" / "es-week.csv").read_bytes(),
        "es-week-prices.csv.gz": (root / "market" / PRICES).read_bytes(),
        "NOTICE.md": (root / "market" / "NOTICE.md").read_bytes(),
        "LICENSE-Apache-2.0.txt": (root / "LICENSE-Apache-2.0.txt").read_bytes(),
    }
