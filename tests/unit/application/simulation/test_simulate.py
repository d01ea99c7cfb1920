"""The use case: a report always, a proof if one was asked for, and nothing done where the key is refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from propfirm.adapters.ed25519.keys import Ed25519Verifier
from propfirm.application.ports.prices import Bar, Tick
from propfirm.application.ports.progress import Progress
from propfirm.application.ports.signing import Signer
from propfirm.application.proofs.bundle import InputFile
from propfirm.application.proofs.verify import Complete, VerifyProof
from propfirm.application.simulation.request import SimulationRequest
from propfirm.application.simulation.simulate import Outcome, Simulate
from propfirm.domain.catalogue.program import Behaviour, Stage
from propfirm.domain.rules.terms import NoSuchStage
from tests.unit.application.proofs.cases import SIGNER
from tests.unit.application.simulation.desk import (
    PRICE,
    SECOND,
    TUESDAY,
    Quiet,
    Sheet,
    bar,
    desk,
    evaluation,
    price_files,
    program,
    stream,
    tick,
)

SHEET = Sheet().fill(TUESDAY, 1).fill(TUESDAY + 9 * SECOND, -1, PRICE + 9)


class NoSuchKey(Exception):
    pass


def digest(path: Path, kind: str) -> InputFile:
    return InputFile(path.name, "ab" * 32, len(path.name), kind)


def load_key(path: Path) -> Signer:
    if path.name != "firm.pem":
        raise NoSuchKey
    return SIGNER


def simulate(
    *rows: Tick | Bar, rules: Stage | None = None, progress: Progress | None = None, **asked: object
) -> Outcome:
    """asked: other fields of the request."""
    prices = {"prices-0": stream(rows)} if rows else {}
    request = SimulationRequest(
        program=program(rules or evaluation()), history=Path("history.csv"), prices=price_files(*prices)
    )
    use_case = Simulate(desk(SHEET, prices), load_key, digest)
    return use_case(replace(request, **asked), progress or Quiet())


def ticks() -> Iterator[Tick]:
    return (tick(TUESDAY + n * SECOND, PRICE + n) for n in range(10))


def test_without_a_proof_asked_for_there_is_a_report_only() -> None:
    outcome = simulate(*ticks())
    assert outcome.proof is None
    assert outcome.report.verdict == "open"


def test_a_proof_changes_nothing_of_the_report() -> None:
    with_proof = simulate(*ticks(), proof=True)
    assert with_proof.proof is not None
    assert with_proof.report == simulate(*ticks()).report


def test_the_proof_holds_every_event_and_verifies_on_its_own() -> None:
    outcome = simulate(*ticks(), proof=True)
    assert outcome.proof is not None
    verification = VerifyProof(Ed25519Verifier())(outcome.proof)
    assert str(verification.sameness).startswith("same")
    assert isinstance(verification.completeness, Complete)
    bundle = json.loads(outcome.proof)
    assert bundle["seal"]["events"] == outcome.report.counts["events"]
    assert [one["name"] for one in bundle["header"]["inputs"]] == ["history.csv", "prices-0"]
    assert [one["format"] for one in bundle["header"]["inputs"]] == ["a sheet", "ticks"]


def test_a_proof_says_how_prices_in_doubt_were_read_only_where_there_were_prices() -> None:
    minute = bar(TUESDAY, PRICE, PRICE + 9, open_=PRICE, close=PRICE + 9)
    for rows, read in ((list(ticks()), "favourable"), ([minute], "favourable"), ([], None)):
        outcome = simulate(*rows, proof=True, reading="favourable")
        assert outcome.proof is not None
        assert json.loads(outcome.proof)["header"]["bars"] == read


def test_a_proof_is_signed_with_the_key_that_was_named() -> None:
    signed, unsigned = simulate(proof=True, sign_with=Path("firm.pem")), simulate(proof=True)
    assert signed.proof is not None
    assert unsigned.proof is not None
    assert json.loads(signed.proof)["signature"] is not None
    assert json.loads(unsigned.proof)["signature"] is None


def test_a_key_that_is_refused_stops_before_any_work() -> None:
    quiet = Quiet()
    with pytest.raises(NoSuchKey):
        simulate(*ticks(), proof=True, sign_with=Path("else.pem"), progress=quiet)
    assert quiet.began == 0


def test_a_stage_that_the_program_has_not_is_refused() -> None:
    with pytest.raises(NoSuchStage):
        simulate(*ticks(), stage="funded")


def test_a_proof_carries_the_program_as_published_and_what_the_platform_does_not_show() -> None:
    """Executions show no working orders: a stranger's engine must not judge the duty to place stops either."""
    strict = evaluation(behaviour=Behaviour(stop_required=True, outcome="fail"))
    outcome = simulate(proof=True, rules=strict)
    assert outcome.proof is not None
    header = json.loads(outcome.proof)["header"]
    assert header["program"]["stages"][0]["behaviour"]["stop_required"]
    assert header["platform"]["shows_orders"] is False
    assert outcome.report.verdict == "open"
    assert VerifyProof(Ed25519Verifier())(outcome.proof).holds
