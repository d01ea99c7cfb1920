"""Arguments, parsed once: what a command receives is a value of the firm or a usage error."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from propfirm.application.ports.programs import UnknownProgram
from propfirm.application.simulation.request import PriceFile
from propfirm.application.simulation.views import PictureKind
from propfirm.domain.calendar.instants import UnknownZone, named_zone
from propfirm.domain.errors import Refused
from propfirm.domain.money import MICROS_PER_CENT, MONEY_MAX, Cents, Micros, usd
from propfirm.entrypoints.cli.problems import Contradictory

if TYPE_CHECKING:
    from propfirm.domain.catalogue.program import Program
    from propfirm.entrypoints.container import Container

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
