"""Users, organizations and members."""
