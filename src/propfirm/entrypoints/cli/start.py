"""Where the command begins: Ctrl-C is answered the same from the first import to the last line.

This module imports nothing that the interpreter has not imported already; everything else comes under its ``try``.
"""

import _thread
import os
import sys

INTERRUPTED = 130
"""As in ``exits``, which may not be there yet."""


def main() -> int:
    """Returns an exit code of ``exits``; ends by SystemExit where argparse does."""
    sys.unraisablehook = _unraisable
    try:
        from propfirm.entrypoints.cli.main import main as command  # noqa: PLC0415  # not before the try

        return command()
    except KeyboardInterrupt:
        _ignore_more()
        try:  # noqa: SIM105  # contextlib may not be imported yet, and takes its time
            os.write(2, b"interrupted\n")
        except OSError:
            pass  # nobody listens
        return INTERRUPTED
    finally:
        _ignore_more()


def _ignore_more() -> None:
    """All is said; what is left is the interpreter's own."""
    from signal import SIG_IGN, SIGINT, signal  # noqa: PLC0415  # takes long enough to be interrupted

    signal(SIGINT, SIG_IGN)


def _unraisable(broken: "sys.UnraisableHookArgs") -> None:
    """Python drops a Ctrl-C that falls into a callback: it is sent again."""
    if issubclass(broken.exc_type, KeyboardInterrupt):
        _thread.interrupt_main()
    else:
        sys.__unraisablehook__(broken)
