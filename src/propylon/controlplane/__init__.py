"""Hears the bell, loads the model, compiles, records, publishes, confirms."""
