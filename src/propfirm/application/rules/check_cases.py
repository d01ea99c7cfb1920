"""Checks the product against a file of worked examples (``golden-cases/1``): published figures and our own scenarios.

Each case is played through the product's public interface (``case_rules``, ``case_payouts``); here are only the file,
the comparison and the report. A key, word or rule that the grammar (``case_grammar``) does not have fails its case, a
key beside the cases the whole check: nothing is skipped. A broken case has a line like any other, and the others are
judged. Of a case's frame only id, rule, parameters, inputs and expected are needed; the rest is for people.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from types import GenericAlias
from typing import Any, Final, Generic, NoReturn, TypeAlias, TypeVar, assert_never, cast, get_args

import msgspec
from msgspec import UNSET, Struct

from propfirm.application.ports.inputs import BadInput, Problem
from propfirm.application.rules import case_grammar as grammar
from propfirm.application.rules import case_payouts as payouts
from propfirm.application.rules import case_rules as rules
from propfirm.application.rules.case_figures import Amount, CannotJudge, Figure, Figures, Readings
from propfirm.domain.calendar.table import SessionTable
from propfirm.domain.errors import Refused
from propfirm.domain.money import Micros, exact, half_up, parse_scaled

FORMAT: Final = "golden-cases/1"
DEPTH_MAX: Final = 64
"""Nesting of a file; the format needs seven levels."""

CLIP: Final = 120
PLACES: Final = 6
"""Of every decimal that the product computes."""

MONEY_PLACES: Final = 2
OF_A_LIMIT: Final = frozenset(("initial_floor", "floors", "lower", "upper", "remaining_after_last"))
"""Figures that lie a limit away from another one; the product rounds neither."""

_TEXT: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET: Final = re.compile(r"[\[\]{}]")


# ------------------------------------------------------------ the report


class Difference(Struct, frozen=True):
    """An expected figure that the product does not give. Both as the file would write them."""

    key: str
    expected: str
    got: str


class Holds(Struct, frozen=True, tag="holds"):
    """Every expected figure is the product's. note: under which reading, where the case leaves one open and they
    differ."""

    note: str = ""


class Differs(Struct, frozen=True, tag="differs"):
    """At least one figure is another."""

    differences: tuple[Difference, ...]


class NotKnown(Struct, frozen=True, tag="not_known"):
    """The case uses a rule, key, word or kind of value that the grammar does not have, or has no form of a case."""

    reasons: tuple[str, ...]


class NotJudged(Struct, frozen=True, tag="not_judged"):
    """The case is written well, but the product cannot compute it from what is told."""

    reason: str


Verdict: TypeAlias = Holds | Differs | NotKnown | NotJudged


class CaseResult(Struct, frozen=True):
    """What became of one case."""

    id: str
    rule: str
    verdict: Verdict


class Report(Struct, frozen=True):
    """All cases of a file, in its order. unknown: the file's own keys that the format does not have."""

    cases: tuple[CaseResult, ...]
    unknown: tuple[str, ...] = ()

    @property
    def held(self) -> int:
        return sum(isinstance(case.verdict, Holds) for case in self.cases)

    @property
    def failed(self) -> int:
        return sum(isinstance(case.verdict, Differs | NotKnown) for case in self.cases)

    @property
    def not_judged(self) -> int:
        return sum(isinstance(case.verdict, NotJudged) for case in self.cases)

    @property
    def ok(self) -> bool:
        return self.held == len(self.cases) and not self.unknown


def render_lines(report: Report) -> tuple[str, ...]:
    """One line a case, one for each key of the file that is not known, then the count. Every line is printable."""
    count = f"{len(report.cases)} cases: {report.held} ok, {report.failed} failed, {report.not_judged} cannot be judged"
    cases = (f"{case.id}  {case.rule}  {_said(case.verdict)}" for case in report.cases)
    keys = (f"FAILED the key {key!r} of the file is not known" for key in report.unknown)
    return (*map(_printable, (*cases, *keys)), count)


def _said(verdict: Verdict) -> str:
    match verdict:
        case Holds(note):
            return f"ok ({note})" if note else "ok"
        case Differs(differences):
            return "FAILED " + "; ".join(f"{one.key}: expected {one.expected}, got {one.got}" for one in differences)
        case NotKnown(reasons):
            return "FAILED cannot be judged: " + "; ".join(reasons)
        case NotJudged(reason):
            return f"CANNOT JUDGE {reason}"
        case _:
            assert_never(verdict)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


