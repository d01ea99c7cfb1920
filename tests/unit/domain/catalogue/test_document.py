"""Program documents: what founders may write, and what they are told when it cannot be meant."""

import tomllib
from datetime import date, time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from propfirm.domain.catalogue import spelling
from propfirm.domain.catalogue.document import (
    BadDocument,
    canonical,
    fingerprint,
    read,
    to_document,
)
from propfirm.domain.catalogue.program import Program, Size, SplitStep
from propfirm.domain.catalogue.toml_text import to_toml
from propfirm.domain.money import MICROS_PER_CENT, Cents, Micros, Ppm
from tests.strategies.programs import programs

SMALLEST = """
id = "small"
version = 1
name = "Small"
effective_from = 2026-01-01
starting_balance = 50_000

[clock]
zone = "America/Chicago"
day_roll = "17:00"
eod_snapshot = "16:00"
flat_by = "15:10:30"

[[stages]]
name = "funded"
kind = "sim_funded"
max_loss = { mode = "static", amount = 2_000 }

[stages.payout]
split = "90 %"
"""


def small(*lines: str, **changes: object) -> Program:
    """The smallest document with more lines at its end, and values of the whole replaced."""
    return read({**tomllib.loads(SMALLEST + "\n".join(lines)), **changes})


def problems(*lines: str, **changes: object) -> dict[str, str]:
    with pytest.raises(BadDocument) as refusal:
        small(*lines, **changes)
    return {problem.path: problem.reason for problem in refusal.value.problems}


def test_a_document_becomes_a_program_in_exact_units() -> None:
    program = small()
    stage = program.stages[0]
    assert program.starting_balance == 50_000_000_000
    assert program.effective_from == date(2026, 1, 1)
    assert program.clock.flat_by == time(15, 10, 30)
    assert stage.max_loss.size == Size(amount=Micros(2_000_000_000))
    assert stage.payout is not None
    assert stage.payout.split.steps == (SplitStep(0, Ppm(900_000)),)


@pytest.mark.thorough
@settings(max_examples=25)
@given(programs())
def test_every_program_survives_its_own_document(program: Program) -> None:
    assert read(to_document(program)) == program
    assert read(to_document(program, complete=True)) == program


@pytest.mark.thorough
@settings(max_examples=25)
@given(programs())
def test_every_program_survives_being_written_as_toml(program: Program) -> None:
    text = to_toml(to_document(program))
    assert read(tomllib.loads(text)) == program
    assert to_toml(to_document(read(tomllib.loads(text)))) == text


@pytest.mark.thorough
@settings(max_examples=25)
@given(programs())
def test_every_program_survives_its_canonical_bytes(program: Program) -> None:
    assert msgspec.json.decode(canonical(program), type=Program) == program


@pytest.mark.thorough
@settings(max_examples=25)
@given(programs(), programs())
def test_programs_have_one_fingerprint_exactly_if_they_are_equal(one: Program, other: Program) -> None:
    assert (fingerprint(one) == fingerprint(other)) == (one == other)


def test_the_fingerprint_does_not_depend_on_the_order_of_keys() -> None:
    one = small("[stages.position]", "max = 5", "weights = { mini = 1, micro = '0.1' }")
    other = small("[stages.position]", "weights = { micro = '0.1', mini = 1 }", "max = 5")
    assert fingerprint(one) == fingerprint(other)


# ------------------------------------------------------------ what is told


def test_all_problems_are_told_at_once_with_their_paths() -> None:
    told = problems(
        "[stages.target]",
        "pct = 0.08",
        "[[stages]]",
        "name = 'two'",
        "kind = 'evaluations'",
        "max_los = {}",
        version=0,
        starting_balance=50_000.0,
    )
    assert list(told) == [
        "version",
        "starting_balance",
        "stages[0].target.pct",
        "stages[1].max_los",
        "stages[1].kind",
        "stages[1].max_loss",
    ]


