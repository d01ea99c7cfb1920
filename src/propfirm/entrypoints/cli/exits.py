"""The exit codes of every command. Scripts rely on them."""

from __future__ import annotations

from typing import Final

OK: Final = 0
"""Done. A breached account is an answer, not an error: ``simulate`` exits 0 whatever the verdict."""

FAILED: Final = 1
"""Something judged did not hold: a rule case failed or could not be judged, a program contradicts itself, a proof is
different, has a gap or is forged, a replay comes to something else, an invariant is violated."""

BAD_INPUT: Final = 2
"""Wrong usage, bad input, or a refusal of the firm: there is no such thing, its state has moved on, it is not for this
person. Nothing was written; every problem is one line on standard error. Also where the database went away in the
middle."""

UNCONFIRMED: Final = 3
"""An act that needs ``--yes`` was refused without it."""

BUG: Final = 70
"""A defect of propfirm itself; the traceback is on standard error."""

INTERRUPTED: Final = 130
"""Ctrl-C. Nothing half-written is left."""

READER_GONE: Final = 141
"""Whoever read our output stopped reading (``propfirm ... | head``): what a shell says of SIGPIPE."""

HELP: Final = """\
exit codes:
  0    done; a breached account is an answer, so simulate exits 0 on it too
  1    something judged does not hold: a failed rule case, a program that
       contradicts itself, a proof that is different, incomplete or forged,
       a replay that comes to something else, a violated invariant
  2    wrong usage, bad input, or the firm refuses (no such thing, its state
       has moved on, not for this person): one line a problem on standard
       error, and nothing is written; or the database went away in the
       middle: then see what was done
  3    an act that needs --yes was refused without it
  70   a defect of propfirm itself
  130  interrupted (Ctrl-C): no half-written file is left
  141  the reader of the output went away
"""
