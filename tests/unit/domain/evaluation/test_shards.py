"""An account's shard is stored nowhere else: the same id must give the same one for ever."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.domain.evaluation.shards import SHARDS, shard_of
from propfirm.domain.ids import AccountId


@pytest.mark.parametrize(
    ("account", "shard"),
    [
        ("00000000-0000-0000-0000-000000000000", 55),
        ("00000000-0000-0000-0000-000000000001", 124),
        ("01963c2e-8f00-7000-8000-000000000001", 122),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", 90),
    ],
)
def test_a_shard_never_moves(account: str, shard: int) -> None:
    assert shard_of(AccountId(UUID(account))) == shard


@given(st.uuids())
def test_every_account_has_one_of_the_shards(account: UUID) -> None:
    assert 0 <= shard_of(AccountId(account)) < SHARDS


def test_accounts_made_in_one_moment_are_spread_over_all_shards() -> None:
    """2,560 ids in a row; a shard has ten of them on average, so about e^-10 of the shards would stay empty."""
    first = UUID("01963c2e-8f00-7000-8000-000000000000").int
    counts = [0] * SHARDS
    for n in range(10 * SHARDS):
        counts[shard_of(AccountId(UUID(int=first + n)))] += 1
    assert min(counts) > 0
    assert max(counts) < 30
