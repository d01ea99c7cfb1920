"""The shipped programs, value by value against the tables that they were written from, and files of users."""

import re
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from propfirm.adapters.resources.calendar import load_news
from propfirm.adapters.resources.contracts import load_contracts
from propfirm.adapters.resources.programs import FILE_MAX, ShippedPrograms, parse, read_file
from propfirm.application.catalogue.check_program import CheckProgram
from propfirm.application.ports.programs import BadProgramFile, ProgramCatalogue, UnknownProgram
from propfirm.domain.catalogue import document as grammar
from propfirm.domain.catalogue.document import to_document
from propfirm.domain.catalogue.program import (
    Buffer,
    InsideBuffer,
    PayoutTerms,
    PctCap,
    Program,
    Schedule,
    Size,
    SplitStep,
    Stage,
    Transfer,
    UpperCap,
)
from propfirm.domain.catalogue.toml_text import to_toml
from propfirm.domain.money import Cents, Micros, Ppm, ratio, usd

SHIPPED: ProgramCatalogue = ShippedPrograms()
CHECK = CheckProgram(SHIPPED, load_contracts(), load_news())
PROGRAMS = {program.id: program for program in SHIPPED.all()}
EACH = pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)


def dollars(amount: int | None) -> Micros | None:
    return None if amount is None else usd(str(amount))


def lots(count: int | None) -> Ppm | None:
    return None if count is None else ratio(str(count))


def amount_of(size: Size) -> Micros:
    assert size.amount is not None
    return size.amount


def first(program: str) -> Stage:
    return PROGRAMS[program].stages[0]


def funded(program: str) -> Stage:
    return next(stage for stage in PROGRAMS[program].stages if stage.payout is not None)


def terms(program: str) -> PayoutTerms:
    payout = funded(program).payout
    assert payout is not None
    return payout


# ------------------------------------------------------------ all of them


def test_the_catalogue_is_whole() -> None:
    assert len(PROGRAMS) == 107
    assert SHIPPED.ids() == tuple(PROGRAMS)
    wanted = """topstep-50k apex-eod-50k apex-intraday-50k apex-legacy-50k mffu-core-50k tradeify-growth-50k tpt-50k
        alpha-standard-50k tradeday-eod-50k fundednext-rapid-50k earn2trade-50k bulenox-1-50k bulenox-2-50k
        ftmo-1step-100k ftmo-2step-100k the5ers-high-stakes-100k propfirm-2step-50k propfirm-1step-50k
        starter-50k starter-100k"""
    assert set(wanted.split()) <= set(PROGRAMS)


@EACH
def test_no_shipped_program_is_contradictory(program: Program) -> None:
    assert CHECK(program).contradictions == ()


@EACH
def test_every_live_stage_says_with_how_much_it_starts(program: Program) -> None:
    assert all(stage.transfer is not None for stage in program.stages if stage.kind == "live")


def test_only_releases_that_nobody_lists_are_noted() -> None:
    noted = {(program.id, note.path) for program in PROGRAMS.values() for note in CHECK(program).notes}
    assert noted == {
        (f"tpt-{size}k", f"stages[2].news.events.{event}")
        for size in (25, 50, 75, 100, 150)
        for event in ("CRUDE_INVENTORIES", "TREASURY_AUCTION")
    }


@EACH
def test_every_shipped_program_says_where_it_comes_from(program: Program) -> None:
    assert program.source is not None
    assert program.source.firm
    assert program.source.read_on == date(2026, 11, 21)


@EACH
def test_every_shipped_program_survives_its_own_expanded_text(program: Program) -> None:
    assert parse(to_toml(to_document(program)), "expanded") == (program,)


@EACH
def test_a_program_alone_is_the_one_among_all(program: Program) -> None:
    assert ShippedPrograms().get(program.id) == program


def leads_somewhere(program: Program, path: str) -> bool:
    """Whether a path is one of the vocabulary, in a stage that the program has."""
    cls: Any = Program
    for step in path.split("."):
        word, _, index = step.partition("[")
        if not (isinstance(cls, type) and issubclass(cls, Struct)) or word not in grammar._keys(cls):
            return False
        if word == "stages" and int(index[:-1]) >= len(program.stages):
            return False
        hints = {field.name: field.hint for field in grammar._fields(cls)}
        cls = hints.get(word, str)
        cls = cls if isinstance(cls, type) else next(iter(getattr(cls, "__args__", ())), str)
    return True


