"""Semantics page, section 14: the past was not as told."""

from typing import Any

import pytest
from msgspec.structs import replace

from propfirm.domain.catalogue.program import Behaviour, OrderRate, Strikes, UpperCap
from propfirm.domain.errors import Refused
from propfirm.domain.money import Micros, Ppm, usd
from propfirm.domain.rules.engine import OutOfSequence, begin
from propfirm.domain.rules.events import Correction, Fill, Mark
from propfirm.domain.rules.findings import Corrected, FloorMoved, Hit, Passed, decider
from propfirm.domain.rules.replay import ImpossibleCorrection, Restated, fold
from propfirm.domain.rules.state import FAR
from propfirm.domain.rules.terms import Options
from tests.unit.domain.rules.life import (
    DAY,
    FIFTY,
    MONDAY,
    TUESDAY,
    Life,
    daily,
    loss,
    midnight,
    stage,
    target,
    terms_of,
)


def hits(judged: tuple[Hit | Passed, ...]) -> list[Hit]:
    return [one for one in judged if isinstance(one, Hit)]


def rules(judged: tuple[Hit | Passed, ...]) -> list[str]:
    return [hit.rule for hit in hits(judged)]


def life(max_loss: Any = None, **rules: Any) -> Life:
    one = Life(stage(max_loss, **rules))
    one.day(MONDAY)
    return one.at("08:00")


def test_a_busted_execution_never_happened() -> None:
    account = life()
    account.buy(1, "5000", name="bad")
    account.mark("5100")
    account.wait(seconds=60)
    said = account.busts("bad")
    assert said == (Corrected(4, account.now, "bad", FIFTY, FIFTY, (), (), "open", "open"),)
    assert (account.state.equity, account.state.core.positions) == (FIFTY, ())
    assert (account.state.seq, account.state.at) == (4, account.now)


def test_a_changed_execution_counts_as_it_should_have_been() -> None:
    account = life()
    at = account.now
    account.buy(1, "5000", name="bad")
    account.sell(1, "5100")
    said = account.corrects("bad", 1, "5040", at=at)
    assert (said.only(Corrected).balance_before, said.only(Corrected).balance_after) == (usd("50100"), usd("50060"))
    assert account.state.balance == usd("50060")


def test_a_late_fill_is_inserted_at_its_own_time_after_all_of_that_instant() -> None:
    account = life(loss("2000", mode="trail_closed"))
    account.buy(1, "5000")
    at = account.now
    account.sell(1, "5300")
    account.wait(seconds=60).buy(1, "6000")
    account.corrects("late", -1, "5500", at=at)
    assert account.state.balance == usd("50300") - usd("500")
    assert account.state.core.positions == ()
    assert account.state.floor == usd("48300")


def test_a_replacement_of_the_same_instant_keeps_its_place() -> None:
    account = life(loss("100"))
    at = account.now
    account.sell(1, "5000", name="first")
    account.buy(1, "5099")
    account.buy(1, "5000")
    account.wait(seconds=60).corrects("first", -1, "5010", at=at)
    assert account.state.balance == FIFTY - usd("89")


def test_a_replacement_at_another_instant_moves_there() -> None:
    account = life(behaviour=Behaviour(hft=OrderRate(1, "warn")))
    at = account.now
    account.buy(1, "100", name="x")
    assert account.buy(1, "100", name="y").rules == ("hft",)
    account.wait(seconds=60)
    record = account.corrects("x", 1, "100", at=at + 30 * 10**9).only(Corrected)
    assert [(hit.rule, hit.at) for hit in hits(record.withdrawn)] == [("hft", at)]
    assert record.added == ()


def test_a_replacement_may_lie_at_the_very_instant_of_the_correction_and_not_after_it() -> None:
    account = life()
    account.corrects("late", 1, "100", at=account.now)
    assert len(account.state.core.positions) == 1
    account = life()
    with pytest.raises(ImpossibleCorrection) as refusal:
        account.corrects("late", 1, "100", at=account.now + 1)
    assert (refusal.value.seq, refusal.value.reason) == (2, "the corrected fill lies after its correction")
    assert refusal.value.code == "events.impossible-correction"
    assert isinstance(refusal.value, Refused)
    assert account.state.seq == 1


