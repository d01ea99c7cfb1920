"""Fail unless the files of one folder are covered to a given share, in branches and in statements.

`coverage report --fail-under` mixes both into one figure, in which many plain statements hide a few untested branches.

Usage: coverage_floor.py coverage.json src/propfirm/domain 98
"""

import json
import sys
from pathlib import Path


def share(covered: int, total: int) -> float:
    return 100.0 if total == 0 else 100.0 * covered / total


def main(report: Path, folder: str, floor: float) -> int:
    prefix = folder.rstrip("/") + "/"
    files = {
        name: entry["summary"]
        for name, entry in json.loads(report.read_text("utf-8"))["files"].items()
        if name.replace("\\", "/").startswith(prefix)
    }
    if not any(summary["num_statements"] for summary in files.values()):
        print(f"{prefix}: nothing was measured", file=sys.stderr)
        return 1
    failed = False
    for what, covered, total in (
        ("branches", "covered_branches", "num_branches"),
        ("statements", "covered_lines", "num_statements"),
    ):
        done, all_of_them = (sum(summary[key] for summary in files.values()) for key in (covered, total))
        reached = share(done, all_of_them)
        verdict = "ok" if reached >= floor else f"below {floor:g} %"
        print(f"{prefix} {what}: {done} of {all_of_them} covered, {reached:.2f} %, {verdict}")
        failed = failed or reached < floor
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
