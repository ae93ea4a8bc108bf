"""Everything that waits for a decision."""
