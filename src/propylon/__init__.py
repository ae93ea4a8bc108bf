"""Propylon: an API program in a box for financial institutions."""