@EACH
def test_what_is_unclear_names_its_place_and_what_was_chosen(program: Program) -> None:
    assert program.source is not None
    for text in program.source.unclear:
        path, colon, reason = text.partition(": ")
        assert colon, text
        assert reason, text
        assert leads_somewhere(program, path), text
    for path, grade in program.source.values.items():
        assert leads_somewhere(program, path), path
        assert re.match(r"[FT?](, |$)", grade), grade


@EACH
def test_a_price_that_was_not_read_is_said_to_be_unclear(program: Program) -> None:
    assert program.source is not None
    if program.stages[0].price == 0:
        assert any(text.startswith("stages[0].price: ") for text in program.source.unclear)


# ------------------------------------------------------------ our own


@pytest.mark.parametrize("size", [5, 10, 25, 50, 100, 200])
def test_our_catalogue_has_six_tiers_in_one_step_and_two(size: int) -> None:
    for steps, targets in ((1, ["0.08"]), (2, ["0.08", "0.05"])):
        program = PROGRAMS[f"propfirm-{steps}step-{size}k"]
        assert program.starting_balance == dollars(size * 1000)
        assert [s.target.size.pct for s in program.stages if s.target] == [ratio(target) for target in targets]
        for stage in program.stages:
            assert stage.max_loss.size == Size(pct=ratio("0.08"))
            assert stage.max_loss.cmp == "touch"
            assert stage.daily_loss is not None
            assert stage.daily_loss.size == Size(pct=ratio("0.04"))
            assert stage.consistency is not None
            assert (stage.consistency.cap, stage.consistency.cmp) == (ratio("0.4"), "lte")
            assert stage.days.min_trading >= 4
            assert stage.position is not None
        rates = [step.rate for step in terms(program.id).split.steps]
        assert (rates[0], rates[-1]) == (ratio("0.7"), ratio("0.9"))
        assert rates == sorted(rates)


def test_a_larger_account_costs_more_and_two_steps_less_than_one() -> None:
    prices = {
        steps: [first(f"propfirm-{steps}step-{size}k").price for size in (5, 10, 25, 50, 100, 200)] for steps in (1, 2)
    }
    for row in prices.values():
        assert row == sorted(set(row))
    assert all(two < one for one, two in zip(prices[1], prices[2], strict=True))


@pytest.mark.parametrize(
    ("program", "size", "price"), [("starter-50k", 50_000, 99_00), ("starter-100k", 100_000, 149_00)]
)
def test_the_starter_plans_are_as_promised(program: str, size: int, price: int) -> None:
    stage = first(program)
    assert PROGRAMS[program].starting_balance == dollars(size)
    assert stage.price == Cents(price)
    assert stage.target is not None
    assert stage.target.size == stage.max_loss.size == Size(pct=ratio("0.1"))
    assert stage.daily_loss is not None
    assert stage.daily_loss.size == Size(pct=ratio("0.05"))
    assert stage.days.min_trading == 5
    assert terms(program).split.steps == (SplitStep(0, ratio("0.8")),)


# ------------------------------------------------------------ the tables of the firms

Row = tuple[str, int | None, int, int | None, int | None, int | None]
"""Program; target, maximum loss, daily limit, contracts of the first stage; price. None: not in the table."""

