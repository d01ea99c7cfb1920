"""The operations, one module a context: what is asked and what is answered, in plain words."""
