"""Every figure that the project promises, measured in one run."""

import sys


def main() -> int:
    print("Nothing to measure yet.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
