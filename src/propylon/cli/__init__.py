"""The command line: propylon up, demo, catalog, and each process by itself."""
