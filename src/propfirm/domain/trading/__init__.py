"""What a trading platform shows us and does for us, and which rules can therefore be kept on it."""
