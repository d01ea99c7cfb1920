"""docs/cli.md names every command with every argument, and every exit code: as they are, not as they were."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from propfirm.entrypoints.cli import exits
from tests.commands import commands, told

PAGE = Path(__file__).parents[4] / "docs" / "cli.md"


def blocks() -> list[str]:
    return re.findall(r"^```\n(.*?)\n```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_the_page_names_every_command_with_its_arguments() -> None:
    known = [told(words, command) for words, command in commands().items()]
    grouped = ["\n".join(group) for _, group in groupby(known, lambda one: one.split()[1])]
    on_page = [block for block in blocks() if block.startswith("propfirm ")]
    assert on_page == grouped


def test_the_page_names_every_exit_code() -> None:
    assert exits.HELP.strip() in blocks()
    codes = {value for name, value in vars(exits).items() if isinstance(value, int) and name.isupper()}
    assert {int(code) for code in re.findall(r"^  (\d+) ", exits.HELP, re.MULTILINE)} == codes