TABLE: tuple[Row, ...] = (
    ("topstep-50k", 3_000, 2_000, 1_000, 5, 49),
    ("topstep-100k", 6_000, 3_000, 2_000, 10, 99),
    ("topstep-150k", 9_000, 4_500, 3_000, 15, 149),
    ("topstep-consistency-50k", 3_000, 2_000, 1_000, 5, 49),
    ("topstep-consistency-100k", 6_000, 3_000, 2_000, 10, 99),
    ("topstep-consistency-150k", 9_000, 4_500, 3_000, 15, 149),
    ("apex-eod-25k", 1_500, 1_000, 500, None, None),
    ("apex-eod-50k", 3_000, 2_000, 1_000, 6, 197),
    ("apex-eod-100k", 6_000, 3_000, 1_500, None, None),
    ("apex-eod-150k", 9_000, 4_000, 2_000, None, None),
    ("apex-intraday-25k", 1_500, 1_000, None, None, None),
    ("apex-intraday-50k", 3_000, 2_000, None, 6, 131),
    ("apex-intraday-100k", 6_000, 3_000, None, None, None),
    ("apex-intraday-150k", 9_000, 4_000, None, None, None),
    ("apex-legacy-25k", None, 1_500, None, 4, None),
    ("apex-legacy-50k", None, 2_500, None, 10, None),
    ("apex-legacy-75k", None, 2_750, None, None, None),
    ("apex-legacy-100k", None, 3_000, None, 14, None),
    ("apex-legacy-150k", None, 5_000, None, 17, None),
    ("apex-legacy-250k", None, 6_500, None, 27, None),
    ("apex-legacy-300k", None, 7_500, None, 35, None),
    ("apex-legacy-static-100k", None, 2_500, None, 2, None),
    *(
        (f"mffu-{plan}-{size}k", target, loss, None, None, price)
        for plan, prices in (
            ("core", (77, None, None)),
            ("pro", (None, None, None)),
            ("rapid", (129, None, 329)),
            ("expert", (None, None, None)),
        )
        for size, target, loss, price in zip(
            (50, 100, 150), (3_000, 6_000, 9_000), (2_000, 3_000, 4_500), prices, strict=True
        )
    ),
    ("tradeify-growth-25k", None, 1_000, 600, None, None),
    ("tradeify-growth-50k", None, 2_000, 1_250, 5, 97),
    ("tradeify-growth-100k", None, 3_000, 2_500, 10, None),
    ("tradeify-growth-150k", None, 4_500, 3_750, 15, None),
    ("tradeify-select-25k", None, 1_000, None, None, None),
    ("tradeify-select-50k", None, 2_000, None, 5, None),
    ("tradeify-select-100k", None, 3_000, None, 10, None),
    ("tradeify-select-150k", None, 4_500, None, 15, None),
    ("tradeify-lightning-25k", None, 1_000, None, None, 244),
    ("tradeify-lightning-50k", None, 2_000, None, 5, None),
    ("tradeify-lightning-100k", None, 3_000, None, 10, None),
    ("tradeify-lightning-150k", None, 4_500, None, 15, 510),
    ("tpt-25k", 1_500, 1_500, None, 3, 150),
    ("tpt-50k", 3_000, 2_000, None, 6, 170),
    ("tpt-75k", 4_500, 2_500, None, 9, 245),
    ("tpt-100k", 6_000, 3_000, None, 12, 330),
    ("tpt-150k", 9_000, 4_500, None, 15, 360),
    *((f"tradeday-{drawdown}-50k", None, 2_000, None, None, None) for drawdown in ("eod", "intraday", "static")),
    *((f"tradeday-{drawdown}-100k", None, 3_000, None, None, None) for drawdown in ("eod", "intraday", "static")),
    ("fundednext-rapid-25k", None, 1_000, None, None, None),
    ("fundednext-rapid-50k", None, 2_000, None, None, None),
    ("fundednext-rapid-100k", None, 2_500, None, None, None),
    ("fundednext-legacy-25k", None, 1_000, None, None, None),
    ("fundednext-legacy-50k", None, 2_500, None, None, None),
    ("fundednext-legacy-100k", None, 3_000, None, None, None),
    ("earn2trade-50k", None, 2_000, 1_100, None, None),
    *(
        (f"bulenox-{option}-{size}k", None, loss, None, None, None)
        for option in (1, 2)
        for size, loss in ((25, 1_500), (50, 2_500), (100, 3_500), (150, 4_500))
    ),
    *(
        (f"tx3-starter-{size}k", None, loss, None, None, None)
        for size, loss in ((50, 2_500), (100, 3_500), (150, 5_000))
    ),
    *((f"tx3-pro-{size}k", None, loss, None, None, None) for size, loss in ((50, 2_000), (100, 3_000), (150, 4_000))),
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_each_size_has_the_figures_of_its_firm(row: Row) -> None:
    name, target, max_loss, daily, contracts, price = row
    stage = first(name)
    thousands = re.search(r"-(\d+)k$", name)
    assert thousands is not None
    assert PROGRAMS[name].starting_balance == dollars(int(thousands[1]) * 1000)
    assert amount_of(stage.max_loss.size) == dollars(max_loss)
    assert amount_of(funded(name).max_loss.size) == dollars(max_loss)
    if target is not None:
        assert stage.target is not None
        assert amount_of(stage.target.size) == dollars(target)
    assert (None if stage.daily_loss is None else amount_of(stage.daily_loss.size)) == dollars(daily)
    if not name.startswith("tradeday"):
        assert (None if stage.position is None else stage.position.max) == lots(contracts)
    assert stage.price == Cents((price or 0) * 100)


@pytest.mark.parametrize(
    ("plan", "pct", "target", "prices"),
    [
        ("standard", "0.04", "0.06", (79, 159, 239)),
        ("advanced", "0.035", "0.08", (139, 279, 419)),
        ("zero", "0.04", "0.06", (99, 0, 199)),
    ],
)
def test_alpha_futures_sets_its_limits_as_rates(plan: str, pct: str, target: str, prices: tuple[int, ...]) -> None:
    for size, lot, price in zip((50, 100, 150), (5, 10, 15), prices, strict=True):
        name = f"alpha-{plan}-{size}k"
        stage = first(name)
        assert stage.max_loss.size == funded(name).max_loss.size == Size(pct=ratio(pct))
        assert (stage.max_loss.mode, stage.max_loss.lock) == ("trail_eod", "start")
        assert stage.target is not None
        assert stage.target.size == Size(pct=ratio(target))
        assert stage.position is not None
        assert stage.position.max == lots(lot)
        assert stage.price == Cents(price * 100)
        assert stage.days.min_trading == 3
        assert stage.on_rebill == "keep_balance_restart_windows"
        assert stage.activation_fee == Cents(0 if plan == "zero" else 149_00)
        guard = funded(name).daily_loss
        assert guard is not None
        assert (guard.size, guard.outcome) == (Size(pct=ratio("0.02")), "lock_day")
        assert (stage.daily_loss is not None) == (plan == "zero")
        assert (stage.consistency is not None) == (plan != "zero")
        assert (funded(name).consistency is not None) == (plan != "advanced")
        assert PROGRAMS[name].limits.accounts == 3


def test_alpha_futures_pays_by_plan() -> None:
    standard, advanced, zero = (terms(f"alpha-{plan}-50k") for plan in ("standard", "advanced", "zero"))
    assert standard.split.steps == (SplitStep(1, ratio("0.7")), SplitStep(6, ratio("0.9")))
    assert (standard.schedule, standard.min_amount) == (Schedule("every_n_days", 14), dollars(200))
    assert (advanced.schedule, advanced.min_amount) == (Schedule("every_n_days", 7), dollars(1_000))
    assert zero.schedule == Schedule("n_per_month", 4)
    days = funded("alpha-advanced-50k").days.qualifying
    assert days is not None
    assert (amount_of(days.min_profit), days.count, days.scope) == (dollars(200), 5, "cycle")
    news = funded("alpha-zero-50k").news
    assert news is not None
    assert (news.before_s, news.after_s, news.mode) == (120, 120, "no_execution")


# ------------------------------------------------------------ modes, locks, equality

FLOORS: tuple[tuple[str, tuple[str, str, str], tuple[str, str, str]], ...] = (  # mode, lock, cmp: first stage, funded
    ("topstep-50k", ("trail_eod", "start", "below"), ("trail_eod", "start", "touch")),
    ("apex-eod-50k", ("trail_eod", "none", "touch"), ("trail_eod", "start_plus", "touch")),
    ("apex-intraday-50k", ("trail_intraday", "none", "touch"), ("trail_intraday", "start_plus", "touch")),
    ("apex-legacy-50k", ("trail_intraday", "none", "touch"), ("trail_intraday", "start_plus", "touch")),
    ("apex-legacy-static-100k", ("static", "none", "touch"), ("static", "none", "touch")),
    ("mffu-core-50k", ("trail_eod", "start_plus", "touch"), ("trail_eod", "start_plus", "touch")),
    ("mffu-rapid-50k", ("trail_eod", "start_plus", "touch"), ("trail_intraday", "start_plus", "touch")),
    ("tradeify-growth-50k", ("trail_eod", "none", "touch"), ("trail_eod", "start_plus", "touch")),
    ("tpt-50k", ("trail_eod", "start", "touch"), ("trail_intraday", "start", "touch")),
    ("tradeday-eod-50k", ("trail_eod", "start", "touch"), ("trail_eod", "start", "touch")),
    ("tradeday-intraday-50k", ("trail_intraday", "start", "touch"), ("trail_intraday", "start", "touch")),
    ("tradeday-static-50k", ("static", "none", "touch"), ("static", "none", "touch")),
    ("fundednext-rapid-50k", ("trail_eod", "start", "below"), ("trail_eod", "start", "below")),
    ("earn2trade-50k", ("trail_eod", "start", "below"), ("trail_eod", "start", "below")),
    ("bulenox-1-50k", ("trail_intraday", "none", "touch"), ("trail_intraday", "start_plus", "touch")),
    ("bulenox-2-50k", ("trail_eod", "none", "touch"), ("trail_eod", "start_plus", "touch")),
    ("ftmo-1step-100k", ("trail_eod", "none", "below"), ("trail_eod", "none", "below")),
    ("ftmo-2step-100k", ("static", "none", "below"), ("static", "none", "below")),
    ("the5ers-high-stakes-100k", ("static", "none", "touch"), ("static", "none", "touch")),
    ("tx3-starter-50k", ("trail_eod", "start_plus", "touch"), ("trail_eod", "start_plus", "touch")),
    ("alpha-trader-50k", ("trail_eod", "none", "touch"), ("trail_eod", "start", "touch")),
)


@pytest.mark.parametrize(("name", "before", "after"), FLOORS, ids=[name for name, _, _ in FLOORS])
def test_each_firm_moves_stops_and_hits_its_floor_in_its_own_way(
    name: str, before: tuple[str, str, str], after: tuple[str, str, str]
) -> None:
    for stage, wanted in ((first(name), before), (funded(name), after)):
        loss = stage.max_loss
        assert (loss.mode, loss.lock, loss.cmp) == wanted
        assert loss.lock_value == dollars(100 if loss.lock == "start_plus" else 0)
        assert loss.measure == "equity"


CLOCKS = {
    "topstep": ("America/Chicago", time(17), time(16), time(15, 10)),
    "apex": ("America/New_York", time(18), time(17), time(16, 59)),
    "tpt": ("America/New_York", time(18), time(17), time(17)),
    "alpha-zero": ("America/New_York", time(18), time(17), time(16, 20)),
    "tradeify": ("America/New_York", time(18), time(17), time(17)),
    "tradeday": ("America/Chicago", time(17), time(16, 10), time(16)),
    "ftmo": ("Europe/Prague", time(0), time(0), None),
}


@pytest.mark.parametrize("family", CLOCKS)
def test_the_three_clock_events_are_the_firm_s(family: str) -> None:
    for name, program in PROGRAMS.items():
        if name.startswith(f"{family}-"):
            clock = program.clock
            assert (clock.zone, clock.day_roll, clock.eod_snapshot, clock.flat_by) == CLOCKS[family]


# ------------------------------------------------------------ what each firm has of its own


def test_topstep_has_an_optional_daily_limit_half_consistency_and_five_funded_accounts() -> None:
    combine, xfa, live = PROGRAMS["topstep-50k"].stages
    assert combine.daily_loss is not None
    assert combine.daily_loss.optional
    assert (combine.daily_loss.cmp, combine.daily_loss.outcome) == ("touch", "lock_day")
    assert combine.consistency is not None
    assert combine.consistency.cap == ratio("0.5")
    assert combine.activation_fee == Cents(149_00)
    assert xfa.zero_based
    assert xfa.max_accounts == 5
    assert xfa.scaling is not None
    assert [(tier.start, tier.max) for tier in xfa.scaling.tiers] == [
        (dollars(0), lots(2)),
        (dollars(1_500), lots(3)),
        (dollars(2_000), lots(5)),
    ]
    assert live.transfer is not None
    assert live.transfer.rule == "min_sum_largest"


def test_topstep_pays_half_of_the_balance_after_five_days_and_zeroes_the_floor() -> None:
    payout = terms("topstep-50k")
    assert payout.schedule == Schedule("after_n_qualifying", 5)
    assert payout.pct_cap == PctCap(ratio("0.5"), "balance")
    assert payout.split.steps == (SplitStep(0, ratio("0.9")),)
    assert (payout.floor_effect, payout.floor_effect_first_only) == ("set_to_zero", True)
    days = funded("topstep-50k").days.qualifying
    assert days is not None
    assert (amount_of(days.min_profit), days.count) == (dollars(150), 5)
    other = funded("topstep-consistency-50k")
    assert other.consistency is not None
    assert (other.consistency.cap, other.days.min_trading) == (ratio("0.4"), 3)


def test_apex_4_has_a_month_six_payouts_and_twenty_accounts() -> None:
    for name in ("apex-eod-50k", "apex-intraday-50k"):
        assert (first(name).time_limit_days, first(name).activation_days) == (30, 7)
        assert first(name).consistency is None
        assert funded(name).max_accounts == 20
        consistency = funded(name).consistency
        assert consistency is not None
        assert (consistency.cap, consistency.cmp) == (ratio("0.5"), "lte")
        payout = terms(name)
        assert (payout.max_count, payout.min_amount) == (6, dollars(500))
        assert payout.split.steps == (SplitStep(0, ratio("1")),)
        assert payout.counter_reset == "on_decision"
    assert (first("apex-eod-50k").activation_fee, first("apex-intraday-50k").activation_fee) == (99_00, 79_00)
    assert PROGRAMS["apex-eod-50k"].effective_from == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("size", "request_at", "before", "after"),
    [
        (25, 26_600, 2, 4),
        (50, 52_600, 5, 10),
        (75, 77_850, None, None),
        (100, 103_100, 7, 14),
        (150, 155_100, 8, 17),
        (250, 256_600, 13, 27),
        (300, 307_600, 17, 35),
    ],
)
def test_apex_legacy_is_half_size_until_the_safety_net(
    size: int, request_at: int, before: int | None, after: int | None
) -> None:
    name = f"apex-legacy-{size}k"
    stage, payout = funded(name), terms(name)
    net = Micros(amount_of(stage.max_loss.size) + usd("100"))
    assert payout.min_balance == dollars(request_at)
    assert amount_of(stage.max_loss.size) == usd(str(request_at - size * 1000 - 100))
    assert payout.buffer == Buffer(net, 3, usd("100"))
    tiers = [(tier.start, tier.max) for tier in stage.scaling.tiers] if stage.scaling is not None else None
    assert tiers == (None if before is None else [(0, lots(before)), (net, lots(after))])
    assert stage.behaviour is not None
    assert stage.behaviour.mae is not None
    assert (stage.behaviour.mae.raised_from, stage.behaviour.mae.low_profit_below) == (2 * net, net)


