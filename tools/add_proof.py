"""Adds a bundle of this release to the corpus that must verify for ever. Run once, when a release is made.

    PYTHONPATH=src:. python tools/add_proof.py

A bundle that is there already is never written over: a later release must be able to read what this one wrote.
"""

import sys
from pathlib import Path

import propfirm
from tests.unit.application.proofs.cases import corpus_case

CORPUS = Path(__file__).parents[1] / "tests" / "data" / "proofs"


def main() -> int:
    path = CORPUS / f"{propfirm.__version__}.json"
    if path.exists():
        print(f"{path.name} is there already")
        return 1
    CORPUS.mkdir(parents=True, exist_ok=True)
    path.write_bytes(corpus_case())
    print(f"{path.name}: {path.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
