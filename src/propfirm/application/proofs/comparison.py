"""Is what the bundle says what the engine says? The first difference, with both figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple, TypeAlias, get_args

import msgspec
from msgspec import Struct

from propfirm.application.proofs.bundle import FinalStanding
from propfirm.application.proofs.engines import Replay
from propfirm.domain.errors import Refused
from propfirm.domain.money import Micros, exact
from propfirm.domain.rules.events import Event
from propfirm.domain.rules.findings import Evidence, Finding, Hit

NOTHING: Final = "nothing"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Same(Struct, frozen=True, tag="same"):
    """Every finding and the final standing were derived again, to the last micro-dollar."""

    events: int
    findings: int

    def __str__(self) -> str:
        return f"same: {self.findings} findings derived again from {self.events} events"


class Different(Struct, frozen=True, tag="different"):
    """The first difference. seq, at: of the event (0: none). finding: its place in the list, from 1; None for the final
    standing and for an event that the engine does not take. field: path inside, empty for the whole."""

    seq: int
    at: int
    finding: int | None
    field: str
    recorded: str
    derived: str

    def __str__(self) -> str:
        where = f"event {self.seq} ({utc(self.at)})"
        if self.finding is not None:
            where = f"finding {self.finding} at {where}"
        if self.field:
            where = f"{where}, {self.field}"
        return f"different: {where}: the bundle says {self.recorded}, the engine says {self.derived}"


Sameness: TypeAlias = Same | Different


def compare(replay: Replay, events: Iterable[Event], recorded: Sequence[Finding], standing: FinalStanding) -> Sameness:
    """Feeds the events until the first difference."""
    count = place = 0
    for event in events:
        count += 1
        try:
            said = replay.feed(event)
        except Refused as refusal:
            refused = f"that it cannot have happened like this: {refusal}"
            return Different(event.seq, event.at, None, "", "that it happened", refused)
        for finding in said:
            told = recorded[place] if place < len(recorded) else None
            place += 1
            if told != finding:
                return _differing(place, told, finding)
    if place < len(recorded):
        return _differing(place + 1, recorded[place], None)
    derived = replay.standing()
    if standing != derived:
        path, *figures = _first_field(standing, derived)
        return Different(derived.seq, derived.at, None, f"final {path}", *figures)
    return Same(count, place)


def _differing(place: int, told: Finding | None, derived: Finding | None) -> Different:
    first = min((one for one in (told, derived) if one is not None), key=lambda one: one.seq)
    if told is not None and derived is not None and type(told) is type(derived) and told.seq == derived.seq:
        path, *figures = _first_field(told, derived)
        return Different(first.seq, first.at, place, f"{_name(derived)}, {path}", *figures)
    return Different(first.seq, first.at, place, "", _summary(told), _summary(derived))


def _name(finding: Finding) -> str:
    tag = str(type(finding).__struct_config__.tag).replace("_", " ")
    about = getattr(finding, "rule", None) or getattr(finding, "gate", None)
    return f"{tag} of {about}" if about else tag


def _summary(finding: Finding | None) -> str:
    return NOTHING if finding is None else f"{_name(finding)} at event {finding.seq}"


class _FieldDifference(NamedTuple):
    path: str
    told: str
    derived: str


def _first_field(told: Struct, derived: Struct) -> _FieldDifference:
    """Of two values of one type that differ."""
    name, hint = next(
        (field.name, field.type)
        for field in msgspec.structs.fields(type(told))
        if getattr(told, field.name) != getattr(derived, field.name)
    )
    one, other = getattr(told, name), getattr(derived, name)
    if isinstance(one, Evidence):
        inner = _first_field(one, other)
        return inner._replace(path=f"{name}.{inner.path}")
    money = Micros in (hint, *get_args(hint))
    return _FieldDifference(name, _figure(told, name, one, money=money), _figure(derived, name, other, money=money))


def _figure(owner: Struct, name: str, value: object, *, money: bool) -> str:
    """The value in words, exactly: two figures that differ by a micro-dollar must not look alike."""
    if isinstance(owner, Evidence) and name in ("limit", "actual"):
        return f"${exact(Micros(getattr(owner, name)))}" if owner.unit == "usd" else f"{value} {owner.unit}"
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case int() if money:
            return f"${exact(Micros(value))}"
        case int() if name in ("at", "set_at"):
            return utc(value)
        case date():
            return value.isoformat()
        case tuple():
            return ", ".join(_summary(one) if isinstance(one, Hit) else str(one) for one in value) or NOTHING
        case "":
            return NOTHING
        case _:
            return str(value)


def utc(at: int) -> str:
    """The instant to the microsecond, for people: ``2026-03-04 15:42:15.5 UTC``."""
    instant = _EPOCH + timedelta(microseconds=at // 1000)
    fraction = f"{instant:%f}".rstrip("0")
    return f"{instant:%Y-%m-%d %H:%M:%S}{'.' + fraction if fraction else ''} UTC"
