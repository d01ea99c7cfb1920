import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from propfirm.adapters.ed25519.keys import Ed25519Verifier
from propfirm.application.ports.signing import key_id
from propfirm.application.proofs import bundle, canonical, verify
from propfirm.application.proofs.bundle import FILE_MAX, Header, InputFile, measured
from propfirm.application.proofs.codec import pack
from propfirm.application.proofs.comparison import Different, Same
from propfirm.application.proofs.refusals import BadBundle, UnknownSemantics
from propfirm.application.proofs.verify import (
    Authentic,
    Complete,
    Forged,
    Gap,
    UnknownKey,
    Unsigned,
    Verification,
    VerifyProof,
)
from propfirm.domain.catalogue.program import Program, Stage, Strikes
from propfirm.domain.money import Micros, usd
from propfirm.domain.rules.events import Correction, Event, Fill, Mark
from propfirm.domain.rules.findings import Evidence, Finding, Hit
from tests.unit.application.proofs.cases import (
    CONTRACTS,
    HEADER,
    HISTORY,
    PRICES,
    PROGRAM,
    SIGNER,
    STRANGER,
    TABLES,
    Document,
    chunk_of,
    document,
    judged,
    prove,
    resealed,
    sealed,
    story,
    written,
)

check: Final = VerifyProof(Ed25519Verifier())
EVENTS: Final = story()
FINDINGS, STANDING = judged(EVENTS)
PROOF: Final = prove(EVENTS)
SIGNED: Final = prove(EVENTS, SIGNER)


def said(*changes: tuple[int, Finding | None], add: Sequence[Finding] = ()) -> bytes:
    """The proof with some findings, counted from 1, replaced or left out; its hashes are right."""
    findings: list[Finding | None] = [*FINDINGS, *add]
    for number, finding in changes:
        findings[number - 1] = finding
    return sealed(EVENTS, [finding for finding in findings if finding is not None], STANDING)


def split(content: bytes, *cuts: int) -> bytes:
    """The same events in several chunks."""
    tampered = document(content)
    edges = (0, *cuts, len(EVENTS))
    tampered["chunks"] = [chunk_of(pack(EVENTS[low:high]), high - low, low + 1, high) for low, high in pairwise(edges)]
    return resealed(tampered)


def different(content: bytes) -> Different:
    verification = check(content)
    assert isinstance(verification.sameness, Different)
    assert not verification.holds
    return verification.sameness


# ------------------------------------------------------------ what holds


@pytest.mark.parametrize("corrected", [False, True])
def test_a_proof_is_derived_again_from_itself_alone(corrected: bool) -> None:
    events = story(corrected=corrected)
    findings, _ = judged(events)
    verification = check(prove(events))
    assert verification == Verification(
        (), Same(len(events), len(findings)), Complete(len(events)), Unsigned(), verification.inputs, key_given=False
    )
    assert verification.holds


def test_an_account_without_events_can_be_proven_too() -> None:
    verification = check(prove(()))
    assert (verification.sameness, verification.completeness) == (Same(0, 0), Complete(0))
    assert verification.holds


def test_the_same_case_gives_the_same_file() -> None:
    assert prove(story(), SIGNER) == SIGNED


def test_how_events_are_spread_over_chunks_does_not_matter() -> None:
    assert check(split(PROOF, 1, 2, 40)).holds


def test_a_file_of_an_older_release_may_lack_what_a_newer_one_added() -> None:
    older = document(PROOF)
    del older["header"]["bars"], older["header"]["options"]["lifetime_qualifying"], older["findings"][1]["strike"]
    verification = check(resealed(older))
    assert verification.holds
    assert verification.altered == ()


def test_people_read_one_line_for_every_answer() -> None:
    assert check(SIGNED, inputs=[HISTORY]).lines() == (
        f"same: {len(FINDINGS)} findings derived again from {len(EVENTS)} events",
        f"complete: events 1 to {len(EVENTS)}",
        f"unknown key: signed with the key {key_id(SIGNER.public_key)}, and no key was given to compare it with",
        "input fills.csv: same",
        "input prices.csv.gz: not compared",
    )


# ------------------------------------------------------------ same or different, and where


