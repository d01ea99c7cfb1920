"""Payout policy: who may take how much, what it does to the account, and what is still missing."""
