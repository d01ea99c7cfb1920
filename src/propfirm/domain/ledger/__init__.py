"""Double entry: every movement of the firm's money is a transfer whose entries sum to zero."""
