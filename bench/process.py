"""Whole commands as a user runs them: seconds of wall time and the most memory they took."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MIB = 1024 * 1024


# The most memory of a process counts what its parent had when it began: so a small one starts it, and tells.
MEASURE = """
import os, subprocess, sys
from time import perf_counter
began = perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
print(perf_counter() - began, usage.ru_maxrss, status)
"""


def run(*arguments: str | Path) -> tuple[float, float]:
    """Wall seconds and peak MiB of one ``propfirm`` command; its output goes nowhere."""
    command = [str(Path(sys.executable).parent / "propfirm"), *map(str, arguments)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", MEASURE, *command], capture_output=True, text=True, check=True
    )
    took, peak, status = done.stdout.split()
    if status != "0":
        sys.exit(f"propfirm {' '.join(map(str, arguments))} failed: {done.stderr}")
    return float(took), int(peak) * 1024 / MIB


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
