"""Judges a recorded history on recorded prices with the live engine, and says what it found."""
