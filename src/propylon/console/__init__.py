"""The operator's site: decisions, people, products, certificates, gateway, audit. Pages only."""
