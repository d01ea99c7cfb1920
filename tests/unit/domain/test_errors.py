"""The words for "no"."""

from dataclasses import dataclass

import pytest

from propfirm.domain.errors import Conflict, Forbidden, NotFound, Refused


@dataclass(eq=False)
class TooMuch(Refused):
    code = "example.too-much"
    title = "More than there is"
    asked: int
    there: int


@dataclass(eq=False)
class Bare(Refused):
    title = "No"


def test_a_refusal_says_its_title_and_its_facts() -> None:
    assert str(TooMuch(5, 3)) == "More than there is (asked=5, there=3)"
    assert str(Bare()) == "No"


def test_every_kind_of_no_is_a_refusal_with_a_code_of_its_own() -> None:
    kinds = (Refused, NotFound, Conflict, Forbidden)
    assert all(issubclass(kind, Refused) for kind in kinds)
    assert len({kind.code for kind in kinds}) == len({kind.title for kind in kinds}) == 4


def test_a_refusal_can_be_raised_and_held() -> None:
    with pytest.raises(TooMuch) as refusal:
        raise TooMuch(5, 3)
    assert {refusal.value} == {refusal.value}
    assert refusal.value != TooMuch(5, 3)
