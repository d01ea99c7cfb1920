"""The firm over HTTP: a strict edge, one table of who may what, one shape of every "no"."""
