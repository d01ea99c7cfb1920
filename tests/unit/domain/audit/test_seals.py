"""A seal binds its day, its leaves and the seal before it; a run's digest binds every event before a number."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from propfirm.domain.audit.seals import Leaf, Seal, SealedPrices, SealedRun, Told, told_at
from propfirm.domain.calendar.instants import to_ns
from propfirm.domain.ids import AccountId
from tests.unit.application.proofs.cases import story

DAY = date(2026, 3, 2)
OVER = datetime(2026, 3, 3, tzinfo=UTC)
RUN = SealedRun(AccountId(UUID(int=7)), 1, 230, "a" * 64, "b" * 64)
PRICES = SealedPrices("ESH26", 9_000, "c" * 64)
FIRST = Seal.over(DAY, to_ns(OVER), [RUN, PRICES], None)


def test_a_seal_is_what_anybody_computes_who_has_its_leaves() -> None:
    account = '"account":"00000000-0000-0000-0000-000000000007"'
    run = f'{{{account},"events":230,"head":"{"a" * 64}","run":1,"told":"{"b" * 64}","type":"run"}}'
    prices = f'{{"head":"{"c" * 64}","prices":9000,"symbol":"ESH26","type":"prices"}}'
    leaves = [hashlib.sha256(b"\0" + one.encode()).digest() for one in (run, prices)]
    root = hashlib.sha256(b"\1" + b"".join(leaves)).hexdigest()
    said = f'{{"at":{to_ns(OVER)},"day":"2026-03-02","leaves":2,"previous":null,"root":"{root}"}}'
    assert FIRST.message == b"propfirm-seal/1\n" + said.encode()
    next_ = Seal.over(DAY + timedelta(days=1), to_ns(OVER), [], FIRST)
    assert next_.previous == hashlib.sha256(FIRST.message).hexdigest()
    assert next_.root == hashlib.sha256().hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        Seal.over(DAY + timedelta(days=1), FIRST.at, [RUN, PRICES], None),
        Seal.over(DAY, FIRST.at + 1, [RUN, PRICES], None),
        Seal.over(DAY, FIRST.at, [PRICES, RUN], None),
        Seal.over(DAY, FIRST.at, [RUN], None),
        Seal.over(DAY, FIRST.at, [RUN, PRICES], FIRST),
    ],
)
def test_whatever_differs_makes_another_seal(other: Seal) -> None:
    assert other.digest() != FIRST.digest()


@pytest.mark.parametrize(
    ("after", "late"), [(timedelta(), False), (timedelta(hours=23, minutes=59), False), (timedelta(days=1), True)]
)
def test_a_seal_is_late_once_another_day_is_over(after: timedelta, late: bool) -> None:
    assert Seal.over(DAY, to_ns(OVER + after), [], None).late is late


def test_a_leaf_is_read_back_as_what_it_was() -> None:
    for leaf in (RUN, PRICES):
        assert msgspec.json.decode(msgspec.json.encode(leaf), type=Leaf) == leaf


def test_the_digest_of_events_is_a_chain_that_anybody_computes_who_has_them() -> None:
    events, digest = story(corrected=True), ""
    for one in events:
        line = json.dumps(json.loads(msgspec.json.encode(one)), separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(f"propfirm-events/1\n{digest}\n{line}".encode()).hexdigest()
    assert told_at(events, [0, len(events)]) == {0: "", len(events): digest}


@given(st.data())
def test_whoever_knows_a_digest_goes_on_from_it(data: st.DataObject) -> None:
    events = story()
    count = data.draw(st.integers(0, len(events)))
    telling = Told(count, told_at(events, [count])[count])
    for one in events[count:]:
        telling.add(one)
    assert {telling.events: telling.digest} == told_at(events, [len(events)])


@given(st.data())
def test_what_was_told_up_to_a_number_does_not_depend_on_what_comes_after(data: st.DataObject) -> None:
    events = story()
    count = data.draw(st.integers(0, len(events)))
    assert told_at(events, [count]) == told_at(events[:count], [count])
    if count:
        dropped = data.draw(st.integers(0, count - 1))
        assert told_at((*events[:dropped], *events[dropped + 1 :]), [count]) != told_at(events, [count])


def test_a_number_that_was_not_reached_has_no_digest() -> None:
    assert told_at(story()[:3], [4]) == {}