# ------------------------------------------------------------ the rules

T = TypeVar("T")
P = TypeVar("P", bound=grammar.Part)
N = TypeVar("N", bound=grammar.Input)


class Rule(Struct, Generic[P, N], frozen=True):
    """How cases of one rule are written, and who judges them."""

    parameters: type[P]
    inputs: object
    """The type of one input; as a union of classes it is no ``type``."""
    expected: type[grammar.Part]
    judge: Callable[[P, Sequence[N], SessionTable], Readings]


def _max_loss(basis: rules.Basis) -> Rule[grammar.MaxLossParameters, Any]:
    return Rule(
        grammar.MaxLossParameters, grammar.MaxLossInput, grammar.MaxLossExpected, partial(rules.max_loss, basis)
    )


RULES: Final[Mapping[str, Rule[Any, Any]]] = {
    "allocation_cap": Rule(
        grammar.AllocationParameters, grammar.AllocatedAccount, grammar.AllocationExpected, payouts.allocation_cap
    ),
    "consistency_best_day": Rule(
        grammar.BestDayParameters, grammar.BestDayInput, grammar.BestDayExpected, rules.consistency_best_day
    ),
    "consistency_day_headroom": Rule(
        grammar.DayHeadroomParameters, grammar.DaySummary, grammar.DayHeadroomExpected, rules.consistency_day_headroom
    ),
    "consistency_target_inflation": Rule(
        grammar.TargetInflationParameters, grammar.DayClose, grammar.TargetInflationExpected, rules.target_inflation
    ),
    "daily_loss_limit": Rule(
        grammar.DailyLossParameters, grammar.DailyLossInput, grammar.DailyLossExpected, rules.daily_loss
    ),
    "daily_symmetric_cap": Rule(
        grammar.SymmetricCapParameters, grammar.PriorEquity, grammar.SymmetricCapExpected, rules.symmetric_cap
    ),
    "dynamic_payout_target": Rule(
        grammar.DynamicTargetParameters, grammar.PayoutAt, grammar.DynamicTargetExpected, payouts.dynamic_target
    ),
    "flat_by_cutoff": Rule(
        grammar.FlatByParameters, grammar.PositionOpenAt, grammar.FlatByExpected, rules.flat_by_cutoff
    ),
    "max_loss_closed_balance_trailing": _max_loss("closed_balance"),
    "max_loss_eod_trailing": _max_loss("eod_balance"),
    "max_loss_intraday_trailing": _max_loss("intraday_equity"),
    "max_loss_static": _max_loss("none"),
    "news_window": Rule(grammar.NewsParameters, grammar.NewsInput, grammar.NewsExpected, rules.news_window),
    "payout_amount": Rule(
        grammar.PayoutAmountParameters, grammar.ProfitState, grammar.PayoutAmountExpected, payouts.payout_amount
    ),
    "payout_floor_effect": Rule(
        grammar.FloorEffectParameters, grammar.FloorEffectInput, grammar.FloorEffectExpected, payouts.floor_effect
    ),
    "per_trade_risk": Rule(
        grammar.TradeRiskParameters, grammar.TradeRiskInput, grammar.TradeRiskExpected, rules.per_trade_risk
    ),
    "position_limit": Rule(
        grammar.PositionParameters, grammar.OpenPositions, grammar.PositionExpected, rules.position_limit
    ),
    "profit_split": Rule(grammar.SplitParameters, grammar.SplitState, grammar.SplitExpected, payouts.profit_split),
    "qualifying_days": Rule(
        grammar.QualifyingParameters, grammar.DayClose, grammar.QualifyingExpected, rules.qualifying_day_count
    ),
    "scaling_plan": Rule(grammar.ScalingParameters, grammar.ScalingInput, grammar.ScalingExpected, rules.scaling_plan),
    "stage_transfer_balance": Rule(
        grammar.TransferParameters, grammar.TransferInput, grammar.TransferExpected, payouts.stage_transfer
    ),
    "tax_reporting": Rule(grammar.TaxParameters, grammar.TaxYear, grammar.TaxExpected, payouts.tax_reporting),
    "trading_day_count": Rule(
        grammar.DayCountParameters, grammar.FillAt, grammar.DayCountExpected, rules.trading_day_count
    ),
}


