"""What makes a change of the past show: one seal a day over everything that verdicts rest on."""
