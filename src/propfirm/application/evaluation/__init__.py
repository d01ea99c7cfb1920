"""The life of accounts: opened, judged, ended, advanced."""
