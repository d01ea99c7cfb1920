"""What an output may replace without being told to (``--force``): its own kind, and never what somebody signed.

A picture gives way to a picture of its format and an unsigned proof to a proof: both are derived again from their
inputs. A signed proof gives way to nothing but itself, and any other file is somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from propfirm.application.proofs.chain import FORMAT
from propfirm.application.simulation.views import PictureKind
from propfirm.entrypoints.cli.files import read_whole
from propfirm.entrypoints.cli.problems import BadFile

PNG: Final = b"\x89PNG\r\n\x1a\n"
SVG_STARTS: Final = 1_000
"""Bytes within which an SVG file says that it is one."""
FORCE: Final = "is there already: --force writes over it"


class _Proof(Struct, frozen=True):
    format: str
    signature: object


def keep_others(target: Path, ours: Callable[[bytes], bool]) -> None:
    """Raises BadFile for an existing file that is neither empty nor what ``ours`` knows. Before any work."""
    if target.is_file() and (content := read_whole(target)) and not ours(content):
        raise BadFile(target, f"holds something else than this command writes and {FORCE}")


def keep_changed(contents: Mapping[Path, bytes]) -> None:
    """Raises BadFile for the first existing file whose content would change."""
    for target, content in contents.items():
        if target.is_file() and (there := read_whole(target)) and there != content:
            raise BadFile(target, f"differs from what would be written and {FORCE}")


def is_picture(content: bytes, kind: PictureKind) -> bool:
    return content.startswith(PNG) if kind == "png" else b"<svg" in content[:SVG_STARTS]


def is_proof(content: bytes) -> bool:
    return _proof(content) is not None


def is_signed_proof(content: bytes) -> bool:
    proof = _proof(content)
    return proof is not None and proof.signature is not None


def _proof(content: bytes) -> _Proof | None:
    try:
        proof = msgspec.json.decode(content, type=_Proof)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return proof if proof.format == FORMAT else None
