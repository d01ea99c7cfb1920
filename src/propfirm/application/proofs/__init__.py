"""Everything a verdict rests on in one file, and the check that a stranger runs on it (docs/proof-format.md)."""