def test_an_unknown_execution_without_replacement_changes_nothing() -> None:
    account = life()
    account.buy(1, "5000")
    account.mark("5001")
    before = account.state
    record = account.busts("nobody knows").only(Corrected)
    assert (record.withdrawn, record.added, record.verdict_would_change) == ((), (), False)
    assert account.state == replace(before, seq=4)


def test_a_past_that_cannot_have_been_is_refused() -> None:
    account = life()
    before = account.state
    with pytest.raises(ImpossibleCorrection) as refusal:
        account.corrects("late", 1, "100", at=midnight(MONDAY) - 1)
    assert refusal.value.seq == 2
    assert "the first event of an account rolls its first day" in refusal.value.reason
    stranger = Fill(0, account.now, "late", "PLF6", "PL", 1, 1, Micros(0))
    with pytest.raises(ImpossibleCorrection) as refusal:
        account.tell(Correction(account.seq, account.now, "late", stranger))
    assert "PL" in refusal.value.reason
    assert account.state == before


def test_a_late_fill_of_the_time_between_two_days_is_impossible() -> None:
    account = life()
    account.day("2026-01-07")
    with pytest.raises(ImpossibleCorrection):
        account.corrects("late", 1, "100", at=midnight(TUESDAY) + 1)


# ---------------------------------------------------------------- sequence


def test_a_correction_comes_in_sequence_as_every_event_does() -> None:
    account = life()
    account.wait(seconds=60)
    account.mark("1")
    for seq, at, reason in (
        (2, account.now, "number 3 is next"),
        (4, account.now, "number 3 is next"),
        (3, account.now - 1, f"the last event was later, at {account.now}"),
        (3, midnight(TUESDAY), f"the day {MONDAY} ended at {midnight(TUESDAY)}: it must roll first"),
    ):
        with pytest.raises(OutOfSequence) as refusal:
            account.tell(Correction(seq, at, "x", None))
        assert refusal.value.reason == reason
    with pytest.raises(OutOfSequence) as refusal:
        fold(account.terms, [Correction(1, 0, "x", None)])
    assert refusal.value.reason == "the first event of an account rolls its first day"


def test_what_fold_refuses_leaves_the_account_as_it_was() -> None:
    account = Restated(terms_of(stage(loss("2000"))))
    told = life()
    account.feed(told.events[0])
    before = account.state
    with pytest.raises(OutOfSequence):
        account.feed(Mark(9, told.now, "DOL", 1, 1))
    with pytest.raises(OutOfSequence):
        account.feed(Correction(9, told.now, "x", None))
    with pytest.raises(ImpossibleCorrection):
        account.feed(Correction(2, told.now, "x", Fill(0, told.now + 1, "x", "DOL", "DOL", 1, 1, Micros(0))))
    assert (account.state, account.findings) == (before, [])
    account.feed(Mark(2, told.now, "DOL", 1, 1))
    assert account.state.seq == 2


def test_an_account_without_events_is_as_it_begins() -> None:
    terms = terms_of(stage(loss("2000")))
    assert fold(terms, []) == (begin(terms), ())


# ---------------------------------------------------------------- verdicts


def test_a_breach_that_was_found_stays_though_the_past_did_not_breach() -> None:
    account = life()
    account.buy(1, "5000", name="bad")
    account.mark("2000")
    account.mark("5000")
    record = account.busts("bad").only(Corrected)
    assert (rules(record.withdrawn), record.added) == (["max_loss"], ())
    assert record.withdrawn[0].seq == 3
    assert record.verdict_would_change
    assert account.verdict == "breached"
    assert account.mark("1") == ()
    account.day(TUESDAY)
    assert account.verdict == "breached"


def test_a_pass_that_was_found_stays_too() -> None:
    account = life(target=target("1000"))
    account.buy(1, "5000")
    account.sell(1, "6000", name="bad")
    record = account.busts("bad").only(Corrected)
    assert (record.verdict_would_change, account.verdict) == (True, "passed")
    assert len(account.state.core.positions) == 1
    account.mark("1")
    assert account.state.equity == FIFTY - usd("4999")


