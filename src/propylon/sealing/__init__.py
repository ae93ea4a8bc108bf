"""What is secret at rest: sealing key, sealed values, new secrets and identifiers."""
