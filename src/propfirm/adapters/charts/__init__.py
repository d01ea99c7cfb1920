"""The picture of a report, by matplotlib."""
