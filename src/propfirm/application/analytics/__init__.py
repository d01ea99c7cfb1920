"""The firm at a glance."""