def test_an_open_account_takes_the_restated_verdict_at_the_correction() -> None:
    account = life()
    at = account.now
    account.buy(1, "5000", name="bad")
    account.mark("4000")
    account.mark("5000")
    record = account.corrects("bad", 2, "5000", at=at).only(Corrected)
    assert [(hit.rule, hit.seq, hit.decided) for hit in hits(record.added)] == [("max_loss", 3, True)]
    assert record.verdict_would_change
    assert account.verdict == "breached"
    account = life(target=target("1000"))
    at = account.now
    account.buy(1, "5000", name="bad")
    account.sell(1, "5900")
    record = account.corrects("bad", 1, "4900", at=at).only(Corrected)
    assert (record.verdict_before, record.verdict_restated, account.verdict) == ("open", "passed", "passed")


def test_a_breach_that_would_have_been_a_pass_stays_a_breach() -> None:
    account = life(target=target("1000"))
    at = account.now
    account.buy(1, "5000", name="bad")
    account.sell(1, "3000")
    record = account.corrects("bad", 1, "2000", at=at).only(Corrected)
    assert (record.verdict_would_change, account.verdict) == (True, "breached")


def test_a_verdict_that_stands_is_no_change_and_hits_that_stand_are_not_told() -> None:
    account = life()
    at = account.now
    account.buy(1, "5000", name="bad")
    account.mark("2000")
    record = account.corrects("bad", 1, "4999", at=at).only(Corrected)
    assert (record.withdrawn, record.added, record.verdict_would_change) == ((), (), False)


def test_a_hit_at_another_instant_is_another_hit() -> None:
    account = life()
    at = account.now
    account.buy(1, "5000", name="bad")
    account.wait(seconds=1).mark("3500")
    account.wait(seconds=1).mark("3000")
    record = account.corrects("bad", 1, "5500", at=at).only(Corrected)
    assert [hit.at for hit in record.added] == [at + 10**9]
    assert [hit.at for hit in record.withdrawn] == [at + 2 * 10**9]
    assert not record.verdict_would_change


def test_of_two_hits_of_one_instant_and_rule_as_many_stand_as_there_would_have_been() -> None:
    account = life(behaviour=Behaviour(hft=OrderRate(1, "warn")))
    account.buy(1, "100", name="a")
    account.buy(1, "100", name="b")
    account.buy(1, "100", name="c")
    record = account.busts("b").only(Corrected)
    assert [hit.seq for hit in record.withdrawn] == [4]
    assert record.added == ()


def test_a_hit_that_would_have_had_another_outcome_is_another_hit() -> None:
    """Else the strike that ends the account would be told nowhere."""
    strikes = (Strikes("hft", ("warn", "fail")),)
    account = life(behaviour=Behaviour(hft=OrderRate(1, "warn")), strikes=strikes)
    at = account.now
    account.buy(1, "100")
    account.wait(seconds=60).buy(1, "100")
    account.buy(1, "100")
    second = account.now
    record = account.corrects("late", 1, "100", at=at).only(Corrected)
    assert [(hit.at, hit.outcome) for hit in hits(record.withdrawn)] == [(second, "warn")]
    assert [(hit.at, hit.outcome) for hit in hits(record.added)] == [(at, "warn"), (second, "fail")]
    assert record.decider == record.added[1]


def test_hits_of_one_instant_are_told_apart_by_what_they_are_about() -> None:
    account = life(behaviour=Behaviour(hft=OrderRate(1, "warn")))
    account.buy(1, "100", name="first")
    account.buy(1, "100")
    account.buy(1, "100", "ESH6", name="bad")
    account.sell(1, "100", "NQH6")
    record = account.busts("bad").only(Corrected)
    assert [hit.evidence.symbol for hit in hits(record.withdrawn)] == ["ESH6"]
    assert record.added == ()


# ---------------------------------------------------------------- what ended the stage


def test_a_pass_that_a_correction_brings_about_is_told_with_its_figures() -> None:
    account = life(target=target("1000"))
    at = account.now
    account.buy(1, "5000", name="bad")
    account.sell(1, "5900")
    closing = account.state.seq
    account.wait(seconds=60)
    record = account.corrects("bad", 1, "4900", at=at).only(Corrected)
    passed = Passed(closing, at, usd("1000"), usd("1000"), usd("51000"))
    assert (record.added, record.withdrawn) == ((passed,), ())
    assert record.decider == decider(account.findings) == passed


