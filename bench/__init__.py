"""Measures what the project promises; asserts nothing."""
