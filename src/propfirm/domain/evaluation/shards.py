"""Which shard an account's work belongs to: a stable hash, so that it never moves."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from propfirm.domain.ids import AccountId

SHARDS: Final = 256


def shard_of(account: AccountId) -> int:
    """0 to SHARDS - 1. Of a hash: ids made close together in time must not fall into one shard."""
    return sha256(account.bytes).digest()[0]
