"""A real Postgres 16 from the binaries of a wheel, started and stopped with its owner: the database of a laptop and of
the tests.
"""
