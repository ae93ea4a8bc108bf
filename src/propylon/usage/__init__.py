"""Call records: ingestion, look-up by tracking id, counts."""
