"""The worker as a process: which job is which use case, and what is looked after in between."""
