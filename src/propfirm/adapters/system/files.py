"""Input files as the proof names them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from propfirm.application.proofs.bundle import InputFile, measured

BLOCK: Final = 1 << 20


def measure_file(path: Path, kind: str) -> InputFile:
    """Name, hash and size of a file, read in blocks. kind: what its reader calls its format. Raises OSError."""
    with path.open("rb") as file:
        return measured(path.name, iter(partial(file.read, BLOCK), b""), kind)
