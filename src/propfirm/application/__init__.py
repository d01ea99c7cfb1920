"""What the firm does: one module per use case, and the ports that they need filled."""
