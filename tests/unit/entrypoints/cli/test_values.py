import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from propfirm.application.ports.programs import BadProgramFile, UnknownProgram
from propfirm.application.simulation.request import PriceFile
from propfirm.domain.catalogue.document import to_document
from propfirm.domain.catalogue.toml_text import to_toml
from propfirm.domain.money import Cents, Micros
from propfirm.entrypoints.cli import values
from propfirm.entrypoints.container import Container

CONTAINER = Container()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A program of one's own."""
    path = tmp_path / "own.toml"
    path.write_text(to_toml(to_document(CONTAINER.programs().get("topstep-50k"))), "utf-8")
    return path


def family() -> Path:
    import propfirm.resources  # noqa: PLC0415  # only here

    return Path(next(iter(propfirm.resources.__path__))) / "programs" / "topstep.toml"


@pytest.mark.parametrize(("text", "micros"), [("1500", 1_500_000_000), ("0.01", 10_000), ("+2.50", 2_500_000)])
def test_dollars_are_read_exactly(text: str, micros: int) -> None:
    assert values.amount(text) == Micros(micros)
    assert values.cents(text) == Cents(micros // 10_000)


@pytest.mark.parametrize("text", ["", "0", "-5", "1e3", "1,500", "1.005", "NaN", "inf", "$5", " 5", "٣", "9" * 18])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not an amount"):
        values.amount(text)


def test_zones_are_those_of_the_database() -> None:
    assert values.zone("America/Chicago") == "America/Chicago"


@pytest.mark.parametrize("text", ["", "Chicago", "America", "../UTC", "/etc/localtime"])
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no time zone"):
        values.zone(text)


def test_a_price_file_may_name_its_contract() -> None:
    assert values.price_file("ticks.csv=ESZ3") == PriceFile(Path("ticks.csv"), "ESZ3")
    assert values.price_file("ticks.csv") == PriceFile(Path("ticks.csv"))


def test_a_price_file_with_the_sign_in_its_own_name_is_taken_whole(tmp_path: Path) -> None:
    odd = tmp_path / "a=b"
    odd.touch()
    assert values.price_file(str(odd)) == PriceFile(odd)


@pytest.mark.parametrize("text", ["", "=ESZ3", "ticks.csv=", "a\0b"])
def test_what_names_no_price_file_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        values.price_file(text)


def test_pictures_are_told_by_their_suffix() -> None:
    assert values.kind_of(values.picture("a.png")) == "png"
    assert values.kind_of(values.picture("a.SVG")) == "svg"
    with pytest.raises(argparse.ArgumentTypeError, match=r"neither in \.png nor in \.svg"):
        values.picture("a.jpg")


def test_a_program_is_named_by_its_id() -> None:
    assert values.program_of("topstep-50k", CONTAINER).name == "Topstep 50K"


def test_a_program_is_read_from_a_file(own: Path) -> None:
    assert values.program_of(str(own), CONTAINER) == CONTAINER.programs().get("topstep-50k")


def test_one_size_of_a_file_is_taken_by_its_id() -> None:
    assert values.program_of(f"{family()}=topstep-150k", CONTAINER).id == "topstep-150k"


def test_a_file_of_several_sizes_needs_one_named() -> None:
    with pytest.raises(values.SeveralPrograms) as refusal:
        values.program_of(str(family()), CONTAINER)
    assert refusal.value.ids == ("topstep-50k", "topstep-100k", "topstep-150k")


@pytest.mark.parametrize("text", ["topstep-50", f"{family()}=topstep-5k"])
def test_an_unknown_program_has_its_neighbours_told(text: str) -> None:
    with pytest.raises(UnknownProgram) as refusal:
        values.program_of(text, CONTAINER)
    assert "topstep-50k" in refusal.value.near


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadProgramFile):
        values.program_of(str(tmp_path / "none.toml"), CONTAINER)


@pytest.mark.parametrize(
    ("parse", "good", "bad"),
    [
        (
            values.id_,
            ["0192d3f4-0000-7000-8000-00000000000A"],
            ["", "0192d3f4", "0192d3f4000070008000000000000000"],
        ),
        (values.email, ["Ann@Example.com"], ["", "ann", "ann@", "a b@example.com", "ann@example.com\udc80"]),
        (values.slug, ["topstep-50k", "a"], ["", "A", "a b", "-a", "a--b", "a" * 65, "a\n"]),
        (values.text(5), ["a", " a\nb"], ["", "  ", "123456", "\a", "\udc80", "\x1b[2J"]),
        (
            values.instant,
            ["2026-12-11T13:30:00Z", "2026-12-11T13:30:00-05:00"],
            ["", "2026-12-11", "2026-12-11T13:30:00", "1999-12-31T00:00:00Z", "9999-12-31T23:59:59-14:00", "today"],
        ),
    ],
)
def test_what_the_firm_is_told_is_read_strictly(
    parse: Callable[[str], object], good: list[str], bad: list[str]
) -> None:
    for text in good:
        parse(text)
    for text in bad:
        with pytest.raises(argparse.ArgumentTypeError):
            parse(text)
