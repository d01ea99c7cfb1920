"""Every "no" in one shape (RFC 9457): the one table from the firm's refusals to HTTP statuses.

``type`` is made from a refusal's code, ``title`` is its class's, its facts are members. Nothing of any other exception
is ever shown: whoever asks gets the request's id, the log has the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, fields
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from propfirm.application.ports.calculator import CalculatorBusy
from propfirm.application.ports.identity import PasswordsBusy
from propfirm.application.ports.payments import BadNotice, BadSignature, Unavailable
from propfirm.application.ports.work import RequestInProgress
from propfirm.domain.errors import Conflict, Forbidden, NotFound, Refused
from propfirm.domain.identity.people import NotSignedIn
from propfirm.domain.payouts.conditions import Condition
from propfirm.entrypoints.http.refusals import (
    DuplicateKey,
    Fault,
    HeadersTooLarge,
    IdempotencyKeyRequired,
    Invalid,
    InvalidCursor,
    InvalidIdempotencyKey,
    MalformedBody,
    MalformedHeader,
    MalformedRequest,
    NotAuthenticated,
    RoleForbidden,
    TooLarge,
    TooSlow,
    UnknownHost,
    UnsupportedMediaType,
)
from propfirm.entrypoints.http.requests import name_of
from propfirm.entrypoints.views.payouts import unmet_view

log = logging.getLogger(__name__)

PROBLEM_JSON: Final = "application/problem+json"
BODY_MAX: Final = 1_048_576
"""Bytes of a request's body: the largest document is a program, of some kilobytes."""
DETAIL_MAX: Final = 500

STATUS: Final[Mapping[type[Refused], int]] = {
    NotFound: 404,
    Conflict: 409,
    Forbidden: 403,
    Refused: 422,
    NotSignedIn: 401,
    NotAuthenticated: 401,
    RoleForbidden: 403,
    MalformedBody: 400,
    DuplicateKey: 400,
    MalformedRequest: 400,
    MalformedHeader: 400,
    UnknownHost: 400,
    IdempotencyKeyRequired: 400,
    InvalidIdempotencyKey: 400,
    InvalidCursor: 400,
    BadSignature: 400,
    BadNotice: 400,
    TooSlow: 408,
    TooLarge: 413,
    UnsupportedMediaType: 415,
    HeadersTooLarge: 431,
}
"""A refusal's own line, or that of the nearest word for "no" above it."""

CHALLENGE: Final = {"www-authenticate": 'Bearer realm="propfirm"'}
LATER: Final = {"retry-after": "2"}
HEADERS: Final[Mapping[type[Refused], Mapping[str, str]]] = {
    NotSignedIn: CHALLENGE,
    NotAuthenticated: CHALLENGE,
    RequestInProgress: LATER,
    TooSlow: {"connection": "close"},
    UnsupportedMediaType: {"accept": "application/json"},
}


DETAIL: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.METHOD_NOT_ALLOWED: "This address is asked by other methods: the header Allow names them",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A mistake of ours: the log knows more, by the id of this request",
    HTTPStatus.SERVICE_UNAVAILABLE: "Something that this needs does not answer now: try again later",
}


class ClientGone(Exception):
    """The client went away before its request was whole."""


def status_of(refusal: Refused) -> int:
    return status_for(type(refusal))


def status_for(kind: type[Refused]) -> int:
    return next(STATUS[base] for base in kind.__mro__ if base in STATUS)


def slug_of(code: str) -> str:
    """The last part of ``type``, under which ``problem_pages`` explains the code."""
    return code.replace(".", "-")


def code_of(status: HTTPStatus) -> str:
    """Of what Litestar refuses by itself."""
    return status.phrase.lower().replace(" ", "-")


def of_refusal(refusal: Refused) -> tuple[dict[str, object], dict[str, str]]:
    """The problem and the headers that go with it."""
    facts = {fact_name(field): _shown(getattr(refusal, field.name)) for field in fields(refusal)}
    errors = getattr(refusal, "errors", None)
    detail = str(refusal) if errors is None else "; ".join(map(str, errors))
    body = facts | _base(refusal.code, refusal.title, status_of(refusal), detail)
    return body, dict(HEADERS.get(type(refusal), {}))


def fact_name(field: Field[Any]) -> str:
    """As in every answer, the name of whole cents says so."""
    return f"{field.name}_minor" if field.type == "Cents" else field.name


def _shown(fact: object) -> object:
    """What an answer shows in another shape is told in that one."""
    if isinstance(fact, tuple):
        return [_shown(one) for one in fact]
    return unmet_view(fact) if isinstance(fact, Condition) else fact


def of_status(status: int, headers: Mapping[str, str] | None = None) -> tuple[dict[str, object], dict[str, str]]:
    """For what Litestar refuses by itself: the status in words, and nothing of its message."""
    known = HTTPStatus(status)
    detail = DETAIL.get(known) or known.description or known.phrase
    return _base(code_of(known), known.phrase, status, detail), dict(headers or {})


def encode(body: dict[str, object], request_id: str) -> bytes:
    return msgspec.json.encode({**body, "instance": request_id}, enc_hook=str)


Passing = Callable[[Exception], bool]
"""Whether an exception of an adapter is of the kind that goes away: then the client may try again."""


def answering(passes: Passing) -> Callable[[Request[Any, Any, Any], Exception], Response[bytes]]:
    """The handler of every exception."""

    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        body, headers = _told(error, passes, lambda argument: name_of(request.route_handler, argument))
        status = body["status"]
        assert isinstance(status, int)  # noqa: S101 - _base put it there
        request_id = str(request.scope.get("request_id", ""))
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("request_failed request=%s", request_id, exc_info=error)
        elif status == HTTPStatus.SERVICE_UNAVAILABLE:
            log.warning("request_put_off request=%s reason=%s", request_id, type(error).__name__)
        content = encode(body, request_id)
        return Response(content, status_code=status, headers=headers, media_type=PROBLEM_JSON)

    return answer


def _told(error: Exception, passes: Passing, named: Callable[[str], str]) -> tuple[dict[str, object], dict[str, str]]:
    match error:
        case Refused():
            return of_refusal(error)
        case ClientGone():
            return of_status(HTTPStatus.BAD_REQUEST)  # nobody hears it
        case HTTPException(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
            return of_refusal(TooLarge(BODY_MAX))
        case HTTPException(status_code=HTTPStatus.NOT_FOUND):
            return of_refusal(NotFound())  # one type, one title
        case ValidationException():
            return of_refusal(Invalid(tuple(_faults(error.extra, named))))
        case HTTPException() if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return of_status(error.status_code, error.headers)
        case _ if isinstance(error, Unavailable | PasswordsBusy | CalculatorBusy) or passes(error):
            return of_status(HTTPStatus.SERVICE_UNAVAILABLE, LATER)
        case _:
            return of_status(HTTPStatus.INTERNAL_SERVER_ERROR)


def _faults(extra: object, named: Callable[[str], str]) -> Iterator[Fault]:
    """Of parameters that Litestar could read and does not take; its messages may repeat a value, so they stay here.
    named: an argument of ours as the client writes it."""
    for one in extra if isinstance(extra, list) else ():
        argument = one.get("key") if isinstance(one, dict) else None
        yield Fault(
            "it is not among the values that this takes", parameter=None if argument is None else named(argument)
        )


def _base(code: str, title: str, status: int, detail: str) -> dict[str, object]:
    return {"type": f"/problems/{slug_of(code)}", "title": title, "status": status, "detail": detail[:DETAIL_MAX]}
