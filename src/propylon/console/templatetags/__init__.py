"""Tags that the templates of the console use."""
