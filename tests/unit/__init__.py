"""Tests that need nothing running: the domain, the use cases on in-memory adapters, and the house rules."""
