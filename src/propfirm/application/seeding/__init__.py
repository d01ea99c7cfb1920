"""What a new firm begins with."""
