"""Whether what is written is what the firm promises: invariants, and those who look after them."""
