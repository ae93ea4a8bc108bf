"""What templates ask about call records."""
