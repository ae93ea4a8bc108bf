"""`propylon cert`: the toolkit for partners. It needs no server, and of Python's packages only those of the extra."""
