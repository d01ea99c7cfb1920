"""What a trader reads is what the engine judges by: no parameter can change without the words changing."""

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from typing import Any, Final, Literal, cast, get_args, get_origin

import pytest
from hypothesis import given, settings
from msgspec import Struct, structs

from propfirm.domain.catalogue.document import _fields, _join
from propfirm.domain.catalogue.linter import lint
from propfirm.domain.catalogue.phrases import duration, numbered, units, usd, words_and
from propfirm.domain.catalogue.program import Program, Stage
from propfirm.domain.catalogue.words import Description, describe
from propfirm.domain.money import Cents, Micros, Ppm
from tests.strategies.programs import programs
from tests.unit.domain.catalogue.sound import NEWS, sound

Edit = tuple[str, Any]
"""A path and a program in which the value there is another one."""


def _other_singles(hint: object, value: Any) -> Iterator[Any]:
    """Other values of the same kind, near enough to leave the rest of the program sound."""
    match value:
        case bool():
            yield not value
        case int() if hint in (Micros, Cents, Ppm):
            step = 1_000_000 if hint is Micros else 100 if hint is Cents else 10_000
            yield from (value + step, value - step)
        case int():
            yield from (value + 1, value - 1)
        case str() if get_origin(hint) is Literal:
            yield from (word for word in get_args(hint) if word != value)
        case str():
            yield from ("another", "max_loss", "Europe/Paris")
        case time():
            yield value.replace(minute=(value.minute + 1) % 60)
        case date():
            yield value + timedelta(days=1)
        case tuple():
            yield from (value[:-1], value[1:], value + value[-1:])
        case _:
            assert value is None


def _edits(struct: Struct, path: str, rebuild: Callable[[Any], Any]) -> Iterator[Edit]:
    """Every program that differs from this one in a single value."""
    for field in _fields(type(struct)):
        value = getattr(struct, field.name)
        yield from _edits_of(field.hint, value, _join(path, field.name), _setter(struct, field.name, rebuild))
        if field.optional and value is not None:
            yield _join(path, field.name), rebuild(structs.replace(struct, **{field.name: None}))


