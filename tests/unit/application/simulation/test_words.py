"""Findings in plain words: whatever the engine can say, a trader can read, with the figures it rests on."""

import re
from datetime import date
from typing import Final, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from propfirm.application.simulation.words import GATES, OUTCOMES, RULES, SENTENCES, Teller, quantity, zone_name
from propfirm.domain.calendar.instants import from_ns
from propfirm.domain.catalogue.program import DailyLoss, MaxLoss, Outcome, Size
from propfirm.domain.money import usd
from propfirm.domain.rules.findings import (
    Corrected,
    Evidence,
    Finding,
    FloorMoved,
    Gate,
    Hit,
    Passed,
    Rule,
    TargetMet,
    Unit,
    Verdict,
    Warned,
)
from propfirm.domain.rules.terms import Terms, compile_terms
from tests.strategies.structs import structs
from tests.unit.application.simulation.desk import REGISTRY, chicago, evaluation, program, static

CHICAGO: Final = ZoneInfo("America/Chicago")
FIGURES: Final = st.integers(0, 4_000_000_000_000_000_000)
"""Instants that have a date, amounts up to millions of millions."""


def terms(max_loss: MaxLoss | None = None) -> Terms:
    return compile_terms(program(evaluation(max_loss)), "evaluation", REGISTRY.contracts)


TELLER: Final = Teller(terms(), CHICAGO)
_NAMES: Final = {
    "symbol": st.just("ESH6"),
    "note": st.sampled_from(("", "CPI 2026-02-13", "micro")),
    "execution": st.just("E-1"),
}


def _findings() -> st.SearchStrategy[Finding]:
    evidence = structs(Evidence, FIGURES, symbol=_NAMES["symbol"], note=_NAMES["note"])
    given_fields = {"evidence": evidence, "execution": _NAMES["execution"]}
    kinds = [
        structs(kind, FIGURES, **{name: given_fields[name] for name in given_fields if name in _field_names(kind)})
        for kind in get_args(Finding)
    ]
    return st.one_of(*kinds)


def _field_names(kind: type) -> set[str]:
    return {field.name for field in fields(kind)}


@given(_findings())
def test_every_finding_is_told_in_a_sentence_with_figures_and_no_word_of_the_code(finding: Finding) -> None:
    text = TELLER.tell(finding)
    assert text.strip() == text
    assert len(text) > 10
    assert "_" not in text
    assert "None" not in text
    assert "{" not in text
    assert re.search(r"\d", text) or type(finding).__name__ in {"Unlocked", "GateMoved"}


@given(_findings(), st.sampled_from(("America/Chicago", "America/New_York", "Europe/Prague", "UTC", "Asia/Tokyo")))
def test_every_instant_has_a_time_of_day_in_the_programs_zone(finding: Finding, zone: str) -> None:
    told = Teller(TELLER.terms, ZoneInfo(zone)).clock(finding.at)
    assert re.fullmatch(r"\d\d:\d\d:\d\d(\.\d{3})? \S+", told)


@pytest.mark.parametrize("rule", get_args(Rule))
def test_every_rule_has_a_name_and_a_sentence_of_its_hit(rule: Rule) -> None:
    assert RULES[rule]
    evidence = Evidence(5_000_000, 7_000_000, "units", usd("1"), usd("2"), symbol="ESH6")
    text = TELLER.tell(Hit(1, 1, rule, "warn", evidence))
    assert text.endswith(": a warning")
    assert text[0] not in " :"
    if rule in SENTENCES and rule not in {"overnight", "weekend", "holidays"}:
        assert "7" in text


def test_every_gate_and_outcome_has_words() -> None:
    assert set(GATES) == set(get_args(Gate))
    assert set(OUTCOMES) == set(get_args(Outcome))
    assert set(SENTENCES) == set(get_args(Rule)) - {"max_loss", "daily_loss", "personal_loss"}
    assert len(set(GATES.values())) == len(GATES)
    assert len(set(OUTCOMES.values())) == len(OUTCOMES)


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("usd", -1_234_567_890, "-1,234.57"),
        ("units", 2_500_000, "2.5"),
        ("units", 10_000_000, "10"),
        ("ratio", -500_000, "-0.5"),
        ("contracts", 1, "1 contract"),
        ("contracts", 4, "4 contracts"),
        ("seconds", 120, "120 s"),
        ("days", 1, "1 day"),
        ("days", 30, "30 days"),
        ("fills", 0, "0 executions"),
        ("per_second", 3, "3 executions in a second"),
    ],
)
def test_figures_are_told_in_their_unit(unit: Unit, value: int, text: str) -> None:
    evidence = Evidence(0, 0, unit, usd("0"), usd("0"))
    assert quantity(value, evidence) == text


