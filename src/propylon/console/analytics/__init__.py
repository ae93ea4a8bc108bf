"""What was called: by product, operation, organization, application and environment."""
