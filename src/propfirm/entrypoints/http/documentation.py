"""The description of the API: what Litestar reads from the operations, completed by what holds for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from litestar import Request, Response, Router, get
from litestar.enums import MediaType
from litestar.exceptions import NotFoundException
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import (
    OpenAPI,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    Schema,
    SecurityScheme,
)
from litestar.params import FromPath
from litestar.response import Redirect

from propfirm.entrypoints.http.idempotency import HEADER
from propfirm.entrypoints.http.policy import POLICY
from propfirm.entrypoints.http.problems import PROBLEM_JSON

PATH: Final = "/docs"
DESCRIPTION: Final = """\
Buy a challenge, watch every rule while you trade, be paid. All times are UTC (RFC 3339). Amounts named `*_minor` are
whole cents, ids are UUIDs.

- **Who you are**: `POST /v1/auth/login` gives an access token for ten minutes; send it as `Authorization: Bearer ...`.
- **Once**: an operation that creates needs an `Idempotency-Key` of your own making, one for each act. Ask again with
  the same key and body and you get the same answer to the letter; with another body, 422; while the first is still
  answered, 409. A key is good for 7 days.
- **Lists** come a page at a time: give `next` as `cursor` to go on.
- **No** is always `application/problem+json` (RFC 9457): `type` is stable, for machines, and leads to a page that
  explains it (`/problems` has them all); `title` is for people, `errors` says what is wrong where, `instance` is the
  request's id for support. Bodies are JSON in UTF-8 and are read strictly: no unknown or doubled fields, no `"1"` for
  1. Somebody else's object does not exist for you: 404.
"""
CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)
_KINDS: Final = {"css": "text/css", "js": "text/javascript"}

ALWAYS: Final[Mapping[str, str]] = {
    "400": "The request cannot be read, or its headers are not right",
    "408": "The request did not arrive in time",
    "422": "The request was understood and is not valid",
    "431": "The headers are too large",
    "500": "A mistake of ours; the log knows more",
    "503": "Something that this needs does not answer now; try again later",
}
SIGNED_IN: Final[Mapping[str, str]] = {"401": "No valid access token", "403": "Your role does not allow this"}
CHANGING: Final[Mapping[str, str]] = {
    "409": "The state has moved on, or the first request with this key is still being answered"
}
WITH_BODY: Final[Mapping[str, str]] = {
    "413": "The body is too large",
    "415": "The body is not application/json in UTF-8",
}
NAMING: Final[Mapping[str, str]] = {"404": "There is no such thing, or it is not yours"}


class OfflinePages(OpenAPIRenderPlugin):
    """The pages for people, from files of our own. Litestar's load scripts, fonts and even the icon from elsewhere."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)
        self._files = files

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        del request, openapi_schema
        return self._files["index.html"]

    def receive_router(self, router: Router) -> None:
        files = self._files

        @get("/files/{name:str}", sync_to_thread=False)
        def file(name: FromPath[str]) -> Response[bytes]:
            kind = _KINDS.get(name.rpartition(".")[2])
            if name not in files or kind is None:
                raise NotFoundException
            return Response(files[name], media_type=kind, headers={"cache-control": "public, max-age=3600"})

        router.register(file)


def docs_router() -> Router:
    return Router(
        PATH,
        route_handlers=[],
        include_in_schema=False,
        opt={"operation": "docs.read"},
        response_headers={"content-security-policy": CONTENT_POLICY},
        dto=None,
    )


@get("/", status_code=303, sync_to_thread=False)
def door() -> Redirect:
    """Whoever comes to the address that the demo prints is shown what there is."""
    return Redirect(PATH, status_code=303)


def front() -> Router:
    return Router(
        "/", route_handlers=[door], include_in_schema=False, opt={"operation": "docs.read"}, dto=None, return_dto=None
    )


def complete(described: OpenAPI) -> None:
    """Adds to every operation who may call it, the key of creating ones, and every way in which it says no."""
    described.info.description = DESCRIPTION
    components = described.components
    components.schemas = {**(components.schemas or {}), "Problem": _problem(), "Fault": _fault()}
    components.security_schemes = {
        "token": SecurityScheme(type="http", scheme="bearer", bearer_format="JWT", description="From `/v1/auth/login`")
    }
    for method, operation in _operations(described):
        who = POLICY[operation.operation_id or ""]
        operation.security = [] if who == "anyone" else [{"token": []}]
        responses = operation.responses = operation.responses or {}
        if "201" in responses:
            operation.parameters = [*(operation.parameters or []), _key()]
        responses |= {status: _no(description) for status, description in _ways(method, operation).items()}


def _ways(method: str, operation: Operation) -> Mapping[str, str]:
    """The statuses of every no that the operation may give, and what each means."""
    has_body = operation.request_body is not None
    in_path = any(isinstance(one, Parameter) and one.param_in == "path" for one in operation.parameters or ())
    return {
        **ALWAYS,
        **(SIGNED_IN if operation.security or operation.operation_id == "auth.login" else {}),
        **(CHANGING if method != "get" else {}),
        **(WITH_BODY if has_body else {}),
        **(NAMING if in_path or (has_body and operation.security) else {}),
    }


def _operations(described: OpenAPI) -> Iterator[tuple[str, Operation]]:
    for path in (described.paths or {}).values():
        for method in ("get", "put", "post", "delete", "patch"):
            operation = getattr(path, method)
            if operation is not None:
                yield method, operation


def _no(description: str) -> OpenAPIResponse:
    schema = Reference("#/components/schemas/Problem")
    request_id = OpenAPIHeader(schema=_text("The id of this request"))
    return OpenAPIResponse(description, {"x-request-id": request_id}, {PROBLEM_JSON: OpenAPIMediaType(schema=schema)})


def _key() -> Parameter:
    return Parameter(
        HEADER,
        "header",
        schema=Schema(type=OpenAPIType.STRING, pattern="^[\\x21-\\x7e]{1,200}$"),
        description="Your own name of this act: the same key acts once",
        required=True,
    )


def _problem() -> Schema:
    faults = Schema(
        type=OpenAPIType.ARRAY, items=Reference("#/components/schemas/Fault"), description="What is wrong where"
    )
    properties: dict[str, Reference | Schema] = {
        "type": _text("`/problems/` and a stable code"),
        "title": _text("For people"),
        "status": Schema(type=OpenAPIType.INTEGER),
        "detail": _text("What of this request it is about"),
        "instance": _text("The id of this request"),
        "errors": faults,
    }
    description = "RFC 9457. Members beside these are the facts of a refusal, each by its name."
    return _object(properties, ("type", "title", "status", "detail", "instance"), description)


def _fault() -> Schema:
    properties: dict[str, Reference | Schema] = {
        "detail": _text("What is wrong"),
        "pointer": Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL], description="Into the body (RFC 6901)"),
        "parameter": Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL], description="Of the query"),
    }
    return _object(properties, ("detail",), "One thing that is wrong with a request")


def _object(properties: dict[str, Reference | Schema], required: Sequence[str], description: str) -> Schema:
    return Schema(type=OpenAPIType.OBJECT, properties=properties, required=list(required), description=description)


def _text(description: str) -> Schema:
    return Schema(type=OpenAPIType.STRING, description=description)