def test_a_changed_figure_is_told_with_both_figures() -> None:
    end = FINDINGS[-1]
    assert isinstance(end, Hit)
    wrong = replace(end, evidence=replace(end.evidence, limit=end.evidence.limit - 1))
    difference = different(said((len(FINDINGS), wrong)))
    assert difference == Different(
        seq=end.seq,
        at=end.at,
        finding=len(FINDINGS),
        field="hit of max_loss, evidence.limit",
        recorded="$49284.339999",
        derived="$49284.34",
    )
    assert str(difference) == (
        f"different: finding 9 at event {end.seq} (2025-03-04 21:05:35 UTC), hit of max_loss, evidence.limit: "
        "the bundle says $49284.339999, the engine says $49284.34"
    )


def first_of(kind: type[Finding]) -> tuple[int, Any]:
    return next((number, finding) for number, finding in enumerate(FINDINGS, 1) if type(finding) is kind)


@pytest.mark.parametrize(
    ("kind", "change", "field", "recorded", "derived"),
    [
        ("FloorMoved", {"locked": True}, "locked", "yes", "no"),
        ("FloorMoved", {"basis": Micros(-1)}, "basis", "$-0.000001", "$51284.34"),
        ("DayCounted", {"number": 3}, "number", "3", "1"),
        ("DayCounted", {"day": date(2025, 3, 5)}, "day", "2025-03-05", "2025-03-04"),
        ("DayClosed", {"day_floor": None}, "day_floor", "none", "$48975.00"),
        ("DayClosed", {"at": 1}, "at", "1970-01-01 00:00:00 UTC", "2025-03-04 21:00:00 UTC"),
        ("Hit", {"outcome": "fail"}, "outcome", "fail", "warn"),
    ],
)
def test_every_kind_of_figure_has_its_words(
    kind: str, change: dict[str, Any], field: str, recorded: str, derived: str
) -> None:
    number, finding = next((n, f) for n, f in enumerate(FINDINGS, 1) if type(f).__name__ == kind)
    difference = different(said((number, replace(finding, **change))))
    assert difference.finding == number
    assert difference.field.split(", ")[1] == field
    assert (difference.recorded, difference.derived) == (recorded, derived)


def test_a_figure_that_is_no_money_keeps_its_unit() -> None:
    number, hit = first_of(Hit)
    changed = replace(hit, evidence=replace(hit.evidence, actual=4, note=""))
    assert different(said((number, changed))).recorded == "4 contracts"
    changed = replace(hit, evidence=replace(hit.evidence, note=""))
    assert (different(said((number, changed))).recorded, hit.evidence.note) == ("nothing", "CPI")


def test_a_finding_that_was_left_out_is_told() -> None:
    difference = different(said((2, None)))
    assert (difference.seq, difference.finding, difference.field) == (FINDINGS[1].seq, 2, "")
    assert difference.derived == f"hit of news at event {FINDINGS[1].seq}"
    assert difference.recorded == f"floor moved of max_loss at event {FINDINGS[2].seq}"


def test_a_last_finding_that_was_left_out_is_told() -> None:
    difference = different(said((len(FINDINGS), None)))
    assert (difference.finding, difference.recorded) == (len(FINDINGS), "nothing")
    assert difference.derived == f"hit of max_loss at event {FINDINGS[-1].seq}"


def test_an_invented_finding_is_told() -> None:
    invented = Hit(66, EVENTS[-1].at, "hft", "fail", Evidence(0, 1, "fills", usd("1"), usd("1")))
    difference = different(said(add=[invented]))
    assert (difference.seq, difference.finding) == (66, len(FINDINGS) + 1)
    assert (difference.recorded, difference.derived) == ("hit of hft at event 66", "nothing")


def test_a_finding_at_another_event_is_told() -> None:
    number, hit = first_of(Hit)
    difference = different(said((number, replace(hit, seq=hit.seq + 1))))
    assert (difference.seq, difference.recorded) == (hit.seq, f"hit of news at event {hit.seq + 1}")


