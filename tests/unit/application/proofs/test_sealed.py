"""A bundle held against the days' seals that its run was under, offline."""

from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.adapters.ed25519.keys import Ed25519Verifier
from propfirm.application.proofs.bundle import Header, SealedIn
from propfirm.application.proofs.comparison import Same
from propfirm.application.proofs.refusals import BadBundle, UnknownSemantics
from propfirm.application.proofs.verify import Authentic, Complete, Forged, UnknownKey, Unsigned, VerifyProof
from propfirm.domain.audit.seals import Seal
from propfirm.domain.rules.events import Event, Mark
from tests.unit.application.proofs.cases import (
    DAYS,
    HEADER,
    SEALED_AT,
    SIGNER,
    STORY,
    STRANGER,
    document,
    prove,
    resealed,
    seals_of,
)
from tests.unit.application.proofs.stranger import read_seals

LATE: Final = timedelta(days=2)
check: Final = VerifyProof(Ed25519Verifier())


SEALS: Final = seals_of(STORY)
HEADER_SEALED: Final = HEADER.under(SEALS)
SEALED: Final = prove(STORY, SIGNER, HEADER_SEALED)


def sealed_by(*seals: SealedIn) -> Header:
    return HEADER.under(seals)


def test_a_bundle_under_seals_says_what_was_sealed_when_and_by_whom() -> None:
    told = check(SEALED, public_key=SIGNER.public_key)
    assert told.holds, told.lines()
    assert [(one.day, one.events, one.wrong) for one in told.seals] == [
        (day, count, "") for day, count in zip(DAYS, SEALED_AT, strict=True)
    ]
    assert {type(one.authenticity) for one in told.seals} == {Authentic}
    key = SEALS[0].signature
    assert key is not None
    assert told.lines()[3] == f"seal of 2025-03-04: events 1 to 12; authentic: signed with the key {key.key_id}"


def test_a_stranger_checks_the_seals_with_the_format_page_alone() -> None:
    read_seals(SEALED)


def test_a_bundle_without_seals_is_written_as_ever() -> None:
    assert "seals" not in document(prove(STORY))["header"]
    told = check(prove(STORY))
    assert (told.holds, told.seals) == (True, ())


def test_no_seals_have_one_spelling() -> None:
    tampered = document(prove(STORY))
    tampered["header"]["seals"] = []
    with pytest.raises(BadBundle):
        check(resealed(tampered))


def test_a_run_that_went_on_after_its_last_seal_is_proven_as_far_as_it_went() -> None:
    told = check(prove(STORY, SIGNER, sealed_by(*SEALS[:2])), public_key=SIGNER.public_key)
    assert told.holds
    assert [one.events for one in told.seals] == [12, 30]


def without_a_mark() -> tuple[Event, ...]:
    """The same run with one price of no consequence left out, as if it had never been seen."""
    place = next(n for n, one in enumerate(STORY) if n > 12 and isinstance(one, Mark))
    return tuple(replace(one, seq=n) for n, one in enumerate((*STORY[:place], *STORY[place + 1 :]), 1))


def test_a_price_that_the_firm_itself_drops_later_shows() -> None:
    """It has the key, and computes every number, hash and signature anew."""
    told = check(prove(without_a_mark(), SIGNER, HEADER_SEALED), public_key=SIGNER.public_key)
    assert isinstance(told.sameness, Same)
    assert isinstance(told.completeness, Complete)
    assert isinstance(told.authenticity, Authentic)
    assert not told.altered
    assert not told.holds
    assert [one.wrong.partition(" of the bundle")[0] for one in told.seals] == [
        "",
        "events 1 to 30",
        f"events 1 to {len(STORY)}",
    ]


def test_a_run_cut_short_after_it_was_sealed_shows() -> None:
    told = check(prove(STORY[:30], SIGNER, HEADER_SEALED), public_key=SIGNER.public_key)
    assert [bool(one.wrong) for one in told.seals] == [False, False, True]
    assert not told.holds


FIRST, SECOND, THIRD = SEALS
ANOTHER_RUN: Final = replace(SECOND, leaf=replace(SECOND.leaf, run=1))


