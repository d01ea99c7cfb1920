"""Folds an account's ordered events into its risk state, and says what they mean under the program bought."""
