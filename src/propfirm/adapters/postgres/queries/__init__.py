"""Lists and reports, in SQL: what is asked fills the shapes of ``application/*/queries.py``, with nothing between."""
