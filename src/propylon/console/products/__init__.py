"""Products, imports, environments, upstreams, plans."""
