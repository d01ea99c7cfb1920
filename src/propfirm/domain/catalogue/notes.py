"""What a program says rightly and nothing can judge yet: no contradiction, but a founder should know it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from propfirm.domain.catalogue.known import Known
from propfirm.domain.catalogue.phrases import RELEASES
from propfirm.domain.catalogue.program import Program


class Note(Struct, frozen=True):
    """path: into the document; stage: the name of the one that it is about."""

    path: str
    stage: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}"


def notes(program: Program, known: Known) -> tuple[Note, ...]:
    """In the order of the document."""
    return tuple(_without_releases(program, known))


def _without_releases(program: Program, known: Known) -> Iterator[Note]:
    """News rules that wait for releases which their feed does not list."""
    for number, stage in enumerate(program.stages):
        if stage.news is None or stage.news.feed not in known.releases:
            continue
        for event in stage.news.events:
            if event not in known.releases[stage.news.feed]:
                what = RELEASES.get(event, event)
                sentence = f"No release of {what} is in the list {stage.news.feed}, so the rule does not act on any."
                yield Note(f"stages[{number}].news.events.{event}", stage.name, sentence)
