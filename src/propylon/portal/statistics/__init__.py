"""What a bank publishes of its dedicated interfaces: availability and performance by day (PSD2)."""
