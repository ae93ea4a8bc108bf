"""What must act at once: place, expire, deliver."""
