"""Sign-up, sign-in, profile, organization and members."""
