"""What exists beside a program: everything that a program refers to by a name of its own."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from propfirm.domain.market.contracts import Contract


class Known(Struct, frozen=True):
    """programs: ids. contracts: by root. releases: for each feed the categories of which it has any."""

    programs: frozenset[str]
    contracts: Mapping[str, Contract]
    releases: Mapping[str, frozenset[str]]

    def has_product(self, name: str) -> bool:
        """Whether a news rule for this root, or for the family of this full-size product, touches anything."""
        return name in self.contracts or any(contract.product == name for contract in self.contracts.values())
