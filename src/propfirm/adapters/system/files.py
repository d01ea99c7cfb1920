"""Input files as the proof names them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from propfirm.application.ports.inputs import BadInput, Problem
from propfirm.application.proofs.bundle import InputFile, measured

BLOCK: Final = 1 << 20


def measure_file(path: Path, kind: str) -> InputFile:
    """Name, hash and size of a file, read in blocks. kind: what its reader calls its format.

    Raises OSError, and BadInput for a pipe: what it held is gone.
    """
    if path.is_fifo():
        raise BadInput(str(path), (Problem(0, "", "this is a pipe: a proof names files that can be read again"),))
    with path.open("rb") as file:
        return measured(path.name, iter(partial(file.read, BLOCK), b""), kind)
