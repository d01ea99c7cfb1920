"""Files that ship with the product: programs, contracts, the session calendar and sample prices."""
