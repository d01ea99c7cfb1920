"""What nobody talks to: the feed and its judgement, the jobs, and what is looked after in between."""
