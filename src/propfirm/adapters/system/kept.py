"""Secrets that a laptop makes for itself once, and keeps where its owner alone can read them."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from propfirm.application.ports.state import StateDamaged

OWNER_ONLY = 0o600
_OURS: Final = re.compile(r"[\w-]+", re.ASCII)


def kept_secret(file: Path, size: int = 48) -> str:
    """The secret in the file; made on the first call, of so many random bytes. Raises OSError, StateDamaged."""
    with suppress(FileNotFoundError):
        return _read(file, size)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w", encoding="ascii") as made:
            made.write(secrets.token_urlsafe(size))
            made.flush()
            os.fsync(made.fileno())
        with suppress(FileExistsError):
            os.link(draft, file)  # never over one that another process has made meanwhile
    finally:
        draft.unlink()
    return _read(file, size)


def _read(file: Path, size: int) -> str:
    try:
        secret = file.read_text("ascii").strip()
    except UnicodeDecodeError:
        secret = ""
    if len(secret) < size or _OURS.fullmatch(secret) is None:
        raise StateDamaged(str(file), "is not the secret that was made here", "restore it, or remove it for a new one")
    return secret
