"""The journal gives back what the run saw, in its order, and tells when anything is not as it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.domain.money import Micros, usd
from propfirm.domain.rules.events import CashMoved, Event, Fill, Mark
from propfirm.domain.rules.journal import (
    NEAR,
    Between,
    Entry,
    Gap,
    Quoted,
    Span,
    Weaver,
    broken_link,
    chained,
    marked,
    woven,
)

FIRST = Entry(Fill(1, 5, "x1", "ESH6", "ES", 2, 100, usd("4.5")), {"ESH6": 3})
SECOND = Entry(CashMoved(9, 7, "adjustment", usd("-1")), {"NQH6": 8, "ESH6": 4})


def quoted(symbol: str, number: int, at: int) -> Quoted:
    """A price that tells itself from every other."""
    return Quoted(symbol, number, at, 1000 * at + number, 1000 * at + number + 1)


def shown(*quotes: Quoted) -> Between:
    """Of these quotes, the newest first: in which order a store gives them must not matter."""

    def between(symbol: str, after: int, upto: int) -> list[Quoted]:
        asked = (one for one in quotes if one.symbol == symbol and after < one.number <= upto)
        return sorted(asked, key=lambda one: -one.number)

    return between


def fill(seq: int, at: int, quantity: int, symbol: str = "ESH6") -> Fill:
    return Fill(seq, at, f"x{seq}", symbol, symbol[:-2], quantity, 100, Micros(0))


def cash(seq: int, at: int) -> CashMoved:
    return CashMoved(seq, at, "adjustment", Micros(1))


def mark(seq: int, quote: Quoted, at: int | None = None) -> Mark:
    return Mark(seq, quote.at if at is None else at, quote.symbol, quote.bid, quote.ask)


# ---------------------------------------------------------------- weaving


def test_nothing_is_woven_of_nothing() -> None:
    assert list(woven([], shown(), {})) == []


def test_what_was_not_held_was_not_seen() -> None:
    quote = quoted("ESH6", 1, 10)
    assert list(woven([Entry(cash(1, 20), {})], shown(quote), {"ESH6": 1})) == [cash(1, 20)]


def test_an_opening_fill_is_told_the_quote_that_it_met_at_its_own_time() -> None:
    old, met = quoted("ESH6", 6, 10), quoted("ESH6", 7, 15)
    entries = [Entry(cash(1, 12), {}), Entry(fill(3, 20, 1), {"ESH6": 7})]
    assert list(woven(entries, shown(old, met), {"ESH6": 7})) == [cash(1, 12), mark(2, met, at=20), fill(3, 20, 1)]


def test_quotes_between_two_entries_stand_where_the_run_saw_them_and_later_ones_after_the_last() -> None:
    quotes = [quoted("ESH6", n, 10 * n) for n in range(1, 7)]
    entries = [
        Entry(fill(2, 12, 1), {"ESH6": 1}),
        Entry(cash(5, 35), {"ESH6": 3}),
        Entry(cash(6, 36), {}),
        Entry(fill(8, 41, 2), {"ESH6": 4}),
    ]
    assert list(woven(entries, shown(*quotes), {"ESH6": 6})) == [
        mark(1, quotes[0], at=12),
        fill(2, 12, 1),
        mark(3, quotes[1]),
        mark(4, quotes[2]),
        cash(5, 35),
        cash(6, 36),
        mark(7, quotes[3]),
        fill(8, 41, 2),
        mark(9, quotes[4]),
        mark(10, quotes[5]),
    ]


def test_quotes_of_several_contracts_come_by_time_then_contract_then_number() -> None:
    es, nq = [quoted("ESH6", n, at) for n, at in ((1, 1), (2, 30), (3, 40), (4, 40))], quoted("NQH6", 9, 30)
    cl, late = quoted("CLH6", 5, 2), quoted("CLH6", 6, 40)
    entries = [
        Entry(fill(2, 3, 1, "NQH6"), {"NQH6": 8}),
        Entry(fill(4, 4, 1), {"ESH6": 1}),
        Entry(fill(6, 5, 1, "CLH6"), {"CLH6": 5}),
        Entry(cash(12, 50), {"NQH6": 9, "ESH6": 4, "CLH6": 6}),
    ]
    events = list(woven(entries, shown(*es, nq, cl, late, quoted("NQH6", 8, 1)), {}))
    assert events[6:] == [mark(7, es[1]), mark(8, nq), mark(9, late), mark(10, es[2]), mark(11, es[3]), cash(12, 50)]


def test_a_contract_is_followed_until_it_is_flat_and_from_when_it_is_opened_again() -> None:
    quotes = [quoted("ESH6", n, 10 * n) for n in range(1, 8)]
    entries = [
        Entry(fill(2, 11, 1), {"ESH6": 1}),
        Entry(fill(3, 12, -3), {}),  # through zero: held still
        Entry(fill(5, 21, 2), {"ESH6": 2}),
        Entry(cash(6, 45), {}),
        Entry(fill(8, 51, -1), {"ESH6": 5}),
        Entry(fill(10, 61, 1), {"ESH6": 6}),
        Entry(fill(11, 62, 1), {}),  # at the price seen last: none is told again
    ]
    assert list(woven(entries, shown(*quotes), {"ESH6": 7})) == [
        mark(1, quotes[0], at=11),
        fill(2, 11, 1),
        fill(3, 12, -3),
        mark(4, quotes[1]),
        fill(5, 21, 2),
        cash(6, 45),
        mark(7, quotes[4], at=51),
        fill(8, 51, -1),
        mark(9, quotes[5]),
        fill(10, 61, 1),
        fill(11, 62, 1),
        mark(12, quotes[6]),
    ]


def test_a_missing_quote_or_entry_is_a_gap_and_says_which_number_was_expected_and_which_came() -> None:
    quotes = [quoted("ESH6", n, 10 * n) for n in range(1, 4)]
    entries = [Entry(fill(2, 11, 1), {"ESH6": 1}), Entry(cash(5, 35), {"ESH6": 3}), Entry(cash(6, 40), {})]
    for given_entries, given_quotes, expected, found in (
        (entries, quotes[:2], 4, 5),
        (entries, quotes[1:], 1, 2),
        (entries[1:], quotes, 2, 5),
        ([entries[0], entries[2]], quotes, 3, 6),
        ([entries[1], entries[0]], quotes, 2, 5),
    ):
        with pytest.raises(Gap) as gap:
            list(woven(given_entries, shown(*given_quotes), {"ESH6": 3}))
        assert (gap.value.before_seq, gap.value.found_seq) == (expected, found)


def test_a_quote_is_fed_as_a_mark_that_is_in_no_doubt() -> None:
    assert marked(Quoted("ESH6", 12, 7, 100, 101, "link"), 3) == Mark(3, 7, "ESH6", 100, 101, doubt=False)


Run: TypeAlias = tuple[list[Entry], list[Quoted], dict[str, int], list[Event]]


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """A run written down as the module says: entries, all quotes shown, the last ones applied, and what it was fed."""
    entries, quotes, fed = list[Entry](), list[Quoted](), list[Event]()
    seen, written, held, latest = dict[str, int](), dict[str, int](), dict[str, int](), dict[str, Quoted]()

    def enter(event: Event) -> None:
        fed.append(event)
        entries.append(Entry(event, {s: n for s, n in seen.items() if written.get(s) != n}))
        written.update(seen)

    for at in range(1, draw(st.integers(1, 20))):
        symbol, act = draw(st.sampled_from(["ESH6", "NQH6"])), draw(st.sampled_from(["quote", "quote", "fill", "cash"]))
        if act == "quote":
            quote = latest[symbol] = quoted(symbol, latest[symbol].number + 1 if symbol in latest else 1, at)
            quotes.append(quote)
            if symbol in held:
                fed.append(mark(len(fed) + 1, quote))
                seen[symbol] = quote.number
        elif act == "cash":
            enter(cash(len(fed) + 1, at))
        else:
            met = latest.get(symbol)
            if symbol not in held and met is not None and seen.get(symbol) != met.number:
                fed.append(mark(len(fed) + 1, met, at=at))
                seen[symbol] = met.number
            one = fill(len(fed) + 1, at, draw(st.sampled_from([-2, -1, 1, 2])), symbol)
            enter(one)
            held[symbol] = held.get(symbol, 0) + one.quantity
            if not held[symbol]:
                del held[symbol]
    return entries, quotes, seen, fed


@given(runs())
def test_a_run_is_woven_exactly_as_it_was_fed(run: Run) -> None:
    entries, quotes, last, fed = run
    assert list(woven(entries, shown(*quotes), last)) == fed


@given(runs(), st.data())
def test_woven_on_from_where_it_stood_with_the_needed_quotes_alone_it_is_the_same(
    run: Run, data: st.DataObject
) -> None:
    entries, quotes, last, fed = run
    weaver, events, full = Weaver(), list[Event](), True
    while full:
        page = data.draw(st.integers(1, 5))
        now, entries = entries[:page], entries[page:]
        full = bool(entries)
        upto = {} if full else last
        needs = weaver.needs(now, upto)
        there = shown(*(one for one in quotes if _within(one, needs)))
        for entry in now:
            events.extend(weaver.take(entry, there))
        events.extend(weaver.follow(upto, there))
        weaver = Weaver(weaver.seq, weaver.standings)
    assert events == fed


def _within(one: Quoted, needs: Mapping[str, Sequence[Span]]) -> bool:
    return any(after < one.number <= upto for after, upto in needs.get(one.symbol, ()))


@given(runs())
def test_each_quote_that_is_needed_is_asked_for_once_and_in_order(run: Run) -> None:
    entries, _, last, fed = run
    needs = Weaver().needs(entries, last)
    assert needs.keys() == {one.symbol for one in fed if isinstance(one, Mark)}
    for spans in needs.values():
        assert all(0 <= after < upto for after, upto in spans)
        assert all(upto < after for (_, upto), (after, _) in pairwise(spans))


def test_what_was_shown_while_nothing_was_held_is_not_needed() -> None:
    far = 10_000 + NEAR
    entries = [
        Entry(fill(2, 11, 1), {"ESH6": 9_000}),
        Entry(fill(5, 21, -1), {"ESH6": 9_002}),
        Entry(fill(7, 31, 1), {"ESH6": 9_003 + NEAR}),  # as near as they are read in one go
        Entry(fill(8, 41, -1), {}),
        Entry(fill(10, 51, 1), {"ESH6": far}),
    ]
    assert Weaver().needs(entries, {"ESH6": far + 3}) == {"ESH6": [(8_999, 9_003 + NEAR), (far - 1, far + 3)]}
    assert Weaver().needs(entries[:1], {"ESH6": 8_000, "NQH6": 5}) == {"ESH6": [(8_999, 9_000)]}


@given(runs(), st.data())
def test_an_entry_that_is_dropped_from_the_middle_is_always_told(run: Run, data: st.DataObject) -> None:
    entries, quotes, last, _ = run
    if len(entries) < 2:
        return
    dropped = data.draw(st.integers(0, len(entries) - 2))
    with pytest.raises(Gap):
        list(woven(entries[:dropped] + entries[dropped + 1 :], shown(*quotes), last))


# ---------------------------------------------------------------- the chain of quotes


def journalled(count: int, before: str = "") -> list[Quoted]:
    quotes = list[Quoted]()
    for n in range(1, count + 1):
        quotes.append(quoted("ESH6", n, 10 * n).linked_to(before))
        before = quotes[-1].link
    return quotes


def test_the_links_of_quotes_are_for_ever_those_that_are_stored() -> None:
    """Computed by hand: SHA-256 of ``propfirm-quotes/1``, a line feed, and ``|ESH6|1|10|10001|10002``."""
    first, second = journalled(2)
    assert first.link == "49b1d92f7a0340141ea847bac0c660d85fa9d440281a033d5a2fb0ecb448aec0"
    assert second.link == "009a42e47f7e0b14ac4342e2afd5254d93f488e3e49204bb043a0479ed0c3ad3"
    assert replace(first, link="") == quoted("ESH6", 1, 10)


def test_quotes_as_they_were_journalled_are_whole_from_any_place() -> None:
    quotes = journalled(4)
    assert broken_link([], "") is None
    assert broken_link(quotes, "") is None
    assert broken_link(quotes[2:], quotes[1].link) is None


def test_the_first_quote_that_does_not_follow_is_named() -> None:
    quotes = journalled(4)
    assert broken_link(quotes, "ab") == quotes[0]
    assert broken_link(quotes[1:], "") == quotes[1]
    assert broken_link([quotes[0], quotes[2], quotes[3]], "") == quotes[2]
    assert broken_link([quotes[0], quotes[2], quotes[1], quotes[3]], "") == quotes[2]


@given(place=st.integers(0, 3), field=st.sampled_from(["symbol", "number", "at", "bid", "ask"]))
def test_any_change_of_a_quote_is_told(place: int, field: str) -> None:
    quotes = journalled(4)
    changed = replace(quotes[place], **{field: "NQH6" if field == "symbol" else getattr(quotes[place], field) + 1})
    quotes[place] = changed
    assert broken_link(quotes, "") == changed


def test_a_quote_that_is_linked_anew_breaks_the_one_after_it() -> None:
    quotes = journalled(4)
    quotes[1] = replace(quotes[1], bid=0).linked_to(quotes[0].link)
    assert broken_link(quotes, "") == quotes[2]


# ---------------------------------------------------------------- the chain of entries


def test_the_links_of_entries_are_for_ever_those_that_are_stored() -> None:
    """Computed by hand: SHA-256 of ``propfirm-journal/1``, the link before and the JSON, a line feed between them."""
    assert list(chained("", [FIRST, SECOND])) == [
        "8c0990471dade010feeec5ff34dd7a2ec475d550fb040bbf6e2107adab19318d",
        "2cff570de824fd5dcd3067c8b236669e143bb3e8c163416a8b370b5057980c1f",
    ]


def test_a_chain_goes_on_from_where_it_was() -> None:
    first, second = chained("", [FIRST, SECOND])
    assert list(chained(first, [SECOND])) == [second]
    assert list(chained("", [])) == []


def test_in_which_order_the_numbers_of_contracts_are_written_does_not_matter() -> None:
    other = Entry(SECOND.event, {"ESH6": 4, "NQH6": 8})
    assert list(other.seen) != list(SECOND.seen)
    assert list(chained("", [other])) == list(chained("", [SECOND]))


ENTRIES = [Entry(cash(n, n), {"ESH6": n}) for n in range(1, 7)]


@given(st.data())
def test_whoever_changes_drops_adds_or_swaps_an_entry_changes_every_link_from_there(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(ENTRIES) - 2))
    before, one, after = ENTRIES[:place], ENTRIES[place], ENTRIES[place + 1 :]
    forged = data.draw(
        st.sampled_from(
            [
                [*before, Entry(one.event, {"ESH6": 99}), *after],
                [*before, Entry(one.event, {"NQH6": place + 1}), *after],
                [*before, Entry(cash(one.event.seq, 99), one.seen), *after],
                [*before, *after],
                [*before, one, one, *after],
                [*before, after[0], one, *after[1:]],
            ]
        )
    )
    honest, told = list(chained("", ENTRIES)), list(chained("", forged))
    assert told[:place] == honest[:place]
    assert not set(told[place + (forged[place] == one) :]) & set(honest)
