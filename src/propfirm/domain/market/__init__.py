"""Contracts, prices as integer ticks, and exact profit and loss of positions."""
