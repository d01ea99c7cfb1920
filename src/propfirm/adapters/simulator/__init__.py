"""A trading platform in the process: recorded prices moved into the present, and demo traders who know nothing else."""
