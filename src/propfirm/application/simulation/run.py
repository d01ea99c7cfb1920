"""Reads a recorded history and recorded prices, runs the live engine through both, and refuses what does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from msgspec import Struct

from propfirm.application.ports.histories import History, HistoryReader
from propfirm.application.ports.inputs import PROBLEMS_MAX, BadInput, Problem
from propfirm.application.ports.prices import PriceReader, PriceStream
from propfirm.application.ports.progress import Progress
from propfirm.application.simulation.account import Account, Journal
from propfirm.application.simulation.holes import holes
from propfirm.application.simulation.materials import Materials
from propfirm.application.simulation.report import PriceHole
from propfirm.application.simulation.request import SimulationRequest
from propfirm.application.simulation.sides import resolution_of
from propfirm.application.simulation.weave import Weave
from propfirm.domain.calendar.clock_events import Window, news_windows
from propfirm.domain.calendar.news import NewsCalendar
from propfirm.domain.calendar.sessions import Sessions
from propfirm.domain.calendar.table import SessionTable
from propfirm.domain.errors import Refused
from propfirm.domain.market.contracts import Contract
from propfirm.domain.market.registry import Registry
from propfirm.domain.money import Micros, show
from propfirm.domain.rules.findings import decider
from propfirm.domain.rules.floors import Levels, cap, risen
from propfirm.domain.rules.terms import Options, Platform, Terms, compile_terms


class Simulated(Struct, frozen=True):
    """A finished run: everything that report, proof and what-if are made from."""

    request: SimulationRequest
    terms: Terms
    account: Account
    history: History
    materials: Materials
    contracts: Mapping[str, Contract]


@dataclass(eq=False)
class NoOptionalLimit(Refused):
    code = "program.no-optional-limit"
    title = "The program has no daily limit that an account may have or not (--daily-loss)"
    program: str
    stage: str


@dataclass(eq=False)
class NoPersonalLimit(Refused):
    code = "program.no-personal-limit"
    title = "The program does not let traders set a daily limit of their own"
    program: str
    stage: str


@dataclass(eq=False)
class PersonalLimitTooHigh(Refused):
    code = "program.personal-limit-too-high"
    title = "The account's own daily limit must be below the program's, or it would change nothing"
    program: str
    own: Micros
    limit: Micros

    def __str__(self) -> str:
        return f"{self.title}: {show(self.own)} against {show(self.limit)} of {self.program}"


@dataclass(eq=False)
class PersonalLimitOutOfReach(Refused):
    code = "program.personal-limit-out-of-reach"
    title = "The account would be breached, or its target met, before a daily limit of its own as high as this is hit"
    program: str
    stage: str
    own: Micros
    room: Micros

    def __str__(self) -> str:
        return f"{self.title}: {show(self.own)}, and {self.program} {self.stage} leaves at most {show(self.room)}"


class Case(Struct, frozen=True):
    """What is about to be judged. formats: of the history and of each price file, in order."""

    request: SimulationRequest
    terms: Terms
    registry: Registry
    sessions: SessionTable
    news: NewsCalendar
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunHistory:
    """Reads the inputs, runs the account through them, and refuses what does not fit together."""

    histories: HistoryReader
    prices: PriceReader
    registry: Registry
    sessions: SessionTable
    news: NewsCalendar

    def __call__(
        self,
        request: SimulationRequest,
        progress: Progress,
        journal: Callable[[Case], Journal] | None = None,
    ) -> Simulated:
        """Raises NoSuchStage, NoOptionalLimit, NoPersonalLimit, PersonalLimitTooHigh, PersonalLimitOutOfReach, BadInput
        (files) and whatever the program's terms refuse.

        journal: makes the place for the events, once it is known what is being judged.
        """
        program = request.program
        terms = compile_terms(
            program,
            request.stage or program.stages[0].name,
            self.registry.contracts,
            platform=Platform(method=request.method, shows_orders=False),
            options=Options(daily_loss=request.daily_loss, personal_daily_loss=request.personal_daily_loss),
        )
        _check_options(program.id, terms)
        history = self.histories.read(request.history, request.zone, request.fees)
        if not history.fills:
            raise BadInput(str(request.history), (Problem(0, "", "it holds no executions"),))
        streams = [(one, self.prices.open(one.path, one.symbol)) for one in request.prices]
        case = Case(
            request,
            terms,
            self.registry,
            self.sessions,
            self.news,
            formats=(history.format, *(stream.format for _, stream in streams)),
        )
        sessions = Sessions(program.clock, self.sessions)
        start = history.fills[0].at
        account = Account(terms, sessions, self._news_windows(terms), start, journal(case) if journal else None)
        weave = Weave(account, history.fills, request.reading, progress)
        _judge(weave, [stream for _, stream in streams], progress)
        self._check_prices(weave, account, request)
        if not account.held():
            # A day with an open position has not ended in this data: what would follow is not foretold.
            account.close_day()
        account.at_rest()
        materials = Materials(
            streams=tuple((one.path.name, stream.format, dict(stream.oddities)) for one, stream in streams),
            priced=frozenset(account.last),
            bars=weave.bars,
            doubts=tuple(weave.doubts),
            rows=weave.rows,
            resolution=resolution_of(history.fills),
            shut=self._shut(history, sessions),
            holes=self._holes(weave, account, sessions),
            news=self.news,
            calendar_version=self.sessions.version,
            contracts_version=self.registry.version,
        )
        return Simulated(request, terms, account, history, materials, self.registry.contracts)

    def _check_prices(self, weave: Weave, account: Account, request: SimulationRequest) -> None:
        """Raises BadInput for fills that the market never showed."""
        problems = weave.check.problems(account.last, self.registry.root)
        if problems:
            shown = tuple(problems[:PROBLEMS_MAX])
            raise BadInput(str(request.history), shown, len(problems) - len(shown))

    def _shut(self, history: History, sessions: Sessions) -> tuple[int, ...]:
        """Rows of executions at instants at which their product does not trade."""
        groups = {fill.root: self.registry.root(fill.root).group for fill in history.fills}
        return tuple(fill.row for fill in history.fills if not sessions.is_open(groups[fill.root], fill.at))

    def _holes(self, weave: Weave, account: Account, sessions: Sessions) -> tuple[PriceHole, ...]:
        """While the stage lived."""

        def open_parts(root: str, start: int, end: int) -> Iterator[tuple[int, int]]:
            return sessions.open_parts(self.registry.root(root).group, start, end)

        ended = decider(account.findings)
        silences = weave.silences if ended is None else [one.until(ended.at) for one in weave.silences]
        return tuple(sorted(holes(silences, open_parts), key=attrgetter("at", "symbol")))

    def _news_windows(self, terms: Terms) -> tuple[Window, ...]:
        """None of them where the list that the rule pins is not at hand: the report says so."""
        rule = terms.stage.news
        return news_windows(rule, self.news) if rule is not None and rule.feed == self.news.feed else ()


def _judge(weave: Weave, streams: Sequence[PriceStream], progress: Progress) -> None:
    if streams:
        progress.begin("judging prices", None)
    try:
        weave.through(streams)
    finally:
        progress.end()


def _check_options(program: str, terms: Terms) -> None:
    """Refuses a choice that the program does not offer, or that would change nothing."""
    daily, stage, own = terms.stage.daily_loss, terms.stage.name, terms.options.personal_daily_loss
    if terms.options.daily_loss and (daily is None or not daily.optional):
        raise NoOptionalLimit(program, stage)
    if own is None:
        return
    if daily is None or not daily.personal:
        raise NoPersonalLimit(program, stage)
    if terms.daily_limit is not None and own >= terms.daily_limit:
        raise PersonalLimitTooHigh(program, own, terms.daily_limit)
    room = _most_room(terms)
    if room is not None and own >= room:
        raise PersonalLimitOutOfReach(program, stage, own, room)


def _most_room(terms: Terms) -> Micros | None:
    """The most that an account can ever lose before the maximum loss, until its target is met; None where profit may
    raise it without end."""
    rule, start, target = terms.stage.max_loss, terms.start, terms.target
    first = Levels(terms.initial, start, start, Micros(start - terms.drawdown), start)
    follows = rule.mode not in ("static", "trail_payout")
    if target is None:
        return terms.drawdown if follows and cap(rule, start, 0) is None and rule.pct_base != "hwm" else None
    highest = Micros(start + target)
    floor = risen(rule, first, highest).floor if follows else first.floor
    return Micros(max(terms.drawdown, highest - floor))
