"""What the firm's staff write down about people and accounts."""
