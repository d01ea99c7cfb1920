"""The tree of RFC 6962: its own figures, and what must always hold of paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.domain.audit.merkle import climbed, leaf_hash, path, root

# The inputs and roots by which certificate-transparency's own implementations are tested.
INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)

TREES = st.lists(st.binary(max_size=4).map(leaf_hash), min_size=1, max_size=40)


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root([leaf_hash(bytes.fromhex(one)) for one in INPUTS[:size]]).hex() == ROOTS[size]


def test_a_leaf_that_looks_like_a_node_is_not_one() -> None:
    one, other = leaf_hash(b"one"), leaf_hash(b"other")
    assert root([leaf_hash(one + other)]) != root([one, other])


@given(TREES, st.data())
def test_every_leaf_climbs_to_the_root_by_its_path(leaves: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    way = path(leaves, place)
    assert len(way) <= (len(leaves) - 1).bit_length()
    assert climbed(leaves[place], place, len(leaves), way) == root(leaves)


@given(TREES, st.data())
def test_nothing_else_climbs_to_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    way, top = path(leaves, place), root(leaves)
    assert climbed(leaf_hash(b"another leaf"), place, len(leaves), way) != top
    assert climbed(leaves[place], place, len(leaves), (*way, top)) is None
    if way:
        assert climbed(leaves[place], place, len(leaves), way[:-1]) is None
        changed = data.draw(st.integers(0, len(way) - 1))
        wrong = (*way[:changed], bytes(32), *way[changed + 1 :])
        assert climbed(leaves[place], place, len(leaves), wrong) != top
    assert climbed(leaves[place], len(leaves), len(leaves), way) is None
    assert climbed(leaves[place], -1, len(leaves), way) is None