def test_an_unknown_key_is_told_with_the_nearest_known_one() -> None:
    assert problems("[stages.daily_loss]", "ammount = 1") == {
        "stages[0].daily_loss.ammount": "is not known here; did you mean amount?",
        "stages[0].daily_loss.amount": "is missing: give amount or pct",
    }
    assert problems("[source]", "zzz = 1")["source.zzz"].startswith("is not known here; known: firm, read_on, ")


def test_a_missing_key_is_told() -> None:
    document = tomllib.loads(SMALLEST)
    del document["clock"]["zone"]
    with pytest.raises(BadDocument) as refusal:
        read(document)
    assert str(refusal.value) == "The program document cannot be read: clock.zone: is missing"


@pytest.mark.parametrize("zone", ["Mars/X", "America", "", "../../etc/passwd", "/etc/localtime"])
def test_an_unknown_zone_is_told_together_with_everything_else(zone: str) -> None:
    document = tomllib.loads(SMALLEST)
    document["version"] = 0
    document["clock"]["zone"] = zone
    document["stages"][0]["payout"] = {"split": "90 %", "schedule": {"cutoff": "15:00", "cutoff_zone": zone}}
    with pytest.raises(BadDocument) as refusal:
        read(document)
    reason = f"there is no time zone {zone!r}; one is America/Chicago"
    assert [str(problem) for problem in refusal.value.problems] == [
        "version: must be between 1 and 1000000000, not 0",
        f"clock.zone: {reason}",
        f"stages[0].payout.schedule.cutoff_zone: {reason}",
    ]


def test_a_wrong_word_is_told_with_the_allowed_ones() -> None:
    assert problems("[stages.on_pass]", "at = 'noon'") == {"stages[0].on_pass.at": "'noon' is not one of close, eod"}
    assert problems("[stages.on_pass]", "at = 1") == {
        "stages[0].on_pass.at": "must be one of close, eod, not a whole number"
    }


def test_exactly_one_of_amount_and_pct_is_wanted() -> None:
    assert problems("[stages.target]", "amount = 1", "pct = '1 %'") == {
        "stages[0].target.amount": "give amount or pct, not both"
    }
    assert problems("[stages.days]", "qualifying = { count = 1 }") == {
        "stages[0].days.qualifying.min_profit": "is missing: give min_profit or min_profit_pct"
    }


