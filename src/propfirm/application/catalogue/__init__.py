"""Programs as people meet them: in words, with examples that the engine itself has worked."""