def evidence_of_floor(actual: str, limit: str = "48000", *, set_seq: int = 7) -> Evidence:
    set_at = chicago("2026-03-03 16:00:00") if set_seq else 0
    return Evidence(usd(limit), usd(actual), "usd", usd(actual), usd("50000"), set_seq, set_at, usd("50000"))


def test_a_loss_limit_says_touched_at_the_floor_and_fell_below_under_it() -> None:
    start = evidence_of_floor("48000", set_seq=0)
    touched = TELLER.tell(Hit(9, 9, "max_loss", "fail", start))
    assert touched == (
        "equity 48,000.00 touched the floor 48,000.00 set at the start (50,000.00 less 2,000.00):"
        " the account is breached"
    )
    below = TELLER.tell(Hit(9, 9, "max_loss", "fail", evidence_of_floor("47999.99", set_seq=0)))
    assert below.startswith("equity 47,999.99 fell below the floor 48,000.00")


def correction(*added: Passed, before: Verdict, restated: Verdict) -> str:
    record = Corrected(9, 9, "E-1", usd("50000"), usd("53000"), (), added, before, restated)
    text = TELLER.tell(record)
    moved = "correction of execution E-1: the balance goes from 50,000.00 to 53,000.00; "
    assert text.startswith(moved)
    return text.removeprefix(moved)


def test_a_correction_says_what_becomes_of_the_verdict() -> None:
    passed = Passed(7, chicago("2026-03-03 15:00:00"), usd("3000"), usd("3000"), usd("53000"))
    assert correction(before="open", restated="open") == "the verdict is the same"
    assert correction(passed, before="open", restated="passed") == (
        "the stage ends by it, on 3 March 2026 15:00:00 CT:"
        " passed: closed profit 3,000.00 against a target of 3,000.00, every condition met"
    )
    stands = "the stage would be passed, and stays breached until people decide"
    assert correction(passed, before="breached", restated="passed") == stands


@pytest.mark.parametrize(
    ("mode", "source"),
    [
        ("trail_eod", "by the end-of-day balance"),
        ("trail_closed", "by the closed balance"),
        ("trail_intraday", "by the equity high"),
        ("trail_payout", "by a payout with the high-water mark"),
    ],
)
def test_a_floor_says_when_it_was_set_and_by_what(mode: str, source: str) -> None:
    teller = Teller(terms(replace(static(), mode=mode)), CHICAGO)
    text = teller.tell(Hit(9, 9, "max_loss", "fail", evidence_of_floor("47000")))
    assert f"set on 3 March 2026 16:00:00 CT {source} 50,000.00" in text


def test_a_floor_on_the_balance_says_balance() -> None:
    teller = Teller(terms(replace(static(), measure="balance")), CHICAGO)
    assert teller.tell(Hit(9, 9, "max_loss", "fail", evidence_of_floor("47000"))).startswith("balance 47,000.00 fell")
    assert teller.tell(Hit(9, 9, "daily_loss", "fail", evidence_of_floor("47000"))).startswith("equity 47,000.00 fell")


def test_a_day_floor_says_from_which_reference() -> None:
    text = TELLER.tell(Hit(9, 9, "daily_loss", "lock_day", evidence_of_floor("47000"), strike=2))
    assert text == (
        "equity 47,000.00 fell below the day's floor (daily loss limit) 48,000.00 set on 3 March 2026 16:00:00 CT"
        " from the day's reference 50,000.00: trading is locked until the day rolls (strike 2)"
    )


def test_a_day_floor_that_trailed_says_which_equity_high_raised_it() -> None:
    stage = evaluation(daily_loss=DailyLoss(Size(amount=usd("800")), outcome="lock_day", trail="day_equity_high"))
    teller = Teller(compile_terms(program(stage), "evaluation", REGISTRY.contracts), CHICAGO)
    raised = replace(evidence_of_floor("24850", limit="24900"), basis=usd("25000"))
    assert "by the day's equity high 25,700.00" in teller.tell(Hit(9, 9, "daily_loss", "lock_day", raised))
    as_it_began = replace(raised, limit=usd("24200"), actual=usd("24200"))
    assert "from the day's reference 25,000.00" in teller.tell(Hit(9, 9, "daily_loss", "lock_day", as_it_began))


