"""Every refusal of the house has one status and one shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields

import pytest

import propfirm.entrypoints.service_container  # noqa: F401 - so that every module with a refusal is there
from propfirm.domain.errors import Conflict, Forbidden, NotFound, Refused
from propfirm.domain.identity.people import AddressTaken, NotSignedIn, WeakPassword
from propfirm.entrypoints.http import problems
from propfirm.entrypoints.http.refusals import Fault, Invalid

OURS = {"type", "title", "status", "detail", "instance"}


def below(kind: type[Refused]) -> Iterator[type[Refused]]:
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


REFUSALS = sorted(set(below(Refused)), key=lambda kind: kind.__qualname__)


def test_there_are_refusals_to_look_at() -> None:
    assert len(REFUSALS) > 60


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.__qualname__)
def test_no_fact_of_a_refusal_hides_a_member_that_all_problems_have(kind: type[Refused]) -> None:
    assert not OURS & {field.name for field in fields(kind)}


def test_the_four_words_have_their_statuses_and_some_refusals_their_own() -> None:
    found = [problems.status_of(refusal) for refusal in (Refused(), NotFound(), Conflict(), Forbidden())]
    assert found == [422, 404, 409, 403]
    assert problems.status_of(AddressTaken()) == 409
    assert problems.status_of(NotSignedIn()) == 401


def test_the_facts_are_members_and_the_code_is_the_type() -> None:
    body, headers = problems.of_refusal(WeakPassword("it is among the first that somebody would try"))
    assert body["type"] == "/problems/identity-weak-password"
    assert body["reason"] == "it is among the first that somebody would try"
    assert headers == {}
    told = json.loads(problems.encode(body, "one"))
    assert told["instance"] == "one"


def test_faults_name_their_place() -> None:
    body, _ = problems.of_refusal(Invalid((Fault("Expected int", pointer="/a/0"), Fault("twice", parameter="limit"))))
    told = json.loads(problems.encode(body, "one"))
    assert told["errors"] == [
        {"detail": "Expected int", "pointer": "/a/0"},
        {"detail": "twice", "parameter": "limit"},
    ]