def test_apex_legacy_pays_all_of_the_first_25_000() -> None:
    for name in ("apex-legacy-50k", "apex-legacy-static-100k"):
        payout, stage = terms(name), funded(name)
        assert payout.split.kind == "by_lifetime_marginal"
        assert payout.split.steps == (SplitStep(0, ratio("1")), SplitStep(usd("25000"), ratio("0.9")))
        assert payout.min_amount == dollars(500)
        assert stage.days.min_trading == 8
        assert stage.days.qualifying is not None
        assert (amount_of(stage.days.qualifying.min_profit), stage.days.qualifying.count) == (dollars(50), 5)
        assert stage.consistency is not None
        assert (stage.consistency.cap, stage.consistency.until_payout_no) == (ratio("0.3"), 5)
        assert stage.behaviour is not None
        assert stage.behaviour.stop_target_ratio == ratio("5")
        assert stage.behaviour.mae is not None
        assert (stage.behaviour.mae.pct, stage.behaviour.mae.pct_raised) == (ratio("0.3"), ratio("0.5"))
    assert terms("apex-legacy-static-100k").min_balance == dollars(102_600)


def test_my_funded_futures_differs_by_plan_in_its_payouts() -> None:
    core, pro, rapid, expert = (terms(f"mffu-{plan}-50k") for plan in ("core", "pro", "rapid", "expert"))
    assert core.amount_caps == (dollars(1_000),)
    assert (core.caps_until_payout_no, core.caps_until_qualifying_days) == (5, 30)
    assert core.schedule == Schedule("after_n_qualifying", 5, None, time(15), "America/Chicago")
    assert (pro.schedule.kind, pro.schedule.n, pro.min_amount) == ("every_n_days", 14, dollars(1_000))
    assert (rapid.schedule.kind, rapid.schedule.n) == ("every_n_days", 1)
    assert rapid.buffer == Buffer(usd("2100"))
    assert rapid.split.steps == (SplitStep(0, ratio("0.9")),)
    assert (expert.inside_buffer.max_share, expert.inside_buffer.floor_to_start) == (ratio("0.6"), True)
    kept = [terms(f"mffu-expert-{size}k").buffer for size in (50, 100, 150)]
    assert [buffer and buffer.amount for buffer in kept] == [usd("2100"), usd("3100"), usd("4600")]
    for plan in ("core", "pro", "rapid", "expert"):
        consistency = first(f"mffu-{plan}-50k").consistency
        assert consistency is not None
        assert consistency.cap == ratio("0.5")


