"""The command line: parses arguments, calls a use case, prints its answer and exits with a documented code."""
