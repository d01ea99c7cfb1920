"""A program in words that a trader understands: every rule that holds, with its figures, and what a hit does.

The words are made from the same values that the engine judges by, so they cannot promise anything else. Rules that a
stage has not are said too where silence could mislead (no daily limit, no news rule).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from msgspec import Struct

from propfirm.domain.catalogue.payout_words import payout_sentences
from propfirm.domain.catalogue.phrases import (
    OUTCOMES,
    RELEASES,
    clause,
    clock_time,
    days,
    duration,
    number,
    numbered,
    rate,
    sized,
    units,
    usd,
    weekday,
    words_and,
)
from propfirm.domain.catalogue.program import (
    SIZE_CLASSES,
    AdverseExcursion,
    Behaviour,
    Clock,
    Consistency,
    Days,
    Limits,
    MaxLoss,
    News,
    PositionLimit,
    Program,
    Qualifying,
    Source,
    Stage,
    Strikes,
)
from propfirm.domain.money import Micros, Ppm, from_cents, portion


class Section(Struct, frozen=True):
    """stage: the name of the stage that it is about, empty for the whole program."""

    title: str
    sentences: tuple[str, ...]
    stage: str = ""


class Description(Struct, frozen=True):
    title: str
    sections: tuple[Section, ...]


_KINDS: Final[dict[str, str]] = {
    "evaluation": "evaluation",
    "verification": "verification",
    "sim_funded": "funded account on simulated money",
    "live": "funded account on live money",
}

_RULES: Final[dict[str, str]] = {
    "max_loss": "maximum loss",
    "daily_loss": "daily loss",
    "personal_loss": "your own daily limit",
    "daily_cap": "daily gain",
    "position": "position size",
    "sub_cap": "limits of single contracts",
    "scaling": "scaling plan",
    "overnight": "holding overnight",
    "weekend": "holding over the weekend",
    "holidays": "holding over a holiday",
    "closed_time": "trading after the closing time",
    "blackout": "blackout times",
    "limit_up_down": "price limits",
    "news": "news",
    "stop_required": "stop loss",
    "risk_per_position": "risk of a position",
    "mae": "open loss of a position",
    "stop_target_ratio": "stop and target",
    "hedging": "hedging",
    "hft": "trading speed",
    "locked_day": "trading on a locked day",
    "inactivity": "inactivity",
    "time_limit": "time limit",
}

_SIZE: Final = "the account size"

_HIGHS: Final = {
    "trail_eod": "at the end of each day with your balance",
    "trail_closed": "after each closed trade with your balance",
    "trail_intraday": "at every moment with your account's value, open profit included",
}


def describe(program: Program) -> Description:
    """The whole program in sentences, in the order in which a trader meets its rules."""
    sections = [
        Section("The program", tuple(_program(program))),
        Section("The trading day", tuple(_clock(program.clock))),
    ]
    limits = tuple(_limits(program.limits))
    if limits:
        sections.append(Section("Per person", limits))
    for stage in program.stages:
        sections += (Section(title, sentences, stage.name) for title, sentences in _stage(program, stage) if sentences)
    if program.source is not None:
        sections.append(Section("Where this comes from", tuple(_source(program.source))))
    return Description(program.name, tuple(sections))


# ------------------------------------------------------------ the whole program


def _program(program: Program) -> Iterator[str]:
    yield (
        f"{program.name} is an account of {usd(program.starting_balance)} {program.currency}"
        f" (program {program.id}, version {program.version}, sold from {program.effective_from})."
    )
    stages = [f"{stage.name} ({_KINDS[stage.kind]})" for stage in program.stages]
    yield f"It has {number(len(stages), 'stage')}: {words_and(stages)}."


def _clock(clock: Clock) -> Iterator[str]:
    yield f"A trading day begins at {clock_time(clock.day_roll)}, {clock.zone} time; then daily limits start afresh."
    if clock.calendar == "cme":
        yield "Trading days are those of the CME, with its holidays and early closes."
        if clock.holiday_session == "merge":
            yield "A holiday session that halts early belongs to the next trading day."
        else:
            yield "A holiday session that halts early is a trading day of its own."
    else:
        yield "Every calendar day is a trading day."
    yield f"The end-of-day balance is taken at {clock_time(clock.eod_snapshot)}."
    if clock.flat_by is None:
        yield "No time is set at which positions must be closed."
        return
    yield f"Where positions may not be held, they must be closed before {clock_time(clock.flat_by)}."
    if clock.flat_grace_s:
        yield f"A position counts as held if it is still open {duration(clock.flat_grace_s)} after that."
    if clock.calendar == "cme":
        early = f"{duration(clock.halt_margin_s)} before the halt" if clock.halt_margin_s else "before the halt"
        if clock.per_product_close:
            yield f"On days with an early halt, and in products that close earlier, it is {early}."
        else:
            yield f"On days with an early halt it is {early}; a product's own closing time does not matter."


def _limits(limits: Limits) -> Iterator[str]:
    whose = "One household" if limits.household else "One person"
    if limits.accounts is not None:
        yield f"{whose} may have at most {number(limits.accounts, 'account')} at once."
    if limits.allocation_evaluation is not None:
        yield f"Evaluation accounts may add up to {usd(limits.allocation_evaluation)}."
    if limits.allocation_funded is not None:
        yield f"Funded accounts may add up to {usd(limits.allocation_funded)}."
    if limits.queue_when_full:
        yield "Who passes while there is no room waits in a queue until there is."


def _source(source: Source) -> Iterator[str]:
    grades = {"F": "the firm's own pages", "T": "third-party pages", "?": "sources that are unclear"}
    yield f"A dated example: {source.firm}, read on {source.read_on} from {grades[source.grade]}."
    if source.note:
        yield source.note
    for path, grade in source.values.items():
        yield f"{path}: {grades.get(grade, grade)}."
    for text in source.unclear:
        yield f"Unclear: {text}."


# ------------------------------------------------------------ one stage


def _stage(program: Program, stage: Stage) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "What it is", tuple(_terms(program, stage))
    yield "Maximum loss", tuple(_max_loss(program, stage))
    yield "Daily loss", tuple(_daily_loss(program, stage))
    yield "Profit target", tuple(_target(program, stage))
    yield "Days", tuple(_days(program, stage.days))
    yield "Consistency", tuple(_consistency(stage.consistency))
    yield "Position size", tuple(_position(stage))
    yield "Times", tuple(_times(program.clock, stage))
    yield "News", tuple(_news(stage.news))
    yield "How you trade", tuple(_behaviour(stage.behaviour))
    yield "Inactivity", tuple(_inactivity(stage))
    yield "Payouts", tuple(payout_sentences(stage, _start(program, stage)))
    yield "What follows", tuple(_after(stage))
    yield "Strikes", tuple(map(_strike, stage.strikes))


def _start(program: Program, stage: Stage) -> Micros:
    if stage.zero_based:
        return Micros(0)
    return program.starting_balance if stage.starting_balance is None else stage.starting_balance


def _terms(program: Program, stage: Stage) -> Iterator[str]:
    yield f"{stage.name} is your {_KINDS[stage.kind]}{_opening(program, stage)}."
    if stage.price or stage.billing == "monthly":
        yield f"It costs {usd(from_cents(stage.price))}{' a month' if stage.billing == 'monthly' else ', once'}."
    if stage.on_rebill == "restart":
        yield "With each monthly bill the account starts again."
    elif stage.on_rebill == "keep_balance_restart_windows":
        yield "With each monthly bill a failed account starts again; one in profit keeps its balance and counts anew."
    if stage.reset is not None:
        often = "any number of times" if stage.reset.max is None else f"at most {number(stage.reset.max, 'time')}"
        version = "the version that you bought" if stage.reset.version == "bought" else "the version sold that day"
        yield f"A failed account can be reset for {usd(from_cents(stage.reset.fee))}, {often}, to {version}."
    if stage.time_limit_days is not None:
        yield f"You have {days(stage.time_limit_days)} to pass; after that the account fails."
    if stage.activation_fee:
        yield f"After passing, the next stage costs an activation fee of {usd(from_cents(stage.activation_fee))}."
    if stage.activation_days is not None:
        yield f"After passing, you have {days(stage.activation_days)} to activate the next stage."
    if stage.max_accounts is not None:
        yield f"You may have at most {number(stage.max_accounts, 'account')} in this stage at once."
    if stage.next_stage is not None:
        yield f"After it comes {stage.next_stage}."
    if stage.warn_at is None:
        yield "No warning is sent before a loss limit is hit."
    else:
        yield f"A warning is sent when {rate(stage.warn_at)} of a loss limit is used up."


def _opening(program: Program, stage: Stage) -> str:
    """With how much the stage begins, as the end of a sentence."""
    start = usd(_start(program, stage))
    if stage.transfer is not None:
        return f"; its balance is what a transfer brings, and the figures here are those of a start with {start}"
    if stage.zero_based:
        return "; its balance starts at 0, and profits count from there"
    return f"; its balance starts with {start}"


def _max_loss(program: Program, stage: Stage) -> Iterator[str]:
    loss, start = stage.max_loss, _start(program, stage)
    follows_high = loss.pct_base == "hwm"
    base, base_name = (start, "its high-water mark") if follows_high else (program.starting_balance, _SIZE)
    amount = loss.size.of(base)
    floor = usd(Micros(start - amount))
    value = "value, open profit and loss included," if loss.measure == "equity" else "balance, open positions left out,"
    barrier = f"to {floor} or below" if loss.cmp == "touch" else f"below {floor}"
    yield f"Your account's {value} may never fall {barrier}: the maximum loss is {sized(loss.size, base, base_name)}."
    yield {
        "equity": "It is judged at every price, at any time of the day.",
        "balance": "It is judged whenever the balance can change, and when a day ends; an open loss alone is no hit.",
    }[loss.measure]
    distance = f"{rate(loss.size.pct)} of it" if follows_high and loss.size.pct is not None else usd(amount)
    match loss.mode:
        case "static":
            yield "This floor never moves."
        case "trail_payout":
            limit = "at most to the starting balance" if loss.lock == "none" else ""
            yield clause("This floor rises by your share of each payout", limit)
        case "trail_eod" | "trail_closed" | "trail_intraday":
            yield f"This floor rises {_HIGHS[loss.mode]}: it stays {distance} below the highest so far and never falls."
            if loss.lock == "none":
                yield "Nothing stops it from rising."
        case _:
            assert_never(loss.mode)
    yield from _lock(loss, start)
    yield f"If it is hit: {OUTCOMES[loss.outcome]}."


def _lock(loss: MaxLoss, start: Micros) -> Iterator[str]:
    if loss.lock == "none":
        return
    level = loss.lock_value if loss.lock == "at" else Micros(start + loss.lock_value)
    name = {
        "start": ", the starting balance",
        "start_plus": f", the starting balance + {usd(loss.lock_value)}",
        "at": "",
    }[loss.lock]
    if loss.lock_trigger == "first_payout":
        yield f"From your first payout on it stands at {usd(level)}{name}, for good."
    else:
        yield f"It stops for good at {usd(level)}{name}."


def _daily_loss(program: Program, stage: Stage) -> Iterator[str]:
    daily = stage.daily_loss
    if daily is None:
        yield "There is no daily limit."
        return
    reference = {
        "balance": "the balance",
        "equity": "the account's value, open positions included,",
        "max": "the larger of balance and account value",
        "prior_day_equity": "the account's value at the last end of day",
    }[daily.reference]
    base = "that figure" if daily.pct_base == "reference" else _SIZE
    amount = usd(daily.size.amount) if daily.size.amount is not None else f"{rate(daily.size.pct or Ppm(0))} of {base}"
    barrier = "lose" if daily.cmp == "touch" else "lose more than"
    yield f"Each day counts from {reference} when the day begins; you may not {barrier} {amount} from there."
    if daily.cmp == "touch":
        yield "Reaching that loss already counts."
    if daily.trail == "day_equity_high":
        yield "During the day the limit follows your highest account value of the day."
    if daily.optional:
        yield "This limit is optional: it holds only if you have chosen it."
    if daily.personal:
        yield "You may set a stricter daily limit of your own; it locks the day."
    yield f"If it is hit: {OUTCOMES[daily.outcome]}."
    if daily.upper_cap is not None:
        gain = usd(portion(program.starting_balance, daily.upper_cap.pct))
        yield (
            f"A gain of {gain} ({rate(daily.upper_cap.pct)} of the account size) over the day's reference ends the day"
            f" too: {OUTCOMES[daily.upper_cap.outcome]}."
        )


def _target(program: Program, stage: Stage) -> Iterator[str]:
    if stage.target is None:
        return
    yield f"You pass with a closed profit of {sized(stage.target.size, program.starting_balance, _SIZE)}."
    when = "whenever a trade is closed" if stage.on_pass.at == "close" else "at the end of each day only"
    flat = ", with no position open" if stage.on_pass.flat_required else ", also while positions are open"
    yield f"It is judged {when}{flat}."
    if stage.target.sticky:
        yield "Once reached, it counts as reached, even if profit is lost before the other conditions are met."
    else:
        yield "It must still be there when the last other condition is met; until then every loss limit goes on."


def _days(program: Program, rule: Days) -> Iterator[str]:
    if rule.min_trading:
        window = "in this stage" if rule.min_trading_scope == "stage" else "since the last payout"
        yield f"At least {number(rule.min_trading, 'trading day')} {window}, with an execution each, are needed."
    if rule.qualifying is not None:
        yield _qualifying(program, rule.qualifying)


def _qualifying(program: Program, rule: Qualifying) -> str:
    windows = {"stage": "in this stage", "cycle": "since the last payout", "lifetime": "over the account's whole life"}
    measure = "net profit of its trades" if rule.measure == "trade_pnl" else "growth of the end-of-day balance"
    least = sized(rule.min_profit, program.starting_balance, _SIZE)
    return (
        f"At least {number(rule.count, 'qualifying day')} {windows[rule.scope]} are needed: a day qualifies with a"
        f" {measure} of {least} or more."
    )


def _consistency(rule: Consistency | None) -> Iterator[str]:
    if rule is None:
        return
    unit = "day" if rule.unit == "day" else "trade"
    whole = "your total profit" if rule.denominator == "total" else "the profit target"
    at_most = "at most" if rule.cmp == "lte" else "less than"
    window = "of this stage" if rule.window == "stage" else "since the last payout"
    if rule.caps_by_payout:
        caps = [f"{rate(cap)} for payout {n}" for n, cap in enumerate(rule.caps_by_payout, start=1)]
        yield f"Your best {unit} {window} may be {at_most} this share of {whole}: {words_and(caps)} and all later ones."
    elif rule.cap is not None:
        yield f"Your best {unit} {window} may be {at_most} {rate(rule.cap)} of {whole}."
    costs = "after" if rule.include_commissions else "before"
    yield f"Profit is counted {costs} commissions and fees."
    if rule.until_payout_no is not None:
        yield f"This holds up to payout {rule.until_payout_no}; later payouts are free of it."
    yield {
        "block": "A better day than that is never a violation: it delays until the rest has caught up.",
        "extend_excess": "A better day than that is never a violation: what is above its share is added to the target.",
        "extend_ratio": "A better day than that is never a violation: the target grows until the day fits its share.",
    }[rule.effect]


def _position(stage: Stage) -> Iterator[str]:
    position, scaling = stage.position, stage.scaling
    outcome = OUTCOMES[position.outcome] if position is not None else OUTCOMES["reject_order"]
    if position is None and scaling is None:
        yield "There is no limit on position size."
        return
    if position is not None:
        yield f"You may hold at most {units(position.max, position.unit)} at once; exactly that many is allowed."
        for key, weight in position.weights.items():
            yield f"{_key_words(key)} counts as {units(weight, position.unit)}."
        yield from _unlisted(position)
        for key, most in position.sub_caps.items():
            yield f"Of {_key_plural(key)} you may hold at most {number(most, 'contract')}."
        if position.include_working_orders:
            yield "Working orders that could make a position larger count as if they were filled."
        else:
            yield "Working orders do not count, only what is filled."
        if position.netting == "gross":
            yield "Long and short positions add up."
        else:
            yield "Long and short positions in one product are offset against each other."
    if scaling is not None:
        measure = "end-of-day profit" if scaling.metric == "profit" else "end-of-day balance"
        edge = "of at least" if scaling.edge == "gte" else "above"
        unit = position.unit if position is not None else "contract"
        tiers = [f"{units(tier.max, unit)} with {measure} {edge} {usd(tier.start)}" for tier in scaling.tiers]
        yield f"How much you may hold grows with your profit: {words_and(tiers)}; below all of these, as in the first."
        yield "It changes for the next trading day only, up as well as down, never within a day."
    yield f"If you hold more: {outcome}."


def _unlisted(position: PositionLimit) -> Iterator[str]:
    """How much a contract counts that the program gives no weight."""
    if position.weights.keys() >= SIZE_CLASSES.keys():
        return
    what = "Any other contract" if position.weights else "A contract"
    if position.unit == "lot":
        yield f"{what} counts as 1 lot, whatever its size."
        return
    own = [
        f"{_key_words(key).lower()} {units(position.weight(key, key, weight), '')}"
        for key, weight in SIZE_CLASSES.items()
        if key not in position.weights
    ]
    yield f"{what} counts by its size: {words_and(own)}, and one of another size its share of a mini."


def _key_words(key: str) -> str:
    return {"mini": "A mini", "micro": "A micro", "full": "A full-size contract"}.get(key, f"A contract of {key}")


def _key_plural(key: str) -> str:
    return {"mini": "minis", "micro": "micros", "full": "full-size contracts"}.get(key, key)


# ------------------------------------------------------------ times, news, behaviour


def _times(clock: Clock, stage: Stage) -> Iterator[str]:
    times = stage.times
    spans = {"overnight": times.overnight, "over the weekend": times.weekend, "over holidays": times.holidays}
    held, closed = ([span for span, held in spans.items() if held is allowed] for allowed in (True, False))
    if held:
        yield f"You may hold positions {words_and(held)}."
    if closed:
        yield f"You may not hold positions {words_and(closed, 'or')}."
    for blackout in times.blackout:
        names = words_and([weekday(day) for day in blackout.days])
        span = f"from {clock_time(blackout.start)} until {clock_time(blackout.end)}"
        yield f"No executions {span} ({clock.zone}) on {names}."
    if times.limit_up_down == "forfeit_profit":
        yield "Profit from trades made while a contract is locked at its price limit does not count."
    if times.blackout or not (times.overnight and times.weekend and times.holidays):
        yield f"If you trade or hold then: {OUTCOMES[times.outcome]}."


def _news(rule: News | None) -> Iterator[str]:
    if rule is None:
        yield "News does not restrict you."
        return
    span = f"from {duration(rule.before_s)} before to {duration(rule.after_s)} after"
    yield {
        "no_execution": f"Nothing may be executed {span} a listed release, opening or closing; holding is allowed.",
        "flat_required": f"You may hold no position {span} a listed release.",
        "strip_profit": f"Profit of trades with an execution {span} a listed release does not count.",
    }[rule.mode]
    yield "Both ends of that window belong to it."
    for event, products in rule.events.items():
        where = "all products" if "*" in products else words_and(list(products))
        yield f"Listed: {RELEASES.get(event, event)}, for {where}."
    if rule.exempt_if_held_s is not None:
        yield f"A position opened at least {duration(rule.exempt_if_held_s)} before the release is exempt."
    yield f"The releases are those of the list {rule.feed}."
    yield f"If you break this rule: {OUTCOMES[rule.outcome]}."


def _behaviour(rule: Behaviour | None) -> Iterator[str]:
    if rule is None:
        return
    if rule.stop_required:
        when = "at once" if rule.stop_required_within_s is None else f"within {duration(rule.stop_required_within_s)}"
        yield f"Every position needs a stop order for its whole size, {when}."
    if rule.max_risk_per_position is not None:
        base = {"initial": "the account size", "balance": "the balance", "equity": "the account's value"}
        cap = rule.max_risk_per_position
        yield f"A position may risk at most {rate(cap.pct)} of {base[cap.base]} between entry and stop."
    yield from _holding(rule)
    if rule.stop_target_ratio is not None:
        yield f"A stop may be at most {units(rule.stop_target_ratio, '')} times as far from the entry as the target."
    if rule.mae is not None:
        yield from _excursion(rule.mae)
    if rule.hedging == "forbidden":
        yield {
            "product": "Long and short positions in one product at once are hedging, which is forbidden.",
            "mixed_sizes": "Long and short in one product, or two sizes of it at once: hedging, which is forbidden.",
            "group": "Long and short positions within one group of products at once are hedging, which is forbidden.",
        }[rule.hedging_scope]
    if rule.cross_account_hedging == "forbidden":
        yield "Opposite positions in several accounts are forbidden."
    yield {
        "allowed": "Copying trades is allowed.",
        "own_accounts": "Trades may be copied between your own accounts only.",
        "forbidden": "Copying trades is forbidden.",
    }[rule.copy]
    if rule.remote_execution == "forbidden":
        yield "Trading through a VPS or VPN is forbidden."
    if rule.hft is not None:
        most = number(rule.hft.max_trades_per_s, "execution")
        yield f"More than {most} within one second count as high-frequency trading: {OUTCOMES[rule.hft.outcome]}."
    stops = rule.stop_required or rule.max_risk_per_position is not None or rule.stop_target_ratio is not None
    if stops or rule.hedging == "forbidden":
        yield f"If you break a rule about stops or hedging: {OUTCOMES[rule.outcome]}."


def _holding(rule: Behaviour) -> Iterator[str]:
    if rule.min_hold_s is None:
        return
    least = "more than" if rule.min_hold_edge == "gt" else "at least"
    gate, held = "For a pass or a payout,", f"trades held longer than {duration(rule.min_hold_s)}"
    if rule.min_hold_share_trades is not None:
        yield f"{gate} {least} {rate(rule.min_hold_share_trades)} of your trades must be {held}."
    if rule.min_hold_share_profit is not None:
        yield f"{gate} {least} {rate(rule.min_hold_share_profit)} of your profit must come from {held}."
    if rule.min_hold_ticks is not None:
        yield f"A trade that made {number(rule.min_hold_ticks, 'tick')} or more a contract counts as held longer."


def _excursion(rule: AdverseExcursion) -> Iterator[str]:
    base = {
        "start_of_day_profit": "the profit with which the day began",
        "initial": "the account size",
        "drawdown": "the maximum loss",
    }[rule.base]
    yield f"The open loss of one position may be at most {rate(rule.pct)} of {base}: else {OUTCOMES[rule.outcome]}."
    if rule.base == "start_of_day_profit":
        yield f"While that profit is {usd(rule.low_profit_below)} or less, it is that rate of the maximum loss instead."
    if rule.pct_raised is not None and rule.raised_from is not None:
        yield f"It is {rate(rule.pct_raised)} once the end-of-day profit is above {usd(rule.raised_from)}."


def _inactivity(stage: Stage) -> Iterator[str]:
    rule = stage.inactivity
    if rule is None:
        return
    if rule.days is not None:
        yield f"You must trade at least once every {days(rule.days)}."
    if rule.per_week is not None:
        yield f"You must have at least {number(rule.per_week, 'execution')} in every trading week."
    yield f"If not: {OUTCOMES[rule.outcome]}."


def _after(stage: Stage) -> Iterator[str]:
    transfer, growth = stage.transfer, stage.growth
    if transfer is not None:
        yield {
            "min_sum_largest": "This stage starts with the sum of your funded balances, at most the largest size.",
            "net_profit": "This stage starts with your gross profit less what you have withdrawn.",
            "discretion": "The firm decides with how much this stage starts.",
        }[transfer.rule]
        if transfer.min:
            yield f"At least {usd(transfer.min)} is needed for it."
        if transfer.assessed_at is not None:
            yield f"It is considered once your gross profit has reached {usd(transfer.assessed_at)}."
        if transfer.after_payouts is not None:
            yield f"It is considered after {number(transfer.after_payouts, 'payout')}."
    if growth is not None:
        profit = f" and a profit of {usd(growth.min_profit)}" if growth.min_profit else ""
        yield f"After {number(growth.after_payouts, 'payout')}{profit} your account moves up to {growth.to}."


def _strike(strikes: Strikes) -> str:
    actions = [f"{numbered(n)} time: {OUTCOMES[action]}" for n, action in enumerate(strikes.actions, start=1)]
    each = "Each hit counts" if strikes.per == "hit" else "At most one hit a day counts"
    memory = "for good" if strikes.window_days is None else f"for {days(strikes.window_days)}"
    name = _RULES.get(strikes.rule, strikes.rule)
    return f"Hits of this rule are counted: {name}. {each}, {memory}. {'; '.join(actions)}, and so on."