# ------------------------------------------------------------ the file


class Case(Struct, frozen=True):
    """One worked example as it stands in the file. What is inside the last three is the rule's to read."""

    id: str
    rule: str
    parameters: dict[str, Any]
    inputs: tuple[dict[str, Any], ...]
    expected: dict[str, Any]


CASE_KEYS: Final = frozenset((*Case.__struct_fields__, "source_url", "source_kind", "firm", "notes"))
FILE_KEYS: Final = frozenset(("format", "money", "conventions", "note", "cases"))


def check(document: bytes, table: SessionTable, *, source: str = "cases") -> Report:
    """Judges every case of the file. table: the exchange's calendar, for the rules that need dates.

    Raises BadInput when the file is no object of this format with a list of cases: nothing is judged then.
    """
    file = _parsed(document, source)
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        _refuse(source, Problem(0, "", f"the file is not an object with the format {FORMAT!r}"))
    cases = file.get("cases")
    if not isinstance(cases, list) or not cases:
        _refuse(source, Problem(0, "", "cases: there is no list of cases"))
    results: list[CaseResult] = []
    seen: set[str] = set()
    for number, told in enumerate(cases):
        result = _result(told, f"cases[{number}]", table)
        if result.id in seen:
            result = CaseResult(result.id, result.rule, NotKnown((f"the id {result.id[:CLIP]!r} is there twice",)))
        seen.add(result.id)
        results.append(result)
    return Report(tuple(results), tuple(key for key in file if key not in FILE_KEYS))


def _refuse(source: str, problem: Problem) -> NoReturn:
    raise BadInput(source, (problem,))


def _parsed(document: bytes, source: str) -> object:
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(source, Problem(0, "", f"byte {error.start} is not UTF-8"))
    if _depth(text) > DEPTH_MAX:
        _refuse(source, Problem(0, "", f"the file is nested deeper than {DEPTH_MAX}"))
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_Float)
    except json.JSONDecodeError as error:
        _refuse(source, Problem(error.lineno, "", f"not JSON ({error.msg})"))
    except ValueError as error:  # a key that is there twice, NaN, a number of thousands of digits, half a character
        _refuse(source, Problem(0, "", str(error)[:CLIP]))


def _depth(text: str) -> int:
    """How deep the brackets nest, counted before anything recursive reads them."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(_TEXT.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


class _Float:
    """A number with a point. The format has none; it stays out of every arithmetic as a kind of its own."""

    def __init__(self, text: str) -> None:
        self.text = text


def _no_number(text: str) -> NoReturn:
    msg = f"{text} is no JSON number"
    raise ValueError(msg)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            msg = f"the key {key!r} is there twice in one object"
            raise ValueError(msg)
        found[_text(key)] = _text(value) if isinstance(value, str) else value
    return found


def _text(text: str) -> str:
    """Raises ValueError for half of a surrogate pair: it cannot be printed or stored."""
    text.encode()
    return text


def _placed(error: msgspec.ValidationError, place: str) -> str:
    return f"{place}: {str(error).replace('`$', '`' + place)}"


# ------------------------------------------------------------ one case


def _result(told: object, place: str, table: SessionTable) -> CaseResult:
    """place: what the case is called if it has no id."""
    try:
        case = msgspec.convert(told, Case)
    except msgspec.ValidationError as error:
        return CaseResult(_named(told, "id", place), _named(told, "rule", "?"), NotKnown((_placed(error, place),)))
    unknown = [key for key in cast("dict[str, object]", told) if key not in CASE_KEYS]
    return CaseResult(case.id, case.rule, _verdict(case, unknown, table))


def _named(told: object, key: str, otherwise: str) -> str:
    name = told.get(key) if isinstance(told, dict) else None
    return name if isinstance(name, str) else otherwise


def _verdict(case: Case, unknown: Sequence[str], table: SessionTable) -> Verdict:
    reasons = [f"the key {key[:CLIP]!r} of the case is not known" for key in unknown]
    rule = RULES.get(case.rule)
    if rule is None:
        return NotKnown((*reasons, f"there is no rule {case.rule[:CLIP]!r}"))
    parameters = _converted(_told(case.parameters, rule.parameters), rule.parameters, "parameters", reasons)
    kinds: tuple[type[Struct], ...] = get_args(rule.inputs) or (cast("type[Struct]", rule.inputs),)
    sequence = cast("type[tuple[grammar.Input, ...]]", GenericAlias(tuple, (rule.inputs, ...)))
    inputs = _converted([_told(one, *kinds) for one in case.inputs], sequence, "inputs", reasons)
    expected = _converted(case.expected, rule.expected, "expected", reasons)
    if reasons or parameters is None or inputs is None or expected is None:
        return NotKnown(tuple(reasons))
    asked = {key: value for key in expected.__struct_fields__ if (value := getattr(expected, key)) is not UNSET}
    try:
        _check_order(inputs)
        readings = rule.judge(parameters, inputs, table)
        return _compared(asked, readings)
    except CannotJudge as why:
        return NotJudged(why.reason)
    except Refused as refusal:
        return NotJudged(str(refusal))


def _told(raw: Mapping[str, object], *kinds: type[Struct]) -> dict[str, object]:
    """Without the keys of which ``null`` says that they are not told. One that is not known stays, to be refused."""
    known = {field for kind in kinds for field in kind.__struct_fields__}
    return {key: value for key, value in raw.items() if value is not None or key not in known}


def _converted(raw: object, kind: type[T], place: str, reasons: list[str]) -> T | None:
    """``raw`` as ``kind``; what is wrong with it goes to ``reasons``."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        reasons.append(_placed(error, place))
        return None


