"""What the staff writes down and looks into."""
