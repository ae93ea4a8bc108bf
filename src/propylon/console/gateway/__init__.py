"""Marks, revisions, nodes and the age of their snapshot."""
