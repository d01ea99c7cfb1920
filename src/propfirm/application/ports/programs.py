"""Where published programs are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from propfirm.domain.catalogue.document import Problem
from propfirm.domain.catalogue.program import Program
from propfirm.domain.errors import NotFound, Refused


@dataclass(eq=False)
class UnknownProgram(NotFound):
    """near: ids that look alike, best first."""

    code = "program.unknown"
    title = "There is no such program"
    id: str
    near: tuple[str, ...] = ()


@dataclass(eq=False)
class BadProgramFile(Refused):
    """Nothing of the file was used. problems: all of them, in the order of the file."""

    code = "program.bad-file"
    title = "The program file cannot be read"
    source: str
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "\n  ".join((f"{self.title}: {self.source}", *map(str, self.problems)))


class ProgramCatalogue(Protocol):
    """Programs by id, each in the version that is sold now. Reading it twice gives equal programs."""

    def ids(self) -> tuple[str, ...]:
        """Every id: by family, its sizes in rising order."""
        ...

    def get(self, id: str) -> Program:  # noqa: A002  # the document's own word
        """Raises UnknownProgram."""
        ...

    def all(self) -> tuple[Program, ...]:
        """Every program, in the order of ``ids``."""
        ...
