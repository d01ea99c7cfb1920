"""``propfirm programs``: what is sold, in words; what contradicts itself; what changed."""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

import msgspec

from propfirm.application.catalogue.worked_examples import worked_examples
from propfirm.application.printable import printable
from propfirm.domain.catalogue.difference import Change, diff
from propfirm.domain.catalogue.document import fingerprint, to_document
from propfirm.domain.catalogue.notes import Note
from propfirm.domain.catalogue.program import Program, Stage
from propfirm.domain.catalogue.toml_text import to_toml
from propfirm.domain.catalogue.words import Description, Section, describe
from propfirm.domain.money import from_cents, show
from propfirm.entrypoints.cli import exits, own_programs, values
from propfirm.entrypoints.cli.arguments import add_command, group

if TYPE_CHECKING:
    from propfirm.entrypoints.container import Container

WIDTH_MAX: Final = 96

DESCRIPTION: Final = """\
Programs are what traders buy: stages with their rules and payout terms, as data.
Of `list`, `show`, `check` and `diff`, ID is that of a shipped program, and FILE is
a program document in TOML; of a file with several sizes, FILE=ID takes one. `show`
and `diff` know what this firm has written as well: ID@VERSION, or ID where it is
on sale and none is shipped under that name. The others are about the firm's own
alone: drafted from a file, published, priced, sold, retired.
"""
EPILOG: Final = """\
examples:
  propfirm programs list
  propfirm programs show topstep-50k
  propfirm programs show topstep-50k --toml > my-program.toml
  propfirm programs check my-program.toml
  propfirm programs diff topstep-50k my-program.toml
  propfirm programs diff my-program-50k@1 my-program-50k@2
  propfirm programs draft my-program.toml --as ada@firm.example --yes
  propfirm programs price my-program-50k 1 149 --as ada@firm.example --yes
"""


class Arguments(argparse.Namespace):
    program: str
    before: str
    after: str
    sources: list[str]
    json: bool
    toml: bool


def configure(parser: argparse.ArgumentParser) -> None:
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    commands = group(parser)
    listing = add_command(commands, "list", "the shipped programs, a line each", list_programs)
    show_one = add_command(commands, "show", "all rules of a program, in words", show_program)
    show_one.add_argument("program", metavar="ID_OR_FILE")
    check = add_command(commands, "check", "read programs and look for contradictions; exit 1 if any", check_programs)
    check.add_argument("sources", metavar="ID_OR_FILE", nargs="+", help="of a file all its programs are checked")
    compare = add_command(commands, "diff", "what differs between two programs", compare_programs)
    compare.add_argument("before", metavar="A")
    compare.add_argument("after", metavar="B")
    own_programs.configure(commands)
    for command in (listing, compare):
        command.add_argument("--json", action="store_true", help="for machines")
    written = show_one.add_mutually_exclusive_group()
    written.add_argument("--json", action="store_true", help="for machines")
    written.add_argument("--toml", action="store_true", help="as a program document, to start one of your own from")


def list_programs(arguments: Arguments, container: Container) -> int:
    programs = container.programs().all()
    if arguments.json:
        _print_json([{**to_document(program), "fingerprint": fingerprint(program)} for program in programs])
        return exits.OK
    rows = [("ID", "SIZE", "PRICE", "STAGES"), *map(_row, programs)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for id_, size, price, stages in rows:
        print(f"{id_:<{widths[0]}}  {size:>{widths[1]}}  {price:>{widths[2]}}  {stages}")
    return exits.OK


def _row(program: Program) -> tuple[str, str, str, str]:
    first = program.stages[0]
    stages = ", ".join(stage.name for stage in program.stages)
    return program.id, show(program.starting_balance), _price(first), stages


def _price(stage: Stage) -> str:
    if not stage.price:
        return "-"
    return f"{show(from_cents(stage.price))}{' a month' if stage.billing == 'monthly' else ''}"


def show_program(arguments: Arguments, container: Container) -> int:
    program = own_programs.program_of(arguments.program, container)
    if arguments.toml:
        sys.stdout.write(to_toml(to_document(program)))
        return exits.OK
    words = _in_full(describe(program), program, container.check_program()(program).notes)
    if arguments.json:
        document = to_document(program, complete=True)
        _print_json({"program": document, "fingerprint": fingerprint(program), "words": words})
        return exits.OK
    for line in _told(words):
        print(line)
    return exits.OK


def _in_full(description: Description, program: Program, notes: tuple[Note, ...]) -> Description:
    """After the rules of a stage what is not judged of them yet, and its worked examples."""
    examples = tuple(worked_examples(program))
    sections: list[Section] = []
    for section, following in zip_longest(description.sections, description.sections[1:]):
        sections.append(section)
        if section.stage and (following is None or following.stage != section.stage):
            noted = tuple(note.sentence for note in notes if note.stage == section.stage)
            sections += [Section("What is not judged yet", noted, section.stage)] if noted else []
            sections += (example for example in examples if example.stage == section.stage)
    return Description(description.title, tuple(sections))


def _told(description: Description) -> Iterator[str]:
    width = min(shutil.get_terminal_size().columns, WIDTH_MAX)
    title = printable(description.title)
    yield title
    yield "=" * len(title)
    stage = ""
    for section in description.sections:
        if section.stage != stage and section.stage:
            heading = printable(f"Stage {section.stage}")
            yield from ("", heading, "-" * len(heading))
        stage = section.stage
        yield from ("", printable(section.title))
        for sentence in section.sentences:
            yield textwrap.fill(printable(sentence), width, initial_indent="  - ", subsequent_indent="    ")


def check_programs(arguments: Arguments, container: Container) -> int:
    """All of them are read before any is judged. Raises BadProgramFile, UnknownProgram."""
    read = [(source, values.programs_of(source, container)) for source in arguments.sources]
    sound = [_check(source, programs, container) for source, programs in read]
    return exits.OK if all(sound) else exits.FAILED


def _check(source: str, programs: tuple[Program, ...], container: Container) -> bool:
    """Says what is found; whether nothing contradicts itself."""
    check, ids = container.check_program(), [program.id for program in programs]
    found = 0
    for program in programs:
        checked = check(program, ids)
        found += len(checked.contradictions)
        for contradiction in checked.contradictions:
            print(printable(f"{source}: {program.id}: {contradiction}"))
        for note in checked.notes:
            print(printable(f"{source}: {program.id}: note: {note}"))
        if not checked.contradictions:
            print(printable(f"{source}: {program.id} version {program.version}: ok, {fingerprint(program)}"))
    return not found


def compare_programs(arguments: Arguments, container: Container) -> int:
    before, after = (own_programs.program_of(one, container) for one in (arguments.before, arguments.after))
    changes = diff(before, after)
    if arguments.json:
        _print_json(changes)
        return exits.OK
    for line in _changes(changes):
        print(printable(line))
    return exits.OK


def _changes(changes: tuple[Change, ...]) -> Iterator[str]:
    """What a trader would notice; where the values were read is left to ``--json``."""
    rules = [change for change in changes if not change.path.startswith("source")]
    if not rules:
        yield "no difference"
    for change in rules:
        match change:
            case Change(before=None):
                yield f"+ {change.path} = {change.after}"
            case Change(after=None):
                yield f"- {change.path} = {change.before}"
            case _:
                yield f"~ {change.path}: {change.before} -> {change.after}"


def _print_json(value: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
