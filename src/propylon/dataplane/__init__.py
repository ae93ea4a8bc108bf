"""The gateway node: supervises Envoy, delivers its files, ships its call records."""