def test_figures_that_decide_are_told_to_the_last_decimal_where_cents_would_look_alike() -> None:
    hit = Hit(9, 9, "max_loss", "fail", evidence_of_floor("47999.996"))
    assert TELLER.tell(hit).startswith("equity 47,999.996 fell below the floor 48,000.00 ")
    odd = Hit(9, 9, "max_loss", "fail", evidence_of_floor("47000", limit="48000.004"))
    assert TELLER.tell(odd).startswith("equity 47,000.00 fell below the floor 48,000.004 ")
    moved = FloorMoved(9, 9, "max_loss", usd("48000"), usd("48000.004"), usd("50000.004"), locked=False)
    assert TELLER.tell(moved) == "the floor moved from 48,000.00 to 48,000.004 (high-water mark 50,000.00)"
    passed = Passed(7, 7, usd("3000"), usd("3000.000001"), usd("53000"))
    assert "closed profit 3,000.000001 against a target of 3,000.00," in TELLER.tell(passed)


def test_few_executions_in_a_week_are_not_told_as_days_without_any() -> None:
    few = Evidence(3, 1, "fills", usd("0"), usd("0"), note="per_week")
    assert TELLER.tell(Hit(1, 1, "inactivity", "warn", few)) == (
        "inactivity: 1 execution in the week, at least 3 executions asked for: a warning"
    )
    idle = Evidence(30, 31, "days", usd("0"), usd("0"))
    assert TELLER.tell(Hit(1, 1, "inactivity", "fail", idle)) == (
        "inactivity: 31 days without an execution, the limit is 30 days: the account is breached"
    )


def test_a_warning_says_how_much_room_is_left() -> None:
    text = TELLER.tell(Warned(1, 1, "max_loss", evidence_of_floor("48305.20")))
    assert text == "warning, maximum loss: equity 48,305.20 is 305.20 above the floor 48,000.00"


def test_a_target_that_waits_says_for_what() -> None:
    text = TELLER.tell(TargetMet(1, 1, usd("3000"), usd("3100"), ("flat", "min_trading_days")))
    assert text.endswith("closed profit of 3,100.00; still missing: no open position, minimum trading days")


# -- local times --


def test_exchange_people_say_ct_in_summer_and_winter() -> None:
    assert TELLER.when(chicago("2026-01-05 10:42:15")) == "5 January 2026 10:42:15 CT"
    assert TELLER.when(chicago("2026-07-05 10:42:15")) == "5 July 2026 10:42:15 CT"


def test_milliseconds_are_told_only_where_there_are_some() -> None:
    at = chicago("2026-01-05 10:42:15")
    assert TELLER.clock(at + 999_999) == "10:42:15 CT"
    assert TELLER.clock(at + 42_000_000) == "10:42:15.042 CT"


def test_the_hour_that_comes_twice_in_november_is_told_apart() -> None:
    """01:30 daylight time and 01:30 standard time are an hour apart and would read the same."""
    first = chicago("2026-11-01 00:30:00") + 3_600_000_000_000
    assert TELLER.clock(first) == "01:30:00 CDT"
    assert TELLER.clock(first + 3_600_000_000_000) == "01:30:00 CST"
    assert TELLER.clock(first + 2 * 3_600_000_000_000) == "02:30:00 CT"


def test_the_hour_that_is_left_out_in_march_is_never_told() -> None:
    before = chicago("2026-03-08 01:59:59")
    assert TELLER.clock(before) == "01:59:59 CT"
    assert TELLER.clock(before + 1_000_000_000) == "03:00:00 CT"


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/New_York", "ET"),
        ("Europe/Prague", "CEST"),
        ("UTC", "UTC"),
        ("Asia/Shanghai", "CST"),  # China's own, not Chicago's
    ],
)
def test_other_zones_keep_their_own_names(zone: str, name: str) -> None:
    assert zone_name(from_ns(chicago("2026-07-01 10:00:00")).astimezone(ZoneInfo(zone))) == name


def test_a_date_bears_its_year_and_an_instant_its_day() -> None:
    assert TELLER.day(date(2026, 3, 3)) == "3 March 2026"
