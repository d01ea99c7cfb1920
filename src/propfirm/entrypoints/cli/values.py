"""Arguments, parsed once: what a command receives is a value of the firm or a usage error."""

from __future__ import annotations

import argparse
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from propfirm.application.ports.programs import UnknownProgram
from propfirm.application.simulation.request import PriceFile
from propfirm.application.simulation.views import PictureKind
from propfirm.domain.calendar.instants import UnknownZone, named_zone
from propfirm.domain.errors import Refused
from propfirm.domain.identity.people import BadAddress, address
from propfirm.domain.money import MICROS_PER_CENT, MONEY_MAX, Cents, Micros, usd
from propfirm.entrypoints.cli.problems import Contradictory

if TYPE_CHECKING:
    from propfirm.domain.catalogue.program import Program
    from propfirm.entrypoints.container import Container

_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
SLUG_MAX: Final = 64
YEARS: Final = range(2000, 2200)
"""In which a firm's instants lie: arithmetic around them does not leave the calendar."""
_OFFSET: Final = re.compile(r"([+-])(\d\d)(?::?00)?", re.ASCII)

PICTURE_KINDS: Final = {".png": "png", ".svg": "svg"}


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if re.fullmatch(r"[0-9]{1,12}", text, re.ASCII) is None or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return parse


def amount(text: str) -> Micros:
    """More than nothing, in whole cents."""
    try:
        micros = usd(text)
    except ValueError:
        micros = Micros(0)
    if not 0 < micros <= MONEY_MAX or micros % MICROS_PER_CENT:
        msg = f"{text!r} is not an amount of dollars like 1500 or 1500.50"
        raise argparse.ArgumentTypeError(msg)
    return micros


def cents(text: str) -> Cents:
    return Cents(amount(text) // MICROS_PER_CENT)


def id_(text: str) -> UUID:
    """Whole, as every list prints it."""
    if _ID.fullmatch(text) is None:
        msg = f"{text!r} is no id like 0192d3f4-0000-7000-8000-000000000000"
        raise argparse.ArgumentTypeError(msg)
    return UUID(text)


def email(text: str) -> str:
    try:
        return address(text)
    except BadAddress:
        msg = f"{text!r} is no e-mail address"
        raise argparse.ArgumentTypeError(msg) from None


def slug(text: str) -> str:
    """What programs and feeds are called."""
    if len(text) > SLUG_MAX or _SLUG.fullmatch(text) is None:
        msg = f"{text!r} is no name like topstep-50k"
        raise argparse.ArgumentTypeError(msg)
    return text


def text(most: int) -> Callable[[str], str]:
    """What a person writes: something, not too long, without what no text may hold."""

    def parse(given: str) -> str:
        if not given.strip() or len(given) > most:
            msg = f"is no text of 1 to {most} characters"
            raise argparse.ArgumentTypeError(msg)
        if any(unicodedata.category(one) in {"Cc", "Cs"} and one not in "\n\t" for one in given):
            msg = "holds characters that no text may hold"
            raise argparse.ArgumentTypeError(msg)
        return given

    return parse


def instant(text: str) -> datetime:
    """With its offset from UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.min  # noqa: DTZ901  # refused below, as it has no offset
    if found.tzinfo is None or found.year not in YEARS:
        msg = f"{text!r} is no time like 2026-12-11T13:30:00Z, with its offset from UTC"
        raise argparse.ArgumentTypeError(msg)
    return found


def zone(text: str) -> str:
    """A name of the time zone database. ``-06:00`` is its ``Etc/GMT+6``: whole hours alone have such names."""
    found = _OFFSET.fullmatch(text)
    name = f"Etc/GMT{'+' if found[1] == '-' else '-'}{int(found[2])}" if found else text
    try:
        named_zone(name)
    except UnknownZone:
        msg = f"there is no time zone {text!r}; one is America/Chicago, another -06:00"
        raise argparse.ArgumentTypeError(msg) from None
    return name


def path(text: str) -> Path:
    if not text or "\0" in text:
        msg = f"{text!r} is no name of a file"
        raise argparse.ArgumentTypeError(msg)
    return Path(text)


def price_file(text: str) -> PriceFile:
    """``FILE`` or ``FILE=SYMBOL``. A file whose own name has the sign is taken whole."""
    name, equals, symbol = text.rpartition("=")
    if not equals or Path(text).exists():
        return PriceFile(path(text))
    if not symbol:
        msg = f"{text!r} names no contract after the ="
        raise argparse.ArgumentTypeError(msg)
    return PriceFile(path(name), symbol)


def picture(text: str) -> Path:
    target = path(text)
    if target.suffix.lower() not in PICTURE_KINDS:
        msg = f"{text!r} ends neither in .png nor in .svg"
        raise argparse.ArgumentTypeError(msg)
    return target


def kind_of(target: Path) -> PictureKind:
    return cast("PictureKind", PICTURE_KINDS[target.suffix.lower()])


@dataclass(eq=False)
class SeveralPrograms(Refused):
    """A file of several sizes where one program is needed."""

    code = "cli.several-programs"
    title = "The file holds several programs"
    source: str
    ids: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.source}: holds several programs; take one as {self.source}={self.ids[0]} (of {', '.join(self.ids)})"
        )


def program_of(text: str, container: Container) -> Program:
    """The one program that an ID, a FILE with one program, or FILE=ID names.

    A program from a file is judged by nothing before the linter has found no contradiction in it. Raises
    UnknownProgram, BadProgramFile, SeveralPrograms, Contradictory.
    """
    if _is_id(text):
        return container.programs().get(text)
    name, equals, id_ = text.rpartition("=")
    if equals and not Path(text).exists():
        programs = container.program_files()(Path(name))
        for program in programs:
            if program.id == id_:
                return _sound(program, name, container)
        raise UnknownProgram(id_, tuple(program.id for program in programs))
    programs = container.program_files()(Path(text))
    if len(programs) > 1:
        raise SeveralPrograms(text, tuple(program.id for program in programs))
    return _sound(programs[0], text, container)


def programs_of(text: str, container: Container) -> tuple[Program, ...]:
    """The shipped program of an ID, or all of a FILE. Raises UnknownProgram, BadProgramFile."""
    if _is_id(text) and not Path(text).exists():
        return (container.programs().get(text),)
    return container.program_files()(Path(text))


def _is_id(text: str) -> bool:
    """A file in this folder without a dot in its name is ./name."""
    return not set(text) & set("./\\=")


def _sound(program: Program, source: str, container: Container) -> Program:
    found = container.check_program()(program).contradictions
    if found:
        raise Contradictory(source, found)
    return program
