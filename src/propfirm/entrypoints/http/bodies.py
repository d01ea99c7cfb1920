"""Bodies: what reaches the firm is JSON in UTF-8 that can be read in one way only, and exactly what was asked for.

Checked in this order: size (by Litestar), encoding and shape of the JSON, keys that stand twice, depth, characters
that no text may hold, then the fields. Litestar by itself takes ``"1"`` for 1, the last of two equal keys, and fails
on bad UTF-8 and on deep nesting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

import msgspec
from litestar._openapi.schema_generation import SchemaCreator
from litestar.dto import AbstractDTO, DTOConfig
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from propfirm.entrypoints.http.refusals import (
    DuplicateKey,
    Fault,
    Invalid,
    InvalidText,
    MalformedBody,
    TooLong,
    UnknownField,
)

DEPTH_MAX: Final = 32
TOO_DEEP: Final = f"it is nested deeper than {DEPTH_MAX}"
KEY_SHOWN_MAX: Final = 64
_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
_PLACE: Final = re.compile(r"^(.*?)(?: - at `(?:key in )?\$(.*)`)?$", re.DOTALL)


def read(raw: bytes, kind: Any) -> Any:  # noqa: ANN401 - any type that a handler names
    """The value of ``kind`` that the body is. Raises MalformedBody, DuplicateKey, InvalidText, UnknownField, TooLong,
    Invalid, in this order."""
    check(raw)
    try:
        return msgspec.json.decode(raw, type=kind, strict=True)
    except msgspec.ValidationError as wrong:
        _refuse(str(wrong))
    except msgspec.DecodeError:
        raise MalformedBody("it is not JSON") from None


def check(raw: bytes) -> None:
    """That the body is JSON which every reader reads alike. Raises MalformedBody, DuplicateKey, InvalidText."""
    try:
        document = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number, parse_int=str, parse_float=_finite
        )
    except UnicodeDecodeError:
        raise MalformedBody("it is not UTF-8") from None
    except ValueError:
        raise MalformedBody("it is not JSON") from None
    except RecursionError:
        raise MalformedBody(TOO_DEEP) from None
    bad = tuple(Fault("it holds NUL or half a character", pointer=pointer) for pointer in _bad_texts(document, "", 1))
    if bad:
        raise InvalidText(bad)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise DuplicateKey(shown(key))
        found[key] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _finite(text: str) -> str:
    if float(text) in {float("inf"), float("-inf")}:
        raise ValueError(text)
    return text


def _bad_texts(value: object, pointer: str, depth: int) -> Iterator[str]:
    if depth > DEPTH_MAX:
        raise MalformedBody(TOO_DEEP)
    match value:
        case str():
            if _NO_TEXT.search(value):
                yield pointer
        case list():
            for place, one in enumerate(value):
                yield from _bad_texts(one, f"{pointer}/{place}", depth + 1)
        case dict():
            for key, one in value.items():
                yield from _bad_texts(key, pointer, depth)
                yield from _bad_texts(one, f"{pointer}/{escaped(key)}", depth + 1)
        case _:
            pass


def _refuse(message: str) -> NoReturn:
    """Msgspec's message in our words. It repeats no value, only the name of a field and what was expected."""
    place = _PLACE.fullmatch(message)
    reason, path = (place[1], place[2] or "") if place else (message, "")
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", reason, re.DOTALL)
    if unknown is not None:
        raise UnknownField((Fault("this field is not known", pointer=f"{_pointer(path)}/{escaped(unknown[1])}"),))
    missing = re.fullmatch(r"Object missing required field `(.*)`", reason, re.DOTALL)
    if missing is not None:
        raise Invalid((Fault("it is missing", pointer=f"{_pointer(path)}/{escaped(missing[1])}"),))
    fault = Fault(reason.replace("`", "")[:200], pointer=_pointer(path))
    if re.search(r"of length <= ", reason):
        raise TooLong((fault,))
    raise Invalid((fault,))


def _pointer(path: str) -> str:
    """Msgspec's ``.legs[0].at`` as a JSON pointer: ``/legs/0/at``. Where it names no key, the pointer ends before."""
    steps = re.findall(r"\.([^.\[]+)|\[(\d+)\]", path)
    return "".join(f"/{escaped(name) if name else place}" for name, place in steps)


def escaped(key: str) -> str:
    return shown(key).replace("~", "~0").replace("/", "~1")


def shown(key: str) -> str:
    """A key that somebody sent, short enough to be said again, in characters that every log takes."""
    return key[:KEY_SHOWN_MAX].encode("ascii", "backslashreplace").decode().replace("\x00", "\\x00")


class StrictBody(AbstractDTO[Any]):
    """Hooks ``read`` into Litestar, for the bodies of the whole application."""

    config = DTOConfig()
    kinds: dict[str, Any] = {}  # noqa: RUF012 - Litestar fills it while the application is built, by handler

    def decode_bytes(self, value: bytes) -> Any:  # noqa: ANN401 - as ``read``
        return read(value, self.kinds[self.asgi_connection.route_handler.handler_id])

    @classmethod
    def is_supported_model_type_field(cls, field_definition: FieldDefinition) -> bool:
        return field_definition.name == "data"

    @classmethod
    def create_for_field_definition(
        cls, field_definition: FieldDefinition, handler_id: str, backend_cls: type[Any] | None = None
    ) -> None:
        del backend_cls
        if field_definition.name == "data":
            cls.kinds[handler_id] = field_definition.raw

    @classmethod
    def create_openapi_schema(
        cls, field_definition: FieldDefinition, handler_id: str, schema_creator: SchemaCreator
    ) -> Reference | Schema:
        del handler_id
        return schema_creator.not_generating_examples.for_field_definition(field_definition)

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> Any:  # noqa: ANN401 - of AbstractDTO; never asked
        del model_type
        return iter(())

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:
        del field_definition
        return False
