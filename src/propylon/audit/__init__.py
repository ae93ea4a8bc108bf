"""The append-only event log; its commit is the bell."""
