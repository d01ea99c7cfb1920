"""What the firm does with its rules beside judging accounts: proving them on worked examples."""
