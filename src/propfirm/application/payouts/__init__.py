"""Payouts as the firm handles them: what an account may ask for, from its live risk state."""
