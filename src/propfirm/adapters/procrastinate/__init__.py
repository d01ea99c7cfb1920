"""Does the jobs that transactions have enqueued, with procrastinate on the firm's own Postgres."""
