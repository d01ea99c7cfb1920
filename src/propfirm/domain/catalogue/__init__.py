"""What the firm sells: programs as typed values, read from documents, linted, compared and put into words."""