def test_a_breach_that_a_correction_brings_about_is_the_decider_too() -> None:
    account = life(daily_loss=daily("1900"))
    at = account.now
    account.buy(1, "5000", name="bad")
    account.mark("4000")
    account.mark("5000")
    record = account.corrects("bad", 2, "5000", at=at).only(Corrected)
    assert rules(record.added) == ["max_loss", "daily_loss"]
    assert record.decider == decider(account.findings) == record.added[0]


def test_a_pass_that_no_longer_stands_is_told_as_withdrawn() -> None:
    account = life(target=target("1000"))
    account.buy(1, "5000")
    said = account.sell(1, "6000", name="bad")
    record = account.busts("bad").only(Corrected)
    assert (record.withdrawn, record.added) == ((said.only(Passed),), ())
    assert (record.verdict_before, record.verdict_restated) == ("passed", "open")
    assert decider(account.findings) == said.only(Passed)


def test_a_pass_with_other_figures_at_the_same_instant_is_the_same() -> None:
    account = life(target=target("1000"))
    at = account.now
    account.buy(1, "5000", name="bad")
    account.sell(1, "6000")
    record = account.corrects("bad", 1, "4900", at=at).only(Corrected)
    assert (record.withdrawn, record.added, record.verdict_would_change) == ((), (), False)


def test_what_a_correction_would_have_decided_of_a_stage_that_is_over_decides_nothing() -> None:
    account = life(target=target("1000"))
    at = account.now
    account.buy(1, "5000", name="bad")
    said = account.sell(1, "3000")
    record = account.corrects("bad", 1, "2000", at=at).only(Corrected)
    assert (record.verdict_before, record.verdict_restated) == ("breached", "passed")
    assert record.withdrawn == said.hits
    assert [type(one) for one in record.added] == [Passed]
    assert record.decider is None
    assert decider(account.findings) == said.hit


def test_a_stage_that_goes_on_has_no_decider() -> None:
    account = life(daily_loss=daily("1000"))
    account.buy(1, "5000", name="bad")
    account.mark("3900")
    record = account.busts("bad").only(Corrected)
    assert rules(record.withdrawn) == ["daily_loss"]
    assert record.decider is decider(account.findings) is None


def test_what_happened_after_a_breach_that_is_undone_is_judged_by_the_next_correction() -> None:
    """The breach stands, so nothing was said meanwhile; the restated past went on."""
    account = life(daily_loss=daily("1000"))
    account.buy(1, "5000", name="bad")
    account.mark("2000")
    account.busts("bad")
    account.mark("5000")
    account.wait(seconds=60).buy(1, "5000")
    assert account.mark("3900") == ()
    record = account.busts("nobody knows").only(Corrected)
    assert (rules(record.added), record.withdrawn) == (["daily_loss"], ())
    assert (record.verdict_before, record.verdict_restated) == ("breached", "open")


def test_a_correction_says_corrected_and_nothing_else() -> None:
    account = life(loss("2000", mode="trail_closed"))
    at = account.now
    account.buy(1, "5000", name="bad")
    account.sell(1, "5100")
    said = account.corrects("bad", 1, "4800", at=at)
    assert [type(finding) for finding in said] == [Corrected]
    assert account.state.floor == usd("48300")
    assert account.day(TUESDAY).all(FloorMoved) == ()


def test_a_second_correction_compares_with_the_past_as_the_first_restated_it() -> None:
    account = life()
    at = account.now
    account.buy(1, "5000", name="bad")
    account.mark("2500")
    assert len(account.corrects("bad", 1, "4000", at=at).only(Corrected).withdrawn) == 1
    again = account.corrects("bad", 1, "4800", at=at).only(Corrected)
    assert (rules(again.added), again.withdrawn) == (["max_loss"], ())
    assert not again.verdict_would_change
    assert account.state.equity == FIFTY - usd("2300")
    assert account.busts("bad").only(Corrected).withdrawn == again.added


def test_events_after_a_correction_go_on_from_the_restated_state() -> None:
    account = life(daily_loss=daily("1000"))
    at = account.now
    account.buy(1, "5000", name="bad")
    account.corrects("bad", 1, "4500", at=at)
    account.mark("4000")
    assert account.mark("3500").rules == ("daily_loss",)
    account.day(TUESDAY)
    account.busts("bad")
    assert (account.state.balance, account.state.equity, account.state.locked) == (FIFTY, FIFTY, False)


# ---------------------------------------------------------------- the account's own numbers


