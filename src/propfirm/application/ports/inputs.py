"""What is said about a file that cannot be taken as it is."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from propfirm.domain.errors import Refused

PROBLEMS_MAX = 100
"""So many problems are told in full; of a file in the wrong format the rest would be noise."""


class Problem(Struct, frozen=True):
    """One mistake. row: the line of the file, from 1, the header included; 0 for the file as a whole. column: by its
    name in the header, empty for the row as a whole."""

    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = [f"row {self.row}"] if self.row else []
        if self.column:
            place.append(f"column {self.column}")
        return f"{', '.join(place)}: {self.reason}" if place else self.reason


@dataclass(eq=False)
class BadInput(Refused):
    """Nothing of the file was used. problems: the first ``PROBLEMS_MAX``, in order of rows; more: how many others."""

    code = "input.bad"
    title = "The file cannot be read"
    source: str
    problems: tuple[Problem, ...]
    more: int = 0

    def __str__(self) -> str:
        lines = [f"{self.title}: {self.source}", *map(str, self.problems)]
        if self.more:
            lines.append(f"and {self.more} more")
        return "\n  ".join(lines)
