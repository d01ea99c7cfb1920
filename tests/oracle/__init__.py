"""The second, naive judge, written without reading the engine, and the comparison of both."""
