"""The one way in which commands write files: whole, or not at all.

Targets are tried before any work begins. Contents go to a hidden file beside the target, reach the disk, and only then
take the target's name; an existing file is replaced at that moment and never earlier. Several outputs get their names
when all of them are on the disk.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from propfirm.entrypoints.cli.problems import BadFile

MODE: Final = 0o666
"""For everyone, as far as the umask allows."""


def check(targets: Sequence[Path], inputs: Iterable[Path] = ()) -> None:
    """Raises BadFile for the first target that cannot be written, that is there twice, or that is an input."""
    taken = {path.resolve(): "is also read by this command: write to another file" for path in inputs}
    for target in targets:
        place = target.resolve()
        if place in taken:
            raise BadFile(target, taken[place])
        taken[place] = "is named for two outputs"
        if place.exists() and not place.is_file():
            raise BadFile(target, "cannot be written: it is not a regular file")
        try:
            probe = _beside(place)
            os.close(_create(probe))
            probe.unlink()
        except OSError as error:
            raise _unwritable(target, error) from error


def write(contents: Mapping[Path, bytes]) -> None:
    """Raises BadFile; then every target is as it was before, unless the disk failed between two renames."""
    staged: list[tuple[Path, Path]] = []
    target = Path()
    try:
        for target, content in contents.items():
            place = target.resolve()
            hidden = _beside(place)
            staged.append((hidden, place))
            _fill(hidden, content, place)
        for hidden, place in staged:
            target = place
            hidden.replace(place)
        for folder in {place.parent for _, place in staged}:
            _sync_folder(folder)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        for hidden, _ in staged:
            with suppress(OSError):
                hidden.unlink()


def check_new(targets: Iterable[Path]) -> None:
    """Raises BadFile for the first that is there already or cannot be written."""
    for target in targets:
        if os.path.lexists(target):
            raise BadFile(target, "is there already, and is never written over")
        check([target])


def _beside(place: Path) -> Path:
    return place.with_name(f".{place.name[:100]}.{secrets.token_hex(8)}.tmp")


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), MODE)


def _fill(hidden: Path, content: bytes, place: Path) -> None:
    """Writes the content and sees it to the disk, with the rights of the file that it will replace."""
    with os.fdopen(_create(hidden), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if place.exists():
        hidden.chmod(stat.S_IMODE(place.stat().st_mode))


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems sync no folders; the file itself is on the disk
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _unwritable(target: Path, error: OSError) -> BadFile:
    return BadFile(target, f"cannot be written: {(error.strerror or 'system error').lower()}")
