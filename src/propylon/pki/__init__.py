"""X.509 rules: CSR checks, profiles, prepare and sign, bundles, CRL. Pure."""
