"""API products and their documentation."""
