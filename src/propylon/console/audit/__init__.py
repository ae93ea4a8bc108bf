"""The event log, the outbox, the call records."""
