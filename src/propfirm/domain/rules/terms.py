"""The rules of one stage of one program version, resolved to exact figures for one account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from propfirm.domain.catalogue.program import Program, Size, Stage, Strikes
from propfirm.domain.errors import NotFound, Refused
from propfirm.domain.market.contracts import Contract
from propfirm.domain.market.positions import Method
from propfirm.domain.money import Micros, Ppm, portion
from propfirm.domain.rules.floors import allowance

ENGINE_SEMANTICS: Final = 1
"""Rises with every change of ``step`` that alters any verdict; the old function then stays beside the new one."""


class Options(Struct, frozen=True):
    """What this account bought or chose. lifetime_qualifying: qualifying days brought from earlier stages.

    starting_balance: with which a stage transfer opened it, in place of the stage's own.
    """

    daily_loss: bool = False
    personal_daily_loss: Micros | None = None
    lifetime_qualifying: int = 0
    starting_balance: Micros | None = None


class Platform(Struct, frozen=True):
    """How the trading platform computes: position method, rounding of each fill, and which price marks a position.

    shows_orders: False where working orders are not seen (a history of executions).
    """

    method: Method = "average"
    settle: Literal["exact", "per_fill"] = "exact"
    mark: Literal["exit_side", "mid"] = "exit_side"
    shows_orders: bool = True


class ContractTerms(Struct, frozen=True):
    """A contract as this stage weighs it. sub_cap: contracts, with the key it is counted under."""

    root: str
    product: str
    group: str
    size_class: str
    tick_value: Micros
    weight: Ppm
    sub_caps: tuple[tuple[str, int], ...] = ()


class Terms(Struct, frozen=True):
    """Everything ``step`` needs to know of the rules. Amounts in micro-dollars, ``initial`` the nominal size.

    daily_limit None: no program limit (or an optional one that the account has not), or one that depends on the day's
    reference (daily_rate). cap_gain: the daily upper cap above the reference. size_is_sum: size is counted contract by
    contract, so that closing never adds to it.
    """

    stage: Stage
    platform: Platform
    options: Options
    initial: Micros
    start: Micros
    drawdown: Micros
    max_touch: bool
    max_on_equity: bool
    daily: bool
    daily_limit: Micros | None
    daily_rate: Ppm | None
    daily_touch: bool
    cap_gain: Micros | None
    target: Micros | None
    qualifying_profit: Micros | None
    unit_limit: Ppm | None
    size_is_sum: bool
    contracts: dict[str, ContractTerms]
    strikes: dict[str, Strikes]
    hedging_forbidden: bool

    def drawdown_at(self, high: Micros) -> Micros:
        """The drawdown amount A(h) of the semantics page, section 4."""
        return allowance(self.stage.max_loss, self.initial, high)


@dataclass(eq=False)
class NoSuchStage(NotFound):
    code = "program.no-such-stage"
    title = "The program has no such stage"
    program: str
    stage: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.program} has no stage {self.stage!r}; it has {', '.join(self.known)}"


@dataclass(eq=False)
class IncompleteSize(Refused):
    code = "program.incomplete-size"
    title = "A limit has neither an amount nor a rate"
    rule: str


def resolve(size: Size, base: Micros, rule: str) -> Micros:
    """A size as money. Raises IncompleteSize when it has neither amount nor rate."""
    if size.amount is None and size.pct is None:
        raise IncompleteSize(rule)
    return size.of(base)


def compile_terms(
    program: Program,
    stage: str,
    contracts: Mapping[str, Contract],
    *,
    platform: Platform | None = None,
    options: Options | None = None,
) -> Terms:
    """The terms of ``stage`` for an account with these options. contracts: by root, those that may be traded.

    Raises NoSuchStage, IncompleteSize.
    """
    try:
        rules = program.stage(stage)
    except KeyError:
        raise NoSuchStage(program.id, stage, tuple(one.name for one in program.stages)) from None
    options, platform = options or Options(), platform or Platform()
    if not platform.shows_orders:
        rules = _without_stop_duty(rules)
    initial = program.starting_balance
    nominal = initial if rules.starting_balance is None else rules.starting_balance
    start = Micros(0) if rules.zero_based else nominal
    if options.starting_balance is not None:
        start = options.starting_balance
    loss, daily = rules.max_loss, rules.daily_loss
    on = daily is not None and (options.daily_loss or not daily.optional)
    follows_reference = daily is not None and daily.pct_base == "reference" and daily.size.amount is None
    upper = daily.upper_cap if daily is not None else None
    qualifying = rules.days.qualifying
    position = rules.position
    return Terms(
        stage=rules,
        platform=platform,
        options=options,
        initial=initial,
        start=start,
        drawdown=resolve(loss.size, start if loss.pct_base == "hwm" else initial, "max_loss"),
        max_touch=loss.cmp == "touch",
        max_on_equity=loss.measure == "equity",
        daily=on,
        daily_limit=resolve(daily.size, initial, "daily_loss") if daily and on and not follows_reference else None,
        daily_rate=daily.size.pct if daily and on and follows_reference else None,
        daily_touch=daily is not None and daily.cmp == "touch",
        cap_gain=portion(initial, upper.pct) if upper and on else None,
        target=resolve(rules.target.size, initial, "target") if rules.target else None,
        qualifying_profit=resolve(qualifying.min_profit, initial, "qualifying") if qualifying else None,
        unit_limit=position.max if position else None,
        size_is_sum=position is None or (position.netting == "gross" and not position.sub_caps),
        contracts={root: _contract_terms(rules, contract) for root, contract in contracts.items()},
        strikes={strike.rule: strike for strike in rules.strikes},
        hedging_forbidden=rules.behaviour is not None and rules.behaviour.hedging == "forbidden",
    )


def _without_stop_duty(stage: Stage) -> Stage:
    """Where no working orders are seen, every position would look unprotected: that duty cannot be judged."""
    if stage.behaviour is None:
        return stage
    return replace(stage, behaviour=replace(stage.behaviour, stop_required=False))


def _contract_terms(stage: Stage, contract: Contract) -> ContractTerms:
    position = stage.position
    caps = position.sub_caps if position else {}
    keys = (contract.root, contract.size_class)
    return ContractTerms(
        contract.root,
        contract.product,
        contract.group,
        contract.size_class,
        contract.tick_value,
        position.weight(*keys, contract.weight) if position else contract.weight,
        tuple((key, caps[key]) for key in keys if key in caps),
    )