def test_tradeify_looks_at_holding_times_and_eases_lightning() -> None:
    growth, select, lightning = (funded(f"tradeify-{plan}-50k") for plan in ("growth", "select", "lightning"))
    assert growth.consistency is not None
    assert (growth.consistency.cap, growth.consistency.include_commissions) == (ratio("0.35"), False)
    assert select.consistency is None
    evaluation = first("tradeify-select-50k")
    assert evaluation.consistency is not None
    assert (evaluation.consistency.cap, evaluation.days.min_trading) == (ratio("0.4"), 3)
    assert lightning.consistency is not None
    assert lightning.consistency.caps_by_payout == (ratio("0.2"), ratio("0.25"), ratio("0.3"))
    for stage in (growth, select, lightning):
        assert stage.behaviour is not None
        assert stage.behaviour.min_hold_s == 10
        assert stage.behaviour.min_hold_share_trades == stage.behaviour.min_hold_share_profit == ratio("0.5")
        assert (stage.behaviour.hedging, stage.behaviour.hedging_scope) == ("forbidden", "mixed_sizes")


def test_take_profit_trader_keeps_a_buffer_until_pro_plus() -> None:
    test, pro, plus = PROGRAMS["tpt-50k"].stages
    assert test.activation_fee == Cents(130_00)
    assert pro.max_accounts == 5
    assert pro.reset is not None
    assert pro.reset.max == 3
    assert pro.payout is not None
    assert pro.payout.buffer == Buffer(amount_of(pro.max_loss.size))
    assert pro.payout.inside_buffer == InsideBuffer("split", ratio("0.5"), True, ratio("0.8"), 60)
    assert plus.payout is not None
    assert plus.payout.buffer is None
    assert (pro.payout.split.steps[0].rate, plus.payout.split.steps[0].rate) == (ratio("0.8"), ratio("0.9"))
    assert plus.news is not None
    assert (plus.news.before_s, plus.news.after_s, plus.news.mode) == (60, 60, "flat_required")
    assert plus.news.events["CRUDE_INVENTORIES"] == ("CL",)
    assert plus.news.events["TREASURY_AUCTION"] == ("ZN", "ZB")
    assert plus.inactivity is not None
    assert plus.inactivity.per_week == 1
    assert plus.times.limit_up_down == "forfeit_profit"
    assert plus.transfer == Transfer("discretion")


