"""Text from files, as it may be shown on a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """Everything in one line, with what a terminal would obey (escape sequences, line ends, direction marks) spelled
    out: a file must not be able to paint over a verdict."""
    return text if text.isprintable() else "".join(map(_spelled, text))


def _spelled(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]
