"""Ordering, paying, delivering."""
