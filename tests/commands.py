"""Every command that can be run, as the parser knows it."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator

from propfirm.entrypoints.cli.main import COMMANDS, parser

WIDTH = 110


def commands() -> dict[str, argparse.ArgumentParser]:
    """By its words, without ``propfirm``."""
    found = dict[str, argparse.ArgumentParser]()
    for name in COMMANDS:
        root = parser([name])
        top = next(sub for sub in _below(root) if sub.prog == f"propfirm {name}")
        for leaf in _leaves(top):
            found[leaf.prog.removeprefix("propfirm ")] = leaf
    return found


def options(command: argparse.ArgumentParser) -> set[str]:
    return {option for action in command._actions for option in action.option_strings}


def told(words: str, command: argparse.ArgumentParser) -> str:
    """A command as the page of commands has it: its arguments, and what it does."""
    arguments = [_argument(action) for action in command._actions if "--help" not in action.option_strings]
    line = " ".join(one.replace(" ", "\N{NO-BREAK SPACE}") for one in (f"propfirm {words}", *arguments))
    usage = textwrap.fill(line, WIDTH, subsequent_indent="        ", break_long_words=False, break_on_hyphens=False)
    usage = usage.replace("\N{NO-BREAK SPACE}", " ")
    return f"{usage}\n    {_summary(words)}"


def _argument(action: argparse.Action) -> str:
    choices = "{" + ",".join(map(str, action.choices or ())) + "}"
    value = str(action.metavar or (choices if action.choices else action.dest.upper()))
    if not action.option_strings:
        return {"?": f"[{value}]", "+": f"{value}..."}.get(str(action.nargs), value)
    option = action.option_strings[-1]
    one = option if action.nargs == 0 else f"{option} {value}" + ("..." if action.nargs == "+" else "")
    return one if action.required else f"[{one}]"


def _summary(words: str) -> str:
    """What the help above the command says of it."""
    name, *below = words.split()
    if not below:
        return COMMANDS[name].summary
    top = next(sub for sub in _below(parser([name])) if sub.prog == f"propfirm {name}")
    listed = (
        one
        for action in top._actions
        if isinstance(action, argparse._SubParsersAction)
        for one in action._choices_actions
    )
    return next(str(one.help) for one in listed if one.dest == below[0])


def _leaves(command: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    below = list(_below(command))
    if not below:
        yield command
    for one in below:
        yield from _leaves(one)


def _below(command: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in command._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()
