"""The life of an account: states, commands, events."""
