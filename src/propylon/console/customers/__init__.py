"""The bank's customers: where they log in."""
