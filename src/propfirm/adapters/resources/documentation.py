"""The files of the documentation's pages, which load nothing from anywhere else."""

from __future__ import annotations

from importlib import resources
from typing import Final

SHOWN: Final = ("index.html", "start.js", "swagger-ui-bundle.js", "swagger-ui.css")


def documentation_files() -> dict[str, bytes]:
    """File name to content."""
    folder = resources.files("propfirm.resources") / "swagger-ui"
    return {name: (folder / name).read_bytes() for name in SHOWN}