def _setter(struct: Struct, field: str, rebuild: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: rebuild(structs.replace(struct, **{field: value}))


def _edits_of(hint: Any, value: Any, path: str, put: Callable[[Any], Any]) -> Iterator[Edit]:
    match value:
        case Struct():
            yield from _edits(value, path, put)
        case dict():
            inner = get_args(hint)[1]
            for key, item in value.items():
                yield path, put({name: one for name, one in value.items() if name != key})
                yield from _edits_of(inner, item, path, lambda one, key=key: put({**value, key: one}))  # type: ignore[misc]  # the key of this round
        case tuple():
            inner = get_args(hint)[0]
            yield from ((path, put(other)) for other in _other_singles(hint, value))
            for place, item in enumerate(value):
                yield from _edits_of(
                    inner,
                    item,
                    path,
                    lambda one, place=place: put((*value[:place], one, *value[place + 1 :])),  # type: ignore[misc]  # the place of this round
                )
        case _:
            yield from ((path, put(other)) for other in _other_singles(hint, value))


SILENT: Final[dict[str, tuple[str, Callable[[Program, Stage], bool]]]] = {
    "clock.holiday_session": (
        "a civil calendar has no exchange holidays",
        lambda program, _: program.clock.calendar == "civil",
    ),
    "clock.per_product_close": (
        "without exchange sessions, or without a closing time, no product closes at a time of its own",
        lambda program, _: program.clock.calendar == "civil" or program.clock.flat_by is None,
    ),
    "clock.halt_margin_s": (
        "without exchange sessions, or without a closing time, there is no halt to be ahead of",
        lambda program, _: program.clock.calendar == "civil" or program.clock.flat_by is None,
    ),
    "clock.flat_grace_s": ("there is no closing time", lambda program, _: program.clock.flat_by is None),
    "stages.on_pass.at": ("nothing is passed without a target", lambda _, stage: stage.target is None),
    "stages.on_pass.flat_required": ("nothing is passed without a target", lambda _, stage: stage.target is None),
    "stages.starting_balance": (
        "the program's own balance, spelled out or not",
        lambda program, stage: stage.starting_balance in (None, program.starting_balance),
    ),
    "stages.days.min_trading_scope": ("no trading days are needed", lambda _, stage: stage.days.min_trading == 0),
    "stages.times.outcome": (
        "everything is allowed at every time",
        lambda _, stage: (
            stage.times.overnight and stage.times.weekend and stage.times.holidays and not stage.times.blackout
        ),
    ),
    "stages.behaviour.min_hold_edge": (
        "no share of held trades is asked for",
        lambda _, stage: stage.behaviour is not None and stage.behaviour.min_hold_s is None,
    ),
    "stages.behaviour.outcome": (
        "no rule of the block has this outcome",
        lambda _, stage: (
            stage.behaviour is not None
            and stage.behaviour.hedging == "allowed"
            and not stage.behaviour.stop_required
            and stage.behaviour.max_risk_per_position is None
            and stage.behaviour.stop_target_ratio is None
        ),
    ),
    "stages.payout.split.steps.start": (
        "the first step holds from the first payout on, wherever it begins",
        lambda _, stage: stage.payout is not None and stage.payout.split.kind in ("flat", "by_lifetime_marginal"),
    ),
}
"""Values that may change in silence, why nobody needs to be told, and in which programs and stages it is so."""


def may_be_silent(path: str, one: Program, other: Program) -> bool:
    changed = [mine for mine, yours in zip(one.stages, other.stages, strict=True) if mine != yours]
    return path in SILENT and all(SILENT[path][1](one, stage) for stage in changed or one.stages)


@pytest.mark.thorough
@settings(max_examples=15)
@given(programs())
def test_no_value_changes_without_the_words_changing(program: Program) -> None:
    words = describe(program)
    for path, other in _edits(program, "", lambda changed: changed):
        if other != program and describe(other) == words and lint(other) == ():
            assert may_be_silent(path, program, other), path


@pytest.mark.thorough
@settings(max_examples=25)
@given(programs())
def test_every_sentence_is_whole(program: Program) -> None:
    for section in describe(program).sections:
        assert section.sentences
        for sentence in section.sentences:
            assert sentence.strip() == sentence
            assert sentence[-1] in ".!?" or section.title == "Where this comes from"
            assert "None" not in sentence
            assert "  " not in sentence


def sentences(stage: str, title: str, **changes: object) -> list[str]:
    return said(describe(sound({path.replace("__", "."): value for path, value in changes.items()})), stage, title)


def said(words: Description, stage: str, title: str) -> list[str]:
    return [text for one in words.sections if (one.stage, one.title) == (stage, title) for text in one.sentences]


def test_the_maximum_loss_is_said_with_its_floor_its_way_and_its_end() -> None:
    assert sentences("evaluation", "Maximum loss") == [
        "Your account's value, open profit and loss included, may never fall to 48,000.00 or below: the maximum loss is 2,000.00.",  # noqa: E501  # a sentence of the product, whole
        "It is judged at every price, at any time of the day.",
        "This floor rises at the end of each day with your balance: it stays 2,000.00 below the highest so far and never falls.",  # noqa: E501  # as above
        "It stops for good at 50,000.00, the starting balance.",
        "If it is hit: everything is closed and the account is over.",
    ]


def test_a_floor_may_be_touched_if_only_below_counts() -> None:
    first = sentences("evaluation", "Maximum loss", evaluation__max_loss__cmp="below")[0]
    assert "may never fall below 48,000.00:" in first


@pytest.mark.parametrize(
    ("loss", "sentence"),
    [
        ({"mode": "static", "pct": "4 %"}, "This floor never moves."),
        ({"mode": "static", "pct": "4 %"}, "(4 % of the account size)"),
        ({"mode": "trail_closed", "amount": 100}, "after each closed trade with your balance"),
        ({"mode": "trail_intraday", "amount": 100}, "with your account's value, open profit included"),
        ({"mode": "trail_intraday", "amount": 100}, "Nothing stops it from rising."),
        ({"mode": "trail_eod", "pct": "4 %", "pct_base": "hwm"}, "it stays 4 % of it below the highest so far"),
        ({"mode": "trail_payout", "amount": 100}, "by your share of each payout, at most to the starting balance."),
        (
            {"mode": "trail_eod", "amount": 100, "lock": "start_plus", "lock_value": 50},
            "50,050.00, the starting balance +",
        ),
        ({"mode": "trail_eod", "amount": 100, "lock": "at", "lock_value": 53_000}, "It stops for good at 53,000.00."),
        (
            {"mode": "trail_eod", "amount": 100, "lock": "start", "lock_trigger": "first_payout"},
            "From your first payout on it stands at 50,000.00, the starting balance, for good.",
        ),
        (
            {"mode": "static", "amount": 100, "measure": "balance"},
            "Your account's balance, open positions left out, may",
        ),
        ({"mode": "static", "amount": 100}, "It is judged at every price, at any time of the day."),
        (
            {"mode": "static", "amount": 100, "measure": "balance"},
            "It is judged whenever the balance can change, and when a day ends; an open loss alone is no hit.",
        ),
    ],
)
def test_each_kind_of_floor_has_its_sentence(loss: dict[str, object], sentence: str) -> None:
    assert sentence in " ".join(sentences("funded", "Maximum loss", funded__max_loss=loss))


def test_what_a_stage_has_not_is_said_where_silence_could_mislead() -> None:
    words = describe(sound({}))
    assert said(words, "evaluation", "Daily loss") == ["There is no daily limit."]
    assert said(words, "evaluation", "News") == ["News does not restrict you."]
    assert said(words, "evaluation", "Position size") == ["There is no limit on position size."]
    assert said(words, "evaluation", "Payouts") == []


@pytest.mark.parametrize(
    ("position", "sentence"),
    [
        ({"max": 3}, "A contract counts by its size: a full-size contract 1, a mini 1 and a micro 0.1, and one of"),
        (
            {"max": 8, "unit": "micro"},
            "A contract counts by its size: a full-size contract 10, a mini 10 and a micro 1,",
        ),
        ({"max": 8, "unit": "lot"}, "A contract counts as 1 lot, whatever its size."),
        ({"max": 8, "unit": "lot", "weights": {"full": 5}}, "Any other contract counts as 1 lot, whatever its size."),
    ],
)
def test_what_a_contract_counts_as_is_said(position: dict[str, object], sentence: str) -> None:
    assert sentence in " ".join(sentences("evaluation", "Position size", evaluation__position=position))


def test_weights_for_every_size_leave_nothing_to_say() -> None:
    weights = {"mini": 1, "micro": "0.1", "full": 5}
    told = sentences("evaluation", "Position size", evaluation__position={"max": 3, "weights": weights})
    assert [text for text in told if "counts as" in text] == [
        "A mini counts as 1 contract.",
        "A micro counts as 0.1 contracts.",
        "A full-size contract counts as 5 contracts.",
    ]
    assert not any("by its size" in text for text in told)


def test_what_may_not_be_held_is_joined_by_or() -> None:
    assert sentences("evaluation", "Times", evaluation__times={"overnight": True}) == [
        "You may hold positions overnight.",
        "You may not hold positions over the weekend or over holidays.",
        "If you trade or hold then: the position is closed and the account goes on.",
    ]


def test_a_stage_that_a_transfer_opens_does_not_promise_a_balance() -> None:
    live = {"funded__kind": "live", "funded__transfer": {"rule": "discretion"}}
    assert sentences("funded", "What it is", **live)[0] == (
        "funded is your funded account on live money; its balance is what a transfer brings, and the figures here are"
        " those of a start with 50,000.00."
    )


def test_news_names_its_releases() -> None:
    told = sentences("funded", "News", funded__news={**NEWS, "events": {"NFP": ["*"], "FOMC": ["ES", "ZN"]}})
    assert "Listed: US nonfarm payrolls, for all products." in told
    assert "Listed: the Federal Reserve's rate decision, for ES and ZN." in told


def test_what_breaking_a_rule_does_is_said_only_of_rules_that_there_are() -> None:
    assert sentences("evaluation", "How you trade", evaluation__behaviour={"copy": "forbidden"}) == [
        "Copying trades is forbidden."
    ]
    told = sentences("evaluation", "How you trade", evaluation__behaviour={"hedging": "forbidden", "outcome": "fail"})
    assert told[-1] == "If you break a rule about stops or hedging: everything is closed and the account is over."


def test_lifetime_splits_are_said_as_parts() -> None:
    steps = [{"start": 0, "rate": "80 %"}, {"start": 50_000, "rate": "90 %"}, {"start": 100_000, "rate": "95 %"}]
    told = sentences("funded", "Payouts", funded__payout__split={"kind": "by_lifetime_marginal", "steps": steps})
    assert (
        "You receive 80 % of the first 50,000.00, 90 % from there to 100,000.00 and 95 % of what goes beyond"
        " 100,000.00, counted over all payouts from this account."
    ) in told


def test_a_trader_who_gets_all_of_a_payout_is_not_told_of_a_rest() -> None:
    steps = [{"start": 0, "rate": "100 %"}]
    told = sentences("funded", "Payouts", funded__payout__split={"kind": "flat", "steps": steps})
    assert "You receive the whole of each payout." in told
    assert not any("the rest" in sentence for sentence in told)


def test_small_phrases_read_well() -> None:
    assert [numbered(place) for place in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th",
    ]  # fmt: skip
    assert [duration(seconds) for seconds in (0, 1, 120, 3_630)] == [
        "0 seconds",
        "1 second",
        "2 minutes",
        "1 hour 30 seconds",
    ]
    assert [words_and(parts) for parts in (["a"], ["a", "b"], ["a", "b", "c"], [])] == [
        "a",
        "a and b",
        "a, b and c",
        "none",
    ]
    assert [units(cast("Ppm", value), "mini") for value in (1_000_000, 500_000, 5_000_000)] == [
        "1 mini",
        "0.5 minis",
        "5 minis",
    ]
    assert [usd(Micros(value)) for value in (1_500_000, 1)] == ["1.50", "0.000001"]
