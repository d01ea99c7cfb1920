"""Access tokens, signed and read by this system alone."""
