"""The recorded prices of ``resources/market``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def market_samples() -> dict[str, Path]:
    """The files by their name without ending (``GC_GCZ3_trades_2013-10-07``), for a PriceReader. They name their
    contracts themselves. The package must be installed as files, as pip does."""
    folder = Path(str(resources.files("propfirm.resources") / "market"))
    return {path.name.removesuffix(".csv.gz"): path for path in sorted(folder.glob("*.csv.gz"))}
