"""Recorded market data, streamed from files: a day of ticks in a second, a year in no more memory than a day."""