def test_a_correction_record_is_compared_like_any_finding() -> None:
    events = story(corrected=True)
    findings, standing = judged(events)
    record = next(finding for finding in findings if type(finding).__name__ == "Corrected")
    wrong = [replace(record, withdrawn=(FINDINGS[1],)) if finding is record else finding for finding in findings]
    difference = different(sealed(events, wrong, standing))
    assert difference.field == "corrected, withdrawn"
    assert (difference.recorded, difference.derived) == (f"hit of news at event {FINDINGS[1].seq}", "nothing")


def test_another_final_balance_is_told() -> None:
    difference = different(sealed(EVENTS, FINDINGS, replace(STANDING, balance=usd("48330.27"))))
    assert difference == Different(66, EVENTS[-1].at, None, "final balance", "$48330.27", "$48330.26")
    assert str(difference) == (
        "different: event 66 (2025-03-04 21:08:10 UTC), final balance: "
        "the bundle says $48330.27, the engine says $48330.26"
    )


def test_a_price_changed_by_hand_changes_the_verdict_and_is_told() -> None:
    events = [replace(event, bid=1) if type(event) is Mark and event.seq == 14 else event for event in EVENTS]
    assert different(sealed(events, FINDINGS, STANDING)).seq == 14


def test_an_event_that_the_engine_refuses_is_told() -> None:
    stranger = Fill(67, EVENTS[-1].at, "e-7", "CLJ25", "CL", 1, 6_800, Micros(0))
    difference = different(sealed([*EVENTS, stranger], FINDINGS, STANDING))
    assert (difference.seq, difference.finding, difference.recorded) == (67, None, "that it happened")
    assert "knows no such contract (root=CL)" in difference.derived.replace("know no", "knows no")


def test_the_same_events_under_other_terms_are_told() -> None:
    dearer = replace(CONTRACTS["ES"], tick_value=Micros(12_500_001))
    header = Header.of(PROGRAM, "evaluation", {**CONTRACTS, "ES": dearer}, TABLES)
    assert different(sealed(EVENTS, FINDINGS, STANDING, header=header)).field


# ------------------------------------------------------------ complete or gap


def without(*numbers: int) -> bytes:
    return sealed([event for event in EVENTS if event.seq not in numbers], FINDINGS, STANDING)


def test_missing_events_are_named() -> None:
    verification = check(without(7, 8, 9, 20))
    assert verification.completeness == Gap(((7, 9), (20, 20)), (), (), ends=True)
    assert str(verification.completeness) == "gap: events 7 to 9, 20 are missing"
    assert isinstance(verification.sameness, Different)
    assert verification.sameness.seq == 10
    assert not verification.holds


def test_a_missing_beginning_is_named() -> None:
    assert check(without(1)).completeness == Gap(((1, 1),), (), (), ends=True)


def test_an_event_that_comes_twice_is_named() -> None:
    events = [*EVENTS[:5], EVENTS[3], *EVENTS[5:]]
    gap = check(sealed(events, FINDINGS, STANDING)).completeness
    assert gap == Gap((), (4,), (), ends=True)
    assert str(gap) == "gap: events 4 are not in their place"


def test_a_dropped_chunk_breaks_the_chain_and_its_events_are_named() -> None:
    tampered = document(split(PROOF, 20, 30))
    del tampered["chunks"][1]
    verification = check(written(tampered))
    assert verification.completeness == Gap(((21, 30),), (), (2,), ends=True)
    assert str(verification.completeness) == "gap: events 21 to 30 are missing; the chain breaks at chunk 2"
    assert verification.altered == (
        "the number of events is not what was sealed",
        "the compressed form of the events is not what was sealed",
    )


def test_events_dropped_after_the_verdict_are_missed() -> None:
    """The seal says how many there were."""
    tampered = document(split(PROOF, 60))
    del tampered["chunks"][1]
    gap = check(written(tampered)).completeness
    assert gap == Gap(((61, 66),), (), (), ends=False)
    assert str(gap) == "gap: events 61 to 66 are missing; the chain does not end where the seal says"


def test_an_exchanged_chunk_breaks_the_chain_once() -> None:
    tampered = document(split(PROOF, 10, 20, 30, 40))
    other = [replace(event, bid=event.bid + 1) if type(event) is Mark else event for event in EVENTS[10:20]]
    tampered["chunks"][1] |= {**chunk_of(pack(other), 10, 11, 20), "link": tampered["chunks"][1]["link"]}
    assert check(written(tampered)).completeness == Gap((), (), (2,), ends=True)


