"""Whole commands as a user runs them: seconds of wall time and the most memory they took."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

MIB = 1024 * 1024


def run(*arguments: str | Path) -> tuple[float, float]:
    """Wall seconds and peak MiB of one ``propfirm`` command; its output goes nowhere."""
    began = perf_counter()
    with Path(os.devnull).open("w") as nowhere:
        child = subprocess.Popen(
            [Path(sys.executable).parent / "propfirm", *map(str, arguments)], stdout=nowhere, stderr=subprocess.PIPE
        )
        complaint = child.stderr.read() if child.stderr else b""
        _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"propfirm {' '.join(map(str, arguments))} failed: {complaint.decode()}")
    return perf_counter() - began, usage.ru_maxrss * 1024 / MIB


def rows(folder: Path) -> Iterator[str]:
    helping = min((run("--help") for _ in range(5)), key=lambda one: one[0])
    yield f"| `propfirm --help` | {helping[0]:.2f} s, {helping[1]:.0f} MiB | |"
    ticks = ("simulate", folder / "fills.csv", "--prices", folder / "ticks.csv", "--json")
    for program in ("topstep-50k", "apex-intraday-50k", "ftmo-2step-200k"):
        took, peak = min((run(*ticks, "--program", program) for _ in range(3)), key=lambda one: one[0])
        yield (
            f"| `simulate`, 1,000,000 prices and 1,000 fills ({program}) |"
            f" {took:.2f} s, {peak - helping[1]:.0f} MiB above `--help` | at most 4 s, 100 MiB |"
        )
    took, peak = run(*ticks, "--program", "ftmo-2step-200k", "--proof", folder / "ticks.proof.json")
    yield f"| the same with `--proof` | {took:.2f} s, {peak - helping[1]:.0f} MiB above `--help` | |"
    month = ("simulate", folder / "month.csv", "--prices", folder / "bars.csv", "--json")
    took, _ = run(*month, "--program", "ftmo-2step-200k", "--proof", folder / "month.proof.json")
    size = (folder / "month.proof.json").stat().st_size
    yield f"| proof of 30 days, one-minute bars | {size / MIB:.2f} MiB, made in {took:.2f} s | at most 2 MB |"
    took, _ = run("verify-proof", folder / "month.proof.json")
    yield f"| `verify-proof` of it | {took:.2f} s | |"