@pytest.mark.parametrize(
    ("line", "path", "reason"),
    [
        (
            "[stages.target]\namount = 2000.5",
            "target.amount",
            "a float cannot hold every decimal exactly: write 2000 or",
        ),
        ("[stages.target]\namount = '2,000'", "target.amount", "'2,000' is not a plain decimal number"),
        ("[stages.target]\namount = '0.0000001'", "target.amount", "has more than 2 digits after the point"),
        ("[stages.target]\namount = '2000.005'", "target.amount", "has more than 2 digits after the point"),
        ("[stages.target]\namount = -1", "target.amount", "must be between 0.00 and 1000000000000.00, not -1.00"),
        ("[stages.target]\namount = true", "target.amount", "not true or false"),
        ("[stages.target]\namount = 10_000_000_000_000", "target.amount", "must be between"),
        ("[stages.target]\namount = [1]", "target.amount", "not a list"),
        ("[stages.target]\npct = 8", "target.pct", 'must be "8 %" or "0.08", not a whole number'),
        ("[stages.target]\npct = '8'", "target.pct", 'a fraction is at most 1: for 8 per cent write "8 %"'),
        ("[stages.target]\npct = '8.00001 %'", "target.pct", "more than 4 digits"),
        ("[stages.target]\npct = '-1 %'", "target.pct", "must be between 0 % and 1000 %, not -1 %"),
        ("[stages.target]\npct = 'eight %'", "target.pct", "is not a plain decimal number"),
        ("[stages.reset]\nfee = '0.001'", "reset.fee", "has more than 2 digits"),
        ("[stages.position]\nmax = 1.5", "position.max", 'write 5 or "0.5"'),
        ("[stages.position]\nmax = -1", "position.max", "must be between 0 and 1000000, not -1"),
        ("[stages.days]\nmin_trading = 1.0", "days.min_trading", "must be a whole number, not a number with a point"),
        ("[stages.days]\nmin_trading = -1", "days.min_trading", "must be between 0 and 1000000000, not -1"),
        ("[stages.daily_loss]\namount = 1\noptional = 1", "daily_loss.optional", "must be true or false, not a whole"),
        ("[stages.growth]\nafter_payouts = 1\nto = 5", "growth.to", "must be text, not a whole number"),
        ('[stages.growth]\nafter_payouts = 1\nto = "a\\nb"', "growth.to", "cannot be printed"),
        ("[stages.times]\nblackout = 1", "times.blackout", "must be a list, not a whole number"),
        ("[stages.times]\nblackout = [1]", "times.blackout[0]", "must be a table, not a whole number"),
        ("[[stages.times.blackout]]\nstart = '8'\nend = 09:00:00", "times.blackout[0].start", "is not a time of day"),
        ("[[stages.times.blackout]]\nstart = 8\nend = 09:00:00", "times.blackout[0].start", "not a whole number"),
        ("[[stages.times.blackout]]\nstart = 08:00:00.5\nend = 09:00:00", "times.blackout[0].start", "fraction of a"),
        ("[stages.position]\nmax = 1\nweights = 1", "position.weights", "must be a table, not a whole number"),
        ("[stages.position]\nmax = 1\nweights = { '' = 1 }", "position.weights", "must not be empty"),
        ("[stages.position]\nmax = 1\nsub_caps = { 'M 2' = 'x' }", 'position.sub_caps."M 2"', "must be a whole number"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_with_its_reason(line: str, path: str, reason: str) -> None:
    told = problems(line)
    assert list(told) == [f"stages[0].{path}"]
    assert reason in told[f"stages[0].{path}"]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("id", "Small", "must be small letters, digits and single dashes"),
        ("id", "a" * 65, "at most 64"),
        ("name", "  ", "must not be empty"),
        ("name", "x" * 2001, "is longer than 2000 characters"),
        ("effective_from", "2026-01-01", "must be a date like 2026-01-31, without quotes, not text"),
        ("clock", 5, "must be a table, not a whole number"),
        ("stages", {}, "must be a list, not a table"),
        ("source", time(1), "must be a table, not a time"),
        ("limits", date(2026, 1, 1), "must be a table, not a date"),
        ("currency", object(), "not something else"),
    ],
)
def test_the_program_itself_is_checked_too(field: str, value: object, reason: str) -> None:
    assert reason in problems(**{field: value})[field]


def test_a_date_with_a_time_is_no_date() -> None:
    moment = tomllib.loads("at = 2026-01-01T00:00:00")["at"]
    assert problems(effective_from=moment)["effective_from"].endswith("not a date with a time")


# ------------------------------------------------------------ spellings


def test_money_is_whole_dollars_or_a_decimal_string() -> None:
    for raw, micros in ((2_000, 2_000_000_000), ("2000.50", 2_000_500_000), ("0.01", 10_000), ("2_000"[0], 2_000_000)):
        assert spelling.MONEY.read(raw) == micros
    assert spelling.PRICE.read("49.99") == Cents(49_99)
    assert spelling.MONEY.write(Micros(2_000_000_000)) == 2_000
    assert spelling.MONEY.write(Micros(2_000_500_000)) == "2000.50"
    assert spelling.PRICE.write(Cents(49_99)) == "49.99"
    assert spelling.SIGNED_MONEY.read(-100) == -100_000_000
    with pytest.raises(ValueError, match="more than 2 digits"):
        spelling.SIGNED_MONEY.read("-100.005")


def test_an_amount_that_was_written_to_the_micro_dollar_keeps_its_fingerprint() -> None:
    assert spelling.MONEY.write(Micros(1)) == "0.000001"


def test_a_rate_is_a_per_cent_or_a_fraction_in_quotes() -> None:
    for raw, ppm in (("8 %", 80_000), ("12.5%", 125_000), ("0.08", 80_000), ("100 %", 1_000_000), ("1", 1_000_000)):
        assert spelling.RATE.read(raw) == ppm
    assert spelling.RATE.write(125_000) == "12.5 %"


def test_units_and_ratios_are_plain_numbers() -> None:
    for raw, ppm in ((5, 5_000_000), ("0.1", 100_000)):
        assert spelling.NUMBER.read(raw) == ppm
        assert spelling.NUMBER.write(ppm) == raw


def test_a_time_is_written_with_or_without_seconds() -> None:
    assert spelling.TIME.read("17:00") == spelling.TIME.read(time(17)) == time(17)
    assert [spelling.TIME.write(value) for value in (time(17), time(15, 10, 1))] == ["17:00", "15:10:01"]
    for wrong in ("24:00", "7:00", "17:60", "17:00:60", "5pm"):
        with pytest.raises(ValueError, match="is not a time of day"):
            spelling.TIME.read(wrong)


@given(st.integers(0, 10**14))
def test_every_amount_survives_its_spelling(amount: int) -> None:
    for kind in (spelling.MONEY, spelling.SIGNED_MONEY):
        assert kind.read(kind.write(amount * MICROS_PER_CENT)) == amount * MICROS_PER_CENT


@given(st.integers(0, spelling.NUMBER_MAX))
def test_every_number_survives_its_spelling(number: int) -> None:
    assert spelling.NUMBER.read(spelling.NUMBER.write(number)) == number


@given(st.integers(0, spelling.RATE_MAX))
def test_every_rate_survives_its_spelling(rate: int) -> None:
    assert spelling.RATE.read(spelling.RATE.write(rate)) == rate


def test_a_split_may_be_one_rate() -> None:
    program = small()
    assert to_document(program)["stages"] == [
        {
            "name": "funded",
            "kind": "sim_funded",
            "max_loss": {"mode": "static", "amount": 2_000},
            "payout": {"split": "90 %"},
        }
    ]
    assert "stages[0].payout.split" in problems(stages=[{"payout": {"split": "much"}}])


def test_the_steps_of_a_lifetime_split_are_money_and_of_others_counts() -> None:
    steps = "[{ start = 0, rate = '100 %' }, { start = 25_000, rate = '90 %' }]"
    document = SMALLEST.replace('split = "90 %"', f"split = {{ kind = 'by_lifetime_marginal', steps = {steps} }}")
    payout = read(tomllib.loads(document)).stages[0].payout
    assert payout is not None
    assert payout.split.steps[1].start == 25_000_000_000
    payout = read(tomllib.loads(document.replace("by_lifetime_marginal", "by_age"))).stages[0].payout
    assert payout is not None
    assert payout.split.steps[1].start == 25_000


def test_warnings_can_be_turned_off_with_a_word() -> None:
    off = read(tomllib.loads(SMALLEST.replace('kind = "sim_funded"', 'kind = "sim_funded"\nwarn_at = "never"')))
    assert off.stages[0].warn_at is None
    assert read(to_document(off)) == off
    assert small().stages[0].warn_at == 800_000


def test_a_times_block_forbids_what_it_does_not_allow() -> None:
    assert small().stages[0].times.overnight
    assert not small("[stages.times]").stages[0].times.overnight


# ------------------------------------------------------------ TOML


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8),
        st.recursive(
            st.one_of(st.text(max_size=12), st.integers(-(2**63), 2**63 - 1), st.booleans(), st.dates()),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3), st.dictionaries(st.text(min_size=1, max_size=6), inner, max_size=3)
            ),
            max_leaves=12,
        ),
        max_size=4,
    )
)
def test_what_is_written_as_toml_is_read_back(document: dict[str, object]) -> None:
    assert tomllib.loads(to_toml(document)) == document


def test_toml_refuses_what_no_document_holds() -> None:
    with pytest.raises(TypeError, match="float has no place in a program document"):
        to_toml({"rate": 0.5})
