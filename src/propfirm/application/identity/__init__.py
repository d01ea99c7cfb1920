"""Registering and signing in."""
