"""What is written today must be readable by anybody, for ever."""

import hashlib
import json
from base64 import b64decode
from pathlib import Path
from typing import Final

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

import propfirm
from propfirm.adapters.ed25519.keys import Ed25519Verifier
from propfirm.application.proofs import chain
from propfirm.application.proofs.codec import pack
from propfirm.application.proofs.verify import VerifyProof
from propfirm.domain.rules.events import Event
from tests.unit.application.proofs.cases import SIGNER, corpus_case, prove, story
from tests.unit.application.proofs.stranger import Chunk, hashed, read
from tests.unit.application.proofs.test_codec import EVENTS

CORPUS: Final = sorted((Path(__file__).parents[3] / "data" / "proofs").glob("*.json"))


def listed(events: object) -> object:
    return json.loads(msgspec.json.encode(events))


@pytest.mark.parametrize("corrected", [False, True])
def test_a_stranger_reads_a_bundle_with_the_format_page_alone(corrected: bool) -> None:
    events = story(corrected=corrected)
    content = prove(events, SIGNER)
    told, message = read(content)
    assert told == listed(events)
    signature = json.loads(content)["signature"]
    assert signature["key_id"] == hashlib.sha256(b64decode(signature["public_key"])).hexdigest()[:16]
    key = Ed25519PublicKey.from_public_bytes(b64decode(signature["public_key"]))
    key.verify(b64decode(signature["value"]), message)  # raises unless it fits


@pytest.mark.thorough
@given(EVENTS)
def test_a_stranger_reads_any_chunk(events: list[Event]) -> None:
    assert Chunk(pack(events)).events() == listed(events)


@given(st.lists(st.binary(max_size=9), max_size=4), st.lists(st.binary(max_size=9), max_size=4))
def test_different_parts_never_frame_alike(one: list[bytes], other: list[bytes]) -> None:
    assert (chain.framed("x", *one) == chain.framed("x", *other)) == (one == other)


def test_the_chain_may_be_made_event_by_event() -> None:
    """As a live journal does."""
    link, by_hand = chain.genesis(b"{}"), hashed("genesis", b"{}")
    for event in story()[:3]:
        link, by_hand = chain.link(link, pack([event])), hashed("events", by_hand, pack([event]))
    assert link == by_hand.hex()


def test_every_release_left_a_bundle_behind() -> None:
    assert f"{propfirm.__version__}.json" in [path.name for path in CORPUS]


def test_what_this_release_would_leave_behind_verifies() -> None:
    verification = VerifyProof(Ed25519Verifier())(corpus_case(), public_key=SIGNER.public_key)
    assert verification.holds, verification.lines()
    assert verification.seals


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_the_bundles_of_every_release_verify_for_ever(path: Path) -> None:
    verification = VerifyProof(Ed25519Verifier())(path.read_bytes(), public_key=SIGNER.public_key)
    assert verification.holds, verification.lines()
