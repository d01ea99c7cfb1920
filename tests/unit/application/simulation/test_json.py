import json
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import fields, replace

from propfirm.application.simulation.json import decimal, instant, plain, to_json
from propfirm.application.simulation.report import (
    Condition,
    CurvePoint,
    DayRow,
    Entry,
    PriceHole,
    Report,
    Standing,
    Subject,
)
from propfirm.domain.calendar.instants import INSTANT_MAX, parse_instant
from propfirm.domain.money import Micros, parse_scaled, usd
from propfirm.domain.rules import findings
from propfirm.domain.rules.findings import Evidence, Hit, Unit
from tests.reports import EVERY_KIND, breached, still_open

SCHEMA: dict[str, Any] = json.loads((resources.files("propfirm.resources") / "report.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

EVIDENCE = Evidence(1, 2, "usd", Micros(3), Micros(4), set_seq=7, set_at=9)
HIT = Hit(3, 5, "max_loss", "fail", EVIDENCE, decided=True)
PASSED = findings.Passed(1, 5, usd("1"), usd("2"), usd("3"))
ONE_OF_EACH: tuple[findings.Finding, ...] = (
    HIT,
    findings.Warned(1, 5, "daily_loss", EVIDENCE),
    findings.FloorMoved(1, 5, "max_loss", usd("1"), usd("2"), usd("3"), locked=True),
    findings.DayCounted(1, 5, date(2025, 3, 3), "trading", 4),
    findings.DayClosed(
        1, 5, date(2025, 3, 3), usd("1"), usd("2"), usd("3"), usd("4"), usd("5"), None, traded=True, qualifying=False
    ),
    findings.TargetMet(1, 5, usd("1"), usd("2"), ("flat", "consistency")),
    findings.TargetExtended(1, 5, usd("1"), usd("2")),
    PASSED,
    findings.GateMoved(1, 5, "consistency", open=True),
    findings.ProfitStripped(1, 5, "news", usd("1")),
    findings.Unlocked(1, 5),
    findings.Corrected(1, 5, "f-1", usd("1"), usd("2"), (HIT,), (PASSED,), "open", "passed"),
)


def parsed(report: Report) -> Any:
    return json.loads(to_json(report))


def test_the_shipped_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("make", EVERY_KIND)
def test_reports_keep_to_the_schema(make: Callable[[], Report]) -> None:
    VALIDATOR.validate(parsed(make()))


def test_every_kind_of_finding_keeps_to_the_schema() -> None:
    entries = tuple(Entry(one.at, one.seq, "text", "note", False, one) for one in ONE_OF_EACH)
    assert {type(one) for one in ONE_OF_EACH} == set(findings.Finding.__args__)
    VALIDATOR.validate(parsed(replace(still_open(), timeline=entries)))


@pytest.mark.parametrize("wrong", [{"verdict": "failed"}, {"verdict": None}, {"surprise": 1}, {"format": "2"}])
def test_the_schema_refuses_what_is_no_report(wrong: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid({**parsed(still_open()), **wrong})


@pytest.mark.parametrize(
    "type_", [Subject, DayRow, Entry, Condition, Standing, PriceHole, Evidence, *map(type, ONE_OF_EACH)]
)
def test_the_schema_has_each_field_of_each_type_and_no_other(type_: type[Struct]) -> None:
    definition = SCHEMA["$defs"][type_.__name__]
    expected = [field.encode_name for field in fields(type_)]
    told = [name for name in definition["properties"] if name != "type"]
    assert told == expected + (["distance"] if type_ is Evidence else [])
    assert definition["required"] == list(definition["properties"])


def test_keys_come_in_the_order_in_which_the_report_declares_them() -> None:
    assert list(parsed(breached())) == [field.encode_name for field in fields(Report)]


def test_equal_reports_are_equal_bytes_on_one_line() -> None:
    content = to_json(breached())
    assert content == to_json(breached())
    assert content.count(b"\n") == 1
    assert content.endswith(b"\n")


def test_money_keeps_its_last_digit_as_a_string() -> None:
    report = replace(still_open(), standing=replace(still_open().standing, equity=Micros(47_985_123_456)))
    assert parsed(report)["standing"]["equity"] == "47985.123456"
    assert parsed(report)["subject"]["starting_balance"] == "50000.00"


def test_a_point_of_the_curve_is_a_short_array() -> None:
    point = CurvePoint(1_381_247_250_000_000_000, usd("1"), usd("3"), usd("2"), usd("0"), None, usd("2.5"))
    assert plain(point) == ["2013-10-08T15:47:30Z", "1.00", "3.00", "2.00", "0.00", None, "2.50"]


@pytest.mark.parametrize(
    ("unit", "limit", "actual", "distance"),
    [
        ("usd", "0.000002", "0.000005", "0.000003"),
        ("units", "0.000002", "0.000005", "0.000003"),
        ("ratio", "0.000002", "0.000005", "0.000003"),
        ("contracts", "2", "5", "3"),
        ("fills", "2", "5", "3"),
    ],
)
def test_figures_of_evidence_are_in_their_unit(unit: Unit, limit: str, actual: str, distance: str) -> None:
    told: Any = plain(Evidence(2, 5, unit, usd("1"), usd("2")))
    assert (told["limit"], told["actual"], told["distance"]) == (limit, actual, distance)


def test_a_floor_that_no_event_set_has_no_instant() -> None:
    told: Any = plain(Evidence(2, 5, "usd", usd("1"), usd("2")))
    assert (told["set_seq"], told["set_at"]) == (0, None)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (1_381_247_250_000_000_000, "2013-10-08T15:47:30Z"),
        (1_381_247_250_120_000_000, "2013-10-08T15:47:30.120Z"),
        (1_381_247_250_000_001_000, "2013-10-08T15:47:30.000001Z"),
        (1_381_247_250_000_000_001, "2013-10-08T15:47:30.000000001Z"),
    ],
)
def test_instants_are_utc_with_as_many_digits_as_they_need(at: int, text: str) -> None:
    assert instant(at) == text


@given(st.integers(0, INSTANT_MAX))
def test_an_instant_reads_back_to_the_nanosecond(at: int) -> None:
    assert parse_instant(instant(at)) == at


@given(st.integers(-(10**15), 10**15))
def test_a_decimal_reads_back_exactly(millionths: int) -> None:
    assert parse_scaled(decimal(millionths), 6) == millionths


class Floating(Struct, frozen=True):
    price: float


def test_a_float_has_no_place_in_a_report() -> None:
    with pytest.raises(TypeError, match="float"):
        plain(Floating(1.5))


def test_the_page_about_the_report_names_every_key_and_every_finding() -> None:
    page = (Path(__file__).parents[4] / "docs/report-json.md").read_text("utf-8")
    names = [field.encode_name for field in fields(Report)]
    tags = [str(type(one).__struct_config__.tag) for one in ONE_OF_EACH]
    assert [name for name in (*names, *tags) if f"`{name}`" not in page] == []
