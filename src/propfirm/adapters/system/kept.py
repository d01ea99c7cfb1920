"""Secrets that a laptop makes for itself once, and keeps where its owner alone can read them."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

OWNER_ONLY = 0o600


def kept_secret(file: Path, size: int = 48) -> str:
    """The secret in the file; made on the first call, of so many random bytes. Raises OSError."""
    with suppress(FileNotFoundError):
        return _read(file)
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
    return _read(file)


def _read(file: Path) -> str:
    return file.read_text("ascii").strip()
