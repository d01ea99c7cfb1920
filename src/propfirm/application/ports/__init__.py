"""The roles that the use cases need filled, each a Protocol with its contract in the docstring."""
