"""What the account holds and when: size, scaling, closed hours, blackouts, news. Prop-rules 4.6 to 4.9."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from propfirm.domain.catalogue.program import Times
from propfirm.domain.money import Micros, Ppm
from propfirm.domain.rules.draft import Draft
from propfirm.domain.rules.events import FlatBy, WindowOpened, WorkingOrder
from propfirm.domain.rules.findings import Evidence, Rule, Unit
from propfirm.domain.rules.state import FAR, Held, OpenWindow
from propfirm.domain.rules.terms import ContractTerms

SECOND: Final = 1_000_000_000


class Exposure(Struct, frozen=True, array_like=True):
    """One symbol's contracts against the size rules: held (signed), and working orders that buy and sell."""

    contract: ContractTerms
    held: int
    buys: int = 0
    sells: int = 0

    @property
    def contracts(self) -> int:
        """The most contracts that this symbol can come to: held, or with all its buys, or all its sells."""
        return max(abs(self.held), abs(self.held + self.buys), abs(self.held - self.sells))


def exposures(draft: Draft, positions: tuple[Held, ...], working: tuple[WorkingOrder, ...]) -> list[Exposure]:
    """By symbol, with working orders where the program counts them."""
    position = draft.terms.stage.position
    if not working or position is None or not position.include_working_orders:
        return [Exposure(held.contract, held.position.quantity) for held in positions]
    by_symbol = {held.symbol: Exposure(held.contract, held.position.quantity) for held in positions}
    for order in working:
        contract = draft.terms.contracts.get(order.root)
        if contract is None:
            continue
        known = by_symbol.get(order.symbol) or Exposure(contract, 0)
        buys, sells = known.buys + max(order.quantity, 0), known.sells + max(-order.quantity, 0)
        by_symbol[order.symbol] = Exposure(contract, known.held, buys, sells)
    return list(by_symbol.values())


def units_of(draft: Draft, counted: list[Exposure]) -> int:
    """Size of these holdings against the position limit, in millionths of a unit."""
    position = draft.terms.stage.position
    if position is None or position.netting == "gross":
        return sum(one.contracts * one.contract.weight for one in counted)
    sides: dict[str, tuple[int, int, int]] = {}
    for one in counted:
        weight = one.contract.weight
        net, buys, sells = sides.get(one.contract.product, (0, 0, 0))
        sides[one.contract.product] = (net + one.held * weight, buys + one.buys * weight, sells + one.sells * weight)
    return sum(max(abs(net), abs(net + buys), abs(net - sells)) for net, buys, sells in sides.values())


def judge_size(draft: Draft, positions: tuple[Held, ...], working: tuple[WorkingOrder, ...], symbol: str = "") -> None:
    """Size, sub-caps and scaling tier after a change from these positions and orders; only growth can be a hit."""
    position, limit, tier = draft.terms.stage.position, draft.terms.unit_limit, draft.tally.tier
    if draft.terms.size_is_sum and not draft.around.working:
        units = 0
        for held in draft.positions:
            units += abs(held.position.quantity) * held.contract.weight
        if (limit is None or units <= limit) and (tier is None or units <= tier):
            return  # nearly always; what was held before need not be known
    after, before = exposures(draft, draft.positions, draft.around.working), exposures(draft, positions, working)
    units, units_before = units_of(draft, after), units_of(draft, before)
    outcome = position.outcome if position is not None else "reject_order"
    if limit is not None and units > limit and units > units_before:
        draft.hit("position", outcome, _size_evidence(draft, limit, units, "units", symbol))
    if position is not None and position.sub_caps:
        for key, cap in position.sub_caps.items():
            count, count_before = _contracts_under(key, after), _contracts_under(key, before)
            if count > cap and count > count_before:
                draft.hit("sub_cap", outcome, _size_evidence(draft, cap, count, "contracts", symbol, key))
    if tier is not None and units > tier and units > units_before:
        draft.hit("scaling", outcome, _size_evidence(draft, tier, units, "units", symbol))


def _contracts_under(key: str, counted: list[Exposure]) -> int:
    return sum(one.contracts for one in counted if any(name == key for name, _ in one.contract.sub_caps))


def _size_evidence(draft: Draft, limit: int, actual: int, unit: Unit, symbol: str, note: str = "") -> Evidence:
    return Evidence(limit, actual, unit, draft.equity, draft.balance, symbol=symbol, note=note)