def test_exchanged_places_are_told() -> None:
    tampered = document(split(PROOF, 20, 40))
    chunks = tampered["chunks"]
    chunks[0], chunks[1] = chunks[1], chunks[0]
    gap = check(written(tampered)).completeness
    assert isinstance(gap, Gap)
    assert gap.missing == ((1, 20),)
    assert gap.broken == (1, 2, 3)
    assert gap.misplaced == tuple(range(1, 21))


def test_a_thousand_gaps_are_counted_not_listed() -> None:
    events: list[Event] = [Mark(2 * n, EVENTS[0].at, "ESH25", 1, 1) for n in range(1, 101)]
    gap = check(sealed(events, (), STANDING)).completeness
    assert isinstance(gap, Gap)
    assert (len(gap.missing), gap.more) == (verify.TOLD_MAX, 100 - verify.TOLD_MAX)
    assert str(gap).endswith("and 80 more")


def test_a_chunk_that_announces_other_events_is_told() -> None:
    for field in ("events", "first", "last"):
        tampered = document(PROOF)
        tampered["chunks"][0][field] += 1
        assert "chunk 1 does not hold the events that it announces" in check(resealed(tampered)).altered


# ------------------------------------------------------------ authentic, unsigned, forged, unknown key


def test_a_bundle_signed_with_the_named_key_is_authentic() -> None:
    verification = check(SIGNED, public_key=SIGNER.public_key)
    assert verification.authenticity == Authentic(key_id(SIGNER.public_key))
    assert str(verification.authenticity) == f"authentic: signed with the key {key_id(SIGNER.public_key)}"
    assert verification.holds


def test_without_a_named_key_nobody_knows_whose_signature_it_is() -> None:
    verification = check(SIGNED)
    assert verification.authenticity == UnknownKey(key_id(SIGNER.public_key), None)
    assert verification.holds


def test_a_good_signature_by_another_key_is_no_authority() -> None:
    verification = check(SIGNED, public_key=STRANGER.public_key)
    assert verification.authenticity == UnknownKey(key_id(SIGNER.public_key), key_id(STRANGER.public_key))
    assert str(verification.authenticity).endswith(f", not with {key_id(STRANGER.public_key)}")
    assert not verification.holds


def test_an_unsigned_bundle_does_not_do_where_a_key_was_named() -> None:
    assert not check(PROOF, public_key=SIGNER.public_key).holds


def test_another_content_under_an_old_signature_is_forged() -> None:
    tampered = document(sealed(EVENTS, FINDINGS[:-1], STANDING))
    tampered["signature"] = document(SIGNED)["signature"]
    for key in (None, SIGNER.public_key):
        verification = check(resealed(tampered), public_key=key)
        assert verification.authenticity == Forged(key_id(SIGNER.public_key))
        assert str(verification.authenticity).startswith("forged: this is not what the key ")
        assert not verification.holds


@pytest.mark.parametrize("field", ["key_id", "public_key", "value"])
def test_a_signature_with_an_exchanged_part_is_forged(field: str) -> None:
    tampered = document(SIGNED)
    tampered["signature"][field] = document(prove(EVENTS, STRANGER))["signature"][field]
    assert isinstance(check(written(tampered), public_key=SIGNER.public_key).authenticity, Forged)


@pytest.mark.parametrize("part", ["public_key", "value"])
@pytest.mark.parametrize("wrong", [b"", b"\x00" * 32, b"\xff" * 32, b"\x01" * 65])
def test_a_signature_of_the_wrong_form_is_forged(part: str, wrong: bytes) -> None:
    tampered = document(SIGNED)
    tampered["signature"][part] = b64encode(wrong).decode()
    if part == "public_key":
        tampered["signature"]["key_id"] = key_id(wrong)
    assert isinstance(check(written(tampered)).authenticity, Forged)


def test_a_changed_and_resealed_file_with_a_new_signature_is_somebody_elses() -> None:
    tampered = document(SIGNED)
    tampered["header"]["tables"]["news"] = "another"
    verification = check(resealed(tampered, STRANGER), public_key=SIGNER.public_key)
    assert isinstance(verification.authenticity, UnknownKey)
    assert not verification.holds


