"""What moves the market and is known before: economic releases."""
