"""The bank's customers per environment, behind one interface."""