# ------------------------------------------------------------ altered


def changed(content: bytes, part: str, key: str, value: object) -> Verification:
    tampered = document(content)
    tampered[part][key] = value
    return check(written(tampered), public_key=SIGNER.public_key)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("package", "0.0.9"),
        ("tables", {"calendar": "calendar-8", "news": "news-3", "contracts": "contracts-5"}),
        ("inputs", []),
        ("bars", None),
        ("platform", {"mark": "mid"}),
    ],
)
@pytest.mark.parametrize("content", [SIGNED, prove((), SIGNER)], ids=["two days", "no events"])
def test_a_changed_header_is_told_as_changed_not_as_a_gap(content: bytes, key: str, value: object) -> None:
    verification = changed(content, "header", key, value)
    assert verification.altered == ("the header is not what was sealed",)
    assert isinstance(verification.completeness, Complete)
    assert verification.authenticity == Forged(key_id(SIGNER.public_key))
    assert not verification.holds


@pytest.mark.parametrize("content", [SIGNED, prove((), SIGNER)], ids=["two days", "no events"])
def test_a_changed_seal_of_the_header_breaks_no_chain(content: bytes) -> None:
    verification = changed(content, "seal", "header", "0" * 64)
    assert verification.altered == (
        "the header is not what was sealed",
        "the head is not that of the sealed parts",
    )
    assert isinstance(verification.completeness, Complete)
    assert isinstance(verification.authenticity, Authentic)


def test_what_a_key_signed_is_the_events_themselves_not_what_their_links_say() -> None:
    tampered = document(SIGNED)
    other = [replace(event, doubt=True) if type(event) is Mark else event for event in EVENTS]
    tampered["chunks"][0]["data"] = chunk_of(pack(other))["data"]
    tampered["chunks"][0]["size"] = len(pack(other))
    verification = check(written(tampered), public_key=SIGNER.public_key)
    assert verification.completeness == Gap((), (), (1,), ends=True)
    assert verification.authenticity == Forged(key_id(SIGNER.public_key))


def test_a_program_under_another_hash_is_told() -> None:
    tampered = document(PROOF)
    tampered["header"]["program"]["name"] = "Proven 60K"
    assert check(resealed(tampered)).altered == ("the program is not the one whose hash the bundle names",)


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("header", "the header"),
        ("events", "the number of events"),
        ("last", "the number of the last event"),
        ("chain", "the head is not that of the sealed parts"),
        ("findings", "the list of findings"),
        ("standing", "the final standing"),
        ("packed", "the compressed form of the events"),
        ("head", "the head is not that of the sealed parts"),
    ],
)
def test_every_part_of_the_seal_is_checked(part: str, told: str) -> None:
    tampered = document(PROOF)
    value = tampered["seal"][part]
    tampered["seal"][part] = value + 1 if isinstance(value, int) else value[::-1]
    verification = check(written(tampered))
    assert [reason for reason in verification.altered if reason.startswith(told)]
    assert not verification.holds


def test_another_compression_of_the_same_events_is_told() -> None:
    tampered = document(PROOF)
    chunk = tampered["chunks"][0]
    chunk["data"] = b64encode(zlib.compress(zlib.decompress(b64decode(chunk["data"])), 1)).decode()
    verification = check(written(tampered))
    assert verification.altered == ("the compressed form of the events is not what was sealed",)
    assert isinstance(verification.completeness, Complete)


def pretty(content: bytes) -> bytes:
    return json.dumps(json.loads(content), sort_keys=True, indent=1).encode()


