"""The contracts of ``resources/contracts.csv``."""

from __future__ import annotations

from importlib import resources

from propfirm.domain.market.registry import Registry, parse_contracts


def load_contracts() -> Registry:
    """Raises BadContracts when the shipped table has been damaged."""
    return parse_contracts((resources.files("propfirm.resources") / "contracts.csv").read_text(encoding="utf-8"))