def test_tradeday_waits_for_the_lock_and_pays_in_tiers() -> None:
    for name in ("tradeday-eod-50k", "tradeday-intraday-50k", "tradeday-static-50k"):
        payout, live = terms(name), PROGRAMS[name].stages[-1]
        assert payout.min_amount == dollars(250)
        assert [(step.start, step.rate) for step in payout.split.steps] == [
            (0, ratio("0.8")),
            (usd("50000"), ratio("0.9")),
            (usd("100000"), ratio("0.95")),
        ]
        assert payout.schedule.cutoff == time(17, 30)
        assert payout.floor_locked_required == (name != "tradeday-static-50k")
        assert live.zero_based
        assert live.transfer is not None
        assert (live.transfer.rule, live.transfer.min) == ("net_profit", dollars(1_000))
        assert live.transfer.assessed_at == dollars(5_000)
        assert live.position is not None
        assert live.position.sub_caps == {"micro": 50}


def test_fundednext_pays_half_until_thirty_days_and_sets_the_floor_to_the_start() -> None:
    for plan in ("rapid", "legacy"):
        for size, least in ((25, 100), (50, 200), (100, 200)):
            name = f"fundednext-{plan}-{size}k"
            days, payout = funded(name).days.qualifying, terms(name)
            assert days is not None
            assert (amount_of(days.min_profit), days.count) == (dollars(least), 5)
            assert (payout.min_cycle_profit, payout.min_amount) == (dollars(500), dollars(250))
            assert payout.pct_cap == PctCap(ratio("0.5"), "profit", 30)
            assert (payout.floor_effect, payout.floor_effect_first_only) == ("set_to_start", True)
            limits = PROGRAMS[name].limits
            assert (limits.allocation_evaluation, limits.allocation_funded) == (dollars(700_000), dollars(300_000))
            assert limits.queue_when_full