def tier_for(draft: Draft, balance: Micros) -> Ppm | None:
    """The scaling tier that this end-of-day balance earns."""
    scaling = draft.terms.stage.scaling
    if scaling is None:
        return None
    figure = balance if scaling.metric == "balance" else balance - draft.terms.start
    tier = scaling.tiers[0].max
    for step in scaling.tiers[1:]:
        if figure > step.start or (scaling.edge == "gte" and figure == step.start):
            tier = step.max
    return tier


def forbidden_over(times: Times, over: str) -> Rule | None:
    """The rule that forbids holding over this break; None where it is allowed."""
    if not times.overnight:
        return "overnight"
    if over == "weekend" and not times.weekend:
        return "weekend"
    if over == "holiday" and not times.holidays:
        return "holidays"
    return None


def flat_by(draft: Draft, event: FlatBy) -> None:
    """Judges what is still held, and closes these groups until they reopen (or the roll) where holding is forbidden."""
    times = draft.terms.stage.times
    rule = forbidden_over(times, event.over)
    if rule is None:
        return
    held = tuple(one for one in draft.positions if one.contract.group in event.groups)
    if held:
        contracts = sum(abs(one.position.quantity) for one in held)
        evidence = Evidence(0, contracts, "contracts", draft.equity, draft.balance)
        draft.hit(rule, times.outcome, evidence, tuple(one.symbol for one in held))
    if draft.day is not None:
        draft.day = draft.day.close_groups(event.groups, event.reopens or FAR)


def touches(window: OpenWindow, contract: ContractTerms) -> bool:
    return "*" in window.products or contract.root in window.products or contract.product in window.products


def open_window(draft: Draft, event: WindowOpened) -> None:
    """Remembers the window; positions that had to be flat by now are a hit, all together."""
    window = OpenWindow(event.name, event.kind, event.products, event.release)
    draft.around = draft.around.opened(window)
    news = draft.terms.stage.news
    if event.kind != "news" or news is None or news.mode != "flat_required" or draft.verdict != "open":
        return
    held = tuple(one for one in draft.positions if touches(window, one.contract) and not exempt(draft, window, one))
    if held:
        contracts = sum(abs(one.position.quantity) for one in held)
        draft.hit(
            "news", news.outcome, _window_evidence(draft, window, "", contracts), tuple(one.symbol for one in held)
        )


def exempt(draft: Draft, window: OpenWindow, held: Held) -> bool:
    news = draft.terms.stage.news
    if news is None or news.exempt_if_held_s is None:
        return False
    return window.release - held.trade.opened >= news.exempt_if_held_s * SECOND


def _window_evidence(draft: Draft, window: OpenWindow, symbol: str, contracts: int) -> Evidence:
    return Evidence(
        0, contracts, "contracts", draft.equity, draft.balance, set_at=window.release, symbol=symbol, note=window.name
    )


def judge_fill_time(
    draft: Draft, symbol: str, contract: ContractTerms, contracts: int, *, opened: int, before: Held | None
) -> None:
    """Closed hours, blackouts, news windows and limit moves for one fill of so many contracts.

    opened: how many of them open; before: the position that the fill met. One hit a rule: the first window counts.
    """
    stage = draft.terms.stage
    if opened and draft.day is not None and draft.day.is_closed(contract.group, draft.at):
        evidence = Evidence(0, opened, "contracts", draft.equity, draft.balance, symbol=symbol)
        draft.hit("closed_time", stage.times.outcome, evidence)
    touching = [window for window in draft.around.windows if touches(window, contract)]
    blackout = next((window for window in touching if window.kind == "blackout"), None)
    if blackout is not None:
        draft.hit("blackout", stage.times.outcome, _window_evidence(draft, blackout, symbol, contracts))
    rule = stage.news
    if rule is not None and (opened or rule.mode != "flat_required"):
        closing = before if not opened else None
        for window in touching:
            if window.kind == "news" and not (closing is not None and exempt(draft, window, closing)):
                draft.hit("news", rule.outcome, _window_evidence(draft, window, symbol, contracts))
                break
    if symbol in draft.around.limit_moves and stage.times.limit_up_down == "forfeit_profit":
        evidence = Evidence(0, contracts, "contracts", draft.equity, draft.balance, symbol=symbol)
        draft.hit("limit_up_down", "strip_profit", evidence)
