"""Values that every room shares. A closed list: see the modules."""
