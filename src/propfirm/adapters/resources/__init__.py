"""The files that ship with the product, read into domain values."""