@pytest.mark.parametrize(
    ("seals", "wrong"),
    [
        ((replace(FIRST, place=2),), "the run is not under its root"),
        ((replace(FIRST, place=99),), "the run is not under its root"),
        ((replace(FIRST, path=FIRST.path[1:]),), "the run is not under its root"),
        ((replace(FIRST, path=(*FIRST.path, "0" * 64)),), "the run is not under its root"),
        ((replace(FIRST, leaf=replace(FIRST.leaf, events=11)),), "the run is not under its root"),
        ((FIRST, ANOTHER_RUN), "the run is not under its root"),
        ((SECOND, FIRST), "it does not follow the one before"),
        ((FIRST, FIRST), "it does not follow the one before"),
        ((FIRST, seals_of(STORY, after=LATE)[1]), "it does not follow the one before"),
    ],
)
def test_a_seal_that_does_not_fit_is_told(seals: tuple[SealedIn, ...], wrong: str) -> None:
    told = check(prove(STORY, SIGNER, sealed_by(*seals)), public_key=SIGNER.public_key)
    assert [one.wrong for one in told.seals if one.wrong] == [wrong]
    assert not told.holds


def test_a_good_seal_of_another_run_is_told() -> None:
    leaf = replace(SECOND.leaf, run=1)
    leaves = [leaf]
    seal = Seal.over(DAYS[1], SECOND.seal.at, leaves, FIRST.seal)
    other = SealedIn(seal, SIGNER.sign(seal.message), leaf, 0, ())
    told = check(prove(STORY, SIGNER, sealed_by(FIRST, other)))
    assert [one.wrong for one in told.seals] == ["", "it is of another run than the one before"]


def test_a_seal_that_another_signed_is_forged() -> None:
    assert FIRST.signature is not None
    for signature in (
        replace(FIRST.signature, value=STRANGER.sign(FIRST.seal.message).value),
        replace(FIRST.signature, key_id="0" * 16),
        SECOND.signature,
    ):
        told = check(prove(STORY, SIGNER, sealed_by(replace(FIRST, signature=signature))), public_key=SIGNER.public_key)
        assert isinstance(told.seals[0].authenticity, Forged)
        assert not told.holds


def test_what_was_sealed_before_the_firm_had_its_key_is_said_and_is_no_fault() -> None:
    for signer, kind in ((None, Unsigned), (STRANGER, UnknownKey)):
        told = check(prove(STORY, SIGNER, sealed_by(*seals_of(STORY, signer))), public_key=SIGNER.public_key)
        assert {type(one.authenticity) for one in told.seals} == {kind}
        assert told.holds


def test_a_seal_made_late_says_so() -> None:
    told = check(prove(STORY, SIGNER, sealed_by(*seals_of(STORY, after=LATE))), public_key=SIGNER.public_key)
    assert told.holds
    assert told.lines()[3].startswith("seal of 2025-03-04 (made late): events 1 to 12; ")


@given(st.data())
def test_any_changed_byte_of_a_sealed_bundle_is_told(data: st.DataObject) -> None:
    content = bytearray(SEALED)
    begin = SEALED.index(b'"seals":')
    place = data.draw(st.integers(begin, SEALED.index(b'"semantics"')))
    content[place] ^= data.draw(st.integers(1, 255))
    try:
        told = check(bytes(content), public_key=SIGNER.public_key)
    except (BadBundle, UnknownSemantics):
        return
    assert not told.holds


@pytest.mark.thorough
@given(st.data())
def test_any_changed_value_of_a_seal_does_not_fit_even_in_a_bundle_made_anew(data: st.DataObject) -> None:
    """Every hash of the bundle computed and signed again by the firm: the seals were signed long before."""
    tampered = document(SEALED)
    above: Any = tampered["header"]
    key: Any = "seals"
    here: Any = above[key]
    while isinstance(here, dict | list) and here:
        above, key = here, data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        here = above[key]
    match here:
        case int():
            above[key] = here + data.draw(st.sampled_from([-1, 1]))
        case str():
            place = data.draw(st.integers(0, len(here) - 1))
            above[key] = (
                here[:place]
                + data.draw(st.sampled_from("0123456789abcdef").filter(lambda c: c != here[place]))
                + here[place + 1 :]
            )
        case _:
            above[key] = "0" * 64
    try:
        told = check(resealed(tampered, SIGNER), public_key=SIGNER.public_key)
    except BadBundle:
        return
    assert not told.holds
