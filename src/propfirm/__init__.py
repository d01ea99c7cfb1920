"""Propfirm judges, pays and accounts for the traders of a prop futures trading firm."""

__version__ = "0.1.0"
