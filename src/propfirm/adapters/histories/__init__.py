"""The export files of trading platforms, read as executions; every platform's own words end here."""
