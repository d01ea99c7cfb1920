"""Random values of any frozen struct, drawn from its annotations: a field added later is drawn too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from types import NoneType, UnionType
from typing import Any, Final, Literal, NewType, TypeVar, Union, get_args, get_origin
from uuid import UUID

import msgspec
from hypothesis import strategies as st

S = TypeVar("S", bound=msgspec.Struct)

TEXT: Final = st.text(st.characters(codec="utf-8"), max_size=12)

_PLAIN: Final[Mapping[Any, st.SearchStrategy[Any]]] = {
    str: TEXT,
    bool: st.booleans(),
    date: st.dates(),
    time: st.times(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    UUID: st.uuids(),
    NoneType: st.none(),
}


def structs(cls: type[S], numbers: st.SearchStrategy[int], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[S]:
    """numbers: for every int. given: strategies for fields by name."""
    of: Mapping[str, st.SearchStrategy[Any]] = {
        field.name: given[field.name] if field.name in given else _values(field.type, numbers)
        for field in msgspec.structs.fields(cls)
    }
    return st.builds(cls, **of)


def _values(hint: Any, numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Any]:
    if isinstance(hint, NewType):
        return _values(hint.__supertype__, numbers)
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if get_origin(hint) in (Union, UnionType):
        return st.one_of(*(_values(arm, numbers) for arm in get_args(hint)))
    if get_origin(hint) is tuple:
        first, *others = get_args(hint)
        if others in ([], [...]):
            return st.lists(_values(first, numbers), max_size=3).map(tuple)
        return st.tuples(*(_values(arm, numbers) for arm in (first, *others)))
    if get_origin(hint) is frozenset:
        return st.frozensets(_values(get_args(hint)[0], numbers), max_size=3)
    if get_origin(hint) in (dict, Mapping):
        key, value = get_args(hint)
        return st.dictionaries(_values(key, numbers), _values(value, numbers), max_size=2)
    if issubclass(hint, msgspec.Struct):
        return structs(hint, numbers)
    return numbers if hint is int else _PLAIN[hint]
