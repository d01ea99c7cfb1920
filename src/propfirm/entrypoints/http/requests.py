"""Before an operation begins: who asks, and whether the address and the body's type are what it takes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import ParamType
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.params import ParameterKwarg
from litestar.typing import FieldDefinition

from propfirm.domain.identity.actors import Actor, Staff, Trader
from propfirm.entrypoints.http import policy
from propfirm.entrypoints.http.refusals import Fault, Invalid, MalformedBody, NotAuthenticated, UnsupportedMediaType

Authenticator = Callable[[str], Awaitable[Actor | None]]

_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)
_JSON: Final = re.compile(r'application/json(?: *; *charset="?utf-8"?)?', re.IGNORECASE)
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_QUERY_MAX: Final = 4_096
RAW_BODY: Final = "raw_body"
"""In a handler's ``opt``: it reads the body's bytes itself, because a signature is over them, or they are a form."""

AnyRequest = Request[Any, Any, Any]
AnyConnection = ASGIConnection[Any, Any, Any, Any]
Who = TypeVar("Who", Trader, Staff)


def guard(authenticate: Authenticator) -> Callable[[AnyConnection, BaseRouteHandler], Awaitable[None]]:
    """Asked before anything of the request is read. Raises NotAuthenticated, RoleForbidden."""

    async def authorise(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        if policy.only_options(handler):
            return
        who = policy.POLICY[policy.operation_of(handler)]
        if who == "anyone":
            return
        token = _BEARER.fullmatch(connection.headers.get("authorization", ""))
        actor = None if token is None else await authenticate(token[1])
        policy.allow(actor, who)
        connection.scope["user"] = actor

    return authorise


def trader(request: AnyRequest) -> Trader:
    return _actor(request, Trader)


def staff(request: AnyRequest) -> Staff:
    return _actor(request, Staff)


def person(request: AnyRequest) -> Trader | Staff:
    actor = request.scope.get("user")
    return actor if isinstance(actor, Staff) else trader(request)


def _actor(request: AnyRequest, kind: type[Who]) -> Who:
    """The policy lets nobody else through; this holds even where a handler asks for another than its line says."""
    actor = request.scope.get("user")
    if not isinstance(actor, kind):
        raise NotAuthenticated
    return actor


async def strict(request: AnyRequest) -> None:
    """Raises 404 for an id that is none, then Invalid (query), UnsupportedMediaType, MalformedBody.

    Litestar by itself takes ``1e1`` for 10, the last of two equal names, and leaves out names that it does not know.
    """
    handler = request.route_handler
    _check_path(request)
    faults = tuple(_query_faults(request, handler))
    if faults:
        raise Invalid(faults)
    if handler.opt.get(RAW_BODY):
        return
    if "data" in handler.parsed_fn_signature.parameters:
        if _JSON.fullmatch(request.headers.get("content-type", "")) is None:
            raise UnsupportedMediaType("content-type")
        if not await request.body():
            raise MalformedBody("it is empty")
    elif await request.body():
        raise Invalid((Fault("this operation takes no body", pointer=""),))


def _check_path(request: AnyRequest) -> None:
    for value, raw in zip(request.path_params.values(), _raw_params(request), strict=False):
        strict = {UUID: _UUID, int: _WHOLE}.get(type(value))
        if strict is not None and strict.fullmatch(raw) is None:
            raise NotFoundException


def _raw_params(request: AnyRequest) -> list[str]:
    """What stands in the path where its template has a parameter."""
    template, path = request.scope["path_template"].split("/"), request.scope["path"].split("/")
    return [part for pattern, part in zip(template, path, strict=False) if pattern.startswith("{")]


def _query_faults(request: AnyRequest, handler: BaseRouteHandler) -> list[Fault]:
    raw = request.scope.get("query_string", b"")
    try:
        if len(raw) > _QUERY_MAX:
            raise ValueError  # noqa: TRY301 - one answer for whatever cannot be read
        text = raw.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict") if text else []
    except ValueError:
        return [Fault("the query cannot be read")]
    known = _queries(handler)
    seen: set[str] = set()
    faults = []
    for name, value in pairs:
        reason = _query_fault(name, value, known, seen)
        if reason:
            faults.append(Fault(reason, parameter=name[:64]))
        seen.add(name)
    missing = (name for name, field in known.items() if field.is_required and name not in seen)
    return [*faults, *(Fault("it is missing", parameter=name) for name in missing)]


def _query_fault(name: str, value: str, known: dict[str, FieldDefinition], seen: set[str]) -> str | None:
    field = known.get(name)
    if field is None:
        return "this parameter is not known"
    if name in seen:
        return "this parameter stands twice"
    if any(letter < " " or letter == "\x7f" for letter in value):
        return "it holds control characters"
    if field.has_inner_subclass_of(int) or field.is_subclass_of(int):
        return None if _WHOLE.fullmatch(value) else "it must be a whole number"
    return None


def _queries(handler: BaseRouteHandler) -> dict[str, FieldDefinition]:
    """The parameters that a handler and what it is given declare, by their name in the address."""
    return {
        found.name or field.name: field
        for field in _fields(handler)
        if isinstance(found := field.kwarg_definition, ParameterKwarg) and found.param_type == ParamType.QUERY
    }


def name_of(handler: BaseRouteHandler, argument: str) -> str:
    """Of a parameter, as clients write it."""
    for field in _fields(handler):
        if field.name == argument and isinstance(found := field.kwarg_definition, ParameterKwarg):
            return found.name or argument
    return argument


def _fields(handler: BaseRouteHandler) -> Iterator[FieldDefinition]:
    """Of a handler and of what it is given, without what is given to either."""
    given = handler.resolve_dependencies()
    arguments = handler.parsed_fn_signature.parameters
    below = (provider.parsed_fn_signature.parameters for name, provider in given.items() if name in arguments)
    for fields in (arguments, *below):
        yield from (field for name, field in fields.items() if name not in given)
