"""``propfirm simulate``: a verdict on a recorded history, with everything that it rests on, and a proof of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

from propfirm.application.ports.progress import Progress
from propfirm.application.ports.signing import Signer
from propfirm.application.proofs.builder import ProofBuilder
from propfirm.application.proofs.bundle import Header, InputFile, Tables, final_standing
from propfirm.application.simulation.report import Report
from propfirm.application.simulation.request import SimulationRequest
from propfirm.application.simulation.run import Case, RunHistory
from propfirm.application.simulation.summary import summary


class Outcome(Struct, frozen=True):
    """proof: the bundle, if one was asked for."""

    report: Report
    proof: bytes | None


@dataclass(frozen=True, slots=True)
class Simulate:
    """A risk manager feeds a disputed account's history and gets the verdict that the live engine gives."""

    run_history: RunHistory
    load_key: Callable[[Path], Signer]
    digest: Callable[[Path, str], InputFile]

    def __call__(self, request: SimulationRequest, progress: Progress) -> Outcome:
        """Raises BadInput, NoSuchStage, and what ``load_key`` refuses, before any work is done."""
        signer = self.load_key(request.sign_with) if request.sign_with is not None else None
        if not request.proof:
            return Outcome(summary(self.run_history(request, progress)), None)
        builders: list[ProofBuilder] = []

        def journal(case: Case) -> ProofBuilder:
            builders.append(ProofBuilder(self._header(case)))
            return builders[0]

        run = self.run_history(request, progress, journal)
        proof = builders[0].seal(run.account.findings, final_standing(run.terms, run.account.state), signer)
        return Outcome(summary(run), proof)

    def _header(self, case: Case) -> Header:
        request = case.request
        files = (request.history, *(one.path for one in request.prices))
        return Header.of(
            request.program,
            case.terms.stage.name,
            case.registry.contracts,
            Tables(case.sessions.version, case.news.version, case.registry.version),
            options=case.terms.options,
            platform=case.terms.platform,
            inputs=tuple(self.digest(path, kind) for path, kind in zip(files, case.formats, strict=True)),
            bars=request.reading if request.prices else None,
        )
