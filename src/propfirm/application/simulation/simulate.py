"""``propfirm simulate``: a verdict on a recorded history, with everything that it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from propfirm.application.ports.progress import Progress
from propfirm.application.simulation.report import Report
from propfirm.application.simulation.request import SimulationRequest
from propfirm.application.simulation.run import RunHistory
from propfirm.application.simulation.summary import summary


class Outcome(Struct, frozen=True):
    """proof: the bundle, if one was asked for."""

    report: Report
    proof: bytes | None


@dataclass(frozen=True, slots=True)
class Simulate:
    """A risk manager feeds a disputed account's history and gets the verdict that the live engine gives."""

    run_history: RunHistory

    def __call__(self, request: SimulationRequest, progress: Progress) -> Outcome:
        """Raises BadInput, NoSuchStage."""
        run = self.run_history(request, progress)
        return Outcome(summary(run), None)