def _check_order(inputs: Sequence[grammar.Input]) -> None:
    if len(inputs) > grammar.INPUTS_MAX:
        raise CannotJudge(f"more than {grammar.INPUTS_MAX} inputs")
    for before, after in itertools.pairwise(inputs):
        if after.seq <= before.seq:
            raise CannotJudge(f"the inputs are not in order: {after.seq} follows {before.seq}")


def _compared(asked: Mapping[str, object], readings: Readings) -> Verdict:
    """Holds where one of the readings gives every figure; else what the first one gives."""
    if not asked:
        raise CannotJudge("nothing is expected")
    found = [_differences(asked, figures) for figures in readings]
    if all(found):
        return Differs(found[0])
    differs = any(found)
    return Holds("under one of the readings that it leaves open" if differs else "")


def _differences(asked: Mapping[str, object], figures: Figures) -> tuple[Difference, ...]:
    differences = []
    for key, expected in asked.items():
        if key not in figures:
            raise CannotJudge(f"{key}: there is nothing to compute it from")
        got = figures[key]
        if not _agrees(key, expected, got):
            differences.append(Difference(key, _shown(expected), _shown(got)))
    return tuple(differences)


def _agrees(key: str, expected: object, got: Figure) -> bool:
    match expected, got:
        case (tuple(), tuple()):
            return len(expected) == len(got) and all(map(partial(_agrees, key), expected, got))
        case (None, Amount()) if key == "floors":
            return True  # the source tells no floor for this input
        case (str(), Amount()):
            return _same_decimal(key, expected, got)
        case (str(), date()):
            return expected == got.isoformat()
        case _:
            return type(expected) is type(got) and expected == got


def _same_decimal(key: str, expected: str, got: Amount) -> bool:
    """Rounded half up to the places that the expected figure has, at least two.

    A floor just between two cents is either: a source that rounds the limit half up has rounded the floor half down.
    """
    places = min(PLACES, max(MONEY_PLACES, len(expected.partition(".")[2])))
    unit: int = 10 ** (PLACES - places)
    try:
        told = parse_scaled(expected, places)
    except ValueError as error:
        raise CannotJudge(f"{key}: {error}") from None
    if key in OF_A_LIMIT:
        return 2 * abs(told * unit - got.millionths) <= unit
    return told == half_up(got.millionths, unit)


def _shown(value: object) -> str:
    match value:
        case Amount(millionths):
            return exact(Micros(millionths))
        case date():
            return value.isoformat()
        case tuple():
            return f"[{', '.join(map(_shown, value))}]"
        case str():
            return value if len(value) <= CLIP else f"{value[:CLIP]}..."
        case _:
            return json.dumps(value)
