"""Mails and the outbox."""
