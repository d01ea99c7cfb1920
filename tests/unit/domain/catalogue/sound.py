"""A small program without contradictions, and how tests change it."""

import tomllib
from copy import deepcopy
from typing import Any

from propfirm.domain.catalogue.document import read
from propfirm.domain.catalogue.program import Program

SOUND = """
id = "sound"
version = 1
name = "Sound"
effective_from = 2026-01-01
starting_balance = 50_000

[clock]
zone = "America/Chicago"
day_roll = "17:00"
eod_snapshot = "16:00"
flat_by = "15:10"

[[stages]]
name = "evaluation"
kind = "evaluation"
next_stage = "funded"
max_loss = { mode = "trail_eod", amount = 2_000, lock = "start" }
target = { amount = 3_000 }

[[stages]]
name = "funded"
kind = "sim_funded"
max_loss = { mode = "trail_eod", amount = 2_000, lock = "start" }
payout = { split = "90 %" }
"""

LIVE = {"name": "live", "kind": "live", "max_loss": {"mode": "static", "amount": 1}, "payout": {"split": "90 %"}}
NEWS = {"before_s": 60, "after_s": 60, "mode": "no_execution", "events": {"NFP": ["*"]}}


def _put(document: Any, path: str, value: object) -> None:
    """Sets what stands at ``funded.payout.keep``: a stage by its name first, else a key of the whole. None: it goes."""
    *way, last = path.split(".")
    named = {stage["name"]: stage for stage in document["stages"]}
    if way and way[0] in named:
        document, way = named[way[0]], way[1:]
    for key in way:
        document = document.setdefault(key, {})
    if value is None:
        del document[last]
    else:
        document[last] = deepcopy(value)  # a later change may reach into it


def sound(changes: dict[str, object]) -> Program:
    document = tomllib.loads(SOUND)
    for path, value in changes.items():
        _put(document, path, value)
    return read(document)
