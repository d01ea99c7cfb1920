"""Password hashes."""
