"""Small files that a command reads whole."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from propfirm.entrypoints.cli.problems import BadFile

SIZE_MAX: Final = 64 * 1024 * 1024
"""Bytes: more than any bundle or file of cases, less than any memory."""


def read_whole(path: Path) -> bytes:
    """Raises BadFile."""
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_MAX + 1)
    except OSError as error:
        raise BadFile(path, f"cannot be read: {(error.strerror or 'system error').lower()}") from error
    if len(content) > SIZE_MAX:
        raise BadFile(path, f"is larger than {SIZE_MAX // 1024 // 1024} MiB")
    return content
