"""Every figure that the project promises, measured in one run: ``make bench``.

Speeds are given in microseconds and as ratios to a bare loop of three comparisons in the same run, because machines
differ and are shared. ``--quick`` leaves out the long random comparison with the oracle and the demo's whole story.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import engine, files, process, service

ROOT = Path(__file__).parent.parent
ORACLE_EXAMPLES = 10_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the long comparison, and a glance at the service")
    options = parser.parse_args()
    print("| figure | measured | promised |\n|---|---|---|")
    for row in engine.rows():
        print(row, flush=True)
    with TemporaryDirectory() as folder:
        for row in (*files.rows(Path(folder)), *process.rows(Path(folder))):
            print(row, flush=True)
    for row in service.rows(quick=options.quick):
        print(row, flush=True)
    return 0 if options.quick else long_comparison()


def long_comparison() -> int:
    """Engine and oracle on many random programs and histories."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "tests/oracle/test_engine_agrees.py"],
        cwd=ROOT,
        env={**os.environ, "PROPFIRM_ORACLE_EXAMPLES": str(ORACLE_EXAMPLES)},
        check=False,
    )
    took = time.perf_counter() - began
    verdict = "agree" if done.returncode == 0 else "DIFFER"
    print(f"| engine and oracle, {ORACLE_EXAMPLES:,} random accounts | {verdict}, {took:,.0f} s | agree |")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
