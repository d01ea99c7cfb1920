"""The checker of worked examples: it holds what is right, notices every changed figure, and judges no broken file."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from propfirm.adapters.resources.calendar import load_session_table
from propfirm.application.ports.inputs import BadInput
from propfirm.application.rules.check_cases import (
    RULES,
    Differs,
    Holds,
    NotJudged,
    NotKnown,
    Report,
    Verdict,
    check,
    render_lines,
)

DATA = Path(__file__).parents[3] / "data"
GOLDEN: dict[str, Any] = json.loads((DATA / "golden-cases.json").read_text("utf-8"))
EXTRA: dict[str, Any] = json.loads((DATA / "extra-cases.json").read_text("utf-8"))
CASES: list[dict[str, Any]] = [*GOLDEN["cases"], *EXTRA["cases"]]
BY_ID: dict[str, dict[str, Any]] = {case["id"]: case for case in CASES}
A_CASE_OF_EACH_RULE = list({case["rule"]: case["id"] for case in CASES}.values())


def check_document(document: object) -> Report:
    return check(json.dumps(document).encode(), load_session_table())


def check_cases(*cases: object) -> Report:
    return check_document({"format": "golden-cases/1", "cases": cases})


def verdict(case: object) -> Verdict:
    (result,) = check_cases(case).cases
    return result.verdict


def case_of(rule: str, parameters: dict[str, Any], inputs: list[dict[str, Any]], **expected: Any) -> dict[str, Any]:
    numbered = [{"seq": number, **told} for number, told in enumerate(inputs, 1)]
    return {"id": "one", "rule": rule, "parameters": parameters, "inputs": numbered, "expected": expected}


def changed(case_id: str, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    case = deepcopy(BY_ID[case_id])
    change(case)
    return case


# ------------------------------------------------------------ what is right holds


@pytest.mark.parametrize("document", [GOLDEN, EXTRA], ids=["published", "own"])
def test_every_worked_example_holds(document: dict[str, Any]) -> None:
    report = check_document(document)
    assert [line for line in render_lines(report)[:-1] if not line.endswith("  ok")] == []
    assert report.ok
    assert report.held == len(document["cases"])


def test_the_published_examples_are_98() -> None:
    assert len(GOLDEN["cases"]) == 98


def words_of(struct: type[Struct]) -> Iterator[tuple[str, str]]:
    """Each field that is a choice of words, with each word."""
    for field, hint in get_type_hints(struct).items():
        for arm in (hint, *get_args(hint)):
            if get_origin(arm) is Literal:
                yield from ((field, word) for word in get_args(arm))


def input_types(inputs: Any) -> list[type[Struct]]:
    return list(get_args(inputs)) or [inputs]


def grammar() -> Iterator[tuple[str, str, str]]:
    """(rule, what, name) of everything that a case may carry."""
    for name, rule in RULES.items():
        for field in rule.expected.__struct_fields__:
            yield name, "expected", field
        for field in rule.parameters.__struct_fields__:
            yield name, "parameter", field
        for kind in input_types(rule.inputs):
            yield name, "input", str(kind.__struct_config__.tag)


def used() -> set[tuple[str, str, str]]:
    return {
        place
        for case in CASES
        for place in (
            *((case["rule"], "expected", key) for key in case["expected"]),
            *((case["rule"], "parameter", key) for key in case["parameters"]),
            *((case["rule"], "input", told["type"]) for told in case["inputs"]),
        )
    }


def test_every_parameter_input_and_expected_key_is_used_by_an_example() -> None:
    assert set(grammar()) - used() == set()


def test_every_word_of_a_parameter_is_used_by_an_example() -> None:
    words = {
        (field, word)
        for rule in RULES.values()
        for field, word in words_of(rule.parameters)
        if field not in ("trail_basis", "weights")
    }
    spoken = {(key, value) for case in CASES for key, value in case["parameters"].items() if isinstance(value, str)}
    assert words - spoken == set()


# ------------------------------------------------------------ what is changed is noticed


def other_leaves(value: Any) -> Iterator[Any]:
    """Values that are a little different."""
    match value:
        case None:
            yield 1
        case bool():
            yield not value
        case int():
            yield value + 1
            yield None
        case str() if value[4:5] == "-" and value[0] != "-":
            yield (date.fromisoformat(value) + timedelta(days=1)).isoformat()
        case str():
            yield str(Decimal(value) + Decimal("0.01"))
            yield str(Decimal(value) - Decimal("0.01"))
        case _:
            raise AssertionError(value)


def other_values(value: Any) -> Iterator[Any]:
    if not isinstance(value, list):
        yield from other_leaves(value)
        return
    for place, leaf in enumerate(value):
        for other in other_leaves(leaf):
            yield [*value[:place], other, *value[place + 1 :]]
    if value:
        yield value[:-1]
        yield [*value, value[-1]]
    else:
        yield ["0.00"]


@pytest.mark.parametrize(("case_id", "key"), [(case["id"], key) for case in CASES for key in case["expected"]])
def test_every_changed_figure_fails_its_case(case_id: str, key: str) -> None:
    case = BY_ID[case_id]
    judged = 0
    for other in other_values(case["expected"][key]):
        found = verdict({**case, "expected": {**case["expected"], key: other}})
        # A kind of value that the key cannot have is refused as such; any other must be compared.
        assert isinstance(found, Differs | NotKnown)
        if isinstance(found, Differs):
            judged += 1
            assert [one.key for one in found.differences] == [key]
    assert judged or case["expected"][key] is None


@pytest.mark.parametrize("case_id", A_CASE_OF_EACH_RULE)
def test_unknown_keys_and_words_fail_the_case_and_are_named(case_id: str) -> None:
    def everywhere(place: str) -> Callable[[dict[str, Any]], None]:
        def change(case: dict[str, Any]) -> None:
            target = case if place == "case" else case[place]
            if place == "inputs":
                target = case["inputs"][0]
            target["moonlight"] = "yes"

        return change

    for place in ("case", "parameters", "inputs", "expected"):
        if place == "inputs" and not BY_ID[case_id]["inputs"]:
            continue
        found = verdict(changed(case_id, everywhere(place)))
        assert isinstance(found, NotKnown)
        assert "moonlight" in found.reasons[0]


@pytest.mark.parametrize(
    ("case_id", "change"),
    [
        ("topstep-mll-50k", lambda case: case.update(rule="max_gain")),
        ("topstep-mll-50k", lambda case: case["parameters"].update(breach_when="sometimes")),
        ("topstep-mll-50k", lambda case: case["parameters"].update(starting_balance=50000)),
        ("topstep-mll-50k", lambda case: case["inputs"][0].update(type="year_end")),
        ("topstep-mll-50k", lambda case: case["inputs"][0].pop("type")),
        ("topstep-mll-50k", lambda case: case["inputs"][0].update(seq=True)),
        ("topstep-mll-50k", lambda case: case["inputs"][0].update(seq=10**30)),
        ("topstep-mll-50k", lambda case: case["inputs"][0].update(day=1.0)),
        ("topstep-mll-50k", lambda case: case["expected"].update(floors="48500.00")),
        ("topstep-mll-50k", lambda case: case["expected"].update(breach_seq="2")),
        ("topstep-mll-50k", lambda case: case["parameters"].pop("starting_balance")),
        ("topstep-scale-50k-mid", lambda case: case["parameters"]["tiers"][0].update(min=1)),
        ("topstep-scale-50k-mid", lambda case: case["parameters"].update(tiers=[])),
        ("etf-2m1s", lambda case: case["inputs"][0]["holdings"].update(nano=1)),
        ("pipfarm-payout-trailing", lambda case: case["parameters"]["on_payout"].update(reduce_allowance_by="half")),
        ("topstep-xfa-10k", lambda case: case["parameters"]["on_first_payout"].update(hwm="0.00")),
    ],
)
def test_what_the_format_does_not_have_is_never_skipped(case_id: str, change: Callable[[dict[str, Any]], None]) -> None:
    report = check_cases(changed(case_id, change))
    assert isinstance(report.cases[0].verdict, NotKnown)
    assert not report.ok
    assert report.failed == 1


# ------------------------------------------------------------ what cannot be judged is said

EOD = BY_ID["topstep-mll-50k"]["parameters"]
DAILY = BY_ID["ftmo-daily-remaining-200k"]["parameters"]
NO_START_AMOUNT = {"limit_amount": "100.00"}
TAX = BY_ID["topstep-tax-1000"]["parameters"]
NO_START = {key: value for key, value in DAILY.items() if key != "starting_balance"}


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (case_of("max_loss_eod_trailing", EOD, []), "nothing is expected"),
        (case_of("max_loss_eod_trailing", {**EOD, "drawdown_pct": "0.04"}, [], breached=False), "exactly one"),
        (
            case_of("max_loss_static", {"starting_balance": "1.00", "drawdown_pct": "0.0000001"}, [], breached=False),
            "more than 6 digits",
        ),
        (case_of("max_loss_static", {**EOD, "trail_basis": "eod_balance"}, [], breached=False), "contradicts"),
        (case_of("max_loss_eod_trailing", {**EOD, "lock_level": "many"}, [], breached=False), "plain decimal"),
        (case_of("max_loss_eod_trailing", EOD, [], initial_floor="4.8e4"), "initial_floor"),
        (
            case_of(
                "max_loss_eod_trailing",
                EOD,
                [{"type": "day_end", "day": 2, "balance": "1.00"}, {"type": "equity", "day": 2, "equity": "1.00"}],
                breached=True,
            ),
            "input 2 is of day 2",
        ),
        (case_of("daily_loss_limit", NO_START, [], breached=False), "starting_balance is needed"),
        (case_of("daily_loss_limit", DAILY, [{"type": "day_start"}], breached=False), "balance or equity"),
        (case_of("daily_loss_limit", DAILY, [], remaining_after_last="0.00"), "nothing to compute"),
        (
            case_of("consistency_best_day", {"max_best_pct": "0"}, [{"type": "day_close", "profit": "1"}]),
            "no day at all",
        ),
        (
            case_of(
                "consistency_best_day",
                {"max_best_pct": "0.5"},
                [{"type": "day_close", "profit": "1"}, {"type": "summary", "best": "1"}],
                shortfall="0",
            ),
            "together",
        ),
        (case_of("consistency_day_headroom", {"max_best_pct": "0.5"}, [], headroom_today="0"), "no summary"),
        (
            case_of(
                "position_limit",
                {"max_units": "1", "weights": {"mini": "1"}},
                [{"type": "open_positions", "holdings": {"micro": 1}}],
                allowed=True,
            ),
            "micro has no weight",
        ),
        (
            case_of(
                "scaling_plan",
                {"tiers": [{"from_profit": "5", "max": 1}, {"from_profit": "5", "max": 2}]},
                [],
                max_contracts=1,
            ),
            "do not rise",
        ),
        (
            case_of(
                "trading_day_count",
                {"day_roll": "17:00", "timezone": "Chicago"},
                [{"type": "fill", "local_time": "2025-03-03T09:00:00"}],
                count=1,
            ),
            "time zone",
        ),
        (
            case_of(
                "trading_day_count",
                {"day_roll": "25:00", "timezone": "America/Chicago"},
                [],
                count=0,
            ),
            "not a time",
        ),
        (
            case_of(
                "trading_day_count",
                {"day_roll": "17:00", "timezone": "America/Chicago"},
                [{"type": "fill", "local_time": "2025-03-03T09:00:00Z"}],
                count=1,
            ),
            "not a wall time",
        ),
        (
            case_of(
                "trading_day_count",
                {"day_roll": "17:00", "timezone": "America/Chicago"},
                [{"type": "fill", "local_time": "1969-12-31T09:00:00"}],
                count=1,
            ),
            "before 1971",
        ),
        (
            case_of(
                "trading_day_count",
                {"day_roll": "17:00", "timezone": "America/Chicago"},
                [
                    {"type": "fill", "local_time": "2025-03-05T09:00:00"},
                    {"type": "fill", "local_time": "2025-03-04T09:00:00"},
                ],
                count=2,
            ),
            "does not follow",
        ),
        *(
            (
                case_of(
                    "trading_day_count",
                    {"day_roll": "17:00", "timezone": "America/Chicago"},
                    [{"type": "fill", "local_time": text}],
                    count=1,
                ),
                "not a wall time",
            )
            for text in ("2025-02-30T09:00:00", "2025-03-03", "2025-03-03T09:00:00,5")
        ),
        *(
            (
                case_of(
                    "news_window",
                    {"minutes_before": 1, "minutes_after": 1},
                    [{"type": "news_event", "utc": text}],
                    violation=False,
                ),
                why,
            )
            for text, why in (
                ("2025-03-03", "with a zone"),
                ("1970-06-01T00:00:00Z", "before 1971"),
                ("1970-06-01T00:00:00+01:00", "before 1971"),
                ("2025-02-30T00:00:00Z", "not a wall time"),
            )
        ),
        (
            case_of(
                "trading_day_count",
                {"day_roll": "5 pm", "timezone": "America/Chicago"},
                [{"type": "fill", "local_time": "2025-03-03T09:00:00"}],
                count=1,
            ),
            "not a time",
        ),
        (
            case_of("tax_reporting", TAX, [{"type": "year", "payouts": "0.001"}], form_issued=False),
            "part of a cent",
        ),
        (
            case_of("daily_loss_limit", NO_START_AMOUNT, [{"type": "equity", "equity": "1"}], breached=False),
            "day_start",
        ),
        (
            case_of(
                "news_window",
                {"minutes_before": 1, "minutes_after": 1},
                [
                    {
                        "type": "position_open_during",
                        "from_utc": "2025-03-03T09:00:01Z",
                        "to_utc": "2025-03-03T09:00:00Z",
                    }
                ],
                violation=False,
            ),
            "closes before it opens",
        ),
        (
            case_of(
                "per_trade_risk",
                {"kind": "max_adverse_excursion", "pct": "0.3"},
                [{"type": "state", "start_of_day_profit": "0.00"}],
                limit="0.00",
            ),
            "drawdown is the base",
        ),
        (case_of("per_trade_risk", {"kind": "stop_to_target_ratio"}, [], allowed=True), "max_ratio is needed"),
        (
            case_of("profit_split", {}, [{"type": "state", "gross_profit": "1.00"}], trader="1.00"),
            "exactly one",
        ),
        (
            case_of("profit_split", {"split": "1"}, [{"type": "state", "gross_profit": "1.001"}], trader="1.00"),
            "part of a cent",
        ),
        (
            case_of(
                "profit_split",
                {"split_by_age": [{"business_days_gte": 5, "split": "0.5"}]},
                [{"type": "state", "gross_profit": "1.00", "age_business_days": 6}],
                trader="0.50",
            ),
            "from 0 on",
        ),
        (
            case_of(
                "profit_split",
                {"split_by_age": [{"business_days_lt": 5, "split": "0.5"}]},
                [{"type": "state", "gross_profit": "1.00", "age_business_days": 5}],
                trader="0.50",
            ),
            "ends at 5 days",
        ),
        (
            case_of(
                "dynamic_payout_target",
                {"starting_balance": "1.00", "target_pct_by_payout": ["0.5"]},
                [{"type": "payout", "amount": "0.00", "at_balance": "1.50"}],
                target_balances=["1.50", "2.25"],
            ),
            "pays nothing",
        ),
        (case_of("stage_transfer_balance", {"rule": "min(sum, largest)"}, [], live_starting_balance="0"), "either"),
        (
            case_of(
                "stage_transfer_balance",
                {"rule": "80% of gross profit minus withdrawals"},
                [{"type": "state", "gross_profit": "9.00"}],
                live_starting_balance="7.20",
            ),
            "less withdrawals",
        ),
        (
            case_of(
                "stage_transfer_balance",
                {"rule": "min(gross profit - withdrawals, 1000)"},
                [{"type": "state", "gross_profit": "5000.00"}],
                live_starting_balance="1000.00",
            ),
            "less withdrawals",
        ),
        (
            case_of(
                "stage_transfer_balance",
                {"rule": "2 times gross profit minus withdrawals"},
                [{"type": "state", "gross_profit": "9.00"}],
                live_starting_balance="18.00",
            ),
            "does not say what 2 is",
        ),
        (
            case_of(
                "stage_transfer_balance",
                {"rule": "max(gross_profit - withdrawals, 1000)"},
                [{"type": "state", "gross_profit": "5000.00", "withdrawals": "4000.01"}],
                live_starting_balance="1000.00",
            ),
            "adds nothing",
        ),
        (
            case_of(
                "stage_transfer_balance",
                {"rule": "half of it"},
                [{"type": "account", "size": "9.00", "balance": "9.00"}],
                live_starting_balance="4.50",
            ),
            "largest account",
        ),
        (case_of("tax_reporting", {"threshold": "1.00", "comparison": "gt"}, [], form_issued=False), "one year"),
    ],
)
def test_what_the_product_cannot_compute_is_said_and_does_not_pass(case: dict[str, Any], why: str) -> None:
    report = check_cases(case)
    found = report.cases[0].verdict
    assert isinstance(found, NotJudged)
    assert why in found.reason
    assert not report.ok
    assert "CANNOT JUDGE" in render_lines(report)[0]


def test_a_day_start_told_by_its_equity_alone_is_of_a_flat_account() -> None:
    case = case_of(
        "daily_loss_limit", NO_START_AMOUNT, [{"type": "day_start", "equity": "5000.00"}], floors=["4900.00"]
    )
    assert verdict(case) == Holds()


def test_a_payout_told_without_a_state_is_taken_from_the_start() -> None:
    parameters = {"starting_balance": "5000.00", "drawdown_amount": "500.00"}
    case = case_of(
        "payout_floor_effect",
        parameters,
        [{"type": "payout", "amount": "100.00"}],
        equity_after="4900.00",
        breached=False,
    )
    assert verdict(case) == Holds()


@pytest.mark.parametrize(
    "utc", ["2025-03-07T13:31:59.999999999Z", "2025-03-07T13:31:59", "2025-03-07T13:31Z", "2025-03-07T08:31:00-05:00"]
)
def test_an_instant_that_is_called_utc_may_leave_that_out(utc: str) -> None:
    inputs = [{"type": "news_event", "utc": "2025-03-07T13:30:00Z"}, {"type": "execution", "utc": utc}]
    for minutes_after, violation in ((2, True), (0, False)):
        window = {"minutes_before": 0, "minutes_after": minutes_after}
        assert verdict(case_of("news_window", window, inputs, violation=violation)) == Holds()


def test_wall_times_may_have_fractions_or_no_seconds() -> None:
    fills = [{"type": "fill", "local_time": text} for text in ("2025-03-03T16:59", "2025-03-03T16:59:59.999999")]
    parameters = {"day_roll": "17:00:00", "timezone": "America/Chicago"}
    assert verdict(case_of("trading_day_count", parameters, fills, trading_days=["2025-03-03"])) == Holds()


def test_a_null_says_that_a_key_is_not_told() -> None:
    def silent(case: dict[str, Any]) -> None:
        case["parameters"].update(pct_base=None, drawdown_pct=None)
        case["inputs"][0].update(day=None)

    assert verdict(changed("earn2trade-pfp-50k", silent)) == Holds()
    assert verdict(changed("tpt-8020-1000", lambda case: case["inputs"][0].update(commissions=None))) == Holds()
    unknown = verdict(changed("tpt-8020-1000", lambda case: case["parameters"].update(moonlight=None)))
    assert isinstance(unknown, NotKnown)
    assert "moonlight" in unknown.reasons[0]
    needed = verdict(changed("tpt-8020-1000", lambda case: case["inputs"][0].update(gross_profit=None)))
    assert needed == NotKnown(("inputs: Object missing required field `gross_profit` - at `inputs[0]`",))


@pytest.mark.parametrize(("floor", "holds"), [("4867.32", True), ("4867.33", True), ("4867.31", False)])
def test_a_floor_between_two_cents_is_either(floor: str, holds: bool) -> None:
    """5 % of 5123.50 is 256.175, which a firm shows as 256.18 before it takes it off."""
    parameters = {"limit_pct": "0.05", "pct_base": "reference"}
    case = case_of("daily_loss_limit", parameters, [{"type": "day_start", "balance": "5123.50"}], floors=[floor])
    assert isinstance(verdict(case), Holds) == holds


@pytest.mark.parametrize(("after", "holds"), [("47000.00", True), ("49000.00", True), ("48000.00", False)])
def test_a_day_after_a_failure_has_the_formulas_floor_or_the_last_one(after: str, holds: bool) -> None:
    inputs = [
        {"type": "day_start", "balance": "50000.00"},
        {"type": "equity", "equity": "48000.00"},
        {"type": "day_start", "balance": "48000.00"},
    ]
    parameters = {"limit_amount": "1000.00", "on_breach": "hard", "breach_when": "below"}
    case = case_of("daily_loss_limit", parameters, inputs, floors=["49000.00", after], breached=True, breach_seq=2)
    assert isinstance(verdict(case), Holds) == holds


@pytest.mark.parametrize(("after", "holds"), [("50000.00", True), ("48000.00", True), ("49000.00", False)])
def test_a_high_after_a_failure_has_the_formulas_floor_or_the_last_one(after: str, holds: bool) -> None:
    inputs = [{"type": "equity", "equity": "47999.99"}, {"type": "equity", "equity": "52000.00"}]
    parameters = {"starting_balance": "50000.00", "drawdown_amount": "2000.00", "breach_when": "below"}
    floors = {"floors": ["48000.00", after], "breached": True, "breach_seq": 1}
    assert isinstance(verdict(case_of("max_loss_intraday_trailing", parameters, inputs, **floors)), Holds) == holds


def test_the_only_input_that_breaches_is_told_alike_under_both_readings() -> None:
    assert verdict(BY_ID["futureselite-prime-eval"]) == Holds()


@pytest.mark.parametrize(
    "rule",
    [
        "gross profit minus withdrawals, minimum 1,000",
        "gross_profit - withdrawals; at least $1000.00",
        "Net profit (1000 minimum)",
        "at 5000 gross profit: gross less withdrawals, min 1000",
        "max(gross_profit - withdrawals, 1000)",
    ],
)
def test_the_least_transfer_is_found_in_the_words(rule: str) -> None:
    state = {"type": "state", "gross_profit": "5000.00"}
    enough = case_of(
        "stage_transfer_balance", {"rule": rule}, [{**state, "withdrawals": "4000.00"}], live_starting_balance="1000.00"
    )
    short = case_of(
        "stage_transfer_balance", {"rule": rule}, [{**state, "withdrawals": "4000.01"}], live_starting_balance="999.99"
    )
    assert verdict(enough) == Holds()
    assert not isinstance(verdict(short), Holds)


def test_inputs_out_of_order_are_not_judged() -> None:
    found = verdict(changed("topstep-mll-50k", lambda case: case["inputs"][2].update(seq=2)))
    assert found == NotJudged("the inputs are not in order: 2 follows 2")


@pytest.mark.thorough
def test_a_case_of_ten_thousand_days_is_judged_and_a_longer_one_is_not() -> None:
    days = [{"type": "day_close", "profit": "1.00"}] * 10_001
    parameters = {"min_day_profit": "1.00", "required": 10_000}
    assert verdict(case_of("qualifying_days", parameters, days[1:], satisfied=True)) == Holds()
    assert isinstance(verdict(case_of("qualifying_days", parameters, days, satisfied=True)), NotJudged)


@pytest.mark.parametrize(("breached", "floor"), [(True, "50000.00"), (False, "50000.00")])
def test_where_touching_is_left_open_and_matters_either_reading_may_hold(breached: bool, floor: str) -> None:
    parameters = {"starting_balance": "50000.00", "on_first_payout": {"set_floor_to": "50000.00"}}
    inputs = [{"type": "state", "equity": "53000.00"}, {"type": "payout", "amount": "3000.00"}]
    case = case_of(
        "payout_floor_effect",
        {**parameters, "breach_when": "unspecified"},
        inputs,
        breached=breached,
        floor_after=floor,
    )
    found = verdict(case)
    assert isinstance(found, Holds)
    assert "reading" in found.note
    assert "readings" in render_lines(check_cases(case))[0]


def test_both_readings_must_not_be_mixed() -> None:
    parameters = {"starting_balance": "10000.00", "drawdown_amount": "1000.00", "breach_when": "unspecified"}
    inputs = [{"type": "equity", "equity": "9000.00"}]
    mixed = case_of("max_loss_static", parameters, inputs, breached=True, breach_seq=None)
    assert isinstance(verdict(mixed), Differs)


# ------------------------------------------------------------ the file

FRAME: dict[str, Any] = {"format": "golden-cases/1", "cases": [BY_ID["tpt-8020-1000"]]}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"format": "golden-cases/1", "cases": [NaN]}', "NaN"),
        (b'{"format": "golden-cases/1", "cases": [-Infinity]}', "Infinity"),
        (b'{"format": "golden-cases/1", "cases": [' + b"9" * 5_000 + b"]}", "digits"),
        (b'{"format": "golden-cases/1", "format": "golden-cases/1", "cases": []}', "there twice"),
        (b'{"format": "golden-cases/1", "note": "\\ud800", "cases": []}', "surrogates"),
        (b"\xff\xfe{", "not UTF-8"),
        (b"[" * 100_000, "nested deeper"),
        (b'["]", ' * 100_000, "nested deeper"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "nested deeper"),
        (json.dumps([FRAME]).encode(), "not an object"),
        (json.dumps({**FRAME, "format": "golden-cases/2"}).encode(), "golden-cases/1"),
        (json.dumps({"format": "golden-cases/1"}).encode(), "cases"),
        (json.dumps({**FRAME, "cases": []}).encode(), "no list of cases"),
        (json.dumps({**FRAME, "cases": {}}).encode(), "no list of cases"),
    ],
)
def test_a_broken_file_is_refused_with_the_reason(document: bytes, reason: str) -> None:
    with pytest.raises(BadInput) as refusal:
        check(document, load_session_table(), source="mine.json")
    assert refusal.value.source == "mine.json"
    assert any(reason in problem.reason for problem in refusal.value.problems)


GOOD: dict[str, Any] = BY_ID["etf-2m1s"]
BROKEN = BY_ID["tpt-8020-1000"]


@pytest.mark.parametrize(
    ("broken", "name", "reason"),
    [
        ("one", "cases[0]", "object"),
        (None, "cases[0]", "object"),
        ({}, "cases[0]", "id"),
        ({**BROKEN, "id": 7}, "cases[0]", "id"),
        *(
            ({key: value for key, value in BROKEN.items() if key != missing}, "tpt-8020-1000", missing)
            for missing in ("rule", "parameters", "inputs", "expected")
        ),
        ({**BROKEN, "rule": None}, "tpt-8020-1000", "rule"),
        ({**BROKEN, "parameters": []}, "tpt-8020-1000", "parameters"),
        ({**BROKEN, "inputs": {}}, "tpt-8020-1000", "inputs"),
        ({**BROKEN, "inputs": [1]}, "tpt-8020-1000", "inputs[0]"),
        ({**BROKEN, "expected": None}, "tpt-8020-1000", "expected"),
    ],
)
def test_a_broken_case_has_its_line_and_the_others_are_judged(broken: object, name: str, reason: str) -> None:
    report = check_cases(broken, GOOD)
    found = report.cases[0].verdict
    assert report.cases[0].id == name
    assert isinstance(found, NotKnown)
    assert reason in found.reasons[0]
    assert report.cases[1].verdict == Holds()
    assert (report.held, report.failed, report.ok) == (1, 1, False)


def test_a_case_that_is_there_twice_is_judged_once() -> None:
    report = check_cases(GOOD, GOOD, BROKEN)
    assert [type(case.verdict) for case in report.cases] == [Holds, NotKnown, Holds]
    assert "there twice" in render_lines(report)[1]


def test_a_key_that_the_file_should_not_have_is_told_and_its_cases_are_judged() -> None:
    report = check_document({**FRAME, "licence": "none"})
    assert report.held == 1
    assert not report.ok
    assert render_lines(report)[1:] == (
        "FAILED the key 'licence' of the file is not known",
        "1 cases: 1 ok, 0 failed, 0 cannot be judged",
    )


def test_prose_may_have_any_form() -> None:
    prose = {"source_url": None, "source_kind": None, "firm": ["two", "firms"], "notes": {"de": "Hinweis"}}
    assert check_document({**FRAME, "money": None, "conventions": [], "note": 1, "cases": [{**GOOD, **prose}]}).ok


def test_a_byte_order_mark_and_a_frame_without_prose_are_taken() -> None:
    bare = {key: BY_ID["tpt-8020-1000"][key] for key in ("id", "rule", "parameters", "inputs", "expected")}
    document = b"\xef\xbb\xbf" + json.dumps({"format": "golden-cases/1", "cases": [bare]}).encode()
    assert check(document, load_session_table()).ok


def test_brackets_in_a_text_are_no_nesting() -> None:
    assert check_document({**FRAME, "note": "[" * 1_000 + '\\"' + "{" * 1_000}).ok


# ------------------------------------------------------------ the report


def test_each_case_has_one_line_and_the_count_is_last() -> None:
    wrong = changed("tpt-8020-1000", lambda case: case["expected"].update(trader="900.00", firm="100.00"))
    odd = {**BY_ID["topstep-tax-1000"], "rule": "taxes"}
    open_ = changed("pipfarm-payout-trailing", lambda case: case["parameters"].update(starting_balance="0.1234567"))
    assert render_lines(check_cases(BY_ID["etf-2m1s"], wrong, odd, open_)) == (
        "etf-2m1s  position_limit  ok",
        "tpt-8020-1000  profit_split  FAILED trader: expected 900.00, got 800.00; firm: expected 100.00, got 200.00",
        "topstep-tax-1000  taxes  FAILED cannot be judged: there is no rule 'taxes'",
        "pipfarm-payout-trailing  payout_floor_effect  CANNOT JUDGE '0.1234567' has more than 6 digits after the point",
        "4 cases: 1 ok, 2 failed, 1 cannot be judged",
    )


def test_lists_and_words_are_shown_as_in_the_file() -> None:
    case = changed("topstep-mll-50k", lambda case: case["expected"].update(locked=[True] * 3, breach_seq=3))
    assert "locked: expected [true, true, true], got [false, false, true]" in render_lines(check_cases(case))[0]
    assert "breach_seq: expected 3, got null" in render_lines(check_cases(case))[0]


def test_a_line_stays_one_printable_line_whatever_an_id_holds() -> None:
    line, _ = render_lines(check_cases({**BY_ID["etf-2m1s"], "id": "a\nb\x1b[31m\u2028"}))
    assert line.isprintable()
    assert line == "a\\nb\\x1b[31m\\u2028  position_limit  ok"


# ------------------------------------------------------------ whatever comes in

ODD_TEXTS = [
    *("", "\n", "nan", "1e5", "unspecified", "gross profit minus withdrawals, minimum 9"),
    *("0.00", "-1", "0.5", "1", "-0.000001", "0.333333", "9" * 18, "-" + "9" * 18 + "." + "9" * 6),
    *("Pacific/Apia", "America/", "../UTC", "00:00", "23:59:59", "02:30", "24:00"),
    *("2025-03-03T17:00:00", "2025-03-09T02:30:00", "1971-01-01T00:00:00", "2261-12-31T23:59:59"),
    *("2025-03-03T17:00:00Z", "1971-01-01T00:00:00Z", "2261-12-31T23:59:59Z"),
]
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(ODD_TEXTS)
    | st.text(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, key)
            yield from places(inner, (*path, key))


@st.composite
def broken_documents(draw: st.DrawFn) -> object:
    """A file of one good case in which up to three values were replaced, removed or doubled."""
    document = deepcopy({**FRAME, "cases": [draw(st.sampled_from(CASES))]})
    for _ in range(draw(st.integers(1, 3))):
        here = list(places(document))
        if not here:
            break
        *path, last = draw(st.sampled_from(here))
        target: Any = document
        for key in path:
            target = target[key]
        match draw(st.sampled_from(["replace", "remove", "double"])):
            case "replace":
                target[last] = draw(JSON_VALUES)
            case "remove":
                del target[last]
            case _ if isinstance(target, list):
                target.insert(last, deepcopy(target[last]))
            case _:
                target[f"{last}_"] = target[last]
    return document


def reported_or_refused(document: bytes) -> None:
    """Any other exception is the checker's mistake."""
    try:
        report = check(document, load_session_table())
    except BadInput as refusal:
        told = len(refusal.problems)
    else:
        told = len(render_lines(report)) - 1
    assert told > 0


@given(broken_documents())
def test_a_changed_file_is_reported_or_refused_and_nothing_else(document: object) -> None:
    reported_or_refused(json.dumps(document).encode())


@given(
    st.binary(max_size=64) | st.text(alphabet='[]{}":,0123456789eE+-.\\ntruefalsenull ', max_size=64).map(str.encode)
)
def test_whatever_bytes_come_in_the_file_is_refused(document: bytes) -> None:
    with pytest.raises(BadInput):
        check(document, load_session_table())


@given(st.integers(0, len(json.dumps(FRAME)) - 1), st.binary(min_size=1, max_size=3))
def test_a_file_with_overwritten_bytes_is_reported_or_refused(place: int, put: bytes) -> None:
    document = bytearray(json.dumps(FRAME).encode())
    document[place : place + len(put)] = put
    reported_or_refused(bytes(document))