def test_earn2trade_ends_the_account_on_a_bad_day() -> None:
    stage = first("earn2trade-50k")
    assert stage.daily_loss is not None
    assert stage.daily_loss.outcome == "fail"
    assert stage.consistency is not None
    assert stage.consistency.cap == ratio("0.3")
    assert terms("earn2trade-50k").split.steps == (SplitStep(0, ratio("0.8")),)


def test_bulenox_pays_on_wednesdays() -> None:
    for option in (1, 2):
        payout, stage = terms(f"bulenox-{option}-50k"), funded(f"bulenox-{option}-50k")
        assert payout.schedule == Schedule("weekday", None, "wed")
        assert payout.split.steps == (SplitStep(0, ratio("1")), SplitStep(usd("10000"), ratio("0.9")))
        assert stage.days.min_trading == 10
        assert stage.consistency is not None
        assert stage.consistency.cap == ratio("0.4")


@pytest.mark.parametrize(("program", "daily"), [("ftmo-2step-100k", "0.05"), ("ftmo-1step-100k", "0.03")])
def test_ftmo_counts_from_midnight_in_prague_and_hits_strictly_below(program: str, daily: str) -> None:
    for stage in PROGRAMS[program].stages:
        assert stage.max_loss.size == Size(pct=ratio("0.1"))
        assert stage.daily_loss is not None
        assert stage.daily_loss.size == Size(pct=ratio(daily))
        assert (stage.daily_loss.reference, stage.daily_loss.pct_base) == ("balance", "initial")
        assert (stage.daily_loss.cmp, stage.daily_loss.outcome) == ("below", "fail")


