"""My apps: everything a partner does with an application."""
