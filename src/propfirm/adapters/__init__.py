"""How the firm reaches the world: one package per technology, none of which imports another."""
