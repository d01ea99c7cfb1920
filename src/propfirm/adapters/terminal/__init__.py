"""Reports and progress on a terminal, by rich."""
