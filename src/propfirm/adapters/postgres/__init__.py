"""The firm's memory on Postgres: tables, migrations, and the unit of work over them."""
