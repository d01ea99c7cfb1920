"""Stand-ins for a payment provider and a bank: outside parties with tables of their own, as forgetful as real ones."""
