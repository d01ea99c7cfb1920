"""The part that people do not talk to: the feed, the jobs, the clock."""