def test_after_a_correction_evidence_still_names_events_by_the_accounts_own_numbers() -> None:
    account = life(loss("2000", mode="trail_eod"), daily_loss=daily("1900"))
    account.buy(1, "5000", name="bad")
    account.buy(1, "5000")
    account.sell(1, "5500")
    account.snapshot()
    snapshot = account.state.seq
    account.day(TUESDAY)
    roll = account.state.seq
    account.busts("bad")
    account.mark("1", symbol="ESH6")
    account.buy(1, "5000")
    said = account.mark("3000")
    assert said.rules == ("max_loss", "daily_loss")
    assert [hit.evidence.set_seq for hit in said.hits] == [snapshot, roll]


def test_the_traders_own_limit_and_the_cap_name_their_roll_by_the_accounts_number_too() -> None:
    rule = daily("1900", upper_cap=UpperCap(Ppm(20_000), "warn"), trail="day_equity_high")
    account = Life(stage(loss("2000"), daily_loss=rule), options=Options(personal_daily_loss=usd("500")))
    account.day(MONDAY)
    account.buy(1, "5000", name="bad")
    account.mark("5000")
    account.day(TUESDAY)
    roll = account.state.seq
    account.busts("bad")
    account.buy(1, "5000")
    assert [hit.evidence.set_seq for hit in account.mark("6000").hits] == [roll]
    assert [(hit.rule, hit.evidence.set_seq) for hit in account.mark("4400").hits] == [("personal_loss", roll)]


def test_hits_that_a_correction_adds_bear_the_accounts_own_numbers() -> None:
    account = life(loss("2000", mode="trail_closed"))
    account.buy(1, "5000", name="gone")
    account.sell(1, "5000", name="gone too")
    account.earn("500")
    closing = account.state.seq
    account.wait(seconds=1).buy(1, "5000", name="bad")
    at = account.now
    account.mark("3100")
    quiet = account.state.seq
    account.busts("gone")
    account.busts("gone too")
    (added,) = hits(account.corrects("bad", 1, "5100", at=at).only(Corrected).added)
    assert (added.seq, added.evidence.set_seq, added.evidence.limit) == (quiet, closing, usd("48500"))


def test_a_pass_that_a_correction_adds_bears_the_accounts_own_number_too() -> None:
    account = life(target=target("1000"))
    account.buy(1, "5000", name="gone")
    account.sell(1, "5000", name="gone too")
    account.buy(1, "5000", name="bad")
    at = account.now
    account.sell(1, "5900")
    closing = account.state.seq
    account.busts("gone")
    account.busts("gone too")
    (passed,) = account.corrects("bad", 1, "4900", at=at).only(Corrected).added
    assert (type(passed), passed.seq) == (Passed, closing)


def test_an_account_that_is_over_stays_under_the_screen_of_one_that_is() -> None:
    account = life(loss("2000", mode="trail_intraday"))
    account.buy(1, "5000", name="good")
    account.buy(1, "5000", name="bad")
    account.mark("4000")
    over = account.state.core
    account.busts("bad")
    core = account.state.core
    assert (account.verdict, over.lo, over.hi) == ("breached", -FAR, FAR)
    assert (core.symbol, core.lo, core.hi, core.until) == ("DOL", -FAR, FAR, over.until)


def test_a_fill_that_a_correction_puts_in_bears_the_corrections_number() -> None:
    account = life(behaviour=Behaviour(hft=OrderRate(0, "warn")))
    at = account.now
    account.wait(seconds=60)
    account.mark("1")
    record = account.corrects("late", 1, "100", at=at).only(Corrected)
    assert [hit.seq for hit in record.added] == [3]
    account.wait(seconds=60)
    again = account.corrects("late", 1, "101", at=at).only(Corrected)
    assert (again.added, again.withdrawn) == ((), ())


def test_a_day_that_passed_since_the_bad_fill_is_judged_anew() -> None:
    account = life()
    at = account.now
    account.buy(1, "5000", name="bad")
    account.mark("4000")
    account.day(TUESDAY)
    account.wait(seconds=1).mark("4500")
    record = account.corrects("bad", 3, "5000", at=at).only(Corrected)
    assert [hit.at for hit in record.added] == [at]
    assert account.state.at == at - 8 * 3600 * 10**9 + DAY + 10**9
