"""What a program says rightly and nothing can judge yet: no contradiction, but a founder should know it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from propfirm.domain.catalogue.known import Known
from propfirm.domain.catalogue.phrases import RELEASES
from propfirm.domain.catalogue.program import SIZE_CLASSES, Program, Stage


class Note(Struct, frozen=True):
    """path: into the document; stage: the name of the one that it is about."""

    path: str
    stage: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}"


def notes(program: Program, known: Known) -> tuple[Note, ...]:
    """In the order of the document."""
    return tuple(
        note
        for number, stage in enumerate(program.stages)
        for note in (
            *_classes_without_contracts(stage, f"stages[{number}]", known),
            *_without_releases(stage, f"stages[{number}]", known),
        )
    )


def _classes_without_contracts(stage: Stage, path: str, known: Known) -> Iterator[Note]:
    """Weights and caps of a size class to which no contract belongs."""
    if stage.position is None:
        return
    listed = {contract.size_class for contract in known.contracts.values()}
    for name, keys in (("weights", stage.position.weights), ("sub_caps", stage.position.sub_caps)):
        for key in keys:
            if key in SIZE_CLASSES and key not in listed:
                sentence = f"No contract that can be traded is of size class {key}, so what is said of it acts on none."
                yield Note(f"{path}.position.{name}.{key}", stage.name, sentence)


def _without_releases(stage: Stage, path: str, known: Known) -> Iterator[Note]:
    """News rules that wait for releases which their feed does not list."""
    if stage.news is None or stage.news.feed not in known.releases:
        return
    for event in stage.news.events:
        if event not in known.releases[stage.news.feed]:
            what = RELEASES.get(event, event)
            sentence = f"No release of {what} is in the list {stage.news.feed}, so the rule does not act on any."
            yield Note(f"{path}.news.events.{event}", stage.name, sentence)
