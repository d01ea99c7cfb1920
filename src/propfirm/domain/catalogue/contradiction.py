"""What the linter says, and the stage that it looks at."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from propfirm.domain.catalogue.program import SIZE_CLASSES, Program, Size, Stage
from propfirm.domain.money import Micros, Ppm


class Contradiction(Struct, frozen=True):
    """One thing that cannot be meant. path: into the document. figures: names and values that the reason rests on."""

    code: str
    path: str
    reason: str
    figures: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        figures = ", ".join(f"{name} {value}" for name, value in self.figures)
        return f"{self.path}: {self.reason}{f' ({figures})' if figures else ''} [{self.code}]"


@dataclass(frozen=True, slots=True)
class Where:
    """A stage in its program, with the figures that most rules ask for. path: ``stages[0]``."""

    program: Program
    stage: Stage
    path: str

    @property
    def initial(self) -> Micros:
        return self.program.starting_balance

    @property
    def start(self) -> Micros:
        """The balance with which the stage begins."""
        if self.stage.zero_based:
            return Micros(0)
        return self.initial if self.stage.starting_balance is None else self.stage.starting_balance

    @property
    def drawdown(self) -> Micros:
        """The maximum loss at the start, as money."""
        return self.money(self.stage.max_loss.size)

    @property
    def pays(self) -> bool:
        return self.stage.kind in ("sim_funded", "live")

    @property
    def last_payout(self) -> int | None:
        """The number of the last payout that the stage pays; None = there is no last one."""
        return None if self.stage.payout is None else self.stage.payout.max_count

    def money(self, size: Size) -> Micros:
        return size.of(self.initial)

    def size_key(self, block: str, size: Size, field: str = "size") -> str:
        """The path of a size as a document spells it."""
        if field == "size":
            return f"{block}.{'amount' if size.pct is None else 'pct'}"
        return f"{block}.{field}{'' if size.pct is None else '_pct'}"

    def trading_days(self, calendar_days: int) -> int:
        """The most trading days that so many calendar days can hold."""
        if self.program.clock.calendar == "civil":
            return calendar_days
        weeks, rest = divmod(calendar_days, 7)
        return weeks * 5 + min(rest, 5)

    @property
    def lightest(self) -> Ppm:
        """The weight of the lightest contract."""
        position = self.stage.position
        if position is None:
            return min(SIZE_CLASSES.values())
        classes = (position.weight(name, name, own) for name, own in SIZE_CLASSES.items())
        return min(*position.weights.values(), *classes)

    def no(self, code: str, path: str, reason: str, **figures: str) -> Contradiction:
        return Contradiction(code, f"{self.path}.{path}", reason, tuple(figures.items()))
