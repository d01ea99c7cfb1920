"""The books, as the staff looks at them."""
