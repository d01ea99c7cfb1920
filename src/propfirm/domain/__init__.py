"""What the firm knows: pure functions over frozen values, with no clock, randomness or I/O."""
