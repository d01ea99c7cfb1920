"""The programs of ``resources/programs`` and program files that a user wrote."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Final

from propfirm.application.ports.programs import BadProgramFile, UnknownProgram
from propfirm.domain.catalogue.document import BadDocument, Problem
from propfirm.domain.catalogue.family import expand, read_all
from propfirm.domain.catalogue.program import Program

FILE_MAX: Final = 1_000_000
"""Bytes. A program is a few kilobytes; what is larger is some other file."""


class ShippedPrograms:
    """A ``ProgramCatalogue`` of the files that ship with the product.

    A file's name begins the ids of its programs (``topstep.toml`` holds ``topstep-50k``), so that one program costs one
    small file and not all of them. Raises BadProgramFile when a shipped file has been damaged.
    """

    def __init__(self) -> None:
        self._read: dict[str, tuple[Program, ...]] = {}

    def ids(self) -> tuple[str, ...]:
        return tuple(str(size["id"]) for text in self._files.values() for size in expand(tomllib.loads(text)))

    def get(self, id: str) -> Program:  # noqa: A002  # the document's own word
        for stem in self._files:
            if id == stem or id.startswith(f"{stem}-"):
                for program in self._programs(stem):
                    if program.id == id:
                        return program
        raise UnknownProgram(id, tuple(get_close_matches(id, self.ids(), n=3)))

    def all(self) -> tuple[Program, ...]:
        return tuple(program for stem in self._files for program in self._programs(stem))

    @cached_property
    def _files(self) -> dict[str, str]:
        """The text of each file by its name without ending, in the order of these names."""
        folder = resources.files("propfirm.resources") / "programs"
        files = (file for file in folder.iterdir() if file.name.endswith(".toml"))
        return {
            file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
            for file in sorted(files, key=lambda file: file.name)
        }

    def _programs(self, stem: str) -> tuple[Program, ...]:
        if stem not in self._read:
            self._read[stem] = parse(self._files[stem], f"{stem}.toml")
        return self._read[stem]


def read_file(path: Path) -> tuple[Program, ...]:
    """The programs of a file: one, or one for each size of a family. Raises BadProgramFile, naming the file."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_MAX + 1)
    except OSError as error:
        raise BadProgramFile(str(path), (Problem("", error.strerror or "cannot be opened"),)) from error
    if len(content) > FILE_MAX:
        raise BadProgramFile(str(path), (Problem("", f"is larger than {FILE_MAX:,} bytes"),))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadProgramFile(str(path), (Problem("", "is not text in UTF-8"),)) from error
    return parse(text, str(path))


def parse(text: str, source: str) -> tuple[Program, ...]:
    """The programs of a TOML text. source: what to call it. Raises BadProgramFile."""
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise BadProgramFile(source, (Problem("", "is nested too deeply"),)) from None
    except ValueError as error:  # bad syntax, and whole numbers of thousands of digits
        raise BadProgramFile(source, (Problem("", f"is not TOML: {error}"),)) from error
    try:
        return read_all(document)
    except BadDocument as bad:
        raise BadProgramFile(source, bad.problems) from bad