def backwards(content: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(content).items())), separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "respelled",
    [
        pretty,
        backwards,
        lambda content: content + b"\n",
        lambda content: b" " + content,
        lambda content: content.replace("ö".encode(), rb"\u00f6"),
        lambda content: content.replace(b'"bars":"adverse"', b'"bars":"favourable","bars":"adverse"'),
        lambda content: content.replace(b"/", rb"\/"),
        lambda content: content.replace(b'"semantics":1', b'"semantics":1', 1).replace(b'"strike":0', b'"strike":-0'),
    ],
    ids=["indented", "reordered", "line end", "space", "escaped", "twice", "slash", "minus zero"],
)
def test_the_same_content_in_another_spelling_is_told(respelled: Callable[[bytes], bytes]) -> None:
    assert respelled(SIGNED) != SIGNED
    verification = check(respelled(SIGNED), public_key=SIGNER.public_key)
    assert verification.altered == ("the file is not in canonical form",)
    assert isinstance(verification.sameness, Same)
    assert not verification.holds


def test_base64_with_other_idle_bits_is_told() -> None:
    tampered = document(SIGNED)
    value = tampered["signature"]["value"]
    assert value.endswith("==")
    idle = value[:-3] + chr(ord(value[-3]) + 1) + "=="
    assert b64decode(idle) == b64decode(value)
    tampered["signature"]["value"] = idle
    assert check(written(tampered)).altered == ("$.signature.value is not in canonical form",)


@given(st.data())
def test_any_changed_byte_is_told(data: st.DataObject) -> None:
    content = bytearray(SIGNED)
    place = data.draw(st.integers(0, len(content) - 1))
    match data.draw(st.sampled_from(["flip", "insert", "delete"])):
        case "flip":
            content[place] ^= data.draw(st.integers(1, 255))
        case "insert":
            content[place:place] = data.draw(st.binary(min_size=1, max_size=3))
        case _:
            del content[place : place + data.draw(st.integers(1, 40))]
    try:
        verification = check(bytes(content), public_key=SIGNER.public_key)
    except (BadBundle, UnknownSemantics):
        return
    assert not verification.holds
    assert (
        verification.altered
        or isinstance(verification.completeness, Gap)
        or not isinstance(verification.authenticity, Authentic)
    )


@pytest.mark.thorough
@given(st.sampled_from(["header", "findings", "standing"]), st.data())
def test_any_changed_value_of_a_sealed_part_is_told_as_altered_and_forged(part: str, data: st.DataObject) -> None:
    tampered = document(SIGNED)
    here: Any = tampered[part]
    while True:
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        if not isinstance(here[key], dict | list) or not here[key]:
            break
        here = here[key]
    was = here[key]
    here[key] = data.draw(st.integers(-3, 3).map(lambda n: was + n) if isinstance(was, int) else st.text(max_size=9))
    assume(here[key] != was)
    try:
        verification = check(written(tampered), public_key=SIGNER.public_key)
    except (BadBundle, UnknownSemantics):
        return
    assert any(reason.endswith("is not what was sealed") for reason in verification.altered)
    assert isinstance(verification.completeness, Complete)
    assert isinstance(verification.authenticity, Forged)


# ------------------------------------------------------------ the inputs


def test_the_original_inputs_are_recognised_even_under_another_name() -> None:
    renamed = replace(PRICES, name="copy.csv", format="?")
    checks = check(PROOF, inputs=[HISTORY, renamed]).inputs
    assert [(one.name, one.state) for one in checks] == [("fills.csv", "same"), ("prices.csv.gz", "same")]


def test_a_changed_input_is_told_with_both_hashes() -> None:
    changed = measured("exports/march/fills.csv", [b"time,", b"price"], "?")
    verification = check(PROOF, inputs=[changed])
    assert changed.name == "fills.csv"
    assert str(verification.inputs[0]) == (
        f"input fills.csv: changed: the bundle was made from 812 bytes with SHA-256 {HISTORY.sha256}, "
        f"this file has 10 bytes with {changed.sha256}"
    )
    assert not verification.holds


def test_a_file_of_another_case_is_told() -> None:
    verification = check(PROOF, inputs=[InputFile("other.csv", "ee" * 32, 1, "?")])
    assert [one.state for one in verification.inputs] == ["not_given", "not_given", "foreign"]
    assert verification.lines()[-1] == "input other.csv: foreign: the bundle was not made from it"
    assert not verification.holds


def test_a_file_with_the_content_of_another_one_is_told_as_changed() -> None:
    twice = replace(PRICES, name=HISTORY.name)
    checks = check(PROOF, inputs=[twice, PRICES]).inputs
    assert [(one.name, one.state, one.given) for one in checks] == [
        ("fills.csv", "changed", twice),
        ("prices.csv.gz", "same", twice),
    ]


