"""A program's rules as exact figures for one account."""

import pytest

from propfirm.domain.catalogue.program import (
    DailyLoss,
    Days,
    MaxLoss,
    PositionLimit,
    PositionUnit,
    Qualifying,
    Size,
    Stage,
    Strikes,
    Target,
    UpperCap,
)
from propfirm.domain.errors import NotFound, Refused
from propfirm.domain.money import Micros, Ppm, ratio, usd
from propfirm.domain.rules.terms import (
    ENGINE_SEMANTICS,
    IncompleteSize,
    NoSuchStage,
    Options,
    Platform,
    compile_terms,
    resolve,
)
from tests.unit.domain.rules.life import CONTRACTS, FIFTY, daily, loss, program, size, stage, target, terms_of, units


def test_the_semantics_have_a_number() -> None:
    assert ENGINE_SEMANTICS == 1


def test_a_stage_that_the_program_does_not_have_is_named_in_the_refusal() -> None:
    with pytest.raises(NoSuchStage) as refusal:
        compile_terms(program(stage(loss("2000"))), "funded", CONTRACTS)
    assert (refusal.value.program, refusal.value.stage) == ("example-50k", "funded")
    assert (refusal.value.code, isinstance(refusal.value, NotFound)) == ("program.no-such-stage", True)
    assert str(refusal.value) == "example-50k has no stage 'funded'; it has only"
    assert (
        str(NoSuchStage("two-step", "third", ("first", "second")))
        == "two-step has no stage 'third'; it has first, second"
    )


@pytest.mark.parametrize(
    ("one", "rule"),
    [
        (stage(MaxLoss("static", Size())), "max_loss"),
        (stage(loss("2000"), daily_loss=DailyLoss(Size())), "daily_loss"),
        (stage(loss("2000"), target=Target(Size())), "target"),
        (stage(loss("2000"), days=Days(qualifying=Qualifying(Size(), 1))), "qualifying"),
    ],
)
def test_a_limit_without_amount_or_rate_is_refused_with_its_rule(one: Stage, rule: str) -> None:
    with pytest.raises(IncompleteSize) as refusal:
        terms_of(one)
    assert refusal.value.rule == rule
    assert (refusal.value.code, isinstance(refusal.value, Refused)) == ("program.incomplete-size", True)


def test_a_size_is_its_amount_or_a_portion_of_its_base_rounded_down() -> None:
    assert resolve(Size(amount=usd("7"), pct=Ppm(1)), FIFTY, "any") == usd("7")
    assert resolve(Size(pct=Ppm(333_333)), Micros(10), "any") == 3
    assert resolve(Size(pct=Ppm(333_333)), Micros(-10), "any") == -4
    assert resolve(Size(amount=Micros(0)), FIFTY, "any") == 0


def test_without_a_word_the_platform_and_the_options_are_the_usual_ones() -> None:
    terms = terms_of(stage(loss("2000")))
    assert terms.platform == Platform("average", "exact", "exit_side")
    assert terms.options == Options(daily_loss=False, personal_daily_loss=None, lifetime_qualifying=0)
    own = terms_of(stage(loss("2000")), platform=Platform("fifo"), options=Options(lifetime_qualifying=3))
    assert (own.platform.method, own.options.lifetime_qualifying) == ("fifo", 3)


def test_a_bare_stage_has_no_other_limit() -> None:
    terms = terms_of(stage(loss("2000")))
    assert (terms.initial, terms.start, terms.drawdown, terms.max_touch) == (FIFTY, FIFTY, usd("2000"), True)
    assert (terms.daily, terms.daily_limit, terms.daily_rate, terms.daily_touch, terms.cap_gain) == (
        False,
        None,
        None,
        False,
        None,
    )
    assert (terms.target, terms.qualifying_profit, terms.unit_limit) == (None, None, None)
    assert terms.strikes == {}


def test_every_limit_is_resolved_to_its_figure() -> None:
    terms = terms_of(
        stage(
            loss("4%", lock="start_plus", lock_value=usd("100"), lock_trigger="first_payout", cmp="below"),
            daily_loss=daily("2%", upper_cap=UpperCap(ratio("0.03")), cmp="below"),
            target=target("6%"),
            days=Days(qualifying=Qualifying(size("0.5%"), 5)),
            position=PositionLimit(units("5")),
            strikes=(Strikes("news", ("warn",)),),
        )
    )
    assert (terms.drawdown, terms.max_touch) == (usd("2000"), False)
    assert (terms.daily, terms.daily_limit, terms.daily_touch, terms.cap_gain) == (
        True,
        usd("1000"),
        False,
        usd("1500"),
    )
    assert (terms.target, terms.qualifying_profit, terms.unit_limit) == (usd("3000"), usd("250"), 5_000_000)
    assert terms.strikes == {"news": Strikes("news", ("warn",))}


def test_a_drawdown_that_follows_the_high_begins_with_the_start() -> None:
    terms = terms_of(stage(loss("4%", pct_base="hwm"), starting_balance=usd("20000")))
    assert terms.drawdown == usd("800")
    assert terms.drawdown_at(usd("30000")) == usd("1200")
    assert terms_of(stage(loss("2000", pct_base="hwm"))).drawdown_at(usd("99000")) == usd("2000")


@pytest.mark.parametrize(
    ("unit", "es", "mes"),
    [
        ("contract", 1_000_000, 100_000),
        ("mini", 1_000_000, 100_000),
        ("position", 1_000_000, 100_000),
        ("micro", 10_000_000, 1_000_000),
        ("lot", 1_000_000, 1_000_000),
    ],
)
def test_a_contract_without_a_weight_counts_as_the_unit_says(unit: PositionUnit, es: int, mes: int) -> None:
    terms = terms_of(stage(loss("2000"), position=PositionLimit(units("8"), unit, {"NQ": Ppm(7)})))
    assert [terms.contracts[root].weight for root in ("ES", "MES", "NQ")] == [es, mes, 7]


def test_contracts_are_weighed_as_the_stage_says() -> None:
    position = PositionLimit(units("5"), weights={"micro": Ppm(50_000), "ES": Ppm(2)}, sub_caps={"micro": 9, "ES": 3})
    terms = terms_of(stage(loss("2000"), position=position))
    assert {root: contract.weight for root, contract in terms.contracts.items()} == {
        "DOL": 1_000_000,
        "ES": 2,
        "MES": 50_000,
        "NQ": 1_000_000,
        "CL": 1_000_000,
        "ZN": 1_000_000,
        "ODD": 50_000,
    }
    assert terms.contracts["ES"].sub_caps == (("ES", 3),)
    assert terms.contracts["MES"].sub_caps == (("micro", 9),)
    assert terms.contracts["CL"].sub_caps == ()
    mes = terms.contracts["MES"]
    assert (mes.root, mes.product, mes.group, mes.size_class, mes.tick_value) == (
        "MES",
        "ES",
        "equity_index",
        "micro",
        usd("1.25"),
    )