def test_the5ers_counts_from_the_larger_of_balance_and_equity() -> None:
    for stage in PROGRAMS["the5ers-high-stakes-100k"].stages:
        assert stage.max_loss.size == Size(pct=ratio("0.1"))
        assert stage.daily_loss is not None
        assert stage.daily_loss.size == Size(pct=ratio("0.05"))
        assert (stage.daily_loss.reference, stage.daily_loss.pct_base) == ("max", "reference")
        assert stage.daily_loss.cmp == "touch"
        assert stage.inactivity is not None
        assert stage.inactivity.days == 30
        assert stage.news is not None
        assert (stage.news.before_s, stage.news.after_s) == (120, 120)
    days = first("the5ers-high-stakes-100k").days.qualifying
    assert days is not None
    assert (days.min_profit, days.count) == (Size(pct=ratio("0.005")), 3)


def test_tx3_starter_locks_with_the_first_payout_and_alpha_trader_keeps_a_net_for_five() -> None:
    starter, payout = funded("tx3-starter-50k"), terms("tx3-starter-50k")
    assert starter.max_loss.lock_trigger == "first_payout"
    assert (payout.floor_effect, payout.floor_effect_value) == ("set_to_start_plus", dollars(100))
    assert funded("tx3-pro-50k").max_loss.lock_trigger == "reach"
    assert first("alpha-trader-50k").max_loss.size == Size(pct=ratio("0.03"))
    assert terms("alpha-trader-50k").buffer == Buffer(usd("1500"), 5)


def test_none_of_the_shipped_daily_limits_caps_gains() -> None:
    caps: list[UpperCap] = [
        stage.daily_loss.upper_cap
        for program in PROGRAMS.values()
        for stage in program.stages
        if stage.daily_loss is not None and stage.daily_loss.upper_cap is not None
    ]
    assert caps == []


# ------------------------------------------------------------ finding, and files of users


def test_an_unknown_program_is_refused_with_those_that_look_alike() -> None:
    with pytest.raises(UnknownProgram) as refusal:
        SHIPPED.get("topstep-50")
    assert refusal.value.near[0] == "topstep-50k"
    with pytest.raises(UnknownProgram):
        SHIPPED.get("topstep-51k")


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "mine.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path) -> str:
    with pytest.raises(BadProgramFile) as refused:
        read_file(path)
    assert str(path) in str(refused.value)
    return "; ".join(map(str, refused.value.problems))


def test_a_user_s_file_is_read_like_a_shipped_one(tmp_path: Path) -> None:
    program = PROGRAMS["ftmo-2step-100k"]
    text = to_toml(to_document(program))
    assert read_file(write(tmp_path, text)) == (program,)
    assert read_file(write(tmp_path, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())) == (program,)


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.toml") == "No such file or directory"
    assert refusal(tmp_path) == "Is a directory"
    assert refusal(write(tmp_path, b"\x00\xff\xfe")) == "is not text in UTF-8"
    assert refusal(write(tmp_path, "a" * (FILE_MAX + 1))) == "is larger than 1,000,000 bytes"
    assert refusal(write(tmp_path, "id = [")) == "is not TOML: Invalid value (at end of document)"
    assert refusal(write(tmp_path, f"version = {'1' * 5_000}")).startswith("is not TOML: Exceeds the limit")
    assert refusal(write(tmp_path, "a = " + "[" * 100_000)) == "is nested too deeply"


def test_all_problems_of_a_file_are_told(tmp_path: Path) -> None:
    told = refusal(write(tmp_path, 'id = "A B"\nversion = 1.5\nstages = []'))
    assert "id: 'A B' must be small letters" in told
    assert "version: must be a whole number" in told
    assert "clock: is missing" in told
