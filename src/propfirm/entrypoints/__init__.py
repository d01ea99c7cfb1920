"""Who calls: the command line today, HTTP and the worker later; only the container imports adapters."""