def test_a_file_that_is_given_twice_is_no_stranger() -> None:
    checks = check(PROOF, inputs=[PRICES, replace(PRICES, name="copy.csv"), PRICES]).inputs
    assert [one.state for one in checks] == ["not_given", "same"]


def test_of_two_inputs_of_one_name_the_changed_one_is_told() -> None:
    second = InputFile(HISTORY.name, "ef" * 32, 1_000, "propfirm-fills")
    content = prove(EVENTS, header=replace(HEADER, inputs=(HISTORY, second)))
    for files, states in (
        ([HISTORY, second], ["same", "same"]),
        ([HISTORY], ["same", "not_given"]),
        ([HISTORY, replace(second, size=999)], ["same", "changed"]),
    ):
        assert [one.state for one in check(content, inputs=files).inputs] == states


FILE: Final = bytes(range(256)) * 2


@given(st.data())
def test_any_changed_byte_of_an_input_is_told(data: st.DataObject) -> None:
    header = replace(HEADER, inputs=(measured("fills.csv", [FILE], "csv"), PRICES))
    place = data.draw(st.integers(0, len(FILE)))
    other = FILE[:place] + data.draw(st.binary(max_size=3)) + FILE[place + data.draw(st.integers(0, 3)) :]
    verification = check(prove((), header=header), inputs=[measured("copy/fills.csv", [other], "csv")])
    assert verification.inputs[0].state == ("same" if other == FILE else "changed")
    assert verification.holds == (other == FILE)


# ------------------------------------------------------------ what is no bundle


def bad(content: bytes) -> str:
    with pytest.raises(BadBundle) as refusal:
        check(content)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be read as JSON"),
        (b"\x89PNG\r\n", "cannot be read as JSON"),
        (b'"\xff"', "cannot be read as JSON"),
        (b"[]", "it names no format"),
        (b'{"format":7}', "it names no format"),
        (b'{"format":"propfirm-proof/2"}', "its format is 'propfirm-proof/2', not 'propfirm-proof/1'"),
        (b'{"format":"propfirm-proof/1"}', "missing required field"),
        (b"[" * 100_000, "nested deeper than 64 levels"),
        (b"[" * 70 + b"]" * 70, "nested deeper than 64 levels"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "nested deeper than 64 levels"),
        (b'{"format":"propfirm-proof/1","x":1.5}', "the file.x is not a whole number"),
        (b'{"format":"propfirm-proof/1","x":[9223372036854775808]}', "the file.x[0] is beyond 64 bits"),
        (b"[" + b"1" * 5000 + b"]", "cannot be read as JSON"),
    ],
)
def test_what_is_no_bundle_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    assert reason in bad(content)


def test_a_file_too_large_to_hold_is_refused_unread() -> None:
    assert "more than" in bad(b" " * (FILE_MAX + 1))


@pytest.mark.parametrize(
    "path", ["", "header", "header.program", "header.program.stages.0.max_loss", "seal", "findings.0"]
)
def test_a_field_that_this_release_does_not_know_is_refused(path: str) -> None:
    tampered = document(PROOF)
    here: Any = tampered
    for key in path.split(".") if path else ():
        here = here[int(key) if key.isdigit() else key]
    here["mercy"] = True
    assert "mercy" in bad(resealed(tampered))


def test_engine_semantics_of_a_later_release_are_refused_by_name() -> None:
    tampered = document(PROOF)
    tampered["header"]["semantics"] = 2
    with pytest.raises(UnknownSemantics) as refusal:
        check(resealed(tampered))
    assert (refusal.value.semantics, refusal.value.known) == (2, (1,))
    assert refusal.value.code == "proof.unknown-semantics"


