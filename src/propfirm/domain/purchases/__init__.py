"""What a trader orders and pays for: a challenge, a reset, an activation."""
