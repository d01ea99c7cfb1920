"""Signing and checking with Ed25519 keys that lie in PEM files."""
