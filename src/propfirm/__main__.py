"""``python -m propfirm``: the command, where its script is not on the path."""

import sys

from propfirm.entrypoints.cli.start import main

if __name__ == "__main__":
    sys.exit(main())
