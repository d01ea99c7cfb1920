"""Whether a program may be published: what contradicts itself, and what nothing can judge yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec import Struct

from propfirm.application.ports.programs import ProgramCatalogue
from propfirm.domain.calendar.news import NewsCalendar
from propfirm.domain.catalogue.contradiction import Contradiction
from propfirm.domain.catalogue.known import Known
from propfirm.domain.catalogue.linter import lint
from propfirm.domain.catalogue.notes import Note, notes
from propfirm.domain.catalogue.program import Program
from propfirm.domain.market.registry import Registry


class Checked(Struct, frozen=True):
    """A program without contradictions may be published; notes keep nobody from it."""

    contradictions: tuple[Contradiction, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class CheckProgram:
    """Someone asks whether a program makes sense among the contracts, releases and programs that there are."""

    programs: ProgramCatalogue
    registry: Registry
    news: NewsCalendar

    def __call__(self, program: Program, beside: Iterable[str] = ()) -> Checked:
        """beside: ids of programs that come with this one, such as the other sizes of its file."""
        known = Known(
            frozenset({*self.programs.ids(), program.id, *beside}),
            self.registry.contracts,
            {self.news.feed: frozenset(release.category for release in self.news.rows)},
        )
        return Checked(lint(program, known), notes(program, known))
