"""What went wrong, in one line a problem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from propfirm.application.ports.inputs import BadInput
from propfirm.application.ports.programs import BadProgramFile, UnknownProgram
from propfirm.domain.catalogue.contradiction import Contradiction
from propfirm.domain.errors import Refused
from propfirm.entrypoints.settings import BadSettings


@dataclass(eq=False)
class BadFile(Refused):
    """A file that a command cannot read or may not write, as a whole."""

    code = "cli.bad-file"
    title = "The file cannot be used"
    path: Path
    reason: str


@dataclass(eq=False)
class Contradictory(Refused):
    """A program whose rules undo each other: no verdict by it would mean anything."""

    code = "cli.contradictory-program"
    title = "The program contradicts itself"
    source: str
    contradictions: tuple[Contradiction, ...]


@dataclass(eq=False)
class Unconfirmed(Refused):
    """act: what would have been done, as an imperative."""

    code = "cli.unconfirmed"
    title = "An act needs --yes"
    act: str

    def __str__(self) -> str:
        return f"would {self.act}: say --yes to do it"


def lines(refusal: Refused) -> Iterator[str]:
    """One for each problem, with the file and the place in it."""
    match refusal:
        case BadInput(source, problems, more):
            yield from (f"{source}: {problem}" for problem in problems)
            if more:
                yield f"{source}: and {more} more problems"
        case BadProgramFile(source, problems):
            yield from (f"{source}: {problem}" for problem in problems)
        case Contradictory(source, contradictions):
            yield from (f"{source}: {contradiction}" for contradiction in contradictions)
        case UnknownProgram(id, near):
            yield f"there is no program {id!r}" + (f"; did you mean {' or '.join(near)}?" if near else "")
        case BadSettings(problems):
            yield from map(str, problems)
        case BadFile(path, reason):
            yield f"{path}: {reason}"
        case _:
            yield " ".join(str(refusal).split("\n"))
