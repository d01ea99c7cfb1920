"""Tests of the edges: the command, the files, the ports and their adapters."""