def with_chunk(**changes: object) -> bytes:
    tampered = document(PROOF)
    tampered["chunks"][0] |= changes
    return written(tampered)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"data": ""}, "does not hold the"),
        ({"data": "AAAA"}, "chunk 1 cannot be decompressed"),
        ({"data": "A"}, "base64"),
        ({"size": 1}, "chunk 1 does not hold the 1 bytes that it announces"),
        ({"size": 0}, "size"),
        ({"size": 1 << 40}, "size"),
        ({"events": 5000}, "events"),
        ({"link": "xyz"}, "link"),
        ({"link": "A" * 64}, "link"),
        ({"first": "1"}, "first"),
    ],
)
def test_a_chunk_that_makes_no_sense_is_refused(changes: dict[str, object], reason: str) -> None:
    assert reason in bad(with_chunk(**changes))


@pytest.mark.thorough
def test_a_chunk_that_would_fill_the_memory_is_never_unpacked() -> None:
    bomb = b64encode(zlib.compress(bytes(200 << 20), 9)).decode()
    assert "does not hold the 1000 bytes" in bad(with_chunk(data=bomb, size=1000))


def test_a_chunk_with_something_behind_it_is_refused() -> None:
    data = b64decode(document(PROOF)["chunks"][0]["data"])
    assert "does not hold" in bad(with_chunk(data=b64encode(data + b"?").decode()))
    assert "does not hold" in bad(with_chunk(data=b64encode(data[:-1]).decode()))


def test_a_chunk_of_no_events_is_refused_by_its_number() -> None:
    tampered = document(PROOF)
    tampered["chunks"].append(chunk_of(b"\x01\x06\x02"))
    assert "chunk 2: a chunk holds events of an unknown kind" in bad(resealed(tampered))


def under(program: Program, stage: str = "evaluation") -> bytes:
    header = Header.of(program, stage, CONTRACTS, TABLES)
    return sealed(EVENTS, FINDINGS, STANDING, header=header)


def changed_stage(**changes: Any) -> Program:
    stage: Stage = replace(PROGRAM.stages[0], **changes)
    return replace(PROGRAM, stages=(stage,))


def test_terms_that_cannot_be_compiled_are_refused() -> None:
    assert "the engine cannot judge by its program: proven-50k has no stage 'funded'" in bad(under(PROGRAM, "funded"))


def test_a_program_that_trips_the_engine_is_refused_not_raised() -> None:
    """A counted rule without any action: such a program is never published."""
    reason = bad(under(changed_stage(strikes=(Strikes("news", ()),))))
    assert reason.endswith("the engine cannot judge by its program (IndexError)")


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [
        ("JOURNAL_MAX", 65, "more than 65 events"),
        ("SYMBOLS_MAX", 1, "about more than 1 contracts"),
        ("REMEMBERED_MAX", 66, "corrections and more than 66 events"),
        ("REPLAYED_MAX", 66, "would replay more than 66 events"),
    ],
)
def test_work_without_end_is_refused(monkeypatch: pytest.MonkeyPatch, limit: str, value: int, reason: str) -> None:
    content = prove(story(corrected=True))
    assert check(content).holds
    monkeypatch.setattr(verify, limit, value)
    assert reason in bad(content)


def test_a_correction_of_nothing_needs_no_more_than_its_account() -> None:
    events = [*EVENTS, Correction(67, EVENTS[-1].at, "unheard of", None)]
    assert check(prove(events)).holds


KEYS: Final = st.sampled_from(["header", "seal", "format", "chunks", "at", "type"])
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)


@pytest.mark.thorough
@given(JSON, st.data())
def test_no_value_in_any_place_brings_the_verifier_down(value: object, data: st.DataObject) -> None:
    tampered = document(SIGNED)
    here: Any = tampered
    while True:
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.integers(0, 4)) == 0:
            break
        here = here[key]
    here[key] = value
    for content in {written(tampered), _resealed(tampered)} - {SIGNED}:
        try:
            verification = check(content, public_key=SIGNER.public_key)
        except (BadBundle, UnknownSemantics):
            continue
        assert not verification.holds


def _resealed(tampered: Document) -> bytes:
    try:
        return resealed(tampered)
    except (TypeError, KeyError, ValueError, AttributeError, zlib.error, OverflowError):
        return written(tampered)


def test_the_limits_of_the_format_are_those_of_its_page() -> None:
    assert (bundle.FILE_MAX, bundle.CHUNK_BYTES_MAX, canonical.DEPTH_MAX) == (67_108_864, 4_194_304, 64)
